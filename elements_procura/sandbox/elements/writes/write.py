"""One write that may be carried out, what it leads to, and what writes need to look up."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

import attrs
import orjson

from elements_procura.sandbox.elements import values
from elements_procura.sandbox.elements.papers import ROOT
from elements_procura.sandbox.elements.world import World, owner

Fields = dict[str, Any]

_BIGGEST: Final = 10**15
_NO_ID: Final = 2**63
_LETTERS: Final = ("id", "straat", "nummer", "toevoeging", "postcode", "plaatsnaam")
_ADDRESS: Final = (*_LETTERS, "postcodegebied", "longitude", "latitude", "categorie")
_PERSON: Final = (
    "id",
    "geslacht",
    "initialen",
    "titel",
    "voornaam",
    "tussenvoegsel",
    "achternaam",
    "bsn",
    "nationaliteitId",
    "burgerlijkestaatId",
    "weergavenaam",
    "geboortedatum",
    "pensioendatum",
)


@attrs.frozen
class Done:
    """What a write led to.

    Attributes:
        id: Of what was made, if it got one.
        location: The path to answer with.
    """

    id: int | None = None
    location: str | None = None


@attrs.frozen(kw_only=True)
class Write:
    """One write whose path and body are right.

    Attributes:
        world: Where it goes.
        path: The path, without a slash at its end.
        query: The query.
        body: The body, its numbers exact.
        id: The id of what it makes.
    """

    world: World
    path: str
    query: Mapping[str, str]
    body: Fields
    id: int

    @property
    def dossier(self) -> str:
        """The path of the dossier it belongs to."""
        return f"{ROOT}/{owner(self.path)}"

    @property
    def owner(self) -> str:
        """The path of what the collection it adds to belongs to."""
        return self.path.rpartition("/")[0]

    def done(self, made: int | None = None) -> Done:
        """What it leads to when what it made stands in the collection it was sent to."""
        made = self.id if made is None else made
        return Done(made, f"{self.path}/{made}")

    def reference(self, name: str) -> int | None:
        """The id that a field of the body refers to."""
        found = self.body.get(name)
        number = found.get("id") if isinstance(found, dict) else None
        # Half of a hypotheek's fields are in no schema, so that anything may stand in them.
        is_id = isinstance(number, int) and not isinstance(number, bool) and 0 < number < _NO_ID
        return number if is_id else None

    def known(self, number: int, *marks: str, within: str = "") -> Fields | None:
        """The first object in the dossier with this id and these fields.

        Args:
            number: The id.
            marks: The names of fields.
            within: What the path of the document ends with.
        """
        dossier_id = owner(self.path)
        documents = {} if dossier_id is None else self.world.documents(dossier_id)
        needle = b'"id":%d' % number
        for path, document in documents.items():
            if path.endswith(within) and document.startswith(b"{") and needle in document:
                for found in _objects(orjson.loads(document)):
                    if found.get("id") == number and all(mark in found for mark in marks):
                        return found
        return None

    def address(self, number: int) -> Fields:
        """An address as klanten and products show it; what is not known of it is null."""
        found = self.known(number, "postcodegebied") or self.known(number, "straat") or {}
        shown = {name: found.get(name) for name in _ADDRESS}
        types = found.get("_embedded", {}).get("types", [])
        return {**shown, "id": number, "_embedded": {"types": types}}

    def letters_to(self, number: int) -> Fields:
        """An address as dossiers show the one that letters go to."""
        found = self.address(number)
        return {**{name: found[name] for name in _LETTERS}, "land": "NL"}

    def person(self, number: int) -> Fields:
        """A person as registraties and products show one; what is not known is null."""
        found = self.known(number, "dossierrol") or self.known(number, "achternaam") or {}
        return {**{name: found.get(name) for name in _PERSON}, "id": number}

    def person_name(self, name: str) -> str | None:
        """What a person is shown by to whom a field refers."""
        number = self.reference(name)
        if number is None:
            return None
        return self.person(number)["weergavenaam"] or f"Persoon {number}"

    def organisation_name(self, name: str) -> str | None:
        """What an organisation is shown by to which a field refers."""
        number = self.reference(name)
        return None if number is None else f"CO{number:08}"

    def numbered(self, name: str, word: str) -> str | None:
        """A name for what a field refers to, when nothing but its number is known."""
        number = self.reference(name)
        return None if number is None else f"{word} {number}"


def moment(text: object, *, colon: bool = True) -> str | None:
    """A date or a time of a body as responses write it; an offset stays as it came."""
    if not isinstance(text, str):
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return text if found.tzinfo else values.stamp(found, colon=colon)


def now() -> datetime:
    """The time in the Netherlands, as ``values.stamp`` wants it."""
    winter = datetime.now(UTC).replace(tzinfo=None, microsecond=0) + timedelta(hours=1)
    return winter + timedelta(hours=values.stamp(winter).endswith("+02:00"))


def amount(value: Any) -> str | None:
    """An amount of a body as responses write it."""
    is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    return f"{value:.2f}" if is_number and -_BIGGEST < value < _BIGGEST else None


def lower(value: object) -> str | None:
    """A choice of a body as responses write it."""
    return value.lower() if isinstance(value, str) else None


def _objects(value: Any) -> Iterator[Fields]:
    if isinstance(value, dict):
        yield value
        for each in value.values():
            yield from _objects(each)
    elif isinstance(value, list):
        for each in value:
            yield from _objects(each)
