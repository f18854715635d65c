"""What every kind of product has in full, and the kinds."""

import datetime as dt
from enum import StrEnum
from typing import Any

import attrs

from elements_procura.elements.models.contact import Adres
from elements_procura.elements.models.klanten import Particulier
from elements_procura.schema.model import Resource

__all__ = ["ProductDetail", "Productsoort"]


class Productsoort(StrEnum):
    """The kinds of product that the documentation shows; also their place in the path."""

    BANKGARANTIES = "bankgaranties"
    CONSUMPTIEFKREDIETEN = "consumptiefkredieten"
    CONTRACTEN = "contracten"
    DIENSTEN = "diensten"
    HYPOTHEEKADVIEZEN = "hypotheekadviezen"
    HYPOTHEKEN = "hypotheken"
    INKOMENSVERZEKERINGEN = "inkomensverzekeringen"
    LEVENSVERZEKERINGEN = "levensverzekeringen"
    PENSIOENEN = "pensioenen"
    PROFILEPRINTS = "profileprints"
    SCHADEVERZEKERINGEN = "schadeverzekeringen"
    UITVAARTVERZEKERINGEN = "uitvaartverzekeringen"
    VERMOGENENBANCAIR = "vermogenenbancair"


@attrs.define(eq=False, repr=False, kw_only=True)
class ProductDetail(Resource):
    """The fields that every kind of product has in full.

    Attributes:
        adviseur: The adviser's name as displayed.
        acceptant: Who accepts the application, as displayed.
        acceptant_workflowgroep: Kept as it came; the documentation shows only null.
        behandelaar: Who handles it, as displayed.
        behandelaar_workflowgroep: Kept as it came; the documentation shows only null.
    """

    id: int
    type: int | None = None
    offertenummer: str | None = None
    omschrijving: str | None = None
    status: str | None = None
    invoer_aanvraag: dt.datetime | None = None
    maatschappij: str | None = None
    adviseur: str | None = None
    acceptant: str | None = None
    acceptant_workflowgroep: Any = None
    behandelaar: str | None = None
    behandelaar_workflowgroep: Any = None
    correspondentieadres: Adres | None = None
    aanvragers: tuple[Particulier, ...] = ()
