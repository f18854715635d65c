"""Who a person is: found in a store, before anything is erased or disclosed."""

from collections.abc import Callable, Iterator

import attrs

from elements_procura.harvest.erasure.known import Keys, keys_of, person_in
from elements_procura.harvest.erasure.spans import JsonObject, Scalar, scan
from elements_procura.harvest.erasure.spellings import (
    account,
    bsn,
    pattern_of,
    searchable,
    telephone,
    words,
)
from elements_procura.harvest.erasure.suppression import (
    Mention,
    name_in,
    person,
    shared_name,
)
from elements_procura.schema.descriptions import Sort, known_descriptions
from elements_procura.schema.scalars import WireFault
from elements_procura.spec.harvest import HarvestSpec
from elements_procura.spec.source import DossierId


@attrs.frozen
class StoredCopy:
    """A stored body, wherever it stands.

    Attributes:
        table: ``bodies``, ``history``, ``losses`` or ``spares``.
        resource: The number of its resource.
        dossier: The dossier that it was fetched for.
        kind: Name of its kind.
        path: Where it came from.
        is_shared: Whether several dossiers share it.
        since: When it came as it is, in seconds since the epoch.
        body: The bytes as they came.
        until: When another one replaced it, in seconds since the epoch; None unless it is of
            the history.
    """

    table: str
    resource: int
    dossier: DossierId = attrs.field(repr=False)
    kind: str
    path: str = attrs.field(repr=False)
    is_shared: bool
    since: float | None
    body: bytes = attrs.field(repr=False)
    until: float | None = None


@attrs.define(repr=False)
class Subject:
    """What somebody is recognised by.

    Attributes:
        numbers: Of the person's records.
        mentions: BSN, addresses and accounts.
        names: Words of the name, in the spelling they came in.
        dossiers: The dossiers that the person is part of.
    """

    numbers: set[str] = attrs.field(factory=set)
    mentions: set[Mention] = attrs.field(factory=set)
    names: set[str] = attrs.field(factory=set)
    dossiers: set[DossierId] = attrs.field(factory=set)

    def listed(self) -> Iterator[Mention]:
        """What goes on the list of what was erased."""
        yield from map(person, self.numbers)
        yield from self.mentions
        for dossier in self.dossiers:
            for word in self.names:
                yield name_in(dossier, word)
        yield from map(shared_name, self.names)


Bodies = Callable[[], Iterator[StoredCopy]]


def found_person(spec: HarvestSpec, bodies: Bodies, who: str) -> Subject | None:
    """Look for a person in everything that is stored.

    Args:
        spec: The API.
        bodies: Hands out everything, as often as it is called.
        who: The number of the person's record, or the BSN.

    Returns:
        What the person is recognised by; None if nothing is stored of anybody like that.
    """
    subject = Subject()
    who = who.strip()
    number = bsn(who)
    mark = pattern_of({who, number} - {""})
    keys = keys_of(spec)
    for each in bodies():
        owner = person_in(spec, each.kind, each.path)
        if owner != who and not mark.search(searchable(each.body)):
            continue
        if owner == who:
            subject.numbers.add(who)
            subject.dossiers.add(each.dossier)
        objects, scalars = _scanned(each)
        theirs = {id(found) for found in objects if _is_of(found, keys, who, number)}
        for found in objects:
            if id(found) in theirs:
                subject.dossiers.add(each.dossier)
                _add_identity(subject, found, keys)
        for scalar in scalars:
            around = () if scalar.within is None else scalar.within.chain()
            sort = keys.sorts.get(scalar.key)
            if sort in _ONE_SPELLING and any(id(found) in theirs for found in around):
                _add_contact(subject, sort, scalar.value)
    if not (subject.numbers or subject.mentions):
        return None
    _add_contacts(spec, bodies, subject)
    return subject


def _is_of(found: JsonObject, keys: Keys, who: str, number: str) -> bool:
    values = found.values
    if not keys.marks & values.keys():
        return False
    return values.get("id") == who or bool(number and number in _bsns(found, keys))


def _bsns(found: JsonObject, keys: Keys) -> set[str]:
    values = found.values.items()
    return {bsn(value) for key, value in values if keys.sorts.get(key) is Sort.BSN} - {""}


def _add_identity(subject: Subject, found: JsonObject, keys: Keys) -> None:
    """Number, BSN and names, out of a person's object."""
    subject.numbers |= {found.values["id"]} if "id" in found.values else set()
    subject.mentions |= {Mention(Sort.BSN, each) for each in _bsns(found, keys)}
    for key, value in found.values.items():
        if key in keys.marks and keys.sorts.get(key) is Sort.NAME:
            subject.names |= words(value)


def _scanned(stored: StoredCopy) -> tuple[list[JsonObject], list[Scalar]]:
    try:
        return scan(stored.body.decode())
    except ValueError:
        return [], []


def _add_contacts(spec: HarvestSpec, bodies: Bodies, subject: Subject) -> None:
    """Addresses and accounts, out of what hangs on the person alone."""
    for each in bodies():
        shape = spec.shape_of(each.kind)
        if shape is None or person_in(spec, each.kind, each.path) not in subject.numbers:
            continue
        told = known_descriptions(shape.model)
        for raw in shape.records(each.body):
            try:
                record = spec.wire.structure(raw, shape.model)
            except WireFault:
                continue
            for name, description in told.items():
                value = getattr(record, name, None)
                if isinstance(value, str):
                    _add_contact(subject, description.sort, value)


def _add_contact(subject: Subject, sort: Sort, value: str) -> None:
    if value and sort in _ONE_SPELLING:
        subject.mentions.add(Mention(sort, _ONE_SPELLING[sort](value.strip())))


_ONE_SPELLING: dict[Sort, Callable[[str], str]] = {
    Sort.EMAIL: str.casefold,
    Sort.TELEPHONE: telephone,
    Sort.IBAN: account,
}
