"""A harvest's CPU per stored answer, or a typed call's, beside the same of an earlier commit.

::

    python benchmarks/beside.py REV [--pairs N] [--goals] [--dossiers N] [--refresh] [--json]
    python benchmarks/beside.py REV --calls N [--pairs N] [--median RATIO] …

``REV`` is whatever git understands. Its package is taken out of the repository into a temporary
folder; each side has a process of its own that imports its package once, harvests once without
being measured, and then whenever it is told to. Both ask one server, which replays the same bytes
from memory in a third process.

The sides take turns and change who begins, and what is told is the ratio pair by pair: its median
with the 95 % interval that the order of the pairs gives (no distribution is assumed). So a machine
that is slow for a while slows both, and one odd pair moves nothing.
"""

import argparse
import asyncio
import contextlib
import gc
import json
import math
import os
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path

from _serving import served
from call import client_of, hypotheek, spent
from harvest import asked, harvested

MEDIAN, UPPER = 1.05, 1.08
ROOT = Path(__file__).parents[1]
HARVEST, CALLS = (str(Path(__file__).with_name(name)) for name in ("harvest.py", "call.py"))


# ------------------------------------------------------------------------------- one side


async def measured(url: str, *, refresh: bool) -> tuple[float, int]:
    """CPU seconds of this process for one harvest (and a refresh of it), and answers stored."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "store.sqlite"
        gc.collect()
        begun = time.process_time()
        await harvested(url, path, guarded=True)
        if refresh:
            await harvested(url, path, guarded=True, refresh=True)
        took = time.process_time() - begun
        _, stored = asked(path)
    return took, stored * (2 if refresh else 1)


async def called(url: str, *, calls: int) -> tuple[float, int]:
    """CPU seconds of this process for typed calls, ten under way, and how many."""
    number = int(hypotheek()[0].rpartition("/")[2])
    async with client_of(url) as client:

        async def call() -> object:
            return await client.dossier(5526).hypotheken.get(number)

        await spent(call, calls=20, concurrent=10)
        return await spent(call, calls=calls, concurrent=10), calls


def side(url: str, *, refresh: bool, calls: int) -> None:
    """Measure once for every line on stdin, and answer with a line of JSON."""

    def measure() -> tuple[float, int]:
        what = called(url, calls=calls) if calls else measured(url, refresh=refresh)
        return asyncio.run(what)

    measure()
    print("ready", flush=True)
    for _ in sys.stdin:
        print(json.dumps(measure()), flush=True)


# ------------------------------------------------------------------------------- both sides


class Side:
    """A process that measures one of the packages when told to."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def ready(self) -> None:
        """Wait until it has harvested once."""
        line = await self._line()
        assert line == "ready", line

    async def measure(self) -> float:
        """CPU seconds per stored answer."""
        assert self._process.stdin
        self._process.stdin.write(b"\n")
        spent, stored = json.loads(await self._line())
        return float(spent / stored)

    async def _line(self) -> str:
        assert self._process.stdout
        line = (await self._process.stdout.readline()).decode().strip()
        assert line, "a side has ended: its traceback stands above"
        return line


@contextlib.asynccontextmanager
async def running(package: Path, url: str, *options: str) -> AsyncIterator[Side]:
    """A process that imports ``elements_procura`` from the folder ``package``."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        __file__,
        "--side",
        url,
        *options,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(package)},
    )
    try:
        yield Side(process)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def checked_out(revision: str, folder: Path) -> Path:
    """The package of ``revision``, below ``folder``."""
    packed = subprocess.run(  # noqa: S603 - git, with an argument that is no option
        ["git", "archive", "--format=tar", f"--output={folder}/package.tar", revision, "--",  # noqa: S607 - git is looked up like any program of a developer's
         "elements_procura"],
        cwd=ROOT, check=False, capture_output=True, text=True,
    )  # fmt: skip
    if packed.returncode:
        raise SystemExit(f"git knows no package at {revision}: {packed.stderr.strip()}")
    with tarfile.open(fileobj=BytesIO((folder / "package.tar").read_bytes())) as archive:
        archive.extractall(folder, filter="data")
    return folder


async def compare(
    revision: str, *, pairs: int, dossiers: int, refresh: bool, calls: int
) -> tuple[list[float], list[float]]:
    """CPU seconds per answer of ``revision`` and of this checkout, pair by pair."""
    options = (*(["--refresh"] if refresh else []), "--calls", str(calls))
    server = (CALLS,) if calls else (HARVEST, "--dossiers", str(dossiers))
    took: dict[str, list[float]] = {"before": [], "now": []}
    with tempfile.TemporaryDirectory() as folder:
        before = checked_out(revision, Path(folder))
        async with (
            served(*server) as url,
            running(before, url, *options) as old,
            running(ROOT, url, *options) as new,
        ):
            sides = {"before": old, "now": new}
            for each in sides.values():
                await each.ready()
            for number in range(pairs):
                for name in ("before", "now") if number % 2 else ("now", "before"):
                    took[name].append(await sides[name].measure())
    return took["before"], took["now"]


def interval(values: list[float]) -> tuple[float, float, float]:
    """The median and its 95 % interval, from order statistics."""
    ordered, count = sorted(values), len(values)
    # The greatest rank below which the median lies with no more than 2.5 %.
    rank, chance = 0, 0.5**count
    while chance <= 0.025 and rank < count // 2:
        rank += 1
        chance += math.comb(count, rank) * 0.5**count
    low = max(rank - 1, 0)
    return ordered[low], statistics.median(ordered), ordered[count - 1 - low]


def main() -> int:
    """Compare, or measure one side for a comparison."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("revision", nargs="?", metavar="REV")
    parser.add_argument("--pairs", type=int, default=25)
    parser.add_argument("--dossiers", type=int, default=150)
    parser.add_argument("--refresh", action="store_true", help="measure a refresh of it as well")
    parser.add_argument("--calls", type=int, default=0, help="measure so many typed calls instead")
    parser.add_argument("--median", type=float, default=MEDIAN, help="the goal")
    parser.add_argument("--upper", type=float, default=UPPER, help="the goal for the upper end")
    parser.add_argument("--goals", action="store_true", help="exit 1 when a goal is missed")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--side", metavar="URL", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.side:
        side(given.side, refresh=given.refresh, calls=given.calls)
        return 0
    if not given.revision:
        parser.error("REV is missing: what to compare with, as HEAD~1 or v0.1.0")
    before, now = asyncio.run(
        compare(
            given.revision,
            pairs=given.pairs,
            dossiers=given.dossiers,
            refresh=given.refresh,
            calls=given.calls,
        )
    )
    low, median, high = interval([b / a for a, b in zip(before, now, strict=True)])
    found = {
        "pairs": given.pairs,
        "before_us": round(1e6 * statistics.median(before), 1),
        "now_us": round(1e6 * statistics.median(now), 1),
        "ratio": round(median, 3),
        "low": round(low, 3),
        "high": round(high, 3),
    }
    if given.json:
        print(json.dumps(found))
    else:
        for name, value in found.items():
            print(f"{name:10} {value:,}")
    missed = given.goals and (median > given.median or high > given.upper)
    if missed:
        print(f"MISSED: the goal is a median of {given.median} and an upper end of {given.upper}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
