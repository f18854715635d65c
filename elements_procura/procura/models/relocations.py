"""Relocations within a municipality and between two, and consent to them."""

import attrs

from elements_procura.procura.models.common import (
    Case,
    CaseBody,
    Municipality,
    MunicipalityBody,
    Person,
    PersonBody,
)
from elements_procura.procura.models.enums import AddressFunction, Consent, DeclarationType
from elements_procura.schema.model import BodyModel, Model

__all__ = [
    "ConsentBody",
    "InterRelocation",
    "InterRelocationBody",
    "IntraRelocation",
    "IntraRelocationBody",
    "LiveIn",
    "LiveInBody",
    "NewAddress",
    "NewAddressBody",
    "Relocator",
    "RelocatorBody",
]


@attrs.define(eq=False, repr=False, kw_only=True)
class LiveIn(Model):
    """Whether somebody moves in with others, and whether those consent."""

    live_in_applicable: bool | None = None
    consent: Consent | str | None = None
    consenter: Person | None = None


@attrs.define(eq=False, repr=False, kw_only=True)
class NewAddress(Model):
    """The new address."""

    street: str | None = None
    house_number: int | None = None
    house_letter: str | None = None
    house_number_addition: str | None = None
    postal_code: str | None = None
    residence: str | None = None
    municipality: Municipality | None = None
    address_function: AddressFunction | str | None = None
    number_of_residents: int | None = None
    destination_current_residents: str | None = None
    live_in: LiveIn | None = None
    main_occupant: Person | None = None


@attrs.define(eq=False, repr=False, kw_only=True)
class Relocator(Person):
    """Somebody who moves."""

    declaration_type: DeclarationType | str | None = None


@attrs.define(eq=False, repr=False, kw_only=True)
class IntraRelocation(Case):
    """A relocation within the municipality."""

    declarant: Person | None = None
    new_address: NewAddress | None = None
    relocators: tuple[Relocator, ...] = ()


@attrs.define(eq=False, repr=False, kw_only=True)
class InterRelocation(IntraRelocation):
    """A relocation from another municipality."""

    previous_municipality: Municipality | None = None


@attrs.define(eq=False, repr=False, kw_only=True)
class LiveInBody(BodyModel):
    """Whether somebody moves in with others.

    Attributes:
        live_in_applicable: Whether it is so. If not, the server drops consent and consenter.
        consent: By default it is pending.
    """

    live_in_applicable: bool
    consent: Consent | str | None = None
    consenter: PersonBody | None = None


@attrs.define(eq=False, repr=False, kw_only=True)
class NewAddressBody(BodyModel):
    """The new address.

    Attributes:
        main_occupant: The main occupant; required when somebody moves in with others.
        address_function: By default it is the living address.
    """

    house_number: int
    postal_code: str
    number_of_residents: int
    live_in: LiveInBody
    street: str | None = None
    house_letter: str | None = None
    house_number_addition: str | None = None
    residence: str | None = None
    municipality: MunicipalityBody | None = None
    address_function: AddressFunction | str | None = None
    destination_current_residents: str | None = None
    main_occupant: PersonBody | None = None


@attrs.define(eq=False, repr=False, kw_only=True)
class RelocatorBody(PersonBody):
    """Somebody who moves."""

    declaration_type: DeclarationType | str


@attrs.define(eq=False, repr=False, kw_only=True)
class IntraRelocationBody(CaseBody):
    """A relocation within the municipality."""

    declarant: PersonBody
    new_address: NewAddressBody
    relocators: tuple[RelocatorBody, ...]


@attrs.define(eq=False, repr=False, kw_only=True)
class InterRelocationBody(IntraRelocationBody):
    """A relocation from another municipality."""

    previous_municipality: MunicipalityBody


@attrs.define(eq=False, repr=False, kw_only=True)
class ConsentBody(BodyModel):
    """The decision of the consenter of a relocation."""

    dossier_id: str
    consenter: PersonBody
    consent: Consent | str
