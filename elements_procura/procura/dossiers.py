"""Dossiers of every kind: searching them, and their documents."""

import base64
import contextlib
import datetime as dt
import re
from collections.abc import AsyncGenerator, Coroutine, Iterable
from email.message import Message
from typing import Any

import attrs

from elements_procura import evidence
from elements_procura.core.answers import Response
from elements_procura.core.docstrings import SEARCHED
from elements_procura.errors import InputError, NotFound, ProtocolError, SearchGap
from elements_procura.procura._api import ProcuraResource, decoded, protocol_error
from elements_procura.procura._endpoint import endpoint
from elements_procura.procura._errors import not_found
from elements_procura.procura._proof import DOCUMENT_ADDED
from elements_procura.procura._search import FoundRow
from elements_procura.procura._searching import By, SearchCriteria, SearchRun, ends, incomplete
from elements_procura.procura.models.common import Dossier
from elements_procura.procura.models.dossiers import (
    DatePeriod,
    DateTimePeriod,
    Document,
    DocumentBody,
    DossierPage,
    DossierSearchBody,
    DossierSearchResult,
    Download,
    PagingBody,
)
from elements_procura.procura.models.enums import DossierState, DossierType
from elements_procura.schema.scalars import WireFault
from elements_procura.schema.sealed import sealed

__all__ = ["Documents", "DossierHandle", "Dossiers"]

_BYTES = "application/octet-stream, application/json;q=0.9"
_EDGE = 64
PAGE_SIZE = 250
MAX_PAGE_SIZE = 5_000


class Dossiers(ProcuraResource):
    """Dossiers of every kind."""

    @endpoint("POST", "/api/v1/dossiers/search", errors=SEARCHED)
    def search(  # not async: rule 2 of elements_procura.secret
        self,
        *,
        dossier_ids: Iterable[str] | None = None,
        bsns: Iterable[str] | None = None,
        types: Iterable[DossierType | str] | None = None,
        statusses: Iterable[DossierState | str] | None = None,
        entry_date_time_period: DateTimePeriod | None = None,
        start_date_period: DatePeriod | None = None,
        page_size: int | None = None,
        validate: bool = True,
    ) -> Coroutine[Any, Any, DossierPage]:
        """One search, cut at ``page_size``.

        The server does not page and drops the rest silently; :meth:`iterate` finds all.

        Args:
            dossier_ids: Ids or references.
            bsns: One citizen number: the server takes a list and refuses two. Rows that do not
                concern the person are dropped after the cut, so a short answer proves nothing.
            types: Kinds of dossier. The server takes all relocations for one kind.
            statusses: Their statuses.
            entry_date_time_period: The period of filing; the server drops the time of day.
            start_date_period: The period in which they take effect.
            page_size: How many at most; the server's default is 10.
            validate: Whether the arguments are checked, and citizen numbers are padded.
        """
        body = DossierSearchBody(
            dossier_ids=_texts(dossier_ids),
            bsns=_texts(bsns),
            types=_texts(types),
            statusses=_texts(statusses),
            entry_date_time_period=entry_date_time_period,
            start_date_period=start_date_period,
            paging=None if page_size is None else PagingBody(page_size=page_size),
        )
        return self._found(body, validate=validate)

    async def _found(self, body: DossierSearchBody, *, validate: bool) -> DossierPage:
        result = await self._api.post(
            self._at("search"),
            body,
            DossierSearchBody,
            DossierSearchResult,
            validate=validate,
            is_read=True,
        )
        return result.result or DossierPage()

    @endpoint("POST", "/api/v1/dossiers/search", errors=SEARCHED)
    async def iterate(
        self,
        period: DatePeriod | tuple[dt.date, dt.date],
        *,
        by: By = "entry_date",
        types: Iterable[DossierType | str] | None = None,
        statusses: Iterable[DossierState | str] | None = None,
        bsns: None = None,
        page_size: int = PAGE_SIZE,
        max_page_size: int = MAX_PAGE_SIZE,
    ) -> AsyncGenerator[Dossier]:
        """Every dossier of a period, each once, by repeated searches.

        The days are halved until every answer is shorter than its page. A single day that fills
        its page is asked for again with a longer one. Where a search fails although the server
        works, one row in it cannot be read: days, types, statuses and the other date are narrowed
        until only that one is missing. Where it took too long, less is asked for at a time.

        Args:
            period: From a day to a day, both included. Of a date with a time, the day counts as
                it is written, whatever its offset: the server drops both.
            by: By the day they were filed, or the day they take effect. The latter misses
                dossiers that have no such day.
            types: Kinds of dossier; the server's answer is filtered here once more.
            statusses: Their statuses.
            bsns: Not possible here: rows are dropped after the cut, so no answer is complete.
            page_size: How many to ask for.
            max_page_size: How many to ask for at most, where one day alone needs it.

        Raises:
            InputError: The period has no two ends, or a citizen number was given.
            SearchIncomplete: After all others: some rows cannot be read, or one day alone fills the
                longest answer. ``gaps`` lists their days and types.
            ElementsProcuraError: Also after some dossiers: the server fails, or refuses.
        """
        if bsns is not None:
            raise InputError(
                "dossiers of one person cannot be listed completely",
                hint="The server drops rows after the cut; use search() with a large page_size",
            )
        rows = self.rows(
            period,
            by=by,
            types=types,
            statusses=statusses,
            page_size=page_size,
            max_page_size=max_page_size,
        )
        gaps: list[SearchGap] = []
        async with contextlib.aclosing(rows):
            async for row in rows:
                found = row if isinstance(row, SearchGap) else self._typed(row)
                if isinstance(found, Dossier):
                    yield found
                else:
                    gaps.append(found)
        if gaps:
            raise incomplete(tuple(gaps), max_page_size)

    def rows(
        self,
        period: DatePeriod | tuple[dt.date, dt.date],
        *,
        by: By = "entry_date",
        types: Iterable[DossierType | str] | None = None,
        statusses: Iterable[DossierState | str] | None = None,
        page_size: int = PAGE_SIZE,
        max_page_size: int = MAX_PAGE_SIZE,
    ) -> AsyncGenerator[FoundRow | SearchGap]:
        """As :meth:`iterate`, but yield the rows as they came, then the gaps.

        ``POST /api/v1/dossiers/search``

        Raises:
            InputError: The period has no two ends.
            ElementsProcuraError: While iterating: the server fails, or refuses.
        """
        first, last = ends(period)
        if not 1 <= page_size <= max_page_size:
            raise InputError("page_size must be from 1 to max_page_size")
        wanted = SearchCriteria(
            first=first,
            last=last,
            by=by,
            types=_texts(types),
            states=_texts(statusses),
            page_size=page_size,
            max_page_size=max_page_size,
        )
        return SearchRun(self._api, self._at("search"), wanted).rows()

    def rows_of(self, dossier_ids: Iterable[str]) -> AsyncGenerator[FoundRow]:
        """The rows of dossiers that are known by id, without those that cannot be read.

        ``POST /api/v1/dossiers/search``

        Args:
            dossier_ids: Ids or references.

        Raises:
            ElementsProcuraError: While iterating: the server fails.
        """
        return SearchRun(self._api, self._at("search"), SearchCriteria()).named(dossier_ids)

    def _typed(self, row: FoundRow) -> Dossier | SearchGap:
        """Structure a row as a record, or return its gap."""
        if evidence.is_text_id(row.dossier_id):
            with contextlib.suppress(WireFault):
                return self._api.wire.structure(row.data, Dossier)
        return row.gap()


class DossierHandle(ProcuraResource):
    """One dossier of any kind. Sends nothing itself."""

    @property
    def documents(self) -> "Documents":
        """Documents in the dossier."""
        return Documents(self._api, self._at("documents"))


class Documents(ProcuraResource):
    """The documents in a dossier."""

    # Not async: rule 2 of elements_procura.secret.
    @endpoint("POST", "/api/v1/dossiers/{dossierId}/documents")
    def add(
        self, *, filename: str, content: bytes, title: str | None = None
    ) -> Coroutine[Any, Any, Document]:
        """Add a document. Never repeated.

        Args:
            filename: The server makes another name of it: keep the ``id`` of the returned document.
            content: The bytes; they are encoded here.
            title: By default the server takes the file's name.
        """
        encoded = base64.b64encode(content).decode("ascii")
        body = DocumentBody(filename=filename, content=encoded, title=title)
        request = self._api.writing(
            "POST", self._path, body, DocumentBody, validate=True, success=DOCUMENT_ADDED
        )
        return self._api.ask(request, Document)

    @endpoint("GET", "/api/v1/dossiers/{dossierId}/documents")
    async def list(self) -> tuple[Document, ...]:
        """All documents."""
        return await self._api.fetch_all(self._path, Document)

    @endpoint("GET", "/api/v1/dossiers/{dossierId}/documents/{documentId}")
    @sealed
    async def download(self, document_id: str) -> Download:
        """The file of a document.

        Raises:
            NotFound: There is none, though the server answers 200.
            ProtocolError: The answer is empty, HTML or JSON, and names no file.
        """
        request = self._api.request("GET", self._at(documentId=document_id))
        download = _downloaded(await self._api.send(attrs.evolve(request, accept=_BYTES)))
        if not isinstance(download, Download):
            raise download
        return download


def _downloaded(response: Response) -> Download | NotFound | ProtocolError:
    name = _filename(response.headers.get("content-disposition", ""))
    if name == "null":
        return not_found(response, "there is no such document, or no such dossier")
    if not name:
        told = decoded(response.body)
        if isinstance(told, dict) and "foutmelding" in told:
            return not_found(response, "there is no such document, or no such dossier")
    # The server names every file it hands over; a proxy's page or silence has no name.
    is_page = evidence.is_json(response.headers) or evidence.is_page(response.body[:_EDGE])
    is_page |= evidence.media_type(response.headers) == "text/html"
    if not name and (is_page or not response.body):
        return protocol_error(response, "the answer is no document")
    return Download(response.body, name)


def _filename(disposition: str) -> str:
    """The name of a file, without folders and unsafe characters."""
    header = Message()
    header["Content-Disposition"] = disposition
    name = re.split(r"[/\\]", header.get_filename() or "")[-1]
    name = "".join(letter for letter in name if letter.isprintable())
    return name if name.strip(".") else ""


def _texts(given: Iterable[str] | None) -> tuple[str, ...] | None:
    if isinstance(given, str):  # a text is an iterable of its letters
        return (given,)
    return None if given is None else tuple(given)
