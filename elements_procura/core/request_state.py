"""The state of one request between its attempts, and the meaning of the answers in between."""

import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from http import HTTPStatus
from typing import Literal

import attrs

from elements_procura.auth.grants import Form, Grant
from elements_procura.auth.oauth import encoded, says_invalid_token
from elements_procura.core.answers import Response, SendRecord, outcome_unknown, transport_error
from elements_procura.core.failures import NoAnswer
from elements_procura.core.http import OpenAnswer, Request
from elements_procura.core.observe import Call, Observer
from elements_procura.core.timeouts import Timeouts
from elements_procura.errors import (
    ClosedError,
    DailyQuotaExceeded,
    ElementsProcuraError,
    InputError,
    OutcomeUnknown,
    PayloadTooLarge,
    ProtocolError,
    RateLimited,
    RefusedToken,
)
from elements_procura.evidence import is_possibly_own, manner
from elements_procura.paths import Path
from elements_procura.retry import LONGEST_RETRY_AFTER, MAX_THROTTLED
from elements_procura.scheduler import Priority, Slot, classify_429

REFUSING_TOKENS = (HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
_DAY = 86_400.0
_LONGEST_TOKEN = 64 * 1024


@attrs.define
class Counters:
    """Counts of a session's requests since it was made.

    Attributes:
        sent: Requests that left, token requests and repeated ones included.
        throttled: Answers with status 429.
        renewals: Token requests that left.
    """

    sent: int = 0
    throttled: int = 0
    renewals: int = 0


@attrs.define(eq=False, repr=False)
class RequestState:
    """A request, its current slot and how often it was sent.

    Attributes:
        request: The request itself.
        priority: Whose requests leave first when the quota is short.
        slot: The scheduler's permission for the attempt under way.
        attempts: How often it was sent.
        throttled: How many of these attempts were answered with 429.
        replayed: Whether it was sent again with a new token.
        call: What an observer knows it by, once there is one.
        queued: When the attempt under way began to wait for its slot, on the clock.
        started: When it left; None between attempts.
        observer: Who was called when it left.
    """

    request: Request
    priority: Priority
    slot: Slot | None = None
    attempts: int = 0
    throttled: int = 0
    replayed: bool = False
    call: Call | None = None
    queued: float = 0.0
    started: float | None = None
    observer: Observer | None = None

    def sent(self, wall: float) -> SendRecord:
        """The attempts so far, for an error raised at ``wall``, in seconds since the epoch."""
        return SendRecord(self.attempts, wall)

    def response(self, incoming: OpenAnswer, body: bytes) -> Response:
        """The whole answer to it."""
        return Response(
            incoming.status,
            incoming.given_headers,
            body,
            self.request,
            self.attempts,
            incoming.connection,
        )


@attrs.frozen(eq=False, repr=False)
class BodyStream:
    """An answer of 200 whose body arrives in pieces: iterate over it.

    Attributes:
        headers: By lower-case name.
    """

    headers: Mapping[str, str]
    _pieces: AsyncIterator[memoryview]

    def __aiter__(self) -> AsyncIterator[memoryview]:
        return self._pieces

    def __repr__(self) -> str:
        return "<BodyStream>"


def redirect_error(state: RequestState, status: int, wall: float) -> OutcomeUnknown | ProtocolError:
    """The exception for an answer of 3xx, none of which is followed."""
    request = state.request
    text = f"the server redirects (status {status})"
    if not request.repeatable:
        # After a POST, a redirect usually leads to what it has made.
        return outcome_unknown(request, text, state.sent(wall))
    return ProtocolError(
        f"{text}, which is not followed",
        method=request.method,
        template=request.path.template,
        status=status,
        attempts=state.attempts,
        hint="Check the address: is this the API's own host, and https?",
    )


def unsendable(request: Request, allowed: int) -> ElementsProcuraError | None:
    """The exception for what cannot be sent: its body is over ``allowed`` bytes, or its query."""
    try:
        if request.query:
            "".join(map("".join, request.query)).encode()
    except UnicodeEncodeError:
        return InputError(
            f"{request.name}: the query holds half a character, which no address can; "
            "nothing was sent",
            hint="It comes of a text that is not UTF-8",
        )
    if request.body is None or len(request.body) <= allowed:
        return None
    return PayloadTooLarge(
        f"the body has {len(request.body or b''):,} bytes, {allowed:,} are allowed; "
        "nothing was sent",
        hint="Raise max_body if the server takes more",
        method=request.method,
        template=request.path.template,
        status=0,
        attempts=0,
    )


def throttled_for_good(
    state: RequestState,
    limit: Literal["second", "day"] | None,
    retry_after: float | None,
    *,
    counts_days: bool,
    wall: float,
) -> DailyQuotaExceeded | RateLimited | None:
    """The exception for a 429 that ends the request; None for one that delays it.

    Args:
        state: The request.
        limit: The limit that the server names.
        retry_after: Seconds to wait, where it names them.
        counts_days: Whether the scheduler does, and raises by itself where the day is used up.
        wall: Now, in seconds since the epoch.
    """
    if limit == "day" and not counts_days:
        return DailyQuotaExceeded(
            f"{state.request.name}: the server says that the day's requests are used up",
            resets_at=wall + (_DAY if retry_after is None else retry_after),
            hint="Go on after resets_at",
        )
    is_too_far = limit != "day" and (retry_after or 0) > LONGEST_RETRY_AFTER
    if not is_too_far and state.throttled <= MAX_THROTTLED:
        return None
    return RateLimited(
        f"still 429 after {state.throttled} refusals",
        method=state.request.method,
        template=state.request.path.template,
        status=HTTPStatus.TOO_MANY_REQUESTS,
        retry_after=retry_after,
        attempts=state.attempts,
        hint="Somebody else may be using this quota; lower the client's rates",
    )


async def pieces_of(
    answer: OpenAnswer, state: RequestState, wall: Callable[[], float]
) -> AsyncGenerator[memoryview]:
    """The pieces of an answer's body.

    Args:
        answer: Whose head is there.
        state: Its request.
        wall: The clock, in seconds since the epoch.

    Raises:
        ElementsProcuraError: It breaks off.
    """
    async with contextlib.aclosing(answer.chunks()) as chunks:
        async for piece in chunks:
            if isinstance(piece, NoAnswer):
                raise transport_error(
                    state.request, piece, state.sent(wall()), status=answer.status
                )
            yield piece


async def refused_token(request: Request, incoming: OpenAnswer) -> RefusedToken:
    """The exception for an answer that refuses a token which others may be accepted with."""
    body = await incoming.read()
    error = RefusedToken(
        f"{request.name}: the server refuses a token that it just gave",
        hint="Check that webservice and scopes cover this call. A server whose clocks disagree "
        "refuses new tokens as well: try again later, or ask its operator",
        status=incoming.status,
    )
    error.method, error.template = request.method, str(request.path.template)
    error.ids = getattr(request.path.template, "ids", error.ids)
    error.manner = manner(incoming.headers, body if isinstance(body, bytes) else b"")
    return error


def limit_of(body: bytes | NoAnswer, retry_after: float | None) -> Literal["second", "day"] | None:
    """Which limit a 429 is about, as far as its body says."""
    return classify_429(body, retry_after=retry_after) if isinstance(body, bytes) else None


def token_request(grant: Grant, form: Form, timeouts: Timeouts) -> Request:
    """The request that asks the token endpoint of ``grant``."""
    return Request(
        "POST",
        Path.literal(grant.path),
        body=encoded(form),
        content_type="application/x-www-form-urlencoded",
        credentials=grant.credentials,
        timeouts=timeouts,
        max_bytes=_LONGEST_TOKEN,
    )


async def token_refusal(incoming: OpenAnswer) -> bool | None:
    """Whether the API itself may have refused the token; None if the answer is about another thing.

    It is about the token if it is a 401, or another refusal that says so in words. A page with 401
    may be that of something in front of the API.

    Args:
        incoming: An answer whose status is one of ``REFUSING_TOKENS``.
    """
    try:
        body = await incoming.read()
    except BaseException:
        incoming.close()
        raise
    challenge = incoming.headers.get("www-authenticate", "")
    if says_invalid_token(body if isinstance(body, bytes) else b"", challenge):
        return True
    if incoming.status != HTTPStatus.UNAUTHORIZED:
        return None
    if challenge:
        return True
    return isinstance(body, bytes) and (not body.strip() or is_possibly_own(incoming.headers, body))


def closed() -> ClosedError:
    """The exception for a call on a client that is closed."""
    return ClosedError("this client is closed", hint="Use it inside its `async with` block")
