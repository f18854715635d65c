"""A record as the cells of a row. Pure.

======= =================================================================================
type    what a cell holds, besides None
======= =================================================================================
text    str; times of day in ISO 8601
instant datetime.datetime, with the offset that it came with
integer int of 64 bits; an incomplete date of the register as its number, ``19750300``
decimal Decimal, exactly as written, of at most 20 digits before and 18 behind the point
date    datetime.date
boolean bool
json    str that holds JSON: records spelled as columns are, their links left out
======= =================================================================================

A value that does not fit its cell leaves it empty and stands in ``extra``, as it came.
"""

import builtins
import datetime as dt
from collections.abc import Callable, Iterator
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple, SupportsInt

import attrs

from elements_procura.export.mending import MendedRecord, mend
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
_LONGEST = 63
"""Letters of a name in PostgreSQL: beyond, the last record within is not named."""


class Type(StrEnum):
    """The type of a column's cells."""

    TEXT = "text"
    INSTANT = "instant"
    INTEGER = "integer"
    DECIMAL = "decimal"
    DATE = "date"
    BOOLEAN = "boolean"
    JSON = "json"


@attrs.frozen
class Column:
    """A column of a table.

    Attributes:
        name: Its name.
        type: Of its cells.
        model: The model that it is an attribute of; None for keys and what the store tells.
        attribute: The attribute's name there.
        source: Where it stands in a record as it comes, steps separated by dots.
        choices: The values that are documented; empty where any may come.
    """

    name: str
    type: Type
    model: builtins.type[Model] | None = None
    attribute: str = ""
    source: str = ""
    choices: frozenset[str] = frozenset()


class TypedRecord(NamedTuple):
    """A record as cells.

    Attributes:
        cells: Of its row.
        is_typed: Whether a model fits it.
        misfits: How many values in it fit no cell and no attribute, and stand in ``extra``.
        nested: The records of each list within it, as :attr:`RowMaker.nested` names them.
        told: How many values fit no attribute, in the records within as well.
    """

    cells: Row
    is_typed: bool
    misfits: int = 0
    nested: tuple[tuple["TypedRecord", ...], ...] = ()
    told: int = 0


class _NoCell(Exception):
    """A value fits no cell of its column's type."""


@attrs.frozen
class _Run:
    """Attributes that stand side by side in a row: of the record, or of one within it.

    Attributes:
        path: The attributes that lead to the record within.
        fields: Each with what makes its cell.
    """

    path: tuple[str, ...]
    fields: tuple[tuple[Field, Callable[[Any], Any]], ...]


class RowMaker:
    """Makes rows of the records of one model.

    A record within a record gives columns, called after both attributes; a list of records is a
    table of its own (:class:`NestedList`).

    Args:
        wire: The rules of the API.
        model: The records' model.
        without: Attributes that other columns hold.

    Attributes:
        columns: One per attribute, and ``extra`` for unknown fields, as JSON.
        nested: The lists of records.
        has_id: Whether its records have a column ``id``.
    """

    def __init__(
        self, wire: Wire, model: type[Model], *, without: frozenset[str] = frozenset()
    ) -> None:
        self._without = without
        self._wire, self._model = wire, model
        self._runs: list[_Run] = []
        self.nested: list[NestedList] = []
        columns = [*self._columns(model, (), "", without)]
        self.columns: tuple[Column, ...] = (*columns, Column("extra", Type.JSON, model, "extra"))
        self.has_id: bool = any(column.name == "id" for column in columns)

    def _columns(
        self, model: type[Model], path: tuple[str, ...], source: str, without: frozenset[str]
    ) -> Iterator[Column]:
        run: list[tuple[Field, Callable[[Any], Any]]] = []
        for field in self._wire.fields(model):
            if field.name in without:
                continue
            name = "_".join((*path, field.name))
            if len(name) > _LONGEST:
                name = "_".join((*path[:-1], field.name))
            where = f"{source}{field.key.strip()}"
            if isinstance(field.item, type) and issubclass(field.item, Model):
                if field.is_many:
                    made = RowMaker(self._wire, field.item)
                    self.nested.append(NestedList(name, (*path, field.name), where, made))
                    continue
                if run:
                    self._runs.append(_Run(path, tuple(run)))
                    run = []
                yield from self._columns(field.item, (*path, field.name), f"{where}.", frozenset())
                continue
            type_ = _type_of(field.item)
            type_ = Type.JSON if field.is_many else Type.TEXT if field.choices else type_
            run.append((field, _CELLS[type_]))
            documented = frozenset(map(str, field.choices or ()))
            yield Column(name, type_, model, field.name, where, documented)
        if run:
            self._runs.append(_Run(path, tuple(run)))

    def row(self, raw: Any) -> TypedRecord:
        """The cells of a record.

        Anything else in place of a record or a list within it stands in ``extra`` as it came. If
        it lacks an id itself, the whole of it stands there, and of the others only an ``id`` that
        is a number is filled.

        Args:
            raw: Decoded JSON.
        """
        try:
            record = self._wire.structure(raw, self._model)
        except WireFault as fault:
            found = mend(self._wire, self._model, raw, fault)
            return self._untyped(raw) if found is None else self.row_of(found.record, raw, found)
        return self.row_of(record, raw)

    def row_of(
        self, record: Model, raw: Any = None, found: MendedRecord | None = None
    ) -> TypedRecord:
        """The cells of a record that is structured.

        Args:
            record: Of the maker's model.
            raw: As it came, if that is known.
            found: What was taken out of it, so that the model fits.
        """
        cells: list[Any] = []
        extra, gaps = record.extra, 0
        if found is not None:
            extra, gaps = found.beside(extra), found.parts
        for run in self._runs:
            held = _within(record, run.path)
            if held is None:
                cells += [None] * len(run.fields)
                continue
            if run.path and held.extra:
                extra = _with_extra(extra, run.path, held.extra)
            for field, cell in run.fields:
                try:
                    cells.append(cell(getattr(held, field.name)))
                except _NoCell:
                    cells.append(None)
                    lost = _as_it_came(field, None if run.path else raw, held)
                    extra = _with_extra(extra, run.path, lost) if run.path else extra | lost
                    gaps += 1
        nested: list[tuple[TypedRecord, ...]] = []
        for each in self.nested:
            ones = _within(record, each.path) or ()
            nested.append(tuple([each.rows.row_of(one) for one in ones]))
        cells.append(_json(extra))
        told = sum(1 for _ in self._wire.misfits(record, without=self._without))
        # Of records within, each row tells its own.
        misfits = gaps + told - sum([one.told for made in nested for one in made])
        return TypedRecord(tuple(cells), True, misfits, tuple(nested), told)

    def _untyped(self, raw: Any) -> TypedRecord:
        kept = raw
        if isinstance(raw, dict):
            kept = {key: value for key, value in raw.items() if key not in self._without}
        cells: list[Any] = [None] * (len(self.columns) - 1)
        for where, column in enumerate(self.columns):
            if column.name == "id" and column.type is Type.INTEGER:
                cells[where] = id_of(raw)
        return TypedRecord((*cells, json_text(kept)), is_typed=False)


@attrs.frozen
class NestedList:
    """A list of records within a record: a table of its own.

    Attributes:
        name: The attribute, after those that lead to it.
        path: The attributes that lead to it, and its own.
        source: Where it stands in the record as it comes.
        rows: Makes its rows.
    """

    name: str
    path: tuple[str, ...]
    source: str
    rows: RowMaker


def _within(record: Any, path: tuple[str, ...]) -> Any:
    """What stands at the end of attributes that lead into a record; None where one is None."""
    for name in path:
        if record is None:
            return None
        record = getattr(record, name)
    return record


def _with_extra(
    extra: dict[str, Any], path: tuple[str, ...], inside: dict[str, Any]
) -> dict[str, Any]:
    """What stands in a record's ``extra``, with that of a record within it."""
    head, *rest = path
    before = extra.get(head)
    before = before if isinstance(before, dict) else {}
    inner = _with_extra(before, tuple(rest), inside) if rest else before | inside
    return extra | {head: inner}


def _as_it_came(field: Field, raw: Any, record: Model) -> dict[str, Any]:
    """The value of an attribute, under the name that it came with."""
    if raw is None:
        return {field.key.strip(): _plain(getattr(record, field.name))}
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
    dt.datetime: Type.INSTANT,
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
    Type.INSTANT: _same,
    Type.INTEGER: _integer,
    Type.DECIMAL: _decimal,
    Type.DATE: _same,
    Type.BOOLEAN: _same,
    Type.JSON: _json,
}
