"""Records shared by several kinds of case: dossier, person, place.

All dates with a time are the server's local time, without a zone: the server keeps none.
"""

import datetime as dt

import attrs

from elements_procura.procura.models.enums import DossierState, DossierType, TitlePredicate
from elements_procura.schema.model import BodyModel, Model

__all__ = [
    "Case",
    "CaseBody",
    "ContactInformation",
    "ContactInformationBody",
    "Country",
    "CountryBody",
    "Dossier",
    "DossierBody",
    "DossierStatus",
    "DossierStatusBody",
    "DossierTypeBody",
    "DossierTypeCode",
    "Municipality",
    "MunicipalityBody",
    "NameSelection",
    "NameSelectionBody",
    "Person",
    "PersonBody",
    "ReferenceId",
    "ReferenceIdBody",
]


@attrs.define(eq=False, repr=False, kw_only=True)
class ContactInformation(Model):
    """Where somebody can be reached. It belongs to the person, not to the case."""

    email: str | None = None
    telephone_number: str | None = None


@attrs.define(eq=False, repr=False, kw_only=True)
class Person(Model):
    """Somebody, by citizen service number."""

    bsn: str | None = None
    contact_information: ContactInformation | None = None


@attrs.define(eq=False, repr=False, kw_only=True)
class Municipality(Model):
    """A municipality, by its code of four digits."""

    code: str | None = None
    description: str | None = None


@attrs.define(eq=False, repr=False, kw_only=True)
class Country(Model):
    """A country, by its code of four digits."""

    code: str | None = None
    description: str | None = None


@attrs.define(eq=False, repr=False, kw_only=True)
class NameSelection(Model):
    """The surname that is chosen for children."""

    lastname: str | None = None
    prefix: str | None = None
    title_predicate: TitlePredicate | str | None = None


@attrs.define(eq=False, repr=False, kw_only=True)
class ReferenceId(Model):
    """The id of a dossier in another system. It finds the dossier as well as its own does."""

    id: str | None = None
    description: str | None = None


@attrs.define(eq=False, repr=False, kw_only=True)
class DossierTypeCode(Model):
    """The type of a dossier."""

    code: DossierType | str | None = None
    description: str | None = None


@attrs.define(eq=False, repr=False, kw_only=True)
class DossierStatus(Model):
    """The status of a dossier.

    Attributes:
        entry_date_time: The start of this status, in the server's local time.
        end_status: Whether it is a final status.
    """

    code: DossierState | str | None = None
    description: str | None = None
    entry_date_time: dt.datetime | None = None
    end_status: bool | None = None


@attrs.define(eq=False, repr=False, kw_only=True)
class Dossier(Model):
    """The dossier of a case.

    Attributes:
        reference_ids: In no particular order.
        entry_date_time: When it was filed, in the server's local time.
    """

    dossier_id: str | None = None
    description: str | None = None
    reference_ids: tuple[ReferenceId, ...] = ()
    type: DossierTypeCode | None = None
    status: DossierStatus | None = None
    start_date: dt.date | None = None
    entry_date_time: dt.datetime | None = None


@attrs.define(eq=False, repr=False, kw_only=True)
class Case(Model):
    """The common fields of the six kinds of case."""

    dossier: Dossier | None = None

    @property
    def partial(self) -> bool:
        """Whether only its dossier is known.

        The server does this when it finds a case and cannot convert it: read it again later, and do
        not send it back as a body.
        """
        own = (each.name for each in attrs.fields(type(self)) if each.name != "dossier")
        return all(getattr(self, name) in (None, (), {}) for name in own)


@attrs.define(eq=False, repr=False, kw_only=True)
class ContactInformationBody(BodyModel):
    """Where somebody can be reached; this replaces the person's contact data on the server."""

    email: str | None = None
    telephone_number: str | None = None


@attrs.define(eq=False, repr=False, kw_only=True)
class PersonBody(BodyModel):
    """Somebody, by citizen service number; short numbers are padded."""

    bsn: str
    contact_information: ContactInformationBody | None = None


@attrs.define(eq=False, repr=False, kw_only=True)
class MunicipalityBody(BodyModel):
    """A municipality, by its code of four digits."""

    code: str
    description: str | None = None


@attrs.define(eq=False, repr=False, kw_only=True)
class CountryBody(BodyModel):
    """A country, by its code of four digits."""

    code: str | None = None
    description: str | None = None


@attrs.define(eq=False, repr=False, kw_only=True)
class NameSelectionBody(BodyModel):
    """The surname that is chosen for children."""

    lastname: str | None = None
    prefix: str | None = None
    title_predicate: TitlePredicate | str | None = None


@attrs.define(eq=False, repr=False, kw_only=True)
class ReferenceIdBody(BodyModel):
    """The id of a dossier in another system, unique over all dossiers."""

    id: str
    description: str | None = None


@attrs.define(eq=False, repr=False, kw_only=True)
class DossierTypeBody(BodyModel):
    """The type of a dossier. The server goes by the path instead."""

    code: str | None = None
    description: str | None = None


@attrs.define(eq=False, repr=False, kw_only=True)
class DossierStatusBody(BodyModel):
    """The status of a dossier. The server ignores it."""

    code: str | None = None
    description: str | None = None
    entry_date_time: dt.datetime | None = None
    end_status: bool | None = None


@attrs.define(eq=False, repr=False, kw_only=True)
class DossierBody(BodyModel):
    """The dossier of a case to be filed.

    The server sets the last four fields itself and ignores them here, so a dossier that was read
    can be sent back.

    Attributes:
        start_date: The day on which the declaration takes effect.
        dossier_id: An id of your own, unique over all dossiers; by default the server makes one.
        reference_ids: Further ids of your own, as unique.
        description: Ignored.
        type: Ignored.
        status: Ignored.
        entry_date_time: Ignored.
    """

    start_date: dt.date
    dossier_id: str | None = None
    reference_ids: tuple[ReferenceIdBody, ...] | None = None
    description: str | None = None
    type: DossierTypeBody | None = None
    status: DossierStatusBody | None = None
    entry_date_time: dt.datetime | None = None


@attrs.define(eq=False, repr=False, kw_only=True)
class CaseBody(BodyModel):
    """The common fields of the six kinds of case."""

    dossier: DossierBody
