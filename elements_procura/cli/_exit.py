"""Exit codes, and the printing of errors."""

import contextlib
import datetime as dt
from collections.abc import Iterator

from elements_procura.cli._output import Output
from elements_procura.errors import DailyQuotaExceeded, ElementsProcuraError
from elements_procura.fleet.exits import Exit, exit_code

EXIT_FAILED = Exit.FAILED
EXIT_USAGE = Exit.USAGE
EXIT_QUARANTINED = Exit.QUARANTINED
EXIT_AUTH = Exit.AUTH
EXIT_DOWN = Exit.DOWN
EXIT_DRIFT = 7
EXIT_INTERRUPTED = Exit.INTERRUPTED


def print_error(output: Output, error: ElementsProcuraError) -> int:
    """Print an error with its next step; return its exit code."""
    hint = error.hint
    if isinstance(error, DailyQuotaExceeded):
        when = dt.datetime.fromtimestamp(error.resets_at).astimezone()
        hint = f"Go on after {when:%Y-%m-%d %H:%M %Z}"
    output.error(error.code, str(error.args[0]), hint)
    return exit_code(error)


@contextlib.contextmanager
def exit_on_error(output: Output) -> Iterator[None]:
    """Turn our errors and an interruption into a message on stderr and an exit code."""
    try:
        yield
    except ElementsProcuraError as error:
        raise SystemExit(print_error(output, error)) from None
    except KeyboardInterrupt:
        raise SystemExit(EXIT_INTERRUPTED) from None
