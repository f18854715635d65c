"""Products: the row that every kind has in the collection, and the kinds given in full."""

import datetime as dt
from decimal import Decimal
from enum import StrEnum
from typing import Any

import attrs

from elements_procura.elements.models.contact import Adres
from elements_procura.elements.models.klanten import Particulier
from elements_procura.schema.model import Model, Resource

__all__ = [
    "Bankgarantie",
    "Bankgarantiedeel",
    "Consumptiefkrediet",
    "Contract",
    "Contractdeel",
    "Dienst",
    "Dienstdeel",
    "Hypotheek",
    "Hypotheekdeel",
    "Kredietdeel",
    "Product",
    "ProductDetail",
    "Productsoort",
]


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
