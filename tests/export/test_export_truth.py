"""Every record of the sandboxes is in an export once, with the values that are served.

What is expected comes from the sandbox's own bytes by rules that stand here, not from the models.
"""

import datetime as dt
import json
import re
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

from elements_procura.export import export
from elements_procura.harvest import StoreReader
from elements_procura.sandbox import ProcuraSandbox, Sandbox
from tests.export.exporting import harvest_elements, harvest_procura, joined, told_in

OWNERS = {
    "particulier": "persoon_id",
    "zakelijk": "organisatie_id",
    "adviseur": "adviseur_id",
    "kantoor": "kantoor_id",
}
OTHER_NAMES = {"land_iso": "land_iso", "computednaam": "weergavenaam", "aanvrager": "aanvragers"}
KEYS = ("dossier_id", *OWNERS.values(), "product_id")
Key = tuple[tuple[str, Any], ...]


def column(key: str) -> str:
    snake = re.sub(r"([A-Z])", r"_\1", key.strip()).lower()
    return OTHER_NAMES.get(snake, snake)


def equal(raw: Any, cell: Any) -> bool:
    """Whether a cell, or a part of a JSON column, is what was served."""
    if raw is None or raw in ("", [], {}):
        return cell in (None, raw)
    if isinstance(raw, dict):
        if isinstance(cell, list):  # one object where others are lists
            return len(cell) == 1 and equal(raw, cell[0])
        inner = fields(raw)
        return all(equal(value, cell.get(column(key))) for key, value in inner.items())
    if isinstance(raw, list):
        return len(raw) == len(cell) and all(map(equal, raw, cell))
    return bool(cell in (raw, str(raw)) or same(str(raw), cell))


def same(raw: str, cell: Any) -> bool:
    """Whether two spellings mean one value: yes or no, a number, a date, a time."""
    if isinstance(cell, bool):
        return cell is {"ja": True, "nee": False, "True": True, "False": False}[raw]
    if isinstance(cell, int) or re.fullmatch(r"-?\d+(\.\d+)?", cell):
        return Decimal(raw) == Decimal(cell)
    if re.fullmatch(r"\d{4}-\d\d-\d\d", cell):
        return bool(raw[:10] == cell)
    if re.fullmatch(r"\d\d:\d\d:\d\d", cell):
        return bool(f"{raw}:00" == cell)
    return dt.datetime.fromisoformat(raw) == dt.datetime.fromisoformat(cell)


def fields(raw: dict[str, Any]) -> dict[str, Any]:
    """What a record holds, whichever place HAL gives it."""
    inside = raw.get("_embedded", {}) | (raw.get("_links") or {}).get("_embedded", {})
    return {key: value for key, value in (raw | inside).items() if not key.startswith("_")}


def assert_same(raw: dict[str, Any], row: dict[str, Any], types: dict[str, str]) -> None:
    """A row, with the rows of the lists in its record, holds that and nothing else."""
    told: set[str] = set()
    _assert_same(raw, row, types, "", told)
    filled = {name for name in told_in(row) if name not in KEYS and not name.endswith("_id")}
    assert filled - {"within"} <= told
    assert {*row["within"]} <= told


def _assert_same(
    raw: dict[str, Any], row: dict[str, Any], types: dict[str, str], before: str, told: set[str]
) -> None:
    for key, value in fields(raw).items():
        name = f"{before}{column(key)}"
        told.add(name)
        if name in row:
            cell = row[name]
            is_json = types.get(name) == "json" and cell is not None
            assert equal(value, json.loads(cell) if is_json else cell), name
        elif name in row["within"]:
            inside = value if isinstance(value, list) else [value]
            for one, inner in zip(inside, row["within"][name], strict=True):
                assert_same(one, inner, {})
        elif isinstance(value, dict):
            _assert_same(value, row, types, f"{name}_", told)
        else:
            assert value in (None, "", [], {}), name


def records(path: str, body: bytes) -> list[tuple[str, Key, dict[str, Any]]]:
    """What an answer of Elements is told as: tables, keys and records."""
    dossier, _, below = path.removeprefix("/api/data/klantdossiers/").partition("/")
    own: Key = (("dossier_id", int(dossier)),)
    data = json.loads(body)
    steps = below.removeprefix("klanten/").split("/") if below else []
    match steps:
        case []:
            return [("dossiers", own, data)]
        case ["kantoor"]:
            return [("kantoor", (), data)]
        case ["kantoor", rel]:
            raise AssertionError(rel)  # shared: by its firm, below
        case ["adviseurs"]:
            return [("adviseurs", (), row) for row in data["_embedded"]["adviseurs"]]
        case [rel]:
            return [(rel, own, row) for row in data["_embedded"][rel]]
        case [kind, _] if kind not in OWNERS:
            return [(kind, own, data)]
        case [kind, owner, rel]:
            singular = "adviseur" if kind == "adviseurs" else kind
            keys = () if singular == "adviseur" else own
            keys += ((OWNERS.get(singular, "product_id"), int(owner)),)
            rows = [data] if rel == "profielfoto" else data["_embedded"][rel]
            return [(f"{singular}_{rel}", keys, row) for row in rows]
    raise AssertionError(path)


def expected_of(sandbox: Sandbox, stored: set[str]) -> dict[tuple[str, Key, int], dict[str, Any]]:
    """Every record that the stored paths serve; those of adviseurs and kantoor once."""
    found: dict[tuple[str, Key, int], dict[str, Any]] = {}
    for dossier in sandbox.dossier_ids:
        truth = sandbox.truth(dossier)
        for path in stored & truth.keys():
            head, inside, rel = path.partition("/kantoor/")
            if inside:
                keys: Key = (("kantoor_id", json.loads(truth[f"{head}/kantoor"])["id"]),)
                data = json.loads(truth[path])
                rows = [data] if rel == "profielfoto" else data["_embedded"][rel]
                told = [(f"kantoor_{rel}", keys, row) for row in rows]
            else:
                told = records(path, truth[path])
            for table, keys, raw in told:
                found[table, keys, raw["id"]] = raw
    return found


async def test_every_record_of_elements_is_there_once_and_equal(tmp_path: Path) -> None:
    store, out = tmp_path / "elements.sqlite", tmp_path / "out"
    async with Sandbox(dossiers=40, seed=11, limits="off") as sandbox:
        await harvest_elements(store, sandbox)
        manifest = export(store, out, to="jsonl")
        with StoreReader.read(store) as reader:
            expected = expected_of(sandbox, {path for path, _ in reader.bodies()})
        adviseurs = {
            (dossier, row["id"])
            for dossier in sandbox.dossier_ids
            for path, body in sandbox.truth(dossier).items()
            if path.endswith(f"{dossier}/adviseurs")
            for row in json.loads(body)["_embedded"]["adviseurs"]
        }
        kantoren = {
            (dossier, json.loads(body)["id"])
            for dossier in sandbox.dossier_ids
            for path, body in sandbox.truth(dossier).items()
            if path.endswith(f"{dossier}/kantoor")
        }
    links = {"dossier_adviseurs": adviseurs, "dossier_kantoor": kantoren}
    seen: Counter[tuple[str, Key, int]] = Counter()
    held = joined(out, manifest)
    for table in manifest["tables"]:
        rows = held[table["name"]]
        assert len(rows) == table["rows"]
        if any(key["column"] == "parent_id" for key in table["references"]):
            continue  # with the record that it is in
        if table["name"] in links:
            told = [(row["dossier_id"], row[list(row)[1]]) for row in rows]
            assert told == sorted(links[table["name"]])
            continue
        for row in rows:
            keys = tuple((name, row[name]) for name in KEYS if name in row)
            seen[table["name"], keys, row["id"]] += 1
            assert_same(expected[table["name"], keys, row["id"]], row, table["columns"])
            assert row["extra"] is None
        order = [(*(row[name] for name in KEYS if name in row), row["id"]) for row in rows]
        assert order == sorted(order)
    assert seen == Counter(expected.keys())
    assert len(seen) > 1_000
    assert len({table for table, *_ in seen}) > 35
    assert (manifest["unreadable"], manifest["left_out"]) == (0, {})
    assert not any(table["untyped"] for table in manifest["tables"])


async def test_every_record_of_procura_is_there_once_and_equal(tmp_path: Path) -> None:
    store, out = tmp_path / "procura.sqlite", tmp_path / "out"
    async with ProcuraSandbox(dossiers=120, seed=3, documented=0.5) as sandbox:
        await harvest_procura(store, sandbox)
        manifest = export(store, out, to="jsonl")
        dossiers: dict[str, Any] = {}
        cases: dict[str, Any] = {}
        documents: dict[tuple[str, str], Any] = {}
        for dossier in sandbox.dossier_ids:
            for path, body in sandbox.truth(dossier).items():
                data = json.loads(body) if not re.search("/documents/.", path) else None
                if path.endswith("/documents"):
                    documents |= {(dossier, row["id"]): row for row in data or ()}
                elif data is not None and "dossier" in data:
                    dossiers[dossier] = data["dossier"]
                    cases[dossier] = {key: data[key] for key in data.keys() - {"dossier"}}
                elif data is not None:
                    dossiers[dossier] = data
    told = {
        table["name"]: rows
        for table, rows in zip(manifest["tables"], joined(out, manifest).values(), strict=True)
        if not any(key["column"] == "parent_id" for key in table["references"])
    }
    types = {table["name"]: table["columns"] for table in manifest["tables"]}
    assert [row["dossier_id"] for row in told["dossiers"]] == sorted(dossiers)
    for row in told.pop("dossiers"):
        assert_same(dossiers[row["dossier_id"]], row, types["dossiers"])
    shown = told.pop("documents")
    assert [(row["dossier_id"], row["id"]) for row in shown] == sorted(documents)
    assert len(documents) > 30
    for row in shown:
        assert_same(documents[row["dossier_id"], row["id"]], row, types["documents"])
    assert len(told) == 6
    assert Counter(row["dossier_id"] for rows in told.values() for row in rows) == Counter(
        cases.keys()
    )
    for name, rows in told.items():
        for row in rows:
            assert dossiers[row["dossier_id"]]["type"]["code"] == name
            assert_same(cases[row["dossier_id"]], row, types[name])
