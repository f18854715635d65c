"""What Procura's answers prove: cases by their ids, others by their documented top member."""

import datetime as dt
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from elements_procura.errors import (
    ElementsProcuraError,
    InputError,
    OutcomeUnknown,
    SearchIncomplete,
    StatusError,
)
from elements_procura.procura.client import ProcuraClient
from tests.client_kit import told
from tests.invented import BOM, NO_RECORD, dumped
from tests.procura.procura_kit import client_at, commitment, intra, replaying

MINE = {"dossier": {"dossierId": "A-1"}}
Call = Callable[[ProcuraClient], Awaitable[Any]]
CASES: dict[str, Call] = {
    "intra": lambda c: c.relocations.intra.get("A-1"),
    "inter": lambda c: c.relocations.inter.get("A-1"),
    "birth": lambda c: c.births.get("A-1"),
    "commitment": lambda c: c.commitments.get("A-1"),
    "death": lambda c: c.deaths.in_municipality.get("A-1"),
    "body": lambda c: c.deaths.discovered_body.get("A-1"),
}


async def _family(client: ProcuraClient) -> Any:
    return await client.births.family_situation(
        bsn_mother="000000012", birth_date=dt.date(2024, 1, 1)
    )


async def _names(client: ProcuraClient) -> Any:
    return await client.births.name_selection(
        bsn_mother="000000012", bsn_father_or_duo_mother="000000012"
    )


async def _acknowledged(client: ProcuraClient) -> Any:
    return await client.births.acknowledgement(bsn_mother="000000012")


OTHERS: dict[str, tuple[Call, Any, dict[str, Any]]] = {
    "search": (
        lambda c: c.dossiers.search(dossier_ids=["A-1"]),
        {"result": {"content": []}},
        {"result": {}},
    ),
    "tasks": (
        lambda c: c.tasks.search(bsns=["000000012"]),
        {"result": {"content": []}},
        {"result": {"content": "x"}},
    ),
    "relatives": (lambda c: c.relatives.get("000000012"), {"relatives": []}, {"relatives": "x"}),
    "family": (
        _family,
        {"bornInPartnership": False},
        {"bornInPartnership": None},
    ),
    "names": (_names, {"jointChildren": True}, {"jointChildren": "x"}),
    "acknowledgement": (_acknowledged, {"dossierId": "A-1"}, {"dossierId": 5}),
    "info": (lambda c: c.info(), {"version": "1.0.22"}, {"version": None}),
}


@asynccontextmanager
async def saying(
    body: bytes, status: int = 200, kind: str = "application/json", **options: Any
) -> AsyncIterator[ProcuraClient]:
    def answer(_request: web.Request, _body: bytes) -> web.Response:
        headers = {"Content-Type": kind} if kind else {}
        return web.Response(status=status, body=body, headers=headers)

    async with replaying(answer) as server, client_at(server.url, **options) as client:
        yield client


async def outcome(body: bytes, call: Call, **answer: Any) -> Any:
    async with saying(body, **answer) as client:
        try:
            return await call(client)
        except StatusError as error:
            return type(error).__name__ + "?" * (not error.is_proven)
        except ElementsProcuraError as error:
            return type(error).__name__


@pytest.mark.parametrize("call", CASES)
async def test_what_is_no_case_is_an_error(call: str) -> None:
    bodies = NO_RECORD | {
        "no dossier": b'{"declarant": {}}',
        "dossier null": b'{"dossier": null}',
        "dossier a list": b'{"dossier": []}',
        "dossier empty": b'{"dossier": {}}',
        "id null": b'{"dossier": {"dossierId": null}}',
        "id empty": b'{"dossier": {"dossierId": ""}}',
        "id a number": b'{"dossier": {"dossierId": 5}}',
        "id another": b'{"dossier": {"dossierId": "A-2"}}',
        "reference another": b'{"dossier": {"dossierId": "A-2", "referenceIds": [{"id": "b"}]}}',
        "id beside": b'{"dossierId": "A-1"}',
        "foutmelding": b'{"foutmelding": "x"}',
    }
    found = {name: await outcome(body, CASES[call]) for name, body in bodies.items()}
    assert found == dict.fromkeys(bodies, "ProtocolError")


@pytest.mark.parametrize("call", CASES)
async def test_a_case_is_known_by_its_id_or_a_reference(call: str) -> None:
    by_reference = {"dossier": {"dossierId": "Z", "referenceIds": [{"id": "A-1"}]}}
    for body in (dumped(MINE), BOM + dumped(MINE), dumped(by_reference)):
        case = await outcome(body, CASES[call])
        assert case.dossier.dossier_id in ("A-1", "Z")


@pytest.mark.parametrize("other", OTHERS)
async def test_what_has_no_id_has_its_documented_member(other: str) -> None:
    call, right, wrong = OTHERS[other]
    assert not isinstance(await outcome(dumped(right), call), str)
    assert not isinstance(await outcome(BOM + dumped(right), call), str)
    bodies = NO_RECORD | {"of another kind": dumped(wrong)}
    found = {name: await outcome(body, call) for name, body in bodies.items()}
    assert found == dict.fromkeys(bodies, "ProtocolError")


async def test_a_page_holds_the_rows_that_it_counts() -> None:
    search, tasks = OTHERS["search"][0], OTHERS["tasks"][0]
    row = {"dossierId": "A-1"}
    good: list[dict[str, Any]] = [
        {"elements": 0},
        {"elements": 0, "totalElements": 0, "content": None},
        {"elements": 1, "totalElements": 1, "content": [row]},
    ]
    bad: list[dict[str, Any]] = [
        {"elements": 5, "totalElements": 5},
        {"elements": "5"},
        {"content": [None]},
        {"content": ["x"]},
        {"content": [[row]]},
    ]
    bad_of_dossiers: list[dict[str, Any]] = [
        {"elements": 2, "content": [row]},
        {"totalElements": "2", "content": [row]},
        {"elements": 1, "content": [{}]},
        {"content": [row, {"dossierId": " "}]},
        {"content": [row, {"dossierId": 5}]},
    ]
    for page in good:
        for call in (search, tasks):
            assert not isinstance(await outcome(dumped({"result": page}), call), str)
    for page in (*bad, *bad_of_dossiers):
        assert await outcome(dumped({"result": page}), search) == "ProtocolError"
    for page in bad:
        assert await outcome(dumped({"result": page}), tasks) == "ProtocolError"


async def test_a_search_tells_of_rows_that_are_no_dossiers_and_keeps_those_without_a_type() -> None:
    rows = [{"dossierId": "A-1"}, {}, {"dossierId": ""}, None, {"dossierId": "A-2", "type": "x"}]
    day = dt.date(2024, 1, 1)
    found: list[str | None] = []

    async def read(client: ProcuraClient) -> None:
        async for dossier in client.dossiers.iterate((day, day), types=["birth"]):
            found.append(dossier.dossier_id)  # noqa: PERF401 - it raises at the end

    async with saying(dumped({"result": {"content": rows}})) as client:
        with pytest.raises(SearchIncomplete) as caught:
            await read(client)
    assert found == ["A-1"]
    assert len(caught.value.gaps) == 4


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/json", b'{"error": "x"}'),
        ("application/problem+json; charset=utf-8", b'{"title": "x"}'),
        ("Text/HTML; charset=utf-8", b"<html>"),
        ("application/octet-stream", b""),
    ],
)
async def test_what_names_no_file_and_is_a_page_is_no_document(kind: str, body: bytes) -> None:
    def call(client: ProcuraClient) -> Awaitable[Any]:
        return client.dossier("A-1").documents.download("abc")

    assert await outcome(body, call, kind=kind) == "ProtocolError"


async def test_a_document_is_known_by_its_id() -> None:
    answers: tuple[list[Any], ...] = ([{}], [{"id": None}], [{"id": 5}], [None], [["a"]], ["a"])
    for rows in answers:
        call = await outcome(dumped(rows), lambda c: c.dossier("A-1").documents.list())
        assert call == "ProtocolError"


@pytest.mark.parametrize(
    ("status", "kind", "body", "found"),
    [
        (404, "", b"", None),
        (404, "application/json", b"", None),
        (404, "text/html", b"<html>", "NotFound?"),
        (404, "text/html", b"", "NotFound?"),
        (404, "text/plain", b"default backend - 404", "NotFound?"),
        (404, "application/json", b"{}", "NotFound"),
        (403, "", b"", "Forbidden?"),
        (403, "application/json", b'{"code": "x"}', "Forbidden"),
        (502, "text/html", b"<html>", "ServerError?"),
    ],
)
async def test_only_the_documented_silence_is_none(
    status: int, kind: str, body: bytes, found: Any
) -> None:
    assert await outcome(body, _acknowledged, status=status, kind=kind) == found


# ---------------------------------------------------------------- writes


async def file(client: ProcuraClient) -> Any:
    return await client.relocations.intra.add(intra(), reference=None)


async def update(client: ProcuraClient) -> Any:
    return await client.commitments.update("A-1", commitment())


async def cancel(client: ProcuraClient) -> Any:
    return await client.commitments.cancel("A-1", look=False)


async def consent(client: ProcuraClient) -> Any:
    return await client.relocations.intra.consent({"consent": "x"}, validate=False)


async def add_document(client: ProcuraClient) -> Any:
    return await client.dossier("A-1").documents.add(filename="a", content=b"x")


async def add_import(client: ProcuraClient) -> Any:
    return await client.dataimport.add({"records": []}, validate=False)


PAGE = b"<html>Onderhoud</html>"
WRITES: dict[str, tuple[Call, int, Any]] = {
    "file": (file, 201, MINE),
    "update": (update, 200, MINE),
    "cancel": (cancel, 204, None),
    "consent": (consent, 200, None),
    "document": (add_document, 201, {"id": "x"}),
    "import": (add_import, 201, {"records": [{"values": {}}]}),
}


async def written(call: Call, body: bytes, status: int) -> tuple[Any, str]:
    entries: list[Any] = []
    async with saying(body, status, journal=entries.append) as client:
        try:
            found = await call(client)
        except ElementsProcuraError as error:
            found = error
    return found, str(entries[-1].outcome)


@pytest.mark.parametrize("write", WRITES)
async def test_a_write_succeeds_as_documented_and_in_no_other_way(write: str) -> None:
    call, right, body = WRITES[write]
    found, outcome = await written(call, b"" if body is None else dumped(body), right)
    assert (isinstance(found, Exception), outcome) == (False, "done")
    for status in (200, 201, 202, 204, 302, 303):
        for answer in (b"", PAGE, b'{"error": "nee"}', b"[]", b"null"):
            if status == 204 and answer:
                continue
            if status == right and body is None and answer in (b"", b"null"):
                continue  # both say nothing
            found, outcome = await written(call, answer, status)
            assert type(found) is OutcomeUnknown, (status, answer)
            assert outcome == "unknown", (status, answer)
            assert "Onderhoud" not in told(found)


async def test_another_case_than_the_one_replaced_proves_nothing() -> None:
    found, _ = await written(update, b'{"dossier": {"dossierId": "A-2"}}', 200)
    assert type(found) is OutcomeUnknown


# ---------------------------------------------------------------- by hand


async def test_the_query_of_an_address_travels() -> None:
    seen: list[dict[str, str]] = []

    def answer(request: web.Request, _body: bytes) -> web.Response:
        seen.append(dict(request.query))
        return web.json_response({"jointChildren": True})

    async with replaying(answer) as server, client_at(server.url) as client:
        path = "/api/v1/births/info/name-selection"
        await client.read(f"{path}?bsnMother=000000012&naam=J%C3%B6")
        await client.request("GET", f"{path}?bsnMother=000000012", query=(("x", "y"),))
        with pytest.raises(InputError) as caught:
            await client.read(f"{path}?bsnMother=000000012&naam=%ff")
    assert seen == [
        {"bsnMother": "000000012", "naam": "Jö"},
        {"bsnMother": "000000012", "x": "y"},
    ]
    assert "000000012" not in told(caught.value)


async def test_a_bad_method_never_leaves() -> None:
    async with saying(b"{}") as client:
        for method in ("bad method", "", "GET\r\nX: y", "G" * 30):
            with pytest.raises(InputError):
                await client.request(method, "/api/v1/info")


async def test_long_integers_keep_their_digits() -> None:
    body = json.dumps(MINE | {"onbekend": 12345678901234567890123}).encode()
    case = await outcome(body, CASES["birth"])
    assert case.extra["onbekend"] == 12345678901234567890123
