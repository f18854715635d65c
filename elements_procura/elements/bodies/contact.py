"""Bodies for contact data, and for the panden (real estate) of a dossier."""

from typing import Annotated, ClassVar

import attrs

from elements_procura.elements.choices.contact import (
    Adrescategorie,
    Adrestype,
    Emailadrestype,
    Rekeningtype,
    Telefoontype,
)
from elements_procura.elements.choices.landen import Land
from elements_procura.schema.body import ExactlyOne, Rule
from elements_procura.schema.fields import Id, Short, matching, text
from elements_procura.schema.model import Body

__all__ = [
    "AdresBody",
    "EmailadresBody",
    "ExistingAdresBody",
    "ExistingRekeningnummerBody",
    "RekeningnummerBody",
    "TelefoonnummerBody",
]

Telephone = Annotated[
    str, matching(r"[0-9 ()+-]{1,255}", "1 to 255 digits, spaces and signs out of ( ) + -")
]


@attrs.define(eq=False, repr=False, kw_only=True)
class AdresBody(Body):
    """A postal address.

    Attributes:
        nummer: House number.
        toevoeging: The addition to the house number.
        type: The purpose of the address.
    """

    postcode: Short | None = None
    nummer: Annotated[str, text(25)] | None = None
    toevoeging: Short | None = None
    straat: Short | None = None
    plaatsnaam: Short
    gemeente: Short | None = None
    provincie: Short | None = None
    land: Land | str | None = None
    categorie: Adrescategorie | str | None = None
    type: Adrestype | str


@attrs.define(eq=False, repr=False, kw_only=True)
class ExistingAdresBody(Body):
    """An address that is there already, by its id."""

    id: Id
    type: Adrestype | str


@attrs.define(eq=False, repr=False, kw_only=True)
class EmailadresBody(Body):
    """An email address: one that is new by ``naam``, one that is there already by ``id``."""

    RULES: ClassVar[tuple[Rule, ...]] = (ExactlyOne("id", "naam"),)

    id: Id | None = None
    naam: Short | None = None
    type: Emailadrestype | str


@attrs.define(eq=False, repr=False, kw_only=True)
class RekeningnummerBody(Body):
    """A bank account."""

    nummer: Short | None = None
    iban: Short | None = None
    bic: Short | None = None
    land: Land | str
    type: Rekeningtype | str


@attrs.define(eq=False, repr=False, kw_only=True)
class ExistingRekeningnummerBody(Body):
    """A bank account that is there already, by its id."""

    id: Id
    type: Rekeningtype | str


@attrs.define(eq=False, repr=False, kw_only=True)
class TelefoonnummerBody(Body):
    """A telephone number: a new one by ``naam``, one that is there already by ``id``."""

    RULES: ClassVar[tuple[Rule, ...]] = (ExactlyOne("id", "naam"),)

    id: Id | None = None
    naam: Telephone | None = None
    type: Telefoontype | str
