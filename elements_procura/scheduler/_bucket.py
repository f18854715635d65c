"""aiolimiter's token bucket, on the injected clock and never asleep."""

from typing import TYPE_CHECKING, cast

from aiolimiter import AsyncLimiter

if TYPE_CHECKING:
    import asyncio

    from elements_procura.clock import Clock


class _ClockLoop:
    """All that the bucket asks of a loop as long as it never has to wait: the time."""

    __slots__ = ("time",)

    def __init__(self, clock: "Clock") -> None:
        self.time = clock.now


class Bucket(AsyncLimiter):
    """A token bucket that is asked, not awaited.

    The limiter reads its time from ``_loop``; here that is the injected clock, so a simulated day
    drives it too. Tokens are only ever taken when they are there: its own queue and timer stay
    unused, and the scheduler's queue (which knows priorities) is the only one.

    Args:
        limit: Tokens the bucket holds when full.
        seconds: In how many seconds an empty bucket fills.
        clock: The time.
    """

    def __init__(self, limit: float, seconds: float, clock: "Clock") -> None:
        super().__init__(limit, seconds)
        self._clock_loop = cast("asyncio.AbstractEventLoop", _ClockLoop(clock))

    @property
    def _loop(self) -> "asyncio.AbstractEventLoop":
        return self._clock_loop

    def due(self, now: float) -> float:
        """The moment from which one token is there, on the clock's ``now``."""
        # As its own ``has_capacity``, for a moment that is known already.
        leaked = (now - self._last_check) * self._rate_per_sec
        level = self._level = max(self._level - leaked, 0.0)
        self._last_check = now
        missing = level + 1 - self.max_rate
        return now + missing / self._rate_per_sec if missing > 0.0 else now

    def take(self) -> None:
        """Take one token; the caller has made sure that it is due."""
        self._level += 1

    def give_back(self) -> None:
        """Put one token back."""
        self._level = max(self._level - 1, 0.0)
