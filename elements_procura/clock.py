"""The clock, injected wherever time matters, so that tests can run a day in seconds."""

import asyncio
import time
from typing import Protocol


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
    now = staticmethod(time.monotonic)
    wall = staticmethod(time.time)

    async def sleep(self, seconds: float) -> None:
        """Sleep on the running event loop.

        Args:
            seconds: How long.
        """
        await asyncio.sleep(seconds)
