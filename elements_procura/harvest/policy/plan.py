"""Planning: the cost of harvesting a number of dossiers. Pure: no I/O, no clock.

The estimate comes from dossiers of the same tenant that are complete, a *pilot* drawn at random:
what they took on average, and how far averages of so few are off. Shared resources are fetched
once, so they do not grow with the number of dossiers: how many of those the pilot has not met is
estimated from how many it met only once or twice. Without a pilot there is a range from the shapes
that the documentation shows, which nothing has verified.

All ranges are 90 % intervals. A range of a kind is for that kind alone: kinds do not go up and down
together, so the bounds of the total lie closer than the sums of theirs.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

import attrs

from elements_procura.spec.harvest import ANY_SHAPE

PILOT = 100
"""Random dossiers that make a good pilot."""
ENOUGH = 10
"""The least number of complete dossiers for an estimate; below it, documented shapes are used."""
SHARE_OF_RATE = 0.87
"""The part of a rate that the scheduler's default mode reaches when round trips vary."""

_Z = 1.6448536  # 95 % of a normal distribution lies below
_HOUR = 3600.0


@attrs.frozen
class Sample:
    """The cost of one complete dossier.

    Attributes:
        own: How many resources of each kind belong to it alone.
        shared: Those it shares with others, whichever dossier they were fetched for: the kind of
            each by its name.
    """

    own: Mapping[str, int]
    shared: Mapping[str, str] = attrs.field(factory=dict)


@attrs.frozen
class Range:
    """An estimate, and the bounds it lies between in 90 of 100 cases."""

    low: float
    expected: float
    high: float

    def __mul__(self, factor: float) -> "Range":
        return Range(self.low * factor, self.expected * factor, self.high * factor)

    @property
    def half_width(self) -> float:
        """Half the distance of the bounds as a share of what is expected."""
        return (self.high - self.low) / 2 / self.expected if self.expected else 0.0


@attrs.frozen
class Pace:
    """The speed at which requests may leave.

    Attributes:
        per_second: Requests per second while it runs.
        per_day: Requests a day that a harvest may use.
    """

    per_second: float = 4.3
    per_day: float = 80_000.0


@attrs.frozen
class Plan:
    """The planned rest of a harvest.

    Attributes:
        dossiers: How many dossiers.
        pilot: The number of complete dossiers it is estimated from.
        verified: Whether it comes from dossiers of this tenant; if not, from documented shapes.
        requests: How many requests.
        hours: Hours of sending, without waiting for the next day's quota.
        quota_days: How many days' quota that is.
        by_kind: ``requests`` by kind.
    """

    dossiers: int
    pilot: int
    verified: bool
    requests: Range
    hours: Range
    quota_days: Range
    by_kind: Mapping[str, Range]


DEFAULT_PACE = Pace()


def plan(
    samples: Iterable[Sample],
    *,
    dossiers: int,
    kinds: Iterable[str],
    usual: Mapping[str, tuple[float, float, float]] | None = None,
    pace: Pace = DEFAULT_PACE,
    overhead: float = 1.0,
) -> Plan:
    """Estimate the cost of harvesting ``dossiers`` more dossiers.

    Args:
        samples: Complete dossiers, drawn at random: neighbours in the listing share more than
            others do, and represent the rest less well.
        dossiers: How many are still to be fetched, ``samples`` not among them.
        kinds: The kinds to harvest. Others are left out of the estimate, and ``samples`` must have
            been asked for all of them.
        usual: Resources of each kind in a small, a usual and a large dossier, as the documentation
            suggests: the basis while there are too few samples.
        pace: The speed at which requests may leave.
        overhead: Requests that leave for one resource: above 1 for tokens and repetitions.
    """
    wanted = frozenset(kinds)
    seen = _Pilot(wanted)
    for sample in samples:
        seen.add(sample)
    verified = seen.dossiers >= ENOUGH or not dossiers
    total, by_kind = (
        seen.extrapolate(dossiers) if verified else _documented(usual or {}, wanted, dossiers)
    )
    requests = total * overhead
    return Plan(
        dossiers=dossiers,
        pilot=seen.dossiers,
        verified=verified,
        requests=requests,
        hours=requests * (1 / pace.per_second / _HOUR),
        quota_days=requests * (1 / pace.per_day),
        by_kind={kind: by_kind[kind] * overhead for kind in sorted(by_kind)},
    )


class _Pilot:
    """Sums over complete dossiers, and how many dossiers met each shared resource."""

    def __init__(self, kinds: frozenset[str]) -> None:
        self.dossiers = 0
        self._kinds = kinds
        self._sums: Counter[str] = Counter()
        self._squares: Counter[str] = Counter()
        self._sum = self._square = 0
        self._met: defaultdict[str, Counter[str]] = defaultdict(Counter)

    def add(self, sample: Sample) -> None:
        self.dossiers += 1
        counts = {kind: count for kind, count in sample.own.items() if kind in self._kinds}
        for kind, count in counts.items():
            self._sums[kind] += count
            self._squares[kind] += count * count
        total = sum(counts.values())
        self._sum += total
        self._square += total * total
        for name, kind in sample.shared.items():
            if kind in self._kinds:
                self._met[kind][name] += 1

    def extrapolate(self, more: int) -> tuple[Range, dict[str, Range]]:
        """Extrapolate the cost of ``more`` dossiers: in total, and by kind."""
        if not more:
            return Range(0, 0, 0), {}
        own = {
            kind: _mean_times(more, self._sums[kind], self._squares[kind], self.dossiers)
            for kind in self._sums
        }
        shared = {
            kind: _unmet(more, Counter(met.values()), self.dossiers)
            for kind, met in self._met.items()
        }
        all_own = _mean_times(more, self._sum, self._square, self.dossiers)
        # What hangs on one adviseur is missed or met together, so these errors add up.
        all_shared = Range(
            sum(each.low for each in shared.values()),
            sum(each.expected for each in shared.values()),
            sum(each.high for each in shared.values()),
        )
        expected = all_own.expected + all_shared.expected
        below = math.hypot(all_own.expected - all_own.low, all_shared.expected - all_shared.low)
        above = math.hypot(all_own.high - all_own.expected, all_shared.high - all_shared.expected)
        return Range(max(expected - below, 0.0), expected, expected + above), own | shared


def _mean_times(more: int, total: int, squares: int, sample: int) -> Range:
    """The sum over ``more`` dossiers, of which a random sample has this sum and sum of squares."""
    mean = total / sample
    variance = max(squares - total * mean, 0.0) / (sample - 1)
    # Both the sample's mean and that of the others are off, each from the mean of all.
    error = _student(sample - 1) * more * math.sqrt(variance * (1 / sample + 1 / more))
    return Range(max(mean * more - error, 0.0), mean * more, mean * more + error)


def _student(freedom: int) -> float:
    """Student's t at 95 %, for 9 degrees of freedom and up (Cornish and Fisher's expansion)."""
    z = _Z
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    return z + first / freedom + second / freedom**2


def _unmet(more: int, met: Mapping[int, int], sample: int) -> Range:
    """Estimate how many shared resources are new in ``more`` dossiers after the sample.

    How many exist at least is Chao's estimate, from those that were met once and twice; how fast
    they turn up is Chao's and Colwell's extrapolation. Never faster than at the end of the sample:
    a new one is ever harder to find.

    Args:
        more: How many dossiers come after the sample.
        met: How many resources were met by 1, 2, … dossiers of the sample.
        sample: How many dossiers it has.
    """
    once, twice = met.get(1, 0), met.get(2, 0)
    at_most = more * once / sample
    if not once:
        return Range(0, 0, 0)
    unmet = max((sample - 1) / sample * once * (once - 1) / (2 * (twice + 1)), 0.5)
    ratio = once / (twice + 1)
    variance = (twice + 1) * (ratio**4 / 4 + ratio**3 + ratio**2 / 2)
    spread = math.exp(_Z * math.sqrt(math.log1p(variance / unmet**2)))

    def turning_up(pool: float) -> float:
        each = once / (sample * pool + once)
        return min(-pool * math.expm1(more * math.log1p(-each)), at_most)

    # Resources are whole: where hardly one is left, there may be none.
    low = float(math.floor(turning_up(unmet / spread)))
    return Range(low, turning_up(unmet), turning_up(unmet * spread))


def _documented(
    usual: Mapping[str, tuple[float, float, float]], kinds: frozenset[str], dossiers: int
) -> tuple[Range, dict[str, Range]]:
    """From the documented shapes; the bounds are all dossiers small, and all large."""
    by_kind = {kind: Range(*usual.get(kind, ANY_SHAPE)) * dossiers for kind in kinds}
    total = Range(
        sum(each.low for each in by_kind.values()),
        sum(each.expected for each in by_kind.values()),
        sum(each.high for each in by_kind.values()),
    )
    return total, by_kind
