"""Output: data on stdout, messages on stderr, logging on stderr when asked for."""

import contextlib
import logging
import os
import sys
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any

import click

from elements_procura._escape import shown

_ABOUT: ContextVar[str] = ContextVar("about", default="")


class _Format(logging.Formatter):
    """Formats log records with the tenant's name, each on one line."""

    def format(self, record: logging.LogRecord) -> str:
        record.about = _ABOUT.get()
        return super().format(record)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the base's name
        record.message = shown(record.message)
        return super().formatMessage(record)

    def formatException(self, ei: Any) -> str:  # noqa: N802 - the base's name
        return shown(super().formatException(ei), lines=True)


class Output:
    """The printer of all commands.

    Args:
        verbose: 0 for warnings, 1 for events, 2 for every request.
        quiet: No talk but errors.
        color: None to decide by the terminal and NO_COLOR.
    """

    def __init__(self, *, verbose: int = 0, quiet: bool = False, color: bool | None = None) -> None:
        self.quiet: bool = False
        self._verbose = 0
        self._stdout_is_lent = False
        self.color: bool | None = False if color is False or os.environ.get("NO_COLOR") else None
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(
            _Format("%(asctime)s %(levelname)s %(name)s: %(about)s%(message)s"),
        )
        logging.basicConfig(level=logging.WARNING, handlers=[handler])
        self.set_talk(verbose=verbose, quiet=quiet)

    def set_talk(self, *, verbose: int = 0, quiet: bool = False, no_color: bool = False) -> None:
        """Change how much is said; what was set before stays.

        Args:
            verbose: By how much more to log: 1 for events, 2 for every request.
            quiet: No talk but errors.
            no_color: Plain text.
        """
        self._verbose += verbose
        self.quiet = self.quiet or quiet
        if no_color:
            self.color = False
        level = (logging.WARNING, logging.INFO, logging.DEBUG)[min(self._verbose, 2)]
        logging.getLogger().setLevel(logging.ERROR if self.quiet else level)

    @contextlib.contextmanager
    def about(self, name: str) -> Iterator[None]:
        """Inside, and in tasks that begin there, talk, errors and log lines begin with ``name``."""
        token = _ABOUT.set(f"{name}: ")
        try:
            yield
        finally:
            _ABOUT.reset(token)

    def data(self, line: str) -> None:
        """A result, on stdout, there at once also through a pipe."""
        click.echo(shown(line, lines=True), color=self.color)
        sys.stdout.flush()

    def result(self, line: str) -> None:
        """A result in words: on stdout, unless that holds a stream for other programs."""
        if self._stdout_is_lent:
            self.say(line)
        else:
            self.data(line)

    def lend_stdout(self) -> None:
        """From now on stdout holds a stream for other programs."""
        self._stdout_is_lent = True

    def say(self, line: str) -> None:
        """Talk, on stderr. Where that cannot be written, it is dropped."""
        if not self.quiet:
            self._talk(_ABOUT.get() + shown(line, lines=True))

    def error(self, code: str, text: str, hint: str) -> None:
        """An error with what to do next, on stderr; the exit code is there also without it."""
        about, told = _ABOUT.get(), click.style(f"error[{code}]: ", fg="red") + shown(text)
        self._talk(about + told)
        if hint:
            self._talk(f"{about}  next: {shown(hint)}")

    def _talk(self, line: str) -> None:
        # stderr as it is just now: click's own way round would go past a bar that is drawn there.
        with contextlib.suppress(OSError):
            click.echo(line, file=sys.stderr, color=self.color)
