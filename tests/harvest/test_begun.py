"""A budget finishes what is begun before it begins more (H3)."""

import sqlite3
from pathlib import Path

import pytest

from elements_procura.harvest import Refresh, RefreshStarted, Store, harvest
from elements_procura.harvest._begun import Begun
from elements_procura.spec.source import Work
from tests.clock import LaterClock
from tests.harvest.harvesting import TENANT, small

DAY = 86_400.0


def under_way(path: Path) -> int:
    """Dossiers of which something was fetched, and something is still to be."""
    db = sqlite3.connect(path)
    (count,) = db.execute(
        "SELECT count(*) FROM dossiers WHERE open > 0 AND"
        " EXISTS (SELECT 1 FROM resources WHERE dossier = dossiers.id AND state != 'queued')"
    ).fetchone()
    db.close()
    return int(count)


@pytest.mark.parametrize("budget", [100, 300])
async def test_h3_a_small_budget_over_many_dossiers_completes_some(
    tmp_path: Path, budget: int
) -> None:
    path = tmp_path / "elements.sqlite"
    async with small(dossiers=100) as (sandbox, elements):
        done = 0
        for number in range(3):
            opened = Store.open if number else Store.create
            with opened(path, tenant=TENANT) as store:
                before = len(sandbox.log)
                run = harvest(elements, store, max_requests=budget, workers=32)
                async for _ in run:
                    pass
                assert run.paused == "max-requests"
                assert len(sandbox.log) - before <= budget + 1  # a token
                assert len(sandbox.log) - before >= budget - 2
                # A dossier is some 20 to 30 requests; before, 32 were begun and none was complete.
                assert store.progress().harvested >= done + budget // 40
                done = store.progress().harvested
            assert under_way(path) <= 3


async def test_h3_what_another_run_has_begun_is_finished_first(tmp_path: Path) -> None:
    path = tmp_path / "elements.sqlite"
    async with small(dossiers=60) as (_, elements):
        with Store.create(path, tenant=TENANT) as store:
            run = harvest(elements, store, workers=32)
            async for _ in run:
                if run.progress.requests >= 100:
                    run.stop()
        begun = under_way(path)
        assert begun > 10
        with Store.open(path, tenant=TENANT) as store:
            before = store.progress().harvested
            async for _ in harvest(elements, store, max_requests=200, workers=4):
                pass
            assert store.progress().harvested >= before + 7
        assert under_way(path) < begun


async def test_h3_without_a_budget_all_workers_are_busy_with_dossiers_of_their_own(
    tmp_path: Path,
) -> None:
    async with small(dossiers=60) as (_, elements):
        with Store.create(tmp_path / "elements.sqlite", tenant=TENANT) as store:
            run = harvest(elements, store, max_requests=100_000, workers=32)
            most = 0
            async for _ in run:
                begun = {work.dossier for work in store.queued(after=0, limit=2_000, begun=True)}
                most = max(most, len(begun))
            assert run.progress.complete
        assert most >= 10


async def test_h3_shared_contact_data_is_in_the_plan_of_a_refresh(tmp_path: Path) -> None:
    """Two days later all of it is due: 1,521 requests were sent where 1,375 were planned."""
    clock = LaterClock()
    async with small(dossiers=40) as (sandbox, elements):
        with Store.create(tmp_path / "elements.sqlite", tenant=TENANT, clock=clock) as store:
            async for _ in harvest(elements, store, clock=clock):
                pass
            for budget in (None, 400, 90):
                clock.days += 2
                before, planned = len(sandbox.log), 0
                refresh = Refresh(budget=budget)
                async for event in harvest(elements, store, refresh=refresh, clock=clock):
                    if isinstance(event, RefreshStarted):
                        planned = event.requests
                sent = len(sandbox.log) - before
                # And the listing; which dossier asks for what is shared is a matter of luck.
                assert planned * 0.9 <= sent <= planned * 1.03 + 2
                assert budget is None or 0.7 * budget < sent <= budget
                assert store.progress().complete


def works(dossier: int, count: int) -> list[Work]:
    return [Work(dossier * 100 + each, dossier, "k", f"/{dossier}/{each}") for each in range(count)]


def test_room_is_left_for_what_those_under_way_will_take() -> None:
    begun = Begun(usual=10.0)
    assert begun.leave_room(13)
    assert not begun.leave_room(12)
    one = works(1, 4)
    for work in one:
        begun.add(work)
    assert begun.leave_room(13)  # it waits, but is not begun
    begun.hand_out(one[0])
    assert begun.has(one[1])
    assert not begun.leave_room(24)
    assert begun.leave_room(25)
    for work in one[1:]:
        begun.hand_out(work)
    for work in one:
        begun.done(work)
    assert begun.usual == (3 * 10 + 4) / 4
    assert not begun.has(one[0])
    big = works(2, 30)
    for work in big:
        begun.add(work)
    begun.hand_out(big[0])
    assert not begun.leave_room(40)  # more than usual is known to be left of it
    assert begun.leave_room(42)
    begun.take_back(big[0])
    assert not begun.has(big[0])
