"""A clock whose sleep takes no time."""

import asyncio
import time

__all__ = ["QuickClock"]


class QuickClock:
    """A virtual clock: sleeping takes no time but moves it; what really takes time moves it too.

    Answers under way seem as slow as everybody's sleep is long. Give it to a client as ``clock``,
    and its :meth:`now` to a sandbox, so that both agree on the limits.

    Attributes:
        slept: The seconds of every sleep, in order.
    """

    def __init__(self) -> None:
        self.slept: list[float] = []
        self._ahead = 0.0

    def now(self) -> float:
        """Monotonic seconds."""
        return time.monotonic() + self._ahead

    def wall(self) -> float:
        """Seconds since the epoch."""
        return time.time() + self._ahead

    async def sleep(self, seconds: float) -> None:
        """Let so much time go by at once.

        Args:
            seconds: How much.
        """
        self.slept.append(seconds)
        until = self.now() + seconds
        await asyncio.sleep(0)  # who is cancelled here has moved nothing
        self._ahead += max(0.0, until - self.now())

    def skip(self, seconds: float) -> None:
        """Have so much time gone by.

        Args:
            seconds: How much.
        """
        self._ahead += seconds
