"""Measure the refresh by parts against whole dossiers and against taking turns, on virtual time.

::

    python benchmarks/refresh.py                       the table: six scenarios, three seeds
    python benchmarks/refresh.py --scenario office,mild
    python benchmarks/refresh.py --goals               and exit 1 if a promise does not hold
    python benchmarks/refresh.py --plot ages.png       and the age over the days, drawn

The policies are the package's own; :mod:`benchmarks._parts_world` is what they look at. The budget
is what 20,000 dossiers have of a day's quota, in proportion. *Age* is the time since the first
change that the store does not hold, 0 where there is none: its mean is over all resources (or
dossiers, by their oldest) and the whole time, the days in which nothing is known yet included.
Everything was fetched when it begins. What the rates of a real tenant are, `status --rates` tells.
"""

import argparse
import importlib
import random
import resource as memory
import statistics
import sys
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import _parts_world as w
import attrs
from _table import show_promises

from elements_procura.harvest.policy.hints import HintCount
from elements_procura.harvest.policy.parts import HALF_LIFE, PartTable, choose_parts, share_of
from elements_procura.harvest.policy.refresh import (
    CYCLES,
    DAY,
    UNKNOWN,
    Candidate,
    Observations,
    choose,
    fit,
    learn,
    observe,
)

SEEDS = (1, 2, 3)
DAYS = 90
DOSSIERS = 8_000
PER_DAY = 79_000 / 20_000
"""Requests a day for each dossier: bulk's share, less the listing, tokens and shared data."""
HINTS = {w.REGISTRATIES: {w.LIST, w.DETAILS}, w.DETAILS: {w.LIST, w.REGISTRATIES}}
"""The parts that a change of a part is a noisy sign of, as in Elements."""
Turn = tuple[int, Sequence[str]]


class RoundRobin:
    """One dossier after the other, whole."""

    def __init__(self, store: w.Store) -> None:
        self.store = store
        self._next = 0

    def night(self, _now: float, budget: float) -> Iterable[Turn]:
        """What is asked for until the budget is spent: a dossier, and which parts of it."""
        units = self.store.world.units
        while True:
            unit = units[self._next % len(units)]
            budget -= sum(map(len, unit.values()))
            if budget < 0:
                return
            yield self._next % len(units), tuple(unit)
            self._next += 1

    def saw(self, turn: Turn, looks: dict[str, tuple[float, bool]]) -> None:
        """Learn from a pass."""


class Whole(RoundRobin):
    """Whole dossiers by the package's policy; a row that differs makes all of one due."""

    def __init__(self, store: w.Store) -> None:
        super().__init__(store)
        self._seen = [Observations()] * store.world.dossiers
        self._costs = [sum(map(len, unit.values())) for unit in store.world.units]
        self._prior = UNKNOWN

    def night(self, now: float, budget: float) -> Iterable[Turn]:
        """Those with a sign, then the most valuable ones."""
        store, per_day = self.store, budget
        due = set(store.signs)
        store.signs.clear()
        wanted = sorted(due)
        budget -= sum(self._costs[each] for each in due)
        if now % 7 == 0:
            self._prior = fit(self._seen)
        candidates = [
            Candidate(
                each,
                max(store.fetched[each].values()) * DAY,
                learn(self._seen[each], self._prior),
                self._costs[each],
            )
            for each in range(store.world.dossiers)
            if each not in due
        ]
        wanted += choose(candidates, now=now * DAY, budget=budget, per_day=per_day)
        for each in wanted:
            yield each, tuple(store.world.units[each])

    def saw(self, turn: Turn, looks: dict[str, tuple[float, bool]]) -> None:
        """Remember whether anything has changed."""
        elapsed, changed = max(e for e, _ in looks.values()), any(c for _, c in looks.values())
        self._seen[turn[0]] = observe(self._seen[turn[0]], elapsed=elapsed * DAY, changed=changed)


class Parts(RoundRobin):
    """Parts by the package's policy."""

    def __init__(self, store: w.Store) -> None:
        super().__init__(store)
        self._seen = [Observations()] * store.world.dossiers
        self._seen_of = [dict.fromkeys(unit, Observations()) for unit in store.world.units]
        self._weights: dict[str, float] = {}
        self._prompted: set[tuple[int, str]] = set()
        self._early: set[tuple[int, str]] = set()
        self._hinted: dict[tuple[int, str], float] = {}
        self._hints: dict[str, HintCount] = {}

    def table(self, due: dict[int, set[str]]) -> PartTable:
        """All parts but those that have a sign."""
        table = PartTable()
        for dossier, unit in enumerate(self.store.world.units):
            for name, resources in unit.items():
                if name not in due.get(dossier, ()):
                    table.add(
                        dossier,
                        name,
                        fetched=self.store.fetched[dossier][name] * DAY,
                        cost=len(resources),
                        seen=self._seen_of[dossier][name],
                        hinted=self._hinted.get((dossier, name), 0.0) * DAY,
                    )
        return table

    def night(self, now: float, budget: float) -> Iterable[Turn]:
        """Those with a sign, then the most valuable ones."""
        per_day, due = budget, dict(self.store.signs)
        self.store.signs.clear()
        self._early.clear()
        self._prompted = {(dossier, part) for dossier, parts in due.items() for part in parts}
        turns: dict[int, list[str]] = {dossier: sorted(parts) for dossier, parts in due.items()}
        budget -= sum(len(self.store.world.units[d][p]) for d, p in self._prompted)
        table = self.table(due)
        self._weights = dict(zip(table.names, table.rates(), strict=True))
        chosen = choose_parts(
            table,
            self._seen,
            now=now * DAY,
            budget=budget,
            per_day=per_day,
            hints=self._hints,
        )
        for each in chosen.numbers:
            dossier, name = table.owner[each], table.names[table.name[each]]
            turns.setdefault(dossier, []).append(name)
            if each in chosen.prompted:
                self._early.add((dossier, name))
        yield from turns.items()

    def saw(self, turn: Turn, looks: dict[str, tuple[float, bool]]) -> None:
        """Remember what each part has shown by its own turn, and the dossier by all of them."""
        dossier = turn[0]
        fair = {}
        for name, look in looks.items():
            self._hinted.pop((dossier, name), None)
            if (dossier, name) in self._early:
                count = self._hints.get(name, HintCount())
                self._hints[name] = HintCount(count.looks + 1, count.changes + look[1])
            elif (dossier, name) not in self._prompted:
                fair[name] = look
        for kind, others in HINTS.items():
            if kind in looks and looks[kind][1]:
                since = self.store.fetched[dossier][kind] - looks[kind][0] / 2
                for name in self.store.world.units[dossier].keys() & others - looks.keys():
                    self._hinted.setdefault((dossier, name), since)
        for name, (elapsed, changed) in fair.items():
            self._seen_of[dossier][name] = observe(
                self._seen_of[dossier][name],
                elapsed=elapsed * DAY,
                changed=changed,
                half_life=HALF_LIFE,
            )
        if fair:
            present = {name: self._weights[name] for name in self.store.world.units[dossier]}
            asked = {name: elapsed * DAY for name, (elapsed, _) in fair.items()}
            self._seen[dossier] = observe(
                self._seen[dossier],
                elapsed=share_of(asked, present),
                changed=any(changed for _, changed in fair.values()),
                half_life=HALF_LIFE,
            )


POLICIES: dict[str, type[RoundRobin]] = {"dossiers": Whole, "turns": RoundRobin, "parts": Parts}


@attrs.frozen
class Result:
    """What a policy achieved.

    Attributes:
        age: Mean age of a resource in days.
        out: The share of resources that are out of date.
        dossiers: Mean age of a dossier.
        contact: Mean age of contact data, to the same scale as ``age``.
        longest: The longest wait, in cycles.
        planning: CPU seconds of planning a night, on average.
        days: Mean age of a resource on each day.
    """

    age: float
    out: float
    dossiers: float
    contact: float
    longest: float
    planning: float
    days: tuple[float, ...]


def simulate(policy: str, scenario: str, seed: int, *, dossiers: int, days: int) -> Result:
    """Let a policy refresh for some days, its requests evenly spread over each."""
    world = w.grow(w.SCENARIOS[scenario], dossiers=dossiers, days=days, seed=seed)
    store = w.Store(world)
    chooser = POLICIES[policy](store)
    per_day = PER_DAY * dossiers
    planning, ages = 0.0, []
    for day in range(days):
        store.advance(day)
        began = time.process_time()
        turns = list(chooser.night(day, per_day))
        planning += time.process_time() - began
        sent, before = 0, store.area
        for dossier, parts in turns:
            now = day + min(sent / per_day, 1.0)
            store.advance(now)
            looks = {part: store.look(dossier, part, now) for part in parts}
            sent += sum(len(world.units[dossier][part]) for part in parts)
            if w.LIST in looks and looks[w.LIST][1] and w.DETAILS not in looks:
                # Its rows differ, so what they lead to is asked for in the same pass.
                for each in world.units[dossier].get(w.DETAILS, ()):
                    store.fetch(dossier, each, now)
                    sent += 1
            chooser.saw((dossier, parts), looks)
        ages.append((store.area - before) / world.cost)
    store.finish(days)
    cycle = world.cost / per_day
    return Result(
        store.area / world.cost / days,
        store.out / world.cost / days,
        store.dossiers / dossiers / days,
        store.contact / world.cost / days,
        store.longest / cycle,
        planning / days,
        tuple(ages),
    )


def planned(units: int = 500_000) -> tuple[float, float]:
    """Plan so many parts once: CPU seconds, and MB that it takes above what holds them."""
    rng = random.Random(1)
    table = PartTable()
    seen: list[Observations] = []
    names = w.PARTS
    for dossier in range(units // len(names) + 1):
        busy = rng.random() < 0.5
        seen.append(Observations(2 * busy, 20 * DAY * busy, 60 * DAY))
        for name in names[: min(len(names), units - len(table))]:
            has_changed = busy and rng.random() < 0.5
            table.add(
                dossier,
                name,
                fetched=-rng.random() * 20 * DAY,
                cost=13 if name == w.CONTACT else 1,
                seen=Observations(1.0 * has_changed, 9 * DAY * has_changed, 40 * DAY),
            )
    before = memory.getrusage(memory.RUSAGE_SELF).ru_maxrss
    began = time.process_time()
    choose_parts(table, seen, now=0, budget=79_000, per_day=79_000)
    spent = time.process_time() - began
    return spent, (memory.getrusage(memory.RUSAGE_SELF).ru_maxrss - before) / 1024


def _run(options: dict[str, int], job: tuple[str, str, int]) -> Result:
    policy, scenario, seed = job
    return simulate(policy, scenario, seed, **options)


Results = dict[tuple[str, str], list[Result]]


def measure(scenarios: Sequence[str], processes: int, *, seeds: int, **options: int) -> Results:
    """Every policy in every scenario on every seed; a line for each scenario once it is there."""
    found: Results = {}
    with ProcessPoolExecutor(processes) as pool:
        for scenario in scenarios:
            jobs = [(policy, scenario, seed) for policy in POLICIES for seed in SEEDS[:seeds]]
            results = list(pool.map(partial(_run, options), jobs))
            for policy in POLICIES:
                found[policy, scenario] = [
                    result for job, result in zip(jobs, results, strict=True) if job[0] == policy
                ]
                _show(found, policy, scenario)
    return found


def ratio(results: Results, scenario: str, figure: str, policy: str = "parts") -> float:
    """A figure of a policy by that of whole dossiers, on the worst seed."""
    pairs = zip(results[policy, scenario], results["dossiers", scenario], strict=True)
    return max(
        float(getattr(ours, figure)) / float(getattr(theirs, figure)) for ours, theirs in pairs
    )


def _show(results: Results, policy: str, scenario: str) -> None:
    ours = results[policy, scenario]
    shares = " | ".join(f"{ratio(results, scenario, each, policy):.3f}" for each in FIGURES)
    age = statistics.mean(each.age for each in ours)
    longest = max(each.longest for each in ours)
    planning = statistics.mean(each.planning for each in ours)
    print(
        f"| {scenario} | {policy} | {age:.4f} | {shares} | {longest:.2f} | {planning:.2f} |",
        flush=True,
    )


FIGURES = ("age", "out", "dossiers", "contact")
GOALS: dict[str, dict[str, float]] = {
    "office": {"age": 0.55, "out": 0.75, "contact": 1.4},
    "mild": {"age": 0.80},
    "bursts": {"age": 0.55},
    "scattered": {"age": 0.60},
    "equal": {"age": 1.05, "dossiers": 1.07},
    "flat": {"age": 1.05, "dossiers": 1.07},
}
ABREAST = 3
"""Scenarios beside each other in a picture."""
PLANNING_SECONDS, PLANNING_MB = 5.0, 100.0


def goals(results: Results) -> dict[str, tuple[float, float]]:
    """What is promised of the scenarios that ran: the worst seed's figure, the most it may be."""
    found: dict[str, tuple[float, float]] = {}
    for scenario, figures in GOALS.items():
        if ("parts", scenario) in results:
            for figure, most in figures.items():
                found[f"{scenario}: {figure} / whole dossiers"] = (
                    ratio(results, scenario, figure),
                    most,
                )
            longest = max(each.longest for each in results["parts", scenario])
            found[f"{scenario}: longest wait, cycles"] = (longest, CYCLES)
    seconds, megabytes = planned()
    found["planning 500,000 parts, CPU seconds"] = (seconds, PLANNING_SECONDS)
    found["planning 500,000 parts, MB"] = (megabytes, PLANNING_MB)
    return found


def plot(results: Results, path: Path) -> None:
    """Draw the mean age over the days, each scenario that ran: needs matplotlib."""
    importlib.import_module("matplotlib").use("Agg")
    pyplot = importlib.import_module("matplotlib.pyplot")  # of no extra: it is for this page alone
    scenarios = [*dict.fromkeys(scenario for _, scenario in results)]
    columns = min(len(scenarios), ABREAST)
    rows = -(-len(scenarios) // columns)
    figure, axes = pyplot.subplots(
        rows, columns, figsize=(4.5 * columns, 3.6 * rows), squeeze=False
    )
    labels = {"turns": "round robin", "dossiers": "whole dossiers", "parts": "parts"}
    every = axes.flatten()
    for axis, scenario in zip(every, scenarios, strict=False):
        for policy, label in labels.items():
            days = [24 * each for each in results[policy, scenario][0].days]
            smooth = [statistics.mean(days[max(at - 6, 0) : at + 1]) for at in range(len(days))]
            axis.plot(smooth, label=label)
        axis.set(title=scenario, xlabel="days", ylim=(0, None))
        axis.spines[["top", "right"]].set_visible(False)
    for axis in every[len(scenarios) :]:
        axis.set_axis_off()
    for row in axes:
        row[0].set_ylabel("mean age of a resource, hours\n(mean of a week)")
    lines, names = every[0].get_legend_handles_labels()
    figure.legend(lines, names, loc="upper center", ncols=len(labels), frameon=False)
    figure.tight_layout(rect=(0, 0, 1, 0.95))
    figure.savefig(path, dpi=80)


def main() -> int:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(description="Measure the refresh by parts")
    parser.add_argument("--goals", action="store_true", help="exit 1 if a promise does not hold")
    parser.add_argument("--scenario", default=",".join(w.SCENARIOS))
    parser.add_argument("--dossiers", type=int, default=DOSSIERS)
    parser.add_argument("--days", type=int, default=DAYS)
    parser.add_argument("--seeds", type=int, default=len(SEEDS))
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--plot", type=Path, help="a PNG of the age over the days")
    options = parser.parse_args()
    print(
        "| scenario | policy | age, days | age | out of date | dossiers | contact | longest | s |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    results = measure(
        options.scenario.split(","),
        options.processes,
        seeds=options.seeds,
        dossiers=options.dossiers,
        days=options.days,
    )
    if options.plot:
        plot(results, options.plot)
    kept = show_promises(goals(results))
    return 0 if kept or not options.goals else 1


if __name__ == "__main__":
    sys.exit(main())
