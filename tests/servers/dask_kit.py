"""Tenants with a sandbox each for a Dask cluster, and a server that kills whoever speaks to it."""

import asyncio
import contextlib
import importlib
import os
import signal
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import attrs
import psutil
import pytest

from elements_procura.demo import verify
from elements_procura.fleet import TenantSpec
from elements_procura.harvest import Store
from elements_procura.sandbox import Sandbox
from tests.fleet.fleet_kit import spec_of

distributed: Any = importlib.import_module("distributed")
PLACES = 5  # requests that may be under way at once


@attrs.define
class Tenants:
    """Tenants, each with a sandbox of its own."""

    out: Path
    specs: list[TenantSpec] = attrs.field(factory=list)
    sandboxes: dict[str, Sandbox] = attrs.field(factory=dict)

    def stored(self, name: str) -> int:
        """How many answers are stored."""
        with Store.read(self.out / name / "elements.sqlite") as store:
            return store.progress().resources

    def check(self) -> None:
        """Everything of all of them is stored, and equal."""
        for name, sandbox in self.sandboxes.items():
            with Store.read(self.out / name / "elements.sqlite") as store:
                assert store.progress().complete, name
                assert verify(store, sandbox).equal, name

    def twice(self, name: str) -> int:
        """How many answers were asked for more than once."""
        asked = Counter(each.path for each in self.sandboxes[name].log if "oauth" not in each.path)
        return sum(asked.values()) - len(asked)

    async def until_all_store(self, least: int) -> None:
        """Return when each of them has stored so many answers."""
        async with asyncio.timeout(240):
            for name, sandbox in self.sandboxes.items():
                while len(sandbox.log) < least + PLACES:  # noqa: ASYNC110 - the log tells nobody
                    await asyncio.sleep(0.02)
                while self.stored(name) < least:  # noqa: ASYNC110 - as above
                    await asyncio.sleep(0.02)


@contextlib.asynccontextmanager
async def tenants(
    out: Path, patch: pytest.MonkeyPatch, count: int, **more: Any
) -> AsyncIterator[Tenants]:
    """So many tenants."""
    found = Tenants(out)
    async with contextlib.AsyncExitStack() as stack:
        for number in range(count):
            name = f"t{number}"
            sandbox = Sandbox(dossiers=3, seed=number, limits="off")
            await stack.enter_async_context(sandbox)
            found.sandboxes[name] = sandbox
            given = {"per_second": 8, "workers": PLACES, **more}
            found.specs.append(spec_of(sandbox, out, patch, name=name, **given))
        yield found


@contextlib.asynccontextmanager
async def cluster(workers: int) -> AsyncIterator[Any]:
    """A client of a cluster on this machine, whose scheduler is in this process."""
    with importlib.import_module("dask").config.set({
        "distributed.scheduler.allowed-failures": 100,
    }):  # fmt: skip
        async with (
            distributed.LocalCluster(
                n_workers=workers,
                threads_per_worker=8,
                dashboard_address=None,
                asynchronous=True,
                memory_limit=0,
                silence_logs=50,
            ) as made,
            distributed.Client(made, asynchronous=True, set_as_default=False) as client,
        ):
            yield client


@contextlib.asynccontextmanager
async def deadly() -> AsyncIterator[tuple[str, list[int]]]:
    """A server that ends the process of whoever connects; its URL, and the processes."""
    ended: list[int] = []

    async def meet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # Both ends: a stranger may have the same port on the way to somebody else.
        ends = (writer.get_extra_info("peername"), writer.get_extra_info("sockname"))
        for each in psutil.net_connections("tcp4"):
            is_there = (tuple(each.laddr), tuple(each.raddr)) == ends
            if is_there and each.pid not in (None, os.getpid()):
                ended.append(each.pid)
                os.kill(each.pid, signal.SIGKILL)
        writer.close()

    server = await asyncio.start_server(meet, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", ended


@attrs.define
class Scheduler:
    """A scheduler and a worker as processes of their own."""

    port: int
    env: dict[str, str]
    threads: int
    processes: list[subprocess.Popen[bytes]] = attrs.field(factory=list)

    @property
    def url(self) -> str:
        return f"tcp://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start both."""
        run = (sys.executable, "-m", "dask")
        ours = ("--host", "127.0.0.1", "--no-dashboard")
        last = ("--nworkers", "1", "--nthreads", str(self.threads), "--memory-limit", "0")
        for words in (
            ("scheduler", "--port", str(self.port), *ours),
            ("worker", self.url, *last, "--no-dashboard"),
        ):
            self.processes.append(
                subprocess.Popen((*run, *words), env=self.env, stderr=subprocess.DEVNULL)
            )

    def kill(self) -> None:
        """End the scheduler without a word; its worker ends by itself."""
        scheduler, worker = self.processes
        scheduler.kill()
        scheduler.wait()
        worker.wait(timeout=120)
        self.processes.clear()

    def end(self) -> None:
        """End both."""
        for each in self.processes:
            each.terminate()
        for each in self.processes:
            each.wait(timeout=120)


@contextlib.contextmanager
def scheduler(env: dict[str, str], *, threads: int = 8) -> Iterator[Scheduler]:
    """A scheduler with a worker, gone afterwards."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        made = Scheduler(free.getsockname()[1], env, threads)
    made.start()
    try:
        yield made
    finally:
        made.end()
