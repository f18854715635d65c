import asyncio
import random
from datetime import UTC, datetime
from typing import Any

import pytest
from _sim_world import LEAST_RTT, LoopClock, VirtualLoop, World

from elements_procura.errors import ConfigError
from elements_procura.scheduler import LocalGate, Priority, Rate, Scheduler, Slot
from elements_procura.scheduler._places import FLIGHT, SLACK
from elements_procura.scheduler._trips import CAUTION, LEARN, Phase, trusted
from tests.clock import VirtualClock

RATES = (Rate(5, 1),)


async def fill(scheduler: Scheduler) -> list[Slot]:
    return [await scheduler.acquire() for _ in range(5)]


async def waits(clock: Any, scheduler: Scheduler, *, step: float = 0.0001) -> float:
    """How long the next acquire takes, to a ``step`` of seconds."""
    start = clock.now()
    task = asyncio.create_task(scheduler.acquire())
    await clock.settle()
    while not task.done():
        await clock.advance(step)
        assert clock.now() - start < 10, "never granted"
    (await task).abandon()
    return float(clock.now() - start)


async def test_a_place_is_held_until_its_answer(clock: Any) -> None:
    scheduler = Scheduler(rates=RATES, clock=clock)
    slots = await fill(scheduler)
    task = asyncio.create_task(scheduler.acquire())
    await clock.advance(3600)
    assert not task.done()
    slots[0].finish(status=200)
    await clock.advance(1.01)
    assert task.done()
    await scheduler.aclose()


@pytest.mark.parametrize(
    ("min_rtt", "trip", "wait"),
    [
        (0, 0.1, 1 + SLACK),
        (0.05, 0.1, 1 + SLACK - 0.05),
        (0.1, 0.1, 1 + SLACK - 0.1),
        (0.5, 0.1, 1 + SLACK - 0.1),  # it was quicker than promised: that is believed
        (None, 0.1, 1 + SLACK),  # nothing learned yet
    ],
)
async def test_when_a_place_is_free_again(
    clock: Any, min_rtt: float | None, trip: float, wait: float
) -> None:
    scheduler = Scheduler(rates=RATES, clock=clock, min_rtt=min_rtt)
    slots = await fill(scheduler)
    await clock.advance(trip)
    for slot in slots:
        slot.finish(status=200)
    assert await waits(clock, scheduler) == pytest.approx(wait, abs=2e-4)
    await scheduler.aclose()


@pytest.mark.parametrize(
    ("status", "wait"), [(None, FLIGHT - 0.1 + 1 + SLACK), (429, 1 + SLACK), (500, 0.92 + SLACK)]
)
async def test_nothing_is_taken_off_what_may_have_been_quicker(
    clock: Any, status: int | None, wait: float
) -> None:
    scheduler = Scheduler(rates=RATES, clock=clock, min_rtt=0.08)
    slots = await fill(scheduler)
    await clock.advance(0.1)
    for slot in slots:
        slot.finish(status=status)
    assert await waits(clock, scheduler) == pytest.approx(wait, abs=2e-4)
    await scheduler.aclose()


async def test_the_least_round_trip_is_learned_with_caution(clock: Any) -> None:
    scheduler = Scheduler(rates=RATES, clock=clock)
    for _ in range(LEARN // 5):
        slots = await fill(scheduler)
        await clock.advance(0.1)
        for slot in slots:
            slot.finish(status=200)
        await clock.advance(2)
    slots = await fill(scheduler)
    await clock.advance(0.3)
    for slot in slots:
        slot.finish(status=200)
    wait = 1 + SLACK - trusted(0.1, 25 * 0.1 + 0.3, 26)
    assert wait > 1 + SLACK - CAUTION * 0.1, "26 that differ show less than 26 that do not"
    assert await waits(clock, scheduler) == pytest.approx(wait, abs=2e-4)
    await scheduler.aclose()


async def test_a_first_burst_tells_nothing_of_the_least_round_trip(clock: Any) -> None:
    """Its answers queue behind each other: a later one alone may be far quicker."""
    scheduler = Scheduler(rates=(Rate(40, 1),), clock=clock)
    waited = []
    for trip in (0.2, 0.2, 0.2, 0.2):
        slots = [await scheduler.acquire() for _ in range(40)]
        await clock.advance(trip)
        for slot in slots:
            slot.finish(status=200)
        waited.append(await waits(clock, scheduler, step=0.01))
        await clock.advance(2)
    certain, trusting = 1 + SLACK, 1 + SLACK - CAUTION * 0.2
    assert waited == pytest.approx([certain, certain, trusting, trusting], abs=0.02)
    await scheduler.aclose()


async def test_several_windows_hold_all_at_once(clock: Any) -> None:
    scheduler = Scheduler(rates=(Rate(5, 1), Rate(7, 60)), clock=clock, min_rtt=0)
    for slot in await fill(scheduler):
        slot.finish(status=200)
    await clock.advance(2)
    for _ in range(2):
        (await scheduler.acquire()).finish(status=200)
    assert [usage.left for usage in scheduler.quota()] == [3, 0]
    task = asyncio.create_task(scheduler.acquire())
    await clock.advance(57.9)
    assert not task.done()
    await clock.advance(0.2)
    assert task.done()
    await scheduler.aclose()


@pytest.mark.virtual_time
@pytest.mark.parametrize(
    ("rate", "priority", "seconds"),
    [
        (Rate(5, 1), Priority.BULK, 0.4),
        (Rate(5, 1), Priority.NORMAL, 0.0),
        (Rate(5, 1), Priority.INTERACTIVE, 0.0),
        (Rate(5, 60), Priority.BULK, 0.4),  # no start takes longer for a slow window
        (Rate(300, 1), Priority.BULK, 0.0),
    ],
)
async def test_only_bulk_leaves_apart_and_only_where_asked_for(
    rate: Rate, priority: Priority, seconds: float
) -> None:
    """Places that came free together would do so for ever: a connection each, for hours."""
    clock = VirtualClock()
    for gate, waited in ((LocalGate(is_bulk_apart=True), seconds), (LocalGate(), 0.0)):
        scheduler = Scheduler(rates=(rate,), clock=clock, gate=gate)
        begun = clock.now()
        await asyncio.gather(*(scheduler.acquire(priority=priority) for _ in range(5)))
        assert clock.now() - begun == pytest.approx(waited, abs=0.001)
        await scheduler.aclose()


async def test_no_window_is_no_limit(clock: Any) -> None:
    scheduler = Scheduler(rates=(), clock=clock)
    for _ in range(1000):
        await scheduler.acquire()
    assert scheduler.quota() == ()
    await scheduler.aclose()


@pytest.mark.parametrize(
    "settings",
    [{"mode": "fast"}, {"min_rtt": -0.1}, {"min_rtt": float("nan")}, {"bulk_share": 1.1}],
)
def test_settings_that_make_no_sense(settings: dict[str, Any]) -> None:
    with pytest.raises(ConfigError):
        Scheduler(**settings)
    for wrong in ((0, 1), (5, 0), (-1, 1)):
        with pytest.raises(ConfigError):
            Rate(*wrong)


def harvest(
    server: str, network: str, *, seconds: float, interactive: bool = False, **settings: Any
) -> World:
    """Fifty busy tasks for so long; gives the world with its notes."""
    date = settings.pop("date", "true")
    loop = VirtualLoop(random.Random(7))
    world = World(loop, server, network, seed=7, date=date)
    scheduler = Scheduler(rates=RATES, clock=LoopClock(loop), **settings)
    end = loop.time() + seconds

    async def busy(priority: Priority) -> None:
        slot: Slot | None = None
        while loop.time() < end:
            slot = await scheduler.acquire(priority=priority, retry_of=slot)
            answer = await world.send()
            slot.finish(status=answer.status, server_date=answer.date)
            slot = slot if answer.status == 429 else None
            if priority is Priority.INTERACTIVE:
                await asyncio.sleep(1)

    async def main() -> None:
        tasks = [asyncio.create_task(busy(Priority.BULK)) for _ in range(50)]
        if interactive:
            tasks.append(asyncio.create_task(busy(Priority.INTERACTIVE)))
        await asyncio.gather(*tasks)
        await scheduler.aclose()
        assert asyncio.all_tasks() == {asyncio.current_task()}

    loop.run_until_complete(main())
    loop.close()
    return world


@pytest.mark.parametrize("network", ["constant", "lognormal", "bimodal"])
@pytest.mark.parametrize("given", [True, False])
def test_guarantee_is_never_refused_by_a_strict_log(network: str, *, given: bool) -> None:
    min_rtt = LEAST_RTT[network] if given else 0
    world = harvest("log", network, seconds=200, min_rtt=min_rtt, interactive=True)
    assert not world.refusals
    assert world.accepted > 200 * 5 * 0.72


def test_this_check_can_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("elements_procura.scheduler._places.SLACK", -0.06)
    assert harvest("log", "constant", seconds=60, min_rtt=0.09).refusals


def test_refusals_that_only_a_counter_gives_make_guarantee_space_evenly() -> None:
    world = harvest("counter", "constant", seconds=400)
    assert 3 <= len(world.refusals) <= 8
    assert max(world.refusals) < 1000 + 60


@pytest.mark.parametrize(
    ("server", "network", "share", "refusals"),
    [
        ("log", "constant", 0.97, 0),
        ("bucket", "lognormal", 0.97, 1),
        ("fixed", "lognormal", 0.94, 8),
        ("log", "bimodal", 0.80, 16),
        ("counter", "bimodal", 0.76, 20),
    ],
)
def test_adaptive_finds_the_gear(server: str, network: str, share: float, refusals: int) -> None:
    world = harvest(server, network, seconds=400, mode="adaptive")
    assert world.accepted > 400 * 5 * share
    assert len(world.refusals) <= refusals


def test_adaptive_does_without_a_date() -> None:
    world = harvest("fixed", "bimodal", seconds=400, mode="adaptive", date="absent")
    assert world.accepted > 400 * 5 * 0.82
    assert len(world.refusals) <= 8


def test_the_phase_is_bracketed_and_dropped_when_it_contradicts_itself() -> None:
    phase = Phase()
    rng = random.Random(3)
    ahead = 1_800_000_000.37
    for number in range(40):
        sent = number * 0.23
        now = sent + 0.1 + rng.random() * 0.1
        stamped = int(sent + 0.07 + ahead)
        phase.learn(sent, now, datetime.fromtimestamp(stamped, UTC))
    assert phase.known
    start = phase.next_window(20.0, 1.0)
    assert 0 <= (start + ahead) % 1.0 < 0.25, "never before the window really begins"
    phase.learn(30.0, 30.1, datetime.fromtimestamp(ahead + 300, UTC))
    assert not phase.known
