"""Several gates on one account, on virtual time: rate, turns, fairness, and a store in trouble."""

import asyncio
import copy
import itertools
from typing import Any

import pytest

from elements_procura.errors import ClosedError, ConfigError, DailyQuotaExceeded, StoreError
from elements_procura.scheduler import FileGate, Priority, Rate, Scheduler
from tests.clock import VirtualClock
from tests.scheduler.sharing.world import Server, StoreTurns, World, WorldGate

pytestmark = pytest.mark.virtual_time
LEARNING = 20


async def _pace(count: int, *, alone: bool = False, seconds: int = 60) -> tuple[float, World, int]:
    world = World(VirtualClock())
    for number in range(count):
        world.add(f"p{number}", alone=alone)
    await asyncio.sleep(LEARNING)
    turns, sent = world.store.turns, len(world.server.log)
    await asyncio.sleep(seconds)
    return (len(world.server.log) - sent) / seconds, world, world.store.turns - turns


@pytest.mark.parametrize(("count", "most_turns"), [(1, 2), (4, 3), (8, 4)])
async def test_together_they_reach_what_one_reaches(count: int, most_turns: int) -> None:
    """Each gets its turn, and the store is asked seldom."""
    alone, one, _ = await _pace(1, alone=True)
    await one.end()
    pace, world, turns = await _pace(count)
    assert pace >= 0.97 * alone
    assert turns <= most_turns * pace * 60
    shares = world.share(0).values()
    assert min(shares) >= 0.9 * max(shares)
    assert not world.refused
    await world.end()
    assert world.store.state["owners"] == {}, "all have left"


@pytest.mark.parametrize(("others", "least"), [((32,), 0.96), ((8, 8, 8), 0.85), ((1, 32), 0.94)])
async def test_who_sends_one_request_at_a_time_gets_its_turn(
    others: tuple[int, ...], least: float
) -> None:
    """Places that come free together are not all taken by whoever waits with many."""
    world = World(VirtualClock())
    world.add("small", workers=1)
    for number, workers in enumerate(others):
        world.add(f"p{number}", workers=workers)
    await asyncio.sleep(60)
    shares = world.share(20)
    turn_of_all = sum(shares.values()) / len(shares)
    assert shares["small"] >= least * turn_of_all
    assert turn_of_all * len(shares) >= 4.6 * 40, "nothing is lost by that"
    assert not world.refused
    await world.end()


@pytest.mark.parametrize("rests", [0.2, 1.0])
async def test_no_place_is_kept_for_who_does_not_come_back(rests: float) -> None:
    """Whoever rests between its requests takes what comes free when it wants one."""
    world = World(VirtualClock())
    seldom = world.add("seldom", workers=0)
    world.add("busy", workers=32)

    async def ask_and_rest() -> None:
        while True:
            await world._request("seldom", seldom, Priority.BULK)
            await asyncio.sleep(world.chance.choice([0.0, rests]))

    world.tasks["seldom"].append(asyncio.create_task(ask_and_rest()))
    await asyncio.sleep(60)
    assert sum(world.share(20).values()) >= 4.6 * 40
    assert not world.refused
    await world.end()


async def test_somebody_interactive_hardly_waits_longer_than_in_one_process() -> None:
    waits = []
    for count, every, alone in ((1, 2, True), (4, 8, False)):
        world = World(VirtualClock())
        for number in range(count):
            world.add(f"p{number}", every=every, alone=alone)
        await asyncio.sleep(150)
        waits.append(sorted(world.waits))
        assert not world.refused
        await world.end()
    late = [each[int(len(each) * 0.95)] for each in waits]
    assert late[1] <= 1.5 * late[0]


async def test_the_places_of_a_killed_process_come_back() -> None:
    world = World(VirtualClock())
    for name in "abcd":
        world.add(name)
    await asyncio.sleep(LEARNING)
    world.kill("b")
    await asyncio.sleep(6)
    sent = len(world.server.log)
    await asyncio.sleep(20)
    assert len(world.server.log) - sent >= 90
    assert not world.refused
    await world.end()


def _gap(world: World, since: float) -> float:
    moments = [at for _, _, at, _ in world.server.log if at >= since]
    return max(after - before for before, after in itertools.pairwise(moments))


@pytest.mark.parametrize("trouble", ["away", "empty", "old", "cut", "slow"])
async def test_nothing_leaves_without_the_store_and_it_goes_on_soon(trouble: str) -> None:
    """The day's count is never below what has left, whatever the store has forgotten."""
    world = World(VirtualClock())
    for name in "abcd":
        world.add(name)
    await asyncio.sleep(LEARNING)
    store, since = world.store, world.clock.now()
    outage = 5.0
    if trouble in ("away", "empty"):
        store.is_away = True
        await asyncio.sleep(outage)
        store.is_away = False
        if trouble == "empty":
            store.state.clear()
    elif trouble == "old":
        snapshot = copy.deepcopy(store.state)
        await asyncio.sleep(2)
        store.state.clear()
        store.state.update(snapshot)
        outage = 0.0
    elif trouble == "cut":
        world.gates["a"].turns.is_cut = True
        await asyncio.sleep(outage)
        world.gates["a"].turns.is_cut = False
    else:
        store.latency = 1.0
        await asyncio.sleep(outage)
        store.latency = 0.0
    await asyncio.sleep(15)
    assert not world.refused
    assert _gap(world, since - 1) <= outage + 2.5
    assert all(count > 5 for count in world.share(world.clock.now() - 10).values())
    left = len(world.server.log)
    for scheduler in world.schedulers.values():
        assert left - 5 <= scheduler.quota()[1].used <= left + 20
    await world.end()
    assert world.schedulers["a"].quota()[1].used >= left - 5


@pytest.mark.parametrize("seed", range(4))
async def test_turns_that_are_taken_and_lost_have_nothing_refused(seed: int) -> None:
    """Requests are answered meanwhile: the next owner reports what the one before has sent."""
    world = World(VirtualClock(), seed=seed)
    for name in "abc":
        world.add(name)
        world.gates[name].turns.loses = 0.3
    await asyncio.sleep(60)
    assert not world.refused
    assert len(world.server.log) >= 150
    for gate in world.gates.values():
        gate.turns.loses = 0.0
    await world.end()


async def test_a_lost_turn_gives_nothing_away_and_loses_no_report() -> None:
    world = World(VirtualClock())
    scheduler = world.add("a", workers=0)
    held = [await scheduler.acquire() for _ in range(4)]
    world.gates["a"].turns.is_cut = True
    for slot in held[:2]:
        slot.finish(status=200)
    await asyncio.sleep(2)
    assert scheduler.quota()[0].used == 4, "as heard last"
    world.gates["a"].turns.is_cut = False
    await asyncio.sleep(2)
    places = world.store.state["places"][0]
    assert sum(bool(place["owner"]) for place in places) == 2, "the new owner holds the other two"
    for slot in held[2:]:
        slot.finish(status=200)
    await asyncio.sleep(2)
    assert not any(place["owner"] for place in places)
    await world.end()


async def test_who_stood_still_gives_its_slot_back() -> None:
    clock = VirtualClock()
    world = World(clock)
    scheduler = world.add("a", workers=0)
    slot = await scheduler.acquire()
    before = slot.has_lapsed
    clock.skip(1)  # as if the process had been stopped
    assert (before, slot.has_lapsed) == (False, True)
    slot.abandon()
    await asyncio.sleep(1)
    assert scheduler.quota()[1].used == 0
    await world.end()


async def test_the_day_is_shared_to_the_last_request() -> None:
    world = World(VirtualClock(), rates=(Rate(5, 1), Rate(20, 86_400)))
    schedulers = [world.add(name, workers=0) for name in "ab"]

    async def use_up(scheduler: Scheduler, priority: Priority) -> int:
        for count in range(40):
            try:
                slot = await scheduler.acquire(priority=priority)
            except DailyQuotaExceeded:
                return count
            slot.finish(status=200)
        return 40

    bulk = await asyncio.gather(*(use_up(each, Priority.BULK) for each in schedulers))
    assert sum(bulk) == 16, "bulk's share"
    others = await asyncio.gather(*(use_up(each, Priority.NORMAL) for each in schedulers))
    assert sum(others) == 4
    usage = schedulers[0].quota()[1]
    assert (usage.used, usage.left, usage.bulk_left) == (20, 0, 0)
    assert usage.resets_at is not None
    await world.end()


async def test_what_the_server_says_of_the_day_holds_for_all() -> None:
    world = World(VirtualClock())
    first, second = (world.add(name, workers=0) for name in "ab")
    (await second.acquire()).finish(status=200)
    (await first.acquire()).finish(status=429, limit="day", retry_after=7200)
    await asyncio.sleep(1)
    with pytest.raises(DailyQuotaExceeded):
        await second.acquire()
    await world.end()


async def test_a_refusal_holds_everybody_back() -> None:
    clock = VirtualClock()
    world = World(clock)
    first, second = (world.add(name, workers=0) for name in "ab")
    (await first.acquire()).finish(status=429, retry_after=7)
    await asyncio.sleep(0.1)
    before = clock.now()
    (await second.acquire()).finish(status=200)
    assert clock.now() - before == pytest.approx(6.9, abs=0.1)
    await world.end()


async def test_processes_that_share_must_agree_on_the_rates() -> None:
    clock = VirtualClock()
    world = World(clock)
    (await world.add("a").acquire()).finish(status=200)
    other = Scheduler(clock=clock, rates=(Rate(50, 1),), gate=WorldGate(world.store))
    with pytest.raises(StoreError, match="other limits"):
        await other.acquire()
    await other.aclose()
    await world.end()
    alone = Scheduler(clock=clock, rates=(Rate(50, 1),), gate=WorldGate(world.store))
    await asyncio.sleep(5)
    (await alone.acquire()).finish(status=200)  # nobody else is there any more
    await alone.aclose()


async def test_who_waits_hears_after_a_minute_without_the_store() -> None:
    world = World(VirtualClock())
    scheduler = world.add("a", workers=0)
    world.store.is_away = True
    with pytest.raises(StoreError, match="does not answer for 60 s"):
        await scheduler.acquire()
    world.store.is_away = False
    (await scheduler.acquire()).finish(status=200)
    await world.end()


async def test_a_store_that_swallows_a_cancellation_holds_up_no_end() -> None:
    world = World(VirtualClock())
    turns = StubbornTurns(world.store)
    scheduler = world.add("a", workers=0)
    world.gates["a"].turns = turns
    waiting = asyncio.create_task(scheduler.acquire())
    await asyncio.sleep(0.1)
    await scheduler.aclose()
    assert turns.swallowed == 1
    assert isinstance((await asyncio.gather(waiting, return_exceptions=True))[0], ClosedError)


class StubbornTurns(StoreTurns):
    """Takes its time, and a cancellation for an answer."""

    swallowed = 0

    async def turn(self, ask: dict[str, Any]) -> dict[str, Any]:
        if not self.swallowed:
            try:
                await asyncio.sleep(10)
            except asyncio.CancelledError:
                self.swallowed += 1
        return self.store.take(ask)


def test_a_shared_gate_keeps_to_guarantee(tmp_path: object) -> None:
    with pytest.raises(ConfigError, match="guarantee"):
        Scheduler(mode="adaptive", gate=FileGate(f"{tmp_path}/gate.db", account="a"))
    with pytest.raises(ConfigError, match="account"):
        FileGate(f"{tmp_path}/gate.db", account="")
    gate = FileGate(f"{tmp_path}/gate.db", account="a")
    Scheduler(gate=gate)
    with pytest.raises(ConfigError, match="another scheduler"):
        Scheduler(gate=gate)


class Counter(Server):
    """Weighs the last second by how much of it still overlaps."""

    async def ask(self, name: str, priority: Priority) -> int:
        await asyncio.sleep(self.chance.uniform(0.010, 0.030))
        now = self.clock.now()
        seconds = [int(moment) for moment in self.counted]
        before, current = (seconds.count(int(now) - back) for back in (1, 0))
        is_refused = before * (1 - now % 1) + current >= self.limit
        self.log.append((name, priority, now, 429 if is_refused else 200))
        if not is_refused:
            self.counted.append(now)
            await asyncio.sleep(self.chance.uniform(0.02, 0.08))
        await asyncio.sleep(self.chance.uniform(0.010, 0.030))
        return 429 if is_refused else 200


async def test_a_server_that_counts_otherwise_makes_all_leave_evenly() -> None:
    world = World(VirtualClock())
    world.server = Counter(world.clock, world.chance)
    for number in range(3):
        world.add(f"p{number}")
    await asyncio.sleep(60)
    early = world.refused
    assert early >= 3
    assert world.store.state["spacing"]["by"] >= 1.05
    await asyncio.sleep(600)
    assert world.refused - early <= 2
    shares = world.share(60).values()
    assert sum(shares) >= 0.8 * 5 * 600
    assert min(shares) >= 0.9 * max(shares)
    # An hour later it is tried without.
    world.store.state["spacing"]["until"] = 0.0
    await asyncio.sleep(60)
    assert world.refused > early
    await world.end()
