"""Single searches for a complete one: raw rows, and failures by their cause."""

import asyncio
import datetime as dt
from collections.abc import AsyncGenerator, Iterable
from http import HTTPStatus
from typing import Any, Literal

import attrs

from elements_procura import evidence
from elements_procura.core.answers import Response
from elements_procura.errors import (
    BadRequest,
    InputError,
    NotSent,
    RequestError,
    ResponseTooLarge,
    SearchGap,
    SearchIncomplete,
    ServerError,
    StatusError,
    TransportError,
)
from elements_procura.paths import Path
from elements_procura.procura._api import ProcuraApi, data_of, protocol_error
from elements_procura.procura._narrowing import AnswerRows, Failure, Walk
from elements_procura.procura._search import NEVER, Cell, FoundRow, RepeatFilter
from elements_procura.procura._texts import is_timeout
from elements_procura.procura.models.dossiers import (
    DatePeriod,
    DateTimePeriod,
    DossierSearchBody,
    PagingBody,
)

By = Literal["entry_date", "start_date"]
Period = tuple[dt.date, dt.date]
_END_OF_DAY = dt.time(23, 59, 59)
_BATCH = 100
_TURN = 100
"""Rows after which others on the event loop have their turn."""
_SHOWN = 5


@attrs.frozen(kw_only=True)
class SearchCriteria:
    """The criteria of a complete search.

    Attributes:
        first: The first day.
        last: The last day.
        by: The date that is searched by.
        types: Kinds of dossier; None for any.
        states: Statuses; None for any.
        page_size: How many rows to ask for.
        max_page_size: How many at most, where one day needs it.
    """

    first: dt.date = dt.date.min
    last: dt.date = dt.date.min
    by: By = "entry_date"
    types: tuple[str, ...] | None = None
    states: tuple[str, ...] | None = None
    page_size: int = 1
    max_page_size: int = 1


class SearchRun:
    """The searches of one complete search.

    Args:
        api: Sends them.
        path: Where to.
        wanted: What for.
    """

    def __init__(self, api: ProcuraApi, path: Path, wanted: SearchCriteria) -> None:
        self._api = api
        self._path = path
        self._wanted = wanted
        self._walk = Walk(self._ask, self._prove, types=wanted.types, states=wanted.states)

    async def rows(self) -> AsyncGenerator[FoundRow | SearchGap]:
        """Yield each row once, as it came, then the gaps."""
        wanted, seen = self._wanted, RepeatFilter()
        whole = Cell(wanted.first, wanted.last, wanted.page_size, wanted.max_page_size)
        count = 0
        async for row in self._walk.rows(whole):
            count += 1
            if not count % _TURN:
                await asyncio.sleep(0)  # a long answer is worked off in turns with others
            # The server finds all relocations by the type of one. What has no type is what it says.
            is_ours = wanted.types is None or row.type_code in (None, *wanted.types)
            if is_ours and seen.is_news(row):
                yield row
        for gap in self._walk.gaps:
            yield gap

    async def named(self, dossier_ids: Iterable[str]) -> AsyncGenerator[FoundRow]:
        """Yield the readable rows of these dossiers."""
        names = list(dict.fromkeys(dossier_ids))
        batches = [names[at : at + _BATCH] for at in range(0, len(names), _BATCH)]
        while batches:
            batch = batches.pop()
            # A reference finds a dossier as well: there may be more rows than names.
            size = 2 * len(batch) + _SHOWN
            answer = await self._send(
                DossierSearchBody(dossier_ids=tuple(batch), paging=PagingBody(page_size=size)), size
            )
            if isinstance(answer, Failure) or answer.is_cut:
                if isinstance(answer, Failure):
                    await self._prove(Cell(*NEVER, 1, 1))
                if len(batch) > 1:
                    batches += [batch[len(batch) // 2 :], batch[: len(batch) // 2]]
                continue
            for row in answer.rows:
                if row.dossier_id in batch:
                    yield row

    async def _ask(self, cell: Cell) -> AnswerRows | Failure:
        return await self._send(self._body(cell), cell.size)

    async def _prove(self, cell: Cell) -> Failure | None:
        """Search a period without dossiers, which fails only if the server itself does."""
        today = dt.datetime.fromtimestamp(self._api.session.clock.wall(), dt.UTC).date()
        one = dt.timedelta(days=1)
        latest = max(today + one, min(self._wanted.last, dt.date.max - one))
        later = latest + one
        body = DossierSearchBody(
            types=cell.codes or self._wanted.types,
            statusses=cell.states or self._wanted.states,
            entry_date_time_period=_filed((later, later)),
            paging=PagingBody(page_size=1),
        )
        answer = await self._send(body, 1)
        if isinstance(answer, AnswerRows) or answer.is_refusal:
            return answer if isinstance(answer, Failure) else None
        raise answer.error

    def _body(self, cell: Cell) -> DossierSearchBody:
        days: Period | None = (cell.first, cell.last)
        is_filed = self._wanted.by == "entry_date"
        filed, takes_effect = (days, cell.other) if is_filed else (cell.other, days)
        return DossierSearchBody(
            types=cell.codes or self._wanted.types,
            statusses=cell.states or self._wanted.states,
            entry_date_time_period=None if filed is None else _filed(filed),
            start_date_period=None
            if takes_effect is None
            else DatePeriod(from_=takes_effect[0], to=takes_effect[1]),
            paging=PagingBody(page_size=cell.size),
        )

    async def _send(self, body: DossierSearchBody, size: int) -> AnswerRows | Failure:
        try:
            request = self._api.writing(
                "POST", self._path, body, DossierSearchBody, validate=True, is_read=True
            )
            response = await self._api.send(request)
        except RequestError as error:
            failure = failure_of(error)
            if failure is None:
                raise
            return failure
        return found_in(response, size, await data_of(response))


def failure_of(error: RequestError) -> Failure | None:
    """Classify a search's failure; None if it is unrelated to rows."""
    match error:
        case NotSent():
            return None
        case BadRequest():
            return Failure(error, is_refusal=True)
        case StatusError():
            return _failure_by_status(error)
        case TransportError() | ResponseTooLarge():
            return Failure(error, is_time=True)
        case _:
            return Failure(error)


def _failure_by_status(error: StatusError) -> Failure | None:
    if error.status in evidence.GIVEN_UP:  # a gateway's way to say that it took too long
        return Failure(error, is_time=True)
    if not isinstance(error, ServerError):
        # The server's own texts may be of another class than their status.
        return Failure(error) if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR else None
    is_late = error.status != HTTPStatus.INTERNAL_SERVER_ERROR
    texts = (error.server_message, *(fault.message for fault in error.faults))
    return Failure(error, is_time=is_late or any(map(is_timeout, texts)))


def found_in(response: Response, size: int, data: Any) -> AnswerRows | Failure:
    """The rows of a search's answer, and whether there may be more than these.

    Args:
        response: The answer.
        size: How many were asked for.
        data: Its document.
    """
    result = data.get("result") if isinstance(data, dict) else None
    if isinstance(result, dict):
        rows = evidence.page_rows(result)
        # No rows beside an error are no empty result.
        if rows or (rows is not None and not evidence.says_error(data)):
            is_cut = len(rows) >= size or any(
                evidence.counts_more(each, len(rows)) for each in (result, data)
            )
            return AnswerRows(tuple(FoundRow(row) for row in rows), is_cut)
    # A shorter answer may come whole where a long one was cut.
    is_broken_off = data is None and response.body.lstrip()[:1] == b"{"
    error = protocol_error(response, "the answer is not a search result")
    return Failure(error, is_time=is_broken_off)


def incomplete(gaps: tuple[SearchGap, ...], page_size: int) -> SearchIncomplete:
    """The exception that lists ``gaps``."""
    shown = "; ".join(map(str, gaps[:_SHOWN]))
    more = f" and {len(gaps) - _SHOWN} more" if len(gaps) > _SHOWN else ""
    return SearchIncomplete(
        f"the search lacks at least {sum(gap.at_least for gap in gaps)} dossiers: {shown}{more}",
        day=gaps[0].day,
        page_size=page_size,
        gaps=gaps,
        hint="Everything else was handed out. The server cannot read these rows, or one day fills "
        "its longest answer: raise max_page_size then",
    )


def ends(period: DatePeriod | tuple[dt.date, dt.date]) -> Period:
    """The first and the last day of a period.

    Of a date with a time the day counts as it is written, whatever its offset: the server does the
    same.

    Raises:
        InputError: One is missing or is not a date, or the last is before the first.
    """
    given: object = (period.from_, period.to) if isinstance(period, DatePeriod) else period
    two = given if isinstance(given, tuple) and len(given) == 2 else (None, None)  # noqa: PLR2004 - both ends
    first, last = two
    if not (isinstance(first, dt.date) and isinstance(last, dt.date)):
        raise InputError(
            "a period needs a first day and a last day",
            hint="Pass two dates as a tuple: without both ends the days cannot be halved",
        )
    first = first.date() if isinstance(first, dt.datetime) else first
    last = last.date() if isinstance(last, dt.datetime) else last
    if first > last:
        raise InputError("the last day of the period is before the first")
    return first, last


def _filed(period: Period) -> DateTimePeriod:
    return DateTimePeriod(
        from_=dt.datetime.combine(period[0], dt.time()),
        to=dt.datetime.combine(period[1], _END_OF_DAY),
    )
