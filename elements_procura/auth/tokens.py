"""The token keeper: which token a request carries, and one renewal however many wait for it."""

import asyncio
import copy
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Protocol

import attrs

from elements_procura.auth.grants import Form, Grant
from elements_procura.auth.oauth import Refusal, Token, UnexpectedAnswer, refresh_form
from elements_procura.auth.refusals import Answer, error_of
from elements_procura.clock import Clock
from elements_procura.errors import (
    AuthenticationError,
    ClosedError,
    ElementsProcuraError,
    InvalidClient,
    RefusedToken,
    StoreError,
)
from elements_procura.paths import Path

__all__ = ["TokenStore"]


_MOST_UNSENT = 3  # tokens in a row that end before they are sent
_STORM = 3  # fresh tokens that are refused, one after the other
_BREAK = 60.0  # seconds without token requests after that
_LOOK = 1.0  # seconds to the first request that looks whether it is over; then twice as many
_REMEMBERED = 300.0  # seconds for which a path is known to refuse tokens that others take
_SKEW = 300.0  # seconds that the clocks of two machines may differ by


class TokenStore(Protocol):
    """Where tokens outlive the object that fetched them. Several processes may share one.

    Its methods raise :class:`~elements_procura.errors.StoreError`.
    """

    def exclusive(self, account: str) -> AbstractAsyncContextManager[int]:
        """Nobody else renews this account's token inside this context.

        It gives a fence: a number that grows from one holder of a lock to the next, if the lock
        can be lost while it is held (a lease that runs out), else 0.
        """

    async def load(self, account: str) -> Token | None:
        """The token saved last for this account.

        Args:
            account: Whose: a text made of the address and the grant, without anything secret.

        Raises:
            StoreError: It cannot be read.
        """

    async def save(self, account: str, token: Token | None, fence: int) -> None:
        """Keep ``token``; None forgets the account.

        Args:
            account: Whose.
            token: The token to keep.
            fence: The number of :meth:`exclusive`. A store whose locks can be lost refuses the save
                of a holder that was overtaken.

        Raises:
            StoreError: It cannot be kept.
        """


@attrs.define(eq=False, repr=False)
class _HeldToken:
    token: Token
    ends_at: float  # monotonic
    margin: float  # seconds before its end at which it is renewed
    usable: bool = True
    accepted: bool = False  # by any request
    counted: bool = False  # among those that were refused in a row


@attrs.frozen(eq=False, repr=False)
class _UnsavedToken:
    token: Token
    instead_of: Token | None  # what the store held before it was fetched


class TokenKeeper:
    """Holds one account's token and renews it.

    Reading the token never awaits: the session reads it after its wait for the scheduler and
    sends at once, so the token cannot die in a queue. Renewal happens ahead of expiry, once
    per token generation however many callers wait for it, and shielded from their cancellation.

    After three fresh tokens in a row that the server refused or that ended before they could be
    sent, or a client id that it does not know, no token is asked for during a minute: everybody
    gets the error at once instead. After refused tokens, one request carries the last of them after
    one, two, four … seconds, to see whether it is accepted again. A 401 of the token endpoint that
    names no reason is asked again after as long.

    A token that other requests are accepted with is not renewed for the sake of a path that has
    refused a fresh one lately.

    Args:
        grant: How the account comes by its first token.
        account: The name of its entry in ``store``.
        store: Where the token is kept.
        ask: Sends a token request.
        clock: The time.
        facts: The attributes of every log record, such as the tenant.
    """

    def __init__(
        self,
        grant: Grant,
        *,
        account: str,
        store: TokenStore,
        ask: Callable[[Form, Token | None, object], Awaitable[Answer]],
        clock: Clock,
        facts: Mapping[str, object] | None = None,
    ) -> None:
        self._log = logging.LoggerAdapter(logging.getLogger("elements_procura.auth"), facts)
        self._grant = grant
        self._account = account
        self._store = store
        self._ask = ask
        self._clock = clock
        self._held: _HeldToken | None = None
        self._renewal: asyncio.Task[ElementsProcuraError | None] | None = None
        self._closed = False
        self._unsent = 0  # tokens fetched since one was last sent
        self._unsaved: _UnsavedToken | None = None
        self._refused = 0  # tokens in a row
        self._broken: ElementsProcuraError | None = None
        self._broken_until = 0.0
        self._look_at = 0.0
        self._pause = _LOOK
        self._refusing: dict[str, float] = {}  # paths' templates, and when they refused last

    def current(self) -> Token | None:
        """The token to send, or None when it has to be renewed first."""
        token = self._living() or self._looking()
        if token is not None:
            self._unsent = 0
        return token

    def _looking(self) -> Token | None:
        """The last of several refused tokens, when it is time to try it again."""
        held, now = self._held, self._clock.now()
        is_due = self._refused >= _STORM and self._look_at <= now < self._broken_until
        if held is None or not is_due or held.ends_at <= now:
            return None
        self._look_at = now + self._next_pause()
        return held.token

    def _next_pause(self) -> float:
        pause, self._pause = self._pause, min(2 * self._pause, _BREAK)
        return pause

    def _living(self) -> Token | None:
        held = self._held
        if held is None or not held.usable:
            return None
        # Both clocks are asked and the earlier one wins: the monotonic clock may stand still
        # while a machine sleeps, the wall clock may be set back.
        ended = self._clock.now() >= held.ends_at - held.margin
        over = self._clock.wall() >= held.token.expires_at - held.margin
        return None if ended or over else held.token

    def accept(self, token: Token, path: Path) -> None:
        """Note that the server took ``token`` for a request."""
        held = self._held
        if held is not None and held.token is token:
            held.accepted = True
            self._pause = _LOOK
        if self._refused or self._refusing:
            self._recover(token, path)

    def _recover(self, token: Token, path: Path) -> None:
        self._refusing.pop(path.shown, None)
        held = self._held
        if self._refused < _STORM:
            self._refused = 0
        elif held is not None and held.token is token:
            held.usable = True
            self._refused, self._broken = 0, None

    def reject(
        self, token: Token, path: Path, *, is_proven: bool = True, is_fresh: bool = False
    ) -> bool:
        """Note that the server refused ``token`` for a request.

        Args:
            token: The refused token.
            path: Of the request.
            is_proven: Whether the API itself could have said so. A proxy in front of it may refuse
                any number of tokens, which counts as an outage.
            is_fresh: Whether it was fetched because another was refused for the same request.
                Then a third is not worth asking for, and others may be accepted with this one.

        Returns:
            Whether the request is to be sent with another token.
        """
        held = self._held
        if held is not None and held.token is token:
            is_known = self._is_refusing(path.shown) and held.accepted
            if is_proven and not (is_known and held.usable):
                self._count(held)
            if is_fresh or is_known:
                self._refusing[path.shown] = self._clock.now()
                return False
            held.usable = False
        return not is_fresh

    def _is_refusing(self, template: str) -> bool:
        at = self._refusing.get(template)
        return at is not None and self._clock.now() < at + _REMEMBERED

    def _count(self, held: _HeldToken) -> None:
        if held.counted:
            return
        held.counted = True
        self._refused += 1
        if self._refused >= _STORM:
            self._log.warning("token: %d refused in a row; none is asked for now", self._refused)
            self._look_at = self._clock.now() + self._next_pause()
            self._break(
                RefusedToken(
                    f"the server refused {self._refused} tokens in a row that it had just given",
                    hint="Check that webservice and scopes cover these calls; "
                    f"the next try is {_BREAK:.0f} s after the last",
                    status=401,
                )
            )

    def _break(self, error: ElementsProcuraError, *, seconds: float = _BREAK) -> None:
        self._broken = error
        self._broken_until = self._clock.now() + seconds

    async def renew(self, *, slot: object = None) -> None:
        """Return when there is a usable token.

        Args:
            slot: A slot of the scheduler that was given up for this, if any: the token request
                takes its place in the queue.

        Raises:
            AuthenticationError: The server refuses these credentials.
            ReauthorizationRequired: The grant is gone, and no credential here replaces it.
            TransportError: The token endpoint cannot be reached.
        """
        if self._closed:
            raise ClosedError("this client is closed")
        if self._living() is not None:
            return
        if self._broken is not None:
            if self._clock.now() < self._broken_until:
                raise copy.copy(self._broken)
            self._broken = None
        if self._renewal is None:
            self._renewal = asyncio.get_running_loop().create_task(self._renew(slot))
            self._renewal.add_done_callback(self._renewed)
        failure = await asyncio.shield(self._renewal)
        if failure is not None:
            # Every waiter raises an exception of its own, or one would collect all tracebacks.
            raise copy.copy(failure)

    async def aclose(self) -> None:
        """Stop renewing. A renewal under way is waited for: its token may be the only one.

        One that could not be saved is tried to be saved once more.
        """
        self._closed = True
        if self._renewal is not None:
            await asyncio.wait([self._renewal])
        if self._unsaved is not None and self._unsaved.token.refresh is not None:
            # The last moment at which it can be kept: whatever hindered it may have passed.
            try:
                await self._save_late()
            except StoreError:
                self._log.warning("token: the last one is lost, the store cannot take it")

    async def _save_late(self) -> None:
        async with self._store.exclusive(self._account) as fence:
            stored = await self._store.load(self._account)
            unsaved = self._unsaved
            if unsaved is not None and stored in (None, unsaved.instead_of):
                await self._keep(unsaved, fence)

    def _renewed(self, task: asyncio.Task[ElementsProcuraError | None]) -> None:
        self._renewal = None
        if not task.cancelled():
            task.exception()  # seen, also when every waiter has gone

    async def _renew(self, slot: object) -> ElementsProcuraError | None:
        try:
            answer = await self._renewed_token(slot)
        except ElementsProcuraError as error:  # the store's
            answer = error.with_traceback(None)
        if answer is None:
            return None
        if not isinstance(answer, Refusal) and self._held is not None:
            # Renewal begins ahead of the end: until then the old token does.
            self._held.margin = 0.0
            if self._living() is not None:
                self._log.warning("token: not renewed; the old one is used to its end")
                return None
        failure = error_of(answer, self._grant)
        if isinstance(failure, InvalidClient) and failure.is_proven:
            # Without a reason it may be a passing one.
            self._break(failure, seconds=_BREAK if failure.error else self._next_pause())
        return failure

    async def _renewed_token(
        self, slot: object
    ) -> Refusal | UnexpectedAnswer | ElementsProcuraError | None:
        """Hold a usable token, or return the failure."""
        if self._unsent >= _MOST_UNSENT:
            self._unsent = 0
            short = AuthenticationError(
                "every token dies before it can be sent",
                hint="The server gives tokens of a very short life: ask its operator; "
                f"the next try is {_BREAK:.0f} s after the last",
            )
            # Or every call would cost as many requests for tokens that nobody can use.
            self._break(short)
            return short
        async with self._store.exclusive(self._account) as fence:
            stored = await self._store.load(self._account)
            unsaved, self._unsaved = self._unsaved, None
            if unsaved is not None and stored in (None, unsaved.instead_of):
                # Asking again would lose it, and with it the only refresh token that is good.
                await self._keep(unsaved, fence)
                if self._living() is not None:
                    return None
                stored = unsaved.token
            elif stored is not None and self._is_news(stored):
                self._hold(stored)
                if self._living() is not None:
                    self._log.debug("token: another holder of this store has renewed it")
                    return None
            answer = await self._next_token(stored, slot, fence)
            if isinstance(answer, Token):
                await self._keep(_UnsavedToken(answer, stored), fence)
                self._unsent += 1
                return None
            return answer

    async def _keep(self, fetched: _UnsavedToken, fence: int) -> None:
        # Saved before anyone uses it: a rotated refresh token that is lost locks us out.
        self._unsaved = fetched  # until the store has it, whatever ends the saving
        await self._store.save(self._account, fetched.token, fence)
        self._unsaved = None
        self._hold(fetched.token)

    async def _next_token(self, stored: Token | None, slot: object, fence: int) -> Answer:
        form = self._grant.form()
        # Presented once more, a used one may end all that was granted: not without need.
        is_avoided = form is not None and stored is not None and stored.is_doubtful
        if stored is not None and stored.refresh is not None and not is_avoided:
            answer = await self._ask(refresh_form(stored.refresh), stored, slot)
            if not isinstance(answer, Refusal) or not answer.ends_grant:
                # It may be the only way back in: only its own refusal proves that it is void.
                self._log.info(
                    "token: refreshed" if isinstance(answer, Token) else "token: not refreshed"
                )
                return answer
            self._log.warning("token: the refresh token was refused; it is forgotten")
            await self._store.save(self._account, None, fence)
        if form is None:
            return Refusal(0, "invalid_grant")
        answer = await self._ask(form, None, slot)
        if isinstance(answer, Token) or (isinstance(answer, Refusal) and answer.ends_grant):
            self._grant.answered()
        if isinstance(answer, Token):
            self._log.info("token: granted")
        return answer

    def _is_news(self, stored: Token) -> bool:
        return self._held is None or stored.access != self._held.token.access

    def _hold(self, token: Token) -> None:
        left = min(token.lifetime, token.expires_at - self._clock.wall())
        if token.expires_at > self._clock.wall() + token.lifetime + _SKEW:
            left = 0.0  # fetched in the future: a clock was wrong, and nobody knows when it ends
        self._held = _HeldToken(token, self._clock.now() + left, token.margin)
