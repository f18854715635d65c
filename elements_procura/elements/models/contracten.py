"""Contracts."""

import datetime as dt
from decimal import Decimal

import attrs

from elements_procura.elements.models.productdetail import ProductDetail
from elements_procura.schema.model import Model

__all__ = ["Contract", "Contractdeel"]


@attrs.define(eq=False, repr=False, kw_only=True)
class Contractdeel(Model):
    """One part (onderdeel) of a contract.

    Attributes:
        contractduur: Months.
        looptijd_verplichting: Months.
    """

    id: int
    product: str | None = None
    referentie: str | None = None
    verkoopprijs: Decimal | None = None
    premietermijn: str | None = None
    contractduur: int | None = None
    hoofdvervaldatum: dt.date | None = None
    looptijd_verplichting: int | None = None
    vervaldatum: dt.date | None = None


@attrs.define(eq=False, repr=False, kw_only=True)
class Contract(ProductDetail):
    """A contract, as for energy or telephone."""

    startdatum: dt.date | None = None
    startdatum_definitief: bool | None = None
    productdelen: tuple[Contractdeel, ...] = ()
