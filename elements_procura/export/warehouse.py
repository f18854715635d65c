"""Keeps a database's tables up to date with a store: all of them, or what has changed."""

import datetime as dt
from contextlib import AbstractContextManager
from typing import Any, Protocol

import attrs

from elements_procura.errors import StoreError
from elements_procura.export.layout import Layout
from elements_procura.export.pseudonyms import Pseudonymous, Pseudonyms
from elements_procura.export.rows import Rows, RowTarget
from elements_procura.export.target_note import TargetNote, layout_digest
from elements_procura.harvest.address import Where
from elements_procura.harvest.snapshot import StorageSnapshot
from elements_procura.harvest.store import snapshot
from elements_procura.registry import harvest_spec_of


class OpenTarget(RowTarget, Protocol):
    """A database inside the one transaction of an export."""

    @property
    def name(self) -> str:
        """What people call it; never with a password."""

    def standing(self) -> str | None:
        """The note of the last export, as it stands there; None for a new target."""

    def living(self) -> dict[str, int]:
        """Count the rows of each table, but for those that are deleted.

        Raises:
            StoreError: A table is not there, or not as it was made.
        """

    def begin(self, *, anew: bool) -> None:
        """Make ready for rows: of everything, or of what has changed."""

    def merge(self) -> dict[str, int]:
        """Bring the tables up to date with what was added; count their rows as in living."""

    def keep(self, standing: str) -> None:
        """Write the note; the transaction ends after it."""


class Target(Protocol):
    """A database that tables are kept in."""

    def open(self, layout: Layout, api: str, tenant: str) -> AbstractContextManager[OpenTarget]:
        """Begin the transaction; it is committed where the block ends, and else never was."""


@attrs.define
class Tally:
    """Counts what an export writes.

    Attributes:
        into: Where the rows go.
        rows: By table.
        untyped: Rows that no model fits.
        misfits: Values that fit no cell.
        unreadable: Bodies and records that cannot be read.
        notes: What has become of resources, by what that is.
    """

    into: RowTarget
    rows: dict[str, int] = attrs.field(factory=dict)
    untyped: int = 0
    misfits: int = 0
    unreadable: int = 0
    notes: dict[str, int] = attrs.field(factory=dict)

    def add(self, table: str, row: Any, *, is_typed: bool = True, misfits: int = 0) -> None:
        """Take a row."""
        self.rows[table] = self.rows.get(table, 0) + 1
        self.untyped += not is_typed
        self.misfits += misfits
        self.into.add(table, row)

    def skip(self) -> None:
        """Count a body or a record that cannot be read."""
        self.unreadable += 1

    def note(self, what: str, resource: int, kind: str | None, at: dt.datetime | None) -> None:
        """Take note of a resource."""
        self.notes[what] = self.notes.get(what, 0) + 1
        self.into.note(what, resource, kind, at)


def keep(
    store: Where,
    target: Target,
    *,
    force: bool = False,
    pseudonyms: Pseudonyms | None = None,
) -> dict[str, Any]:
    """Bring a target up to date: its readers see the old tables, then the new ones.

    Args:
        store: The harvest's path or URL.
        target: A database, for this store alone.
        force: Write everything anew, whatever is there.
        pseudonyms: Makes pseudonyms in the place of what says who somebody is.

    Returns:
        What was done: ``target``, ``since`` (the number that the target had come to; None if all
        was written), ``sequence``, ``written`` (rows by table), ``rows`` (that are there now),
        ``notes`` (resources that were changed, looked at, deleted, erased), ``untyped``,
        ``misfits``, ``unreadable``, ``left_out``.

    Raises:
        StoreError: The store cannot be read, the target cannot be used, is of another store or
            tenant, or was altered.
    """
    with snapshot(store) as moment:
        reader = moment.reader
        spec = harvest_spec_of(reader.api)
        layout = Layout(spec)
        if not layout.tables:
            raise StoreError(
                "no model describes what this store holds", hint="Export it with --raw to files"
            )
        shown = layout
        if pseudonyms is not None:
            shown = layout.with_tables(pseudonyms.tables(layout.tables))
        with target.open(shown, str(reader.api), reader.tenant) as open_target:
            made_by = "" if pseudonyms is None else pseudonyms.identity
            since = _since(open_target, moment, shown, force=force, pseudonyms=made_by)
            into: RowTarget = open_target
            if pseudonyms is not None:
                into = Pseudonymous(open_target, pseudonyms, layout.tables)
            tally = Tally(into)
            rows = None
            if since is None or since < reader.sequence:
                open_target.begin(anew=since is None)
                Rows(spec, moment, layout, tally, since=since).write()
                rows = open_target.merge()
            standing = TargetNote(
                identity=reader.identity,
                tenant=reader.tenant,
                api=str(reader.api),
                sequence=reader.sequence,
                layout=layout_digest(shown),
                exported_at=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
                rows=open_target.living() if rows is None else rows,
                pseudonyms=made_by,
            )
            open_target.keep(standing.to_text())
            held = moment.kinds()
        return {
            **({} if pseudonyms is None else {"pseudonymised": pseudonyms.report(layout.tables)}),
            "target": open_target.name,
            "since": since,
            "sequence": standing.sequence,
            "complete": reader.progress().complete,
            "written": tally.rows,
            "rows": dict(standing.rows),
            "notes": tally.notes,
            "untyped": tally.untyped,
            "misfits": tally.misfits,
            "unreadable": tally.unreadable,
            "left_out": {kind: held[kind] for kind in sorted(held.keys() - layout.kinds)},
        }


def _since(
    target: OpenTarget,
    moment: StorageSnapshot,
    layout: Layout,
    *,
    force: bool,
    pseudonyms: str,
) -> int | None:
    """The number that a target has come to; None where everything is to be written."""
    if force:
        return None
    text = target.standing()
    if text is None:
        return None
    standing = TargetNote.from_text(text, target.name)
    standing.check(moment.reader, target.name, pseudonyms)
    if standing.layout != layout_digest(layout):
        return None  # another version of this package has made it
    standing.compare(target.living(), target.name)
    return standing.sequence
