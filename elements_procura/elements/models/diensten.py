"""Services of the firm itself."""

import datetime as dt
from decimal import Decimal

import attrs

from elements_procura.elements.models.productdetail import ProductDetail
from elements_procura.schema.model import Model

__all__ = ["Dienst", "Dienstdeel"]


@attrs.define(eq=False, repr=False, kw_only=True)
class Dienstdeel(Model):
    """One part (deel) of a dienst."""

    id: int
    product: str | None = None
    omschrijving: str | None = None
    betalingstermijn: str | None = None
    verkoopprijs: Decimal | None = None
    btw: str | None = None


@attrs.define(eq=False, repr=False, kw_only=True)
class Dienst(ProductDetail):
    """A service of the firm itself, such as advice or a subscription."""

    ingangsdatum: dt.date | None = None
    ingangsdatum_definitief: bool | None = None
    productdelen: tuple[Dienstdeel, ...] = ()
