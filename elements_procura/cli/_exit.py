"""Exit codes, and how an error is told."""

import contextlib
import datetime as dt
from collections.abc import Iterator

from elements_procura.cli._output import Output
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

EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_QUARANTINED = 3
EXIT_AUTH = 4
EXIT_DOWN = 5
EXIT_QUOTA = 6
EXIT_DRIFT = 7
EXIT_INTERRUPTED = 130

_CODES: tuple[tuple[tuple[type[ElementsProcuraError], ...], int], ...] = (
    ((AuthenticationError,), EXIT_AUTH),  # first: a wrong client secret is a setting as well
    ((ConfigError, InputError, HostNotFound), EXIT_USAGE),
    ((DailyQuotaExceeded, RateLimited), EXIT_QUOTA),
    ((TransportError, ServerError), EXIT_DOWN),
)


def exit_code(error: ElementsProcuraError) -> int:
    """The exit code that stands for ``error``."""
    return next((code for kinds, code in _CODES if isinstance(error, kinds)), EXIT_FAILED)


def tell(output: Output, error: ElementsProcuraError) -> int:
    """Print an error with what to do next; returns the exit code that stands for it."""
    hint = error.hint
    if isinstance(error, DailyQuotaExceeded):
        when = dt.datetime.fromtimestamp(error.resets_at).astimezone()
        hint = f"Go on after {when:%Y-%m-%d %H:%M %Z}"
    output.error(error.code, str(error.args[0]), hint)
    return exit_code(error)


@contextlib.contextmanager
def telling(output: Output) -> Iterator[None]:
    """Turn our errors and an interruption into a message on stderr and an exit code."""
    try:
        yield
    except ElementsProcuraError as error:
        raise SystemExit(tell(output, error)) from None
    except KeyboardInterrupt:
        raise SystemExit(EXIT_INTERRUPTED) from None
