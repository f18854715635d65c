"""One store into one directory."""

import base64
import contextlib
import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import attrs

from elements_procura._version import __version__
from elements_procura.errors import ConfigError, InputError
from elements_procura.export.cells import Column, Row, TypedRecord, id_of
from elements_procura.export.folder import Folder
from elements_procura.export.layout import (
    Feed,
    Layout,
    Table,
    links_of,
    raw_tables,
)
from elements_procura.export.sinks import Csv, JsonLines, Sink
from elements_procura.harvest.address import Where
from elements_procura.harvest.drift.report import iso
from elements_procura.harvest.records import HeldResource
from elements_procura.harvest.snapshot import StorageSnapshot
from elements_procura.harvest.store import snapshot
from elements_procura.registry import harvest_spec_of
from elements_procura.schema.hal import HalError
from elements_procura.spec.harvest import HarvestSpec

if TYPE_CHECKING:
    from elements_procura.spec.shapes import Shape

FORMATS = ("jsonl", "csv", "parquet")
"""The formats of an export."""
_FORMAT = 1  # of the manifest
_Found = dict[str, tuple[Feed, list[tuple[Row, TypedRecord]]]]


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
            layout = Layout(spec, chosen)
            tables = Tables(folder, make, to, layout.tables.values())
            _Rows(spec, moment, layout, tables).write()
            left_out = layout.left_out
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

    def add(self, name: str, row: Row) -> None:
        """Append a row to the table of that name."""
        into = self._open[name]
        with self._folder.errors():
            into.sink.write(row)
        into.rows += 1

    def add_typed(self, name: str, keys: Row, typing: TypedRecord) -> None:
        """Append a record's cells, after the ids of its parents."""
        self.add(name, (*keys, *typing.cells))
        into = self._open[name]
        into.untyped += not typing.is_typed
        into.misfits += typing.misfits

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
        }

    def _file(self, table: str) -> str:
        return f"{table}.{self._ending}"


class _Rows:
    """Typed rows out of bodies.

    Dossier after dossier, so that memory does not grow with the store; shared records come after
    them, by numbers noted on the way.
    """

    def __init__(
        self, spec: HarvestSpec, moment: StorageSnapshot, layout: Layout, tables: Tables
    ) -> None:
        self._row_kind = spec.row_kind
        self._moment = moment
        self._layout = layout
        self._tables = tables
        self._shapes: dict[str, Shape] = {
            kind: shape
            for kind in (*layout.own, *layout.firms, *layout.shared)
            if (shape := spec.shape_of(kind)) is not None
        }
        # The resource that tells of a firm most recently, and those that hang on one.
        self._newest: dict[str, dict[int, tuple[float, int]]] = {kind: {} for kind in layout.firms}
        self._hanging: dict[str, list[tuple[int, int]]] = {kind: [] for kind in layout.shared}

    def write(self) -> None:
        """All of them."""
        for _, held in groupby(self._moment.held(self._shapes), attrgetter("dossier")):
            self._write_dossier(held)
        for kind, newest in self._newest.items():
            feed = self._layout.firms[kind]
            for firm, (_, resource) in sorted(newest.items()):
                raw = next(each for each in self._records(kind, resource) if id_of(each) == firm)
                self._tables.add_typed(feed.table, (), feed.typed.row(raw))
        for kind, hanging in self._hanging.items():
            feed = self._layout.shared[kind]
            for firm, resource in sorted(hanging):
                records = self._records(kind, resource)
                self._add(feed, [((firm,), feed.typed.row(raw)) for raw in records])

    def _write_dossier(self, resources: Iterable[HeldResource]) -> None:
        found: _Found = {}
        spare: HeldResource | None = None
        for held in resources:
            if held.kind in self._layout.shared:
                firm = int(str(held.share).split("/")[1])
                self._hanging[held.kind].append((firm, held.id))
            elif held.kind in self._layout.firms:
                self._note_firms(held)
            elif held.kind == self._row_kind:
                spare = held
            else:
                self._find(held, found)
        if spare is not None and not any(
            found.get(feed.table, (feed, []))[1] for feed in self._layout.own[spare.kind]
        ):
            self._find(spare, found)
        for feed, rows in found.values():
            self._add(feed, rows)

    def _find(self, held: HeldResource, found: _Found) -> None:
        records = self._records(held.kind, held.id)
        for feed in self._layout.own[held.kind]:
            keys: Row = (held.dossier,)
            if feed.owner is not None:
                keys += (int(held.path.split("/")[feed.owner]),)
            rows = found.setdefault(feed.table, (feed, []))[1]
            rows += [(keys, feed.typed.row(feed.pick(raw))) for raw in records]

    def _note_firms(self, held: HeldResource) -> None:
        links = []
        for raw in self._records(held.kind, held.id):
            firm = id_of(raw)
            if firm is None:
                self._tables.unreadable += 1
                continue
            links.append(firm)
            known = self._newest[held.kind].get(firm)
            told = (held.fetched, held.id)
            self._newest[held.kind][firm] = told if known is None else max(known, told)
        for firm in sorted(set(links)):
            self._tables.add(links_of(held.kind), (held.dossier, firm))

    def _records(self, kind: str, resource: int) -> list[Any]:
        try:
            return self._shapes[kind].records(self._moment.body(resource))
        except HalError:
            self._tables.unreadable += 1
            return []

    def _add(self, feed: Feed, rows: list[tuple[Row, TypedRecord]]) -> None:
        """Append rows of one dossier or firm, by the ids of their parents and their own."""
        where = next(
            (at for at, column in enumerate(feed.typed.columns) if column.name == "id"), None
        )
        if where is not None:
            rows.sort(key=lambda row: (row[0], _none_last(row[1].cells[where])))
        for keys, typing in rows:
            self._tables.add_typed(feed.table, keys, typing)


def _none_last(identifier: Any) -> tuple[bool, Any]:
    return identifier is None, identifier or 0


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
