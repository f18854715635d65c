"""Standard streams that are closed or cannot be written."""

import contextlib
import errno
import os
import sys
from collections.abc import Iterator
from typing import Any, TextIO, cast

_FAILED = 1
_LONGEST = 65_536  # characters of a line: a secret, an address, an id
_UNWRITABLE = (
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EFBIG,
    errno.EIO,
    errno.EBADF,
    errno.EPIPE,
    errno.ESTALE,
)
"""The errors of writing to stdout that reach this module."""


class _Talk:
    """A stream of messages, which drops text that cannot be written instead of failing."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """Write, or drop it."""
        with contextlib.suppress(OSError):
            self._stream.write(text)
        return len(text)

    def writelines(self, lines: list[str]) -> None:
        """Write each, or drop it."""
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        """Flush what can be."""
        with contextlib.suppress(OSError):
            self._stream.flush()


@contextlib.contextmanager
def lenient() -> Iterator[None]:
    """Inside, every stream is there and talk never fails; a result that cannot be written does."""
    _fill()
    given = sys.stderr
    sys.stderr = cast("TextIO", _Talk(given))
    try:
        yield
        sys.stdout.flush()
    except OSError as error:
        if error.errno not in _UNWRITABLE or error.filename is not None:
            raise
        sys.stderr.write(f"error[output]: stdout cannot be written: {error.strerror or error}\n")
        raise SystemExit(_FAILED) from None
    finally:
        sys.stderr = given
        for number, stream in ((1, sys.stdout), (2, given)):
            _let_go(number, stream)


def given_line() -> str:
    """Read one line of stdin.

    Raises:
        ConfigError: It is too long, or is not text.
    """
    try:
        line = sys.stdin.readline(_LONGEST + 1)
        if len(line) <= _LONGEST:
            return line
    except UnicodeDecodeError:
        pass
    from elements_procura.errors import ConfigError

    raise ConfigError("the line on stdin is too long, or is not UTF-8", hint="Give one line of it")


def _fill() -> None:
    """Open what was closed, so that no file of ours takes its number."""
    modes = {0: "r", 1: "w", 2: "w"}
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            opened = os.open(os.devnull, os.O_RDWR)
            if opened != number:
                os.dup2(opened, number)
                os.close(opened)
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(number, modes[number], closefd=False, encoding="utf-8"))


def _let_go(number: int, stream: TextIO) -> None:
    """Detach a broken stream, so that Python's last flush does not change the exit code."""
    try:
        stream.flush()
    except (OSError, ValueError):
        with contextlib.suppress(OSError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, number)
            os.close(nowhere)
