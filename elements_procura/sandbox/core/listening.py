"""How a sandbox comes to listen on a port, and stops."""

import asyncio
import socket
import struct
from abc import ABC, abstractmethod
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, Final, Self

from aiohttp import web

from elements_procura.sandbox.core.own_thread import OwnThread

_PATIENCE: Final = 0.2  # seconds that answers under way get when a sandbox closes
_TURNS: Final = 4  # of the loop, until the server knows a connection that was just accepted


class Listener(ABC):
    """A server on this machine that can be started and closed, also more than once.

    ``async with`` serves on the loop of the caller, a plain ``with`` in a thread.
    """

    def __init__(self) -> None:
        self._thread: OwnThread | None = None
        self._runner: web.ServerRunner | None = None
        self._address = ("", 0)
        self._socket: socket.socket | None = None
        self._url = ""

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listen; may be done again after ``close``.

        Args:
            host: The address to listen on.
            port: Its port; 0 takes a free one.

        Raises:
            OSError: The port is taken, or not to be had.
            RuntimeError: It is running already.
        """
        if self._runner is not None:
            raise RuntimeError("the sandbox is running already")
        runner = web.ServerRunner(
            web.Server(self._handle, access_log=None), shutdown_timeout=_PATIENCE
        )
        await runner.setup()
        try:
            await self._listen(runner, host, port)
        except OSError:
            await runner.cleanup()
            raise
        self._runner = runner
        name, number, *_ = runner.addresses[0]
        self._address = (host, number)
        self._url = self._begin(f"http://{f'[{name}]' if ':' in name else name}:{number}")

    async def close(self) -> None:
        """Stop listening and drop all connections; what it holds and logged stays."""
        runner, self._runner = self._runner, None
        if runner is not None:
            await self._stop_accepting()
            await runner.cleanup()

    async def leave(self) -> None:
        """Be away: reset every connection, and refuse new ones until :meth:`come_back`."""
        await self._where_it_serves(self._leave())

    async def come_back(self) -> None:
        """Listen again on the same port, if it is away.

        Raises:
            OSError: Somebody else has taken the port.
        """
        await self._where_it_serves(self._come_back())

    async def _where_it_serves(self, job: Coroutine[Any, Any, None]) -> None:
        await (job if self._thread is None else self._thread.wait_for(job))

    async def _leave(self) -> None:
        if self._runner is None or self._runner.server is None:
            return
        runner = self._runner
        _reset_all(runner)
        await self._stop_accepting()
        for site in list(runner.sites):
            await site.stop()
        _reset_all(runner)
        await _take_turns()
        if not runner.sites:  # it has not come back meanwhile
            _reset_all(runner)

    async def _come_back(self) -> None:
        if self._runner is not None and not self._runner.sites:
            await self._listen(self._runner, *self._address)

    async def _listen(self, runner: web.ServerRunner, host: str, port: int) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.create_server((host, port), family=family)
        await web.SockSite(runner, self._socket).start()

    async def _stop_accepting(self) -> None:
        """Take no more connections, and wait until the server knows those it has taken.

        Python 3.11 loses a connection, unclosed, whose server stops listening before it is made.
        """
        if self._socket is not None and self._socket.fileno() >= 0:
            asyncio.get_running_loop().remove_reader(self._socket)
        await _take_turns()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    def __enter__(self) -> Self:
        thread = OwnThread()
        try:
            thread.run(self.start())
        except BaseException:
            thread.stop()
            raise
        self._thread = thread
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.run(self.close())
            thread.stop()

    @property
    def url(self) -> str:
        """Where it listens, or last listened, with its context path if it has one.

        Raises:
            RuntimeError: It was never started.
        """
        if not self._url:
            raise RuntimeError("the sandbox was not started")
        return self._url

    def _begin(self, origin: str) -> str:
        """It listens at ``origin`` from now on; returns the address to ask for."""
        return origin

    @abstractmethod
    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request."""


def abort(transport: asyncio.BaseTransport) -> None:
    """Reset a connection."""
    connection = transport.get_extra_info("socket")
    if connection is not None:
        # Lingering for no time makes the system send a reset rather than an end.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    if isinstance(transport, asyncio.WriteTransport):
        transport.abort()


def _reset_all(runner: web.ServerRunner) -> None:
    if runner.server is None:
        return
    for connection in runner.server.connections:
        if connection.transport is not None:
            abort(connection.transport)


async def _take_turns() -> None:
    for _ in range(_TURNS):
        await asyncio.sleep(0)
