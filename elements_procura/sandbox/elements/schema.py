"""Checks bodies against the documented JSON Schemas (draft 4): the keywords used there, no others.

Numbers are read as ``Decimal``, of the schema and of the body alike: in floats, 19.99 is no
multiple of 0.01.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from decimal import Context, Decimal, DecimalException
from functools import cache
from importlib.resources import files
from typing import Any, Final

import attrs
import orjson

Schema = Mapping[str, Any]

_EXACT: Final = Context(prec=400)  # digits enough for any number that is read
_OFFSET: Final = r"(?:Z|[+-]\d\d:?\d\d)?"
_TIME: Final = rf"\d\d:\d\d:\d\d{_OFFSET}"
# A documented body gives a birthday with a time and an offset.
_DATE: Final = re.compile(rf"\d{{4}}-\d\d-\d\d(?:T{_TIME})?", re.ASCII)
_DATETIME: Final = re.compile(rf"\d{{4}}-\d\d-\d\d[ T]{_TIME}", re.ASCII)
_SAID_ONLY: Final = {"title", "definitions"}


@attrs.frozen
class Fault:
    """A fault and its place: ``path`` is a JSON pointer, empty for the body itself."""

    path: str
    message: str


def parse(text: bytes) -> Any:
    """JSON with exact numbers.

    Raises:
        ValueError: It is not JSON.
    """
    orjson.loads(text)  # the stricter of the two: no NaN, no half characters
    try:
        return json.loads(text.decode("utf-8"), parse_float=Decimal)
    except (RecursionError, DecimalException) as error:
        raise ValueError("too deep, or a number too big") from error


@cache
def schemas() -> dict[str, Schema]:
    """The documented schemas, by what they describe."""
    text = files("elements_procura.sandbox").joinpath("data", "elements_schemas.json").read_bytes()
    return {name: _meant(schema) for name, schema in parse(text).items()}


def _meant(schema: Schema) -> Schema:
    """Two are printed as a definition that nothing refers to: it is what they mean."""
    if schema.keys() == {"definitions"}:
        (schema,) = schema["definitions"].values()
    return schema


def faults(schema: Schema, value: Any, path: str = "") -> Iterator[Fault]:
    """Everything that is wrong with ``value``, a body or the part of one at ``path``."""
    for keyword, says in schema.items():
        if keyword not in _SAID_ONLY:
            yield from _KEYWORDS[keyword](value, says, schema, path)


def _fits(schema: Schema, value: Any) -> bool:
    return next(faults(schema, value), None) is None


def _listed(names: list[str]) -> str:
    return json.dumps(names, ensure_ascii=False)


def _type(value: Any, says: str, _: Schema, path: str) -> Iterator[Fault]:
    if not _TYPES[says](value):
        yield Fault(path, f"Value is not of type {says}")


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


_TYPES: Final[dict[str, Callable[[Any], bool]]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "integer": _is_whole,
    "number": lambda value: _is_whole(value) or isinstance(value, Decimal),
}


def _enum(value: Any, says: list[Any], _: Schema, path: str) -> Iterator[Fault]:
    # By type as well: in Python, 1 equals true.
    if not any(type(value) is type(each) and value == each for each in says):
        yield Fault(path, "Value is not one of the choices")


def _required(value: Any, says: list[str], _: Schema, path: str) -> Iterator[Fault]:
    if isinstance(value, dict) and (missing := [name for name in says if name not in value]):
        yield Fault(path, f"Required properties missing: {_listed(missing)}")


def _properties(value: Any, says: Mapping[str, Schema], _: Schema, path: str) -> Iterator[Fault]:
    if isinstance(value, dict):
        for name, schema in says.items():
            if name in value:
                yield from faults(schema, value[name], f"{path}/{name}")


def _additional(value: Any, says: bool, schema: Schema, path: str) -> Iterator[Fault]:
    if isinstance(value, dict) and not says:
        unknown = [name for name in value if name not in schema["properties"]]
        if unknown:
            yield Fault(path, f"Properties not allowed: {_listed(unknown)}")


def _one_of(value: Any, says: list[Schema], _: Schema, path: str) -> Iterator[Fault]:
    fitting = sum(_fits(schema, value) for schema in says)
    if fitting != 1:
        yield Fault(path, f"Exactly one of {len(says)} alternatives must fit, not {fitting}")


def _items(value: Any, says: Schema, _: Schema, path: str) -> Iterator[Fault]:
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from faults(says, item, f"{path}/{index}")


def _min_items(value: Any, says: int, _: Schema, path: str) -> Iterator[Fault]:
    if isinstance(value, list) and len(value) < says:
        yield Fault(path, f"List is shorter than {says}")


def _unique(value: Any, says: bool, _: Schema, path: str) -> Iterator[Fault]:
    if says and isinstance(value, list):
        for index, item in enumerate(value):
            if item in value[:index]:
                yield Fault(f"{path}/{index}", "Item is in the list already")


def _min_length(value: Any, says: int, _: Schema, path: str) -> Iterator[Fault]:
    if isinstance(value, str) and len(value) < says:
        yield Fault(path, f"Text is shorter than {says}")


def _max_length(value: Any, says: int, _: Schema, path: str) -> Iterator[Fault]:
    if isinstance(value, str) and len(value) > says:
        yield Fault(path, f"Text is longer than {says}")


def _pattern(value: Any, says: str, _: Schema, path: str) -> Iterator[Fault]:
    # A dollar of JSON Schema's lets no line end pass, Python's does.
    if isinstance(value, str) and not re.search(says.replace("$", r"\Z"), value):
        yield Fault(path, f"Text does not match {says}")


def _minimum(value: Any, says: int | Decimal, _: Schema, path: str) -> Iterator[Fault]:
    if _TYPES["number"](value) and value < says:
        yield Fault(path, f"Number is less than {says}")


def _maximum(value: Any, says: int | Decimal, _: Schema, path: str) -> Iterator[Fault]:
    if _TYPES["number"](value) and value > says:
        yield Fault(path, f"Number is more than {says}")


def _multiple_of(value: Any, says: Decimal | str, _: Schema, path: str) -> Iterator[Fault]:
    # One schema has its number in quotes.
    if _TYPES["number"](value) and _EXACT.remainder(Decimal(value), Decimal(says)) != 0:
        yield Fault(path, f"Number is not a multiple of {says}")


def _format(value: Any, says: str, _: Schema, path: str) -> Iterator[Fault]:
    if not _FORMATS[says](value):
        yield Fault(path, f"Value is not a {says}")


def _stands(shape: re.Pattern[str]) -> Callable[[Any], bool]:
    """Texts of a shape that name a day of the calendar; what is no text has no format."""

    def check(value: Any) -> bool:
        if not isinstance(value, str):
            return True
        try:
            return bool(shape.fullmatch(value) and datetime.fromisoformat(value))
        except ValueError:
            return False

    return check


_FORMATS: Final[dict[str, Callable[[Any], bool]]] = {
    "datatype-int": lambda value: not _is_whole(value) or -(2**63) <= value < 2**63,
    "datatype-date": _stands(_DATE),
    "datatype-datetime": _stands(_DATETIME),
}
_KEYWORDS: Final[dict[str, Callable[[Any, Any, Schema, str], Iterator[Fault]]]] = {
    "type": _type,
    "enum": _enum,
    "required": _required,
    "properties": _properties,
    "additionalProperties": _additional,
    "oneOf": _one_of,
    "items": _items,
    "minItems": _min_items,
    "uniqueItems": _unique,
    "minLength": _min_length,
    "maxLength": _max_length,
    "pattern": _pattern,
    "minimum": _minimum,
    "maximum": _maximum,
    "multipleOf": _multiple_of,
    "format": _format,
}
