"""Rules for the fields of request bodies: the JSON schemas' constraints as annotations. Pure.

A body class annotates its attributes with these: ``Short`` is a text of 1 to 255 characters,
``Reference`` an object with an id. Each describes valid values and never repeats the given one.
"""

import datetime as dt
import decimal
import enum
import html
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any, Protocol

import attrs

from elements_procura.errors import BodyFault
from elements_procura.redact import safe_key
from elements_procura.schema.calendar import day_in, day_of

_EXACT = decimal.Context(prec=400, traps=[])
_OFFSET = r"(?:[+-]\d\d:?\d\d|Z)?"
_DAY = re.compile(rf"\d{{4}}-\d\d-\d\d(?:T\d\d:\d\d:\d\d{_OFFSET})?", re.ASCII)
_MOMENT = re.compile(rf"\d{{4}}-\d\d-\d\d[ T]\d\d:\d\d:\d\d{_OFFSET}", re.ASCII)
_SHOWN = 30

Fits = Callable[[Any], bool]


class IdentifiedRecord(Protocol):
    """Whatever has an id: a record out of an answer."""

    @property
    def id(self) -> int:
        """The id."""


@attrs.frozen
class Kind:
    """The constraint on a field's value.

    Attributes:
        right: The same in words, after "must be".
        fits: Whether a value, as it goes over the wire, is right.
    """

    right: str
    fits: Fits

    def spell(self, value: Any) -> Any:
        """``value``, out of a mapping, as it goes over the wire."""
        return value

    def read(self, value: Any) -> Any:
        """``value``, out of a mapping that is checked, as a body class would have it."""
        return value

    def tidy(self, value: Any) -> Any:
        """``value`` as it is documented, if it can mean one thing only; not without checks."""
        return value

    def wire(self, value: Any) -> Any:
        """``value``, out of a body class, as it goes over the wire."""
        return self.spell(value)

    def faults(self, value: Any, path: str) -> Iterator[BodyFault]:
        """Yield the faults of ``value``, found at ``path``."""
        if not self.fits(value):
            yield BodyFault(path, f"must be {self.right}")


@attrs.frozen(init=False)
class Choice(Kind):
    """One of the documented values; those with HTML entities may be spelled without."""

    values: Mapping[str, str]

    def __init__(self, choices: type[enum.StrEnum]) -> None:
        known = [str(member) for member in choices]
        shown = ", ".join(map(repr, known[:_SHOWN])) + (", …" if len(known) > _SHOWN else "")
        values = {html.unescape(value): value for value in known} | {each: each for each in known}
        self.__attrs_init__(
            f"one of the {len(known)} of {choices.__name__}: {shown}",
            lambda value: isinstance(value, str) and value in values,
            values,
        )

    def spell(self, value: Any) -> Any:
        """The documented spelling."""
        return self.values.get(value, value) if isinstance(value, str) else value


@attrs.frozen
class Day(Kind):
    """A date on the calendar, for which a time of that day is taken as well."""

    def tidy(self, value: Any) -> Any:
        """The date; what could be on two days stays as it is, and is a fault."""
        if isinstance(value, dt.datetime):
            return day_of(value) or value
        return day_in(value) if isinstance(value, str) else value


@attrs.frozen
class Pointer(Kind):
    """``{"id": 1}``, for which a body class takes the id or the record itself."""

    def wire(self, value: Any) -> Any:
        """The object."""
        if isinstance(value, int) and not isinstance(value, bool):
            return {"id": value}
        identifier = getattr(value, "id", None)
        return value if identifier is None else {"id": identifier}

    def faults(self, value: Any, path: str) -> Iterator[BodyFault]:
        """Yield the faults of the object and of its fields."""
        if not self.fits(value):
            yield BodyFault(path, f"must be {self.right}")
            return
        if "id" not in value:
            yield BodyFault(f"{path}.id", f"is missing; it must be {_ID.right}")
        for key, item in value.items():
            if key == "id":
                yield from _ID.faults(item, f"{path}.id")
            else:
                yield BodyFault(f"{path}.{safe_key(str(key))}", "is not a field here; only 'id' is")


@attrs.frozen
class Pointers(Kind):
    """A list of at least one :class:`Pointer`, each only once."""

    def wire(self, value: Any) -> Any:
        """The list of objects."""
        return [_POINTER.wire(item) for item in value] if _is_list(value) else value

    def faults(self, value: Any, path: str) -> Iterator[BodyFault]:
        """Yield the faults of the list and of each item."""
        if not self.fits(value):
            yield BodyFault(path, f"must be {self.right}")
            return
        for index, item in enumerate(value):
            yield from _POINTER.faults(item, f"{path}[{index}]")
            if item in value[:index]:
                yield BodyFault(f"{path}[{index}]", "is in the list already")


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


def _text(most: int | None = None) -> Fits:
    return lambda value: isinstance(value, str) and 1 <= len(value) <= (most or len(value))


def _whole(least: int) -> Fits:
    return lambda value: isinstance(value, int) and not isinstance(value, bool) and value >= least


def _number(step: str | None = None, most: str = "Infinity") -> Fits:
    """A number within limits, compared exactly: as floats, 19.99 and 0.01 do not divide."""
    unit = None if step is None else Decimal(step)
    limit = Decimal(most)

    def fits(value: Any) -> bool:
        if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
            return False
        exact = Decimal(float.__repr__(value)) if isinstance(value, float) else Decimal(value)
        return (
            exact.is_finite()
            and exact.copy_abs() <= limit
            and (unit is None or _EXACT.remainder(exact, unit) == 0)
        )

    return fits


def _is_day(value: Any) -> bool:
    if isinstance(value, str):
        return _DAY.fullmatch(value) is not None and _exists(value)
    return isinstance(value, dt.date) and not isinstance(value, dt.datetime)


def _is_moment(value: Any) -> bool:
    if isinstance(value, str):
        return _MOMENT.fullmatch(value) is not None and _exists(value)
    return isinstance(value, dt.datetime)


def _exists(text: str) -> bool:
    try:
        dt.datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def text(most: int) -> Kind:
    """Texts of 1 to ``most`` characters."""
    return Kind(f"a text of 1 to {most} characters", _text(most))


def matching(pattern: str, right: str) -> Kind:
    """Texts that match ``pattern`` as a whole."""
    return Kind(
        right, lambda value: isinstance(value, str) and re.fullmatch(pattern, value) is not None
    )


FLAG = Kind("true or false", lambda value: isinstance(value, bool))
_ID = Kind("a whole number of at least 1", _whole(1))
_POINTER = Pointer(
    'an object with an id, as {"id": 1}; a body class also takes the id alone',
    lambda value: isinstance(value, Mapping),
)
_POINTERS = Pointers(
    'a list of at least one object with an id, as [{"id": 1}], without doubles',
    lambda value: _is_list(value) and len(value) > 0,
)

Short = Annotated[str, text(255)]
Long = Annotated[str, Kind("a text that is not empty", _text())]
AnyText = Annotated[str, Kind("a text", lambda value: isinstance(value, str))]
Id = Annotated[int, _ID]
Count = Annotated[int, Kind("a whole number of at least 0", _whole(0))]
Size = Annotated[int, _ID]
Money = Annotated[
    Decimal | int | float,
    Kind(
        "a number from -99999999.99 to 99999999.99 with at most 2 decimals",
        _number("0.01", "99999999.99"),
    ),
]
"""Amounts, and percentages written the same way. A float is taken for what its repr says."""
YearlyRate = Annotated[
    Decimal | int | float,
    Kind(
        "a number from -999999999.9 to 999999999.9 with at most 1 decimal",
        _number("0.1", "999999999.9"),
    ),
]
MonthlyRate = Annotated[
    Decimal | int | float,
    Kind(
        "a number from -9999999.999999 to 9999999.999999 with at most 6 decimals",
        _number("0.000001", "9999999.999999"),
    ),
]
AnyNumber = Annotated[Decimal | int | float, Kind("a number", _number())]
Date = Annotated[
    dt.date | str,
    Day("a date, as 2016-01-31; a time with it must be on one day in the Netherlands", _is_day),
]
"""A date on the calendar. As text, a time with an offset may follow, as the documentation shows;
of any other time, the day is sent."""
DateTime = Annotated[dt.datetime | str, Kind("a date and time, as 2016-01-31 10:00:00", _is_moment)]
"""An instant. Naive, it is written as the documentation does, in the server's local time; with
an offset, that goes along. Fractions of a second are cut off."""
Reference = Annotated[int | IdentifiedRecord, _POINTER]
References = Annotated[Sequence[int | IdentifiedRecord], _POINTERS]
