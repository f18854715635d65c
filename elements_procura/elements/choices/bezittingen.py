"""Choices for bezittingen."""

from enum import StrEnum

__all__ = [
    "Alarminstallatie",
    "BootType",
    "FietsType",
    "KostbaarheidType",
    "OverigeType",
    "Plaats",
    "VoertuigType",
]


class OverigeType(StrEnum):
    """Kinds of possession other than vehicles (``bezittingtype``)."""

    KOSTBAARHEID = "Kostbaarheid"
    OVERIGE = "Overige"


class KostbaarheidType(StrEnum):
    """Kinds of valuables."""

    ANTIEK = "Antiek"
    AQUARELLEN = "Aquarellen"
    AUDIO_VIDEO_APPARATUUR = "Audio-/Video-apparatuur"
    AUTOTELEFOON = "Autotelefoon"
    BIJZONDERE_BEZITTING = "Bijzondere bezitting"
    BOEK = "Boek"
    BONT = "Bont"
    ELEKTRISCH_VERSTERKTE_MUZIEKINSTRUMENTEN = "Elektrisch versterkte muziekinstrumenten"
    FOTO_FILM = "Foto-Film"
    GOLFUITRUSTING = "Golfuitrusting"
    HORLOGES = "Horloges"
    JUWELEN = "Juwelen"
    KUNST = "Kunst"
    LICHTRECLAME = "Lichtreclame"
    MODELBOUW = "Modelbouw"
    MUZIEKINSTRUMENT = "Muziekinstrument"
    OPTISCHE_INSTRUMENTEN = "Optische instrumenten"
    OVERIGE = "Overige"
    PORSELEIN = "Porselein"
    POSTZEGELS_EN_MUNTEN = "Postzegels en munten"
    RECREATIEZAKEN = "Recreatiezaken"
    SCHILDERIJ = "Schilderij"
    SPORTFIETS = "Sportfiets"
    STEREO_VIDEO_BINNENSHUIS = "Stereo-Video binnenshuis"
    STEREO_VIDEO_BUITENSHUIS = "Stereo-Video buitenshuis"
    SURFUITRUSTING = "Surfuitrusting"
    OOSTERSE_TAPIJTEN = "(Oosterse) Tapijten"
    VERZAMELING = "Verzameling"
    VISUITRUSTING = "Visuitrusting"


class Plaats(StrEnum):
    """Where a valuable is insured."""

    OVERAL = "Overal"
    ADRES = "Adres"
    OVERIG = "Overig"


class VoertuigType(StrEnum):
    """Kinds of vehicle (``bezittingtype``)."""

    AUTO = "Auto"
    CARAVAN = "Caravan"
    BROMMER = "Brommer"
    MOTOR = "Motor"
    BOOT = "Boot"
    FIETS = "Fiets"
    AANHANGWAGEN = "Aanhangwagen"
    VRACHTWAGEN = "Vrachtwagen"


class BootType(StrEnum):
    """Kinds of boat."""

    ANDERS = "Anders"
    CATAMARAN = "Catamaran"
    JETSKI = "Jetski"
    KANO = "Kano"
    MOTOR_SPORTBOOT = "Motor sportboot"
    MOTOR_SAILER = "Motor-sailer"
    MOTORBOOT = "Motorboot"
    MOTORJACHT = "Motorjacht"
    MOTORZEILJACHT = "Motorzeiljacht"
    OPBLAAS_BOOT = "Opblaas boot"
    OPEN_BOOT = "Open boot"
    PLATBODEM = "Platbodem"
    ROEIBOOT = "Roeiboot"
    RUBBERBOOT = "Rubberboot"
    SLOEP = "Sloep"
    SURF_ZEILPLANK = "Surf-, zeilplank"
    TRIMARAN = "Trimaran"
    VISBOOT = "Visboot"
    VLET = "Vlet"
    ZEILBOOT = "Zeilboot"


class FietsType(StrEnum):
    """Kinds of bicycle."""

    ANDERS = "Anders"
    BAKFIETS = "Bakfiets"
    CITYBIKE = "Citybike"
    DRIEWIELER = "Driewieler"
    E_BIKE = "E-bike"
    FIETS_MET_HULPMOTOR = "Fiets met hulpmotor"
    HIGH_SPEED_E_BIKE = "High speed E-bike"
    MTB_ATB = "MTB/ATB"
    RACEFIETS = "Racefiets"
    RIJWIEL = "Rijwiel"
    TANDEM = "Tandem"
    VOUWFIETS = "Vouwfiets"


class Alarminstallatie(StrEnum):
    """Classes of car alarm."""

    FABRIEK_INGEBOUWD_ALARM_KLASSE_1 = "Fabriek ingebouwd alarm klasse 1"
    FABRIEK_INGEBOUWD_ALARM_KLASSE_2 = "Fabriek ingebouwd alarm klasse 2"
    FABRIEK_INGEBOUWD_ALARM_KLASSE_3 = "Fabriek ingebouwd alarm klasse 3"
    FABRIEK_INGEBOUWD_ALARM_KLASSE_4 = "Fabriek ingebouwd alarm klasse 4"
    FABRIEK_INGEBOUWD_ALARM_KLASSE_5 = "Fabriek ingebouwd alarm klasse 5"
    KLASSE_1 = "Klasse 1"
    KLASSE_2 = "Klasse 2"
    KLASSE_3 = "Klasse 3"
    KLASSE_4 = "Klasse 4"
    KLASSE_5 = "Klasse 5"
