"""One store into one directory."""

import base64
import contextlib
import datetime as dt
import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from operator import attrgetter
from pathlib import Path
from typing import Any, BinaryIO

import attrs

from elements_procura._version import __version__
from elements_procura.errors import ConfigError, InputError
from elements_procura.export.cells import Column, Row
from elements_procura.export.folder import Folder
from elements_procura.export.layout import Layout, Table, raw_tables
from elements_procura.export.rows import Rows
from elements_procura.export.schemas import SCHEMA, schema_of
from elements_procura.export.sinks import Csv, JsonLines, Sink
from elements_procura.harvest.address import Where
from elements_procura.harvest.drift.report import iso
from elements_procura.harvest.snapshot import StorageSnapshot
from elements_procura.harvest.store import snapshot
from elements_procura.registry import harvest_spec_of
from elements_procura.spec.harvest import HarvestSpec

FORMATS = ("jsonl", "csv", "parquet")
"""The formats of an export."""
_FORMAT = 2  # of the manifest


def export(
    store: Where,
    out: Path | str,
    *,
    to: str,
    kinds: Collection[str] | None = None,
    raw: bool = False,
    force: bool = False,
) -> dict[str, Any]:
    """Write what a store holds as tables: one moment of it, whatever a harvest goes on to write.

    Two exports of one store are equal byte for byte. Records that are gone or deleted at the source
    are left out.

    Args:
        store: The harvest's path or URL.
        out: The directory to write to, for this store alone.
        to: One of :data:`FORMATS`; Parquet needs the extra ``arrow``.
        kinds: Names of the kinds of resource to export; None for all.
        raw: The bodies as they came instead of typed rows, a table per kind.
        force: Replace an export that is there.

    Returns:
        The manifest, which is also stored beside the tables: JSON with their files, rows, columns
        and hashes, and the parts left out.

    Raises:
        ConfigError: Parquet is asked for and pyarrow is not there.
        InputError: ``kinds`` or ``to`` holds an unknown name.
        StoreError: The store cannot be read, or the directory not be written to.
    """
    make = _sinks(to)
    with snapshot(store) as moment, contextlib.ExitStack() as stack:
        spec = harvest_spec_of(moment.reader.api)
        held = moment.kinds()
        known = spec.kinds.keys() | held.keys()
        if unknown := sorted(set(kinds or ()) - known):
            raise InputError(
                f"unknown kinds: {', '.join(unknown)}",
                hint=f"Choose among {', '.join(sorted(known))}",
            )
        folder = stack.enter_context(Folder(Path(out), force=force))
        chosen = held.keys() & (held.keys() if kinds is None else kinds)
        if raw:
            by_kind = raw_tables(spec, chosen)
            tables = Tables(folder, make, to, by_kind.values())
            _write_bodies(spec, moment, by_kind, tables)
            left_out: list[str] = []
        else:
            layout = Layout(spec, kinds)
            tables = Tables(folder, make, to, layout.tables.values())
            Rows(spec, moment, layout, tables).write()
            left_out = sorted(chosen & {*layout.left_out} | (chosen - spec.kinds.keys()))
            if to == "csv":
                folder.file(SCHEMA).write(schema_of(layout.tables.values(), to))
        told = tables.finish()
        newest = moment.newest()
        manifest = {
            "format": _FORMAT,
            "to": to,
            "raw": raw,
            "store": moment.reader.name,
            "tenant": moment.reader.tenant,
            "schema_version": moment.reader.schema_version,
            "package_version": __version__,
            "identity": moment.reader.identity,
            "sequence": moment.reader.sequence,
            "newest_answer": None if newest is None else iso(newest),
            "complete": moment.reader.progress().complete,
            # What is held of these, the last look did not show as it is held.
            **moment.not_current(),
            "whose": moment.whose_not_current(),
            "concerns": [each.to_json() for each in moment.reader.concerns()],
            "tables": told,
            "left_out": {kind: held[kind] for kind in left_out},
            "unreadable": tables.unreadable,
        }
        folder.keep(manifest)
    return manifest


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

    Attributes:
        unreadable: Bodies and records that could not be split into rows.
    """

    def __init__(
        self,
        folder: Folder,
        make: Callable[[BinaryIO, Sequence[Column]], Sink],
        ending: str,
        tables: Iterable[Table],
    ) -> None:
        self._folder = folder
        self._ending = ending
        self.unreadable = 0
        with folder.errors():
            self._open = {
                table.name: _OpenTable(
                    table, make(folder.file(self._file(table.name)), table.columns)
                )
                for table in sorted(tables, key=attrgetter("name"))
            }

    def add(self, table: str, row: Row, *, is_typed: bool = True, misfits: int = 0) -> None:
        """Append a row to the table of that name."""
        into = self._open[table]
        with self._folder.errors():
            into.sink.write(row)
        into.rows += 1
        into.untyped += not is_typed
        into.misfits += misfits

    def skip(self) -> None:
        """Count a body or a record that cannot be read."""
        self.unreadable += 1

    def note(self, what: str, resource: int, kind: str | None, at: dt.datetime | None) -> None:
        """Do nothing: files are written anew."""

    def finish(self) -> list[dict[str, Any]]:
        """Close the files, and return the description of each."""
        with self._folder.errors():
            for each in self._open.values():
                each.sink.close()
        self._folder.finish()
        return [self._told(each) for each in self._open.values()]

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


def _write_bodies(
    spec: HarvestSpec, moment: StorageSnapshot, by_kind: Mapping[str, Table], tables: Tables
) -> None:
    for held in moment.held(by_kind):
        body = moment.body(held.id)
        text, encoded = None, None
        try:
            if spec.is_binary(held.kind):
                encoded = base64.b64encode(body).decode()
            else:
                text = body.decode()
        except UnicodeDecodeError:
            encoded = base64.b64encode(body).decode()
        row = (held.dossier, held.path, iso(held.since), text, encoded)
        tables.add(by_kind[held.kind].name, row)


def _sinks(to: str) -> Callable[[BinaryIO, Sequence[Column]], Sink]:
    if to == "jsonl":
        return JsonLines
    if to == "csv":
        return Csv
    if to != "parquet":
        raise InputError(f"nothing is exported to {to}", hint=f"Choose among {', '.join(FORMATS)}")
    try:
        from elements_procura.export.parquet import Parquet  # noqa: PLC0415 - an extra of its own
    except ModuleNotFoundError:
        raise ConfigError(
            "Parquet needs pyarrow, which is not there",
            hint="pip install 'elements-procura[arrow]', or choose jsonl or csv",
        ) from None
    return Parquet
