"""Long lists of Procura are decoded in turns, to the very same end."""

import json
from collections.abc import Coroutine
from typing import Any

import pytest

from elements_procura import ProcuraClient
from elements_procura.core import api
from elements_procura.errors import AuthenticationError, ElementsProcuraError, InputError
from elements_procura.procura import _api
from tests.procura.procura_kit import answering, client_at, replaying
from tests.turns_kit import CountedTurns, shortened

DOCUMENTS: list[Any] = [{"id": f"d{number}", "title": "canary K."} for number in range(40)]
DOSSIERS: list[Any] = [
    {"dossierId": f"KUF-{number}", "description": "canary K."} for number in range(40)
]


def asked_for(client: ProcuraClient, call: str) -> Coroutine[Any, Any, Any]:
    if call == "documents":
        return client.dossier("KUF-1").documents.list()
    return client.dossiers.search(types=["birth"], page_size=100)


async def outcome(answer: bytes, call: str) -> Any:
    async with replaying(answering(answer)) as server, client_at(server.url) as client:
        try:
            return await asked_for(client, call)
        except (AuthenticationError, InputError):
            raise
        except ElementsProcuraError as error:
            return type(error), str(error)


def page(content: Any, **more: Any) -> bytes:
    result = {"content": content, "elements": 1, **more}
    return json.dumps({"result": result, "x": {"y": 1}}).encode()


DOUBLED = b'{"result":{"content":[]},"result":{"content":[{"dossierId":"a"}]}}'
ANSWERS = [
    ("documents", json.dumps(DOCUMENTS).encode()),
    ("documents", b"\xef\xbb\xbf \n" + json.dumps(DOCUMENTS, indent=1).encode()),
    ("documents", b"[]"),
    ("documents", b"[null]"),
    ("documents", b"null"),
    ("documents", b""),
    ("documents", b'[{"id": "a"}]},"b":{"c":[]'),
    ("documents", b'[{"id": "a"}]}},{"result":{"content":[]'),
    ("documents", b'{"result":{"content":[{"id": "a"}]}}'),
    ("documents", json.dumps([*DOCUMENTS, 5]).encode()),
    ("documents", json.dumps([*DOCUMENTS, {"title": "x"}]).encode()),
    ("documents", json.dumps([*DOCUMENTS, {"id": ["x"]}]).encode()),
    ("documents", json.dumps(DOCUMENTS).encode()[:-9]),
    ("documents", b"<html>"),
    ("search", page(DOSSIERS)),
    ("search", page([])),
    ("search", page(None)),
    ("search", page({"0": DOSSIERS[0], "4": DOSSIERS[1]})),
    ("search", page(DOSSIERS, elements=400)),
    ("search", page([*DOSSIERS, None])),
    ("search", page([*DOSSIERS, {"dossierId": " "}])),
    ("search", page([*DOSSIERS, {"dossierId": "x", "type": 5, "nieuw": [1]}])),
    ("search", page([*DOSSIERS, {"dossierId": "x", "type": ["a", "b"]}])),
    ("search", page(DOSSIERS).replace(b'"elements"', b'"odd": [{"a": [1]}], "elements"')),
    ("search", page(DOSSIERS)[:-30]),
    ("search", DOUBLED),
    ("search", b'{"result": []}'),
    ("search", b'{"result": {"content": {"dossierId": "x"}}}'),
    ("search", b"[]"),
    ("search", b"{}"),
]


@pytest.mark.parametrize(("call", "answer"), ANSWERS)
async def test_in_turns_and_at_once_are_the_same(
    call: str, answer: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once = await outcome(answer, call)
    if answer == page(DOSSIERS):
        assert len(at_once.content) == len(DOSSIERS)
    shortened(monkeypatch, _api, api)
    assert await outcome(answer, call) == at_once


@pytest.mark.parametrize(
    ("call", "answer"),
    [("documents", json.dumps(DOCUMENTS).encode()), ("search", page(DOSSIERS))],
)
async def test_others_have_their_turn_and_a_cancellation_shows_no_row(
    call: str, answer: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    shortened(monkeypatch, _api, api)
    turns = CountedTurns(monkeypatch)
    async with replaying(answering(answer)) as server, client_at(server.url) as client:
        own = await turns.frames_of(asked_for(client, call), cancelled_at=5)
    assert "in_turns" in own
    assert "canary" not in own
