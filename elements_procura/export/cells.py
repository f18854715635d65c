"""A record as the cells of a row. Pure.

======= =================================================================================
type    what a cell holds, besides None
======= =================================================================================
text    str; instants and times of day in ISO 8601, with the offset that they came with
integer int of 64 bits; an incomplete date of Procura as its number, ``19750300``
decimal Decimal, exactly as written, of at most 20 digits before and 18 behind the point
date    datetime.date
boolean bool
json    str that holds JSON: records spelled as columns are, their links left out
======= =================================================================================
"""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from enum import StrEnum
from typing import Any

import attrs
import orjson

from elements_procura._model import Model
from elements_procura.procura.models.brp_date import BrpDate
from elements_procura.structure import Wire
from elements_procura.wire import WireFault

SCALE, WHOLE = 18, 20
"""Digits of a decimal behind the point and before it: what Parquet's widest common type holds."""
Row = tuple[Any, ...]
_INT64 = 2**63
_OWN = ("links", "extra")


class Type(StrEnum):
    """What the cells of a column hold."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    DATE = "date"
    BOOLEAN = "boolean"
    JSON = "json"


@attrs.frozen
class Column:
    """A column of a table."""

    name: str
    type: Type


class _NoCell(Exception):
    """A value fits no cell of its column's type."""


class Typed:
    """Makes rows of the records of one model.

    Args:
        wire: The rules of the API.
        model: What the records are.
        without: Attributes that are told elsewhere.

    Attributes:
        columns: One per attribute, and ``extra``: what the model does not know, as JSON.
    """

    def __init__(self, wire: Wire, model: type[Model], *, without: frozenset[str]) -> None:
        fields = [each for each in wire.fields(model) if each.name not in without]
        types = [_TYPES.get(each.item, Type.JSON) for each in fields]
        types = [
            Type.JSON if field.is_many else Type.TEXT if field.choices else type_
            for field, type_ in zip(fields, types, strict=True)
        ]
        self.columns = (
            *(Column(field.name, type_) for field, type_ in zip(fields, types, strict=True)),
            Column("extra", Type.JSON),
        )
        self._made: list[tuple[str, Callable[[Any], Any]]] = [
            (column.name, _CELLS[column.type]) for column in self.columns
        ]
        self._ids = [column.name == "id" for column in self.columns]
        self._without = without
        self._wire, self._model = wire, model

    def row(self, raw: Any) -> tuple[Row, bool]:
        """The cells of a record, and whether they are typed.

        If anything in it cannot be what its attribute needs, the whole record stands in ``extra``
        as it came, and of the others only an ``id`` that is a number is filled.

        Args:
            raw: Decoded JSON.
        """
        try:
            record = self._wire.structure(raw, self._model)
            return tuple([cell(getattr(record, name)) for name, cell in self._made]), True
        except (WireFault, _NoCell):
            pass
        kept = raw
        if isinstance(raw, dict):
            kept = {key: value for key, value in raw.items() if key not in self._without}
        cells: list[Any] = [id_of(raw) if is_id else None for is_id in self._ids]
        cells[-1] = orjson.dumps(kept).decode()
        return tuple(cells), False


def id_of(raw: Any) -> int | None:
    """The id of a record of Elements, or None if it has none that is a number."""
    found = raw.get("id") if isinstance(raw, dict) else None
    if isinstance(found, str) and found.isdecimal():
        found = int(found)
    if not isinstance(found, int) or isinstance(found, bool) or abs(found) >= _INT64:
        return None
    return found


def decimal_text(value: Decimal) -> str:
    """A decimal, exactly, without an exponent."""
    return format(value, "f")


def _text(value: Any) -> str | None:
    if value is None or value.__class__ is str:
        return value
    if isinstance(value, str):  # a member of an enum
        return str(value)
    if isinstance(value, dt.datetime | dt.time):
        return value.isoformat()
    return orjson.dumps(value).decode()  # a value that its enum does not know


def _integer(value: Any) -> int | None:
    number = None if value is None else int(value)
    if number is not None and not -_INT64 <= number < _INT64:
        raise _NoCell
    return number


def _decimal(value: Decimal | None) -> Decimal | None:
    if value is not None:
        _, digits, exponent = value.as_tuple()
        if not isinstance(exponent, int) or exponent < -SCALE or len(digits) + exponent > WHOLE:
            raise _NoCell
    return value


def _same(value: Any) -> Any:
    return value


def _json(value: Any) -> str | None:
    # An empty list or object is as good as none: answers leave either out.
    if value is None or value in ((), {}):
        return None
    return orjson.dumps(_plain(value)).decode()


def _plain(value: Any) -> Any:
    """JSON, of records with their attributes' names."""
    if isinstance(value, Model):
        names = [each.name for each in attrs.fields(type(value)) if each.name not in _OWN]
        found = {name: getattr(value, name) for name in (*names, "extra")}
        return {name: _plain(each) for name, each in found.items() if each not in _NOTHING}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    turn = _PLAIN.get(type(value))
    return value if turn is None else turn(value)


_NOTHING: tuple[Any, ...] = (None, (), {})
_TYPES: dict[Any, Type] = {
    str: Type.TEXT,
    dt.datetime: Type.TEXT,
    dt.time: Type.TEXT,
    int: Type.INTEGER,
    BrpDate: Type.INTEGER,
    Decimal: Type.DECIMAL,
    dt.date: Type.DATE,
    bool: Type.BOOLEAN,
}
_PLAIN: dict[type, Callable[[Any], Any]] = {
    Decimal: decimal_text,
    dt.datetime: dt.datetime.isoformat,
    dt.date: dt.date.isoformat,
    dt.time: dt.time.isoformat,
    BrpDate: int,
    int: _integer,
}
_CELLS: dict[Type, Callable[[Any], Any]] = {
    Type.TEXT: _text,
    Type.INTEGER: _integer,
    Type.DECIMAL: _decimal,
    Type.DATE: _same,
    Type.BOOLEAN: _same,
    Type.JSON: _json,
}
