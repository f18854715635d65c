"""The token keeper: which token a request carries, and one renewal however many wait for it."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Protocol

import attrs

from elements_procura.clock import Clock
from elements_procura.errors import (
    AuthenticationError,
    ClosedError,
    ElementsProcuraError,
    ReauthorizationRequired,
)
from elements_procura.oauth import Gibberish, Grant, Refusal, Token, refresh_form
from elements_procura.secret import Secret

log = logging.getLogger("elements_procura.auth")

_MOST_UNSENT = 10

Form = Mapping[str, str | Secret]
Answer = Token | Refusal | Gibberish | ElementsProcuraError
"""What came of a token request: the last is a transport error, as a value."""


class TokenStore(Protocol):
    """Where tokens outlive the object that fetched them. Several processes may share one."""

    def exclusive(self, account: str) -> AbstractAsyncContextManager[None]:
        """Nobody else renews this account's token inside this context."""

    async def load(self, account: str) -> Token | None:
        """The token saved last for this account."""

    async def save(self, account: str, token: Token | None) -> None:
        """Keep ``token``; None forgets the account."""


class MemoryTokenStore:
    """Tokens kept in memory: gone with the process."""

    def __init__(self) -> None:
        self._tokens: dict[str, Token] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    @contextlib.asynccontextmanager
    async def exclusive(self, account: str) -> AsyncIterator[None]:
        """Nobody else of this process renews this account's token inside this context."""
        async with self._locks.setdefault(account, asyncio.Lock()):
            yield

    async def load(self, account: str) -> Token | None:
        """The token saved last for this account."""
        return self._tokens.get(account)

    async def save(self, account: str, token: Token | None) -> None:
        """Keep ``token``; None forgets the account."""
        if token is None:
            self._tokens.pop(account, None)
        else:
            self._tokens[account] = token


@attrs.define
class _Held:
    token: Token
    ends_at: float  # monotonic
    margin: float  # seconds before its end at which it is renewed
    usable: bool = True


class TokenKeeper:
    """Holds one account's token and renews it.

    Reading the token never awaits: the session reads it after its wait for the scheduler and
    sends at once, so the token cannot die in a queue. Renewal happens ahead of expiry, once
    per token generation however many callers wait for it, and shielded from their cancellation.
    """

    def __init__(
        self,
        grant: Grant,
        *,
        store: TokenStore,
        ask: Callable[[Form, Token | None, object], Awaitable[Answer]],
        clock: Clock,
    ) -> None:
        self._grant = grant
        self._store = store
        self._ask = ask
        self._clock = clock
        self._held: _Held | None = None
        self._renewal: asyncio.Task[ElementsProcuraError | None] | None = None
        self._closed = False
        self._unsent = 0  # tokens fetched since one was last sent

    def current(self) -> Token | None:
        """The token to send, or None when it has to be renewed first."""
        token = self._living()
        if token is not None:
            self._unsent = 0
        return token

    def _living(self) -> Token | None:
        held = self._held
        if held is None or not held.usable:
            return None
        # Both clocks are asked and the earlier one wins: the monotonic clock may stand still
        # while a machine sleeps, the wall clock may be set back.
        ended = self._clock.now() >= held.ends_at - held.margin
        over = self._clock.wall() >= held.token.expires_at - held.margin
        return None if ended or over else held.token

    def reject(self, token: Token) -> None:
        """The server refused ``token``. A newer one, fetched meanwhile, stays in use."""
        if self._held is not None and self._held.token is token:
            self._held.usable = False

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
        if self._renewal is None:
            self._renewal = asyncio.get_running_loop().create_task(self._renew(slot))
            self._renewal.add_done_callback(self._renewed)
        failure = await asyncio.shield(self._renewal)
        if failure is not None:
            # Every waiter raises an exception of its own, or one would collect all tracebacks.
            raise _copy(failure)

    async def aclose(self) -> None:
        """Stop renewing. A renewal under way is waited for: its token may be the only one."""
        self._closed = True
        if self._renewal is not None:
            await asyncio.wait([self._renewal])

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
                log.warning("token: not renewed; the old one is used to its end")
                return None
        return _as_error(answer, can_grant=self._grant.form() is not None)

    async def _renewed_token(
        self, slot: object
    ) -> Refusal | Gibberish | ElementsProcuraError | None:
        """Hold a usable token, or tell what stood in the way."""
        account = self._grant.account
        if self._unsent >= _MOST_UNSENT:
            self._unsent = 0
            return AuthenticationError(
                "every token dies before it can be sent",
                hint="The server gives tokens of a very short life; is its clock right?",
            )
        async with self._store.exclusive(account):
            stored = await self._store.load(account)
            if stored is not None and self._is_news(stored):
                self._hold(stored)
                if self._living() is not None:
                    log.debug("token: another holder of this store has renewed it")
                    return None
            answer = await self._next_token(stored, slot)
            if isinstance(answer, Token):
                # Saved before anyone uses it: a rotated refresh token that is lost locks us out.
                await self._store.save(account, answer)
                self._hold(answer)
                self._unsent += 1
                return None
            return answer

    async def _next_token(self, stored: Token | None, slot: object) -> Answer:
        if stored is not None and stored.refresh is not None:
            answer = await self._ask(refresh_form(stored.refresh), stored, slot)
            if not isinstance(answer, Refusal) or answer.error == "invalid_client":
                log.info(
                    "token: refreshed" if isinstance(answer, Token) else "token: not refreshed"
                )
                return answer
            log.warning("token: the refresh token was refused; asking for a new grant")
            await self._store.save(self._grant.account, None)
        form = self._grant.form()
        if form is None:
            return Refusal(400, "invalid_grant")
        answer = await self._ask(form, None, slot)
        if isinstance(answer, Token):
            log.info("token: granted")
        return answer

    def _is_news(self, stored: Token) -> bool:
        return self._held is None or stored.access != self._held.token.access

    def _hold(self, token: Token) -> None:
        left = min(token.lifetime, token.expires_at - self._clock.wall())
        self._held = _Held(token, self._clock.now() + left, token.margin)


def _as_error(
    answer: Refusal | Gibberish | ElementsProcuraError, *, can_grant: bool
) -> ElementsProcuraError:
    if isinstance(answer, ElementsProcuraError):
        return answer
    if isinstance(answer, Gibberish):
        return AuthenticationError(
            f"the token endpoint answered {answer.status} with something that is no token",
            hint="Check the address: is this the API's host, without a proxy's page in between?",
            status=answer.status,
        )
    if answer.error in ("invalid_grant", "unsupported_grant_type") and not can_grant:
        return ReauthorizationRequired(
            "the grant is gone: the refresh token was refused",
            hint="Grant access again",
            status=answer.status,
            error=answer.error,
        )
    word = f" ({answer.error})" if answer.error else ""
    return AuthenticationError(
        f"the server refused these credentials{word}",
        hint="Check client id and secret, organisation, webservice and scopes",
        status=answer.status,
        error=answer.error,
    )


def _copy(error: ElementsProcuraError) -> ElementsProcuraError:
    twin = type(error).__new__(type(error))
    twin.args = error.args
    twin.__dict__.update(error.__dict__)
    return twin
