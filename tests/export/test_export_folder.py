"""Where an export goes: whole or not at all, private, and in nobody's way."""

import asyncio
import base64
import contextlib
import hashlib
import io
import json
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from elements_procura._version import __version__
from elements_procura.elements.client import ElementsClient
from elements_procura.errors import StoreError
from elements_procura.export import export
from elements_procura.export.folder import Folder
from elements_procura.export.layout import Layout
from elements_procura.export.sinks import JsonLines
from elements_procura.harvest import Refresh, Store, StoreReader, harvest
from elements_procura.harvest.sqlite.database import SCHEMA_VERSION
from elements_procura.harvest.store import snapshot
from elements_procura.registry import harvest_spec_of
from elements_procura.sandbox import ProcuraSandbox, Sandbox
from tests.export.exporting import TENANT, harvest_elements, harvest_procura, lines_of, store_of
from tests.harvest.harvesting import connect
from tests.harvest.inside import db_of

EVERY = {f"{name}.csv" for name in Layout(harvest_spec_of("elements")).tables}
EVERY |= {"_manifest.json", "datapackage.json"}
ROWS = {"_embedded": {"bezittingen": [{"id": 1}, {"id": 2}]}}


@pytest.fixture
def store(tmp_path: Path) -> Path:
    bodies = (1, "bezittingen", "/bezittingen", ROWS), (2, "dossier", "", {"id": 2})
    return store_of(tmp_path / "s.sqlite", *bodies)


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_the_manifest_tells_every_file(store: Path, tmp_path: Path) -> None:
    out = tmp_path / "deep" / "out"
    manifest = export(store, out, to="csv")
    assert json.loads((out / "_manifest.json").read_text()) == manifest
    assert files(out) == EVERY
    for table in manifest["tables"]:
        assert hashlib.sha256((out / table["file"]).read_bytes()).hexdigest() == table["sha256"]
    told = {name: manifest[name] for name in ("store", "tenant", "to", "raw", "package_version")}
    assert told == {
        "store": "s.sqlite",
        "tenant": TENANT,
        "to": "csv",
        "raw": False,
        "package_version": __version__,
    }
    assert manifest["newest_answer"].startswith("20")
    assert manifest["schema_version"] == SCHEMA_VERSION


def test_only_the_owner_may_read_it(store: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    export(store, out, to="parquet")
    assert {path.stat().st_mode & 0o777 for path in out.iterdir()} == {0o600}
    assert out.stat().st_mode & 0o777 == 0o700


def test_an_export_that_is_there_is_refused_unless_forced(store: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    export(store, out, to="csv")
    (out / "mine.txt").write_text("kept")
    before = {path: path.read_bytes() for path in out.iterdir()}
    with pytest.raises(StoreError, match="exists already") as caught:
        export(store, out, to="jsonl")
    assert "--force" in caught.value.hint
    assert {path: path.read_bytes() for path in out.iterdir()} == before
    export(store, out, to="csv", force=True)
    assert {path: path.read_bytes() for path in out.iterdir()} == before
    # Tables of the earlier export that this one lacks would look like a part of it.
    export(store, out, to="csv", kinds=["dossier"], force=True)
    types = "dossiers_standaardcorrespondentieadres_types.csv"
    rest = {"_manifest.json", "datapackage.json", "mine.txt"}
    assert files(out) == {"dossiers.csv", types, *rest}


def test_a_file_of_somebody_elses_is_refused_as_well(store: Path, tmp_path: Path) -> None:
    (tmp_path / "dossiers.csv").write_text("mine")
    with pytest.raises(StoreError, match=r"dossiers\.csv exists already"):
        export(store, tmp_path, to="csv")
    assert (tmp_path / "dossiers.csv").read_text() == "mine"
    assert not {".part", "bezittingen.csv", "_manifest.json"} & files(tmp_path)


@pytest.mark.parametrize("name", ["../s.sqlite", "{store}", ".hidden"])
def test_a_manifest_can_name_no_file_elsewhere(store: Path, tmp_path: Path, name: str) -> None:
    out = tmp_path / "out"
    export(store, out, to="csv")
    for mine in (".hidden", "old.csv"):
        (out / mine).touch()
    tables = [{"file": name.format(store=store)}, {"file": "old.csv"}]
    (out / "_manifest.json").write_text(json.dumps({"tables": tables}))
    export(store, out, to="csv", force=True)
    assert store.exists()
    assert files(out) == {*EVERY, ".hidden"}


def test_one_that_fails_leaves_what_was_there(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    export(store, out, to="jsonl")
    before = {path: path.read_bytes() for path in out.iterdir()}

    def full(_self: JsonLines, _row: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(JsonLines, "write", full)
    with pytest.raises(
        StoreError, match=r"out cannot be written to: No space left on device \(.* MB free\)\."
    ):
        export(store, out, to="jsonl", force=True)
    assert {path: path.read_bytes() for path in out.iterdir()} == before


def test_a_full_disk_is_blamed_on_the_export_and_not_on_the_store(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full(io.BytesIO):
        def write(self, _: Any) -> int:
            raise OSError(28, "No space left on device")

    file_of = Folder.file
    monkeypatch.setattr(
        Folder,
        "file",
        lambda folder, name: Full() if name == "datapackage.json" else file_of(folder, name),
    )
    with pytest.raises(StoreError, match=r"out cannot be written to: No space") as caught:
        export(store, tmp_path / "out", to="csv")
    assert str(store) not in str(caught.value)


def test_what_a_killed_one_left_is_taken_away(store: Path, tmp_path: Path) -> None:
    left = tmp_path / "out" / ".part"
    for name in (".lock", "dossiers.csv"):
        left.mkdir(parents=True, exist_ok=True)
        (left / name).write_text("of a process that is dead")
    export(store, tmp_path / "out", to="csv")
    assert files(tmp_path / "out") == EVERY


def test_one_that_is_under_way_is_left_alone(store: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with Folder(out, force=False) as folder:
        folder.file("dossiers.csv").write(b"half")
        with pytest.raises(StoreError, match="is under way, by process") as caught:
            export(store, out, to="csv")
        assert "--force" in caught.value.hint
        assert (out / ".part" / "dossiers.csv").exists()
        export(store, out, to="csv", force=True)
    assert files(out) == EVERY


def test_one_that_is_begun_instead_of_another_loses_nothing_by_its_end(tmp_path: Path) -> None:
    first = contextlib.ExitStack()
    one = first.enter_context(Folder(tmp_path, force=True))
    one.file("dossiers.csv").write(b"one")
    with Folder(tmp_path, force=True) as second:  # what the other has written is taken away
        second.file("dossiers.csv").write(b"second")
        with pytest.raises(StoreError, match="begun instead"):
            one.finish()
        first.close()
        second.finish()
        second.keep({"tables": []})
    assert (tmp_path / "dossiers.csv").read_bytes() == b"second"


def test_a_file_in_the_place_of_the_directory_is_told(store: Path, tmp_path: Path) -> None:
    (tmp_path / "out").touch()
    with pytest.raises(StoreError, match="out cannot be written to"):
        export(store, tmp_path / "out", to="csv")


def test_only_the_kinds_that_are_asked_for(store: Path, tmp_path: Path) -> None:
    manifest = export(store, tmp_path / "out", to="csv", kinds=["bezittingen", "hypotheken"])
    assert [table["name"] for table in manifest["tables"]] == [
        "bezittingen",
        "hypotheken",
        "hypotheken_aanvragers",
        "hypotheken_correspondentieadres_types",
        "hypotheken_onderpandadres",
        "hypotheken_onderpandadres_types",
        "hypotheken_productdelen",
    ]


# -- bodies as they came -----------------------------------------------------------------------


async def test_raw_holds_every_body_to_the_byte(tmp_path: Path) -> None:
    stores = {"e": tmp_path / "e.sqlite", "p": tmp_path / "p.sqlite"}
    async with Sandbox(dossiers=6, seed=2, limits="off") as sandbox:
        await harvest_elements(stores["e"], sandbox, "all", "profielfotos", "taken")
    async with ProcuraSandbox(dossiers=20, seed=2, documented=0.5) as procura:
        await harvest_procura(stores["p"], procura, "all", "content")
    for name, store in stores.items():
        out = tmp_path / name
        manifest = export(store, out, to="jsonl", raw=True)
        found = {}
        for table in manifest["tables"]:
            for row in lines_of(out / table["file"]):
                assert (row["body"] is None) != (row["base64"] is None)
                body = row["body"].encode() if row["body"] else base64.b64decode(row["base64"])
                found[row["path"]] = body
        with StoreReader.read(store) as reader:
            assert found == dict(reader.bodies())
        assert sum(table["rows"] for table in manifest["tables"]) == len(found)
        assert manifest["left_out"] == {}
        typed = export(store, tmp_path / f"{name}-typed", to="jsonl")
        binary = {"particulier/profielfoto/download", "adviseur/profielfoto/download", "taken"}
        assert typed["left_out"].keys() >= (binary if name == "e" else {"content"})


# -- a harvest that goes on --------------------------------------------------------------------


@contextlib.asynccontextmanager
async def harvestable(dossiers: int) -> AsyncIterator[tuple[Sandbox, ElementsClient]]:
    sandbox = Sandbox(dossiers=dossiers, seed=2, limits="off")
    async with sandbox, connect(sandbox) as elements:
        yield sandbox, elements


async def test_one_moment_of_a_harvest_that_is_under_way(tmp_path: Path) -> None:
    path = tmp_path / "e.sqlite"
    async with harvestable(30) as (_, elements):
        with Store.create(path, tenant=TENANT) as store:
            run = harvest(elements, store, workers=4)
            events = aiter(run)
            for _ in range(200):
                await anext(events)
            part = await asyncio.to_thread(export, path, tmp_path / "part", to="jsonl")
            with snapshot(path) as moment:
                kinds = moment.kinds()
                held = [*moment.held(kinds)]
                async for _ in events:
                    pass
                assert run.progress.complete
                assert (moment.kinds(), [*moment.held(kinds)]) == (kinds, held)
    whole = export(path, tmp_path / "whole", to="jsonl")
    assert (part["complete"], whole["complete"]) == (False, True)
    rows = [sum(table["rows"] for table in each["tables"]) for each in (part, whole)]
    assert 0 < rows[0] < rows[1]


async def test_what_is_gone_at_the_source_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "e.sqlite"
    async with (
        Sandbox(dossiers=8, seed=2, limits="off") as sandbox,
        connect(sandbox) as elements,
    ):
        with Store.create(path, tenant=TENANT) as store:
            async for _ in harvest(elements, store):
                pass
            removed = sandbox.dossier_ids[3]
            sandbox.remove(removed)
            async for _ in harvest(elements, store, refresh=Refresh()):
                pass
            assert store.deleted() == {removed: "unlisted and 404"}
    manifest = export(path, tmp_path / "out", to="jsonl")
    dossiers = set()
    for table in manifest["tables"]:
        rows = lines_of(tmp_path / "out" / table["file"])
        dossiers |= {row["dossier_id"] for row in rows if "dossier_id" in row}
    assert len(dossiers) == 7
    assert removed not in dossiers


def test_it_reads_along_indices_and_sorts_no_bodies(tmp_path: Path) -> None:
    path = store_of(tmp_path / "s.sqlite", (1, "dossier", "", {"id": 1}))
    with snapshot(path) as moment:
        statements: list[str] = []
        db_of(moment).set_trace_callback(statements.append)
        for held in moment.held(["dossier"]):
            moment.body(held.id)
        db_of(moment).set_trace_callback(None)
        plans = [
            " ".join(row[3] for row in db_of(moment).execute(f"EXPLAIN QUERY PLAN {statement}"))
            for statement in statements
        ]
    listing, body = plans
    assert "USING INDEX resources_by_dossier" in listing
    assert "USE TEMP B-TREE FOR RIGHT PART OF ORDER BY" in listing
    assert "body" not in statements[0].split("FROM")[0]
    by_key = "USING INTEGER PRIMARY KEY (rowid=?)"
    searches = [f"SEARCH {table} {by_key}" for table in ("bodies", "resources")]  # its digest
    assert body in (" ".join(searches), " ".join(reversed(searches)))


def test_what_is_no_store_is_told(tmp_path: Path) -> None:
    sqlite3.connect(tmp_path / "other.sqlite").execute("CREATE TABLE a (b)").connection.close()
    with pytest.raises(StoreError, match="is not a harvest"):
        export(tmp_path / "other.sqlite", tmp_path / "out", to="csv")
    assert not (tmp_path / "out").exists()
