"""Answers that call themselves something else: asked for once more, and then judged by ids."""

import json
import logging
from typing import Any

import pytest

from elements_procura.elements.client import ElementsClient
from elements_procura.errors import ProtocolError
from tests.client_kit import Exchange, client_at, raw_server

ROOT = "/api/data/klantdossiers"


def body_of(path: str, link: str, *ids: int) -> bytes:
    links = {"self": {"href": link}}
    last = path.rpartition("/")[2]
    if last.isdigit() or last == "kantoor":
        return json.dumps({"id": ids[0], "_links": links}).encode()
    rows = [{"id": each} for each in ids]
    return json.dumps({"_links": links, "_embedded": {last: rows}}).encode()


class Calls:
    """A server that calls everything as ``link`` says, and holds ``ids``."""

    def __init__(self, link: Any, *ids: int) -> None:
        self.link = link
        self.ids = ids
        self.asked: list[str] = []

    async def __call__(self, exchange: Exchange) -> None:
        self.asked.append(exchange.path)
        last = exchange.path.rpartition("/")[2]
        ids = self.ids or ((int(last),) if last.isdigit() else (7, 8))
        exchange.answer(body_of(exchange.path, self.link(exchange.path), *ids))


async def test_a_servers_manner_costs_one_request_and_is_told_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    server_calls = Calls(lambda path: f"/proxy{path}")
    with caplog.at_level(logging.WARNING, "elements_procura"):
        async with raw_server(server_calls) as server, client_at(server.url) as client:
            for number in (1, 2, 3):
                assert (await client.klantdossiers.get(number)).id == number
                assert len(await client.dossier(number).adviseurs.list()) == 2
            assert len([each async for each in client.klantdossiers.iterate()]) == 2
    assert server_calls.asked == [
        *(f"{ROOT}/1", f"{ROOT}/1", f"{ROOT}/1/adviseurs"),
        *(f"{ROOT}/2", f"{ROOT}/2/adviseurs", f"{ROOT}/3", f"{ROOT}/3/adviseurs", ROOT),
    ]
    told = [each.getMessage() for each in caplog.records if "self link" in each.getMessage()]
    assert len(told) == 1


async def test_a_manner_without_a_rule_is_remembered_for_its_path() -> None:
    """A shared adviser's addresses name the dossier through which they were asked for first."""
    calls = Calls(lambda path: path.replace("/2/", "/1/"))
    path = f"{ROOT}/2/adviseurs/7/adressen"
    async with raw_server(calls) as server, client_at(server.url) as client:
        for _ in range(3):
            assert len(await client.dossier(2).adviseur(7).adressen.list()) == 2
        again = client.with_options()
        assert len(await again.dossier(2).adviseur(7).adressen.list()) == 2
    assert calls.asked == [path] * 5


@pytest.mark.parametrize("what", ["record", "collection", "another owner", "changing", "empty"])
async def test_without_a_matching_id_it_is_refused(what: str) -> None:
    count = 0

    def link(path: str) -> str:
        nonlocal count
        count += 1
        return {"changing": f"/x{count}{path}", "another owner": f"{ROOT}/9/adviseurs"}.get(
            what, f"{ROOT}/9"
        )

    calls = Calls(link, 9)
    if what == "empty":
        calls = Calls(lambda path: f"/proxy{path}")
        calls.ids = ()

    async def handler(exchange: Exchange) -> None:
        if what == "empty":
            calls.asked.append(exchange.path)
            exchange.answer(body_of(exchange.path, f"/proxy{exchange.path}"))
        else:
            await calls(exchange)

    async with raw_server(handler) as server, client_at(server.url) as client:
        is_record = what in ("record", "changing")
        call = client.klantdossiers.get(1) if is_record else client.dossier(1).adviseurs.list()
        with pytest.raises(ProtocolError) as caught:
            await call
        assert caught.value.path == ("$.id" if what == "record" else "$.links.self")
    assert len(calls.asked) == 2


async def test_only_the_connection_it_came_on_is_dropped() -> None:
    """Others go on being used, those that answer at the time included."""
    strays = 0

    async def handler(exchange: Exchange) -> None:
        nonlocal strays
        if exchange.path == f"{ROOT}/2" and not strays:
            strays += 1
            exchange.answer(body_of(exchange.path, f"{ROOT}/1", 1))
        else:
            exchange.answer(body_of(exchange.path, exchange.path, int(exchange.path[-1])))

    async with raw_server(handler) as server, client_at(server.url) as client:
        await client.klantdossiers.get(1)
        before = server.connections
        assert (await client.klantdossiers.get(2)).id == 2
        assert server.connections == before + 1  # its own, for once
        await client.klantdossiers.get(3)
        await client.klantdossiers.get(4)
        assert server.connections == before + 2  # one in place of the dropped one


async def test_what_carries_nothing_to_recognise_it_by_has_its_own_connection() -> None:
    async def handler(exchange: Exchange) -> None:
        if exchange.path.endswith("/download"):
            exchange.answer(b"bytes", "200 OK", "Content-Type: image/png")
        else:
            last = exchange.path.rpartition("/")[2]
            ids = (int(last),) if last.isdigit() else (7,)
            exchange.answer(body_of(exchange.path, exchange.path, *ids))

    async with raw_server(handler) as server, client_at(server.url) as client:
        await client.klantdossiers.get(1)
        before = server.connections
        await client.klantdossiers.get(2)
        assert server.connections == before
        await client.klantdossiers.search(achternaam="x")
        await client.read(f"{ROOT}?achternaam=y")
        picture = client.dossier(1).kantoor.profielfoto
        assert b"".join([bytes(piece) async for piece in picture.stream()]) == b"bytes"
        await client.request("GET", f"{ROOT}/1/kantoor/profielfoto/download", accept="*/*")
        await client.picture(f"{ROOT}/1/kantoor/profielfoto/download")
        assert server.connections == before + 5


async def test_without_a_self_link_and_an_id_an_answer_has_its_own_connection() -> None:
    """One answer late on each connection: nothing in it tells, so it is not believed there."""
    before: dict[Any, bytes] = {}
    asked: list[str] = []

    async def handler(exchange: Exchange) -> None:
        asked.append(exchange.path)
        number = int(exchange.path.split("/")[4])
        data = {"id": 900 + number, "_embedded": {"adviseurs": [{"id": number}]}}
        exchange.answer(before.get(exchange.writer, json.dumps(data).encode()))
        before[exchange.writer] = json.dumps(data).encode()

    async with raw_server(handler) as server, client_at(server.url) as client:
        for number in (1, 2, 3, 4):
            assert (await client.dossier(number).kantoor.get()).id == 900 + number
            [adviseur] = await client.dossier(number).adviseurs.list()
            assert adviseur.id == number
    assert len(asked) == 2 * 4 + 2  # each kind of answer once more: then it is known


async def collect(client: ElementsClient, found: list[int]) -> None:
    async for each in client.klantdossiers.iterate():
        found.append(each.id)  # noqa: PERF401 - what came before the error counts


async def test_links_behind_the_rows_are_compared_too() -> None:
    body = body_of(ROOT, f"/proxy{ROOT}", 1, 2)
    data = dict(reversed(json.loads(body).items()))

    async def handler(exchange: Exchange) -> None:
        exchange.answer(json.dumps(data).encode())

    async with raw_server(handler) as server, client_at(server.url) as client:
        found: list[int] = []
        with pytest.raises(ProtocolError, match="self link differs"):
            await collect(client, found)
        assert found == [1, 2]
        assert [each.id async for each in client.klantdossiers.iterate()] == [1, 2]
