"""TLS before servers that have none: certificates of a private authority, good and bad."""

import asyncio
import contextlib
import datetime as dt
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import attrs
import trustme

_SSL_REQUEST = (8).to_bytes(4, "big") + (80877103).to_bytes(4, "big")
"""What PostgreSQL's clients send before they begin TLS."""


@attrs.define
class Front:
    """Ends TLS at a port of its own, and hands on what is inside.

    Attributes:
        port: Where it listens.
        passed: How many bytes of clients came through.
        begun: How many connections there were.
    """

    port: int
    passed: int = 0
    begun: int = 0


@attrs.frozen
class Authority:
    """A private authority that signs certificates.

    Attributes:
        file: Its own certificate, for clients.
    """

    _authority: trustme.CA
    file: Path

    @classmethod
    def made(cls, folder: Path, name: str) -> Self:
        """A new one, its certificate in a file of that name."""
        made = trustme.CA()
        made.cert_pem.write_to_path(str(folder / name))
        return cls(made, folder / name)

    def certificate(self, *names: str, days: int = 30) -> trustme.LeafCert:
        """A certificate for these names.

        Args:
            names: Whose it is.
            days: How long it holds from now on; with less than none it has expired.
        """
        now = dt.datetime.now(dt.UTC)
        ends = now + dt.timedelta(days=days)
        begins = min(now, ends) - dt.timedelta(days=1)
        return self._authority.issue_cert(*names, not_before=begins, not_after=ends)

    def side(self, *names: str, days: int = 30) -> ssl.SSLContext:
        """A server's side of TLS, with such a certificate."""
        found = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.certificate(*names, days=days).configure_cert(found)
        return found


@contextlib.contextmanager
def front(to: int | str, side: ssl.SSLContext, *, is_postgres: bool = False) -> Iterator[Front]:
    """TLS before a server.

    Args:
        to: Its port on loopback, or the path of its socket.
        side: The server's side of TLS.
        is_postgres: Whether clients ask first, in PostgreSQL's words.
    """
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    found = Front(0)
    serving = _serve(found, to, side, is_postgres=is_postgres)
    server = asyncio.run_coroutine_threadsafe(serving, loop).result()
    try:
        yield found
    finally:
        asyncio.run_coroutine_threadsafe(_end(server), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _serve(
    found: Front, to: int | str, side: ssl.SSLContext, *, is_postgres: bool
) -> asyncio.Server:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        found.begun += 1
        with contextlib.suppress(OSError, EOFError):
            if is_postgres:
                if await reader.readexactly(8) != _SSL_REQUEST:
                    writer.close()  # a client that goes on without TLS
                    return
                writer.write(b"S")
            await writer.start_tls(side)
            near = asyncio.create_task(_pass(reader, writer, found, to))
            await near
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    found.port = server.sockets[0].getsockname()[1]
    return server


async def _pass(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, found: Front, to: int | str
) -> None:
    if isinstance(to, int):
        far, out = await asyncio.open_connection("127.0.0.1", to)
    else:
        far, out = await asyncio.open_unix_connection(to)

    async def back() -> None:
        while data := await far.read(1 << 16):
            writer.write(data)
        writer.close()

    backwards = asyncio.create_task(back())
    try:
        while data := await reader.read(1 << 16):
            found.passed += len(data)
            out.write(data)
    finally:
        out.close()
        with contextlib.suppress(OSError):
            await backwards


async def _end(server: asyncio.Server) -> None:
    server.close()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for each in others:
        each.cancel()
    await asyncio.gather(*others, return_exceptions=True)
