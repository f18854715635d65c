"""Noisy signs: an answer that says that a part may have changed, not that it has. Pure.

A new registration of an office's work often comes with a change of a product, and often does not.
How often it does is counted, by part: a look that follows a hint has found a change, or has not.
A hint raises the age to expect of its part, and the part is chosen as one of that age would be
which nothing has hinted at.
"""

import math

import attrs

from elements_procura.harvest.policy.refresh import Belief, priority

_LOOKS, _CHANGES = 5.0, 1.0
"""What counts as seen before anything is: a fifth of the hints are right."""
_CLOSE = 1e-4


@attrs.frozen
class HintCount:
    """What came of the hints at a part.

    Attributes:
        looks: How many looks followed a hint.
        changes: How many of them have found a change.
    """

    looks: int = 0
    changes: int = 0

    @property
    def trust(self) -> float:
        """How likely a hint is right."""
        return (self.changes + _CHANGES) / (self.looks + _LOOKS)


def hinted_priority(belief: Belief, elapsed: float, *, since: float, trust: float) -> float:
    """The value of a refresh, as of :func:`priority`, of something that a hint has pointed at.

    Args:
        belief: The estimate of the rate of those changes that nothing hints at.
        elapsed: Seconds since the last fetch.
        since: Seconds since the change that is hinted at, if there was one.
        trust: How likely there was one.
    """
    age = (1 - trust) * expected_age(belief, elapsed) + trust * min(max(since, 0.0), elapsed)
    return priority(belief, max(time_to_age(belief, age), elapsed))


def expected_age(belief: Belief, elapsed: float) -> float:
    """The expected time since the first change, ``elapsed`` seconds after a fetch.

    Args:
        belief: The estimate of the rate.
        elapsed: Seconds.
    """
    ratio = max(elapsed, 0.0) / belief.exposure
    if (belief.shape + 1) * ratio < _CLOSE:  # where the closed form would cancel out
        return belief.shape * ratio * elapsed / 2
    log, power = math.log1p(ratio), 1 - belief.shape
    grown = math.expm1(power * log) / power if abs(power) > _CLOSE else log
    return elapsed - belief.exposure * grown


def time_to_age(belief: Belief, age: float) -> float:
    """The seconds after a fetch at which an age is to be expected: reverses :func:`expected_age`.

    Args:
        belief: The estimate of the rate.
        age: Seconds.
    """
    if age <= 0:
        return 0.0
    low, high = age, 2 * age
    while expected_age(belief, high) < age:
        low, high = high, high * 2
    while high - low > _CLOSE * high:
        middle = (low + high) / 2
        if expected_age(belief, middle) < age:
            low = middle
        else:
            high = middle
    return high
