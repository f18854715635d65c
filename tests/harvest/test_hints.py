"""Noisy signs: what they are worth, whom they bring forward, and what that teaches."""

import contextlib
import sqlite3
from pathlib import Path

import pytest

from elements_procura.elements.kinds import PRODUCTS_IN_FULL
from elements_procura.harvest import Refresh, Store, harvest
from elements_procura.harvest.policy.hints import (
    HintCount,
    expected_age,
    hinted_priority,
    time_to_age,
)
from elements_procura.harvest.policy.part_names import PartNames
from elements_procura.harvest.policy.parts import PartTable, choose_parts
from elements_procura.harvest.policy.refresh import DAY, Belief, Observations, priority
from elements_procura.harvest.policy.rolling import batch
from elements_procura.harvest.policy.sameness import has_new_rows
from elements_procura.harvest.records import KnownDossier, KnownPart
from elements_procura.harvest.sqlite import migrations
from elements_procura.harvest.sqlite.database import HINTS, SCHEMA_VERSION
from elements_procura.registry import harvest_spec_of
from elements_procura.sandbox import Sandbox
from tests.clock import LaterClock
from tests.harvest.harvesting import TENANT, harvested
from tests.harvest.inside import db_of

QUIET = Observations(1, 10 * DAY, 90 * DAY)
NOW = 100 * DAY


@pytest.mark.parametrize("belief", [Belief(0.3, 9 * DAY), Belief(1, 30 * DAY), Belief(20, DAY)])
@pytest.mark.parametrize("elapsed", [60.0, DAY, 50 * DAY])
def test_an_age_is_to_be_expected_after_a_time_and_back(belief: Belief, elapsed: float) -> None:
    steps = 2_000
    moments = [(each + 0.5) * elapsed / steps for each in range(steps)]
    summed = sum(1 - (1 + at / belief.exposure) ** -belief.shape for at in moments)
    age = expected_age(belief, elapsed)
    assert age == pytest.approx(summed * elapsed / steps, rel=1e-3)
    assert time_to_age(belief, age) == pytest.approx(elapsed, rel=1e-3)


def test_a_hint_is_worth_more_the_likelier_and_the_older_it_is() -> None:
    belief, elapsed = Belief(1.0, 30 * DAY), 2 * DAY

    def worth(trust: float, days: float) -> float:
        return hinted_priority(belief, elapsed, since=days * DAY, trust=trust)

    plain = priority(belief, elapsed)
    assert worth(0.0, 1) == pytest.approx(plain, rel=1e-3)
    assert plain < worth(0.2, 1) < worth(0.9, 1) < worth(0.9, 2)
    assert worth(0.2, -3) == pytest.approx(plain, rel=1e-3)  # of a clock that was ahead
    # Never less than without it, however sure the change is without it.
    assert hinted_priority(Belief(90, DAY), elapsed, since=0, trust=0.9) == pytest.approx(
        priority(Belief(90, DAY), elapsed)
    )


def test_how_often_hints_are_right_is_learned() -> None:
    assert HintCount().trust == pytest.approx(0.2)
    assert HintCount(200, 2).trust < 0.02
    assert HintCount(200, 190).trust > 0.9


def table(*days: float, hinted: float = 0.0) -> PartTable:
    """Parts of as many dossiers, the last of them with a hint."""
    found = PartTable()
    for number, each in enumerate(days):
        sign = hinted if number == len(days) - 1 else 0.0
        fetched = NOW - each * DAY
        found.add(number, "details", fetched=fetched, cost=1, seen=QUIET, hinted=sign)
    return found


@pytest.mark.parametrize("right", [True, False])
def test_a_hint_brings_a_part_forward_as_far_as_hints_are_right(*, right: bool) -> None:
    parts = table(2, 1.5, 1, 0.5, hinted=NOW - DAY / 4)
    hints = {"details": HintCount(400, 400 * right)}
    chosen = choose_parts(parts, [QUIET] * 4, now=NOW, budget=1, per_day=4, hints=hints)
    assert chosen.numbers == [3 if right else 0]
    assert chosen.prompted == ({3} if right else set())


def test_one_whose_turn_it_is_was_not_prompted() -> None:
    parts = table(0.5, 1, 1.5, 2, hinted=NOW - DAY)
    hints = {"details": HintCount(400, 400)}
    chosen = choose_parts(parts, [QUIET] * 4, now=NOW, budget=2, per_day=4, hints=hints)
    assert chosen.numbers == [3, 2]
    assert chosen.prompted == set()


def test_a_run_says_which_parts_were_brought_forward() -> None:
    known = [KnownDossier(each, NOW - 5 * DAY, QUIET, cost=3, due=False) for each in range(4)]
    parts = [
        KnownPart(
            each,
            name,
            NOW - (5 - each) * DAY / 2,
            QUIET,
            1,
            due=False,
            hinted=NOW - DAY / 2 if (each, name) == (3, "details") else None,
        )
        for each in range(4)
        for name in ("details", "dossier", "list")
    ]
    chosen = batch(
        known,
        Refresh(budget=1, per_day=4),
        now=NOW,
        since=NOW,
        spent=0,
        parts=parts,
        hints={"details": HintCount(400, 400)},
    )
    assert chosen.parts == {3: {"details"}}
    assert chosen.prompted == {3: {"details"}}


def test_only_rows_that_are_new_hint() -> None:
    before = b'{"_embedded": {"registraties": [{"id": 1, "a": 1}, {"id": 2}]}}'
    changed = b'{"_embedded": {"registraties": [{"id": 1, "a": 2}]}}'
    more = b'{"_embedded": {"registraties": [{"id": 3}, {"id": 2}]}}'
    assert not has_new_rows(before, changed)
    assert has_new_rows(before, more)
    assert not has_new_rows(b"\xff", more)


def test_elements_registrations_and_products_hint_at_each_other() -> None:
    spec = harvest_spec_of("elements")
    hinting = {name: kind.hints_at for name, kind in spec.kinds.items() if kind.hints_at}
    assert hinting.pop("registraties") == ("producten", "productdetails")
    assert hinting == dict.fromkeys(PRODUCTS_IN_FULL, ("producten", "registraties"))
    names = PartNames(lambda: "elements")
    assert {each: names.is_record(each) for each in (*hinting, "registraties")} == {
        **dict.fromkeys(hinting, True),
        "registraties": False,
    }


def test_noisy_signs_are_a_column_more_and_what_parts_have_learned_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, columns = tmp_path / "s.sqlite", "dossier, part, fetched_at, changes, busy, quiet"
    Store.create(path, tenant=TENANT).close()
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.execute("INSERT INTO dossiers (id) VALUES (1)")
        db.execute(f"INSERT INTO parts ({columns}) VALUES (1, 'contact', 5, 2, 3, 4)")
        db.execute("ALTER TABLE parts DROP COLUMN hinted_at")
        db.execute(f"PRAGMA user_version = {SCHEMA_VERSION - 1}")
        db.commit()
    monkeypatch.setattr(migrations, "_STEPS", {SCHEMA_VERSION - 1: HINTS})
    with Store.open(path, tenant=TENANT) as store:
        found = db_of(store).execute(f"SELECT {columns}, hinted_at FROM parts").fetchall()
        assert found == [(1, "contact", 5, 2, 3, 4, None)]


async def test_a_product_that_differs_hints_at_its_list_and_its_registrations(
    tmp_path: Path,
) -> None:
    clock = LaterClock()
    async with harvested(tmp_path / "s.sqlite", clock) as (sandbox, elements, store):
        clock.days = 3
        dossier = next(each for each in sandbox.dossier_ids if _product_of(sandbox, each))
        sandbox.patch(_product_of(sandbox, dossier), lambda body: body.update(omschrijving="x"))
        refresh = _all_of(store, "productdetails")
        async for _ in harvest(elements, store, refresh=refresh, clock=clock):
            pass
        hinted = {
            (each.dossier, each.part) for each in store.known_parts() if each.hinted is not None
        }
        assert hinted == {(dossier, "producten"), (dossier, "registraties")}


def _all_of(store: Store, part: str) -> Refresh:
    """A refresh of a part of every dossier, and of nothing else: a request lists them."""
    cost = sum(each.cost for each in store.known_parts() if each.part == part)
    return Refresh(budget=1 + cost, per_day=1 + cost, max_age={part: 1.0})


def _product_of(sandbox: Sandbox, dossier: int) -> str:
    """The path of a product in full; empty for none."""
    found = (each for each in sandbox.truth(dossier) if each.split("/")[-2] == "hypotheken")
    return next(found, "")


async def test_a_new_registration_hints_at_its_dossiers_products(tmp_path: Path) -> None:
    """With the real engine: of those whose list was looked at, and until products were."""
    clock = LaterClock()
    async with harvested(tmp_path / "s.sqlite", clock) as (sandbox, elements, store):
        wall = clock.wall()
        clock.days = 3
        for number, dossier in enumerate(sandbox.dossier_ids):
            path = f"/api/data/klantdossiers/{dossier}/registraties"
            if sandbox._world.find(path) is not None:
                row = {"id": 990 + number, "_links": {"self": {"href": f"{path}/{number}"}}}
                sandbox._world.append(path, row)
        refresh = _all_of(store, "registraties")
        async for _ in harvest(elements, store, refresh=refresh, clock=clock):
            pass
        parts = [*store.known_parts()]
        looked = {each.dossier for each in parts if each.seen.changes}
        hinted = {each.part for each in parts if each.hinted is not None}
        assert hinted == {"producten", "productdetails"}
        assert {each.dossier for each in parts if each.hinted is not None} <= looked
        assert all(wall < each.hinted < clock.wall() for each in parts if each.hinted)
        clock.days = 4
        async for _ in harvest(elements, store, refresh=Refresh(), clock=clock):
            pass
        assert not [each for each in store.known_parts() if each.hinted is not None]
