"""A dossier that could never be read is exported as the listing has it (E5)."""

import json
from pathlib import Path
from typing import Any

import pytest

from elements_procura.errors import StoreError
from elements_procura.export import export
from elements_procura.harvest import Refresh, Store, StoreReader, harvest
from elements_procura.sandbox import Fault, Sandbox
from tests.export.exporting import TENANT, cells_of, lines_of
from tests.harvest.harvesting import connect
from tests.harvest.inside import db_of

LISTING = "/api/data/klantdossiers"
BROKEN = ("status", "html", "other-body")
DOSSIERS = 12


def broken(sandbox: Sandbox) -> list[int]:
    """Three of the dossiers, each broken in its own way from now on."""
    chosen = sandbox.dossier_ids[2:5]
    for dossier, kind in zip(chosen, BROKEN, strict=True):
        sandbox.add_fault(Fault(kind=kind, status=500, match=f"GET {LISTING}/{dossier}"))
    return sorted(chosen)


async def fetch(sandbox: Sandbox, path: Path, *, refresh: bool = False) -> Any:
    """One run; what somebody has to know of."""
    opened = Store.open if path.exists() else Store.create
    async with connect(sandbox) as elements:
        with opened(path, tenant=TENANT) as store:
            async for _ in harvest(
                elements, store, include=["kantoor"], refresh=Refresh() if refresh else None
            ):
                pass
            return store.progress().unacknowledged


async def listed(sandbox: Sandbox) -> dict[int, dict[str, Any]]:
    """The rows of the listing, decoded, by id."""
    async with connect(sandbox) as elements:
        return {row.value["id"]: row.value async for row in elements.klantdossiers.rows()}


@pytest.mark.parametrize("to", ["jsonl", "csv", "parquet"])
async def test_e5_every_dossier_is_in_an_export(tmp_path: Path, to: str) -> None:
    path = tmp_path / "elements.sqlite"
    async with Sandbox(dossiers=DOSSIERS, limits="off") as sandbox:
        chosen = broken(sandbox)
        known = await fetch(sandbox, path)
        assert {(each.subject, each.state) for each in known} == {
            (f"dossier:{each}", "quarantined") for each in chosen
        }
        everybody, rows = sorted(sandbox.dossier_ids), await listed(sandbox)
    manifest = export(path, tmp_path / "out", to=to)
    file = tmp_path / "out" / f"dossiers.{to}"
    (table,) = (each for each in manifest["tables"] if each["name"] == "dossiers")
    assert table["rows"] == DOSSIERS
    assert manifest["listed"] == manifest["quarantined"] == {"dossier": 3}
    assert manifest["whose"]["listed"] == {"dossier": chosen}
    if to == "parquet":
        return
    told = lines_of(file) if to == "jsonl" else cells_of(file)
    by_id = {int(each["id"] or 0): each for each in told}
    assert sorted(by_id) == everybody
    for each in chosen:
        assert by_id[each]["omschrijving"] == rows[each]["omschrijving"]
        assert str(by_id[each]["dossier_id"]) == str(each)
    # Answers are answers: a row is none.
    with StoreReader.read(path) as reader:
        assert not {f"{LISTING}/{each}" for each in chosen} & dict(reader.bodies()).keys()
        assert not {each.dossier for each in reader.documents()} & {*chosen}


async def test_e5_as_they_came_a_row_tells_where_it_is_from(tmp_path: Path) -> None:
    path = tmp_path / "elements.sqlite"
    async with Sandbox(dossiers=DOSSIERS, limits="off") as sandbox:
        chosen = broken(sandbox)
        await fetch(sandbox, path)
        rows = await listed(sandbox)
    export(path, tmp_path / "out", to="jsonl", raw=True, kinds=["dossier"])
    told = lines_of(tmp_path / "out" / "dossiers.jsonl")
    assert len(told) == DOSSIERS
    spare = {each["dossier_id"]: each for each in told if each["path"] == LISTING}
    assert sorted(spare) == chosen
    assert {each: json.loads(spare[each]["body"]) for each in chosen} == {
        each: rows[each] for each in chosen
    }
    assert all(each["since"].startswith("20") for each in told)


async def test_e5_it_heals_once_they_answer(tmp_path: Path) -> None:
    path = tmp_path / "elements.sqlite"
    async with Sandbox(dossiers=DOSSIERS, limits="off") as sandbox:
        broken(sandbox)
        await fetch(sandbox, path)
        sandbox.clear_faults()
        assert await fetch(sandbox, path, refresh=True) == ()
    manifest = export(path, tmp_path / "out", to="jsonl", raw=True)
    assert (manifest["listed"], manifest["quarantined"]) == ({}, {})
    told = lines_of(tmp_path / "out" / "dossiers.jsonl")
    assert len({each["path"] for each in told}) == len(told) == DOSSIERS
    with StoreReader.read(path) as reader:
        assert db_of(reader).execute("SELECT count(*) FROM spares").fetchone() == (0,)


async def test_a_row_follows_the_listing(tmp_path: Path) -> None:
    path = tmp_path / "elements.sqlite"
    async with Sandbox(dossiers=DOSSIERS, limits="off") as sandbox:
        dossier = broken(sandbox)[0]
        await fetch(sandbox, path)
        sandbox.change(dossier)
        await fetch(sandbox, path, refresh=True)
        now = (await listed(sandbox))[dossier]
    export(path, tmp_path / "out", to="jsonl", raw=True)
    (row,) = (
        each
        for each in lines_of(tmp_path / "out" / "dossiers.jsonl")
        if each["dossier_id"] == dossier
    )
    assert json.loads(row["body"]) == now


async def test_a_damaged_row_is_told(tmp_path: Path) -> None:
    path = tmp_path / "elements.sqlite"
    async with Sandbox(dossiers=DOSSIERS, limits="off") as sandbox:
        chosen = broken(sandbox)
        await fetch(sandbox, path)
    with Store.open(path, tenant=TENANT) as store:
        db_of(store).execute("UPDATE spares SET body = CAST(body || ' ' AS BLOB)")
        assert sorted(int(each.dossier) for each in store.verify().damaged) == chosen
    with pytest.raises(StoreError, match="not as stored"):
        export(path, tmp_path / "out", to="jsonl")
