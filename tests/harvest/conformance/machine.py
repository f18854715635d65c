"""A storage under everything that can happen, in any order: its counts, and what it shows."""

import contextlib
import random
from collections.abc import Iterator
from typing import ClassVar
from unittest import TestCase
from unittest.mock import patch

import attrs
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from elements_procura import registry
from elements_procura.harvest import Store
from elements_procura.harvest.records import DELETED_SET, UNLISTED_AND_404, Settlement
from elements_procura.spec.source import DossierId, Work
from tests.harvest.conformance import spec
from tests.harvest.conformance.ledger import Ledger, StorageUnderTest
from tests.harvest.conformance.mirror import Mirror
from tests.harvest.conformance.spec import NAME, PARTS
from tests.harvest.ledger_world import (
    ADVISERS,
    LOST,
    OFFICES,
    PERSONS,
    ROW_DOSSIERS,
    Body,
    Dossier,
    Wall,
    World,
)

GROUPS = ("all",)
MOST = 10  # dossiers
SEEDS = st.integers(0, 2**32 - 1)


class Runs(RuleBasedStateMachine):
    """A store, a server, and what a run holds in memory: the resources that it is to fetch."""

    storage: ClassVar[StorageUnderTest]

    def __init__(self) -> None:
        super().__init__()
        self.held_open = contextlib.ExitStack()
        self.held_open.enter_context(patch.dict(registry._HOMES, {NAME: spec.__name__}))
        self.where = self.held_open.enter_context(self.storage.fresh())
        self.clock = Wall()
        self.store = Store.create(self.where, tenant="t", history=True, clock=self.clock)
        self.world = World()
        self.work = list[Work]()
        self.is_together = False
        self.sent = 0
        self.settled: dict[DossierId, set[str]] = {}
        self.lost: set[str] = set()
        self.lacked: set[DossierId] = set()
        self.lacking: set[DossierId] = set()
        self.not_found: set[DossierId] = set()
        self.shown: set[str] = set()
        self.counts: dict[str, int] = {}
        self.buried: set[DossierId] = set()
        self.mirror = Mirror()

    def teardown(self) -> None:
        try:
            self.everything_is_refreshed(seed=1)
            self.an_export_is_brought_up_to_date()
        finally:
            self.store.close()
            self.held_open.close()

    # -- the server --------------------------------------------------------------------------

    @initialize(data=st.data())
    def begins(self, data: st.DataObject) -> None:
        for _ in range(data.draw(st.integers(1, 5))):
            self.a_dossier_is_new(data)
        self.is_listed(seed=0, accept=False)

    @precondition(lambda self: len(self.world.dossiers) < MOST)
    @rule(data=st.data())
    def a_dossier_is_new(self, data: st.DataObject) -> None:
        free = sorted({*range(MOST)} - self.world.dossiers.keys())
        number = data.draw(st.sampled_from(free))
        self.world.dossiers[number] = Dossier(
            number,
            data.draw(st.sets(st.sampled_from(PERSONS))),
            data.draw(st.sets(st.sampled_from(ADVISERS))),
            data.draw(st.sampled_from(OFFICES)),
        )

    @rule(
        data=st.data(),
        what=st.sampled_from(
            ["persons", "advisers", "office", "row", "deleted", "exists", "is_listed", "versions"]
        ),
    )
    def the_server_changes(self, data: st.DataObject, what: str) -> None:
        dossier = self._any(data)
        if what == "persons":
            dossier.persons = data.draw(st.sets(st.sampled_from(PERSONS)))
        elif what == "advisers":
            dossier.advisers = data.draw(st.sets(st.sampled_from(ADVISERS)))
        elif what == "office":
            dossier.office = data.draw(st.sampled_from(OFFICES))
        elif what == "row":
            dossier.version += 1
        elif what == "versions":
            key = data.draw(st.sampled_from(self._keys(dossier)))
            self.world.versions[key] = self.world.versions.get(key, 0) + 1
        else:
            setattr(dossier, what, not getattr(dossier, what))
        self._note_lost()

    @rule(data=st.data(), how=st.sampled_from([None, *LOST]))
    def something_breaks(self, data: st.DataObject, how: int | None) -> None:
        self.world.faults[data.draw(st.sampled_from(self._keys(self._any(data))))] = how
        self._note_lost()

    @precondition(lambda self: self.world.faults)
    @rule(data=st.data())
    def something_is_repaired(self, data: st.DataObject) -> None:
        del self.world.faults[data.draw(st.sampled_from(sorted(self.world.faults)))]

    @rule(hours=st.sampled_from([1, 12, 25, 24 * 9]))
    def time_passes(self, hours: int) -> None:
        self.clock.seconds += hours * 3600

    def _any(self, data: st.DataObject) -> Dossier:
        return self.world.dossiers[data.draw(st.sampled_from(sorted(self.world.dossiers)))]

    def _keys(self, dossier: Dossier) -> list[str]:
        wants = self.world.walk(dossier, through_faults=True)
        return sorted({want.share or want.path for want in wants})

    def _note_lost(self) -> None:
        """Whatever a dossier does not lead to at any time may be gone from then on."""
        for dossier in self.world.dossiers.values():
            truth = self.world.truth(dossier)
            led_to = self.world.walk(
                attrs.evolve(dossier, persons={*PERSONS}, advisers={*ADVISERS}),
                through_faults=True,
            )
            for want in led_to:
                if want.path not in truth:
                    self.lost |= {want.path, want.share or want.path}
            self.lost |= {f"office/{each}/mail" for each in OFFICES if each != dossier.office}
            if dossier.root not in truth:
                self.lost.add(f"/{dossier.id}/row")

    # -- runs --------------------------------------------------------------------------------

    @rule(seed=SEEDS, accept=st.booleans())
    def is_listed(self, seed: int, accept: bool) -> None:
        number = self.store.begin_listing(api=NAME)
        roots = list(self.world.roots())
        random.Random(seed).shuffle(roots)
        before = self._unlisted()
        dead = self._buried()
        known = self.store.states().keys() - dead | {each.dossier for each in roots}
        named = {each.dossier for each in roots}
        for root in roots:
            self.store.add_dossiers([root], listing=number)
            self._note_listed(root.dossier)
        ghosts = self._ghosts()
        vanished = self.store.finish_listing(
            include=GROUPS, requests=1, listing=number, lists_all=True, accept_vanished=accept
        )
        self.sent += 1
        real = known - ghosts
        assert vanished.known == len(real)
        assert vanished.dossiers == len(real - named)
        if real <= named or accept:
            assert not vanished.doubted
        elif len(real - named) > 3 or (real.isdisjoint(named) and len(real) > 1):
            assert vanished.doubted or before | self.lacking >= real - named
        after = self._unlisted()
        if vanished.doubted:
            assert after <= before | self.lacking | ghosts
        else:
            assert after == known - named
        self.lacking = known - named
        self.lacked = after
        self.buried = self._buried()
        assert not self.buried & named
        self._go_on()

    @rule(data=st.data())
    def some_are_listed(self, data: st.DataObject) -> None:
        number = self.store.begin_listing(api=NAME)
        roots = {each.dossier: each for each in self.world.roots()}
        if roots:
            some = data.draw(st.sets(st.sampled_from(sorted(roots, key=str))))
            for each in some:
                self.store.add_dossiers([roots[each]], listing=number)
                self._note_listed(each)
        if data.draw(st.booleans()):  # or the process dies before
            self.store.finish_listing(include=GROUPS, requests=1, listing=number)
            self.sent += 1
        self.lacked &= self._unlisted()
        self.lacking &= {each.id for each in self._ledger().dossiers.values() if each.is_lacking}
        self.buried = self._buried()
        self._go_on()

    @precondition(lambda self: self.work)
    @rule(data=st.data(), steps=st.integers(1, 8), together=st.booleans())
    def some_are_fetched(self, data: st.DataObject, steps: int, together: bool) -> None:
        with self._at_once(together):
            for _ in range(min(steps, len(self.work))):
                self._fetch(data.draw(st.integers(0, len(self.work) - 1)))

    @precondition(lambda self: self.work)
    @rule(seed=SEEDS)
    def all_are_fetched(self, seed: int) -> None:
        chance = random.Random(seed)
        while self.work:
            with self._at_once(chance.random() < 0.5):
                for _ in range(min(10, len(self.work))):
                    self._fetch(chance.randrange(len(self.work)))
        assert not self.store.queued(after=0, limit=1)
        assert all(state != "open" for state in self.store.states().values())

    @rule(data=st.data())
    def some_are_refreshed(self, data: st.DataObject) -> None:
        known = sorted(self.store.states(), key=str)
        self._refresh(data.draw(st.lists(st.sampled_from(known))) if known else [])

    @rule(data=st.data())
    def some_parts_are_refreshed(self, data: st.DataObject) -> None:
        known = sorted({each.dossier for each in self.store.known_parts()}, key=str)
        parts = st.sets(st.sampled_from(PARTS), min_size=1)
        if known:
            some = data.draw(st.dictionaries(st.sampled_from(known), parts))
            self._refresh(list(some), some)

    @rule()
    def what_is_in_quarantine_is_queued(self) -> None:
        count = len(self.store.quarantined())
        assert self.store.requeue_quarantined() == count
        assert self.store.quarantined() == []
        self._go_on()

    @rule()
    def the_process_is_killed(self) -> None:
        self.store.close()
        self.store = Store.open(self.where, tenant="t", clock=self.clock)
        self._go_on()

    @rule()
    def a_run_ends(self) -> None:
        before = self._ledger().queued()
        judged = self.store.judge()
        assert judged.concerns == self.store.progress().concerns
        assert self._ledger().queued() == before
        for closed in judged.dossiers:
            assert self.store.states()[closed.dossier] == closed.state

    @rule()
    def somebody_accepts_it_all(self) -> None:
        concerns = self.store.progress().concerns
        self.store.accept({each.subject for each in concerns})
        self.lacked = self._unlisted() | self.lacked
        for each in self.store.progress().unacknowledged:
            assert (each.subject, each.state) not in {(one.subject, one.state) for one in concerns}

    @rule()
    def what_is_gone_is_erased(self) -> None:
        self.store.purge()
        assert self.store.purge() == 0

    @rule()
    def an_export_is_brought_up_to_date(self) -> None:
        self.mirror.follow(self.where)

    @rule(seed=SEEDS)
    def everything_is_refreshed(self, seed: int) -> None:
        """Once all that is broken but not lost is whole, the store shows just what there is.

        So it does once somebody has said that what is lost is lost.
        """
        self._nights(seed, [None])
        self._compare()

    @rule(seed=SEEDS, parts=st.sets(st.sampled_from(PARTS), min_size=1))
    def everything_is_refreshed_part_by_part(self, seed: int, parts: set[str]) -> None:
        """So it does when some parts are asked for one night, and the others the next."""
        self._nights(seed, [parts, {*PARTS} - parts or {*PARTS}])
        self._compare()

    def _nights(self, seed: int, asked: list[set[str] | None]) -> None:
        roots = {each.root for each in self.world.dossiers.values()}
        self.world.faults = {
            key: how for key, how in self.world.faults.items() if how == 404 and key not in roots
        }
        self.what_is_in_quarantine_is_queued()
        for parts in asked * 4:
            self.all_are_fetched(seed=seed)
            self.is_listed(seed=seed, accept=True)
            known = [each.id for each in self.store.known()]
            self._refresh(known, None if parts is None else self._with_due(known, parts))
            self.all_are_fetched(seed=seed)
            self.a_run_ends()
            self.somebody_accepts_it_all()
            self.time_passes(hours=25)

    def _with_due(self, known: list[DossierId], parts: set[str]) -> dict[DossierId, set[str]]:
        """Some parts of every dossier, and those for which there is a sign, as a run has it."""
        asked = {each: {*parts} for each in known}
        for each in self.store.known_parts():
            if each.due and each.dossier in asked:
                asked[each.dossier].add(each.part)
        return asked

    def _compare(self) -> None:
        gone = self._buried()
        own, shared, ways = self.world.readable(self.store.states().keys() - gone)
        shown = self._ledger().shown()
        assert {each.path: each.body for each in shown if each.share is None} == own
        assert {each.share: each.body for each in shown if each.share is not None} == shared
        assert all(each.path in ways[each.share] for each in shown if each.share is not None)
        for number in self.store.states():
            dossier = self.world.dossiers[number]
            if number in gone:
                assert not dossier.exists or not dossier.is_listed
                continue
            flagged = dossier.deleted and number not in ROW_DOSSIERS
            assert self.store.deleted().get(number) == (DELETED_SET if flagged else None)
            assert self.store.states()[number] == "complete"

    # -- inside ------------------------------------------------------------------------------

    def _go_on(self) -> None:
        """Hold what the store says is queued, and nothing else."""
        queued = self.store.queued(after=0, limit=10_000)
        assert {each.id for each in self.work} <= {each.id for each in queued}
        self.work = queued

    @contextlib.contextmanager
    def _at_once(self, together: bool) -> Iterator[None]:
        """One transaction for all answers inside, or one for each."""
        if not together:
            yield
            return
        self.is_together = True
        with self.store.together():
            yield
        self.is_together = False
        self._is_held()

    def _fetch(self, number: int) -> None:
        work = self.work.pop(number)
        answer = self.world.answer(work)
        self.sent += 1
        if answer is None:
            settled = self.store.quarantine(work, error="broken", requests=1)
        elif isinstance(answer, int):
            settled = self.store.gone(work, status=answer, requests=1)
            if settled.work:
                answer = None
            if work.path == self.world.dossiers[work.dossier].root:
                self.not_found |= {work.dossier} if answer == 404 else set()
        else:
            body, found = answer
            settled = self.store.put(work, Body(body), found, requests=1)
            if work.path == self.world.dossiers[work.dossier].root:
                self.not_found.discard(work.dossier)
        if answer is not None:
            self.settled.setdefault(work.dossier, set()).add(work.path)
        self._hold(settled)

    def _hold(self, settled: Settlement) -> None:
        for closed in settled.dossiers:
            assert closed.state in ("complete", "quarantined", "gone")
        for each in settled.work:
            assert each.path not in self.settled.get(each.dossier, ())
        self.work.extend(settled.work)
        if not self.is_together:
            self._is_held()

    def _refresh(
        self, dossiers: list[DossierId], parts: dict[DossierId, set[str]] | None = None
    ) -> None:
        free = {each.id for each in self._ledger().dossiers.values() if each.open == 0}
        new = self.store.begin_refresh(dossiers, parts=parts)
        assert {each.dossier for each in new} <= free
        for each in {each.dossier for each in new}:
            self.settled.pop(each, None)
        self.work.extend(new)
        self._is_held()

    def _is_held(self) -> None:
        held = [each.id for each in self.work]
        queued = self.store.queued(after=0, limit=10_000)
        assert sorted(held) == [each.id for each in queued]
        assert {(each.id, each.dossier) for each in self.work} == {
            (each.id, each.dossier) for each in queued
        }

    def _note_listed(self, dossier: DossierId) -> None:
        known = self.world.dossiers[dossier]
        known.listed_version = known.version

    def _buried(self) -> set[DossierId]:
        return {each for each, why in self.store.deleted().items() if why == UNLISTED_AND_404}

    def _unlisted(self) -> set[DossierId]:
        return {each.id for each in self._ledger().dossiers.values() if each.is_unlisted}

    def _ghosts(self) -> set[DossierId]:
        """Dossiers of which there was never more than the name in a listing and a 404."""
        ledger = self._ledger()
        read = {each.dossier for each in ledger.resources.values() if each.has_digest}
        return {each.id for each in ledger.dossiers.values() if each.state == "gone"} - read

    def _ledger(self) -> Ledger:
        return self.storage.ledger(self.store)

    # -- at any time -------------------------------------------------------------------------

    @invariant()
    def the_ledger_is_sound(self) -> None:
        ledger = self._ledger()
        assert ledger.faults() == []
        assert [each for each in ledger.bare() if each.dossier not in ROW_DOSSIERS] == []

    @invariant()
    def nothing_vanishes_that_the_server_did_not_lose(self) -> None:
        shown = {each.share or each.path for each in self._ledger().shown()}
        assert self.shown - shown <= self.lost
        self.shown = shown

    @invariant()
    def whoever_is_deleted_was_neither_listed_nor_found(self) -> None:
        new = self._buried() - self.buried
        assert new <= self.lacked & self.not_found
        self.buried = self._buried()

    @invariant()
    def requests_are_counted_once(self) -> None:
        counts = self._ledger().counts
        assert counts.get("requests", 0) == self.sent
        assert all(counts[name] >= before for name, before in self.counts.items())
        self.counts = counts


def machine_of(storage: StorageUnderTest) -> type[TestCase]:
    """The test of one kind of storage in any order of events."""

    class RunsOfStorage(Runs):
        pass

    RunsOfStorage.storage = storage
    case: type[TestCase] = RunsOfStorage.TestCase
    case.settings = SETTINGS  # type: ignore[attr-defined] # Hypothesis reads it from there
    return case


SETTINGS = settings(
    max_examples=10,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
        HealthCheck.filter_too_much,
    ],
)
