"""Persons: klanten and adviseurs."""

import datetime as dt
from enum import StrEnum

import attrs

from elements_procura._model import Resource


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
