"""A row without a usable id, in any collection: put aside and reported, and the others go on."""

import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import attrs
import orjson
import pytest

from elements_procura.elements.client import ElementsClient
from elements_procura.elements.kinds import DOSSIERS, PARTICULIER_RELATIONS, _is_deleted
from elements_procura.harvest import Refresh, ResourceQuarantined, Store, harvest
from tests.clock import VirtualClock
from tests.harvest.weather_kit import Front, bodies_of, client_of, small_world, weather

pytestmark = pytest.mark.virtual_time
PEOPLE = f"{DOSSIERS}/2/klanten/particulier"
HURT, WHOLE = 20, 21  # the ids of its persons
BAD_ROWS: list[Any] = [
    *(None, "Jansen", 7, True, [], {}),
    *({"id": None}, {"id": ""}, {"id": True}, {"id": 2**70}, {"id": -4}, {"id": {"value": 20}}),
    {"achternaam": "Jansen"},
]


@attrs.define
class Nights:
    """A server, and the store that is harvested from it."""

    front: Front
    elements: ElementsClient
    store: Store
    clock: VirtualClock

    async def run(self, *, refresh: bool = False) -> list[ResourceQuarantined]:
        """One night; what it put aside."""
        self.clock.skip(23 * 3600.0)
        run = harvest(
            self.elements, self.store, refresh=Refresh() if refresh else None, clock=self.clock
        )
        return [event async for event in run if isinstance(event, ResourceQuarantined)]

    def hurt(self, path: str, row: Any) -> None:
        """Have a row in the place of the first one of a collection."""
        data = orjson.loads(self.front.world[path])
        held = data["_embedded"][path.rpartition("/")[2]]
        held[:1] = [row]
        self.front.world[path] = json.dumps(data).encode()  # also what is over 64 bits

    def open_subjects(self) -> list[tuple[str, str]]:
        return [(each.subject, each.state) for each in self.store.progress().unacknowledged]


@contextlib.asynccontextmanager
async def world(folder: Path, clock: VirtualClock) -> AsyncIterator[Nights]:
    async with weather(clock, small_world(dossiers=3)) as front, client_of(front) as elements:
        with Store.create(folder / "s.sqlite", tenant="t", clock=clock) as store:
            yield Nights(front, elements, store, clock)


@pytest.mark.parametrize("row", BAD_ROWS, ids=str)
async def test_e2_a_row_without_a_usable_id_costs_only_itself(
    tmp_path: Path, virtual_clock: VirtualClock, row: Any
) -> None:
    async with world(tmp_path, virtual_clock) as nights:
        truth = dict(nights.front.world)
        nights.hurt(PEOPLE, row)
        (told,) = await nights.run()
        stored = dict(nights.store.bodies())
        lost = {f"{PEOPLE}/{HURT}/{rel}" for rel in PARTICULIER_RELATIONS}
        assert stored.keys() == bodies_of(truth).keys() - lost
        assert (told.kind, told.dossier) == ("particulier", 2)
        assert "$.particulier[0]" in told.error
        assert nights.open_subjects() == [("dossier:2", "quarantined")]
        nights.store.accept(["dossier:2"])
        assert not nights.open_subjects()
        nights.front.world.update(truth)
        assert not await nights.run(refresh=True)
        assert dict(nights.store.bodies()) == bodies_of(truth)
        assert not nights.store.concerns()


@pytest.mark.parametrize("row", [None, {"id": None, "achternaam": "Jansen"}], ids=str)
async def test_e2_what_is_stored_stays_until_the_row_has_an_id_again(
    tmp_path: Path, virtual_clock: VirtualClock, row: Any
) -> None:
    async with world(tmp_path, virtual_clock) as nights:
        truth = dict(nights.front.world)
        assert not await nights.run()
        addresses = f"{PEOPLE}/{HURT}/adressen"
        nights.hurt(PEOPLE, row)
        nights.hurt(addresses, row)
        for _ in range(3):
            assert {each.kind for each in await nights.run(refresh=True)} == {"particulier"}
            nights.store.purge()
            assert dict(nights.store.bodies()) == bodies_of(truth)
            assert nights.open_subjects() == [("dossier:2", "quarantined")]
        nights.store.requeue_quarantined()
        assert len(await nights.run()) == 1
        nights.front.world.update(truth)
        assert not await nights.run(refresh=True)
        assert dict(nights.store.bodies()) == bodies_of(truth)
        assert not nights.store.concerns()


async def test_a_bad_row_among_more_rows_than_before_hides_none_of_them(
    tmp_path: Path, virtual_clock: VirtualClock
) -> None:
    async with world(tmp_path, virtual_clock) as nights:
        await nights.run()
        path = f"{PEOPLE}/{WHOLE}/adressen"
        data = orjson.loads(nights.front.world[path])
        data["_embedded"]["adressen"] += [{"id": 9}, {"id": None}]
        nights.front.world[path] = orjson.dumps(data)
        (told,) = await nights.run(refresh=True)
        assert told.kind == "particulier/adressen"
        assert nights.store.body(path) == nights.front.world[path]


async def test_a_collection_of_nulls_is_an_empty_one(
    tmp_path: Path, virtual_clock: VirtualClock
) -> None:
    async with world(tmp_path, virtual_clock) as nights:
        truth = dict(nights.front.world)
        await nights.run()
        for dossier in (1, 2, 3):
            nights.hurt(f"{DOSSIERS}/{dossier}/klanten/particulier/{dossier}0/adressen", None)
        await nights.run(refresh=True)
        assert dict(nights.store.bodies()) == bodies_of(truth)
        assert nights.open_subjects()


@pytest.mark.parametrize(
    ("value", "is_deleted"),
    [
        *((True, True), (1, True), ("ja", True), ("J", True), ("true", True)),
        *(("2016-07-11T00:00:00+0200", True), ("2016-07-11 10:00:00", True)),
        *((None, False), (False, False), ("", False), ("nee", False), (0, False), ("0", False)),
        *(("N", False), ("false", False), ({}, False), ([], False), ("0000-00-00 00:00:00", False)),
        *((2, False), ("x", False), ("1960-00-00", False)),
    ],
)
def test_a_dossier_is_deleted_by_yes_or_by_a_time_alone(value: Any, is_deleted: bool) -> None:
    assert _is_deleted(value) is is_deleted
