"""One run of a rolling refresh: its budget and its dossiers."""

import math
from collections.abc import Iterable, Mapping
from typing import Protocol, Self

import attrs

from elements_procura.harvest.policy.hints import HintCount
from elements_procura.harvest.policy.parts import ChosenParts, choose_parts
from elements_procura.harvest.policy.plan import SHARE_OF_RATE
from elements_procura.harvest.policy.refresh import DAY, Candidate, choose, fit, learn
from elements_procura.harvest.policy.units import ALL_PARTS, Units
from elements_procura.harvest.records import KnownDossier, KnownPart
from elements_procura.scheduler import Usage
from elements_procura.spec.source import DossierId

WITHIN = 10 * 3600.0
"""The default length of a refresh in seconds: a night."""
_OF_WHAT_IS_FREE = 0.98
"""The part of bulk's share to plan with, since not every request is foreseen."""


@attrs.frozen
class Refresh:
    """The settings of a refresh.

    Attributes:
        budget: Requests that it may cost; None for every dossier once.
        per_day: Requests a day that refreshes may cost in the long run, which determines how often
            each dossier has its turn; None for a run with this ``budget`` every day.
        accept_vanished: Believe a listing however many dossiers it lacks.
        max_age: Seconds after which a part of a dossier has to be refreshed, by the part's name.
        within: Seconds after which the run ends, whatever is left. Until then it waits whenever the
            quota is used up, and continues when requests become available. None: it neither ends
            nor waits, and a quota that is used up raises.
    """

    budget: int | None = None
    per_day: float | None = None
    accept_vanished: bool = False
    within: float | None = None
    max_age: Mapping[str, float] = attrs.field(factory=dict)

    @classmethod
    def over(
        cls,
        quota: Iterable[Usage],
        *,
        now: float,
        within: float = WITHIN,
        max_requests: int | None = None,
        accept_vanished: bool = False,
        max_age: Mapping[str, float] | None = None,
    ) -> Self:
        """Make a refresh that uses all of bulk's share within its time.

        The used part of the quota becomes available again while it runs; the plan includes that,
        and the run waits for it. So a run every night has all of each day's share, whenever the
        night before has spent it.

        Args:
            quota: How full the windows are, from ``client.quota()``.
            now: Seconds since the epoch.
            within: Seconds that the run may last.
            max_requests: What the run may cost at most besides.
            accept_vanished: Believe a listing however many dossiers it lacks.
            max_age: Seconds after which a part has to be refreshed, by its name.
        """
        budgets: list[float] = []
        per_day: list[float] = []
        for usage in quota:
            rate = usage.rate
            if rate.is_quota:
                budgets.append(usage.bulk_by(now + within) * _OF_WHAT_IS_FREE)
                per_day.append(usage.bulk_limit / usage.counts_for * DAY)
            else:
                sendable = rate.limit / rate.seconds * SHARE_OF_RATE * within
                budgets.append(sendable)
                per_day.append(sendable)  # by one run a day
        if max_requests is not None:
            budgets.append(max_requests)
            per_day.append(max_requests)
        return cls(
            budget=int(min(budgets)) if budgets else None,
            per_day=min(per_day, default=None),
            accept_vanished=accept_vanished,
            within=within,
            max_age=max_age or {},
        )


@attrs.frozen
class Batch:
    """The dossiers that a run refreshes, in order.

    Attributes:
        dossiers: Their ids.
        requests: Their expected cost, by their earlier cost, shared resources included.
        cycle: Seconds in which as many refreshes are made as there are dossiers; None where nothing
            says how many there may be a day.
        parts: The parts to ask for, of those dossiers that are not asked for whole.
        prompted: Those of these parts that a noisy sign has brought forward.
        rates: Changes per second of a part of a dossier, on average, by its name.
        unbounded: The parts whose greatest age the quota cannot hold.
    """

    dossiers: tuple[DossierId, ...] = attrs.field(repr=False)
    requests: int
    cycle: float | None = None
    parts: Mapping[DossierId, frozenset[str]] = attrs.field(factory=dict, repr=False)
    prompted: Mapping[DossierId, frozenset[str]] = attrs.field(factory=dict, repr=False)
    rates: Mapping[str, float] = attrs.field(factory=dict)
    unbounded: tuple[str, ...] = ()


class SharedOf(Protocol):
    """Lists the shared resources that a run would fetch with some parts of a dossier."""

    def __call__(self, dossier: DossierId, parts: frozenset[str] | None, /) -> Iterable[int]:
        """List them; ``parts`` is None for all."""


def _nothing(_dossier: DossierId, _parts: frozenset[str] | None, /) -> Iterable[int]:
    return ()


@attrs.define
class _Turn:
    """A dossier's turn.

    Attributes:
        cost: Requests.
        parts: The parts that are asked for, None for all.
        prompted: Those that a noisy sign has brought forward.
    """

    cost: float
    parts: frozenset[str] | None
    prompted: frozenset[str] = frozenset()


def batch(
    known: list[KnownDossier],
    refresh: Refresh,
    *,
    now: float,
    since: float,
    spent: int,
    shared: SharedOf = _nothing,
    parts: Iterable[KnownPart] = (),
    hints: Mapping[str, HintCount] | None = None,
) -> Batch:
    """Choose dossiers and parts: those with a sign of change, then the most valuable ones.

    Args:
        known: All dossiers that are stored.
        refresh: How.
        now: Seconds since the epoch.
        since: The beginning of the run; what was fetched since then is fresh.
        spent: Requests that this run has made already.
        shared: The shared resources that the run would fetch with a dossier, each counted once.
        parts: The parts of those that may be asked for part by part, dossier by dossier.
        hints: What came of noisy signs so far, by the part that they point at.
    """
    per_day = refresh.per_day or refresh.budget
    cycle = sum(each.cost for each in known) / per_day * DAY if per_day else None
    # What was fetched in the future was fetched by a clock that was ahead: nobody knows when.
    known = [
        each if each.fetched <= now else attrs.evolve(each, fetched=0.0, due=True) for each in known
    ]
    budget = None if refresh.budget is None else max(refresh.budget - spent, 0)
    units = Units.of(known, parts, now=now, since=since)
    if units.parts:
        turns, rates = _by_parts(
            units, refresh, now=now, budget=budget, per_day=per_day, hints=hints or {}
        )
        unbounded = units.unbounded(refresh.max_age, per_day=per_day)
    else:
        bound = min(refresh.max_age.values(), default=None)
        known = [each for each in known if not since <= each.fetched]
        turns = _whole(known, now=now, budget=budget, per_day=per_day, bound=bound)
        needed = sum(each.cost for each in known) * DAY / bound if bound else 0.0
        is_little = per_day is not None and needed > per_day
        rates, unbounded = {}, tuple(sorted(refresh.max_age)) if is_little else ()
    return attrs.evolve(
        _cut(turns, shared, budget=budget), cycle=cycle, rates=rates, unbounded=unbounded
    )


def _whole(
    known: list[KnownDossier],
    *,
    now: float,
    budget: int | None,
    per_day: float | None,
    bound: float | None,
) -> dict[DossierId, _Turn]:
    """Whole dossiers, in the order of their turns."""
    costs = {each.id: each.cost for each in known}
    all_of_them = sum(costs.values())
    latest = math.inf if bound is None else max(bound - DAY, 0.0)
    in_order = sorted(known, key=lambda each: (not each.due, each.fetched))
    wanted = [each.id for each in in_order if each.due or now - each.fetched >= latest]
    rest = sum(costs[each] for each in wanted)
    left = all_of_them - rest if budget is None else budget - rest
    if left > 0 and len(wanted) < len(known):
        prior, first = fit(each.seen for each in known), {*wanted}
        candidates = [
            Candidate(each.id, each.fetched, learn(each.seen, prior), each.cost)
            for each in known
            if each.id not in first
        ]
        wanted += choose(candidates, now=now, budget=left, per_day=per_day or all_of_them)
    return {each: _Turn(costs[each], None) for each in wanted}


def _by_parts(
    units: Units,
    refresh: Refresh,
    *,
    now: float,
    budget: int | None,
    per_day: float | None,
    hints: Mapping[str, HintCount],
) -> tuple[dict[DossierId, _Turn], dict[str, float]]:
    """Parts, each dossier's gathered in the turn of its first, and how often parts change."""
    table = units.table
    turns = {each: _Turn(cost, parts) for each, cost, parts in units.due}
    all_of_them = sum(table.cost)
    left = all_of_them if budget is None else budget - sum(each.cost for each in turns.values())
    chosen = ChosenParts([], frozenset())
    if left > 0:
        chosen = choose_parts(
            table,
            units.seen,
            now=now,
            budget=left,
            per_day=per_day or all_of_them,
            bounds=_bounds(refresh.max_age),
            hints=hints,
        )
    for each in chosen.numbers:
        dossier, name = units.dossiers[table.owner[each]], table.names[table.name[each]]
        turn = turns.setdefault(dossier, _Turn(0.0, frozenset()))
        turn.cost += table.cost[each]
        if name == ALL_PARTS:
            turn.parts = None
        elif turn.parts is not None:
            turn.parts |= {name}
        if each in chosen.prompted:
            turn.prompted |= {name}
    for dossier, turn in turns.items():
        if turn.parts is not None and len(turn.parts) == units.parts[dossier]:
            turn.parts = None  # the evidence of a whole pass is the simplest
    rates = dict(zip(table.names, table.rates(), strict=True))
    return turns, {name: rate for name, rate in rates.items() if name != ALL_PARTS}


def _bounds(max_age: Mapping[str, float]) -> Mapping[str, float]:
    """The same, and for dossiers that are asked for whole the least of all."""
    return {**max_age, ALL_PARTS: min(max_age.values())} if max_age else max_age


def _cut(turns: Mapping[DossierId, _Turn], shared: SharedOf, *, budget: int | None) -> Batch:
    """Keep as many as the budget allows, counting shared resources once."""
    chosen: list[DossierId] = []
    parts: dict[DossierId, frozenset[str]] = {}
    prompted: dict[DossierId, frozenset[str]] = {}
    met: set[int] = set()
    requests = 0
    for dossier, turn in turns.items():
        if requests == budget:
            break
        more = [each for each in shared(dossier, turn.parts) if each not in met]
        cost = int(turn.cost) + len(more)
        if budget is not None and requests + cost > budget:
            continue  # a smaller one may still fit
        requests += cost
        met.update(more)
        chosen.append(dossier)
        if turn.parts is not None:
            parts[dossier] = turn.parts
        if turn.prompted:
            prompted[dossier] = turn.prompted
    return Batch(tuple(chosen), requests, parts=parts, prompted=prompted)
