"""One store into one directory."""

import base64
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from elements_procura._version import __version__
from elements_procura.errors import ConfigError, InputError, StoreError
from elements_procura.export.cells import Column
from elements_procura.export.folder import Folder
from elements_procura.export.layout import Layout, Table, raw_tables
from elements_procura.export.parts import add_part, note_of
from elements_procura.export.pseudonyms import Pseudonymous, Pseudonyms, read_key
from elements_procura.export.rows import Rows, RowTarget
from elements_procura.export.schemas import SCHEMA, schema_of
from elements_procura.export.shares import known_kinds, refuse_unknown
from elements_procura.export.sinks import Csv, JsonLines, Sink
from elements_procura.export.tables import Tables
from elements_procura.export.warehouse.keeping import Target, keep
from elements_procura.export.warehouse.targets import DLT, target_of
from elements_procura.harvest.address import Where
from elements_procura.harvest.drift.report import iso
from elements_procura.harvest.snapshot import StorageSnapshot
from elements_procura.harvest.store import StoreReader, note_export, snapshot
from elements_procura.registry import harvest_spec_of
from elements_procura.spec.harvest import HarvestSpec

log: logging.Logger = logging.getLogger(__name__)
FORMATS = ("jsonl", "csv", "parquet")
"""The formats of files."""
DATABASES = ("postgres", "duckdb")
"""The databases whose tables an export keeps up to date."""
_CHOICES = f"Choose among {', '.join((*FORMATS, *DATABASES, 'dlt:DESTINATION'))}"
_FORMAT = 2  # of the manifest


def export(
    store: Where,
    out: Path | str | None = None,
    *,
    to: str,
    url: str | None = None,
    schema: str | None = None,
    kinds: Collection[str] | None = None,
    raw: bool = False,
    force: bool = False,
    pseudonymise: Path | str | None = None,
    kept: Collection[str] = (),
    update: bool = False,
) -> dict[str, Any]:
    """Write what a store holds as tables: one moment of it, whatever a harvest goes on to write.

    Two exports of one store to files are equal byte for byte; records that are gone or deleted at
    the source are left out. A database is brought up to date: only what has changed since the last
    export is written, in one transaction, and what is gone keeps its row with ``deleted_at``.

    Args:
        store: The harvest's path or URL.
        out: The directory to write to, for this store alone; of ``duckdb`` the file.
        to: One of :data:`FORMATS` or of :data:`DATABASES`; Parquet needs the extra ``arrow``, the
            databases the extras of their names.
        url: Of ``postgres``: ``postgresql://user@host/database``, without a password.
        schema: Of ``postgres``: the schema's name; by default called after API and tenant.
        kinds: Names of the kinds of resource to export; None for all. Of files only.
        raw: The bodies as they came instead of typed rows, a table per kind. Of files only.
        force: Replace an export that is there.
        pseudonymise: A key file (see :func:`~elements_procura.export.make_key`): what says who
            somebody is becomes a pseudonym, free text and unknown fields are left out; the
            manifest's ``pseudonymised`` says what was done to each column.
        kept: With ``pseudonymise``, columns that stay as they are: ``TABLE.COLUMN`` or ``COLUMN``.
        update: Of files: write what has changed since the export that is there, into a directory
            beside it; databases always do.

    Returns:
        The manifest, which is also stored beside the tables: JSON with their files, rows, columns
        and hashes, and the parts left out. Of a database, what
        :func:`elements_procura.export.warehouse.keeping.keep` returns.

    Raises:
        ConfigError: A library is missing, or the URL names no database.
        InputError: ``kinds`` or ``to`` holds an unknown name, or a target is not said.
        StoreError: The store cannot be read, or the target not be written to, is of another store
            or tenant, or was altered.
    """
    pseudonyms = _pseudonyms(pseudonymise, kept, raw=raw)
    if to in DATABASES or to.startswith(DLT):
        if kinds is not None or raw:
            raise InputError(
                f"{to} takes all tables, and typed ones", hint="Leave out --kinds and --raw"
            )
        place = str(_place(out)) if to == "duckdb" else None
        state = None if place is None else _state(store, place)
        target = target_of(to, out=out, url=url, schema=schema, state=state)
        how: dict[str, Any] = {"to": to, "pseudonymise": _place(pseudonymise)}
        how["kept"] = sorted(kept)
        return _keep(store, target, place=place, how=how, force=force, pseudonyms=pseudonyms)
    make = _sinks(to)
    if out is None:
        raise InputError(f"{to} needs a directory to write to", hint="Say --out")
    if update:
        is_other = kinds is not None or raw or force or pseudonymise is not None
        return _update(store, Path(out), to=to, is_other=is_other)
    how = {"to": to, "pseudonymise": _place(pseudonymise), "raw": raw}
    how |= {"kept": sorted(kept), "kinds": None if kinds is None else sorted(kinds)}
    with snapshot(store) as moment:
        refuse_unknown(kinds, known_kinds(moment))
        files = _Files(moment, to=to, kinds=kinds, raw=raw, pseudonyms=pseudonyms)
        with Folder(Path(out), force=force) as folder:
            # Before anything is in it: an erasure then finds what a killed export has left.
            _note(store, str(_place(out)), {"folder": True, "how": how})
            return files.write(folder, make)


class _Files:
    """The files of one moment of a store.

    Args:
        moment: The moment.
        to: The format.
        kinds: Names of the kinds to export; None for all.
        raw: The bodies as they came instead of typed rows.
        pseudonyms: What takes the place of names; None for the values as they are.

    Raises:
        InputError: A column that is to be kept is not there.
    """

    def __init__(
        self,
        moment: StorageSnapshot,
        *,
        to: str,
        kinds: Collection[str] | None,
        raw: bool,
        pseudonyms: Pseudonyms | None,
    ) -> None:
        self._moment = moment
        self._to = to
        self._raw = raw
        self._pseudonyms = pseudonyms
        self._spec = harvest_spec_of(moment.reader.api)
        self._held = moment.kinds()
        self._chosen = self._held.keys() & (self._held.keys() if kinds is None else kinds)
        self._layout = Layout(self._spec, kinds)
        self._is_whole = not raw and kinds is None and pseudonyms is None
        tables = self._layout.tables
        self._shown = tables if pseudonyms is None else pseudonyms.tables(tables)

    def write(
        self, folder: Folder, make: Callable[[BinaryIO, Sequence[Column]], Sink]
    ) -> dict[str, Any]:
        """Write them.

        Args:
            folder: Where they go.
            make: Makes the writer of a table.

        Returns:
            The manifest, which is written last.
        """
        left_out: list[str] = []
        if self._raw:
            by_kind = raw_tables(self._spec, self._chosen)
            tables = Tables(folder, make, self._to, by_kind.values())
            _write_bodies(self._spec, self._moment, by_kind, tables)
        else:
            tables = Tables(folder, make, self._to, self._shown.values())
            self._write_rows(tables)
            without = self._chosen - self._spec.kinds.keys()
            left_out = sorted(self._chosen & {*self._layout.left_out} | without)
            if self._to == "csv":
                folder.write(SCHEMA, schema_of(self._shown.values(), self._to))
        manifest = self._manifest(tables, left_out)
        folder.keep(manifest)
        return manifest

    def _write_rows(self, tables: Tables) -> None:
        into: RowTarget = tables
        if self._pseudonyms is not None:
            into = Pseudonymous(tables, self._pseudonyms, self._layout.tables)
        Rows(self._spec, self._moment, self._layout, into).write()

    def _manifest(self, tables: Tables, left_out: Sequence[str]) -> dict[str, Any]:
        told = tables.finish()
        moment, reader = self._moment, self._moment.reader
        newest = moment.newest()
        manifest: dict[str, Any] = {
            "format": _FORMAT,
            "to": self._to,
            "raw": self._raw,
            "store": reader.name,
            "tenant": reader.tenant,
            "schema_version": reader.schema_version,
            "package_version": __version__,
            "identity": reader.identity,
            "sequence": reader.sequence,
            "newest_answer": None if newest is None else iso(newest),
            "complete": reader.progress().complete,
            # What is held of these, the last look did not show as it is held.
            **moment.not_current(),
            "whose": moment.whose_not_current(),
            "concerns": [each.to_json() for each in reader.concerns()],
            **({"note": note_of(moment, self._layout)} if self._is_whole else {}),
            "tables": told,
            "left_out": {kind: self._held[kind] for kind in left_out},
            "unreadable": tables.unreadable,
        }
        if self._pseudonyms is not None:
            return self._pseudonyms.manifest(manifest, self._layout.tables)
        return manifest


def _keep(
    store: Where,
    target: Target,
    *,
    place: str | None,
    how: dict[str, Any],
    force: bool,
    pseudonyms: Pseudonyms | None,
) -> dict[str, Any]:
    """Bring a database up to date; a file of ours is noted before anything is in it."""
    if place is not None:
        _note(store, place, {"folder": False, "how": how})
    written = keep(store, target, force=force, pseudonyms=pseudonyms)
    if place is None:
        _note(store, written["target"], {"folder": False})
    else:
        _note(store, place, {"folder": False, "how": how, "state": target.state})
    return written


def _state(store: Where, place: str) -> Any:
    """What the store has noted of an export's file after the last time."""
    with StoreReader.read(store, brief=True) as reader:
        return next(
            (each.get("state") for each in reader.exports() if each["place"] == place), None
        )


def _place(path: Path | str | None) -> str | None:
    return None if path is None else str(Path(path).resolve())


def _update(store: Where, out: Path, *, to: str, is_other: bool) -> dict[str, Any]:
    if is_other:
        raise InputError("an update is of all tables", hint="Leave out the other options")
    return add_part(store, out, to=to, make=_sinks(to))


def _pseudonyms(
    key_file: Path | str | None, kept: Collection[str], *, raw: bool
) -> Pseudonyms | None:
    if key_file is None:
        if kept:
            raise InputError("columns are kept only from pseudonyms", hint="Say --pseudonymise")
        return None
    if raw:
        raise InputError("bodies as they came have no pseudonyms", hint="Leave out --raw")
    return Pseudonyms(read_key(Path(key_file)), kept)


def _note(store: Where, place: str, options: dict[str, Any]) -> None:
    """Note the export in the store, for an erasure to reach it."""
    try:
        note_export(store, place, options)
    except StoreError:
        log.warning("the store could not note this export: an erasure will not reach it")


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
        raise InputError(f"nothing is exported to {to}", hint=_CHOICES)
    try:
        from elements_procura.export.parquet import Parquet  # noqa: PLC0415 - an extra of its own
    except ModuleNotFoundError:
        raise ConfigError(
            "Parquet needs pyarrow, not installed here",
            hint="pip install 'elements-procura[arrow]', or choose jsonl or csv",
        ) from None
    return Parquet
