"""Choosing the dossiers to refresh next, so that the store is out of date as briefly as possible.

Elements gives no time of change, so a refresh costs a whole dossier and shows one thing: changed or
not since the last one. Changes are taken to be Poisson with a rate of each dossier's own. Pure: no
I/O, and the time is passed in. All times are seconds, all rates are per second.

The aim is the least mean *age*: the time since the first change that the store does not hold, 0
for a dossier that is up to date. Refreshing in proportion to the rate is worse for that than taking
turns, since a dossier that changes hourly is out of date again an hour later. So each dossier has a
:func:`priority`, and those with the highest come first.

A rate is known badly: most dossiers change every few months and are looked at every few weeks. So
it is modelled as a gamma distribution that begins with the whole population's (:func:`fit`) and is
narrowed by the dossier's own observations (:func:`learn`).
"""

import math
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import accumulate
from operator import attrgetter, itemgetter, mul
from typing import Generic, TypeVar

import attrs

Id = TypeVar("Id")

DAY = 86_400.0
CYCLES = 4
"""Every dossier is refreshed once in so many cycles; a cycle refreshes as many as there are."""
HALF_LIFE = 180 * DAY
"""Seconds after which an observation counts half, since dossiers are busy only for a while."""

_AIM = CYCLES - 0.1  # a little earlier, for a batch is seldom spent to the last request
_CLOSE = 1e-3  # of a rate, relatively: far below what is known of it
_FAR = 600.0  # so many changes expected that none is out of the question; exp() still holds it
_TINY, _ZERO = 1e-4, 1e-9  # below these a closed form loses its digits
_FINE = 0.03  # of the prior's parameters, relatively
_MOST_SEEN = 2_000  # dossiers that a fit looks at: enough for two parameters
_RATES = tuple(1e-4 / DAY * 1.29**step for step in range(48))  # from one in 27 years to 15 a day
_SHAPES = (0.2, 30.0)  # beyond these all rates are either next to nothing or the same


@attrs.frozen
class Belief:
    """The estimate of a rate: a gamma distribution.

    Attributes:
        shape: How narrow it is: the variance is the mean squared over ``shape``.
        exposure: Seconds; the mean rate is ``shape / exposure``.
    """

    shape: float
    exposure: float

    @property
    def mean(self) -> float:
        """Expected changes per second."""
        return self.shape / self.exposure


UNKNOWN = Belief(1.0, 30 * DAY)
"""The prior for an unknown population: about one change a month, very uncertain."""


@attrs.frozen
class Observations:
    """The observations from the refreshes of one dossier, as a store keeps them.

    Observations fade (see :func:`observe`), so none of the three is a whole number.

    Attributes:
        changes: Refreshes that found a change.
        busy: Seconds between those and the fetches before them.
        quiet: Seconds between the other refreshes and the fetches before them.
    """

    changes: float = 0.0
    busy: float = 0.0
    quiet: float = 0.0

    @property
    def numbers(self) -> tuple[float, float, float]:
        """All three, as they stand in a row."""
        return self.changes, self.busy, self.quiet


@attrs.frozen
class Candidate(Generic[Id]):
    """A dossier that is stored and may be refreshed.

    Attributes:
        id: Its id: a number, or a text where the API has texts.
        fetched: When it was last fetched, in seconds since any fixed moment.
        belief: The estimate of its rate, from :func:`learn`.
        cost: The cost of a refresh, in the unit of the budget.
    """

    id: Id
    fetched: float
    belief: Belief
    cost: float = 1.0


@attrs.frozen
class Staleness:
    """How long ago dossiers were fetched, in seconds; all 0 if there are none."""

    median: float
    p95: float
    oldest: float


def observe(
    seen: Observations, *, elapsed: float, changed: bool, half_life: float = HALF_LIFE
) -> Observations:
    """Add one refresh to the observations of a dossier.

    Args:
        seen: The observations before it.
        elapsed: Seconds since the fetch before it; a clock set back counts as none.
        changed: Whether it found a change.
        half_life: Seconds after which an observation counts half.
    """
    elapsed = max(elapsed, 0.0)
    kept = 0.5 ** (elapsed / half_life)
    return Observations(
        changes=seen.changes * kept + changed,
        busy=seen.busy * kept + (elapsed if changed else 0.0),
        quiet=seen.quiet * kept + (0.0 if changed else elapsed),
    )


def learn(seen: Observations, prior: Belief) -> Belief:
    """Estimate a dossier's rate, from its own observations and the population's.

    A changed dossier may have changed more than once, so counting changes would make busy ones look
    the less busy the more rarely they are looked at. The likelihood of "at least once" does not;
    its product with the prior is replaced by the gamma distribution that, on a logarithmic scale,
    has the same peak and the same curvature there.
    """
    exposure = prior.exposure + seen.quiet
    if seen.changes <= 0 or seen.busy <= 0:
        return Belief(prior.shape, exposure)
    interval = seen.busy / seen.changes
    rate = (prior.shape + seen.changes) / (exposure + seen.busy / 2)  # never above the peak
    for _ in range(20):
        hits, bend = _at_least_once(rate * interval)
        slope = prior.shape - exposure * rate + seen.changes * hits
        shape = exposure * rate + seen.changes * bend
        step = slope / shape
        rate *= math.exp(min(step, 2.0))
        if abs(step) < _CLOSE:
            break
    return Belief(shape, shape / rate)


def _at_least_once(expected: float) -> tuple[float, float]:
    """First and negated second derivative of the log likelihood by the log rate."""
    if expected < _CLOSE:
        return 1 - expected / 2, expected / 2
    first = expected / math.expm1(min(expected, _FAR))
    return first, first * (expected - 1 + first)


def priority(belief: Belief, elapsed: float) -> float:
    """The value of a refresh ``elapsed`` seconds after the last fetch, in square seconds.

    If a refresh costs p, the mean of age and cost per second is least when each dossier is
    refreshed as soon as ``elapsed * age(elapsed) - integral of age`` is p, where age is the
    expected one. That is the integral of ``s * P(changed within s)`` up to ``elapsed``; with a
    gamma distribution P is ``1 - (1 + s / exposure) ** -shape``.
    """
    ratio = max(elapsed, 0.0) / belief.exposure
    shape = belief.shape
    if (shape + 1) * ratio < _TINY:  # where the closed form would cancel out
        worth = shape * ratio**3 * (1 / 3 - (shape + 1) * ratio / 8)
    else:
        log = math.log1p(ratio)
        worth = ratio**2 / 2 - _power(2 - shape, log) + _power(1 - shape, log)
    return worth * belief.exposure**2


def unseen(belief: Belief, turn: float) -> float:
    """The mean age of something that is looked at once in ``turn`` seconds, in seconds.

    That is the integral of ``(1 - s / turn) * P(changed within s)``, as in :func:`priority`.
    """
    ratio = turn / belief.exposure
    if belief.shape * ratio < _TINY:
        return belief.shape * ratio * turn / 6
    changed = turn - belief.exposure * _power(1 - belief.shape, math.log1p(ratio))
    return max(changed - priority(belief, turn) / turn, 0.0)


def _power(exponent: float, log: float) -> float:
    """The integral of ``e ** (exponent * x)`` from 0 to ``log``."""
    return math.expm1(exponent * log) / exponent if abs(exponent) > _ZERO else log


def choose(
    candidates: Iterable[Candidate[Id]], *, now: float, budget: float, per_day: float
) -> list[Id]:
    """The dossiers to refresh next, in this order.

    First come the oldest as far as they must, or not all could be refreshed within ``CYCLES``
    cycles; then those whose refresh lowers the age most for what it costs.

    Args:
        candidates: All dossiers that are stored, not a part of them: how old they are decides how
            many must come now.
        now: Seconds since the same moment as ``fetched``.
        budget: How much these refreshes may cost together.
        per_day: How much refreshes may cost per day.
    """
    oldest_first = sorted(candidates, key=attrgetter("fetched"))
    must = needed(
        [each.fetched for each in oldest_first],
        [each.cost for each in oldest_first],
        until=now + budget / per_day * DAY,
        per_day=per_day,
    )
    worth = [
        (priority(each.belief, now - each.fetched) / each.cost, each)
        for each in oldest_first[must:]
    ]
    worth.sort(key=itemgetter(0), reverse=True)
    chosen: list[Id] = []
    for each in (*oldest_first[:must], *(each for _, each in worth)):
        budget -= each.cost
        if budget < 0:
            break
        chosen.append(each.id)
    return chosen


def needed(
    fetched: Sequence[float],
    costs: Sequence[float],
    *,
    until: float,
    per_day: float,
    aim: float = _AIM,
) -> int:
    """Count how many of the oldest have to come before ``until`` so that the others are in time.

    Args:
        fetched: When each was last fetched, oldest first.
        costs: What each costs.
        until: When the next choice is made, in seconds since the same moment.
        per_day: How much refreshes may cost per day.
        aim: The cycles within which each has its turn.
    """
    spent = list(accumulate(costs))
    if not spent:
        return 0
    cycle = spent[-1] / per_day * DAY
    # What the first n cost has to be spent before the n-th is due, and this much of it by now.
    most = max(
        cost - (then + aim * cycle - until) / DAY * per_day
        for cost, then in zip(spent, fetched, strict=True)
    )
    return 0 if most <= 0 else min(bisect_left(spent, most) + 1, len(spent))


def fit(seen: Iterable[Observations]) -> Belief:
    """Estimate the population's rates: the prior under which ``seen`` is likeliest.

    It takes some tenths of a second, so do it once a day. While little has been seen it
    stays near :data:`UNKNOWN`: from one refresh of each dossier nobody can tell whether some
    change more often than others.
    """
    population = [each for each in seen if each.busy + each.quiet > 0]
    likelihoods = [_likelihoods(each) for each in population[:: 1 + len(population) // _MOST_SEEN]]
    mean, shape = math.log(UNKNOWN.mean), math.log(UNKNOWN.shape)
    low, high = map(math.log, _SHAPES)

    def score(mean: float, shape: float) -> float:
        weights = _weights(Belief(math.exp(shape), math.exp(shape - mean)))
        doubt = (mean - math.log(UNKNOWN.mean)) ** 2 / 8 + (
            shape - math.log(UNKNOWN.shape)
        ) ** 2 / 2
        return sum(math.log(sum(map(mul, weights, row))) for row in likelihoods) - doubt

    best, step = score(mean, shape), 1.0
    while step > _FINE:
        around = [(mean + step, shape), (mean - step, shape)]
        around += [(mean, min(shape + step, high)), (mean, max(shape - step, low))]
        top, at = max((score(*point), point) for point in around)
        if top > best:
            best, (mean, shape) = top, at
        else:
            step /= 2
    return Belief(math.exp(shape), math.exp(shape - mean))


def _likelihoods(seen: Observations) -> list[float]:
    """The likelihood of ``seen`` at each of ``_RATES``, the likeliest being 1."""
    interval = seen.busy / seen.changes if seen.changes > 0 else 0.0
    logs = [
        (seen.changes * math.log(-math.expm1(-rate * interval)) if interval else 0.0)
        - rate * seen.quiet
        for rate in _RATES
    ]
    top = max(logs)
    return [math.exp(max(log - top, -600.0)) for log in logs]


def _weights(prior: Belief) -> list[float]:
    """How probable each of ``_RATES`` is; the first stands for all below it as well."""
    weights = [
        math.exp(max(prior.shape * math.log(x) - x, -600.0))
        for x in (rate * prior.exposure for rate in _RATES)
    ]
    weights[0] += weights[0] / prior.shape / math.log(_RATES[1] / _RATES[0])
    total = sum(weights)
    return [weight / total for weight in weights]


def staleness(ages: Iterable[float]) -> Staleness:
    """Median, 95th percentile (nearest rank) and greatest of ``ages``, in seconds."""
    ordered = sorted(ages)
    if not ordered:
        return Staleness(0.0, 0.0, 0.0)
    last = len(ordered) - 1

    def rank(share: float) -> float:
        return ordered[min(math.ceil(share * len(ordered)) - 1, last)]

    return Staleness(rank(0.5), rank(0.95), ordered[last])
