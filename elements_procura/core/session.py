"""The session manager: scheduler → token → send → retry, one loop for every request."""

import contextlib
import logging
import random
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from http import HTTPStatus
from typing import Literal

import attrs

from elements_procura.auth.oauth import (
    Form,
    Grant,
    Token,
    account_of,
    encoded,
    parse_answer,
    says_invalid_token,
)
from elements_procura.auth.tokens import Answer, TokenKeeper, TokenStore
from elements_procura.clock import Clock
from elements_procura.core.answers import (
    Response,
    Sent,
    date_of,
    outcome_unknown,
    retry_after_of,
    status_error,
    transport_error,
    words_of,
)
from elements_procura.core.http import Failed, Http, Incoming, Request, Timeouts
from elements_procura.core.journal import Journal, Judge, documented, journaled
from elements_procura.core.reasons import reasons
from elements_procura.errors import (
    AuthenticationError,
    ClosedError,
    ConfigError,
    DailyQuotaExceeded,
    ElementsProcuraError,
    OutcomeUnknown,
    PayloadTooLarge,
    ProtocolError,
    RateLimited,
    ReadOnlyError,
)
from elements_procura.evidence import is_possibly_own
from elements_procura.paths import Path
from elements_procura.retry import (
    LONGEST_RETRY_AFTER,
    MAX_THROTTLED,
    Failure,
    delay,
)
from elements_procura.scheduler import Priority, Scheduler, Slot, Usage, classify_429

log = logging.getLogger("elements_procura.http")

_SUCCESS, _REFUSED, _BROKEN = 2, 4, 5
_REFUSING_TOKENS = (HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
_DAY = 86_400.0
MAX_BODY = 26_214_400
"""Bytes of the longest request body that Elements 1.9.6 takes."""
Settled = Callable[[Request, int, bytes], bool]
"""Whether an answer of 5xx, by its body, is the server's last word on this request: it is then
returned as any other answer, neither asked for again nor taken for an unknown outcome."""


@attrs.define
class Counters:
    """What a session has done since it was made.

    Attributes:
        sent: Requests that left, token requests and repeated ones included.
        throttled: Answers with status 429.
        renewals: Token requests that left.
    """

    sent: int = 0
    throttled: int = 0
    renewals: int = 0


@attrs.define(repr=False)
class _Course:
    """How far one request has come."""

    request: Request
    priority: Priority
    slot: Slot | None = None
    attempts: int = 0
    throttled: int = 0
    replayed: bool = False


@attrs.frozen(repr=False)
class Arriving:
    """An answer of 200 whose body arrives in pieces: iterate over it.

    Attributes:
        headers: By lower-case name.
    """

    headers: Mapping[str, str]
    _pieces: AsyncIterator[memoryview]

    def __aiter__(self) -> AsyncIterator[memoryview]:
        return self._pieces

    def __repr__(self) -> str:
        return "<Arriving>"


class Session:
    """Sends the requests of one tenant: one base URL, one account, one quota.

    Made and owned by a client; see there for what the options mean.
    """

    def __init__(
        self,
        http: Http,
        *,
        grant: Grant,
        store: TokenStore,
        scheduler: Scheduler,
        clock: Clock,
        read_only: bool = False,
        max_body: int = MAX_BODY,
        token_timeouts: Timeouts | None = None,
        journal: Journal | None = None,
        settled: Settled | None = None,
        judge: Judge = documented,
    ) -> None:
        self._http = http
        self._token_timeouts = token_timeouts or Timeouts()
        self._grant = grant
        self._scheduler = scheduler
        self._clock = clock
        self._read_only = read_only
        self._max_body = max_body
        self._settled = settled
        self._judge = judge
        self._journal = journal
        self._tokens = TokenKeeper(
            grant,
            account=account_of(http.base_url, grant),
            store=store,
            ask=self._ask_token,
            clock=clock,
        )
        self._closed = False
        self.counters = Counters()

    async def authenticate(self) -> None:
        """Make sure that there is a usable token.

        Raises:
            AuthenticationError: The server refuses these credentials.
            TransportError: The token endpoint cannot be reached.
        """
        self._check_open()
        await self._tokens.renew()

    @property
    def belongings(self) -> tuple[object, ...]:
        """What no other tenant's session may have: itself, its scheduler, a session handed in."""
        given = self._http.given
        return (self, self._scheduler, *(() if given is None else (given,)))

    async def send(self, request: Request, *, priority: Priority = Priority.NORMAL) -> Response:
        """Send ``request`` and return its whole answer, whatever its status but 401 and 429.

        Raises:
            ReadOnlyError: It writes and this client must not. Nothing was sent.
            PayloadTooLarge: Its body is over the documented limit. Nothing was sent.
            AuthenticationError: No token can be had, or a fresh one is refused.
            DailyQuotaExceeded: The day's requests are used up.
            RateLimited: The server keeps answering 429.
            NotSent, RequestTimeout, TransportError: No whole answer, after the retries.
            OutcomeUnknown: A write was sent, and nobody knows whether it took effect.
            ProtocolError: A redirect, or an answer over the size that was allowed.
        """
        self.check(request)
        course = _Course(request, priority)
        if self._journal is None or request.repeatable:
            return await self._whole(course)
        return await journaled(
            self._journal,
            request,
            lambda: self._whole(course),
            judge=self._judge,
            wall=self._clock.wall,
            may_have_left=lambda: course.attempts > 0,
        )

    @contextlib.asynccontextmanager
    async def stream(
        self, request: Request, *, priority: Priority = Priority.NORMAL
    ) -> AsyncIterator[Response | Arriving]:
        """As :meth:`send`, for an answer that is too long to hold.

        Yields:
            What iterates over the body's pieces when the status is 200; else the whole answer.
            A body that breaks off raises out of the iterator; it is not asked for again.
        """
        self.check(request)
        course = _Course(request, priority)
        incoming = await self._head(course)
        try:
            if incoming.status != HTTPStatus.OK:
                body = await incoming.read()
                whole = body if isinstance(body, bytes) else b""
                yield _response(incoming, whole, course)
            else:
                async with contextlib.aclosing(self._pieces(incoming, course)) as pieces:
                    yield Arriving(incoming.headers, pieces)
        finally:
            incoming.close()

    def outcome_unknown(self, response: Response) -> OutcomeUnknown:
        """The exception for a write whose answer is not documented."""
        text = f"the server answered {response.status} in a way that is not documented"
        sent = Sent(response.attempts, self._clock.wall())
        words = reasons(response.headers, response.body)
        return outcome_unknown(response.request, text, sent, words=words)

    def quota(self) -> tuple[Usage, ...]:
        """How full the windows are that the scheduler guards."""
        return self._scheduler.quota()

    async def aclose(self) -> None:
        """Wait for a token renewal under way, then close all that was opened here."""
        if self._closed:
            return
        self._closed = True
        try:
            await self._tokens.aclose()
        finally:
            await self._scheduler.aclose()
            await self._http.aclose()

    def _check_open(self) -> None:
        if self._closed:
            raise _closed()

    def check(self, request: Request) -> None:
        """Refuse what :meth:`send` would refuse before anything is sent.

        Raises:
            ReadOnlyError: It writes and this client must not.
            PayloadTooLarge: Its body is over the documented limit.
        """
        self._check_open()
        if self._read_only and not request.repeatable:
            raise ReadOnlyError(
                f"{request.name} would write, and this client was made with read_only=True"
            )
        if request.body is not None and len(request.body) > self._max_body:
            raise PayloadTooLarge(
                f"the body has {len(request.body):,} bytes, {self._max_body:,} are allowed; "
                "nothing was sent",
                hint="Raise max_body if the server takes more",
                method=request.method,
                template=request.path.template,
                status=0,
                attempts=0,
            )

    async def _whole(self, course: _Course) -> Response:
        while True:
            incoming = await self._head(course)
            try:
                body = await incoming.read()
            finally:
                incoming.close()
            if isinstance(body, bytes):
                return _response(incoming, body, course)
            await self._pause_or_raise(course, body, status=incoming.status)

    async def _head(self, course: _Course) -> Incoming:
        """Send until there is an answer worth reading: not 401, not 429, not to be repeated."""
        while True:
            incoming = await self._once(course)
            if isinstance(incoming, Failed):
                await self._pause_or_raise(course, incoming, status=None)
                continue
            family = incoming.status // 100
            if family in (_SUCCESS, _REFUSED) or await self._is_settled(course, incoming):
                return incoming
            if family != _BROKEN:
                incoming.close()
                raise self._redirected(course, incoming.status)
            wait = self._delay(course, Failure.SERVER, incoming)
            if wait is None and course.request.repeatable:
                return incoming
            if wait is None:
                raise outcome_unknown(
                    course.request,
                    f"status {incoming.status} after sending",
                    self._sent(course),
                    words=await words_of(incoming),
                )
            incoming.close()
            await self._clock.sleep(wait)

    def _redirected(self, course: _Course, status: int) -> OutcomeUnknown | ProtocolError:
        text = f"the server redirects (status {status})"
        if not course.request.repeatable:
            # After a POST, a redirect usually leads to what it has made.
            return outcome_unknown(course.request, text, self._sent(course))
        return ProtocolError(
            f"{text}, which is not followed",
            method=course.request.method,
            template=course.request.path.template,
            status=status,
            attempts=course.attempts,
            hint="Check the address: is this the API's own host, and https?",
        )

    async def _is_settled(self, course: _Course, incoming: Incoming) -> bool:
        if self._settled is None or incoming.status // 100 != _BROKEN:
            return False
        try:
            body = await incoming.read()
        except BaseException:
            incoming.close()
            raise
        return isinstance(body, bytes) and self._settled(course.request, incoming.status, body)

    async def _once(self, course: _Course) -> Incoming | Failed:
        """One slot, one token, one request. A 401 or 429 is dealt with here and sent again."""
        request = course.request
        while True:
            course.slot = slot = await self._scheduler.acquire(
                priority=course.priority, retry_of=course.slot
            )
            if self._closed:  # while the slot was on its way
                slot.abandon()
                raise _closed()
            token = None
            if request.credentials is None and not request.anonymous:
                # Read after the wait for the slot and sent without another await: a token that
                # was fetched earlier may have died in the queue.
                token = self._tokens.current()
                if token is None:
                    slot.abandon()
                    await self._tokens.renew(slot=slot)
                    continue
            course.attempts += 1
            self.counters.sent += 1
            started = self._clock.now()
            try:
                incoming = await self._http.open(request, token)
            except BaseException:
                slot.finish(status=None)
                raise
            if isinstance(incoming, Failed):
                slot.finish(status=None)
                log.debug("%s failed: %s", request.name, incoming.text)
                return incoming
            log.debug(
                "%s → %d in %.0f ms (attempt %d)",
                request.name,
                incoming.status,
                1000 * (self._clock.now() - started),
                course.attempts,
            )
            if incoming.status == HTTPStatus.TOO_MANY_REQUESTS:
                await self._throttled(course, slot, incoming)
                continue
            slot.finish(status=incoming.status, server_date=date_of(incoming.headers))
            if token is None or not await self._is_refused(course, token, incoming):
                return incoming

    async def _is_refused(self, course: _Course, token: Token, incoming: Incoming) -> bool:
        """Whether the token was refused, so that the request is to be sent with a new one."""
        refusal = await _refusal_of_token(incoming)
        if refusal is None:
            if incoming.status // 100 != _BROKEN:
                self._tokens.accept()
            return False
        if course.replayed and not refusal:
            return False  # a page that no new token changes is an answer like any other
        incoming.close()
        self._tokens.reject(token, is_proven=refusal)
        if course.replayed:
            raise AuthenticationError(
                f"{course.request.name}: the server refuses a token that it just gave",
                hint="Check that webservice and scopes cover this call",
                status=401,
            )
        course.replayed = True
        return True

    async def _throttled(self, course: _Course, slot: Slot, incoming: Incoming) -> None:
        """Tell the scheduler, which holds everybody back; used up for the day, it raises next."""
        self.counters.throttled += 1
        course.throttled += 1
        retry_after = retry_after_of(incoming.headers)
        limit: Literal["second", "day"] | None = None
        try:
            limit = _limit_of(await incoming.read(), retry_after)
        finally:
            incoming.close()
            slot.finish(status=incoming.status, limit=limit, retry_after=retry_after)
        if limit == "day" and not any(rate.is_quota for rate in self._scheduler.rates):
            raise DailyQuotaExceeded(
                f"{course.request.name}: the server says that the day's requests are used up",
                resets_at=self._clock.wall() + (_DAY if retry_after is None else retry_after),
                hint="Go on after resets_at",
            )
        too_long = limit != "day" and (retry_after or 0) > LONGEST_RETRY_AFTER
        if too_long or course.throttled > MAX_THROTTLED:
            raise RateLimited(
                f"still 429 after {course.throttled} refusals",
                method=course.request.method,
                template=course.request.path.template,
                status=incoming.status,
                retry_after=retry_after,
                attempts=course.attempts,
                hint="Somebody else may be using this quota; lower the client's rates",
            )

    def _delay(self, course: _Course, failure: Failure, incoming: Incoming | None) -> float | None:
        return delay(
            failure,
            attempt=course.attempts - course.throttled - course.replayed,
            safe=course.request.repeatable,
            random=random.random,
            retry_after=None if incoming is None else retry_after_of(incoming.headers),
            most=course.request.attempts,
        )

    async def _pause_or_raise(self, course: _Course, failed: Failed, *, status: int | None) -> None:
        wait = self._delay(course, failed.failure, None)
        if wait is None:
            raise transport_error(course.request, failed, self._sent(course), status=status)
        if self._closed:
            raise _closed()
        await self._clock.sleep(wait)

    def _sent(self, course: _Course) -> Sent:
        return Sent(course.attempts, self._clock.wall())

    async def _pieces(self, incoming: Incoming, course: _Course) -> AsyncGenerator[memoryview]:
        async with contextlib.aclosing(incoming.chunks()) as chunks:
            async for piece in chunks:
                if isinstance(piece, Failed):
                    raise transport_error(
                        course.request, piece, self._sent(course), status=incoming.status
                    )
                yield piece

    async def _ask_token(self, form: Form, previous: Token | None, slot: object) -> Answer:
        """One token request, with the retries of a read: repeating one loses nothing."""
        course = _Course(
            Request(
                "POST",
                Path.literal(self._grant.path),
                body=encoded(form),
                content_type="application/x-www-form-urlencoded",
                credentials=self._grant.credentials,
                timeouts=self._token_timeouts,
                max_bytes=64 * 1024,
            ),
            Priority.NORMAL,
            # Never as bulk: a token is everybody's, and bulk's share of the day may be used up.
            slot if isinstance(slot, Slot) and slot.priority is not Priority.BULK else None,
        )
        self.counters.renewals += 1
        try:
            response = await self._whole(course)
        except ElementsProcuraError as error:
            return error.with_traceback(None)
        if response.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return status_error(response)
        wall = self._clock.wall()
        return parse_answer(response.status, response.body, wall=wall, previous=previous)


def max_body_of(size: object) -> int:
    """The longest body that is sent.

    Raises:
        ConfigError: It is no whole number of bytes.
    """
    if isinstance(size, bool) or not isinstance(size, int) or size < 1:
        raise ConfigError("max_body must be a whole number of bytes of 1 or more")
    return size


async def _refusal_of_token(incoming: Incoming) -> bool | None:
    """Whether the API itself may have refused the token; None if the answer is about another thing.

    It is about the token if it is a 401, or another refusal that says so in words. A page with 401
    may be that of something in front of the API.
    """
    if incoming.status not in _REFUSING_TOKENS:
        return None
    try:
        body = await incoming.read()
    except BaseException:
        incoming.close()
        raise
    told = incoming.headers.get("www-authenticate", "")
    if says_invalid_token(body if isinstance(body, bytes) else b"", told):
        return True
    if incoming.status != HTTPStatus.UNAUTHORIZED:
        return None
    if told:
        return True
    return isinstance(body, bytes) and (not body.strip() or is_possibly_own(incoming.headers, body))


def _response(incoming: Incoming, body: bytes, course: _Course) -> Response:
    return Response(
        incoming.status,
        incoming.headers,
        body,
        course.request,
        course.attempts,
        incoming.connection,
    )


def _closed() -> ClosedError:
    return ClosedError("this client is closed", hint="Use it inside its `async with` block")


def _limit_of(body: bytes | Failed, retry_after: float | None) -> Literal["second", "day"] | None:
    return classify_429(body, retry_after=retry_after) if isinstance(body, bytes) else None
