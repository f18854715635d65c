"""Dossiers of every kind: searching them, and their documents."""

import base64
import datetime as dt
import re
from collections.abc import AsyncGenerator, Coroutine, Iterable
from email.message import Message
from typing import Any, Literal

import attrs

from elements_procura.answers import Response
from elements_procura.errors import InputError, NotFound, ProtocolError
from elements_procura.procura._api import ProcuraResource, decoded, protocol_error
from elements_procura.procura._errors import not_found
from elements_procura.procura._search import Seen, Window, next_windows
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

_BYTES = "application/octet-stream, application/json;q=0.9"
_END_OF_DAY = dt.time(23, 59, 59)
PAGE_SIZE = 250
MAX_PAGE_SIZE = 5_000


class Dossiers(ProcuraResource):
    """Dossiers of every kind."""

    def search(  # not async: its frame, with all that is searched for, is gone when a call fails
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
        """One search, cut at ``page_size``: ``POST /api/v1/dossiers/search``.

        The server does not page and does not tell what it left out; :meth:`iterate` finds all.

        Args:
            dossier_ids: Ids or references.
            bsns: One citizen number: the server takes a list and refuses two. Rows that do not
                concern the person are dropped after the cut, so a short answer proves nothing.
            types: Kinds of dossier. The server takes all relocations for one kind.
            statusses: How far they are.
            entry_date_time_period: When they were filed; the server drops the time of day.
            start_date_period: When they take effect.
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

    async def iterate(
        self,
        period: DatePeriod | tuple[dt.date, dt.date],
        *,
        by: Literal["entry_date", "start_date"] = "entry_date",
        types: Iterable[DossierType | str] | None = None,
        statusses: Iterable[DossierState | str] | None = None,
        bsns: None = None,
        page_size: int = PAGE_SIZE,
        max_page_size: int = MAX_PAGE_SIZE,
    ) -> AsyncGenerator[Dossier]:
        """Every dossier of a period, each once: ``POST /api/v1/dossiers/search``, repeatedly.

        The days are halved until every answer is shorter than its page. A single day that fills
        its page is asked for again with a longer one.

        Args:
            period: From a day to a day, both included.
            by: By the day they were filed, or the day they take effect. The latter misses
                dossiers that have no such day.
            types: Kinds of dossier; the server's answer is filtered here once more.
            statusses: How far they are.
            bsns: Not possible here: rows are dropped after the cut, so no answer is complete.
            page_size: How many to ask for.
            max_page_size: How many to ask for at most, where one day alone needs it.

        Raises:
            InputError: The period has no two ends, or a citizen number was given.
            SearchIncomplete: One day alone fills the longest answer.
            ElementsProcuraError: Also after some dossiers.
        """
        if bsns is not None:
            raise InputError(
                "dossiers of one person cannot be listed completely",
                hint="The server drops rows after the cut; use search() with a large page_size",
            )
        first, last = _ends(period)
        if not 1 <= page_size <= max_page_size:
            raise InputError("page_size must be from 1 to max_page_size")
        wanted, states = _texts(types), _texts(statusses)
        seen = Seen()
        windows = [Window(first, last, page_size)]
        while windows:
            window = windows.pop()
            filed, takes_effect = _periods(window, by)
            page = await self.search(
                types=wanted,
                statusses=states,
                entry_date_time_period=filed,
                start_date_period=takes_effect,
                page_size=window.size,
            )
            instead = next_windows(window, found=len(page.content), greatest=max_page_size)
            windows += reversed(instead)
            if instead:
                continue
            news = seen.news(dossier.dossier_id for dossier in page.content)
            for dossier, is_new in zip(page.content, news, strict=True):
                if is_new and _is_of(dossier, wanted):
                    yield dossier


class DossierHandle(ProcuraResource):
    """What hangs on one dossier, ``/api/v1/dossiers/{dossierId}``. Sends nothing itself."""

    @property
    def documents(self) -> "Documents":
        """``/api/v1/dossiers/{dossierId}/documents``."""
        return Documents(self._api, self._at("documents"))


class Documents(ProcuraResource):
    """The documents in a dossier."""

    # Not async: its frame, with the document, is gone when a call fails.
    def add(
        self, *, filename: str, content: bytes, title: str | None = None
    ) -> Coroutine[Any, Any, Document]:
        """Add a document: ``POST /api/v1/dossiers/{dossierId}/documents``. Never repeated.

        Args:
            filename: The server makes another name of it: keep the ``id`` of what is returned.
            content: The bytes; they are encoded here.
            title: By default the server takes the file's name.
        """
        encoded = base64.b64encode(content).decode("ascii")
        body = DocumentBody(filename=filename, content=encoded, title=title)
        request = self._api.writing(self._path, body, DocumentBody, validate=True)
        return self._api.ask(request, Document)

    async def list(self) -> tuple[Document, ...]:
        """All documents: ``GET /api/v1/dossiers/{dossierId}/documents``."""
        return await self._api.fetch_all(self._path, Document)

    async def download(self, document_id: str) -> Download:
        """What one holds: ``GET /api/v1/dossiers/{dossierId}/documents/{documentId}``.

        Raises:
            NotFound: There is none, though the server answers 200.
            ProtocolError: The answer is empty, or HTML, and names no file.
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
    if not name and response.headers.get("content-type", "").startswith("application/json"):
        told = decoded(response.body)
        if isinstance(told, dict) and "foutmelding" in told:
            return not_found(response, "there is no such document, or no such dossier")
    # The server names every file it hands over; a proxy's page or silence has no name.
    if not name and (
        not response.body or response.headers.get("content-type", "")[:9] == "text/html"
    ):
        return protocol_error(response, "the answer is no document")
    return Download(response.body, name)


def _filename(disposition: str) -> str:
    """The name of a file, without a folder or anything that is no part of a name."""
    header = Message()
    header["Content-Disposition"] = disposition
    name = re.split(r"[/\\]", header.get_filename() or "")[-1]
    name = "".join(letter for letter in name if letter.isprintable())
    return name if name.strip(".") else ""


def _ends(period: DatePeriod | tuple[dt.date, dt.date]) -> tuple[dt.date, dt.date]:
    first, last = (period.from_, period.to) if isinstance(period, DatePeriod) else period
    if first is None or last is None or first > last:
        raise InputError(
            "a period needs a first day and a last day, which is not before it",
            hint="Without both ends the days cannot be halved",
        )
    return first, last


def _periods(window: Window, by: str) -> tuple[DateTimePeriod | None, DatePeriod | None]:
    if by == "start_date":
        return None, DatePeriod(from_=window.first, to=window.last)
    start = dt.datetime.combine(window.first, dt.time())
    return DateTimePeriod(from_=start, to=dt.datetime.combine(window.last, _END_OF_DAY)), None


def _is_of(dossier: Dossier, types: tuple[str, ...] | None) -> bool:
    return types is None or (dossier.type is not None and dossier.type.code in types)


def _texts(given: Iterable[str] | None) -> tuple[str, ...] | None:
    if isinstance(given, str):  # a text is an iterable of its letters
        return (given,)
    return None if given is None else tuple(given)
