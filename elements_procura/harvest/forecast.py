"""What is left of the harvest in a store: its queue, and what the queue will lead to."""

from collections import Counter

import attrs

from elements_procura.harvest import kinds, procura
from elements_procura.harvest._database import store_errors
from elements_procura.harvest.plan import DEFAULT_PACE, Pace, Plan, Range, plan
from elements_procura.harvest.reader import StoreReader, Tally

SHARE_OF_RATE = 0.87
"""What the scheduler's default mode reaches of a rate when round trips vary."""
BULK_SHARE = 0.8
"""What a harvest may use of a day's requests unless told otherwise."""
_ENOUGH_REQUESTS = 500  # below these, the listing's own would pass for repetitions


def plan_of(reader: StoreReader, *, pace: Pace = DEFAULT_PACE, most: int = 1_000) -> Plan | None:
    """What is left, from the store's own complete dossiers.

    Of Elements, nobody knows what a dossier takes before it has been read. Of Procura the listing
    tells, but for the bytes of documents.

    Args:
        reader: The store, also one that is being written.
        pace: How fast requests may leave.
        most: How many complete dossiers to look at; each takes some 50 microseconds.

    Returns:
        None while the dossiers are not listed.

    Raises:
        StoreError: The store cannot be read.
    """
    with store_errors(reader.path):
        progress, tally, included = reader.progress(), reader.tally(), reader.included
        if not progress.listed:
            return None
        queue = Counter({each.kind: each.count for each in tally if each.state == "queued"})
        roots, led_to = _what_leads_on(included or frozenset(kinds.GROUPS), queue)
        samples = reader.samples(most=most) if led_to else []
    found = plan(samples, dossiers=roots, kinds=led_to, pace=pace)
    known = queue.total() - queue["dossier"]
    overhead = _overhead(tally, progress.requests)
    requests = _more(found.requests, known) * overhead
    by_kind = {
        kind: _more(found.by_kind.get(kind, Range(0, 0, 0)), count)
        for kind, count in queue.items()
        if kind != "dossier"
    }
    by_kind = {**found.by_kind, **by_kind}
    return attrs.evolve(
        found,
        dossiers=progress.dossiers - progress.settled,
        requests=requests,
        hours=requests * (1 / pace.per_second / 3600),
        quota_days=requests * (1 / pace.per_day),
        by_kind={kind: by_kind[kind] * overhead for kind in sorted(by_kind)},
    )


def kinds_of(included: frozenset[str]) -> list[str]:
    """The kinds of resource in these groups of Elements."""
    return [kind for kind in kinds.KINDS if kind == "dossier" or kinds.group_of(kind) in included]


def pace_of(
    *, per_second: float | None, per_day: float | None, bulk_share: float = BULK_SHARE
) -> Pace:
    """How fast a harvest goes.

    Args:
        per_second: Requests per second that the account may make; None for no limit.
        per_day: Requests a day that it may make; None for no limit.
        bulk_share: The part of them that a harvest may use.
    """
    return Pace(
        per_second=SHARE_OF_RATE * per_second if per_second else float("inf"),
        per_day=bulk_share * per_day if per_day else float("inf"),
    )


def _what_leads_on(included: frozenset[str], queue: Counter[str]) -> tuple[int, list[str]]:
    """How many queued resources lead to others, and to which kinds."""
    if included & set(procura.ProcuraSource.groups):
        found_later = included & set(procura.ProcuraSource.extra_groups)
        return queue["documents"], sorted(found_later)
    return queue["dossier"], kinds_of(included)


def _overhead(tally: list[Tally], requests: int) -> float:
    """Requests for one answer: above 1 for tokens and repetitions."""
    answers = sum(each.answers for each in tally)
    return max(requests / answers, 1.0) if answers >= _ENOUGH_REQUESTS else 1.0


def _more(some: Range, known: float) -> Range:
    return Range(some.low + known, some.expected + known, some.high + known)
