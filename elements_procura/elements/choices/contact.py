"""Choices for contact data."""

from enum import StrEnum

__all__ = ["Adrescategorie", "Adrestype", "Emailadrestype", "Rekeningtype", "Telefoontype"]


class Adrescategorie(StrEnum):
    """Street, post-office box or reply number."""

    STANDAARD = "Standaard"
    POSTBUS = "Postbus"
    ANTWOORDNUMMER = "Antwoordnummer"


class Adrestype(StrEnum):
    """Purposes of an address."""

    AFLEVERADRES = "Afleveradres"
    ALGEMEEN = "Algemeen"
    BEZOEKADRES = "Bezoekadres"
    CORRESPONDENTIEADRES = "Correspondentieadres"
    FACTUURADRES = "Factuuradres"
    PAND = "Pand"
    PRIVEADRES = "Priveadres"


class Emailadrestype(StrEnum):
    """Purposes of an email address."""

    ZAKELIJK = "Zakelijk"
    PRIVE = "Prive"
    ALGEMEEN = "Algemeen"


class Rekeningtype(StrEnum):
    """Purposes of a bank account."""

    ALGEMEEN = "Algemeen"
    INCASSO = "Incasso"


class Telefoontype(StrEnum):
    """Purposes of a telephone number."""

    ALGEMEEN = "Algemeen"
    STORINGSNUMMER = "Storingsnummer"
    FAX = "Fax"
    MOBIEL = "Mobiel"
    ZAKELIJK = "Zakelijk"
    SKYPE = "Skype"
