import asyncio
from typing import Any

import pytest

from elements_procura.errors import ClosedError, WrongLoopError
from elements_procura.scheduler import Priority, Rate, Scheduler, Slot

RATES = (Rate(5, 1),)


async def fill(scheduler: Scheduler) -> list[Slot]:
    return [await scheduler.acquire(priority=Priority.BULK) for _ in range(5)]


class Line:
    """Acquires whose order of being served is noted; each is finished at once."""

    def __init__(self, scheduler: Scheduler) -> None:
        self.scheduler = scheduler
        self.served: list[str] = []
        self.tasks: dict[str, asyncio.Task[Slot]] = {}

    async def add(self, name: str, priority: Priority, retry_of: Slot | None = None) -> None:
        async def wait() -> Slot:
            slot = await self.scheduler.acquire(priority=priority, retry_of=retry_of)
            self.served.append(name)
            slot.finish(status=200)
            return slot

        self.tasks[name] = asyncio.create_task(wait())
        await asyncio.sleep(0)


async def test_lanes_and_repeats(clock: Any) -> None:
    scheduler = Scheduler(rates=RATES, clock=clock, min_rtt=0)
    slots = await fill(scheduler)
    line = Line(scheduler)
    for name, priority in (
        ("b1", Priority.BULK),
        ("n1", Priority.NORMAL),
        ("i1", Priority.INTERACTIVE),
        ("b2", Priority.BULK),
        ("n2", Priority.NORMAL),
        ("i2", Priority.INTERACTIVE),
    ):
        await line.add(name, priority)
    await line.add("r1", Priority.BULK, retry_of=slots[0])
    await line.add("r2", Priority.BULK, retry_of=slots[1])
    for slot in slots:
        slot.finish(status=200)
    await clock.advance(30)
    assert line.served == ["r1", "r2", "i1", "i2", "n1", "n2", "b1", "b2"]
    await scheduler.aclose()


async def test_a_repeat_keeps_the_priority_it_had(clock: Any) -> None:
    scheduler = Scheduler(rates=(Rate(10, 86_400),), clock=clock, bulk_share=0.1)
    slot = await scheduler.acquire(priority=Priority.INTERACTIVE)
    assert (await scheduler.acquire(priority=Priority.BULK, retry_of=slot)).priority is (
        Priority.INTERACTIVE
    )
    await scheduler.aclose()


async def test_no_lane_starves(clock: Any) -> None:
    scheduler = Scheduler(rates=RATES, clock=clock, min_rtt=0)
    line = Line(scheduler)
    await line.add("bulk", Priority.BULK)
    slots = [await scheduler.acquire() for _ in range(4)]
    await line.add("poor", Priority.BULK)
    for slot in slots:
        slot.finish(status=200)
    for number in range(200):  # ten interactive requests a second: twice what there is
        await line.add(f"i{number}", Priority.INTERACTIVE)
        await clock.advance(0.1)
    assert "poor" in line.served
    assert 30 < line.served.index("poor") < 80
    for task in line.tasks.values():
        task.cancel()
    await scheduler.aclose()


async def test_others_leave_places_to_whoever_is_interactive(clock: Any) -> None:
    scheduler = Scheduler(rates=RATES, clock=clock, min_rtt=0)
    five = [await scheduler.acquire(priority=Priority.INTERACTIVE) for _ in range(5)]
    for slot in five:  # at once: a burst of interactive requests is not slowed down
        slot.finish(status=200)
    await clock.advance(5)
    line = Line(scheduler)
    for number in range(50):
        await line.add(f"b{number}", Priority.BULK)
    worst = 0.0
    for number in range(12):
        await clock.advance(0.37)
        asked = clock.now()
        await line.add(f"i{number}", Priority.INTERACTIVE)
        while f"i{number}" not in line.served:
            await clock.advance(0.01)
        worst = max(worst, clock.now() - asked)
    assert 0 < worst < 0.35
    for task in line.tasks.values():
        task.cancel()
    await scheduler.aclose()


async def test_places_are_left_while_somebody_interactive_is_about_and_no_longer(
    clock: Any,
) -> None:
    scheduler = Scheduler(rates=RATES, clock=clock, min_rtt=0)

    async def apart() -> float:
        """How long after one request the next of the same priority leaves."""
        await clock.advance(3)
        one = await scheduler.acquire()
        line = Line(scheduler)
        await line.add("next", Priority.NORMAL)
        for _ in range(50):
            if "next" not in line.served:
                await clock.advance(0.01)
        one.finish(status=200)
        return line.tasks["next"].result().sent - one.sent

    assert await apart() == 0
    (await scheduler.acquire(priority=Priority.INTERACTIVE)).finish(status=200)
    assert await apart() == pytest.approx(0.6 * 0.2, abs=0.011)
    await clock.advance(31)
    assert await apart() == 0
    await scheduler.aclose()


async def test_a_cancelled_waiter_leaves_no_trace(clock: Any) -> None:
    scheduler = Scheduler(rates=(*RATES, Rate(100, 86_400)), clock=clock, min_rtt=0)
    slots = await fill(scheduler)
    line = Line(scheduler)
    for number in range(1000):
        await line.add(str(number), Priority.NORMAL)
    await line.add("last", Priority.BULK)
    for number in range(1000):
        line.tasks[str(number)].cancel()
    await clock.settle()
    assert len(scheduler._queue) == 1
    for slot in slots:
        slot.finish(status=200)
    await clock.advance(1.1)
    assert line.served == ["last"]
    assert scheduler.quota()[1].used == 6
    await scheduler.aclose()


async def test_who_is_cancelled_in_the_same_turn_is_passed_over(clock: Any) -> None:
    scheduler = Scheduler(rates=RATES, clock=clock)
    slots = await fill(scheduler)
    line = Line(scheduler)
    await line.add("cancelled", Priority.NORMAL)
    await line.add("next", Priority.NORMAL)
    line.tasks["cancelled"].cancel()
    slots[0].abandon()  # gives the place to the next before the task of the first has run
    await asyncio.sleep(0)
    assert line.served == ["next"]
    await scheduler.aclose()


async def test_cancelled_after_the_grant_gives_all_back(clock: Any) -> None:
    scheduler = Scheduler(rates=(*RATES, Rate(100, 86_400)), clock=clock, min_rtt=0)
    slots = await fill(scheduler)
    task = asyncio.create_task(scheduler.acquire())
    await clock.settle()
    before = scheduler.quota()
    # In one turn of the loop: the place is given back, the waiter gets it, and is cancelled.
    slots[0].abandon()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    after = scheduler.quota()
    assert [usage.used for usage in after] == [usage.used - 1 for usage in before]
    (await scheduler.acquire()).finish(status=200)
    await scheduler.aclose()


async def test_an_abandoned_place_goes_to_the_next_at_once(clock: Any) -> None:
    scheduler = Scheduler(rates=RATES, clock=clock)
    slots = await fill(scheduler)
    task = asyncio.create_task(scheduler.acquire())
    await clock.settle()
    assert not task.done()
    slots[2].abandon()
    await clock.settle()
    assert task.done()
    await scheduler.aclose()


async def test_finish_and_abandon_count_once(clock: Any) -> None:
    scheduler = Scheduler(rates=(*RATES, Rate(100, 86_400)), clock=clock, min_rtt=0)
    slot = await scheduler.acquire()
    slot.finish(status=200)
    slot.finish(status=429)
    slot.abandon()
    other = await scheduler.acquire()
    other.abandon()
    other.abandon()
    other.finish(status=200)
    short, day = scheduler.quota()
    assert (short.used, day.used) == (1, 1)
    await clock.advance(2)
    assert len(await fill(scheduler)) == 5
    task = asyncio.create_task(scheduler.acquire())
    await clock.advance(5)
    assert not task.done(), "a sixth place"
    task.cancel()
    await scheduler.aclose()


async def test_closing_wakes_everybody_and_leaves_no_task(clock: Any) -> None:
    scheduler = Scheduler(rates=RATES, clock=clock)
    slots = await fill(scheduler)
    waiting = [asyncio.create_task(scheduler.acquire()) for _ in range(3)]
    await clock.settle()
    slots[0].finish(status=200)
    await clock.settle()
    assert clock.asleep == 1
    await scheduler.aclose()
    for task in waiting:
        with pytest.raises(ClosedError):
            await task
    with pytest.raises(ClosedError):
        await scheduler.acquire()
    assert clock.asleep == 0
    assert asyncio.all_tasks() == {asyncio.current_task()}
    slots[1].finish(status=200)
    slots[2].abandon()
    await scheduler.aclose()


async def test_there_is_one_timer(clock: Any) -> None:
    scheduler = Scheduler(rates=RATES, clock=clock, min_rtt=0)
    tasks = [asyncio.create_task(scheduler.acquire()) for _ in range(50)]
    await clock.settle()
    done = 0
    for _ in range(40):
        for task in tasks:
            if task.done():
                task.result().finish(status=200)
                done += 1
        tasks = [task for task in tasks if not task.done()]
        await clock.settle()
        assert clock.asleep <= 1
        await clock.advance(0.3)
    assert done == 50
    await scheduler.aclose()


async def test_timers_may_fire_early(clock: Any) -> None:
    clock.early = 0.4
    scheduler = Scheduler(rates=RATES, clock=clock, min_rtt=0)
    for slot in await fill(scheduler):
        slot.finish(status=200)
    start = clock.now()
    task = asyncio.create_task(scheduler.acquire())
    while not task.done():
        await clock.advance(0.01)
    assert clock.now() - start > 1
    await scheduler.aclose()


def test_another_loop_is_refused(clock: Any) -> None:
    scheduler = Scheduler(rates=RATES, clock=clock)

    async def use() -> None:
        (await scheduler.acquire()).finish(status=200)

    asyncio.run(use())
    with pytest.raises(WrongLoopError):
        asyncio.run(use())


async def test_it_works_on_the_real_clock() -> None:
    scheduler = Scheduler(rates=(Rate(2, 0.1),), min_rtt=0)
    loop = asyncio.get_running_loop()
    start = loop.time()
    for _ in range(6):
        (await scheduler.acquire()).finish(status=200)
    assert 0.2 <= loop.time() - start < 2
    await scheduler.aclose()
