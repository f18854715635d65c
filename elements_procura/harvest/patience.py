"""Waiting for a server that is away: for how long, and with how many probes."""

import datetime as dt
import random

from elements_procura.clock import Clock
from elements_procura.errors import (
    AuthenticationError,
    ElementsProcuraError,
    InvalidClient,
    ProtocolError,
    RefusedToken,
    ServerAway,
    ServerError,
    StatusError,
    TransportError,
)

DEFAULT_PATIENCE = 600.0
"""Seconds that a harvest waits for a server before it gives up."""
_FIRST, _LONGEST = 1.0, 30.0
_JITTER = 0.2
_REFUSED = 60.0
"""Seconds after which refused credentials count as wrong, tokens having been renewed."""


class Patience:
    """One wait for a server: the pauses between two probes grow, and end.

    Args:
        seconds: The longest wait in all.
        clock: The time.

    Attributes:
        since: When the server went, in seconds since the epoch.
        probes: How often it was probed.
    """

    def __init__(self, seconds: float, clock: Clock) -> None:
        self._seconds = seconds
        self._clock = clock
        self._began = clock.now()
        self._step = _FIRST
        self._refused_since: float | None = None
        self._is_refused_only = True
        self.since: float = clock.wall()
        self.probes: int = 0

    @property
    def spent(self) -> float:
        """Seconds since the server went."""
        return self._clock.now() - self._began

    def pause(self, error: ElementsProcuraError) -> float:
        """Return the seconds until the next probe.

        Args:
            error: The failure of the last probe.

        Raises:
            ServerAway: It was waited for long enough, or says that it will be away for longer.
            AuthenticationError: It has refused tokens or credentials for a minute.
        """
        if not (isinstance(error, AuthenticationError) and error.is_proven):
            self._refused_since, self._is_refused_only = None, False
        elif self._refused_since is None:
            self._refused_since = self.spent
        elif self._is_refused_for_good(self.spent - self._refused_since):
            raise error.with_traceback(None)
        left = self._seconds - self.spent
        asked_for: float = getattr(error, "retry_after", None) or 0.0
        if left <= 0 or asked_for > left:
            raise self._give_up(error, asked_for)
        # Many harvests may wait for one server: they must not come back in step.
        own = self._step * random.uniform(1 - _JITTER, 1 + _JITTER)  # noqa: S311 - no secret
        self._step = min(2 * self._step, _LONGEST)
        self.probes += 1
        return min(max(own, asked_for), left)

    def _is_refused_for_good(self, seconds: float) -> bool:
        """Whether credentials were refused for so long that they must be wrong."""
        is_over = self.spent >= self._seconds
        return seconds >= _REFUSED or (is_over and self._is_refused_only)

    def _give_up(self, error: ElementsProcuraError, asked_for: float) -> ServerAway:
        retry_at = self._clock.wall() + asked_for if asked_for else None
        hint = "Go on when it is back; what was stored is intact"
        if retry_at is not None:
            hint = f"It asks to come back at {_time(retry_at)}"
        return ServerAway(
            f"the server has been away since {_time(self.since)} ({reason_of(error)})",
            method=getattr(error, "method", "") or "POST",
            template=getattr(error, "template", "") or "{TOKEN_ENDPOINT}",
            attempts=getattr(error, "attempts", 1),
            since=self.since,
            retry_at=retry_at,
            hint=hint,
        )


def may_pass(error: ElementsProcuraError) -> bool:
    """Whether a failure means that the server is away, rather than a fault of the request."""
    if isinstance(error, AuthenticationError):
        return not is_final(error)
    if isinstance(error, StatusError) and not isinstance(error, ServerError):
        return not error.is_proven
    return isinstance(error, TransportError | ServerError | ProtocolError)


def is_final(error: ElementsProcuraError) -> bool:
    """Whether the token endpoint itself refuses these credentials, which ends the run.

    A token that it gives and the API refuses may be a right that is missing, for one request, or
    pass within seconds. So may a 401 of the endpoint that names no reason.
    """
    if not isinstance(error, AuthenticationError) or isinstance(error, RefusedToken):
        return False
    is_reasoned = bool(error.error) or not isinstance(error, InvalidClient)
    return error.is_proven and is_reasoned


def reason_of(error: ElementsProcuraError) -> str:
    """The text of a failure, without its request."""
    text = str(error.args[0])
    name = f"{getattr(error, 'method', '')} {getattr(error, 'template', '')}: "
    return text.removeprefix(name)


def _time(when: float) -> str:
    return f"{dt.datetime.fromtimestamp(when, dt.UTC):%Y-%m-%d %H:%M:%S UTC}"
