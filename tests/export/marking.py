"""A sandbox whose truth bears marks in every field that is about somebody."""

import datetime as dt
import json
import re
from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import attrs

from elements_procura.harvest import Store, StoreReader
from elements_procura.procura.models.brp_date import BrpDate
from elements_procura.schema.descriptions import Personal, Sort, known_descriptions
from elements_procura.schema.model import Model
from elements_procura.spec.harvest import HarvestSpec
from elements_procura.spec.source import Discovery, Root, Row, Want

MARK = "Zqxmerk"
TYPED = (Sort.LIFEDATE, Sort.POSTCODE)
"""What a mark would turn into another thing: their values are remembered instead."""
_TELLING = 5
"""Letters below which a value is one of many: a house number equals some amount."""


@attrs.define
class Marks:
    """What was marked.

    Attributes:
        fields: The fields that bear a mark, as ``Model.attribute``.
        values: Values that bear none and say who somebody is.
        others: Values of fields that are about nobody, which may be equal.
    """

    fields: set[str] = attrs.field(factory=set)
    values: set[str] = attrs.field(factory=set)
    others: set[str] = attrs.field(factory=set)
    _count: int = 0

    @property
    def telling(self) -> set[str]:
        """Values that no cell may be."""
        return {each for each in self.values if len(each) >= _TELLING} - self.others

    def record(self, spec: HarvestSpec, raw: Any, model: type[Model], *, fits: bool = True) -> None:
        """Mark a record, and those within it, in place."""
        told = known_descriptions(model)
        for field in spec.wire.fields(model):
            for holder in _holders(raw, (field.key, *field.aliases)):
                for key in {field.key, *field.aliases} & holder.keys():
                    if isinstance(field.item, type) and issubclass(field.item, Model):
                        held = holder[key] if isinstance(holder[key], list) else [holder[key]]
                        for each in held:
                            if isinstance(each, dict):
                                self.record(spec, each, field.item, fits=fits)
                    elif field.name in told:
                        where = f"{model.__name__}.{field.name}"
                        made = self._marked(where, told[field.name], holder[key], fits=fits)
                        holder[key] = made
        raw["onbekend"] = {"diep": [f"{MARK} onbekend"]}

    def _marked(self, where: str, told: Any, value: Any, *, fits: bool) -> Any:
        if told.personal is Personal.NONE or where.endswith(".id"):
            self.others |= {str(value)}
            return value
        is_amount = told.personal is Personal.FINANCIAL and told.unit is not None
        is_typed = told.sort in TYPED or is_amount
        is_text = isinstance(value, str) and not re.fullmatch(r"[\d.:T+-]+", value)
        if not fits or (is_text and not is_typed):
            self.fields.add(where)
            self._count += 1
            return f"{MARK}{self._count} {value}"
        if told.personal not in (Personal.FINANCIAL, Personal.TRAIT) and value is not None:
            # A day in somebody's life is a cell of its own without the time of day.
            self.values |= {str(value), str(value)[:10] if told.sort in TYPED else str(value)}
        return value


def _holders(raw: Any, keys: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    for step in (raw, *(raw.get(each) for each in ("_embedded", "_links"))):
        if isinstance(step, dict) and step.keys() & {*keys}:
            yield step
    links = raw.get("_links")
    if isinstance(links, dict) and isinstance(links.get("_embedded"), dict):
        yield links["_embedded"]


def mark(sandbox: Any, store: Path, spec: HarvestSpec) -> Marks:
    """Mark the truth of a sandbox, as a harvest of it has found its bodies."""
    marks = Marks()
    with StoreReader.read(store) as reader:
        bodies = [(each.kind, each.path) for each in reader.documents()]
    for kind, path in bodies:
        shape = spec.shape_of(kind)
        if shape is not None:
            sandbox.patch(path, partial(_mark_body, marks, spec, shape))
    return marks


def _mark_body(marks: Marks, spec: HarvestSpec, shape: Any, document: Any) -> Any:
    # The records are those of the document itself: what is marked is what is served.
    text = json.dumps(document).encode()
    records = shape.records(text)
    for each in records:
        before = json.dumps(each)
        marks.record(spec, each, shape.model)
        document = _instead(document, json.loads(before), each)
    return document


def _instead(data: Any, old: Any, new: Any) -> Any:
    if data == old:
        return new
    if isinstance(data, dict):
        return {key: _instead(value, old, new) for key, value in data.items()}
    return [_instead(each, old, new) for each in data] if isinstance(data, list) else data


def full_bodies(spec: HarvestSpec, marks: Marks, *, fits: bool) -> Iterator[tuple[str, str, Any]]:
    """A body of each kind whose records have every field there is: kind, path, and the JSON.

    Args:
        spec: The API.
        marks: Takes note of the marks.
        fits: Whether numbers and dates are such; else they bear marks as well.
    """
    for kind, found in spec.kinds.items():
        shape = found.shape
        if shape is not None:
            path = re.sub(r"{(\w+)}", lambda match: f"{1000 + len(match[1])}", found.template)
            record = _full(spec, shape.model, fits=fits)
            marks.record(spec, record, shape.model, fits=fits)
            body: Any = record
            if shape.is_list:
                body = [record]
            elif shape.rel is not None:
                body = {"_embedded": {shape.rel: [record]}}
            yield kind, path, body


def marked_store(path: Path, spec: HarvestSpec, *, api: str, fits: bool) -> Marks:
    """Make a store, or add a night to it, of a body of each kind with every field there is.

    Args:
        path: Where it is.
        spec: The API.
        api: Its name.
        fits: As of :func:`full_bodies`.
    """
    marks = Marks()
    dossier: int | str = 1 if api == "elements" else "A"
    is_new = not path.is_file()
    with (Store.create if is_new else Store.open)(path, tenant="t") as store:
        if is_new:
            store.begin_listing(api=api)
        for kind, where, body in full_bodies(spec, marks, fits=fits):
            if kind.partition("/")[0] in spec.shared.values() and "/" in kind:
                continue  # what dossiers share has no row of its own; its models are persons', too
            row = (Want(kind, where), Row(json.dumps(body).encode()))
            store.add_dossiers([Root(dossier, Discovery(), row)], listing=store.begin_listing())
    return marks


def _full(spec: HarvestSpec, model: type[Model], *, fits: bool, depth: int = 0) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for field in spec.wire.fields(model):
        value: Any = _SAMPLES.get(field.item, "tekst")
        if isinstance(field.item, type) and issubclass(field.item, Model):
            if depth > _DEEPEST:
                continue
            value = _full(spec, field.item, fits=fits, depth=depth + 1)
        elif field.choices:
            value = str(next(iter(field.choices)))
        made[field.key] = [value] if field.is_many else value
    return made


_DEEPEST = 3
_SAMPLES: dict[Any, Any] = {
    int: 70_001,
    Decimal: "12.50",
    bool: True,
    dt.date: "1961-02-03",
    dt.datetime: "1961-02-03T00:00:00+01:00",
    dt.time: "09:10",
    BrpDate: 19_610_203,
}
