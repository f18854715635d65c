"""JSON as servers write it: byte order marks, and integers that no float may round."""

import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from elements_procura import _json
from elements_procura._json import BOM, JsonError


@pytest.mark.parametrize("lead", [b"", BOM])
@pytest.mark.parametrize("before", range(12))
@pytest.mark.parametrize("digits", [-19, 20, 21, 22, 23, 24, 25, 30, 640])
def test_e3_a_long_integer_keeps_its_digits_wherever_it_begins(
    lead: bytes, before: int, digits: int
) -> None:
    number = "9" * digits or "-" + "9" * -digits
    body = lead + b'{"%s":%s,"b":"x"}' % (b"a" * before, number.encode())
    assert _json.loads(body) == {"a" * before: int(number), "b": "x"}


@settings(deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text() | st.integers(10**18, 10**30),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
@example([2**64 - 1, 2**64, -(2**63), -(2**63) - 1])
def test_what_is_written_is_read(value: Any) -> None:
    body = json.dumps(value, ensure_ascii=False).encode()
    assert _json.loads(body) == value
    assert _json.loads(BOM + body) == value


@pytest.mark.parametrize("body", [b"", BOM, BOM * 2 + b"{}", BOM * 5000 + b"{}", b"{", b"[" * 5000])
def test_what_is_no_json(body: bytes) -> None:
    with pytest.raises(JsonError):
        _json.loads(body)


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'{"a": 1}', {"a": 1}),
        (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
        (b"12345678901234567890", 12345678901234567890),
        (b"-99999999999999999999", -99999999999999999999),
        (b'{"a": 1234567890123456789012, "b": 1.5}', {"a": 1234567890123456789012, "b": 1.5}),
        (b'"12345678901234567890123"', "12345678901234567890123"),
        (b"7" * 5000, "7" * 5000),
        (b'["\\u00e9", 123456789012345678901]', ["é", 123456789012345678901]),
        (b"0.123456789012345678901", 0.123456789012345678901),
    ],
)
def test_what_is_read_as_it_came(body: bytes, value: object) -> None:
    assert _json.loads(body) == value


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b" ", b"{", b"<html>", b"NaN", b"[NaN]", b"Infinity", b"1e999", b'"\xff"'),
        *(b"[" * 5000, b"[" * 5000 + b"]" * 5000, b'{"a":' * 2000 + b"1" + b"}" * 2000),
        b"[NaN, 123456789012345678901]",
        b"[1e999, 123456789012345678901]",
        b"\xef\xbb\xbf\xef\xbb\xbf{}",
    ],
    ids=lambda body: repr(body[:12]),
)
def test_what_is_not_json(body: bytes) -> None:
    with pytest.raises(_json.JsonError) as caught:
        _json.loads(body)
    assert caught.value.__context__ is None


def test_what_is_read_can_be_written_again() -> None:
    for value in ({"b": 2**70, "a": "é"}, {"b": 1, "a": 2}, [[2**64]]):
        assert _json.loads(_json.dumps(value)) == value
    assert _json.dumps({"b": 2**70, "a": 1}, sort_keys=True).startswith(b'{"a":1,')
    deep: object = 1
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(_json.JsonError):
        _json.dumps(deep)
    while isinstance(deep, list):  # Python takes such a thing apart level by level, in C
        deep = deep.pop()
