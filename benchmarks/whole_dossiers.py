"""Measure the rolling refresh against taking turns, on virtual time.

::

    python benchmarks/refresh.py            the table: 20,000 dossiers, 180 days, five seeds
    python benchmarks/refresh.py --goals    and exit 1 if a promise does not hold (some minutes)

Changes are Poisson, with a rate of each dossier's own: lognormal with sigma 1.5 and a mean of one
per 30 days, or the same for all. Everything was fetched when it begins. *Age* is the time since the
first change that the store does not hold, 0 if there is none; its mean is over all dossiers and the
whole time, the weeks in which the rates are still unknown included.
"""

import argparse
import math
import random
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial

import attrs
from _table import show_promises

from elements_procura.harvest.policy.refresh import (
    CYCLES,
    DAY,
    UNKNOWN,
    Belief,
    Candidate,
    Observations,
    choose,
    fit,
    learn,
    observe,
)

SEEDS = (1, 2, 3, 4, 5)  # the constants of the policy were chosen on others
MEAN_DAYS = 30.0
SIGMA = 1.5
REFIT_DAYS = 7
KNOWN = 1_000.0  # the shape of a belief that is next to certain


@attrs.define
class World:
    """Dossiers that change, and what is stored of them. Times are days.

    Attributes:
        rates: Changes per day.
        dirty: When the first change since the last fetch came or will come.
        fetched: When each was fetched.
        area: Days of age, summed over dossiers and days, up to the last fetch of each.
        longest: The longest time between two fetches.
    """

    rng: random.Random
    rates: list[float]
    dirty: list[float]
    fetched: list[float]
    area: float = 0.0
    longest: float = 0.0

    @classmethod
    def grow(cls, dossiers: int, sigma: float, seed: int) -> "World":
        """Dossiers with rates from a lognormal distribution, fetched at time 0."""
        rng = random.Random(seed)
        mu = -math.log(MEAN_DAYS) - sigma**2 / 2
        rates = [math.exp(rng.gauss(mu, sigma)) for _ in range(dossiers)]
        return cls(rng, rates, [rng.expovariate(rate) for rate in rates], [0.0] * dossiers)

    def refresh(self, dossier: int, now: float) -> tuple[float, bool]:
        """Fetch a dossier: the days since the last time, and whether it has changed."""
        elapsed, dirty = now - self.fetched[dossier], self.dirty[dossier]
        self.fetched[dossier] = now
        self.longest = max(self.longest, elapsed)
        if dirty >= now:
            return elapsed, False
        self.area += (now - dirty) ** 2 / 2
        self.dirty[dossier] = now + self.rng.expovariate(self.rates[dossier])
        return elapsed, True

    def mean_age(self, now: float) -> float:
        """Days of age of a dossier, on average until ``now``."""
        pending = sum((now - dirty) ** 2 / 2 for dirty in self.dirty if dirty < now)
        return (self.area + pending) / len(self.rates) / now


class Turns:
    """One after the other."""

    def __init__(self, _world: World) -> None:
        self._next = 0

    def batch(self, world: World, _now: float, per_day: int) -> Sequence[int]:
        """The dossiers of the day that begins now."""
        first, self._next = self._next, self._next + per_day
        return [number % len(world.rates) for number in range(first, self._next)]

    def saw(self, dossier: int, elapsed: float, *, changed: bool) -> None:
        """Learn from a refresh."""


class Proportional(Turns):
    """As often as it changes, by the true rates: for comparison, the obvious idea."""

    def batch(self, world: World, now: float, per_day: int) -> Sequence[int]:
        """Those of which most changes have to be expected."""
        expected = [
            rate * (now - fetched) for rate, fetched in zip(world.rates, world.fetched, strict=True)
        ]
        return sorted(range(len(expected)), key=expected.__getitem__, reverse=True)[:per_day]


class ExpectedSize(Turns):
    """The package's policy, told the true rates."""

    def __init__(self, world: World) -> None:
        self._beliefs = [Belief(KNOWN, KNOWN / rate * DAY) for rate in world.rates]

    def batch(self, world: World, now: float, per_day: int) -> Sequence[int]:
        """What the policy chooses."""
        candidates = (
            Candidate(number, fetched * DAY, belief)
            for number, (fetched, belief) in enumerate(
                zip(world.fetched, self._beliefs, strict=True)
            )
        )
        return choose(candidates, now=now * DAY, budget=per_day, per_day=per_day)


class Learned(ExpectedSize):
    """The package's policy as it is: it knows what its refreshes have shown."""

    def __init__(self, world: World) -> None:
        self._prior = UNKNOWN
        self._seen = [Observations()] * len(world.rates)
        self._beliefs = [UNKNOWN] * len(world.rates)

    def batch(self, world: World, now: float, per_day: int) -> Sequence[int]:
        """What the policy chooses, with the population looked at anew once a week."""
        if now % REFIT_DAYS == 0:
            self._prior = fit(self._seen)
            self._beliefs = [learn(seen, self._prior) for seen in self._seen]
        return super().batch(world, now, per_day)

    def saw(self, dossier: int, elapsed: float, *, changed: bool) -> None:
        """Remember it."""
        seen = observe(self._seen[dossier], elapsed=elapsed * DAY, changed=changed)
        self._seen[dossier] = seen
        self._beliefs[dossier] = learn(seen, self._prior)


@attrs.frozen
class Result:
    """What a policy achieved.

    Attributes:
        age: Mean age in days.
        cycles: The longest time between two fetches of a dossier, in cycles.
        choosing: Seconds that choosing a day's dossiers took on average, learning included.
    """

    age: float
    cycles: float
    choosing: float


def simulate(
    policy: Callable[[World], Turns],
    *,
    seed: int,
    sigma: float = SIGMA,
    dossiers: int = 20_000,
    per_day: int = 3_200,
    days: int = 180,
) -> Result:
    """Let a policy refresh for some days, evenly spread over each."""
    world = World.grow(dossiers, sigma, seed)
    policy_of_world = policy(world)
    choosing = 0.0
    for day in range(days):
        began = time.perf_counter()
        batch = policy_of_world.batch(world, day, per_day)
        choosing += time.perf_counter() - began
        for place, dossier in enumerate(batch):
            elapsed, changed = world.refresh(dossier, day + place / per_day)
            policy_of_world.saw(dossier, elapsed, changed=changed)
    longest = max(world.longest, days - min(world.fetched))
    return Result(world.mean_age(days), longest * per_day / dossiers, choosing / days)


ROWS: dict[str, tuple[Callable[[World], Turns], float]] = {
    "turns": (Turns, SIGMA),
    "proportional to the true rate": (Proportional, SIGMA),
    "this policy": (Learned, SIGMA),
    "this policy, true rates": (ExpectedSize, SIGMA),
    "turns, equal rates": (Turns, 0.0),
    "this policy, equal rates": (Learned, 0.0),
}


def _run(options: dict[str, int], job: tuple[str, int]) -> Result:
    policy, sigma = ROWS[job[0]]
    return simulate(policy, sigma=sigma, seed=job[1], **options)


def measure(seeds: Sequence[int], processes: int, **options: int) -> dict[str, list[Result]]:
    """Every row on every seed."""
    jobs = [(row, seed) for row in ROWS for seed in seeds]
    with ProcessPoolExecutor(processes) as pool:
        results = list(pool.map(partial(_run, options), jobs))
    return {
        row: [result for (name, _), result in zip(jobs, results, strict=True) if name == row]
        for row in ROWS
    }


def goals(results: dict[str, list[Result]]) -> dict[str, tuple[float, float]]:
    """What is promised: the worst seed's figure and the most it may be."""

    def ratio(row: str, to: str) -> float:
        return max(
            ours.age / theirs.age for ours, theirs in zip(results[row], results[to], strict=True)
        )

    ours = results["this policy"] + results["this policy, equal rates"]
    return {
        "mean age / taking turns": (ratio("this policy", "turns"), 0.8),
        "mean age / with true rates": (ratio("this policy", "this policy, true rates"), 1.3),
        "mean age / taking turns, equal rates": (
            ratio("this policy, equal rates", "turns, equal rates"),
            1.1,
        ),
        "longest without a refresh, cycles": (max(result.cycles for result in ours), CYCLES),
    }


def main() -> int:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(description="Measure the rolling refresh")
    parser.add_argument("--goals", action="store_true", help="exit 1 if a promise does not hold")
    parser.add_argument("--dossiers", type=int, default=20_000)
    parser.add_argument("--per-day", type=int, default=3_200)
    parser.add_argument("--days", type=int, default=180)
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    results = measure(
        SEEDS,
        options.processes,
        dossiers=options.dossiers,
        per_day=options.per_day,
        days=options.days,
    )
    print("| policy | mean age, days | / turns | longest, cycles | choosing, s per day |")
    print("|---|---|---|---|---|")
    for row, of_seeds in results.items():
        base = results["turns, equal rates" if ROWS[row][1] == 0 else "turns"]
        age = statistics.mean(result.age for result in of_seeds)
        share = age / statistics.mean(result.age for result in base)
        longest = max(result.cycles for result in of_seeds)
        choosing = statistics.mean(result.choosing for result in of_seeds)
        print(f"| {row} | {age:.4f} | {share:.3f} | {longest:.2f} | {choosing:.3f} |")
    kept = show_promises(goals(results))
    return 0 if kept or not options.goals else 1


if __name__ == "__main__":
    sys.exit(main())
