"""Answers, and the exceptions for answers that are wrong or missing. Pure."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from elements_procura import evidence
from elements_procura._lazy import later
from elements_procura.core.connecting import Connection
from elements_procura.core.failures import NoAnswer
from elements_procura.core.http import OpenAnswer, Request, lowered
from elements_procura.core.reasons import reasons
from elements_procura.errors import (
    BadRequest,
    ElementsProcuraError,
    Forbidden,
    HostNotFound,
    NotFound,
    NotSent,
    OutcomeUnknown,
    PayloadTooLarge,
    ProtocolError,
    RequestTimeout,
    ResponseTooLarge,
    ServerError,
    ServerFault,
    ServerText,
    StatusError,
    TransportError,
)
from elements_procura.retry import Failure, parse_retry_after

if TYPE_CHECKING:
    from elements_procura import redact
else:
    redact = later("elements_procura.redact")

E = TypeVar("E", bound=StatusError)
Words = tuple[ServerText, tuple[ServerFault, ...]]
"""What a server says, and what it finds wrong field by field."""
NO_WORDS: Words = (ServerText(""), ())
_LONGEST_WORDS = 1_048_576
"""Bytes of the longest body that is read only for its words."""


@attrs.define(repr=False)  # not frozen: every call makes two, and frozen ones take twice as long
class Response:
    """A whole answer.

    Attributes:
        status: HTTP status.
        body: The bytes as they came.
        request: What was asked.
        attempts: How often it was sent.
        connection: What it came on.
    """

    status: int
    _headers: Mapping[str, str] = attrs.field(eq=lowered)
    body: bytes
    request: Request
    attempts: int = 1
    connection: Connection | None = attrs.field(default=None, eq=False)

    @property
    def headers(self) -> Mapping[str, str]:
        """By lower-case name."""
        given = self._headers
        if given.__class__ is not dict:  # aiohttp's own; nobody asks for those of most answers
            given = self._headers = lowered(given)
        return given

    def __repr__(self) -> str:
        name, size = type(self).__name__, len(self.body)
        return f"<{name} {self.status} of {self.request.name}, {size:,} bytes>"


@attrs.define(repr=False)
class JsonResponse(Response):
    """A whole answer that was checked to be the JSON asked for.

    Attributes:
        data: The decoded body; None where that is null.
        is_identified: Whether its own self link or id shows which request it answers.
    """

    data: Any = attrs.field(default=None, eq=False)
    is_identified: bool = attrs.field(default=True, eq=False)

    @classmethod
    def of(cls, response: Response, data: Any, *, is_identified: bool = True) -> "JsonResponse":
        """``response`` with its decoded body."""
        return cls(
            response.status,
            response._headers,  # noqa: SLF001 - its own class's
            response.body,
            response.request,
            response.attempts,
            response.connection,
            data,
            is_identified,
        )


def header_names(response: Response) -> tuple[str, ...]:
    """Return the names of an answer's headers, as they came."""
    return tuple(response._headers)  # noqa: SLF001 - this module's class


@attrs.frozen(eq=False, repr=False)
class SendRecord:
    """How a request left.

    Attributes:
        attempts: How often.
        at: When it was known to have failed, in seconds since the epoch.
    """

    attempts: int
    at: float


def transport_error(
    request: Request, failed: NoAnswer, sent: SendRecord, *, status: int | None
) -> ElementsProcuraError:
    """The exception for a request that got no whole answer.

    Args:
        request: What was asked.
        failed: What went wrong.
        sent: How it left.
        status: Of the answer's head, if that came.
    """
    method, template, attempts = request.method, request.path.template, sent.attempts
    if failed.too_large:
        return ResponseTooLarge(
            failed.text,
            method=method,
            template=template,
            status=status or HTTPStatus.OK,
            attempts=attempts,
            hint="Raise max_response_bytes if an answer may be that long",
        )
    if failed.sent and not request.repeatable:
        return outcome_unknown(request, failed.text, sent)
    kind: type[TransportError] = TransportError
    if failed.host_unknown:
        kind = HostNotFound
    elif not failed.sent:
        kind = NotSent
    elif failed.failure is Failure.TIMEOUT:
        kind = RequestTimeout
    hint = "" if failed.sent else "Check the address"
    return kind(failed.text, method=method, template=template, attempts=attempts, hint=hint)


def outcome_unknown(
    request: Request, text: str, sent: SendRecord, *, words: Words = NO_WORDS
) -> OutcomeUnknown:
    """The exception for a write that was sent with an unknown outcome.

    Args:
        request: The write.
        text: What happened.
        sent: How it left.
        words: What the server says, and what it finds wrong.
    """
    error = OutcomeUnknown(
        f"{text}; whether it took effect is not known",
        method=request.method,
        template=request.path.template,
        digest=hashlib.sha256(request.body or b"").hexdigest(),
        sent_at=sent.at,
        attempts=sent.attempts,
        hint="Read the collection and look before sending it again",
    )
    error.server_message, error.faults = words
    return error


async def words_of(incoming: OpenAnswer) -> Words:
    """Read the server's words from an answer; empty if the body cannot be read.

    The answer is closed. No frame that is left holds its body.
    """
    incoming.limit(_LONGEST_WORDS)
    try:
        body = await incoming.read()
    finally:
        incoming.close()
    return reasons(incoming.headers, body) if isinstance(body, bytes) else NO_WORDS


def words_in(error: ElementsProcuraError | None) -> Words:
    """The server's words in an exception; empty if it has none."""
    return getattr(error, "server_message", ServerText("")), getattr(error, "faults", ())


def protocol_error(
    response: Response, text: str, path: str = "", *, kind: type[ProtocolError] = ProtocolError
) -> ProtocolError:
    """The exception for an answer that cannot be the one asked for.

    Args:
        response: The answer.
        text: Its fault, without values.
        path: Where in it.
        kind: The class.
    """
    return kind(
        text,
        method=response.request.method,
        template=response.request.path.template,
        status=response.status,
        path=path,
        body=redact.body_shape(response.body),
        attempts=response.attempts,
    )


def status_error(response: Response) -> StatusError:
    """The exception for an answer with status 4xx or 5xx."""
    status = response.status
    kind = _STATUS_ERRORS.get(status)
    if status < HTTPStatus.BAD_REQUEST:  # the vendor's own objections, under a status of success
        kind = BadRequest
    if kind is None:
        kind = ServerError if status >= HTTPStatus.INTERNAL_SERVER_ERROR else StatusError
    if status == HTTPStatus.BAD_REQUEST and b"groter dan toegestaan" in response.body:
        kind = PayloadTooLarge
    return judged(
        kind(
            f"the server answered {status}",
            method=response.request.method,
            template=response.request.path.template,
            status=status,
            body=redact.body_shape(response.body),
            retry_after=retry_after_of(response.headers),
            attempts=response.attempts,
            hint=_HINTS.get(status, ""),
        ),
        response,
    )


def judged(error: E, response: Response) -> E:
    """Add to ``error`` whether the API may have sent it, the answer's form and its words."""
    error.server_message, error.faults = reasons(response.headers, response.body)
    error.is_proven = evidence.is_possibly_own(
        response.headers,
        response.body,
        is_empty_documented=response.status in response.request.empty,
    )
    error.manner = evidence.manner(response.headers, response.body)
    return error


_STATUS_ERRORS: dict[int, type[StatusError]] = {
    HTTPStatus.BAD_REQUEST: BadRequest,
    HTTPStatus.FORBIDDEN: Forbidden,
    HTTPStatus.NOT_FOUND: NotFound,
    HTTPStatus.GONE: NotFound,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: PayloadTooLarge,
    HTTPStatus.UNPROCESSABLE_ENTITY: BadRequest,
}
_HINTS: dict[int, str] = {
    HTTPStatus.UNAUTHORIZED: "A page instead of an answer: check the address and what is before it",
    HTTPStatus.FORBIDDEN: "Check that the token's scopes cover this call",
}


def date_of(headers: Mapping[str, str]) -> datetime | None:
    """The time in the answer's ``Date`` header."""
    text = headers.get("date")
    return None if text is None else _parsed_date(text)


def retry_after_of(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait by the ``Retry-After`` header, measured by the server's own clock."""
    return parse_retry_after(headers.get("retry-after"), date=date_of(headers))


@lru_cache(maxsize=4)  # all answers of a second have the same
def _parsed_date(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(text)
    except (TypeError, ValueError, OverflowError):
        return None
