"""Rows as lines of JSON or of CSV. The same rows give the same bytes."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, BinaryIO, Protocol

import orjson

from elements_procura.export.cells import Column, Row, decimal_text


class Sink(Protocol):
    """Takes the rows of one table."""

    def write(self, row: Row) -> None:
        """Append a row."""

    def close(self) -> None:
        """Write buffered rows; the file stays open."""


class JsonLines:
    """One object a line, null where there is nothing; decimals are texts, so they stay exact."""

    def __init__(self, file: BinaryIO, columns: Sequence[Column]) -> None:
        self._file = file
        self._names = [column.name for column in columns]

    def write(self, row: Row) -> None:
        """Append a row."""
        self._file.write(
            orjson.dumps(
                dict(zip(self._names, row, strict=True)),
                default=_default,
                option=orjson.OPT_APPEND_NEWLINE,
            )
        )

    def close(self) -> None:
        """Do nothing, as no rows are buffered."""


class Csv:
    """RFC 4180 in UTF-8, with a line of names.

    All text is in quotes, whatever it begins with, and None is written as nothing at all: so the
    empty text and None differ. Nothing is altered; a spreadsheet that takes ``=`` for a formula
    must read the file as text.

    Attributes:
        longest: The most bytes that a row takes.
    """

    def __init__(self, file: BinaryIO, columns: Sequence[Column]) -> None:
        self._file = file
        head = ",".join(column.name for column in columns).encode() + b"\r\n"
        self.longest: int = len(head)
        file.write(head)

    def write(self, row: Row) -> None:
        """Append a row."""
        line = ",".join([_cell(value) for value in row]).encode() + b"\r\n"
        self._file.write(line)
        self.longest = max(self.longest, len(line))

    def close(self) -> None:
        """Do nothing, as no rows are buffered."""


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if value.__class__ is str:
        doubled = value.replace('"', '""')
        return f'"{doubled}"'
    if value.__class__ is bool:
        return "true" if value else "false"
    if value.__class__ is dt.datetime:
        return str(value.isoformat())
    return decimal_text(value) if value.__class__ is Decimal else str(value)


def _default(value: Any) -> str:
    if isinstance(value, Decimal):
        return decimal_text(value)
    raise TypeError
