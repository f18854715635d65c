"""Silence: one timer of each connection measures it, answer after answer."""

import asyncio
from typing import Any

import pytest

from elements_procura.core.connecting import Handler, new_session
from elements_procura.core.http import Timeouts
from elements_procura.errors import RequestTimeout
from tests.client_kit import Exchange, client_at, raw_server

pytestmark = pytest.mark.virtual_time
READ = 10.0
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n"


def now() -> float:
    return asyncio.get_running_loop().time()


def answering(url: str) -> Any:
    return client_at(url, timeouts=Timeouts(read=READ, total=None), read_only=True)


async def test_aiohttp_takes_our_connections() -> None:
    """It has no public way to: should the private one go, its own timers come back."""
    async with new_session(force_close=False) as session:
        factory: Any = session.connector._factory  # type: ignore[union-attr] # private, as above
        assert isinstance(factory(), Handler)
    for name in ("_drop_timeout", "_reschedule_timeout", "_on_read_timeout"):
        assert hasattr(Handler.__mro__[1], name)


@pytest.mark.parametrize("begun", [b"", HEAD, HEAD + b"ab"])
async def test_silence_ends_an_answer_wherever_it_begins(begun: bytes) -> None:
    async def silent(exchange: Exchange) -> None:
        exchange.send(begun)
        await asyncio.sleep(10 * READ)

    async with raw_server(silent) as server, answering(server.url) as client:
        await client.authenticate()
        since = now()
        with pytest.raises(RequestTimeout):
            await client.with_options(max_attempts=1).request("GET", "/api/x")
        assert now() - since == pytest.approx(READ, abs=0.1)


async def test_pieces_that_come_in_time_go_on_for_ever() -> None:
    async def slow(exchange: Exchange) -> None:
        for piece in (HEAD[:9], HEAD[9:], b"a", b"b", b"c", b"d"):
            exchange.send(piece)
            await asyncio.sleep(0.9 * READ)

    async with raw_server(slow) as server, answering(server.url) as client:
        assert (await client.request("GET", "/api/x")).body == b"abcd"


async def test_a_connection_that_rests_is_not_taken_for_a_silent_one() -> None:
    """Its timer rings while nobody waits, and the next answer has all of its time again."""
    connections = set[Any]()
    pauses = iter((0.0, 0.9 * READ, 0.9 * READ))

    async def answer(exchange: Exchange) -> None:
        connections.add(exchange.writer)
        await asyncio.sleep(next(pauses))
        exchange.send(HEAD + b"abcd")

    async with raw_server(answer) as server, answering(server.url) as client:
        for rest in (0.6 * READ, 1.2 * READ, 0.0):
            assert (await client.request("GET", "/api/x")).body == b"abcd"
            await asyncio.sleep(rest)
    assert len(connections) == 1


async def test_a_shorter_time_holds_on_a_connection_that_knew_a_longer_one() -> None:
    pauses = iter((0.0, 5 * READ))

    async def answer(exchange: Exchange) -> None:
        await asyncio.sleep(next(pauses))
        exchange.send(HEAD + b"abcd")

    async with raw_server(answer) as server, answering(server.url) as client:
        await client.request("GET", "/api/x")
        since, hasty = now(), client.with_options(timeout=Timeouts(read=2.0), max_attempts=1)
        with pytest.raises(RequestTimeout):
            await hasty.request("GET", "/api/x")
        assert now() - since == pytest.approx(2.0, abs=0.1)


async def test_a_closed_client_leaves_no_timer() -> None:
    async def answer(exchange: Exchange) -> None:
        exchange.send(HEAD + b"abcd")

    async with raw_server(answer) as server:
        async with answering(server.url) as client:
            await client.request("GET", "/api/x")
        await asyncio.sleep(0.1)
        loop: Any = asyncio.get_running_loop()
        alarms = [each for each in loop._scheduled if not each.cancelled()]
        assert not [each for each in alarms if "Handler" in repr(each)]
