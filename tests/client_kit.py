"""What tests of the client share: a quick clock, clients, and servers that misbehave."""

import asyncio
import contextlib
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from typing import Any, overload

from elements_procura.auth.credentials import Credentials
from elements_procura.elements.client import ElementsClient
from elements_procura.procura.client import ProcuraClient
from elements_procura.sandbox import ProcuraSandbox, Sandbox
from elements_procura.scheduler import Rate
from tests.clock import clock_of_this_test

UNLIMITED = (Rate(1000, 1.0),)
DOSSIER = "/api/data/klantdossiers/5526"


@overload
def client_for(sandbox: Sandbox, **options: Any) -> ElementsClient: ...
@overload
def client_for(sandbox: ProcuraSandbox, **options: Any) -> ProcuraClient: ...
def client_for(sandbox: Sandbox | ProcuraSandbox, **options: Any) -> ElementsClient | ProcuraClient:
    """A client of ``sandbox``, unlimited and on the test's own clock unless told otherwise."""
    given = sandbox.credentials
    settings: dict[str, Any] = {
        "credentials": Credentials(given["client_id"], given["client_secret"]),
        "rates": UNLIMITED,
        "clock": clock_of_this_test(),
    }
    if isinstance(sandbox, ProcuraSandbox):
        return ProcuraClient(sandbox.url, **(settings | options))
    settings |= {name: given[name] for name in ("organisation", "webservice", "scopes")}
    return ElementsClient(sandbox.url, **(settings | options))


def client_at(url: str, **options: Any) -> ElementsClient:
    """A client of any server."""
    settings: dict[str, Any] = {
        "credentials": Credentials("client", "client-secret"),
        "organisation": 1,
        "scopes": ["klantdossier.read"],
        "rates": UNLIMITED,
        "clock": clock_of_this_test(),
    }
    return ElementsClient(url, **(settings | options))


def uncovered(env: Mapping[str, str]) -> dict[str, str]:
    """``env`` for a process whose coverage is not measured, as that takes room, time and memory."""
    return {name: value for name, value in env.items() if not name.startswith("COVERAGE_")}


def data_requests(sandbox: Sandbox) -> list[tuple[str, str, int]]:
    """Method, path and status of what was asked for, token requests aside."""
    return [
        (entry.method, entry.path, entry.status)
        for entry in sandbox.log
        if entry.path.startswith("/api/")
    ]


def grants(sandbox: Sandbox) -> list[str | None]:
    """The kinds of token requests, in order."""
    return [entry.grant_type for entry in sandbox.log if entry.path.startswith("/oauth/")]


# ---------------------------------------------------------------- servers by hand

TOKEN_ANSWER = b'{"access_token": "t0", "expires_in": 3600, "refresh_token": "r0"}'
Handler = Callable[["Exchange"], Awaitable[None]]


class Exchange:
    """One request on a connection, and the means to answer it in any way."""

    def __init__(self, head: bytes, body: bytes, writer: asyncio.StreamWriter) -> None:
        self.head = head
        self.body = body
        self.writer = writer
        self.method, self.target, _ = head.split(b"\r\n")[0].decode().split(" ")
        self.path = self.target.partition("?")[0]

    @property
    def headers(self) -> dict[str, str]:
        lines = self.head.decode().split("\r\n")[1:]
        return {
            name.lower(): value.strip()
            for name, _, value in (line.partition(":") for line in lines)
            if name
        }

    def send(self, raw: bytes) -> None:
        self.writer.write(raw)

    def answer(self, body: bytes, status: str = "200 OK", *headers: str) -> None:
        lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
        self.send("\r\n".join([*lines, "", ""]).encode() + body)

    def drop(self) -> None:
        self.writer.transport.abort()


class RawServer:
    """Speaks as much HTTP as ``handler`` does; token requests are answered by themselves."""

    def __init__(self, handler: Handler, tokens: Handler | None = None) -> None:
        self.seen: list[Exchange] = []
        self.connections = 0
        self.url = ""
        self._handler = handler
        self._tokens = tokens
        self._writers: set[asyncio.StreamWriter] = set()

    @property
    def asked(self) -> list[str]:
        """Method and path of what was asked for, token requests aside."""
        return [f"{each.method} {each.path}" for each in self.seen if each.path[:6] != "/oauth"]

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.add(writer)
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                exchange = Exchange(head, b"", writer)
                exchange.body = await reader.readexactly(
                    int(exchange.headers.get("content-length", 0))
                )
                self.seen.append(exchange)
                if exchange.path == "/oauth/access_token" and self._tokens is not None:
                    await self._tokens(exchange)
                elif exchange.path == "/oauth/access_token":
                    exchange.answer(TOKEN_ANSWER)
                else:
                    await self._handler(exchange)
                await writer.drain()
        writer.close()

    def hang_up(self) -> None:
        for writer in self._writers:
            writer.transport.abort()


@contextlib.asynccontextmanager
async def raw_server(
    handler: Handler, *, ssl: Any = None, tokens: Handler | None = None
) -> AsyncIterator[RawServer]:
    """A server that answers each request by calling ``handler``, token requests by ``tokens``."""
    server = RawServer(handler, tokens)
    listening = await asyncio.start_server(server.connected, "127.0.0.1", 0, ssl=ssl)
    port = listening.sockets[0].getsockname()[1]
    server.url = f"http{'s' if ssl else ''}://127.0.0.1:{port}"
    try:
        yield server
    finally:
        await stop_listening(listening)
        server.hang_up()
        await listening.wait_closed()


async def stop_listening(server: asyncio.Server) -> None:
    """Refuse new connections, once those already taken are known to their server.

    Python 3.11 loses a connection, unclosed, whose server stops listening before it is made.
    """
    for each in server.sockets:
        asyncio.get_running_loop().remove_reader(each.fileno())
    try:
        for _ in range(4):
            await asyncio.sleep(0)
    finally:
        server.close()


# ---------------------------------------------------------------- what may not be seen


def chain(error: BaseException) -> Iterator[BaseException]:
    """An exception and all that it comes from."""
    seen: set[int] = set()
    todo: list[BaseException | None] = [error]
    while todo:
        found = todo.pop()
        if found is not None and id(found) not in seen:
            seen.add(id(found))
            yield found
            todo += [found.__cause__, found.__context__]


def told(error: BaseException, *, ours: bool = True) -> str:
    """All that any tool could print of an exception: texts, reprs, attributes, frames' locals.

    With ``ours``, frames of the tests themselves are left out: they do hold the secrets.
    """
    parts = []
    for each in chain(error):
        parts += [str(each), repr(each), repr(each.args), repr(vars(each))]
        shown = traceback.TracebackException.from_exception(each, capture_locals=True)
        for frame in shown.stack:
            if not ours or "/tests/" not in frame.filename:
                parts.append(f"{frame.filename}:{frame.lineno} {frame.locals}")
    return "\n".join(parts)


def libraries(error: BaseException) -> set[str]:
    """The libraries whose exceptions or frames are in the chain."""
    found = {type(each).__module__.split(".")[0] for each in chain(error)}
    for each in chain(error):
        for frame, _ in traceback.walk_tb(each.__traceback__):
            found.add(str(frame.f_globals.get("__name__", "")).split(".")[0])
    return found
