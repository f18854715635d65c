"""Copies a harvest from one database into another, table by table."""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from elements_procura.errors import StoreError
from elements_procura.harvest.packing import pack, unpack
from elements_procura.harvest.sql.database import Database, stream
from elements_procura.spec.source import DossierId

_AT_ONCE = 100
_OWN_NOTE = "schema"
"""The one note that is not the harvest's: the version of the tables, which each keeps its way."""
_TABLES = (
    ("meta", "key, value", "key"),
    ("counts", "name, value", "name"),
    (
        "dossiers",
        (
            "id, state, open, failed, pass, changed, partial, tried_at, fetched_at, cost, changes,"
            " busy, quiet, listing, digest, digest_before, due, parts, unlisted, deleted,"
            " lacking_since, deleted_at"
        ),
        "rowid",
    ),
    (
        "resources",
        (
            "dossier, id, parent, kind, path, share, root, pass, skipped, state, status,"
            " fetched_at, changed_at, sha256, error, change, look"
        ),
        "id",
    ),
    (
        "parts",
        (
            "dossier, part, tried_at, fetched_at, cost, changes, busy, quiet, due, changed,"
            " partial, hinted_at"
        ),
        "dossier, part",
    ),
    ("erased", "resource, look", "resource"),
    ("lineage", "after, mark", "after"),
    ("shares", "dossier, resource, path, pass, waiting", "resource, dossier"),
    (
        "losses",
        "resource, subject, status, since, seen, state, settled_at, body",
        "resource",
    ),
    ("accepted", "subject, state, count", "subject, state"),
    ("suppressed", "hash", "hash"),
    ("audit", "at, action, counts", "at"),
    ("exports", "place, options", "place"),
    ("tries", "dossier, resource, at", "resource, dossier"),
    ("bodies", "resource, body", "resource"),
    ("spares", "resource, at, sha256, body", "resource"),
    ("history", "resource, since, until, body", "resource, until"),
    (
        "traffic",
        (
            "start, seconds, unanswered, throttled, server_errors, repeated, waited, interruptions,"
            " away, latency"
        ),
        "start",
    ),
)
"""Every table, those first that others refer to: its columns, a dossier's id first, and order."""
_OF_DOSSIERS = ("dossiers", "resources", "parts", "shares", "tries")
_WITH_BODY = ("losses", "bodies", "spares", "history")
"""Tables whose last column is a body; what an earlier version has left unpacked is packed."""


def copy_tables(
    source: Database, target: Database, *, id_of: Callable[[DossierId], DossierId] = lambda id: id
) -> None:
    """Copy all rows; called inside a transaction of the target's, whose tables are empty.

    Args:
        source: A connection inside one moment of a store.
        target: A connection to the new one.
        id_of: Makes of a dossier's id what the target takes.

    Raises:
        StoreError: Not as many rows have arrived as there are.
    """
    for table, columns, order in _TABLES:
        query = f"SELECT {columns} FROM {table} ORDER BY {order}"  # noqa: S608 - constants
        marks = ", ".join("?" * len(columns.split(",")))
        insert = f"INSERT INTO {table} ({columns}) VALUES ({marks})"  # noqa: S608 - constants
        rows = stream(source, query)
        if table in _OF_DOSSIERS:
            rows = ((id_of(first), *rest) for first, *rest in rows)
        elif table in _WITH_BODY:
            rows = ((*first, _packed(body)) for *first, body in rows)
        elif table == "meta":
            rows = ((key, value) for key, value in rows if key != _OWN_NOTE)
        for some in _batches(rows):
            target.executemany(insert, some)
        where = f" WHERE key != '{_OWN_NOTE}'" if table == "meta" else ""
        counts = [
            db.execute(f"SELECT count(*) FROM {table}{where}").fetchone()[0]  # noqa: S608 - constants
            for db in (source, target)
        ]
        if counts[0] != counts[1]:
            raise StoreError(f"of {counts[0]:,} rows of {table} {counts[1]:,} have arrived")


def _packed(body: bytes | None) -> bytes | None:
    """A stored body as this version stores it."""
    return None if body is None else pack(unpack(body))


def _batches(rows: Iterator[Any]) -> Iterator[list[Any]]:
    while some := list(islice(rows, _AT_ONCE)):
        yield some
