"""JSON as text, also of values that orjson cannot write. Pure."""

import json
from collections.abc import Iterator
from typing import Any

import attrs
import orjson


def json_text(value: Any) -> str:
    """``value`` as JSON, however deep it is nested and however long its numbers are.

    orjson reads 1,024 levels and writes 254, and the interpreter's stack ends at some thousand.
    """
    try:
        return orjson.dumps(value).decode()
    except TypeError:
        return "".join(_pieces(value))


@attrs.frozen
class _Mark:
    """The punctuation between values."""

    text: str


def _pieces(value: Any) -> Iterator[str]:
    ahead: list[Any] = [value]
    while ahead:
        each = ahead.pop()
        if isinstance(each, _Mark):
            yield each.text
        elif isinstance(each, dict):
            yield "{"
            ahead += reversed([*_members(each), _Mark("}")])
        elif isinstance(each, list | tuple):
            yield "["
            ahead += reversed([*_items(each), _Mark("]")])
        else:
            yield _leaf(each)


def _members(held: dict[str, Any]) -> Iterator[Any]:
    for number, (key, value) in enumerate(held.items()):
        yield _Mark(f"{',' * bool(number)}{_leaf(key)}:")
        yield value


def _items(held: list[Any] | tuple[Any, ...]) -> Iterator[Any]:
    for number, value in enumerate(held):
        if number:
            yield _Mark(",")
        yield value


def _leaf(value: Any) -> str:
    try:
        return orjson.dumps(value).decode()
    except TypeError:  # half of a pair of surrogates, or a number of more than 64 bits
        return json.dumps(value)


def storable(cell: Any) -> Any:
    """A cell whose text every database holds: without NUL and without halves of pairs."""
    if cell.__class__ is not str or (cell.isascii() and "\0" not in cell):
        return cell
    return cell.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
