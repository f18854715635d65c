"""Silence and the end of an answer: one timer of each connection measures both."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from elements_procura.core.connecting import Connector, Handler, OutgoingRequest, new_session
from elements_procura.core.request_state import BodyStream
from elements_procura.core.timeouts import Timeouts
from elements_procura.errors import ConfigError, NotSent, OutcomeUnknown, RequestTimeout
from elements_procura.paths import Path
from tests.client_kit import TOKEN_ANSWER, Exchange, client_at, raw_server

pytestmark = pytest.mark.virtual_time
READ = 10.0
TOTAL = 25.0
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n"


def now() -> float:
    return asyncio.get_running_loop().time()


def answering(url: str) -> Any:
    return client_at(url, timeouts=Timeouts(read=READ, total=None), read_only=True)


def ending(url: str, *, read: float | None = None) -> Any:
    return client_at(url, timeouts=Timeouts(read=read, total=TOTAL), read_only=True)


async def test_aiohttp_takes_our_connections() -> None:
    """It has no public way to: should the private one go, its own timers come back."""
    async with new_session() as session:
        factory: Any = session.connector._factory  # type: ignore[union-attr] # private, as above
        assert isinstance(factory(), Handler)
        assert session._request_class is OutgoingRequest
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


# ------------------------------------------------------------------------ the end of an answer


async def trickle(exchange: Exchange) -> None:
    """One header after the other."""
    exchange.send(b"HTTP/1.1 200 OK\r\n")
    while not exchange.writer.is_closing():
        exchange.send(b"X: y\r\n")
        await asyncio.sleep(0.5 * READ)


async def drip(exchange: Exchange) -> None:
    """The head at once, and then one byte after the other."""
    exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n")
    while not exchange.writer.is_closing():
        exchange.send(b"x")
        await asyncio.sleep(0.5 * READ)


@pytest.mark.parametrize("keeps_time", [True, False])
@pytest.mark.parametrize("answer", [trickle, drip])
async def test_an_answer_ends_in_time_however_busy_it_is(
    answer: Callable[[Exchange], Awaitable[None]],
    keeps_time: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """By our timer, and by aiohttp's where there is none of ours."""
    made = Connector.__init__

    def make(self: Any, **options: Any) -> None:
        made(self, **options)
        self.keeps_time = keeps_time

    monkeypatch.setattr(Connector, "__init__", make)
    async with raw_server(answer) as server, ending(server.url, read=READ) as client:
        await client.authenticate()
        since = now()
        with pytest.raises(RequestTimeout):
            await client.with_options(max_attempts=1).request("GET", "/api/x")
        assert now() - since == pytest.approx(TOTAL, abs=1.0)  # aiohttp's are whole seconds


async def promise(exchange: Exchange) -> None:
    """One interim answer, and then nothing."""
    exchange.send(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n")
    await asyncio.sleep(10 * TOTAL)


async def promises(exchange: Exchange) -> None:
    """Interim answers without end."""
    while not exchange.writer.is_closing():
        exchange.send(b"HTTP/1.1 102 Processing\r\n\r\n")
        await asyncio.sleep(0.5 * READ)


async def late(exchange: Exchange) -> None:
    """An interim answer, and then a body that takes too long."""
    exchange.send(b"HTTP/1.1 102 Processing\r\n\r\n")
    await drip(exchange)


@pytest.mark.parametrize("answer", [promise, promises, late])
@pytest.mark.parametrize(
    ("method", "error"), [("GET", RequestTimeout), ("POST", OutcomeUnknown)], ids=str
)
async def test_an_interim_answer_is_no_end(
    answer: Callable[[Exchange], Awaitable[None]], method: str, error: type[Exception]
) -> None:
    total = READ if answer is promise else TOTAL
    async with (
        raw_server(answer) as server,
        client_at(server.url, timeouts=Timeouts(read=READ, total=TOTAL)) as client,
    ):
        await client.authenticate()
        since, body = now(), None if method == "GET" else b"{}"
        with pytest.raises(error):
            await client.with_options(max_attempts=1).request(method, "/api/x", body=body)
        assert now() - since == pytest.approx(total, abs=0.1)


async def test_what_follows_an_interim_answer_has_its_time_and_leaves_a_usable_connection() -> None:
    async def answer(exchange: Exchange) -> None:
        exchange.send(b"HTTP/1.1 102 Processing\r\n\r\n")
        await asyncio.sleep(0.9 * READ)
        exchange.send(HEAD + b"abcd")

    async with raw_server(answer) as server, ending(server.url, read=READ) as client:
        await client.authenticate()
        for _ in range(3):
            assert (await client.request("GET", "/api/x")).body == b"abcd"
            await asyncio.sleep(2 * TOTAL)
        assert server.connections == 2  # with that of the token


@contextlib.asynccontextmanager
async def mute_server() -> AsyncIterator[str]:
    """Answers token requests; takes nothing of anything else. The rest of its address."""
    transports = list[asyncio.Transport]()

    class Mute(asyncio.Protocol):
        def connection_made(self, transport: Any) -> None:
            transports.append(transport)

        def data_received(self, data: bytes) -> None:
            if b"/oauth/" in data:
                head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(TOKEN_ANSWER)
                transports[-1].write(head + TOKEN_ANSWER)
            else:
                transports[-1].pause_reading()

    server = await asyncio.get_running_loop().create_server(Mute, "127.0.0.1", 0)
    async with server:
        yield f"://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        for each in transports:
            each.abort()
        await asyncio.sleep(0.1)


async def test_a_body_that_nobody_takes_ends_in_time() -> None:
    timeouts = Timeouts(read=None, total=TOTAL)
    async with mute_server() as rest, client_at(f"http{rest}", timeouts=timeouts) as client:
        await client.authenticate()
        since = now()
        with pytest.raises(OutcomeUnknown, match="no answer in time"):
            await client.request("POST", "/api/x", body=b"x" * (24 << 20))
        assert now() - since == pytest.approx(TOTAL, abs=0.1)


async def test_a_connection_that_rests_past_the_end_of_its_last_answer_is_used_again() -> None:
    async def answer(exchange: Exchange) -> None:
        await asyncio.sleep(next(pauses))
        exchange.send(HEAD + b"abcd")

    pauses = iter((0.0, 0.9 * TOTAL, 0.9 * TOTAL))
    async with raw_server(answer) as server, ending(server.url) as client:
        await client.authenticate()
        for rest in (0.5 * TOTAL, 1.5 * TOTAL, 0.0):
            assert (await client.request("GET", "/api/x")).body == b"abcd"
            await asyncio.sleep(rest)
        assert server.connections == 2  # with that of the token


async def test_each_answer_has_its_own_end_on_a_shared_connection() -> None:
    async def answer(exchange: Exchange) -> None:
        await asyncio.sleep(next(pauses))
        exchange.send(HEAD + b"abcd")

    pauses = iter((0.0, 2 * TOTAL, 2 * TOTAL))
    async with raw_server(answer) as server, ending(server.url) as client:
        await client.request("GET", "/api/x")
        patient = client.with_options(timeout=Timeouts(read=None, total=None))
        assert (await patient.request("GET", "/api/x")).body == b"abcd"
        since, hasty = now(), client.with_options(timeout=2.0, max_attempts=1)
        with pytest.raises(RequestTimeout):
            await hasty.request("GET", "/api/x")
        assert now() - since == pytest.approx(2.0, abs=0.1)


async def test_a_reader_that_pauses_is_not_waited_for_past_the_end() -> None:
    """Its silence is its own, but the answer's end stays where it was."""
    size = 64 << 20

    async def answer(exchange: Exchange) -> None:
        exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
        exchange.send(bytes(size))

    async with raw_server(answer) as server, ending(server.url, read=READ) as client:
        session = client.klantdossiers._api.session
        request = client.klantdossiers._api.request("GET", Path.literal("/api/x"))
        async with session.stream(request) as found:
            assert isinstance(found, BodyStream)
            pieces = aiter(found)
            await anext(pieces)
            await asyncio.sleep(2 * READ)
            await anext(pieces)  # two thirds of its time, and more than the longest silence
            await asyncio.sleep(TOTAL)
            with pytest.raises(RequestTimeout):
                async for _ in pieces:
                    pass


@pytest.mark.parametrize("connect", [10.0, None])
async def test_connecting_ends_with_the_shorter_of_both_times(connect: float | None) -> None:
    """There is no end of an answer before its request has left; the server speaks no TLS."""
    timeouts = Timeouts(total=3.0, connect=connect)
    async with mute_server() as rest, client_at(f"https{rest}", timeouts=timeouts) as client:
        since = now()
        with pytest.raises(NotSent, match="no connection in time"):
            await client.authenticate()
        assert now() - since < 5 * 3.0  # with its repeats, and the pauses before them


@pytest.mark.parametrize("name", ["total", "connect", "read"])
@pytest.mark.parametrize("odd", [0, -1.0, float("nan"), float("inf"), True, "5"])
async def test_a_timeout_that_is_none_is_refused_when_it_is_set(name: str, odd: Any) -> None:
    with pytest.raises(ConfigError, match=f"{name} is not a number of seconds above 0"):
        Timeouts(**{name: odd})


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
