"""S1 and S5 in a harvest: rows that break a search, name nothing, or are all that can be read."""

import datetime as dt
import json
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import orjson
import pytest

from elements_procura.demo import verify_procura
from elements_procura.errors import InputError, ServerError
from elements_procura.export import export
from elements_procura.harvest import (
    Event,
    ListingIncomplete,
    ProcuraSource,
    Refresh,
    Store,
    harvest,
)
from elements_procura.procura._search import FoundRow, RepeatFilter
from elements_procura.procura._wire import procura_wire
from elements_procura.procura.client import ProcuraClient
from elements_procura.procura.models.common import Dossier
from elements_procura.procura.source import root_of
from elements_procura.sandbox import Fault, ProcuraSandbox
from elements_procura.spec.source import BadRow, Gap, RecallingSource, Root, digest
from tests.harvest.harvesting import connect
from tests.harvest.inside import db_of
from tests.harvest.test_procura import FIRST

LAST = dt.date(2024, 12, 31)
SEARCH = "/api/v1/dossiers/search"


async def run(
    path: Path, procura: ProcuraClient, refresh: Refresh | None = None, **options: Any
) -> list[Event]:
    opened = Store.open if path.exists() else Store.create
    with opened(path, tenant="procura") as store:
        source = ProcuraSource(procura, first=FIRST, last=LAST, **options)
        return [event async for event in harvest(source, store, refresh=refresh)]


def states(path: Path) -> dict[Any, str]:
    with Store.read(path) as store:
        return store.states()


def aside(events: list[Event]) -> list[ListingIncomplete]:
    return [event for event in events if isinstance(event, ListingIncomplete)]


def beside(sandbox: ProcuraSandbox) -> list[str]:
    """A dossier, and two that no search tells from it."""
    cases = [case for case in sandbox.cases if case.kind.code == "birth"][1:4]
    for case in cases:
        first = cases[0]
        case.entered, case.start, case.status = first.entered, first.start, first.status
    return [case.id for case in cases]


async def test_s1_a_row_that_cannot_be_read_is_told_the_rest_is_harvested_and_it_heals(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with ProcuraSandbox(dossiers=65, seed=2) as sandbox, connect(sandbox) as procura:
        bad, *neighbours = beside(sandbox)
        sandbox.break_row(bad, field="status_date")
        [told] = aside(await run(path, procura))
        day = sandbox.cases[sandbox.dossier_ids.index(bad)].entered.date().isoformat()
        assert told.rows == 0
        assert told.gaps == (f"{day}, type birth, status created",)
        assert f"the listing lacks at least 1: {told.gaps[0]}" in caplog.text
        assert set(states(path)) == set(sandbox.dossier_ids) - {bad, *neighbours}
        sandbox.heal_row(bad)
        assert aside(await run(path, procura, Refresh())) == []
        assert set(states(path).values()) == {"complete"}
        with Store.read(path) as store:
            assert verify_procura(store, sandbox).equal


async def test_s1_what_is_known_is_asked_for_by_its_id_and_never_vanishes(path: Path) -> None:
    async with ProcuraSandbox(dossiers=65, seed=2) as sandbox, connect(sandbox) as procura:
        bad, *neighbours = beside(sandbox)
        await run(path, procura)
        sandbox.break_row(bad, field="status_date")
        removed = sandbox.dossier_ids[0]
        sandbox.remove(removed)
        for night in range(2):
            events = await run(path, procura, Refresh())
            assert len(aside(events)) == 1
            assert states(path)[bad] == "complete"
            with Store.read(path) as store:
                assert store.deleted() == {}
                unnamed = (
                    db_of(store)
                    .execute("SELECT id FROM dossiers WHERE listing < ?", (night + 2,))
                    .fetchall()
                )
                assert {each for (each,) in unnamed} == {bad, removed}
        sandbox.heal_row(bad)
        assert aside(await run(path, procura, Refresh())) == []
        assert states(path)[bad] == states(path)[neighbours[0]] == "complete"
        with Store.read(path) as store:
            assert verify_procura(store, sandbox).different == 0


async def test_s1_known_dossiers_are_recalled_with_few_requests(path: Path) -> None:
    async with ProcuraSandbox(dossiers=65, seed=2) as sandbox, connect(sandbox) as procura:
        await run(path, procura)
        source = ProcuraSource(procura, first=FIRST, last=LAST)
        assert isinstance(source, RecallingSource)
        sandbox.break_row(sandbox.dossier_ids[7], field="type")
        before = len(sandbox.log)
        roots = [each async for each in source.recall(sandbox.dossier_ids)]
        assert {each.dossier for each in roots if isinstance(each, Root)} == set(
            sandbox.dossier_ids
        ) - {sandbox.dossier_ids[7]}
        assert len(sandbox.log) - before < 25


async def test_s1_a_control_that_fails_is_no_gap() -> None:
    async with ProcuraSandbox(dossiers=65, seed=2) as sandbox, connect(sandbox) as procura:
        sandbox.break_row(sandbox.dossier_ids[7], field="status_date")
        sandbox.add_fault(Fault(kind="status", status=500, match=f"POST {SEARCH}", after=3))
        source = ProcuraSource(procura.with_options(max_attempts=1), first=FIRST, last=LAST)
        rows: list[Any] = []

        async def read() -> None:
            async for row in source.listing():
                rows.append(row)  # noqa: PERF401 - what came before the error stays

        with pytest.raises(ServerError):
            await read()
        assert not [row for row in rows if isinstance(row, Gap)]


@pytest.mark.parametrize("page_size", [1, 7, 250, 6_000])
async def test_a_page_size_of_ones_own(path: Path, page_size: int) -> None:
    async with ProcuraSandbox(dossiers=30, seed=2) as sandbox, connect(sandbox) as procura:
        assert aside(await run(path, procura, page_size=page_size)) == []
        assert set(states(path)) == set(sandbox.dossier_ids)


def test_what_cannot_be_a_source() -> None:
    procura = ProcuraClient("https://example.com/x", credentials=("a", "b"))
    with pytest.raises(InputError, match="page_size"):
        ProcuraSource(procura, first=FIRST, last=LAST, page_size=0)
    with pytest.raises(InputError, match="before the first"):
        ProcuraSource(procura, first=LAST, last=FIRST)


async def test_a_slow_back_office_is_harvested_whole(path: Path) -> None:
    async with (
        ProcuraSandbox(dossiers=65, seed=2, busy_day=30) as sandbox,
        connect(sandbox) as procura,
    ):
        sandbox.slow_down(0.5)
        assert aside(await run(path, procura.with_options(max_attempts=1))) == []
        assert set(states(path)) == set(sandbox.dossier_ids)


# -------------------------------------------------------------------------------------- bad rows


@pytest.mark.parametrize(
    "row",
    [
        {"dossierId": ".."},
        {"dossierId": "."},
        {"dossierId": ""},
        {"dossierId": " "},
        {"dossierId": None},
        {"dossierId": True},
        {"dossierId": 12},
        {"dossierId": ["a"]},
        {"dossierId": "a\nb"},
        {"type": {"code": "birth"}},
        {},
        [],
        None,
        "A-1",
    ],
)
def test_a_row_that_names_no_dossier_is_put_aside(row: Any) -> None:
    found = root_of(FoundRow(row))
    assert isinstance(found, BadRow)
    assert "dossierId" in found.reason


@pytest.mark.parametrize("levels", [300, 900, 100_000])
def test_a_row_that_nests_deep_is_kept_or_put_aside(levels: int) -> None:
    for identifier in ("A-1", None):
        deep: Any = 1
        for _ in range(levels):
            deep = {"a": deep} if levels == 900 else [deep]
        row = FoundRow({"dossierId": identifier, "nieuw": deep})
        found = root_of(row)
        assert isinstance(found, Root if identifier and levels == 300 else Root | BadRow)
        assert RepeatFilter().is_news(row)


async def test_bad_rows_are_counted_and_the_others_go_on(path: Path) -> None:
    async with ProcuraSandbox(dossiers=5) as sandbox, connect(sandbox) as procura:
        source = ProcuraSource(procura, first=FIRST, last=LAST)
        listing = source.listing

        async def with_strangers() -> AsyncGenerator[Root | BadRow | Gap]:
            for identifier in ("..", "", None):
                yield root_of(FoundRow({"dossierId": identifier}))
            async for root in listing():
                yield root

        source.listing = with_strangers  # type: ignore[method-assign] # rows no sandbox has
        with Store.create(path, tenant="procura") as store:
            events = [event async for event in harvest(source, store)]
            assert [event.rows for event in aside(events)] == [3]
            assert set(store.states()) == set(sandbox.dossier_ids)
        paths = {entry.path for entry in sandbox.log}
        assert not any(".." in each or each.endswith("dossiers//documents") for each in paths)


@pytest.mark.parametrize(
    "odd",
    [
        {"startDate": "2024-06-00"},
        {"entryDateTime": 12},
        {"status": "created"},
        {"type": "birth"},
        {"referenceIds": {"0": {"id": "a"}}},
        {"description": ["x"]},
    ],
)
def test_one_odd_field_of_a_row_does_not_keep_its_dossier_out(odd: dict[str, Any]) -> None:
    found = root_of(FoundRow({"dossierId": "A-1", **odd}))
    assert isinstance(found, Root)
    assert found.row is not None
    assert orjson.loads(found.row[1].body) == {"dossierId": "A-1", **odd}


def test_a_digest_does_not_change_with_the_version_nor_with_the_order_of_references() -> None:
    wire = procura_wire()
    sandbox = ProcuraSandbox(dossiers=60, others=9)
    for dossier in sandbox.dossier_ids:
        row = orjson.loads(sandbox.row(dossier))
        found = root_of(FoundRow(row))
        assert isinstance(found, Root)
        # What earlier versions stored.
        assert found.digest == digest(wire.to_wire(wire.structure(row, Dossier)))
    several = [{"id": "a"}, {"id": "b"}]
    rows = [
        {"dossierId": "A", "referenceIds": several},
        {"dossierId": "A", "referenceIds": several[::-1], "description": None},
    ]
    first, second = (root_of(FoundRow(row)) for row in rows)
    assert isinstance(first, Root)
    assert isinstance(second, Root)
    assert first.digest == second.digest


# ------------------------------------------------------------------------------- rows that stay


async def test_s5_a_dossier_whose_detail_cannot_be_read_keeps_its_row_and_is_exported(
    path: Path, tmp_path: Path
) -> None:
    async with ProcuraSandbox(dossiers=12, seed=5) as sandbox, connect(sandbox) as procura:
        case = sandbox.cases[0]
        case.readable = False
        slashed = sandbox.cases[1]
        for each, name in ((slashed, "A/1"), (sandbox.cases[2], "B%2")):
            rename(sandbox, each.id, name)
        await run(path, procura.with_options(max_attempts=1))
        found = states(path)
        assert found[case.id] == "quarantined"
        assert found["A/1"] == "quarantined"
        assert set(found) == set(sandbox.dossier_ids)
        with Store.read(path) as store:
            for each in sandbox.cases:
                quoted = each.id.replace("%", "%25").replace("/", "%2F")
                body = store.body(f"/api/v1/dossiers/{quoted}")
                assert orjson.loads(body or b"") == each.dossier()
    export(path, tmp_path / "out", to="jsonl")
    lines = (tmp_path / "out" / "dossiers.jsonl").read_text().splitlines()
    exported = [json.loads(line)["dossier_id"] for line in lines]
    assert sorted(exported) == sorted(sandbox.dossier_ids)


def rename(sandbox: ProcuraSandbox, old: str, new: str) -> None:
    world = sandbox._world
    case = world.cases.pop(old)
    world._by_name[new] = world._by_name.pop(old)
    case.id = new
    world.cases[new] = case


async def test_a_row_costs_no_request_and_shows_nothing_that_is_gone(path: Path) -> None:
    async with ProcuraSandbox(dossiers=12, seed=5, others=4) as sandbox, connect(sandbox) as client:
        await run(path, client)
        details = [each for each in sandbox.log if each.method == "GET"]
        assert len(details) == 8 + 12
        with Store.read(path) as store:
            costs = dict(db_of(store).execute("SELECT cost, count(*) FROM dossiers GROUP BY cost"))
            assert costs == {1: 4, 2: 8}
        gone = sandbox.dossier_ids[0]
        sandbox.remove(gone)
        await run(path, client, Refresh())
        assert states(path)[gone] == "gone"


async def test_s5_a_long_document_id_does_not_lose_the_list(path: Path) -> None:
    async with ProcuraSandbox(dossiers=2) as sandbox, connect(sandbox) as procura:
        first = sandbox.dossier_ids[0]
        sandbox.add_document(first, filename="a" * 200 + ".pdf", content=b"%PDF-1.4 long")
        sandbox.add_document(first, filename="b.pdf", content=b"%PDF-1.4 short")
        with Store.create(path, tenant="procura") as store:
            source = ProcuraSource(procura, first=FIRST, last=LAST)
            async for _ in harvest(source, store, include=["documents", "content"]):
                pass
            bodies = set(dict(store.bodies()).values())
            assert {b"%PDF-1.4 long", b"%PDF-1.4 short"} < bodies
            assert store.states()[first] == "complete"
