"""One bad night, over real HTTP: whatever the server loses at once, the store keeps (H1)."""

import contextlib
import re
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import attrs
import orjson
import pytest

from elements_procura.cli.shown.concerns import concern_lines
from elements_procura.elements.client import ElementsClient
from elements_procura.elements.kinds import KINDS
from elements_procura.errors import ElementsProcuraError, InputError
from elements_procura.export import export
from elements_procura.harvest import Concern, Refresh, Store, harvest
from elements_procura.harvest.drift import Report
from elements_procura.harvest.records import UNLISTED_AND_404
from elements_procura.sandbox import Sandbox, Weather
from tests.harvest.harvesting import TENANT, small
from tests.harvest.inside import db_of, words_of
from tests.harvest.ledger_world import Wall

NIGHT, DOSSIERS = 23 * 3600.0, 60
ANY = "/api/data/klantdossiers/*"


@attrs.define
class Nights:
    """A store, the sandbox that it is refreshed from, and the clock of both."""

    sandbox: Sandbox
    elements: ElementsClient
    store: Store
    clock: Wall
    path: Path

    async def refresh(self, *, purge: bool = True) -> tuple[Concern, ...]:
        """One night's `--refresh --purge`; what nobody has acknowledged then."""
        self.clock.seconds += NIGHT
        run = harvest(self.elements, self.store, refresh=Refresh())
        with contextlib.suppress(ElementsProcuraError):  # what is stored is looked at
            async for _ in run:
                pass
        if purge:
            self.store.purge()
        return self.store.progress().unacknowledged

    def bodies(self) -> dict[str, bytes]:
        return dict(self.store.bodies())


@contextlib.asynccontextmanager
async def harvested(
    tmp_path: Path, *groups: str, dossiers: int = DOSSIERS
) -> AsyncIterator[Nights]:
    clock = Wall()
    path = tmp_path / "s.sqlite"
    async with small(dossiers=dossiers) as (sandbox, elements):
        with Store.create(path, tenant=TENANT, clock=clock) as store:
            async for _ in harvest(elements, store, include=groups or None):
                pass
            yield Nights(sandbox, elements, store, clock, path)


BAD_NIGHTS = {
    "404 to every sub-resource": ([Weather("not-found", match=f"GET {ANY}/*")], "doubted"),
    "links missing": ([Weather("unlinked")], "doubted"),
    "links renamed": ([Weather("renamed")], "doubted"),
    "collections answer empty": ([Weather("emptied")], "doubted"),
    "403 for persons": ([Weather("forbidden")], "forbidden"),
}


@pytest.mark.parametrize("night", BAD_NIGHTS)
async def test_h1_after_one_bad_night_all_is_kept_told_and_no_lesson(
    tmp_path: Path, night: str
) -> None:
    weather, state = BAD_NIGHTS[night]
    async with harvested(tmp_path, "klanten", "producten") as nights:
        before, knew = nights.bodies(), lessons(nights.store)
        nights.sandbox.set_weather(weather)
        told = await nights.refresh()
        assert nights.bodies().keys() == before.keys()
        assert {each.state for each in told} == {state}
        assert lessons(nights.store) == knew
        assert nights.store.progress().changed == 0
        manifest = export(nights.path, tmp_path / "out", to="jsonl")
        assert sum(manifest[state].values()) == sum(each.count for each in told)
        # The weather is over: one more run, and nothing is left of it.
        nights.sandbox.clear_weather()
        assert await nights.refresh() == ()
        assert nights.bodies() == before
        assert nights.store.purge() == 0


@pytest.mark.parametrize("how", ["unlinked", "renamed"])
async def test_h1_links_that_are_missing_or_renamed_are_breaking_drift(
    tmp_path: Path, how: str
) -> None:
    async with harvested(tmp_path, "klanten", "producten", dossiers=10) as nights:
        losers = sum("/producten" in path for path in nights.bodies())
        assert breaking(nights.path) == {}
        nights.sandbox.remove(nights.sandbox.dossier_ids[4])  # no link of its own is missed
        nights.sandbox.set_weather([Weather(how)])
        await nights.refresh()
        assert breaking(nights.path) == {
            ("dossier", "$._links.klanten/particulier"): 9,
            ("dossier", "$._links.producten"): pytest.approx(losers, abs=1),
        }
        nights.sandbox.clear_weather()
        await nights.refresh()
        assert breaking(nights.path) == {}


def breaking(path: Path) -> dict[tuple[str, str], int]:
    report = Report()
    report.add_store(path)
    return {(each.kind, each.path): each.bodies for each in report.findings() if each.is_breaking}


def lessons(store: Store) -> list[tuple[object, ...]]:
    """What the policy knows of how often dossiers change."""
    return (
        db_of(store).execute("SELECT id, changes, busy, quiet FROM dossiers ORDER BY id").fetchall()
    )


@pytest.mark.parametrize("group", ["klanten", "kantoor"])
async def test_h1_a_record_without_any_links_keeps_what_hangs_on_it(
    tmp_path: Path, group: str
) -> None:
    async with harvested(tmp_path, group, dossiers=10) as nights:
        before = nights.bodies()
        nights.sandbox.set_weather([Weather("linkless", match=f"GET {ANY}")])
        assert await nights.refresh() == ()
        assert own(nights.bodies()).keys() == own(before).keys()
        nights.sandbox.clear_weather()
        assert await nights.refresh() == ()
        assert own(nights.bodies()) == own(before)


def own(bodies: dict[str, bytes]) -> dict[str, bytes]:
    """Those that are read by the same path each time; the number of the others."""
    shared = [path for path in bodies if re.search(r"/kantoor/\w+\Z", path)]
    return {path: body for path, body in bodies.items() if path not in shared} | {
        "shared": b"%d" % len(shared)
    }


@pytest.mark.parametrize("links", ["{}", "[]", "null", '[{"rel":"self"}]', '""'])
def test_h1_links_that_name_nothing_are_none(links: str) -> None:
    path = "/api/data/klantdossiers/7"
    data = orjson.loads(f'{{"id":7,"deleted":null,"_links":{links}}}')
    found = KINDS["dossier"].discover(data, path)
    assert not found.wants
    assert {each.kind for each in found.unsaid} >= {"particulier", "producten", "adviseurs"}
    found = KINDS["kantoor"].discover({**data, "id": 9}, f"{path}/kantoor")
    assert [each.kind for each in found.wants] == ["kantoor/codes"]
    assert "kantoor/adressen" in {each.kind for each in found.unsaid}


@pytest.mark.parametrize(
    "soort", ['"soort":"Hypotheken ",', "", '"soort":null,', '"soort":{"id":1},']
)
def test_h1_a_product_whose_sort_is_odd_keeps_its_page(soort: str) -> None:
    path = "/api/data/klantdossiers/7/producten"
    own = '"_links":{"self":{"href":"/api/data/klantdossiers/7/hypotheken/5"}}'
    row = f'{{"id":5,{soort}{own}}}'
    data = orjson.loads(f'{{"_embedded":{{"producten":[{row}]}},"_links":{{}}}}')
    (want,) = KINDS["producten"].discover(data, path).wants
    assert (want.kind, want.path) == ("hypotheken", "/api/data/klantdossiers/7/hypotheken/5")
    if "H" not in soort:
        del data["_embedded"]["producten"][0]["_links"]
        found = KINDS["producten"].discover(data, path)
        assert not found.wants
        assert want in found.unsaid


async def test_h1_a_small_firms_four_real_deletions_end_their_doubt(tmp_path: Path) -> None:
    async with harvested(tmp_path, "producten") as nights:
        lost = nights.sandbox.dossier_ids[10:14]
        for each in lost:
            nights.sandbox.remove(each)
        (concern,) = await nights.refresh()
        assert (concern.subject, concern.state, concern.count) == ("dossier", "doubted", 4)
        assert buried(nights.store).isdisjoint(lost)
        assert await nights.refresh() == ()
        assert buried(nights.store) >= set(lost)
        assert not [path for path in nights.bodies() if owner(path) in lost]


def buried(store: Store) -> set[object]:
    return {each for each, why in store.deleted().items() if why == UNLISTED_AND_404}


def owner(path: str) -> int:
    return int(path.split("/")[4])


async def test_h1_a_real_deletion_of_30_percent_is_doubted_accepted_gone_and_erased(
    tmp_path: Path,
) -> None:
    async with harvested(tmp_path, "klanten") as nights:
        lost = nights.sandbox.dossier_ids[10:28]
        words = {
            word
            for path, body in nights.bodies().items()
            if owner(path) in lost
            for word in re.findall(rb'"bsn": ?"?(\d{8,9})', body)
        }
        assert words
        for each in lost:
            nights.sandbox.remove(each)
        for _ in range(3):
            assert [each.subject for each in await nights.refresh()] == ["dossier"]
            # It is told once, with the command.
            (line,) = concern_lines(nights.store.progress())
            assert line.startswith("concern  18 of ")
            assert "--accept dossier" in line
            assert words_in(nights.path) >= words
        assert buried(nights.store).isdisjoint(lost)
        nights.store.accept(["dossier"])
        assert await nights.refresh() == ()
        assert buried(nights.store) >= set(lost)
        assert not [path for path in nights.bodies() if owner(path) in lost]
        assert await nights.refresh() == ()
        assert not words_in(nights.path) & words


async def test_e1_a_first_harvest_of_dossiers_without_links_asks_for_what_is_documented(
    tmp_path: Path,
) -> None:
    async with small(dossiers=6) as (sandbox, elements):
        sandbox.set_weather([Weather("linkless", match=f"GET {ANY}")])
        path = tmp_path / "s.sqlite"
        with Store.create(path, tenant=TENANT, clock=Wall()) as store:
            async for _ in harvest(elements, store):
                pass
            stored = {path for path, _ in store.bodies()}
            assert store.progress().complete
        for dossier in sandbox.dossier_ids:
            root = f"/api/data/klantdossiers/{dossier}"
            collections = {
                each
                for each in sandbox.truth(dossier)
                if each in {f"{root}/klanten/particulier", f"{root}/producten"}
            }
            assert collections
            assert collections <= stored


async def test_h1_three_losses_a_run_do_not_creep_past(tmp_path: Path) -> None:
    async with harvested(tmp_path, "producten") as nights:
        told = []
        for _ in range(6):
            for each in nights.sandbox.dossier_ids[1:4]:
                nights.sandbox.remove(each)
            told.append(await nights.refresh())
        assert told[0] == ()
        assert all(told[1:])
        # What two looks have lacked is believed up to a fifth, and no further.
        assert len(buried(nights.store)) <= 0.25 * DOSSIERS


async def test_h1_a_missing_right_is_told_until_it_is_acknowledged_and_grows(
    tmp_path: Path,
) -> None:
    async with harvested(tmp_path, "klanten", dossiers=10) as nights:
        before = nights.bodies()
        nights.sandbox.set_weather([Weather("forbidden", match="*/klanten/particulier")])
        (concern,) = await nights.refresh()
        assert (concern.subject, concern.state) == ("particulier", "forbidden")
        nights.store.accept(["particulier"])
        assert await nights.refresh() == ()
        assert [each.accepted for each in nights.store.progress().concerns] == [concern.count]
        assert nights.bodies() == before
        with pytest.raises(InputError, match="nothing to accept of rows") as raised:
            nights.store.accept(["rows"])
        assert "particulier" in raised.value.hint


@pytest.mark.parametrize("default", ["ON", "OFF"])
async def test_h6_what_is_purged_is_in_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, default: str
) -> None:
    connect = sqlite3.connect

    def compiled_otherwise(*args: Any, **options: Any) -> sqlite3.Connection:
        made: sqlite3.Connection = connect(*args, **options)
        made.execute(f"PRAGMA secure_delete = {default}")
        return made

    monkeypatch.setattr(sqlite3, "connect", compiled_otherwise)
    async with harvested(tmp_path, "klanten", dossiers=20) as nights:
        lost = nights.sandbox.dossier_ids[7]
        words = {
            each
            for path, body in nights.bodies().items()
            if owner(path) == lost
            for each in re.findall(rb'"bsn": ?"?(\d{8,9})', body)
        }
        assert words
        nights.sandbox.remove(lost)
        await nights.refresh()
        assert nights.store.body(f"/api/data/klantdossiers/{lost}") is None
        assert words_in(nights.path) >= words
        await nights.refresh()
        assert not words_in(nights.path) & words


def words_in(path: Path) -> set[bytes]:
    return {*re.findall(rb"\d{8,9}", words_of(path))}
