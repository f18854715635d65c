"""Deaths in the municipality, and bodies that were found."""

import datetime as dt

import attrs

from elements_procura.procura.models.brp_date import BrpDate
from elements_procura.procura.models.common import (
    Case,
    CaseBody,
    Country,
    CountryBody,
    Municipality,
    MunicipalityBody,
    Person,
    PersonBody,
)
from elements_procura.procura.models.enums import (
    CauseOfDeath,
    Communication,
    FuneralService,
    WrittenDeclarant,
)
from elements_procura.schema.model import BodyModel, Model

__all__ = [
    "Correspondence",
    "CorrespondenceBody",
    "DeathInMunicipality",
    "DeathInMunicipalityBody",
    "Deceased",
    "DeceasedBody",
    "DiscoveredBody",
    "DiscoveredBodyBody",
    "Extract",
    "ExtractBody",
    "FuneralServices",
    "FuneralServicesBody",
]


@attrs.define(eq=False, repr=False, kw_only=True)
class Deceased(Person):
    """The person who died, by the register's data."""

    firstname: str | None = None
    prefix: str | None = None
    lastname: str | None = None
    title_predicate: str | None = None
    birthdate: BrpDate | None = None
    birthplace: str | None = None
    birthcountry: Country | None = None


@attrs.define(eq=False, repr=False, kw_only=True)
class FuneralServices(Model):
    """The treatment and destination of the body."""

    service_type: FuneralService | str | None = None
    date: dt.date | None = None
    time: dt.time | None = None
    outside_benelux: bool | None = None
    cause_of_death_type: CauseOfDeath | str | None = None
    country_of_destination: Country | None = None
    place_of_destination: str | None = None
    via: str | None = None
    transportation: str | None = None


@attrs.define(eq=False, repr=False, kw_only=True)
class Correspondence(Model):
    """The address for the papers."""

    communication_type: Communication | str | None = None
    name: str | None = None
    organization: str | None = None
    departement: str | None = None
    email: str | None = None
    telephone_number: str | None = None
    street: str | None = None
    house_number: int | None = None
    house_number_letter: str | None = None
    house_number_addition: str | None = None
    postal_code: str | None = None
    residence: str | None = None


@attrs.define(eq=False, repr=False, kw_only=True)
class Extract(Model):
    """A requested paper, and the number of copies."""

    code: str | None = None
    description: str | None = None
    amount: int | None = None


@attrs.define(eq=False, repr=False, kw_only=True)
class _Death(Case):
    deceased: Deceased | None = None
    death_by_natural_causes: bool | None = None
    municipality: Municipality | None = None
    funeral_services: FuneralServices | None = None
    correspondence: Correspondence | None = None
    extracts: tuple[Extract, ...] = ()


@attrs.define(eq=False, repr=False, kw_only=True)
class DeathInMunicipality(_Death):
    """Somebody died in the municipality."""

    declarant: Person | None = None
    date_of_death: dt.date | None = None
    time_of_death: dt.time | None = None


@attrs.define(eq=False, repr=False, kw_only=True)
class DiscoveredBody(_Death):
    """A body was found in the municipality."""

    written_declarant_type: WrittenDeclarant | str | None = None
    date_of_finding: dt.date | None = None
    time_of_finding: dt.time | None = None
    explanation: str | None = None


@attrs.define(eq=False, repr=False, kw_only=True)
class DeceasedBody(PersonBody):
    """The person who died. The server answers with the register's data instead of this."""

    firstname: str | None = None
    prefix: str | None = None
    lastname: str | None = None
    title_predicate: str | None = None
    birthdate: BrpDate | None = None
    birthplace: str | None = None
    birthcountry: CountryBody | None = None


@attrs.define(eq=False, repr=False, kw_only=True)
class FuneralServicesBody(BodyModel):
    """The treatment and destination of the body."""

    service_type: FuneralService | str
    date: dt.date
    outside_benelux: bool
    time: dt.time | None = None
    cause_of_death_type: CauseOfDeath | str | None = None
    country_of_destination: CountryBody | None = None
    place_of_destination: str | None = None
    via: str | None = None
    transportation: str | None = None


@attrs.define(eq=False, repr=False, kw_only=True)
class CorrespondenceBody(BodyModel):
    """The address for the papers. By email only one of each extract is possible."""

    communication_type: Communication | str
    name: str
    organization: str | None = None
    departement: str | None = None
    email: str | None = None
    telephone_number: str | None = None
    street: str | None = None
    house_number: int | None = None
    house_number_letter: str | None = None
    house_number_addition: str | None = None
    postal_code: str | None = None
    residence: str | None = None


@attrs.define(eq=False, repr=False, kw_only=True)
class ExtractBody(BodyModel):
    """A requested paper, and the number of copies."""

    code: str
    amount: int
    description: str | None = None


@attrs.define(eq=False, repr=False, kw_only=True)
class _DeathBody(CaseBody):
    deceased: DeceasedBody
    death_by_natural_causes: bool
    municipality: MunicipalityBody
    funeral_services: FuneralServicesBody
    correspondence: CorrespondenceBody
    extracts: tuple[ExtractBody, ...]


@attrs.define(eq=False, repr=False, kw_only=True)
class DeathInMunicipalityBody(_DeathBody):
    """Somebody died in the municipality. ``extracts`` may be empty."""

    declarant: PersonBody
    date_of_death: dt.date
    time_of_death: dt.time | None = None


@attrs.define(eq=False, repr=False, kw_only=True)
class DiscoveredBodyBody(_DeathBody):
    """A body was found in the municipality. ``extracts`` may be empty."""

    written_declarant_type: WrittenDeclarant | str
    date_of_finding: dt.date
    time_of_finding: dt.time
    explanation: str | None = None
