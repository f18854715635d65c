"""Pseudonymised exports: nothing says who somebody is, and joins hold."""

import csv
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from elements_procura.errors import ConfigError, InputError, StoreError
from elements_procura.export import export, make_key
from elements_procura.export.cells import Type
from elements_procura.export.layout import Layout
from elements_procura.export.pseudonyms import Action, Pseudonyms, action_of, four_digits, year
from elements_procura.harvest import Store, StoreReader
from elements_procura.registry import specs
from elements_procura.sandbox import ProcuraSandbox, Sandbox
from elements_procura.schema.descriptions import Personal, Sort, known_descriptions
from elements_procura.spec.source import Discovery, Root, Want
from tests.export.exporting import harvest_elements, harvest_procura
from tests.harvest.inside import db_of
from tests.harvest.ledger_world import Body

MARK = "Zqxmerk"


def key(tmp_path: Path, name: str = "key") -> Path:
    path = tmp_path / name
    make_key(path)
    return path


def rows(folder: Path, table: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / f"{table}.jsonl").read_text().splitlines()]


async def marked_store(path: Path) -> set[str]:
    """A harvest whose personal texts all bear a mark; the values that nothing else has."""
    async with Sandbox(dossiers=5, seed=2, limits="off") as sandbox:
        await harvest_elements(path, sandbox)
    personal: set[str] = set()
    others: set[str] = set()
    keys = personal_keys()
    with StoreReader.read(path) as reader:
        tenant = reader.tenant
    with Store.open(path, tenant=tenant) as store:
        bodies = [(each.path, each.body) for each in store.documents()]
        for number, (where, body) in enumerate(bodies):
            if body[:1] == b"{":
                made = json.dumps(
                    marked(json.loads(body), keys, (personal, others), number)
                ).encode()
                rewrite(db_of(store), where, made)
    return personal - others


_SHORT = 4


def rewrite(db: Any, path: str, body: bytes) -> None:
    (resource,) = db.execute("SELECT id FROM resources WHERE path = ?", (path,)).fetchone()
    db.execute("UPDATE bodies SET body = ? WHERE resource = ?", (body, resource))
    db.execute(
        "UPDATE resources SET sha256 = ? WHERE id = ?", (hashlib.sha256(body).digest(), resource)
    )


def personal_keys() -> set[str]:
    """The keys of texts that say who somebody is or where, or are free."""
    spec = specs()[0].harvest
    found: set[str] = set()
    kept: set[str] = set()
    for table in Layout(spec).tables.values():
        for column in table.columns:
            if column.model is not None and column.attribute != "extra":
                told = known_descriptions(column.model)[column.attribute]
                into = found if told.personal in PERSONAL else kept
                if column.type is Type.TEXT and told.sort not in (Sort.POSTCODE, Sort.LIFEDATE):
                    into.add(column.source.rpartition(".")[2])
    return found - kept


PERSONAL = (Personal.IDENTIFIER, Personal.CONTACT, Personal.TEXT)


def marked(data: Any, keys: set[str], found: tuple[set[str], set[str]], number: int) -> Any:
    personal, others = found
    if isinstance(data, list):
        return [marked(each, keys, found, number) for each in data]
    if not isinstance(data, dict):
        return data
    made = {}
    for name, value in data.items():
        if name in keys and isinstance(value, str) and value:
            personal.add(value)
            made[name] = f"{MARK}{number}{value}"
        elif name in ("postcode", "geboortedatum") and isinstance(value, str):
            personal.add(value)
            made[name] = value
        else:
            others |= {value} if isinstance(value, str) else set()
            made[name] = marked(value, keys, found, number)
    return made | ({"onbekend": MARK} if "id" in data else {})


def cells(folder: Path) -> Iterator[str]:
    for path in folder.glob("*.csv"):
        with path.open(newline="", encoding="utf-8") as file:
            for row in csv.reader(file):
                yield from row


async def test_no_mark_is_in_any_file_and_joins_hold(tmp_path: Path) -> None:
    path = tmp_path / "elements.sqlite"
    personal = await marked_store(path)
    assert len(personal) > 50
    file = key(tmp_path)
    plain, hidden = tmp_path / "plain", tmp_path / "hidden"
    export(path, plain, to="jsonl")
    manifest = export(path, hidden, to="jsonl", pseudonymise=file)
    export(path, tmp_path / "csv", to="csv", pseudonymise=file)
    assert any(MARK in each.read_text() for each in plain.iterdir() if each.is_file())
    files = [each for folder in (hidden, tmp_path / "csv") for each in folder.iterdir()]
    assert [each for each in files if each.is_file() and MARK in each.read_text()] == []
    # Short ones are house numbers, which amounts may equal.
    telling = {each for each in personal if len(each) > _SHORT}
    assert telling & set(cells(tmp_path / "csv")) == set()
    # Joins give the same numbers of pairs.
    for one, many, on in (
        ("particulier_adressen", "particulier", ("persoon_id", "id")),
        ("hypotheken", "dossiers", ("dossier_id", "dossier_id")),
        ("hypotheken_productdelen", "hypotheken", ("parent_id", "row_id")),
        ("dossier_adviseurs", "adviseurs", ("adviseur_id", "id")),
    ):
        pairs = [
            sum(a[on[0]] == b[on[1]] for a in rows(folder, one) for b in rows(folder, many))
            for folder in (plain, hidden)
        ]
        assert pairs[0] == pairs[1] > 0, one
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
        "kept",
    )
    assert "extra" not in after[0]
    # The next night the same, with another key another.
    again = export(path, tmp_path / "again", to="jsonl", pseudonymise=file)
    assert [each["sha256"] for each in again["tables"]] == [
        each["sha256"] for each in manifest["tables"]
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


async def test_one_person_has_one_pseudonym_in_both_apis(tmp_path: Path) -> None:
    path = tmp_path / "procura.sqlite"
    async with ProcuraSandbox(dossiers=12, seed=2) as sandbox:
        await harvest_procura(path, sandbox)
    export(path, tmp_path / "plain", to="jsonl")
    export(path, tmp_path / "out", to="jsonl", pseudonymise=key(tmp_path))
    plain, out = (rows(tmp_path / each, "birth") for each in ("plain", "out"))
    bsns = {row[name] for row in plain for name in row if name.endswith("bsn")} - {None}
    text = "".join(each.read_text() for each in (tmp_path / "out").iterdir() if each.is_file())
    assert bsns
    assert not [bsn for bsn in bsns if bsn in text]
    assert len(plain) == len(out)
    assert {row["dossier_id"] for row in plain}.isdisjoint(row["dossier_id"] for row in out)


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
                    assert (action is Action.KEPT) == (
                        told.personal not in PERSONAL and told.sort is not Sort.LIFEDATE
                    ), where
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
