"""Searching dossiers, and the documents in one."""

import datetime as dt

import attrs

from elements_procura.procura.models.common import Dossier
from elements_procura.schema.model import BodyModel, Model

__all__ = [
    "DatePeriod",
    "DateTimePeriod",
    "Document",
    "DocumentBody",
    "DossierPage",
    "DossierSearchBody",
    "DossierSearchResult",
    "Download",
    "PagingBody",
]


@attrs.define(eq=False, repr=False, kw_only=True)
class DossierPage(Model):
    """A page of search results.

    The server does not page: it returns at most as many dossiers as were asked for, and every
    number here is how many it returned. As many as were asked for means that more may exist.
    """

    elements: int | None = None
    total_elements: int | None = None
    total_pages: int | None = None
    page_number: int | None = None
    page_size: int | None = None
    content: tuple[Dossier, ...] = ()


@attrs.define(eq=False, repr=False, kw_only=True)
class DossierSearchResult(Model):
    """The envelope of a search's answer."""

    result: DossierPage | None = None


@attrs.define(eq=False, repr=False, kw_only=True)
class Document(Model):
    """The description of a document in a dossier, without its bytes.

    Attributes:
        id: The id to download it with.
        filename: Not the name that it was added under: the server makes another.
        entry_date_time: When it was added, in the server's local time.
    """

    id: str | None = None
    title: str | None = None
    filename: str | None = None
    entry_date_time: dt.datetime | None = None


@attrs.frozen(repr=False)
class Download:
    """The file of a document.

    Attributes:
        content: The bytes.
        filename: As the server calls it, without any folder; empty when it does not say.
    """

    content: bytes
    filename: str = ""

    def __repr__(self) -> str:
        return f"<Download of {len(self.content):,} bytes>"


@attrs.define(eq=False, repr=False, kw_only=True)
class DatePeriod(BodyModel):
    """From a day to a day, both of them included."""

    from_: dt.date | None = None
    to: dt.date | None = None


@attrs.define(eq=False, repr=False, kw_only=True)
class DateTimePeriod(BodyModel):
    """From a day to a day, both included: the server drops the time of day, and any zone.

    So the day counts as it is written, whatever the offset of a date with a time.
    """

    from_: dt.datetime | None = None
    to: dt.datetime | None = None


@attrs.define(eq=False, repr=False, kw_only=True)
class PagingBody(BodyModel):
    """The number of results to return; only page 0 exists."""

    page_number: int = 0
    page_size: int = 10


@attrs.define(eq=False, repr=False, kw_only=True)
class DossierSearchBody(BodyModel):
    """The criteria of a search for dossiers."""

    dossier_ids: tuple[str, ...] | None = None
    bsns: tuple[str, ...] | None = None
    types: tuple[str, ...] | None = None
    statusses: tuple[str, ...] | None = None
    entry_date_time_period: DateTimePeriod | None = None
    start_date_period: DatePeriod | None = None
    paging: PagingBody | None = None


@attrs.define(eq=False, repr=False, kw_only=True)
class DocumentBody(BodyModel):
    """A document to be added.

    Attributes:
        content: The bytes in base64, encoded once.
        id: The server ignores it.
        title: By default the server takes the file's name.
        entry_date_time: The server ignores it.
    """

    filename: str
    content: str
    title: str | None = None
    entry_date_time: dt.datetime | None = None
    id: str | None = None
