"""One run of a rolling refresh: how much it may cost, and which dossiers it takes."""

import attrs

from elements_procura.harvest.reader import Known
from elements_procura.harvest.refresh import Candidate, choose, fit, learn
from elements_procura.harvest.source import DossierId


@attrs.frozen
class Refresh:
    """How a run refreshes what is stored.

    Attributes:
        budget: Requests that it may cost; None for every dossier once.
        per_day: Requests a day that refreshes may cost in the long run, which tells how often each
            dossier can have its turn; None for a run with this ``budget`` every day.
        accept_vanished: Believe a listing however many dossiers it lacks.
    """

    budget: int | None = None
    per_day: float | None = None
    accept_vanished: bool = False


@attrs.frozen
class Batch:
    """What a run refreshes, in this order.

    Attributes:
        dossiers: Their ids.
        requests: What they cost, by what they cost before.
    """

    dossiers: tuple[DossierId, ...]
    requests: int


def batch(known: list[Known], refresh: Refresh, *, now: float, since: float, spent: int) -> Batch:
    """The dossiers to refresh: those with a sign of change, then those it is worth most for.

    Args:
        known: All dossiers that are stored.
        refresh: How.
        now: Seconds since the epoch.
        since: When the run began: what it has fetched already is fresh.
        spent: Requests that this run has made already.
    """
    known = [each for each in known if each.fetched < since]
    costs = {each.id: each.cost for each in known}
    all_of_them = sum(costs.values())
    budget = all_of_them if refresh.budget is None else max(refresh.budget - spent, 0)
    prior = fit(each.seen for each in known)
    chosen: list[DossierId] = []
    for each in sorted(known, key=lambda each: each.fetched):
        if each.due and each.cost <= budget:
            chosen.append(each.id)
            budget -= each.cost
    candidates = [
        Candidate(each.id, each.fetched, learn(each.seen, prior), each.cost)
        for each in known
        if not each.due
    ]
    if budget > 0 and candidates:
        per_day = refresh.per_day or refresh.budget or all_of_them
        chosen += choose(candidates, now=now, budget=budget, per_day=per_day)
    return Batch(tuple(chosen), sum(costs[dossier] for dossier in chosen))
