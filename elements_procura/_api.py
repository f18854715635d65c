"""Path and model → request; answer → model or exception. Both APIs' resources stand on this.

Values are decoded in functions that return what went wrong instead of raising it, so that no
frame of a traceback holds a body: with ``capture_locals`` it would be printed.
"""

import asyncio
import contextlib
import os
import re
import warnings
from collections.abc import AsyncGenerator, Iterable
from http import HTTPStatus
from typing import Any, Self, TypeVar
from urllib.parse import urlsplit

import attrs

from elements_procura import hal
from elements_procura._files import PartFile
from elements_procura._http import Request, Timeouts
from elements_procura._model import Model
from elements_procura.answers import Response, status_error
from elements_procura.body import Bodies, Body, Json
from elements_procura.errors import BadRequest, BodyError, ProtocolError, ServerFault, StatusError
from elements_procura.paths import Path
from elements_procura.redact import body_shape
from elements_procura.retry import MAX_ATTEMPTS
from elements_procura.scheduler import Priority
from elements_procura.session import Session
from elements_procura.structure import Wire
from elements_procura.wire import WireFault

M = TypeVar("M", bound=Model)
Query = tuple[tuple[str, str], ...]


class Shielded(tuple[tuple[str, str], ...]):
    """A query that does not show itself: names and citizen numbers are searched for.

    Whoever takes a query from outside wraps it before anything can raise, as
    a traceback with locals would print it.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<query of {len(self)}>"


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


@attrs.frozen(repr=False)
class Document:
    """An answer that was checked to be the JSON object asked for.

    Attributes:
        response: The answer, with the bytes as they came.
        data: The decoded object.
    """

    response: Response
    data: dict[str, Any]

    def __repr__(self) -> str:
        return f"<Document of {self.response.request.name}>"


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


@attrs.frozen
class _Fault:
    text: str
    path: str = ""


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

    def with_options(self, options: CallOptions) -> "Api":
        """The same, with other options for the calls made on it."""
        twin = Api(self.session, self.wire, options, self.bodies)
        twin._warned = self._warned
        return twin

    def request(self, method: str, path: Path, query: Query = ()) -> Request:
        """A request with this API's options."""
        return Request(
            method,
            path,
            query=query,
            repeatable=method == "GET",
            timeouts=self.options.timeouts,
            max_bytes=self.options.max_response_bytes,
            attempts=self.options.attempts,
        )

    async def read(self, path: Path, query: Query = ()) -> Document:
        """``GET path``, checked to be JSON and the resource asked for, but not typed.

        Raises:
            ProtocolError: It is no JSON object, or another resource's.
            StatusError: The server refused.
            ElementsProcuraError: See :meth:`Session.send`.
        """
        response = await self.session.send(
            self.request("GET", path, query), priority=self.options.priority
        )
        if response.status != _OK:
            raise _refusal(response)
        document = _document(response)
        if isinstance(document, _Fault):
            raise await self._distrust(response, document)
        return document

    async def fetch(self, path: Path, model: type[M], query: Query = ()) -> M:
        """``GET path`` as one record. Raises as :meth:`read`."""
        document = await self.read(path, query)
        record = self._record(document, model)
        if isinstance(record, _Fault):
            raise _protocol_error(document.response, record)
        return record

    async def fetch_all(
        self, path: Path, model: type[M], *, rel: str, query: Query = ()
    ) -> tuple[M, ...]:
        """``GET path`` as the records in its relation ``rel``. Raises as :meth:`read`."""
        document = await self.read(path, query)
        records = self._records(document, rel, model)
        if isinstance(records, _Fault):
            raise _protocol_error(document.response, records)
        return records

    async def iterate(
        self, path: Path, model: type[M], *, rel: str, query: Query = ()
    ) -> AsyncGenerator[M]:
        """As :meth:`fetch_all`, each record given out while the rest still arrives.

        Raises:
            ProtocolError: Also after some records have been given out, when the rest is broken.
        """
        request = self.request("GET", path, query)
        # A long collection may take minutes: silence ends it, not the clock.
        request = attrs.evolve(
            request, timeouts=attrs.evolve(request.timeouts, total=None), max_bytes=_ENDLESS
        )
        items = hal.Items(rel, path.value)
        async with self.session.stream(request, priority=self.options.priority) as answer:
            if isinstance(answer, Response):
                raise _refusal(answer)
            async for piece in answer:
                for record in self._arrived(items, piece, model):
                    if isinstance(record, _Fault):
                        raise await self._distrust(Response(_OK, {}, items.head, request), record)
                    yield record
                # What has arrived already is read without a pause: others want their turn too.
                await asyncio.sleep(0)
            for record in self._arrived(items, None, model):
                if isinstance(record, _Fault):
                    raise _protocol_error(Response(_OK, {}, items.head, request), record)
                yield record

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
        response = await self.write("POST", path, body, *kinds, query=query, validate=validate)
        location = response.headers.get("location", "")
        found = _LAST_ID.search(_path_of(location))
        if found is None:
            text = "it was added, but the answer does not say under which id"
            error = _protocol_error(response, _Fault(text))
            error.hint = "Read the collection; adding it again would add another"
            raise error
        return Created(int(found[1]), _path_of(location))

    async def write(
        self,
        method: str,
        path: Path,
        body: Body | Json,
        *kinds: type[Body],
        query: Query = (),
        validate: bool = True,
    ) -> Response:
        """Check ``body`` and send it.

        Args:
            method: ``POST``, ``PATCH`` or ``PUT``.
            path: Where to.
            body: An instance of one of ``kinds``, or a mapping that one of them describes.
            kinds: None of them: a mapping is sent as it is given.
            query: Pairs of the query.
            validate: Whether the fields of the body are checked.

        Raises:
            BodyError: The body is not what is documented. Nothing was sent.
            OutcomeUnknown: It was sent, and nobody knows whether it took effect.
            StatusError: The server refused.
            ElementsProcuraError: See :meth:`Session.send`.
        """
        request = self._writing(self.request(method, path, query), body, kinds, validate=validate)
        if isinstance(request, BodyError):
            raise request
        response = await self.session.send(request, priority=self.options.priority)
        if response.status // 100 != _SUCCESS:
            raise _refusal(response)
        return response

    async def pieces(self, path: Path) -> AsyncGenerator[memoryview]:
        """``GET path``, the body of whatever kind in pieces, never whole in memory.

        Raises:
            ElementsProcuraError: Also after some pieces, when the body breaks off.
        """
        request = self.request("GET", path)
        request = attrs.evolve(
            request,
            accept="*/*",
            timeouts=attrs.evolve(request.timeouts, total=None),
            max_bytes=_ENDLESS,
        )
        async with self.session.stream(request, priority=self.options.priority) as answer:
            if isinstance(answer, Response):
                raise _refusal(answer)
            async for piece in answer:
                yield piece

    async def download(
        self, path: Path, to: str | os.PathLike[str], *, size: int | None = None
    ) -> int:
        """``GET path`` into the file ``to``, which is there whole or not at all.

        Args:
            path: Where from.
            to: The file. One that is there already is replaced.
            size: How long it has to be.

        Returns:
            How long it is.

        Raises:
            ProtocolError: It is not as long as it has to be.
            StoreError: The file cannot be written.
            ElementsProcuraError: As :meth:`pieces`.
        """
        async with PartFile(to) as file, contextlib.aclosing(self.pieces(path)) as pieces:
            async for piece in pieces:
                await file.write(piece)
            if size is not None and file.size != size:
                raise ProtocolError(
                    f"{file.size:,} bytes came, {size:,} were announced",
                    method="GET",
                    template=path.template,
                )
            await file.keep()
        return file.size

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

    async def _distrust(self, response: Response, fault: _Fault) -> ProtocolError:
        if fault.path == hal.SELF:
            # Answers on this connection may be shifted by one: none of it can be trusted.
            await self.session.drop_connections()
        return _protocol_error(response, fault)

    def _record(self, document: Document, model: type[M]) -> M | _Fault:
        try:
            return self.wire.structure(document.data, model)
        except WireFault as fault:
            return _Fault(str(fault), fault.where)

    def _records(self, document: Document, rel: str, model: type[M]) -> tuple[M, ...] | _Fault:
        try:
            items = hal.relation(document.data, rel)
        except hal.HalError as error:
            return _Fault(error.text, error.path)
        try:
            return tuple([self.wire.structure(item, model) for item in items if item is not None])
        except WireFault:
            for index, item in enumerate(items):
                try:
                    if item is not None:
                        self.wire.structure(item, model)
                except WireFault as fault:
                    where = fault.under(f"[{index}]").under(rel).where
                    return _Fault(str(fault), where)
            raise

    def _arrived(
        self, items: hal.Items, piece: memoryview | None, model: type[M]
    ) -> Iterable[M | _Fault]:
        """The records that ``piece``, or the body's end, completes; a fault comes last."""
        try:
            for item in items.close() if piece is None else items.feed(bytes(piece)):
                yield self.wire.structure(item, model)
        except WireFault as fault:
            yield _Fault(str(fault), items.where + fault.where[1:])
        except hal.HalError as error:
            yield _Fault(error.text, error.path)


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
_SUCCESS = 2
_LAST_ID = re.compile(r"/(\d{1,18})/?\Z", re.ASCII)


def _path_of(location: str) -> str:
    try:
        return urlsplit(location).path
    except ValueError:  # such as "http://[": it leads nowhere
        return ""


def _document(response: Response) -> Document | _Fault:
    try:
        data = hal.document(response.body)
        hal.check_self(data, response.request.path.value)
    except hal.HalError as error:
        return _Fault(error.text, error.path)
    return Document(response, data)


def _refusal(response: Response) -> ProtocolError | StatusError:
    if response.status < HTTPStatus.BAD_REQUEST:
        return _protocol_error(response, _Fault(f"the server answered {response.status}"))
    error = status_error(response)
    if isinstance(error, BadRequest):
        error.faults = _objections(response)
    return error


def _objections(response: Response) -> tuple[ServerFault, ...]:
    """What the server's own check finds wrong with a body."""
    try:
        errors = hal.relation(hal.document(response.body), "errors")
    except hal.HalError:
        return ()
    return tuple(
        ServerFault(str(error.get("path", "")), str(error.get("message", "")))
        for error in errors
        if isinstance(error, dict)
    )


def _protocol_error(response: Response, fault: _Fault) -> ProtocolError:
    return ProtocolError(
        fault.text,
        method=response.request.method,
        template=response.request.path.template,
        status=response.status,
        path=fault.path,
        body=body_shape(response.body),
        attempts=response.attempts,
    )
