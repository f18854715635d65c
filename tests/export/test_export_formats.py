"""What a cell becomes in each format: exact, equal in all three, and the same every time."""

import datetime as dt
import gc
import io
import sys
import tempfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from elements_procura.elements._wire import elements_wire
from elements_procura.elements.models import Product
from elements_procura.errors import ConfigError, InputError
from elements_procura.export import FORMATS, export
from elements_procura.export.cells import Column, Type
from elements_procura.export.parquet import Parquet
from elements_procura.export.sinks import Csv
from elements_procura.sandbox import ProcuraSandbox, Sandbox
from tests.export.exporting import (
    SYSTEM,
    cells_of,
    filled_of,
    harvest_elements,
    harvest_procura,
    lines_of,
    store_of,
    told_in,
)

Rows = list[dict[str, Any]]


def exported(tmp_path: Path, kind: str, content: Any) -> Rows:
    """The rows that one body becomes."""
    store = store_of(tmp_path / "s.sqlite", (1, kind, "/x", content))
    (table,) = filled_of(export(store, tmp_path / "out", to="jsonl")).values()
    return lines_of(tmp_path / "out" / table["file"])


def producten(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"_embedded": {"producten": list(rows)}}


def test_values_of_every_type(tmp_path: Path) -> None:
    body = producten(
        {
            "id": "7",
            "omschrijving": "Hypotheek",
            "invoerAanvraag": "2016-07-11T09:30:00+0200",
            "passeerdatum": "1960-01-01T00:00:00+01:00",
            "gearchiveerd ": "nee",
            "hoofdsom": "24000.00",
            "koopprijs": 0.1,
            "inschrijving": "1e3",
            "soort": "een nieuwe soort",
            "isPakket": None,
            "nieuw": {"a": [1, None]},
            "_links": {"self": {"href": "/x"}},
        }
    )
    (row,) = exported(tmp_path, "producten", body)
    assert told_in(row) == {
        "dossier_id": 1,
        "id": 7,
        "omschrijving": "Hypotheek",
        "invoer_aanvraag": "2016-07-11T09:30:00+02:00",
        "passeerdatum": "1960-01-01",
        "gearchiveerd": False,
        "hoofdsom": "24000.00",
        "koopprijs": "0.1",
        "inschrijving": "1000",
        "soort": "een nieuwe soort",
        "extra": '{"nieuw":{"a":[1,null]}}',
    }
    assert row.keys() == {"dossier_id", "extra", *SYSTEM} | {
        field.name for field in elements_wire().fields(Product)
    }


def test_bodies_that_hold_no_rows_are_counted(tmp_path: Path) -> None:
    store = store_of(
        tmp_path / "s.sqlite",
        (1, "producten", "/producten", b"<html>"),
        (2, "producten", "/producten", {"_embedded": {}}),
        (3, "adviseurs", "/adviseurs", {"_embedded": {"adviseurs": [{"naam": "x"}, {"id": 4}]}}),
        (4, "producten", "/producten", producten()),
        (5, "taken", "/taken", {"iets": 1}),
    )
    manifest = export(store, tmp_path / "out", to="csv")
    assert manifest["unreadable"] == 3
    assert manifest["left_out"] == {"taken": 1}
    assert {name: table["rows"] for name, table in filled_of(manifest).items()} == {
        "adviseurs": 1,
        "dossier_adviseurs": 1,
    }


def test_an_adviseur_is_told_as_it_was_fetched_last(tmp_path: Path) -> None:
    def body(name: str) -> dict[str, Any]:
        return {"_embedded": {"adviseurs": [{"id": 4, "achternaam": name}]}}

    store = store_of(
        tmp_path / "s.sqlite",
        (1, "adviseurs", "/adviseurs", body("Oud")),
        (9, "adviseurs", "/adviseurs", body("Oud")),
        (2, "adviseurs", "/adviseurs", body("Nieuw")),
    )
    export(store, tmp_path / "out", to="jsonl")
    (row,) = lines_of(tmp_path / "out" / "adviseurs.jsonl")
    assert (row["id"], row["achternaam"]) == (4, "Nieuw")
    links = lines_of(tmp_path / "out" / "dossier_adviseurs.jsonl")
    assert [tuple(link.values())[:2] for link in links] == [(1, 4), (2, 4), (9, 4)]


# -- CSV ---------------------------------------------------------------------------------------


@given(st.lists(st.none() | st.text(st.characters(exclude_categories=["Cs"])), min_size=1))
def test_csv_gives_every_text_back(texts: list[str | None]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "t.csv"
        with file.open("wb") as opened:
            sink = Csv(opened, [Column("a", Type.TEXT), Column("b", Type.TEXT)])
            for text in texts:
                sink.write((text, None))
            sink.close()
        assert cells_of(file) == [{"a": text, "b": None} for text in texts]


@pytest.mark.parametrize("text", ["=1+1", "+31", "-1", "@SUM(A1)", '=HYPERLINK("x")', "a\r\nb", ""])
def test_a_cell_that_looks_like_a_formula_is_quoted_and_not_altered(text: str) -> None:
    file = io.BytesIO()
    Csv(file, [Column("a", Type.TEXT)]).write((text,))
    doubled = text.replace('"', '""')
    assert file.getvalue() == b'a\r\n"' + doubled.encode() + b'"\r\n'


def test_numbers_and_dates_stand_bare() -> None:
    file = io.BytesIO()
    columns = [Column(name, Type.TEXT) for name in "abcde"]
    Csv(file, columns).write((-1, Decimal("1.10"), dt.date(1960, 1, 2), True, Decimal("1E+2")))
    assert file.getvalue() == b"a,b,c,d,e\r\n-1,1.10,1960-01-02,true,100\r\n"


# -- the formats beside each other -------------------------------------------------------------


async def test_all_formats_hold_the_same_and_do_so_twice(tmp_path: Path) -> None:
    stores = {"elements": tmp_path / "e.sqlite", "procura": tmp_path / "p.sqlite"}
    async with Sandbox(dossiers=15, seed=2, limits="off") as sandbox:
        await harvest_elements(stores["elements"], sandbox)
    async with ProcuraSandbox(dossiers=40, seed=2, documented=0.5) as procura:
        await harvest_procura(stores["procura"], procura)
    for api, store in stores.items():
        told = {to: export(store, tmp_path / api / to, to=to) for to in FORMATS}
        again = {to: export(store, tmp_path / api / f"{to}2", to=to) for to in FORMATS}
        for to in FORMATS:
            assert told[to] == again[to]
            first, second = (
                {file.name: file.read_bytes() for file in (tmp_path / api / name).iterdir()}
                for name in (to, f"{to}2")
            )
            assert first == second
        for table in told["jsonl"]["tables"]:
            name, columns = table["name"], table["columns"]
            lines = lines_of(tmp_path / api / "jsonl" / f"{name}.jsonl")
            csv_rows = cells_of(tmp_path / api / "csv" / f"{name}.csv")
            parquet = pq.read_table(tmp_path / api / "parquet" / f"{name}.parquet").to_pylist()
            assert len(lines) == len(csv_rows) == len(parquet) == table["rows"]
            for line, csv_row, row in zip(lines, csv_rows, parquet, strict=True):
                assert [*line] == [*csv_row] == [*row] == [*columns]
                assert {key: bare(value) for key, value in line.items()} == csv_row
                assert {key: typed(line[key], type_) for key, type_ in columns.items()} == row


def bare(value: Any) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else str(value)


def typed(value: Any, type_: str) -> Any:
    if value is None or type_ not in ("decimal", "date", "instant"):
        return value
    if type_ == "instant":
        return dt.datetime.fromisoformat(value).astimezone(dt.UTC)
    return Decimal(value) if type_ == "decimal" else dt.date.fromisoformat(value)


def test_groups_of_rows_join(tmp_path: Path) -> None:
    """Parquet is written in groups, by number of rows and by length of their text."""
    for number, (rows, text) in enumerate(((4_500, ""), (11, "x" * 1_000_000))):
        store = tmp_path / f"{number}.sqlite"
        body = producten(*({"id": each, "omschrijving": text} for each in range(rows)))
        store_of(store, (1, "producten", "/producten", body))
        out = tmp_path / str(number)
        export(store, out, to="parquet")
        file = pq.ParquetFile(out / "producten.parquet")
        assert file.num_row_groups == 3
        assert file.read(["id"])["id"].to_pylist() == [*range(rows)]


def test_without_pyarrow_the_error_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "elements_procura.export.parquet", raising=False)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    store = store_of(tmp_path / "s.sqlite")
    with pytest.raises(ConfigError, match="pyarrow") as caught:
        export(store, tmp_path / "out", to="parquet")
    assert "elements-procura[arrow]" in caught.value.hint
    assert not (tmp_path / "out").exists()
    export(store, tmp_path / "out", to="csv")


def test_what_is_no_format_and_no_kind_is_told(tmp_path: Path) -> None:
    store = store_of(tmp_path / "s.sqlite")
    with pytest.raises(InputError, match="xlsx") as format_error:
        export(store, tmp_path / "out", to="xlsx")
    assert "jsonl, csv, parquet" in format_error.value.hint
    with pytest.raises(InputError, match=r"unknown kinds: hypotheek\.") as kind_error:
        export(store, tmp_path / "out", to="csv", kinds=["hypotheken", "hypotheek"])
    assert "hypotheken" in kind_error.value.hint
    assert not (tmp_path / "out").exists()


def test_a_parquet_file_that_cannot_be_ended_is_left_without_a_word(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As on a full disk: pyarrow's writer would end it when it is collected."""
    unraisable: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", unraisable.append)
    file = io.BytesIO()
    table = Parquet(file, [Column("a", Type.TEXT)])
    table.write(("x",))
    file.close()
    with pytest.raises(ValueError, match="closed file"):
        table.close()
    del table
    gc.collect()
    assert unraisable == []
