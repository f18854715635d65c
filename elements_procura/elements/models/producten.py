"""The row that every kind of product has in the collection."""

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import attrs

from elements_procura.elements.models.productdetail import Productsoort
from elements_procura.schema.model import Resource

if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        """Find the other records of products, which earlier versions had here: pickles say so."""
        # ruff: noqa: PLC0415 - loaded on need
        from elements_procura.elements.models.bankgaranties import Bankgarantie, Bankgarantiedeel
        from elements_procura.elements.models.consumptiefkredieten import (
            Consumptiefkrediet,
            Kredietdeel,
        )
        from elements_procura.elements.models.contracten import Contract, Contractdeel
        from elements_procura.elements.models.diensten import Dienst, Dienstdeel
        from elements_procura.elements.models.hypotheken import Hypotheek, Hypotheekdeel
        from elements_procura.elements.models.productdetail import ProductDetail

        moved = (
            *(Bankgarantie, Bankgarantiedeel, Consumptiefkrediet, Kredietdeel, Contract),
            *(Contractdeel, Dienst, Dienstdeel, Hypotheek, Hypotheekdeel, ProductDetail),
        )
        for each in moved:
            if each.__name__ == name:
                return each
        raise AttributeError(name)


__all__ = ["Product"]


@attrs.define(eq=False, repr=False, kw_only=True)
class Product(Resource):
    """One row of a dossier's products, whatever its kind.

    Fields that only some kinds have are None on the others. ``datum_ontbindende_voorwaarden``,
    ``verpand_aan`` and ``pakketkorting_percentage`` are kept as they came: the documentation shows
    them only as null.
    """

    id: int
    type: int | None = None
    soort: Productsoort | str | None = None
    offertenummer: str | None = None
    omschrijving: str | None = None
    status: str | None = None
    invoer_aanvraag: dt.datetime | None = None
    gearchiveerd: bool | None = None
    publiek: bool | None = None
    maatschappij: str | None = None
    leverancier: str | None = None
    passeerdatum: dt.date | None = None
    passeerdatum_definitief: bool | None = None
    ingangsdatum: dt.date | None = None
    ingangsdatum_definitief: bool | None = None
    startdatum: dt.date | None = None
    startdatum_definitief: bool | None = None
    offerte_aanvraagdatum: dt.date | None = None
    offerte_aanvraagdatum_definitief: bool | None = None
    verwachtte_leverdatum: dt.date | None = None
    verwachtte_leverdatum_definitief: bool | None = None
    renteaanbod_aangevraagd: dt.date | None = None
    ontbindende_voorwaarden: dt.date | None = None
    datum_ontbindende_voorwaarden: Any = None
    hoofdsom: Decimal | None = None
    inschrijving: Decimal | None = None
    koopprijs: Decimal | None = None
    garantiekapitaal: Decimal | None = None
    gewenst_bedrag: Decimal | None = None
    verpand_aan: Any = None
    incassowijze: str | None = None
    kinderen_meeverzekeren: bool | None = None
    is_pakket: bool | None = None
    bruto_premie: Decimal | None = None
    toeslag: Decimal | None = None
    korting: Decimal | None = None
    netto_premie: Decimal | None = None
    kosten: Decimal | None = None
    tussenpersoonkosten: Decimal | None = None
    assurantiebelasting: Decimal | None = None
    totaal: Decimal | None = None
    pakketkorting: Decimal | None = None
    pakketkorting_percentage: Any = None
    premietermijn: str | None = None
    beloningpercentage_deelnemer: Decimal | None = None
    beloningpercentage_adviseur: Decimal | None = None
