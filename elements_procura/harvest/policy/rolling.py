"""One run of a rolling refresh: its budget and its dossiers."""

from collections.abc import Callable, Iterable
from typing import Self

import attrs

from elements_procura.harvest.policy.plan import SHARE_OF_RATE
from elements_procura.harvest.policy.refresh import DAY, Candidate, choose, fit, learn
from elements_procura.harvest.records import KnownDossier
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
        within: Seconds after which the run ends, whatever is left. Until then it waits whenever the
            quota is used up, and continues when requests become available. None: it neither ends
            nor waits, and a quota that is used up raises.
    """

    budget: int | None = None
    per_day: float | None = None
    accept_vanished: bool = False
    within: float | None = None

    @classmethod
    def over(
        cls,
        quota: Iterable[Usage],
        *,
        now: float,
        within: float = WITHIN,
        max_requests: int | None = None,
        accept_vanished: bool = False,
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
        )


@attrs.frozen
class Batch:
    """The dossiers that a run refreshes, in order.

    Attributes:
        dossiers: Their ids.
        requests: Their expected cost, by their earlier cost, shared resources included.
        cycle: Seconds in which as many refreshes are made as there are dossiers; None where nothing
            says how many there may be a day.
    """

    dossiers: tuple[DossierId, ...] = attrs.field(repr=False)
    requests: int
    cycle: float | None = None


def _nothing(_: DossierId) -> Iterable[int]:
    return ()


def batch(
    known: list[KnownDossier],
    refresh: Refresh,
    *,
    now: float,
    since: float,
    spent: int,
    shared: Callable[[DossierId], Iterable[int]] = _nothing,
) -> Batch:
    """Choose the dossiers to refresh: those with a sign of change, then the most valuable ones.

    Args:
        known: All dossiers that are stored.
        refresh: How.
        now: Seconds since the epoch.
        since: The beginning of the run; dossiers fetched since then are fresh.
        spent: Requests that this run has made already.
        shared: The shared resources that the run would fetch with a dossier, each counted once.
    """
    per_day = refresh.per_day or refresh.budget
    cycle = sum(each.cost for each in known) / per_day * DAY if per_day else None
    # What was fetched in the future was fetched by a clock that was ahead: nobody knows when.
    known = [
        each if each.fetched <= now else attrs.evolve(each, fetched=0.0, due=True)
        for each in known
        if not since <= each.fetched <= now
    ]
    costs = {each.id: each.cost for each in known}
    all_of_them = sum(costs.values())
    wanted = [each.id for each in sorted(known, key=lambda each: each.fetched) if each.due]
    budget = None if refresh.budget is None else max(refresh.budget - spent, 0)
    rest = sum(costs[each] for each in wanted)
    left = all_of_them - rest if budget is None else budget - rest
    if left > 0 and len(wanted) < len(known):
        prior = fit(each.seen for each in known)
        candidates = [
            Candidate(each.id, each.fetched, learn(each.seen, prior), each.cost)
            for each in known
            if not each.due
        ]
        wanted += choose(candidates, now=now, budget=left, per_day=per_day or all_of_them)
    return attrs.evolve(_cut(wanted, costs, shared, budget=budget), cycle=cycle)


def _cut(
    wanted: list[DossierId],
    costs: dict[DossierId, int],
    shared: Callable[[DossierId], Iterable[int]],
    *,
    budget: int | None,
) -> Batch:
    """Keep as many as the budget allows, counting shared resources once."""
    chosen: list[DossierId] = []
    met: set[int] = set()
    requests = 0
    for dossier in wanted:
        if requests == budget:
            break
        more = [each for each in shared(dossier) if each not in met]
        cost = costs[dossier] + len(more)
        if budget is not None and requests + cost > budget:
            continue  # a smaller one may still fit
        requests += cost
        met.update(more)
        chosen.append(dossier)
    return Batch(tuple(chosen), requests)
