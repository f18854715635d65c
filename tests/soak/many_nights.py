"""Two weeks of nightly refreshes at the documented limits, on virtual time (``.ci/soak nights``).

5 requests a second and 100,000 a day, of which bulk may use 80 %: at 02:00, at 02:00 plus a quarter
of an hour each night, and twice a day. The real engine, store and scheduler; the server counts
strictly. Every request is made, so it takes some ten minutes for each of the three. Exits 1 when a
goal is missed.
"""

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from elements_procura.harvest.policy.refresh import CYCLES
from elements_procura.scheduler import Rate
from tests.clock import EPOCH, VirtualClock, run_virtually
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


def main(given: argparse.Namespace) -> int:
    """The exit code."""
    missed = False
    for name in given.schedules:
        began = time.monotonic()
        chosen = random.Random(1)
        busy = chosen.sample(range(given.dossiers), given.dossiers // 5)
        changes = {each: [EPOCH + 6 * HOUR * step for step in range(1, 80)] for each in busy}
        server = StrictServer(RATES)
        at = Office(given.dossiers, PARTS, server, VirtualClock(), changes=changes)
        when = list(starts(given.nights, **SCHEDULES[name]))
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "store.sqlite"
            nights: list[Night] = run_virtually(nightly(path, at, when, rates=RATES))
        mean = sum(each.sent for each in nights) / given.nights
        longest, oldest = (
            max(getattr(each, what) for each in nights) for what in ("hours", "oldest")
        )
        bound = CYCLES * given.dossiers * PARTS / SHARE
        goals = {
            f"mean of {mean:,.0f} requests a day of {SHARE:,} ({mean / SHARE:.1%})": mean
            >= 0.95 * SHARE,
            f"{server.refused} refused, {server.most:,} in a day at most": not server.refused
            and server.most <= SHARE,
            f"longest run {longest:.2f} h": longest <= 10,
            f"oldest {oldest:.1f} days of {bound:.1f}": oldest <= bound,
            f"planned {sum(each.planned for each in nights):,}, "
            f"sent {sum(each.sent for each in nights):,}": all(
                abs(each.sent - each.planned) <= 0.02 * each.planned + 3 for each in nights
            ),
            f"ended by {sorted({str(each.paused) for each in nights})}": True,
        }
        print(f"{name}: {given.nights} nights in {time.monotonic() - began:.0f} s")
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
