"""Two weeks of nightly refreshes at the documented limits, on virtual time (``.ci/soak nights``).

5 requests a second and 100,000 a day, of which bulk may use 80 %: at 02:00, at 02:00 plus a quarter
of an hour each night, and twice a day. The real engine, store and scheduler; the server counts
strictly. Every request is made and stored, 1.3 million for each of the three, which takes some five
minutes; as many run side by side as there are processors. Exits 1 when a goal is missed.
"""

import argparse
import os
import random
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from elements_procura.harvest.policy.refresh import CYCLES
from elements_procura.scheduler import Rate
from tests.clock import EPOCH, ThreadlessLoop, VirtualClock, run_virtually
from tests.harvest.nights import (
    HOUR,
    MINUTE,
    Night,
    Office,
    StrictServer,
    nightly,
    starts,
)

RATES = (Rate(5, 1), Rate(100_000, 86_400))
SHARE = 80_000
PARTS = 25  # requests for a dossier
SCHEDULES: dict[str, dict[str, Any]] = {
    "at-2": {},
    "later": {"later": 15 * MINUTE},
    "twice": {"at": (2.0, 14.0)},
}


def run(name: str, nights: int, dossiers: int) -> tuple[dict[str, bool], float]:
    """Go through the nights of one schedule.

    Returns: The goals, and whether each is met; and the seconds that it took.
    """
    began = time.monotonic()
    chosen = random.Random(1)
    busy = chosen.sample(range(dossiers), dossiers // 5)
    changes = {each: [EPOCH + 6 * HOUR * step for step in range(1, 80)] for each in busy}
    server = StrictServer(RATES)
    at = Office(dossiers, PARTS, server, VirtualClock(), changes=changes)
    when = list(starts(nights, **SCHEDULES[name]))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "store.sqlite"
        told: list[Night] = run_virtually(nightly(path, at, when, rates=RATES), loop=ThreadlessLoop)
    mean = sum(each.sent for each in told) / nights
    longest, oldest = (max(getattr(each, what) for each in told) for what in ("hours", "oldest"))
    bound = CYCLES * dossiers * PARTS / SHARE
    sent, planned = sum(each.sent for each in told), sum(each.planned for each in told)
    goals = {
        f"mean of {mean:,.0f} requests a day of {SHARE:,} ({mean / SHARE:.1%})": mean
        >= 0.95 * SHARE,
        f"{server.refused} refused, {server.most:,} in a day at most": not server.refused
        and server.most <= SHARE,
        f"longest run {longest:.2f} h": longest <= 10,
        f"oldest {oldest:.1f} days of {bound:.1f}": oldest <= bound,
        f"planned {planned:,}, sent {sent:,}": all(
            abs(each.sent - each.planned) <= 0.02 * each.planned + 3 for each in told
        ),
        f"ended by {sorted({str(each.paused) for each in told})}": True,
    }
    return goals, time.monotonic() - began


def main(given: argparse.Namespace) -> int:
    """The exit code."""
    missed = False
    with ProcessPoolExecutor(min(os.cpu_count() or 1, len(given.schedules))) as processes:
        running = {
            processes.submit(run, name, given.nights, given.dossiers): name
            for name in given.schedules
        }
        for done in as_completed(running):
            goals, seconds = done.result()
            print(f"{running[done]}: {given.nights} nights in {seconds:.0f} s")
            for text, is_met in goals.items():
                print(f"  {'' if is_met else 'MISSED: '}{text}", flush=True)
                missed |= not is_met
    return int(missed)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nights", type=int, default=14, help="fewer for a quick try")
    parser.add_argument("--dossiers", type=int, default=8_000)
    parser.add_argument("schedules", nargs="*", default=list(SCHEDULES), help=", ".join(SCHEDULES))
    sys.exit(main(parser.parse_args()))
