"""90 days of refreshes by parts in an office where anything happens (``.ci/soak refresh``).

The real engine, client and store against the sandbox over HTTP, on a virtual clock. Every day
dossiers change, appear and are deleted, persons and products leave or move, relations come and go,
listings lack dossiers, and a third of the nights is killed between two transactions. Never may
anything be deleted that is there; after a whole cycle in which nothing happens nothing may differ
and nothing be lost. Takes half a minute of CPU for each seed. Exits 1 when something fails.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.clock import run_virtually
from tests.harvest.refresh_days import Plan, live


def main(given: argparse.Namespace) -> int:
    """The exit code."""
    failed = 0
    for seed in range(given.first, given.first + given.seeds):
        began = time.process_time()
        plan = Plan(dossiers=given.dossiers, days=given.days, seed=seed)
        halfway = (given.days // 2,)
        with tempfile.TemporaryDirectory() as folder:
            account = run_virtually(live(plan, Path(folder), calm_after=halfway))
        counts = account.counts
        print(
            f"seed {seed}: {given.days} days, {account.deeds:,} things happened, "
            f"{counts['requests']:,} requests, {counts['passes of parts']:,} passes of parts, "
            f"{counts['kills']} kills; {counts['hidden']:,} resources went, "
            f"{len(account.faults)} faults; {counts['compared']:,} bodies compared, "
            f"{counts['is other']} different, {counts['is lost']} lost, "
            f"{counts['is there no more']} too many ({time.process_time() - began:.0f} s of CPU)",
            flush=True,
        )
        for fault in account.faults:
            print(f"  FAILED: {fault}")
        failed += bool(account.faults)
    return int(failed > 0)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=90)
    parser.add_argument("--dossiers", type=int, default=24)
    parser.add_argument("--seeds", type=int, default=4)
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    sys.exit(main(parser.parse_args()))
