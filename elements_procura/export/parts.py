"""What has changed since an export to files, in a directory of its own beside them.

``change=000000001234/`` holds the rows that were new at that number of the store's sequence, a file
for each table that has any, and ``_notes``: the resources that were changed, looked at, deleted or
erased. Rows of a resource that a later note names are of the past; docs/export.md has the query.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from elements_procura.errors import StoreError
from elements_procura.export.cells import Column, Type
from elements_procura.export.folder import MANIFEST, Folder
from elements_procura.export.layout import Layout, Table
from elements_procura.export.rows import Rows
from elements_procura.export.sinks import Sink
from elements_procura.export.tables import NOTES, Tables
from elements_procura.export.warehouse.note import TargetNote, layout_digest
from elements_procura.harvest.address import Where
from elements_procura.harvest.snapshot import StorageSnapshot
from elements_procura.harvest.store import snapshot
from elements_procura.registry import harvest_spec_of

_NOTES = Table(
    NOTES,
    (
        Column("what", Type.TEXT),
        Column("resource_id", Type.INTEGER),
        Column("kind", Type.TEXT),
        Column("at", Type.INSTANT),
    ),
)
_ANEW = "Say --force without --update to write all of it anew, or choose another --out"


def note_of(moment: StorageSnapshot, layout: Layout) -> str:
    """What files note of whose they are and how far they have come; the same for the same store."""
    return TargetNote(
        identity=moment.reader.identity,
        tenant=moment.reader.tenant,
        api=str(moment.reader.api),
        sequence=moment.reader.sequence,
        layout=layout_digest(layout),
        exported_at="",
        rows={},
        lineage=moment.reader.lineage(moment.reader.sequence),
    ).to_text()


def add_part(
    store: Where, out: Path, *, to: str, make: Callable[[BinaryIO, Sequence[Column]], Sink]
) -> dict[str, Any]:
    """Write what has changed since the last export into a directory, beside it.

    Args:
        store: The harvest's path or URL.
        out: The directory.
        to: The format of its files.
        make: Makes the writer of a file.

    Returns:
        The manifest of what was written; without tables if nothing has changed.

    Raises:
        StoreError: The files are of another store or format, do not hold all tables, or were
            altered.
    """
    with snapshot(store) as moment:
        spec = harvest_spec_of(moment.reader.api)
        layout = Layout(spec)
        note = _checked(out, to)
        note.check(moment.reader, str(out))
        if note.layout != layout_digest(layout):
            raise StoreError(f"{out} has the tables of another version", hint=_ANEW)
        manifest: dict[str, Any] = {
            "to": to,
            "since": note.sequence,
            "sequence": moment.reader.sequence,
            "identity": moment.reader.identity,
            "tenant": moment.reader.tenant,
            "complete": moment.reader.progress().complete,
            "note": note_of(moment, layout),
            "tables": [],
            "left_out": {},
            "unreadable": 0,
        }
        if note.sequence == moment.reader.sequence:
            return manifest
        place = out / f"change={moment.reader.sequence:012}"
        with Folder(place, force=False) as folder:
            tables = Tables(folder, make, to, (*layout.tables.values(), _NOTES), lazy=True)
            Rows(spec, moment, layout, tables, since=note.sequence).write()
            manifest["tables"] = tables.finish()
            manifest["unreadable"] = tables.unreadable
            folder.keep(manifest)
        return manifest


def _checked(out: Path, to: str) -> TargetNote:
    """The last note, once every file is known to be as it was written."""
    notes = []
    for place in (out, *sorted(out.glob("change=*"))):
        manifest = _manifest(place)
        if manifest is None:
            if place == out:
                raise StoreError(f"nothing was exported to {out}", hint="Leave out --update")
            continue  # of an export that was killed
        if manifest.get("to") != to or "note" not in manifest:
            raise StoreError(f"{out} holds other files than all tables as {to}", hint=_ANEW)
        for name, sha256 in _files(manifest):
            if _sha256(place / name) != sha256:
                raise StoreError(f"{place / name} was altered since it was written", hint=_ANEW)
        notes.append(TargetNote.from_text(manifest["note"], str(out)))
    return notes[-1]


def _manifest(place: Path) -> dict[str, Any] | None:
    try:
        found = json.loads((place / MANIFEST).read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        found = None
    if not isinstance(found, dict):
        raise StoreError(f"{place / MANIFEST} cannot be read", hint=_ANEW)
    return found


def _files(manifest: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for table in manifest["tables"]:
        yield str(table["file"]), str(table["sha256"])


def _sha256(file: Path) -> str | None:
    try:
        with file.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError:
        return None
