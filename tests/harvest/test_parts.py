"""Passes of some parts of a dossier: nothing is lost that nobody asked about, nothing new waits."""

import contextlib
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import attrs
import orjson
import pytest

from elements_procura import registry
from elements_procura.elements.kinds import KINDS
from elements_procura.elements.source import _SIGNS
from elements_procura.harvest import Refresh, Store, harvest
from elements_procura.harvest.policy.parts import HALF_LIFE, PartTable, choose_parts
from elements_procura.harvest.policy.refresh import (
    CYCLES,
    DAY,
    Candidate,
    Observations,
    choose,
    fit,
    learn,
    observe,
)
from elements_procura.harvest.policy.rolling import Batch, batch
from elements_procura.harvest.records import KnownDossier, KnownPart
from elements_procura.harvest.sql.losses import Losses
from elements_procura.sandbox import ProcuraSandbox
from elements_procura.spec.source import (
    Discovery,
    DossierId,
    NamedInAnswer,
    Work,
    differing,
    digest_of_parts,
)
from tests.clock import LaterClock
from tests.harvest.conformance import spec
from tests.harvest.harvesting import TENANT, connect, harvested, small
from tests.harvest.inside import db_of
from tests.harvest.ledger_world import Body, Dossier, Wall, World

ALL = {*spec.PARTS}


@attrs.define
class Ledger:
    """A store of dossiers with parts, and the server that they are from."""

    store: Store
    clock: Wall
    world: World

    def list_all(self) -> None:
        number = self.store.begin_listing(api=spec.NAME)
        self.store.add_dossiers(self.world.roots(), listing=number)
        self.store.finish_listing(
            include=("all",), requests=0, listing=number, lists_all=True, accept_vanished=True
        )

    def fetch(self) -> list[str]:
        """Fetch what is queued; return the paths in their order."""
        asked = []
        while queued := self.store.queued(after=0, limit=1):
            asked.append(queued[0].path)
            self.world.settle(self.store, queued[0])
        return asked

    def begin(self, dossier: DossierId, *parts: str, days: float = 1.0) -> list[Work]:
        """Begin to ask for some parts, a day later."""
        self.clock.seconds += days * DAY
        return self.store.begin_refresh([dossier], parts={dossier: set(parts)})

    def refresh(self, dossier: DossierId, *parts: str, days: float = 1.0) -> list[str]:
        """Ask for some parts a day later; return the paths that are asked for."""
        self.begin(dossier, *parts, days=days)
        return self.fetch()

    def parts(self, dossier: DossierId = 1) -> dict[str, KnownPart]:
        return {each.part: each for each in self.store.known_parts() if each.dossier == dossier}

    def paths(self) -> set[str]:
        return {path for path, _ in self.store.bodies()}

    def change(self, path: str) -> None:
        self.world.versions[path] = self.world.versions.get(path, 0) + 1


@contextlib.contextmanager
def ledger_of(folder: Path, *, dossiers: int = 2) -> Iterator[Ledger]:
    """All of a server, just harvested: dossiers with two persons, an adviser and an office."""
    world = World({each + 1: Dossier(each + 1, {0, 1}, {0}, 0) for each in range(dossiers)})
    clock = Wall()
    with (
        patch.dict(registry._HOMES, {spec.NAME: spec.__name__}),
        Store.create(folder / "s.sqlite", tenant="t", clock=clock) as store,
    ):
        ledger = Ledger(store, clock, world)
        ledger.list_all()
        ledger.fetch()
        yield ledger


@pytest.fixture
def given(tmp_path: Path) -> Iterator[Ledger]:
    with ledger_of(tmp_path) as ledger:
        yield ledger


def test_a_first_pass_leaves_all_parts_with_their_costs(given: Ledger) -> None:
    costs = {part: each.cost for part, each in given.parts().items()}
    assert costs == {"dossier": 1, "persons": 1, "leaves": 2, "details": 2, "shared": 2}


def test_what_is_not_asked_for_stays(given: Ledger) -> None:
    """Trap 1: no part is lost because a pass left it out."""
    before = given.paths()
    for part in ALL:
        given.refresh(1, part)
        assert given.paths() == before
    given.store.judge()
    assert given.store.progress().concerns == ()


def test_a_pass_of_a_part_asks_for_nothing_else(given: Ledger) -> None:
    assert given.refresh(1, "dossier") == ["/1"]
    assert given.refresh(1, "persons") == ["/1/persons"]
    assert given.refresh(1, "leaves") == ["/1/persons/0", "/1/persons/1"]
    assert len(given.refresh(1, *ALL)) == 10  # shared ones as well


def test_whatever_an_answer_no_longer_leads_to_is_lost_with_all_below(given: Ledger) -> None:
    """Trap 1: a list of persons drops a person and what hangs on them, three parts in all."""
    given.world.dossiers[1].persons = {1}
    assert given.refresh(1, "persons") == ["/1/persons"]
    given.store.judge()
    lost = {"/1/persons/0", "/1/persons/0/detail"}
    assert not given.paths() & lost
    assert given.paths() >= {"/1/persons/1", "/1/persons/1/detail", "/2/persons/0"}


def test_what_hangs_on_something_lost_is_asked_for_no_more(given: Ledger) -> None:
    """Trap 1: the part that it is in is asked for later, and the server would still answer."""
    given.world.dossiers[1].persons = {1}
    given.refresh(1, "persons")
    given.store.judge()
    before = given.paths()
    given.world.dossiers[1].persons = {0, 1}  # as a server does that deletes lazily
    assert given.refresh(1, "details") == ["/1/persons/1/detail"]
    given.store.judge()
    assert given.paths() == before


_said = World.answer


@pytest.mark.parametrize("is_there", [True, False])
def test_what_a_run_has_lost_that_was_cut_off_takes_another_look(
    given: Ledger, *, is_there: bool
) -> None:
    """Whatever cut it off may have given that answer, too."""
    path = "/1/persons/1/detail"
    given.begin(1, *ALL)
    with patch.object(
        World, "answer", lambda world, work: 404 if work.path == path else _said(world, work)
    ):
        given.fetch()
    given.clock.seconds += 3600
    given.store.begin_listing(api=spec.NAME)  # the next run; the first was never judged
    given.store.judge()
    assert path in given.paths()
    (is_due,) = db_of(given.store).execute("SELECT due FROM dossiers WHERE id = 1").fetchone()
    assert is_due == 1
    if not is_there:
        given.world.dossiers[1].persons = {0}
    given.refresh(1, *ALL)
    given.store.judge()
    assert (path in given.paths()) is is_there
    assert given.store.progress().concerns == ()


def test_a_list_that_was_emptied_and_then_is_linked_no_more_is_another_loss(
    given: Ledger,
) -> None:
    path = "/1/persons/1/detail"
    (work,) = (each for each in given.begin(1, "details") if each.path == path)
    given.store.put(work, Body(b"[]"), Discovery(), requests=1)
    given.fetch()
    given.store.judge()
    assert given.store.body(path) == b"[]"
    given.world.dossiers[1].persons = {0}
    given.refresh(1, "persons")
    given.store.judge()
    assert path not in given.paths()


def test_roots_that_nobody_asked_for_are_no_evidence_of_dossiers(tmp_path: Path) -> None:
    """Four of forty lost roots are many where the other passes left the roots out."""
    with ledger_of(tmp_path, dossiers=40) as given:
        given.clock.seconds += 8 * DAY
        for dossier in range(5, 41):
            given.refresh(dossier, "persons", days=0)
        for dossier in (1, 2, 3, 4):
            given.world.dossiers[dossier].exists = False
            given.refresh(dossier, "dossier", days=0)
        verdicts = {
            each.subject: (each.lost, each.asked)
            for each in Losses(db_of(given.store)).verdicts(now=given.clock.seconds, since=0.0)
        }
        assert verdicts["dossier"] == (4, 4)


def test_what_a_pass_left_out_is_no_evidence_of_its_kind(given: Ledger) -> None:
    """Though the first harvest has read it within the days that are judged together."""
    given.world.faults["/1/persons/0/detail"] = 404
    given.refresh(2, "dossier")
    given.refresh(1, "details", "leaves")
    found = Losses(db_of(given.store)).verdicts(now=given.clock.seconds, since=0.0)
    assert [(each.subject, each.lost, each.asked) for each in found] == [("detail", 1, 2)]


def test_a_part_that_could_not_be_read_whole_drops_nothing(given: Ledger) -> None:
    """Trap 1: 404 and 403 veto, and only in their own part."""
    given.world.dossiers[1].persons = {1}
    given.world.faults["/1/persons"] = 403
    before = given.paths()
    given.refresh(1, "persons", "shared")
    given.store.judge()
    assert given.paths() == before
    now = given.clock.seconds
    times = {part: each.fetched for part, each in given.parts().items()}
    fetched = dict(db_of(given.store).execute("SELECT part, fetched_at FROM parts WHERE dossier=1"))
    assert fetched["shared"] == now
    assert fetched["persons"] == now - DAY
    assert times["persons"] == now  # it has had its turn


def test_a_relation_that_appears_is_asked_for_in_the_same_pass(given: Ledger) -> None:
    """Traps 2 and 4: what an answer newly leads to, down to the last."""
    given.world.dossiers[1].persons |= {2}
    assert given.refresh(1, "persons") == ["/1/persons", "/1/persons/2", "/1/persons/2/detail"]
    assert "/1/persons/2/detail" in given.paths()
    assert given.refresh(1, "details")[-1] == "/1/persons/2/detail"


def test_what_a_sign_prompted_does_not_count_into_the_rate(given: Ledger) -> None:
    """Trap 3."""
    db_of(given.store).execute("UPDATE parts SET due = 1 WHERE dossier = 1 AND part = 'leaves'")
    given.change("/1/persons/0")
    given.refresh(1, "leaves")
    assert given.parts()["leaves"].seen == Observations()
    assert not given.parts()["leaves"].due
    given.change("/1/persons/0")
    given.refresh(1, "leaves")
    assert given.parts()["leaves"].seen == Observations(1, DAY, 0)


def test_a_list_that_differs_makes_its_rows_worth_a_look(given: Ledger) -> None:
    given.change("/1/persons/1")
    asked = given.refresh(1, "leaves")
    assert asked == ["/1/persons/0", "/1/persons/1", "/1/persons/1/detail"]
    assert given.parts()["details"].seen == Observations()


def test_shared_data_stays_with_whoever_leads_there(given: Ledger) -> None:
    """Trap 7: a pass of another part gives nothing of it away."""
    shares = "SELECT dossier, resource FROM shares ORDER BY dossier, resource"
    owners = "SELECT id, dossier FROM resources WHERE share IS NOT NULL ORDER BY id"
    before = [db_of(given.store).execute(each).fetchall() for each in (shares, owners)]
    for dossier in (1, 2):
        given.refresh(dossier, "leaves", "persons", "dossier")
    assert [db_of(given.store).execute(each).fetchall() for each in (shares, owners)] == before
    given.world.dossiers[1].office = 1
    given.refresh(1, "shared")
    given.store.judge()
    names = "SELECT share FROM resources WHERE share IS NOT NULL AND status = 200 ORDER BY share"
    assert db_of(given.store).execute(names).fetchall() == [
        ("adviser/0/mail",),
        ("office/0/mail",),  # dossier 2's
        ("office/1/mail",),
    ]


def test_not_found_below_a_list_that_is_old_makes_the_list_due(given: Ledger) -> None:
    """Trap 8: it is no evidence; the list is asked for, and then it is."""
    given.world.dossiers[1].persons = {1}
    before = given.paths()
    given.refresh(1, "leaves")
    given.store.judge()
    assert given.paths() == before
    assert {part for part, each in given.parts().items() if each.due} == {"leaves", "persons"}
    given.refresh(1, "leaves", "persons")
    given.store.judge()
    assert not given.paths() & {"/1/persons/0", "/1/persons/0/detail"}
    assert not [each for each in given.parts().values() if each.due]


def test_an_unlisted_dossier_is_proven_gone_by_one_request(given: Ledger) -> None:
    """Trap 8."""
    given.world.dossiers[1].exists = False
    given.list_all()
    assert {part for part, each in given.parts().items() if each.due} == {"dossier"}
    assert given.refresh(1, "dossier") == ["/1"]
    given.store.judge()
    assert given.store.states()[1] == "gone"
    assert not [path for path in given.paths() if path.startswith("/1/p")]
    assert given.parts() == {}


def test_many_changes_of_one_night_count_once_for_the_dossier(given: Ledger) -> None:
    """Trap 10."""
    for path in ("/1", "/1/persons", "/1/persons/0"):
        given.change(path)
    given.refresh(1, "dossier", "persons", "leaves")
    seen = {each.id: each.seen for each in given.store.known()}
    assert seen[1].changes == 1
    changed = {part for part, each in given.parts().items() if each.seen.changes}
    assert changed >= {"dossier", "persons", "leaves"}


def test_while_something_is_in_doubt_a_dossier_is_asked_for_whole(given: Ledger) -> None:
    given.world.faults["/1/persons/0/detail"] = None
    given.refresh(1, "details")
    assert given.store.states()[1] == "quarantined"
    assert given.parts() == {}
    given.world.faults.clear()
    assert len(given.refresh(1, "dossier")) == 10
    assert given.parts().keys() == ALL


def test_a_pass_of_parts_that_is_killed_is_gone_on_with(given: Ledger) -> None:
    """Trap 11: the parts that it asks for are in the store."""
    given.world.dossiers[1].persons = {1, 2}
    given.clock.seconds += DAY
    given.store.begin_refresh([1], parts={1: {"persons"}})
    url = given.store.url
    given.store.close()
    with Store.open(url, tenant="t", clock=given.clock) as store:
        again = Ledger(store, given.clock, given.world)
        assert again.fetch() == ["/1/persons", "/1/persons/2", "/1/persons/2/detail"]
        store.judge()
        assert "/1/persons/0" not in again.paths()
        assert again.parts()["persons"].fetched == given.clock.seconds
        assert again.parts()["leaves"].fetched == given.clock.seconds - DAY


def test_a_dossier_whose_pass_a_run_goes_on_with_has_its_other_parts_in_the_same_run(
    given: Ledger,
) -> None:
    given.begin(1, "leaves", days=20)
    since = given.clock.seconds = given.clock.seconds + DAY
    given.fetch()
    now = given.clock.seconds = since + 60

    def chosen(refresh: Refresh) -> Batch:
        known, parts = given.store.known(), given.store.known_parts()
        return batch(known, refresh, now=now, since=since, spent=0, parts=parts)

    rest = given.parts(1).keys() - {"leaves"}
    assert rest
    assert chosen(Refresh()).parts == {1: rest}  # the other dossier is asked for whole
    assert set(chosen(Refresh()).dossiers) == {1, 2}
    given.refresh(1, *rest, days=0)
    given.refresh(2, *given.parts(2), days=0)
    assert chosen(Refresh()).dossiers == ()


async def test_a_refresh_of_everything_leaves_nothing_to_the_next_after_a_kill(
    tmp_path: Path,
) -> None:
    clock = LaterClock()
    async with small() as (sandbox, elements):
        with Store.create(tmp_path / "s.sqlite", tenant=TENANT, clock=clock) as store:
            async for _ in harvest(elements, store, clock=clock):
                pass
            clock.days = 1
            begun = sandbox.dossier_ids[:5]
            store.begin_refresh(begun, parts={each: {"registraties"} for each in begun})
        for each in sandbox.dossier_ids:
            sandbox.change(each, deep=each % 2 > 0)
        with Store.open(tmp_path / "s.sqlite", tenant=TENANT, clock=clock) as store:
            clock.days = 2
            async for _ in harvest(elements, store, refresh=Refresh(), clock=clock):
                pass
            bodies = dict(store.bodies())
        for each in begun:
            truth = sandbox.truth(each)
            assert {path: bodies[path] for path in truth.keys() & bodies.keys()} == {
                path: truth[path] for path in truth.keys() & bodies.keys()
            }


def test_a_part_comes_before_it_is_older_than_somebody_wants(given: Ledger) -> None:
    """Trap 6."""
    given.clock.seconds += 20 * DAY
    now = given.clock.seconds

    def chosen(**ages: float) -> Batch:
        return batch(
            given.store.known(),
            Refresh(budget=2, per_day=2, max_age=ages),
            now=now,
            since=now,
            spent=0,
            parts=given.store.known_parts(),
        )

    assert set(chosen(persons=3 * DAY).parts.values()) == {frozenset({"persons"})}
    assert chosen(persons=3 * DAY).unbounded == ()
    assert chosen(persons=DAY / 2).unbounded == ("persons",)
    assert chosen().unbounded == ()


def test_the_age_of_every_part_is_shown(given: Ledger) -> None:
    """Trap 6."""
    given.refresh(1, "persons")
    ages = given.store.staleness_of_parts(now=given.clock.seconds)
    assert ages.keys() == ALL
    assert (ages["persons"].median, ages["persons"].oldest) == (0, DAY)
    assert ages["leaves"].median == DAY
    rates = {each.part: each for each in given.store.rates_of_parts()}
    assert rates["persons"].days == 1
    assert rates["persons"].dossiers == 2


def test_a_new_answer_that_names_somebody_unknown_makes_the_list_due(given: Ledger) -> None:
    """Trap 5: times are mixed in one dossier, and a product may be newer than the persons."""

    def told(body: bytes, *paths: str) -> set[str]:
        work, *_ = given.begin(2, "details")
        names = tuple(NamedInAnswer("persons", (path,)) for path in paths)
        given.store.put(work, Body(body), Discovery(names=names), requests=1)
        given.fetch()
        return {part for part, each in given.parts(2).items() if each.due}

    known, unknown = "/2/persons/0", "/2/persons/7"
    assert told(b"1", known) == set()
    assert told(b"1", unknown) == set()  # it has been said before
    assert told(b"2", known, unknown) == {"persons"}


def test_a_product_names_those_who_applied_for_it() -> None:
    """Trap 5, in Elements."""
    product = {
        "id": 6732,
        "_embedded": {"aanvrager": [{"id": 1}], "aanvragers": {"id": 2}, "productdelen": [7]},
    }
    path = "/api/data/klantdossiers/5526/hypotheken/6732"
    below = "/api/data/klantdossiers/5526/klanten"
    found = KINDS["hypotheken"].discover(product, path)
    assert found.names == tuple(
        NamedInAnswer(
            "particulier",
            (f"{below}/particulier/{each}/adressen", f"{below}/zakelijk/{each}/adressen"),
        )
        for each in (1, 2)
    )
    for odd in ({}, {"_embedded": None}, {"_embedded": {"aanvrager": ["x", {"id": None}]}}):
        assert KINDS["hypotheken"].discover(odd, path).names == ()


def test_no_part_waits_for_more_than_four_cycles() -> None:
    """Trap 9: even those that never change, beside others that always do."""
    costs = {"dossier": 1, "contact": 6, "producten": 2}
    parts = [(dossier, part) for dossier in range(12) for part in costs]
    fetched, seen = dict.fromkeys(parts, 0.0), dict.fromkeys(parts, Observations())
    per_day = 12 * sum(costs.values()) / 6
    longest = 0.0
    for day in range(1, 55):
        table = PartTable()
        for each in parts:
            dossier, name = each
            table.add(dossier, name, fetched=fetched[each], cost=costs[name], seen=seen[each])
        for number in choose_parts(
            table, [Observations()] * 12, now=day * DAY, budget=per_day, per_day=per_day
        ).numbers:
            each = parts[number]
            elapsed = day * DAY - fetched[each]
            seen[each] = observe(seen[each], elapsed=elapsed, changed=each[0] < 5)
            longest, fetched[each] = max(longest, elapsed), day * DAY
    waiting = [55 * DAY - when for when in fetched.values()]
    assert max(longest, *waiting) <= CYCLES * 6 * DAY


def test_dossiers_of_one_part_are_chosen_as_they_always_were() -> None:
    """Trap 12."""
    chance = random.Random(12)
    stored = [
        KnownDossier(
            each,
            chance.random() * 30 * DAY,
            Observations(chance.randint(0, 3), 5 * DAY, chance.random() * 60 * DAY),
            cost=chance.randint(1, 9),
            due=each % 17 == 0,
        )
        for each in range(120)
    ]
    now, budget = 31 * DAY, 150
    chosen = batch(stored, Refresh(budget=budget), now=now, since=now, spent=0)
    due = sorted((each for each in stored if each.due), key=lambda each: each.fetched)
    prior = fit(each.seen for each in stored)
    others = choose(
        [
            Candidate(each.id, each.fetched, learn(each.seen, prior), each.cost)
            for each in stored
            if not each.due
        ],
        now=now,
        budget=budget - sum(each.cost for each in due),
        per_day=budget,
    )
    assert chosen.dossiers == (*(each.id for each in due), *others)
    assert (chosen.parts, chosen.rates, chosen.unbounded) == ({}, {}, ())


async def test_procuras_dossiers_are_one_part(tmp_path: Path) -> None:
    """Trap 12."""
    clock = LaterClock()
    async with ProcuraSandbox(dossiers=6, seed=2) as sandbox, connect(sandbox) as procura:
        with Store.create(tmp_path / "s.sqlite", tenant=TENANT, clock=clock) as store:
            for _ in range(2):
                refresh = Refresh() if store.listed else None
                async for _ in harvest(procura, store, refresh=refresh, clock=clock):
                    pass
                clock.days += 1
            assert list(store.known_parts()) == []
            assert store.staleness_of_parts(now=clock.wall()) == {}
            asked = db_of(store).execute("SELECT max(pass), count(parts) FROM dossiers").fetchone()
            assert asked == (2, 0)


def test_a_store_from_before_parts_keeps_what_it_has_learned(given: Ledger) -> None:
    """It asks for everything once more, and then part by part."""
    given.refresh(1, *ALL)
    before = {each.id: each.seen for each in given.store.known()}
    assert before[1] != Observations()
    db = db_of(given.store)
    db.execute("DELETE FROM parts")
    db.execute("UPDATE resources SET parent = NULL, skipped = 0")
    assert {each.id: each.seen for each in given.store.known()} == before
    assert len(given.refresh(1, "persons")) == 10  # whole: nobody knows yet what led where
    after = {each.id: each.seen for each in given.store.known()}
    left = before[1].quiet * 0.5 ** (DAY / HALF_LIFE)
    assert after[1].quiet == pytest.approx(left + DAY, rel=0.001)
    assert given.refresh(1, "persons") == ["/1/persons"]


def test_a_row_whose_address_differs_is_a_sign_for_contact_data() -> None:
    """Signs: the dossier's own fields, and the address that the row embeds."""
    row = {"id": 1, "omschrijving": "a", "_embedded": {"adres": {"straat": "b"}}}

    def told(now: dict[str, Any]) -> tuple[str, ...]:
        known_by = [digest_of_parts((each, each["_embedded"])) for each in (row, now)]
        return differing(_SIGNS, *known_by)

    assert told(row) == ()
    assert told({**row, "omschrijving": "c"}) == ("dossier",)
    assert told({**row, "_embedded": {"adres": {"straat": "d"}}}) == ("dossier", "contact")


async def test_an_address_that_differs_in_the_listing_is_asked_for_with_the_dossier(
    tmp_path: Path,
) -> None:
    """Signs, with the real engine."""
    clock = LaterClock()
    async with harvested(tmp_path / "s.sqlite", clock) as (sandbox, elements, store):
        clock.days = 0.5
        dossier = sandbox.dossier_ids[4]
        row = orjson.loads(orjson.dumps(sandbox._world.row(dossier)))
        row["_embedded"]["standaardcorrespondentieadres"]["nummer"] = "99"
        sandbox._world.list_as(row)
        before = len(sandbox.log)
        async for _ in harvest(elements, store, refresh=Refresh(budget=0), clock=clock):
            pass
        due = {each.part for each in store.known_parts() if each.due}
        assert due == {"dossier", "contact"}
        async for _ in harvest(elements, store, refresh=Refresh(budget=25), clock=clock):
            pass
        asked = {entry.path for entry in sandbox.log[before:]}
        root = f"/api/data/klantdossiers/{dossier}"
        assert root in asked
        assert any(each.endswith("/adressen") and root in each for each in asked)
        assert f"{root}/producten" not in asked


async def test_three_rows_that_differ_cost_at_most_ten_requests(tmp_path: Path) -> None:
    clock = LaterClock()
    async with harvested(tmp_path / "s.sqlite", clock) as (sandbox, elements, store):
        clock.days = 0.5
        before = len(sandbox.log)
        for dossier in sandbox.dossier_ids[3:6]:
            sandbox.change(dossier)
        async for _ in harvest(elements, store, refresh=Refresh(budget=5), clock=clock):
            pass
        assert len(sandbox.log) - before <= 10
        truth = {
            f"/api/data/klantdossiers/{each}": sandbox.truth(each)[
                f"/api/data/klantdossiers/{each}"
            ]
            for each in sandbox.dossier_ids[3:6]
        }
        assert {path: store.body(path) for path in truth} == truth
