"""Long lists are decoded in turns, to the very same end."""

import json
from typing import Any

import pytest

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
