"""The list of who and what was erased, as keyed hashes, and the filter that goes by it.

Whatever comes is stripped of them before it is stored: a person's object becomes
``{"erased": true}``, a text or number that names them null, and what belongs to them alone is not
asked for. Names count in the dossiers that the person was part of, everything else everywhere.
Objects of other persons stay as they are.
"""

import hashlib
import itertools
from collections.abc import Collection, Iterable, Iterator

import attrs

from elements_procura.harvest.erasure.known import (
    ACCOUNT,
    EMAIL,
    NUMBER,
    account,
    bsn,
    keys_of,
    person_in,
    telephone,
    words,
)
from elements_procura.harvest.erasure.spans import JsonObject, replaced, scan
from elements_procura.schema.descriptions import Sort
from elements_procura.spec.harvest import HarvestSpec
from elements_procura.spec.source import Discovery, DossierId, Root, Row, Want

ERASED = '{"erased":true}'
"""What stands in the place of an object that was erased."""
_DIGEST = 16


@attrs.frozen
class Mention:
    """A value by which somebody is recognised: its sort, and the value in its one spelling."""

    sort: str
    value: str = attrs.field(repr=False)


def person(number: object) -> Mention:
    """A person, by the number of the record or, where there is none, the BSN."""
    return Mention("person", str(number))


def dossier_mention(dossier: DossierId) -> Mention:
    """A dossier, by its id."""
    return Mention("dossier", str(dossier))


def name_in(dossier: DossierId, word: str) -> Mention:
    """A word of a name, in one dossier."""
    return Mention(f"name in {dossier}", word)


def mentions(text: str) -> Iterator[Mention]:
    """What a text may say of somebody, but for names."""
    for found in EMAIL.findall(text):
        yield Mention(Sort.EMAIL, found.casefold())
    for found in NUMBER.findall(text):
        if number := bsn(found):
            yield Mention(Sort.BSN, number)
        yield Mention(Sort.TELEPHONE, telephone(found))
    for found in ACCOUNT.findall(text):
        yield Mention(Sort.IBAN, account(found))


class Suppression:
    """What was erased from a store, and may not come back.

    Args:
        spec: The API.
        key: Of the hashes.
        hashes: Of what was erased.
    """

    def __init__(self, spec: HarvestSpec, key: bytes, hashes: Collection[bytes]) -> None:
        self._spec, self._key = spec, key
        self._hashes = frozenset(hashes)
        self._keys = keys_of(spec)

    def hashed(self, mention: Mention) -> bytes:
        """The hash of a mention."""
        text = f"{mention.sort}\0{mention.value}".encode()
        return hashlib.blake2b(text, key=self._key, digest_size=_DIGEST).digest()

    def lists(self, mention: Mention) -> bool:
        """Whether it was erased."""
        return self.hashed(mention) in self._hashes

    def lists_dossier(self, dossier: DossierId) -> bool:
        """Whether a dossier was erased."""
        return self.lists(dossier_mention(dossier))

    def owns(self, kind: str, path: str) -> bool:
        """Whether a resource belongs to somebody who was erased."""
        number = person_in(self._spec, kind, path)
        return number is not None and self.lists(person(number))

    # -- what comes -------------------------------------------------------------------------

    def roots(self, roots: Iterable[Root]) -> Iterator[Root]:
        """The dossiers of a listing that were not erased, with their rows stripped."""
        for root in roots:
            if self.lists_dossier(root.dossier):
                continue
            row, spare = root.row, root.spare
            if row is not None:
                row = (row[0], Row(self.body(root.dossier, row[0].kind, row[0].path, row[1].body)))
            if spare is not None:
                want = root.found.wants[0]
                spare = Row(self.body(root.dossier, want.kind, want.path, spare.body))
            yield attrs.evolve(root, row=row, spare=spare)

    def discovery(self, found: Discovery) -> Discovery:
        """What an answer leads to, without what belongs to somebody who was erased."""
        return attrs.evolve(found, wants=self._left(found.wants), unsaid=self._left(found.unsaid))

    def _left(self, wants: tuple[Want, ...]) -> tuple[Want, ...]:
        return tuple(want for want in wants if not self.owns(want.kind, want.path))

    def body(
        self, dossier: DossierId, kind: str, path: str, body: bytes, *, is_shared: bool = False
    ) -> bytes:
        """A body without what was erased; the very bytes if nothing of that is in it.

        Args:
            dossier: The dossier that it was fetched for.
            kind: Name of its kind.
            path: Where it came from.
            body: As it came.
            is_shared: Whether several dossiers share it: then names do not count.
        """
        if self.owns(kind, path):
            return ERASED.encode()
        if self._spec.is_binary(kind):
            return body
        owner = person_in(self._spec, kind, path)
        names_in = None if is_shared or owner is not None else dossier
        try:
            text = body.decode()
            pieces = [*self.pieces(text, names_in, is_anothers=owner is not None)]
        except ValueError:
            told = body.decode(errors="replace")
            return ERASED.encode() if self._tells(told, "", names_in) else body
        return replaced(text, pieces).encode() if pieces else body

    def pieces(
        self, text: str, names_in: DossierId | None, *, is_anothers: bool
    ) -> Iterator[tuple[int, int, str]]:
        """What has to be replaced in a JSON text: start, end, and by what.

        Args:
            text: The whole.
            names_in: The dossier whose names count; None for none.
            is_anothers: Whether it belongs to somebody else: then nothing but a BSN counts.

        Raises:
            ValueError: It is not JSON.
        """
        objects, scalars = scan(text)
        theirs: set[int] = set()
        others: set[int] = set()
        for each in objects:
            if each.within is not None and id(each.within) in theirs:
                theirs.add(id(each))
            elif self.is_theirs(each):
                theirs.add(id(each))
                yield each.start, each.end, ERASED
            elif self._is_a_person(each) or (each.within and id(each.within) in others):
                others.add(id(each))
        for scalar in scalars:
            around = scalar.within
            if around is not None and id(around) in theirs:
                continue
            spared = is_anothers or (around is not None and id(around) in others)
            if self._tells(scalar.value, scalar.key, names_in, spared=spared):
                yield scalar.start, scalar.end, '""' if scalar.key == "href" else "null"

    def is_theirs(self, found: JsonObject) -> bool:
        """Whether an object is about somebody who was erased."""
        if not self._keys.marks & found.values.keys():
            return False
        numbers = [found.values["id"]] if "id" in found.values else []
        bsns = [
            bsn(value)
            for key, value in found.values.items()
            if self._keys.sorts.get(key) is Sort.BSN
        ]
        return any(self.lists(person(number)) for number in numbers) or any(
            self.lists(Mention(Sort.BSN, number)) for number in bsns if number
        )

    def _is_a_person(self, found: JsonObject) -> bool:
        return bool(self._keys.marks & found.values.keys())

    def _tells(
        self, value: str, key: str, names_in: DossierId | None, *, spared: bool = False
    ) -> bool:
        if any(self.lists(each) for each in mentions(value) if each.sort == Sort.BSN or not spared):
            return True
        if spared:
            return False
        if "/" in value and any(self.lists(person(step)) for step in _persons_in(value)):
            return True
        if names_in is None or key in self._keys.closed:
            return False
        return any(self.lists(name_in(names_in, word)) for word in words(value))


def _persons_in(link: str) -> Iterator[str]:
    """Numbers in a link that follow the word for a person."""
    steps = link.split("?", maxsplit=1)[0].split("/")
    for before, step in itertools.pairwise(steps):
        if before in _PEOPLE and step.isdigit():
            yield step


_PEOPLE = ("particulier", "adviseurs", "medewerkers", "klanten", "personen")
