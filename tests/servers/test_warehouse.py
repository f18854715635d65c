"""Tables in PostgreSQL: whole nights, kept up to date, typed, and nobody else's."""

import asyncio
import contextlib
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import orjson
import psycopg
import pytest

from elements_procura.elements.client import ElementsClient
from elements_procura.errors import ConfigError, InputError, StoreError
from elements_procura.export import export
from elements_procura.export.layout import Layout
from elements_procura.harvest import Refresh, Store, harvest
from elements_procura.registry import harvest_spec_of
from elements_procura.sandbox import ProcuraSandbox, Sandbox
from tests.export.exporting import TENANT, harvest_procura, store_of
from tests.harvest.harvesting import connect
from tests.servers.postgres import database

SCHEMAS = ("kept", "anew", "elements_elements_1", "procura_procura")
World = tuple[Sandbox, ElementsClient, Store, Path]


@pytest.fixture
def url() -> Iterator[str]:
    """A database without the schemas of these tests."""
    url = database().rstrip("?&")
    yield url
    with psycopg.connect(url, autocommit=True) as db:
        for schema in SCHEMAS:
            db.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")


def rows_of(url: str, schema: str, api: str = "elements") -> dict[str, list[tuple[Any, ...]]]:
    """Every living row, each as text."""
    with psycopg.connect(url) as db:
        return {
            table: db.execute(
                f'SELECT t::text FROM {schema}."{table}" AS t WHERE deleted_at IS NULL'
                " ORDER BY row_id"
            ).fetchall()
            for table in Layout(harvest_spec_of(api)).tables
        }


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    path = tmp_path / "e.sqlite"
    async with Sandbox(dossiers=12, seed=3, limits="off") as sandbox, connect(sandbox) as elements:
        with Store.create(path, tenant=TENANT) as store:
            async for _ in harvest(elements, store):
                pass
            yield sandbox, elements, store, path


async def test_what_has_changed_is_brought_and_equals_an_export_of_everything(
    world: World, url: str
) -> None:
    sandbox, elements, store, path = world
    first = export(path, to="postgres", url=url, schema="kept")
    assert first["since"] is None
    assert export(path, to="postgres", url=url, schema="kept")["written"] == {}
    for _ in range(2):
        changed, removed = sandbox.dossier_ids[:2], sandbox.dossier_ids[-1]
        for each in changed:
            sandbox.change(each)
        sandbox.remove(removed)
        async for _ in harvest(elements, store, refresh=Refresh()):
            pass
        done = await asyncio.to_thread(export, path, to="postgres", url=url, schema="kept")
        export(path, to="postgres", url=url, schema="anew", force=True)
        assert done["written"]["dossiers"] == len(changed)
        assert rows_of(url, "kept") == rows_of(url, "anew")
        with psycopg.connect(url) as db:
            gone = "SELECT dossier_id FROM kept.dossiers WHERE deleted_at IS NOT NULL"
            assert (removed,) in db.execute(gone).fetchall()


async def test_procura_s_tables_are_kept_as_well(tmp_path: Path, url: str) -> None:
    path = tmp_path / "p.sqlite"
    async with ProcuraSandbox(dossiers=30, seed=3, documented=0.5) as sandbox:
        await harvest_procura(path, sandbox)
    export(path, to="postgres", url=url)
    assert export(path, to="postgres", url=url)["since"] is not None
    rows = rows_of(url, "procura_procura", "procura")
    assert len(rows["dossiers"]) == 30


def test_types_and_keys_are_the_database_s(tmp_path: Path, url: str) -> None:
    body = {
        "id": 3,
        "hoofdsom": "200000.50",
        "passeerdatum": "2010-09-01T00:00:00+02:00",
        "invoerAanvraag": "2016-07-11T09:30:00+0200",
        "omschrijving": "a\0b\ud800",
        "nieuw": {"a": "\0"},
        "_embedded": {"productdelen": [{"id": 1}, {"id": 2}]},
    }
    text = orjson.dumps(body | {"omschrijving": "a"}).replace(
        b'"omschrijving":"a"', b'"omschrijving":"a\\u0000b"'
    )
    store = store_of(tmp_path / "a.sqlite", (1, "hypotheken", "/hypotheken/3", text))
    export(store, to="postgres", url=url)
    with psycopg.connect(url) as db:
        db.execute("SET search_path TO elements_elements_1; SET timezone TO 'UTC'")
        row = db.execute(
            "SELECT hoofdsom + 1, passeerdatum + 1, extract(hour FROM invoer_aanvraag),"
            " omschrijving, fetched_at <= now() FROM hypotheken"
        ).fetchone()
        assert row is not None
        assert [str(each) for each in row] == ["200001.50", "2010-09-02", "7", "a\ufffdb", "True"]
        assert db.execute(
            "SELECT count(*) FROM hypotheken AS h JOIN hypotheken_productdelen AS d"
            " ON d.parent_id = h.row_id AND d.product_id = h.id AND d.dossier_id = h.dossier_id"
        ).fetchone() == (2,)
        keys = db.execute(
            "SELECT contype::text, count(*) FROM pg_constraint JOIN pg_namespace AS n"
            " ON n.oid = connamespace WHERE nspname = 'elements_elements_1'"
            " AND contype IN ('p', 'f') GROUP BY contype"
        ).fetchall()
        tables = Layout(harvest_spec_of("elements")).tables.values()
        children = sum(any(key.is_certain for key in table.references) for table in tables)
        assert dict(keys) == {"p": len(tables), "f": children}


@pytest.mark.parametrize(
    ("altering", "problem"),
    [
        ("DELETE FROM dossiers", "other rows in dossiers"),
        ("DROP TABLE hypotheken_productdelen", "hypotheken_productdelen is not as it was made"),
        ("ALTER TABLE dossiers ADD COLUMN mine integer", "dossiers is not as it was made"),
        ("UPDATE _export SET standing = replace(standing, '1', '2')", "was altered"),
        ("DROP TABLE _export", "are no export"),
        ("DELETE FROM _export", "was altered"),
        ("ALTER TABLE _export RENAME COLUMN standing TO mine", "was altered"),
        ("UPDATE dossiers SET omschrijving = 'mine'", "other rows in dossiers"),
        ("UPDATE dossiers SET row_id = 'mine'", "other rows in dossiers"),
    ],
)
def test_a_schema_that_was_tampered_with_is_refused(
    tmp_path: Path, url: str, altering: str, problem: str
) -> None:
    store = store_of(tmp_path / "a.sqlite", (1, "dossier", "", {"id": 1}))
    export(store, to="postgres", url=url)
    with psycopg.connect(url) as db:
        db.execute("SET search_path TO elements_elements_1")
        db.execute(altering)
    with pytest.raises(StoreError, match=problem):
        export(store, to="postgres", url=url)
    export(store, to="postgres", url=url, force=True)
    assert export(store, to="postgres", url=url)["since"] is not None


def test_another_store_s_schema_is_refused(tmp_path: Path, url: str) -> None:
    for name in "ab":
        store_of(tmp_path / name, (1, "dossier", "", {"id": 1}))
    export(tmp_path / "a", to="postgres", url=url)
    with pytest.raises(StoreError, match="another store"):
        export(tmp_path / "b", to="postgres", url=url)


def test_tenants_whose_names_give_one_schema_do_not_replace_each_other(
    tmp_path: Path, url: str
) -> None:
    """Whoever may read the tables of one of them may not read the other's."""
    export(store_of(tmp_path / "a", (1, "dossier", "", {"id": 1})), to="postgres", url=url)
    other = tmp_path / "other"
    with Store.create(other, tenant=TENANT.replace(" ", "-")) as store:
        store.begin_listing(api="elements")
    for force in (False, True):
        with pytest.raises(StoreError, match="another tenant") as caught:
            export(other, to="postgres", url=url, force=force)
        assert "--force" not in caught.value.hint
        assert "--schema" in caught.value.hint
    assert export(other, to="postgres", url=url, schema="kept")["since"] is None
    assert export(tmp_path / "a", to="postgres", url=url)["since"] == 1


def test_a_view_of_somebody_s_stays(tmp_path: Path, url: str) -> None:
    store = store_of(tmp_path / "a", (1, "dossier", "", {"id": 1}))
    export(store, to="postgres", url=url)
    with psycopg.connect(url, autocommit=True) as db:
        db.execute(
            "CREATE VIEW elements_elements_1.mine AS SELECT id FROM elements_elements_1.dossiers"
        )
        with pytest.raises(StoreError, match="views use its tables"):
            export(store, to="postgres", url=url, force=True)
        assert db.execute("SELECT * FROM elements_elements_1.mine").fetchall() == [(1,)]
        assert export(store, to="postgres", url=url)["since"] is not None


def test_a_reader_in_a_long_transaction_is_not_waited_for_without_end(
    tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("elements_procura.export.warehouse.postgres._PATIENCE", 1)
    store = store_of(tmp_path / "a", (1, "dossier", "", {"id": 1}))
    export(store, to="postgres", url=url)
    with psycopg.connect(url) as reader:
        reader.execute("SELECT * FROM elements_elements_1.dossiers")
        assert export(store, to="postgres", url=url)["since"] is not None  # in nobody's way
        with pytest.raises(StoreError, match="long transaction"):
            export(store, to="postgres", url=url, force=True)
    export(store, to="postgres", url=url, force=True)


def test_whoever_looks_while_all_is_replaced_sees_one_night(tmp_path: Path, url: str) -> None:
    """Who holds a table and wants others is not in the way, nor is who has an old moment."""
    store = store_of(tmp_path / "a", (1, "dossier", "", {"id": 1}))
    export(store, to="postgres", url=url)
    schema = "elements_elements_1"
    with psycopg.connect(url) as reader, psycopg.connect(url) as older, ThreadPoolExecutor() as one:
        for each in (reader, older):
            each.execute("SET deadlock_timeout = '1min'")  # it is the export that has to give way
            each.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        older.execute("SELECT 1")
        (before,) = reader.execute(f"SELECT standing FROM {schema}._export").fetchall()
        with Store.open(store, tenant=TENANT) as opened:
            opened.erase([], dossier=1)
        export_anew = one.submit(export, store, to="postgres", url=url, force=True)
        waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'relation'"
        with psycopg.connect(url, autocommit=True) as db:
            while db.execute(waiting).fetchone() == (0,):
                assert not export_anew.done()
        assert reader.execute(f"SELECT count(*) FROM {schema}.dossiers").fetchone() == (1,)
        assert reader.execute(f"SELECT standing FROM {schema}._export").fetchall() == [before]
        assert not export_anew.done()
        reader.commit()
        export_anew.result()
        (after,) = older.execute(f"SELECT standing FROM {schema}._export").fetchall()
        assert after != before
        assert older.execute(f"SELECT count(*) FROM {schema}.dossiers").fetchone() == (0,)


@pytest.mark.parametrize("name", ["x" * 59, "é" * 30])
def test_a_name_that_the_server_would_cut_is_refused(tmp_path: Path, url: str, name: str) -> None:
    store = store_of(tmp_path / "a", (1, "dossier", "", {"id": 1}))
    with pytest.raises(InputError, match="58 bytes"):
        export(store, to="postgres", url=url, schema=name)


def test_a_url_with_a_password_is_refused_and_not_repeated(tmp_path: Path) -> None:
    store = store_of(tmp_path / "a", (1, "dossier", "", {"id": 1}))
    with pytest.raises(ConfigError) as caught:
        export(store, to="postgres", url="postgresql://me:secret@db/x")
    assert "secret" not in str(caught.value)
    with pytest.raises(StoreError, match="cannot be used"):
        export(store, to="postgres", url="postgresql://me@127.0.0.1:9/x")


async def test_a_killed_export_changes_nothing_and_the_next_completes(
    world: World, url: str
) -> None:
    sandbox, elements, store, path = world
    export(path, to="postgres", url=url, schema="kept")
    before = rows_of(url, "kept")
    for each in sandbox.dossier_ids:
        sandbox.change(each)
    async for _ in harvest(elements, store, refresh=Refresh()):
        pass
    script = (
        "import sys; from elements_procura.export import export;"
        " from elements_procura.export.warehouse import postgres;"
        " keep = postgres.OpenPostgres.keep;"
        " postgres.OpenPostgres.keep = lambda self, text:"
        " (keep(self, text), print('there', flush=True), sys.stdin.read());"
        " export(sys.argv[1], to='postgres', url=sys.argv[2], schema='kept')"
    )
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", script, str(path), url),
        stdout=subprocess.PIPE,
        stdin=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"there\n"
    assert rows_of(url, "kept") == before  # readers see the old night
    with pytest.raises(StoreError, match="is under way"):
        export(path, to="postgres", url=url, schema="kept")
    process.send_signal(signal.SIGKILL)
    await process.wait()
    assert rows_of(url, "kept") == before
    for _ in range(100):  # until the server has noticed
        with contextlib.suppress(StoreError):
            done = await asyncio.to_thread(export, path, to="postgres", url=url, schema="kept")
            break
        await asyncio.sleep(0.1)
    assert done["written"]["dossiers"] == len(sandbox.dossier_ids)
    export(path, to="postgres", url=url, schema="anew")
    assert rows_of(url, "kept") == rows_of(url, "anew")
