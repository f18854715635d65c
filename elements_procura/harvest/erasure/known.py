"""What the descriptions of an API's models say of the keys in its bodies, and of its paths."""

from collections import defaultdict
from collections.abc import Iterator
from functools import cache

import attrs

from elements_procura.schema.descriptions import Personal, Sort, known_descriptions
from elements_procura.schema.model import Model
from elements_procura.schema.structure import Wire
from elements_procura.spec.harvest import HarvestSpec

PERSONS = ("{PERSOON_ID}", "{ADVISEUR_ID}")
"""Placeholders of a path that stand for a person's number."""


@attrs.frozen
class Keys:
    """The keys of an API's bodies.

    Attributes:
        marks: Those that only objects about a person have.
        sorts: What the values of a key are, where they are the same everywhere.
        closed: Those whose values cannot hold a name: choices, amounts, places.
        contacts: Those whose values may be somebody's own address, number or name.
        known: All that the models describe, but for free texts.
    """

    marks: frozenset[str]
    sorts: dict[str, Sort]
    closed: frozenset[str]
    contacts: frozenset[str]
    known: frozenset[str]


@cache
def _keys(wire: Wire, models: frozenset[type[Model]]) -> Keys:
    sorts: defaultdict[str, set[Sort]] = defaultdict(set)
    personal: defaultdict[str, set[Personal]] = defaultdict(set)
    marks: set[str] = set()
    for model in _all(wire, models):
        told = known_descriptions(model)
        fields = [each for each in wire.fields(model) if each.name in told]
        for field in fields:
            for key in (field.key, *field.aliases):
                sorts[key].add(told[field.name].sort)
                personal[key].add(told[field.name].personal)
        if any(told[field.name].sort is Sort.BSN for field in fields):
            marks |= {each.key for each in fields if told[each.name].sort in (Sort.BSN, Sort.NAME)}
    alone = {key: next(iter(found)) for key, found in sorts.items() if len(found) == 1}
    open_ = {Personal.IDENTIFIER, Personal.TEXT}
    return Keys(
        frozenset(key for key in marks if alone.get(key) in (Sort.BSN, Sort.NAME)),
        alone,
        frozenset(key for key, found in personal.items() if not found & open_),
        frozenset(
            key
            for key, found in personal.items()
            if Personal.CONTACT in found or Sort.NAME in sorts[key]
        ),
        frozenset(key for key, found in personal.items() if found != {Personal.TEXT}),
    )


def keys_of(spec: HarvestSpec) -> Keys:
    """The keys in the bodies of an API."""
    shapes = [kind.shape for kind in spec.kinds.values() if kind.shape is not None]
    return _keys(spec.wire, frozenset(shape.model for shape in shapes))


def _all(wire: Wire, models: frozenset[type[Model]]) -> Iterator[type[Model]]:
    ahead, seen = [*models], set(models)
    while ahead:
        model = ahead.pop()
        yield model
        for field in wire.fields(model):
            item = field.item
            if isinstance(item, type) and issubclass(item, Model) and item not in seen:
                seen.add(item)
                ahead.append(item)


def person_in(spec: HarvestSpec, kind: str, path: str) -> str | None:
    """The number of the person whom a resource belongs to; None if it belongs to nobody alone."""
    found = spec.kinds.get(kind)
    if found is None:
        return None
    steps = path.split("/")
    for place, step in enumerate(found.template.split("/")):
        if step in PERSONS and place < len(steps):
            return steps[place]
    return None
