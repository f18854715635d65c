"""Reports of each attempt, to the session's observer and to the log."""

import contextlib
import logging
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from elements_procura.clock import Clock
from elements_procura.core.observe import Call, Observer, guarded, newcomers
from elements_procura.core.request_state import RequestState
from elements_procura.scheduler import Limit, Usage

log: logging.Logger = logging.getLogger("elements_procura.http")


class QuotaReader:
    """Reads a client's windows, for an observer.

    Attributes:
        is_over: Whether the client was closed.
    """

    def __init__(self, read: Callable[[], tuple[Usage, ...]]) -> None:
        self._read = read
        self.is_over = False

    def __call__(self) -> tuple[Usage, ...]:
        """How full the windows are."""
        return self._read()


class Watch:
    """Measures attempts and reports them.

    Args:
        observer: The guarded observer to call; None for nobody.
        tenant: The name of the tenant in reports; empty for the host's.
        base_url: The server's address.
        clock: What measures.

    Attributes:
        facts: What every log record about the session has as attributes.
    """

    def __init__(
        self, observer: Observer | None, *, tenant: str, base_url: str, clock: Clock
    ) -> None:
        parts = urlsplit(base_url)
        self.observer = observer
        self._all = [observer]
        self.host: str = parts.hostname or ""
        self.tenant: str = tenant or self.host
        self.facts: dict[str, object] = {"tenant": self.tenant}
        self._port = parts.port
        self._clock = clock

    @contextlib.contextmanager
    def joined(
        self, observer: Observer | None, *, tenant: str, quota: Callable[[], tuple[Usage, ...]]
    ) -> Iterator[None]:
        """Inside, another observer is called as well, and the tenant may have another name."""
        named = self.tenant
        self._rename(tenant or named)
        own = newcomers(observer, self.observer)
        self._all.append(observer)
        self.observer = guarded(*self._all)
        reader = QuotaReader(quota)
        try:
            if own is not None:
                own.attached(self.tenant, quota=reader)
            yield
        finally:
            reader.is_over = True
            if own is not None:
                own.detached(self.tenant)
            # By identity: another observer may be equal to it.
            del self._all[max(at for at, each in enumerate(self._all) if each is observer)]
            self.observer = guarded(*self._all)
            self._rename(named)

    def _rename(self, tenant: str) -> None:
        self.tenant = self.facts["tenant"] = tenant

    def attach(self, quota: Callable[[], tuple[Usage, ...]]) -> None:
        """Report that the session begins."""
        self._reader = QuotaReader(quota)
        if self.observer is not None:
            self.observer.attached(self.tenant, quota=self._reader)

    def detach(self) -> None:
        """Report that the session is closed."""
        self._reader.is_over = True
        if self.observer is not None:
            self.observer.detached(self.tenant)

    def queue(self, state: RequestState) -> None:
        """Report that an attempt waits for its slot."""
        if self.observer is None:
            return
        state.queued = self._clock.now()
        self.observer.queued(self._call(state), attempt=state.attempts + 1)

    def leave(self, state: RequestState) -> None:
        """Report that an attempt leaves."""
        if self.observer is None and not log.isEnabledFor(logging.DEBUG):
            return  # nobody is there to hear how long it took
        state.started = now = self._clock.now()
        state.observer = self.observer
        if self.observer is not None:
            # Whoever has just joined did not hear that it began to wait.
            waited = now - state.queued if state.queued else 0.0
            self.observer.sent(self._call(state), attempt=state.attempts, waited=waited)

    def end(
        self, state: RequestState, status: int | None, size: int = 0, *, error: str = ""
    ) -> None:
        """Report that an attempt has ended; further calls for the same one have no effect."""
        if state.started is None:
            return
        seconds = self._clock.now() - state.started
        state.started = None
        # Those who heard it leave, also if they have left meanwhile, and nobody else.
        if state.observer is not None:
            state.observer.answered(
                self._call(state),
                attempt=state.attempts,
                status=status,
                seconds=seconds,
                size=size,
                error=error,
            )
        if log.isEnabledFor(logging.DEBUG):
            what = error if status is None else f"{status} in {1000 * seconds:.0f} ms"
            log.debug(
                "%s → %s (attempt %d)",
                state.request.name,
                what,
                state.attempts,
                extra=self._facts(state, status=status, seconds=seconds),
            )

    def abandon(self, state: RequestState) -> None:
        """Close the call, however it ended: an attempt still under way counts as failed."""
        if state.started is not None:
            self.end(state, None, error="abandoned")

    def repeat(self, state: RequestState, *, why: str, status: int | None, after: float) -> None:
        """Report that a request will be sent again."""
        if self.observer is not None:
            self.observer.repeated(self._call(state), attempt=state.attempts, why=why, after=after)
        if log.isEnabledFor(logging.INFO):
            log.info(
                "%s: sent again in %.1f s: %s (attempt %d)",
                state.request.name,
                after,
                why,
                state.attempts,
                extra=self._facts(state, status=status, seconds=after),
            )

    def throttle(
        self, state: RequestState, *, limit: Limit | None, retry_after: float | None
    ) -> None:
        """Report that an attempt was answered with 429."""
        if self.observer is not None:
            self.observer.throttled(self._call(state), limit=limit, retry_after=retry_after)
        if log.isEnabledFor(logging.INFO):
            log.info(
                "%s: refused with 429, by the limit per %s",
                state.request.name,
                limit or "second",
                extra=self._facts(state, status=429, seconds=retry_after),
            )

    def renew(self, *, is_granted: bool) -> None:
        """Report whether a request for a token brought one."""
        if self.observer is not None:
            self.observer.renewed(self.tenant, is_granted=is_granted)

    def _call(self, state: RequestState) -> Call:
        if state.call is None:
            request = state.request
            state.call = Call(
                request.method,
                request.path.shown,
                self.tenant,
                self.host,
                self._port,
                is_token=request.credentials is not None,
            )
        return state.call

    def _facts(
        self, state: RequestState, *, status: int | None, seconds: float | None
    ) -> dict[str, object]:
        return {
            "method": state.request.method,
            "template": state.request.path.shown,
            "status": status,
            "seconds": seconds,
            "attempt": state.attempts,
            "tenant": self.tenant,
        }
