"""Refreshes of Procura's sandbox over real HTTP, by the same engine."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from elements_procura.demo import verify_procura
from elements_procura.harvest import DossierSettled, ProcuraSource, Refresh, Store, harvest
from elements_procura.harvest.records import UNLISTED_AND_404
from elements_procura.procura.client import ProcuraClient
from elements_procura.procura.source import DETAILS
from elements_procura.sandbox import ProcuraSandbox
from tests.harvest.harvesting import connect

FIRST, LAST = dt.date(2020, 1, 1), dt.date(2026, 12, 31)


async def run(
    store: Store,
    procura: ProcuraClient,
    refresh: Refresh | None = Refresh(),  # noqa: B008 - it is frozen
    *,
    include: list[str] | None = None,
) -> dict[Any, bool | None]:
    """A run on ``store``: which dossiers were fetched, and whether they had changed."""
    source = ProcuraSource(procura, first=FIRST, last=LAST)
    events = harvest(source, store, refresh=refresh, include=include)
    return {each.dossier: each.changed async for each in events if isinstance(each, DossierSettled)}


async def test_a_change_is_found_whether_the_search_shows_it_or_not(path: Path) -> None:
    async with (
        ProcuraSandbox(dossiers=60, seed=4, others=15) as sandbox,
        connect(sandbox) as procura,
    ):
        with Store.create(path, tenant="procura") as store:
            await run(store, procura, None)
            kinds = {each.dossier for each in store.documents() if each.kind in DETAILS}
            detailed = [each for each in sandbox.dossier_ids if each in kinds]
            plain = [each for each in sandbox.dossier_ids if each not in kinds]
            sandbox.change(detailed[0])
            sandbox.change(plain[0])
            sandbox.add_document(detailed[1])
            # The search shows that two have changed: they come first.
            assert await run(store, procura, Refresh(budget=4)) == {
                detailed[0]: True,
                plain[0]: True,
            }
            found = await run(store, procura)
            assert found == {each: each == detailed[1] for each in sandbox.dossier_ids}
            assert verify_procura(store, sandbox).equal


@pytest.mark.parametrize("has_detail", [False, True])
async def test_a_case_that_is_removed_is_deleted_by_evidence(path: Path, has_detail: bool) -> None:
    async with (
        ProcuraSandbox(dossiers=60, seed=4, others=15) as sandbox,
        connect(sandbox) as procura,
    ):
        with Store.create(path, tenant="procura") as store:
            await run(store, procura, None)
            kinds = {each.dossier for each in store.documents() if each.kind in DETAILS}
            lost = next(each for each in sandbox.dossier_ids if (each in kinds) == has_detail)
            sandbox.remove(lost)
            found = await run(store, procura)
            assert found[lost] is True
            assert store.deleted() == {lost: UNLISTED_AND_404}
            assert verify_procura(store, sandbox).equal
            assert store.progress().complete
            new = sandbox.add_dossier()
            await run(store, procura)
            assert store.states()[new] == "complete"
            assert verify_procura(store, sandbox).equal


async def test_rows_alone_are_refreshed_by_the_search(path: Path) -> None:
    async with (
        ProcuraSandbox(dossiers=30, seed=4, others=8) as sandbox,
        connect(sandbox) as procura,
    ):
        with Store.create(path, tenant="procura", history=True) as store:
            await run(store, procura, None, include=["details"])
            kinds = {each.dossier for each in store.documents() if each.kind in DETAILS}
            kept = [each for each in store.documents() if each.kind == "row"]
            rows = [each.path for each in kept if each.dossier not in kinds]
            busy = rows[0].rpartition("/")[2]
            fetched = store.staleness(now=4e9).oldest
            sandbox.change(busy)
            found = await run(store, procura)
            assert busy not in found
            assert store.staleness(now=4e9).oldest < fetched
            assert len(store.history(rows[0])) == 1
            assert verify_procura(store, sandbox).equal
