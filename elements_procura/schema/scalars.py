"""Scalars on the wire: how the two APIs write numbers, dates and booleans.

Each function takes a JSON value other than null and returns ours, or raises :class:`WireFault`.
They are lenient where meaning is plain (a number in quotes, an empty string for nothing) and strict
where it is not. Values that do not fit are handled by :mod:`elements_procura.schema.open_typing`.

Amsterdam is where both APIs keep their clocks. It matters in two places only: for an instant
without an offset, which the documentation does not mention, and for a calendar day that was turned
into another zone's time before it was written.
"""

import datetime as dt
import enum
import math
import re
from collections.abc import Callable, Iterable
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from elements_procura.evidence import usable_id

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

T = TypeVar("T")
_NUMBER = re.compile(
    r"[+-]?(?:\d{1,400}(?:\.\d{0,400})?|\.\d{1,400})(?:[eE][+-]?\d{1,3})?", re.ASCII
)
_TIME = r"(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:[.,]\d+)?)?"
_OFFSET = r"(?:Z|[+-]\d\d(?::?\d\d(?::?\d\d)?)?)?"
# A database's spelling, with a space, is a calendar day only when it names no time of day.
_DAY = re.compile(rf"\d{{4}}-\d\d-\d\d(?:(T{_TIME}{_OFFSET})| 00:00:00(?:\.0+)?)?", re.ASCII)
_INSTANT = re.compile(rf"\d{{4}}-(?:\d\d-\d\d|W\d\d-\d)(?:[T ]{_TIME}{_OFFSET})?", re.ASCII)
_FIRST_YEAR, _LAST_YEAR = 2, 9998  # no zone leads out of them; MySQL's zero date is before
_MIDNIGHT = dt.time()
# Until the Germans came Amsterdam was some 20 minutes ahead, and in summer an hour more. Servers
# write it in minutes; not every database of zones still knows it.
_OLD_TIME_ENDED = dt.datetime(1940, 5, 16, tzinfo=dt.UTC)
_OLD_OFFSETS = tuple(
    dt.timedelta(hours=summer, minutes=minutes, seconds=seconds)
    for summer in (0, 1)
    for minutes, seconds in ((19, 32), (20, 0), (19, 0))
)


@cache
def amsterdam() -> "ZoneInfo":
    """The zone that both APIs keep their clocks in."""
    from zoneinfo import ZoneInfo  # noqa: PLC0415 - takes 2 ms to load, for what is rare

    return ZoneInfo("Europe/Amsterdam")


class WireFault(ValueError):
    """A value cannot be what the field needs. Holds the kinds, never the value."""

    def __init__(self, expected: str, value: Any) -> None:
        self.expected = expected
        self.got: str = _KINDS.get(type(value), type(value).__name__)
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


class StructureFault(WireFault):
    """An id, a list or a record is not what it must be: no attribute can be left empty for it."""


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
    if isinstance(value, bool):
        raise WireFault("a whole number", value)
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


def to_id(value: Any) -> int:
    """The id of a record, as :func:`elements_procura.evidence.usable_id` accepts it."""
    found = usable_id(value)
    if found is not None:
        return found
    is_number = isinstance(value, int) and not isinstance(value, bool)
    raise WireFault("a positive whole number of 64 bits" if is_number else "a whole number", value)


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
    """A calendar day, as it is written: ``1960-01-01T00:00:00+01:00`` is 1 January 1960.

    Only a day whose written time is not midnight, and whose instant is midnight in Amsterdam, is
    Amsterdam's: ``2016-06-30T22:00:00Z`` is 1 July. An empty text is nothing.
    """
    if isinstance(value, str):
        text = value.strip()
        if not text:
            return None
        found = _DAY.fullmatch(text)
        try:
            if found and found[1]:
                return _day_of(dt.datetime.fromisoformat(text))
            if found and int(text[:4]) >= _FIRST_YEAR:
                return dt.date.fromisoformat(text[:10])
        except ValueError:
            pass
    raise WireFault("a date", value)


class KnownValues(dict[str, T]):
    """What texts were read as before, for those that come again and again.

    They are found in a quarter of the time in which one is read. All are forgotten when there are
    many. The repr shows none: some are birthdays, others what somebody owes.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<{len(self)} known values>"


DAYS: KnownValues[dt.date | None] = KnownValues()
MOST_DAYS = 4096  # eleven years; at most half a megabyte, as the amounts
_LONGEST_DAY = 40  # others have a fraction of a second, or spaces, without end
MIDNIGHTS = frozenset(f"T00:00:00+0{hour}{colon}00" for hour in (1, 2) for colon in (":", ""))
AMOUNTS: KnownValues[Decimal] = KnownValues()
MOST_AMOUNTS = 2048


def new_day(text: str) -> dt.date | None:
    """A calendar day that is not among the known ones, as :func:`to_date` reads it."""
    day = to_date(text)
    if len(text) > _LONGEST_DAY:
        return day
    if len(DAYS) >= MOST_DAYS:
        DAYS.clear()
    DAYS[text] = day
    return day


def _day_of(instant: dt.datetime) -> dt.date:
    """The calendar day that an instant stands for, as far as it does for one.

    Raises:
        ValueError: It is a database's zero date.
    """
    if instant.year < _FIRST_YEAR:
        raise ValueError
    if instant.tzinfo is None or instant.time() == _MIDNIGHT or instant.year > _LAST_YEAR:
        return instant.date()
    here = [instant.astimezone(amsterdam())]
    if instant < _OLD_TIME_ENDED:
        here += [instant.astimezone(dt.timezone(offset)) for offset in _OLD_OFFSETS]
    return next((each for each in here if each.time() == _MIDNIGHT), instant).date()


def to_datetime(value: Any) -> dt.datetime | None:
    """An instant with its offset as written (``+0200`` and ``+02:00``); empty is nothing.

    Without an offset it is taken for a time in Amsterdam, so that all instants compare; in the hour
    that the end of summer time repeats, for the first of the two.
    """
    instant = _instant(value)
    if instant is None or instant.tzinfo is not None:
        return instant
    # The offset and not the zone: a time of the repeated hour equals no other in a zone's.
    return instant.replace(
        tzinfo=dt.timezone(instant.replace(tzinfo=amsterdam()).utcoffset() or _NO)
    )


def to_local_datetime(value: Any) -> dt.datetime | None:
    """A local date and time; one with an offset is converted to Amsterdam time."""
    instant = _instant(value)
    if instant is None or instant.tzinfo is None:
        return instant
    if instant.year > _LAST_YEAR:
        raise WireFault("a date and time", value)
    return instant.astimezone(amsterdam()).replace(tzinfo=None)


_NO = dt.timedelta()


def _instant(value: Any) -> dt.datetime | None:
    """A date and time as written, with an offset or without."""
    if isinstance(value, str):
        text = value.strip()
        if not text:
            return None
        try:
            if _INSTANT.fullmatch(text) and int(text[:4]) >= _FIRST_YEAR:
                return dt.datetime.fromisoformat(text)
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
