"""Keeps a database's tables up to date with a store: all of them, or what has changed."""

import datetime as dt
from contextlib import AbstractContextManager
from typing import Any, Protocol

import attrs

from elements_procura.errors import StoreError
from elements_procura.export.layout import Layout
from elements_procura.export.pseudonyms import Pseudonymous, Pseudonyms
from elements_procura.export.rows import Rows, RowTarget
from elements_procura.export.warehouse.note import TargetNote, layout_digest
from elements_procura.harvest.address import Where
from elements_procura.harvest.snapshot import StorageSnapshot
from elements_procura.harvest.store import snapshot
from elements_procura.registry import harvest_spec_of


@attrs.frozen
class FoundNote:
    """The note of the last export, as it stands in a target.

    Attributes:
        text: The note.
        is_cut_off: Whether rows of a later export may be there, which was cut off.
        is_partial: Whether one was cut off that wrote everything anew; the note is of that one.
        is_untouched: Whether it is known that nobody has written to the target since.
    """

    text: str
    is_cut_off: bool = False
    is_partial: bool = False
    is_untouched: bool = False


class OpenTarget(RowTarget, Protocol):
    """A database inside the one transaction of an export."""

    @property
    def name(self) -> str:
        """What people call it; never with a password."""

    @property
    def can_erase(self) -> bool:
        """Whether single rows can be taken out; else everything is written anew for that."""

    def standing(self) -> FoundNote | None:
        """The note of the last export; None for a new target."""

    def living(self) -> dict[str, int]:
        """Count the rows of each table, but for those that are deleted.

        Raises:
            StoreError: A table is not there, or not as it was made.
        """

    def begin(self, *, anew: bool, note: str) -> None:
        """Make ready for rows: of everything, or of what has changed.

        Args:
            anew: Whether of everything.
            note: Whose they are, where that has to be known before they are all there.
        """

    def merge(self) -> dict[str, int]:
        """Bring the tables up to date with what was added; count their rows as in living."""

    def seal(self, before: Any) -> Any:
        """Mark the rows as the exports' own, for a later look; JSON.

        Args:
            before: That of the last export; None if everything is written anew.
        """

    def broken(self, seal: Any) -> list[str]:
        """The tables that somebody else has written to since a seal."""

    def keep(self, standing: str) -> None:
        """Write the note; the transaction ends after it."""


class Target(Protocol):
    """A database that tables are kept in."""

    @property
    def state(self) -> Any:
        """What it is like after an export, to be known again by the next; JSON, None: no matter."""

    def open(self, layout: Layout, api: str, tenant: str) -> AbstractContextManager[OpenTarget]:
        """Begin the transaction; it is committed where the block ends, and else never was."""


@attrs.define
class CountingTarget:
    """Takes rows for another target, and counts them.

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

    def to_json(self) -> dict[str, Any]:
        """The counts by their names."""
        return {
            "written": self.rows,
            "notes": self.notes,
            "untyped": self.untyped,
            "misfits": self.misfits,
            "unreadable": self.unreadable,
        }


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
        was written), ``sequence``, ``complete``, ``written`` (rows by table), ``rows`` (that are
        there now), ``notes`` (resources that were changed, looked at, deleted, erased),
        ``untyped``, ``misfits``, ``unreadable``, ``left_out``, and with pseudonyms
        ``pseudonymised``.

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
            last = _last(open_target, moment, shown, force=force, pseudonyms=made_by)
            since = None if last is None else last.sequence
            into: RowTarget = open_target
            if pseudonyms is not None:
                into = Pseudonymous(open_target, pseudonyms, layout.tables)
            counting = CountingTarget(into)
            standing = _standing(moment, shown, pseudonyms=made_by)
            if since is None or since < reader.sequence:
                open_target.begin(anew=since is None, note=standing.to_text())
                Rows(spec, moment, layout, counting, since=since).write()
                rows = open_target.merge()
            else:
                rows = open_target.living()
            seal = open_target.seal(None if last is None else last.seal)
            standing = attrs.evolve(standing, rows=rows, seal=seal)
            open_target.keep(standing.to_text())
            held = moment.kinds()
        done = {
            "target": open_target.name,
            "since": since,
            "sequence": standing.sequence,
            "complete": reader.progress().complete,
            "rows": dict(standing.rows),
            **counting.to_json(),
            "left_out": {kind: held[kind] for kind in sorted(held.keys() - layout.kinds)},
        }
        if pseudonyms is not None:
            done["pseudonymised"] = pseudonyms.report(layout.tables)
        return done


def _standing(moment: StorageSnapshot, layout: Layout, *, pseudonyms: str) -> TargetNote:
    """The note of an export that begins now; its rows are counted at the end."""
    reader = moment.reader
    return TargetNote(
        identity=reader.identity,
        tenant=reader.tenant,
        api=str(reader.api),
        sequence=reader.sequence,
        layout=layout_digest(layout),
        exported_at=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        rows={},
        lineage=reader.lineage(reader.sequence),
        pseudonyms=pseudonyms,
    )


def _last(
    target: OpenTarget,
    moment: StorageSnapshot,
    layout: Layout,
    *,
    force: bool,
    pseudonyms: str,
) -> TargetNote | None:
    """The note of the last export to go on from; None where everything is to be written."""
    if force:
        _spare_others(target, moment)
        return None
    found = target.standing()
    if found is None:
        return None
    standing = TargetNote.from_text(found.text, target.name)
    standing.check(moment.reader, target.name, pseudonyms)
    if found.is_partial or standing.layout != layout_digest(layout):
        return None  # cut off, or made by another version of this package
    if not found.is_cut_off and not found.is_untouched:
        standing.compare(target.living(), target.broken(standing.seal), target.name)
    if not target.can_erase and _erases(moment, standing.sequence):
        return None
    return standing


def _spare_others(target: OpenTarget, moment: StorageSnapshot) -> None:
    """Refuse to replace the tables of another tenant, if the target says whose they are."""
    try:
        found = target.standing()
        note = None if found is None else TargetNote.from_text(found.text, target.name)
    except StoreError:
        return
    if note is not None:
        note.check_tenant(moment.reader, target.name)


def _erases(moment: StorageSnapshot, since: int) -> bool:
    """Whether anything is to be taken out: such changes come first."""
    first = next(iter(moment.reader.changes(since)), None)
    return first is not None and first.what == "erased"
