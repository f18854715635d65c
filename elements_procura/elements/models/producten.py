"""Products: the row that every kind has in the collection, and hypotheken in full."""

import datetime as dt
from decimal import Decimal
from enum import StrEnum
from typing import Any

import attrs

from elements_procura._model import Model, Resource
from elements_procura.elements.models.contact import Adres
from elements_procura.elements.models.klanten import Particulier


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


@attrs.define(repr=False, kw_only=True)
class Product(Resource):
    """One row of a dossier's products, whatever its kind.

    What only some kinds have is None on the others.
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
    datum_ontbindende_voorwaarden: dt.date | None = None
    hoofdsom: Decimal | None = None
    inschrijving: Decimal | None = None
    koopprijs: Decimal | None = None
    garantiekapitaal: Decimal | None = None
    gewenst_bedrag: Decimal | None = None
    verpand_aan: str | None = None
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
    pakketkorting_percentage: Decimal | None = None
    premietermijn: str | None = None
    beloningpercentage_deelnemer: Decimal | None = None
    beloningpercentage_adviseur: Decimal | None = None


@attrs.define(repr=False, kw_only=True)
class ProductDetail(Resource):
    """What every kind of product has in full.

    Attributes:
        adviseur: The adviser's name as displayed.
        acceptant: Who accepts the application, as displayed.
        behandelaar: Who handles it, as displayed.
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
    acceptant_workflowgroep: str | None = None
    behandelaar: str | None = None
    behandelaar_workflowgroep: str | None = None
    correspondentieadres: Adres | None = None
    aanvragers: tuple[Particulier, ...] = ()


@attrs.define(repr=False, kw_only=True)
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


@attrs.define(repr=False, kw_only=True)
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
