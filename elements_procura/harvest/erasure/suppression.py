"""The list of who and what was erased, as keyed hashes, and the filter that goes by it.

Whatever comes is stripped of them before it is stored: a person's object becomes
``{"erased": true}``, a text or number that names them null, and what belongs to them alone is not
asked for. A word of the name counts in the dossiers that the person was part of, two words of it in
what dossiers share, everything else everywhere. In another person's object, what says who that one
is stays.
"""

import hashlib
import itertools
from collections.abc import Collection, Iterable, Iterator

import attrs

from elements_procura.harvest.erasure.known import keys_of, person_in
from elements_procura.harvest.erasure.spans import JsonObject, Scalar, replaced, scan
from elements_procura.harvest.erasure.spellings import (
    accounts_in,
    bsn,
    emails_in,
    numbers_in,
    readings,
    telephone,
    words,
    words_in,
)
from elements_procura.schema.descriptions import Sort
from elements_procura.spec.harvest import HarvestSpec
from elements_procura.spec.source import Discovery, DossierId, Root, Row, Want

ERASED = '{"erased":true}'
"""What stands in the place of an object that was erased."""
OTHERS = '{"another_person":true}'
"""The same of another person's object, where somebody is shown all that is stored of them."""
KEY_BYTES = 32
_DIGEST = 16


def keys_in(key: bytes) -> tuple[bytes, ...]:
    """The keys of a list: its own, then those of lists that it has taken over."""
    return tuple(key[start : start + KEY_BYTES] for start in range(0, len(key), KEY_BYTES))


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


def whose(tenant: str) -> Mention:
    """The tenant of a list: numbers of records mean others elsewhere."""
    return Mention("tenant", tenant)


def name_in(dossier: DossierId, word: str) -> Mention:
    """A word of a name, in one dossier."""
    return Mention(f"name in {dossier}", word)


def shared_name(word: str) -> Mention:
    """A word of a name, in what several dossiers share."""
    return Mention("name in shared", word)


def mentions(text: str) -> Iterator[Mention]:
    """The values in a text that may be somebody's, but for names."""
    for reading in readings(text):
        for found in emails_in(reading):
            yield Mention(Sort.EMAIL, found)
        for found in numbers_in(reading):
            if number := bsn(found):
                yield Mention(Sort.BSN, number)
            yield Mention(Sort.TELEPHONE, telephone(found))
        for found in accounts_in(reading):
            yield Mention(Sort.IBAN, found)


@attrs.frozen
class Place:
    """Where a body stands, as far as names count there.

    Attributes:
        dossier: The dossier whose persons' names count by each of their words; None where only
            several words together count.
        is_shared: Whether several dossiers share it.
        is_anothers: Whether it belongs to another person.
    """

    dossier: DossierId | None
    is_shared: bool
    is_anothers: bool

    def name(self, word: str) -> Mention:
        """A word of a name here."""
        if self.is_shared or self.dossier is None:
            return shared_name(word)
        return name_in(self.dossier, word)

    @property
    def enough(self) -> int:
        """How many words of a name name somebody."""
        return 2 if self.is_shared or self.is_anothers else 1


class Suppression:
    """What was erased from a store, and may not come back.

    Args:
        spec: The API.
        key: Of the hashes: 32 bytes, or several times that where lists were put together.
        hashes: Of what was erased.
    """

    def __init__(self, spec: HarvestSpec, key: bytes, hashes: Collection[bytes]) -> None:
        self._spec = spec
        self._macs = [hashlib.blake2b(key=each, digest_size=_DIGEST) for each in keys_in(key)]
        self._hashes = frozenset(hashes)
        self._keys = keys_of(spec)

    def hashed(self, mention: Mention) -> bytes:
        """The hash of a mention, with the list's own key."""
        return _hashed(self._macs[0], mention)

    def lists(self, mention: Mention) -> bool:
        """Whether it was erased."""
        return any(_hashed(mac, mention) in self._hashes for mac in self._macs)

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
        place = self.place(dossier, kind, path, is_shared=is_shared)
        try:
            text = body.decode()
            pieces = [*self.pieces(text, place)]
        except ValueError:
            told = body.decode(errors="replace")
            return ERASED.encode() if self._tells(told, place) else body
        return replaced(text, pieces).encode() if pieces else body

    def place(self, dossier: DossierId, kind: str, path: str, *, is_shared: bool) -> Place:
        """Where a body stands, whoever it belongs to."""
        return Place(dossier, is_shared, person_in(self._spec, kind, path) is not None)

    def pieces(self, text: str, place: Place) -> Iterator[tuple[int, int, str]]:
        """What has to be replaced in a JSON text: start, end, and by what.

        Args:
            text: The whole.
            place: Where it stands.

        Raises:
            ValueError: It is not JSON.
        """
        objects, scalars = scan(text)
        theirs: set[int] = set()
        others: dict[int, JsonObject] = {}
        for each in objects:
            if each.within is not None and id(each.within) in theirs:
                theirs.add(id(each))
            elif self.is_theirs(each):
                theirs.add(id(each))
                yield each.start, each.end, ERASED
            elif self._is_a_person(each):
                others[id(each)] = each
            elif each.within is not None and id(each.within) in others:
                others[id(each)] = others[id(each.within)]
        for scalar in scalars:
            around = scalar.within
            if around is not None and id(around) in theirs:
                continue
            whose = None if around is None else others.get(id(around))
            if self._is_told(scalar, place, whose):
                yield scalar.start, scalar.end, '""' if scalar.key == "href" else "null"

    def without_others(self, text: str) -> str:
        """A JSON text in which other persons' objects say no more than that they are such.

        Args:
            text: The whole.

        Raises:
            ValueError: It is not JSON.
        """
        objects, _ = scan(text)
        around = {id(each) for found in objects if self.is_theirs(found) for each in found.chain()}
        pieces: list[tuple[int, int, str]] = []
        last = 0
        for each in objects:  # in the order in which they begin
            if each.start >= last and id(each) not in around and self._is_a_person(each):
                whose = next((up for up in each.chain() if self.is_theirs(up)), None)
                if whose is None:
                    pieces.append((each.start, each.end, OTHERS))
                    last = each.end
        return replaced(text, pieces)

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

    def _is_told(self, scalar: Scalar, place: Place, whose: JsonObject | None) -> bool:
        """Whether a value names somebody who was erased.

        Args:
            scalar: The value.
            place: Where it stands.
            whose: The other person whose object it is in.
        """
        key, value = scalar.key, scalar.value
        if whose is None and not place.is_anothers:
            return self._tells(value, place, names=key not in self._keys.closed)
        if key in self._keys.contacts:  # their own
            return self._lists_any(value, Sort.BSN)
        own = set() if whose is None else self._names_of(whose)
        return self._tells(value, place, names=key not in self._keys.known, own=own)

    def _names_of(self, found: JsonObject) -> set[str]:
        values = found.values.items()
        return {
            word for key, value in values if key in self._keys.contacts for word in words(value)
        }

    def _tells(
        self, value: str, place: Place, *, names: bool = True, own: Collection[str] = ()
    ) -> bool:
        if self._lists_any(value):
            return True
        if "/" in value and any(self.lists(person(step)) for step in _persons_in(value)):
            return True
        if not names:
            return False
        found = {
            word for word in {*words_in(value)}.difference(own) if self.lists(place.name(word))
        }
        return len(found) >= (1 if own else place.enough)

    def _lists_any(self, value: str, sort: str | None = None) -> bool:
        return any(self.lists(each) for each in mentions(value) if sort in (None, each.sort))


def _hashed(mac: "hashlib.blake2b", mention: Mention) -> bytes:
    made = mac.copy()
    made.update(f"{mention.sort}\0{mention.value}".encode(errors="surrogatepass"))
    return made.digest()


def _persons_in(link: str) -> Iterator[str]:
    """Numbers in a link that follow the word for a person."""
    steps = link.split("?", maxsplit=1)[0].split("/")
    for before, step in itertools.pairwise(steps):
        if before in _PEOPLE and step.isdigit():
            yield step


_PEOPLE = ("particulier", "adviseurs", "medewerkers", "klanten", "personen")
