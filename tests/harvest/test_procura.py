"""Harvests of Procura's sandbox over real HTTP, by the same engine."""

import datetime as dt
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import orjson
import pytest

from elements_procura.harvest import ProcuraSource, Refresh, ResourceQuarantined, Store, harvest
from elements_procura.procura._search import FoundRow
from elements_procura.procura.source import DETAILS, root_of
from elements_procura.sandbox import Fault, ProcuraSandbox
from elements_procura.spec.source import BY_ROW
from tests.harvest.harvesting import connect

FIRST, LAST = dt.date(2020, 1, 1), dt.date(2026, 1, 1)


def check(store: Any, sandbox: ProcuraSandbox) -> None:
    """Every body is the sandbox's, none is missing, and none is there that it does not hold."""
    truth: dict[str, bytes] = {}
    for dossier in sandbox.dossier_ids:
        truth |= sandbox.truth(dossier)
        truth[f"/api/v1/dossiers/{dossier}"] = sandbox.row(dossier)
    assert dict(store.bodies()) == truth


async def test_every_dossier_of_every_kind_is_harvested_and_equal(path: Path) -> None:
    async with ProcuraSandbox(dossiers=300, seed=3) as sandbox, connect(sandbox) as procura:
        with Store.create(path, tenant="procura") as store:
            run = harvest(ProcuraSource(procura, first=FIRST, last=LAST), store)
            async for _ in run:
                pass
            assert run.progress.harvested == 300
            assert set(store.states()) == set(sandbox.dossier_ids)
            check(store, sandbox)
        assert run.progress.requests == len(sandbox.log)


async def test_a_stopped_harvest_goes_on_without_asking_twice(path: Path) -> None:
    async with ProcuraSandbox(dossiers=40, seed=4) as sandbox, connect(sandbox) as procura:
        source = ProcuraSource(procura, first=FIRST, last=LAST)
        with Store.create(path, tenant="procura") as store:
            await _to_its_end(harvest(source, store, max_requests=30))
        with Store.open(path, tenant="procura") as store:
            await _to_its_end(harvest(source, store))
            check(store, sandbox)
        asked = [entry.path for entry in sandbox.log if entry.method == "GET"]
        assert len(asked) == len(set(asked)) == 80


async def test_what_the_server_cannot_read_is_quarantined(path: Path) -> None:
    async with ProcuraSandbox(dossiers=12, seed=5) as sandbox, connect(sandbox) as procura:
        broken = next(iter(sandbox.truth(sandbox.dossier_ids[0])))
        sandbox.add_fault(Fault(kind="html", match=f"GET *{broken}"))
        with Store.create(path, tenant="procura") as store:
            source = ProcuraSource(procura, first=FIRST, last=LAST)
            events = [event async for event in harvest(source, store)]
            (quarantined,) = [event for event in events if isinstance(event, ResourceQuarantined)]
            assert quarantined.dossier == sandbox.dossier_ids[0]
            assert "{dossierId}" in quarantined.error
            assert sandbox.dossier_ids[0] not in quarantined.error
            assert store.progress().harvested == 11


async def test_another_dossiers_answer_is_never_stored(path: Path) -> None:
    async with ProcuraSandbox(dossiers=6, seed=6) as sandbox, connect(sandbox) as procura:
        first = sandbox.dossier_ids[0]
        source = ProcuraSource(procura, first=FIRST, last=LAST)
        fetch = source.fetch

        async def mixed_up(work: Any) -> Any:
            answer = await fetch(work)
            if work.dossier == first and work.kind in DETAILS:
                shifted = orjson.loads(answer.body)
                shifted["dossier"]["dossierId"] = "ABC-1"
                return type("Other", (), {"body": orjson.dumps(shifted)})()
            return answer

        source.fetch = mixed_up  # type: ignore[method-assign] # a server that mixes up answers
        with Store.create(path, tenant="procura") as store:
            await _to_its_end(harvest(source, store))
            assert store.states()[first] == "quarantined"
            assert "the answer's id is not the one asked for" in store.quarantined()[0][2]


async def test_a_dossier_without_a_detail_keeps_its_row(path: Path) -> None:
    async with ProcuraSandbox(dossiers=1, seed=7) as sandbox, connect(sandbox) as procura:
        source = ProcuraSource(procura, first=FIRST, last=LAST)
        row = {"dossierId": "EXT 1/2", "type": {"code": "extract"}, "iets": None}

        async def listing() -> AsyncGenerator[Any]:
            yield root_of(FoundRow(row))

        source.listing = listing  # type: ignore[method-assign] # the sandbox has no such dossier
        with Store.create(path, tenant="procura") as store:
            run = harvest(source, store, include=["details"])
            await _to_its_end(run)
            assert store.states() == {"EXT 1/2": "complete"}
            assert orjson.loads(store.body("/api/v1/dossiers/EXT%201%2F2") or b"") == row
            assert run.progress.saved == {BY_ROW: 1}
        assert not sandbox.log


@pytest.mark.parametrize("first", ["birth", "extract", None])
async def test_a_case_of_another_type_is_read_where_it_is_now(
    path: Path, first: str | None
) -> None:
    async with ProcuraSandbox(dossiers=6, seed=6) as sandbox, connect(sandbox) as procura:
        case = sandbox.dossier_ids[0]
        row = orjson.loads(sandbox.row(case))
        there = f"{DETAILS[row['type']['code']]}/{case}"
        other = {"code": "commitment" if row["type"]["code"] == first else first}
        rows = [{**row, "type": other}, row, {**row, "type": None}]
        source = ProcuraSource(procura, first=FIRST, last=LAST)

        async def listing() -> AsyncGenerator[Any]:
            yield root_of(FoundRow(rows[0]))

        source.listing = listing  # type: ignore[method-assign] # the sandbox's types stay
        with Store.create(path, tenant="procura") as store:
            await _to_its_end(harvest(source, store))
            assert store.body(there) is None
            for _ in range(2):
                del rows[0]  # its type now; and then a row without one, which says nothing
                await _to_its_end(harvest(source, store, refresh=Refresh(budget=100)))
                assert store.body(there) == sandbox.truth(case)[there]
                assert store.states() == {case: "complete"}
                assert not store.progress().concerns


async def _to_its_end(run: Any) -> None:
    async for _ in run:
        pass
