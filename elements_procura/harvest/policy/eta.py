"""Estimating the end of a harvest, from its speed and the requests left.

Pure: no I/O, and the time is passed in. Both are uncertain: the requests left are a plan's range,
and the speed of the last minutes is a sample. The bounds hold both. They cannot include the
unknown, such as a slow network tonight; therefore only the last minutes count.
"""

import math
from collections import deque
from itertools import pairwise

import attrs

from elements_procura.harvest.policy.plan import Range

WINDOW = 300.0
"""Seconds that the speed is measured over."""
_STRETCHES = 10
_LEAST_STRETCHES = 3
_STRETCH = 1.0  # seconds: shorter ones hold too few requests to tell anything
_SLOWER = 3.0  # by so much of its time a run may take longer because of its speed, at most
# Student's t at 95 %, by degrees of freedom: one fewer than there are stretches.
_T = {2: 2.920, 3: 2.353, 4: 2.132, 5: 2.015, 6: 1.943, 7: 1.895, 8: 1.860, 9: 1.833}


@attrs.frozen
class Allowance:
    """The part of a quota that is left to a harvest.

    Attributes:
        left: Requests that may leave now.
        limit: Requests in a whole window.
        seconds: How long the window is.
        resets_at: When more will be left, in seconds since the epoch; None when nothing is used.
    """

    left: int
    limit: int
    seconds: float
    resets_at: float | None = None


@attrs.frozen
class Eta:
    """The estimated end.

    Attributes:
        seconds: How long that is from now, waiting for quota included.
        quota_ends: When the quota will be used up before that, in seconds since the epoch; or
            None.
        resumes: When requests may leave again then, in seconds since the epoch.
    """

    seconds: Range
    quota_ends: float | None = None
    resumes: float | None = None


class Speed:
    """Requests per second over the last minutes.

    Args:
        window: How many seconds count.
    """

    def __init__(self, *, window: float = WINDOW) -> None:
        self._window = window
        self._marks: deque[tuple[float, int]] = deque()

    def mark(self, now: float, requests: int) -> None:
        """Record the number of requests so far. Cheap, so call it at any rate.

        Args:
            now: Seconds, of any clock that is not set.
            requests: All of them so far.
        """
        marks = self._marks
        # The newest mark moves along until it is a stretch away from the one before it.
        if len(marks) > 1 and now - marks[-2][0] < min(_STRETCH, self._window / _STRETCHES):
            marks.pop()
        marks.append((now, requests))
        while len(marks) > 2 and marks[1][0] <= now - self._window:  # noqa: PLR2004 - a stretch has two ends
            marks.popleft()

    def per_second(self) -> Range | None:
        """The rate and the bounds of its average; None while too little is known."""
        marks = self._marks
        if not marks:
            return None
        (begin, first), (end, last) = marks[0], marks[-1]
        stretches = min(int((end - begin) / _STRETCH + 1e-9), _STRETCHES)
        if stretches < _LEAST_STRETCHES:
            return None
        width = (end - begin) / stretches
        counts = [self._at(begin + width * step) for step in range(stretches + 1)]
        rates = [(after - before) / width for before, after in pairwise(counts)]
        mean = (last - first) / (end - begin)
        variance = sum((rate - mean) ** 2 for rate in rates) / (stretches - 1)
        error = _T[stretches - 1] * math.sqrt(variance / stretches)
        return Range(max(mean - error, 0.0), mean, mean + error)

    def _at(self, moment: float) -> float:
        """The number of requests at a moment, interpolated between two marks."""
        before = self._marks[0]
        for mark in self._marks:
            if mark[0] >= moment:
                share = (moment - before[0]) / (mark[0] - before[0]) if mark[0] > before[0] else 1
                return before[1] + share * (mark[1] - before[1])
            before = mark
        return before[1]


def left_of(planned: Range, *, since: int, queued: int) -> Range:
    """The requests left of a plan.

    Args:
        planned: Requests that were left when it was made.
        since: Requests since then.
        queued: Requests in the queue, which are certainly left.
    """
    low, expected, high = (
        max(each - since, queued) for each in (planned.low, planned.expected, planned.high)
    )
    return Range(low, expected, high)


def estimate(
    left: Range, speed: Range, *, now: float, allowance: Allowance | None = None
) -> Eta | None:
    """Estimate when a number of requests will have been made.

    Args:
        left: The number of requests.
        speed: Requests per second.
        now: Seconds since the epoch.
        allowance: The rest of the quota, if there is one.

    Returns:
        None if the speed is zero or unknown.
    """
    if not left.expected:
        return Eta(Range(0, 0, 0))
    rate = speed.expected
    if rate <= 0:
        return None
    # In requests at that rate, so that the quota can be set against it. Slower is further off than
    # faster: half the speed takes twice as long.
    slower = min(rate / speed.low - 1, _SLOWER) if speed.low > 0 else _SLOWER
    below = math.hypot(left.expected - left.low, left.expected * (1 - rate / speed.high))
    above = math.hypot(left.high - left.expected, left.expected * slower)
    bounds = (max(left.expected - below, 0.0), left.expected, left.expected + above)
    if allowance is None or not allowance.limit:
        return Eta(Range(*(each / rate for each in bounds)))
    low, expected, high = (_with_waiting(each, rate, now, allowance) for each in bounds)
    ends = now + allowance.left / rate
    resumes = _resumes(now, rate, allowance)
    if left.expected <= allowance.left or resumes <= ends:
        return Eta(Range(low, expected, high))
    return Eta(Range(low, expected, high), quota_ends=ends, resumes=resumes)


def _resumes(now: float, rate: float, allowance: Allowance) -> float:
    if allowance.resets_at is not None:
        return allowance.resets_at
    return now + max(allowance.seconds, allowance.left / rate)


def _with_waiting(requests: float, rate: float, now: float, allowance: Allowance) -> float:
    """Seconds for a number of requests, if each window takes its limit at once."""
    if requests <= allowance.left:
        return requests / rate
    rest = requests - allowance.left
    windows = math.ceil(rest / allowance.limit) - 1
    waited = max(_resumes(now, rate, allowance) - now, allowance.left / rate)
    whole = max(allowance.seconds, allowance.limit / rate)
    return waited + windows * whole + (rest - windows * allowance.limit) / rate
