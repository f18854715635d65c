"""What it costs to do without ``await``: ``python benchmarks/sync.py --goals``.

A thousand calls of the synchronous client beside the same calls of the asynchronous one, to a
sandbox in a process of its own. Counted is the processor time of the calling process, all threads.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import time
from statistics import median
from typing import Any

from elements_procura import ElementsClient, Rate
from elements_procura import sync as without_await

CALLS = 1_000
ROUNDS = 5
GOAL = 1.3
RATES = (Rate(100_000, 1),)


def asynchronous(url: str, options: dict[str, Any]) -> float:
    """Seconds of processor time of a thousand awaited calls."""

    async def run() -> float:
        async with ElementsClient(url, rates=RATES, **options) as elements:
            await elements.klantdossiers.get(5526)
            began = time.process_time()
            for _ in range(CALLS):
                await elements.klantdossiers.get(5526)
            return time.process_time() - began

    return asyncio.run(run())


def synchronous(url: str, options: dict[str, Any]) -> float:
    """The same without ``await``."""
    with without_await.ElementsClient(url, rates=RATES, **options) as elements:
        elements.klantdossiers.get(5526)
        began = time.process_time()
        for _ in range(CALLS):
            elements.klantdossiers.get(5526)
        return time.process_time() - began


def main() -> int:
    """Measure in turns, and print the ratio of the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--goals", action="store_true", help="exit 1 when the goal is missed")
    goals = parser.parse_args().goals
    command = (sys.executable, "-m", "elements_procura", "sandbox", "--limits", "off", "--json")
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:  # noqa: S603 - our own
        try:
            given = json.loads(server.stdout.readline())  # type: ignore[union-attr] # it is a pipe
            options = given["credentials"]["elements"]
            secret = {name: options.pop(name) for name in ("client_id", "client_secret")}
            options["credentials"] = secret
            ways = (asynchronous, synchronous)
            taken = [[way(given["elements"], options) for way in ways] for _ in range(ROUNDS)]
        finally:
            server.terminate()
    awaited, waited = (median(each) for each in zip(*taken, strict=True))
    ratio = waited / awaited
    per_call = 1e6 / CALLS
    print(f"await {awaited * per_call:.0f} µs a call, without {waited * per_call:.0f} µs")
    print(f"ratio {ratio:.2f}, at most {GOAL}: {'ok' if ratio <= GOAL else 'MISSED'}")
    return int(goals and ratio > GOAL)


if __name__ == "__main__":
    sys.exit(main())
