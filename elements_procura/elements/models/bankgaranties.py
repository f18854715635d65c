"""Bank guarantees."""

import datetime as dt
from decimal import Decimal

import attrs

from elements_procura.elements.models.contact import Adres
from elements_procura.elements.models.productdetail import ProductDetail
from elements_procura.schema.model import Model

__all__ = ["Bankgarantie", "Bankgarantiedeel"]


@attrs.define(eq=False, repr=False, kw_only=True)
class Bankgarantiedeel(Model):
    """One part of a bankgarantie.

    Attributes:
        orv: Whether term life insurance (overlijdensrisicoverzekering) goes with it.
    """

    id: int
    product: str | None = None
    garantienummer: str | None = None
    garantiebedrag: Decimal | None = None
    orv: bool | None = None


@attrs.define(eq=False, repr=False, kw_only=True)
class Bankgarantie(ProductDetail):
    """A bank guarantee, as for the deposit on a house."""

    passeerdatum: dt.date | None = None
    passeerdatum_definitief: bool | None = None
    hoofdsom: Decimal | None = None
    inschrijving: Decimal | None = None
    onderpandadres: tuple[Adres, ...] = ()
    productdelen: tuple[Bankgarantiedeel, ...] = ()
