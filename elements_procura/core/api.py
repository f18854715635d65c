"""Path and model → request; answer → model or exception. Both APIs' resources stand on this.

Values are decoded in functions that return their errors instead of raising them, so that no
frame of a traceback holds a body: with ``capture_locals`` it would be printed.
"""

from collections.abc import Callable, Coroutine, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Self, TypeVar

import attrs

from elements_procura.core.answers import (
    JsonResponse,
    Response,
    SendRecord,
    outcome_unknown,
    protocol_error,
    words_in,
)
from elements_procura.core.http import Request
from elements_procura.core.reasons import reasons
from elements_procura.core.session import Session
from elements_procura.core.timeouts import Timeouts
from elements_procura.core.turns import LONG
from elements_procura.errors import (
    BodyError,
    BodyFault,
    ElementsProcuraError,
    InputError,
    OutcomeUnknown,
    ProtocolError,
)
from elements_procura.evidence import AnswerKind, EvidenceError, Success, Verdict
from elements_procura.paths import Path
from elements_procura.retry import MAX_ATTEMPTS
from elements_procura.scheduler import Priority
from elements_procura.schema.model import Body, Model
from elements_procura.schema.scalars import WireFault
from elements_procura.schema.sealed import Data
from elements_procura.schema.structure import Wire

if TYPE_CHECKING:
    from elements_procura.schema.body import Bodies, Given

M = TypeVar("M", bound=Model)
Query = tuple[tuple[str, str], ...]
_OK = HTTPStatus.OK


@attrs.frozen
class CallOptions:
    """Options of single calls, which override the client's.

    Attributes:
        priority: Whose requests leave first when the quota is short.
        timeouts: In seconds.
        max_response_bytes: The longest answer that is read whole.
        max_attempts: How often a read is sent in all, if repeating it may help.
        on_response: Called with every whole answer as it came, before it is judged.
    """

    priority: Priority = Priority.NORMAL
    timeouts: Timeouts = attrs.field(factory=Timeouts)
    max_response_bytes: int = 64 * 1024 * 1024
    max_attempts: int = MAX_ATTEMPTS
    on_response: Callable[[Response], object] | None = None


class Api:
    """One API's requests and answers: a session, its converters and the options of a call.

    An API says in its subclass how a refusal, an answer and a list of records look.
    """

    handmade: ClassVar[Mapping[str, Success]] = {}
    """By method, the expected success of a write made by hand; None accepts any usual one."""

    def __init__(
        self,
        session: Session,
        wire: Wire,
        bodies: "Bodies | Callable[[], Bodies]",
        options: CallOptions,
    ) -> None:
        self.session = session
        self.wire = wire
        self._bodies = bodies
        self.options = options

    @property
    def bodies(self) -> "Bodies":
        """The checks of request bodies; an API may put off making them to the first write."""
        return self._bodies() if callable(self._bodies) else self._bodies

    def with_options(self, options: CallOptions) -> Self:
        """The same, with other options for the calls made on it."""
        twin = object.__new__(type(self))
        twin.__dict__.update(self.__dict__)
        twin.options = options
        return twin

    def refusal(self, response: Response) -> ElementsProcuraError:
        """The exception for an answer that does not have the documented success."""
        raise NotImplementedError

    def recognise(
        self, response: Response, expected: AnswerKind
    ) -> JsonResponse | ElementsProcuraError:
        """Decode an answer and make sure that it is the one asked for."""
        raise NotImplementedError

    def check(self, answer: JsonResponse, model: type[Model]) -> None:
        """Make sure that an answer holds a ``model``, beyond its own structure.

        Raises:
            EvidenceError: Nothing in it shows that.
        """

    def records(
        self, answer: JsonResponse, model: type[M], rel: str
    ) -> tuple[M, ...] | ProtocolError:
        """The records in an answer that is a collection."""
        raise NotImplementedError

    def request(self, method: str, path: Path, query: Query = (), **given: Any) -> Request:
        """A request with this API's options.

        Args:
            method: ``GET``, ``POST``, ``PATCH`` or ``PUT``.
            path: Where to.
            query: Pairs of the query.
            given: Further attributes of the :class:`Request`.
        """
        options = self.options
        if method != "GET":  # which is what a request is by itself
            given.setdefault("repeatable", False)
            given.setdefault("success", self.handmade.get(method))
        return Request(
            method,
            path,
            query,
            timeouts=options.timeouts,
            max_bytes=options.max_response_bytes,
            attempts=options.max_attempts,
            **given,
        )

    async def send(self, request: Request | InputError) -> Response:
        """Send ``request`` and return its answer, if that is the documented success.

        An error of making the request is raised here, not where it was made: that frame held
        what the caller gave.

        Raises:
            InputError: It could not be made. Nothing was sent.
            OutcomeUnknown: It was sent, and nobody knows whether it took effect: no answer came,
                or one that is documented neither for success nor for a refusal.
            StatusError: The server refused.
            ElementsProcuraError: See :meth:`Session.send`.
        """
        if isinstance(request, InputError):
            raise request
        response = await self.session.send(request, priority=self.options.priority)
        if self.options.on_response is not None:
            self.options.on_response(response)
        error = self.objection(response)
        if error is not None:
            raise error
        return response

    async def answer(
        self, request: Request | InputError, expected: AnswerKind = AnswerKind.ANY
    ) -> JsonResponse:
        """Send ``request`` and return its answer, checked to be its own JSON, but not typed.

        Args:
            request: What to send, or what kept it from being made.
            expected: The kind of answer that is documented there.

        Raises:
            ProtocolError: The answer is not JSON, not what was asked for, or a part of it.
            ElementsProcuraError: As :meth:`send`.
        """
        response = await self.send(request)
        found = self.recognise(response, expected)
        if isinstance(found, JsonResponse):
            return found
        raise self._unreadable(found, response)

    async def ask(self, request: Request | InputError, model: type[M]) -> M:
        """Send ``request`` and structure its answer as one record. Raises as :meth:`answer`."""
        answer = await self.answer(request, AnswerKind.RECORD)
        is_long = len(answer.body) > LONG
        record = await self.long_record(answer, model) if is_long else self.record(answer, model)
        if isinstance(record, ProtocolError):
            raise self._unreadable(record, answer)
        return record

    async def long_record(self, answer: JsonResponse, model: type[M]) -> M | ProtocolError:
        """As :meth:`record`, of an answer that others need not wait for."""
        return self.record(answer, model)

    def read(
        self, path: Path, query: Query = (), *, expected: AnswerKind = AnswerKind.ANY
    ) -> Coroutine[Any, Any, JsonResponse]:
        """``GET path``, as :meth:`answer`.

        The whole body is parsed at once, on the event loop: some 12 ms for each MB.
        """
        return self.answer(self.request("GET", path, query), expected)

    def fetch(self, path: Path, model: type[M], query: Query = ()) -> Coroutine[Any, Any, M]:
        """``GET path`` as one record. Raises as :meth:`answer`."""
        return self.ask(self.request("GET", path, query), model)

    async def fetch_all(
        self, path: Path, model: type[M], *, rel: str = "", query: Query = ()
    ) -> tuple[M, ...]:
        """``GET path`` as the records in its relation ``rel``. Raises as :meth:`answer`."""
        answer = await self.answer(self.request("GET", path, query), AnswerKind.COLLECTION)
        records = self.records(answer, model, rel)
        if isinstance(records, ProtocolError):
            raise records
        return records

    def writing(
        self,
        method: str,
        path: Path,
        body: "Given",
        *kinds: type[Body],
        query: Query = (),
        validate: bool = True,
        success: Success | None = None,
        is_read: bool = False,
    ) -> Request | BodyError:
        """The request that carries ``body``, or the error that lists its faults.

        Args:
            method: ``POST``, ``PATCH`` or ``PUT``.
            path: Where to.
            body: An instance of one of ``kinds``, or a mapping that one of them describes.
            kinds: None of them: a mapping is sent as it is given.
            query: Pairs of the query.
            validate: Whether the fields of the body are checked.
            success: How the documentation shows that it took effect.
            is_read: Whether it changes nothing, so that it may be repeated.
        """
        data = self.bodies.data(body, kinds, validate=validate)
        return self.carrying(method, path, data, query=query, success=success, is_read=is_read)

    def carrying(
        self,
        method: str,
        path: Path,
        data: Data | tuple[BodyFault, ...],
        *,
        query: Query = (),
        success: Success | None = None,
        is_read: bool = False,
    ) -> Request | BodyError:
        """As :meth:`writing`, of a body that was checked, or of its faults."""
        encoded = data if isinstance(data, tuple) else self.bodies.dumped(data)
        if isinstance(encoded, tuple):
            name = f"{method} {path.template}"
            return BodyError(f"{name}: the body cannot be sent", faults=encoded)
        return self.request(method, path, query, body=encoded, repeatable=is_read, success=success)

    def objection(self, response: Response) -> ElementsProcuraError | None:
        """The exception for an answer, unless it is the documented success."""
        request = response.request
        if request.repeatable:
            return None if response.status == _OK else self.refusal(response)
        verdict = self.session.judge(request, response)
        if verdict is Verdict.DONE:
            return None
        if verdict is Verdict.REFUSED:
            return self.refusal(response)
        if response.status < HTTPStatus.INTERNAL_SERVER_ERROR:
            return self._undocumented(response)
        return self.outcome_unknown(
            request,
            f"the server answered {response.status}",
            attempts=response.attempts,
            cause=self.refusal(response),
        )

    def outcome_unknown(
        self, request: Request, text: str, *, attempts: int, cause: ElementsProcuraError | None
    ) -> OutcomeUnknown:
        """The exception for a write of which nobody knows whether it was carried out.

        Args:
            request: The write.
            text: What happened.
            attempts: How often it was sent.
            cause: The error whose words of the server are passed on.
        """
        sent = SendRecord(attempts, self.session.clock.wall())
        return outcome_unknown(request, text, sent, words=words_in(cause))

    def _undocumented(self, response: Response) -> OutcomeUnknown:
        return outcome_unknown(
            response.request,
            f"the server answered {response.status} in a way that is not documented",
            SendRecord(response.attempts, self.session.clock.wall()),
            words=reasons(response.headers, response.body),
        )

    def _unreadable(self, error: ElementsProcuraError, response: Response) -> ElementsProcuraError:
        """The exception for an answer that cannot be read: after a write it proves nothing."""
        is_read = response.request.repeatable or not isinstance(error, ProtocolError)
        return error if is_read else self._undocumented(response)

    def record(self, answer: JsonResponse, model: type[M]) -> M | ProtocolError:
        """The record in an answer."""
        try:
            self.check(answer, model)
            return self.wire.structure(answer.data, model)
        except EvidenceError as error:
            return protocol_error(answer, error.text, error.path)
        except WireFault as fault:
            return protocol_error(answer, str(fault), fault.where)


A = TypeVar("A", bound=Api)


class Resource(Generic[A]):
    """Endpoints below one path. Holds no state: making one costs nothing and sends nothing."""

    __slots__ = ("_api", "_path")

    def __init__(self, api: A, path: Path) -> None:
        self._api = api
        self._path = path

    @property
    def _at(self) -> Callable[..., Path]:
        """The path of an endpoint: :meth:`Path.at` of this one, without a frame in between."""
        return self._path.at

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._path.template}>"
