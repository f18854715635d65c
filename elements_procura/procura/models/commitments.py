"""Commitments: marriages and registered partnerships."""

import datetime as dt

import attrs

from elements_procura.procura.models.brp_date import BrpDate
from elements_procura.procura.models.common import (
    Case,
    CaseBody,
    ContactInformation,
    ContactInformationBody,
    Person,
    PersonBody,
)
from elements_procura.procura.models.enums import CommitmentType, NameUse, OptionType
from elements_procura.schema.model import BodyModel, Model

__all__ = [
    "CancelBody",
    "Commitment",
    "CommitmentBody",
    "Location",
    "LocationBody",
    "LocationOption",
    "LocationOptionBody",
    "NameAfterCommitment",
    "NameAfterCommitmentBody",
    "Official",
    "OfficialBody",
    "Officials",
    "OfficialsBody",
    "Partner",
    "PartnerBody",
    "Planning",
    "PlanningBody",
    "Witness",
    "WitnessBody",
    "Witnesses",
    "WitnessesBody",
]


@attrs.define(eq=False, repr=False, kw_only=True)
class NameAfterCommitment(Model):
    """The name that somebody will go by."""

    name_use_type: NameUse | str | None = None
    lastname: str | None = None
    title: str | None = None
    prefix: str | None = None


@attrs.define(eq=False, repr=False, kw_only=True)
class Partner(Person):
    """One of the two partners."""

    name_after_commitment: NameAfterCommitment | None = None


@attrs.define(eq=False, repr=False, kw_only=True)
class Planning(Model):
    """The ceremony and its time, in the server's local time."""

    commitment_type: CommitmentType | str | None = None
    commitment_date_time: dt.datetime | None = None
    intention_date: dt.date | None = None
    remarks: str | None = None


@attrs.define(eq=False, repr=False, kw_only=True)
class LocationOption(Model):
    """An option of a location; the value is text whatever its type."""

    name: str | None = None
    value: str | None = None
    description: str | None = None
    type: OptionType | str | None = None
    aliases: tuple[str, ...] = ()


@attrs.define(eq=False, repr=False, kw_only=True)
class Location(Model):
    """The place of the ceremony."""

    name: str | None = None
    aliases: tuple[str, ...] = ()
    options: tuple[LocationOption, ...] = ()


@attrs.define(eq=False, repr=False, kw_only=True)
class Official(Model):
    """The official who conducts it."""

    name: str | None = None
    contact_information: ContactInformation | None = None
    aliases: tuple[str, ...] = ()


@attrs.define(eq=False, repr=False, kw_only=True)
class Officials(Model):
    """The requested and the assigned officials. Absent if nobody was requested."""

    preferences: tuple[Official, ...] = ()
    assigned: Official | None = None


@attrs.define(eq=False, repr=False, kw_only=True)
class Witness(Model):
    """A witness."""

    bsn: str | None = None
    firstname: str | None = None
    prefix: str | None = None
    lastname: str | None = None
    birthdate: BrpDate | None = None
    remarks: str | None = None


@attrs.define(eq=False, repr=False, kw_only=True)
class Witnesses(Model):
    """The witnesses: the municipality's, and those that were chosen."""

    number_of_municipal_witnesses: int | None = None
    chosen: tuple[Witness, ...] = ()


@attrs.define(eq=False, repr=False, kw_only=True)
class Commitment(Case):
    """A marriage or registered partnership."""

    partner1: Partner | None = None
    partner2: Partner | None = None
    planning: Planning | None = None
    location: Location | None = None
    officials: Officials | None = None
    witnesses: Witnesses | None = None


@attrs.define(eq=False, repr=False, kw_only=True)
class NameAfterCommitmentBody(BodyModel):
    """The name that somebody will go by. Without a surname the server drops all of it."""

    name_use_type: NameUse | str
    lastname: str | None = None
    title: str | None = None
    prefix: str | None = None


@attrs.define(eq=False, repr=False, kw_only=True)
class PartnerBody(PersonBody):
    """One of the two partners."""

    name_after_commitment: NameAfterCommitmentBody | None = None


@attrs.define(eq=False, repr=False, kw_only=True)
class PlanningBody(BodyModel):
    """The ceremony and its time, in local time without a zone."""

    commitment_type: CommitmentType | str
    commitment_date_time: dt.datetime
    intention_date: dt.date | None = None
    remarks: str | None = None


@attrs.define(eq=False, repr=False, kw_only=True)
class LocationOptionBody(BodyModel):
    """Something that is chosen at a location: by its name or an alias."""

    type: OptionType | str
    name: str | None = None
    value: str | None = None
    description: str | None = None
    aliases: tuple[str, ...] | None = None


@attrs.define(eq=False, repr=False, kw_only=True)
class LocationBody(BodyModel):
    """The place of the ceremony: a location that the server knows."""

    name: str
    aliases: tuple[str, ...] | None = None
    options: tuple[LocationOptionBody, ...] | None = None


@attrs.define(eq=False, repr=False, kw_only=True)
class OfficialBody(BodyModel):
    """A requested official: by name or an alias."""

    name: str | None = None
    contact_information: ContactInformationBody | None = None
    aliases: tuple[str, ...] | None = None


@attrs.define(eq=False, repr=False, kw_only=True)
class OfficialsBody(BodyModel):
    """The requested officials, two at most; the server ignores ``assigned`` here."""

    preferences: tuple[OfficialBody, ...] | None = None
    assigned: OfficialBody | None = None


@attrs.define(eq=False, repr=False, kw_only=True)
class WitnessBody(BodyModel):
    """A witness: by citizen service number, or else by first name, surname and date of birth."""

    bsn: str | None = None
    firstname: str | None = None
    prefix: str | None = None
    lastname: str | None = None
    birthdate: BrpDate | None = None
    remarks: str | None = None


@attrs.define(eq=False, repr=False, kw_only=True)
class WitnessesBody(BodyModel):
    """The witnesses: the municipality's, and those that are chosen."""

    number_of_municipal_witnesses: int
    chosen: tuple[WitnessBody, ...] | None = None


@attrs.define(eq=False, repr=False, kw_only=True)
class CommitmentBody(CaseBody):
    """A marriage or registered partnership."""

    partner1: PartnerBody
    partner2: PartnerBody
    planning: PlanningBody
    location: LocationBody | None = None
    officials: OfficialsBody | None = None
    witnesses: WitnessesBody | None = None


@attrs.define(eq=False, repr=False, kw_only=True)
class CancelBody(BodyModel):
    """The reason for cancelling a commitment."""

    message: str
