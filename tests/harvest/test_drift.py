"""Drift: every sort of finding on both APIs, never a value, and in step with what clients do."""

import copy
import functools
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elements_procura.elements._api import ElementsApi
from elements_procura.elements._wire import elements_wire
from elements_procura.elements.kinds import KINDS, UNDOCUMENTED
from elements_procura.elements.shapes import COLLECTIONS, RECORDS
from elements_procura.harvest.drift import Report, Sort
from elements_procura.procura._api import ProcuraApi
from elements_procura.procura._wire import procura_wire
from elements_procura.procura.client import ProcuraClient
from elements_procura.procura.models.common import Dossier
from elements_procura.procura.models.dossiers import Document
from elements_procura.procura.shapes import CASES as DETAILED
from elements_procura.procura.source import DETAILS, template_of
from elements_procura.sandbox import ProcuraSandbox, Sandbox
from elements_procura.schema import hal
from elements_procura.schema.model import Model
from tests.client_kit import client_at
from tests.contract import within
from tests.contract_calls import CALLS

NOWHERE = "http://127.0.0.1:9"
PROCURA_KINDS = [*DETAILS, "documents", "row"]
CASES: dict[str, type[Model]] = {**DETAILED, "row": Dossier}


def api_of(kind: str) -> str:
    return "procura" if kind in (*PROCURA_KINDS, "content") else "elements"


DESCRIBED = [kind for kind in KINDS if kind not in UNDOCUMENTED and "download" not in kind]
ADRESSEN = "particulier/adressen"
Summary = list[tuple[Sort, str, str]]


def procura_at(url: str) -> ProcuraClient:
    return ProcuraClient(url, credentials=("a-client", "a-secret"))


def anonymous(template: str) -> str:
    return re.sub(r"\{\w+\}", "{}", template)


@functools.cache
def true_bodies() -> dict[str, list[Any]]:
    """What sandboxes of both APIs serve, by kind."""
    templates = {anonymous(KINDS[kind].template): kind for kind in DESCRIBED}
    templates |= {anonymous(template_of(kind)): kind for kind in (*DETAILS, "documents")}
    found: dict[str, list[Any]] = defaultdict(list)
    elements = Sandbox(dossiers=30, seed=1)
    procura = ProcuraSandbox(dossiers=70, seed=1, others=10, documented=0.5)
    truths = [elements.truth(dossier) for dossier in elements.dossier_ids]
    truths += [procura.truth(dossier) for dossier in procura.dossier_ids]
    for path, body in (each for truth in truths for each in truth.items()):
        name = re.sub(r"/(\d+|[A-Z]{3}-\d+)(?=/|$)", "/{}", path)
        if name in templates:
            found[templates[name]].append(orjson.loads(body))
    found["row"] = [orjson.loads(procura.row(dossier)) for dossier in procura.dossier_ids]
    return found


def report_on(kind: str, *bodies: Any, since: float | None = None) -> Report:
    report = Report()
    for body in bodies:
        report.add(kind, orjson.dumps(body), api=api_of(kind), since=since)
    return report


def found_in(kind: str, *bodies: Any) -> Summary:
    return [
        (finding.sort, finding.path, finding.detail)
        for finding in report_on(kind, *bodies).findings()
    ]


def collection(rel: str, *rows: Any, **more: Any) -> dict[str, Any]:
    return {"_links": {"self": {"href": "/x"}}, "_embedded": {rel: list(rows)}} | more


# -- which model -------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [*DESCRIBED, *PROCURA_KINDS])
def test_what_the_sandboxes_serve_holds_nothing_unknown(kind: str) -> None:
    bodies = true_bodies()[kind]
    report = report_on(kind, *bodies)
    assert report.findings() == ()
    assert bodies
    assert report.bodies == {kind: len(bodies)}


async def test_the_models_are_those_that_clients_make(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, tuple[type[Model], str]] = {}

    async def fetch(_: ElementsApi, path: Any, model: type[Model], *_query: Any) -> None:
        asked[anonymous(path.template)] = model, ""

    async def fetch_all(
        _: ElementsApi, path: Any, model: type[Model], *, rel: str = "", **_query: Any
    ) -> tuple[Model, ...]:
        asked[anonymous(path.template)] = model, rel
        return ()

    for api in (ElementsApi, ProcuraApi):
        monkeypatch.setattr(api, "fetch", fetch)
        monkeypatch.setattr(api, "fetch_all", fetch_all)
    expected: dict[str, tuple[type[Model], str]] = {
        anonymous(template_of(kind)): (model, "") for kind, model in CASES.items() if kind != "row"
    }
    expected[anonymous(template_of("documents"))] = Document, ""
    for kind in DESCRIBED:
        last = kind.rpartition("/")[2]
        is_record = last in RECORDS
        made = (RECORDS[last], "") if is_record else (COLLECTIONS[last], last)
        expected[anonymous(KINDS[kind].template)] = made
    async with client_at(NOWHERE) as elements, procura_at(NOWHERE) as procura:
        for (method, path), call in CALLS.items():
            if method == "GET" and anonymous(path) in expected:
                client = procura if path.startswith("/api/v1") else elements
                await call(client, dict.fromkeys(re.findall(r"\{(\w+)\}", path), 7), None, {})
    assert asked == expected
    assert CASES.keys() == {*DETAILS, "row"}


# -- every sort --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ({"id": 1, "nieuw": 2}, [(Sort.FIELD, "$.nieuw", "")]),
        ({"id": 1, "nieuw": {"dieper": [1]}}, [(Sort.FIELD, "$.nieuw", "")]),
        ({"id": 1, "_embedded": {"nieuw": []}}, [(Sort.FIELD, "$._embedded.nieuw", "")]),
        ({"id": 1, "omschrijving": ["a"]}, [(Sort.TYPE, "$.omschrijving", "a text, got a list")]),
        (
            {"id": 1, "aanmaakdatum": "gisteren"},
            [(Sort.TYPE, "$.aanmaakdatum", "a date and time, got a text")],
        ),
        ({"id": {}}, [(Sort.TYPE, "$.id", "a whole number, got an object")]),
        ({"id": ""}, [(Sort.TYPE, "$.id", "a whole number, got a text")]),
        ({"id": True}, [(Sort.TYPE, "$.id", "a whole number, got true or false")]),
        ({"id": 2**63}, [(Sort.TYPE, "$.id", "a positive whole number of 64 bits, got a number")]),
        ({"id": "120954", "deleted": {"wat": 1}, "relatienummer": 5}, []),
        (
            {"id": 1, "aanmaakdatum": "0000-00-00"},
            [(Sort.TYPE, "$.aanmaakdatum", "a date and time, got a text")],
        ),
        (
            {"id": 1, "aanmaakdatum": {"date": "2016-07-11", "timezone": "UTC"}},
            [(Sort.TYPE, "$.aanmaakdatum", "a date and time, got an object")],
        ),
        (
            {"id": 1, "_embedded": {"standaardcorrespondentieadres": False}},
            [
                (
                    Sort.TYPE,
                    "$._embedded.standaardcorrespondentieadres",
                    "an object, got true or false",
                )
            ],
        ),
        (
            {"id": 1, "_embedded": {"standaardcorrespondentieadres": {"4": {"id": 1, "huis": 2}}}},
            [(Sort.FIELD, "$._embedded.standaardcorrespondentieadres.huis", "")],
        ),
        ({"id": 1, "_embedded": {"standaardcorrespondentieadres": {}}}, []),
        (
            {"id": 1, "omschrijving": "x", "_embedded": {"omschrijving": "y"}},
            [(Sort.FIELD, "$._embedded.omschrijving", "")],
        ),
        ({"id": None}, [(Sort.ABSENT, "$.id", "")]),
        ({}, [(Sort.ABSENT, "$.id", "")]),
        ([], [(Sort.TYPE, "$", "an object, got a list")]),
        (None, [(Sort.TYPE, "$", "an object, got null")]),
        ({"id": 1, "_links": 3}, [(Sort.TYPE, "$._links", "an object, got a number")]),
        ({"id": 1, "_embedded": "x"}, [(Sort.TYPE, "$._embedded", "an object, got a text")]),
        ({"id": 1, "_links": [], "_embedded": []}, []),
        ({"id": 1, "_links": {"next": {"href": "/"}}}, [(Sort.LINK, "$._links.next", "")]),
        ({"id": 1, "_links": {"klanten/x": {}}}, [(Sort.LINK, "$._links.klanten/x", "")]),
        ({"id": 1, "_links": {"klanten": {"href": "/"}, "emails": {"href": "/"}}}, []),
        ({"id": 1, "_links": {"self": None}}, []),
        (
            {"id": 1, "_links": {"self": "/x"}},
            [(Sort.TYPE, "$._links.self", "an object, got a text")],
        ),
        (
            {"id": 1, "_links": {"self": {"HREF": "/x"}}},
            [
                (Sort.TYPE, "$._links.self.href", "a text, got null"),
                (Sort.FIELD, "$._links.self.HREF", ""),
            ],
        ),
        (
            {"id": 1, "_embedded": {"standaardcorrespondentieadres": {"id": 1, "huis": 2}}},
            [(Sort.FIELD, "$._embedded.standaardcorrespondentieadres.huis", "")],
        ),
        (
            {"id": 1, "_embedded": {"standaardcorrespondentieadres": [{"id": 1}, {"id": 2}]}},
            [(Sort.TYPE, "$._embedded.standaardcorrespondentieadres", "an object, got a list")],
        ),
        ({"id": 1, "_embedded": {"standaardcorrespondentieadres": []}}, []),
    ],
)
def test_findings_in_a_record(body: Any, found: Summary) -> None:
    assert found_in("dossier", body) == expecting(found)


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (collection("adressen", None, {"id": 1}, [{"id": 2}]), []),
        (collection("adressen", id=1), [(Sort.FIELD, "$.id", "")]),
        (collection("adressen", page=1), [(Sort.FIELD, "$.page", "")]),
        (
            collection("adressen", _links={"next": {"href": "/2"}}),
            [(Sort.LINK, "$._links.next", "")],
        ),
        (
            {"_embedded": {"adressen": [], "overig": []}},
            [(Sort.FIELD, "$._embedded.overig", "")],
        ),
        ({"_embedded": []}, []),
        ({"_embedded": {"adressen": None}}, []),
        ({"_embedded": {"adressen": {"id": 1}}}, []),
        ({}, [(Sort.TYPE, "$._embedded.adressen", "a list, got null")]),
        ({"_embedded": {}}, [(Sort.TYPE, "$._embedded.adressen", "a list, got null")]),
        (
            {"_embedded": {"adressen": "geen"}},
            [(Sort.TYPE, "$._embedded.adressen", "a list, got a text")],
        ),
        ({"_embedded": "geen"}, [(Sort.TYPE, "$._embedded.adressen", "a list, got a text")]),
        ([{"id": 1}], [(Sort.TYPE, "$", "an object, got a list")]),
        (
            collection("adressen", {"id": 1}, "x", []),
            [
                (Sort.TYPE, "$._embedded.adressen[]", "an object, got a list"),
                (Sort.TYPE, "$._embedded.adressen[]", "an object, got a text"),
            ],
        ),
        (
            collection("adressen", {"id": 1, "_embedded": {"types": [{"id": 1, "kleur": 2}]}}),
            [(Sort.FIELD, "$._embedded.adressen[]._embedded.types[].kleur", "")],
        ),
        (
            collection("adressen", {"id": 1, "_links": {"_embedded": {"types": {"kleur": 2}}}}),
            [
                (Sort.ABSENT, "$._embedded.adressen[]._links._embedded.types[].id", ""),
                (Sort.FIELD, "$._embedded.adressen[]._links._embedded.types[].kleur", ""),
            ],
        ),
    ],
)
def test_findings_in_a_collection(body: Any, found: Summary) -> None:
    assert found_in(ADRESSEN, body) == expecting(found)


@pytest.mark.parametrize(
    ("kind", "body", "found"),
    [
        ("birth", {"nieuw": 1}, [(Sort.FIELD, "$.nieuw", "")]),
        ("birth", {"_links": {}}, [(Sort.FIELD, "$._links", "")]),
        ("birth", {"children": [{"gender": "MAN"}, {"gender": "X"}]}, "gender"),
        (
            "birth",
            {"children": [{"gender": {"code": "MAN"}}]},
            [(Sort.TYPE, "$.children[].gender", "a text, got an object")],
        ),
        (
            "birth",
            {"dossier": {"entryDateTime": 1}},
            [(Sort.TYPE, "$.dossier.entryDateTime", "a date and time, got a number")],
        ),
        (
            "commitment",
            {"location": {"aliases": ["a", {}], "options": "geen"}},
            [
                (Sort.TYPE, "$.location.aliases[]", "a text, got an object"),
                (Sort.TYPE, "$.location.options[]", "an object, got a text"),
            ],
        ),
        (
            "commitment",
            {"location": {"aliases": "a"}},
            [(Sort.TYPE, "$.location.aliases", "a list, got a text")],
        ),
        ("documents", None, []),
        ("documents", {"content": []}, [(Sort.TYPE, "$", "a list, got an object")]),
        ("documents", [{"id": "1", "size": 2}, None], [(Sort.FIELD, "$[].size", "")]),
        ("documents", [[]], [(Sort.TYPE, "$[]", "an object, got a list")]),
        ("row", {"dossierId": "A", "type": {"code": "adoptie"}}, "code"),
    ],
)
def test_findings_in_procura(kind: str, body: Any, found: Summary | str) -> None:
    if isinstance(found, str):
        where = {"gender": "$.children[].gender", "code": "$.type.code"}[found]
        found = [(Sort.ENUM, where, "")]
    assert found_in(kind, body) == expecting(found)


def expecting(found: Summary) -> Summary:
    return [(sort, path, f"expected {detail}" if detail else "") for sort, path, detail in found]


def test_a_body_that_is_no_json_is_breaking() -> None:
    report = Report()
    for kind in ("dossier", "documents"):
        report.add(kind, b"<html>", api=api_of(kind))
    assert [(each.path, each.detail) for each in report.findings()] == [
        ("$", "expected JSON, got something else")
    ] * 2
    assert all(each.is_breaking for each in report.findings())


@pytest.mark.parametrize(
    ("row", "known"),
    [
        ({"gearchiveerd ": "nee"}, True),
        ({"gearchiveerd": 1}, True),
        ({"hoofdsom": 1.5, "type": "7", "publiek": ""}, True),
        ({"gearchiveerd  x": "nee"}, False),
    ],
)
def test_quirks_that_clients_take_are_no_drift(row: dict[str, Any], known: bool) -> None:
    found = found_in("producten", collection("producten", {"id": 1, **row}))
    assert (found == []) is known


def test_second_spellings_are_looked_into() -> None:
    body = {"id": 1, "_embedded": {"aanvrager": [{"id": 1, "huis": 2}]}}
    assert found_in("hypotheken", body) == [(Sort.FIELD, "$._embedded.aanvragers[].huis", "")]


def test_lists_that_php_has_made_objects_of_are_looked_into() -> None:
    parts = {"0": {"id": 1, "looptijd": "30 jaar"}, "2": {"id": 2, "looptijd": 360}}
    assert found_in("hypotheken", {"id": 1, "_embedded": {"productdelen": parts}}) == expecting(
        [(Sort.TYPE, "$._embedded.productdelen[].looptijd", "a whole number, got a text")]
    )
    assert found_in("hypotheken", {"id": 1, "_embedded": {"productdelen": {}}}) == []


def test_e3_what_does_not_fit_is_counted_by_its_path() -> None:
    rows = [{"id": 1, "hoofdsom": "200.000,00"}, {"id": 2, "hoofdsom": "1,5", "publiek": "J"}]
    bodies = [collection("producten", *rows), collection("producten", rows[0], {"id": 3})]
    findings = report_on("producten", *bodies).findings()
    assert [(each.sort, each.path, each.bodies) for each in findings] == [
        (Sort.TYPE, "$._embedded.producten[].hoofdsom", 2),
        (Sort.TYPE, "$._embedded.producten[].publiek", 1),
    ]
    told = json.dumps([each.to_json() for each in findings])
    assert "200.000" not in told
    assert all(each.is_breaking for each in findings)


def test_kinds_without_a_model_and_bytes_are_counted_and_not_looked_at() -> None:
    report = Report()
    for kind in ("documenten", "emails", "emails", "kantoor/profielfoto/download", "content"):
        report.add(kind, b"\xff", api=api_of(kind))
    assert report.findings() == ()
    assert report.unmodelled == {"documenten": 1, "emails": 2}
    assert report.binary == {"kantoor/profielfoto/download": 1, "content": 1}
    assert report.bodies.total() == 0


# -- never a value -----------------------------------------------------------------------------

secrets = st.text(st.characters(codec="utf-8"), min_size=3, max_size=12).map("Zq9".__add__)
values = st.recursive(
    secrets
    | st.integers(-(2**63), 2**63)
    | st.booleans()
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "naam", "nieuw", "_links", "self"]), inner)
    ),
    max_leaves=6,
)


def places(value: Any, *way: Any) -> Iterator[tuple[Any, ...]]:
    for step, inner in value.items() if isinstance(value, dict) else enumerate(value):
        yield (*way, step)
        if isinstance(inner, dict | list):
            yield from places(inner, *way, step)


@st.composite
def drifted(draw: st.DrawFn) -> tuple[str, Any]:
    """A true body of any kind with another value, or one field more, at one to three places."""
    kind = draw(st.sampled_from([*DESCRIBED, *PROCURA_KINDS]))
    body = copy.deepcopy(draw(st.sampled_from(true_bodies()[kind])))
    for _ in range(draw(st.integers(1, 3))):
        ways = list(places(body))
        if not ways:
            break
        *way, last = draw(st.sampled_from(ways))
        owner = body
        for step in way:
            owner = owner[step]
        if isinstance(owner, dict) and draw(st.booleans()):
            last = draw(st.sampled_from(["nieuw", "landcode"]))
        owner[last] = draw(values)
    return kind, body


@settings(deadline=None)
@given(drifted())
def test_no_value_is_ever_told(given: tuple[str, Any]) -> None:
    kind, body = given
    report = report_on(kind, body, since=1.0)
    told = json.dumps(report.to_json(), ensure_ascii=False) + repr(report.findings()) + repr(report)
    assert "Zq9" not in told


# -- in step with the clients ------------------------------------------------------------------

WIRES = {True: elements_wire(), False: procura_wire()}


def as_a_client_does(kind: str, body: Any) -> tuple[Model, ...]:
    """The records that a client makes of a body.

    Raises:
        ValueError: It refuses.
    """
    wire = WIRES[kind in KINDS]
    last = kind.rpartition("/")[2]
    model: type[Model] | None = (RECORDS if kind in KINDS else CASES).get(last)
    if model is not None:
        return (wire.structure(hal.document(orjson.dumps(body)), model),)
    if kind in KINDS:
        rows = hal.relation(hal.document(orjson.dumps(body)), last)
        return tuple(wire.structure(row, COLLECTIONS[last]) for row in rows if row is not None)
    return tuple(wire.structure(row, Document) for row in body)


@settings(deadline=None)
@given(drifted())
def test_what_a_client_refuses_is_breaking_and_what_it_keeps_is_found(
    given: tuple[str, Any],
) -> None:
    kind, body = given
    findings = report_on(kind, body).findings()
    try:
        records = as_a_client_does(kind, body)
    except ValueError:  # a WireFault or a HalError
        assert any(finding.is_breaking for finding in findings)
        return
    if any(inner.extra for record in records for inner in within(record)):
        assert findings
    misfits = [each for record in records for each in WIRES[kind in KINDS].misfits(record)]
    assert not misfits or any(finding.sort is Sort.TYPE for finding in findings)
    if not any("_links" in each.path or "_embedded" in each.path for each in findings):
        assert misfits or not any(finding.sort is Sort.TYPE for finding in findings)
