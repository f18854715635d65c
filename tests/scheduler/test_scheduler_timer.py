"""A scheduler that only waits for the clock sets a timer of the loop, and makes no task."""

import asyncio
import gc
import random
import weakref

import pytest

from elements_procura.clock import Clock, SystemClock
from elements_procura.errors import ClosedError
from elements_procura.scheduler import Line, LocalGate, Priority, Rate, Scheduler
from tests.clock import VirtualClock

pytestmark = pytest.mark.virtual_time

RATES = (Rate(1, 1),)


class LoopTime(SystemClock):
    """Sleeps as the machine's clock does, in the time of the loop."""

    now = wall = staticmethod(lambda: asyncio.get_running_loop().time())


class OwnSleep(LoopTime):
    """Sleeps in its own way, so that the scheduler has to await it."""

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


async def test_nobody_but_the_one_who_waits_has_a_task() -> None:
    scheduler = Scheduler(rates=RATES, clock=LoopTime(), min_rtt=0)
    (await scheduler.acquire()).finish(status=200)
    waiting = asyncio.create_task(scheduler.acquire())
    await asyncio.sleep(0.5)
    assert asyncio.all_tasks() == {asyncio.current_task(), waiting}
    assert (await waiting).sent == pytest.approx(1.002)
    await scheduler.aclose()


async def grants(clock: Clock, mode: str, seed: int) -> list[tuple[int, float]]:
    """Who was granted when, of some that ask again and again."""
    rng, start, found = random.Random(seed), clock.now(), []
    scheduler = Scheduler(rates=(Rate(5, 1), Rate(50, 60)), mode=mode, clock=clock)  # type: ignore[arg-type] # one of the two

    async def ask(who: int, trips: list[float]) -> None:
        for trip in trips:
            slot = await scheduler.acquire(priority=list(Priority)[who % 3])
            found.append((who, round(slot.sent - start, 6)))
            await asyncio.sleep(trip)
            slot.finish(status=200 if trip < 0.2 else 429)

    each = [[rng.uniform(0.01, 0.21) for _ in range(12)] for _ in range(7)]
    await asyncio.gather(*(ask(who, trips) for who, trips in enumerate(each)))
    await scheduler.aclose()
    return found


@pytest.mark.parametrize("mode", ["guarantee", "adaptive"])
async def test_requests_leave_as_they_would_by_awaited_sleep(mode: str) -> None:
    by_timer = await grants(LoopTime(), mode, 1)
    by_sleep = await grants(OwnSleep(), mode, 1)
    assert len(by_timer) == 84
    assert [who for who, _ in by_timer] == [who for who, _ in by_sleep]
    assert [when for _, when in by_timer] == pytest.approx([when for _, when in by_sleep], abs=1e-5)


async def closed_while_one_waits() -> "weakref.ref[Scheduler]":
    scheduler = Scheduler(rates=RATES, clock=LoopTime(), min_rtt=0)
    (await scheduler.acquire()).finish(status=200)
    waiting = asyncio.create_task(scheduler.acquire())
    await asyncio.sleep(0.1)
    await scheduler.aclose()
    await asyncio.wait([waiting])
    assert isinstance(waiting.exception(), ClosedError)
    return weakref.ref(scheduler)


async def test_a_closed_scheduler_leaves_no_timer_behind() -> None:
    left = await closed_while_one_waits()
    gc.collect()
    assert left() is None, "the loop holds it until its timer would be due"


async def test_a_gate_with_its_own_wait_is_awaited() -> None:
    awaited = []

    class Patient(LocalGate):
        async def wait(self, until: float, line: Line) -> None:
            awaited.append(line.waiting(Priority.NORMAL))
            await super().wait(until, line)

    scheduler = Scheduler(rates=RATES, clock=LoopTime(), min_rtt=0, gate=Patient())
    for _ in range(2):
        (await scheduler.acquire()).finish(status=200)
    assert awaited == [1]
    await scheduler.aclose()


async def test_a_clock_with_its_own_sleep_is_asked_to_sleep() -> None:
    clock = VirtualClock()
    scheduler = Scheduler(rates=RATES, clock=clock, min_rtt=0)
    for _ in range(2):
        (await scheduler.acquire()).finish(status=200)
    assert clock.slept == [pytest.approx(1.002)]
    await scheduler.aclose()
