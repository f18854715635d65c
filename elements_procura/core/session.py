"""The session manager: scheduler → token → send → retry, one loop for every request."""

import contextlib
import random
from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import TYPE_CHECKING

from elements_procura._lazy import later
from elements_procura.auth.grants import Form, Grant, account_of
from elements_procura.auth.oauth import Token, parse_answer
from elements_procura.auth.refusals import Answer
from elements_procura.auth.tokens import TokenKeeper, TokenStore
from elements_procura.clock import Clock
from elements_procura.core.answers import (
    Response,
    date_of,
    outcome_unknown,
    retry_after_of,
    status_error,
    transport_error,
    words_of,
)
from elements_procura.core.failures import NoAnswer
from elements_procura.core.http import Http, OpenAnswer, Request
from elements_procura.core.judge import Judge, Settled, documented
from elements_procura.core.observe import Observer, guarded
from elements_procura.core.request_state import (
    REFUSING_TOKENS,
    BodyStream,
    Counters,
    RequestState,
    closed,
    limit_of,
    pieces_of,
    redirect_error,
    refused_token,
    throttled_for_good,
    token_refusal,
    token_request,
    unsendable,
)
from elements_procura.core.timeouts import Timeouts
from elements_procura.core.watch import Watch
from elements_procura.errors import ElementsProcuraError, ReadOnlyError
from elements_procura.retry import Failure, delay
from elements_procura.scheduler import Limit, Priority, Scheduler, Slot, Usage

if TYPE_CHECKING:
    from elements_procura.core import journal as journals
else:
    journals = later("elements_procura.core.journal")

_SUCCESS, _REFUSED, _BROKEN, _TOO_MANY = 2, 4, 5, 429


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
        max_body: int,
        read_only: bool = False,
        token_timeouts: Timeouts | None = None,
        journal: "journals.Journal | None" = None,
        settled: Settled | None = None,
        judge: Judge = documented,
        observer: Observer | None = None,
        tenant: str = "",
    ) -> None:
        self._http, base_url = http, http.base_url
        self.watch: Watch = Watch(guarded(observer), tenant=tenant, base_url=base_url, clock=clock)
        self._grant, self._token_timeouts = grant, token_timeouts or Timeouts()
        self.judge: Judge = judge
        self.clock = clock
        self._scheduler, self._read_only, self._max_body = scheduler, read_only, max_body
        self._settled, self._journal = settled, journal
        self._tokens = TokenKeeper(
            grant,
            account=account_of(base_url, grant),
            store=store,
            ask=self._ask_token,
            clock=clock,
            facts=self.watch.facts,
        )
        self._closed = False
        self.counters: Counters = Counters()
        self.watch.attach(self.quota)

    async def authenticate(self) -> None:
        """Make sure that there is a usable token.

        Raises:
            AuthenticationError: The server refuses these credentials.
            TransportError: The token endpoint cannot be reached.
        """
        self._check_open()
        await self._tokens.renew()

    @property
    def exclusive_resources(self) -> tuple[object, ...]:
        """Objects that two tenants must not share: the session, its scheduler, an HTTP session."""
        given = () if self._http.given is None else (self._http.given,)
        return (self, self._scheduler, *given)

    async def send(self, request: Request, *, priority: Priority = Priority.NORMAL) -> Response:
        """Send ``request`` and return its whole answer, whatever its status but 401 and 429.

        Raises:
            InputError: Its query cannot be written in an address. Nothing was sent.
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
        state = RequestState(request, priority)
        if self._journal is None or request.repeatable:
            return await self._whole(state)
        return await journals.journaled(
            self._journal,
            request,
            lambda: self._whole(state),
            judge=self.judge,
            wall=self.clock.wall,
            may_have_left=lambda: state.attempts > 0,
        )

    @contextlib.asynccontextmanager
    async def stream(
        self, request: Request, *, priority: Priority = Priority.NORMAL
    ) -> AsyncIterator[Response | BodyStream]:
        """As :meth:`send`, for an answer that is too long to hold.

        Yields:
            What iterates over the body's pieces when the status is 200; else the whole answer.
            A body that breaks off raises out of the iterator; it is not asked for again.
        """
        self.check(request)
        state = RequestState(request, priority)
        try:
            incoming = await self._head(state)
        except BaseException:
            self.watch.abandon(state)
            raise
        try:
            if incoming.status != HTTPStatus.OK:
                body = await incoming.read()
                whole = body if isinstance(body, bytes) else b""
                yield state.response(incoming, whole)
            else:
                async with contextlib.aclosing(
                    pieces_of(incoming, state, self.clock.wall)
                ) as pieces:
                    yield BodyStream(incoming.headers, pieces)
        finally:
            self.watch.end(state, incoming.status, incoming.size, error=incoming.error)
            incoming.close()

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
            self.watch.detach()

    def _check_open(self) -> None:
        if self._closed:
            raise closed()

    def check(self, request: Request) -> None:
        """Refuse what :meth:`send` would refuse before anything is sent.

        Raises:
            InputError: Its query cannot be written in an address.
            ReadOnlyError: It writes and this client must not.
            PayloadTooLarge: Its body is over the documented limit.
        """
        self._check_open()
        if self._read_only and not request.repeatable:
            raise ReadOnlyError(
                f"{request.name} would write, and this client was made with read_only=True"
            )
        if (error := unsendable(request, self._max_body)) is not None:
            raise error

    async def _whole(self, state: RequestState) -> Response:
        try:
            while True:
                incoming = await self._head(state)
                try:
                    body = await incoming.read()
                finally:
                    incoming.close()
                self.watch.end(state, incoming.status, incoming.size, error=incoming.error)
                if isinstance(body, bytes):
                    return state.response(incoming, body)
                await self._pause_or_raise(state, body, status=incoming.status)
        finally:
            self.watch.abandon(state)

    async def _head(self, state: RequestState) -> OpenAnswer:
        """Send until there is an answer worth reading: not 401, not 429, not to be repeated."""
        while True:
            incoming = await self._once(state)
            if isinstance(incoming, NoAnswer):
                await self._pause_or_raise(state, incoming, status=None)
                continue
            family = incoming.status // 100
            if family in (_SUCCESS, _REFUSED) or await self._is_settled(state, incoming):
                return incoming
            if family != _BROKEN:
                incoming.close()
                self.watch.end(state, incoming.status, error="a redirect")
                raise redirect_error(state, incoming.status, self.clock.wall())
            wait = self._delay(state, Failure.SERVER, incoming)
            if wait is None and state.request.repeatable:
                return incoming
            if wait is None:
                try:
                    raise outcome_unknown(
                        state.request,
                        f"status {incoming.status} after sending",
                        state.sent(self.clock.wall()),
                        words=await words_of(incoming),
                    )
                finally:
                    self.watch.end(state, incoming.status, incoming.size)
            incoming.close()
            self.watch.end(state, incoming.status, incoming.size)
            why = f"the server answered {incoming.status}"
            self.watch.repeat(state, why=why, status=incoming.status, after=wait)
            await self.clock.sleep(wait)

    async def _is_settled(self, state: RequestState, incoming: OpenAnswer) -> bool:
        if self._settled is None or incoming.status // 100 != _BROKEN:
            return False
        try:
            body = await incoming.read()
        except BaseException:
            incoming.close()
            raise
        return isinstance(body, bytes) and self._settled(state.request, incoming.status, body)

    async def _once(self, state: RequestState) -> OpenAnswer | NoAnswer:
        """One slot, one token, one request. A 401 or 429 is dealt with here and sent again."""
        request = state.request
        while True:
            self.watch.queue(state)
            state.slot = slot = await self._scheduler.acquire(
                priority=state.priority, retry_of=state.slot
            )
            if self._closed:  # while the slot was on its way
                slot.abandon()
                raise closed()
            token = None
            if request.credentials is None and not request.anonymous:
                # Read after the wait for the slot and sent without another await: a token that
                # was fetched earlier may have died in the queue.
                token = self._tokens.current()
                if token is None:
                    slot.abandon()
                    await self._tokens.renew(slot=slot)
                    continue
            if slot.has_lapsed:  # this process was stopped, and others go on in its place
                slot.abandon()
                continue
            state.attempts += 1
            self.counters.sent += 1
            self.watch.leave(state)
            try:
                incoming = await self._http.open(request, token)
            except BaseException:
                slot.finish(status=None)
                raise
            if isinstance(incoming, NoAnswer):
                slot.finish(status=None)
                self.watch.end(state, None, error=incoming.text)
                return incoming
            if incoming.status == _TOO_MANY:
                await self._throttled(state, slot, incoming)
                continue
            date = date_of(incoming.headers) if self._scheduler.mode == "adaptive" else None
            slot.finish(status=incoming.status, server_date=date)
            if (
                token is None
                or self._is_accepted(state, token, incoming.status)
                or not await self._is_refused(state, token, incoming)
            ):
                return incoming

    def _is_accepted(self, state: RequestState, token: Token, status: int) -> bool:
        if status in REFUSING_TOKENS:
            return False
        if status // 100 != _BROKEN:
            self._tokens.accept(token, state.request.path)
        return True

    async def _is_refused(self, state: RequestState, token: Token, incoming: OpenAnswer) -> bool:
        """Whether the token was refused, so that the request is to be sent with a new one."""
        refusal = await token_refusal(incoming)
        if refusal is None:
            self._tokens.accept(token, state.request.path)
            return False
        path = state.request.path
        renews = self._tokens.reject(token, path, is_proven=refusal, is_fresh=state.replayed)
        if not renews and not refusal:
            return False  # a page that no new token changes is an answer like any other
        incoming.close()
        self.watch.end(state, incoming.status, incoming.size)
        if not renews:
            raise await refused_token(state.request, incoming)
        state.replayed = True
        return True

    async def _throttled(self, state: RequestState, slot: Slot, incoming: OpenAnswer) -> None:
        """Report a 429 to the scheduler, which then delays requests or raises."""
        self.counters.throttled += 1
        state.throttled += 1
        retry_after = retry_after_of(incoming.headers)
        limit: Limit | None = None
        try:
            limit = limit_of(await incoming.read(), retry_after)
        finally:
            incoming.close()
            slot.finish(status=incoming.status, limit=limit, retry_after=retry_after)
            self.watch.end(state, incoming.status, incoming.size)
        self.watch.throttle(state, limit=limit, retry_after=retry_after)
        days, wall = any(rate.is_quota for rate in self._scheduler.rates), self.clock.wall()
        error = throttled_for_good(state, limit, retry_after, counts_days=days, wall=wall)
        if error is not None:
            raise error

    def _delay(
        self, state: RequestState, failure: Failure, incoming: OpenAnswer | None
    ) -> float | None:
        return delay(
            failure,
            attempt=state.attempts - state.throttled - state.replayed,
            safe=state.request.repeatable,
            random=random.random,
            retry_after=None if incoming is None else retry_after_of(incoming.headers),
            most=state.request.attempts,
        )

    async def _pause_or_raise(
        self, state: RequestState, failed: NoAnswer, *, status: int | None
    ) -> None:
        wait = self._delay(state, failed.failure, None)
        if wait is None:
            raise transport_error(
                state.request, failed, state.sent(self.clock.wall()), status=status
            )
        if self._closed:
            raise closed()
        self.watch.repeat(state, why=failed.text, status=status, after=wait)
        await self.clock.sleep(wait)

    async def _ask_token(self, form: Form, previous: Token | None, slot: object) -> Answer:
        """One token request, with the retries of a read: repeating one loses nothing."""
        state = RequestState(
            token_request(self._grant, form, self._token_timeouts),
            Priority.NORMAL,
            # Never as bulk: a token is everybody's, and bulk's share of the day may be used up.
            slot if isinstance(slot, Slot) and slot.priority is not Priority.BULK else None,
        )
        self.counters.renewals += 1
        try:
            response = await self._whole(state)
        except ElementsProcuraError as error:
            self.watch.renew(is_granted=False)
            return error.with_traceback(None)
        self.watch.renew(is_granted=response.status == HTTPStatus.OK)
        if response.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return status_error(response)
        wall = self.clock.wall()
        return parse_answer(response.status, response.body, wall=wall, previous=previous)
