"""Nobody who was erased is left in a server's tables, in DuckDB's files, or comes back to them."""

import contextlib
import json
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest

from elements_procura.export import export
from elements_procura.harvest import Refresh, Store, StoreReader, harvest, packing
from elements_procura.harvest.packing import unpack
from elements_procura.harvest.store import copy, snapshot
from elements_procura.rights import disclose, erase, save_suppression
from elements_procura.sandbox import ProcuraSandbox
from tests.rights.kit import (
    BSN,
    DOSSIER,
    MARKS,
    PERSON,
    TENANT,
    harvested,
    marks_below,
    marks_in,
    run,
    sandbox_of_one,
)
from tests.servers.postgres import connected, database, fresh


@pytest.fixture
def there() -> Iterator[str]:
    with fresh() as where:
        yield where


@pytest.fixture
def url() -> Iterator[str]:
    """A database without the schema of these tests."""
    url = database().rstrip("?&")
    yield url
    with psycopg.connect(url, autocommit=True) as db:
        db.execute("DROP SCHEMA IF EXISTS erasing CASCADE")


def words_there(where: str) -> bytes:
    """Every row of every table of a store, with bodies unpacked."""
    found: list[bytes] = []
    with connected(where) as db:
        tables = db.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
        ).fetchall()
        assert len(tables) > 15
        for (table,) in tables:
            for row in db.execute(f"SELECT * FROM {table}"):
                found += [unpack(each) for each in row if isinstance(each, bytes)]
                found.append(json.dumps(row, default=repr).encode())
    return b"\n".join(found)


def words_on_disk(where: str) -> Iterator[bytes]:
    """The files of a store's tables, also where nothing leads to, with bodies unpacked."""
    with connected(where) as db:
        db.execute("CHECKPOINT")
        (home,) = db.execute("SHOW data_directory").fetchone() or ("",)
        files = db.execute(
            "SELECT pg_relation_filepath(c.oid) FROM pg_class AS c WHERE relkind IN ('r', 't', 'i')"
            " AND relfilenode != 0 AND (relnamespace = current_schema()::regnamespace OR oid IN"
            " (SELECT reltoastrelid FROM pg_class WHERE relnamespace ="
            " current_schema()::regnamespace))"
        ).fetchall()
    assert len(files) > 15
    for (name,) in files:
        raw = (Path(str(home)) / str(name)).read_bytes()
        yield raw
        for mark in re.finditer(rb"\xffEP1", raw):
            unpacker = zlib.decompressobj(-15, zdict=packing._dictionary(b"1"))
            with contextlib.suppress(zlib.error):
                yield unpacker.decompress(raw[mark.end() + 4 : mark.end() + 8_000])


def marks_there(where: str, marks: list[str] = MARKS) -> list[str]:
    text = words_there(where).decode(errors="replace")
    return [mark for mark in marks if mark in text]


def marks_on_disk(where: str, marks: list[str] = MARKS) -> list[str]:
    text = b"\n".join(words_on_disk(where)).decode(errors="replace")
    return [mark for mark in marks if mark in text]


async def test_a_store_in_a_server_loses_a_person_for_good(
    there: str, url: str, tmp_path: Path
) -> None:
    async with sandbox_of_one(dossiers=5) as sandbox, sandbox.client() as client:
        with Store.create(there, tenant=TENANT, history=True) as store:
            await run(client, store)
            sandbox.change(DOSSIER)
            await run(client, store, refresh=Refresh(budget=10_000))
        assert marks_there(there) == MARKS
        assert marks_on_disk(there) == MARKS
        with StoreReader.read(there) as reader:
            others = {path: body for path, body in reader.bodies() if str(PERSON) not in path}
        export(there, to="postgres", schema="erasing", url=url)
        export(there, tmp_path / "csv", to="csv")
        told = json.dumps(disclose(there, BSN), ensure_ascii=False)
        assert [mark for mark in MARKS if mark not in told] == []
        plan = erase(there, person=BSN)
        assert plan.exports == {
            next(place for place in plan.exports if place.endswith("/erasing")): (
                "deleted there by the next export"
            ),
            str(tmp_path / "csv"): "written anew",
        }
        assert marks_there(there) == MARKS

        done = erase(there, person=BSN, yes=True)
        assert done.is_final
        assert done.store.removed == plan.store.removed
        assert marks_there(there) == []
        assert marks_on_disk(there) == []
        assert marks_below(tmp_path) == []
        with StoreReader.read(there) as reader:
            left = dict(reader.bodies())
            assert reader.verify().damaged == ()
            assert [each.action for each in reader.audit()] == ["disclose", "erase person"]
        changed = {path for path, body in others.items() if left.get(path) != body}
        assert {b'{"erased":true}' in left[path] or b"null" in left[path] for path in changed} == {
            True
        }
        assert marks_in_tables(url) == MARKS
        export(there, to="postgres", schema="erasing", url=url)
        assert marks_in_tables(url) == []
        # A refresh.
        with Store.open(there, tenant=TENANT) as store:
            sandbox.change(DOSSIER)
            await run(client, store, refresh=Refresh(budget=10_000))
            assert store.concerns() == ()
        assert marks_there(there) == []
        # A new harvest, somewhere else.
        save_suppression([there], tmp_path / "list")
        with fresh() as elsewhere:
            with Store.create(elsewhere, tenant=TENANT) as store:
                listed = json.loads((tmp_path / "list").read_bytes())
                key, hashes = bytes.fromhex(listed["key"]), map(bytes.fromhex, listed["hashes"])
                store.suppress(key, frozenset(hashes))
                await run(client, store)
                assert store.progress().complete
            assert marks_there(elsewhere) == []
    back = tmp_path / "back.sqlite"
    copy(there, back)
    assert (tmp_path / "back.sqlite.erased").exists()
    assert marks_in(back) == []


def marks_in_tables(url: str) -> list[str]:
    with psycopg.connect(url) as db:
        names = db.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'erasing' ORDER BY 1"
        ).fetchall()
        text = "".join(
            str(db.execute(f'SELECT t::text FROM erasing."{name}" AS t').fetchall())
            for (name,) in names
        )
    return [mark for mark in MARKS if mark in text]


async def test_whoever_looks_keeps_rows_and_it_is_said(
    there: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("elements_procura.harvest.postgres.store._PATIENCE", 0.2)
    async with sandbox_of_one() as sandbox, sandbox.client() as client:
        with Store.create(there, tenant=TENANT) as store:
            await run(client, store)
    with snapshot(there) as moment:
        assert not erase(there, person=BSN, yes=True).is_final
        assert moment.reader.progress().complete
    assert marks_there(there) == []
    assert marks_on_disk(there)
    with Store.open(there, tenant=TENANT):
        pass
    assert marks_on_disk(there) == []


async def test_a_citizen_of_procura_goes_by_the_bsn(there: str, tmp_path: Path) -> None:
    file = tmp_path / "procura.sqlite"
    async with ProcuraSandbox(dossiers=30, seed=4) as sandbox, sandbox.client() as client:
        for where in (there, file):
            with Store.create(where, tenant=TENANT) as store:
                async for _ in harvest(client, store):
                    pass
        bsn, marks = citizen(sandbox)
        for where in (there, file):
            with StoreReader.read(where) as reader:
                before = dict(reader.bodies())
            done = erase(where, person=bsn, yes=True)
            assert done.store.removed == {}
            assert sum(done.store.rewritten.values()) > 0
            with StoreReader.read(where) as reader:
                after = dict(reader.bodies())
                assert reader.verify().damaged == ()
            assert before.keys() == after.keys()
            for path, body in after.items():
                if not any(mark.encode() in before[path] for mark in marks):
                    assert body == before[path]
            with Store.open(where, tenant=TENANT) as store:
                async for _ in harvest(client, store, refresh=Refresh()):
                    pass
        assert marks_there(there, marks) == []
        assert marks_on_disk(there, marks) == []
        assert marks_in(file, marks) == []


def citizen(sandbox: ProcuraSandbox) -> tuple[str, list[str]]:
    """The BSN of a declarant, with email and telephone."""
    for dossier in sandbox.dossier_ids:
        for body in sandbox.truth(dossier).values():
            data: Any = json.loads(body) if body[:1] == b"{" else {}
            one = data.get("declarant", {}) if isinstance(data, dict) else {}
            contact = one.get("contactInformation", {})
            if one.get("bsn") and contact.get("email"):
                return one["bsn"], [one["bsn"], contact["email"], contact["telephoneNumber"]]
    raise LookupError


async def test_a_duckdb_file_is_written_anew(tmp_path: Path) -> None:
    path, file = tmp_path / "home" / "elements.sqlite", tmp_path / "t.duckdb"
    path.parent.mkdir()
    await harvested(path)
    export(path, file, to="duckdb")
    with duckdb.connect(file) as db:
        db.execute("CREATE VIEW own AS SELECT count(*) AS n FROM particulier")
        before = db.execute("SELECT n FROM own").fetchone()
    assert marks_below(tmp_path)
    assert erase(path, person=BSN, yes=True).exports == {str(file): "written anew"}
    assert marks_below(tmp_path) == []
    assert file.stat().st_mode & 0o777 == 0o600
    with duckdb.connect(file) as db:
        (names,) = db.execute("SELECT string_agg(weergavenaam) FROM particulier").fetchone() or ()
        assert "Zqx" not in names
        assert before is not None
        assert db.execute("SELECT n FROM own").fetchone() == (before[0] - 1,)
    # It goes on from there.
    assert export(path, file, to="duckdb")["written"] == {}
    assert sorted(each.name for each in tmp_path.iterdir()) == ["home", "t.duckdb"]
