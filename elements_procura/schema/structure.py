"""JSON → models and back, by one API's wire rules.

Reading goes by functions of our own (``readers``), because cattrs' are several times slower and
know no HAL. cattrs writes, and is loaded when something is written:

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
import threading
import types
import typing
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar, Union, get_args, get_origin

import attrs

from elements_procura.schema.model import Model
from elements_procura.schema.open_typing import Field, Hook, many, misfits, one
from elements_procura.schema.readers import FORMS, SIGHTINGS, Forms
from elements_procura.schema.scalars import (
    WireFault,
    to_bool,
    to_date,
    to_datetime,
    to_decimal,
    to_id,
    to_int,
    to_open_enum,
    to_str,
)

if TYPE_CHECKING:
    from cattrs import Converter

log: logging.Logger = logging.getLogger("elements_procura.schema.scalars")

M = TypeVar("M", bound=Model)
Spellings = Mapping[tuple[str, str], tuple[str, ...]]
"""``{(name of the model, attribute): (what is sent, *what is accepted as well)}``."""
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
        sightings: How often a form of an object is seen before a reader is compiled for it.
        forms: How many forms of a model have one at most.
    """

    def __init__(
        self,
        spellings: Spellings,
        *,
        embedded: bool = True,
        scalars: Scalars | None = None,
        sightings: int = SIGHTINGS,
        forms: int = FORMS,
    ) -> None:
        self._spellings = spellings
        self._embedded = embedded
        self._scalars = _SCALARS | {kind: read for kind, (read, _) in (scalars or {}).items()}
        self._fields: dict[type, tuple[Field, ...]] = {}
        self._models: dict[type, Hook] = {}
        self._begun: set[type] = set()
        self._lock = threading.RLock()  # all clients of a process share one converter
        self._sightings, self._forms = sightings, forms
        self._warned: set[tuple[str, str, str]] = set()
        self._writes = {
            kind: write
            for kind, (_, write) in (scalars or {}).items()
            if isinstance(kind, type)  # a value of dict[str, str] is a dict
        }

    @cached_property
    def _converter(self) -> "Converter":
        from cattrs import Converter  # noqa: PLC0415 - who only reads needs none of it

        converter = Converter()
        converter.register_unstructure_hook_factory(_is_model, self._writer)
        for scalar in (dt.date, dt.datetime):
            converter.register_unstructure_hook(scalar, lambda value: value.isoformat())
        converter.register_unstructure_hook(Decimal, str)
        for kind, write in self._writes.items():
            converter.register_unstructure_hook(kind, write)
        return converter

    def structure(self, data: Any, model: type[M]) -> M:
        """The ``model`` in a decoded JSON value.

        Raises:
            WireFault: A value cannot be what its attribute needs.
        """
        structured: M | None = (self._models.get(model) or self._model_hook(model))(data)
        if structured is None:
            raise WireFault("an object", data)
        return structured

    def structure_all(self, items: Iterable[Any], model: type[M]) -> list[M]:
        """The ``model`` in each of decoded JSON values; those that are null are left out.

        Raises:
            WireFault: One of them cannot be what an attribute of it needs.
        """
        read = self._models.get(model) or self._model_hook(model)
        found = [read(item) for item in items if item is not None]
        if not all(found):  # a record is true
            raise WireFault("an object", [])
        return found

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
        item_hook = hook if is_many else None
        members = {each.value: each for each in list[enum.Enum](choices[0])} if choices else None
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
            each=item_hook,
            members=members,
            is_relation=is_relation,
            nothing=() if is_many and not optional else None,
        )

    def _spelling(self, model: type, name: str) -> tuple[str, ...]:
        for base in model.__mro__:
            if (base.__name__, name) in self._spellings:
                return self._spellings[base.__name__, name]
        return (camel(name),)

    def _hook(self, hint: Any) -> Hook:
        if hint is Any:
            return _as_it_came
        if _is_model(hint):
            return self._model_hook(hint)
        return self._scalars[hint]

    def _model_hook(self, model: type) -> Hook:
        found = self._models.get(model)
        if found is not None:
            return found
        with self._lock:
            if model in self._begun:  # classes may refer to one another: looked up when called
                return lambda value: self._models[model](value)  # noqa: PLW0108 - late
            if model not in self._models:
                self._begun.add(model)
                try:
                    self._models[model] = self._reader(model)
                finally:
                    self._begun.discard(model)
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

    def _reader(self, model: type) -> Callable[..., Any]:
        def note(attribute: str) -> None:
            self._warn_once(model.__name__, attribute, _MISFIT)

        return Forms(
            model, self.fields(model), note, after=self._sightings, most=self._forms
        ).reader()

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
