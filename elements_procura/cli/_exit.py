"""Exit codes, and the printing of errors."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import click

from elements_procura.cli._output import Output
from elements_procura.cli._wall import wall_time
from elements_procura.disk.errors import reason_of
from elements_procura.errors import DailyQuotaExceeded, ElementsProcuraError, StoreError
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
        when = wall_time(error.resets_at)
        hint = f"Go on after {when:%Y-%m-%d %H:%M %Z}"
    output.error(error.code, str(error.args[0]), hint)
    return exit_code(error)


@contextlib.contextmanager
def exit_on_error(output: Output) -> Iterator[None]:
    """Turn our errors, a file's and an interruption into a message on stderr and an exit code."""
    try:
        yield
    except ElementsProcuraError as error:
        raise SystemExit(print_error(output, error)) from None
    except OSError as error:
        if error.filename is None:  # of a stream, or of the network
            raise
        raise SystemExit(print_error(output, _of_file(error))) from None
    except (KeyboardInterrupt, click.Abort):  # the latter in a prompt
        raise SystemExit(EXIT_INTERRUPTED) from None


def _of_file(error: OSError) -> StoreError:
    """The last net under all commands: whatever is wrong with a file has its name and a reason."""
    return StoreError(
        f"{error.filename} cannot be used: {reason_of(error, Path(str(error.filename)))}",
        hint="See to it, or choose another place, then again",
    )
