"""The tables as data: names that analysts rely on, keys that hold, sources that exist."""

from pathlib import Path

import pytest

from elements_procura.export.layout import Layout, Node
from elements_procura.registry import harvest_spec_of

PINNED = Path(__file__).parents[1] / "data" / "export_columns.txt"
APIS = ("elements", "procura")
LONGEST = 63  # letters of a name in PostgreSQL


def layout_of(api: str) -> Layout:
    return Layout(harvest_spec_of(api))


def described() -> list[str]:
    return [
        f"{api} {table.name}.{column.name} {column.type}"
        for api in APIS
        for table in sorted(layout_of(api).tables.values(), key=lambda each: each.name)
        for column in table.columns
    ]


def test_names_and_types_of_columns_stay() -> None:
    """Others' queries rely on them: a column that is renamed here is a breaking change."""
    assert described() == PINNED.read_text().splitlines()


@pytest.mark.parametrize("api", APIS)
def test_names_are_unique_and_short_enough(api: str) -> None:
    for table in layout_of(api).tables.values():
        names = [column.name for column in table.columns]
        assert len({*names}) == len(names)
        assert max(map(len, (*names, table.name))) <= LONGEST
        assert table.name == table.name.lower()


@pytest.mark.parametrize("api", APIS)
def test_every_reference_leads_somewhere(api: str) -> None:
    tables = layout_of(api).tables
    for table in tables.values():
        own = {column.name for column in table.columns}
        for key in table.references:
            assert key.column in own
            assert key.to in {column.name for column in tables[key.table].columns}
        certain = [key for key in table.references if key.is_certain]
        assert len(certain) == ("parent_id" in own)


@pytest.mark.parametrize("api", APIS)
def test_what_hangs_on_a_record_within_begins_with_the_same_keys(api: str) -> None:
    layout = layout_of(api)

    def check(node: Node) -> None:
        for child in node.children:
            names = [column.name for column in layout.tables[child.table].columns]
            assert child.keys == 1 + (node.id_at is not None)
            assert all(name.endswith("_id") for name in names[: child.keys])
            check(child)

    for feeds in layout.own.values():
        for feed in feeds:
            check(feed.node)


@pytest.mark.parametrize("api", APIS)
def test_every_column_tells_where_it_comes_from(api: str) -> None:
    layout = layout_of(api)
    for table in layout.tables.values():
        assert table.kinds
        for column in table.columns:
            assert (column.model is None) == (not column.attribute)
            assert column.model is None or column.source or column.name == "extra"
