"""A record as the cells of a row. Pure.

======= =================================================================================
type    what a cell holds, besides None
======= =================================================================================
text    str; instants and times of day in ISO 8601, with the offset that they came with
integer int of 64 bits; an incomplete date of the register as its number, ``19750300``
decimal Decimal, exactly as written, of at most 20 digits before and 18 behind the point
date    datetime.date
boolean bool
json    str that holds JSON: records spelled as columns are, their links left out
======= =================================================================================

A value that does not fit its cell leaves it empty and stands in ``extra``, as it came.
"""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple, SupportsInt

import attrs

from elements_procura.export.texts import json_text
from elements_procura.schema.model import Model
from elements_procura.schema.open_typing import Field, as_object
from elements_procura.schema.scalars import WireFault, to_int
from elements_procura.schema.structure import Wire

SCALE, WHOLE = 18, 20
"""Digits of a decimal behind the point and before it: what Parquet's widest common type holds."""
Row = tuple[Any, ...]
_INT64 = 2**63
_OWN = ("links", "extra")


class Type(StrEnum):
    """The type of a column's cells."""

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


class TypedRecord(NamedTuple):
    """A record as cells.

    Attributes:
        cells: Of its row.
        is_typed: Whether a model fits it.
        misfits: How many values in it fit no cell and no attribute, and stand in ``extra``.
    """

    cells: Row
    is_typed: bool
    misfits: int = 0


class _NoCell(Exception):
    """A value fits no cell of its column's type."""


class RowMaker:
    """Makes rows of the records of one model.

    Args:
        wire: The rules of the API.
        model: The records' model.
        without: Attributes that other columns hold.

    Attributes:
        columns: One per attribute, and ``extra`` for unknown fields, as JSON.
    """

    def __init__(self, wire: Wire, model: type[Model], *, without: frozenset[str]) -> None:
        fields = [each for each in wire.fields(model) if each.name not in without]
        types = [_type_of(each.item) for each in fields]
        types = [
            Type.JSON if field.is_many else Type.TEXT if field.choices else type_
            for field, type_ in zip(fields, types, strict=True)
        ]
        self.columns: tuple[Column, ...] = (
            *(Column(field.name, type_) for field, type_ in zip(fields, types, strict=True)),
            Column("extra", Type.JSON),
        )
        self._made: list[tuple[Field, Callable[[Any], Any]]] = [
            (field, _CELLS[column.type])
            for field, column in zip(fields, self.columns, strict=False)
        ]
        self._without = without
        self._wire, self._model = wire, model

    def row(self, raw: Any) -> TypedRecord:
        """The cells of a record.

        If it lacks an id, or a record or list in it is malformed, the whole of it stands in
        ``extra`` as it came, and of the others only an ``id`` that is a number is filled.

        Args:
            raw: Decoded JSON.
        """
        try:
            record = self._wire.structure(raw, self._model)
        except WireFault:
            return self._untyped(raw)
        try:
            cells = [cell(getattr(record, field.name)) for field, cell in self._made]
        except _NoCell:
            return self._with_gaps(raw, record)
        misfits = self._wire.misfits(record, without=self._without)
        return TypedRecord((*cells, _json(record.extra)), is_typed=True, misfits=len(misfits))

    def _with_gaps(self, raw: Any, record: Model) -> TypedRecord:
        cells: list[Any] = []
        extra = dict(record.extra)
        gaps = 0
        for field, cell in self._made:
            try:
                cells.append(cell(getattr(record, field.name)))
            except _NoCell:
                cells.append(None)
                extra |= _as_it_came(field, raw)
                gaps += 1
        misfits = self._wire.misfits(record, without=self._without)
        return TypedRecord((*cells, _json(extra)), is_typed=True, misfits=len(misfits) + gaps)

    def _untyped(self, raw: Any) -> TypedRecord:
        kept = raw
        if isinstance(raw, dict):
            kept = {key: value for key, value in raw.items() if key not in self._without}
        cells = [id_of(raw) if field.is_id else None for field, _ in self._made]
        return TypedRecord((*cells, json_text(kept)), is_typed=False)


def _as_it_came(field: Field, raw: Any) -> dict[str, Any]:
    """The value of an attribute, under the name that it came with."""
    names = (field.key, *field.aliases)
    held = as_object(raw) or {}
    found = (key for key in held if key in names or key.strip() in names)
    return {key: held[key] for key in found if held[key] is not None}


def id_of(raw: Any) -> int | None:
    """The id of a record, or None unless it is a number."""
    found = raw.get("id") if isinstance(raw, dict) else None
    try:
        number = None if isinstance(found, bool) else to_int(found)
    except WireFault:
        return None
    return number if number is not None and abs(number) < _INT64 else None


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
    return json_text(value)  # a value that its enum does not know


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
    return json_text(_plain(value))


def _plain(value: Any) -> Any:
    """JSON, of records with their attributes' names; what came as JSON is JSON."""
    if isinstance(value, Model):
        names = [each.name for each in attrs.fields(type(value)) if each.name not in _OWN]
        found = {name: getattr(value, name) for name in (*names, "extra")}
        return {name: _plain(each) for name, each in found.items() if each not in _NOTHING}
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    kind = type(value)
    if kind not in _TURNS:
        _TURNS[kind] = int if _is_own_number(kind) else None
    turn = _TURNS[kind]
    return value if turn is None else turn(value)


def _type_of(item: Any) -> Type:
    """The cell type of an attribute; an API's own scalars are stored as their number."""
    if item in _TYPES:
        return _TYPES[item]
    return Type.INTEGER if isinstance(item, type) and _is_own_number(item) else Type.JSON


def _is_own_number(kind: type) -> bool:
    return issubclass(kind, SupportsInt) and not issubclass(kind, int | float | Decimal)


_NOTHING: tuple[Any, ...] = (None, (), {})
_TYPES: dict[Any, Type] = {
    str: Type.TEXT,
    dt.datetime: Type.TEXT,
    dt.time: Type.TEXT,
    int: Type.INTEGER,
    Decimal: Type.DECIMAL,
    dt.date: Type.DATE,
    bool: Type.BOOLEAN,
}
_TURNS: dict[type, Callable[[Any], Any] | None] = {
    Decimal: decimal_text,
    dt.datetime: dt.datetime.isoformat,
    dt.date: dt.date.isoformat,
    dt.time: dt.time.isoformat,
}
"""How a value of a class becomes JSON, None where it is JSON already; others are added when met."""
_CELLS: dict[Type, Callable[[Any], Any]] = {
    Type.TEXT: _text,
    Type.INTEGER: _integer,
    Type.DECIMAL: _decimal,
    Type.DATE: _same,
    Type.BOOLEAN: _same,
    Type.JSON: _json,
}
