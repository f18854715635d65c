"""Bodies for the klanten (customers) of a dossier."""

import attrs

from elements_procura.elements.choices.klanten import (
    BurgerlijkeStaat,
    Geslacht,
    MedewerkerBurgerlijkeStaat,
    Organisatietype,
)
from elements_procura.elements.choices.nationaliteiten import Nationaliteit
from elements_procura.schema.fields import Date, Id, Long, Reference, References, Short
from elements_procura.schema.model import Body

__all__ = [
    "ExistingMedewerkerBody",
    "KenmerkBody",
    "MedewerkerBody",
    "ParticulierBody",
    "ZakelijkBody",
]


@attrs.define(eq=False, repr=False, kw_only=True)
class ParticulierBody(Body):
    """A person who is a customer.

    Attributes:
        bsn: Citizen service number: personal data that only may be used where law provides.
        volledige_voornamen: All first names in full.
    """

    achternaam: Short
    tussenvoegsel: Short | None = None
    voornaam: Short | None = None
    volledige_voornamen: Short | None = None
    initialen: Short | None = None
    titel: Short | None = None
    geboortedatum: Date | None = None
    geboorteplaats: Short | None = None
    geslacht: Geslacht | str | None = None
    bsn: Short | None = None
    burgerlijkestaat: BurgerlijkeStaat | str | None = None
    nationaliteit: Nationaliteit | str | None = None
    overleden: bool | None = None
    datum_overleden: Date | None = None


@attrs.define(eq=False, repr=False, kw_only=True)
class ZakelijkBody(Body):
    """An organisation that is a customer.

    Attributes:
        kvknummer: Number in the trade register.
    """

    naam: Short
    statutairenaam: Short | None = None
    handelsnaam: Short | None = None
    kvknummer: Short | None = None
    btwnummer: Short | None = None
    type: Organisatietype | str | None = None


@attrs.define(eq=False, repr=False, kw_only=True)
class MedewerkerBody(Body):
    """A person who works for an organisation.

    Attributes:
        bsn: Citizen service number: personal data that only may be used where law provides.
        functie: The person's job there.
    """

    achternaam: Short
    tussenvoegsel: Short | None = None
    voornaam: Short | None = None
    volledige_voornamen: Short | None = None
    initialen: Short | None = None
    titel: Short | None = None
    geboortedatum: Date | None = None
    geboorteplaats: Short | None = None
    geslacht: Geslacht | str | None = None
    bsn: Short | None = None
    burgerlijkestaat: MedewerkerBurgerlijkeStaat | str | None = None
    nationaliteit: Nationaliteit | str | None = None
    overleden: bool | None = None
    datum_overleden: Date | None = None
    functie: References


@attrs.define(eq=False, repr=False, kw_only=True)
class ExistingMedewerkerBody(Body):
    """A person who is known already, by id, and works for an organisation."""

    id: Id
    functie: References


@attrs.define(eq=False, repr=False, kw_only=True)
class KenmerkBody(Body):
    """A characteristic of a person.

    Attributes:
        kenmerk: The characteristic.
        vraag: The question that it answers.
    """

    kenmerk: Reference
    vraag: Reference | None = None
    omschrijving: Long | None = None
