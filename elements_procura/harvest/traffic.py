"""A harvest's traffic in numbers that add up: over attempts, runs and stretches of time."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from functools import reduce
from operator import add
from typing import Any

import attrs

BOUNDS = tuple(0.001 * 2 ** (each / 4) for each in range(68))
"""Upper bounds of the buckets of a latency, in seconds: 1 ms to some 110 s, four to a doubling."""
_WIDTHS = (1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3_600.0, 14_400.0, 86_400.0, 604_800.0)
MOST_STRETCHES = 240


@attrs.frozen
class Latency:
    """A histogram of answers by the seconds they took.

    Attributes:
        buckets: How many took longer than the bound before and at most this one, by the number
            of the bound in :data:`BOUNDS`; the last bucket has no bound.
        seconds: All of them together.
    """

    buckets: Mapping[int, int] = attrs.field(factory=dict)
    seconds: float = 0.0

    @property
    def count(self) -> int:
        """How many answers."""
        return sum(self.buckets.values())

    def quantile(self, share: float) -> float | None:
        """The seconds that a share of the answers took at most; None without any.

        Between two bounds it is interpolated, so it is right within a fifth.

        Args:
            share: 0.5 for the median.
        """
        wanted, before = share * self.count, 0
        for number, count in sorted(self.buckets.items()):
            if before + count >= wanted:
                high = BOUNDS[min(number, len(BOUNDS) - 1)]
                low = BOUNDS[number - 1] if number else 0.0
                return min(low, high) + (high - min(low, high)) * (wanted - before) / count
            before += count
        return None

    def __add__(self, other: "Latency") -> "Latency":
        if not other.buckets:
            return self
        both = dict(self.buckets)
        for number, count in other.buckets.items():
            both[number] = both.get(number, 0) + count
        return Latency(both, self.seconds + other.seconds)


@attrs.frozen
class Traffic:
    """The attempts of a harvest, token requests and probes included, and how they went.

    Attributes:
        unanswered: Attempts that no answer came to.
        throttled: Answers of 429.
        server_errors: Answers of 500 and above.
        repeated: Requests that were sent again because of a failure.
        waited: Seconds that attempts waited for the quota, added up over all of them.
        interruptions: How often the server was away.
        away: Seconds that it was away.
        latency: The answers by the seconds they took, from leaving to their end.
    """

    unanswered: int = 0
    throttled: int = 0
    server_errors: int = 0
    repeated: int = 0
    waited: float = 0.0
    interruptions: int = 0
    away: float = 0.0
    latency: Latency = Latency()

    @property
    def attempts(self) -> int:
        """How many attempts have ended."""
        return self.latency.count + self.unanswered

    def __add__(self, other: "Traffic") -> "Traffic":
        return Traffic(*(getattr(self, name) + getattr(other, name) for name in _FIELDS))

    def to_json(self) -> dict[str, Any]:
        """As events, ``status``, reports and outcomes have it."""
        p50, p95 = self.latency.quantile(0.5), self.latency.quantile(0.95)
        return {
            "attempts": self.attempts,
            "unanswered": self.unanswered,
            "throttled": self.throttled,
            "server_errors": self.server_errors,
            "repeated": self.repeated,
            "waited_seconds": round(self.waited, 3),
            "interruptions": self.interruptions,
            "away_seconds": round(self.away, 3),
            "latency_seconds": {
                "p50": None if p50 is None else round(p50, 4),
                "p95": None if p95 is None else round(p95, 4),
            },
        }


_FIELDS = tuple(each.name for each in attrs.fields(Traffic))
_NUMBERS = _FIELDS[:-1]


@attrs.frozen
class Stretch:
    """The traffic of one stretch of time.

    Attributes:
        start: When it begins, in seconds since the epoch: a multiple of its length.
        seconds: Its length.
        traffic: What it saw.
    """

    start: float
    seconds: float
    traffic: Traffic


def total(stretches: Iterable[Stretch]) -> Traffic:
    """The traffic of all stretches together."""
    return reduce(add, (each.traffic for each in stretches), Traffic())


def start_of(when: float, seconds: float) -> float:
    """When the stretch begins that a moment lies in.

    Args:
        when: Seconds since the epoch.
        seconds: The length of stretches.
    """
    return when // seconds * seconds


def shortest() -> float:
    """The length that stretches begin with."""
    return _WIDTHS[0]


def coarser(stretches: Iterable[Stretch]) -> list[Stretch] | None:
    """Longer stretches with the same traffic, once there are very many; None before that.

    So a store holds a bounded number of them, however long it is harvested into.
    """
    found = list(stretches)
    if len(found) <= MOST_STRETCHES:
        return None
    for width in _widths(max(each.seconds for each in found)):
        merged: dict[float, Traffic] = {}
        for each in found:
            start = start_of(each.start, width)
            merged[start] = merged.get(start, Traffic()) + each.traffic
        if len(merged) <= MOST_STRETCHES // 2:
            return [Stretch(start, width, merged[start]) for start in sorted(merged)]
    raise AssertionError  # widths go on for ever


def _widths(after: float) -> Iterator[float]:
    yield from (each for each in _WIDTHS if each > after)
    longest = max(after, _WIDTHS[-1])
    while True:
        longest *= 2
        yield longest


def as_row(traffic: Traffic) -> tuple[list[float], dict[str, Any]]:
    """Traffic as a store keeps it: the numbers in the order of the fields, and the latency."""
    latency = traffic.latency
    buckets = {str(number): count for number, count in latency.buckets.items()}
    return (
        [getattr(traffic, name) for name in _NUMBERS],
        {"seconds": latency.seconds, "buckets": buckets},
    )


def of_row(numbers: Iterable[float], latency: Mapping[str, Any]) -> Traffic:
    """Traffic out of what :func:`as_row` made of it."""
    buckets = {int(number): count for number, count in latency["buckets"].items()}
    named: dict[str, Any] = dict(zip(_NUMBERS, numbers, strict=True))
    return Traffic(**named, latency=Latency(buckets, latency["seconds"]))


def bucket_of(seconds: float) -> int:
    """The number of the bucket that an answer belongs to."""
    return bisect_left(BOUNDS, seconds)
