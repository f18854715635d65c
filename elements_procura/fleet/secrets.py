"""Sources of client secrets: a spec names the source and never holds the secret."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs

from elements_procura.disk.errors import disk_errors
from elements_procura.disk.small_file import read_small
from elements_procura.errors import ConfigError
from elements_procura.secret import Secret

__all__ = ["EnvSecret", "FileSecret"]

_VARIABLE = re.compile(r"[A-Za-z_][0-9A-Za-z_]*")


@attrs.frozen
class EnvSecret:
    """A secret in an environment variable of the process that runs the tenant.

    Attributes:
        name: Of the variable. It is never shown: it may be the secret itself, by a slip.
    """

    name: str = attrs.field(repr=False)

    def reveal(self) -> Secret:
        """Read it.

        Raises:
            ConfigError: The variable is not set, or empty.
        """
        found = os.environ.get(self.name) if _VARIABLE.fullmatch(self.name) else None
        if not found:
            raise ConfigError(
                "the client secret is missing: the named variable is not set",
                hint="Set it in the environment of the process that runs the tenant",
            )
        return Secret(found)

    def to_dict(self) -> dict[str, str]:
        """As JSON."""
        return {"env": self.name}


@attrs.frozen
class FileSecret:
    """A secret in a file, as containers mount them; a line break at its end does not count.

    Attributes:
        path: Of the file.
    """

    path: Path

    def reveal(self) -> Secret:
        """Read it.

        Raises:
            ConfigError: The file cannot be read, or is empty.
        """
        problem = f"the client secret is missing: {self.path} cannot be read"
        try:
            with disk_errors(problem, self.path, kind=ConfigError):
                found = Secret(read_small(self.path).decode("utf-8").rstrip("\r\n"))
        except UnicodeDecodeError:
            raise ConfigError(
                f"{problem}: it must be UTF-8", hint="Write the secret into it, and nothing else"
            ) from None
        if not found:
            raise ConfigError(
                f"the client secret is missing: {self.path} is empty",
                hint="Write the secret into it, and nothing else",
            )
        return found

    def to_dict(self) -> dict[str, str]:
        """As JSON."""
        return {"file": str(self.path)}


SecretSource = EnvSecret | FileSecret | Secret
"""A :class:`Secret` itself serves within one process: it refuses to be pickled or written."""


def read_source(value: Any) -> SecretSource:
    """Read a source of a secret from JSON.

    Args:
        value: ``{"env": NAME}`` or ``{"file": PATH}``.

    Raises:
        ValueError: It is neither.
    """
    if isinstance(value, EnvSecret | FileSecret | Secret):
        return value
    if isinstance(value, Mapping) and len(value) == 1:
        ((kind, where),) = value.items()
        if isinstance(where, str) and where:
            if kind == "env":
                return EnvSecret(where)
            if kind == "file":
                return FileSecret(Path(where))
    raise ValueError('must be {"env": NAME} or {"file": PATH}', "Never write the secret itself")


def secret_of(source: SecretSource | None, *, variable: str) -> Secret:
    """The secret of a source.

    Args:
        source: The source; None for the variable.
        variable: Name of the environment variable that it is in unless a source is named.

    Raises:
        ConfigError: It is missing.
    """
    if source is None:
        found = Secret(os.environ.get(variable, ""))
        missing, hint = f"the client secret is missing: {variable} is not set", f"Set {variable}"
    else:
        found = source if isinstance(source, Secret) else source.reveal()
        missing, hint = "the client secret is missing", "Pass a Secret that holds one"
    if not found:
        raise ConfigError(missing, hint=hint)
    return found
