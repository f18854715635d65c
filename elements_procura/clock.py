"""The clock, injected wherever time matters, so that tests can run a day in seconds."""

import asyncio
import time
from typing import Protocol, cast

from elements_procura.errors import ConfigError

_METHODS = ("now", "wall", "sleep")


class Clock(Protocol):
    """The source of time for the scheduler, the token keeper and the session."""

    def now(self) -> float:
        """Monotonic seconds; only differences mean anything."""

    def wall(self) -> float:
        """Seconds since the Unix epoch."""

    async def sleep(self, seconds: float) -> None:
        """Return after ``seconds``, never before.

        Args:
            seconds: How long.
        """


class SystemClock:
    """The machine's own clocks."""

    # The functions themselves: the time is read many times for every request.
    now: "staticmethod[[], float]" = staticmethod(time.monotonic)
    wall: "staticmethod[[], float]" = staticmethod(time.time)

    async def sleep(self, seconds: float) -> None:
        """Sleep on the running event loop.

        Args:
            seconds: How long.
        """
        await asyncio.sleep(seconds)


def clock_of(given: object) -> Clock:
    """The same object, if it is a clock.

    Raises:
        ConfigError: It has not got the methods of one.
    """
    if not all(callable(getattr(given, name, None)) for name in _METHODS):
        raise ConfigError(
            f"clock must have the methods {', '.join(_METHODS)}",
            hint="Leave it out for the machine's own clocks",
        )
    return cast("Clock", given)
