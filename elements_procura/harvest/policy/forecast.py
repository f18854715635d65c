"""What is left of the harvest in a store: its queue, and what the queue will lead to."""

from collections import Counter

import attrs

from elements_procura.elements import kinds
from elements_procura.harvest.policy.plan import (
    DEFAULT_PACE,
    SHARE_OF_RATE,
    Pace,
    Plan,
    Range,
    plan,
)
from elements_procura.harvest.sqlite.database import store_errors
from elements_procura.harvest.sqlite.reader import StoreReader, Tally
from elements_procura.procura.source import ProcuraSource

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
        if is_of_procura(included):
            found = _of_procura(reader, included or frozenset(), queue, most=most)
        else:
            found = _of_elements(reader, included or frozenset(kinds.GROUPS), queue, most=most)
    overhead = _overhead(tally, progress.requests)
    requests = found.requests * overhead
    return attrs.evolve(
        found,
        dossiers=progress.dossiers - progress.settled,
        requests=requests,
        hours=requests * (1 / pace.per_second / 3600),
        quota_days=requests * (1 / pace.per_day),
        by_kind={kind: each * overhead for kind, each in sorted(found.by_kind.items())},
    )


def _of_elements(
    reader: StoreReader, included: frozenset[str], queue: Counter[str], *, most: int
) -> Plan:
    """Whole dossiers, less what those under way have had; but at least what is in the queue."""
    dossiers, answered = reader.under_way()
    found = plan(reader.samples(most=most), dossiers=dossiers, kinds=kinds_of(included))
    return attrs.evolve(
        found,
        requests=_less(found.requests, sum(answered.values()), at_least=queue.total()),
        by_kind={
            kind: _less(
                found.by_kind.get(kind, Range(0, 0, 0)),
                answered.get(kind, 0),
                at_least=queue[kind],
            )
            for kind in {*found.by_kind, *queue}
        },
    )


def _of_procura(
    reader: StoreReader, included: frozenset[str], queue: Counter[str], *, most: int
) -> Plan:
    """The queue, and what the lists of documents in it lead to."""
    led_to = sorted(included & set(ProcuraSource.extra_groups))
    samples = reader.samples(most=most) if led_to else []
    found = plan(samples, dossiers=queue["documents"] if led_to else 0, kinds=led_to)
    return attrs.evolve(
        found,
        requests=_less(found.requests, -queue.total()),
        by_kind={
            kind: _less(found.by_kind.get(kind, Range(0, 0, 0)), -queue[kind])
            for kind in {*found.by_kind, *queue}
        },
    )


def is_of_procura(included: frozenset[str] | None) -> bool:
    """Whether a harvest that includes these groups is one of Procura."""
    source = ProcuraSource
    return not {*source.groups, *source.extra_groups}.isdisjoint(included or ())


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


def _overhead(tally: list[Tally], requests: int) -> float:
    """Requests for one answer: above 1 for tokens and repetitions."""
    answers = sum(each.answers for each in tally)
    return max(requests / answers, 1.0) if answers >= _ENOUGH_REQUESTS else 1.0


def _less(some: Range, known: float, *, at_least: float = 0) -> Range:
    low, expected, high = (
        max(each - known, at_least) for each in (some.low, some.expected, some.high)
    )
    return Range(low, expected, high)
