"""The files of ``examples/deploy``, read, and their services run without containers."""

import contextlib
import importlib
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs

from tests.servers.valkey import binary

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "examples" / "deploy"
SEEN = "/run/fleet"
"""Where the services find the secrets."""


def documents(path: Path) -> list[dict[str, Any]]:
    """The documents of a YAML file."""
    yaml = importlib.import_module("yaml")
    return list(yaml.safe_load_all(path.read_text("utf-8")))


def compose() -> dict[str, Any]:
    """The compose file."""
    (found,) = documents(DEPLOY / "compose.yaml")
    return found


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@attrs.frozen
class Place:
    """A folder with the deployment's secrets, and what stands on this machine for what."""

    folder: Path
    stands_for: dict[str, str]
    words: dict[str, str]
    env: dict[str, str] = attrs.field(factory=dict)

    def put(self, text: str) -> str:
        """A word of a service, as it is on this machine."""
        if text in self.words:
            return self.words[text]
        for theirs, ours in self.stands_for.items():
            text = text.replace(theirs, ours)
        return text

    def environment(self, service: Mapping[str, Any]) -> dict[str, str]:
        """The environment of a service."""
        given = {name: self.put(value) for name, value in service.get("environment", {}).items()}
        for file in service.get("env_file", ()):
            lines = (self.folder / file).read_text("utf-8").split()
            given |= dict(line.split("=", 1) for line in lines)
        return {**os.environ, "PYTHONPATH": str(ROOT), **given, **self.env}

    @contextlib.contextmanager
    def running(self, name: str, *program: str) -> Iterator[None]:
        """Have a service run.

        Args:
            name: The service's name.
            program: Runs its command, instead of its image.
        """
        service = compose()["services"][name]
        words = [self.put(str(each)) for each in service["command"]]
        process = subprocess.Popen(
            [*program, *words], env=self.environment(service), cwd=self.folder
        )
        try:
            yield
        finally:
            process.terminate()
            process.wait(120)


def made(folder: Path, *, scheduler: int) -> Place:
    """Make the deployment's secrets, as its script does.

    Args:
        folder: Where.
        scheduler: The port of its scheduler on this machine.
    """
    shutil.copytree(DEPLOY, folder, dirs_exist_ok=True)
    subprocess.run([folder / "secrets.sh"], check=True, stdout=subprocess.DEVNULL)
    stands_for = {
        "scheduler:8786": f"127.0.0.1:{scheduler}",
        SEEN: str(folder / "secrets"),
        "/etc/fleet": str(folder),
        "/data": str(folder / "data"),
    }
    return Place(folder, stands_for, {"8786": str(scheduler)})


@contextlib.contextmanager
def valkey_of(place: Place, port: int) -> Iterator[None]:
    """The deployment's Valkey, on a port of this machine."""
    words = compose()["services"]["valkey"]["command"]
    assert words[0] == "valkey-server"
    own = ("--port", str(port), "--bind", "127.0.0.1", "--dir", str(place.folder))
    process = subprocess.Popen(
        [binary(), *map(place.put, words[1:]), *own], stdout=subprocess.DEVNULL
    )
    try:
        give_up = time.monotonic() + 60
        while not _answers(port):
            assert time.monotonic() < give_up
            assert process.poll() is None, "it has ended"
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait(60)


def _answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1) as link:
        link.sendall(b"PING\r\n")
        return link.recv(32).startswith((b"+PONG", b"-NOAUTH"))
    return False


def dask(word: str) -> tuple[str, ...]:
    """A program of Dask's, by this Python."""
    return (sys.executable, "-m", "dask", word)
