"""What one process has learned of its server, the next one knows."""

import contextlib
import json
import random
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from _sim_run import Ours
from _sim_world import VirtualLoop, World

from elements_procura.scheduler import Count, LocalGate, Rate, Scheduler, SqliteLedger
from tests.clock import FakeClock

DAY = 86_400
RATES = (Rate(5, 1), Rate(100_000, DAY))
RTT = 0.1


async def answered(scheduler: Scheduler, clock: FakeClock, many: int, *, rtt: float = RTT) -> None:
    """So many requests, one after the other."""
    for _ in range(many):
        slot = await scheduler.acquire()
        await clock.advance(rtt)
        slot.finish(status=200)
        await clock.advance(1)


async def taught(path: Path, clock: FakeClock) -> None:
    """Leave a ledger that knows the least round trip."""
    scheduler = Scheduler(rates=RATES, clock=clock, ledger=SqliteLedger(path))
    await answered(scheduler, clock, 30)
    await scheduler.aclose()


async def hold(scheduler: Scheduler, clock: FakeClock, *, rtt: float = RTT) -> float:
    """Seconds from five answers at once to the next grant."""
    slots = [await scheduler.acquire() for _ in range(5)]
    await clock.advance(rtt)
    for slot in slots:
        slot.finish(status=200)
    start = clock.now()
    found = scheduler._gate.try_acquire(slots[0].priority, reserve=False)
    assert isinstance(found, float)
    return found - start


async def later_hold(scheduler: Scheduler, clock: FakeClock, *, rtt: float = RTT) -> float:
    """The third :func:`hold` of a process: by then a remembered round trip has been confirmed."""
    for _ in range(2):
        # Of the first burst, each may have waited for its connection.
        assert await hold(scheduler, clock, rtt=rtt) == pytest.approx(1.002)
        await clock.advance(2)
    return await hold(scheduler, clock, rtt=rtt)


def lesson(path: Path) -> dict[str, Any]:
    with contextlib.closing(sqlite3.connect(path)) as database:
        (text,) = database.execute("SELECT lesson FROM lessons").fetchone()
    found: dict[str, Any] = json.loads(text)
    return found


def write(path: Path, text: object) -> None:
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("UPDATE lessons SET lesson = ?", (text,))


async def test_a_restart_relies_on_the_least_round_trip_once_its_own_answers_took_as_long(
    clock: FakeClock, tmp_path: Path
) -> None:
    fresh = Scheduler(rates=RATES, clock=clock, ledger=SqliteLedger(tmp_path / "fresh.db"))
    assert await later_hold(fresh, clock) == pytest.approx(1.002)
    await fresh.aclose()
    await taught(tmp_path / "quota.db", clock)
    again = Scheduler(rates=RATES, clock=clock, ledger=SqliteLedger(tmp_path / "quota.db"))
    assert await later_hold(again, clock) == pytest.approx(1.002 - 0.9 * RTT)
    await again.aclose()


async def test_connections_that_are_made_slowly_to_a_server_that_is_nearer_now(
    clock: FakeClock, tmp_path: Path
) -> None:
    await taught(tmp_path / "quota.db", clock)
    again = Scheduler(rates=RATES, clock=clock, ledger=SqliteLedger(tmp_path / "quota.db"))
    assert await hold(again, clock, rtt=RTT) == pytest.approx(1.002)
    await clock.advance(2)
    for _ in range(5):
        assert await hold(again, clock, rtt=RTT / 5) > 1.002 - RTT / 5
        await clock.advance(2)
    await again.aclose()


async def test_a_quicker_way_to_the_server_is_learned_anew(
    clock: FakeClock, tmp_path: Path
) -> None:
    await taught(tmp_path / "quota.db", clock)
    again = Scheduler(rates=RATES, clock=clock, ledger=SqliteLedger(tmp_path / "quota.db"))
    assert await later_hold(again, clock, rtt=RTT / 2) == pytest.approx(1.002)
    await again.aclose()


async def test_lessons_are_kept_while_it_runs_for_nobody_promises_a_good_end(
    clock: FakeClock, tmp_path: Path
) -> None:
    path = tmp_path / "quota.db"
    scheduler = Scheduler(rates=RATES, clock=clock, ledger=SqliteLedger(path))
    await answered(scheduler, clock, 60)
    assert lesson(path)["trips"]["least"] == pytest.approx(RTT)
    await scheduler.aclose()


def changed(**values: Any) -> Callable[[dict[str, Any]], str]:
    return lambda known: json.dumps({**known, **values})


@pytest.mark.parametrize(
    "make",
    [
        lambda _: "",
        lambda _: "{",
        lambda _: "[" * 100_000,
        lambda _: "null",
        lambda _: b"\xff\x00",
        lambda known: json.dumps([known]),
        changed(version=2),
        changed(host="another machine"),
        changed(rates=[[6, 1], [100_000, DAY]]),
        changed(at=0),
        changed(at=9e9),
        changed(at="yesterday"),
        changed(trips={"least": float("nan"), "spread": 0}),
        changed(trips={"least": -1, "spread": 0}),
        changed(trips={"least": 10**400, "spread": 0}),
        changed(trips={"least": True, "spread": 0}),
        changed(trips=None),
        changed(phase={"known": 1, "low": 5, "high": 4}),
        changed(windows=[]),
        changed(windows=[{}]),
        changed(windows={}),
    ],
)
async def test_what_is_broken_or_foreign_is_as_if_it_was_never_there(
    clock: FakeClock, tmp_path: Path, make: Callable[[dict[str, Any]], object]
) -> None:
    path = tmp_path / "quota.db"
    await taught(path, clock)
    write(path, make(lesson(path)))
    again = Scheduler(rates=RATES, clock=clock, ledger=SqliteLedger(path))
    assert again.quota()[1].used == 30
    assert await later_hold(again, clock) == pytest.approx(1.002)
    await again.aclose()


async def test_a_ledger_of_an_earlier_version_learns_to_remember(
    clock: FakeClock, tmp_path: Path
) -> None:
    path = tmp_path / "quota.db"
    ledger = SqliteLedger(path)
    ledger.add(RATES[1], Count(clock.wall(), 7, 0))
    ledger.close()
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("DROP TABLE lessons")
    scheduler = Scheduler(rates=RATES, clock=clock, ledger=SqliteLedger(path))
    assert scheduler.quota()[1].used == 7
    await scheduler.aclose()
    await taught(path, clock)
    assert lesson(path)["trips"]["least"] == pytest.approx(RTT)


def refusals(path: Path, seconds: float, *, start: float) -> tuple[int, str]:
    """How often a jittered log refuses one process in its time, and its gear at the end."""
    loop = VirtualLoop(random.Random("timers"))
    loop.now = start
    world = World(loop, "log", "bimodal", 5)
    gate = LocalGate(ledger=SqliteLedger(path))

    async def busy(ours: Ours) -> None:
        while loop.now < start + seconds:
            slot = await ours.acquire(2, None)  # type: ignore[arg-type]  # a number, as the world has it
            ours.report(slot, await world.send())

    async def main() -> None:
        ours = Ours(loop, mode="adaptive", gate=gate)
        for _ in range(12):
            loop.create_task(busy(ours))
        await busy(ours)
        await ours.aclose()

    loop.run_until_complete(main())
    loop.close()
    return len(world.refusals), gate.pacers[0].gear  # type: ignore[union-attr]  # the mode has gears


def test_adaptive_goes_on_in_the_gear_that_it_had(tmp_path: Path) -> None:
    path = tmp_path / "quota.db"
    assert refusals(path, 40, start=1000) == (1, "answers")
    assert refusals(path, 40, start=1060) == (0, "answers")
