"""What the scheduler promises, checked over hours of virtual time."""

import asyncio
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from multiprocessing import Pool
from pathlib import Path
from typing import Any

from _sim_run import Result, adaptive, guarantee, run
from _sim_world import LIMIT, LoopClock, VirtualLoop

from elements_procura.errors import DailyQuotaExceeded
from elements_procura.scheduler import Priority, Rate, Scheduler, SqliteLedger

SEEDS = range(101, 109)  # none of them was looked at while tuning
NETWORKS = ("constant", "lognormal", "bimodal")
NOT_COUNTERS = ("fixed", "log", "bucket")
FAIR = 1.25
QUICK = 0.5
CPU = 100.0

# The least utilisation in percent, by server and network.
ADAPTIVE = {
    "fixed": (99.5, 96.0, 97.0),
    "log": (98.5, 86.0, 87.0),
    "counter": (99.0, 82.0, 82.0),
    "bucket": (99.5, 99.5, 99.5),
}


@dataclass(frozen=True)
class Cell:
    """One promise: a world, and what must come out of the mean of its runs."""

    title: str
    mode: str
    server: str
    network: str
    least: float = 0.0
    most: float | None = None  # refusals per thousand
    most_later: float | None = None
    interactive: bool = False
    world: tuple[tuple[str, Any], ...] = ()

    @property
    def name(self) -> str:
        """Its title, the server and the network: what a part of the rows is chosen by."""
        return f"{self.title}, {self.server}, {self.network}"


def cells() -> Iterator[Cell]:
    """Every promise of the two modes."""
    yield from guarantee_cells()
    yield from adaptive_cells()
    for mode in ("guarantee/learned", "guarantee/zero", "adaptive"):
        title = f"interactive beside bulk, {mode}"
        for server, network in product(("fixed", "log", "counter"), NETWORKS):
            yield Cell(title, mode, server, network, interactive=True)


def guarantee_cells() -> Iterator[Cell]:
    """The promises of ``mode="guarantee"``."""
    for min_rtt, least, most in (("given", 0.0, 0.0), ("zero", 82.0, 0.0), ("learned", 87.0, 0.5)):
        title = f"guarantee, min_rtt {min_rtt}"
        for server, network in product(NOT_COUNTERS, NETWORKS):
            yield Cell(title, f"guarantee/{min_rtt}", server, network, least, most)
    for network in NETWORKS:
        yield Cell("guarantee", "guarantee/learned", "counter", network, most_later=2.0)


def adaptive_cells() -> Iterator[Cell]:
    """The promises of ``mode="adaptive"``."""
    worlds: dict[str, tuple[tuple[str, Any], ...]] = {
        "adaptive": (),
        "adaptive, refusals count": (("count_refused", True),),
        "adaptive, Date absent": (("date", "absent"),),
        "adaptive, Date offset": (("date", "offset"),),
    }
    for title, world in worlds.items():
        for server, (index, network) in product(ADAPTIVE, enumerate(NETWORKS)):
            # Without a truthful Date a fixed window is as good as a log.
            like = "log" if server == "fixed" and "Date" in title else server
            least = ADAPTIVE[like][index]
            yield Cell(title, "adaptive", server, network, least, 2.0, world=world)


def one(job: tuple[Cell, int, float]) -> Result:
    """One run of one cell, in a process of its own."""
    cell, seed, seconds = job
    make: Any = adaptive
    if cell.mode != "adaptive":
        make = guarantee(cell.network, cell.mode.partition("/")[2])
    return run(
        make,
        cell.server,
        cell.network,
        seed,
        seconds=seconds,
        interactive=cell.interactive,
        **dict(cell.world),
    )


def verdict(cell: Cell, results: list[Result]) -> tuple[bool, str]:
    """Whether the promise holds, and a line of the table."""

    def mean(of: Callable[[Result], float]) -> float:
        return statistics.fmean(of(result) for result in results)

    used = mean(lambda result: result.utilisation)
    refused = mean(lambda result: result.per_thousand)
    later = mean(lambda result: result.per_thousand_later)
    fair = mean(lambda result: result.p99 / result.p50)
    quick = mean(lambda result: result.interactive_p99)
    holds = used >= cell.least
    holds &= cell.most is None or refused <= cell.most
    holds &= cell.most_later is None or later <= cell.most_later
    holds &= fair <= FAIR and quick <= QUICK
    line = (
        f"| {cell.title} | {cell.server} | {cell.network} | {used:.2f} | {cell.least:g}"
        f" | {refused:.2f} | {later:.2f} | {fair:.3f} | {quick:.2f}"
        f" | {'ok' if holds else 'FAILED'} |"
    )
    return holds, line


def check_cells(seconds: float, processes: int, only: str, seeds: Sequence[int]) -> bool:
    """Run and print every cell whose name has this in it."""
    print(
        "| promise | server | network | used % | goal | 429/1000 | after 10 min | p99/p50 |"
        " interactive p99 s | |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|")
    good = True
    wanted = [cell for cell in cells() if only in cell.name]
    jobs = [(cell, seed, seconds) for cell in wanted for seed in seeds]
    with Pool(processes) as pool:
        results = pool.imap(one, jobs, chunksize=len(seeds))
        for cell in wanted:
            holds, line = verdict(cell, [next(results) for _ in seeds])
            good &= holds
            print(line, flush=True)
    return good


def check_cpu() -> bool:
    """CPU per acquire and finish with fifty waiters, and nothing else in the loop."""
    best = min(_cpu(mode) for mode in ("guarantee", "adaptive") for _ in range(3))
    worst = max(min(_cpu(mode) for _ in range(3)) for mode in ("guarantee", "adaptive"))
    print(f"CPU per acquire, 50 waiters: {best:.0f} to {worst:.0f} µs (goal {CPU:.0f})")
    return worst <= CPU


def _cpu(mode: Any, count: int = 20_000) -> float:
    loop = VirtualLoop(random.Random(1))
    scheduler = Scheduler(mode=mode, clock=LoopClock(loop))

    async def busy() -> None:
        for _ in range(count // 50):
            (await scheduler.acquire()).finish(status=200)

    async def main() -> None:
        await asyncio.gather(*(busy() for _ in range(50)))
        await scheduler.aclose()

    began = time.process_time()
    loop.run_until_complete(main())
    loop.close()
    return 1e6 * (time.process_time() - began) / count


def check_day(limit: int = 100_000, share: float = 0.8) -> bool:
    """120,000 wanted in a day, with restarts in between."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "quota.db"
        granted = {Priority.BULK: 0, Priority.INTERACTIVE: 0}
        start = 1000.0
        for part in range(3):
            loop = VirtualLoop(random.Random(part))
            loop.now = start
            loop.run_until_complete(_spend(loop, path, limit, granted, last=part == 2))
            start = loop.now + 60
            loop.close()
    expected = {Priority.BULK: int(limit * share), Priority.INTERACTIVE: limit - int(limit * share)}
    hours = (start - 1000) / 3600
    print(
        f"The day, {hours:.1f} h and two restarts: {granted[Priority.BULK]} to bulk,"
        f" {granted[Priority.INTERACTIVE]} to interactive of {limit} (1.2 times as many wanted)"
    )
    return granted == expected


async def _spend(
    loop: VirtualLoop, path: Path, limit: int, granted: dict[Priority, int], *, last: bool
) -> None:
    scheduler = Scheduler(
        rates=(Rate(LIMIT, 1), Rate(limit, 86_400)),
        min_rtt=0.0,
        clock=LoopClock(loop),
        ledger=SqliteLedger(path),
    )
    # A third of what is wanted in each part; the last one takes all there is.
    wanted = limit * 12 // 10 // 3 if not last else limit * 2

    async def busy(priority: Priority, count: int) -> None:
        for _ in range(count):
            try:
                slot = await scheduler.acquire(priority=priority)
            except DailyQuotaExceeded:
                return
            granted[priority] += 1
            slot.finish(status=200)

    await asyncio.gather(*(busy(Priority.BULK, wanted // 50) for _ in range(50)))
    few = 10 if not last else limit
    await asyncio.gather(*(busy(Priority.INTERACTIVE, few) for _ in range(20)))
    await scheduler.aclose()


def check_all(
    *,
    seconds: float = 3600.0,
    processes: int = 2,
    only: str = "",
    seeds: Sequence[int] = SEEDS,
) -> bool:
    """All promises, or those whose name has this in it; tells whether all of them hold."""
    checks = [] if only else [check_day(), check_cpu()]
    checks.append(check_cells(seconds, processes, only, seeds))
    return all(checks)
