"""The part of a database's connection that the statements need, and notes in it."""

from collections.abc import Iterable, Iterator
from typing import Any, Protocol, runtime_checkable


class Rows(Protocol):
    """The outcome of a statement."""

    @property
    def rowcount(self) -> int:
        """How many rows it has written."""

    def fetchone(self) -> Any:
        """Return the next row; None at the end."""

    def fetchall(self) -> list[Any]:
        """Return all that are left."""

    def __iter__(self) -> Iterator[Any]:
        """Go through all that are left."""


class Cursor(Protocol):
    """Executes one statement after the other."""

    def execute(self, sql: str, parameters: Any = ..., /) -> Rows:
        """Execute a statement."""


class Database(Cursor, Protocol):
    """A connection, every statement its own transaction but between BEGIN and COMMIT."""

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open."""

    def executemany(self, sql: str, parameters: Iterable[Any], /) -> Rows:
        """Execute a statement once for each of the parameters."""

    def cursor(self) -> Cursor:
        """Return something that executes, for short statements."""

    def close(self) -> None:
        """Let go of it."""


@runtime_checkable
class Streams(Protocol):
    """A connection that fetches whatever :meth:`Database.execute` finds at once."""

    def stream(self, sql: str, parameters: Any = ..., /) -> Iterator[Any]:
        """Execute a query and fetch its rows some at a time."""


def stream(db: Database, sql: str, parameters: Any = ()) -> Iterator[Any]:
    """Go through the rows of a query of which there may be more than memory holds."""
    return (
        db.stream(sql, parameters) if isinstance(db, Streams) else iter(db.execute(sql, parameters))
    )


def note(db: Database, key: str, value: str) -> None:
    """Write a note of the store's; called inside a transaction."""
    db.execute(
        "INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        (key, value),
    )
