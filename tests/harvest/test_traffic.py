"""A harvest's traffic: counted once, kept through every end, added up over runs, and bounded."""

import contextlib
import random
from collections import Counter
from pathlib import Path

import attrs
import pytest

from elements_procura.clock import SystemClock
from elements_procura.core.observe import Call, Observer
from elements_procura.errors import ServerAway, StoreError
from elements_procura.harvest import HarvestInterrupted, HarvestResumed, Refresh, Store, harvest
from elements_procura.harvest._traffic_counter import TrafficCounter
from elements_procura.harvest.run import DEFAULT_WORKERS
from elements_procura.harvest.traffic import (
    BOUNDS,
    Latency,
    Stretch,
    Traffic,
    as_row,
    bucket_of,
    coarser,
    of_row,
    start_of,
    total,
)
from tests.harvest.conformance.cases import in_a_process
from tests.harvest.harvesting import TENANT, small
from tests.harvest.test_weather import run, world
from tests.harvest.weather_kit import TOKEN, client_of

SOME = Traffic(1, 2, 3, 4, 5.5, 6, 7.5, Latency({3: 2, 67: 1}, 9.0))


def latency_of(seconds: list[float]) -> Latency:
    return Latency(dict(Counter(map(bucket_of, seconds))), sum(seconds))


@pytest.mark.parametrize("share", [0.01, 0.5, 0.95, 0.99])
def test_quantiles_are_right_within_a_fifth(share: float) -> None:
    chance = random.Random(5)
    seconds = sorted(chance.lognormvariate(-1.5, 1.2) for _ in range(5_000))
    right = seconds[int(share * len(seconds))]
    found = latency_of(seconds).quantile(share)
    assert found == pytest.approx(right, rel=0.2)


def test_an_answer_beyond_all_bounds_is_counted() -> None:
    latency = latency_of([10 * BOUNDS[-1]])
    assert latency.count == 1
    assert latency.quantile(0.5) == BOUNDS[-1]
    assert Latency().quantile(0.5) is None


def test_traffic_adds_up_and_is_kept_as_it_is() -> None:
    both = SOME + SOME
    assert both == Traffic(2, 4, 6, 8, 11.0, 12, 15.0, Latency({3: 4, 67: 2}, 18.0))
    assert SOME + Traffic() == SOME == Traffic() + SOME
    numbers, latency = as_row(SOME)
    assert of_row(numbers, latency) == SOME
    assert SOME.attempts == 4


def test_stretches_are_bounded_and_nothing_of_them_is_lost() -> None:
    found: list[Stretch] = []
    chance, now = random.Random(3), 1_700_000_000.0
    for _ in range(3_000):
        now += chance.choice([60, 3_600, 86_400])
        width = max((each.seconds for each in found), default=60.0)
        found.append(Stretch(start_of(now, width), width, SOME))
        found = coarser(found) or found
        assert len(found) <= 241
        starts = [each.start for each in found]
        assert len({each.seconds for each in found}) == 1
        assert starts == sorted(starts)
    assert total(found).throttled == 3_000 * SOME.throttled
    assert total(found).latency.count == 3_000 * SOME.latency.count


async def test_what_could_not_be_kept_is_given_once_more_and_counted_once() -> None:
    counter, call = TrafficCounter(), Call("GET", "/x", "t")
    counter.sent(call, attempt=1, waited=2.0)
    counter.answered(call, attempt=1, status=503, seconds=0.5, size=0)
    taken = counter.take()
    assert taken is not None
    counter.put_back(taken)
    counter.answered(call, attempt=2, status=None, seconds=0.5, size=0, error="reset")
    assert counter.total.attempts == 2
    again = counter.take()
    assert again == counter.total == Traffic(1, 0, 1, waited=2.0, latency=latency_of([0.5]))
    assert counter.take() is None


def test_a_transaction_that_fails_has_counted_nothing(tmp_path: Path) -> None:
    with Store.create(tmp_path / "s.sqlite", tenant="t") as store:
        store.add_traffic(SOME)
        with contextlib.suppress(StoreError), store.together():
            store.add_traffic(SOME)
            raise StoreError("no")
        assert store.progress().traffic == SOME
        store.add_traffic(SOME)
        assert total(store.traffic()) == SOME + SOME


def test_it_survives_a_killed_process_and_runs_add_up(tmp_path: Path) -> None:
    where = tmp_path / "s.sqlite"
    script = """
    import asyncio
    from elements_procura.harvest import harvest, AnswerStored
    from tests.harvest.harvesting import TENANT, small

    async def main():
        async with small() as (_, elements):
            with Store.create(where, tenant=TENANT) as store:
                stored = 0
                async for event in harvest(elements, store):
                    stored += isinstance(event, AnswerStored)
                    if stored == 60:
                        os._exit(9)

    asyncio.run(main())
    """
    died = in_a_process(where, script)
    assert died.returncode == 9, died.stderr
    with Store.read(where) as store:
        before = store.progress()
    # Those that were on their way have left, and how they ended nobody knows.
    lost = before.requests - before.traffic.attempts
    assert before.traffic.attempts >= 60
    assert 0 <= lost <= DEFAULT_WORKERS
    again = script.replace("create", "open").replace("stored == 60", "False")
    done = in_a_process(where, again)
    assert done.returncode == 0, done.stderr
    with Store.read(where) as store:
        progress = store.progress()
    assert progress.complete
    assert progress.requests - progress.traffic.attempts == lost


@attrs.define(eq=False)
class Noted(Observer):
    """Keeps what a harvest is called with."""

    said: list[str] = attrs.field(factory=list)
    ended: int = 0

    def attached(self, tenant: str, **more: object) -> None:
        self.said.append(f"attached {tenant}")

    def detached(self, tenant: str) -> None:
        self.said.append(f"detached {tenant}")

    def answered(self, call: Call, **more: object) -> None:
        self.ended += 1

    def interrupted(self, tenant: str, *, reason: str) -> None:
        self.said.append(f"interrupted {tenant}")

    def resumed(self, tenant: str, *, seconds: float) -> None:
        self.said.append(f"resumed {tenant}")


def test_a_new_stretch_is_begun_without_a_look_at_all_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once a second in the first minutes, for each of a hundred tenants."""
    one, now = Traffic(latency=Latency({3: 1}, 0.002)), [1_000_000.0]
    clock = SystemClock()
    monkeypatch.setattr(clock, "wall", lambda: now[0])
    with Store.create(tmp_path / "s.sqlite", tenant=TENANT, clock=clock) as store:
        monkeypatch.setattr("elements_procura.harvest.sql.traffic.stretches", None)
        for _ in range(240):
            now[0] += 1.0
            store.add_traffic(one)
        store.add_traffic(one)  # into the same
        monkeypatch.undo()
        assert len(store.traffic()) == 240
        assert total(store.traffic()).attempts == 241
        assert max(each.traffic.attempts for each in store.traffic()) == 2


@pytest.mark.virtual_time
@pytest.mark.parametrize("how", ["503", "reset", "502 html"])
async def test_it_is_what_the_server_saw(tmp_path: Path, how: str) -> None:
    path, noted = tmp_path / "s.sqlite", Noted()
    async with world() as (front, elements):
        front.break_down(how, after=60, seconds=90.0)
        ran = await run(path, front, elements, observer=noted)
        assert ran.error is None
        traffic, progress = ran.progress.traffic, ran.progress
        asked = front.asked
        assert traffic.attempts == progress.requests + progress.probes == noted.ended
        assert traffic.attempts >= len(asked)
        errors = [each for each in asked if each.status >= 500]
        if how != "reset":
            # Of those that were called back the answers came too late.
            assert 0 < traffic.server_errors <= len(errors)
        assert traffic.unanswered >= traffic.attempts - len(asked)
        assert traffic.interruptions == len(ran.of(HarvestInterrupted)) >= 1
        resumed = [each for each in ran.of(HarvestResumed) if isinstance(each, HarvestResumed)]
        assert traffic.away == pytest.approx(sum(each.seconds for each in resumed))
        assert traffic.away >= 80
        assert traffic.repeated >= 1
        assert noted.said[0] == "attached localhost"
        assert noted.said[1:3] == ["interrupted localhost", "resumed localhost"]
        assert noted.said[-1] == "detached localhost"
        assert [each.path for each in asked].count(TOKEN) >= 1
        again = await run(path, front, elements, refresh=Refresh())
        now = again.progress
        assert now.traffic.attempts == now.requests + now.probes > traffic.attempts


@pytest.mark.virtual_time
async def test_an_interruption_that_outlasts_the_patience_counts_its_seconds(
    tmp_path: Path,
) -> None:
    async with world() as (front, elements):
        front.break_down("503", after=60, seconds=float("inf"))
        ran = await run(tmp_path / "s.sqlite", front, elements, patience=120.0)
        assert isinstance(ran.error, ServerAway)
        traffic = ran.progress.traffic
        assert traffic.interruptions == 1
        assert traffic.away == pytest.approx(120, abs=5)
        assert traffic.attempts == ran.progress.requests + ran.progress.probes


async def test_the_progress_of_a_run_is_that_of_the_store(tmp_path: Path) -> None:
    async with small(dossiers=8) as (_, elements):
        with Store.create(tmp_path / "s.sqlite", tenant=TENANT) as store:
            for refresh in (None, Refresh()):
                going = harvest(elements, store, refresh=refresh)
                async for _ in going:
                    pass
                assert going.progress.traffic == store.progress().traffic
                assert going.progress.traffic.attempts == going.progress.requests
            assert store.host == "127.0.0.1"


@pytest.mark.virtual_time
async def test_an_observer_of_the_clients_own_is_called_once(tmp_path: Path) -> None:
    noted = Noted()
    async with world() as (front, _), client_of(front, observer=noted, tenant="a") as elements:
        ran = await run(tmp_path / "s.sqlite", front, elements, observer=noted)
        assert noted.ended == ran.progress.traffic.attempts
        assert noted.said == ["attached a"]
    assert noted.said == ["attached a", "detached a"]
