"""Statements that bring tables up to date, in words of PostgreSQL and of DuckDB. Pure.

Beside the new rows of each table, in ``STAGE``, stand the resources that they come from, in
:data:`NOTES`: which were ``changed`` (their rows are those of the stage, and others are gone),
``looked`` at, ``deleted`` or ``erased``.
"""

from collections.abc import Iterator

from elements_procura.export.layout import Layout, Table, links_of

NOTES = "_notes"


def stage_of(table: Table) -> str:
    """The name of the table that takes the new rows."""
    return f"_new_{table.name}"


def quoted(name: str) -> str:
    """A name as an identifier."""
    return '"' + name.replace('"', '""') + '"'


def merges(
    layout: Layout, table: Table, *, home: str, staged: int, erased: bool, upserts: bool
) -> Iterator[str]:
    """The statements for one table.

    Args:
        layout: The tables.
        table: One of them.
        home: What its name begins with: the schema and a dot.
        staged: How many new rows there are.
        erased: Whether anything is erased.
        upserts: Whether the database has a key that new rows replace others by.
    """
    into, stage = f"{home}{quoted(table.name)}", stage_of(table)
    is_shared = any(feed.node.table == table.name for feed in layout.firms.values())
    if not is_shared:
        if erased:
            yield erases(table, home=home)
        yield (
            f"UPDATE {into} AS t SET deleted_at = n.moment FROM {NOTES} AS n WHERE {ended(table)}"
        )
    yield looks(table, home=home)
    if staged:
        yield from _new_rows(table, into, stage, upserts=upserts, is_newest=is_shared)


def erases(table: Table, *, home: str) -> str:
    """The statement that takes out rows of erased resources."""
    return (
        f"DELETE FROM {home}{quoted(table.name)} AS t WHERE t.resource_id IN"
        f" (SELECT resource_id FROM {NOTES} WHERE what = 'erased')"
    )


def looks(table: Table, *, home: str) -> str:
    """The statement that dates rows which have been fetched again and are the same."""
    return (
        f"UPDATE {home}{quoted(table.name)} AS t SET fetched_at = n.moment FROM {NOTES} AS n"
        f" WHERE {_noted(table)} AND n.what = 'looked'"
    )


def ended(table: Table) -> str:
    """The condition of rows ``t`` that a note ``n`` ends, while the stage has all new rows."""
    return (
        f"{_noted(table)} AND t.deleted_at IS NULL"
        " AND (n.what = 'deleted' OR n.what = 'changed' AND NOT EXISTS"
        f" (SELECT 1 FROM {stage_of(table)} AS s WHERE s.row_id = t.row_id))"
    )


def _noted(table: Table) -> str:
    kinds = ", ".join(f"'{kind}'" for kind in table.kinds)
    return f"n.resource_id = t.resource_id AND n.kind IN ({kinds})"


def _new_rows(
    table: Table, into: str, stage: str, *, upserts: bool, is_newest: bool
) -> Iterator[str]:
    names = [quoted(column.name) for column in table.columns]
    columns = ", ".join(names)
    insert = f"INSERT INTO {into} ({columns}) SELECT {columns} FROM {stage}"
    # Of a record that many dossiers share, what was fetched last is told.
    later = "s.fetched_at >= t.fetched_at OR t.deleted_at IS NOT NULL"
    if upserts:
        values = ", ".join(f"{name} = excluded.{name}" for name in names)
        newer = later.replace("s.", "excluded.") if is_newest else "true"
        yield (
            insert.replace(f"INTO {into}", f"INTO {into} AS t")
            + f" ON CONFLICT (row_id) DO UPDATE SET {values} WHERE {newer}"
        )
        return
    if is_newest:
        yield (
            f"DELETE FROM {stage} AS s WHERE EXISTS (SELECT 1 FROM {into} AS t"
            f" WHERE t.row_id = s.row_id AND NOT ({later}))"
        )
    yield f"DELETE FROM {into} AS t WHERE t.row_id IN (SELECT row_id FROM {stage})"
    yield insert


def endings(layout: Layout, *, home: str, erased: bool) -> Iterator[str]:
    """The statements that end records which no dossier leads to any more.

    Args:
        layout: The tables.
        home: What names begin with.
        erased: Whether anything is erased: then such a record goes, too.
    """
    for kind, feed in layout.firms.items():
        links, own = f"{home}{quoted(links_of(kind))}", f"{home}{quoted(feed.node.table)}"
        column = next(
            key.column for key in layout.tables[links_of(kind)].references if key.to == "id"
        )
        unled = (
            f"NOT EXISTS (SELECT 1 FROM {links} AS l"
            f" WHERE l.{column} = t.id AND l.deleted_at IS NULL)"
        )
        if erased:
            yield f"DELETE FROM {own} AS t WHERE {unled}"
        yield (
            f"UPDATE {own} AS t SET deleted_at = (SELECT max(moment) FROM {NOTES})"
            f" WHERE t.deleted_at IS NULL AND {unled}"
        )


def living(layout: Layout, *, home: str) -> str:
    """A query of how many rows each table has, but for those that are deleted."""
    return " UNION ALL ".join(
        f"SELECT '{name}', count(*) FROM {home}{quoted(name)} WHERE deleted_at IS NULL"
        for name in sorted(layout.tables)
    )
