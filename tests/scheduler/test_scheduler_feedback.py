import asyncio
from typing import Any

import pytest

from elements_procura.errors import DailyQuotaExceeded
from elements_procura.scheduler import LocalGate, Priority, Rate, Scheduler, Slot, SqliteLedger

DAY = 86_400
RATES = (Rate(5, 1), Rate(1000, DAY))


async def granted_after(clock: Any, scheduler: Scheduler, **how: Any) -> float:
    start = clock.now()
    task = asyncio.create_task(scheduler.acquire(**how))
    await clock.settle()
    while not task.done():
        await clock.advance(0.01)
        assert clock.now() - start < 200
    task.result().finish(status=200)
    return float(clock.now() - start)


async def test_a_refusal_holds_everybody_back_and_the_repeat_goes_first(clock: Any) -> None:
    scheduler = Scheduler(rates=RATES, clock=clock, min_rtt=0)
    slot = await scheduler.acquire(priority=Priority.BULK)
    slot.finish(status=429)
    order: list[str] = []

    async def wait(name: str, retry_of: Slot | None) -> None:
        held = await scheduler.acquire(priority=Priority.INTERACTIVE, retry_of=retry_of)
        order.append(name)
        held.finish(status=200)

    tasks = [
        asyncio.create_task(wait("new", None)),
        asyncio.create_task(wait("again", slot)),
    ]
    await clock.advance(0.99)
    assert not order
    await clock.advance(0.02)
    await clock.advance(1)
    assert order == ["again", "new"]
    await asyncio.gather(*tasks)
    await scheduler.aclose()


@pytest.mark.parametrize("seconds", [0.2, 17])
async def test_retry_after_is_obeyed(clock: Any, seconds: float) -> None:
    scheduler = Scheduler(rates=RATES, clock=clock, min_rtt=0)
    (await scheduler.acquire()).finish(status=429, limit="second", retry_after=seconds)
    waited = await granted_after(clock, scheduler, priority=Priority.INTERACTIVE)
    assert waited == pytest.approx(seconds, abs=0.02)
    await scheduler.aclose()


async def test_refusals_in_a_row_make_the_wait_longer_and_an_answer_ends_that(clock: Any) -> None:
    gate = LocalGate()
    scheduler = Scheduler(rates=RATES, clock=clock, min_rtt=0, gate=gate)
    waits = []
    for _ in range(8):
        slots = []
        for _ in range(2):
            slots.append(await scheduler.acquire())
            await clock.advance(0.5)  # refusals make it space requests evenly
        for slot in slots:
            slot.finish(status=429)  # the second left before the gate had closed
        start = clock.now()
        while gate.paused_until > clock.now():
            await clock.advance(0.1)
        waits.append(round(clock.now() - start))
        await clock.advance(1.1)
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]
    await clock.advance(1)
    (await scheduler.acquire()).finish(status=200)
    await clock.advance(1)
    (await scheduler.acquire()).finish(status=429)
    assert await granted_after(clock, scheduler) == pytest.approx(1, abs=0.02)
    await scheduler.aclose()


async def test_the_days_refusal_fixes_the_count_to_full(clock: Any, tmp_path: Any) -> None:
    path = tmp_path / "quota.db"
    scheduler = Scheduler(rates=RATES, clock=clock, ledger=SqliteLedger(path))
    await scheduler.acquire()
    waiting = [asyncio.create_task(scheduler.acquire()) for _ in range(9)]
    await clock.settle()
    slot = waiting[0].result()
    slot.finish(status=429, limit="day")
    await clock.settle()
    refused = [task for task in waiting if task.done() and task.exception() is not None]
    assert len(refused) == 5
    with pytest.raises(DailyQuotaExceeded) as caught:
        await scheduler.acquire(priority=Priority.INTERACTIVE, retry_of=slot)
    assert DAY <= caught.value.resets_at - clock.wall() <= DAY + 600
    assert scheduler.quota()[1].left == 0
    await scheduler.aclose()
    clock.wall_offset += 3600
    again = Scheduler(rates=RATES, clock=clock, ledger=SqliteLedger(path))
    assert again.quota()[1].left == 0, "not even a restart forgets it"
    await again.aclose()


async def test_the_day_ends_when_the_server_says_so(clock: Any, tmp_path: Any) -> None:
    path = tmp_path / "quota.db"
    scheduler = Scheduler(rates=RATES, clock=clock, ledger=SqliteLedger(path))
    for _ in range(3):
        (await scheduler.acquire()).finish(status=200)
    (await scheduler.acquire()).finish(status=429, limit="day", retry_after=3 * 3600)
    with pytest.raises(DailyQuotaExceeded) as caught:
        await scheduler.acquire()
    assert caught.value.resets_at == pytest.approx(clock.wall() + 3 * 3600, abs=600)
    await scheduler.aclose()
    scheduler = Scheduler(rates=RATES, clock=clock, ledger=SqliteLedger(path))
    with pytest.raises(DailyQuotaExceeded) as caught:
        await scheduler.acquire()
    assert caught.value.resets_at == pytest.approx(clock.wall() + 3 * 3600, abs=600)
    await clock.advance(3 * 3600 + 600)
    (await scheduler.acquire()).finish(status=200)
    assert scheduler.quota()[1].used == 5
    await scheduler.aclose()


async def test_a_days_limit_that_nobody_told_of(clock: Any) -> None:
    scheduler = Scheduler(rates=(Rate(5, 1),), clock=clock)
    (await scheduler.acquire()).finish(status=429, limit="day")
    with pytest.raises(DailyQuotaExceeded) as caught:
        await scheduler.acquire()
    assert caught.value.limit is None
    assert caught.value.resets_at == pytest.approx(clock.wall() + DAY)
    await clock.advance(DAY + 1)
    (await scheduler.acquire()).finish(status=200)
    await scheduler.aclose()


async def test_an_unclassified_refusal_with_a_long_wait_is_the_days(clock: Any) -> None:
    scheduler = Scheduler(rates=RATES, clock=clock)
    (await scheduler.acquire()).finish(status=429, retry_after=7200)
    with pytest.raises(DailyQuotaExceeded):
        await scheduler.acquire()
    await scheduler.aclose()


async def test_a_burst_of_refusals_is_one_incident(clock: Any) -> None:
    scheduler = Scheduler(rates=RATES, clock=clock, min_rtt=0)
    for _ in range(2):
        for slot in [await scheduler.acquire() for _ in range(5)]:
            slot.finish(status=429)
        await clock.advance(3)
    start = clock.now()
    for slot in [await scheduler.acquire() for _ in range(5)]:
        slot.finish(status=429)
    assert clock.now() == start, "not spaced yet"
    await clock.advance(10)
    await scheduler.acquire()
    task = asyncio.create_task(scheduler.acquire())
    await clock.advance(0.19)
    assert not task.done(), "spaced now"
    await clock.advance(0.03)
    assert task.done()
    await scheduler.aclose()
