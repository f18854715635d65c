"""Births, and lookups before one is declared."""

import datetime as dt

import attrs

from elements_procura.procura.models.common import (
    Case,
    CaseBody,
    NameSelection,
    NameSelectionBody,
    Person,
    PersonBody,
)
from elements_procura.procura.models.enums import DeclaringQualification, Gender
from elements_procura.schema.model import BodyModel, Model

__all__ = [
    "Acknowledgement",
    "Birth",
    "BirthBody",
    "Child",
    "ChildBody",
    "FamilySituation",
    "NameSelectionInfo",
]


@attrs.define(eq=False, repr=False, kw_only=True)
class Child(Model):
    """A child that was born; the time is the server's local one."""

    firstname: str | None = None
    gender: Gender | str | None = None
    birth_date_time: dt.datetime | None = None


@attrs.define(eq=False, repr=False, kw_only=True)
class Birth(Case):
    """The birth of one or more children."""

    qualification_for_declaring_type: DeclaringQualification | str | None = None
    declarant: Person | None = None
    mother: Person | None = None
    father_duo_mother: Person | None = None
    children: tuple[Child, ...] = ()
    name_selection: NameSelection | None = None


@attrs.define(eq=False, repr=False, kw_only=True)
class FamilySituation(Model):
    """Whether a mother was in a partnership when a child was born, and with whom.

    Attributes:
        legal_deceased_period_rule_applicable: Whether the partner had died shortly before.
    """

    born_in_partnership: bool | None = None
    legal_deceased_period_rule_applicable: bool | None = None
    partner: Person | None = None


@attrs.define(eq=False, repr=False, kw_only=True)
class NameSelectionInfo(Model):
    """Whether two people have children together, and which name those go by.

    A name without joint children is possible: it comes from a name-choice case.
    """

    joint_children: bool | None = None
    name_selection: NameSelection | None = None


@attrs.define(eq=False, repr=False, kw_only=True)
class Acknowledgement(Model):
    """The acknowledgement of a child that is not born yet."""

    dossier_id: str | None = None
    acknowledger_bsn: str | None = None
    name_selection: NameSelection | None = None


@attrs.define(eq=False, repr=False, kw_only=True)
class ChildBody(BodyModel):
    """A child that was born; the time is local, without a zone."""

    gender: Gender | str
    birth_date_time: dt.datetime
    firstname: str | None = None


@attrs.define(eq=False, repr=False, kw_only=True)
class BirthBody(CaseBody):
    """The birth of one or more children."""

    declarant: PersonBody
    mother: PersonBody
    children: tuple[ChildBody, ...]
    name_selection: NameSelectionBody
    qualification_for_declaring_type: DeclaringQualification | str | None = None
    father_duo_mother: PersonBody | None = None
