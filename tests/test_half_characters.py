"""Half a character, as of an emoji that a server has cut: it costs itself, and is told as drift."""

import json

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from elements_procura import _json, evidence
from elements_procura.harvest.drift import Report, Sort
from elements_procura.harvest.policy.sameness import Difference, difference
from elements_procura.procura._search import FoundRow, RepeatFilter

PIECES = st.sampled_from(
    [r"\ud83d", r"\ude00", r"\ud83d\ude00", r"\\", r"\\ud83d", "x", r"\n", r"\u00e9", r"\uD800"]
)


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (rb'["\ud800"]', ["�"]),
        (rb'["\uDC00 \uD83D"]', ["� �"]),
        (rb'["\\ud800"]', ["\\ud800"]),
        (rb'["\\\ud800"]', ["\\�"]),
        (rb'["\ud83d\ude00\ude00"]', ["😀�"]),
        (rb'["\ud83d\ud83d\ude00"]', ["�😀"]),
        (rb'["\ud83d\\ude00"]', ["�\\ude00"]),
        (rb'{"a\ud800": 123456789012345678901234}', {"a�": 123456789012345678901234}),
        (_json.BOM + rb'["\udfff"]', ["�"]),
    ],
)
def test_half_a_character_is_replaced_and_nothing_else(body: bytes, value: object) -> None:
    assert _json.loads(body) == value
    assert _json.is_mended(body) == ("�" in str(value))


@given(st.lists(PIECES))
def test_what_python_reads_is_read_but_for_halves(pieces: list[str]) -> None:
    body = f'["{"".join(pieces)}"]'
    (read,) = json.loads(body)
    expected = read.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    assert _json.loads(body.encode()) == [expected]


@pytest.mark.parametrize(
    "body", [rb'["\ud800"', rb'"\ud80"', rb'["\ud8zz"]', rb"\ud800", b"<\\ud800"]
)
def test_what_is_no_json_for_another_reason_stays_none(body: bytes) -> None:
    with pytest.raises(_json.JsonError):
        _json.loads(body)


def test_it_is_drift_by_its_place_and_breaks_nothing() -> None:
    report = Report()
    body = orjson.dumps({"id": 5, "omschrijving": "HALF", "_links": {}}).replace(
        b"HALF", rb"Jan \ud83d"
    )
    report.add("dossier", body, api="elements")
    found = [each for each in report.findings() if each.sort is Sort.TEXT]
    assert [(each.path, each.is_breaking) for each in found] == [("$.omschrijving", False)]
    assert not any(each.is_breaking for each in report.findings())


def test_it_is_no_change_once_it_is_stored() -> None:
    body = rb'{"id":1,"a":"\ud83d","_links":{"self":{"href":"/a"}}}'
    assert difference(body, body.replace(b"/a", b"/b")) is Difference.NONE
    assert difference(body, body.replace(b"ud83d", b"ud83e")) is Difference.CHANGED


def test_nothing_is_known_by_half_a_character() -> None:
    assert not evidence.is_text_id("a�")
    rows = [FoundRow({"dossierId": "a�", "n": number}) for number in (1, 2)]
    seen = RepeatFilter()
    assert [seen.is_news(row) for row in (*rows, *rows)] == [True, True, False, False]
