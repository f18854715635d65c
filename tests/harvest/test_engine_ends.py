"""Runs that end at any moment, in any way: the next one goes on, and nothing is done twice."""

import asyncio
import contextlib
import gc
import random
import sqlite3
from collections import Counter
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from typing import Any

import attrs
import pytest

from elements_procura.errors import (
    NotFound,
    ProtocolError,
    ServerAway,
    ServerError,
    StoreError,
)
from elements_procura.harvest import AnswerStored, Event, Refresh, Store, harvest
from elements_procura.harvest._queue import Budget, WorkQueue
from elements_procura.harvest._standing import RunningProgress
from elements_procura.harvest._triage import ASKED_AT_MOST
from elements_procura.harvest.engine import Harvest
from elements_procura.harvest.events import Progress
from elements_procura.harvest.records import Settlement
from elements_procura.scheduler import Rate
from elements_procura.spec.source import Answer, Discovery, DossierId, Root, Want, Work
from tests.clock import VirtualClock
from tests.harvest.inside import db_of
from tests.harvest.ledger_world import ADVISERS, PERSONS, Body, Dossier, Wall, World
from tests.harvest.weather_kit import bodies_of, client_of, small_world, weather

DOSSIERS, SEEDS = 12, 8
ENDS = ("none", "stop", "close", "leave", "cancel", "cancel twice", "disk full")


@attrs.define
class Slow:
    """A world whose answers take their time and come in any order."""

    world: World
    chance: random.Random
    path: Path
    groups: tuple[str, ...] = ()
    extra_groups: tuple[str, ...] = ()
    lists_all: bool = True
    sent: int = 0
    under_way: set[int] = attrs.field(factory=set)
    asked: Counter[tuple[int, str, int]] = attrs.field(factory=Counter)
    """How often it was answered in this run, by resource, path and pass."""
    controls: int = 0
    """Controls that this run has sent: interruptions it may have gone through."""

    def group_of(self, kind: str) -> str:
        return kind

    async def listing(self) -> AsyncGenerator[Root]:
        self.sent += 1
        for root in self.world.roots():
            await asyncio.sleep(0)
            yield root

    async def fetch(self, work: Work) -> Answer:
        with contextlib.closing(sqlite3.connect(self.path)) as db:
            (state, pass_), *_ = db.execute(
                "SELECT state, pass FROM resources WHERE id = ?", (work.id,)
            ).fetchall()
        if state == "stored":  # a control
            await asyncio.sleep(0)
            self.sent += 1
            self.controls += 1
            return Body(b"")
        assert state == "queued", "it is stored already"
        assert work.id not in self.under_way, "somebody else is asking for it"
        self.asked[work.id, work.path, pass_] += 1
        self.sent += 1
        self.under_way.add(work.id)
        try:
            for _ in range(self.chance.choice([0, 0, 1, 3, 30])):
                await asyncio.sleep(0)
        except asyncio.CancelledError:  # recalled by an interruption: nobody has heard an answer
            self.asked[work.id, work.path, pass_] -= 1
            raise
        finally:
            self.under_way.remove(work.id)
        answer = self.world.answer(work)
        if answer is None and self.chance.random() < 0.5:
            raise ProtocolError("broken", method="GET", template=work.kind)
        if answer is None:
            raise ServerError("broken", method="GET", template=work.kind, status=500)
        if isinstance(answer, int):
            raise NotFound("not there", method="GET", template=work.kind, status=answer)
        return Body(answer[0])

    def discover(self, work: Work, answer: Answer) -> Discovery:
        found = self.world.answer(work)
        return found[1] if isinstance(found, tuple) else Discovery()


def world(chance: random.Random) -> World:
    dossiers: dict[DossierId, Dossier] = {
        each: Dossier(
            each,
            {person for person in PERSONS if chance.random() < 0.6},
            {adviser for adviser in ADVISERS if chance.random() < 0.6},
            chance.randrange(2),
        )
        for each in range(DOSSIERS)
    }
    return World(dossiers)


async def end(run: Harvest, how: str, after: int) -> list[Event]:
    """Iterate over a run until it ends, or is ended after so many events."""
    events: list[Event] = []

    async def iterate() -> None:
        iterator = aiter(run)
        async for event in iterator:
            events.append(event)
            if len(events) == after:
                if how == "stop":
                    run.stop()
                elif how == "close":
                    await iterator.aclose()  # type: ignore[attr-defined] # it is a generator
                elif how == "leave":
                    break
                elif how.startswith("cancel"):
                    ended.set()
                    await asyncio.sleep(0)

    ended = asyncio.Event()
    task = asyncio.create_task(iterate())
    if how.startswith("cancel"):
        waiting = asyncio.create_task(ended.wait())
        await asyncio.wait([task, waiting], return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        for _ in range(2 if how == "cancel twice" else 1):
            task.cancel()
            await asyncio.sleep(0)
    with contextlib.suppress(asyncio.CancelledError):
        await task
    return events


@attrs.define
class Noted(RunningProgress):
    """Keeps what was added up when the store's own count came."""

    added_up: list[tuple[Progress, Progress]] = attrs.field(factory=list)

    def __attrs_pre_init__(self) -> None:
        super().__init__()

    def read(self, stored: Progress) -> None:
        self.added_up.append((self.progress, stored))
        super().read(stored)


def break_something(given: World, chance: random.Random) -> None:
    dossier = given.dossiers[chance.randrange(DOSSIERS)]
    wants = given.walk(dossier, through_faults=True)
    keys = sorted({want.share or want.path for want in wants})
    given.faults[chance.choice(keys)] = chance.choice([None, None, 403])


def full_after(store: Store, puts: int) -> Callable[..., Settlement]:
    """A store's put, until the disk is full."""
    left = iter(range(puts))
    put = store.put

    def until_full(*args: Any, **named: Any) -> Settlement:
        if next(left, None) is None:
            raise sqlite3.OperationalError("database or disk is full")
        return put(*args, **named)

    return until_full


async def one_run(
    source: Slow, store: Store, how: str, *, refresh: Refresh | None, clock: Wall
) -> None:
    """A run that ends in some way, and what holds after it whatever the way."""
    chance = source.chance
    counted, sent = store.progress().requests + store.progress().probes, source.sent
    source.asked.clear()
    source.controls = 0
    run = harvest(source, store, refresh=refresh, clock=clock, workers=chance.choice([1, 3, 32]))
    run._recorder.standing = noted = Noted()
    after, outcome = chance.randrange(1, 60), how
    with pytest.MonkeyPatch.context() as patch:
        if how == "disk full":
            patch.setattr(store, "put", full_after(store, after))
        try:
            await end(run, how, after)
        except StoreError:
            outcome = "failed"
            assert how == "disk full"
        except ServerAway:
            outcome = "failed"
        await asyncio.sleep(0)
        # What nobody iterates over any more is closed by the loop.
        if others := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.wait(others)
    assert not source.under_way
    # After an interruption, what had failed before is asked for once more.
    assert max(source.asked.values(), default=1) <= ASKED_AT_MOST + source.controls
    progress, sent = store.progress(), source.sent - sent
    if how == "cancel twice":  # those of the requests under way may have no time to be counted
        assert progress.requests + progress.probes - counted <= sent
    else:
        assert progress.requests + progress.probes - counted == sent
    if outcome in ("none", "stop") and refresh is None:
        added_up, stored = noted.added_up[-1]
        fields = ("dossiers", "harvested", "quarantined", "gone", "queued")
        assert [getattr(added_up, each) for each in fields] == [
            getattr(stored, each) for each in fields
        ]


@pytest.mark.parametrize("seed", range(SEEDS))
async def test_however_runs_end_the_next_goes_on(tmp_path: Path, seed: int) -> None:
    chance, clock = random.Random(seed), Wall()
    given, path = world(chance), tmp_path / "s.sqlite"
    source = Slow(given, chance, path)
    store = Store.create(path, tenant="t", clock=clock)
    left_behind: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, it: left_behind.append(it))
    try:
        for number in range(12):
            if chance.random() < 0.5:
                break_something(given, chance)
            clock.seconds += chance.choice([60, 60, 25 * 3600])
            refresh = Refresh() if number % 3 == 2 else None
            await one_run(source, store, chance.choice(ENDS), refresh=refresh, clock=clock)
            if chance.random() < 0.3:
                store.close()
                store = Store.open(path, tenant="t", clock=clock)
        given.faults.clear()
        store.requeue_quarantined()
        for refresh in (None, Refresh(), Refresh()):
            clock.seconds += 25 * 3600
            await one_run(source, store, "none", refresh=refresh, clock=clock)
        assert store.progress().complete
        assert set(store.states().values()) == {"complete"}
        own, shared, _ = given.readable(range(DOSSIERS))
        bodies = dict(store.bodies())
        assert {path: bodies.get(path) for path in own} == own
        assert len(bodies) == len(own) + len(shared)
        gc.collect()
        assert left_behind == []  # no error that nobody retrieves
    finally:
        store.close()


@pytest.mark.parametrize("after", [2, 9, 30])
async def test_a_store_may_be_closed_under_a_run_that_was_left(tmp_path: Path, after: int) -> None:
    chance, clock, path = random.Random(after), Wall(), tmp_path / "s.sqlite"
    source = Slow(world(chance), chance, path)
    with Store.create(path, tenant="t", clock=clock) as store:
        events = 0
        async for _ in harvest(source, store, clock=clock):
            events += 1
            if events == after:
                break
    await asyncio.sleep(0)
    await asyncio.wait(asyncio.all_tasks() - {asyncio.current_task()})
    with Store.open(path, tenant="t", clock=clock) as store:
        await one_run(source, store, "none", refresh=None, clock=clock)
        assert store.progress().complete


async def test_what_failed_is_not_handed_out_again_by_a_long_queue(tmp_path: Path) -> None:
    async def now(call: Callable[[], Any]) -> Any:
        return call()

    async def ignored(_: object) -> None: ...

    with Store.create(tmp_path / "s.sqlite", tenant="t") as store:
        store.add_dossiers(
            Root(each, Discovery((Want("root", f"/{each}"),))) for each in range(1_200)
        )
        queue = WorkQueue(
            store,
            now,
            sent=lambda: 0,
            budget=Budget(),
            refresh=None,
            clock=Wall(),
            on_chosen=ignored,
            on_begun=lambda _: None,
            on_waiting=ignored,
        )
        (failed,) = store.queued(after=1_000, limit=1)
        queue.add([failed])
        assert await queue.next() == failed
        queue.done(failed, settled=False)
        others = []
        while (work := await queue.next()) is not None:
            others.append(work)
            queue.done(work, settled=True)
        assert len(others) == len(set(others)) == 1_199
        assert failed not in others


async def test_a_change_that_is_listed_while_a_refresh_is_under_way_is_not_forgotten(
    tmp_path: Path,
) -> None:
    chance, clock, path = random.Random(1), Wall(), tmp_path / "s.sqlite"
    source = Slow(world(chance), chance, path)
    with Store.create(path, tenant="t", clock=clock) as store:
        await one_run(source, store, "none", refresh=None, clock=clock)
        clock.seconds += 3600
        store.begin_refresh(range(DOSSIERS))  # and killed
        source.world.dossiers[3].version += 1
        await one_run(source, store, "none", refresh=Refresh(budget=0), clock=clock)
        assert [each.id for each in store.known() if each.due] == [3]
        clock.seconds += 3600
        await one_run(source, store, "none", refresh=Refresh(), clock=clock)
        assert not any(each.due for each in store.known())


def test_a_commit_that_fails_leaves_no_transaction_behind(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite"
    with Store.create(path, tenant="t") as store:
        db_of(store).execute("PRAGMA foreign_keys = ON")
        db_of(store).execute(
            "CREATE TABLE late (id REFERENCES dossiers (id) DEFERRABLE INITIALLY DEFERRED)"
        )
        with pytest.raises(StoreError, match="FOREIGN KEY"), store.together():
            db_of(store).execute("INSERT INTO late VALUES (1)")
        store.add_requests(7)
        with Store.read(path) as reader:
            assert reader.progress().requests == 7


@pytest.mark.virtual_time
async def test_a_stop_waits_for_what_has_left_and_not_for_the_quota(tmp_path: Path) -> None:
    """A request every two seconds, and 32 that want one: what waits stays in the queue."""
    clock, path = VirtualClock(), tmp_path / "s.sqlite"
    async with weather(clock, small_world(dossiers=4)) as front:
        async with client_of(front, rates=(Rate(1, 2),)) as elements:
            with Store.create(path, tenant="t", clock=clock) as store:
                run = harvest(elements, store, clock=clock)
                async for event in run:
                    if isinstance(event, AnswerStored) and run.progress.resources == 5:
                        asked, stopped = len(front.asked), clock.now()
                        run.stop()
                assert clock.now() <= stopped + 1
                assert len(front.asked) <= asked + 1
                assert store.progress().queued > 0
        async with client_of(front) as elements:
            with Store.open(path, tenant="t", clock=clock) as store:
                async for _ in harvest(elements, store, clock=clock):
                    pass
                assert dict(store.bodies()) == bodies_of(front.world)
        asked_for = Counter(each.path for each in front.asked)
        del asked_for["/oauth/access_token"]
        assert set(asked_for.values()) == {1}, "nothing is asked for twice"
