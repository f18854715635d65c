"""Bezittingen: a customer's possessions, from cars to paintings."""

import datetime as dt
from decimal import Decimal
from typing import Any

import attrs

from elements_procura.schema.model import Resource

__all__ = ["Bezitting"]


@attrs.define(eq=False, repr=False, kw_only=True)
class Bezitting(Resource):
    """A possession.

    Attributes:
        type: Its kind within its category, in English, as ``car``.
        categorie: As ``vehicle``.
        soort: Kept as it came; the documentation shows only null.
        bouwjaar: A whole date, though it is called a year.
        gewicht: Kilograms.
        waardewisseling: Change of value.
    """

    id: int
    omschrijving: str | None = None
    merk: str | None = None
    model: str | None = None
    type: str | None = None
    categorie: str | None = None
    soort: Any = None
    kenteken: str | None = None
    bouwjaar: dt.date | None = None
    gewicht: int | None = None
    cataloguswaarde: Decimal | None = None
    aankoopdatum: dt.date | None = None
    aankoopbedrag: Decimal | None = None
    huidige_waarde: Decimal | None = None
    huidige_waardedatum: dt.date | None = None
    waardewisseling: Decimal | None = None
    gearchiveerd: bool | None = None
