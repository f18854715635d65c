"""The age to expect of stored data, for a number of requests a day, and the reverse. Pure.

A refresh asks for each part when the worth of that has grown to the same price (see
:mod:`elements_procura.harvest.policy.refresh`). So a price says how often each has its turn, and
with that what all of it costs a day and how old it is on average. The *age* is the time since the
first change that the store does not hold, 0 where there is none.

Changes that a sign shows are found sooner: the age that is expected is that of the others.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping

import attrs

from elements_procura.harvest.policy.parts import AIM, COST_POWER
from elements_procura.harvest.policy.refresh import (
    DAY,
    Belief,
    fit,
    learn,
    priority,
    unseen,
)
from elements_procura.harvest.policy.units import Units
from elements_procura.harvest.records import KnownDossier, KnownPart
from elements_procura.spec.harvest import WHOLE

_MOST = 300
"""Parts that are looked at, drawn evenly: enough for two digits."""
_STEPS = 30
_LONGEST = 3_650 * DAY
_CHEAPEST, _DEAREST = math.log(1e-3), math.log(1e18)


@attrs.frozen
class Expectation:
    """The age that refreshes lead to in the long run.

    Attributes:
        per_day: Requests a day, without the listing, tokens and what dossiers share.
        age: Seconds that a stored resource is out of date on average.
        by_part: The same for each part.
        turns: Seconds between two looks at each part, on average.
    """

    per_day: float
    age: float
    by_part: Mapping[str, float]
    turns: Mapping[str, float]


@attrs.frozen
class _Unit:
    name: str
    cost: float
    belief: Belief


class Outlook:
    """Refreshes of a store, in the long run.

    Args:
        known: All dossiers that are stored.
        parts: The parts of those that may be asked for part by part, dossier by dossier.
        now: Seconds since the epoch.
    """

    def __init__(
        self, known: list[KnownDossier], parts: Iterable[KnownPart], *, now: float
    ) -> None:
        units = [*_units(known, parts, now=now)]
        step = max(len(units) // _MOST, 1)
        self._units = sorted(units, key=lambda each: (each.name, each.belief.mean))[::step]
        drawn = sum(each.cost for each in self._units)
        self._scale = sum(each.cost for each in units) / drawn if drawn else 0.0

    @property
    def cost(self) -> float:
        """Requests that it takes to ask for everything once."""
        return self._scale * sum(each.cost for each in self._units)

    def by_quota(self, per_day: float) -> Expectation:
        """The age to expect.

        Args:
            per_day: Requests a day that refreshes may cost.
        """
        return self._search(lambda found: found.per_day > per_day)

    def by_age(self, age: float) -> Expectation:
        """The quota that an age takes.

        Args:
            age: Seconds that a resource may be out of date on average.
        """
        return self._search(lambda found: found.age < age)

    def _search(self, is_too_cheap: Callable[[Expectation], bool]) -> Expectation:
        low, high = _CHEAPEST, _DEAREST
        found = self._at(math.exp(low))
        for _ in range(_STEPS):
            middle = (low + high) / 2
            found = self._at(math.exp(middle))
            if is_too_cheap(found):
                low = middle
            else:
                high = middle
        return found

    def _at(self, price: float) -> Expectation:
        """The outcome of asking for everything when its worth has grown to a price."""
        turns = [_turn(each, price) for each in self._units]
        spent = self._scale * sum(
            each.cost / turn for each, turn in zip(self._units, turns, strict=True)
        )
        longest = AIM * self.cost / spent if spent else _LONGEST
        turns = [min(turn, longest) for turn in turns]
        spent = self._scale * sum(
            each.cost / turn for each, turn in zip(self._units, turns, strict=True)
        )
        cost: dict[str, float] = {}
        age: dict[str, float] = {}
        looks: dict[str, float] = {}
        for each, turn in zip(self._units, turns, strict=True):
            cost[each.name] = cost.get(each.name, 0.0) + each.cost
            out = each.cost * unseen(each.belief, turn)
            age[each.name] = age.get(each.name, 0.0) + out
            looks[each.name] = looks.get(each.name, 0.0) + each.cost / turn
        return Expectation(
            spent * DAY,
            sum(age.values()) / sum(cost.values()),
            {name: age[name] / cost[name] for name in cost},
            {name: cost[name] / looks[name] for name in cost},
        )


def _units(known: list[KnownDossier], parts: Iterable[KnownPart], *, now: float) -> Iterator[_Unit]:
    every = (
        attrs.evolve(each, due=False, hinted=None, fetched=min(each.fetched, now)) for each in parts
    )
    units = Units.of(known, every, now=now, since=math.inf)
    table = units.table
    if len(table):
        for number, belief in enumerate(table.beliefs(units.seen)):
            yield _Unit(table.names[table.name[number]], table.cost[number], belief)
        return
    prior = fit(each.seen for each in known)
    for dossier in known:
        yield _Unit(WHOLE, dossier.cost, learn(dossier.seen, prior))


def _turn(unit: _Unit, price: float) -> float:
    """Seconds after which the worth of a look has grown to its price."""
    least = price * unit.cost**COST_POWER
    low, high = 1.0, _LONGEST
    for _ in range(_STEPS):
        middle = math.sqrt(low * high)
        if priority(unit.belief, middle) < least:
            low = middle
        else:
            high = middle
    return high
