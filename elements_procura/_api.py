"""Path and model → request; answer → model or exception. Both APIs' resources stand on this.

Values are decoded in functions that return what went wrong instead of raising it, so that no
frame of a traceback holds a body: with ``capture_locals`` it would be printed.
"""

from collections.abc import AsyncGenerator, Iterable
from http import HTTPStatus
from typing import Any, TypeVar

import attrs

from elements_procura import hal
from elements_procura._http import Request, Timeouts
from elements_procura._model import Model
from elements_procura.errors import ProtocolError, StatusError
from elements_procura.paths import Path
from elements_procura.redact import body_shape
from elements_procura.scheduler import Priority
from elements_procura.session import Response, Session, status_error
from elements_procura.structure import Wire
from elements_procura.wire import WireFault

M = TypeVar("M", bound=Model)
Query = tuple[tuple[str, str], ...]
_OK = HTTPStatus.OK


@attrs.frozen
class CallOptions:
    """What holds for calls rather than for the client.

    Attributes:
        priority: Whose requests leave first when the quota is short.
        timeouts: In seconds.
        max_response_bytes: The longest answer that is read whole.
    """

    priority: Priority = Priority.NORMAL
    timeouts: Timeouts = attrs.field(factory=Timeouts)
    max_response_bytes: int = 64 * 1024 * 1024


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


@attrs.frozen
class _Fault:
    text: str
    path: str = ""


class Api:
    """One API's requests and answers: a session, a converter and the options of a call."""

    def __init__(self, session: Session, wire: Wire, options: CallOptions) -> None:
        self.session = session
        self.wire = wire
        self.options = options

    def request(self, method: str, path: Path, query: Query = ()) -> Request:
        """A request with this API's options."""
        return Request(
            method,
            path,
            query=query,
            repeatable=method == "GET",
            timeouts=self.options.timeouts,
            max_bytes=self.options.max_response_bytes,
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
            for record in self._arrived(items, None, model):
                if isinstance(record, _Fault):
                    raise _protocol_error(Response(_OK, {}, items.head, request), record)
                yield record

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
    return status_error(response)


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
