"""One odd field costs one cell: its value stands in ``extra`` and is counted, the row is typed."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elements_procura.elements._wire import elements_wire
from elements_procura.elements.models import Hypotheek, Product
from elements_procura.export import FORMATS, export
from elements_procura.export.cells import RowMaker
from elements_procura.export.texts import json_text
from tests.export.exporting import filled_of, lines_of, store_of, told_in

Tables = dict[str, tuple[dict[str, Any], list[dict[str, Any]]]]
LEVELS = 300


def exported(tmp_path: Path, *bodies: tuple[int | str, str, str, Any]) -> Tables:
    """What the manifest tells of each table, and its rows."""
    store = store_of(tmp_path / "s.sqlite", *bodies)
    manifest = export(store, tmp_path / "out", to="jsonl")
    return {
        name: (table, lines_of(tmp_path / "out" / table["file"]))
        for name, table in filled_of(manifest).items()
    }


def producten(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"_embedded": {"producten": list(rows)}}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("hoofdsom", "200000,00"),
        ("hoofdsom", "200.000,00"),
        ("koopprijs", "-"),
        ("koopprijs", {"a": 1}),
        ("koopprijs", ["x"]),
        ("koopprijs", "1e25"),
        ("koopprijs", "0.1234567890123456789"),
        ("passeerdatum", "01-09-2010"),
        ("passeerdatum", "2024"),
        ("gearchiveerd ", "J"),
        ("type", "9" * 25),
        ("type", 2**63),
    ],
)
def test_h7_one_odd_field_costs_one_cell(tmp_path: Path, name: str, value: Any) -> None:
    good = {"id": 1, "inschrijving": "1.50"}
    told, rows = exported(
        tmp_path, (1, "producten", "/x", producten(good | {"id": 2, name: value}, good))
    )["producten"]
    assert [row["inschrijving"] for row in rows] == ["1.50", "1.50"]
    assert told_in(rows[1]) == {
        "dossier_id": 1,
        "id": 2,
        "inschrijving": "1.50",
        "extra": orjson.dumps({name: value}).decode(),
    }
    assert (told["untyped"], told["misfits"]) == (0, 1)


def test_h7_odd_fields_of_records_within_stand_beside_them(tmp_path: Path) -> None:
    body = {
        "id": 3,
        "hoofdsom": "200.000,00",
        "passeerdatum": "01-09-2010",
        "_embedded": {
            "productdelen": [{"id": 1, "looptijd": "30 jaar"}, {"id": 2, "looptijd": 360}],
            "aanvrager": [{"id": 4, "geboortedatum": "1960-00-00", "achternaam": "Jansen"}],
            "correspondentieadres": False,
        },
    }
    tables = exported(tmp_path, (1, "hypotheken", "/hypotheken/3", body))
    _, parts = tables["hypotheken_productdelen"]
    assert [told_in(part) for part in parts] == [
        {"dossier_id": 1, "product_id": 3, "id": 1, "extra": '{"looptijd":"30 jaar"}'},
        {"dossier_id": 1, "product_id": 3, "id": 2, "looptijd": 360},
    ]
    (person,) = tables["hypotheken_aanvragers"][1]
    assert told_in(person) == {
        "dossier_id": 1,
        "product_id": 3,
        "id": 4,
        "achternaam": "Jansen",
        "extra": '{"geboortedatum":"1960-00-00"}',
    }
    _, (row,) = tables["hypotheken"]
    assert json.loads(row["extra"]) == {
        "hoofdsom": "200.000,00",
        "passeerdatum": "01-09-2010",
        "_embedded": {"correspondentieadres": False},
    }
    assert {name: (told["untyped"], told["misfits"]) for name, (told, _) in tables.items()} == {
        "hypotheken": (0, 3),
        "hypotheken_aanvragers": (0, 1),
        "hypotheken_productdelen": (0, 1),
    }


def test_a_record_within_a_record_gives_columns_and_its_misfits_stand_under_its_name(
    tmp_path: Path,
) -> None:
    body = {
        "id": 3,
        "_embedded": {
            "correspondentieadres": {"id": 5, "straat": "Dam", "nieuw": 1, "longitude": "1e30"},
            "productdelen": [{"id": 1}, {"id": 1}, {"id": 2, "deelHoofdsom": "1e30"}],
        },
    }
    tables = exported(tmp_path, (1, "hypotheken", "/hypotheken/3", body))
    told, (row,) = tables["hypotheken"]
    assert (row["correspondentieadres_straat"], row["correspondentieadres_longitude"]) == (
        "Dam",
        None,
    )
    extra = {"correspondentieadres": {"nieuw": 1, "longitude": str(10**30)}}
    assert (json.loads(row["extra"]), told["misfits"]) == (extra, 1)
    told, parts = tables["hypotheken_productdelen"]
    assert [part["row_id"] for part in parts] == ["1/3/1", "1/3/1#2", "1/3/2"]
    assert {part["parent_id"] for part in parts} == {row["row_id"]}
    assert (json.loads(parts[2]["extra"]), told["misfits"]) == ({"deelHoofdsom": str(10**30)}, 1)


def test_keys_of_a_body_s_rows_do_not_depend_on_other_bodies(tmp_path: Path) -> None:
    """Tomorrow another body may have changed alone, and the rows of it are found by their keys."""
    found = {}
    for name, people in (("both", (7, 8)), ("one", (8,))):
        (tmp_path / name).mkdir()
        records = [{"id": 1}, {}, {"id": 1, "types": []}, {}]
        bodies = [
            (
                *(1, "particulier/adressen", f"/klanten/particulier/{each}/adressen"),
                {"_embedded": {"adressen": records}},
            )
            for each in people
        ]
        _, rows = exported(tmp_path / name, *bodies)["particulier_adressen"]
        found[name] = [row["row_id"] for row in rows if row["persoon_id"] == 8]
    assert found["both"] == found["one"] == ["1/8/1", "1/8/1#2", "1/8/#1", "1/8/#2"]


def test_what_is_unknown_or_spelled_twice_is_no_misfit(tmp_path: Path) -> None:
    rows = [{"id": 1, "nieuw": [1]}, {"id": 2, "naam": "x", "naam ": "y"}]
    body = {"_embedded": {"rekeningnummers": [*rows, {"id": 3, "land_iso": "NL", "landIso": 5}]}}
    kind = "particulier/rekeningnummers"
    path = "/klanten/particulier/7/rekeningnummers"
    told, found = exported(tmp_path, (1, kind, path, body))["particulier_rekeningnummers"]
    assert [json.loads(row["extra"]) for row in found] == [
        {"nieuw": [1]},
        {"naam ": "y"},
        {"landIso": 5},
    ]
    assert told["misfits"] == 0


def test_misfits_of_a_case_are_told_once(tmp_path: Path) -> None:
    body = {"dossier": {"dossierId": "A", "startDate": "31-12-2016"}, "children": []}
    tables = exported(tmp_path, ("A", "birth", "/x", body))
    assert {name: told["misfits"] for name, (told, _) in tables.items()} == {
        "dossiers": 1,
        "birth": 0,
    }


@pytest.mark.parametrize("identifier", [None, "", "x", True, 2**63, {}])
def test_a_record_without_an_id_stands_whole_in_extra(tmp_path: Path, identifier: Any) -> None:
    bad = {"id": identifier, "omschrijving": "x"}
    told, rows = exported(
        tmp_path, (1, "producten", "/x", producten(bad, {"id": 1, "omschrijving": "y"}))
    )["producten"]
    assert [(row["id"], row["omschrijving"]) for row in rows] == [(1, "y"), (None, None)]
    assert rows[1]["extra"] == orjson.dumps(bad).decode()
    assert (told["untyped"], told["misfits"]) == (1, 0)


@pytest.mark.parametrize("value", [2**63 - 1, 1])
def test_a_number_of_64_bits_is_one(value: int) -> None:
    made = RowMaker(elements_wire(), Product, without=frozenset()).row({"id": value})
    assert made.is_typed
    assert made.cells[0] == value


def test_a_long_number_is_kept_digit_by_digit() -> None:
    number = 10**25 + 1
    made = RowMaker(elements_wire(), Product, without=frozenset()).row({"id": 1, "type": number})
    assert (made.cells[-1], made.misfits) == (f'{{"type":{number}}}', 1)
    made = RowMaker(elements_wire(), Product, without=frozenset()).row({"id": 1, "nieuw": number})
    assert (made.cells[-1], made.misfits) == (f'{{"nieuw":{number}}}', 0)


def test_the_command_says_how_many(tmp_path: Path) -> None:
    row = {"id": 1, "hoofdsom": "200.000,00", "passeerdatum": "01-09-2010"}
    path = tmp_path / "elements.sqlite"
    store_of(path, (1, "producten", "/producten", producten(row, {"id": None})))
    command = ("export", path, "--to", "csv", "--out", tmp_path / "out")
    done = subprocess.run(
        [sys.executable, "-m", "elements_procura", *map(str, command)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "misfits  2 values that fit no cell stand in extra" in done.stdout
    assert "untyped  1 rows that no model fits stand whole in extra" in done.stdout
    assert "200.000" not in done.stdout + done.stderr


# ------------------------------------------------------------------------------ depth


def deep(levels: int) -> Any:
    value: Any = "Ørsted"
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize("to", FORMATS)
@pytest.mark.parametrize("levels", [LEVELS, 1000])
@pytest.mark.parametrize("record", [{"id": 1}, {"id": None}])
def test_e3_300_levels_in_an_unknown_field_end_no_export(
    tmp_path: Path, to: str, levels: int, record: dict[str, Any]
) -> None:
    opened, closed = "[" * levels, "]" * levels
    rest = orjson.dumps(record).decode()[1:]
    rows = f'{{"a":{opened}{closed},{rest},{{"id":2,"b":{{}}}}'.encode()
    body = b'{"_embedded":{"producten":[' + rows + b"]}}"
    store = store_of(
        tmp_path / "s.sqlite",
        (1, "producten", "/producten", body),
        (2, "producten", "/producten", producten({"id": 3})),
    )
    manifest = export(store, tmp_path / "out", to=to)
    assert [table["rows"] for table in filled_of(manifest).values()] == [3]
    assert manifest["unreadable"] == 0
    if to == "jsonl":
        found = lines_of(tmp_path / "out" / "producten.jsonl")
        assert any(f'"a":{opened}{closed}' in (row["extra"] or "") for row in found)


@pytest.mark.parametrize("levels", [0, 1, 253, 254, 255, 300, 1024, 100_000])
def test_json_of_any_depth(levels: int) -> None:
    assert json_text(deep(levels)) == "[" * levels + '"Ørsted"' + "]" * levels


@settings(deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(st.characters()) | st.floats(-9, 9),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_what_orjson_cannot_write_is_written(value: Any) -> None:
    assert json.loads(json_text(value)) == value
    assert json.loads(json_text([10**25, value, "\ud800"])) == [10**25, value, "\ud800"]


_WHOLE: list[tuple[dict[str, Any], dict[str, Any], list[int]]] = [
    ({"productdelen": "x"}, {"productdelen": "x"}, []),
    (
        {"productdelen": [{"id": 1}, 7, {"looptijd": 2}, {"id": 3}]},
        {"productdelen": [7, {"looptijd": 2}]},
        [1, 3],
    ),
    (
        {"productdelen": {"0": {"id": 1}, "2": {"id": None}}},
        {"productdelen": [{"id": None}]},
        [1],
    ),
    (
        {"correspondentieadres": {"straat": "Dam"}, "productdelen": [{"id": 1}]},
        {"correspondentieadres": {"straat": "Dam"}},
        [1],
    ),
    ({"correspondentieadres": [1, 2]}, {"correspondentieadres": [1, 2]}, []),
    (
        {"correspondentieadres": {"id": 1, "_embedded": {"types": [5]}}, "aanvrager": 4},
        {"correspondentieadres": {"id": 1, "_embedded": {"types": [5]}}, "aanvrager": 4},
        [],
    ),
]


@pytest.mark.parametrize(("inside", "taken", "parts"), _WHOLE)
def test_an_odd_record_or_list_within_costs_no_other_cell(
    tmp_path: Path, inside: dict[str, Any], taken: dict[str, Any], parts: list[int]
) -> None:
    body = {"id": 3, "hoofdsom": "1.50", "passeerdatum": "x", "_embedded": inside | {"nieuw": 1}}
    tables = exported(tmp_path, (1, "hypotheken", "/hypotheken/3", body))
    told, (row,) = tables["hypotheken"]
    assert (row["id"], row["hoofdsom"]) == (3, "1.50")
    extra = {"passeerdatum": "x", "_embedded": {"nieuw": 1} | taken}
    assert json.loads(row["extra"]) == extra
    lost = sum(len(each) if each == [7, {"looptijd": 2}] else 1 for each in taken.values())
    assert (told["untyped"], told["misfits"]) == (0, 1 + lost)
    _, rows = tables.get("hypotheken_productdelen", ({}, []))
    assert [each["id"] for each in rows] == parts


def test_a_case_of_procura_keeps_its_columns_beside_an_odd_list(tmp_path: Path) -> None:
    body = {"dossier": {"dossierId": "A", "description": "d"}, "children": "x"}
    tables = exported(tmp_path, ("A", "birth", "/x", body))
    told, (row,) = tables["birth"]
    assert (json.loads(row["extra"]), told["untyped"], told["misfits"]) == ({"children": "x"}, 0, 1)
    assert tables["dossiers"][1][0]["description"] == "d"


def test_a_record_with_more_odd_parts_than_are_looked_for_stands_whole_in_extra() -> None:
    raw = {"id": 1, "_embedded": {"productdelen": [7] * 51}}
    made = RowMaker(elements_wire(), Hypotheek).row(raw)
    assert (made.is_typed, made.cells[-1]) == (False, json_text(raw))
    assert RowMaker(elements_wire(), Hypotheek).row({**raw, "_embedded": {"nieuw": 1}}).is_typed
