"""Dates of the population register, which may be incomplete."""

import datetime as dt
from typing import Self

import attrs

__all__ = ["BrpDate"]


@attrs.frozen(repr=False)
class BrpDate:
    """A date as one number, ``19750307``, of which day, month or all may be 00 (unknown).

    Attributes:
        value: The number as it goes over the wire.
    """

    value: int

    @classmethod
    def of(cls, date: "dt.date | int | str | BrpDate") -> Self:
        """A date out of a calendar date, a number or a text of digits.

        Raises:
            ValueError: The text is not a number.
        """
        if isinstance(date, BrpDate):
            return cls(date.value)
        if isinstance(date, dt.date):
            return cls(date.year * 10_000 + date.month * 100 + date.day)
        return cls(int(date))

    @property
    def year(self) -> int:
        """The year, or 0."""
        return self.value // 10_000

    @property
    def month(self) -> int:
        """The month, or 0."""
        return self.value // 100 % 100

    @property
    def day(self) -> int:
        """The day, or 0."""
        return self.value % 100

    @property
    def date(self) -> dt.date | None:
        """The calendar date, or None if it is incomplete or invalid."""
        try:
            return dt.date(self.year, self.month, self.day)
        except (ValueError, OverflowError):
            return None

    @property
    def is_valid(self) -> bool:
        """Whether it is a date, a date whose last parts are unknown, or 0."""
        if self.date is not None or self.value == 0:
            return True
        known = 0 < self.year < _YEARS
        return known and self.day == 0 and 0 <= self.month <= _MONTHS

    def __int__(self) -> int:
        return self.value

    def __repr__(self) -> str:
        return "<BrpDate>"


_MONTHS = 12
_YEARS = 10_000
