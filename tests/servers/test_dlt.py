"""Tables in destinations of dlt: all at first, then what has changed; whose they are is checked."""

import contextlib
import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from elements_procura.errors import ConfigError, InputError, StoreError
from elements_procura.export import export, make_key
from elements_procura.export.layout import Layout, Table
from elements_procura.harvest import Store
from elements_procura.registry import harvest_spec_of
from elements_procura.sandbox import Sandbox
from tests.export.direct import TENANT, fill, look_again
from tests.export.exporting import store_of
from tests.harvest.inside import db_of

LAYOUT = Layout(harvest_spec_of("elements"))
DATASET = "elements_elements_1"
PAGE = Path(__file__).parents[2] / "docs" / "warehouse.md"
(QUERY,) = re.findall(r"```sql\n(.*?)```", PAGE.read_text().partition("## Four")[0], re.DOTALL)
Tables = dict[str, list[tuple[Any, ...]]]


@pytest.fixture(autouse=True)
def folder_of_dlt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """dlt's own folder; nothing is left in it."""
    folder = tmp_path / "dlt"
    monkeypatch.setenv("DLT_DATA_DIR", str(folder))
    yield folder
    assert {each.name for each in folder.rglob("*") if each.is_file()} <= {".lock"}


def current(place: Path, table: str) -> str:
    """The rows of a table that count, as docs/warehouse.md shows."""
    if place.suffix == ".duckdb":
        return f"{DATASET}.{table}"
    query = QUERY.replace("lake/elements_kantoor/hypotheken", f"{place}/{DATASET}/{table}")
    return f"({query.replace(' AND deleted_at IS NULL', '')})"


@contextlib.contextmanager
def database(place: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    is_file = place.suffix == ".duckdb"
    with duckdb.connect(place if is_file else ":memory:", read_only=is_file) as db:
        yield db


def texts_of(table: Table) -> str:
    return ", ".join(f'CAST("{each.name}" AS VARCHAR)' for each in table.columns)


def rows_of(place: Path, *, alive: bool = True) -> Tables:
    """Every row that counts, each as text."""
    with database(place) as db:
        return {
            name: db.execute(
                f"SELECT {texts_of(table)} FROM {current(place, name)}"
                f"{' WHERE deleted_at IS NULL' if alive else ''} ORDER BY row_id"
            ).fetchall()
            for name, table in LAYOUT.tables.items()
        }


def truth_of(store: Path, folder: Path) -> Tables:
    """What an export of everything into DuckDB holds."""
    file = folder / "truth.duckdb"
    export(store, file, to="duckdb", force=True)
    with duckdb.connect(file, read_only=True) as db:
        return {
            name: db.execute(f'SELECT {texts_of(table)} FROM "{name}" ORDER BY row_id').fetchall()
            for name, table in LAYOUT.tables.items()
        }


def place_of(folder: Path, to: str) -> Path:
    return folder / ("kept.duckdb" if to == "dlt:duckdb" else "kept")


def dismiss(store: Path, dossier: int) -> None:
    """Let a store find that the server has a dossier no more."""
    with Store.open(store, tenant=TENANT) as opened:
        db = db_of(opened)
        db.execute(
            "UPDATE resources SET state = 'gone', status = 404, change = NULL WHERE dossier = ?",
            (dossier,),
        )
        db.commit()


def empty(store: Path, kind: str, dossier: int) -> None:
    """Let a collection of a dossier have lost its records."""
    from elements_procura.harvest.packing import pack  # noqa: PLC0415 - of this helper alone

    with Store.open(store, tenant=TENANT) as opened:
        db = db_of(opened)
        (number,) = db.execute(
            "SELECT id FROM resources WHERE kind = ? AND dossier = ?", (kind, dossier)
        ).fetchone()
        body = json.dumps({"_embedded": {kind: []}}).encode()
        db.execute("UPDATE bodies SET body = ? WHERE resource = ?", (pack(body), number))
        db.execute(
            "UPDATE resources SET change = NULL, sha256 = ? WHERE id = ?",
            (hashlib.sha256(body).digest(), number),
        )
        db.commit()


@pytest.mark.parametrize("to", ["dlt:duckdb", "dlt:filesystem"])
def test_nights_add_up_to_an_export_anew(tmp_path: Path, to: str) -> None:
    sandbox = Sandbox(dossiers=12, seed=7, limits="off")
    store, place = tmp_path / "e.sqlite", place_of(tmp_path, to)
    ids = sandbox.dossier_ids
    sums = fill(store, sandbox, ids)
    first = export(store, place, to=to)
    assert (first["since"], first["target"]) == (None, f"{to}/{DATASET}")
    assert rows_of(place) == truth_of(store, tmp_path)
    again = export(store, place, to=to)
    assert (again["since"], again["written"]) == (first["sequence"], {})

    before = rows_of(place)["producten"]
    for each in ids[:3]:
        sandbox.change(each)
    look_again(store, sandbox, changed=ids[:3], seen=ids[3:5], sums=sums)
    dismiss(store, ids[7])
    empty(store, "producten", ids[4])
    empty(store, "adviseurs", ids[5])
    done = export(store, place, to=to)
    assert {*done["notes"]} == {"changed", "looked", "deleted"}
    truth = truth_of(store, tmp_path)
    assert rows_of(place) == truth
    assert done["rows"] == {name: len(rows) for name, rows in truth.items()}
    everything = rows_of(place, alive=False)
    at = [each.name for each in LAYOUT.tables["producten"].columns]
    gone = [row for row in everything["producten"] if row[at.index("deleted_at")]]
    assert {row[at.index("dossier_id")] for row in gone} == {str(ids[4]), str(ids[7])}
    end = at.index("deleted_at")
    assert {row[:end] for row in gone} <= {row[:end] for row in before}  # the rest stays

    with Store.open(store, tenant=TENANT) as opened:  # and one of them is erased
        db = db_of(opened)
        db.execute("INSERT INTO erased (resource) SELECT id FROM resources WHERE state = 'gone'")
        db.execute("DELETE FROM resources WHERE state = 'gone'")
        db.commit()
    done = export(store, place, to=to)
    assert (done["since"] is None) == (to == "dlt:filesystem")  # where files cannot be altered
    dossiers = rows_of(place, alive=False)["dossiers"]
    assert str(ids[7]) not in {row[0] for row in dossiers}
    assert rows_of(place) == truth_of(store, tmp_path)
    held = b"".join(each.read_bytes() for each in tmp_path.rglob("kept/**/*") if each.is_file())
    assert str(ids[7]).encode() not in held


def altered(place: Path, statement: str) -> None:
    with duckdb.connect(place) as db:
        db.execute(f"SET search_path = '{DATASET}'")
        db.execute(statement)


@pytest.mark.parametrize(
    ("altering", "problem"),
    [
        ("DELETE FROM dossiers", "other rows in dossiers"),
        ("DROP TABLE hypotheken_productdelen", "hypotheken_productdelen is not as it was made"),
        ("ALTER TABLE dossiers ADD COLUMN mine INTEGER", "dossiers is not as it was made"),
        ("UPDATE _export SET standing = replace(standing, '1', '2')", "was altered"),
        ("DELETE FROM _export", "was altered"),
        ("DROP TABLE _export", "are no export"),
    ],
)
def test_a_dataset_that_was_tampered_with_is_refused(
    tmp_path: Path, altering: str, problem: str
) -> None:
    store = store_of(tmp_path / "a.sqlite", (1, "dossier", "", {"id": 1}))
    place = tmp_path / "kept.duckdb"
    export(store, place, to="dlt:duckdb")
    altered(place, altering)
    with pytest.raises(StoreError, match=problem):
        export(store, place, to="dlt:duckdb")
    export(store, place, to="dlt:duckdb", force=True)
    assert export(store, place, to="dlt:duckdb")["since"] is not None


def test_files_that_were_taken_away_and_other_stores_are_refused(tmp_path: Path) -> None:
    first, second = (
        store_of(tmp_path / f"{name}.sqlite", (1, "dossier", "", {"id": 1})) for name in "ab"
    )
    place = tmp_path / "kept"
    export(first, place, to="dlt:filesystem")
    with pytest.raises(StoreError, match="another store"):
        export(second, place, to="dlt:filesystem")
    (file,) = (place / DATASET / "dossiers").glob("*.parquet")
    file.unlink()
    with pytest.raises(StoreError, match="dossiers"):
        export(first, place, to="dlt:filesystem")
    export(first, place, to="dlt:filesystem", force=True)
    assert len(rows_of(place)["dossiers"]) == 1


def test_what_is_no_destination_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = store_of(tmp_path / "a.sqlite", (1, "dossier", "", {"id": 1}))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="knows no destination"):
        export(store, to="dlt:nowhere")
    with pytest.raises(InputError, match="needs a destination"):
        export(store, to="dlt:")
    with pytest.raises(ConfigError, match="lacks settings: bucket_url"):
        export(store, to="dlt:filesystem")
    with pytest.raises(ConfigError, match="password") as caught:
        export(store, to="dlt:postgres", url="postgresql://me:secret@db/x")
    assert "secret" not in str(caught.value)
    with pytest.raises(InputError, match="alter the dataset's name"):
        export(store, tmp_path / "x", to="dlt:filesystem", schema="Mine__1")
    with pytest.raises(InputError, match="--kinds"):
        export(store, tmp_path / "x", to="dlt:filesystem", kinds=["dossier"])


def test_pseudonyms_join_there_as_well(tmp_path: Path) -> None:
    sandbox = Sandbox(dossiers=3, seed=7, limits="off")
    store, place = tmp_path / "e.sqlite", tmp_path / "kept.duckdb"
    sums = fill(store, sandbox, sandbox.dossier_ids)
    make_key(tmp_path / "key")
    export(store, place, to="dlt:duckdb", pseudonymise=tmp_path / "key")
    sandbox.change(sandbox.dossier_ids[0])
    look_again(store, sandbox, changed=sandbox.dossier_ids, seen=[], sums=sums)
    done = export(store, place, to="dlt:duckdb", pseudonymise=tmp_path / "key")
    assert done["since"] is not None
    with duckdb.connect(place, read_only=True) as db:
        (count,) = db.execute(
            f"SELECT count(*) FROM {DATASET}.dossiers AS d"
            f" JOIN {DATASET}.particulier AS p ON p.dossier_id = d.dossier_id"
        ).fetchone() or (0,)
        assert count == done["rows"]["particulier"]
    held = place.read_bytes()
    for each in sandbox.dossier_ids:
        for body in sandbox.truth(each).values():
            for bsn in [part.split(b'"')[0] for part in body.split(b'"bsn":"')[1:]]:
                assert not bsn or bsn not in held


KILLED = """
import sys
from elements_procura.export import export
from elements_procura.export.warehouse.dlt_dataset import Dataset
load, left = Dataset.load, int(sys.argv[3])
def counted(self, loads, *, anew=False):
    global left
    if not left:
        print("there", flush=True)
        sys.stdin.read()
    left -= 1
    load(self, loads, anew=anew)
Dataset.load = counted
export(sys.argv[1], sys.argv[2], to="dlt:duckdb")
"""


@pytest.mark.parametrize("loads", [0, 1, 2])
def test_a_killed_export_is_completed_by_the_next(tmp_path: Path, loads: int) -> None:
    sandbox = Sandbox(dossiers=4, seed=7, limits="off")
    store, place = tmp_path / "e.sqlite", tmp_path / "kept.duckdb"
    sums = fill(store, sandbox, sandbox.dossier_ids)
    for night in range(2):  # one of everything, one of what has changed
        with subprocess.Popen(
            [sys.executable, "-c", KILLED, str(store), str(place), str(loads)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ,
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"there\n"
            process.kill()
        done = export(store, place, to="dlt:duckdb")
        assert (done["since"] is None) == (night == 0)
        assert rows_of(place) == truth_of(store, tmp_path)
        for each in sandbox.dossier_ids[:2]:
            sandbox.change(each)
        look_again(store, sandbox, changed=sandbox.dossier_ids, seen=[], sums=sums)


TELLS = """
import http.server, os, sys, threading
told = []
class Heard(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        told.append(self.path)
        self.send_response(200)
        self.end_headers()
    log_message = lambda *_: None
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Heard)
threading.Thread(target=server.serve_forever, daemon=True).start()
os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "true"
os.environ["RUNTIME__DLTHUB_TELEMETRY_ENDPOINT"] = f"http://127.0.0.1:{server.server_port}/told"
import dlt
pipeline = dlt.pipeline("mine", destination="filesystem")
if sys.argv[1] != "nothing":
    from elements_procura.export import export
    export(sys.argv[1], sys.argv[2], to="dlt:filesystem")
else:
    place = dlt.destinations.filesystem(sys.argv[2])
    dlt.pipeline("mine", destination=place).run([{"a": 1}], table_name="mine")
from dlt.common.runtime.telemetry import stop_telemetry
stop_telemetry()  # waits for what is on its way
print(len(told))
assert os.environ["RUNTIME__DLTHUB_TELEMETRY"] == "true"
"""


def test_its_makers_hear_nothing_of_it(tmp_path: Path) -> None:
    store = store_of(tmp_path / "a.sqlite", (1, "dossier", "", {"id": 1}))
    heard: dict[str, int] = {}
    for name in (str(store), "nothing"):
        done = subprocess.run(
            [sys.executable, "-c", TELLS, name, str(tmp_path / f"out{len(heard)}")],
            check=True,
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env=os.environ | {"DLT_DATA_DIR": str(tmp_path / "own")},
        )
        heard[name] = int(done.stdout)
    assert heard[str(store)] == 0
    assert heard["nothing"] > 0  # the ear works
