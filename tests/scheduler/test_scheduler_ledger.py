"""A ledger that several processes share, and one that somebody else holds just now."""

import asyncio
import contextlib
import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from elements_procura.errors import DailyQuotaExceeded, StoreError
from elements_procura.scheduler import (
    Count,
    LedgerBusy,
    Priority,
    Rate,
    Scheduler,
    SqliteLedger,
    _checkpoints,
    _patience,
)
from tests.clock import FakeClock

DAY = 86_400
TEN = (Rate(10, DAY),)


@contextlib.contextmanager
def held(path: Path) -> Iterator[None]:
    """Somebody else writes to the file, and takes their time."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def counted(path: Path) -> int:
    return sum(count.total for count in SqliteLedger.counted(path).get(DAY, []))


async def spend(scheduler: Scheduler, priority: Priority = Priority.NORMAL) -> int:
    """Take all that there is; the number."""
    taken = 0
    with contextlib.suppress(DailyQuotaExceeded):
        while True:
            (await scheduler.acquire(priority=priority)).finish(status=200)
            taken += 1
    return taken


async def test_a_held_ledger_is_waited_for_and_the_loop_goes_on(
    clock: FakeClock, tmp_path: Path
) -> None:
    path = tmp_path / "quota.db"
    scheduler = Scheduler(rates=TEN, clock=clock, ledger=SqliteLedger(path))
    (await scheduler.acquire()).finish(status=200)
    with held(path):
        waiting = [asyncio.create_task(scheduler.acquire()) for _ in range(3)]
        await clock.advance(7)  # would not come back from a call that waits
        assert not any(task.done() for task in waiting)
        assert scheduler.quota()[0].used == 1
    await clock.advance(1)
    for task in waiting:
        (await task).finish(status=200)
    assert counted(path) == scheduler.quota()[0].used == 4
    await scheduler.aclose()


async def test_a_ledger_that_is_held_for_too_long_ends_the_wait(
    clock: FakeClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "quota.db"
    scheduler = Scheduler(rates=TEN, clock=clock, ledger=SqliteLedger(path))
    (await scheduler.acquire()).finish(status=200)
    monkeypatch.setattr(_patience, "_LONGEST", 0.0)
    with held(path):
        waiting = asyncio.create_task(scheduler.acquire())
        await clock.advance(1)
        with pytest.raises(StoreError, match="held by another process") as caught:
            await waiting
        assert not isinstance(caught.value, LedgerBusy)
    await scheduler.aclose()


async def test_who_waits_for_a_held_ledger_can_be_cancelled_and_the_scheduler_closed(
    clock: FakeClock, tmp_path: Path
) -> None:
    path = tmp_path / "quota.db"
    scheduler = Scheduler(rates=TEN, clock=clock, ledger=SqliteLedger(path))
    (await scheduler.acquire()).finish(status=200)
    with held(path):
        waiting = [asyncio.create_task(scheduler.acquire()) for _ in range(2)]
        await clock.advance(1)
        waiting[0].cancel()
        await clock.advance(1)
        await scheduler.aclose()
        ended = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(each).__name__ for each in ended] == ["CancelledError", "ClosedError"]
    assert counted(path) == 1


async def test_what_was_given_back_meanwhile_is_kept_later(
    clock: FakeClock, tmp_path: Path
) -> None:
    path = tmp_path / "quota.db"
    scheduler = Scheduler(rates=TEN, clock=clock, ledger=SqliteLedger(path))
    slots = [await scheduler.acquire() for _ in range(4)]
    with held(path):
        slots[0].abandon()
        slots[1].abandon()
    assert (scheduler.quota()[0].used, counted(path)) == (2, 4)
    slots.append(await scheduler.acquire())
    assert (scheduler.quota()[0].used, counted(path)) == (3, 3)
    with held(path):
        slots[2].abandon()
    await scheduler.aclose()
    assert counted(path) == 2


async def test_what_the_server_says_is_kept_although_the_ledger_is_held(
    clock: FakeClock, tmp_path: Path
) -> None:
    path = tmp_path / "quota.db"
    scheduler = Scheduler(rates=TEN, clock=clock, ledger=SqliteLedger(path))
    slot = await scheduler.acquire()
    with held(path):
        slot.finish(status=429, limit="day")
        with pytest.raises(DailyQuotaExceeded):
            await scheduler.acquire()
    await scheduler.aclose()
    assert counted(path) == 10


async def test_two_that_share_a_file_grant_no_more_than_there_is(
    clock: FakeClock, tmp_path: Path
) -> None:
    path = tmp_path / "quota.db"
    both = [Scheduler(rates=TEN, clock=clock, ledger=SqliteLedger(path)) for _ in range(2)]
    for _ in range(3):
        for each in both:
            (await each.acquire()).finish(status=200)
    assert await spend(both[0]) == 4
    waiting = asyncio.create_task(spend(both[1]))
    await clock.advance(1)
    assert await waiting == 0
    assert both[1].quota()[0].used == counted(path) == 10
    for each in both:
        await each.aclose()


async def test_two_that_share_a_file_leave_each_others_share_of_bulk(
    clock: FakeClock, tmp_path: Path
) -> None:
    path = tmp_path / "quota.db"
    both = [Scheduler(rates=TEN, clock=clock, ledger=SqliteLedger(path)) for _ in range(2)]
    assert await spend(both[0], Priority.BULK) == 8
    waiting = asyncio.create_task(spend(both[1], Priority.BULK))
    await clock.advance(1)
    assert await waiting == 0
    assert await spend(both[1]) == 2
    for each in both:
        await each.aclose()


async def test_two_windows_in_one_file_both_meet_others(clock: FakeClock, tmp_path: Path) -> None:
    path, rates = tmp_path / "quota.db", (Rate(10, DAY), Rate(8, 3600))
    both = [Scheduler(rates=rates, clock=clock, ledger=SqliteLedger(path)) for _ in range(2)]
    for each in both:
        (await each.acquire()).finish(status=200)
    assert await spend(both[0]) == 6
    (usage, hourly) = both[0].quota()
    assert (usage.used, hourly.used) == (8, 8)
    for each in both:
        await each.aclose()


async def test_a_count_that_somebody_else_corrects_is_met(clock: FakeClock, tmp_path: Path) -> None:
    path = tmp_path / "quota.db"
    first, second = (Scheduler(rates=TEN, clock=clock, ledger=SqliteLedger(path)) for _ in "ab")
    slots = [await first.acquire() for _ in range(5)]
    (await second.acquire()).finish(status=200)
    assert second.quota()[0].used == 6
    for slot in slots:
        slot.abandon()
    (await second.acquire()).finish(status=200)
    assert second.quota()[0].used == 2
    await first.aclose()
    await second.aclose()


MEMBER = """
import asyncio, sys, time
from elements_procura.errors import DailyQuotaExceeded
from elements_procura.scheduler import Rate, Scheduler, SqliteLedger
async def main():
    sys.stdin.readline()
    scheduler = Scheduler(rates=(Rate(50, 86_400),), ledger=SqliteLedger(sys.argv[1]))
    taken = 0
    try:
        for _ in range(int(sys.argv[2])):
            (await scheduler.acquire()).finish(status=200)
            taken += 1
    except DailyQuotaExceeded:
        pass
    await scheduler.aclose()
    print(taken)
asyncio.run(main())
"""


def together(path: Path, *, members: int, each: int) -> list[int]:
    """What so many processes got that begin at once on a new file."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", MEMBER, str(path), str(each)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(members)
    ]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    ended = [process.communicate(timeout=120) for process in processes]
    assert [err for _, err in ended] == [""] * members
    return [int(out) for out, _ in ended]


def test_processes_that_begin_a_file_together_wait_for_each_other(tmp_path: Path) -> None:
    for number in range(3):
        path = tmp_path / f"quota-{number}.db"
        assert together(path, members=6, each=5) == [5] * 6
        assert counted(path) == 30


def test_processes_together_take_no_more_than_there_is(tmp_path: Path) -> None:
    path = tmp_path / "quota.db"
    assert sum(together(path, members=4, each=100)) == 50
    assert counted(path) == 50


async def test_the_last_request_goes_to_one_of_those_who_ask_for_it(
    clock: FakeClock, tmp_path: Path
) -> None:
    path = tmp_path / "quota.db"
    both = [Scheduler(rates=TEN, clock=clock, ledger=SqliteLedger(path)) for _ in "ab"]
    assert [each.quota()[0].left for each in both] == [10, 10]
    assert await spend(both[0]) == 10
    with pytest.raises(DailyQuotaExceeded) as caught:  # although it has counted none so far
        await both[1].acquire()
    assert caught.value.resets_at > clock.wall()
    assert both[1].quota()[0].used == counted(path) == 10
    for each in both:
        await each.aclose()


async def test_whoever_waits_in_line_learns_that_others_took_the_last(
    clock: FakeClock, tmp_path: Path
) -> None:
    path, rates = tmp_path / "quota.db", (*TEN, Rate(1, 1))
    both = [Scheduler(rates=rates, clock=clock, ledger=SqliteLedger(path)) for _ in "ab"]
    (await both[1].acquire()).finish(status=200)
    waiting = asyncio.create_task(both[1].acquire())
    await clock.settle()
    other = Scheduler(rates=TEN, clock=clock, ledger=SqliteLedger(path))
    assert await spend(other) == 9
    await clock.advance(2)
    with pytest.raises(DailyQuotaExceeded):
        await waiting
    for each in (*both, other):
        await each.aclose()


async def test_of_several_windows_all_are_counted_or_none(
    clock: FakeClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, ledger = tmp_path / "quota.db", SqliteLedger(tmp_path / "quota.db")
    scheduler = Scheduler(rates=(*TEN, Rate(8, 3600)), clock=clock, ledger=ledger)
    (await scheduler.acquire()).finish(status=200)
    add = ledger.add

    def fail(rate: Rate, count: Count) -> None:
        if rate.seconds == 3600:
            raise StoreError("disk full")
        add(rate, count)

    with monkeypatch.context() as patch:
        patch.setattr(ledger, "add", fail)
        with pytest.raises(StoreError):
            await scheduler.acquire()
    assert [usage.used for usage in scheduler.quota()] == [1, 1]
    assert {
        seconds: sum(count.total for count in counts)
        for seconds, counts in SqliteLedger.counted(path).items()
    } == {DAY: 1, 3600: 1}
    await scheduler.aclose()


# ---------------------------------------------------------------------- the loop goes on


async def test_a_new_file_that_is_held_keeps_no_loop_waiting(
    clock: FakeClock, tmp_path: Path
) -> None:
    path = tmp_path / "quota.db"
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        other.execute("CREATE TABLE x (y)")
        scheduler = Scheduler(rates=TEN, clock=clock, ledger=SqliteLedger(path))
        waiting = asyncio.create_task(scheduler.acquire())
        await clock.advance(7)
        assert not waiting.done()
        other.execute("COMMIT")
    await clock.advance(1)
    (await waiting).finish(status=200)
    assert scheduler.quota()[0].used == counted(path) == 1
    await scheduler.aclose()


async def test_what_was_counted_before_counts_although_the_file_was_held_at_first(
    clock: FakeClock, tmp_path: Path
) -> None:
    path = tmp_path / "quota.db"
    first = Scheduler(rates=TEN, clock=clock, ledger=SqliteLedger(path))
    assert await spend(first) == 10
    await first.aclose()
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        scheduler = Scheduler(rates=TEN, clock=clock, ledger=SqliteLedger(path))
        waiting = asyncio.create_task(scheduler.acquire())
        await clock.advance(1)
        assert not waiting.done()
    await clock.advance(1)
    with pytest.raises(DailyQuotaExceeded):
        await waiting
    await scheduler.aclose()


async def test_a_checkpoint_that_takes_its_time_keeps_nobody_waiting(
    clock: FakeClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on = threading.Event(), threading.Event()
    threads: list[threading.Thread] = []

    def slow(_path: Path) -> None:
        threads.append(threading.current_thread())
        begun.set()
        assert go_on.wait(60)

    monkeypatch.setattr(_checkpoints, "checkpoint", slow)
    path = tmp_path / "quota.db"
    scheduler = Scheduler(rates=TEN, clock=clock, ledger=SqliteLedger(path))
    assert begun.wait(60)
    for _ in range(5):  # each in a new stretch
        (await scheduler.acquire()).finish(status=200)
        await clock.advance(600)
    assert counted(path) == 5
    closing = asyncio.create_task(scheduler.aclose())
    for _ in range(20):
        await asyncio.sleep(0.001)
    assert not closing.done()
    go_on.set()
    await closing
    assert threads
    assert threading.current_thread() not in threads


def test_the_loops_connection_makes_no_checkpoints_and_waits_for_nobody(tmp_path: Path) -> None:
    ledger = SqliteLedger(tmp_path / "quota.db")
    ledger.load(TEN[0], 0.0)
    # 1 is NORMAL: without a sync where the log begins anew, a power cut could spoil the file.
    for setting, value in (("synchronous", 1), ("wal_autocheckpoint", 0), ("busy_timeout", 0)):
        assert ledger._connection().execute(f"PRAGMA {setting}").fetchone() == (value,)
    ledger.close()


async def test_what_comes_after_the_end_is_kept_and_the_file_closed(
    clock: FakeClock, tmp_path: Path
) -> None:
    path = tmp_path / "quota.db"
    scheduler = Scheduler(rates=TEN, clock=clock, ledger=SqliteLedger(path))
    late, _ = [await scheduler.acquire() for _ in range(2)]
    await scheduler.aclose()
    assert counted(path) == 2
    late.abandon()
    for thread in threading.enumerate():
        if thread.name == "ledger-close":
            thread.join()
    assert counted(path) == 1
    assert not path.with_name("quota.db-wal").exists()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="only Unix forks")
def test_a_child_leaves_its_parents_connection_alone(tmp_path: Path) -> None:
    path, code = (
        tmp_path / "quota.db",
        """
import os, sys, time
from elements_procura.scheduler import Count, Rate, SqliteLedger
rate = Rate(10, 86_400)
ledger = SqliteLedger(sys.argv[1])
ledger.add(rate, Count(0.0, 1, 0))
if (child := os.fork()) == 0:
    ledger.add(rate, Count(0.0, 1, 0))
    ledger.close()
    os._exit(0)
os.waitpid(child, 0)
with ledger.transaction():
    assert ledger.changed(rate)
    ledger.add(rate, Count(0.0, 1, 0))
    assert ledger.load(rate, 0.0) == [Count(0.0, 3, 0)]
ledger.close()
""",
    )
    subprocess.run([sys.executable, "-c", code, str(path)], check=True)
    assert counted(path) == 3


class Bare:
    """A ledger of somebody's own, with the three methods that are asked for."""

    def __init__(self) -> None:
        self.counts: list[Count] = []

    def load(self, rate: Rate, since: float) -> list[Count]:
        return self.counts

    def add(self, rate: Rate, count: Count) -> None:
        self.counts.append(count)

    def close(self) -> None:
        """Nothing is open."""


async def test_three_methods_are_enough(clock: Any) -> None:
    scheduler = Scheduler(rates=TEN, clock=clock, ledger=Bare())
    assert await spend(scheduler) == 10
    await scheduler.aclose()


@pytest.mark.parametrize(
    "row", [("yesterday", 7, 0), (4e9, "many", 0), (4e9, 7, 0.5), (float("inf"), 7, 0)]
)
def test_a_count_that_is_spoiled_says_what_to_do(
    clock: FakeClock, tmp_path: Path, row: tuple[object, ...]
) -> None:
    ledger = SqliteLedger(tmp_path / "quota.sqlite")
    ledger.add(TEN[0], Count(clock.wall(), 1, 0))
    ledger.close()
    with contextlib.closing(sqlite3.connect(tmp_path / "quota.sqlite")) as database:
        database.execute("INSERT INTO grants VALUES (?, ?, ?, ?)", (DAY, *row))
        database.commit()
    with pytest.raises(StoreError, match=r"spoiled\. Move quota\.sqlite away"):
        Scheduler(rates=TEN, clock=clock, ledger=SqliteLedger(tmp_path / "quota.sqlite"))
