"""What the descriptions of an API's models say of the keys in its bodies, and of its paths."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
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
    """

    marks: frozenset[str]
    sorts: dict[str, Sort]
    closed: frozenset[str]


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


_NOT_A_NAME = frozenset(
    {"aan", "al", "da", "de", "den", "der", "di", "du", "el", "en", "het", "in", "la", "le", "of"}
    | {"op", "te", "ten", "ter", "van", "von"}
)
"""Words that names share with every text."""
EMAIL = re.compile(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+")
NUMBER = re.compile(r"(?<![\w.])\+?\d(?:[ ()/.-]{0,2}\d){7,14}(?![\w])")
ACCOUNT = re.compile(r"\b[A-Za-z]{2}\d{2}(?: ?[A-Za-z0-9]{4}){2,7}(?: ?[A-Za-z0-9]{1,3})?\b")
WORD = re.compile(r"[^\W\d_]{2,}")


def bsn(text: str) -> str:
    """A citizen service number as nine digits, or nothing."""
    digits = re.sub(r"\D", "", text)
    return digits.zfill(9) if len(digits) in (8, 9) and int(digits) else ""


def telephone(text: str) -> str:
    """A telephone number without signs, from within the country."""
    digits = re.sub(r"\D", "", text)
    return re.sub(r"^(?:0031|31(?=\d{9}$))0?", "0", digits)


def account(text: str) -> str:
    """An account number without spaces."""
    return re.sub(r"\s", "", text).upper()


def words(text: str) -> set[str]:
    """The words of a name, without its small ones."""
    return {word.casefold() for word in WORD.findall(text)} - _NOT_A_NAME


def pattern_of(values: Iterable[str]) -> "re.Pattern[str]":
    """Finds the texts that may hold one of these, among many.

    Args:
        values: In their one spelling; numbers are found with signs between the digits, too.
    """
    spellings = {each for value in values for each in (loosely(value), loosely(_escaped(value)))}
    return re.compile("|".join(sorted(spellings)) or r"(?!)", re.IGNORECASE)


def loosely(text: str) -> str:
    """A pattern of a value, however it is written."""
    if text.isdigit() and len(text) > _SHORT:
        return r"[ ()/.-]{0,2}".join(text.removeprefix("0"))
    if len(text) > _LONG and text.isalnum() and text.isascii():
        return " ?".join(text)
    return re.escape(text)


def _escaped(text: str) -> str:
    return "".join(each if each.isascii() else f"\\u{ord(each):04x}" for each in text)


_SHORT, _LONG = 7, 14
