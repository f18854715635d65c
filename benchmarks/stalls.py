"""The longest stall: how long nobody else on the event loop has a turn while a client decodes.

::

    python benchmarks/stalls.py [--goals] [--rounds N] [--json]

Another process replays a dossier's 11,000 producten (5 MB), a list of 20,000 dossiers (9 MB) and
5 MB of Procura's dossiers from memory. A stall is the CPU time between two turns of the loop, so
that a busy machine lengthens none; told is the median of the longest of each round. The collector
of garbage is frozen first, as services do: it would look through all of the application's objects
now and then.

- *list*: ``dossier(…).producten.list()``, typed records in a tuple;
- *iterate*: ``klantdossiers.iterate()``, typed one by one while the rest still arrives;
- *search*: Procura's ``dossiers.search()``, typed records in a page;
- *search all*: Procura's ``dossiers.iterate()``, which asks for the same;
- *read*: ``request`` and ``orjson.loads``, for comparison: there is no goal for it.
"""

import argparse
import asyncio
import datetime as dt
import gc
import json
import re
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from _serving import served
from call import CONTRACT, RATES, TOKEN, answer, client_of

from elements_procura import ProcuraClient
from elements_procura.elements.models import Product

PROCURA = CONTRACT.with_name("procura_contract.json")
PRODUCTEN, DOSSIERS = 11_000, 20_000
LIST = "/api/data/klantdossiers/5526/producten"
ALL = "/api/data/klantdossiers"
SEARCH = "/api/v1/dossiers/search"
GOALS = {"list": 10.0, "iterate": 10.0, "search": 10.0, "search all": 10.0}
"""Milliseconds."""


def bodies() -> dict[str, bytes]:
    """What is documented at the two paths, grown."""
    documented = {
        each["path"]: each["responses"][0]["body"]
        for each in orjson.loads(CONTRACT.read_bytes())
        if each["method"] == "GET"
    }
    sources = ((LIST, f"{ALL}/{{DOSSIER_ID}}/producten", PRODUCTEN), (ALL, ALL, DOSSIERS))
    found = {}
    for path, template, size in sources:
        rel = path.rpartition("/")[2]
        rows = documented[template]["_embedded"][rel]
        grown = [rows[number % len(rows)] | {"id": number + 1} for number in range(size)]
        body = {"_links": {"self": {"href": path}}, "_embedded": {rel: grown}}
        found[path] = orjson.dumps(body)
    found[SEARCH] = orjson.dumps({"result": page(), "path": SEARCH})
    return found


def page() -> dict[str, Any]:
    """Procura's documented page of dossiers, grown."""
    documented: dict[str, Any] = next(
        each["body"]["result"]
        for each in orjson.loads(PROCURA.read_bytes())
        if each["path"].endswith("/dossiers/search")
    )
    rows: list[dict[str, Any]] = documented["content"]
    size = 5_000_000 // len(orjson.dumps(rows[0]))
    grown = [rows[number % len(rows)] | {"dossierId": f"KUF-{number}"} for number in range(size)]
    return documented | {"content": grown, "elements": size, "totalElements": size}


class Replay(asyncio.Protocol):
    """Answers a GET by its path, everything else with a token."""

    def __init__(self, answers: dict[str, bytes]) -> None:
        self._answers = answers
        self._transport: Any = None
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody calls."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer a request that is whole."""
        self._rest += data
        head, end, body = self._rest.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: (\d+)", head)
        if not end or len(body) < (int(length[1]) if length else 0):
            return
        self._rest = b""
        path = head.split(b" ", 2)[1].partition(b"?")[0].decode()
        self._transport.write(self._answers.get(path, answer(TOKEN)))


async def serve() -> None:
    """Answer on a free port, which is printed, until killed."""
    answers = {path: answer(body) for path, body in bodies().items()}
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Replay(answers), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


class Turns:
    """The longest CPU time between two turns of the running loop."""

    def __init__(self) -> None:
        self.longest = 0.0
        self._loop = asyncio.get_running_loop()
        self._last = time.process_time()
        self._on = True
        self._turn()

    def _turn(self) -> None:
        now = time.process_time()
        self.longest, self._last = max(self.longest, now - self._last), now
        if self._on:
            self._loop.call_soon(self._turn)

    def stop(self) -> float:
        """The longest so far, in milliseconds."""
        self._on = False
        return 1e3 * self.longest


async def stalled(call: Callable[[], Awaitable[object]]) -> tuple[float, float]:
    """The longest stall of a call, and its CPU time, in milliseconds."""
    gc.collect()
    gc.freeze()
    await asyncio.sleep(0)
    begun, turns = time.process_time(), Turns()
    held = await call()  # freeing it is the caller's
    await asyncio.sleep(0)  # its last step was one, too
    found = turns.stop(), 1e3 * (time.process_time() - begun)
    del held
    return found


async def measure(rounds: int) -> dict[str, tuple[float, float]]:
    """By name: the median of the longest stalls, and of the CPU time."""
    async with (
        served(__file__) as url,
        client_of(url) as client,
        ProcuraClient(url, credentials=("client", "secret"), rates=RATES) as procura,
    ):

        async def read() -> object:
            return orjson.loads((await client.request("GET", LIST)).body)

        async def iterate() -> int:
            return sum([1 async for _ in client.klantdossiers.iterate()])

        async def found() -> object:
            return await procura.dossiers.search(page_size=100_000)

        async def found_all() -> int:
            day = dt.date(2024, 1, 1)
            rows = procura.dossiers.iterate((day, day), page_size=100_000, max_page_size=100_000)
            return sum([1 async for _ in rows])

        async def listed() -> tuple[Product, ...]:
            return await client.dossier(5526).producten.list()

        assert await iterate() == DOSSIERS
        assert len(await listed()) == PRODUCTEN
        calls: dict[str, Callable[[], Awaitable[object]]] = {
            "list": listed,
            "iterate": iterate,
            "search": found,
            "search all": found_all,
            "read": read,
        }
        took: dict[str, list[tuple[float, float]]] = {name: [] for name in calls}
        for _ in range(rounds):
            for name, call in calls.items():
                took[name].append(await stalled(call))
    return {
        name: (
            statistics.median(stall for stall, _ in each),
            statistics.median(cpu for _, cpu in each),
        )
        for name, each in took.items()
    }


def main() -> int:
    """Print one table; with ``--goals`` exit 1 where one is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--goals", action="store_true", help="exit 1 when a goal is missed")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    if given.serve:
        asyncio.run(serve())
        return 0
    found = asyncio.run(measure(given.rounds))
    if given.json:
        print(json.dumps({name: {"stall": a, "cpu": b} for name, (a, b) in found.items()}))
    else:
        print(f"{'ms of CPU':12}{'longest stall':>16}{'goal':>8}{'in all':>10}")
        for name, (stall, cpu) in found.items():
            print(f"{name:12}{stall:16.1f}{GOALS.get(name, ''):>8}{cpu:10.0f}")
    missed = [name for name, goal in GOALS.items() if found[name][0] > goal]
    for name in missed if given.goals else ():
        print(f"MISSED {name}: {found[name][0]:.1f} ms, goal {GOALS[name]}")
    return 1 if given.goals and missed else 0


if __name__ == "__main__":
    sys.exit(main())
