"""Files that a command reads: where one is missing, the message says what makes it."""

import os
from pathlib import Path
from typing import Any

import click

from elements_procura.disk.errors import is_there


class GivenFile(click.Path):
    """A file that is there.

    Args:
        source: The next step where it is missing: what makes it.
    """

    def __init__(self, source: str) -> None:
        super().__init__(path_type=Path, exists=True, dir_okay=False)
        self._source = source

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return its path."""
        if fault := missing(value, self._source):
            self.fail(fault, param, ctx)
        return super().convert(value, param, ctx)


def missing(path: str | os.PathLike[str], source: str) -> str:
    """The message about a file or folder that is not there; empty if it is.

    Args:
        path: Where.
        source: The next step: what makes it.
    """
    from elements_procura.errors import StoreError

    try:
        return "" if is_there(Path(path)) else f"{path} does not exist\n  next: {source}"
    except StoreError as error:
        return f"{error.args[0]}\n  next: {error.hint}"
