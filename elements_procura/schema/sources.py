"""Source text of the functions that set a record's attributes. See ``readers``.

Only names of attributes of our own classes, and keys of our own tables, go into the text. What a
server writes stands beside it, in the names that the function knows.
"""

import datetime as dt
import decimal
import re
import sys
from collections.abc import Iterator
from typing import Any

import attrs

from elements_procura.schema.model import Link, Model
from elements_procura.schema.open_typing import Field, Hook
from elements_procura.schema.scalars import (
    AMOUNTS,
    DAYS,
    MIDNIGHTS,
    MOST_AMOUNTS,
    MOST_DAYS,
    new_day,
    to_bool,
    to_date,
    to_datetime,
    to_decimal,
    to_id,
    to_int,
    to_local_datetime,
    to_str,
)
from elements_procura.schema.split import LINK_KEYS, NOTHING

Form = tuple[str, ...]
_TIME_OF_DAY = "v[10] == 'T'" if sys.version_info < (3, 13) else "'T' < v[10:13] < 'T24'"
"""Later versions of Python take 24:00:00 for midnight."""
# Nearly all values are of one shape, told and turned here without a call: half of the time that a
# whole record takes. Anything else goes to the hook, which knows all the rules.
_KNOWN = "None if v is None else made if (made := {}(v)) is not None else"
# A long one is zeros or nonsense, and no table should hold it.
_AMOUNT = (
    "if v.__class__ is str and '.' in v and len(v) < 40 and v.isascii()"
    " and 'e' not in v and 'E' not in v"
)
_USUAL: dict[Hook, str] = {
    to_str: "v if v.__class__ is str",
    to_int: "v if v.__class__ is int",
    to_id: f"v if v.__class__ is int and 0 < v and v < {2**30 - 1}",  # which is compared quickest
    to_bool: "None if v is None else v if v.__class__ is bool else True if v == 'ja'"
    " else False if v == 'nee'",
    to_decimal: f"{_KNOWN.format('met')} keep(v, amount(v)) {_AMOUNT}"
    f" and (len(amounts) < {MOST_AMOUNTS} or not forget())",
    to_date: f"{_KNOWN.format('met_day')} keep_day(v, day(v[:10]))"
    f" if v.__class__ is str and v[10:] in midnights and v[7] == '-' and v > '0002'"
    f" and (len(days) < {MOST_DAYS} or not forget_days()) else new_day(v) if v.__class__ is str",
    to_datetime: f"datetime(v) if v.__class__ is str and v > '0002' and {_TIME_OF_DAY}"
    " and v[13] == v[16] == ':' and v[19] == '+'"
    " and (v[22] == ':' and len(v) == 25 or v[20:].isdigit() and len(v) == 24)",
    to_local_datetime: f"datetime(v) if v.__class__ is str and v > '0002' and {_TIME_OF_DAY}"
    " and v[13] == v[16] == ':' and len(v) == 19",
}
_UNIQUE = dict.fromkeys(("longitude", "latitude"), f"amount(v) {_AMOUNT}")
"""Amounts that hardly come again, so that a table of them is a loss."""
# Unlike Decimal() it takes neither `1_000` nor spaces, and it raises where it would have to round.
_EXACTLY = decimal.Context(
    prec=99,
    Emax=999,
    Emin=-999,
    traps=[decimal.InvalidOperation, decimal.Inexact, decimal.Rounded, decimal.Clamped],
)
_NAMES: dict[str, Any] = {
    "amount": _EXACTLY.create_decimal,
    "amounts": AMOUNTS,
    "met": AMOUNTS.get,
    "keep": AMOUNTS.setdefault,
    "forget": AMOUNTS.clear,
    "datetime": dt.datetime.fromisoformat,
    "day": dt.date.fromisoformat,
    "days": DAYS,
    "met_day": DAYS.get,
    "keep_day": DAYS.setdefault,
    "forget_days": DAYS.clear,
    "midnights": MIDNIGHTS,
    "new_day": new_day,
    "nothing": (None, ()),
    "Link": Link,
    "new": object.__new__,
    "nowhere": NOTHING,
}
_V = re.compile(r"\bv\b")


@attrs.frozen(eq=False, repr=False)
class Level:
    """Where an object stands, and what may stand in it.

    Attributes:
        fields: All attributes of the model, by number.
        spelled: The numbers of those that stand here, by their first spelling.
        by_key: All attributes' numbers, by each of their spellings.
        known: Keys that are not left over.
        apart: Keys that are no fields: links and embedded records.
        is_inside: Whether this is ``_embedded``.
    """

    fields: tuple[Field, ...]
    spelled: dict[str, int]
    by_key: dict[str, int]
    known: frozenset[str]
    apart: frozenset[str]
    is_inside: bool

    @classmethod
    def of(cls, fields: tuple[Field, ...], *, apart: frozenset[str], is_inside: bool) -> "Level":
        """The level of the object itself, or of its ``_embedded``."""
        numbered = list(enumerate(fields))
        spelled = {each.key: number for number, each in numbered if each.is_relation == is_inside}
        return cls(
            fields,
            spelled,
            {key: number for number, each in numbered for key in (each.key, *each.aliases)},
            apart.union(spelled),
            apart,
            is_inside,
        )

    def places(self, form: Form) -> tuple[list[int], dict[int, list[int]]] | None:
        """Where unknown keys stand in a form, and the spellings of each attribute, the first first.

        Returns:
            None where it is better done by key: an id under another name, or an attribute in the
            wrong place.
        """
        unknown: list[int] = []
        found: dict[int, list[int]] = {}
        for place, key in enumerate(form):
            if key in self.spelled:
                found.setdefault(self.spelled[key], []).insert(0, place)
            elif key not in self.apart:
                number = self.by_key.get(key, self.by_key.get(key.strip()))
                (unknown if number is None else found.setdefault(number, [])).append(place)
        for number, field in enumerate(self.fields):
            keys = [form[place] for place in found.get(number, ())]
            is_here = field.is_relation == self.is_inside
            if (keys and not is_here) or (field.is_id and is_here and keys != [field.key]):
                return None
        return unknown, found

    def has_twins(self, form: Form) -> bool:
        """Whether a form has an attribute under several spellings, so that their order matters."""
        found = self.places(form)
        return found is not None and any(len(places) > 1 for places in found[1].values())


def compiled(lines: list[str], fields: tuple[Field, ...], form: Form = (), **names: Any) -> Any:
    """The function ``read`` out of its source, which knows these names and the keys of a form."""
    names |= _NAMES | {f"k{place}": key for place, key in enumerate(form)}
    for number, field in enumerate(fields):
        member = None if field.members is None else field.members.get
        for letter, value in zip(
            "hrem", (field.hook, field.record, field.each, member), strict=True
        ):
            names[f"{letter}{number}"] = value
    exec("\n".join(lines), names)  # noqa: S102 - our own lines, out of the model alone
    return names["read"]


def of_any_form(own: Level) -> list[str]:
    """Make a record whatever the form; second spellings and unknown keys are found a place last."""
    lines = [
        "def read(data):",
        "    self = new(model)",
        "    extra = self.extra = {}",
        f"    embedded{', self.links' if '_links' in own.apart else ''} = split(data, extra)",
    ]
    for number, field in enumerate(own.fields):
        source = "embedded" if field.is_relation else "data"
        value = f"v = {source}[{field.key!r}]"
        stored = _stored(field, number)
        if field.is_id:
            lines += _indented([value, *stored])
            continue
        lines += [
            f"    if {field.key!r} in {source}:",
            *_indented([value, *stored], 2),
            "    else:",
            f"        self.{field.name} = {field.nothing!r}",
        ]
    return [
        *lines,
        "    if not known.issuperset(data):",
        "        leftovers(self, data, known, by_key, kept=extra, note=note)",
        "    if embedded and not relations.issuperset(embedded):",
        "        spread(self, embedded)",
        "    return self",
    ]


def of_form(level: Level, form: Form) -> list[str] | None:
    """Make a record of an object of one form; None if that is better done by key.

    The keys that no attribute takes are ``k0``, ``k1``, … by their places.
    """
    found = level.places(form)
    if found is None:
        return None
    unknown, places = found
    is_kept = bool(unknown) or level.has_twins(form)
    values = ", ".join(f"v{place}" for place in range(len(form)))
    if level.is_inside:
        # The only value comes as it is.
        taken = values if len(form) == 1 else f"[{values}]"
        lines = ["def read(self, data, values, extra):", f"    {taken} = values"]
        if is_kept:
            lines.append("    kept = {}")
    else:
        lines = [
            "def read(data, values):",
            "    self = new(model)",
            "    kept = extra = self.extra = {}",
            f"    [{values}] = values",
            *_apart(level, form),
            *_absent(level.fields, places),
        ]
    for number, (first, *others) in places.items():
        field = level.fields[number]
        lines += _indented(_stored(field, number, first))
        for place in others:
            lines += [
                f"    if self.{field.name} not in nothing:",
                f"        kept[k{place}] = v{place}",
                f"    elif v{place} is not None:",
                *_indented(_stored(field, number, place), 2),
            ]
    lines += [f"    kept[k{place}] = v{place}" for place in unknown]
    if level.is_inside:
        if is_kept:
            lines.append("    if kept:")
            lines.append("        extra['_embedded'] = extra.get('_embedded', nowhere) | kept")
        return lines
    if not level.apart.isdisjoint(form):
        lines += [
            "    if embedded:",
            "        values, within = inside[len(embedded)]",
            "        if within(self, embedded, values(embedded), extra):",
            "            return anyhow(data)",
        ]
    return [*lines, "    return self"]


def _apart(level: Level, form: Form) -> list[str]:
    """Take the links and the embedded records: both are dealt with in one place."""
    if level.apart.isdisjoint(form):
        return ["    self.links = {}"] if "_links" in level.apart else []
    if "_links" not in level.apart:
        return ["    embedded = split(data, extra)"]
    split = ["    embedded, self.links = split(data, extra)"]
    if "_links" not in form:
        embedded = f"v{form.index('_embedded')}"
        return [
            f"    if {embedded}.__class__ is dict:",
            f"        embedded, self.links = {embedded}, {{}}",
            "    else:",
            f"    {split[0]}",
        ]
    # Nearly all records link themselves and nothing else.
    links, embedded = f"v{form.index('_links')}", "nowhere"
    tests = [
        f"{links}.__class__ is dict and len({links}) == 1",
        f"(own := {links}.get('self')).__class__ is dict and len(own) == 1",
        "(href := own.get('href')).__class__ is str",
    ]
    if "_embedded" in form:
        embedded = f"v{form.index('_embedded')}"
        tests.append(f"{embedded}.__class__ is dict")
    blank = " = ".join(f"link.{name}" for name in LINK_KEYS if name != "href")
    return [
        f"    if {' and '.join(tests)}:",
        f"        embedded = {embedded}",
        "        self.links = {'self': (link := new(Link))}",
        "        link.href = href",
        f"        {blank} = None",
        "    else:",
        f"    {split[0]}",
    ]


def _absent(fields: tuple[Field, ...], places: dict[int, list[int]]) -> Iterator[str]:
    """Set the absent attributes, all of a kind in one line."""
    for nothing in (None, ()):
        names = [
            f"self.{field.name} = "
            for number, field in enumerate(fields)
            if number not in places and field.nothing == nothing
        ]
        if names:
            yield f"    {''.join(names)}{nothing!r}"


def _stored(field: Field, number: int, place: int | str = "") -> list[str]:
    """Set an attribute to the result for the value ``v`` with that place."""
    usual = _USUAL.get(field.hook, "")
    if field.hook is to_decimal:
        usual = _UNIQUE.get(field.name, usual)
    lines: list[str] = []
    if field.record is not None:
        # One without an id is refused, and then looked at by the rules.
        usual = f"r{number}(v) if v.__class__ is dict"
    elif field.each is not None:
        is_record = isinstance(field.item, type) and issubclass(field.item, Model)
        usual = f"(e{number}(v),) if v.__class__ is dict and 'id' in v" if is_record else ""
        lines = [
            "if v.__class__ is list:",
            "    made = []",
            "    for each in v:",
            f"        if each is not None and (each := e{number}(each)) is not None:",
            "            made.append(each)",
            f"    self.{field.name} = tuple(made)",
            "else:",
        ]
    elif field.members is not None:
        usual = f"made if v.__class__ is str and (made := m{number}(v)) is not None"
    usual = f"{usual} else " if usual else ""
    rest = f"h{number}(v)" if field.is_id else f"{field.nothing!r} if v is None else h{number}(v)"
    lines.append(f"{'    ' if lines else ''}self.{field.name} = {usual}{rest}")
    return [_V.sub(f"v{place}", line) for line in lines]


def _indented(lines: list[str], times: int = 1) -> list[str]:
    return [f"{'    ' * times}{line}" for line in lines]
