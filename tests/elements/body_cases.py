"""Violations of the documented JSON schemas, and jsonschema as the judge of what is one."""

import copy
import datetime as dt
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import attrs
import orjson
from jsonschema import Draft4Validator, FormatChecker

from tests.contract import BY_KEY, ENDPOINTS, Documented

Json = Any
D = "/api/data/klantdossiers/{DOSSIER_ID}"
PARTICULIER = f"{D}/klanten/particulier/{{PERSOON_ID}}"
FORMATS = FormatChecker(formats=())


@FORMATS.checks("datatype-int")
def is_int(value: Json) -> bool:
    return isinstance(value, int)


@FORMATS.checks("datatype-date", raises=ValueError)
def is_date(value: Json) -> bool:
    if not isinstance(value, str):
        return True
    dt.date.fromisoformat(value[:10])
    return re.fullmatch(r"(T00:00:00[+-]\d\d:\d\d)?", value[10:]) is not None


@FORMATS.checks("datatype-datetime", raises=ValueError)
def is_datetime(value: Json) -> bool:
    if not isinstance(value, str):
        return True
    # Requests are documented without an offset; answers have one, behind a T.
    with_offset = re.fullmatch(r"(.{10})T(.{8})[+-]\d\d:?\d\d", value)
    plain = " ".join(with_offset.groups()) if with_offset else value
    dt.datetime.strptime(plain, "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007 - as documented
    return True


def exact(value: Json) -> Json:
    """The same JSON with decimal numbers, so that 19.99 is a multiple of 0.01."""
    if isinstance(value, float):
        return Decimal(repr(value))
    if isinstance(value, dict):
        return {
            key: Decimal(item) if key == "multipleOf" and isinstance(item, str) else exact(item)
            for key, item in value.items()
        }
    return [exact(item) for item in value] if isinstance(value, list) else value


def schemas(endpoint: Documented) -> list[dict[str, Any]]:
    """What the documentation says of the endpoint's bodies: one of these has to hold."""
    if endpoint.path == PARTICULIER:  # no schema is printed: the example is that of a dossier
        return schemas(BY_KEY["PATCH", D])
    if endpoint.path.endswith("}/registraties") and not endpoint.schemas:
        return schemas(BY_KEY["POST", f"{D}/registraties"])
    found = []
    for each in endpoint.schemas:
        schema = exact(each["schema"])
        found.append(
            next(iter(schema["definitions"].values())) if "definitions" in schema else schema
        )
    if endpoint.path == f"{PARTICULIER}/adressen":
        # Its schema forgets what its second example shows: an adres that is there already.
        found.append(schemas(BY_KEY["POST", f"{D}/panden"])[1])
    return found


@attrs.frozen(repr=False)
class Checked:
    """An endpoint whose bodies are documented."""

    endpoint: Documented
    validators: list[Draft4Validator]

    def is_right(self, body: Json) -> bool:
        return any(each.is_valid(exact(body)) for each in self.validators)

    def shapes(self) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
        """Schemas of one shape each, and an example that is right by it."""
        for validator in self.validators:
            for schema in alternatives(validator.schema):
                judge = Draft4Validator(schema, format_checker=FORMATS)
                for example in self.endpoint.bodies:
                    if judge.is_valid(exact(example)):
                        yield schema, example
                        break
                else:
                    yield schema, made(schema)


def alternatives(schema: Any) -> list[dict[str, Any]]:
    """The schemas of which one has to hold, when nothing is said beside them."""
    return [schema] if "properties" in schema else list(schema["oneOf"])


CHECKED = [
    Checked(each, [Draft4Validator(one, format_checker=FORMATS) for one in found])
    for each in ENDPOINTS
    if each.method != "GET" and (found := schemas(each))
]


def made(schema: dict[str, Any]) -> Json:
    """A value that is right by ``schema``."""
    if "enum" in schema:
        return schema["enum"][-1]
    kind = schema.get("type", "object")
    if kind == "object":
        return {name: made(schema["properties"][name]) for name in schema["required"]}
    if kind == "array":
        return [made(schema["items"])]
    days = {"datatype-date": "2016-02-29", "datatype-datetime": "2016-02-29 23:59:59"}
    return days.get(schema.get("format", ""), OF_TYPE[kind])


@attrs.frozen
class Case:
    """A body that is wrong in one place."""

    keyword: str
    path: str
    body: Json


def violations(schema: dict[str, Any], example: dict[str, Any]) -> Iterator[Case]:
    """For each keyword at each place of ``schema``, bodies that are wrong by it."""
    yield from (Case(*each) for each in _of_object(schema, example, "$"))
    for name, inner in schema["properties"].items():
        base = copy.deepcopy(example)
        base.setdefault(name, made(inner))
        for keyword, path, value in _of_value(inner, base[name], f"$.{name}"):
            yield Case(keyword, path, base | {name: value})


Discovery = Iterator[tuple[str, str, Json]]
"""Keyword, path of what is wrong, and the value with it."""


def _of_object(schema: dict[str, Any], value: Json, path: str) -> Discovery:
    for name in schema.get("required", []):
        yield "required", f"{path}.{name}", _without(value, name)
    if schema.get("additionalProperties") is False:
        yield "additionalProperties", f"{path}.erbij", value | {"erbij": 1}
    branches = schema.get("oneOf", [])
    asked = {name for branch in branches for name in branch.get("required", [])}
    filled = {name: made(schema["properties"][name]) for name in asked}
    if branches and not any("properties" in branch for branch in branches):
        yield "oneOf", path, _without(value, *asked)
        yield "oneOf", path, value | filled
        return
    for branch in branches:
        chosen = {name: inner["enum"][0] for name, inner in branch["properties"].items()}
        for name in branch.get("required", []):
            yield "oneOf", f"{path}.{name}", _without(value | filled | chosen, name)


def _without(value: dict[str, Any], *names: str) -> dict[str, Any]:
    return {key: item for key, item in value.items() if key not in names}


def _of_value(schema: dict[str, Any], value: Json, path: str) -> Discovery:
    for keyword, wrong in WRONG.items():
        if keyword in schema:
            yield from ((keyword, path, other) for other in wrong(schema))
    if schema.get("type") == "array":
        yield "uniqueItems", f"{path}[1]", [value[0], value[0]]
        for keyword, inside, item in _of_value(schema["items"], value[0], f"{path}[0]"):
            yield keyword, inside, [item]
    if schema.get("type") == "object":
        yield from _of_object(schema, value, path)
        for name, inner in schema["properties"].items():
            for keyword, inside, item in _of_value(inner, value[name], f"{path}.{name}"):
                yield keyword, inside, value | {name: item}


FORMATS_OF: dict[str, list[Json]] = {
    "datatype-date": ["", "2016", "2016-02-30", "30-01-2016", "2016-1-1", "2016-02-30 10:00:00"],
    "datatype-datetime": ["", "2016-01-01", "2016-13-01 10:00:00", "2016-01-01 25:00:00", "nu"],
    "datatype-int": ["1", 1.5],
}
OF_TYPE: dict[str, Json] = {
    "string": "12",
    "integer": 12,
    "number": 12.25,
    "boolean": True,
    "null": None,
    "array": ["x"],
    "object": {"naam": "x"},
}


def _of_other_type(schema: dict[str, Any]) -> list[Json]:
    also = {"number": "integer"}.get(schema["type"])
    return [value for kind, value in OF_TYPE.items() if kind not in (schema["type"], also)]


def _too_small(schema: dict[str, Any]) -> list[Json]:
    return [schema["minimum"] - schema.get("multipleOf", 1)]


WRONG: dict[str, Callable[[dict[str, Any]], list[Json]]] = {
    "type": _of_other_type,
    "enum": lambda _: ["geen van deze", *list(OF_TYPE.values())[1:]],
    "minLength": lambda _: [""],
    "maxLength": lambda schema: ["\u00e9" * (schema["maxLength"] + 1)],
    "pattern": lambda _: ["", "06x", "1" * 256],
    "minimum": _too_small,
    "maximum": lambda schema: [schema["maximum"] + schema["multipleOf"]],
    "multipleOf": lambda schema: [5 + schema["multipleOf"] / 10, float(-schema["multipleOf"] / 2)],
    "format": lambda schema: list(FORMATS_OF[schema["format"]]),
    "minItems": lambda _: [[]],
}


def written(value: Json) -> Json:
    """JSON as the wire has it."""
    return orjson.loads(orjson.dumps(value, default=float))
