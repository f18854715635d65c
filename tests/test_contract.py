"""Every documented endpoint has a call, and the wire shows exactly what is documented."""

import datetime as dt
import warnings
from typing import Any

import orjson
import pytest

from elements_procura.core.catalogue import catalogue
from elements_procura.elements._wire import elements_wire
from elements_procura.elements.client import ElementsClient
from elements_procura.schema.model import Model
from tests.client_kit import client_at
from tests.contract import BY_KEY, ENDPOINTS, PICTURE, Documented, recording, within
from tests.contract_calls import CALLS, ELEMENTS
from tests.elements.all_ways import AllWays

WIRE = AllWays(elements_wire)
ROUNDS = [
    pytest.param(each, body, answer, id=f"{each.name}#{number}")
    for each in ENDPOINTS
    for number, (body, answer) in enumerate(
        (body, answer)
        for body in (each.bodies if each.method != "GET" else [None])
        for answer in each.answers
    )
]


def query_of(endpoint: Documented) -> dict[str, str]:
    """The documented example of each query parameter, or a flag that is off."""
    if "rol" in endpoint.query:
        return {"rol": endpoint.parameters["ROL_NAAM"]}
    return {name: endpoint.parameters.get(name, "0") for name in endpoint.query}


def test_rows_are_the_contract() -> None:
    assert len(ENDPOINTS) == 118
    assert set(ELEMENTS) == set(BY_KEY)
    assert set(ELEMENTS) <= set(CALLS)
    assert {(each.method, each.path) for each in catalogue("elements", ElementsClient)} == (
        set(BY_KEY)
    )


def test_all_documented_requests_are_walked() -> None:
    assert sum(len(each.examples) for each in ENDPOINTS) == 53


@pytest.mark.parametrize(("endpoint", "body", "answer"), ROUNDS)
async def test_the_wire_shows_what_is_documented(
    endpoint: Documented, body: Any, answer: dict[str, Any]
) -> None:
    ids, query = endpoint.ids(answer), query_of(endpoint)
    if endpoint.is_download:
        answer = answer | {"body": PICTURE}
    async with recording(answer) as server, client_at(server.url) as client:
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            got = await CALLS[endpoint.key](client, dict(ids), body, dict(query))
    [seen] = server.seen
    assert (seen.method, seen.path) == (endpoint.method, endpoint.address(ids))
    assert seen.query == query | {"access_token": "token-of-a-test"}
    assert (orjson.loads(seen.body) if seen.body else None) == body
    assert (seen.headers.get("Content-Type") == "application/json") is (body is not None)
    assert [str(each.message).partition(" (")[0] for each in warned] == (
        [f"POST {endpoint.path}"] if endpoint.path.endswith("/voertuig") else []
    )
    check_answer(endpoint, answer, got)


def check_answer(endpoint: Documented, answer: dict[str, Any], got: Any) -> None:
    """What comes back is the documented answer, typed."""
    body = answer["body"]
    location = answer["headers"].get("Location")
    if endpoint.is_download:
        assert got == PICTURE
    elif location is not None:
        assert (got.location, got) == (location, int(location.rsplit("/", 1)[1]))
    elif endpoint.method != "GET":
        assert got is None
    else:
        records = list(got) if isinstance(got, tuple) else [got]
        items = body.get("_embedded", {}).get(endpoint.path.rsplit("/", 1)[1])
        assert len(records) == (1 if not isinstance(got, tuple) else len(items))
        for record in records:
            check_record(record)


def check_record(record: Model) -> None:
    """Nothing is left over, and what is written structures to an equal record."""
    for each in within(record):
        assert each.extra == {}, type(each).__name__
    written = orjson.loads(orjson.dumps(WIRE.to_wire(record)))
    assert WIRE.structure(written, type(record)) == record


@pytest.mark.parametrize(
    "endpoint",
    [each for each in ENDPOINTS if each.path.endswith("/profielfoto")],
    ids=lambda each: each.name,
)
async def test_no_picture_is_none(endpoint: Documented) -> None:
    answer = {"status": 404, "headers": {"Content-Type": "application/json"}, "body": b""}
    async with recording(answer) as server, client_at(server.url) as client:
        assert await CALLS[endpoint.key](client, endpoint.ids({"body": None}), None, {}) is None


async def test_every_filter_of_search_arrives_as_documented() -> None:
    endpoint = BY_KEY["GET", "/api/data/klantdossiers"]
    assert len(endpoint.query) == 17
    async with recording(endpoint.answers[0]) as server, client_at(server.url) as client:
        await client.klantdossiers.search(geboortedatum=dt.date(1990, 3, 7), kantoor=3888)
    assert server.seen[0].query == {
        "geboortedatum": endpoint.parameters["geboortedatum"],
        "kantoor": endpoint.parameters["kantoor"],
        "access_token": "token-of-a-test",
    }


@pytest.mark.parametrize("flag", [True, False])
async def test_flags_are_written_as_numbers(*, flag: bool) -> None:
    endpoint = BY_KEY["GET", "/api/data/klantdossiers/{DOSSIER_ID}/producten"]
    async with recording(endpoint.answers[0]) as server, client_at(server.url) as client:
        await client.dossier(5526).producten.list(publiek=flag)
    assert server.seen[0].query["publiek"] == str(int(flag))
    assert "gearchiveerd" not in server.seen[0].query
