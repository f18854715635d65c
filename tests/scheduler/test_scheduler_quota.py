import asyncio
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from elements_procura.errors import DailyQuotaExceeded, StoreError
from elements_procura.scheduler import (
    Count,
    LocalGate,
    Priority,
    Rate,
    Scheduler,
    Slot,
    SqliteLedger,
)

DAY = 86_400
BUCKET = DAY / 288


async def spend(scheduler: Scheduler, wanted: int, priority: Priority) -> int:
    """How many of those wanted are granted."""
    for number in range(wanted):
        try:
            slot = await scheduler.acquire(priority=priority)
        except DailyQuotaExceeded:
            return number
        slot.finish(status=200)
    return wanted


async def test_bulk_ends_at_its_share_and_the_rest_is_left(clock: Any) -> None:
    scheduler = Scheduler(rates=(Rate(1000, DAY),), clock=clock)
    assert await spend(scheduler, 100, Priority.INTERACTIVE) == 100
    assert await spend(scheduler, 1200, Priority.BULK) == 800
    (usage,) = scheduler.quota()
    assert (usage.used, usage.left, usage.bulk_left) == (900, 100, 0)
    assert await spend(scheduler, 60, Priority.NORMAL) == 60
    assert await spend(scheduler, 60, Priority.INTERACTIVE) == 40
    await scheduler.aclose()


async def test_a_window_of_thousands_ends_at_its_last_request(clock: Any) -> None:
    # Far from its end requests go without a look at it, and some have to be given back.
    scheduler = Scheduler(rates=(Rate(5000, DAY),), clock=clock, bulk_share=0.5)
    for _ in range(1100):
        (await scheduler.acquire(priority=Priority.BULK)).abandon()
    assert await spend(scheduler, 10_000, Priority.BULK) == 2500
    assert await spend(scheduler, 10_000, Priority.INTERACTIVE) == 2500
    await scheduler.aclose()


async def test_the_servers_word_holds_although_thousands_are_left(clock: Any) -> None:
    scheduler = Scheduler(rates=(Rate(100_000, DAY),), clock=clock)
    assert await spend(scheduler, 3, Priority.NORMAL) == 3
    (await scheduler.acquire()).finish(status=429, limit="day", retry_after=600)
    assert await spend(scheduler, 1, Priority.INTERACTIVE) == 0
    await clock.advance(600 + 2 * BUCKET)
    assert await spend(scheduler, 1, Priority.INTERACTIVE) == 1
    await scheduler.aclose()


async def test_what_another_process_grants_is_seen_although_thousands_were_left(
    clock: Any, tmp_path: Path
) -> None:
    def scheduler() -> Scheduler:
        ledger = SqliteLedger(tmp_path / "quota.db")
        return Scheduler(rates=(Rate(4000, DAY),), clock=clock, bulk_share=1, ledger=ledger)

    one, other = scheduler(), scheduler()
    granted = await spend(one, 100, Priority.BULK)
    granted += await spend(other, 10_000, Priority.BULK)
    for _ in range(3):
        granted += await spend(one, 20, Priority.BULK)
    assert 4000 - 8 <= granted <= 4000  # one transaction of bulk counts eight ahead
    for each in (one, other):
        await each.aclose()


@pytest.mark.parametrize(
    ("limit", "share", "granted"), [(100, 0.29, 29), (10, 0.25, 2), (10, 0, 0), (10, 1, 10)]
)
async def test_the_share_is_rounded_down(
    clock: Any, limit: int, share: float, granted: int
) -> None:
    scheduler = Scheduler(rates=(Rate(limit, DAY),), clock=clock, bulk_share=share)
    assert await spend(scheduler, 20 * limit, Priority.BULK) == granted
    await scheduler.aclose()


async def test_the_error_tells_when_to_go_on_and_that_is_right(clock: Any) -> None:
    scheduler = Scheduler(rates=(Rate(10, DAY),), clock=clock)
    await spend(scheduler, 3, Priority.BULK)
    await clock.advance(7200)
    assert await spend(scheduler, 9, Priority.BULK) == 5
    with pytest.raises(DailyQuotaExceeded) as caught:
        await scheduler.acquire(priority=Priority.BULK)
    error = caught.value
    assert error.limit == 10
    # The first three leave a day after they were granted, at most two stretches late.
    assert 22 * 3600 <= error.resets_at - clock.wall() <= 22 * 3600 + 2 * BUCKET
    assert scheduler.quota()[0].resets_at == error.resets_at
    await clock.advance(error.resets_at - clock.wall() - 1)
    assert await spend(scheduler, 1, Priority.BULK) == 0
    await clock.advance(1.001)
    assert await spend(scheduler, 5, Priority.BULK) == 3
    await scheduler.aclose()


async def test_waiters_are_told_when_the_last_one_goes(clock: Any) -> None:
    scheduler = Scheduler(rates=(Rate(5, 1), Rate(10, DAY)), clock=clock, min_rtt=0)
    tasks = [asyncio.create_task(scheduler.acquire(priority=Priority.BULK)) for _ in range(12)]
    for _ in range(10):
        await clock.advance(0.5)
        for task in tasks:
            if task.done() and task.exception() is None:
                task.result().finish(status=200)
    granted = [task for task in tasks if task.exception() is None]
    assert len(granted) == 8
    assert all(isinstance(t.exception(), DailyQuotaExceeded) for t in tasks if t not in granted)
    assert await spend(scheduler, 1, Priority.NORMAL) == 1
    await scheduler.aclose()


async def test_memory_is_constant_and_the_window_slides(clock: Any) -> None:
    gate = LocalGate()
    scheduler = Scheduler(rates=(Rate(1000, DAY),), clock=clock, gate=gate)
    for _ in range(5 * 288):
        assert await spend(scheduler, 3, Priority.NORMAL) == 3
        await clock.advance(BUCKET)
    (quota,) = gate.quotas.each
    assert len(quota._counts) <= 291
    assert 288 * 3 <= scheduler.quota()[0].used <= 291 * 3
    await scheduler.aclose()


@pytest.mark.parametrize("step", [-3 * DAY, -60, 60, 3 * DAY])
async def test_a_wall_clock_that_is_set_changes_nothing(clock: Any, step: float) -> None:
    scheduler = Scheduler(rates=(Rate(10, DAY),), clock=clock, bulk_share=1)
    assert await spend(scheduler, 20, Priority.BULK) == 10
    clock.wall_offset += step
    assert await spend(scheduler, 1, Priority.BULK) == 0
    (usage,) = scheduler.quota()
    assert usage.resets_at is not None
    assert DAY <= usage.resets_at - clock.wall() <= DAY + 2 * BUCKET
    await clock.advance(DAY + 2 * BUCKET)
    assert await spend(scheduler, 20, Priority.BULK) == 10
    await scheduler.aclose()


async def test_abandoning_gives_the_days_count_back(clock: Any) -> None:
    scheduler = Scheduler(rates=(Rate(2, DAY),), clock=clock, bulk_share=0.5)
    slot = await scheduler.acquire(priority=Priority.BULK)
    assert await spend(scheduler, 1, Priority.BULK) == 0
    slot.abandon()
    assert await spend(scheduler, 2, Priority.BULK) == 1
    old = await scheduler.acquire()
    await clock.advance(2 * DAY)
    old.abandon()
    assert scheduler.quota()[0].used == 0
    await scheduler.aclose()


# ---------------------------------------------------------------------- restarts


async def test_a_restart_changes_nothing(clock: Any, tmp_path: Path) -> None:
    granted = 0
    for wanted in (300, 1, 400, 500):
        scheduler = Scheduler(
            rates=(Rate(1000, DAY),), clock=clock, ledger=SqliteLedger(tmp_path / "quota.db")
        )
        granted += await spend(scheduler, wanted, Priority.BULK)
        await scheduler.aclose()
        clock.monotonic = 17.0  # another boot
        clock.wall_offset += 3600
    assert granted == 800
    scheduler = Scheduler(
        rates=(Rate(1000, DAY),), clock=clock, ledger=SqliteLedger(tmp_path / "quota.db")
    )
    assert await spend(scheduler, 1000, Priority.INTERACTIVE) == 200
    await clock.advance(DAY + 2 * BUCKET)
    assert scheduler.quota()[0].used == 0
    await scheduler.aclose()


async def test_a_restart_with_an_older_wall_clock_is_careful(clock: Any, tmp_path: Path) -> None:
    path = tmp_path / "quota.db"
    first = Scheduler(rates=(Rate(10, DAY),), clock=clock, ledger=SqliteLedger(path))
    assert await spend(first, 10, Priority.NORMAL) == 10
    await first.aclose()
    clock.wall_offset -= 7200
    second = Scheduler(rates=(Rate(10, DAY),), clock=clock, ledger=SqliteLedger(path))
    assert await spend(second, 1, Priority.NORMAL) == 0
    await clock.advance(DAY + 2 * BUCKET)
    assert await spend(second, 20, Priority.NORMAL) == 10
    await second.aclose()


async def test_a_machine_that_slept_does_not_age_what_it_granted(
    clock: Any, tmp_path: Path
) -> None:
    path = tmp_path / "quota.db"
    first = Scheduler(rates=(Rate(10, DAY),), clock=clock, ledger=SqliteLedger(path))
    clock.wall_offset += 8 * 3600  # the monotonic clock stood still meanwhile
    assert await spend(first, 10, Priority.NORMAL) == 10
    await first.aclose()
    clock.wall_offset += 20 * 3600
    second = Scheduler(rates=(Rate(10, DAY),), clock=clock, ledger=SqliteLedger(path))
    assert await spend(second, 1, Priority.NORMAL) == 0
    await second.aclose()


def test_made_in_one_thread_and_used_in_another(tmp_path: Path) -> None:
    scheduler = Scheduler(rates=(Rate(10, DAY),), ledger=SqliteLedger(tmp_path / "quota.db"))

    async def use() -> int:
        granted = await spend(scheduler, 20, Priority.NORMAL)
        await scheduler.aclose()
        return granted

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(asyncio.run, use()).result() == 10


def test_killed_in_the_middle_nothing_is_forgotten(tmp_path: Path) -> None:
    code = """
import asyncio, os, signal, sys
from elements_procura.scheduler import Rate, Scheduler, SqliteLedger
async def main():
    scheduler = Scheduler(rates=(Rate(1000, 86_400),), ledger=SqliteLedger(sys.argv[1]))
    for _ in range(123):
        await scheduler.acquire()
    os.kill(os.getpid(), signal.SIGKILL)
asyncio.run(main())
"""
    path = tmp_path / "quota.db"
    ended = subprocess.run([sys.executable, "-c", code, str(path)], check=False)
    assert ended.returncode == -9
    scheduler = Scheduler(rates=(Rate(1000, DAY),), ledger=SqliteLedger(path))
    assert scheduler.quota()[0].used == 123
    asyncio.run(scheduler.aclose())


def test_the_ledger_keeps_windows_apart_and_drops_what_is_old(tmp_path: Path) -> None:
    ledger = SqliteLedger(tmp_path / "quota.db")
    day, hour = Rate(100, DAY), Rate(10, 3600)
    for start in (0.0, 300.0, 600.0):
        ledger.add(day, Count(start, 2, 1))
        ledger.add(day, Count(start, 1, 0))
    ledger.add(hour, Count(600.0, 7, 0))
    ledger.close()
    assert ledger.load(day, 300.0) == [Count(300.0, 3, 1), Count(600.0, 3, 1)]
    assert ledger.load(hour, 0.0) == [Count(600.0, 7, 0)]
    assert ledger.load(Rate(200, DAY), 0.0) == [Count(300.0, 3, 1), Count(600.0, 3, 1)], (
        "another limit is still the same window"
    )
    ledger.close()
    ledger.close()


def test_a_ledger_that_cannot_be_used_says_so(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be used"):
        Scheduler(ledger=SqliteLedger(tmp_path / "nowhere" / "quota.db"))
    (tmp_path / "quota.db").write_text("this is no database, though it is long enough" * 20)
    with pytest.raises(StoreError):
        Scheduler(ledger=SqliteLedger(tmp_path / "quota.db"))


async def test_a_grant_that_cannot_be_written_down_is_not_given(
    clock: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = SqliteLedger(tmp_path / "quota.db")
    scheduler = Scheduler(rates=(Rate(5, 1), Rate(10, DAY)), clock=clock, min_rtt=0, ledger=ledger)
    await scheduler.acquire()
    broken = sqlite3.OperationalError("disk I/O error")

    def fail() -> sqlite3.Connection:
        raise broken

    with monkeypatch.context() as patch:
        patch.setattr(ledger, "_connection", fail)
        with pytest.raises(StoreError):
            await scheduler.acquire()
    assert [usage.used for usage in scheduler.quota()] == [1, 1]
    slots: list[Slot] = [await scheduler.acquire() for _ in range(4)]
    waiting = [asyncio.create_task(scheduler.acquire()) for _ in range(2)]
    await clock.settle()
    with monkeypatch.context() as patch:
        patch.setattr(ledger, "_connection", fail)
        for slot in slots:
            slot.finish(status=200)
        await clock.advance(1.1)
    for task in waiting:
        with pytest.raises(StoreError):
            await task
    assert [usage.used for usage in scheduler.quota()] == [1, 5]
    await scheduler.aclose()


# ---------------------------------------------------------------------- what is to come


async def test_what_leaves_the_window_is_told_by_when(clock: Any) -> None:
    scheduler = Scheduler(rates=(Rate(1000, DAY),), clock=clock)
    began = clock.wall()
    assert await spend(scheduler, 300, Priority.BULK) == 300
    await clock.advance(3600)
    assert await spend(scheduler, 600, Priority.BULK) == 500
    assert await spend(scheduler, 150, Priority.INTERACTIVE) == 150
    (usage,) = scheduler.quota()
    assert usage.bulk_left == usage.bulk_by(clock.wall()) == 0
    assert usage.bulk_by(began + DAY) == 0
    assert usage.bulk_by(began + DAY + 2 * BUCKET) == 300
    assert usage.bulk_by(began + DAY + 3600) == 300
    assert usage.bulk_by(began + DAY + 3600 + 2 * BUCKET) == 800
    # What it says is what is granted then.
    await clock.advance(DAY - 3600 + 2 * BUCKET)
    assert await spend(scheduler, 1000, Priority.BULK) == 300
    await scheduler.aclose()


async def test_of_several_windows_each_gives_its_share(clock: Any) -> None:
    scheduler = Scheduler(rates=(Rate(1000, DAY), Rate(5, 1)), clock=clock)
    day, second = scheduler.quota()
    assert day.bulk_by(clock.wall() + DAY / 2) == 800
    assert day.bulk_by(clock.wall() + 2.5 * DAY) == 2400
    assert day.bulk_by(clock.wall() - 1) == 0
    assert second.bulk_by(clock.wall() + DAY) == second.bulk_left
    await scheduler.aclose()


async def test_what_others_used_above_their_share_is_missing_until_it_leaves(clock: Any) -> None:
    scheduler = Scheduler(rates=(Rate(1000, DAY),), clock=clock)
    assert await spend(scheduler, 500, Priority.INTERACTIVE) == 500
    now = clock.wall()
    (usage,) = scheduler.quota()
    assert (usage.bulk_left, usage.bulk_by(now + 3600)) == (500, 500)
    assert usage.bulk_by(now + DAY - 1) == 500
    await scheduler.aclose()


async def test_while_the_server_refuses_nothing_is_free_before_it_says(clock: Any) -> None:
    scheduler = Scheduler(rates=(Rate(1000, DAY),), clock=clock)
    slot = await scheduler.acquire(priority=Priority.BULK)
    slot.finish(status=429, limit="day", retry_after=7200.0)
    now = clock.wall()
    (usage,) = scheduler.quota()
    assert usage.bulk_by(now + 7100) == 0
    assert usage.bulk_by(now + 7300 + 2 * BUCKET) == 799
    await scheduler.aclose()


# ---------------------------------------------------------------------- clocks that were ahead


@pytest.mark.parametrize("ahead", [60.0, 3600.0, DAY, 400.0 * DAY])
async def test_a_clock_that_was_ahead_when_the_quota_was_counted_locks_for_one_window(
    clock: Any, tmp_path: Path, ahead: float
) -> None:
    path = tmp_path / "quota.db"
    first = Scheduler(rates=(Rate(10, DAY),), clock=clock, ledger=SqliteLedger(path))
    assert await spend(first, 10, Priority.NORMAL) == 10
    await first.aclose()
    clock.wall_offset -= ahead  # the clock is right now
    granted = []
    for _ in range(4):  # each of them starts anew, half a day later
        scheduler = Scheduler(rates=(Rate(10, DAY),), clock=clock, ledger=SqliteLedger(path))
        granted.append(await spend(scheduler, 10, Priority.NORMAL))
        await scheduler.aclose()
        await clock.advance(DAY / 2 + 2 * BUCKET)
    assert granted in ([0, 0, 10, 0], [0, 10, 0, 10])  # once, as of then, and they expire
    for count in SqliteLedger.counted(path).get(DAY, []):
        assert count.start <= clock.wall()
