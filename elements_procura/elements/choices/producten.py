"""Choices for products."""

from enum import StrEnum

__all__ = [
    "Aanvragerrol",
    "Financieringsdoel",
    "Kortingtype",
    "Portefeuille",
    "Propositietype",
    "Provisietype",
    "Termijn",
]


class Financieringsdoel(StrEnum):
    """Purposes of a loan."""

    NOG_NIET_BEKEND = "(Nog) Niet bekend"
    AANKOOP_WONING = "Aankoop woning"
    ANDERS_ZIE_TOELICHTING = "Anders, zie toelichting"
    AUTO = "Auto"
    BELASTING_BETALING = "Belasting betaling"
    BOOT = "Boot"
    FINANCIERING_KOSTEN_HYPOTHEEK = "Financiering kosten hypotheek"
    MOTOR = "Motor"
    OVERNAME_LOPENDE_LENINGEN = "Overname lopende leningen"
    RESTSCHULD_FINANCIERING = "Restschuld financiering"
    SCHULDSANERING = "Schuldsanering"
    TOERCARAVAN = "Toercaravan"
    WONINGVERBETERING = "Woningverbetering"
    ZAKELIJK_DOEL = "Zakelijk doel"


class Provisietype(StrEnum):
    """Codes of commission (``codeprovisiemijtype``)."""

    CE001 = "CE001"
    CE002 = "CE002"
    CE003 = "CE003"
    CE004 = "CE004"
    CE005 = "CE005"
    CE006 = "CE006"
    DM001 = "DM001"
    DM002 = "DM002"
    IT001 = "IT001"
    IT002 = "IT002"
    ME001 = "ME001"
    ME002 = "ME002"


class Termijn(StrEnum):
    """How often something is paid."""

    MAAND = "Maand"
    KWARTAAL = "Kwartaal"
    SEMESTER = "Semester"
    JAAR = "Jaar"
    TWEE_MAANDEN = "2 maanden"
    EENMALIG = "Eenmalig"


class Kortingtype(StrEnum):
    """Whether a discount is an amount or a percentage."""

    BEDRAG = "Bedrag"
    PERCENTAGE = "Percentage"


class Aanvragerrol(StrEnum):
    """Whether a dienst is for a person or an organisation."""

    PARTICULIER = "Particulier"
    ZAKELIJK = "Zakelijk"


class Portefeuille(StrEnum):
    """Who manages a hypotheek."""

    EIGEN_BEHEER = "Eigen beheer"
    EXTERN_BEHEER = "Extern beheer"


class Propositietype(StrEnum):
    """Relations of a hypotheek to the previous one."""

    DERDE_VERVOLGHYPOTHEEK_NIEUWE_GELDGEVER = "Derde vervolghypotheek (nieuwe geldgever)"
    DERDE_VERVOLGHYPOTHEEK_ZELFDE_GELDGEVER = "Derde vervolghypotheek (zelfde geldgever)"
    DOORGEEFHYPOTHEEK = "Doorgeefhypotheek"
    EERSTE_HYPOTHEEK_NIEUW = "Eerste hypotheek (nieuw)"
    INTERNE_OVERSLUITING = "Interne oversluiting"
    MEENEEMHYPOTHEEK = "Meeneemhypotheek"
    OMZETTING = "Omzetting"
    OMZETTING_EN_VERHOGING = "Omzetting en verhoging"
    ONDERHANDS = "Onderhands"
    OVERSLUITING = "Oversluiting"
    OVERSLUITING_ANDERE_GELDGEVER = "Oversluiting andere geldgever"
    TWEEDE_OF_HOGER_IN_RANG_HYPOTHEEK = "Tweede of hoger in rang hypotheek"
    TWEEDE_VERVOLGHYPOTHEEK_NIEUWE_GELDGEVER = "Tweede vervolghypotheek (nieuwe geldgever)"
    TWEEDE_VERVOLGHYPOTHEEK_ZELFDE_GELDGEVER = "Tweede vervolghypotheek (zelfde geldgever)"
    VERBOUWING = "Verbouwing"
    VERVOLGHYPOTHEEK_NIEUWE_GELDGEVER = "Vervolghypotheek (nieuwe geldgever)"
    VERVOLGHYPOTHEEK_ZELFDE_GELDGEVER = "Vervolghypotheek (zelfde geldgever)"
