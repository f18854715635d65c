"""What a report on drift counts, what it knows already, and where it takes bodies from."""

import json
from pathlib import Path
from typing import Any

import orjson
import pytest

from elements_procura.errors import ConfigError, StoreError
from elements_procura.harvest import HarvestFinished, Store, harvest
from elements_procura.harvest.drift import Baseline, Finding, Report, Sort
from tests.harvest.harvesting import TENANT, small


def report_on(kind: str, *bodies: Any, since: float | None = None) -> Report:
    report = Report()
    for body in bodies:
        report.add(kind, orjson.dumps(body), api="elements", since=since)
    return report


def collection(rel: str, *rows: Any) -> dict[str, Any]:
    return {"_embedded": {rel: rows}}


# -- counts ------------------------------------------------------------------------------------


def test_a_body_counts_once_and_the_first_time_is_kept() -> None:
    report = Report()
    rows = [{"id": 1, "nieuw": 1}, {"id": 2, "nieuw": 2}]
    for since in (300.0, 100.5, 200.0, None):
        report.add(
            "kantoor/adressen",
            orjson.dumps(collection("adressen", *rows)),
            api="elements",
            since=since,
        )
    report.add("kantoor/adressen", orjson.dumps(collection("adressen")), api="elements", since=1.0)
    [finding] = report.findings()
    assert (finding.bodies, finding.first_seen, finding.distinct) == (4, 100.5, None)
    assert finding.to_json()["first_seen"] == "1970-01-01T00:01:40+00:00"
    assert report.bodies == {"kantoor/adressen": 5}


def test_nobody_says_when() -> None:
    [finding] = report_on("dossier", {"id": 1, "x": 1}).findings()
    assert finding.first_seen is None
    assert finding.to_json()["first_seen"] is None


def test_values_that_differ_are_counted_up_to_a_bound() -> None:
    def persons(*codes: Any) -> Any:
        return collection("particulier", *({"id": 1, "geslacht": code} for code in codes))

    few = report_on("particulier", persons("x", "y"), persons("y", "man"), persons("x"))
    [finding] = few.findings()
    assert (finding.sort, finding.bodies, finding.distinct) == (Sort.ENUM, 3, 2)
    [finding] = report_on("particulier", persons(*map(str, range(3_000)))).findings()
    assert (finding.bodies, finding.distinct) == (1, 1_000)


def test_breaking_findings_come_first() -> None:
    body = {"id": {}, "a": 1, "z": 1, "_links": {"b": {}}}
    assert [finding.path for finding in report_on("dossier", body).findings()] == [
        "$.id", "$._links.b", "$.a", "$.z",
    ]  # fmt: skip


# -- names that may be values ------------------------------------------------------------------


def paths_of(report: Report) -> list[tuple[str, int]]:
    return [(finding.path, finding.bodies) for finding in report.findings()]


@pytest.mark.parametrize(
    "name",
    [
        "123456782",
        "_123456782",
        "j.jansen@example.nl",
        "Jan Jansen",
        "é",
        "",
        "a" * 65,
        "x\n",
        "a/",
    ],
)
def test_a_name_that_may_be_a_value_is_not_told(name: str) -> None:
    assert paths_of(report_on("dossier", {"id": 1, name: 1})) == [("$.*", 1)]
    links = {"id": 1, "_links": {name: {"href": "/"}}}
    assert paths_of(report_on("dossier", links)) == [("$._links.*", 1)]


def test_many_unknown_names_are_a_map_by_values() -> None:
    bodies = [{"id": 1, f"jansen_{number}": 1, "vast": 1} for number in range(49)]
    assert len(paths_of(report_on("dossier", *bodies))) == 50
    assert paths_of(report_on("dossier", *bodies, {"id": 1, "a": 1}, {"id": 1})) == [("$.*", 50)]


# -- a baseline --------------------------------------------------------------------------------


def saved(report: Report, path: Path) -> Baseline:
    path.write_text(json.dumps(report.to_json()))
    return Baseline.load(path)


def test_what_is_in_the_baseline_is_known_since_the_earlier_time(tmp_path: Path) -> None:
    old = {"id": 1, "oud": 1, "omschrijving": {}}
    for since, first in ((50.0, 50.0), (200.0, 100.0), (None, 100.0)):
        baseline = saved(report_on("dossier", old, since=100.0), tmp_path / "known.json")
        report = report_on("dossier", old | {"nieuw": 1}, since=since)
        findings = {finding.path: finding for finding in report.findings(baseline)}
        assert {path: finding.is_new for path, finding in findings.items()} == {
            "$.omschrijving": False,
            "$.oud": False,
            "$.nieuw": True,
        }
        assert {findings[path].first_seen for path in ("$.oud", "$.omschrijving")} == {first}
        assert findings["$.nieuw"].first_seen == since


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("dossier", {"id": 1, "omschrijving": []}),  # another kind of value than was known
        ("kantoor", {"id": 1, "oud": 1}),
        ("dossier", {"id": 1, "_links": {"oud": {}}}),
        ("dossier", {"id": 1, "_embedded": {"oud": 1}}),
    ],
)
def test_what_differs_from_the_baseline_is_new(tmp_path: Path, kind: str, body: Any) -> None:
    known = report_on("dossier", {"id": 1, "oud": 1, "omschrijving": {}})
    [finding] = report_on(kind, body).findings(saved(known, tmp_path / "known.json"))
    assert finding.is_new


def test_any_name_in_the_baseline_stands_for_each(tmp_path: Path) -> None:
    many = report_on("dossier", {"id": 1} | {f"naam_{number}": 1 for number in range(60)})
    baseline = saved(many, tmp_path / "known.json")
    assert repr(baseline) == "<Baseline of 1 findings>"
    names = {"id": 1, "jansen": 1, "_links": {"jansen": {}}}
    found = report_on("dossier", names).findings(baseline)
    assert {each.path: each.is_new for each in found} == {
        "$.jansen": False,
        "$._links.jansen": True,
    }


def test_a_report_saved_again_is_the_same_baseline(tmp_path: Path) -> None:
    report = report_on("dossier", {"id": 1, "oud": 1}, since=100.0)
    baseline = saved(report, tmp_path / "known.json")
    told = report.to_json(baseline)
    assert [finding["new"] for finding in told["findings"]] == [False]
    (tmp_path / "again.json").write_text(json.dumps(told))
    assert Baseline.load(tmp_path / "again.json") == baseline


@pytest.mark.parametrize(
    "content",
    [
        "geheim",
        "[]",
        "3",
        "{}",
        '{"findings": 3}',
        '{"findings": ["geheim"]}',
        '{"findings": [{"sort": "field"}]}',
        '{"findings": [{"sort": 1, "kind": 1, "path": 1, "detail": 1, "first_seen": "geheim"}]}',
    ],
)
def test_a_file_that_is_no_baseline_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "known.json"
    path.write_text(content)
    with pytest.raises(ConfigError, match="is not a report of drift") as refused:
        Baseline.load(path)
    assert "geheim" not in str(refused.value)
    with pytest.raises(ConfigError, match="cannot be read"):
        Baseline.load(tmp_path / "none.json")


# -- a harvest's file --------------------------------------------------------------------------


async def test_a_harvest_is_looked_at_while_it_runs(tmp_path: Path) -> None:
    path = tmp_path / "elements.sqlite"

    def drift(document: Any) -> None:
        document["nieuw"] = "Zq9"

    async with small() as (sandbox, elements):
        for dossier in sandbox.dossier_ids:
            sandbox._world.patch(f"/api/data/klantdossiers/{dossier}", drift)
        counts = []
        with Store.create(path, tenant=TENANT) as store:
            report = Report()
            report.add_store(path)
            assert (report.bodies.total(), report.findings()) == (0, ())
            run = harvest(elements, store)
            seen = 0
            async for event in run:
                seen += 1
                if seen % 100 == 0 or isinstance(event, HarvestFinished):
                    report = Report()
                    report.add_store(path)
                    counts.append(report.bodies.total())
    [finding] = report.findings()
    assert (finding.path, finding.bodies, finding.sort) == ("$.nieuw", 20, Sort.FIELD)
    assert finding.first_seen is not None
    assert counts == sorted(counts)
    assert counts[0] < counts[len(counts) // 2] < counts[-1]
    assert len(counts) > 3
    with Store.read(path) as reader:
        assert counts[-1] == reader.progress().resources


def test_a_file_that_is_no_harvest_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite"
    with pytest.raises(StoreError):
        Report().add_store(path)
    path.write_bytes(b"geen harvest" * 100)
    with pytest.raises(StoreError):
        Report().add_store(path)


def test_findings_can_be_made_and_compared() -> None:
    [finding] = report_on("dossier", {"id": 1, "nieuw": 1}).findings()
    assert finding == Finding(Sort.FIELD, "dossier", "$.nieuw", "", 1, None)
