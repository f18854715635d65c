"""Path and model → request; answer → model or exception. Both APIs' resources stand on this.

Values are decoded in functions that return what went wrong instead of raising it, so that no
frame of a traceback holds a body: with ``capture_locals`` it would be printed.
"""

import asyncio
import contextlib
import os
import warnings
from collections.abc import AsyncGenerator, Callable, Mapping
from http import HTTPStatus
from typing import Any, Self, TypeVar

import attrs

from elements_procura import evidence
from elements_procura.core.answers import Response
from elements_procura.core.http import Request, Timeouts
from elements_procura.core.journal import documented
from elements_procura.core.reading import (
    STRAY,
    Arrival,
    Document,
    Fault,
    SelfLinks,
    Stranger,
    document_of,
    location_of,
    protocol_error,
    refusal,
)
from elements_procura.core.session import Session
from elements_procura.core.whole import Known, Measured, no_picture, verdict
from elements_procura.disk.part_file import PartFile
from elements_procura.errors import BodyError, ProtocolError
from elements_procura.evidence import EvidenceError, Expected, Verdict
from elements_procura.paths import Path
from elements_procura.retry import MAX_ATTEMPTS
from elements_procura.scheduler import Priority
from elements_procura.schema import hal
from elements_procura.schema.body import Bodies, Body, Json
from elements_procura.schema.model import Model
from elements_procura.schema.scalars import WireFault
from elements_procura.schema.structure import Wire

M = TypeVar("M", bound=Model)
T = TypeVar("T")
Query = tuple[tuple[str, str], ...]


def shielded(body: bytes | memoryview | None) -> memoryview | None:
    """A body that does not show itself, for the same reason."""
    return None if body is None else memoryview(body)


_OK = HTTPStatus.OK


@attrs.frozen
class CallOptions:
    """What holds for calls rather than for the client.

    Attributes:
        priority: Whose requests leave first when the quota is short.
        timeouts: In seconds.
        max_response_bytes: The longest answer that is read whole.
        attempts: How often a read is sent in all, if repeating it may help.
    """

    priority: Priority = Priority.NORMAL
    timeouts: Timeouts = attrs.field(factory=Timeouts)
    max_response_bytes: int = 64 * 1024 * 1024
    attempts: int = MAX_ATTEMPTS


class Created(int):
    """The id of what a call has added.

    Attributes:
        location: The path that the server gave for it.
    """

    location: str

    def __new__(cls, identifier: int, location: str = "") -> Self:
        """An id that knows where it was found."""
        created = super().__new__(cls, identifier)
        created.location = location
        return created


class Api:
    """One API's requests and answers: a session, a converter and the options of a call."""

    def __init__(
        self, session: Session, wire: Wire, options: CallOptions, bodies: Bodies | None = None
    ) -> None:
        self.session = session
        self.wire = wire
        self.options = options
        self.bodies = bodies or Bodies({})
        self._warned: set[str] = set()
        self._self_links = SelfLinks()

    def with_options(self, options: CallOptions) -> "Api":
        """The same, with other options for the calls made on it."""
        twin = Api(self.session, self.wire, options, self.bodies)
        twin._warned = self._warned
        twin._self_links = self._self_links
        return twin

    def request(self, method: str, path: Path, query: Query = ()) -> Request:
        """A request with this API's options."""
        return Request(
            method,
            path,
            query=query,
            repeatable=method == "GET",
            success=evidence.RAW.get(method),
            timeouts=self.options.timeouts,
            max_bytes=self.options.max_response_bytes,
            attempts=self.options.attempts,
        )

    async def read(
        self, path: Path, query: Query = (), *, expected: Expected = Expected.ANY
    ) -> Document:
        """``GET path``, checked to be JSON and the resource asked for, but not typed.

        An answer that calls itself something else is asked for once more, on a connection of its
        own: another request's answer does not come twice, a server's manner does. So is one that
        nothing tells from another request's; where that is how a source answers, at once.

        Args:
            path: Where.
            query: Pairs of the query. What is searched for is nowhere in the answer, so that
                comes on a connection of its own.
            expected: What is documented there.

        Raises:
            ProtocolError: It is no JSON object, not the resource asked for, or a part of it.
            StatusError: The server refused.
            ElementsProcuraError: See :meth:`Session.send`.
        """
        request = self.request("GET", path, query)
        if query or path.template in self._self_links.missing:
            request = attrs.evolve(request, alone=True)
        found = self._recognised(await self._ok(request), expected)
        if isinstance(found, Document) and not (found.is_told or request.alone):
            self._self_links.missing.add(path.template)
            found = self._recognised(await self._ok(attrs.evolve(request, alone=True)), expected)
        if isinstance(found, Stranger):
            if found.response.connection is not None:
                found.response.connection.drop()
            again = await self._ok(attrs.evolve(request, alone=True))
            found = self._recognised(again, expected, found)
        if isinstance(found, Document):
            return found
        raise protocol_error(found.response, STRAY) if isinstance(found, Stranger) else found

    async def _ok(self, request: Request) -> Response:
        response = await self.session.send(request, priority=self.options.priority)
        if response.status != _OK:
            raise refusal(response)
        return response

    def _recognised(
        self, response: Response, expected: Expected, first: Stranger | None = None
    ) -> Document | Stranger | ProtocolError:
        """What an answer is, the manner of this source and what came ``first`` considered."""
        found = document_of(response, expected)
        if not isinstance(found, Stranger):
            return found
        path, link = response.request.path, found.link
        is_same = first is not None and found.is_like(first) and found.may_be(expected)
        if is_same or self._self_links.knows(path, link):
            accepted = document_of(response, expected, link)
            if is_same and isinstance(accepted, Document):
                self._self_links.learn(path, link)
            return accepted
        return found

    async def fetch(self, path: Path, model: type[M], query: Query = ()) -> M:
        """``GET path`` as one record. Raises as :meth:`read`."""
        document = await self.read(path, query, expected=Expected.RECORD)
        record = self._record(document, model)
        if isinstance(record, Fault):
            raise protocol_error(document.response, record)
        return record

    async def fetch_all(
        self, path: Path, model: type[M], *, rel: str, query: Query = ()
    ) -> tuple[M, ...]:
        """``GET path`` as the records in its relation ``rel``. Raises as :meth:`read`."""
        document = await self.read(path, query, expected=Expected.COLLECTION)
        records = self._records(document, rel, model)
        if isinstance(records, Fault):
            raise protocol_error(document.response, records)
        return records

    async def iterate(
        self, path: Path, model: type[M], *, rel: str, query: Query = ()
    ) -> AsyncGenerator[M]:
        """As :meth:`fetch_all`, each record given out while the rest still arrives.

        Raises:
            ProtocolError: Also after some records have been given out, when the rest is broken.
        """
        found = self._arriving(
            path, rel, query, lambda row, items: self._typed(row, items.where, model)
        )
        async with contextlib.aclosing(found) as records:
            async for record in records:
                yield record

    def rows(self, path: Path, *, rel: str, query: Query = ()) -> AsyncGenerator[hal.Row]:
        """As :meth:`iterate`, each row as it came; one that cannot be read says why.

        Raises:
            ProtocolError: The answer is not the collection, breaks off, or is only a part of it.
        """
        return self._arriving(path, rel, query, _as_it_came)

    async def _arriving(
        self, path: Path, rel: str, query: Query, make: Callable[[Any, hal.Items], T | Fault | None]
    ) -> AsyncGenerator[T]:
        request = self.request("GET", path, query)
        # A long collection may take minutes: silence ends it, not the clock.
        timeouts = attrs.evolve(request.timeouts, total=None)
        request = attrs.evolve(request, timeouts=timeouts, max_bytes=_ENDLESS, alone=True)
        first: Stranger | None = None
        while True:
            arrival = Arrival(request, rel, self._self_links, first)
            async with self.session.stream(request, priority=self.options.priority) as answer:
                if isinstance(answer, Response):
                    raise refusal(answer)
                async for piece in answer:
                    for record in arrival.feed(piece, make):
                        yield record
                    if arrival.fault is not None:
                        break
                    # What has come already is read without a pause: others want their turn too.
                    await asyncio.sleep(0)
                else:
                    arrival.close()
            if arrival.fault is None:
                return
            if arrival.stranger is None or first is not None:
                raise protocol_error(arrival.head, arrival.fault)
            first = arrival.stranger

    async def add(
        self,
        path: Path,
        body: Body | Json,
        *kinds: type[Body],
        query: Query = (),
        validate: bool = True,
    ) -> Created:
        """``POST path``, and the id out of the answer's ``Location``.

        Raises:
            ProtocolError: It was added, but the answer does not say under which id.
            ElementsProcuraError: As :meth:`write`.
        """
        response = await self.write(
            "POST", path, body, *kinds, query=query, validate=validate, success=evidence.ADDED
        )
        found = evidence.added_id(response.headers, response.body)
        if found is None:
            text = "it was added, but the answer does not say under which id"
            error = protocol_error(response, Fault(text))
            error.hint = "Read the collection; adding it again would add another"
            raise error
        return Created(found, location_of(response, found))

    async def write(
        self,
        method: str,
        path: Path,
        body: Body | Json,
        *kinds: type[Body],
        query: Query = (),
        validate: bool = True,
        success: evidence.Success = evidence.CHANGED,
    ) -> Response:
        """Check ``body`` and send it.

        Args:
            method: ``POST``, ``PATCH`` or ``PUT``.
            path: Where to.
            body: An instance of one of ``kinds``, or a mapping that one of them describes.
            kinds: None of them: a mapping is sent as it is given.
            query: Pairs of the query.
            validate: Whether the fields of the body are checked.
            success: How the documentation shows that it took effect.

        Raises:
            BodyError: The body is not what is documented. Nothing was sent.
            OutcomeUnknown: It was sent, and nobody knows whether it took effect: no answer came,
                or one that is documented neither for success nor for a refusal.
            StatusError: The server refused.
            ElementsProcuraError: See :meth:`Session.send`.
        """
        bare = attrs.evolve(self.request(method, path, query), success=success)
        request = self._writing(bare, body, kinds, validate=validate)
        if isinstance(request, BodyError):
            raise request
        response = await self.session.send(request, priority=self.options.priority)
        verdict = documented(request, response)
        if verdict is Verdict.REFUSED:
            raise refusal(response)
        if verdict is Verdict.UNKNOWN:
            raise self.session.outcome_unknown(response)
        return response

    async def pieces(self, path: Path) -> AsyncGenerator[memoryview]:
        """``GET path``, a picture in pieces, never whole in memory.

        Raises:
            ProtocolError: It is none.
            ElementsProcuraError: Also after some pieces, when the body breaks off.
        """
        request = self._of_bytes(path, ())
        is_empty = True
        async with self.session.stream(request, priority=self.options.priority) as answer:
            if isinstance(answer, Response):
                raise refusal(answer)
            _check_picture(path, answer.headers)
            async for piece in answer:
                is_empty = False
                yield piece
            _check_picture(path, answer.headers, is_empty=is_empty)

    async def download(
        self,
        path: Path,
        to: str | os.PathLike[str],
        *,
        size: int | None = None,
        query: Query = (),
        is_picture: bool = False,
    ) -> int:
        """``GET path`` into the file ``to``, which is there whole or not at all.

        What is not as long as it has to be is asked for once more. Twice the same bytes that are
        a whole picture by their own format are kept, and a warning tells so.

        Args:
            path: Where from.
            to: The file. One that is there already is replaced.
            size: How long it has to be.
            query: Pairs of the query.
            is_picture: Whether HTML, JSON and nothing are not what is asked for.

        Returns:
            How long it is.

        Raises:
            ProtocolError: It is not as long as it has to be, or breaks off.
            StoreError: The file cannot be written.
            ElementsProcuraError: As :meth:`pieces`.
        """
        request = self._of_bytes(path, query)
        before: Measured | None = None
        while True:
            async with (
                PartFile(to) as file,
                self.session.stream(request, priority=self.options.priority) as answer,
            ):
                if isinstance(answer, Response):
                    raise refusal(answer)
                if is_picture:
                    _check_picture(path, answer.headers)
                measured = Measured()
                async for piece in answer:
                    measured.add(piece)
                    await file.write(piece)
                if is_picture:
                    _check_picture(path, answer.headers, is_empty=not measured.size)
                known = Known.of(size, answer.headers)
                wrong = verdict(measured, known, before, request.name)
                if wrong is None:
                    await file.keep()
                    return file.size
            if wrong:
                raise ProtocolError(wrong, method="GET", template=path.template, attempts=2)
            before = measured

    async def picture(self, path: Path, *, size: int | None = None) -> Response:
        """As :meth:`download`, in memory; HTML, JSON and nothing are no pictures.

        Raises:
            ProtocolError: It is none, or not whole.
            StatusError: The server refused.
            ElementsProcuraError: See :meth:`Session.send`.
        """
        limits = self.request("GET", path)
        request = attrs.evolve(
            self._of_bytes(path, ()), timeouts=limits.timeouts, max_bytes=limits.max_bytes
        )
        before: Measured | None = None
        while True:
            response = await self._ok(request)
            if text := no_picture(response.headers, is_empty=not response.body):
                raise protocol_error(response, Fault(text))
            measured = Measured()
            measured.add(response.body)
            wrong = verdict(measured, Known.of(size, response.headers), before, request.name)
            if wrong is None:
                return response
            if wrong:
                raise protocol_error(response, Fault(wrong))
            before = measured

    def _of_bytes(self, path: Path, query: Query) -> Request:
        request = self.request("GET", path, query)
        return attrs.evolve(
            request,
            accept="*/*",
            alone=True,
            is_plain=True,
            timeouts=attrs.evolve(request.timeouts, total=None),
            max_bytes=_ENDLESS,
        )

    def warn_deprecated(self, what: str, *, stacklevel: int = 1) -> None:
        """Warn, once a client, that the vendor will take ``what`` away."""
        if what not in self._warned:
            self._warned.add(what)
            warnings.warn(
                f"{what} is deprecated by the vendor", DeprecationWarning, stacklevel=stacklevel + 1
            )

    def _writing(
        self, request: Request, body: Body | Json, kinds: tuple[type[Body], ...], *, validate: bool
    ) -> Request | BodyError:
        encoded = self.bodies.encode(body, kinds, validate=validate)
        if isinstance(encoded, bytes):
            return attrs.evolve(request, body=encoded)
        return BodyError(f"{request.name}: the body cannot be sent", faults=encoded)

    def _record(self, document: Document, model: type[M]) -> M | Fault:
        try:
            return self.wire.structure(document.data, model)
        except WireFault as fault:
            return Fault(str(fault), fault.where)

    def _records(self, document: Document, rel: str, model: type[M]) -> tuple[M, ...] | Fault:
        try:
            items = evidence.relation(document.data, rel, is_named=True)
        except EvidenceError as error:
            return Fault.of(error)
        try:
            records = [self.wire.structure(item, model) for item in items if item is not None]
            evidence.check_rows(items, rel)
            return tuple(records)
        except EvidenceError as error:
            return Fault.of(error)
        except WireFault:
            for index, item in enumerate(items):
                try:
                    if item is not None:
                        self.wire.structure(item, model)
                except WireFault as fault:
                    where = fault.under(f"[{index}]").under(rel).where
                    return Fault(str(fault), where)
            raise

    def _typed(self, row: Any, where: str, model: type[M]) -> M | Fault | None:
        if row is None:
            return None
        if isinstance(row, hal.Unreadable):
            return Fault(row.reason, where)
        try:
            record = self.wire.structure(row, model)
            evidence.check_row(row, where)
        except WireFault as fault:
            return Fault(str(fault), where + fault.where[1:])
        except EvidenceError as error:
            return Fault.of(error)
        return record


class Resource:
    """Endpoints below one path. Holds no state: making one costs nothing and sends nothing."""

    __slots__ = ("_api", "_path")

    def __init__(self, api: Api, path: Path) -> None:
        self._api = api
        self._path = path

    def _at(self, *names: str, **identifier: int | str) -> Path:
        return self._path.at(*names, **identifier)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._path.template}>"


_ENDLESS = 1 << 62


def _check_picture(path: Path, headers: Mapping[str, str], *, is_empty: bool = False) -> None:
    if text := no_picture(headers, is_empty=is_empty):
        raise ProtocolError(text, method="GET", template=path.template, status=_OK)


def _as_it_came(row: Any, items: hal.Items) -> hal.Row:
    if isinstance(row, hal.Unreadable):
        return hal.Row(None, items.where, row.reason)
    return hal.Row(row, items.where, body=items.body)
