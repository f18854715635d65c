"""Tables in a DuckDB file: all at first, then what has changed; whose they are is checked."""

import asyncio
import json
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from elements_procura.elements.client import ElementsClient
from elements_procura.errors import InputError, StoreError
from elements_procura.export import export
from elements_procura.export.layout import Layout
from elements_procura.export.warehouse.duckdb_tables import OpenDuckDB
from elements_procura.harvest import Refresh, Store, harvest
from elements_procura.harvest.store import copy
from elements_procura.registry import harvest_spec_of
from elements_procura.sandbox import Sandbox
from elements_procura.spec.source import Discovery, Root, Row, Want
from tests.export.exporting import DOSSIER, TENANT, store_of
from tests.harvest.harvesting import connect


def rows_of(file: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every living row, each as text."""
    with duckdb.connect(file, read_only=True) as db:
        return {
            table: db.execute(
                f'SELECT CAST(t AS VARCHAR) FROM "{table}" AS t WHERE deleted_at IS NULL'
                " ORDER BY row_id"
            ).fetchall()
            for table in Layout(harvest_spec_of("elements")).tables
        }


async def refresh(elements: ElementsClient, store: Store) -> None:
    async for _ in harvest(elements, store, refresh=Refresh()):
        pass


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[tuple[Sandbox, ElementsClient, Store, Path]]:
    path = tmp_path / "e.sqlite"
    async with Sandbox(dossiers=12, seed=3, limits="off") as sandbox, connect(sandbox) as elements:
        with Store.create(path, tenant=TENANT) as store:
            async for _ in harvest(elements, store):
                pass
            yield sandbox, elements, store, path


@pytest.mark.parametrize("few", [20_000, 0])
async def test_what_has_changed_is_brought_and_equals_an_export_of_everything(
    world: tuple[Sandbox, ElementsClient, Store, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    few: int,
) -> None:
    monkeypatch.setattr("elements_procura.export.warehouse.duckdb_tables._FEW", few)
    sandbox, elements, store, path = world
    kept, anew = tmp_path / "kept.duckdb", tmp_path / "anew.duckdb"
    first = export(path, kept, to="duckdb")
    assert (first["since"], first["rows"]) == (None, first["written"] | _empty(first))
    assert kept.stat().st_mode & 0o777 == 0o600
    again = export(path, kept, to="duckdb")
    assert (again["since"], again["written"], again["notes"]) == (first["sequence"], {}, {})
    for _ in range(2):
        changed, removed = sandbox.dossier_ids[:2], sandbox.dossier_ids[-1]
        for each in changed:
            sandbox.change(each)
        sandbox.remove(removed)
        await refresh(elements, store)
        done = await asyncio.to_thread(export, path, kept, to="duckdb")
        export(path, anew, to="duckdb", force=True)
        assert done["written"]["dossiers"] == len(changed)
        assert rows_of(kept) == rows_of(anew)
        assert (sums_of(kept), done["rows"]) == (sums_of(anew), counts_of(anew))
        with duckdb.connect(kept, read_only=True) as db:
            gone = "SELECT dossier_id FROM dossiers WHERE deleted_at IS NOT NULL"
            assert (removed,) in db.execute(gone).fetchall()
        with duckdb.connect(kept) as db:  # what is gone is anybody's to delete
            db.execute("DELETE FROM dossiers WHERE deleted_at IS NOT NULL")
            db.execute("CREATE VIEW mine AS SELECT id FROM dossiers")
        assert export(path, kept, to="duckdb")["since"] == done["sequence"]
        with duckdb.connect(kept) as db:
            db.execute("DROP VIEW mine")
    with duckdb.connect(kept) as db:
        db.execute("UPDATE particulier SET fetched_at = fetched_at + INTERVAL 1 SECOND")
    with pytest.raises(StoreError, match="other rows in particulier"):
        export(path, kept, to="duckdb")
    assert [each.name for each in tmp_path.glob(".*")] == []


def sums_of(file: Path) -> Any:
    """The sums of its rows that a file tells of."""
    with duckdb.connect(file, read_only=True) as db:
        (told,) = db.execute("SELECT standing FROM _export").fetchall()
    return json.loads(told[0])["seal"]


def counts_of(file: Path) -> dict[str, int]:
    return {name: len(rows) for name, rows in rows_of(file).items()}


def _empty(done: dict[str, Any]) -> dict[str, int]:
    return {table: 0 for table in done["rows"] if table not in done["written"]}


def test_a_target_of_another_store_or_tenant_is_refused(tmp_path: Path) -> None:
    first, second = (
        store_of(tmp_path / f"{name}.sqlite", (1, "dossier", "", {"id": 1})) for name in "ab"
    )
    out = tmp_path / "out.duckdb"
    export(first, out, to="duckdb")
    with pytest.raises(StoreError, match="another store") as caught:
        export(second, out, to="duckdb")
    assert "--force" in caught.value.hint
    copy(first, tmp_path / "copy.sqlite")
    assert export(tmp_path / "copy.sqlite", out, to="duckdb")["since"] is not None
    export(second, out, to="duckdb", force=True)
    with pytest.raises(StoreError, match="another store"):
        export(first, out, to="duckdb")


def test_an_earlier_copy_that_has_overtaken_the_target_is_refused(tmp_path: Path) -> None:
    """It has given the numbers that the target has come to, and more, to other changes."""
    store, older = tmp_path / "a.sqlite", tmp_path / "older.sqlite"
    store_of(store, (1, "dossier", "", {"id": 1}))
    copy(store, older)
    out, files = tmp_path / "out.duckdb", tmp_path / "files"
    _list(store, 2)
    export(store, out, to="duckdb")
    export(store, files, to="csv")
    _list(older, 3, 4)
    for to, where in (("duckdb", out), ("csv", files)):
        with pytest.raises(StoreError, match="an earlier copy") as caught:
            export(older, where, to=to, update=to == "csv")
        assert "--force" in caught.value.hint
    _list(store, 5)
    assert export(store, out, to="duckdb")["written"] == {"dossiers": 1}
    export(older, out, to="duckdb", force=True)
    with duckdb.connect(out) as db:
        assert db.execute("SELECT id FROM dossiers ORDER BY id").fetchall() == [(1,), (3,), (4,)]


def _list(where: Path, *dossiers: int) -> None:
    with Store.open(where, tenant=TENANT) as store:
        rows = [
            Root(
                each,
                Discovery(),
                (Want("dossier", DOSSIER.format(each)), Row(b'{"id": %d}' % each)),
            )
            for each in dossiers
        ]
        store.add_dossiers(rows, listing=store.begin_listing())


def test_only_a_file_that_somebody_has_opened_is_read_for_alterations(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = []
    broken = OpenDuckDB.broken

    def look(self: OpenDuckDB, seal: Any) -> list[str]:
        looked.append(seal)
        return broken(self, seal)

    monkeypatch.setattr(OpenDuckDB, "broken", look)
    store, out = tmp_path / "a.sqlite", tmp_path / "out.duckdb"
    store_of(store, (1, "dossier", "", {"id": 1}))
    for _ in range(3):
        export(store, out, to="duckdb")
    assert looked == []
    shutil.copy(out, tmp_path / "copy")
    (tmp_path / "copy").replace(out)  # the same bytes
    assert (export(store, out, to="duckdb")["since"], len(looked)) == (1, 1)
    script = (
        "import duckdb, os, sys; db = duckdb.connect(sys.argv[1]);"
        " db.execute(\"UPDATE dossiers SET omschrijving = 'mine'\"); os._exit(9)"
    )
    before = out.stat().st_mtime_ns
    subprocess.run([sys.executable, "-c", script, out], check=False)
    assert out.stat().st_mtime_ns == before  # what was altered stands beside it
    with pytest.raises(StoreError, match="other rows in dossiers"):
        export(store, out, to="duckdb")


@pytest.mark.parametrize(
    ("altering", "problem"),
    [
        ("DELETE FROM dossiers", "other rows in dossiers"),
        ("DROP TABLE hypotheken", "hypotheken is not as it was made"),
        ("ALTER TABLE dossiers ADD COLUMN mine INTEGER", "dossiers is not as it was made"),
        ("UPDATE _export SET standing = replace(standing, '1', '2')", "was altered"),
        ("DELETE FROM _export; INSERT INTO _export VALUES ('{}')", "was altered"),
        ("DELETE FROM _export", "was altered"),
        ("ALTER TABLE _export RENAME COLUMN standing TO mine", "was altered"),
        ("UPDATE dossiers SET omschrijving = 'mine'", "other rows in dossiers"),
        ("UPDATE dossiers SET row_id = 'mine'", "other rows in dossiers"),
    ],
)
def test_a_target_that_was_tampered_with_is_refused(
    tmp_path: Path, altering: str, problem: str
) -> None:
    store = store_of(tmp_path / "a.sqlite", (1, "dossier", "", {"id": 1}))
    out = tmp_path / "out.duckdb"
    export(store, out, to="duckdb")
    with duckdb.connect(out) as db:
        db.execute(altering)
    with pytest.raises(StoreError, match=problem):
        export(store, out, to="duckdb")
    export(store, out, to="duckdb", force=True)
    assert export(store, out, to="duckdb")["since"] is not None


def test_a_file_that_could_not_be_begun_is_taken_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = store_of(tmp_path / "a.sqlite", (1, "dossier", "", {"id": 1}))
    out = tmp_path / "a.duckdb"
    connect_as_ever = duckdb.connect

    def full(path: Path, **_: Any) -> None:
        path.write_bytes(b"\0" * 4096)  # as on a disk with room for a block
        raise duckdb.IOException("No space left on device")

    monkeypatch.setattr(duckdb, "connect", full)
    with pytest.raises(StoreError):
        export(store, out, to="duckdb")
    assert not out.exists()
    monkeypatch.setattr(duckdb, "connect", connect_as_ever)
    export(store, out, to="duckdb")
    assert out.exists()


def test_a_row_may_be_longer_than_the_memory_that_is_usual(tmp_path: Path) -> None:
    text = 'x\r\n"é,' * 400_000
    bodies = [(each, "dossier", "", {"id": each, "omschrijving": text}) for each in range(1, 13)]
    store, out = store_of(tmp_path / "a.sqlite", *bodies), tmp_path / "out.duckdb"
    export(store, out, to="duckdb")
    with duckdb.connect(out, read_only=True) as db:
        query = "SELECT count(*) FROM dossiers WHERE omschrijving = ?"
        assert db.execute(query, [text]).fetchall() == [(12,)]


def test_what_is_no_export_is_left_alone(tmp_path: Path) -> None:
    store = store_of(tmp_path / "a.sqlite", (1, "dossier", "", {"id": 1}))
    with duckdb.connect(tmp_path / "mine.duckdb") as db:
        db.execute("CREATE TABLE mine (a INTEGER)")
    (tmp_path / "text").write_text("mine")
    for file, problem in (("mine.duckdb", "are no export"), ("text", "no DuckDB file")):
        with pytest.raises(StoreError, match=problem):
            export(store, tmp_path / file, to="duckdb")
    assert (tmp_path / "text").read_text() == "mine"
    with pytest.raises(InputError, match="--kinds"):
        export(store, tmp_path / "a.duckdb", to="duckdb", kinds=["dossier"])
    with pytest.raises(InputError, match="needs a file"):
        export(store, to="duckdb")
