"""Answers that nobody documents to typed reads: no foreign exception, no empty record."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from elements_procura.elements.client import ElementsClient
from elements_procura.errors import ElementsProcuraError, StatusError
from tests.client_kit import Exchange, client_at, raw_server
from tests.invented import Invented, collections, records

ROOT = "/api/data/klantdossiers"
D = f"{ROOT}/5526"
Call = Callable[[ElementsClient], Awaitable[Any]]


async def _all(found: AsyncIterator[Any]) -> list[Any]:
    return [each async for each in found]


def _record(path: str, call: Call, *, is_named: bool = True) -> tuple[Call, list[Invented]]:
    return call, list(records(path, is_named=is_named))


def _collection(path: str, call: Call) -> tuple[Call, list[Invented]]:
    return call, list(collections(path, path.rpartition("/")[2]))


READS: dict[str, tuple[Call, list[Invented]]] = {
    "dossier": _record(f"{ROOT}/102", lambda c: c.klantdossiers.get(102)),
    "particulier": _record(
        f"{D}/klanten/particulier/102", lambda c: c.dossier(5526).klanten.particulier.get(102)
    ),
    "hypotheek": _record(f"{D}/hypotheken/102", lambda c: c.dossier(5526).hypotheken.get(102)),
    "kantoor": _record(f"{D}/kantoor", lambda c: c.dossier(5526).kantoor.get(), is_named=False),
    "adviseurs": _collection(f"{D}/adviseurs", lambda c: c.dossier(5526).adviseurs.list()),
    "adressen": _collection(
        f"{D}/klanten/particulier/7/adressen",
        lambda c: c.dossier(5526).particulier(7).adressen.list(),
    ),
    "search": _collection(ROOT, lambda c: c.klantdossiers.search(achternaam="x")),
    "iterate": _collection(ROOT, lambda c: _all(c.klantdossiers.iterate())),
}


async def outcome(call: Awaitable[Any]) -> Any:
    """The ids of what comes, or the name of our exception; anything else is raised."""
    try:
        found = await call
    except StatusError as error:
        return type(error).__name__ + "?" * (not error.is_proven)
    except ElementsProcuraError as error:
        return type(error).__name__
    return tuple(each.id for each in (found if isinstance(found, list | tuple) else [found]))


def test_there_are_enough() -> None:
    assert sum(len(answers) for _, answers in READS.values()) > 386


@pytest.mark.parametrize("read", READS)
async def test_what_a_typed_read_makes_of_invented_answers(read: str) -> None:
    call, answers = READS[read]
    now = answers[0]

    async def handler(exchange: Exchange) -> None:
        headers = [f"Content-Type: {now.kind}"] if now.kind else []
        body = b"" if now.status == 204 else now.body
        exchange.answer(body, f"{now.status} X", *headers)

    wrong = {}
    # What a client has learnt of one self link would change what it makes of the next: these last.
    answers = sorted(answers, key=lambda each: b"href" in each.body)
    async with raw_server(handler) as server, client_at(server.url) as shared:
        for now in answers:
            if b"href" in now.body:
                async with client_at(server.url) as client:
                    found = await outcome(call(client))
            else:
                found = await outcome(call(shared))
            if found != now.outcome:
                wrong[now.name] = (found, now.outcome)
    assert wrong == {}
