"""A clock that was ahead when dossiers were fetched, and is right again."""

from pathlib import Path

import pytest

from elements_procura.harvest import DossierSettled, ElementsSource, Refresh, Store, harvest
from tests.clock import LaterClock
from tests.harvest.harvesting import TENANT, small


@pytest.mark.parametrize("days", [0.01, 30, 4_000])
async def test_what_was_fetched_in_the_future_is_refreshed_now(tmp_path: Path, days: float) -> None:
    clock = LaterClock()
    clock.days = days
    async with small() as (sandbox, elements):
        with Store.create(tmp_path / "s.sqlite", tenant=TENANT, clock=clock) as store:
            async for _ in harvest(ElementsSource(elements), store, clock=clock):
                pass
            clock.days = 0
            assert store.staleness(now=clock.wall()).oldest >= 0
            events = [
                event
                async for event in harvest(
                    ElementsSource(elements), store, refresh=Refresh(), clock=clock
                )
            ]
            settled = {each.dossier for each in events if isinstance(each, DossierSettled)}
            assert settled == {*sandbox.dossier_ids}
            assert 0 <= store.staleness(now=clock.wall()).oldest < 60
