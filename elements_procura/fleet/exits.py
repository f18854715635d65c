"""Exit codes of a harvest, for a process, a job or a fleet."""

from enum import IntEnum

from elements_procura.errors import (
    AuthenticationError,
    ConfigError,
    DailyQuotaExceeded,
    ElementsProcuraError,
    HostNotFound,
    InputError,
    RateLimited,
    ServerError,
    TransportError,
)

__all__ = ["Exit"]


class Exit(IntEnum):
    """Exit codes of a harvest, the command line's own."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    QUARANTINED = 3
    AUTH = 4
    DOWN = 5
    QUOTA = 6
    INTERRUPTED = 130


MEANINGS = {
    Exit.INTERRUPTED: "interrupted",
    Exit.FAILED: "failed",
    Exit.AUTH: "not authenticated",
    Exit.USAGE: "settings refused",
    Exit.DOWN: "server down",
    Exit.QUOTA: "quota reached",
    Exit.QUARANTINED: "done but for what somebody has to look at",
    Exit.DONE: "done",
}
"""Every exit code in words, the worst first."""

_CODES: tuple[tuple[tuple[type[ElementsProcuraError], ...], Exit], ...] = (
    ((AuthenticationError,), Exit.AUTH),  # first: a wrong client secret is a setting as well
    ((ConfigError, InputError, HostNotFound), Exit.USAGE),
    ((DailyQuotaExceeded, RateLimited), Exit.QUOTA),
    ((TransportError, ServerError), Exit.DOWN),
)


def exit_code(error: ElementsProcuraError) -> Exit:
    """The exit code that stands for an error."""
    return next((code for kinds, code in _CODES if isinstance(error, kinds)), Exit.FAILED)
