"""Choices for persons and organisations."""

from enum import StrEnum

__all__ = ["BurgerlijkeStaat", "Geslacht", "MedewerkerBurgerlijkeStaat", "Organisatietype", "Rol"]


class Geslacht(StrEnum):
    """Sex as requests write it; answers have it in lower case."""

    MAN = "Man"
    VROUW = "Vrouw"


class BurgerlijkeStaat(StrEnum):
    """Civil status."""

    GEHUWD_GEMEENSCHAP = "Gehuwd (gemeenschap van goederen)"
    GEHUWD_VOORWAARDEN = "Gehuwd met huwelijkse voorwaarden"
    ALLEENSTAAND = "Alleenstaand"
    SAMENWONEND_MET_CONTRACT = "Samenwonend met samenlevingscontract"
    SAMENWONEND_ZONDER_CONTRACT = "Samenwonend zonder samenlevingscontract"
    PARTNERREGISTRATIE_GEMEENSCHAP = "Partnerregistratie in gemeenschap van goederen"
    PARTNERREGISTRATIE_VOORWAARDEN = "Partnerregistratie onder registratievoorwaarden"
    GEHUWD_VOLGENS_BUITENLANDS_RECHT = "Gehuwd volgens buitenlands recht"
    GEHUWD_BEPERKTE_GEMEENSCHAP = "Gehuwd in beperkte gemeenschap van goederen"
    PARTNERREGISTRATIE_BEPERKTE_GEMEENSCHAP = (
        "Partnerregistratie in beperkte gemeenschap van goederen"
    )


class MedewerkerBurgerlijkeStaat(StrEnum):
    """Civil status, of which the API takes fewer for a medewerker."""

    GEHUWD_GEMEENSCHAP = "Gehuwd (gemeenschap van goederen)"
    GEHUWD_VOORWAARDEN = "Gehuwd met huwelijkse voorwaarden"
    ALLEENSTAAND = "Alleenstaand"
    SAMENWONEND_MET_CONTRACT = "Samenwonend met samenlevingscontract"
    SAMENWONEND_ZONDER_CONTRACT = "Samenwonend zonder samenlevingscontract"
    PARTNERREGISTRATIE_GEMEENSCHAP = "Partnerregistratie in gemeenschap van goederen"
    PARTNERREGISTRATIE_VOORWAARDEN = "Partnerregistratie onder registratievoorwaarden"
    GEHUWD_VOLGENS_BUITENLANDS_RECHT = "Gehuwd volgens buitenlands recht"


class Organisatietype(StrEnum):
    """Legal forms."""

    BV = "BV"
    COMMANDITAIRE_VENNOOTSCHAP = "commanditaire vennootschap"
    COOPERATIEVE_VERENIGING = "Cooperatieve vereniging"
    EENMANSZAAK = "Eenmanszaak"
    FRANCHISE = "Franchise"
    INKOOPORGANISATIE = "Inkooporganisatie"
    LOONDIENST = "Loondienst"
    MAATSCHAP = "Maatschap"
    NV = "NV"
    ONBEKEND = "Onbekend"
    OVERIG = "Overig"
    PARTICULIER = "Particulier"
    REKENING_COURANT = "Rekening Courant"
    STICHTING = "Stichting"
    VERENIGING = "Vereniging"
    VOF = "VOF"


class Rol(StrEnum):
    """Roles of a particulier in a dossier, when added."""

    EERSTE_PERSOON = "eerste-persoon"
    PARTNER = "partner"
    KIND = "kind"
