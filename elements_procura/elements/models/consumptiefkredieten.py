"""Consumer loans."""

import datetime as dt
from decimal import Decimal

import attrs

from elements_procura.elements.models.productdetail import ProductDetail
from elements_procura.schema.model import Model

__all__ = ["Consumptiefkrediet", "Kredietdeel"]


@attrs.define(eq=False, repr=False, kw_only=True)
class Kredietdeel(Model):
    """One part of a consumptief krediet.

    Attributes:
        theoretische_looptijd: Months.
    """

    id: int
    product: str | None = None
    productgroep: str | None = None
    leenbedrag: Decimal | None = None
    contractnummer: str | None = None
    termijnbedrag: Decimal | None = None
    theoretische_looptijd: int | None = None
    theoretische_einddatum: dt.date | None = None


@attrs.define(eq=False, repr=False, kw_only=True)
class Consumptiefkrediet(ProductDetail):
    """A consumer loan."""

    ingangsdatum: dt.date | None = None
    ingangsdatum_definitief: bool | None = None
    gewenst_bedrag: Decimal | None = None
    productdelen: tuple[Kredietdeel, ...] = ()
