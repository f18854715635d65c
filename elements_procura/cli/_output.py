"""Where things are printed: data on stdout, talk on stderr, logging on stderr when asked for."""

import logging
import os
import sys

import click


class Output:
    """What the commands print with.

    Args:
        verbose: 0 for warnings, 1 for what happens, 2 for every request.
        quiet: No talk but errors.
        color: None to decide by the terminal and NO_COLOR.
    """

    def __init__(self, *, verbose: int, quiet: bool, color: bool | None) -> None:
        self.quiet = quiet
        self._stdout_is_lent = False
        self.color = False if color is False or os.environ.get("NO_COLOR") else None
        level = (logging.WARNING, logging.INFO, logging.DEBUG)[min(verbose, 2)]
        logging.basicConfig(
            level=logging.ERROR if quiet else level,
            stream=sys.stderr,
            format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        )

    def data(self, line: str) -> None:
        """A result, on stdout, there at once also through a pipe."""
        click.echo(line, color=self.color)
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
        """Talk, on stderr."""
        if not self.quiet:
            click.echo(line, err=True, color=self.color)

    def error(self, code: str, text: str, hint: str) -> None:
        """An error with what to do next, on stderr."""
        click.echo(click.style(f"error[{code}]: ", fg="red") + text, err=True, color=self.color)
        if hint:
            click.echo(f"  next: {hint}", err=True, color=self.color)
