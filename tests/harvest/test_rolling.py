"""Refreshes of a sandbox over real HTTP: what changed is found, and nothing is lost on the way."""

import sqlite3
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from elements_procura.demo import verify
from elements_procura.elements.client import ElementsClient
from elements_procura.harvest import (
    DossierSettled,
    ElementsSource,
    Event,
    ListingDoubted,
    Refresh,
    RefreshStarted,
    Store,
    harvest,
)
from elements_procura.harvest.packing import unpack
from elements_procura.harvest.policy.refresh import DAY, Observations
from elements_procura.harvest.policy.rolling import Batch, batch
from elements_procura.harvest.records import DELETED_SET, UNLISTED_AND_404, KnownDossier, KnownPart
from elements_procura.sandbox import Fault
from elements_procura.spec.source import included
from tests.clock import LaterClock
from tests.harvest.harvesting import LISTING, TENANT, repeated, requested, small
from tests.harvest.ledger_world import Wall

ROOT = "/api/data/klantdossiers"


async def run(
    store: Store,
    elements: ElementsClient,
    refresh: Refresh | None = Refresh(),  # noqa: B008 - it is frozen
    *,
    dossiers: tuple[int, ...] | None = None,
    **options: Any,
) -> list[Event]:
    """A run on ``store`` with its events."""
    source = ElementsSource(elements, dossiers=dossiers)
    return [event async for event in harvest(source, store, refresh=refresh, **options)]


def changed(events: list[Event]) -> dict[Any, bool | None]:
    """Which dossiers were refreshed, and whether they had changed."""
    return {each.dossier: each.changed for each in events if isinstance(each, DossierSettled)}


async def test_what_is_the_same_is_not_stored_again(path: Path) -> None:
    clock = LaterClock()
    async with small() as (sandbox, elements):
        with Store.create(path, tenant=TENANT, history=True, clock=clock) as store:
            await run(store, elements, None)
            before = {each.path: each for each in store.documents()}
            first = requested(sandbox)
            clock.days = 0.5
            events = await run(store, elements, clock=clock)
            assert changed(events) == dict.fromkeys(sandbox.dossier_ids, False)
            after = {each.path: each for each in store.documents()}
            assert after == before  # not even its time
            assert not any(store.history(each) for each in before)
            assert verify(store, sandbox).equal
            assert store.staleness(now=clock.wall()).oldest < 60
            shared = {each for each, _ in store.shared()}
            own = before.keys() - shared
            again = requested(sandbox) - first
            assert {each for each in again if each in own} >= {
                f"{ROOT}/{dossier}" for dossier in sandbox.dossier_ids
            }
            assert again.total() - len(again) <= store.progress().probes <= 8
            # What is shared was fetched half a day ago, which is recent enough.
            assert not [each for each in again if each in shared]
            progress = store.progress()
            assert progress.complete
            assert progress.requests + progress.probes == len(sandbox.log)


async def test_shared_data_is_asked_for_once_a_day_by_who_still_leads_there(path: Path) -> None:
    clock = LaterClock()
    async with small() as (sandbox, elements):
        with Store.create(path, tenant=TENANT, clock=clock) as store:
            await run(store, elements, None)
            shared = {each for each, _ in store.shared()}
            first, probes = len(sandbox.log), store.progress().probes
            clock.days = 2
            await run(store, elements, clock=clock)
            again = [entry.path for entry in sandbox.log][first:]
            more = store.progress().probes - probes
            assert len(again) - len(set(again)) <= more <= 4
            # The same number of requests as the first time: each shared thing once, at a path of
            # whichever dossier came first.
            assert len(again) - more == first - probes - 1  # the token is still good
            assert shared
            assert verify(store, sandbox).equal


@pytest.mark.parametrize("deep", [False, True])
async def test_a_change_is_found_and_only_there(path: Path, deep: bool) -> None:
    clock = LaterClock()
    async with small() as (sandbox, elements):
        with Store.create(path, tenant=TENANT, history=True, clock=clock) as store:
            await run(store, elements, None)
            busy = sandbox.dossier_ids[4]
            old = {each.path: each for each in store.documents()}
            paths = sandbox.change(busy, deep=deep)
            clock.days = 3
            found = changed(await run(store, elements, clock=clock))
            assert found == {each: each == busy for each in sandbox.dossier_ids}
            assert verify(store, sandbox).equal
            for each in paths:
                ((since, until, body),) = store.history(each) or [(0.0, 0.0, b"")]
                if each in old:
                    assert body == old[each].body
                    assert since == old[each].since
                    assert until - since > 2.9 * DAY
            seen = {each.id: each.seen for each in store.known()}
            assert seen[busy].changes == 1
            assert seen[busy].busy == pytest.approx(3 * DAY, rel=0.01)
            assert {each.quiet > 0 for id_, each in seen.items() if id_ != busy} == {True}


async def test_a_row_that_differs_is_refreshed_before_all_others(path: Path) -> None:
    async with small() as (sandbox, elements):
        with Store.create(path, tenant=TENANT) as store:
            await run(store, elements, None)
            busy = sandbox.dossier_ids[-1]
            sandbox.change(busy)
            events = await run(store, elements, Refresh(budget=60))
            found = changed(events)
            assert found[busy] is True
            assert len(found) < len(sandbox.dossier_ids)
            (told,) = [each for each in events if isinstance(each, RefreshStarted)]
            assert told.dossiers == len(found)
            assert told.requests <= 60


async def test_new_dossiers_are_harvested_and_removed_ones_deleted(path: Path) -> None:
    clock = Wall()
    async with small() as (sandbox, elements):
        with Store.create(path, tenant=TENANT, clock=clock) as store:
            await run(store, elements, None)
            lost = sandbox.dossier_ids[7]
            sandbox.remove(lost)
            new = sandbox.add_dossier()
            events = await run(store, elements)
            assert store.states()[new] == "complete"
            assert store.states()[lost] == "gone"
            assert store.deleted()[lost] == UNLISTED_AND_404
            assert changed(events)[lost] is True
            await run(store, elements)  # what others shared with it comes by way of them now
            assert verify(store, sandbox).equal
            progress = store.progress()
            assert progress.complete
            assert (progress.dossiers, progress.harvested, progress.gone) == (21, 20, 1)
            # Nothing of it is shown any more, but only a purge erases it.
            assert store.body(f"{ROOT}/{lost}") is None
            assert store.purge() == 0
            clock.seconds += 21 * 3600
            await run(store, elements)  # the second night that it is not listed
            assert store.purge() > 5
            assert store.purge() == 0
            asked = requested(sandbox)[f"{ROOT}/{lost}"]
            await run(store, elements)
            assert requested(sandbox)[f"{ROOT}/{lost}"] == asked
            assert verify(store, sandbox).equal


async def test_a_dossier_that_only_the_listing_lacks_is_not_deleted(path: Path) -> None:
    async with small() as (sandbox, elements):
        with Store.create(path, tenant=TENANT) as store:
            await run(store, elements, None)
            hidden = sandbox.dossier_ids[7]
            sandbox.hide([hidden])
            await run(store, elements, Refresh(budget=60))
            assert store.states()[hidden] == "complete"
            assert hidden not in store.deleted()
            assert store.progress().unlisted == 1
            assert requested(sandbox)[f"{ROOT}/{hidden}"] == 2
            sandbox.hide(())
            await run(store, elements, Refresh(budget=60))
            assert store.progress().unlisted == 0
            assert verify(store, sandbox).equal


async def test_a_listing_that_lacks_nearly_all_deletes_nothing_and_says_why(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with small(dossiers=100) as (sandbox, elements):
        with Store.create(path, tenant=TENANT) as store:
            await run(store, elements, None, include=["kantoor"])
            before = dict(store.bodies())
            sandbox.hide(sandbox.dossier_ids[1:])
            events = await run(store, elements)
            assert [each for each in events if isinstance(each, ListingDoubted)] == [
                ListingDoubted(99, 100)
            ]
            assert "the listing lacks 99 of 100 known dossiers" in caplog.text
            assert store.progress().unlisted == 0
            assert dict(store.bodies()) == before


async def test_of_a_listing_that_is_doubted_even_what_is_gone_is_kept(path: Path) -> None:
    async with small(dossiers=40) as (sandbox, elements):
        with Store.create(path, tenant=TENANT) as store:
            await run(store, elements, None)
            before = {each for each, _ in store.bodies()}
            roots = {f"{ROOT}/{dossier}" for dossier in store.states()}
            for dossier in sandbox.dossier_ids[1:]:
                sandbox.remove(dossier)
            await run(store, elements)
            assert UNLISTED_AND_404 not in store.deleted().values()
            # They did answer 404, and that is doubted like the listing.
            assert store.progress().gone == 0
            assert [each.subject for each in store.progress().unacknowledged] == ["dossier"]
            assert {each for each, _ in store.bodies()} >= before - roots
            # Somebody who knows that they were deleted can say so.
            await run(store, elements, Refresh(accept_vanished=True))
            assert list(store.deleted().values()).count(UNLISTED_AND_404) == 39
            await run(store, elements)
            assert verify(store, sandbox).equal


async def test_a_selection_is_no_evidence_of_deletion(path: Path) -> None:
    async with small() as (sandbox, elements):
        with Store.create(path, tenant=TENANT) as store:
            some = tuple(sandbox.dossier_ids[:6])
            await run(store, elements, None, dossiers=some)
            await run(store, elements, dossiers=some[:3])
            assert store.progress().unlisted == 0
            assert LISTING not in requested(sandbox)


async def test_a_deleted_dossier_that_is_back_is_harvested_again(path: Path) -> None:
    async with small() as (sandbox, elements):
        with Store.create(path, tenant=TENANT) as store:
            await run(store, elements, None)
            lost = sandbox.dossier_ids[7]
            sandbox.hide([lost])
            sandbox.add_fault(Fault(kind="status", status=404, match=f"GET {ROOT}/{lost}", times=1))
            await run(store, elements)
            assert store.deleted()[lost] == UNLISTED_AND_404
            sandbox.hide(())
            await run(store, elements, Refresh(budget=60))
            assert lost not in store.deleted()
            assert store.states()[lost] == "complete"
            assert verify(store, sandbox).equal


async def test_what_a_dossier_says_of_its_deletion_is_noted(path: Path) -> None:
    async with small(dossiers=80) as (sandbox, elements):
        with Store.create(path, tenant=TENANT) as store:
            await run(store, elements, None, include=["kantoor"])
            deleted = store.deleted()
            assert set(deleted.values()) == {DELETED_SET}
            for dossier in sandbox.dossier_ids:
                said = b'"deleted":null' not in (store.body(f"{ROOT}/{dossier}") or b"")
                assert said == (dossier in deleted)
            assert store.progress().harvested == 80
            assert store.progress().deleted == len(deleted)


@pytest.mark.parametrize("stop_after", [2, 40, 150])
async def test_a_refresh_that_was_stopped_goes_on_without_asking_twice(
    path: Path, stop_after: int
) -> None:
    async with small() as (sandbox, elements):
        with Store.create(path, tenant=TENANT) as store:
            await run(store, elements, None)
            for dossier in sandbox.dossier_ids:
                sandbox.change(dossier)
            first = len(sandbox.log)
            going = harvest(elements, store, refresh=Refresh(), workers=4)
            events = 0
            async for _ in going:
                events += 1
                if events == stop_after:
                    going.stop()
            done = len(sandbox.log) - first
            begun = store.progress().refreshing
            assert not store.progress().complete or not begun
            # Whatever was stored before is still there for who reads it meanwhile.
            assert len(dict(store.bodies())) >= store.progress().harvested * 5
        with Store.open(path, tenant=TENANT) as store:
            await run(store, elements)
            assert verify(store, sandbox).equal
            assert store.progress().complete
        again = [entry.path for entry in sandbox.log][first:]
        twice = {each for each in again if again.count(each) > 1}
        # Of the two runs the second refreshes all once more, but finishes first what was begun.
        assert done < len(again)
        assert LISTING in twice


async def test_what_cannot_be_read_keeps_what_it_was(path: Path) -> None:
    async with small() as (sandbox, elements):
        with Store.create(path, tenant=TENANT) as store:
            await run(store, elements, None)
            producten = f"{ROOT}/5526/producten"
            before = dict(store.bodies())
            assert producten in before
            sandbox.add_fault(Fault(kind="html", match=f"GET {producten}", times=3))
            found = changed(await run(store, elements))
            assert found[5526] is None
            assert store.states()[5526] == "quarantined"
            assert dict(store.bodies()) == before
            # The next refresh asks again by itself.
            found = changed(await run(store, elements))
            assert found[5526] is False
            assert store.states()[5526] == "complete"
            assert verify(store, sandbox).equal


async def test_what_may_not_be_read_any_more_is_kept_with_what_hangs_on_it(path: Path) -> None:
    async with small() as (sandbox, elements):
        with Store.create(path, tenant=TENANT) as store:
            await run(store, elements, None)
            persons = f"{ROOT}/5526/klanten/particulier"
            below = {each for each, _ in store.bodies() if each.startswith(f"{persons}/")}
            assert below
            fault = Fault(kind="status", status=403, match=f"GET {persons}", times=2)
            sandbox.add_fault(fault)
            for _ in range(2):
                assert changed(await run(store, elements))[5526] is None  # nobody knows
                assert {*below, persons} <= dict(store.bodies()).keys()
                (concern,) = store.progress().unacknowledged
                assert (concern.subject, concern.state) == ("particulier", "forbidden")
            assert changed(await run(store, elements))[5526] is False
            assert store.progress().concerns == ()
            assert verify(store, sandbox).equal


async def test_a_store_of_the_first_schema_is_brought_up_and_refreshed(
    path: Path, tmp_path: Path
) -> None:
    async with small() as (sandbox, elements):
        with Store.create(tmp_path / "now.sqlite", tenant=TENANT) as store:
            await run(store, elements, None, max_requests=200)
        as_of_schema_1(tmp_path / "now.sqlite", path)
        with Store.open(path, tenant=TENANT) as store:
            assert store.progress().requests + store.progress().probes >= 200
            assert {each.cost for each in store.known()} != {1}
            await run(store, elements, None)
            assert verify(store, sandbox).equal
            assert repeated(sandbox) <= store.progress().probes <= 8
            lost = sandbox.dossier_ids[3]
            sandbox.remove(lost)
            sandbox.change(5526)
            found = changed(await run(store, elements))
            assert found == {each: each in (5526, lost) for each in (*sandbox.dossier_ids, lost)}
            await run(store, elements)  # what others shared with it comes by way of them now
            assert verify(store, sandbox).equal


SCHEMA_1 = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE counts (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE dossiers (
    id PRIMARY KEY NOT NULL,
    state TEXT NOT NULL DEFAULT 'open',
    open INTEGER NOT NULL DEFAULT 0,
    failed INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX dossiers_by_state ON dossiers (state);
CREATE TABLE resources (
    id INTEGER PRIMARY KEY,
    dossier NOT NULL REFERENCES dossiers (id),
    kind TEXT NOT NULL,
    path TEXT NOT NULL UNIQUE,
    share TEXT UNIQUE,
    state TEXT NOT NULL DEFAULT 'queued',
    status INTEGER,
    fetched_at REAL,
    sha256 BLOB,
    error TEXT
);
CREATE INDEX resources_queued ON resources (id) WHERE state = 'queued';
CREATE INDEX resources_by_dossier ON resources (dossier);
CREATE TABLE shares (
    resource INTEGER NOT NULL REFERENCES resources (id),
    dossier NOT NULL REFERENCES dossiers (id),
    PRIMARY KEY (resource, dossier)
) WITHOUT ROWID;
CREATE INDEX shares_by_dossier ON shares (dossier);
CREATE TABLE bodies (resource INTEGER PRIMARY KEY REFERENCES resources (id), body BLOB NOT NULL);
PRAGMA user_version = 1;
PRAGMA application_id = 1162891848;
"""


def as_of_schema_1(now: Path, then: Path) -> None:
    """What the first version would have made of the store at ``now``."""
    db = sqlite3.connect(then)
    db.executescript(SCHEMA_1)
    db.execute("ATTACH ? AS now", (str(now),))
    for table, columns in {
        "meta": "key, value",
        "counts": "name, value",
        "dossiers": "id, state, open, failed",
        "resources": "id, dossier, kind, path, share, state, status, fetched_at, sha256, error",
        "shares": "resource, dossier",
        "bodies": "resource, body",
    }.items():
        db.execute(f"INSERT INTO {table} ({columns}) SELECT {columns} FROM now.{table}")
    db.create_function("unpack", 1, unpack)
    db.execute("UPDATE bodies SET body = unpack(body)")
    db.execute("DELETE FROM meta WHERE key NOT IN ('tenant', 'listed', 'include')")
    db.commit()
    db.close()


def known(number: int, *, fetched: float, cost: int = 10, due: bool = False) -> KnownDossier:
    return KnownDossier(number, fetched, Observations(), cost, due)


def test_a_batch_costs_what_it_may_and_begins_with_what_is_due() -> None:
    stored = [known(each, fetched=each * DAY, due=each in (8, 6)) for each in range(10)]
    chosen = batch(stored, Refresh(budget=50), now=20 * DAY, since=20 * DAY, spent=5)
    assert chosen.dossiers[:2] == (6, 8)
    assert set(chosen.dossiers[2:]) == {0, 1}  # the oldest
    assert chosen.requests == 40
    assert batch(stored, Refresh(), now=20 * DAY, since=20 * DAY, spent=5).requests == 100
    assert batch(stored, Refresh(budget=4), now=20 * DAY, since=20 * DAY, spent=0).dossiers == ()
    assert batch([], Refresh(), now=0, since=0, spent=0).dossiers == ()


def test_what_a_clock_fetched_that_was_ahead_is_due_whatever_it_says() -> None:
    """A time in the future is unknown; else nothing would be refreshed until it has come."""
    future = [known(each, fetched=now) for each, now in enumerate((21 * DAY, 4000 * DAY))]
    past = [known(each, fetched=each * DAY) for each in range(2, 10)]
    chosen = batch([*past, *future], Refresh(budget=40), now=20 * DAY, since=20 * DAY, spent=0)
    assert set(chosen.dossiers[:2]) == {0, 1}
    assert len(chosen.dossiers) == 4
    fresh = [known(1, fetched=20 * DAY)]
    assert batch(fresh, Refresh(), now=20 * DAY, since=19 * DAY, spent=0).dossiers == ()


def test_what_is_shared_is_counted_once_with_whoever_comes_first() -> None:
    stored = [known(each, fetched=each * DAY) for each in range(10)]

    def shared_of(dossier: Any, parts: frozenset[str] | None) -> list[int]:
        assert parts is None  # all of it
        return [100 + dossier % 2, 200]

    chosen = batch(
        stored, Refresh(budget=45), now=20 * DAY, since=20 * DAY, spent=0, shared=shared_of
    )
    assert chosen.dossiers == (0, 1, 2, 3)
    assert chosen.requests == 43
    tight = batch(
        stored, Refresh(budget=21), now=20 * DAY, since=20 * DAY, spent=0, shared=shared_of
    )
    assert (tight.dossiers, tight.requests) == ((0,), 12)
    everything = batch(stored, Refresh(), now=20 * DAY, since=20 * DAY, spent=0, shared=shared_of)
    assert everything.requests == 103


def test_a_batch_tells_in_how_many_days_all_have_their_turn() -> None:
    stored = [known(each, fetched=each * DAY) for each in range(10)]
    choose = partial(batch, stored, now=20 * DAY, since=20 * DAY, spent=0)
    assert choose(Refresh(budget=40, per_day=80)).cycle == 1.25 * DAY
    assert choose(Refresh(budget=40)).cycle == 2.5 * DAY
    assert choose(Refresh()).cycle is None


def test_all_stands_for_what_is_fetched_by_default() -> None:
    choose = partial(included, groups=("a", "b"), extra_groups=("c",))
    assert choose(["all", "c"]) == {"a", "b", "c"}
    assert choose(["all"]) == choose(None) == {"a", "b"}


def test_somebodys_bound_holds_for_dossiers_of_one_part_as_well() -> None:
    ages = [1.0, 9.0, 3.0, 6.0]
    busy = Observations(9, 9 * DAY, 0)
    stored = [
        KnownDossier(each, (20 - age) * DAY, busy if age == 1 else Observations(), 1, due=False)
        for each, age in enumerate(ages)
    ]

    def chosen(bound: float | None, budget: int = 2) -> Batch:
        max_age = {} if bound is None else {"dossier": bound * DAY}
        refresh = Refresh(budget=budget, per_day=budget, max_age=max_age)
        return batch(stored, refresh, now=20 * DAY, since=20 * DAY, spent=0)

    assert chosen(6.5).dossiers == (1, 3)
    assert chosen(6.5).unbounded == ()
    assert chosen(1.5).unbounded == ("dossier",)
    assert chosen(None) == chosen(50)


@pytest.mark.parametrize("of_parts", [0, 1], ids=["none has parts yet", "one has parts"])
def test_somebodys_bound_of_a_part_holds_for_dossiers_that_are_asked_for_whole(
    of_parts: int,
) -> None:
    """As all dossiers of a store are that has just been brought up."""
    stored = [
        KnownDossier(each, (20 - age) * DAY, Observations(), 4, due=False)
        for each, age in enumerate([1.0, 9.0, 3.0, 6.0])
    ]
    parts = [KnownPart(0, "klanten", 19 * DAY, Observations(), 4, due=False)][:of_parts]

    def chosen(**bounds: float) -> Batch:
        max_age = {part: bound * DAY for part, bound in bounds.items()}
        refresh = Refresh(budget=8, per_day=8, max_age=max_age)
        return batch(stored, refresh, now=20 * DAY, since=20 * DAY, spent=0, parts=parts)

    assert chosen(klanten=6.5, contact=30).dossiers == (1, 3)
    assert chosen(klanten=6.5, contact=30).unbounded == ()
    assert "klanten" in chosen(klanten=1.5, contact=30).unbounded
