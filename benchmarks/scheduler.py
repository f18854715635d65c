"""Measure the scheduler beside other limiters, on virtual time.

::

    python benchmarks/scheduler.py                    the table: limiters, servers, networks
    python benchmarks/scheduler.py --plot windows.png and a picture of requests per window
    python benchmarks/scheduler.py --goals            every promise, 8 seeds of an hour; exit 1 if
                                                      one does not hold (half an hour of CPU)
    python benchmarks/scheduler.py --goals --only "adaptive, log" --seeds 101,102
                                                      the rows with this in their name, and fewer
                                                      seeds: a busy machine takes it in pieces
    python benchmarks/scheduler.py --real             two cells over loopback HTTP, in real time

The table needs aiolimiter, pyrate-limiter, throttled-py and aiometer, the picture matplotlib:
``pip install pyrate-limiter throttled-py aiometer matplotlib``.
"""

import argparse
import asyncio
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import _sim_goals
import _sim_real
from _sim_run import adaptive, aiolimiter, aiometer, guarantee, pyrate, run
from _sim_run import throttled as throttled_py
from _sim_world import LIMIT, SERVERS

NETWORKS = ("constant", "lognormal", "bimodal")


def limiters(network: str) -> dict[str, Any]:
    """Everything that is compared, by name."""
    return {
        "elements-procura guarantee": guarantee(network, "learned"),
        "elements-procura adaptive": adaptive,
        "aiolimiter 5/1": aiolimiter(5, 1),
        "aiolimiter 1/0.2": aiolimiter(1, 0.2),
        "aiolimiter 4/1": aiolimiter(4, 1),
        "pyrate-limiter": pyrate,
        "throttled-py": throttled_py,
        "aiometer": aiometer,
    }


def table(seconds: float, seed: int) -> None:
    """Print one table: a row for each limiter, server and network."""
    print("| limiter | server | network | used % | 429/1000 | wait p50 s | p99 s | CPU µs |")
    print("|---|---|---|---|---|---|---|---|")
    for name in limiters("constant"):
        for server in SERVERS:
            for network in NETWORKS:
                result = run(limiters(network)[name], server, network, seed, seconds=seconds)
                print(
                    f"| {name} | {server} | {network} | {result.utilisation:.1f}"
                    f" | {result.per_thousand:.1f} | {result.p50:.1f} | {result.p99:.1f}"
                    f" | {result.cpu:.0f} |",
                    flush=True,
                )
    print("\nCPU per request sent, the simulated world included.")


def windows(arrivals: list[float]) -> tuple[list[float], list[int]]:
    """At each arrival, how many came within the second up to it."""
    counts, first = [], 0
    for index, moment in enumerate(arrivals):
        while moment - arrivals[first] >= 1:
            first += 1
        counts.append(index - first + 1)
    return arrivals, counts


def plot(path: Path, seed: int) -> None:
    """Draw requests per sliding window at a strict log behind a jittered network."""
    import_module("matplotlib").use("Agg")
    plt = import_module("matplotlib.pyplot")

    shown = {name: make for name, make in limiters("lognormal").items() if "4/1" not in name}
    figure, axes = plt.subplots(len(shown), 1, figsize=(9, 1.5 * len(shown)), sharex=True)
    for axis, (name, make) in zip(axes, shown.items(), strict=True):
        result = run(make, "log", "lognormal", seed, seconds=240, keep_arrivals=True)
        moments, counts = windows([moment for moment in result.arrivals if moment < 1240])
        colours = ["tab:red" if count > LIMIT else "tab:blue" for count in counts]
        axis.scatter([moment - 1000 for moment in moments], counts, s=3, c=colours)
        axis.axhline(LIMIT, color="grey", linewidth=0.8)
        axis.set_ylim(0, 11)
        over = 100 * sum(count > LIMIT for count in counts) / len(counts)
        axis.set_title(f"{name}: {over:.1f} % over the limit", fontsize=9, loc="left")
    axes[-1].set_xlabel("seconds")
    figure.suptitle("Requests that arrived within the last second (limit 5), lognormal delays")
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    print(f"picture: {path}")


def main() -> int:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(description="Measure the scheduler")
    parser.add_argument("--seconds", type=float, default=600.0, help="virtual seconds of each run")
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--plot", type=Path, metavar="PNG")
    parser.add_argument("--goals", action="store_true")
    parser.add_argument("--real", action="store_true")
    parser.add_argument(
        "--only", default="", metavar="NAME", help="of --goals: part of a row's name"
    )
    parser.add_argument("--seeds", default="", metavar="N,…", help="of --goals: instead of all 8")
    parser.add_argument("--processes", type=int, default=2, help="of --goals")
    options = parser.parse_args()
    if options.goals:
        seeds = [int(each) for each in options.seeds.split(",") if each] or _sim_goals.SEEDS
        good = _sim_goals.check_all(processes=options.processes, only=options.only, seeds=seeds)
        return 0 if good else 1
    if options.real:
        asyncio.run(_sim_real.compare(options.seed))
        return 0
    table(options.seconds, options.seed)
    if options.plot:
        plot(options.plot, options.seed)
    return 0


if __name__ == "__main__":
    sys.exit(main())
