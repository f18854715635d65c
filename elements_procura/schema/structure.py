"""JSON → models and back: one cattrs converter per API, made from that API's wire rules.

cattrs keeps the registry of hooks; the hook for an attrs class is compiled here, once per class
and on first use, because the stock one is several times slower and knows no HAL:

- an attribute's name on the wire follows one mechanical rule, with exceptions in one table;
- in HAL, attributes that hold models are looked for in ``_embedded``, links in ``_links``;
- null and absence both give None (or an empty tuple);
- what no attribute takes lands in ``extra``, and so does a value that its attribute cannot take:
  nothing of a body is lost for it (:mod:`elements_procura.schema.open_typing`);
- an id, a list or a record that is none raises :class:`WireFault` with its path.
"""

import datetime as dt
import enum
import logging
import sys
import types
import typing
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, TypeVar, Union, get_args, get_origin

import attrs
from cattrs import Converter

from elements_procura.evidence import LARGEST_ID
from elements_procura.schema.model import Model, Resource
from elements_procura.schema.open_typing import (
    Field,
    Hook,
    as_object,
    by_key,
    by_the_rules,
    leftovers,
    many,
    misfits,
    one,
)
from elements_procura.schema.scalars import (
    WireFault,
    to_bool,
    to_date,
    to_datetime,
    to_decimal,
    to_id,
    to_int,
    to_local_datetime,
    to_open_enum,
    to_str,
)
from elements_procura.schema.split import split_hal, split_plain

log = logging.getLogger("elements_procura.schema.scalars")

M = TypeVar("M", bound=Model)
Spellings = Mapping[tuple[type, str], tuple[str, ...]]
"""``{(Model, attribute): (what is sent, *what is accepted as well)}``."""
Scalars = Mapping[Any, tuple[Hook, Hook]]
"""``{type: (JSON value → value, value → JSON value)}``."""

_SCALARS: dict[Any, Hook] = {
    str: to_str,
    int: to_int,
    bool: to_bool,
    Decimal: to_decimal,
    dt.date: to_date,
    dt.datetime: to_datetime,
}
_TIME_OF_DAY = "v[10] == 'T'" if sys.version_info < (3, 13) else "'T' < v[10:13] < 'T24'"
"""Later versions of Python take 24:00:00 for midnight."""
# Nearly all values are of one shape, told and turned here without a call: half of the time that a
# whole record takes. Anything else goes to the hook, which knows all the rules.
_USUAL: dict[Hook, str] = {
    to_str: "v if v.__class__ is str",
    to_int: "v if v.__class__ is int",
    to_id: f"v if v.__class__ is int and 0 < v <= {LARGEST_ID}",
    to_bool: "None if v is None else v if v.__class__ is bool else True if v == 'ja'"
    " else False if v == 'nee'",
    to_decimal: "Decimal(v) if v.__class__ is str and v.strip('0123456789') == '.' and len(v) < 99",
    to_date: "date(v[:10]) if v.__class__ is str and v[10:] in midnights and v[7] == '-'"
    " and v > '0002'",
    to_datetime: f"datetime(v) if v.__class__ is str and v > '0002' and {_TIME_OF_DAY}"
    " and v[19] == '+'",
    to_local_datetime: f"datetime(v) if v.__class__ is str and v > '0002' and {_TIME_OF_DAY}"
    " and v[16] == ':' and len(v) == 19",
}
_MIDNIGHTS = frozenset(f"T00:00:00+0{hour}{colon}00" for hour in (1, 2) for colon in (":", ""))
_OWN = ("links", "extra")
_UNKNOWN = "%s.%s holds a value that this version does not know; it is kept as it came"
_MISFIT = "%s.%s cannot hold the value that came: it is empty, and the value stands in extra"


def camel(attribute: str) -> str:
    """``nationaliteit_id`` → ``nationaliteitId``: the rule that most names follow."""
    first, *rest = attribute.split("_")
    return first + "".join(word.capitalize() for word in rest)


class Wire:
    """The converter of one API.

    Args:
        spellings: Where an attribute's name does not follow the rule.
        embedded: Whether attributes that hold models stand in ``_embedded``, as in HAL, or
            beside the others.
        scalars: How further types are read and written, or the known ones differently.
    """

    def __init__(
        self, spellings: Spellings, *, embedded: bool = True, scalars: Scalars | None = None
    ) -> None:
        self._spellings = spellings
        self._embedded = embedded
        self._scalars = _SCALARS | {kind: read for kind, (read, _) in (scalars or {}).items()}
        self._fields: dict[type, tuple[Field, ...]] = {}
        self._models: dict[type, Hook] = {}
        self._warned: set[tuple[str, str, str]] = set()
        self._converter = Converter()
        self._converter.register_structure_hook_factory(_is_model, self._compile)
        self._converter.register_unstructure_hook_factory(_is_model, self._writer)
        for scalar in (dt.date, dt.datetime):
            self._converter.register_unstructure_hook(scalar, lambda value: value.isoformat())
        self._converter.register_unstructure_hook(Decimal, str)
        for kind, (_, write) in (scalars or {}).items():
            if isinstance(kind, type):  # a value of dict[str, str] is a dict
                self._converter.register_unstructure_hook(kind, write)

    def structure(self, data: Any, model: type[M]) -> M:
        """The ``model`` in a decoded JSON value.

        Raises:
            WireFault: A value cannot be what its attribute needs.
        """
        structured: M | None = (self._models.get(model) or self._model_hook(model))(data)
        if structured is None:
            raise WireFault("an object", data)
        return structured

    def to_wire(self, model: Model) -> dict[str, Any]:
        """JSON that structures to an equal model; attributes that are None are left out."""
        written: dict[str, Any] = self._converter.unstructure(model)
        return written

    def fields(self, model: type) -> tuple[Field, ...]:
        """How the attributes of ``model`` are spelled and structured."""
        if model not in self._fields:
            hints = typing.get_type_hints(model)
            self._fields[model] = tuple(
                self._field(model, name, hints[name]) for name in _names(model) if name not in _OWN
            )
        return self._fields[model]

    def _field(self, model: type, name: str, hint: Any) -> Field:
        key, *aliases = self._spelling(model, name)
        args = [arg for arg in get_args(hint) if arg is not types.NoneType]
        is_union = get_origin(hint) in (Union, types.UnionType)
        optional = is_union and types.NoneType in get_args(hint)
        if is_union and len(args) == 1:
            hint, args = args[0], list(get_args(args[0]))
        is_many = get_origin(hint) is tuple
        item = args[0] if is_many else hint
        choices = [arg for arg in (get_args(item) or args) if isinstance(arg, enum.EnumType)]
        is_required = not (is_many or optional or hint is Any)
        is_id = name == "id" and hint is int
        is_relation = self._embedded and _is_model(item)
        hook: Hook
        record: Hook | None = None
        if choices:
            hook = to_open_enum(choices[0], lambda: self._warn_once(model.__name__, name, _UNKNOWN))
        else:
            hook = to_id if is_id else self._hook(item)
        if is_many:
            hook = many(hook, is_record=_is_model(item), is_relation=is_relation)
        elif _is_model(item):
            has_id = typing.get_type_hints(item).get("id") is int
            record = hook if has_id else None
            hook = one(hook, is_relation=is_relation, may_be_empty=not has_id)
        return Field(
            name=name,
            key=key,
            aliases=tuple(aliases),
            item=item,
            choices=choices[0] if choices else None,
            is_many=is_many,
            is_required=is_required,
            is_id=is_id,
            hook=hook,
            record=record,
            usual=_USUAL.get(hook, ""),
            is_relation=is_relation,
            nothing=() if is_many and not optional else None,
        )

    def _spelling(self, model: type, name: str) -> tuple[str, ...]:
        for base in model.__mro__:
            if (base, name) in self._spellings:
                return self._spellings[base, name]
        return (camel(name),)

    def _hook(self, hint: Any) -> Hook:
        if hint is Any:
            return _as_it_came
        if _is_model(hint):
            return self._model_hook(hint)
        return self._scalars[hint]

    def _model_hook(self, model: type) -> Hook:
        if model not in self._models:
            # Classes may refer to one another: until it is there, it is looked up when called.
            self._models[model] = lambda value: self._models[model](value)  # noqa: PLW0108 - late
            self._models[model] = self._converter.get_structure_hook(model)  # type: ignore[assignment] # of one argument
        return self._models[model]

    def misfits(self, model: Model, *, without: frozenset[str] = frozenset()) -> list[str]:
        """Attributes that are empty because a value did not fit them, also in records within.

        Args:
            model: What was structured.
            without: Attributes of ``model`` that are not looked into.
        """
        return list(misfits(model, self.fields, without))

    def _warn_once(self, model: str, attribute: str, text: str) -> None:
        if (model, attribute, text) not in self._warned:
            self._warned.add((model, attribute, text))
            log.warning(text, model, attribute)

    def _compile(self, model: type) -> Callable[[Any, Any], Any]:
        fields = self.fields(model)
        hal = issubclass(model, Resource)
        names: dict[str, Any] = {
            "new": object.__new__,
            "model": model,
            "Decimal": Decimal,
            "date": dt.date.fromisoformat,
            "datetime": dt.datetime.fromisoformat,
            "midnights": _MIDNIGHTS,
            "as_object": as_object,
            "split": split_hal if hal else split_plain,
            "leftovers": leftovers,
            "by_the_rules": by_the_rules,
            "note": lambda attribute: self._warn_once(model.__name__, attribute, _MISFIT),
            "nowhere": {},
            "fields": fields,
            "by_key": by_key(fields),
            "known": frozenset(field.key for field in fields if not field.is_relation)
            | frozenset(("_links", "_embedded") if hal else ("_embedded",)),
            "relations": frozenset(field.key for field in fields if field.is_relation),
        }
        lines = [
            "def structure(data, _=None):",
            "    if data.__class__ is not dict:",
            "        data = as_object(data)",
            "        if data is None:",
            "            return None",
            "    self = new(model)",
            "    extra = self.extra = {}",
            f"    embedded{', self.links' if hal else ''} = split(data, extra)",
            "    try:",
        ]
        for number, field in enumerate(fields):
            names |= {f"h{number}": field.hook, f"r{number}": field.record}
            source = "embedded" if field.is_relation else "data"
            usual = f"{field.usual} else " if field.usual else ""
            if field.record is not None:
                # One without an id is refused, and then looked at by the rules.
                usual = f"r{number}(v) if v.__class__ is dict else "
            nothing = repr(field.nothing)
            if field.is_id:
                lines += [
                    f"        v = {source}[{field.key!r}]",
                    f"        self.{field.name} = {usual}h{number}(v)",
                ]
                continue
            lines += [
                f"        if {field.key!r} in {source}:",
                f"            v = {source}[{field.key!r}]",
                f"            self.{field.name} = {usual}{nothing} if v is None else h{number}(v)",
                "        else:",
                f"            self.{field.name} = {nothing}",
            ]
        lines += [
            "        pass",
            "    except (ValueError, LookupError, ArithmeticError):",
            "        by_the_rules(self, fields, data, embedded, note)",
            "    if not known.issuperset(data):",
            "        leftovers(self, data, known, by_key, kept=extra, note=note)",
            "    if embedded and not relations.issuperset(embedded):",
            "        kept = {}",
            "        leftovers(self, embedded, relations, by_key, kept=kept, note=note)",
            "        if kept:",
            "            extra['_embedded'] = extra.get('_embedded', nowhere) | kept",
            "    return self",
        ]
        # Only attribute names of our own classes and keys of our own table go into the source.
        exec("\n".join(lines), names)  # noqa: S102 - our own lines, out of the model alone
        return typing.cast("Callable[[Any, Any], Any]", names["structure"])

    def _writer(self, model: type) -> Callable[[Any], dict[str, Any]]:
        fields = self.fields(model)

        def write(record: Any) -> dict[str, Any]:
            written: dict[str, Any] = {}
            embedded: dict[str, Any] = {}
            extra = record.extra
            inside = extra.get("_embedded")
            inside = inside if isinstance(inside, dict) else {}
            for field in fields:
                value = getattr(record, field.name)
                if value not in (None, ()):  # an empty list may have been absent
                    target, beside = (embedded, inside) if field.is_relation else (written, extra)
                    # What stands in extra did not fit: what did came under another spelling.
                    key = field.spelling(beside) if extra else field.key
                    target[key] = self._written(value)
            links = {
                relation: attrs.asdict(link, filter=lambda _, value: value is not None)
                for relation, link in getattr(record, "links", {}).items()
            }
            for key, found in (("_links", links), ("_embedded", embedded)):
                more = extra.get(key, {})
                if isinstance(more, dict):
                    written |= {key: found | more} if found or more else {}
                else:  # not even an object: what stood beside it goes back there
                    written |= found | {key: more}
            return written | {key: value for key, value in extra.items() if key not in written}

        return write

    def _written(self, value: Any) -> Any:
        # All of an answer is kept, also what a server takes in no request.
        if isinstance(value, dt.datetime | dt.time):
            is_finer = value.microsecond or (isinstance(value, dt.time) and value.second)
            if is_finer:
                return value.isoformat()
        return self._converter.unstructure(value)


def _names(model: type) -> dict[str, None]:
    """The attributes of a model; one that a subclass types otherwise stays where it stood."""
    bases = [base for base in reversed(model.__mro__) if attrs.has(base)]
    return {attribute.name: None for base in bases for attribute in attrs.fields(base)}


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Model)


def _as_it_came(value: Any) -> Any:
    return value
