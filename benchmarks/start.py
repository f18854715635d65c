"""Start-up: import, first typed call, ``--help``, and further clients of a process.

::

    python benchmarks/start.py [--goals] [--rounds N] [--json]

The package is compiled first, as pip does for its users. Each figure is CPU time of fresh
processes, which take turns; a ratio is the median of those of each round.

- *import*: ``from elements_procura import ElementsClient``, beside ``import aiohttp``;
- *first call*: a process that asks once for a documented hypotheek and types it, beside one that
  asks bare aiohttp for the same bytes;
- *--help*: ``elements-procura --help``, beside ``import aiohttp``;
- *further client*: what the first typed call of another client costs a process that has one: CPU
  in milliseconds above a call of the first, and memory that is kept for it; *ours KB* is the part
  of it that lines of this package have asked for, *bare KB* what one session of aiohttp with one
  connection keeps.
"""

import argparse
import asyncio
import compileall
import gc
import json
import os
import statistics
import subprocess
import sys
import time
import tracemalloc
from importlib import import_module
from pathlib import Path
from typing import Any

import aiohttp
from _serving import served

ROOT = Path(__file__).parents[1]
OURS = tracemalloc.Filter(inclusive=True, filename_pattern=f"{ROOT}/elements_procura/*")
CALL = str(Path(__file__).with_name("call.py"))
GOALS = {"import": 1.35, "first call": 1.40, "--help": 0.55, "further ms": 1.0, "further KB": 10.0}
PROGRAMS = {
    "aiohttp": "import aiohttp",
    "import": "from elements_procura import ElementsClient",
    "--help": """
import sys
sys.argv = ["elements-procura", "--help"]
from elements_procura.__main__ import main as main
try:
    main()
except SystemExit:
    pass
""",
    "first raw": """
import asyncio, aiohttp
async def main():
    async with aiohttp.ClientSession() as session:
        async with session.get(URL + PATH + "?access_token=t") as response:
            await response.read()
asyncio.run(main())
""",
    "first call": """
import asyncio
from elements_procura import ElementsClient, Rate
async def main():
    async with ElementsClient(
        URL, credentials=("client", "secret"), organisation=1, scopes=["klantdossier.read"]
    ) as client:
        await client.dossier(5526).hypotheken.get(int(PATH.rpartition("/")[2]))
asyncio.run(main())
""",
}
BESIDE = {"import": "aiohttp", "--help": "aiohttp", "first call": "first raw"}


def spent(program: str, url: str, path: str) -> float:
    """CPU seconds of a fresh process that runs a program."""
    source = f"URL, PATH = {url!r}, {path!r}\n{program}\nimport sys, time\n"
    source += "print(time.process_time(), file=sys.stderr)\n"
    run = subprocess.run(  # noqa: S603 - our own programs
        [sys.executable, "-c", source],
        check=True,
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    return float(run.stderr.split()[-1])


async def further(url: str, path: str) -> dict[str, float]:
    """Milliseconds and kilobytes that another client's first call costs."""
    client_of = import_module("call").client_of
    number = int(path.rpartition("/")[2])
    cpu, memory, ours = [], [], []
    async with client_of(url) as first:
        for _ in range(5):
            await first.dossier(5526).hypotheken.get(number)
        for _ in range(15):
            async with client_of(url) as other:
                await other.klantdossiers._api.session.authenticate()  # noqa: SLF001 - a token is no part of it
                gc.collect()
                before = time.process_time()
                await other.dossier(5526).hypotheken.get(number)
                one = time.process_time() - before
                before = time.process_time()
                await other.dossier(5526).hypotheken.get(number)
                cpu.append(1e3 * (one - (time.process_time() - before)))
        for _ in range(5):
            async with client_of(url) as other:
                await other.klantdossiers._api.session.authenticate()  # noqa: SLF001 - as above
                tracemalloc.start()
                await other.dossier(5526).hypotheken.get(number)
                gc.collect()
                memory.append(tracemalloc.get_traced_memory()[0] / 1024)
                kept = tracemalloc.take_snapshot().filter_traces([OURS]).traces
                ours.append(sum(each.size for each in kept) / 1024)
                tracemalloc.stop()
    return {
        "ours KB": statistics.median(ours),
        "further ms": statistics.median(cpu),
        "further KB": statistics.median(memory),
        "bare KB": statistics.median([await bare(f"{url}{path}?access_token=t") for _ in range(5)]),
    }


async def bare(address: str) -> float:
    """Kilobytes that a session of aiohttp keeps after its first call."""
    tracemalloc.start()
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        async with session.get(address) as response:
            await response.read()
        gc.collect()
        kept = tracemalloc.get_traced_memory()[0] / 1024
    tracemalloc.stop()
    return kept


async def measure(rounds: int) -> dict[str, Any]:
    """All figures, by name."""
    path, _ = import_module("call").hypotheek()
    took: dict[str, list[float]] = {name: [] for name in PROGRAMS}
    async with served(CALL) as url:
        for number in range(rounds + 1):
            for name, program in PROGRAMS.items():
                cpu = await asyncio.to_thread(spent, program, url, path)
                if number:  # the first round warms the disk's cache
                    took[name].append(cpu)
        found: dict[str, Any] = await further(url, path)
    for name, base in BESIDE.items():
        pairs = zip(took[name], took[base], strict=True)
        found[name] = statistics.median(one / other for one, other in pairs)
    found["ms"] = {name: 1e3 * statistics.median(each) for name, each in took.items()}
    return found


def main() -> int:
    """Print one table; with ``--goals`` exit 1 where one is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--goals", action="store_true", help="exit 1 when a goal is missed")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    compileall.compile_dir(ROOT / "elements_procura", quiet=1)
    found = asyncio.run(measure(given.rounds))
    if given.json:
        print(json.dumps(found))
    else:
        print(f"{'':16}{'':>8}{'goal':>8}{'CPU ms':>8}")
        for name, goal in GOALS.items():
            ms = f"{found['ms'][name]:8.0f}" if name in found["ms"] else ""
            print(f"{name:16}{found[name]:8.2f}{goal:8.2f}{ms}")
        for name in ("ours KB", "bare KB"):
            print(f"{name:16}{found[name]:8.2f}")
        print(f"{'aiohttp':16}{'':16}{found['ms']['aiohttp']:8.0f}")
        print(f"{'first raw call':16}{'':16}{found['ms']['first raw']:8.0f}")
    missed = [name for name, goal in GOALS.items() if found[name] > goal]
    for name in missed if given.goals else ():
        print(f"MISSED {name}: {found[name]:.2f}, goal {GOALS[name]}")
    return 1 if given.goals and missed else 0


if __name__ == "__main__":
    sys.exit(main())
