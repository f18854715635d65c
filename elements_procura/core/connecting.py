"""Connections of aiohttp, in our manner: no silent repeats, and one timer for each."""

import asyncio
from collections.abc import Coroutine, Mapping
from functools import partial
from http import HTTPStatus
from typing import Any

import aiohttp
from aiohttp.client_proto import ResponseHandler
from aiohttp.client_reqrep import ConnectionKey

_NEVER = float("inf")
_FINAL = 200
_ALONE = -1


class Connection:
    """The connection that an answer came on."""

    __slots__ = ("_transport",)

    def __init__(self, transport: asyncio.Transport | None) -> None:
        self._transport = transport

    def drop(self) -> None:
        """Close it, because an answer to another request came on it."""
        if self._transport is not None:
            self._transport.abort()


class Answer(aiohttp.ClientResponse):
    """An answer that knows its connection also after that has gone back into the pool."""

    wire: Any = None

    async def start(self, connection: Any) -> aiohttp.ClientResponse:
        """Read the head."""
        self.wire = connection.transport
        return await super().start(connection)


class Handler(ResponseHandler):
    """A connection with one timer, for its silence and for the end of an answer.

    aiohttp makes a timer anew for every piece that arrives and one more for every request, and
    cancels them at the end of the answer: a fifth of what a whole request costs. Here moments are
    noted instead, and the timer looks at them when it rings.
    """

    _late: float = _NEVER
    """When the silence is too long, on the loop's clock."""
    _end: float = _NEVER
    """When the answer under way must be whole."""
    _alarm: asyncio.TimerHandle | None = None
    """The one timer, if it is set."""
    _rings: float = _NEVER
    """When it rings."""
    _is_interim: bool = False
    """Whether the last head was one of 1xx, after which the answer is still to come."""

    def begin(self, total: float) -> None:
        """A request leaves, whose answer must be whole within ``total`` seconds."""
        self._end = end = self._loop.time() + total
        if end < self._rings:
            self._ring_at(end)

    def pause_reading(self) -> None:
        """Nobody listens for a while: silence is not counted meanwhile, and the end stays."""
        end = self._end
        super().pause_reading()
        self._end = end

    def _reschedule_timeout(self) -> None:
        if self._read_timeout:
            self._late = late = self._loop.time() + self._read_timeout
            if late < self._rings:
                self._ring_at(late)
        else:
            self._late = _NEVER

    def feed_data(self, data: Any, size: int = 0) -> None:
        """A head is there."""
        code = data[0].code
        self._is_interim = code < _FINAL and code != HTTPStatus.SWITCHING_PROTOCOLS
        super().feed_data(data, size)

    def _drop_timeout(self) -> None:
        if self._is_interim and self.transport is not None:
            return  # aiohttp takes a head without a body for the end of an answer
        self._late = self._end = _NEVER
        if self.transport is None:  # for good
            self._ring_at(_NEVER)

    def connection_lost(self, exc: BaseException | None) -> None:
        """The other side has hung up, or we have."""
        super().connection_lost(exc)
        self._late = self._end = _NEVER
        self._ring_at(_NEVER)

    def _ring_at(self, moment: float) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        self._rings = moment
        self._alarm = None if moment == _NEVER else self._loop.call_at(moment, self._ring)

    def _ring(self) -> None:
        self._alarm, self._rings = None, _NEVER
        due = min(self._late, self._end)
        if due > self._loop.time():
            self._ring_at(due)
        else:
            self._on_read_timeout()


class OutgoingRequest(aiohttp.ClientRequest):
    """A request that says to its connection when its answer must be whole.

    Attributes:
        total: Seconds from its first byte to the answer's last; None for no end.
    """

    total: float | None = None

    def send(self, conn: Any) -> Coroutine[Any, Any, aiohttp.ClientResponse]:
        """Write it."""
        if self.total is not None:
            conn.protocol.begin(self.total)
        return super().send(conn)


class LoneRequest(OutgoingRequest):
    """A request with a connection of its own, which ends with its answer.

    So one session serves these and those that share kept connections.
    """

    @property
    def connection_key(self) -> ConnectionKey:
        """What a kept connection would be found by: none is kept by this one."""
        return super().connection_key._replace(proxy_headers_hash=_ALONE)

    def send(self, conn: Any) -> Coroutine[Any, Any, aiohttp.ClientResponse]:
        """Write it, and say so."""
        conn.protocol.force_close()
        self.headers["Connection"] = "close"
        return super().send(conn)


class Connector(aiohttp.TCPConnector):
    """Makes connections with one timer each.

    Attributes:
        keeps_time: Whether they do: aiohttp has no public way to it, and where the private one is
            gone its own timers are as good.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.keeps_time: bool = hasattr(self, "_factory")
        if self.keeps_time:
            self._factory: Any = partial(Handler, loop=self._loop)


def keeps_time(session: aiohttp.ClientSession) -> bool:
    """Whether the connections of a session end an answer that takes too long in all."""
    return isinstance(session.connector, Connector) and session.connector.keeps_time


def new_session(*, headers: Mapping[str, str] | None = None) -> aiohttp.ClientSession:
    """A session that sends what it is given once, and nothing that it finds anywhere.

    Args:
        headers: Sent with every request.
    """
    session = aiohttp.ClientSession(
        # The scheduler bounds what is under way; a second bound here would hold granted slots.
        connector=Connector(limit=0),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers=headers,
        request_class=OutgoingRequest,
        response_class=Answer,
        # trust_env would let a netrc file put credentials on requests; proxy_for reads the rest.
        trust_env=False,
    )
    # aiohttp would silently send a read again on a stale connection: a request that the
    # scheduler never granted. There is no public switch for it.
    session._retry_connection = False  # noqa: SLF001 - there is no public way
    return session
