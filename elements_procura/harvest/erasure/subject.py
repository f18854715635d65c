"""Who a person is: found in a store, before anything is erased or disclosed."""

import re
from collections.abc import Callable, Iterator

import attrs

from elements_procura.harvest.erasure.known import (
    account,
    bsn,
    keys_of,
    loosely,
    person_in,
    telephone,
    words,
)
from elements_procura.harvest.erasure.spans import scan
from elements_procura.harvest.erasure.suppression import (
    Mention,
    dossier_mention,
    name_in,
    person,
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
        until: When another one replaced it; None unless it is of the history.
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
    mark, number = re.compile(loosely(who).encode()), bsn(who)
    keys = keys_of(spec)
    for each in bodies():
        owner = person_in(spec, each.kind, each.path)
        if owner != who and not mark.search(each.body):
            continue
        if owner == who:
            subject.numbers.add(who)
            subject.dossiers.add(each.dossier)
        for found in _objects(each):
            values = found.items()
            bsns = {bsn(value) for key, value in values if keys.sorts.get(key) is Sort.BSN} - {""}
            if not keys.marks & found.keys() or (
                found.get("id") != who and (not number or number not in bsns)
            ):
                continue
            subject.dossiers.add(each.dossier)
            subject.numbers |= {found["id"]} if "id" in found else set()
            subject.mentions |= {Mention(Sort.BSN, each) for each in bsns}
            for key, value in values:
                if key in keys.marks and keys.sorts.get(key) is Sort.NAME:
                    subject.names |= words(value)
    if not (subject.numbers or subject.mentions):
        return None
    _add_contacts(spec, bodies, subject)
    return subject


def found_dossier(dossier: DossierId) -> Mention:
    """What a dossier is recognised by."""
    return dossier_mention(dossier)


def _objects(stored: StoredCopy) -> list[dict[str, str]]:
    try:
        objects, _ = scan(stored.body.decode())
    except ValueError:
        return []
    return [each.values for each in objects]


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
                if isinstance(value, str) and value and description.sort in _ONE_SPELLING:
                    spelled = _ONE_SPELLING[description.sort](value)
                    subject.mentions.add(Mention(description.sort, spelled))


_ONE_SPELLING: dict[Sort, Callable[[str], str]] = {
    Sort.EMAIL: str.casefold,
    Sort.TELEPHONE: telephone,
    Sort.IBAN: account,
}
