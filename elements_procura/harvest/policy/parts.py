"""Choosing parts of dossiers to refresh, under the same aim and budget as whole dossiers.

A part's rate of change is its kind's mean times its dossier's activity, narrowed by what the part
itself has shown. The activity is shared among the parts: each of them alone is seen too seldom to
show whether its dossier is a busy one, and parts without it are chosen worse than whole dossiers
where all kinds change alike. All of it is estimated anew for every run.

Pure: no I/O, and the time is passed in. The parts are held in columns, some 70 bytes for each.
"""

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence

import attrs

from elements_procura.harvest.policy.hints import HintCount, hinted_priority
from elements_procura.harvest.policy.refresh import (
    DAY,
    UNKNOWN,
    Belief,
    Observations,
    fit,
    learn,
    needed,
    priority,
)

AIM = 3.8
"""Cycles within which every part has its turn: below the bound by more than a night's batch."""
COST_POWER = 0.7
"""The power of the cost that a priority is divided by. At 1 the mean age is least, and contact data
pays for it: a large part that changes seldom would be 1.5 times as old as by whole dossiers."""
HALF_LIFE = 30 * DAY
"""As of whole dossiers, but shorter: more is seen of a dossier by its parts, and sooner."""
_SAMPLE = 2_000  # parts that the spread is fitted to


@attrs.define
class PartTable:
    """Parts of dossiers, in columns.

    Attributes:
        names: The parts that there are.
        owner: The number of each one's dossier.
        name: The number of its name.
        fetched: When it was last fetched, in seconds since the epoch.
        cost: Requests that it takes.
        changes: Its observations, as of :class:`Observations`.
        busy: The same.
        quiet: The same.
        hinted: When it may have changed by a noisy sign that nobody has followed; 0 for none.
    """

    names: list[str] = attrs.field(factory=list)
    owner: "array[int]" = attrs.field(factory=lambda: array("L"))
    name: "array[int]" = attrs.field(factory=lambda: array("B"))
    fetched: "array[float]" = attrs.field(factory=lambda: array("d"))
    cost: "array[float]" = attrs.field(factory=lambda: array("d"))
    changes: "array[float]" = attrs.field(factory=lambda: array("d"))
    busy: "array[float]" = attrs.field(factory=lambda: array("d"))
    quiet: "array[float]" = attrs.field(factory=lambda: array("d"))
    hinted: "array[float]" = attrs.field(factory=lambda: array("d"))

    def __len__(self) -> int:
        return len(self.owner)

    def add(
        self,
        owner: int,
        name: str,
        *,
        fetched: float,
        cost: float,
        seen: Observations,
        hinted: float = 0.0,
    ) -> None:
        """Add a part of the dossier with the number ``owner``."""
        if name not in self.names:
            self.names.append(name)
        self.owner.append(owner)
        self.name.append(self.names.index(name))
        self.fetched.append(fetched)
        self.cost.append(cost)
        self.changes.append(seen.changes)
        self.busy.append(seen.busy)
        self.quiet.append(seen.quiet)
        self.hinted.append(hinted)

    def rates(self) -> list[float]:
        """Changes per second of a part of each name, on average over the dossiers that have it.

        Before anything is seen, the changes of an unknown dossier are split among its parts in
        proportion to what they cost.
        """
        kinds = range(len(self.names))
        count, cost = [0] * len(kinds), [0.0] * len(kinds)
        changes, busy, quiet = ([0.0] * len(kinds) for _ in range(3))
        dossiers = len(set(self.owner)) or 1
        columns = (self.name, self.cost, self.changes, self.busy, self.quiet)
        for kind, price, changed, was_busy, was_quiet in zip(*columns, strict=True):
            count[kind] += 1
            cost[kind] += price
            changes[kind] += changed
            busy[kind] += was_busy
            quiet[kind] += was_quiet
        whole = sum(cost) / dossiers
        found = []
        for kind in kinds:
            usual = UNKNOWN.mean * cost[kind] / count[kind] / whole
            seen = Observations(changes[kind], busy[kind], quiet[kind])
            found.append(learn(seen, Belief(1.0, 1 / usual)).mean)
        return found

    def weights(self, rates: Sequence[float], dossiers: int) -> list[float]:
        """The rate of each dossier, were it as active as the average: the sum of its parts'."""
        found = [0.0] * dossiers
        for owner, kind in zip(self.owner, self.name, strict=True):
            found[owner] += rates[kind]
        return found

    def beliefs(self, seen: Sequence[Observations]) -> Iterator[Belief]:
        """The estimated rate of every part, in order.

        Args:
            seen: What the passes of each dossier have shown, whichever parts they asked for.
        """
        rates = self.rates()
        weights = self.weights(rates, len(seen))
        active = _activities(seen, weights)
        usual = [rate / UNKNOWN.mean for rate in rates]  # so that an average part is as UNKNOWN

        def relative(each: int) -> Observations:
            scale = usual[self.name[each]] * active[self.owner[each]]
            return Observations(
                self.changes[each], self.busy[each] * scale, self.quiet[each] * scale
            )

        step = 1 + len(self) // _SAMPLE
        prior = fit(relative(each) for each in range(0, len(self), step))
        for each in range(len(self)):
            scale = usual[self.name[each]] * active[self.owner[each]]
            own = Observations(self.changes[each], self.busy[each], self.quiet[each])
            yield learn(own, Belief(prior.shape, prior.exposure / scale))


def _activities(seen: Sequence[Observations], weights: Sequence[float]) -> list[float]:
    """How active each dossier is, the average being about 1."""
    relative = []
    for each, weight in zip(seen, weights, strict=True):
        scale = weight / UNKNOWN.mean
        relative.append(Observations(each.changes, each.busy * scale, each.quiet * scale))
    prior = fit(relative)
    return [learn(each, prior).mean / UNKNOWN.mean for each in relative]


@attrs.frozen
class ChosenParts:
    """The parts to refresh next.

    Attributes:
        numbers: Their numbers, in this order.
        prompted: Those of them that a noisy sign has brought forward: it was not their turn yet.
    """

    numbers: list[int]
    prompted: frozenset[int]


def choose_parts(
    table: PartTable,
    seen: Sequence[Observations],
    *,
    now: float,
    budget: float,
    per_day: float,
    bounds: Mapping[str, float] | None = None,
    hints: Mapping[str, HintCount] | None = None,
) -> ChosenParts:
    """Choose the parts to refresh next.

    First come those that their bound of somebody's own demands, then the oldest as far as they
    must, then those whose refresh lowers the age most for what it costs.

    Args:
        table: All parts that are stored.
        seen: What the passes of each dossier have shown.
        now: Seconds since the epoch.
        budget: How much these refreshes may cost together.
        per_day: How much refreshes may cost per day.
        bounds: Seconds after which a part of a name has to be refreshed, by the name.
        hints: What came of noisy signs so far, by the name of the part that they point at.
    """
    oldest_first = sorted(range(len(table)), key=table.fetched.__getitem__)
    first = _bounded(table, oldest_first, now=now, bounds=bounds or {})
    must = needed(
        [table.fetched[each] for each in oldest_first],
        [table.cost[each] for each in oldest_first],
        until=now + budget / per_day * DAY,
        per_day=per_day,
        aim=AIM,
    )
    first += oldest_first[:must]
    trust = [(hints or {}).get(name, HintCount()).trust for name in table.names]
    worth, by_turn = array("d"), dict[int, float]()
    for each, belief in enumerate(table.beliefs(seen)):
        elapsed, hinted = now - table.fetched[each], table.hinted[each]
        value, cost = priority(belief, elapsed), table.cost[each] ** COST_POWER
        if hinted:
            by_turn[each] = value / cost
            likely = trust[table.name[each]]
            value = hinted_priority(belief, elapsed, since=now - hinted, trust=likely)
        worth.append(value / cost)
    oldest_first.sort(key=worth.__getitem__, reverse=True)
    chosen: dict[int, None] = {}
    least = 0.0
    for part in (*first, *oldest_first):
        if part in chosen:
            continue
        budget -= table.cost[part]
        if budget < 0:
            least = worth[part]
            break
        chosen[part] = None
    early = (each for each, value in by_turn.items() if each in chosen and value < least)
    return ChosenParts(list(chosen), frozenset(early).difference(first))


def _bounded(
    table: PartTable, oldest_first: Iterable[int], *, now: float, bounds: Mapping[str, float]
) -> list[int]:
    """The parts that would be older than their bound before the next night."""
    if not bounds:
        return []
    latest = [bounds.get(name, float("inf")) - DAY for name in table.names]
    return [
        each
        for each in oldest_first
        if now - table.fetched[each] >= max(latest[table.name[each]], 0)
    ]


def share_of(asked: Mapping[str, float], weights: Mapping[str, float]) -> float:
    """The seconds for which a pass has looked at a dossier, as a whole pass would have.

    Args:
        asked: Seconds since the fetch before, of each part that it has asked for.
        weights: The rates of all parts of the dossier, to any scale.
    """
    of = sum(weights.values())
    if not of:
        return max(asked.values(), default=0.0)
    return sum(seconds * weights.get(part, 0.0) for part, seconds in asked.items()) / of
