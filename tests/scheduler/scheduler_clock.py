"""A clock for tests, as a user's own might be: now, wall and sleep on an ordinary loop."""

import asyncio
import heapq
import itertools


class FakeClock:
    """A clock that stands still until it is told to go on."""

    def __init__(self) -> None:
        self.monotonic = 5000.0
        self.wall_offset = 1_800_000_000.0
        self.early = 0.0  # seconds by which every sleep is cut short
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._number = itertools.count()

    def now(self) -> float:
        return self.monotonic

    def wall(self) -> float:
        return self.monotonic + self.wall_offset

    async def sleep(self, seconds: float) -> None:
        assert seconds > 0
        seconds = max(seconds - self.early, seconds / 2)
        future = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.monotonic + seconds, next(self._number), future))
        await future

    @property
    def asleep(self) -> int:
        return sum(not future.done() for _, _, future in self._sleepers)

    async def settle(self) -> None:
        """Let everybody run who can."""
        for _ in range(10):
            await asyncio.sleep(0)

    async def advance(self, seconds: float) -> None:
        end = self.monotonic + seconds
        await self.settle()
        while self._sleepers and self._sleepers[0][0] <= end:
            when, _, future = heapq.heappop(self._sleepers)
            if future.done():
                continue
            self.monotonic = max(self.monotonic, when)
            future.set_result(None)
            await self.settle()
        self.monotonic = end
        await self.settle()
