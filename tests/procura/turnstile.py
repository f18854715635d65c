"""A clock for many callers at once, on which nothing takes real time."""

import asyncio
import heapq
import itertools
from collections.abc import Awaitable, Callable
from typing import Any


class Turnstile:
    """A clock that moves once everybody who works waits for it; nothing takes real time."""

    def __init__(self) -> None:
        self._now = 0.0
        self._working = 0
        self._asleep = 0
        self._due: list[tuple[float, int, Callable[[], object], bool]] = []
        self._numbers = itertools.count()
        self._workers: set[asyncio.Task[Any]] = set()

    def now(self) -> float:
        return self._now

    def wall(self) -> float:
        return 1_750_000_000.0 + self._now

    def later(self, seconds: float, change: Callable[[], object]) -> None:
        """Call ``change`` so many seconds later."""
        self._push(seconds, change, is_worker=False)

    async def sleep(self, seconds: float) -> None:
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        is_worker = asyncio.current_task() in self._workers
        self._asleep += is_worker

        def wake() -> None:
            if not woken.done():
                woken.set_result(None)

        self._push(seconds, wake, is_worker=is_worker)
        self._move()
        await woken

    async def run(self, *work: Awaitable[Any]) -> list[Any]:
        """Everything that comes of ``work``, all at once."""
        self._working = len(work)
        self._workers = {asyncio.ensure_future(self._one(each)) for each in work}
        tasks = list(self._workers)
        return await asyncio.gather(*tasks)

    async def _one(self, work: Awaitable[Any]) -> Any:
        try:
            return await work
        finally:
            self._working -= 1
            self._move()

    def _push(self, seconds: float, wake: Callable[[], object], *, is_worker: bool) -> None:
        entry = (self._now + max(0.0, seconds), next(self._numbers), wake, is_worker)
        heapq.heappush(self._due, entry)

    def _move(self) -> None:
        while self._due and self._asleep >= self._working:
            when, _, wake, is_worker = heapq.heappop(self._due)
            self._now = max(self._now, when)
            self._asleep -= is_worker
            wake()
