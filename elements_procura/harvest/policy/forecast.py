"""The rest of a store's harvest: its queue, and the resources the queue will lead to."""

from collections import Counter
from collections.abc import Mapping

import attrs

from elements_procura.harvest.policy.plan import (
    DEFAULT_PACE,
    SHARE_OF_RATE,
    Pace,
    Plan,
    Range,
    plan,
)
from elements_procura.harvest.records import Tally
from elements_procura.harvest.storage import StorageReader
from elements_procura.registry import harvest_spec_of
from elements_procura.spec.harvest import HarvestSpec

BULK_SHARE = 0.8
"""The default part of a day's requests that a harvest may use."""
_ENOUGH_REQUESTS = 500  # below these, the listing's own would pass for repetitions


def plan_of(reader: StorageReader, *, pace: Pace = DEFAULT_PACE, most: int = 1_000) -> Plan | None:
    """Plan the rest of a harvest, from the store's own complete dossiers.

    In some APIs the cost of a dossier is unknown before it is read; in others the listing shows it,
    except for what some kinds lead to. See :attr:`HarvestSpec.led_to`.

    Args:
        reader: The store, also one that is being written.
        pace: How fast requests may leave.
        most: How many complete dossiers to look at; each takes some 50 microseconds.

    Returns:
        None while the dossiers are not listed.

    Raises:
        StoreError: The store cannot be read.
    """
    progress, tally = reader.progress(), reader.tally()
    if not progress.listed:
        return None
    spec = harvest_spec_of(reader.api)
    included = reader.included or frozenset(spec.groups)
    queue = Counter({each.kind: each.count for each in tally if each.state == "queued"})
    if spec.led_to is None:
        found = _by_dossiers(reader, spec, included, queue, most=most)
    else:
        leading = {
            kind: led for kind, led in spec.led_to.items() if spec.kinds[led].group in included
        }
        found = _by_queue(reader, leading, queue, most=most)
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


def _by_dossiers(
    reader: StorageReader,
    spec: HarvestSpec,
    included: frozenset[str],
    queue: Counter[str],
    *,
    most: int,
) -> Plan:
    """Plan by whole dossiers, less the resources already fetched, but at least the queue."""
    dossiers, answered = reader.under_way()
    found = plan(
        reader.samples(most=most),
        dossiers=dossiers,
        kinds=spec.kinds_in(included) or {*queue, *answered},
        usual=spec.usual(),
    )
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


def _by_queue(
    reader: StorageReader, leading: Mapping[str, str], queue: Counter[str], *, most: int
) -> Plan:
    """Plan by the queue and the resources that its lists lead to."""
    samples = reader.samples(most=most) if leading else []
    lists = max((queue[kind] for kind in leading), default=0)
    found = plan(samples, dossiers=lists, kinds=sorted(leading.values()))
    return attrs.evolve(
        found,
        requests=_less(found.requests, -queue.total()),
        by_kind={
            kind: _less(found.by_kind.get(kind, Range(0, 0, 0)), -queue[kind])
            for kind in {*found.by_kind, *queue}
        },
    )


def pace_of(
    *, per_second: float | None, per_day: float | None, bulk_share: float = BULK_SHARE
) -> Pace:
    """The pace of a harvest.

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
