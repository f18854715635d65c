"""A harvest's own CPU per stored answer, beside a bare loop of aiohttp get and SQLite insert.

::

    python benchmarks/harvest.py [--goals] [--dossiers N] [--rounds N] [--profile] [--json]

A process of its own replays the sandbox's data from memory, so what is measured is the client:
CPU time of this process, all its threads. The bare loop asks for the very same addresses on as
many connections, checks and parses nothing, and inserts each body where it stands, in the loop's
own thread: the leanest there is, one transaction per answer in write-ahead mode as the store's.

Four contenders are measured in each round, and a ratio is the median of those of each round:

- *bare*: the loop;
- *harvest*: the real thing, without limits, as the sandbox's soak runs it;
- *rarely*: the same in a process that looks for garbage as rarely as the command line's;
- *guarded*: as *harvest*, with a quota so wide that it never waits, counted in a file as the
  command line does.
"""

import argparse
import asyncio
import contextlib
import cProfile
import gc
import json
import pstats
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from importlib import import_module
from pathlib import Path

import aiohttp
from _serving import served

from elements_procura import ElementsClient, Rate
from elements_procura.harvest import Refresh, Store, harvest
from elements_procura.sandbox import Sandbox
from elements_procura.scheduler import Scheduler, SqliteLedger

GOALS = {"harvest": 1.7, "guarded": 2.2}
WORKERS = 32
LISTING = "/api/data/klantdossiers"
TOKEN = b'{"access_token": "%s", "token_type": "bearer", "expires_in": 3600}' % (b"t" * 40)
WIDE = (Rate(5_000, 1), Rate(100_000_000, 86_400))
PACKAGE = "elements_procura"


# ------------------------------------------------------------------------------- the server


class Replay(asyncio.Protocol):
    """Answers GETs out of a mapping from path to whole answer; everything else gets a token."""

    def __init__(self, answers: Mapping[bytes, bytes]) -> None:
        self._answers = answers
        self._transport: asyncio.Transport | None = None
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody calls."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer every request whose head is whole; only a token request has a body."""
        assert self._transport is not None
        self._rest += data
        while b"\r\n\r\n" in self._rest:
            head, _, self._rest = self._rest.partition(b"\r\n\r\n")
            method, target, _ = head.split(b" ", 2)
            if method != b"GET":
                self._rest = b""
                self._transport.write(answer(200, TOKEN))
                continue
            path = target.partition(b"?")[0]
            self._transport.write(self._answers.get(path) or answer(404, b'{"error": "Not found"}'))


def answer(status: int, body: bytes) -> bytes:
    """A whole answer with the headers that a real one has."""
    return (
        b"HTTP/1.1 %d X\r\nContent-Type: application/json; charset=utf-8\r\n"
        b"Content-Length: %d\r\nDate: Mon, 01 Jan 2024 00:00:00 GMT\r\nServer: x\r\n\r\n%b"
    ) % (status, len(body), body)


async def serve(dossiers: int) -> None:
    """Answer on a free port, which is printed, until killed."""
    sandbox = Sandbox(dossiers=dossiers, seed=1)
    answers = {LISTING.encode(): answer(200, sandbox.listing())}
    for dossier in sandbox.dossier_ids:
        for path, body in sandbox.truth(dossier).items():
            answers[path.encode()] = answer(200, body)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Replay(answers), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


# ------------------------------------------------------------------------------- contenders


async def harvested(url: str, path: Path, *, guarded: bool, refresh: bool = False) -> None:
    """The real thing: into a new store, or a refresh of all that is in one."""
    ledger = SqliteLedger(path.with_suffix(".quota")) if guarded else None
    scheduler = Scheduler(rates=WIDE if guarded else (), bulk_share=1.0, ledger=ledger)
    async with ElementsClient(
        url,
        credentials=("client", "secret"),
        organisation=1,
        scopes=["klantdossier.read"],
        scheduler=scheduler,
        read_only=True,
    ) as client:
        opened = Store.open if refresh else Store.create
        with opened(path, tenant="t") as store:
            run = harvest(client, store, workers=WORKERS, refresh=Refresh() if refresh else None)
            async for _ in run:
                pass
            assert run.progress.complete
            assert not run.progress.quarantined


async def bare(url: str, path: Path, paths: list[str]) -> None:
    """The same answers into a table, with nothing else done."""
    todo = [f"{url}{each}?access_token={'t' * 40}" for each in paths]
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = NORMAL")
    database.execute("CREATE TABLE bodies (path TEXT PRIMARY KEY, body BLOB NOT NULL)")

    async def work(session: aiohttp.ClientSession) -> None:
        while todo:
            address = todo.pop()
            async with session.get(address) as response:
                body = await response.read()
            if response.status == 200:
                database.execute("INSERT INTO bodies VALUES (?, ?)", (address, body))

    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(
        connector=connector, cookie_jar=aiohttp.DummyCookieJar()
    ) as session:
        await asyncio.gather(*(work(session) for _ in range(WORKERS)))
    database.close()


def asked(path: Path) -> tuple[list[str], int]:
    """Every path that the harvest in this store has asked for, and how many answers it holds."""
    with contextlib.closing(sqlite3.connect(path)) as database:
        rows = database.execute("SELECT path FROM resources ORDER BY id").fetchall()
        (stored,) = database.execute("SELECT count(*) FROM bodies").fetchone()
    return [LISTING, *(each for (each,) in rows)], stored


# ------------------------------------------------------------------------------- measuring


async def timed(contender: Callable[[], Awaitable[None]]) -> float:
    """CPU seconds of this process that it took."""
    gc.collect()
    start = time.process_time()
    await contender()
    return time.process_time() - start


async def rarely(contender: Callable[[], Awaitable[None]]) -> None:
    """Run it while garbage is looked for as rarely as in the command line's process."""
    usual = gc.get_threshold()
    # By name: beside.py measures commits that know nothing of it with this file.
    import_module("elements_procura.cli._memory").look_for_garbage_rarely()
    try:
        await contender()
    finally:
        gc.set_threshold(*usual)


async def measure(dossiers: int, rounds: int) -> dict[str, float]:
    """All contenders, interleaved."""
    spent: dict[str, list[float]] = {"bare": [], "harvest": [], "rarely": [], "guarded": []}
    with tempfile.TemporaryDirectory() as folder:
        async with served(__file__, "--dossiers", str(dossiers)) as url:
            first = Path(folder) / "first.sqlite"
            await harvested(url, first, guarded=False)  # everything is imported and compiled
            paths, stored = asked(first)
            for number in range(rounds):
                into = Path(folder) / f"round-{number}"
                into.mkdir()
                contenders: dict[str, Callable[[], Awaitable[None]]] = {
                    "bare": partial(bare, url, into / "bare", paths),
                    "harvest": partial(harvested, url, into / "harvest", guarded=False),
                    "rarely": partial(
                        rarely, partial(harvested, url, into / "rarely", guarded=False)
                    ),
                    "guarded": partial(harvested, url, into / "guarded", guarded=True),
                }
                names = list(contenders)
                for name in names[number % 4 :] + names[: number % 4]:
                    spent[name].append(await timed(contenders[name]))
    found: dict[str, float] = {
        "dossiers": dossiers,
        "stored": stored,
        "requests": len(paths) + 1,
        **{
            f"{name}_us": round(1e6 * statistics.median(each) / stored)
            for name, each in spent.items()
        },
    }
    for name in ("harvest", "rarely", "guarded"):
        ratios = [a / b for a, b in zip(spent[name], spent["bare"], strict=True)]
        found[f"{name}_ratio"] = round(statistics.median(ratios), 2)
    return found


async def profiled(dossiers: int) -> None:
    """Where the CPU of one harvest goes, by module: the loop's thread, then the store's."""
    with tempfile.TemporaryDirectory() as folder:
        async with served(__file__, "--dossiers", str(dossiers)) as url:
            await harvested(url, Path(folder) / "first.sqlite", guarded=True)
            _, stored = asked(Path(folder) / "first.sqlite")
            profile = cProfile.Profile(time.thread_time)
            profile.enable()
            await harvested(url, Path(folder) / "again.sqlite", guarded=True)
            profile.disable()
    stats = pstats.Stats(profile)
    shares: dict[str, float] = {}
    for (file, _, name), (_, _, own, _, _) in stats.stats.items():  # type: ignore[attr-defined] # pstats leaves its own table out of its types
        shares[_layer(file, name)] = shares.get(_layer(file, name), 0.0) + own
    total = sum(shares.values())
    print("CPU of the event loop's thread, by module; the profiler's own time is in it")
    for layer, seconds in sorted(shares.items(), key=lambda item: -item[1])[:24]:
        print(f"{100 * seconds / total:5.1f} %  {1e6 * seconds / stored:6.0f} us  {layer}")
    stats.sort_stats("tottime").print_stats(45)


def _layer(file: str, name: str) -> str:
    parts = Path(file).parts
    for library in (PACKAGE, "aiohttp", "yarl", "asyncio", "concurrent", "orjson", "multidict"):
        if library in parts:
            inside = parts[len(parts) - parts[::-1].index(library) :]
            return ".".join((library, *inside)) if library == PACKAGE else library
    return f"built in: {name}" if file == "~" else Path(file).name


def main() -> int:
    """Measure, or serve for a measurement."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--dossiers", type=int, default=150)
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--goals", action="store_true", help="exit 1 when a goal is missed")
    parser.add_argument("--profile", action="store_true", help="show where the CPU goes instead")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        asyncio.run(serve(given.dossiers))
        return 0
    if given.profile:
        asyncio.run(profiled(given.dossiers))
        return 0
    found = asyncio.run(measure(given.dossiers, given.rounds))
    if given.json:
        print(json.dumps(found))
    else:
        for name, value in found.items():
            print(f"{name:16} {value:,}")
    missed = [name for name, goal in GOALS.items() if found[f"{name}_ratio"] > goal]
    for name in missed if given.goals else ():
        ratio, goal = found[f"{name}_ratio"], GOALS[name]
        print(f"MISSED: {name} costs {ratio} times the bare loop, the goal is {goal}")
    return 1 if missed and given.goals else 0


if __name__ == "__main__":
    sys.exit(main())
