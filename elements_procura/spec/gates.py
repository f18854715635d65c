"""The setting that names a gate: where processes of an account share its limits."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from elements_procura._redis import PASSWORD, is_address
from elements_procura.secret import Secret

if TYPE_CHECKING:
    from elements_procura.scheduler import Gate

__all__: list[str] = []


def read_gate(value: Any) -> str | None:
    """Read ``PLACE#ACCOUNT``: a file or the URL of a server, and the account's name in it.

    Args:
        value: As it was given; None for no gate.

    Raises:
        ValueError: It is neither, or holds a password.
    """
    if value is None:
        return None
    place, account = _parts(value) if isinstance(value, str) else ("", "")
    if not place or not account or ("://" in place and not is_address(place)):
        raise ValueError("must be FILE#ACCOUNT or redis://HOST:PORT/DB#ACCOUNT, without a password")
    return str(value)


def gate_of(given: str | None) -> "Gate | None":
    """The gate that a setting names.

    A server's password is in ``REDISCLI_AUTH``.

    Args:
        given: As :func:`read_gate` has checked it.

    Raises:
        ConfigError: A server needs an extra.
    """
    if given is None:
        return None
    from elements_procura.scheduler import FileGate, RedisGate  # noqa: PLC0415 - for few

    place, account = _parts(given)
    if "://" in place:
        password = Secret(os.environ.get(PASSWORD, ""))
        return RedisGate(place, account=account, password=password or None)
    return FileGate(Path(place), account=account)


def _parts(value: str) -> tuple[str, str]:
    place, _, account = value.rpartition("#")
    return place, account
