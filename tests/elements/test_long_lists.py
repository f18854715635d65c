"""Long lists are decoded in turns, to the very same end."""

import asyncio
import json
from types import SimpleNamespace
from typing import Any

import pytest

from elements_procura import evidence
from elements_procura.core import turns as core_turns
from elements_procura.elements import _api, _reading
from elements_procura.errors import ElementsProcuraError
from tests.client_kit import Exchange, client_at, raw_server
from tests.turns_kit import CountedTurns, shortened

PATH = "/api/data/klantdossiers/5526/adviseurs"
LINKS = {"self": {"href": PATH}}
ROWS: list[Any] = [{"id": number, "voorletters": "canary-K."} for number in range(1, 40)]


def body(rows: Any, **more: Any) -> bytes:
    return json.dumps({"_links": LINKS, "_embedded": {"adviseurs": rows}, **more}).encode()


async def outcome(answer: bytes) -> Any:
    async def handler(exchange: Exchange) -> None:
        exchange.answer(answer)

    async with raw_server(handler) as server, client_at(server.url) as client:
        try:
            return await client.dossier(5526).adviseurs.list()
        except ElementsProcuraError as error:
            return type(error), str(error)


@pytest.mark.parametrize(
    "answer",
    [
        body(ROWS),
        body([]),
        body([None, *ROWS, None]),
        body({"0": ROWS[0], "7": ROWS[1]}),
        body(ROWS[0]),
        body(None),
        body(ROWS, total=len(ROWS)),
        body(ROWS, total=400),
        body([*ROWS, {"id": "x"}]),
        body([*ROWS, {"voorletters": "K."}]),
        body([*ROWS, 5]),
        body([*ROWS, {"id": 41, "geboortedatum": ["x"], "nieuw": {"a": [1]}}]),
        body(ROWS)[:-40],
        body(ROWS) + b"x",
        body(ROWS).replace(b'"id": 30', b'"id": 30,,'),
        body(ROWS).replace(b'"_embedded": {', b'"_embedded": {"adviseurs": [{"id": 90}], '),
        body(ROWS)[:-1] + b', "_embedded": {}}',
        body(ROWS)[:-1] + b', "_embedded": null}',
        body(ROWS)[:-1] + b', "_embedded": "x"}',
        body(ROWS)[:-2] + b', "adviseurs": null}}',
        body(ROWS)[:-2] + b', "adviseurs": {"0": {"id": 90}}}}',
        body(ROWS).replace(b"/adviseurs", b"/adressen"),
        json.dumps({"_embedded": {"adviseurs": ROWS}}).encode(),
        json.dumps({"_links": LINKS}).encode(),
        b"<html>",
        b"[]",
        b"",
    ],
)
async def test_in_turns_and_at_once_are_the_same(
    answer: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once = await outcome(answer)
    shortened(monkeypatch, _api, _reading)
    assert await outcome(answer) == at_once


async def test_others_have_their_turn_and_a_cancellation_shows_no_row(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shortened(monkeypatch, _api, _reading)
    turns = CountedTurns(monkeypatch)

    async def handler(exchange: Exchange) -> None:
        exchange.answer(body(ROWS))

    async with raw_server(handler) as server, client_at(server.url) as client:
        own = await turns.frames_of(client.dossier(5526).adviseurs.list(), cancelled_at=5)
        assert "fetch_all" in own
        assert "canary" not in own
        before = turns.count
        assert len(await client.dossier(5526).adviseurs.list()) == len(ROWS)
        assert turns.count - before == 13


@pytest.mark.parametrize(
    "answer",
    [
        body(ROWS).replace(b"_links", b"links"),
        body(ROWS).replace(b"/adviseurs", b"/adressen"),
        body([*ROWS, {"id": "x"}]),
    ],
    ids=["carries no self link", "another self link", "a row is no record"],
)
async def test_what_is_asked_for_once_more_or_refused_is_not_decoded_at_once(
    answer: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    shortened(monkeypatch, _api, _reading)
    lengths: list[int] = []
    original = evidence.document

    def document(given: bytes) -> dict[str, Any]:
        lengths.append(len(given))
        return original(given)

    monkeypatch.setattr(evidence, "document", document)
    await outcome(answer)
    assert lengths
    assert max(lengths) < 200 < len(answer)


async def test_a_turn_ends_by_the_clock_for_rows_may_be_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shortened(monkeypatch, _api, _reading)
    turns = CountedTurns(monkeypatch)

    async def handler(exchange: Exchange) -> None:
        exchange.answer(body(ROWS))

    async def counted(seconds_for_some_rows: float) -> int:
        now = 0.0

        def passed() -> float:
            nonlocal now
            now += seconds_for_some_rows
            return now

        monkeypatch.setattr(core_turns, "_ROWS", 24)
        monkeypatch.setattr(core_turns, "_TURN", 0.002)
        monkeypatch.setattr(core_turns, "time", SimpleNamespace(perf_counter=passed))
        before = turns.count
        assert len(await client.dossier(5526).adviseurs.list()) == len(ROWS)
        return turns.count - before

    async with raw_server(handler) as server, client_at(server.url) as client:
        assert await counted(0.01) == 13
        assert await counted(0.0009) == 5
        assert await counted(0.0) == 2


async def test_rows_of_one_piece_are_given_out_in_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    shortened(monkeypatch, _api, _reading)
    rows = [{"id": number} for number in range(1, 40)]
    listing = {"_links": {"self": {"href": "/api/data/klantdossiers"}}}
    answer = json.dumps(listing | {"_embedded": {"klantdossiers": rows}}).encode()
    turns = 0

    async def handler(exchange: Exchange) -> None:
        exchange.answer(answer)

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async with raw_server(handler) as server, client_at(server.url) as client:
        waiting = asyncio.create_task(others())
        seen = [turns async for _ in client.klantdossiers.iterate()]
        waiting.cancel()
    assert len(seen) == len(rows)
    assert len(set(seen)) == len(rows)
