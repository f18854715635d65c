"""Erasing a person or a dossier: store, history, journals, and the exports that the store knows."""

import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import attrs

from elements_procura.disk.errors import disk_errors
from elements_procura.disk.part_file import replace_file
from elements_procura.errors import ElementsProcuraError, InputError
from elements_procura.export import export
from elements_procura.harvest.address import FILE, Where, path_of, scheme_of
from elements_procura.harvest.erasure.lists import write_list
from elements_procura.harvest.erasure.spellings import bsn
from elements_procura.harvest.erasure.storage import Erasure
from elements_procura.harvest.erasure.subject import Subject, found_person
from elements_procura.harvest.erasure.suppression import Mention
from elements_procura.harvest.store import Store, StoreReader
from elements_procura.registry import harvest_spec_of
from elements_procura.schema.descriptions import Sort
from elements_procura.spec.source import DossierId


@attrs.frozen
class ErasureReport:
    """What an erasure has done, or would do. Nothing in it is a value.

    Attributes:
        done: Whether it was done; if not, this is what it would do.
        store: What the store loses.
        exports: What becomes of each export that the store knows, by its place.
        journals: Entries of each journal that lose their ids, by its path.
        kept: What cannot be reached, and has to be erased by others.
    """

    done: bool
    store: Erasure
    exports: Mapping[str, str]
    journals: Mapping[str, int]
    kept: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "done": self.done,
            "removed": dict(self.store.removed),
            "rewritten": dict(self.store.rewritten),
            "replaced": self.store.replaced,
            "dossiers": len(self.store.dossiers),
            "exports": dict(self.exports),
            "journals": dict(self.journals),
            "kept": list(self.kept),
        }


def erase(
    store: Where,
    *,
    person: str | None = None,
    dossier: DossierId | None = None,
    yes: bool = False,
    journals: Iterable[Path] = (),
) -> ErasureReport:
    """Erase a person, or a dossier, for good; whatever comes later is stored without them.

    Args:
        store: The harvest's path or URL.
        person: The number of the person's record, or the BSN.
        dossier: The id of a dossier, in the place of a person.
        yes: Do it. Without, nothing is changed, and the answer says what would be.
        journals: Journals of writes, whose entries lose the ids.

    Raises:
        InputError: Both are given, or neither.
        StoreError: The store cannot be used, or a harvest is going on.
    """
    if (person is None) == (dossier is None):
        raise InputError("erase one person or one dossier", hint="Give --person or --dossier")
    with StoreReader.read(store) as reader:
        spec = harvest_spec_of(reader.api)
        tenant = reader.tenant
        subject = Subject()
        if person is not None:
            subject = found_person(spec, reader.stored, person) or _unknown(person)
        if dossier is not None:
            dossier = _id(dossier, spec.dossier_id)
        mentions = [*subject.listed()]
        told = reader.would_erase(mentions, dossier=dossier)
        exports = reader.exports()
    ids = {*subject.numbers, *([] if dossier is None else [str(dossier)])}
    entries = {str(path): _entries(path, ids, yes=yes) for path in journals}
    if not yes:
        plan = {each["place"]: _what(each) for each in exports}
        return ErasureReport(False, told, plan, entries, _kept(store))
    with Store.open(store, tenant=tenant) as opened:
        told = opened.erase(mentions, dossier=dossier)
        if scheme_of(store) == FILE:
            write_list(path_of(store), *opened.suppressed())
        counts = {
            "resources": sum(told.removed.values()),
            "bodies": sum(told.rewritten.values()) + told.replaced,
        }
        opened.note_audit("erase person" if dossier is None else "erase dossier", counts)
    done = {each["place"]: _export_again(store, each) for each in exports}
    return ErasureReport(True, told, done, entries, _kept(store))


def _id(dossier: DossierId, kind: type[int] | type[str]) -> DossierId:
    try:
        return kind(dossier)
    except ValueError:
        pass
    raise InputError("this API's dossiers have numbers", hint="Give --dossier a number")


def _unknown(person: str) -> Subject:
    """Somebody of whom nothing is stored: to be kept from coming."""
    subject = Subject(numbers={person.strip()})
    if number := bsn(person):
        subject.mentions.add(Mention(Sort.BSN, number))
    return subject


def _kept(store: Where) -> tuple[str, ...]:
    more = () if scheme_of(store) == FILE else ("the database's log and its copies elsewhere",)
    return (
        "backups and copies of the store",
        "exports that were moved, or made by a version before this",
        "what other programs have read from exports",
        *more,
    )


def _what(known: Mapping[str, Any]) -> str:
    if not known.get("folder"):
        return "deleted there by the next export"
    return "written anew" if Path(known["place"]).exists() else "is no longer there"


def _export_again(store: Where, known: Mapping[str, Any]) -> str:
    """Write an export in a folder anew; if that fails, its files go."""
    what, place = _what(known), Path(known["place"])
    if what != "written anew":
        return what
    try:
        export(store, place, force=True, **known["how"])
        # What `export --update` has added is part of what was just written.
        for part in place.glob("change=*"):
            shutil.rmtree(part)
    except (ElementsProcuraError, OSError, TypeError):
        shutil.rmtree(place, ignore_errors=True)
        return "removed" if not place.exists() else "could not be written nor removed"
    return what


def _entries(path: Path, ids: set[str], *, yes: bool) -> int:
    """Take ids out of a journal's entries; return how many had one."""
    with disk_errors(f"{path} cannot be used", path, hint="Name the journal's file"):
        lines = path.read_text().splitlines(keepends=True)
        kept = [_masked(line, ids) for line in lines]
        found = sum(before != after for before, after in zip(lines, kept, strict=True))
        if found and yes:
            replace_file(path, "".join(kept).encode(), part=path.with_name(f"{path.name}.part"))
    return found


def _masked(line: str, ids: set[str]) -> str:
    for each in ids:
        for end in ("/", '"', "?"):
            line = line.replace(f"/{each}{end}", f"/erased{end}")
    return line
