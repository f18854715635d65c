"""How often the sandbox may be asked: windows, ways of counting, the words of a refusal."""

import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final, Literal, Protocol

import attrs

DAY: Final = 86_400.0

Algorithm = Literal["fixed", "log", "counter", "bucket"]


@attrs.frozen(kw_only=True)
class Limits:
    """The limits in force.

    Args:
        rates: Any number of ``(requests, seconds)``; none at all means unlimited.
        algorithm: How a window is counted: ``fixed`` (a new count every ``seconds`` of the wall
            clock), ``log`` (never more than ``requests`` in any span of ``seconds``), ``counter``
            (the previous fixed window weighs in by the share that still overlaps), ``bucket``
            (refilled evenly, holds ``requests``). All decide at arrival.
        refused_count: Whether a refused request takes a place too.
    """

    rates: tuple[tuple[int, float], ...] = ((5, 1.0), (100_000, DAY))
    algorithm: Algorithm = attrs.field(
        default="log", validator=attrs.validators.in_(("fixed", "log", "counter", "bucket"))
    )
    refused_count: bool = False

    @classmethod
    def named(cls, name: str) -> "Limits":
        """The limits called ``documented``, ``scaled`` (60 times as much) or ``off``.

        Raises:
            ValueError: There are no limits of that name.
        """
        match name:
            case "documented":
                return cls()
            case "scaled":
                return cls(rates=((300, 1.0), (6_000_000, DAY)))
            case "off":
                return cls(rates=())
            case _:
                raise ValueError(f"limits are documented, scaled or off, not {name!r}")


def wall_anchored() -> Callable[[], float]:
    """A clock that never jumps, yet whose seconds and days start where the wall clock's do."""
    offset = time.time() - time.monotonic()
    return lambda: time.monotonic() + offset


class Limiter:
    """Counts arrivals against :class:`Limits`."""

    def __init__(self, limits: Limits, *, now: Callable[[], float] | None = None) -> None:
        self._now = now or wall_anchored()
        self._refused_count = limits.refused_count
        window = _ALGORITHMS[limits.algorithm]
        started = self._now()
        self._windows: Sequence[tuple[_Window, str]] = [
            (window(limit, seconds, started), _refusal(limit, seconds))
            for limit, seconds in limits.rates
        ]

    def arrive(self) -> str | None:
        """Count one arrival: None when it may pass, else the words of the refusal."""
        now = self._now()
        refusal = next((text for window, text in self._windows if not window.room(now)), None)
        if refusal is None or self._refused_count:
            for window, _ in self._windows:
                window.take(now)
        return refusal


def _refusal(limit: int, seconds: float) -> str:
    if seconds == DAY:
        return f"Limit exceeded of {limit:,} request(s) in one day"
    return f"Limit exceeded of {limit} request(s) in {seconds:g} second(s)"


class _Window(Protocol):
    """One way of counting."""

    def __init__(self, limit: int, seconds: float, started: float) -> None: ...

    def room(self, now: float) -> bool:
        """Whether one more may pass now."""

    def take(self, now: float) -> None:
        """Count one."""


class _FixedWindow:
    def __init__(self, limit: int, seconds: float, started: float) -> None:
        self._limit = limit
        self._seconds = seconds
        self._window = started // seconds
        self._count = 0

    def room(self, now: float) -> bool:
        self._turn(now)
        return self._count < self._limit

    def take(self, now: float) -> None:
        self._turn(now)
        self._count += 1

    def _turn(self, now: float) -> None:
        window = now // self._seconds
        if window != self._window:
            self._window = window
            self._count = 0


class _Log:
    def __init__(self, limit: int, seconds: float, started: float) -> None:
        self._limit = limit
        self._seconds = seconds
        self._taken: deque[float] = deque()

    def room(self, now: float) -> bool:
        while self._taken and self._taken[0] <= now - self._seconds:
            self._taken.popleft()
        return len(self._taken) < self._limit

    def take(self, now: float) -> None:
        self._taken.append(now)


class _Counter:
    def __init__(self, limit: int, seconds: float, started: float) -> None:
        self._limit = limit
        self._seconds = seconds
        self._window = started // seconds
        self._previous = 0
        self._count = 0

    def room(self, now: float) -> bool:
        self._turn(now)
        passed = now / self._seconds - self._window
        return self._previous * (1.0 - passed) + self._count < self._limit

    def take(self, now: float) -> None:
        self._turn(now)
        self._count += 1

    def _turn(self, now: float) -> None:
        window = now // self._seconds
        if window == self._window:
            return
        self._previous = self._count if window == self._window + 1 else 0
        self._window = window
        self._count = 0


class _Bucket:
    def __init__(self, limit: int, seconds: float, started: float) -> None:
        self._limit = limit
        self._per_second = limit / seconds
        self._level = float(limit)
        self._at = started

    def room(self, now: float) -> bool:
        self._level = min(float(self._limit), self._level + (now - self._at) * self._per_second)
        self._at = now
        return self._level >= 1.0

    def take(self, now: float) -> None:
        # Refusals may count too; a bucket that owes would never be paid under steady asking.
        self._level = max(0.0, self._level - 1.0)


_ALGORITHMS: dict[str, type[_Window]] = {
    "fixed": _FixedWindow,
    "log": _Log,
    "counter": _Counter,
    "bucket": _Bucket,
}
