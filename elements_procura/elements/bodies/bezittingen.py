"""Bodies for the bezittingen (possessions) of a dossier."""

from typing import Annotated

import attrs

from elements_procura.elements.choices.bezittingen import (
    Alarminstallatie,
    BootType,
    FietsType,
    KostbaarheidType,
    OverigeType,
    Plaats,
    VoertuigType,
)
from elements_procura.schema.fields import Date, Money, Reference, Short, Size, text
from elements_procura.schema.model import Body

__all__ = ["OverigeBody", "VoertuigBody"]


@attrs.define(eq=False, repr=False, kw_only=True)
class OverigeBody(Body):
    """A possession other than a vehicle.

    Attributes:
        bezittingtype: Valuables or something else.
        plaats: Where it is insured.
        adres: The address, when ``plaats`` is one.
    """

    omschrijving: Short | None = None
    cataloguswaarde: Money | None = None
    datum_aankoop: Date | None = None
    aankoopwaarde: Money | None = None
    huidige_waardedatum: Date | None = None
    huidige_waarde: Money | None = None
    type: Short | None = None
    bezittingtype: OverigeType | str
    kostbaarheid_type: KostbaarheidType | str | None = None
    plaats: Plaats | str | None = None
    adres: Reference | None = None


@attrs.define(eq=False, repr=False, kw_only=True)
class VoertuigBody(Body):
    """A vehicle.

    Attributes:
        kenteken: Registration plate.
        bouwjaar: A whole date, though it is called a year.
        gewicht: Kilograms.
        cilinderinhoud: Cubic centimetres.
    """

    omschrijving: Short | None = None
    merk: Short | None = None
    cataloguswaarde: Money | None = None
    datum_aankoop: Date | None = None
    aankoopwaarde: Money | None = None
    huidige_waardedatum: Date | None = None
    huidige_waarde: Money | None = None
    kenteken: Annotated[str, text(50)] | None = None
    bouwjaar: Date | None = None
    gewicht: Size | None = None
    type: Short | None = None
    uitvoering: Short | None = None
    model: Short | None = None
    kilowatt: Size | None = None
    aantal_pk: Size | None = None
    meldcode: Short | None = None
    cilinderinhoud: Size | None = None
    bezittingtype: VoertuigType | str
    boot_type: BootType | str | None = None
    fiets_type: FietsType | str | None = None
    alarminstallatie: Alarminstallatie | str | None = None
