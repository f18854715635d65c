"""What has changed, in files beside an export: together they hold what an export anew holds."""

import re
from pathlib import Path
from typing import Any

import duckdb
import pytest

from elements_procura.errors import InputError, StoreError
from elements_procura.export import export
from elements_procura.export.layout import Layout
from elements_procura.registry import harvest_spec_of
from elements_procura.sandbox import Sandbox
from tests.export.direct import fill, look_again
from tests.export.exporting import store_of

PAGE = Path(__file__).parents[2] / "docs" / "export.md"
(QUERY,) = re.findall(r"```sql\n(.*?)```", PAGE.read_text(), re.DOTALL)
LAYOUT = Layout(harvest_spec_of("elements"))
SHARED = {feed.node.table for feed in LAYOUT.firms.values()}


def names_of(table: str) -> str:
    """The columns, but for the time of the last look, which is in the notes."""
    columns = [column.name for column in LAYOUT.tables[table].columns]
    return ", ".join(f'"{name}"' for name in columns if name != "fetched_at")


def rows_of(out: Path, table: str) -> list[tuple[Any, ...]]:
    """The rows that a reader sees by the query of the docs."""
    query = QUERY.replace("tables/", f"{out}/").replace("hypotheken", table)
    columns = [
        column.name for column in LAYOUT.tables[table].columns if column.name != "fetched_at"
    ]
    names = ", ".join(f'"{name}"' for name in columns)
    with duckdb.connect() as db:
        return db.execute(f"SELECT {names} FROM ({query}) ORDER BY row_id").fetchall()


def test_parts_add_up_to_an_export_anew(tmp_path: Path) -> None:
    sandbox = Sandbox(dossiers=20, seed=7, limits="off")
    store, out, anew = tmp_path / "e.sqlite", tmp_path / "kept", tmp_path / "anew"
    sums = fill(store, sandbox, sandbox.dossier_ids)
    export(store, out, to="parquet")
    assert export(store, out, to="parquet", update=True)["tables"] == []
    for night in range(2):
        changed = sandbox.dossier_ids[night : night + 4]
        for each in changed:
            sandbox.change(each)
        look_again(store, sandbox, changed=changed, seen=sandbox.dossier_ids[-3:], sums=sums)
        part = export(store, out, to="parquet", update=True)
        told = {table["name"]: table["rows"] for table in part["tables"]}
        assert told["dossiers"] == len(changed)
        assert told.keys() < {*LAYOUT.tables, "_notes"}
    assert len([*out.glob("change=*")]) == 2
    export(store, anew, to="parquet")
    export(store, anew, to="parquet", force=True)
    tables = {file.stem for file in out.glob("change=*/*.parquet")} & LAYOUT.tables.keys()
    assert {"dossiers", "dossier_adviseurs"} <= tables
    for table in tables - SHARED:
        with duckdb.connect() as db:
            file = anew / f"{table}.parquet"
            expected = db.execute(
                f"SELECT {names_of(table)} FROM '{file}' ORDER BY row_id"
            ).fetchall()
        assert rows_of(out, table) == expected, table


@pytest.mark.parametrize("to", ["jsonl", "csv"])
def test_other_files_have_parts_as_well(tmp_path: Path, to: str) -> None:
    sandbox = Sandbox(dossiers=6, seed=7, limits="off")
    store, out = tmp_path / "e.sqlite", tmp_path / "out"
    sums = fill(store, sandbox, sandbox.dossier_ids)
    export(store, out, to=to)
    sandbox.change(sandbox.dossier_ids[0])
    look_again(store, sandbox, changed=sandbox.dossier_ids, seen=[], sums=sums)
    part = export(store, out, to=to, update=True)
    names = {file.name for file in (out / f"change={part['sequence']:012}").iterdir()}
    assert names >= {"_manifest.json", f"_notes.{to}", f"dossiers.{to}"}


def test_files_that_were_altered_or_are_another_store_s_are_refused(tmp_path: Path) -> None:
    first, second = (
        store_of(tmp_path / f"{name}.sqlite", (1, "dossier", "", {"id": 1})) for name in "ab"
    )
    out = tmp_path / "out"
    with pytest.raises(StoreError, match="nothing was exported"):
        export(first, out, to="csv", update=True)
    export(first, out, to="csv")
    with pytest.raises(StoreError, match="another store"):
        export(second, out, to="csv", update=True)
    with pytest.raises(StoreError, match="other files"):
        export(first, out, to="jsonl", update=True)
    with pytest.raises(InputError, match="all tables"):
        export(first, out, to="csv", update=True, kinds=["dossier"])
    (out / "dossiers.csv").write_text("mine")
    with pytest.raises(StoreError, match="was altered"):
        export(first, out, to="csv", update=True)
    export(first, out, to="csv", kinds=["dossier"], force=True)
    with pytest.raises(StoreError, match="other files"):
        export(first, out, to="csv", update=True)
