"""The data dictionary describes every column of every table, and the docs' page is in step."""

import importlib.util
import json
from pathlib import Path

from elements_procura.export.dictionary import dictionary, entries, tables_of
from elements_procura.harvest import Store
from elements_procura.registry import specs
from tests.cli.cli_running import run

ROOT = Path(__file__).parent.parent.parent


def test_every_column_has_its_meaning() -> None:
    found = [
        each for spec in specs() for table in tables_of(spec.harvest) for each in entries(table)
    ]
    assert len(found) > 1_000
    for each in found:
        assert each.meaning, each
        if each.source and each.column != "extra":
            assert each.dutch, each


def test_columns_say_what_they_are() -> None:
    (elements, *_) = specs()
    told = {table["table"]: table for table in dictionary(tables_of(elements.harvest))}
    columns = {each["column"]: each for each in told["hypotheken_productdelen"]["columns"]}
    assert columns["deel_hoofdsom"]["unit"] == "EUR"
    assert columns["deel_hoofdsom"]["personal"] == "financial"
    assert columns["deel_hoofdsom"]["source"] == "productdelen.deelHoofdsom"
    assert columns["looptijd"]["dutch"] == "looptijd"
    assert json.dumps(told)


def test_the_page_of_tables_is_in_step() -> None:
    spec = importlib.util.spec_from_file_location("tables", ROOT / "docs/_tools/tables.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    text = (ROOT / "docs/tables.md").read_text(encoding="utf-8")
    assert text == module.page(), "run: python docs/_tools/tables.py"


async def test_it_is_printed_and_written(tmp_path: Path) -> None:
    path = tmp_path / "elements.sqlite"
    with Store.create(path, tenant="t") as store:
        store.begin_listing(api="elements")
    printed = await run("export", path, "--dictionary")
    assert printed.code == 0
    assert "| `bsn` | text | bsn | Citizen service number" in printed.out
    as_json = await run("export", path, "--dictionary", "--json")
    assert "particulier" in {each["table"] for each in json.loads(as_json.out)}
    written = await run("export", path, "--dictionary", "--out", tmp_path / "out")
    assert written.code == 0
    assert json.loads((tmp_path / "out" / "dictionary.json").read_text())
    assert (await run("export", path)).code == 2
