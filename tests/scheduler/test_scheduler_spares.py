"""Requests that the ledger counts ahead: never fewer than have left, none too many in the end."""

import random
from pathlib import Path

import pytest

from elements_procura.errors import DailyQuotaExceeded
from elements_procura.scheduler import Priority, Rate, Scheduler, SqliteLedger
from tests.clock import FakeClock

DAY = 86_400
WIDE = (Rate(100_000, DAY),)


def counted(path: Path) -> tuple[int, int]:
    counts = SqliteLedger.counted(path).get(DAY, [])
    return sum(count.total for count in counts), sum(count.bulk for count in counts)


async def spend(scheduler: Scheduler, wanted: int, priority: Priority = Priority.NORMAL) -> None:
    for _ in range(wanted):
        (await scheduler.acquire(priority=priority)).finish(status=200)


async def test_where_many_are_granted_at_once_some_are_counted_ahead_and_given_back(
    clock: FakeClock, tmp_path: Path
) -> None:
    path, ledger = tmp_path / "quota.db", SqliteLedger(tmp_path / "quota.db")
    transactions = 0
    real = ledger.transaction

    def counting() -> object:
        nonlocal transactions
        transactions += 1
        return real()

    ledger.transaction = counting  # type: ignore[method-assign, assignment] # a spy for this test
    scheduler = Scheduler(rates=WIDE, clock=clock, ledger=ledger)
    await spend(scheduler, 1000, Priority.BULK)
    total, bulk = counted(path)
    assert total == bulk
    assert 1000 <= total <= 1032
    assert scheduler.quota()[0].used == 1000
    assert transactions < 100
    await scheduler.aclose()
    assert counted(path) == (1000, 1000)


async def test_at_the_pace_of_a_strict_server_every_count_is_exact(
    clock: FakeClock, tmp_path: Path
) -> None:
    path = tmp_path / "quota.db"
    scheduler = Scheduler(
        rates=(Rate(5, 1), *WIDE), clock=clock, min_rtt=0, ledger=SqliteLedger(path)
    )
    for second in range(1, 40):
        await spend(scheduler, 5)
        assert counted(path) == (5 * second, 0)
        await clock.advance(1.01)
    await scheduler.aclose()


async def test_of_bulk_a_few_are_counted_ahead_at_any_pace_and_a_kill_overcounts_by_them(
    clock: FakeClock, tmp_path: Path
) -> None:
    path = tmp_path / "quota.db"
    rates = (Rate(5, 1), *WIDE)
    killed = Scheduler(rates=rates, clock=clock, min_rtt=0, ledger=SqliteLedger(path))
    for second in range(1, 8):
        await spend(killed, 5, Priority.BULK)
        assert 5 * second <= counted(path)[0] < 5 * second + 8
        await clock.advance(1.01)
    again = Scheduler(rates=rates, clock=clock, min_rtt=0, ledger=SqliteLedger(path))
    assert 35 <= again.quota()[1].used == counted(path)[0] < 43
    for each in (again, killed):
        await each.aclose()


async def test_what_was_counted_ahead_does_not_outlive_its_stretch(
    clock: FakeClock, tmp_path: Path
) -> None:
    path = tmp_path / "quota.db"
    scheduler = Scheduler(rates=WIDE, clock=clock, ledger=SqliteLedger(path))
    await spend(scheduler, 501)
    ahead = counted(path)[0] - 501
    assert ahead
    await clock.advance(600)
    await spend(scheduler, 1)
    assert counted(path) == (502, 0)
    await spend(scheduler, 1, Priority.BULK)
    assert counted(path) == (510, 8)
    await scheduler.aclose()
    assert counted(path) == (503, 1)


async def test_a_machine_that_slept_counts_them_as_of_now(clock: FakeClock, tmp_path: Path) -> None:
    path = tmp_path / "quota.db"
    scheduler = Scheduler(rates=WIDE, clock=clock, ledger=SqliteLedger(path))
    await spend(scheduler, 501)
    assert counted(path)[0] > 501
    clock.wall_offset += 8 * 3600  # the monotonic clock stood still meanwhile
    await spend(scheduler, 1)
    early, late = SqliteLedger.counted(path)[DAY]
    assert early.total == 501
    assert 1 <= late.total <= 32
    assert late.start > clock.wall() - 600
    await scheduler.aclose()


@pytest.mark.parametrize("seed", range(4))
async def test_however_two_share_a_window_it_is_used_up_exactly(
    clock: FakeClock, tmp_path: Path, seed: int
) -> None:
    path, rng, limit = tmp_path / "quota.db", random.Random(seed), 3000
    rates = (Rate(limit, DAY), Rate(4 * limit, 3 * DAY))
    both = [Scheduler(rates=rates, clock=clock, ledger=SqliteLedger(path)) for _ in "ab"]
    left, granted, held = [0, 1], 0, []
    while left:
        who = rng.choice(left)
        for _ in range(rng.choice([1, 10, 200])):
            priority = rng.choice([Priority.NORMAL, Priority.NORMAL, Priority.BULK])
            try:
                slot = await both[who].acquire(priority=priority)
            except DailyQuotaExceeded:
                if priority is Priority.BULK:
                    continue
                left.remove(who)
                break
            granted += 1
            held.append(slot)
        if rng.random() < 0.2 and held and len(left) == 2:
            held.pop().abandon()
            granted -= 1
        assert granted <= counted(path)[0] <= limit
        await clock.advance(rng.choice([0.01, 0.3, 400]))
    assert granted == limit
    for each in both:
        await each.aclose()
    assert counted(path)[0] == limit
