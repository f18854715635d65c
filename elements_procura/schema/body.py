"""Request bodies: typed classes and plain mappings in, checked JSON out. Pure.

A body class says what the API's schema says, each attribute by its annotation (see ``_fields``).
A plain mapping, in the API's own spelling, is checked by the same class. What is wrong is returned
as faults that name the path and what would be right, never the value: bodies hold citizen
numbers, names and bank accounts.
"""

import datetime as dt
import difflib
import enum
import functools
import types
import typing
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any, ClassVar, ParamSpec, Protocol, TypeVar

import attrs
import orjson

from elements_procura.errors import BodyFault
from elements_procura.redact import safe_key
from elements_procura.schema.fields import FLAG, Choice, Kind
from elements_procura.schema.model import Model
from elements_procura.schema.structure import camel
from elements_procura.secret import veiled

P = ParamSpec("P")
R = TypeVar("R")
Json = Mapping[str, Any]
"""A body in the API's own spelling."""
Data = dict[str, Any]
"""The same, checked and ready to be written."""


class Rule(Protocol):
    """What has to hold between the fields of a body."""

    def faults(self, data: Json, key: Callable[[str], str]) -> Iterator[BodyFault]:
        """What is wrong; ``key`` tells how an attribute is spelled on the wire."""


@attrs.frozen(init=False)
class ExactlyOne:
    """One of these attributes is set, and the others are not."""

    names: tuple[str, ...]

    def __init__(self, *names: str) -> None:
        self.__attrs_init__(names)

    def faults(self, data: Json, key: Callable[[str], str]) -> Iterator[BodyFault]:
        """What is wrong."""
        keys = [key(name) for name in self.names]
        given = sum(key in data for key in keys)
        if given != 1:
            wrong = "none is" if given == 0 else "more than one is"
            yield BodyFault("$", f"must hold exactly one of {' and '.join(keys)}; {wrong} there")


@attrs.frozen(init=False)
class Needs:
    """When one attribute has this value, others are required."""

    name: str
    value: str | bool
    needed: tuple[str, ...]

    def __init__(self, name: str, value: str | bool, *needed: str) -> None:
        self.__attrs_init__(name, value, needed)

    def faults(self, data: Json, key: Callable[[str], str]) -> Iterator[BodyFault]:
        """What is wrong."""
        given = data.get(key(self.name))
        if isinstance(given, type(self.value)) and given == self.value:
            shown = orjson.dumps(self.value).decode()
            for needed in map(key, self.needed):
                if needed not in data:
                    why = f"is missing; it is needed when {key(self.name)} is {shown}"
                    yield BodyFault(f"$.{needed}", why)


@attrs.define(repr=False, kw_only=True)
class Body:
    """What a writing call sends. Attributes that are None are left out, so null is never sent.

    The repr shows the class and nothing else: bodies hold personal data, and reprs end up in logs.
    """

    RULES: ClassVar[tuple[Rule, ...]] = ()
    OPEN: ClassVar[bool] = False
    """Whether fields are taken that the class does not know."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


Given = Body | Model | Json
"""What a writing call takes."""


class Sealed(Mapping[str, Any]):
    """A mapping whose repr shows nothing of it."""

    def __init__(self, held: Json) -> None:
        self._held = held

    def __getitem__(self, key: str) -> Any:
        return self._held[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._held)

    def __len__(self) -> int:
        return len(self._held)

    def __repr__(self) -> str:
        return f"<mapping of {len(self)} fields>"


def sealed(
    method: Callable[P, Coroutine[Any, Any, R]],
) -> Callable[P, Coroutine[Any, Any, R]]:
    """Keep plain mappings and texts out of a method's frame (:mod:`elements_procura.secret`)."""

    @functools.wraps(method)
    async def call(*given: Any, **named: Any) -> R:
        given = tuple(_sealed(value) for value in given)
        named = {name: _sealed(value) for name, value in named.items()}
        return await method(*given, **named)

    return typing.cast("Callable[P, Coroutine[Any, Any, R]]", call)


def _sealed(value: Any) -> Any:
    return Sealed(value) if isinstance(value, Mapping) else veiled(value)


@attrs.frozen
class _Field:
    key: str
    kind: Kind
    is_required: bool


class Bodies:
    """The body classes of one API: how they are spelled, checked and written.

    Args:
        spellings: ``{(class name, attribute): key}`` where a name does not follow the rule.
            By name, so that no body class is loaded before it is used; ``""`` is every class.
    """

    def __init__(self, spellings: Mapping[tuple[str, str], str]) -> None:
        self._spellings = spellings
        self._compiled: dict[type[Body], dict[str, _Field]] = {}

    def fields(self, kind: type[Body]) -> dict[str, _Field]:
        """The fields of a class, by attribute."""
        if kind not in self._compiled:
            hints = typing.get_type_hints(kind, include_extras=True)
            self._compiled[kind] = {
                attribute.name: _Field(
                    self._key(kind, attribute.name),
                    _kind(hints[attribute.name]),
                    attribute.default is attrs.NOTHING,
                )
                for attribute in attrs.fields(kind)
            }
        return self._compiled[kind]

    def data(
        self, body: object, kinds: Sequence[type[Any]], *, validate: bool = True
    ) -> Data | tuple[BodyFault, ...]:
        """``body`` in the API's own spelling, or what is wrong with it.

        Args:
            body: An instance of one of ``kinds``, or a mapping that one of them describes.
            kinds: None of them: any mapping is sent as it is given.
            validate: Whether the fields are checked.
        """
        if isinstance(body, Body):
            if not isinstance(body, tuple(kinds)):
                return (BodyFault("$", f"must be {_names(kinds)}, got {type(body).__name__}"),)
            kinds = (type(body),)
            data = self._written(body)
        elif isinstance(body, Mapping):
            data = dict(body)
        else:
            return (BodyFault("$", f"must be {_names((*kinds, Mapping))}"),)
        if not kinds:
            return data
        spelled = [self._spelled(data, kind, is_tidied=validate) for kind in kinds]
        if not validate:
            return spelled[0]
        found = [tuple(self._faults(each, kind)) for each, kind in zip(spelled, kinds, strict=True)]
        # Of alternatives, the one that was meant is the one with the least wrong with it.
        best = min(range(len(found)), key=lambda number: len(found[number]))
        return found[best] or spelled[best]

    def encode(
        self, body: object, kinds: Sequence[type[Body]], *, validate: bool = True
    ) -> bytes | tuple[BodyFault, ...]:
        """The bytes of ``body``, or what is wrong with it. As :meth:`data`."""
        data = self.data(body, kinds, validate=validate)
        return data if isinstance(data, tuple) else self.dumped(data)

    def dumped(self, data: Data) -> bytes | tuple[BodyFault, ...]:
        """The bytes of ``data``, or what keeps it from being JSON."""
        try:
            return orjson.dumps(data, default=_plain, option=orjson.OPT_PASSTHROUGH_DATETIME)
        except TypeError:
            wrong = "holds a value that JSON has no place for, or a number of more than 64 bits"
            return (BodyFault("$", wrong),)

    def _key(self, kind: type[Body], name: str) -> str:
        return self._spellings.get(
            (kind.__name__, name), self._spellings.get(("", name), camel(name))
        )

    def _written(self, body: Body) -> dict[str, Any]:
        return {
            field.key: field.kind.wire(value)
            for name, field in self.fields(type(body)).items()
            if (value := getattr(body, name)) is not None
        }

    def _spelled(
        self, data: dict[str, Any], kind: type[Body], *, is_tidied: bool
    ) -> dict[str, Any]:
        kinds = {field.key: field.kind for field in self.fields(kind).values()}
        spelled = {
            key: kinds[key].spell(value) if key in kinds else value for key, value in data.items()
        }
        if not is_tidied:
            return spelled
        return {
            key: kinds[key].tidy(value) if key in kinds else value for key, value in spelled.items()
        }

    def _faults(self, data: dict[str, Any], kind: type[Body]) -> Iterator[BodyFault]:
        fields = self.fields(kind)
        by_key = {field.key: field for field in fields.values()}
        for key, field in by_key.items():
            if key in data:
                yield from field.kind.faults(data[key], f"$.{key}")
            elif field.is_required:
                yield BodyFault(f"$.{key}", f"is missing; it must be {field.kind.right}")
        if not kind.OPEN:
            yield from _unknown(data, by_key)
        for rule in kind.RULES:
            yield from rule.faults(data, lambda name: fields[name].key)


def _kind(hint: Any) -> Kind:
    args = [arg for arg in typing.get_args(hint) if arg is not types.NoneType]
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        for arg in args:
            if typing.get_origin(arg) is Annotated:
                return _kind(arg)
            if isinstance(arg, enum.EnumType):
                return Choice(typing.cast("type[enum.StrEnum]", arg))
        return _kind(args[0])
    if typing.get_origin(hint) is Annotated:
        return typing.cast("Kind", typing.get_args(hint)[1])
    return _SCALARS[hint]


_SCALARS: dict[Any, Kind] = {bool: FLAG}


def _unknown(data: Json, known: Iterable[str]) -> Iterator[BodyFault]:
    known = list(known)
    for key in data:
        if key not in known:
            close = difflib.get_close_matches(str(key), known, n=1)
            meant = f"; {close[0]!r} is" if close else ""
            yield BodyFault(f"$.{safe_key(str(key))}", f"is no field of this body{meant}")


def _names(kinds: Sequence[type]) -> str:
    return " or ".join(kind.__name__ for kind in kinds)


def _plain(value: Any) -> Any:
    """What orjson does not write by itself, or not as Elements does."""
    if isinstance(value, dt.datetime):
        is_naive = value.tzinfo is None
        return value.isoformat(" " if is_naive else "T", timespec="seconds")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Decimal) and value.is_finite():
        return orjson.Fragment(format(value, "f"))
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError
