"""The files of an export while they are written: a table each."""

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter
from typing import Any, BinaryIO

import attrs

from elements_procura.export.cells import Column, Row
from elements_procura.export.folder import Folder
from elements_procura.export.layout import Table
from elements_procura.export.sinks import Sink

NOTES = "_notes"
"""The table that tells what has become of resources."""


@attrs.define
class _OpenTable:
    """A table that is being written."""

    table: Table
    sink: Sink
    rows: int = 0
    untyped: int = 0
    misfits: int = 0


class Tables:
    """The tables of an export while they are written.

    Args:
        folder: Where their files go.
        make: Makes the writer of a file.
        ending: Of the files' names.
        tables: All of them: one that stays empty is there as well.
        lazy: Make files only for those that get rows, and one of the notes of resources.

    Attributes:
        unreadable: Bodies and records that could not be split into rows.
    """

    def __init__(
        self,
        folder: Folder,
        make: Callable[[BinaryIO, Sequence[Column]], Sink],
        ending: str,
        tables: Iterable[Table],
        *,
        lazy: bool = False,
    ) -> None:
        self._folder = folder
        self._make = make
        self._ending = ending
        self.unreadable: int = 0
        self._open: dict[str, _OpenTable] = {}
        self._closed = {table.name: table for table in sorted(tables, key=attrgetter("name"))}
        self._notes = lazy
        for name in [] if lazy else [*self._closed]:
            self._begin(name)

    def _begin(self, name: str) -> _OpenTable:
        table = self._closed[name]
        with self._folder.errors():
            sink = self._make(self._folder.file(self._file(name)), table.columns)
        begun = self._open[name] = _OpenTable(table, sink)
        return begun

    def add(self, table: str, row: Row, *, is_typed: bool = True, misfits: int = 0) -> None:
        """Append a row to the table of that name."""
        into = self._open.get(table) or self._begin(table)
        with self._folder.errors():
            into.sink.write(row)
        into.rows += 1
        into.untyped += not is_typed
        into.misfits += misfits

    def skip(self) -> None:
        """Count a body or a record that cannot be read."""
        self.unreadable += 1

    def note(self, what: str, resource: int, kind: str | None, at: dt.datetime | None) -> None:
        """Write it down, beside what has changed."""
        if self._notes:
            self.add(NOTES, (what, resource, kind, at))

    def finish(self) -> list[dict[str, Any]]:
        """Close the files, and return the description of each."""
        with self._folder.errors():
            for each in self._open.values():
                each.sink.close()
        self._folder.finish()
        return [self._told(each) for _, each in sorted(self._open.items())]

    def _told(self, done: _OpenTable) -> dict[str, Any]:
        file = self._file(done.table.name)
        with self._folder.errors(), self._folder.part(file).open("rb") as written:
            sha256 = hashlib.file_digest(written, "sha256").hexdigest()
        return {
            "name": done.table.name,
            "file": file,
            "rows": done.rows,
            "untyped": done.untyped,
            "misfits": done.misfits,
            "sha256": sha256,
            "columns": {column.name: str(column.type) for column in done.table.columns},
            "key": list(done.table.key),
            "references": [
                {"column": each.column, "table": each.table, "to": each.to}
                for each in done.table.references
            ],
        }

    def _file(self, table: str) -> str:
        return f"{table}.{self._ending}"
