"""A store's own CPU per answer, in SQLite and in PostgreSQL.

::

    python benchmarks/stores.py [--goals] [--dossiers N] [--rounds N] [--profile] [--json]

The sandbox's answers go straight into a store, one to a transaction and sixteen, as the engine
writes them at the pace of a quota and without one. What is measured is the CPU time of this
process, and how many answers a second one connection takes. Needs the extra ``fleet-demo``, which
starts a PostgreSQL on loopback, or a server in ``TEST_POSTGRES_URL``.
"""

import argparse
import cProfile
import gc
import json
import pstats
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import attrs

sys.path.insert(0, str(Path(__file__).parents[1]))

from elements_procura.elements.kinds import KINDS, dossier_want, holds_bytes
from elements_procura.harvest import Storage, Store
from elements_procura.sandbox import Sandbox
from elements_procura.schema import hal
from elements_procura.spec.source import Discovery, Root, Work
from tests.servers.postgres import fresh

CPU_GOALS = {1: 3.0, 16: 5.0}  # PostgreSQL, times SQLite
RATE_GOAL = 500.0  # answers a second on one connection, at any batch


@attrs.frozen
class Body:
    """An answer as the store needs it."""

    body: bytes


class World:
    """What a server would answer."""

    def __init__(self, dossiers: int) -> None:
        sandbox = Sandbox(dossiers=dossiers, seed=1)
        self.dossiers = list(sandbox.dossier_ids)
        self.bodies: dict[str, bytes] = {}
        self._found: dict[str, Discovery] = {}
        for dossier in self.dossiers:
            self.bodies.update(sandbox.truth(dossier))

    def fill(self, store: Storage, batch: int) -> int:
        """Harvest all of it into a store; how many answers that were."""
        store.add_dossiers(Root(each, Discovery((dossier_want(each),))) for each in self.dossiers)
        ready = store.queued(after=0, limit=10_000, begun=False, shared=None)[::-1]
        stored = 0
        while ready:
            works = [ready.pop() for _ in range(min(batch, len(ready)))]
            with store.together():
                for work in works:
                    found = self._put(store, work)
                    ready.extend(found)
                    stored += 1
        return stored

    def _put(self, store: Storage, work: Work) -> tuple[Work, ...]:
        body = self.bodies.get(work.path)
        if body is None:
            return store.gone(work, status=404, requests=1).work
        return store.put(work, Body(body), self._discovered(work, body), requests=1).work

    def _discovered(self, work: Work, body: bytes) -> Discovery:
        """What it leads to, found once: that is not the store's work."""
        found = self._found.get(work.path)
        if found is None:
            found = Discovery()
            if not holds_bytes(work.kind):
                found = KINDS[work.kind].discover(hal.document(body), work.path)
            self._found[work.path] = found
        return found


@contextmanager
def place(kind: str) -> Iterator[str]:
    """Where a fresh store may be made."""
    if kind == "postgresql":
        with fresh() as where:
            yield where
    else:
        with tempfile.TemporaryDirectory() as folder:
            yield f"{folder}/store.sqlite"


def measure(world: World, kind: str, batch: int) -> tuple[float, float]:
    """CPU in microseconds per answer, and answers a second."""
    with place(kind) as where, Store.create(where, tenant="t") as store:
        gc.collect()
        cpu, began = time.process_time(), time.perf_counter()
        stored = world.fill(store, batch)
        cpu, seconds = time.process_time() - cpu, time.perf_counter() - began
    return 1e6 * cpu / stored, stored / seconds


def compare(world: World, rounds: int) -> dict[str, float]:
    """Both, interleaved, for each size of batch."""
    found: dict[str, float] = {}
    measure(world, "sqlite", 1)  # everything is imported, and found
    for batch in CPU_GOALS:
        runs: dict[str, list[tuple[float, float]]] = {"sqlite": [], "postgresql": []}
        for _ in range(rounds):
            for kind, each in runs.items():
                each.append(measure(world, kind, batch))
        for kind, each in runs.items():
            found[f"{kind}, batch {batch}, us"] = statistics.median(cpu for cpu, _ in each)
            found[f"{kind}, batch {batch}, answers/s"] = statistics.median(rate for _, rate in each)
        pairs = zip(runs["postgresql"], runs["sqlite"], strict=True)
        ratios = [ours / theirs for (ours, _), (theirs, _) in pairs]
        found[f"times sqlite, batch {batch}"] = statistics.median(ratios)
    return {name: round(value, 2) for name, value in found.items()}


def profiled(world: World) -> None:
    """Where the CPU goes at batch 1."""
    with place("postgresql") as where, Store.create(where, tenant="t") as store:
        profile = cProfile.Profile(time.thread_time)
        profile.runcall(world.fill, store, 1)
    pstats.Stats(profile).sort_stats("tottime").print_stats(30)


def main() -> int:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--dossiers", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--goals", action="store_true", help="exit 1 when a goal is missed")
    parser.add_argument("--profile", action="store_true", help="show where the CPU goes instead")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    world = World(given.dossiers)
    if given.profile:
        profiled(world)
        return 0
    found = compare(world, given.rounds)
    if given.json:
        print(json.dumps(found))
    else:
        for name, value in found.items():
            print(f"{name:34} {value:,}")
    missed = [
        f"times sqlite, batch {batch}"
        for batch, goal in CPU_GOALS.items()
        if found[f"times sqlite, batch {batch}"] > goal
    ]
    rates = [f"postgresql, batch {batch}, answers/s" for batch in CPU_GOALS]
    missed += [name for name in rates if found[name] < RATE_GOAL]
    if given.goals and missed:
        print("MISSED: " + "; ".join(missed))
    return 1 if given.goals and missed else 0


if __name__ == "__main__":
    sys.exit(main())
