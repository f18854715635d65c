"""Requests and answers of Elements: HAL JSON with self links, collections, pictures."""

import asyncio
import contextlib
import os
import warnings
from collections.abc import AsyncGenerator, Callable, Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from elements_procura import evidence
from elements_procura._lazy import later
from elements_procura.core import api
from elements_procura.core.answers import JsonResponse, Response, protocol_error
from elements_procura.core.api import CallOptions, Query
from elements_procura.core.http import Request
from elements_procura.core.session import Session
from elements_procura.core.turns import LONG, DecodeTask, Turn, in_turns
from elements_procura.elements._reading import (
    STRAY,
    Arrival,
    CreatedId,
    Fault,
    SelfLinks,
    Stranger,
    as_it_came,
    decoding_of,
    location_of,
    recognised,
    records_in,
    refusal,
    structuring_of,
    typed,
)
from elements_procura.errors import ElementsProcuraError, InputError, ProtocolError
from elements_procura.evidence import AnswerKind
from elements_procura.paths import Path
from elements_procura.schema import hal
from elements_procura.schema.hal import Row
from elements_procura.schema.model import Body, Model
from elements_procura.schema.structure import Wire

__all__ = ["CreatedId", "Row"]

if TYPE_CHECKING:
    from elements_procura.disk import part_file
    from elements_procura.elements import _whole as whole
    from elements_procura.schema.body import Bodies, Given
else:
    part_file = later("elements_procura.disk.part_file")
    whole = later("elements_procura.elements._whole")

M = TypeVar("M", bound=Model)
T = TypeVar("T")
_ENDLESS = 1 << 62


class ElementsApi(api.Api):
    """A session, its converters, call options, and the learned habits of this server."""

    handmade = evidence.RAW

    def __init__(
        self,
        session: Session,
        wire: Wire,
        bodies: "Bodies | Callable[[], Bodies]",
        options: CallOptions,
    ) -> None:
        super().__init__(session, wire, bodies, options)
        self._warned: set[str] = set()
        self._self_links = SelfLinks()

    def refusal(self, response: Response) -> ElementsProcuraError:
        """The exception for an answer that does not have the documented success."""
        return refusal(response)

    async def answer(
        self, request: Request | InputError, expected: AnswerKind = AnswerKind.ANY
    ) -> JsonResponse:
        """Send ``request`` and return its answer: checked to be the JSON asked for, but not typed.

        If an answer's self link differs, the request is sent once more, on a connection of its own:
        a stray answer does not come twice, but a server's habit does. The same holds for an answer
        that carries nothing to identify it; once that is known of a path, its requests use a
        connection of their own at once. An answer never holds the query, so a request with one gets
        a connection of its own.

        Raises:
            ProtocolError: It is not a JSON object, not the resource asked for, or a part of it.
            ElementsProcuraError: As :meth:`send`.
        """
        if isinstance(request, InputError):
            raise request
        path = request.path
        if request.query or path.shown in self._self_links.missing:
            request = attrs.evolve(request, alone=True)
        response = await self.session.send(request, priority=self.options.priority)
        if self.options.on_response is not None:
            self.options.on_response(response)
        error = self.objection(response)
        if error is not None:
            raise error
        decoding = decoding_of(response, expected)
        if decoding is not None:
            await in_turns(decoding.step)
        found = self._recognised(response, expected, decoding=decoding)
        if isinstance(found, JsonResponse) and not (found.is_identified or request.alone):
            self._self_links.missing.add(path.shown)
            request = attrs.evolve(request, alone=True)
            found = await self._again(request, expected)
        if isinstance(found, Stranger):
            if found.response.connection is not None:
                found.response.connection.drop()
            found = await self._again(attrs.evolve(request, alone=True), expected, found)
        if isinstance(found, JsonResponse):
            return found
        raise STRAY.of_answer(found.response) if isinstance(found, Stranger) else found

    async def _again(
        self, request: Request, expected: AnswerKind, first: Stranger | None = None
    ) -> JsonResponse | Stranger | ProtocolError:
        response = await self.send(request)
        decoding = decoding_of(response, expected)
        if decoding is not None:
            await in_turns(decoding.step)
        return self._recognised(response, expected, first, decoding)

    def _recognised(
        self,
        response: Response,
        expected: AnswerKind,
        first: Stranger | None = None,
        decoding: DecodeTask | None = None,
    ) -> JsonResponse | Stranger | ProtocolError:
        """Identify an answer, given this server's habits and an earlier answer ``first``."""
        data = None if decoding is None else decoding.data
        found = recognised(response, expected, data=data)
        if not isinstance(found, Stranger):
            return found
        path, link = response.request.path, found.link
        is_same = first is not None and found.is_like(first) and found.may_be(expected)
        if is_same or self._self_links.knows(path, link):
            accepted = recognised(response, expected, link, data=data)
            if is_same and isinstance(accepted, JsonResponse):
                self._self_links.learn(path, link)
            return accepted
        return found

    async def fetch_all(
        self, path: Path, model: type[M], *, rel: str = "", query: Query = ()
    ) -> tuple[M, ...]:
        """As for any API; a long list is decoded in turns, so that nobody waits for it."""
        answer = await self.answer(self.request("GET", path, query), AnswerKind.COLLECTION)
        if len(answer.body) > LONG:
            structuring = structuring_of(self.wire, answer, model, rel)
            await in_turns(structuring.step)
            if structuring.records is not None:
                return structuring.records
        records = self.records(answer, model, rel)
        if isinstance(records, ProtocolError):
            raise records
        return records

    async def iterate(
        self, path: Path, model: type[M], *, rel: str, query: Query = ()
    ) -> AsyncGenerator[M]:
        """As :meth:`fetch_all`, but yield each record while the rest still arrives.

        Raises:
            ProtocolError: Also after some records have been given out, when the rest is broken.
        """
        found = self._arriving(
            path, rel, query, lambda row, items: typed(self.wire, row, items.where, model)
        )
        async with contextlib.aclosing(found) as records:
            async for record in records:
                yield record

    def rows(self, path: Path, *, rel: str, query: Query = ()) -> AsyncGenerator[Row]:
        """As :meth:`iterate`, each row as it came; one that cannot be read says why.

        Raises:
            ProtocolError: The answer is not the collection, breaks off, or is only a part of it.
        """
        return self._arriving(path, rel, query, as_it_came)

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
                    turn = Turn()
                    for record in arrival.feed(piece, make):
                        yield record
                        if turn.is_over():  # a piece may hold thousands of short rows
                            await asyncio.sleep(0)
                    if arrival.fault is not None:
                        break
                    # What has come already is read without a pause: others want their turn too.
                    await asyncio.sleep(0)
                else:
                    arrival.close(answer.headers)
            if arrival.fault is None:
                return
            if arrival.stranger is None or first is not None:
                raise arrival.fault.of_answer(arrival.head)
            first = arrival.stranger

    async def add(
        self,
        path: Path,
        body: "Given",
        *kinds: type[Body],
        query: Query = (),
        validate: bool = True,
    ) -> CreatedId:
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
            error = protocol_error(response, text)
            error.hint = "Read the collection; adding it again would add another"
            raise error
        return CreatedId(found, location_of(response, found))

    def write(
        self,
        method: str,
        path: Path,
        body: "Given",
        *kinds: type[Body],
        query: Query = (),
        validate: bool = True,
        success: evidence.Success = evidence.CHANGED,
    ) -> Coroutine[Any, Any, Response]:
        """Check ``body`` and send it. As :meth:`writing`, and raises as :meth:`send`."""
        return self.send(
            self.writing(
                method, path, body, *kinds, query=query, validate=validate, success=success
            )
        )

    async def pieces(self, path: Path) -> AsyncGenerator[memoryview]:
        """``GET path``, a picture in pieces, never whole in memory.

        Raises:
            ElementsProcuraError: It is not a picture, or, after some pieces, the body breaks off.
        """
        request = self._of_bytes(path, ())
        head = memoryview(b"")
        async with self.session.stream(request, priority=self.options.priority) as answer:
            if isinstance(answer, Response):
                raise refusal(answer)
            whole.check_picture(path, answer.headers)
            async for piece in answer:
                if not head:
                    whole.check_picture(path, answer.headers, head := piece)
                yield piece
            whole.check_picture(path, answer.headers, head)

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

        An answer of the wrong length is asked for once more. Identical bytes that form a whole
        picture by their own format are then kept, with a warning.

        Args:
            path: Where from.
            to: The file. One that is there already is replaced.
            size: How long it has to be.
            query: Pairs of the query.
            is_picture: Whether HTML, JSON and an empty body are refused.

        Returns:
            The number of bytes.

        Raises:
            ProtocolError: It has the wrong length, or breaks off.
            StoreError: The file cannot be written.
            ElementsProcuraError: As :meth:`pieces`.
        """
        request = self._of_bytes(path, query)
        before: whole.Measurement | None = None
        while True:
            async with (
                part_file.PartFile(to) as file,
                self.session.stream(request, priority=self.options.priority) as answer,
            ):
                if isinstance(answer, Response):
                    raise refusal(answer)
                if is_picture:
                    whole.check_picture(path, answer.headers)
                measured = whole.Measurement()
                async for piece in answer:
                    measured.add(piece)
                    await file.write(piece)
                if is_picture:
                    whole.check_picture(path, answer.headers, memoryview(measured.head))
                known = whole.ExpectedSize.of(size, answer.headers)
                wrong = whole.verdict(measured, known, before, request.name)
                if wrong is None:
                    await file.keep()
                    return file.size
            if wrong:
                raise ProtocolError(wrong, method="GET", template=path.template, attempts=2)
            before = measured

    async def picture(self, path: Path, *, size: int | None = None) -> Response:
        """As :meth:`download`, in memory; HTML, JSON and an empty body are refused.

        Raises:
            ProtocolError: It is none, or not whole.
            StatusError: The server refused.
            ElementsProcuraError: See :meth:`Session.send`.
        """
        limits = self.request("GET", path)
        request = attrs.evolve(
            self._of_bytes(path, ()), timeouts=limits.timeouts, max_bytes=limits.max_bytes
        )
        before: whole.Measurement | None = None
        while True:
            response = await self.send(request)
            if text := whole.no_picture(response.headers, response.body):
                raise protocol_error(response, text)
            measured = whole.Measurement()
            measured.add(response.body)
            wrong = whole.verdict(
                measured, whole.ExpectedSize.of(size, response.headers), before, request.name
            )
            if wrong is None:
                return response
            if wrong:
                raise protocol_error(response, wrong)
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
        """Warn, once per client, that the vendor will remove ``what``."""
        if what not in self._warned:
            self._warned.add(what)
            warnings.warn(
                f"{what} is deprecated by the vendor", DeprecationWarning, stacklevel=stacklevel + 1
            )

    def records(
        self, answer: JsonResponse, model: type[M], rel: str
    ) -> tuple[M, ...] | ProtocolError:
        """The records in the relation ``rel`` of a collection."""
        return records_in(self.wire, answer, model, rel)


class Resource(api.Resource[ElementsApi]):
    """Endpoints below one path of Elements."""

    __slots__ = ()
