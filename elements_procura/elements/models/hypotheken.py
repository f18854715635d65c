"""Mortgages."""

import datetime as dt
from decimal import Decimal
from typing import Any

import attrs

from elements_procura.elements.models.contact import Adres
from elements_procura.elements.models.productdetail import ProductDetail
from elements_procura.schema.model import Model

__all__ = ["Hypotheek", "Hypotheekdeel"]


@attrs.define(eq=False, repr=False, kw_only=True)
class Hypotheekdeel(Model):
    """One loan part of a hypotheek.

    Attributes:
        looptijd: Months.
        rentevastperiode: Months.
        rentepercentage: Per cent a year.
        rentebedenktijd: Kept as it came; the documentation shows only null.
    """

    id: int
    product: str | None = None
    looptijd: int | None = None
    hypotheeknummer: str | None = None
    hypotheekvorm: str | None = None
    deel_hoofdsom: Decimal | None = None
    maandelijks_bedrag: Decimal | None = None
    einddatum: dt.date | None = None
    rentepercentage: Decimal | None = None
    rentetype: str | None = None
    rentevastperiode: int | None = None
    rentevast_einddatum: dt.date | None = None
    rentekorting: Decimal | None = None
    rentebedenktijd: Any = None


@attrs.define(eq=False, repr=False, kw_only=True)
class Hypotheek(ProductDetail):
    """A mortgage."""

    passeerdatum: dt.date | None = None
    passeerdatum_definitief: bool | None = None
    hoofdsom: Decimal | None = None
    inschrijving: Decimal | None = None
    renteaanbod_aangevraagd: dt.date | None = None
    ontbindende_voorwaarden: dt.date | None = None
    norm: str | None = None
    onderpandadres: tuple[Adres, ...] = ()
    productdelen: tuple[Hypotheekdeel, ...] = ()
