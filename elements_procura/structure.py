"""JSON → models and back: one cattrs converter per API, made from that API's wire rules.

cattrs keeps the registry of hooks; the hook for an attrs class is compiled here, once per class
and on first use, because the stock one is several times slower and knows no HAL:

- an attribute's name on the wire follows one mechanical rule, with exceptions in one table;
- in HAL, attributes that hold models are looked for in ``_embedded``, links in ``_links``;
- null and absence both give None (or an empty tuple);
- what no attribute takes lands in ``extra``, so nothing of a body is lost;
- a value of the wrong kind raises :class:`WireFault` with its path.
"""

import datetime as dt
import enum
import logging
import types
import typing
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, TypeVar, Union, get_args, get_origin

import attrs
from cattrs import Converter

from elements_procura._model import BodyModel, Model, Resource
from elements_procura._split import split_hal, split_plain
from elements_procura.wire import (
    WireFault,
    to_bool,
    to_date,
    to_datetime,
    to_decimal,
    to_int,
    to_open_enum,
    to_str,
)

log = logging.getLogger("elements_procura.wire")

M = TypeVar("M", bound=Model)
Hook = Callable[[Any], Any]
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
# Nearly all values are of one shape, told and turned here without a call: half of the time that a
# whole record takes. Anything else goes to the hook, which knows all the rules.
_USUAL: dict[Any, str] = {
    str: "v if v.__class__ is str",
    int: "v if v.__class__ is int",
    bool: "v if v.__class__ is bool else True if v == 'ja' else False if v == 'nee'",
    Decimal: "Decimal(v) if v.__class__ is str and v.strip('0123456789') == '.'"
    " and 1 < len(v) < 99",
    dt.date: "date(v[:10]) if v.__class__ is str and len(v) > 10 and v[10] == 'T'"
    " and v[7] == '-' and v > '0002'",
    dt.datetime: "datetime(v) if v.__class__ is str and '0002' < v < ':'",
}
_OWN = ("links", "extra")


def camel(attribute: str) -> str:
    """``nationaliteit_id`` → ``nationaliteitId``: the rule that most names follow."""
    first, *rest = attribute.split("_")
    return first + "".join(word.capitalize() for word in rest)


@attrs.frozen
class Field:
    """How an attribute is spelled and structured.

    Attributes:
        name: Of the attribute.
        key: On the wire.
        aliases: What is accepted as well.
        item: Type of the value, or of those in the list.
        choices: The values that are documented, where they are.
        is_many: Whether it is a list.
        is_required: Whether the vendor's records always carry it.
        hook: From a JSON value other than null to ours.
        usual: Source of the value when it is of the usual shape, up to the else; empty for none.
        is_relation: Whether it stands in ``_embedded``.
        nothing: What absence gives: a list that may not be None is empty then.
    """

    name: str
    key: str
    aliases: tuple[str, ...]
    item: Any
    choices: enum.EnumType | None
    is_many: bool
    is_required: bool
    hook: Hook
    usual: str
    is_relation: bool
    nothing: tuple[()] | None


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
        self._warned: set[tuple[str, str]] = set()
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
        """JSON that structures to an equal model; what is None is left out."""
        written: dict[str, Any] = self._converter.unstructure(model)
        return written

    def fields(self, model: type) -> tuple[Field, ...]:
        """How the attributes of ``model`` are spelled and structured."""
        if model not in self._fields:
            hints = typing.get_type_hints(model)
            self._fields[model] = tuple(
                self._field(model, attribute.name, hints[attribute.name])
                for attribute in attrs.fields(model)
                if attribute.name not in _OWN
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
        hook: Hook
        if choices:
            hook = to_open_enum(choices[0], lambda: self._warn_once(model.__name__, name))
        else:
            hook = self._hook(item)
        if is_many:
            hook = _many(hook)
        return Field(
            name=name,
            key=key,
            aliases=tuple(aliases),
            item=item,
            choices=choices[0] if choices else None,
            is_many=is_many,
            is_required=not (is_many or optional or hint is Any),
            hook=hook,
            usual=_USUAL.get(hint, "") if hook is _SCALARS.get(hint) else "",
            is_relation=self._embedded and _is_model(item),
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

    def _warn_once(self, model: str, attribute: str) -> None:
        if (model, attribute) not in self._warned:
            self._warned.add((model, attribute))
            log.warning(
                "%s.%s holds a value that this version does not know; it is kept as it came",
                model,
                attribute,
            )

    def _compile(self, model: type) -> Callable[[Any, Any], Any]:
        fields = self.fields(model)
        hal = issubclass(model, Resource)
        names: dict[str, Any] = {
            "new": object.__new__,
            "model": model,
            "Decimal": Decimal,
            "date": dt.date.fromisoformat,
            "datetime": dt.datetime.fromisoformat,
            "as_object": as_object,
            "split": split_hal if hal else split_plain,
            "leftovers": _leftovers,
            "by_the_rules": _by_the_rules,
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
            names[f"h{number}"] = field.hook
            source = "embedded" if field.is_relation else "data"
            usual = f"{field.usual} else " if field.usual else ""
            nothing = repr(field.nothing)
            lines += [
                f"        if {field.key!r} in {source}:",
                f"            v = {source}[{field.key!r}]",
                f"            self.{field.name} = {nothing} if v is None else {usual}h{number}(v)",
                "        else:",
                f"            self.{field.name} = {nothing}",
            ]
        lines += [
            "        pass",
            "    except ValueError:",
            "        by_the_rules(self, fields, data, embedded)",
            "    if not known.issuperset(data):",
            "        leftovers(self, data, known, by_key, extra)",
            "    if embedded and not relations.issuperset(embedded):",
            "        kept = {}",
            "        leftovers(self, embedded, relations, by_key, kept)",
            "        if kept:",
            "            extra['_embedded'] = kept",
            "    return self",
        ]
        # Only attribute names of our own classes and keys of our own table go into the source.
        exec("\n".join(lines), names)  # noqa: S102 - our own lines, out of the model alone
        return typing.cast("Callable[[Any, Any], Any]", names["structure"])

    def _writer(self, model: type) -> Callable[[Any], dict[str, Any]]:
        fields = self.fields(model)
        # A body says what it says: an empty list is one. An answer's may have been absent.
        left_out = (None,) if issubclass(model, BodyModel) else (None, ())

        def write(record: Any) -> dict[str, Any]:
            written: dict[str, Any] = {}
            embedded: dict[str, Any] = {}
            for field in fields:
                value = getattr(record, field.name)
                if value not in left_out:
                    target = embedded if field.is_relation else written
                    target[field.key] = self._converter.unstructure(value)
            links = {
                relation: attrs.asdict(link, filter=lambda _, value: value is not None)
                for relation, link in getattr(record, "links", {}).items()
            }
            for key, found in (("_links", links), ("_embedded", embedded)):
                more = record.extra.get(key, {})
                if isinstance(more, dict):
                    written |= {key: found | more} if found or more else {}
                else:  # not even an object: what stood beside it goes back there
                    written |= found | {key: more}
            return written | {
                key: value for key, value in record.extra.items() if key not in written
            }

        return write


def as_object(value: Any) -> dict[str, Any] | None:
    """An object: itself, the only item of a list, or None for PHP's empty map (an empty list)."""
    if isinstance(value, dict):
        return value
    if isinstance(value, list):
        if not value:
            return None
        if len(value) == 1 and isinstance(value[0], dict):
            return value[0]
    raise WireFault("an object", value)


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Model)


def _as_it_came(value: Any) -> Any:
    return value


def _many(hook: Hook) -> Hook:
    def structure(value: Any) -> tuple[Any, ...]:
        items = value if value.__class__ is list else [as_object(value)]
        index = 0
        found = []
        try:
            for index, item in enumerate(items):  # noqa: B007 - for the fault's path
                if item is not None and (made := hook(item)) is not None:
                    found.append(made)
        except WireFault as fault:
            raise fault.under(f"[{index}]") from None
        return tuple(found)

    return structure


def by_key(fields: tuple[Field, ...]) -> dict[str, Field]:
    """The fields under all that they may be called."""
    return {key: field for field in fields for key in (field.key, *field.aliases)}


def _by_the_rules(
    record: Any, fields: tuple[Field, ...], data: dict[str, Any], embedded: dict[str, Any]
) -> None:
    """Set every attribute through its hook, whatever shape its value has.

    Raises:
        WireFault: A value cannot be what its attribute needs; the first one, with its path.
    """
    for field in fields:
        value = (embedded if field.is_relation else data).get(field.key)
        try:
            made = field.nothing if value is None else field.hook(value)
        except WireFault as fault:
            raise fault.under(field.name) from None
        setattr(record, field.name, made)


def _leftovers(
    record: Any,
    data: dict[str, Any],
    known: frozenset[str],
    by_key: dict[str, Field],
    extra: dict[str, Any],
) -> None:
    """Put what was not taken under a second spelling of an attribute, or into ``extra``.

    Seen on the wire: ``"gearchiveerd "`` with a space, ``computednaam`` for ``weergavenaam``.
    When an attribute is there under two spellings, the first holds and the other is kept.
    """
    for key, value in data.items():
        if key in known:
            continue
        field = by_key.get(key) or by_key.get(key.strip())
        if field is None or getattr(record, field.name) not in (None, ()):
            extra[key] = value
        elif value is not None:
            try:
                setattr(record, field.name, field.hook(value))
            except WireFault as fault:
                raise fault.under(field.name) from None
