"""Choices for contact data."""

from enum import StrEnum

__all__ = ["Adrescategorie", "Adrestype", "Emailadrestype", "Rekeningtype", "Telefoontype"]


class Adrescategorie(StrEnum):
    """Street, post-office box or reply number."""

    STANDAARD = "Standaard"
    POSTBUS = "Postbus"
    ANTWOORDNUMMER = "Antwoordnummer"


class Adrestype(StrEnum):
    """What an address is for."""

    AFLEVERADRES = "Afleveradres"
    ALGEMEEN = "Algemeen"
    BEZOEKADRES = "Bezoekadres"
    CORRESPONDENTIEADRES = "Correspondentieadres"
    FACTUURADRES = "Factuuradres"
    PAND = "Pand"
    PRIVEADRES = "Priveadres"


class Emailadrestype(StrEnum):
    """What an email address is for."""

    ZAKELIJK = "Zakelijk"
    PRIVE = "Prive"
    ALGEMEEN = "Algemeen"


class Rekeningtype(StrEnum):
    """What a bank account is for."""

    ALGEMEEN = "Algemeen"
    INCASSO = "Incasso"


class Telefoontype(StrEnum):
    """What a telephone number is for."""

    ALGEMEEN = "Algemeen"
    STORINGSNUMMER = "Storingsnummer"
    FAX = "Fax"
    MOBIEL = "Mobiel"
    ZAKELIJK = "Zakelijk"
    SKYPE = "Skype"
