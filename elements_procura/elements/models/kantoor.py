"""Organisations, and the codes that they are known by."""

import datetime as dt
from typing import Any

import attrs

from elements_procura.schema.model import Model, Resource

__all__ = ["Code", "Kantoor", "Organisatie"]


@attrs.define(eq=False, repr=False, kw_only=True)
class Organisatie(Resource):
    """A legal person or firm.

    Attributes:
        type: Legal form, as the API writes it.
        kvknummer: Number in the trade register.
    """

    id: int
    type: str | None = None
    naam: str | None = None
    kvknummer: str | None = None
    btwnummer: str | None = None
    statutairenaam: str | None = None
    handelsnaam: str | None = None


@attrs.define(eq=False, repr=False, kw_only=True)
class Kantoor(Organisatie):
    """The office that a dossier belongs to.

    Attributes:
        type: Kept as it came; the documentation shows only null.
    """

    type: Any = None


@attrs.define(eq=False, repr=False, kw_only=True)
class Code(Model):
    """A number under which an organisation is known somewhere.

    Attributes:
        type: Whose number it is, as ``Vestigingsnummer``.
        afgiftedatum: When it was given.
    """

    id: int
    code: str | None = None
    omschrijving: str | None = None
    afgiftedatum: dt.date | None = None
    type: str | None = None
