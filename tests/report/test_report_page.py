"""The page of a report: whole, readable without colours and network, and nothing personal in it."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import orjson
import pytest

from elements_procura.harvest import Store
from elements_procura.redact import shown_id
from elements_procura.report import MARK, figures, page
from elements_procura.scheduler import Count, Rate, SqliteLedger
from elements_procura.spec.source import Discovery, Root, Row, Want
from tests.clock import FakeClock

NOW = 1_800_000_000.0
DAY = 86_400.0
BSN, IBAN, NAME = "559795178", "NL58INGB0000662456", "Kanariepiet"
CANARIES = (BSN, IBAN, NAME)
VOID = {"meta", "rect", "link", "br"}


class Page(HTMLParser):
    """Opens and closes every element, and gathers rows of tables."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.rows: list[list[str]] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if {"td", "th"} & set(self.open):
            self.rows[-1][-1] += data

    def row(self, first: str) -> list[str]:
        (found,) = [row for row in self.rows if row[0] == first]
        return found[1:]


def store_at(path: Path) -> Path:
    """Dossiers of several ages, one in quarantine, one deleted; canaries in all that is served."""
    clock = FakeClock(wall=NOW)
    person = {
        "id": 2,
        "bsn": BSN,
        "achternaam": NAME,
        BSN: IBAN,
        "geslacht": NAME,
        "overleden": IBAN,
    }
    with Store.create(path, tenant="t", clock=clock) as store:
        store.begin_listing(api="elements")
        for number, age in enumerate((0.5, 1.5, 3.0, 100.0)):
            clock.set_wall(NOW - age * DAY)
            want = Want("particulier", f"/p/{number}")
            body = {"_embedded": {"particulier": [person]}, "_links": {IBAN: {"href": NAME}}}
            store.add_dossiers([Root(number, Discovery(), (want, Row(orjson.dumps(body))))])
        clock.set_wall(NOW)
        bad = Root(7, Discovery((Want("hypotheken", "/h/7"), Want("dossier", "/d/7"))))
        store.add_dossiers([bad])
        first, second = store.queued(after=0, limit=9)
        store.quarantine(first, error=f"protocol: the answer is {NAME}", requests=1)
        store.put(second, Row(b"{}"), Discovery((), {"a collection": 12}, deleted=True), requests=3)
        odd = Root("<b>8</b>", Discovery((Want("kantoor", "/k/8"),)))
        store.add_dossiers([odd])
        (third,) = store.queued(after=0, limit=9)
        store.quarantine(third, error=f"{NAME} {BSN}", requests=1)
        store.finish_listing(include=["klanten"], requests=1)
    return path


@pytest.fixture
def told(tmp_path: Path) -> dict[str, Any]:
    store = store_at(tmp_path / "elements.sqlite")
    ledger = SqliteLedger(tmp_path / "quota.sqlite")
    for rate in (Rate(5, 1), Rate(100_000, DAY)):
        for hours, total in ((30, 7), (20, 1_000), (1, 500)):
            ledger.add(rate, Count(NOW - hours * 3_600, total, total - 5))
    ledger.close()
    return figures({"elements": store}, ledger=tmp_path / "quota.sqlite", now=NOW)


def test_the_figures(told: dict[str, Any]) -> None:
    found = told["apis"]["elements"]
    assert found["dossiers"] == {
        "all": 6,
        "states": {"complete": 4, "quarantined": 2},
        "refreshing": 0,
        "unlisted": 0,
        "doubted": 0,
        "deleted": {"deleted is set": 1},
    }
    assert (found["requests"], found["requests_saved"]) == (6, 12)
    assert found["saved"] == {"a collection": 12}
    assert found["quarantine"] == [
        {"dossier": 7, "kind": "hypotheken", "code": "protocol"},
        {"dossier": "<b>8</b>", "kind": "kantoor", "code": "other"},
    ]
    assert [bar["dossiers"] for bar in found["stale"]["histogram"]] == [1, 1, 1, 0, 0, 0, 0, 1]
    assert (found["stale"]["median_days"], found["stale"]["oldest_days"]) == (1.5, 100.0)
    kinds = {each["kind"]: each for each in found["kinds"]}
    assert kinds["particulier"]["stored"] == 4
    assert kinds["particulier"]["bytes"] > 400
    assert kinds["hypotheken"]["quarantined"] == 1
    assert found["newest_answer"] == "2027-01-15T08:00:00+00:00"
    assert {each["severity"] for each in found["drift"]["findings"]} == {"additive", "breaking"}
    assert told["quota"] == {
        "windows": [{"seconds": DAY, "used": 1_500, "used_by_harvests": 1_490}],
        "days": [
            {"day": "2027-01-14", "requests": 1_007, "by_harvests": 997},
            {"day": "2027-01-15", "requests": 500, "by_harvests": 495},
        ],
    }


def test_the_page_tells_the_figures(told: dict[str, Any]) -> None:
    shown = Page(page(told))
    assert shown.row("requests saved") == ["12"]
    assert shown.row("saved: a collection") == ["12", ""]
    assert shown.row("deleted, by evidence") == ["1 deleted is set"]
    assert shown.row("over 90 days") == ["1", ""]
    assert shown.row("7") == ["hypotheken", "protocol"]
    assert shown.row("24 hours") == ["1,500", "1,490"]
    assert shown.row("2027-01-15") == ["500", ""]
    assert ["complete", "4", ""] in shown.rows


def test_bars_are_as_long_as_their_numbers(told: dict[str, Any]) -> None:
    text = page(told)
    for label, wide in (("2027-01-14", 200), ("2027-01-15", 200 * 500 / 1007)):
        (width,) = re.findall(rf'{label}</th>.*?<rect [^>]*width="([\d.]+)"', text)
        assert float(width) == pytest.approx(wide, abs=0.1)


def test_nothing_that_was_served_is_told(told: dict[str, Any]) -> None:
    for text in (page(told), json.dumps(told)):
        assert [canary for canary in CANARIES if canary in text] == []
    assert {"$._embedded.particulier[].*", "$._links.*"} <= {
        each["path"] for each in told["apis"]["elements"]["drift"]["findings"]
    }


def test_what_is_told_is_escaped(told: dict[str, Any]) -> None:
    text = page(told)
    assert "<b>8" not in text
    assert str(shown_id("<b>8</b>")) in text
    odd = told["apis"].pop("elements")
    text = page(told | {"apis": {"<i>": odd}, "made": "<i>"})
    assert "<i>" not in text
    assert "&lt;i&gt;" in text


def test_it_needs_neither_network_nor_script_and_reads_aloud(told: dict[str, Any]) -> None:
    text = page(told)
    assert text.startswith("<!DOCTYPE html>")
    assert MARK in text[:1_000]
    shown = Page(text)
    names = {tag for tag, _ in shown.tags}
    assert not names & {"script", "link", "img", "iframe"}
    assert "default-src 'none'" in text
    assert not [attrs for _, attrs in shown.tags if attrs.keys() & {"src", "href", "style"}]
    assert "url(" not in text
    assert ("html", {"lang": "en"}) in shown.tags
    # A drawing says nothing that its row does not: it is hidden, and every row has a head.
    assert all(attrs.get("aria-hidden") == "true" for tag, attrs in shown.tags if tag == "svg")
    assert text.count("<tr><th") == text.count("<tr>")
    assert {"light", "dark"} <= set(re.findall(r"\w+", text[: text.index("</style>")]))
    assert "@media print" in text


def test_long_lists_end_and_say_so(told: dict[str, Any]) -> None:
    found = told["apis"]["elements"]
    found["quarantine"] = [{"dossier": n, "kind": "k", "code": "status"} for n in range(501)]
    text = page(told)
    assert "And 1 more: <code>report --json</code>" in text
    assert text.count("<td>status</td>") == 500


def test_an_empty_store_without_a_ledger(tmp_path: Path) -> None:
    Store.create(tmp_path / "procura.sqlite", tenant="t").close()
    stores = {"procura": tmp_path / "procura.sqlite"}
    told = figures(stores, ledger=tmp_path / "quota.sqlite", now=NOW)
    assert told["quota"] is None
    assert told["apis"]["procura"]["newest_answer"] is None
    shown = Page(page(told))
    assert shown.row("newest answer") == ["none"]
    assert shown.row("dossiers") == ["0"]
