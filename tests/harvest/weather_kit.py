"""A server with weather of its own over real HTTP, for virtual time: there no outage lasts.

::

    clock = VirtualClock()
    async with weather(clock, small_world(dossiers=10)) as front, client_of(front) as elements:
        front.break_down("503", after=40, seconds=540)
        with Store.create(path, tenant="t", clock=clock) as store:
            async for event in harvest(elements, store, clock=clock): ...
        assert dict(store.bodies()) == front.world
"""

import asyncio
import contextlib
import socket
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, MutableMapping
from typing import Any

import aiohttp
import attrs
import orjson
import pytest

from elements_procura.elements.client import ElementsClient
from elements_procura.elements.kinds import CONTACT, DOSSIERS, PARTICULIER_RELATIONS
from tests.client_kit import stop_listening
from tests.clock import VirtualClock

# ---------------------------------------------------------------- what is there


def small_world(*, dossiers: int, persons: int = 2) -> dict[str, bytes]:
    """All that can be read, by path: dossiers with persons, their contact data, and products."""
    world: dict[str, bytes] = {}

    def put(path: str, record: dict[str, Any], **linked: str) -> None:
        links = {"self": path, **linked}
        body = {"_links": {rel: {"href": href} for rel, href in links.items()}, **record}
        world[path] = orjson.dumps(body)

    rows = []
    for dossier in range(1, dossiers + 1):
        root = f"{DOSSIERS}/{dossier}"
        people = f"{root}/klanten/particulier"
        record = {"id": dossier, "omschrijving": f"dossier {dossier}"}
        put(root, record, producten=f"{root}/producten", **{"klanten/particulier": people})
        rows.append({**record, "_links": {"self": {"href": root}}})
        put(f"{root}/producten", {"_embedded": {"producten": []}})
        ids = [10 * dossier + each for each in range(persons)]
        named = [{"id": each, "_links": {"self": {"href": f"{people}/{each}"}}} for each in ids]
        put(people, {"_embedded": {"particulier": named}})
        for each in ids:
            for rel in PARTICULIER_RELATIONS:
                row = [{"id": 100 * each, "soort": rel}] if rel in CONTACT[:1] else []
                put(f"{people}/{each}/{rel}", {"_embedded": {rel: row}})
    put(DOSSIERS, {"_embedded": {"klantdossiers": rows}})
    return world


def bodies_of(world: Mapping[str, bytes]) -> dict[str, bytes]:
    """What a store holds once all of a world is harvested: the listing is not kept."""
    return {path: body for path, body in world.items() if path != DOSSIERS}


# ---------------------------------------------------------------- who answers

TOKEN = "/oauth/access_token"
_TOKEN_ANSWER = b'{"access_token": "t", "expires_in": 86400, "token_type": "Bearer"}'
_JSON = "application/json"
_PAGE = b"<html><body>One moment, please</body></html>"


@attrs.frozen
class Said:
    """An answer; None for the body hangs up instead."""

    status: int
    body: bytes | None = b""
    media: str | None = _JSON
    headers: tuple[str, ...] = ()


NOT_FOUND = Said(404)
"""As the documentation shows it: empty, with a media type of JSON."""

PAGES: dict[str, Said] = {
    "reset": Said(0, None),
    "503": Said(503, b"Service Unavailable", "text/plain"),
    "502 html": Said(502, _PAGE, "text/html"),
    "404 text": Said(404, b"default backend - 404", "text/plain; charset=utf-8"),
    "404 html": Said(404, _PAGE, "text/html"),
    "404 json": NOT_FOUND,
    "403 json": Said(403, b'{"error":"Forbidden"}'),
    "410": Said(410),
    "200 html": Said(200, _PAGE, "text/html"),
    "200 empty": Said(200),
    "200 error": Said(200, b'{"error":"maintenance"}'),
    "400 html": Said(400, _PAGE, "text/html"),
    "401 html": Said(401, _PAGE, "text/html"),
    "401 json": Said(401, b'{"error":"invalid_token"}'),
    "401 empty": Said(401),
    "401 message": Said(401, b'{"message":"Unauthorized"}'),
    "500": Said(500, b'{"error":"internal"}'),
}
"""What may answer in the server's place."""
ABSENT = ("refused", "dns")
"""Nothing answers at all."""


@attrs.frozen
class Asked:
    """One request that arrived.

    Attributes:
        path: Without its query.
        at: When, on the clock.
        status: What was answered; 0 when the connection was dropped.
        is_true: Whether the world itself answered, and not the weather.
        was_stored: Whether the store had it already.
    """

    path: str
    at: float
    status: int
    is_true: bool
    was_stored: bool = False


Answering = Callable[[str], Said | None]


@attrs.define(eq=False)
class Front:
    """A server that answers from ``world``, unless the weather or ``answering`` does.

    Attributes:
        world: What is there, by path; it may change while the server runs.
        answering: Called with a path, before the world is looked at.
        photo: What is answered for anything that is not in the world.
        stored: Tells whether a path is stored already.
        asked: Every request that arrived, token requests included.
        url: Its address.
        unresolved: How often its name was asked for in vain.
    """

    clock: VirtualClock
    world: MutableMapping[str, bytes]
    answering: Answering = attrs.field(default=lambda _: None)
    photo: Said = NOT_FOUND
    stored: Callable[[str], bool] = attrs.field(default=lambda _: False)
    asked: list[Asked] = attrs.field(factory=list)
    url: str = ""
    unresolved: int = 0
    _port: int = 0
    _listening: asyncio.Server | None = None
    _stopping: asyncio.Task[None] | None = None
    _writers: set[asyncio.StreamWriter] = attrs.field(factory=set)
    _tasks: set[asyncio.Task[None]] = attrs.field(factory=set)
    _weather: str | Said | None = None
    _until: float = 0.0
    _plans: list[tuple[int, str | Said, float, Callable[[str], bool]]] = attrs.field(factory=list)
    _hits: Callable[[str], bool] = attrs.field(default=lambda _: True)
    _data_requests: int = 0

    # -- weather

    def break_down(
        self,
        how: str | Said,
        *,
        after: int = 0,
        seconds: float = float("inf"),
        hits: Callable[[str], bool] = lambda _: True,
    ) -> None:
        """Have the server away.

        Args:
            how: A name in :data:`PAGES` or :data:`ABSENT`, or an answer.
            after: Once so many requests for data have been answered from the world.
            seconds: How long, on the clock.
            hits: Which paths.
        """
        self._plans.append((after, how, seconds, hits))
        self._plans.sort(key=lambda plan: plan[0])
        self._look_ahead()

    def clear_up(self) -> None:
        """Have the server back, for good."""
        self._plans.clear()
        self._weather = None
        if self._listening is None:
            self._tasks.add(asyncio.create_task(self.open()))

    async def serving(self) -> None:
        """Wait until it listens again."""
        while self._listening is None:  # noqa: ASYNC110 - a test
            await asyncio.sleep(0)

    @property
    def is_away(self) -> bool:
        """Whether something else answers just now, or nothing."""
        if self._weather is not None and self.clock.now() >= self._until:
            self._weather = None
        return self._weather is not None

    @property
    def is_nameless(self) -> bool:
        """Whether its name does not resolve just now."""
        return self.is_away and self._weather == "dns"

    def answered(self) -> Counter[str]:
        """How often the world has answered with what is there, by path; the listing aside."""
        return Counter(
            each.path
            for each in self.asked
            if each.is_true and each.status == 200 and each.path not in (TOKEN, DOSSIERS)
        )

    def _look_ahead(self) -> None:
        if self._plans and self._data_requests >= self._plans[0][0] and not self.is_away:
            _, self._weather, seconds, self._hits = self._plans.pop(0)
            self._until = self.clock.now() + seconds
            if self._weather in ABSENT:
                self._vanish(seconds)

    def _vanish(self, seconds: float) -> None:
        if self._weather == "refused" and self._listening is not None:
            self._stopping = asyncio.create_task(stop_listening(self._listening))
            self._listening = None
        for writer in tuple(self._writers):
            writer.transport.abort()
        if seconds != float("inf"):
            self._tasks.add(asyncio.create_task(self._come_back(seconds)))

    async def _come_back(self, seconds: float) -> None:
        await self.clock.sleep(seconds)
        if self._listening is None:
            await self.open()

    # -- HTTP

    async def open(self) -> None:
        """Listen, at the port of before if there was one."""
        if self._stopping is not None:
            await self._stopping
        self._listening = await asyncio.start_server(
            self._connected, "127.0.0.1", self._port, reuse_address=True
        )
        self._port = self._listening.sockets[0].getsockname()[1]
        self.url = f"http://localhost:{self._port}"

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
                while True:
                    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
                    length = [line for line in head if line.lower().startswith("content-length:")]
                    await reader.readexactly(int(length[0].split(":")[1]) if length else 0)
                    await self._answer(head[0].split(" ")[1].partition("?")[0], writer)
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _answer(self, path: str, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0)  # so that answers do not come in the order of the requests alone
        if path != TOKEN:
            self._look_ahead()
        said = PAGES["reset"]
        is_hit = self.is_away and self._hits(path)
        if is_hit and not isinstance(self._weather, str) and self._weather is not None:
            said = self._weather
        elif is_hit and isinstance(self._weather, str):
            said = PAGES.get(self._weather, said)
        else:
            said = self.answering(path) or self._truth(path)
        is_true = not is_hit
        asked = Asked(path, self.clock.now(), said.status, is_true, self.stored(path))
        self.asked.append(asked)
        if is_true and path != TOKEN:
            self._data_requests += 1
        if said.body is None:
            writer.transport.abort()
            return
        media = [] if said.media is None else [f"Content-Type: {said.media}"]
        lines = [f"HTTP/1.1 {said.status} -", f"Content-Length: {len(said.body)}", *media]
        writer.write("\r\n".join([*lines, *said.headers, "", ""]).encode() + said.body)
        await writer.drain()

    def _truth(self, path: str) -> Said:
        if path == TOKEN:
            return Said(200, _TOKEN_ANSWER)
        body = self.world.get(path)
        return self.photo if body is None else Said(200, body)

    async def close(self) -> None:
        """Listen no more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._stopping is not None:
            await self._stopping
        if self._listening is not None:
            await stop_listening(self._listening)
        for writer in tuple(self._writers):
            writer.transport.abort()
        await asyncio.sleep(0)


@contextlib.asynccontextmanager
async def weather(
    clock: VirtualClock, world: MutableMapping[str, bytes], **options: Any
) -> AsyncIterator[Front]:
    """A server of ``world`` whose name and port a test can take away."""
    front = Front(clock, world, **options)
    with _names(front):
        await front.open()
        try:
            yield front
        finally:
            await front.close()


@contextlib.contextmanager
def _names(front: Front) -> Iterator[None]:
    """Names are looked up for each connection, and not while the server is nameless."""
    resolve, connector = aiohttp.ThreadedResolver.resolve, aiohttp.TCPConnector

    async def looked_up(self: Any, host: str, *args: Any, **named: Any) -> Any:
        if front.is_nameless:
            front.unresolved += 1
            raise OSError(socket.EAI_NONAME, "Name or service not known")
        named["family"] = socket.AF_INET
        return await resolve(self, host, args[0] if args else named.pop("port", 0), **named)

    def uncached(**named: Any) -> aiohttp.TCPConnector:
        given = {"use_dns_cache": False, "resolver": aiohttp.ThreadedResolver(), **named}
        return connector(**given)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(aiohttp.ThreadedResolver, "resolve", looked_up)
        patch.setattr(aiohttp, "TCPConnector", uncached)
        yield


def client_of(front: Front, **options: Any) -> ElementsClient:
    """A client of ``front`` that lives on its clock, without limits of its own."""
    settings: dict[str, Any] = {
        "credentials": ("client", "client-secret"),
        "organisation": 1,
        "scopes": ["klantdossier.read"],
        "rates": (),
        "read_only": True,
        "clock": front.clock,
    }
    return ElementsClient(front.url, **(settings | options))
