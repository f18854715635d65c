import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elements_procura._escape import shown
from elements_procura.redact import body_shape, shown_id, shown_subject

# Values that are easily told from keys and from the words that a shape is made of.
VALUES = st.one_of(
    st.integers(10_000_000, 999_999_999),
    st.from_regex(r"NL[0-9]{2}[A-Z]{4}[0-9]{10}", fullmatch=True),
    st.from_regex(r"[XYZ][a-z]{6,12}(?:[ \\\"'<>:,{}\[\]/][xyz]{4,8}){0,3}", fullmatch=True),
)
KEYS = st.sampled_from(["bsn", "naam", "iban", "_embedded", "omschrijving "])
TREES = st.recursive(
    VALUES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


def words(value: Any) -> set[str]:
    if isinstance(value, dict):
        return {word for item in value.values() for word in words(item)}
    if isinstance(value, list):
        return {word for item in value for word in words(item)}
    return set(re.findall(r"\w{4,}", str(value)))


@pytest.mark.parametrize(
    ("body", "shape"),
    [
        (b"", "(empty)"),
        (b"null", "null"),
        (b"true", "true"),
        (b"[1, 2.5]", "[int, float]"),
        (b'{"error": "Aad Jansen"}', '{"error": str(10)}'),
        (b'{"559795178": {"gearchiveerd ": false}}', '{"key(9)": {"gearchiveerd ": false}}'),
        (b"[1,2,3,4,5]", "[int, int, int, … 5 items]"),
        (b'{"a": {"a": {"a": {"a": {"a": {"a": {"a": 1}}}}}}}', '{"a": ' * 6 + "…" + "}" * 6),
        (b'{"bsn": "559795178", "naam": "Ja', 'broken JSON, 32 bytes: {"bsn": str, "naam": str'),
        (b'{"bsn": 559795178, "x": [tr', 'broken JSON, 27 bytes: {"bsn": …, "x": […'),
        (b'{"iban": "NL58INGB\\', 'broken JSON, 19 bytes: {"iban": str'),
        (b'{"a": Jansen "b": "c"}', 'broken JSON, 22 bytes: {"a": … "b": str}'),
        (b"<html><BODY class='559795178'>Jansen</body>", "<html><body><body> (43 bytes)"),
        (b"<jansen><abcdef0123456789>", "text (26 bytes)"),
        (b"Aad Jansen", "text (10 bytes)"),
        (b"\xff\xfe\x00", "text (3 bytes)"),
    ],
)
def test_shapes(body: bytes, shape: str) -> None:
    assert body_shape(body) == shape


@given(tree=TREES, data=st.data())
def test_no_value_survives_wherever_the_body_is_cut(tree: Any, data: st.DataObject) -> None:
    body = json.dumps({"naam": tree}).encode()
    cut = data.draw(st.integers(0, len(body)))
    shape = body_shape(body[:cut])
    assert not {word for word in words(tree) if word in shape}
    assert len(shape) <= 450


@given(tree=TREES)
def test_no_value_survives_in_html(tree: Any) -> None:
    shape = body_shape(f"<html><p title='{tree}'>{tree}</p>".encode())
    assert not {word for word in words(tree) if word in shape}


@given(st.binary(max_size=3000))
def test_anything_at_all_has_a_short_shape(body: bytes) -> None:
    assert 0 < len(body_shape(body)) <= 450


def test_large_bodies_are_looked_at_in_part() -> None:
    body = json.dumps({f"key_{'x' * (number % 30)}": 1 for number in range(100)}).encode()
    assert len(body_shape(body)) <= 450
    assert len(body_shape(b"{" + b'"a":' * 1_000_000)) <= 450


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("klantdossier.read", "klantdossier.read"),
        ("café · 5 €\u00a0", "café · 5 €\u00a0"),
        ("\x1b[31mred\x1b]0;title\x07", "\\x1b[31mred\\x1b]0;title\\x07"),
        ("id\r\nERROR forged", "id\\r\\nERROR forged"),
        ("\u202etxet", "\\u202etxet"),
        ("\x9b31m \ud800 \u2028", "\\x9b31m \\ud800 \\u2028"),
        ("", ""),
    ],
)
def test_what_could_steer_a_terminal_is_spelled_out(text: str, seen: str) -> None:
    assert shown(text) == seen


def test_lines_of_ours_stay_lines() -> None:
    assert shown("a\n\tb\x1b", lines=True) == "a\n\tb\\x1b"


@pytest.mark.parametrize(
    "dossier",
    [5526, "5526", "KUF-742997", "0b5e1f0e-8c1f-4f7e-9d58-2a3b1c9d0e4f", "zaak:2024/001", "A1"],
)
def test_an_id_that_a_machine_made_is_shown(dossier: int | str) -> None:
    assert shown_id(dossier) == dossier


@pytest.mark.parametrize(
    "dossier",
    [
        "Jansen",
        "jansen-1980",
        "dossier van Piet",
        "P. Jansen 3",
        "Zoë-12",
        "Piet",
        "1" * 65,
        "A\n1",
    ],
)
def test_an_id_that_may_name_somebody_is_masked(dossier: str) -> None:
    mask = shown_id(dossier)
    assert re.fullmatch("masked-[0-9a-f]{8}", str(mask))
    assert mask == shown_id(dossier) != shown_id(f"{dossier}2")
    assert shown_subject(f"dossier:{dossier}") == f"dossier:{mask}"
