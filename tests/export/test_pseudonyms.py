"""Pseudonymised exports: nothing says who somebody is, and joins hold."""

import csv
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from pyarrow import parquet

from elements_procura.errors import ConfigError, InputError, StoreError
from elements_procura.export import export, make_key
from elements_procura.export.cells import Type
from elements_procura.export.layout import Layout
from elements_procura.export.pseudonyms import (
    Action,
    Pseudonyms,
    action_of,
    four_digits,
    read_key,
    year,
)
from elements_procura.export.run import FORMATS
from elements_procura.harvest import Refresh, Store, harvest
from elements_procura.registry import spec_of, specs
from elements_procura.sandbox import Sandbox
from elements_procura.schema.descriptions import Personal, Sort, known_descriptions
from elements_procura.spec.source import Discovery, Root, Row, Want
from tests.export.exporting import TENANT, harvest_elements
from tests.export.marking import MARK, Marks, mark, marked_store
from tests.harvest.harvesting import connect
from tests.harvest.ledger_world import Body


def key(tmp_path: Path, name: str = "key") -> Path:
    path = tmp_path / name
    make_key(path)
    return path


def rows(folder: Path, table: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / f"{table}.jsonl").read_text().splitlines()]


PERSONAL = (Personal.IDENTIFIER, Personal.CONTACT, Personal.TEXT)


def cells(folder: Path) -> Iterator[str]:
    """Every cell of every table, whatever its format."""
    for path in folder.rglob("*"):
        if path.suffix == ".csv":
            with path.open(newline="", encoding="utf-8") as file:
                for line in csv.reader(file):
                    yield from line
        elif path.suffix == ".jsonl":
            for row in rows(path.parent, path.stem):
                yield from map(str, row.values())
        elif path.suffix == ".parquet":
            for row in parquet.read_table(path).to_pylist():
                yield from map(str, row.values())


def texts(folder: Path) -> str:
    """Every file as it stands, and every cell."""
    files = [each for each in folder.rglob("*") if each.is_file()]
    names = "\n".join(map(str, files))
    raw = "\n".join(each.read_bytes().decode(errors="replace") for each in files)
    return "\n".join((names, raw, *cells(folder)))


async def marked_elements(path: Path) -> Marks:
    spec = spec_of("elements").harvest
    async with Sandbox(dossiers=3, seed=2, limits="off") as sandbox:
        await harvest_elements(path.with_name("first.sqlite"), sandbox)
        marks = mark(sandbox, path.with_name("first.sqlite"), spec)
        await harvest_elements(path, sandbox)
    return marks


async def test_no_mark_of_a_sandbox_is_in_any_file(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    marks = await marked_elements(path)
    file = key(tmp_path)
    assert len(marks.fields) > 70
    assert len(marks.telling) > 50
    for to in FORMATS:
        hidden = tmp_path / f"hidden-{to}"
        export(path, hidden, to=to, pseudonymise=file)
        assert MARK not in texts(hidden)
        assert marks.telling & {*cells(hidden)} == set()
        # Neither the key, nor where it is.
        assert file.read_text().strip() not in texts(hidden)
        assert str(file) not in texts(hidden)
    export(path, tmp_path / "plain", to="csv")
    assert MARK in texts(tmp_path / "plain")
    assert len(marks.telling & {*cells(tmp_path / "plain")}) > len(marks.telling) / 2


@pytest.mark.parametrize("fits", [True, False])
@pytest.mark.parametrize(("api", "fields"), [("elements", 100), ("procura", 60)])
def test_no_mark_of_any_field_of_any_model_is_in_any_file(
    api: str, fields: int, fits: bool, tmp_path: Path
) -> None:
    spec = spec_of(api).harvest
    marks = marked_store(tmp_path / "a.sqlite", spec, api=api, fits=fits)
    every = {
        f"{column.model.__name__}.{column.attribute}"
        for table in Layout(spec).tables.values()
        for column in table.columns
        if column.model is not None
        and column.attribute not in ("extra", "id")
        and known_descriptions(column.model)[column.attribute].personal is not Personal.NONE
    }
    if not fits:  # not one is left out
        assert every - marks.fields == set()
    assert len(marks.fields) > (fields if not fits else fields / 2)
    file = key(tmp_path)
    for to, place in (("csv", "csv"), ("duckdb", "t.duckdb")):
        export(tmp_path / "a.sqlite", tmp_path / place, to=to, pseudonymise=file)
    export(tmp_path / "a.sqlite", tmp_path / "plain", to="csv")
    assert MARK in texts(tmp_path / "plain")
    assert MARK not in texts(tmp_path / "csv")
    assert marks.telling & {*cells(tmp_path / "csv")} == set()
    assert MARK.encode() not in (tmp_path / "t.duckdb").read_bytes()
    with duckdb.connect(tmp_path / "t.duckdb", read_only=True) as db:
        names = db.execute("SELECT table_name FROM duckdb_tables()").fetchall()
        found = {
            str(cell)
            for (name,) in names
            for row in db.execute(f'SELECT COLUMNS(*)::VARCHAR FROM "{name}"').fetchall()
            for cell in row
        }
    assert marks.telling & found == set()
    assert not [cell for cell in found if MARK in cell]


def pairs_of(folder: Path) -> dict[str, int]:
    """How many pairs of rows each key between tables joins."""
    found = {}
    for table in Layout(spec_of("elements").harvest).tables.values():
        for each in table.references:
            there = Counter(row[each.to] for row in rows(folder, each.table))
            name = f"{table.name}.{each.column}"
            found[name] = sum(there[row[each.column]] for row in rows(folder, table.name))
    return found


async def test_joins_hold_over_tables_nights_and_tenants(tmp_path: Path) -> None:
    path, tenant = tmp_path / "elements.sqlite", tmp_path / "tenant.sqlite"
    file = key(tmp_path)
    plain, hidden, night = tmp_path / "plain", tmp_path / "hidden", tmp_path / "night"
    async with Sandbox(dossiers=5, seed=2, limits="off") as sandbox:
        await harvest_elements(path, sandbox)
        export(path, plain, to="jsonl")
        manifest = export(path, hidden, to="jsonl", pseudonymise=file)
        for dossier in sandbox.dossier_ids:
            sandbox.change(dossier)
        async with connect(sandbox) as elements:
            with Store.open(path, tenant=TENANT) as store:
                async for _ in harvest(elements, store, refresh=Refresh(budget=10_000)):
                    pass
            with Store.create(tenant, tenant="another") as store:
                async for _ in harvest(elements, store):
                    pass
    changed = export(path, night, to="jsonl", pseudonymise=file)
    export(tenant, tmp_path / "tenant", to="jsonl", pseudonymise=file)
    pairs = pairs_of(plain)
    assert pairs == pairs_of(hidden)
    assert sum(map(bool, pairs.values())) > 30
    own = ("row_id", "dossier_id", "id", "bsn", "achternaam")
    people = [
        {tuple(row[each] for each in own) for row in rows(folder, "particulier")}
        for folder in (hidden, night, tmp_path / "tenant")
    ]
    assert people[0] & people[1]
    assert people[1] == people[2]
    before, after = rows(plain, "particulier"), rows(hidden, "particulier")
    assert {row["geboortedatum"] for row in after} == {
        int(row["geboortedatum"][:4]) for row in before
    }
    postcodes = {row["postcode"] for row in rows(hidden, "particulier_adressen")} - {None}
    assert {len(each) for each in postcodes} == {4}
    assert {row["id"] for row in after}.isdisjoint(row["id"] for row in before)
    done = manifest["pseudonymised"]["columns"]["particulier"]
    assert (done["bsn"], done["geboortedatum"], done["extra"], done["geslacht"]) == (
        "replaced",
        "year",
        "left out",
        "documented values kept",
    )
    assert "extra" not in after[0]
    # The next night the same, with another key another.
    again = export(path, tmp_path / "again", to="jsonl", pseudonymise=file)
    assert [each["sha256"] for each in again["tables"]] == [
        each["sha256"] for each in changed["tables"]
    ]
    other = export(path, tmp_path / "o", to="jsonl", pseudonymise=key(tmp_path, "other"))
    assert other["pseudonymised"]["key"] != manifest["pseudonymised"]["key"]
    assert {row["bsn"] for row in rows(tmp_path / "o", "particulier")}.isdisjoint(
        row["bsn"] for row in after
    )
    # A column that is named stays.
    export(path, tmp_path / "k", to="jsonl", pseudonymise=file, kept=["kantoor.naam"])
    names = [sorted(row["naam"] for row in rows(tmp_path / each, "kantoor")) for each in "ko"]
    assert names[0] == sorted(row["naam"] for row in rows(plain, "kantoor")) != names[1]


def test_one_person_has_one_pseudonym_in_both_apis() -> None:
    made = Pseudonyms(b"k" * 32)
    found = set()
    for api, table, column, text in (
        ("elements", "particulier", "bsn", "012345672"),
        ("elements", "adviseurs", "bsn", "12345672"),
        ("procura", "birth", "declarant_bsn", "012345672"),
        ("procura", "birth", "mother_bsn", " 0123.45.672"),
    ):
        shown = Layout(spec_of(api).harvest).tables[table]
        cell = dict.fromkeys(each.name for each in shown.columns) | {column: text}
        row = made.maker(shown)(tuple(cell.values()))
        names = [each.name for each in made.tables({table: shown})[table].columns]
        found.add(row[names.index(column)])
    assert len(found) == 1
    assert {len(each) for each in found} == {32}


def test_every_personal_column_of_both_apis_is_dealt_with() -> None:
    for spec in specs():
        for table in Layout(spec.harvest).tables.values():
            for column in table.columns:
                action = action_of(table.name, column)
                where = f"{table.name}.{column.name}"
                if column.name == "extra" or column.type is Type.JSON:
                    assert action is not Action.KEPT, where
                elif column.model is not None:
                    told = known_descriptions(column.model)[column.attribute]
                    if told.personal in PERSONAL or told.sort is Sort.LIFEDATE:
                        assert action not in (Action.KEPT, Action.KNOWN), where
                    elif told.personal is Personal.TRAIT and column.type is Type.TEXT:
                        assert action is (Action.KNOWN if column.choices else Action.REPLACED)
                    else:
                        assert action is Action.KEPT, where
                elif column.name.endswith("_id") and column.name != "resource_id":
                    assert action is Action.REPLACED, where


def test_a_key_file_is_its_owners_alone(tmp_path: Path) -> None:
    path = key(tmp_path)
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(StoreError, match="cannot be made"):
        make_key(path)
    store = tmp_path / "a.sqlite"
    with Store.create(store, tenant="t") as made:
        made.begin_listing(api="elements")
    path.chmod(0o644)
    with pytest.raises(ConfigError, match="others may read"):
        export(store, tmp_path / "o", to="csv", pseudonymise=path)
    path.chmod(0o600)
    path.write_text("short")
    with pytest.raises(ConfigError, match="another thing than a key"):
        export(store, tmp_path / "o", to="csv", pseudonymise=path)
    for wrong, how in (
        ("unknown columns", {"pseudonymise": key(tmp_path, "b"), "kept": ["nothing.here"]}),
        ("no pseudonyms", {"pseudonymise": key(tmp_path, "c"), "raw": True}),
        ("kept only", {"kept": ["naam"]}),
    ):
        with pytest.raises(InputError, match=wrong):
            export(store, tmp_path / "o", to="csv", **how)
        assert not (tmp_path / "o").exists()
    (tmp_path / "o").mkdir()
    with pytest.raises(InputError, match="unknown columns"):
        export(store, tmp_path / "o", to="csv", pseudonymise=tmp_path / "b", kept=["nothing.here"])
    assert [*(tmp_path / "o").iterdir()] == []


@pytest.mark.parametrize(
    ("value", "its_year"),
    [("1960-01-01T00:00:00+01:00", 1960), (19750300, 1975), (0, None), (None, None), ("x", None)],
)
def test_the_year_of_whatever_came(value: Any, its_year: int | None) -> None:
    assert year(value) == its_year


def test_a_postal_code_keeps_its_digits() -> None:
    assert [four_digits(each) for each in ("1234 AB", "1234AB", "1234", "B-1000", None)] == [
        *("1234", "1234", "1234", None),
        None,
    ]


def test_spellings_of_one_number_are_one() -> None:
    spec = specs()[0].harvest
    made = Pseudonyms(b"k" * 32)
    table = Layout(spec).tables["particulier"]
    at = [column.name for column in table.columns].index("bsn")
    maker = made.maker(table)
    found = set()
    for text in ("012345672", "12345672", " 012345672 "):
        row: list[Any] = [None] * len(table.columns)
        row[at] = text
        found.add(tuple(maker(tuple(row))))
    assert len(found) == 1


def test_an_export_is_known_to_the_store(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    with Store.create(path, tenant="t") as store:
        store.begin_listing(api="elements")
        store.add_dossiers([Root(1, Discovery((Want("dossier", "/api/data/klantdossiers/1"),)))])
        (work,) = store.queued(after=0, limit=9)
        store.put(work, Body(b'{"id": 1}'), Discovery(), requests=1)
    export(path, tmp_path / "o", to="csv")
    with Store.open(path, tenant="t") as store:
        (known,) = store.exports()
    assert (known["place"], known["how"]["to"]) == (str(tmp_path / "o"), "csv")


def test_a_target_takes_one_key(tmp_path: Path) -> None:
    path, file = tmp_path / "a.sqlite", tmp_path / "t.duckdb"
    with Store.create(path, tenant="t") as store:
        store.begin_listing(api="elements")
        store.add_dossiers([Root(1, Discovery(), (Want("dossier", "/x/1"), Row(b'{"id": 1}')))])
    one, other = key(tmp_path, "one"), key(tmp_path, "other")
    export(path, file, to="duckdb", pseudonymise=one)
    assert export(path, file, to="duckdb", pseudonymise=one)["written"] == {}
    for how in (
        {"pseudonymise": other},
        {"pseudonymise": one, "kept": ["kantoor.naam"]},
        {},
    ):
        with pytest.raises(StoreError, match="pseudonyms of another key") as caught:
            export(path, file, to="duckdb", **how)
        assert "--force" in str(caught.value.hint)
    export(path, file, to="duckdb", force=True)
    with pytest.raises(StoreError, match="holds no pseudonyms"):
        export(path, file, to="duckdb", pseudonymise=one)


@pytest.mark.parametrize(
    "content", [b"", b"x", b"\xff\xfe", b"A" * 64, b"0" * 63, b"0" * 65, b"0" * 64 + b"\n" + b"1"]
)
def test_what_is_no_key_is_refused_and_not_shown(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.touch(0o600)
    path.write_bytes(content)
    with pytest.raises(ConfigError, match="another thing than a key") as caught:
        read_key(path)
    shown = repr(caught.value).replace(str(path), "")
    assert not content.strip() or content.strip().decode(errors="replace") not in shown
    path.write_bytes(b"0f" * 32 + b"\r\n")
    assert read_key(path) == b"\x0f" * 32
