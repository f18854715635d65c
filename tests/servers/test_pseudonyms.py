"""Pseudonymised tables in databases: no mark of anybody is in any cell, on no night."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest

from elements_procura.export import export, make_key
from elements_procura.harvest import Store
from elements_procura.registry import spec_of
from elements_procura.spec.source import Discovery, Root, Row, Want
from tests.export.marking import MARK, marked_store
from tests.servers.postgres import database

SCHEMA = "pseudonyms"
Ask = Callable[[str], list[tuple[Any, ...]]]


@pytest.fixture(autouse=True)
def folder_of_dlt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DLT_DATA_DIR", str(tmp_path / "dlt"))


@pytest.fixture
def url() -> Iterator[str]:
    url = database().rstrip("?&")
    yield url
    with psycopg.connect(url, autocommit=True) as db:
        db.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")


def cells(ask: Ask) -> set[str]:
    """Every cell of every table, those of the target's own among them."""
    tables = ask(
        "SELECT table_schema, table_name FROM information_schema.tables"
        f" WHERE table_schema LIKE '{SCHEMA}%'"
    )
    assert len(tables) > 10
    found = [
        cell
        for schema, name in tables
        for row in ask(f'SELECT * FROM "{schema}"."{name}"')
        for cell in row
    ]
    return {*map(str, found)}


@pytest.mark.parametrize("fits", [True, False])
@pytest.mark.parametrize("to", ["postgres", "dlt:duckdb"])
@pytest.mark.parametrize("api", ["elements", "procura"])
def test_no_mark_of_any_field_is_in_any_cell(
    api: str, to: str, fits: bool, tmp_path: Path, url: str
) -> None:
    store, file, key = tmp_path / "a.sqlite", tmp_path / "t.duckdb", tmp_path / "key"
    make_key(key)
    telling = set()

    def found() -> set[str]:
        if to == "postgres":
            with psycopg.connect(url) as db:
                return cells(lambda query: db.execute(query.encode()).fetchall())
        with duckdb.connect(file, read_only=True) as held:
            return cells(lambda query: held.execute(query).fetchall())

    place: dict[str, Any] = {"url": url} if to == "postgres" else {"out": file}
    for night in range(2):
        if night:
            _change(store)
        else:
            telling = marked_store(store, spec_of(api).harvest, api=api, fits=fits).telling
        done = export(store, to=to, schema=SCHEMA, pseudonymise=key, **place)
        assert (done["since"] is None) == (not night)
        shown = found()
        assert not [cell for cell in shown if MARK in cell]
        assert telling & shown == set()
    if to != "postgres":
        assert MARK.encode() not in file.read_bytes()
    place = {"url": url} if to == "postgres" else {"out": file}
    export(store, to=to, schema=SCHEMA, force=True, **place)
    assert [cell for cell in found() if MARK in cell]


def _change(path: Path) -> None:
    """Another night: every body comes anew, with one more field."""
    with Store.open(path, tenant="t") as store:
        for held in [*store.documents()]:
            body = held.body.replace(b'"onbekend"', b'"anders": "x", "onbekend"')
            assert body != held.body
            row = (Want(held.kind, held.path), Row(body))
            root = Root(held.dossier, Discovery(), row)
            store.add_dossiers([root], listing=store.begin_listing())
