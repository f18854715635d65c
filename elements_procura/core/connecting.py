"""Connections of aiohttp, in our manner: no silent repeats, and one read timer for each."""

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import Any

import aiohttp
from aiohttp.client_proto import ResponseHandler


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
    """A connection whose silence one timer watches.

    aiohttp makes a timer anew for every piece that arrives and cancels it at the end of every
    answer: a tenth of what a whole request costs. Here a moment is noted instead, and the timer
    looks at it when it rings.
    """

    _late: float | None = None
    """When the silence is too long, on the loop's clock; None while nobody waits."""
    _alarm: asyncio.TimerHandle | None = None
    """The one timer, if it is set."""

    def _reschedule_timeout(self) -> None:
        if not self._read_timeout:
            self._late = None
            return
        self._late = late = self._loop.time() + self._read_timeout
        timer = self._alarm
        if timer is None or late < timer.when():
            self._ring_at(late)

    def _drop_timeout(self) -> None:
        self._late = None
        if self.transport is None:  # for good
            self._ring_at(None)

    def connection_lost(self, exc: BaseException | None) -> None:
        """The other side has hung up, or we have."""
        super().connection_lost(exc)
        self._late = None
        self._ring_at(None)

    def _ring_at(self, moment: float | None) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm = None if moment is None else self._loop.call_at(moment, self._ring)

    def _ring(self) -> None:
        self._alarm = None
        if self._late is None:
            return
        if self._late > self._loop.time():
            self._ring_at(self._late)
        else:
            self._on_read_timeout()


class Connector(aiohttp.TCPConnector):
    """Makes connections whose silence one timer watches."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        # There is no public way. Where there is none of these any more, aiohttp's own are as good.
        if hasattr(self, "_factory"):
            self._factory: Any = partial(Handler, loop=self._loop)


def new_session(
    *, force_close: bool, headers: Mapping[str, str] | None = None
) -> aiohttp.ClientSession:
    """A session that sends what it is given once, and nothing that it finds anywhere.

    Args:
        force_close: Whether each request gets a connection of its own.
        headers: Sent with every request.
    """
    session = aiohttp.ClientSession(
        # The scheduler bounds what is under way; a second bound here would hold granted slots.
        connector=Connector(limit=0, force_close=force_close),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers=headers,
        response_class=Answer,
        # trust_env would let a netrc file put credentials on requests; proxy_for reads the rest.
        trust_env=False,
    )
    # aiohttp would silently send a read again on a stale connection: a request that the
    # scheduler never granted. There is no public switch for it.
    session._retry_connection = False  # noqa: SLF001 - there is no public way
    return session
