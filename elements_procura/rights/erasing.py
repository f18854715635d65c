"""Erasing a person or a dossier: store, history, journals, and the exports that the store knows."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import attrs

from elements_procura.disk.errors import disk_errors
from elements_procura.disk.part_file import replace_file
from elements_procura.errors import InputError
from elements_procura.harvest.address import FILE, Where, scheme_of
from elements_procura.harvest.erasure.lists import Listed, read_list
from elements_procura.harvest.erasure.spellings import bsn
from elements_procura.harvest.erasure.storage import Erasure
from elements_procura.harvest.erasure.subject import Subject, found_person
from elements_procura.harvest.erasure.suppression import Mention
from elements_procura.harvest.store import Store, StoreReader
from elements_procura.registry import harvest_spec_of
from elements_procura.rights.exports import Fate, foreseen, renewed
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

    @property
    def is_final(self) -> bool:
        """Whether nothing is left where it was erased; else others keep files in use."""
        return self.store.is_final and Fate.FAILED not in self.exports.values()

    def to_json(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "done": self.done,
            "removed": dict(self.store.removed),
            "rewritten": dict(self.store.rewritten),
            "replaced": self.store.replaced,
            "final": self.is_final,
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
    suppression: Path | None = None,
    yes: bool = False,
    journals: Iterable[Path] = (),
) -> ErasureReport:
    """Erase a person, or a dossier, for good; whatever comes later is stored without them.

    Args:
        store: The harvest's path or URL.
        person: The number of the person's record, or the BSN.
        dossier: The id of a dossier, in the place of a person.
        suppression: A list of what was erased elsewhere, or from a later copy of this store, in
            the place of either: all that it names goes, and stays away.
        yes: Do it. Without, nothing is changed, and the answer says what would be.
        journals: Journals of writes, whose entries lose the ids.

    Raises:
        InputError: Several are given, or none.
        StoreError: The store cannot be used, or a harvest is going on; or the list cannot be read.
    """
    if sum(each is not None for each in (person, dossier, suppression)) != 1:
        raise InputError(
            "erase one person, one dossier or one list",
            hint="Give --person, --dossier or --suppression",
        )
    wish = _Wish(person, dossier, None if suppression is None else read_list(suppression))
    with StoreReader.read(store) as reader:
        tenant, identity = reader.tenant, reader.identity
        if not yes:
            target = wish.found_in(reader)
            entries = {str(path): _entries(path, target.ids, yes=False) for path in journals}
            plan = {each["place"]: foreseen(each, identity) for each in reader.exports()}
            return ErasureReport(False, target.foreseen(reader), plan, entries, _kept(store))
    # Looked for once nobody else can write.
    with Store.open(store, tenant=tenant) as opened:
        target = wish.found_in(opened)
        # Before the store forgets which ids they are of.
        entries = {str(path): _entries(path, target.ids, yes=True) for path in journals}
        told = target.erase_from(opened)
        counts = {
            "resources": sum(told.removed.values()),
            "bodies": sum(told.rewritten.values()) + told.replaced,
        }
        opened.note_audit(f"erase {target.what}", counts)
        exports = opened.exports()
    done = {each["place"]: renewed(store, each, identity) for each in exports}
    return ErasureReport(True, told, done, entries, _kept(store))


@attrs.frozen(repr=False)
class _Target:
    what: str
    mentions: list[Mention]
    dossier: DossierId | None
    listed: Listed | None
    ids: set[str]

    def foreseen(self, reader: StoreReader) -> Erasure:
        if self.listed is not None:
            return reader.would_suppress(*self.listed)
        return reader.would_erase(self.mentions, dossier=self.dossier)

    def erase_from(self, store: Store) -> Erasure:
        if self.listed is not None:
            return store.suppress(*self.listed)
        return store.erase(self.mentions, dossier=self.dossier)


@attrs.frozen(repr=False)
class _Wish:
    person: str | None
    dossier: DossierId | None
    listed: Listed | None

    def found_in(self, reader: StoreReader) -> _Target:
        spec = harvest_spec_of(reader.api)
        if self.listed is not None:
            return _Target("list", [], None, self.listed, set())
        if self.person is None:
            dossier = _id(self.dossier or 0, spec.dossier_id)
            return _Target("dossier", [], dossier, None, {str(dossier)})
        subject = found_person(spec, reader.stored, self.person) or _unknown(self.person)
        mentions = [*subject.listed()]
        bsns = {each.value for each in mentions if each.sort == Sort.BSN}
        return _Target("person", mentions, None, None, subject.numbers | bsns)


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
        "what other programs have read from exports, and files that `person` has written",
        "what documents and pictures of dossiers show",
        *more,
    )


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
