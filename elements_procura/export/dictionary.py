"""The data dictionary: every table and column, made from the layout and the descriptions."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import attrs

from elements_procura.export.layout import (
    CHANGED,
    DELETED,
    FETCHED,
    MARK,
    PARENT,
    RESOURCE,
    ROW,
    Layout,
    Table,
)
from elements_procura.schema.descriptions import Personal, known_descriptions
from elements_procura.spec.harvest import HarvestSpec

_OF_THE_STORE: Mapping[str, tuple[str, Personal]] = {
    ROW: ("Identifies the row, on every night", Personal.IDENTIFIER),
    PARENT: ("The row_id of the record that this one stands in", Personal.IDENTIFIER),
    RESOURCE: ("Number of the stored body that the row is made of", Personal.NONE),
    FETCHED: ("When the row was last fetched", Personal.NONE),
    CHANGED: ("When the row was first fetched as it is", Personal.NONE),
    DELETED: ("When the row was found gone at the source", Personal.NONE),
    MARK: ("Why the row may be out of date: doubted, forbidden, quarantined, …", Personal.NONE),
    "extra": ("Fields and values that fit no column, as JSON, as they came", Personal.TEXT),
}


@attrs.frozen
class Entry:
    """A column, as the dictionary has it.

    Attributes:
        table: The table's name.
        column: Its name.
        type: Of its cells.
        dutch: The Dutch term.
        meaning: In English.
        unit: As ``EUR``; None where values have none.
        source: Where it stands in the API's answers, after the kind.
        personal: Whether its values are personal data.
    """

    table: str
    column: str
    type: str
    dutch: str
    meaning: str
    unit: str | None
    source: str
    personal: Personal


def entries(table: Table) -> Iterator[Entry]:
    """Every column of a table."""
    for column in table.columns:
        known = {} if column.model is None else known_descriptions(column.model)
        told = known.get(column.attribute)
        source = ""
        if column.source:
            source = f"{table.source}.{column.source}".lstrip(".")
        if told:
            dutch = told.dutch or column.source.rpartition(".")[2] or column.attribute
            meaning, personal, unit = told.meaning, told.personal, told.unit
        else:
            meaning, personal = _OF_THE_STORE.get(column.name) or (
                f"Number or id of the {column.name.removesuffix('_id')} that the row belongs to",
                Personal.IDENTIFIER,
            )
            dutch, unit = "", None
        yield Entry(
            table.name, column.name, str(column.type), dutch, meaning, unit, source, personal
        )


def dictionary(tables: Iterable[Table]) -> list[dict[str, Any]]:
    """Every table as JSON."""
    return [
        {
            "table": table.name,
            "kinds": list(table.kinds),
            "key": list(table.key),
            "references": [
                {"column": each.column, "table": each.table, "to": each.to}
                for each in table.references
            ],
            "columns": [
                {
                    key: value
                    for key, value in attrs.asdict(each).items()
                    if key != "table" and value not in (None, "")
                }
                for each in entries(table)
            ],
        }
        for table in sorted(tables, key=lambda table: table.name)
    ]


def as_markdown(tables: Iterable[Table]) -> str:
    """Every table as Markdown, a section each."""
    return "\n".join(
        line for table in sorted(tables, key=lambda table: table.name) for line in _section(table)
    )


def _section(table: Table) -> Iterator[str]:
    kinds = ", ".join(f"`{kind}`" for kind in table.kinds)
    yield f"### {table.name}\n"
    yield f"Of {kinds}{f', list `{table.source}`' if table.source else ''}.\n"
    yield "| column | type | Dutch | meaning | unit | source | personal |"
    yield "|---|---|---|---|---|---|---|"
    for each in entries(table):
        personal = "" if each.personal is Personal.NONE else each.personal
        source = f"`{each.source}`" if each.source else ""
        yield (
            f"| `{each.column}` | {each.type} | {each.dutch} | {each.meaning} |"
            f" {each.unit or ''} | {source} | {personal} |"
        )
    yield ""


def tables_of(spec: HarvestSpec) -> list[Table]:
    """All documented tables of an API."""
    return [*Layout(spec).tables.values()]


def comments(table: Table, quoted: Callable[[str], str]) -> Iterator[str]:
    """The statements that describe a table in a database.

    Args:
        table: The table.
        quoted: Writes a name as the database has it.
    """
    kinds = ", ".join(table.kinds)
    yield f"COMMENT ON TABLE {quoted(table.name)} IS {_literal(f'Of {kinds}')}"
    for each in entries(table):
        unit = f" ({each.unit})" if each.unit else ""
        personal = "" if each.personal is Personal.NONE else f" [personal: {each.personal}]"
        text = f"{each.meaning}{unit}{personal}"
        yield f"COMMENT ON COLUMN {quoted(table.name)}.{quoted(each.column)} IS {_literal(text)}"


def _literal(text: str) -> str:
    doubled = text.replace("'", "''")
    return f"'{doubled}'"
