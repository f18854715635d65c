"""Nights of refreshes at the documented proportions: each has all of its share (H2)."""

import asyncio
import random
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from elements_procura.errors import DailyQuotaExceeded
from elements_procura.harvest import Event, QuotaWait, Refresh, Store, harvest
from elements_procura.harvest.policy.refresh import CYCLES, DAY
from elements_procura.harvest.policy.rolling import WITHIN
from elements_procura.scheduler import Priority, Rate, Scheduler, Usage
from tests.clock import EPOCH, VirtualClock, run_virtually
from tests.harvest.nights import (
    HOUR,
    MINUTE,
    MemoryLedger,
    Night,
    Office,
    StrictServer,
    nightly,
    starts,
)

NIGHTS = 14
# A day's requests take as long as the documented ones: 5 h 33 min of all the rate there is.
LIKE_DOCUMENTED = (Rate(5, 143), Rate(700, 86_400))
QUICK = (Rate(5, 1), Rate(700, 86_400))
SHARE = 560
PARTS = 5


def office(rates: tuple[Rate, ...], *, dossiers: int = 224) -> Office:
    """An office of which every fifth dossier changes every six hours, and the others never."""
    chosen = random.Random(1)
    changes = {
        each: [EPOCH + 6 * HOUR * step for step in range(1, 80)]
        for each in chosen.sample(range(dossiers), dossiers // 5)
    }
    return Office(dossiers, PARTS, StrictServer(rates), VirtualClock(), changes=changes)


def night_after_night(
    path: Path, at: Office, when: Iterable[float], rates: tuple[Rate, ...], **options: Any
) -> list[Night]:
    found: list[Night] = run_virtually(
        nightly(path / "s.sqlite", at, list(when), rates=rates, **options)
    )
    return found


@pytest.mark.parametrize("rates", [LIKE_DOCUMENTED, QUICK], ids=["like-documented", "quick"])
@pytest.mark.parametrize(
    "when",
    [{}, {"later": 15 * MINUTE}, {"at": (2.0, 14.0)}],
    ids=["at-2", "15-minutes-later-each-night", "twice-a-day"],
)
def test_h2_every_night_has_all_of_its_share(
    tmp_path: Path, rates: tuple[Rate, ...], when: dict[str, Any]
) -> None:
    at = office(rates)
    nights = night_after_night(tmp_path, at, starts(NIGHTS, **when), rates)
    assert sum(each.sent for each in nights) / NIGHTS >= 0.95 * SHARE
    assert at.server.refused == 0
    assert at.server.most <= SHARE  # what is kept for interactive calls is left
    assert max(each.hours for each in nights) <= 10
    # Planned is what is sent, but for the listing, and nobody has to end a run.
    assert all(abs(each.sent - each.planned) <= 3 for each in nights)
    assert {each.paused for each in nights} == {None}
    # In the days that it really takes, nobody waits for longer than four cycles.
    cycle = at.dossiers * PARTS / SHARE
    assert max(each.oldest for each in nights) <= CYCLES * cycle


def test_h2_a_night_of_a_quota_that_is_smaller_than_the_share(tmp_path: Path) -> None:
    """10 % of the quota (H3): runs end by themselves, and never with an error."""
    at = office(QUICK)
    rates = (Rate(5, 1), Rate(70, 86_400))
    at.server = StrictServer(rates)
    nights = night_after_night(tmp_path, at, starts(NIGHTS), rates)
    assert at.server.refused == 0
    assert sum(each.sent for each in nights) / NIGHTS >= 0.85 * 56  # a dossier is a tenth
    assert all(each.sent <= each.planned + 1 for each in nights)


def test_h2_people_have_their_share_while_a_refresh_waits(tmp_path: Path) -> None:
    at = office(LIKE_DOCUMENTED)
    nights = night_after_night(tmp_path, at, starts(NIGHTS), LIKE_DOCUMENTED, calls=125)
    assert at.server.refused == 0  # and none of their calls has raised
    assert at.server.most <= 700
    assert sum(each.sent for each in nights) / NIGHTS >= 0.95 * SHARE


def test_h2_a_first_harvest_by_nightly_refreshes_has_all_of_its_share_too(tmp_path: Path) -> None:
    at = office(LIKE_DOCUMENTED, dossiers=600)
    nights = night_after_night(tmp_path, at, starts(8), LIKE_DOCUMENTED, is_new=True)
    assert at.server.refused == 0
    harvesting = [each.sent for each in nights[:5]]  # 3,000 requests, 560 a night
    assert sum(harvesting) / 5 >= 0.95 * SHARE
    assert [each.paused for each in nights] == ["within"] * 5 + [None] * 3
    assert max(each.hours for each in nights) <= 10
    assert nights[-1].sent >= 0.95 * SHARE


@pytest.mark.parametrize("within", [1.0, 3.0])
def test_h2_a_run_ends_in_time_and_plans_for_that_time(tmp_path: Path, within: float) -> None:
    at = office(LIKE_DOCUMENTED)
    nights = night_after_night(tmp_path, at, starts(6), LIKE_DOCUMENTED, within=within * HOUR)
    sendable = 0.87 * 5 / 143 * within * HOUR
    assert all(each.hours <= within + 0.05 for each in nights)
    assert all(0.9 * sendable <= each.sent <= sendable for each in nights)


# -- one run ---------------------------------------------------------------------------------


async def _spend(scheduler: Scheduler, requests: int, priority: Priority) -> None:
    for _ in range(requests):
        (await scheduler.acquire(priority=priority)).finish(status=200)


async def _one(
    path: Path, at: Office, scheduler: Scheduler, refresh: Refresh | None, **options: Any
) -> tuple[list[Event], str | None]:
    """One run on a store that is made, and complete, before the scheduler is asked."""
    with Store.create(path / "s.sqlite", tenant="t", clock=at.clock) as store:
        if refresh is not None:
            async for _ in harvest(at, store, clock=at.clock):
                pass
            await at.clock.sleep(1)  # so that none of it was fetched by this very run
        at.scheduler = scheduler
        run = harvest(at, store, refresh=refresh, clock=at.clock, **options)
        events = [event async for event in run]
        await scheduler.aclose()
        return events, run.paused


def test_h2_where_nothing_is_free_in_time_a_refresh_ends_at_once(tmp_path: Path) -> None:
    at = office(QUICK)

    async def main() -> None:
        at.clock.loop = asyncio.get_running_loop()
        scheduler = Scheduler(rates=QUICK, clock=at.clock)
        await _spend(scheduler, SHARE, Priority.BULK)
        began = at.clock.now()
        refresh = Refresh.over(scheduler.quota(), now=at.clock.wall())
        assert refresh.budget == 0
        events, paused = await _one(tmp_path, at, scheduler, refresh)
        assert paused == "within"
        assert at.clock.now() - began == pytest.approx(1)
        assert at.server.most == 0
        assert not [each for each in events if isinstance(each, QuotaWait)]

    run_virtually(main())


def test_h2_what_was_free_when_it_was_planned_is_waited_for(tmp_path: Path) -> None:
    """Others have used it meanwhile: the run waits, says so, and ends in time."""
    at = office(QUICK, dossiers=60)

    async def main() -> None:
        at.clock.loop = asyncio.get_running_loop()
        scheduler = Scheduler(rates=QUICK, clock=at.clock)
        await _spend(scheduler, 500, Priority.INTERACTIVE)
        await at.clock.sleep(20 * HOUR)
        began = at.clock.wall()
        refresh = Refresh(budget=300, per_day=300, within=10 * HOUR)
        events, paused = await _one(tmp_path, at, scheduler, refresh)
        assert paused is None
        waits = [each.until - began for each in events if isinstance(each, QuotaWait)]
        assert len(waits) == 1
        assert 4 * HOUR <= waits[0] <= 4.2 * HOUR

    run_virtually(main())


def test_h2_a_run_that_is_short_of_quota_ends_within_its_time(tmp_path: Path) -> None:
    at = office(QUICK)

    async def main() -> None:
        at.clock.loop = asyncio.get_running_loop()
        scheduler = Scheduler(rates=QUICK, clock=at.clock)
        began = at.clock.now()
        refresh = Refresh(budget=SHARE + 100, per_day=SHARE, within=3 * HOUR)
        _, paused = await _one(tmp_path, at, scheduler, refresh)
        assert paused == "within"
        assert at.clock.now() - began < 3 * HOUR  # waiting any longer would be for nothing

    run_virtually(main())


def test_h2_wait_goes_on_day_after_day_in_one_run(tmp_path: Path) -> None:
    """A first harvest with ``wait`` had the same pattern: it has all of each day's share."""
    at = office(LIKE_DOCUMENTED, dossiers=800)

    async def main() -> None:
        at.clock.loop = asyncio.get_running_loop()
        scheduler = Scheduler(rates=LIKE_DOCUMENTED, clock=at.clock, ledger=MemoryLedger())
        began = at.clock.now()
        events, paused = await _one(tmp_path, at, scheduler, None, wait=True)
        assert paused is None
        days = (at.clock.now() - began) / DAY
        # The last day need not be a whole one.
        assert at.sent >= 0.95 * SHARE * int(days)
        assert at.server.refused == 0
        assert any(isinstance(each, QuotaWait) for each in events)

    run_virtually(main())


def test_h2_without_waiting_a_used_up_quota_raises(tmp_path: Path) -> None:
    at = office(QUICK)

    async def main() -> None:
        at.clock.loop = asyncio.get_running_loop()
        for refresh in (None, Refresh()):
            scheduler = Scheduler(rates=QUICK, clock=at.clock)
            await _spend(scheduler, SHARE - 40, Priority.BULK)
            folder = tmp_path / str(refresh is None)
            folder.mkdir()
            at.scheduler = None
            with pytest.raises(DailyQuotaExceeded):
                await _one(folder, at, scheduler, refresh)

    run_virtually(main())


@pytest.mark.parametrize("waiting", ["in the listing", "in the queue"])
def test_a_run_that_waits_for_the_quota_can_be_stopped(tmp_path: Path, waiting: str) -> None:
    at = office(QUICK)

    async def main() -> None:
        at.clock.loop = asyncio.get_running_loop()
        scheduler = Scheduler(rates=QUICK, clock=at.clock)
        await _spend(scheduler, SHARE - (0 if "listing" in waiting else 40), Priority.BULK)
        began = at.clock.now()
        with Store.create(tmp_path / "s.sqlite", tenant="t", clock=at.clock) as store:
            at.scheduler = scheduler
            run = harvest(at, store, wait=True, clock=at.clock)
            async for event in run:
                if isinstance(event, QuotaWait):
                    run.stop()
        assert at.clock.now() - began < HOUR
        await scheduler.aclose()

    run_virtually(main())


# -- what a run may cost -----------------------------------------------------------------------


def usage(*schedule: tuple[float, int]) -> Usage:
    return Usage(Rate(1000, 86_400), 0, 0, schedule[0][1], 800, None, schedule)


def test_a_refresh_is_planned_with_what_becomes_free() -> None:
    tonight = usage((0.0, 100), (HOUR, 300), (11 * HOUR, 800))
    assert Refresh.over([tonight], now=0.0).budget == 294
    assert Refresh.over([tonight], now=0.0, within=12 * HOUR).budget == 784
    assert Refresh.over([tonight], now=0.0, max_requests=50).budget == 50
    # A request counts for two stretches longer than a day: that is what a day really gives.
    assert Refresh.over([tonight], now=0.0).per_day == pytest.approx(800 * 288 / 290)
    assert Refresh.over([], now=0.0) == Refresh(within=WITHIN)
    slow = Usage(Rate(1, 100), 0, 1, 1, 1, None)
    assert Refresh.over([slow, tonight], now=0.0, within=HOUR).budget == 31
