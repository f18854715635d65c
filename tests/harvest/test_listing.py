"""The listing of Elements, out of rows as they come: an id and a digest, and nothing dropped."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from elements_procura.elements.source import ElementsSource
from elements_procura.errors import ProtocolError
from elements_procura.harvest import Store
from elements_procura.harvest.events import ListingIncomplete
from elements_procura.spec.source import BadRow, Discovery, Gap, Root
from tests.client_kit import Exchange, client_at, raw_server
from tests.harvest.harvesting import TENANT, harvest_to
from tests.harvest.inside import db_of

PATH = "/api/data/klantdossiers"
SELF = {"self": {"href": PATH}}


def row(identifier: Any, **fields: Any) -> dict[str, Any]:
    return {"id": identifier, "omschrijving": "x"} | fields


def collection(rows: Any, **others: Any) -> bytes:
    return json.dumps({"_links": SELF, "_embedded": {"klantdossiers": rows}} | others).encode()


@asynccontextmanager
async def source_of(*bodies: bytes) -> AsyncIterator[ElementsSource]:
    left = list(bodies)

    async def handler(exchange: Exchange) -> None:
        body = left.pop(0) if len(left) > 1 else left[0]
        exchange.answer(body, "200 OK", "Content-Type: application/json")

    async with raw_server(handler) as server, client_at(server.url) as client:
        yield ElementsSource(client)


async def listed(*bodies: bytes) -> tuple[list[int | str], list[str], list[Gap]]:
    async with source_of(*bodies) as source:
        found = [each async for each in source.listing()]
    return (
        sorted(each.dossier for each in found if isinstance(each, Root)),
        [each.reason for each in found if isinstance(each, BadRow)],
        [each for each in found if isinstance(each, Gap)],
    )


@pytest.mark.parametrize(
    "odd",
    [
        *("null", '""', "true", "false", "[7]", '{"id": 7}', "-7", "0", '"-7"', '"zeven"', "7.5"),
        *("1e400", "NaN"),
        "1" * 5000,
        str(2**70),
        str(2**63),
    ],
)
async def test_a_row_without_a_usable_id_is_put_aside_and_the_others_go_on(odd: str) -> None:
    body = collection([row(1), row("ODD"), row(2)]).replace(b'"ODD"', odd.encode())
    ids, aside, gaps = await listed(body)
    assert (ids, len(aside), gaps) == ([1, 2], 1, [])
    assert odd not in aside[0] or len(odd) < 3


@pytest.mark.parametrize("odd", [None, 5, "x", [], True, {}, [row(7)], {"naam": "x"}])
async def test_a_row_that_is_no_record_is_put_aside(odd: Any) -> None:
    assert await listed(collection([row(1), odd, row(2)])) == (
        [1, 2],
        ["the row has no usable id"],
        [],
    )


@pytest.mark.parametrize(
    ("odd", "reason"),
    [
        ("[" * 300 + "]" * 300, "deep"),
        ("[" * 40_000 + "]" * 40_000, "deep"),
        ('"' + "x" * 5_000_000 + '"', "bytes"),
        ("[" + '"[{",' * 1_000_000 + "1]", "bytes"),
    ],
    ids=["300 levels", "40,000 levels", "one long text", "many texts"],
)
async def test_a_row_that_is_too_much_is_put_aside(odd: str, reason: str) -> None:
    body = collection([row(1), row(7, odd="ODD"), row(2)]).replace(b'"ODD"', odd.encode())
    ids, aside, _ = await listed(body)
    assert (ids, len(aside)) == ([1, 2], 1)
    assert reason in aside[0]


async def test_brackets_without_an_end_take_no_memory_and_are_no_listing() -> None:
    body = collection([row(1), row("ODD")]).replace(b'"ODD"', b"[" * 40_000)
    with pytest.raises(ProtocolError):
        await listed(body)


@pytest.mark.parametrize(
    "fields",
    [
        {"aanmaakdatum": "11-07-2016"},
        {"status": {"id": 1}},
        {"status": ["Lopend"]},
        {"_links": "x"},
        {"_embedded": {"standaardcorrespondentieadres": 5}},
        {"relatienummer": 10**30},
    ],
)
async def test_nothing_but_the_id_of_a_row_can_fail_a_listing(fields: dict[str, Any]) -> None:
    assert await listed(collection([row(1), row(2, **fields)])) == ([1, 2], [], [])


@pytest.mark.parametrize(
    ("rows", "ids"),
    [
        ({"0": row(1), "2": row(2)}, [1, 2]),
        ({"1": row(1)}, [1]),
        (row(1), [1]),
        ({}, []),
        (None, []),
        ([row(1), row(2), row(1)], [1, 2]),
        ([row("1"), row(1.0)], [1]),
    ],
    ids=["PHP's gap", "PHP's gap at the front", "one", "empty map", "null", "twice", "spellings"],
)
async def test_whatever_a_list_is_written_as(rows: Any, ids: list[int]) -> None:
    assert await listed(collection(rows)) == (ids, [], [])


@pytest.mark.parametrize(
    "others",
    [
        {"total": 3},
        {"total_items": "3"},
        {"count": 3},
        {"_links": SELF | {"next": {"href": f"{PATH}?page=2"}}},
    ],
)
async def test_a_listing_that_says_there_is_more_has_a_gap(others: dict[str, Any]) -> None:
    assert await listed(collection([row(1), row(2)], **others)) == (
        [1, 2],
        [],
        [Gap("the listing")],
    )


@pytest.mark.parametrize("body", [b'{"error": "x"}', b"{}", b"[]", b"", b"<html>", b"null"])
async def test_what_is_no_listing_names_nobody(body: bytes) -> None:
    with pytest.raises(ProtocolError):
        await listed(body)


async def test_the_digest_tells_a_change_and_no_other_spelling() -> None:
    async def digests(body: bytes) -> dict[int | str, bytes | None]:
        async with source_of(body) as source:
            return {
                each.dossier: each.digest
                async for each in source.listing()
                if isinstance(each, Root)
            }

    one = await digests(collection([row(1, a=1, b=2), row(2)]))
    assert one == await digests(collection([row(1, b=2, a=1) | {"id": 1}, row(2)]))
    other = await digests(collection([row(1, a=1, b=3), row(2)]))
    assert (one[1] == other[1], one[2] == other[2]) == (False, True)


async def test_a_digest_made_another_way_makes_no_dossier_due(tmp_path: Path) -> None:
    """Stores of earlier releases hold digests of what a model made of a row."""
    path = tmp_path / "store"

    async def due(*bodies: bytes) -> int:
        async with source_of(*bodies) as source:
            with Store.open(path, tenant=TENANT) as store:
                number = store.begin_listing()
                roots = [each async for each in source.listing() if isinstance(each, Root)]
                store.add_dossiers(roots, listing=number)
                return int(db_of(store).execute("SELECT sum(due) FROM dossiers").fetchone()[0])

    with Store.create(path, tenant=TENANT) as store:
        number = store.begin_listing()
        roots = [Root(each, Discovery(()), digest=bytes(16)) for each in (1, 2)]
        store.add_dossiers(roots, listing=number)
    assert await due(collection([row(1), row(2)])) == 0
    assert await due(collection([row(1), row(2, omschrijving="y")])) == 1


async def test_a_harvest_tells_of_rows_and_gaps(tmp_path: Path) -> None:
    body = collection([row(1), row(None)], total=9)

    async def handler(exchange: Exchange) -> None:
        if exchange.path == PATH:
            exchange.answer(body, "200 OK", "Content-Type: application/json")
        else:
            exchange.answer(b"", "404 Not Found", "Content-Type: application/json")

    async with raw_server(handler) as server, client_at(server.url) as client:
        events = await harvest_to(tmp_path / "store", client)
    (told,) = (event for event in events if isinstance(event, ListingIncomplete))
    assert (told.rows, told.gaps) == (1, ("the listing",))


@pytest.mark.parametrize("as_list", [True, False], ids=["list", "PHP's object"])
async def test_a_row_is_handed_on_byte_for_byte(as_list: bool) -> None:
    first, second = b'{ "id":1 , "naam":"\\u00e9\xc3\xa9" }', b'{"n":1.50,"id": "2"}'
    rows = b"[%b , 5,%b]" if as_list else b'{"0":%b , "1": 5,"3":%b}'
    start = b'{"_links":{"self":{"href":"%b"}},"_embedded":{"klantdossiers":' % PATH.encode()
    async with source_of(start + rows % (first, second) + b"}}") as source:
        found = [each async for each in source.listing()]
    told = {each.dossier: each.spare for each in found if isinstance(each, Root)}
    assert {each: spare and spare.body for each, spare in told.items()} == {1: first, 2: second}
    assert "naam" not in repr(found)
