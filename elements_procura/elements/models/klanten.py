"""Persons and organisations: klanten, adviseurs and their details."""

import datetime as dt
from enum import StrEnum
from typing import Any

import attrs

from elements_procura.elements.models.kantoor import Organisatie
from elements_procura.schema.model import Resource

__all__ = [
    "Deelnemer",
    "Dossierrol",
    "Kenmerk",
    "Particulier",
    "Persoon",
    "PersoonGeslacht",
    "Socialmedia",
    "Zakelijk",
]


class PersoonGeslacht(StrEnum):
    """Sex as the API writes it in answers."""

    MAN = "man"
    VROUW = "vrouw"


class Dossierrol(StrEnum):
    """Roles of a person in a dossier."""

    EERSTE_PERSOON = "Eerste persoon"
    PARTNER = "Partner"
    KIND = "Kind"


@attrs.define(eq=False, repr=False, kw_only=True)
class Persoon(Resource):
    """A natural person.

    The documentation shows some of it only as null, of a person whom a registratie is about; of
    others it shows more, except of those who died.

    Attributes:
        bsn: Citizen service number: personal data that only may be used where law provides.
        burgerlijkestaat_id: Kept as it came.
        geboortedatum: Kept as it came.
        pensioendatum: Kept as it came.
        datum_overlijden: Date of death, kept as it came: ``2020-07-01T00:00:00+02:00``.
    """

    id: int
    geslacht: PersoonGeslacht | str | None = None
    initialen: str | None = None
    titel: str | None = None
    voornaam: str | None = None
    tussenvoegsel: str | None = None
    achternaam: str | None = None
    bsn: str | None = None
    nationaliteit_id: int | None = None
    nationaliteit: str | None = None
    burgerlijkestaat_id: Any = None
    burgerlijkestaat: str | None = None
    weergavenaam: str | None = None
    geboortedatum: Any = None
    pensioendatum: Any = None
    overleden: bool | None = None
    datum_overlijden: Any = None


@attrs.define(eq=False, repr=False, kw_only=True)
class Deelnemer(Persoon):
    """A person who has a part in a dossier: a customer or an adviser.

    Attributes:
        geboortedatum: Date of birth, as on the calendar.
        pensioendatum: Date of retirement, as on the calendar.
    """

    burgerlijkestaat_id: int | None = None
    geboortedatum: dt.date | None = None
    pensioendatum: dt.date | None = None


@attrs.define(eq=False, repr=False, kw_only=True)
class Particulier(Deelnemer):
    """A person who is a customer (klant particulier)."""

    dossierrol: Dossierrol | str | None = None


@attrs.define(eq=False, repr=False, kw_only=True)
class Zakelijk(Organisatie):
    """An organisation that is a customer (klant zakelijk)."""


@attrs.define(eq=False, repr=False, kw_only=True)
class Kenmerk(Resource):
    """A characteristic of a customer.

    Attributes:
        naam: The characteristic.
        vraag: The question that it answers, if any.
        omschrijving: The note with it.
    """

    id: int
    naam: str | None = None
    vraag: str | None = None
    omschrijving: str | None = None


@attrs.define(eq=False, repr=False, kw_only=True)
class Socialmedia(Resource):
    """An account on a social network.

    Attributes:
        type: The network, as ``twitter``.
        url: Address of the account.
        publiek: Whether others may see it.
    """

    id: int
    type: str | None = None
    url: str | None = None
    publiek: bool | None = None
