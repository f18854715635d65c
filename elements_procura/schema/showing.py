"""Records made visible on request: as JSON values, as text, as HTML. Pure but for one switch."""

import datetime as dt
import enum
import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import attrs

__all__ = ["show_personal_data"]

_HIDDEN = ("links",)


class _Switch:
    """Whether notebooks show records."""

    is_on = False


def show_personal_data(shown: bool = True) -> None:
    """Let notebooks show the fields of records, for this process.

    Records hold citizen numbers, names and bank accounts, and notebooks are saved with what they
    show. Without this call they show a record's class and id, as logs do.

    Args:
        shown: Whether to show them.
    """
    _Switch.is_on = shown


def to_dict(record: Any, *, links: bool) -> dict[str, Any]:
    """A record's attributes as JSON values; see :meth:`elements_procura.schema.model.Model`."""
    hidden = () if links else _HIDDEN
    found = {
        field.name: _value(getattr(record, field.name), links=links)
        for field in _fields(record)
        if field.name not in hidden
    }
    if not found.get("extra", True):
        del found["extra"]
    return found


def to_json(record: Any, *, links: bool) -> str:
    """The same as a JSON text."""
    return json.dumps(to_dict(record, links=links), ensure_ascii=False)


def as_text(record: Any) -> str:
    """A record's attributes, one a line, records within indented below theirs."""
    return "\n".join((type(record).__name__, *_lines(to_dict(record, links=False), "  ")))


def as_html(record: Any) -> str | None:
    """A record as a table, or None unless personal data may be shown."""
    if not _Switch.is_on:
        return None
    return f"<b>{type(record).__name__}</b>{_table(to_dict(record, links=False))}"


def _fields(record: Any) -> Iterator[Any]:
    """The attributes of a record, those of every record last."""
    fields = attrs.fields(type(record))
    yield from (field for field in fields if field.name not in ("extra", "links"))
    yield from (field for field in fields if field.name in ("extra", "links"))


def _value(value: Any, *, links: bool) -> Any:
    if isinstance(value, dict):
        return {str(key): _value(each, links=links) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_value(each, links=links) for each in value]
    if attrs.has(type(value)):
        names = [field.name for field in attrs.fields(type(value))]
        is_date = names == ["value"]  # of the population register
        return value.value if is_date else to_dict(value, links=links)
    return _scalar(value)


def _scalar(value: Any) -> Any:
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def _lines(data: dict[str, Any], indent: str) -> Iterator[str]:
    for name, value in data.items():
        if isinstance(value, dict):
            yield f"{indent}{name}"
            yield from _lines(value, f"{indent}  ")
        elif isinstance(value, list) and any(isinstance(each, dict) for each in value):
            for number, each in enumerate(value):
                yield f"{indent}{name}[{number}]"
                yield from _lines(each if isinstance(each, dict) else {"": each}, f"{indent}  ")
        elif value not in (None, [], {}):
            yield f"{indent}{name}: {value}"


def _table(data: dict[str, Any]) -> str:
    from html import escape  # noqa: PLC0415 - few show records

    rows = [
        f"<tr><th>{escape(name)}</th><td>{_cell(value)}</td></tr>"
        for name, value in data.items()
        if value not in (None, [], {})
    ]
    return f"<table>{''.join(rows)}</table>"


def _cell(value: Any) -> str:
    from html import escape  # noqa: PLC0415 - few show records

    if isinstance(value, dict):
        return _table(value)
    if isinstance(value, list):
        return "".join(
            _cell(each) if isinstance(each, dict) else f"{_cell(each)} " for each in value
        )
    return escape(str(value))
