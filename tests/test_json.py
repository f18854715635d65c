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
@pytest.mark.parametrize("digits", [20, 21, 22, 23, 24, 25, 30, 640])
def test_e3_a_long_integer_keeps_its_digits_wherever_it_begins(
    lead: bytes, before: int, digits: int
) -> None:
    number = "9" * digits
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
