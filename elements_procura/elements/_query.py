"""Queries made of typed options; those that are None are left out."""

import datetime as dt
from enum import StrEnum

from elements_procura.core.api import Query
from elements_procura.errors import InputError
from elements_procura.paths import HiddenQuery


def filters(**given: dt.date | int | str | None) -> Query:
    """Filters by name."""
    return HiddenQuery(
        (name, value.isoformat() if isinstance(value, dt.date) else str(value))
        for name, value in given.items()
        if value is not None
    )


def flags(**given: bool | None) -> Query:
    """Flags by name, which the API writes as 0 and 1."""
    return tuple((name, str(int(flag))) for name, flag in given.items() if flag is not None)


def chosen(name: str, value: str, choices: type[StrEnum]) -> Query:
    """One of ``choices``.

    Raises:
        InputError: ``value`` is none of them.
    """
    if value not in list(choices):
        raise InputError(f"{name} is none of {', '.join(choices)}")
    return ((name, str(value)),)
