"""Contact data of persons, organisations, adviseurs and kantoor."""

from decimal import Decimal

import attrs

from elements_procura.schema.model import Model, Resource

__all__ = ["Adres", "ContactType", "Emailadres", "Rekeningnummer", "Telefoonnummer"]


@attrs.define(eq=False, repr=False, kw_only=True)
class ContactType(Model):
    """The purpose of an adres, emailadres or telefoonnummer."""

    id: int
    naam: str | None = None


@attrs.define(eq=False, repr=False, kw_only=True)
class Adres(Resource):
    """A postal address.

    Attributes:
        longitude: Degrees east; the server has been seen to swap it with ``latitude``.
        latitude: Degrees north.
    """

    id: int
    straat: str | None = None
    nummer: str | None = None
    toevoeging: str | None = None
    postcode: str | None = None
    plaatsnaam: str | None = None
    postcodegebied: str | None = None
    land: str | None = None
    longitude: Decimal | None = None
    latitude: Decimal | None = None
    categorie: str | None = None
    types: tuple[ContactType, ...] = ()


@attrs.define(eq=False, repr=False, kw_only=True)
class Emailadres(Resource):
    """An email address; ``naam`` is the address itself."""

    id: int
    naam: str | None = None
    omschrijving: str | None = None
    types: tuple[ContactType, ...] = ()


@attrs.define(eq=False, repr=False, kw_only=True)
class Rekeningnummer(Resource):
    """A bank account; ``naam`` is its holder."""

    id: int
    nummer: str | None = None
    iban: str | None = None
    bic: str | None = None
    land_iso: str | None = None
    naam: str | None = None


@attrs.define(eq=False, repr=False, kw_only=True)
class Telefoonnummer(Resource):
    """A telephone number; ``naam`` is the number itself."""

    id: int
    naam: str | None = None
    omschrijving: str | None = None
    weergavenaam: str | None = None
    types: tuple[ContactType, ...] = ()
