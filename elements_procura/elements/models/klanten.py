"""Persons and organisations: klanten, adviseurs and what only they have."""

import datetime as dt
from enum import StrEnum

import attrs

from elements_procura._model import Resource
from elements_procura.elements.models.kantoor import Organisatie


class Geslacht(StrEnum):
    """Sex as the API writes it in answers."""

    MAN = "man"
    VROUW = "vrouw"


class Dossierrol(StrEnum):
    """What a person is in a dossier."""

    EERSTE_PERSOON = "Eerste persoon"
    PARTNER = "Partner"
    KIND = "Kind"


@attrs.define(repr=False, kw_only=True)
class Persoon(Resource):
    """A natural person.

    Attributes:
        bsn: Citizen service number: personal data that only may be used where law provides.
        geboortedatum: Date of birth, as on the calendar.
        pensioendatum: Date of retirement, as on the calendar.
    """

    id: int
    geslacht: Geslacht | str | None = None
    initialen: str | None = None
    titel: str | None = None
    voornaam: str | None = None
    tussenvoegsel: str | None = None
    achternaam: str | None = None
    bsn: str | None = None
    nationaliteit_id: int | None = None
    nationaliteit: str | None = None
    burgerlijkestaat_id: int | None = None
    burgerlijkestaat: str | None = None
    weergavenaam: str | None = None
    geboortedatum: dt.date | None = None
    pensioendatum: dt.date | None = None
    overleden: bool | None = None
    datum_overlijden: dt.date | None = None


@attrs.define(repr=False, kw_only=True)
class Particulier(Persoon):
    """A person who is a customer (klant particulier)."""

    dossierrol: Dossierrol | str | None = None


@attrs.define(repr=False, kw_only=True)
class Zakelijk(Organisatie):
    """An organisation that is a customer (klant zakelijk)."""


@attrs.define(repr=False, kw_only=True)
class Kenmerk(Resource):
    """A characteristic of a customer.

    Attributes:
        naam: The characteristic.
        vraag: The question that it answers, if any.
        omschrijving: What was noted with it.
    """

    id: int
    naam: str | None = None
    vraag: str | None = None
    omschrijving: str | None = None


@attrs.define(repr=False, kw_only=True)
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
