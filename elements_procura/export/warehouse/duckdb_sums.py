"""Sums of the rows in a DuckDB file, by which an export knows them again.

A sum does not depend on the order of rows, so an export reckons with those that it takes out and
puts in, and reads no others. Looks are summed apart: they move far more rows than changes do, and
two columns alone.
"""

from collections.abc import Collection, Iterable

import attrs
import duckdb

from elements_procura.export.layout import DELETED, FETCHED, RESOURCE, Layout, Table
from elements_procura.export.warehouse.merging import quoted

_LOOKS = f"coalesce(sum(hash({RESOURCE}, {FETCHED})), 0)"


@attrs.frozen
class Sums:
    """Sums over rows that are not deleted, by table; they hold for one version of DuckDB.

    Attributes:
        rows: Of all of a row but when it was fetched.
        looks: Of that.
    """

    rows: dict[str, int]
    looks: dict[str, int]

    def other_than(self, told: "Sums") -> list[str]:
        """The tables whose sums are others."""
        return [
            name
            for name, total in self.rows.items()
            if (total, self.looks[name]) != (told.rows.get(name), told.looks.get(name))
        ]


def by() -> str:
    """What the sums depend on: DuckDB's version, and how they are made."""
    return f"{duckdb.__version__}/2"


def hash_of(table: Table) -> str:
    """An expression of what a row of a table adds to the sum."""
    names = ", ".join(
        quoted(column.name) for column in table.columns if column.name not in {FETCHED, DELETED}
    )
    return f"hash({names})"


def sums_in(
    db: duckdb.DuckDBPyConnection, layout: Layout, *, rows: Collection[str], looks: Iterable[str]
) -> Sums:
    """Read tables, and sum them.

    Args:
        db: Where they are.
        layout: All tables.
        rows: Those whose rows are summed.
        looks: Those whose looks are.
    """
    queries = {
        name: f"SELECT '{name}', {_sum(layout.tables[name]) if name in rows else 0}, {_LOOKS}"
        f" FROM {quoted(name)} WHERE {DELETED} IS NULL"
        for name in {*rows, *looks}
    }
    if not queries:
        return Sums({}, {})
    found = db.execute(" UNION ALL ".join(queries.values())).fetchall()
    return Sums(
        {name: int(total) for name, total, _ in found if name in rows},
        {name: int(total) for name, _, total in found},
    )


def _sum(table: Table) -> str:
    return f"coalesce(sum({hash_of(table)}), 0)"
