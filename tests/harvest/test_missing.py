"""What is often missing is not asked for in every pass (H3)."""

import contextlib
import sqlite3
from collections import Counter
from pathlib import Path

import pytest

from elements_procura.demo import verify
from elements_procura.elements.client import ElementsClient
from elements_procura.harvest import Event, Refresh, RefreshStarted, Store, harvest
from elements_procura.sandbox import Fault, Sandbox
from tests.clock import LaterClock
from tests.harvest.harvesting import TENANT, requested, small
from tests.harvest.test_rolling import as_of_schema_1

WORKERS = 32  # as a harvest has them

DAY = 86_400.0
WITH_PICTURES = ("all", "profielfotos")


async def run(
    store: Store, elements: ElementsClient, clock: LaterClock, refresh: Refresh | None = None
) -> list[Event]:
    going = harvest(elements, store, include=WITH_PICTURES, refresh=refresh, clock=clock)
    return [event async for event in going]


def pictures(sandbox: Sandbox) -> set[str]:
    return {path for path in requested(sandbox) if "profielfoto" in path}


async def test_h3_a_picture_that_was_not_there_is_asked_for_again_after_weeks(
    tmp_path: Path,
) -> None:
    clock = LaterClock()
    async with small() as (sandbox, elements):
        with Store.create(tmp_path / "s.sqlite", tenant=TENANT, clock=clock) as store:
            await run(store, elements, clock)
            there = {path for path, _ in store.bodies() if "profielfoto" in path}
            missing = pictures(sandbox) - there
            assert there
            assert len(missing) > 20
            # H4: of an adviser's picture, a 404 by one dossier's path says enough for all.
            ways = Counter(path.partition("/adviseurs/")[2] for path in missing)
            assert {count for way, count in ways.items() if way} == {1}
            for days in (2, 4, 20):
                clock.days = days
                before = requested(sandbox)
                events = await run(store, elements, clock, Refresh(budget=10_000))
                asked = requested(sandbox) - before
                assert not missing & asked.keys()
                own = {path for path in there if "particulier" in path}
                assert own <= asked.keys()
                (planned,) = [each.requests for each in events if isinstance(each, RefreshStarted)]
                assert asked.total() == pytest.approx(planned, rel=0.03, abs=2)
                assert verify(store, sandbox).equal
                # What was not asked for makes a dossier neither older nor changed.
                assert store.staleness(now=clock.wall()).oldest < 60
                assert store.progress().changed == 0
            clock.days = 31
            before = requested(sandbox)
            await run(store, elements, clock, Refresh())
            again = (requested(sandbox) - before).keys()
            assert {each for each in missing if "particulier" in each} <= again
            assert verify(store, sandbox).equal


async def test_h3_a_picture_that_comes_later_is_found_and_one_that_goes_is_asked_for(
    tmp_path: Path,
) -> None:
    clock = LaterClock()
    async with small() as (sandbox, elements):
        path = next(
            path
            for dossier in sandbox.dossier_ids
            for path in sandbox.truth(dossier)
            if path.endswith("/profielfoto") and "particulier" in path
        )
        sandbox.add_fault(Fault(kind="status", status=404, match=f"GET {path}"))
        with Store.create(tmp_path / "s.sqlite", tenant=TENANT, clock=clock) as store:
            await run(store, elements, clock)
            sandbox.clear_faults()
            assert store.body(path) is None
            clock.days = 30
            await run(store, elements, clock, Refresh())
            assert store.body(path) is not None
            assert store.body(f"{path}/download") is not None
            sandbox.add_fault(Fault(kind="status", status=404, match=f"GET {path}"))
            for days in (32, 34):  # there was one: that it is lost is no usual 404
                clock.days = days
                before = requested(sandbox)[path]
                await run(store, elements, clock, Refresh())
                assert requested(sandbox)[path] > before


async def test_h3_a_picture_that_was_missing_by_a_clock_that_was_ahead_is_asked_for(
    tmp_path: Path,
) -> None:
    clock = LaterClock()
    async with small() as (sandbox, elements):
        with Store.create(tmp_path / "s.sqlite", tenant=TENANT, clock=clock) as store:
            clock.days = 400
            await run(store, elements, clock)
            clock.days = 0
            before, probes = requested(sandbox), store.progress().probes
            await run(store, elements, clock, Refresh())
            asked = requested(sandbox) - before
            probes = store.progress().probes - probes
            assert {each for each in pictures(sandbox) if "particulier" in each} <= asked.keys()
            # Shared data that was fetched in the future is due as well, and once is enough.
            assert [each for each in asked if "/adviseurs/" in each]
            # But for controls, and for 404s in a row, of which each is asked for once more: which
            # of them come in a row is a matter of luck, but only so many are under way at once.
            assert asked.total() - len(asked) <= probes + 2 * WORKERS
            assert probes <= 4
            assert store.staleness(now=clock.wall()).oldest < 60
            assert not any(each.seen.quiet < 0 or each.seen.busy < 0 for each in store.known())


async def test_h3_a_store_with_pictures_that_nobody_wanted_is_refreshed_without_a_doubt(
    tmp_path: Path,
) -> None:
    """Until schema 3 what is told about pictures was asked for of everybody."""
    clock, now, then = LaterClock(), tmp_path / "now.sqlite", tmp_path / "then.sqlite"
    async with small() as (sandbox, elements):
        with Store.create(now, tenant=TENANT, clock=clock) as store:
            await run(store, elements, clock)
        as_of_schema_1(now, then)
        with contextlib.closing(sqlite3.connect(then)) as db, db:
            db.execute("UPDATE meta SET value = replace(value, ',profielfotos', '')")
            db.execute(
                "DELETE FROM bodies WHERE resource IN"
                " (SELECT id FROM resources WHERE kind LIKE '%/download')"
            )
            db.execute(
                "DELETE FROM shares WHERE resource IN"
                " (SELECT id FROM resources WHERE kind LIKE '%/download')"
            )
            db.execute("DELETE FROM resources WHERE kind LIKE '%/download'")
        clock.days = 3
        with Store.open(then, tenant=TENANT, clock=clock) as store:
            assert "profielfotos" not in (store.included or ())
            going = harvest(elements, store, refresh=Refresh(), clock=clock)
            async for _ in going:
                pass
            assert going.progress.unacknowledged == ()
            assert going.progress.changed == 0
            assert verify(store, sandbox).equal
