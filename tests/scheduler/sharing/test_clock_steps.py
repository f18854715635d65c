"""The clock of a gate's store is set, forward or back, while processes use it."""

import asyncio
import itertools
from typing import Any

import pytest

from elements_procura.scheduler import Rate
from elements_procura.scheduler._account import turn
from elements_procura.scheduler._account_cold import COLD
from elements_procura.scheduler._store_clock import StoreClock
from tests.clock import FakeClock, VirtualClock
from tests.scheduler.sharing.test_account_rule import COLD_START, WALL, ask, report, used
from tests.scheduler.sharing.world import World

STEPS = [0.2, 0.5, 1.0, 2.0, 2.9, 5.0, 300.0, 90_000.0, -0.5, -3.0, -300.0, -90_000.0]


@pytest.mark.virtual_time
@pytest.mark.parametrize("step", STEPS)
async def test_whoever_sets_it_has_nothing_refused_and_nothing_forgotten(step: float) -> None:
    world = World(VirtualClock())
    for name in "abc":
        world.add(name)
    await asyncio.sleep(20.05)
    before = len(world.server.log)
    world.store.step += step
    await asyncio.sleep(20)
    world.store.step -= step
    await asyncio.sleep(20)
    assert not world.refused
    log = world.server.log
    gaps = [after[2] - one[2] for one, after in itertools.pairwise(log)]
    assert max(gaps) < 2.5, "it goes on soon"
    assert len(log) > 2.6 * before
    for scheduler in world.schedulers.values():
        assert len(log) - 5 <= scheduler.quota()[-1].used <= len(log) + 5
    await world.end()


@pytest.mark.virtual_time
@pytest.mark.parametrize("step", [40.0, -40.0])
async def test_a_pause_after_a_refusal_lasts_as_long_as_was_said(step: float) -> None:
    world = World(VirtualClock())
    for name in "abc":
        world.add(name, workers=1)
    await asyncio.sleep(5)
    late = world.add("late", workers=0)
    (await late.acquire()).finish(status=429, retry_after=20)
    ends = world.clock.now() + 20
    await asyncio.sleep(2)  # what was under way is there
    sent = len(world.server.log)
    world.store.step += step
    await asyncio.sleep(ends - world.clock.now() - 0.1)
    assert len(world.server.log) == sent
    await asyncio.sleep(4)
    assert len(world.server.log) > sent
    await world.end()


@pytest.mark.virtual_time
async def test_a_day_that_was_used_up_is_used_up() -> None:
    """A day later by a clock that was set is no day later."""
    world = World(VirtualClock(), rates=(Rate(5, 1), Rate(40, 86_400)))
    for name in "ab":
        world.add(name, workers=2)
    await asyncio.sleep(5)
    assert len(world.server.log) < 32, "what bulk may use"
    world.store.step += 100_000
    await asyncio.sleep(60)
    assert len(world.server.log) == 32
    await world.end()


def _account() -> tuple[dict[str, Any], float]:
    state: dict[str, Any] = {}
    turn(state, ask("a", 1), 0.0, WALL)
    given = turn(state, ask("a", 2, wants=[0, 3, 0]), COLD_START, WALL)
    assert len(given["grants"]) == 3
    return state, float(given["clock"])


def test_who_says_that_it_was_set_forward_is_believed_once() -> None:
    state, said = _account()
    step = 7_200_000
    answer = turn(state, ask("b", 1), COLD_START + step, WALL + step / 1000)
    assert answer["clock"] == pytest.approx(said + 7200)
    ahead = [answer["epoch"], said + 0.5]
    for call in (2, 3):
        now = COLD_START + step + 500
        found = turn(state, ask("b", call, ahead=ahead), now, WALL + step / 1000)
        assert found["clock"] == pytest.approx(said + 0.5)
        assert found["places"] == [[5, 1000 + COLD]]
        assert used(found) == (3, 0)


def test_who_says_so_of_an_earlier_beginning_is_not_believed() -> None:
    state, said = _account()
    before = dict(state)
    found = turn(state, ask("b", 1, ahead=["a.0", said - 100]), COLD_START, WALL)
    assert found["epoch"] == before["epoch"]
    assert found["clock"] == said


@pytest.mark.parametrize("step", [-100_000_000.0, 100_000_000.0])
def test_spacing_and_company_end_when_they_were_to_end(step: float) -> None:
    """A clock that was a year ahead for a moment must not slow down a year."""
    state, said = _account()
    refused = [report(["a.2.0", 0, 0, ""], "refused")]
    turn(state, ask("a", 3, reports=refused, company=1), COLD_START, WALL)
    state["spacing"].update(by=1.05, until=COLD_START + 60_000)
    gate = state["gate"] - COLD_START
    ahead: list[Any] = []
    if step > 0:
        turn(state, ask("b", 1), COLD_START + step, WALL)
        ahead = [state["epoch"], said]
    answer = turn(state, ask("b", 2, ahead=ahead), COLD_START + step, WALL)
    assert answer["company"] == pytest.approx(30_000)
    assert state["spacing"]["until"] - COLD_START - step == pytest.approx(60_000)
    assert state["gate"] - COLD_START - step == pytest.approx(gate)


@pytest.mark.parametrize(
    ("monotonic", "wall", "shows", "is_used"),
    [
        (1.0, 1.0, 1.0, True),
        (1.0, 1.0, 1.0833, True),  # corrected bit by bit
        (60.0, 60.0, 65.0, True),
        (0.5, 28_800.5, 28_800.5, True),  # this machine was suspended
        (3600.0, 0.0, 3600.0, True),  # the wall's clock was set back meanwhile
        (0.2, 0.2, 0.5, False),
        (1.0, 1.0, 86_401.0, False),
    ],
)
def test_only_more_time_than_there_was_is_a_clock_that_was_set(
    monotonic: float, wall: float, shows: float, *, is_used: bool
) -> None:
    clock = FakeClock()
    known = StoreClock(clock)
    assert known.ask() == []
    assert known.agrees({"clock": 1000.0, "epoch": "e1"})
    assert known.ask() == []
    clock.monotonic += monotonic
    clock.wall_offset += wall - monotonic
    assert known.agrees({"clock": 1000.0 + shows, "epoch": "e2"}) is is_used
    told = known.ask()
    assert told == ([] if is_used else ["e2", pytest.approx(1000.0 + max(monotonic, wall))])
