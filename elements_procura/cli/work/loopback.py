"""The page on this machine that the browser comes back to with a code."""

import asyncio
import contextlib
from types import TracebackType
from typing import Self

from elements_procura.errors import ConfigError
from elements_procura.secret import Secret

_PATH = "/callback"
_LONGEST = 16 * 1024
_PAGE = b"<!doctype html><title>elements-procura</title><p>Done: you can close this window."
_HEAD = (
    "HTTP/1.1 %s\r\nContent-Type: text/html\r\nContent-Length: %d\r\nConnection: close\r\n"
    "Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\n"
    "Content-Security-Policy: default-src 'none'\r\n\r\n"
)


class Loopback:
    """Listens on 127.0.0.1 for one answer, which its state has to prove.

    Args:
        port: 0 takes a free one; the vendor may want to know a fixed one.
    """

    def __init__(self, port: int = 0) -> None:
        self._port = port
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._came = asyncio.Event()
        self._address = Secret("")

    async def __aenter__(self) -> Self:
        try:
            self._server = await asyncio.start_server(
                self._serve, "127.0.0.1", self._port, limit=_LONGEST
            )
        except OSError as error:
            raise ConfigError(
                f"port {self._port} cannot be listened on: {error.strerror}",
                hint="Choose another --port, or use --paste",
            ) from None
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._server is not None:
            self._server.close()
            for writer in tuple(self._open):
                # A browser keeps spare connections open, and closing waits for all of them.
                writer.transport.abort()
            await self._server.wait_closed()

    @property
    def redirect_uri(self) -> str:
        """The address for the browser to come back to."""
        port = self._server.sockets[0].getsockname()[1] if self._server else self._port
        return f"http://127.0.0.1:{port}{_PATH}"

    async def answer(self) -> Secret:
        """The address that the browser came back to."""
        await self._came.wait()
        return self._address

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            with contextlib.suppress(
                OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError
            ):
                target = _target(await reader.readuntil(b"\r\n\r\n"))
                status, page = ("404 Not Found", b"") if target is None else ("200 OK", _PAGE)
                writer.write((_HEAD % (status, len(page))).encode() + page)
                await writer.drain()
                if target is not None and not self._came.is_set():
                    self._address = target
                    self._came.set()
        finally:
            self._open.discard(writer)
            writer.close()


def _target(head: bytes) -> Secret | None:
    """The target of a request, if it is the expected answer."""
    method, _, rest = head.partition(b"\r\n")[0].partition(b" ")
    target = Secret(rest.partition(b" ")[0].decode("ascii", "replace"))
    is_answer = method == b"GET" and target.reveal().startswith(f"{_PATH}?")
    return target if is_answer else None
