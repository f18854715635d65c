"""The price of packed bodies: CPU per stored answer of a harvest, and the size of its store.

::

    python benchmarks/packing.py [--goals] [--dossiers N] [--pairs N] [--json]

Pairs of harvests in one process, one with packing and one that stores bodies as they come, in
turns: what else the machine does hits both. The ratio is the median of those of each pair; the
server is a process of its own, as in ``benchmarks/harvest.py``.
"""

import argparse
import asyncio
import contextlib
import json
import sqlite3
import statistics
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from unittest import mock

from _serving import served
from harvest import asked, harvested, timed

from elements_procura.harvest.packing import pack, unpack

WHERE = [f"elements_procura.harvest.sql.{each}.pack" for each in ("resources", "spares")]
Packer = Callable[[bytes], bytes]
CPU_GOAL, SIZE_GOAL = 1.10, 1 / 3


def as_it_came(body: bytes) -> bytes:
    """Pack nothing."""
    return body


async def measure(dossiers: int, pairs: int) -> dict[str, float]:
    """Both, in turns."""
    spent: dict[Packer, list[float]] = {pack: [], as_it_came: []}
    sizes: dict[Packer, int] = {}
    with tempfile.TemporaryDirectory() as folder:
        server = str(Path(__file__).with_name("harvest.py"))
        async with served(server, "--dossiers", str(dossiers)) as url:
            path = Path(folder) / "first.sqlite"
            await harvested(url, path, guarded=False)
            _, stored = asked(path)
            for number in range(pairs):
                for how in sorted(spent, key=lambda how: (how is pack) == bool(number % 2)):
                    path = Path(folder) / f"{number}{how.__name__}.sqlite"
                    with contextlib.ExitStack() as patched:
                        for each in WHERE:
                            patched.enter_context(mock.patch(each, how))
                        spent[how].append(await timed(partial(harvested, url, path, guarded=False)))
                    sizes[how] = size(path)
            whole = lengths(path)
    ratios = [a / b for a, b in zip(spent[pack], spent[as_it_came], strict=True)]
    low, middle, high = statistics.quantiles(ratios, n=4)
    return {
        "dossiers": dossiers,
        "stored": stored,
        "pairs": pairs,
        "cpu_ratio": round(middle, 3),
        "quarter": round(low, 3),
        "three_quarters": round(high, 3),
        "packed_us": round(1e6 * statistics.median(spent[pack]) / stored),
        "plain_us": round(1e6 * statistics.median(spent[as_it_came]) / stored),
        "bodies_ratio": round(whole[0] / whole[1], 3),
        "plain_bytes_per_dossier": round(sizes[as_it_came] / dossiers),
        "packed_bytes_per_dossier": round(sizes[pack] / dossiers),
    }


def size(path: Path) -> int:
    """Bytes of a store's file, written anew."""
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.execute("VACUUM")
    return path.stat().st_size


def lengths(path: Path) -> tuple[int, int]:
    """Bytes of all bodies packed, and as they came."""
    with contextlib.closing(sqlite3.connect(path)) as db:
        bodies = [unpack(body) for (body,) in db.execute("SELECT body FROM bodies")]
    return sum(map(len, map(pack, bodies))), sum(map(len, bodies))


def main() -> int:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--dossiers", type=int, default=60)
    parser.add_argument("--pairs", type=int, default=15)
    parser.add_argument("--goals", action="store_true", help="exit 1 when a goal is missed")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    found = asyncio.run(measure(given.dossiers, given.pairs))
    if given.json:
        print(json.dumps(found))
    else:
        for name, value in found.items():
            print(f"{name:26} {value:,}")
    missed = found["cpu_ratio"] > CPU_GOAL or found["bodies_ratio"] > SIZE_GOAL
    if given.goals and missed:
        print(f"MISSED: the goals are {CPU_GOAL} of the CPU and {SIZE_GOAL:.3f} of the size")
    return 1 if given.goals and missed else 0


if __name__ == "__main__":
    sys.exit(main())
