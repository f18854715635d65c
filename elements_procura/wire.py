"""Scalars on the wire: what the two APIs write for a number, a date, a yes.

Each function takes a JSON value other than null and returns ours, or raises :class:`WireFault`.
They are lenient where meaning is plain (a number in quotes, an empty string for nothing) and
strict where it is not.
"""

import datetime as dt
import enum
import math
import re
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

_NUMBER = re.compile(
    r"[+-]?(?:\d{1,400}(?:\.\d{0,400})?|\.\d{1,400})(?:[eE][+-]?\d{1,3})?", re.ASCII
)
_DATE = re.compile(r"\d{4}-\d\d-\d\d(?!\d)", re.ASCII)
_ZERO_DATE = re.compile(r"-?000[01]-\d\d-\d\d")


class WireFault(ValueError):
    """A value cannot be what the field needs. Holds the kinds, never the value."""

    def __init__(self, expected: str, value: Any) -> None:
        self.expected = expected
        self.got = _KINDS.get(type(value), type(value).__name__)
        self.path: list[str] = []
        super().__init__(expected)

    def under(self, step: str) -> "WireFault":
        """This fault, seen from one level further out."""
        self.path.insert(0, step)
        return self

    @property
    def where(self) -> str:
        """As ``$.productdelen[1].deel_hoofdsom``."""
        return "$" + "".join(step if step.startswith("[") else f".{step}" for step in self.path)

    def __str__(self) -> str:
        return f"expected {self.expected}, got {self.got}"


_KINDS: dict[type, str] = {
    dict: "an object",
    list: "a list",
    str: "a text",
    int: "a number",
    float: "a number",
    bool: "true or false",
    type(None): "null",
}
_YES_NO: dict[Any, bool] = {
    **dict.fromkeys(("ja", "true", "1", 1), True),
    **dict.fromkeys(("nee", "false", "0", 0), False),
}


def to_str(value: Any) -> str | None:
    """Text; a number is written out."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float | Decimal):
        try:
            return str(value)
        except ValueError:  # an int of more than 4,300 digits
            pass
    raise WireFault("a text", value)


def to_int(value: Any) -> int | None:
    """A whole number, also in quotes; an empty text is nothing."""
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float | Decimal) and math.isfinite(value) and value == int(value):
        return int(value)
    if isinstance(value, str):
        text = value.strip()
        if not text:
            return None
        if re.fullmatch(r"[+-]?[0-9]{1,30}", text):
            return int(text)
    raise WireFault("a whole number", value)


def to_decimal(value: Any) -> Decimal | None:
    """A decimal number, exactly as written; an empty text is nothing."""
    if isinstance(value, str):
        text = value.strip()
        if not text:
            return None
    elif isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        text = to_str(value) or ""
    else:
        text = ""
    if _NUMBER.fullmatch(text):
        return Decimal(text)
    raise WireFault("a decimal number", value)


def to_bool(value: Any) -> bool | None:
    """Yes or no, as true/false, ``"ja"``/``"nee"`` or 1/0; an empty text is nothing."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        text = value.strip().lower()
        if not text:
            return None
        if text in _YES_NO:
            return _YES_NO[text]
    elif isinstance(value, int) and value in _YES_NO:
        return _YES_NO[value]
    raise WireFault("yes or no", value)


def to_date(value: Any) -> dt.date | None:
    """A calendar date: the first ten characters, never converted through another time zone.

    ``1960-01-01T00:00:00+01:00`` is 1 January 1960 wherever the program runs. An empty text
    and MySQL's zero date are nothing.
    """
    if isinstance(value, str):
        if not value.strip() or _ZERO_DATE.match(value):
            return None
        try:
            if _DATE.match(value):
                return dt.date.fromisoformat(value[:10])
        except ValueError:
            pass
    raise WireFault("a date", value)


def to_datetime(value: Any) -> dt.datetime | None:
    """An instant with its offset as written (``+0200`` and ``+02:00``); empty is nothing."""
    if isinstance(value, str):
        if not value.strip() or _ZERO_DATE.match(value):
            return None
        try:
            return dt.datetime.fromisoformat(value)
        except ValueError:
            pass
    raise WireFault("a date and time", value)


def to_open_enum(choices: Iterable[enum.Enum], unknown: Callable[[], None]) -> Callable[[Any], Any]:
    """A hook for values of ``choices`` that keeps what it does not know as it came.

    Args:
        choices: The values that are documented.
        unknown: Called, without the value, when one is met that is not.
    """
    members = {member.value: member for member in choices}

    def structure(value: Any) -> Any:
        try:
            return members[value]
        except (KeyError, TypeError):
            if isinstance(value, dict | list):
                raise WireFault("a text", value) from None
            unknown()
            return value

    return structure
