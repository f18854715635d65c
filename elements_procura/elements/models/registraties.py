"""Registraties: notes of events on a dossier or a product."""

import datetime as dt
from decimal import Decimal

import attrs

from elements_procura.elements.models.klanten import Persoon
from elements_procura.schema.model import Resource

__all__ = ["Registratie"]


@attrs.define(eq=False, repr=False, kw_only=True)
class Registratie(Resource):
    """A note of something that happened: a call, a letter, a visit.

    Attributes:
        omschrijving: HTML, as it came.
        onderwerp: Subject.
        publiek: Whether the customer may see it.
        factureerbaar: Whether it may be billed.
        verbruik: Time or amount spent; the documentation names no unit.
        persoon: Whom it is about; the API answers with a list.
    """

    id: int
    omschrijving: str | None = None
    onderwerp: str | None = None
    registratietype: str | None = None
    boekdatum: dt.datetime | None = None
    publiek: bool | None = None
    factureerbaar: bool | None = None
    gearchiveerd: bool | None = None
    verbruik: Decimal | None = None
    persoon: tuple[Persoon, ...] = ()
