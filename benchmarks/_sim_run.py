"""One run: fifty busy tasks behind one limiter in one simulated world."""

import asyncio
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Protocol
from unittest import mock

from _sim_world import EPOCH, LEAST_RTT, LIMIT, Answer, LoopClock, VirtualLoop, World, percentile

from elements_procura.scheduler import Priority, Rate, Scheduler, Slot

TASKS = 50
INTERACTIVE_PER_SECOND = 0.5
FIRST_TEN_MINUTES = 600.0


class Limiter(Protocol):
    """What a run asks of a limiter."""

    async def acquire(self, priority: Priority, before: Any) -> Any:
        """Wait for leave; ``before`` is what was given for the same request before."""

    def report(self, given: Any, answer: Answer) -> None:
        """The answer is there."""

    async def aclose(self) -> None:
        """The run is over."""


class Ours:
    """This package's scheduler."""

    def __init__(self, loop: VirtualLoop, **settings: Any) -> None:
        self.scheduler = Scheduler(rates=(Rate(LIMIT, 1),), clock=LoopClock(loop), **settings)

    async def acquire(self, priority: Priority, before: Slot | None) -> Slot:
        return await self.scheduler.acquire(priority=priority, retry_of=before)

    def report(self, given: Slot, answer: Answer) -> None:
        given.finish(status=answer.status, server_date=answer.date)

    async def aclose(self) -> None:
        await self.scheduler.aclose()


class Other:
    """A library that knows neither answers nor priorities."""

    def __init__(self, acquire: Callable[[], Any]) -> None:
        self._acquire = acquire

    async def acquire(self, priority: Priority, before: None) -> None:
        await self._acquire()

    def report(self, given: None, answer: Answer) -> None:
        pass

    async def aclose(self) -> None:
        pass


# The libraries are imported where they are used: only this benchmark needs them.


def aiolimiter(limit: float, seconds: float) -> Callable[[VirtualLoop], Limiter]:
    """The token bucket as it is."""

    def make(_loop: VirtualLoop) -> Limiter:
        library = import_module("aiolimiter")
        return Other(library.AsyncLimiter(limit, seconds).acquire)

    return make


def pyrate(loop: VirtualLoop) -> Limiter:
    """pyrate-limiter, its clock replaced."""
    library = import_module("pyrate_limiter")
    import_module("pyrate_limiter.clocks").monotonic_ns = lambda: int(loop.now * 1e9)  # type: ignore[attr-defined]  # any module may be given one
    bucket = library.InMemoryBucket([library.Rate(LIMIT, library.Duration.SECOND)])
    limiter = library.Limiter(bucket)
    return Other(lambda: limiter.try_acquire_async("elements"))


def throttled(loop: VirtualLoop) -> Limiter:
    """throttled-py's token bucket, its clock replaced."""
    library = import_module("throttled.asyncio")
    clock = mock.Mock(time=lambda: EPOCH + loop.now, monotonic=loop.time)
    import_module("throttled.utils").time = clock  # type: ignore[attr-defined]  # as above
    limiter = library.Throttled(
        key="elements", quota="5/s", timeout=1e6, store=library.MemoryStore()
    )
    return Other(limiter.limit)


def aiometer(_loop: VirtualLoop) -> Limiter:
    """Aiometer's meter, behind a lock in place of its one-after-another dispatcher."""
    state = import_module("aiometer._impl.meters").RateLimitMeter.State(LIMIT)
    lock = asyncio.Lock()

    async def acquire() -> None:
        async with lock:
            await state.wait_task_can_start()
            await state.notify_task_started()

    return Other(acquire)


def guarantee(network: str, min_rtt: str) -> Callable[[VirtualLoop], Limiter]:
    """``min_rtt`` is ``"given"``, ``"zero"`` or ``"learned"``."""
    value = {"given": LEAST_RTT[network], "zero": 0.0, "learned": None}[min_rtt]
    return lambda loop: Ours(loop, min_rtt=value)


def adaptive(loop: VirtualLoop) -> Limiter:
    return Ours(loop, mode="adaptive")


@dataclass
class Result:
    """What one run showed. Times in seconds, utilisation in percent, CPU in µs per request."""

    utilisation: float
    per_thousand: float
    per_thousand_later: float
    p50: float
    p99: float
    interactive_p99: float
    cpu: float
    arrivals: list[float] = field(default_factory=list)


def run(
    make: Callable[[VirtualLoop], Limiter],
    server: str,
    network: str,
    seed: int,
    *,
    seconds: float = 3600.0,
    interactive: bool = False,
    keep_arrivals: bool = False,
    **world_settings: Any,
) -> Result:
    """Simulate so many seconds."""
    loop = VirtualLoop(random.Random(f"timers/{seed}"))
    world = World(loop, server, network, seed, **world_settings)
    if keep_arrivals:
        world.arrivals = []
    start = loop.now
    end = start + seconds
    waits: dict[Priority, list[float]] = {priority: [] for priority in Priority}

    async def one(limiter: Limiter, priority: Priority) -> None:
        waited, given = 0.0, None
        while True:
            asked = loop.now
            given = await limiter.acquire(priority, given)
            waited += loop.now - asked
            answer = await world.send()
            limiter.report(given, answer)
            if answer.status != 429:
                waits[priority].append(waited)
                return

    async def busy(limiter: Limiter) -> None:
        while loop.now < end:
            await one(limiter, Priority.BULK)

    async def main() -> tuple[int, int, int]:
        limiter = make(loop)
        tasks = [asyncio.ensure_future(busy(limiter)) for _ in range(TASKS)]
        rng = random.Random(f"interactive/{seed}")
        while interactive and loop.now < end:
            await asyncio.sleep(rng.expovariate(INTERACTIVE_PER_SECOND))
            tasks.append(asyncio.ensure_future(one(limiter, Priority.INTERACTIVE)))
        await asyncio.sleep(end - loop.now)
        counts = world.accepted, world.sent, len(world.refusals)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await limiter.aclose()
        return counts

    began = time.process_time()
    try:
        accepted, sent, refused = loop.run_until_complete(main())
    finally:
        loop.close()
    cpu = time.process_time() - began
    later = sum(moment >= start + FIRST_TEN_MINUTES for moment in world.refusals[:refused])
    later_sent = sent * max(seconds - FIRST_TEN_MINUTES, 1.0) / seconds
    return Result(
        utilisation=100 * accepted / (LIMIT * seconds),
        per_thousand=1000 * refused / sent,
        per_thousand_later=1000 * later / later_sent,
        p50=percentile(waits[Priority.BULK], 0.5),
        p99=percentile(waits[Priority.BULK], 0.99),
        interactive_p99=percentile(waits[Priority.INTERACTIVE], 0.99),
        cpu=1e6 * cpu / sent,
        arrivals=world.arrivals or [],
    )
