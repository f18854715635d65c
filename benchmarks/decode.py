"""Bytes → typed records, beside orjson, msgspec, pydantic v2 and default cattrs.

::

    pip install msgspec pydantic
    python benchmarks/decode.py [--goals] [--rounds N]

Every contender decodes the same documented bodies into records of the same fields and types:
Decimal, datetime, enumerations, links. What they don't do they are spared: only ours makes a date
of midnight with an offset, reads "ja" as a yes, and keeps unknown fields and unknown choices.
Figures are CPU time; rounds are interleaved, and a ratio is the median of those of each round.

*ours* finds the days and the amounts of a body in its tables of known ones, as it does once a
process has read some answers; *no value known* empties both before each body.

The second table is of a server that writes the keys of every object in another order each time:
the time of readers for sets of keys beside that of one function per model, without parsing. *at
first* are the first hundred answers of a process, *later* the same once it has given up counting.
"""

import argparse
import datetime as dt
import enum
import gc
import random
import re
import statistics
import sys
import time
import types
import typing
from collections.abc import Callable
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any

import attrs
import cattrs
import cattrs.gen
import cattrs.preconf.orjson
import orjson
from _table import Figure, show

from elements_procura.elements._wire import SPELLINGS, elements_wire
from elements_procura.elements.models import Hypotheek, Hypotheekdeel, Product
from elements_procura.elements.models.bezittingen import Bezitting
from elements_procura.elements.models.klantdossiers import Klantdossier
from elements_procura.schema import hal
from elements_procura.schema.model import Model, Resource
from elements_procura.schema.scalars import AMOUNTS, DAYS
from elements_procura.schema.structure import Wire

# No dependencies of ours, so nothing is known of their types either.
msgspec: Any = import_module("msgspec")
pydantic: Any = import_module("pydantic")
WIRE = elements_wire()
CONTRACT = Path(__file__).parents[1] / "tests/data/elements_contract.json"
DOSSIER = "/api/data/klantdossiers/{DOSSIER_ID}"
YES_NO = (Product, Hypotheek, Hypotheekdeel)
"""Models whose flags are words on the wire."""

Decode = Callable[[bytes], Any]


class JaNee(enum.StrEnum):
    """A flag as the API writes it."""

    JA = "ja"
    NEE = "nee"


@attrs.frozen
class Payload:
    """A body and what is in it."""

    name: str
    body: bytes
    model: type[Model]
    rel: str | None


def payloads() -> list[Payload]:
    """The documented bodies; lists are grown to a size that means something, with other values."""
    answers = {
        each["path"].removeprefix(DOSSIER): each["responses"][0]["body"]
        for each in orjson.loads(CONTRACT.read_bytes())
        if each["method"] == "GET"
    }
    producten = grown(answers["/producten"], "producten", 25)
    dossiers = grown(answers["/api/data/klantdossiers"], "klantdossiers", 500)
    return [
        Payload("bezitting", orjson.dumps(answers["/bezittingen/{BEZITTING_ID}"]), Bezitting, None),
        Payload("hypotheek", orjson.dumps(answers["/hypotheken/{PRODUCT_ID}"]), Hypotheek, None),
        Payload("25 producten", orjson.dumps(producten), Product, "producten"),
        Payload("500 klantdossiers", orjson.dumps(dossiers), Klantdossier, "klantdossiers"),
    ]


def grown(answer: dict[str, Any], rel: str, size: int) -> dict[str, Any]:
    """A collection of ``size`` items, no two alike."""
    items = answer["_embedded"][rel]
    found = []
    for number in range(size):
        item = orjson.loads(orjson.dumps(items[number % len(items)]))
        item["id"] += number
        item["omschrijving"] = f"{item['omschrijving']} {number}"
        found.append({key: other(value, number) for key, value in item.items()})
    return answer | {"_embedded": {rel: found}}


def other(value: Any, number: int) -> Any:
    """A day or an amount of another row."""
    if not isinstance(value, str):
        return value
    if DAY.fullmatch(value[:10]) and value[10:11] == "T":
        return f"{dt.date.fromisoformat(value[:10]) + dt.timedelta(days=number)}{value[10:]}"
    if AMOUNT.fullmatch(value):
        return str(Decimal(value) + number)
    return value


DAY, AMOUNT = re.compile(r"\d{4}-\d\d-\d\d"), re.compile(r"\d+\.\d+")


# ------------------------------------------------------------------------------- contenders


def optional(kind: Any) -> Any:
    """``kind | None``, of types that are made as we go."""
    return typing.Optional[kind]  # noqa: UP045 - built, not written


def list_of(kind: Any) -> Any:
    """``list_of(kind)``."""
    return types.GenericAlias(list, (kind,))


def links_of(kind: Any) -> Any:
    """``dict[str, kind]``."""
    return types.GenericAlias(dict, (str, kind))


def plain(model: type[Model], hint: Any, twin: Callable[[type[Model]], Any]) -> Any:
    """Our annotation, for a library that knows no open enumerations and no ``ja``."""
    args = [arg for arg in typing.get_args(hint) if arg is not types.NoneType]
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        closed = next((arg for arg in args if isinstance(arg, enum.EnumType)), args[0])
        return optional(plain(model, closed, twin))
    if typing.get_origin(hint) is tuple:
        return list_of(plain(model, args[0], twin))
    if hint is bool and issubclass(model, YES_NO):
        return JaNee
    if hint is dt.date:  # "1960-01-01T00:00:00+01:00" is a date to us only
        return dt.datetime
    if isinstance(hint, type) and issubclass(hint, Model):
        return twin(hint)
    return hint


def parts(
    model: type[Model], twin: Callable[[type[Model]], Any]
) -> dict[str, tuple[Any, str, bool]]:
    """Annotation, name on the wire and whether it is embedded, by attribute."""
    hints = typing.get_type_hints(model)
    found = {}
    for field in WIRE.fields(model):
        key = "aanvrager" if field.name == "aanvragers" and model is Hypotheek else field.key
        hint = plain(model, hints[field.name], twin)
        if field.name == "onderpandadres":  # an object here, a list elsewhere
            hint = typing.get_args(hint)[0]
        found[field.name] = (hint, key, field.is_relation)
    return found


def in_pydantic(payload: Payload) -> Decode:
    """A model with alias paths into ``_embedded``."""
    made: dict[type[Model], Any] = {}

    def twin(model: type[Model]) -> Any:
        if model not in made:
            fields: dict[str, Any] = {}
            for name, (hint, key, is_embedded) in parts(model, twin).items():
                alias = pydantic.AliasPath("_embedded", key) if is_embedded else key
                fields[name] = (
                    optional(hint),
                    pydantic.Field(None, validation_alias=alias),
                )
            if issubclass(model, Resource):
                link = pydantic.create_model(
                    "Link", href=(str, ...), deprecation=(str | None, None)
                )
                fields["links"] = (links_of(link), pydantic.Field({}, validation_alias="_links"))
            made[model] = pydantic.create_model(model.__name__, **fields)
        return made[model]

    if payload.rel is None:
        return typing.cast("Decode", twin(payload.model).model_validate_json)
    path = pydantic.AliasPath("_embedded", payload.rel)
    collection = pydantic.create_model(
        "Collection",
        items=(list_of(twin(payload.model)), pydantic.Field(validation_alias=path)),
    )
    return lambda body: collection.model_validate_json(body).items


def in_msgspec(payload: Payload) -> Decode:
    """A Struct, and one more for what is in ``_embedded``."""
    made: dict[type[Model], Any] = {}
    link = msgspec.defstruct("Link", [("href", str), ("deprecation", str | None, None)])

    def twin(model: type[Model]) -> Any:
        if model not in made:
            made[model] = _structs(model.__name__, parts(model, twin), link)
        return made[model]

    if payload.rel is None:
        return typing.cast("Decode", msgspec.json.Decoder(twin(payload.model)).decode)
    embedded = msgspec.defstruct(
        "E", [("items", list_of(twin(payload.model)))], rename={"items": payload.rel}
    )
    outer = msgspec.defstruct("C", [("embedded", embedded)], rename={"embedded": "_embedded"})
    decoder = msgspec.json.Decoder(outer)
    return lambda body: decoder.decode(body).embedded.items


def _structs(name: str, found: dict[str, tuple[Any, str, bool]], link: Any) -> Any:
    own: dict[str, tuple[Any, str]] = {"links": (links_of(link), "_links")}
    inside: dict[str, tuple[Any, str]] = {}
    for each, (hint, key, is_embedded) in found.items():
        (inside if is_embedded else own)[each] = (hint, key)
    if inside:
        own["embedded"] = (_struct(f"{name}Embedded", inside), "_embedded")
    return _struct(name, own)


def _struct(name: str, fields: dict[str, tuple[Any, str]]) -> Any:
    return msgspec.defstruct(
        name,
        [(each, optional(hint), None) for each, (hint, _) in fields.items()],
        rename={each: key for each, (_, key) in fields.items()},
    )


def in_cattrs(payload: Payload) -> Decode:
    """Attrs classes and the ready-made orjson converter, with nothing but the names told."""
    converter = cattrs.preconf.orjson.make_converter()
    converter.register_structure_hook(Decimal, lambda value, _: Decimal(value))
    made: dict[type[Model], Any] = {}
    link = attrs.make_class("Link", {"href": attrs.field(type=str)}, slots=True)

    def twin(model: type[Model]) -> Any:
        if model not in made:
            found = parts(model, twin)
            own = {each: (hint, key) for each, (hint, key, inside) in found.items() if not inside}
            inside = {each: (hint, key) for each, (hint, key, within) in found.items() if within}
            if inside:
                embedded = _class(f"{model.__name__}Embedded", inside, converter)
                own["embedded"] = (embedded, "_embedded")
            own["links"] = (links_of(link), "_links")
            made[model] = _class(model.__name__, own, converter)
        return made[model]

    kind = twin(payload.model)
    rel = payload.rel
    if rel is None:
        return lambda body: converter.loads(body, kind)
    return lambda body: converter.structure(orjson.loads(body)["_embedded"][rel], list_of(kind))


def _class(name: str, found: dict[str, tuple[Any, str]], converter: cattrs.Converter) -> Any:
    made: Any = attrs.make_class(
        name,
        {each: attrs.field(type=optional(hint), default=None) for each, (hint, _) in found.items()},
        slots=True,
    )
    renamed: Any = {each: cattrs.gen.override(rename=key) for each, (_, key) in found.items()}
    hook: Any = cattrs.gen.make_dict_structure_fn(made, converter, **renamed)
    converter.register_structure_hook(made, hook)
    return made


def ours(payload: Payload) -> Decode:
    """What the client does with an answer."""
    model, rel = payload.model, payload.rel
    if rel is None:
        return lambda body: WIRE.structure(hal.document(body), model)
    return lambda body: WIRE.structure_all(hal.relation(hal.document(body), rel), model)


def unacquainted(payload: Payload) -> Decode:
    """What the client does with an answer of whose days and amounts it has seen none."""
    decode = ours(payload)

    def first_time(body: bytes) -> Any:
        DAYS.clear()
        AMOUNTS.clear()
        return decode(body)

    return first_time


CONTENDERS: dict[str, Callable[[Payload], Decode]] = {
    "orjson.loads": lambda _: orjson.loads,
    "msgspec": in_msgspec,
    "pydantic v2": in_pydantic,
    "cattrs, default": in_cattrs,
    "ours": ours,
    "ours, no value known": unacquainted,
}
BASE = "pydantic v2"
GOAL, EACH = 0.87, 1.1
"""Of *ours*: the geometric mean, and each body."""


def check(payload: Payload, decoders: dict[str, Decode]) -> None:
    """That they decode the same: the same amounts, dates and number of records."""
    results = {
        name: decode(payload.body) for name, decode in decoders.items() if name != "orjson.loads"
    }
    for name, result in results.items():
        records = result if payload.rel else [result]
        mine = results["ours"] if payload.rel else [results["ours"]]
        assert len(records) == len(mine), name
        for record, own in zip(records, mine, strict=True):
            for field in (each for each in WIRE.fields(payload.model) if not each.is_relation):
                value, other = getattr(own, field.name), getattr(record, field.name)
                if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
                    assert name.startswith("ours") or other.date() == value, (name, field.name)
                elif isinstance(value, Decimal | dt.datetime | int | str):
                    assert other == value or value is (other == "ja"), (name, field.name)


def measured(payload: Payload, rounds: int) -> dict[str, list[float]]:
    """CPU seconds per body, by contender and round."""
    decoders = {name: make(payload) for name, make in CONTENDERS.items()}
    check(payload, decoders)
    times = max(1, 300_000 // len(payload.body))
    found: dict[str, list[float]] = {name: [] for name in decoders}
    for number in range(rounds + 1):
        for name, decode in decoders.items():
            gc.collect()
            start = time.process_time()
            for _ in range(times):
                decode(payload.body)
            if number:  # the first round warms up
                found[name].append((time.process_time() - start) / times)
    return found


# ------------------------------------------------------------------------------- shuffled keys


def shuffled(value: Any, chance: random.Random) -> Any:
    """The same JSON value with the keys of every object in another order."""
    if isinstance(value, dict):
        keys = list(value)
        chance.shuffle(keys)
        return {key: shuffled(value[key], chance) for key in keys}
    if isinstance(value, list):
        return [shuffled(each, chance) for each in value]
    return value


def structured(wire: Wire, payload: Payload, documents: list[dict[str, Any]]) -> float:
    """CPU seconds for the records in some documents."""
    gc.collect()
    start = time.process_time()
    for each in documents:
        if payload.rel is None:
            wire.structure(each, payload.model)
        else:
            wire.structure_all(hal.relation(each, payload.rel), payload.model)
    return time.process_time() - start


def in_any_order(payload: Payload, rounds: int) -> dict[str, float]:
    """The time of readers for sets of keys by that of the function per model."""
    many = 100 if payload.rel is None else 100 * 2_000 // len(payload.body)
    document = orjson.loads(payload.body)
    found: dict[str, list[float]] = {"at first": [], "later": []}
    for number in range(rounds):
        chance = random.Random(number)
        documents = [shuffled(document, chance) for _ in range(max(many, 2))]
        wires = [Wire(SPELLINGS), Wire(SPELLINGS, forms=0)]
        chance.shuffle(order := [0, 1])
        for when, times in (("at first", 1), ("settling", _SETTLING), ("later", 1)):
            took = [0.0, 0.0]
            for each in order:
                for _ in range(times):
                    took[each] += structured(wires[each], payload, documents)
            if when in found:
                found[when].append(took[0] / took[1])
    return {when: statistics.median(each) for when, each in found.items()}


_SETTLING = 12
SHUFFLED = 1.15


def main() -> int:
    """Print two tables; with ``--goals`` exit 1 where a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=31)
    parser.add_argument("--goals", action="store_true", help="exit 1 when a goal is missed")
    given = parser.parse_args()
    rounds = given.rounds
    every = {payload.name: measured(payload, rounds) for payload in payloads()}
    print(f"Time by that of {BASE}, median of {rounds} rounds; last: µs of ours\n")
    print("| | " + " | ".join([*every, "geometric mean"]) + " |")
    print("|---" * (len(every) + 2) + "|")
    mine: list[float] = []
    for name in CONTENDERS:
        ratios = [
            statistics.median(
                own / base for own, base in zip(found[name], found[BASE], strict=True)
            )
            for found in every.values()
        ]
        mean = statistics.geometric_mean(ratios)
        mine = ratios if name == "ours" else mine
        print(f"| {name} | " + " | ".join(f"{ratio:.2f}" for ratio in [*ratios, mean]) + " |")
    micros = [f"{1e6 * statistics.median(found['ours']):.1f}" for found in every.values()]
    print("| µs | " + " | ".join(micros) + " | |")
    figures = [Figure(name, ratio, EACH) for name, ratio in zip(every, mine, strict=True)]
    figures.append(Figure("geometric mean", statistics.geometric_mean(mine), GOAL))
    missed = show(f"\nours, by the time of {BASE}", figures, goals=given.goals)
    figures = [
        Figure(f"{payload.name}, {when}", ratio, SHUFFLED)
        for payload in payloads()
        for when, ratio in in_any_order(payload, rounds).items()
    ]
    title = "\nkeys in another order each time, by the time without sets of keys"
    return missed | show(title, figures, goals=given.goals)


if __name__ == "__main__":
    sys.exit(main())
