"""What every kind of storage has to hold, one thing after the other."""

import contextlib
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar
from unittest.mock import patch

import attrs
import orjson
import pytest

from elements_procura import registry
from elements_procura.errors import InputError, StoreError, StoreInUse
from elements_procura.harvest import HarvestInterrupted, Storage, Store
from elements_procura.harvest.address import Where
from elements_procura.harvest.erasure.suppression import Mention, Suppression, whose
from elements_procura.harvest.policy.hints import HintCount
from elements_procura.harvest.policy.refresh import DAY, Observations
from elements_procura.harvest.records import ClosedDossier, KnownPart, Settlement, VanishedDossiers
from elements_procura.harvest.store import copy, holder, snapshot
from elements_procura.harvest.traffic import Latency, Traffic, total
from elements_procura.registry import harvest_spec_of
from elements_procura.spec.source import Discovery, DossierId, Gap, Root, Want, Work
from tests.harvest.conformance import spec
from tests.harvest.conformance.ledger import StorageUnderTest
from tests.harvest.ledger_world import Body, Dossier, Wall, World

CHILD = """
import os
from elements_procura.harvest import Store
from elements_procura.spec.source import Discovery, Root, Want
from tests.harvest.ledger_world import Body

def add(*ids):
    store.add_dossiers([Root(each, Discovery((Want("root", f"/{each}"),))) for each in ids])
"""


def add(store: Storage, *ids: DossierId, listing: int = 1) -> int:
    roots = [Root(each, Discovery((Want("root", f"/{each}"),))) for each in ids]
    return store.add_dossiers(roots, listing=listing)


def queue(store: Storage) -> list[Work]:
    return store.queued(after=0, limit=1_000)


def put(store: Storage, work: Work, *wants: Want, body: bytes = b"{}") -> Settlement:
    return store.put(work, Body(body), Discovery(wants), requests=1)


def in_a_process(where: Where, script: str) -> subprocess.CompletedProcess[str]:
    """Run a script in a process of its own, with ``where`` in it."""
    code = f"{CHILD}\nwhere = {str(where)!r}\n{textwrap.dedent(script)}"
    return subprocess.run(
        [sys.executable, "-c", code], check=False, capture_output=True, text=True, timeout=120
    )


class StorageCases:
    """Derive from it, and say what storage it is about."""

    storage: ClassVar[StorageUnderTest]

    @pytest.fixture
    def where(self) -> Iterator[Where]:
        with self.storage.fresh() as where:
            yield where

    @pytest.fixture
    def store(self, where: Where) -> Iterator[Storage]:
        with Store.create(where, tenant="t", history=True) as store:
            yield store

    # -- opening -----------------------------------------------------------------------------

    def test_nothing_is_opened_where_nothing_is(self, where: Where) -> None:
        with pytest.raises(StoreError):
            Store.open(where, tenant="t")
        with pytest.raises(StoreError):
            Store.read(where)
        with pytest.raises(StoreError), snapshot(where):
            pass
        assert holder(where) is None

    def test_traffic_adds_up_over_runs_and_never_by_half(self, where: Where) -> None:
        some = Traffic(1, 2, 3, 4, 5.5, 6, 7.5, Latency({3: 2, 67: 1}, 9.0))
        with Store.create(where, tenant="t") as store:
            assert store.traffic() == []
            store.add_traffic(some)
            with contextlib.suppress(InputError), store.together():
                store.add_traffic(some)
                raise InputError("and no more of it")
            assert store.progress().traffic == some
        with Store.open(where, tenant="t") as store:
            store.add_traffic(some)
            store.begin_listing(api="elements", host="kantoor.example")
        with Store.read(where) as reader:
            assert reader.progress().traffic == total(reader.traffic()) == some + some
            assert reader.host == "kantoor.example"

    def test_a_new_store_is_made_once(self, where: Where) -> None:
        Store.create(where, tenant="t").close()
        with pytest.raises(StoreError):
            Store.create(where, tenant="t")
        with Store.open(where, tenant="t") as store:
            assert store.progress().dossiers == 0

    def test_another_tenant_is_refused_and_leaves_no_lease(self, where: Where) -> None:
        Store.create(where, tenant="t").close()
        with pytest.raises(StoreError):
            Store.open(where, tenant="u")
        assert holder(where) is None

    def test_it_remembers_what_it_was_made_for(self, where: Where) -> None:
        chosen = {"since": "2024-01-01", "naïve": "ja, 'graag'"}
        Store.create(where, tenant="é 1", selection=chosen, history=True).close()
        with Store.read(where) as reader:
            assert (reader.tenant, reader.selection, reader.keeps_history) == ("é 1", chosen, True)
            assert (reader.api, reader.listed, reader.included) == (None, False, None)

    def test_one_store_has_one_url_whatever_it_is_called(self, where: Where) -> None:
        with Store.create(where, tenant="t") as store:
            url = store.url
        for each in (url, *self.storage.others_names_of(where)):
            with Store.open(each, tenant="t") as store:
                assert store.url == url
                with pytest.raises(StoreInUse):
                    Store.open(where, tenant="t")

    def test_closing_twice_does_no_harm(self, where: Where) -> None:
        store = Store.create(where, tenant="t")
        store.close()
        store.close()

    # -- the lease ---------------------------------------------------------------------------

    def test_one_process_writes_at_a_time(self, where: Where, store: Storage) -> None:
        assert holder(where) == store.lease.holder
        store.lease.check()
        opened = in_a_process(
            where,
            """
            from elements_procura.errors import StoreInUse
            try:
                Store.open(where, tenant="t")
            except StoreInUse:
                print("in use")
            """,
        )
        assert opened.stdout == "in use\n", opened.stderr
        store.close()
        assert holder(where) is None
        Store.open(where, tenant="t").close()

    def test_a_lease_ends_with_the_process_that_held_it(self, where: Where) -> None:
        died = in_a_process(
            where,
            """
            store = Store.create(where, tenant="t")
            add(1)
            os._exit(9)
            """,
        )
        assert died.returncode == 9, died.stderr
        with Store.open(where, tenant="t") as store:
            assert [each.dossier for each in queue(store)] == [1]

    # -- transactions ------------------------------------------------------------------------

    def test_what_a_killed_process_had_not_committed_never_was(self, where: Where) -> None:
        died = in_a_process(
            where,
            """
            store = Store.create(where, tenant="t")
            add(1, 2)
            first, second = store.queued(after=0, limit=9)
            store.put(first, Body(b"1"), Discovery((Want("leaf", "/1/leaf"),)), requests=1)
            with store.together():
                store.put(second, Body(b"2"), Discovery((Want("leaf", "/2/leaf"),)), requests=1)
                add(3)
                os._exit(9)
            """,
        )
        assert died.returncode == 9, died.stderr
        with Store.open(where, tenant="t") as store:
            assert {each.path for each in queue(store)} == {"/2", "/1/leaf"}
            assert (store.body("/1"), store.body("/2")) == (b"1", None)
            assert (store.progress().requests, store.progress().dossiers) == (1, 2)
            assert self.storage.ledger(store).faults() == []

    def test_calls_made_together_are_stored_together_or_not_at_all(self, store: Storage) -> None:
        def fail_late() -> None:
            with store.together():
                add(store, 1)
                store.add_requests(7)
                store.set_manners({"403 json": (1, 0)})
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            fail_late()
        assert (queue(store), store.progress().requests, store.manners()) == ([], 0, {})
        with store.together():
            add(store, 1)
            store.add_requests(7)
        assert (len(queue(store)), store.progress().requests) == (1, 7)

    def test_answers_of_one_dossier_count_once_whatever_is_in_the_batch(
        self, store: Storage
    ) -> None:
        add(store, 1, 2)
        first, second = queue(store)
        leaves = [Want("leaf", f"/1/{each}") for each in range(6)]
        made = put(store, first, *leaves).work

        def fail_late() -> None:
            with store.together():
                for each in made[:3]:
                    put(store, each)
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            fail_late()
        with store.together():
            for each in made[:3]:
                put(store, each)
            assert store.gone(made[3], status=404, requests=1).dossiers == ()
            assert put(store, made[4], Want("leaf", "/1/more")).dossiers == ()
            put(store, second)
        assert self.storage.ledger(store).faults() == []
        with store.together():
            assert store.quarantine(made[5], error="broken", requests=1).dossiers == ()
            (last,) = queue(store)
            assert [each.state for each in put(store, last).dossiers] == ["quarantined"]
        assert store.states() == {1: "quarantined", 2: "complete"}
        assert self.storage.ledger(store).faults() == []

    # -- the queue ---------------------------------------------------------------------------

    def test_dossiers_are_queued_once_by_number_and_by_text(self, store: Storage) -> None:
        ids: tuple[DossierId, ...] = (1, "1", 2**53 + 1, "zaak: é/'\"%_", "")
        roots = [
            Root(each, Discovery((Want("root", f"/{n}"),)), digest=b"\0d")
            for n, each in enumerate(ids)
        ]
        assert store.add_dossiers(roots) == len(ids)
        assert store.add_dossiers(roots) == 0
        assert [each.dossier for each in queue(store)] == [*ids]
        assert store.states() == dict.fromkeys(ids, "open")

    def test_the_queue_comes_in_pages_and_by_what_is_begun_and_shared(self, store: Storage) -> None:
        add(store, *range(1, 6))
        first, second, *rest = queue(store)
        shared = Want("shared", "/1/s", "s")
        made = put(store, first, Want("leaf", "/1/leaf"), shared).work
        assert put(store, second, Want("shared", "/2/s", "s")).work == ()
        assert [each.is_shared for each in made] == [False, True]
        assert store.queued(after=0, limit=2) == rest[:2]
        assert store.queued(after=rest[1].id, limit=2) == [rest[2], made[0]]
        assert store.queued(after=0, limit=9, begun=False) == rest
        assert store.queued(after=0, limit=9, begun=True) == [*made]
        assert store.queued(after=0, limit=9, begun=True, shared=True) == [made[1]]
        assert store.queued(after=0, limit=9, begun=True, shared=False) == [made[0]]

    def test_an_answer_settles_once_and_closes_all_who_wait(self, store: Storage) -> None:
        add(store, 1, 2)
        first, second = queue(store)
        (work,) = put(store, first, Want("shared", "/1/s", "s")).work
        put(store, second, Want("shared", "/2/s", "s"))
        settled = put(store, work, body=b"[]")
        assert {*settled.dossiers} == {ClosedDossier(1, "complete"), ClosedDossier(2, "complete")}
        assert put(store, work, body=b"other") == Settlement()
        assert store.gone(work, status=404, requests=0) == Settlement()
        assert store.quarantine(work, error="x", requests=0) == Settlement()
        assert [*store.shared()] == [("/1/s", 2)]
        assert [*store.bodies()] == [("/1", b"{}"), ("/2", b"{}"), ("/1/s", b"[]")]

    def test_a_control_is_what_was_read_last_and_can_be_recognised(self, where: Where) -> None:
        clock = Wall()
        with Store.create(where, tenant="t", clock=clock) as store:
            add(store, 1, 2)
            assert store.control(but=()) is None
            for work in queue(store):
                clock.seconds += 1
                put(store, work)
            paths = [store.control(but=but) for but in ((), "/2", ["/1", "/2"])]
            assert [each and each.path for each in paths] == ["/2", "/1", None]
            assert store.control(but=(), kinds=["root"]) is None

    # -- bodies ------------------------------------------------------------------------------

    @pytest.mark.parametrize("body", [b"", b"\0\xff'\\\n", b"x" * 3_000_000])
    def test_a_body_is_given_back_as_it_came(self, store: Storage, body: bytes) -> None:
        add(store, 1)
        put(store, queue(store)[0], body=body)
        assert store.body("/1") == body
        assert [each.body for each in store.documents()] == [body]
        assert (store.verify().bodies, store.verify().damaged) == (1, ())

    def test_a_refresh_replaces_a_body_and_history_keeps_it(self, where: Where) -> None:
        clock = Wall()
        with Store.create(where, tenant="t", history=True, clock=clock) as store:
            add(store, 1)
            put(store, queue(store)[0], body=b"old")
            began = clock.seconds
            clock.seconds += 100
            (work,) = store.begin_refresh([1, 99])
            (closed,) = put(store, work, body=b"new").dossiers
            assert closed == ClosedDossier(1, "complete", "complete", changed=True)
            assert store.history("/1") == [(began, clock.seconds, b"old")]
            (known,) = store.known()
            assert (known.fetched, known.cost, known.seen.changes > 0) == (clock.seconds, 1, True)

    # -- changes -----------------------------------------------------------------------------

    def test_a_change_is_numbered_and_a_look_is_none(self, where: Where) -> None:
        clock = Wall()
        with Store.create(where, tenant="t", clock=clock) as store:
            assert ([*store.changes()], store.sequence) == ([], 0)
            add(store, 1, 2, 3)
            for work in queue(store):
                put(store, work, body=b'{"a": 1}')
            first = [*store.changes()]
            assert [(each.what, each.dossier, each.mark) for each in first] == [
                ("stored", dossier, None) for dossier in (1, 2, 3)
            ]
            seen = store.sequence
            clock.seconds += 1
            for work in store.begin_refresh([1, 2, 3]):
                if work.dossier == 3:
                    store.gone(work, status=403, requests=1)
                else:
                    put(store, work, body=b'{"a": %d}' % work.id)
            told = [(each.what, each.dossier, each.mark) for each in store.changes(seen)]
            assert told == [("stored", 2, None), ("stored", 3, "forbidden")]
            looked = [(each.what, each.dossier) for each in store.changes(seen, looks=True)]
            assert looked == [("looked", 1), ("stored", 2), ("stored", 3)]
            assert [*store.changes(store.sequence, looks=True)] == []

    def test_what_is_believed_to_be_gone_is_a_change_and_what_is_erased_another(
        self, where: Where
    ) -> None:
        clock = Wall()
        with Store.create(where, tenant="t", clock=clock) as store:
            add(store, *range(30), listing=store.begin_listing())
            for work in queue(store):
                put(store, work)
            seen = store.sequence
            self._list_without(store, 1)
            for work in store.begin_refresh(range(30)):
                if work.dossier == 1:
                    store.gone(work, status=404, requests=1)
                else:
                    put(store, work)
            (doubted,) = store.changes(seen)
            assert (doubted.what, doubted.dossier, doubted.mark) == ("stored", 1, "doubted")
            store.judge()
            (gone,) = store.changes(seen)
            assert (gone.what, gone.dossier, gone.deleted) == ("deleted", 1, clock.seconds)
            clock.seconds += 25 * 3600
            self._list_without(store, 1)
            seen = store.sequence
            assert store.purge() == 1
            (erased,) = store.changes(seen)
            assert (erased.what, erased.resource) == ("erased", gone.resource)
            assert store.purge() == 0
            assert [*store.changes(erased.number)] == []

    def test_what_nothing_asks_for_any_more_is_looked_at_again(self, where: Where) -> None:
        clock = Wall()
        lost: set[str] = set()
        advisers = {0: 1} | dict.fromkeys(range(1, 5), 2)

        def answer(store: Storage, work: Work) -> Settlement:
            if work.path in lost:
                return store.gone(work, status=404, requests=1)
            if work.kind != "root":
                return put(store, work)
            adviser = advisers[int(work.dossier)]
            shared = Want("mail", f"{work.path}/{adviser}/mail", f"adviser/{adviser}/mail")
            own = [] if "the link" in lost else [Want("part", f"{work.path}/part")]
            return put(store, work, *own, shared)

        with Store.create(where, tenant="t", clock=clock) as store:

            def night() -> tuple[list[tuple[str, int]], int]:
                clock.seconds += 25 * 3600
                listed = [each for each in advisers if f"/{each}" not in lost]
                number = store.begin_listing()
                add(store, *listed, listing=number)
                store.finish_listing(include=("all",), requests=1, listing=number, lists_all=True)
                work = queue(store) or store.begin_refresh(advisers)
                while work:
                    work += answer(store, work.pop()).work
                store.judge()
                told = [(each.subject, each.count) for each in store.progress().concerns]
                return told, store.purge()

            night()
            advisers[0] = 2
            assert [night(), night(), night()] == [([], 0), ([], 1), ([], 0)]
            lost.add("the link")
            assert night() == ([("part", 5)], 0)
            (link,) = store.lost_links()
            assert (link.leading, link.kind, link.count) == ("root", "part", 5)
            assert link.since == pytest.approx(clock.seconds, abs=1)
            lost.clear()
            assert (night(), store.lost_links()) == (([], 0), [])
            lost |= {f"/{each}/part" for each in range(1, 5)}
            assert night() == ([("part", 4)], 0)
            lost.add("/4")  # nobody can look at what was below it
            assert [night(), night()] == [([("part", 1)], 3), ([], 2)]

    @staticmethod
    def _list_without(store: Storage, lacking: int) -> None:
        number = store.begin_listing()
        add(store, *(each for each in range(30) if each != lacking), listing=number)
        store.finish_listing(include=("all",), requests=1, listing=number, lists_all=True)

    def test_a_new_row_hints_and_what_that_prompts_teaches_no_rate(self, where: Where) -> None:
        clock, world = Wall(), World({1: Dossier(1, {0}, set(), 0)})
        said = {"ids": 1}

        def fetch(store: Storage, *parts: str, prompted: bool = False) -> dict[str, KnownPart]:
            clock.seconds += DAY
            if parts:
                asked: dict[DossierId, tuple[str, ...]] = {1: parts}
                store.begin_refresh([1], parts=asked, prompted=asked if prompted else None)
            while queued := queue(store):
                (work, *_) = queued
                rows = [{"id": each, "said": said["ids"]} for each in range(said["ids"])]
                answer = world.answer(work)
                assert isinstance(answer, tuple)
                body = orjson.dumps(rows) if work.path == "/1/persons" else answer[0]
                store.put(work, Body(body), answer[1], requests=1)
            return {each.part: each for each in store.known_parts()}

        with patch.dict(registry._HOMES, {spec.NAME: spec.__name__}):
            with Store.create(where, tenant="t", clock=clock) as store:
                number = store.begin_listing(api=spec.NAME)
                store.add_dossiers(world.roots(), listing=number)
                store.finish_listing(include=("all",), requests=1, listing=number)
                assert fetch(store)["details"].hinted is None
                said["ids"] = 2
                known = fetch(store, "persons")
                assert known["details"].hinted == clock.seconds - DAY / 2
                assert {each for each, part in known.items() if part.hinted} == {"details"}
                said["ids"] = 3
                assert (
                    fetch(store, "persons", "leaves")["details"].hinted == known["details"].hinted
                )
            with Store.open(where, tenant="t", clock=clock) as store:
                world.versions["/1/persons/0/detail"] = 1
                details = fetch(store, "details", prompted=True)["details"]
                assert (details.hinted, details.seen) == (None, Observations())
                assert store.hints() == {"details": HintCount(1, 1)}
                said["ids"] = 2  # a row less is none more
                assert fetch(store, "persons")["details"].hinted is None
                said["ids"] = 3
                assert fetch(store, "persons", "details")["details"].hinted is None
                said["ids"] = 4
                assert fetch(store, "persons")["details"].hinted is not None
                world.versions["/1/persons/0/detail"] = 2
                details = fetch(store, "details")["details"]  # in its turn
                assert details.hinted is None
                assert (details.seen.changes, details.seen.quiet > 0) == (1, True)
                assert store.hints() == {"details": HintCount(1, 1)}
                rates = {each.kind: each for each in store.rates_of_kinds()}
                assert (rates["persons"].looks, rates["persons"].changes) == (5, 5)
                assert (rates["detail"].looks, rates["detail"].changes) == (3, 2)
                assert rates["persons"].part == "persons"
                assert "root" not in rates

    def test_numbers_of_what_was_not_committed_are_not_missed(self, store: Storage) -> None:
        add(store, 1, 2)
        first, second = queue(store)
        with contextlib.suppress(ZeroDivisionError), store.together():
            put(store, first)
            raise ZeroDivisionError
        assert ([*store.changes()], store.sequence) == ([], 0)
        put(store, second)
        assert [each.dossier for each in store.changes()] == [2]

    def test_no_number_is_given_twice_not_even_the_last_that_is_erased(self, where: Where) -> None:
        with Store.create(where, tenant="t") as store:
            add(store, 1, 2, 3)
            for work in queue(store):
                put(store, work)
            for last in (3, 2):
                seen = store.sequence
                store.erase([], dossier=last)
                told = [each.what for each in store.changes(seen)]
                assert "erased" in told
                assert store.sequence > seen

    def test_a_copy_that_is_put_back_gives_its_numbers_under_other_marks(
        self, where: Where, tmp_path: Path
    ) -> None:
        with Store.create(where, tenant="t") as store:
            assert store.lineage(store.sequence) == ""
            add(store, 1, 2)
            put(store, queue(store)[0])
            mark = store.lineage(store.sequence)
            assert len(mark) == 16
        copy(where, tmp_path / "copy")
        marks = []
        for each in (where, tmp_path / "copy"):
            with Store.open(each, tenant="t") as store:
                put(store, queue(store)[0])
                assert (store.sequence, store.lineage(1)) == (2, mark)
                marks.append(store.lineage(2))
        assert len({mark, *marks}) == 3
        with Store.open(where, tenant="t") as store:
            assert store.lineage(2) == marks[0]

    # -- persons' rights ---------------------------------------------------------------------

    def test_what_is_erased_is_gone_and_stays_away(self, where: Where) -> None:
        told = b'{"id": 1, "note": "999999990 has called", "sum": 1.10}'
        kept = b'{"id": 1, "note": null, "sum": 1.10}'
        with Store.create(where, tenant="t", history=True) as store:
            add(store, 1, 2)
            for work in queue(store):
                put(store, work, body=told if work.dossier == 1 else b'{"id": 2}')
            somebody = [Mention("bsn", "999999990")]
            seen = store.sequence
            assert store.would_erase(somebody).rewritten == {"root": 1}
            assert store.suppressed() == (b"", frozenset())
            found = store.erase(somebody)
            assert (found.rewritten, found.removed, found.dossiers) == ({"root": 1}, {}, (1,))
            assert [body for _, body in store.bodies()] == [kept, b'{"id": 2}']
            assert store.verify().damaged == ()
            # Rows that an export has marked as deleted go, and those of the dossier come anew.
            assert [(each.what, each.dossier) for each in store.changes(seen)] == [
                ("erased", None),
                ("stored", 1),
            ]
            seen = store.sequence
            (work,) = store.begin_refresh([1])
            put(store, work, body=told)
            assert [*store.changes(seen)] == []
            assert [body for _, body in store.bodies()] == [kept, b'{"id": 2}']
            assert store.history(work.path) == []
        with Store.open(where, tenant="t") as store:
            assert store.erase([], dossier=2).removed == {"root": 1}
            store.note_audit("erase dossier", {"resources": 1})
            assert (store.states(), store.begin_refresh([2])) == ({1: "complete"}, [])
            assert add(store, 1, 2) == 0
            assert queue(store) == []
            key, hashes = store.suppressed()
            assert (len(key), len(hashes)) == (32, 3)
            assert [(each.action, each.counts) for each in store.audit()] == [
                ("erase dossier", {"resources": 1})
            ]

    def test_a_list_that_is_taken_over_erases(self, where: Where) -> None:
        told = b'{"id": 1, "note": "999999990 has called"}'
        lists = []
        for key in (b"k" * 32, b"l" * 32):
            hashing = Suppression(harvest_spec_of(None), key, ())
            named = [Mention("bsn", "999999990"), whose("t")]
            lists.append((key, frozenset(map(hashing.hashed, named))))
        with Store.create(where, tenant="t") as store:
            add(store, 1)
            (work,) = queue(store)
            put(store, work, body=told)
            assert store.would_suppress(*lists[0]).rewritten == {"root": 1}
            assert store.suppress(*lists[0]).rewritten == {"root": 1}
            assert store.suppress(*lists[0]).rewritten == {}
            assert store.suppress(*lists[1]).rewritten == {}
            assert store.suppressed() == (b"k" * 32 + b"l" * 32, lists[0][1] | lists[1][1])
            assert [body for _, body in store.bodies()] == [b'{"id": 1, "note": null}']
            (work,) = store.begin_refresh([1])
            put(store, work, body=told)
            assert [body for _, body in store.bodies()] == [b'{"id": 1, "note": null}']
            with pytest.raises(StoreError, match="another tenant"):
                store.suppress(b"m" * 32, [b"x" * 16])

    def test_what_is_erased_with_work_open_holds_nothing_up(self, store: Storage) -> None:
        add(store, 1, 2)
        first, second = queue(store)
        put(store, first, Want("kantoor", "/k/1", share="kantoor/1"), Want("producten", "/p/1"))
        put(store, second, Want("kantoor", "/k/2", share="kantoor/1"))
        store.erase([], dossier=1)
        (left,) = queue(store)
        assert (left.dossier, left.path) == (2, "/k/2")
        assert put(store, left).dossiers[0].state == "complete"
        assert (store.progress().queued, store.states()) == (0, {2: "complete"})

    # -- notes -------------------------------------------------------------------------------

    def test_what_is_noted_is_there_after_opening_again(self, where: Where) -> None:
        away = HarvestInterrupted(1e9, "the connection broke")
        with Store.create(where, tenant="t") as store:
            assert store.begin_listing(api="elements") == 1
            store.set_aside(2, [Gap("2024-05-01", 3)])
            store.note_cycle(86_400.5)
            store.set_manners({"404 html": (3, 1)})
            store.set_interruption(away)
            store.add_probes(4)
            store.add_requests(5)
            ended = store.finish_listing(include=["b", "a"], requests=1, lists_all=True)
            assert ended == VanishedDossiers()
        with Store.open(where, tenant="t") as store:
            assert (store.api, store.listed, store.cycle) == ("elements", True, 86_400.5)
            assert store.included == frozenset("ab")
            assert (store.manners(), store.interruption()) == ({"404 html": (3, 1)}, away)
            assert (store.progress().probes, store.progress().requests) == (4, 6)
            concerns = [(each.subject, each.state, each.count) for each in store.concerns()]
            assert concerns == [("rows", "rows", 2), ("rows", "incomplete", 3)]
            store.set_interruption(None)
            assert store.interruption() is None
            assert store.begin_listing() == 2

    def test_a_concern_is_acknowledged_by_name(self, store: Storage) -> None:
        add(store, 1)
        store.quarantine(*queue(store), error="protocol: broken", requests=1)
        with pytest.raises(InputError):
            store.accept(["dossier:2"])
        (concern,) = store.concerns()
        assert concern.is_open
        store.accept([concern.subject])
        assert store.concerns() == (attrs.evolve(concern, accepted=1),)
        assert store.quarantined() == [(1, "root", "protocol: broken")]
        assert store.requeue_quarantined() == 1
        assert store.concerns() == ()

    # -- looking -----------------------------------------------------------------------------

    def test_who_looks_sees_what_is_committed(self, where: Where, store: Storage) -> None:
        with Store.read(where) as reader:
            with store.together():
                add(store, 1)
                assert reader.states() == {}
            assert reader.states() == {1: "open"}
            assert (reader.url, reader.schema_version) == (store.url, store.schema_version)

    def test_a_snapshot_stays_as_it_was(self, where: Where, store: Storage) -> None:
        add(store, 1, 2)
        first, second = queue(store)
        put(store, first, body=b"1")
        with snapshot(where) as moment:
            put(store, second, body=b"2")
            store.begin_refresh([1])
            (held,) = moment.held(["root"])
            assert (held.dossier, held.path, moment.body(held.id)) == (1, "/1", b"1")
            assert (moment.kinds(), moment.sizes()) == ({"root": 1}, {"root": 1})
            assert moment.reader.progress().harvested == 1
            assert len(moment.fetched()) == 1
            assert moment.newest() == held.fetched
        with snapshot(where) as moment:
            assert [each.dossier for each in moment.held(["root"])] == [1, 2]
            assert moment.reader.progress().refreshing == 1
