"""Seconds that a request may take, and the form of them that aiohttp takes."""

import math
from typing import Any

import aiohttp
import attrs

from elements_procura.errors import ConfigError


def _check(_: object, attribute: "attrs.Attribute[Any]", value: object) -> None:
    if value is None or (
        isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < math.inf
    ):
        return
    raise ConfigError(
        f"a timeout's {attribute.name} is not a number of seconds above 0",
        hint="Pass seconds, or None for no end",
    )


@attrs.frozen
class Timeouts:
    """Seconds that a request may take.

    Attributes:
        total: From the first byte sent to the last received, per attempt; None for no end.
        connect: Until there is a connection, ``total`` at most; None for ``total``.
        read: Between two pieces of the answer; None for no end.

    Raises:
        ConfigError: One of them is something else.
    """

    total: float | None = attrs.field(default=60.0, validator=_check)
    connect: float | None = attrs.field(default=10.0, validator=_check)
    read: float | None = attrs.field(default=30.0, validator=_check)


def client_timeout(timeouts: Timeouts, *, keeps_time: bool) -> aiohttp.ClientTimeout:
    """The form of them that aiohttp takes.

    Args:
        timeouts: As they were set.
        keeps_time: Whether the connection ends a long answer itself, so that aiohttp need not.
    """
    total, connect, read = timeouts.total, timeouts.connect, timeouts.read
    if not keeps_time:
        return aiohttp.ClientTimeout(total=total, connect=connect, sock_read=read)
    limits = [each for each in (total, connect) if each is not None]
    return aiohttp.ClientTimeout(connect=min(limits, default=None), sock_read=read)
