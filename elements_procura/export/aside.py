"""Rows on their way to a target, as files in a folder beside it: so memory stays small."""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Generic, TypeVar

from elements_procura.export.cells import Column, Row, Type
from elements_procura.export.layout import RESOURCE, Layout
from elements_procura.export.sinks import Sink
from elements_procura.export.warehouse.merging import NOTES

NOTED = (
    Column("what", Type.TEXT),
    Column(RESOURCE, Type.INTEGER),
    Column("kind", Type.TEXT),
    Column("moment", Type.INSTANT),
)
"""The columns of :data:`NOTES`: what has become of resources."""
AnySink = TypeVar("AnySink", bound=Sink)


class Aside(Generic[AnySink]):
    """What targets share that take their rows from files.

    Args:
        layout: The tables.
        folder: Where the files go; whoever made it removes it.
        make: Makes the writer of a file.
    """

    def __init__(
        self,
        layout: Layout,
        folder: Path,
        make: Callable[[BinaryIO, Sequence[Column]], AnySink],
    ) -> None:
        self._layout = layout
        self._folder = folder
        self._make = make
        self._files: dict[str, BinaryIO] = {}
        self._sinks: dict[str, AnySink] = {}
        self._anew = False
        self._kinds: set[str] = set()
        self._erased = False

    def close(self) -> None:
        """Let go of files; without effect the second time."""
        for file in self._files.values():
            file.close()

    def begin(self, *, anew: bool, note: str) -> None:
        """Make ready for rows."""
        del note
        self._anew = anew
        if not anew:
            self._open(NOTES, NOTED)

    def skip(self) -> None:
        """Do nothing: whoever counts does so before."""

    def note(self, what: str, resource: int, kind: str | None, at: dt.datetime | None) -> None:
        """Take note of a resource."""
        self._sinks[NOTES].write((what, resource, kind, at))
        self._erased = self._erased or what == "erased"
        if kind is not None:
            self._kinds.add(kind)

    def _write(self, table: str, row: Row) -> None:
        sink = self._sinks.get(table)
        if sink is None:
            sink = self._open(table, self._layout.tables[table].columns)
        sink.write(row)

    def _open(self, name: str, columns: Sequence[Column]) -> AnySink:
        file = self._files[name] = self._file_of(name).open("wb")
        sink = self._sinks[name] = self._make(file, columns)
        return sink

    def _file_of(self, name: str) -> Path:
        return self._folder / f"{name}.rows"

    def _finish(self, names: Iterable[str]) -> None:
        """End files: all of their rows are in them then."""
        for name in names:
            self._sinks[name].close()
            self._files[name].close()

    def _is_touched(self, kinds: Iterable[Any]) -> bool:
        """Whether anything has become of resources of these kinds."""
        return not self._kinds.isdisjoint(kinds)
