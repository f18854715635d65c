"""The kit itself: its clock, and a server that is there, away and back."""

import asyncio
from pathlib import Path

import pytest

from elements_procura.errors import ElementsProcuraError
from elements_procura.harvest import Store, harvest
from tests.clock import VirtualClock
from tests.harvest.weather_kit import (
    ABSENT,
    PAGES,
    bodies_of,
    client_of,
    small_world,
    weather,
)

pytestmark = pytest.mark.virtual_time


async def test_who_sleeps_longer_wakes_up_later() -> None:
    clock, woken = VirtualClock(), []

    async def sleep(seconds: float) -> None:
        await clock.sleep(seconds)
        woken.append((seconds, clock.now()))

    sleeps = [asyncio.create_task(sleep(each)) for each in (600.0, 2.0, 30.0)]
    await asyncio.gather(*sleeps)
    assert woken == [(2.0, 2.0), (30.0, 30.0), (600.0, 600.0)]


async def test_a_world_is_harvested_whole(tmp_path: Path) -> None:
    clock = VirtualClock()
    async with weather(clock, small_world(dossiers=5)) as front, client_of(front) as elements:
        with Store.create(tmp_path / "s.sqlite", tenant="t", clock=clock) as store:
            async for _ in harvest(elements, store, clock=clock):
                pass
            assert store.progress().complete
            assert dict(store.bodies()) == bodies_of(front.world)


@pytest.mark.parametrize("how", [*PAGES, *ABSENT])
async def test_a_server_is_away_for_a_while(how: str) -> None:
    clock = VirtualClock()
    async with weather(clock, small_world(dossiers=1)) as front, client_of(front) as elements:
        await elements.klantdossiers.get(1)
        front.break_down(how, seconds=300)
        if how != "200 error":  # a client has to see through that
            with pytest.raises(ElementsProcuraError):
                await elements.klantdossiers.get(1)
        await clock.sleep(300)
        assert (await elements.klantdossiers.get(1)).id == 1
