"""Request bodies: typed classes and plain mappings in, checked JSON out. Pure.

A body class says what the API's schema says, each attribute by its type or by an annotation
(see :mod:`~elements_procura.schema.nested` and :mod:`~elements_procura.schema.fields`).
A plain mapping, in the API's own spelling, is checked by the same class. Faults are returned,
with the path and what would be right, never the value: bodies hold citizen numbers, names and bank
accounts.
"""

import datetime as dt
import difflib
import enum
import types
import typing
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any, Protocol

import attrs
import orjson

from elements_procura.errors import BodyError, BodyFault
from elements_procura.redact import safe_key
from elements_procura.schema.fields import FLAG, Choice, Kind
from elements_procura.schema.model import Body, Model
from elements_procura.schema.nested import Many, Part, Scalar
from elements_procura.schema.sealed import Data, Json
from elements_procura.schema.structure import camel

Condition = Callable[[Json], Iterator[BodyFault]]
"""Yields the faults between the fields of a body; their paths begin after the body's own."""


class Rule(Protocol):
    """A condition between the fields of a body."""

    def faults(self, data: Json, key: Callable[[str], str]) -> Iterator[BodyFault]:
        """Yield the faults; ``key`` spells an attribute as it is on the wire."""


@attrs.frozen(init=False)
class ExactlyOne:
    """One of these attributes is set, and the others are not."""

    names: tuple[str, ...]

    def __init__(self, *names: str) -> None:
        self.__attrs_init__(names)

    def faults(self, data: Json, key: Callable[[str], str]) -> Iterator[BodyFault]:
        """Yield the faults."""
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
        """Yield the faults."""
        given = data.get(key(self.name))
        if isinstance(given, type(self.value)) and given == self.value:
            shown = orjson.dumps(self.value).decode()
            for needed in map(key, self.needed):
                if needed not in data:
                    why = f"is missing; it is needed when {key(self.name)} is {shown}"
                    yield BodyFault(f"$.{needed}", why)


Given = Body | Model | Json
"""The body of a writing call: an instance, a record to send back, or a mapping."""


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
        kinds: By its type hint, the kind of an attribute without an annotation of ours.
        named: ``{(class name, attribute): kind}`` where the hint is not enough; of a list, the
            kind of its items.
        empty_lists: Attributes whose required list may be empty.
        rules: By class, what has to hold between fields that are right themselves.
        null_is_unset: Whether null in a mapping is left out instead of being a fault.
        plain: Makes JSON of a value that orjson does not write, or not as the API does.
    """

    def __init__(
        self,
        spellings: Mapping[tuple[str, str], str],
        *,
        kinds: Mapping[Any, Kind] | None = None,
        named: Mapping[tuple[str, str], Kind] | None = None,
        empty_lists: Collection[str] = (),
        rules: Mapping[type[Body], Condition] | None = None,
        null_is_unset: bool = False,
        plain: Callable[[Any], Any] | None = None,
    ) -> None:
        self._spellings = spellings
        self._kinds = {**_KINDS, **(kinds or {})}
        self._named = named or {}
        self._empty_lists = empty_lists
        self._rules = rules or {}
        self._null_is_unset = null_is_unset
        self._plain = plain or plain_value
        self._compiled: dict[type[Body], dict[str, _Field]] = {}
        self._by_key: dict[type[Body], dict[str, _Field]] = {}

    def fields(self, kind: type[Body]) -> dict[str, _Field]:
        """The fields of a class, by attribute."""
        if kind not in self._compiled:
            hints = typing.get_type_hints(kind, include_extras=True)
            fields = {
                attribute.name: self._field(kind, attribute, hints[attribute.name])
                for attribute in attrs.fields(kind)
                if attribute.name != _EXTRA
            }
            # In this order: another thread may share it.
            self._by_key[kind] = {field.key: field for field in fields.values()}
            self._compiled[kind] = fields
        return self._compiled[kind]

    def data(
        self, body: Any, kinds: Sequence[type[Body]], *, validate: bool = True
    ) -> Data | tuple[BodyFault, ...]:
        """``body`` in the API's own spelling, or its faults.

        Args:
            body: An instance of one of ``kinds``, or a mapping that one of them describes.
            kinds: None of them: any mapping is sent as it is given.
            validate: Whether the fields are checked.
        """
        if isinstance(body, Body):
            if not isinstance(body, tuple(kinds)):
                return (BodyFault("$", f"must be {_names(kinds)}, got {type(body).__name__}"),)
            kinds, given = (type(body),), [self.written(body)]
        elif not isinstance(body, Mapping):
            return (BodyFault("$", f"must be {_names((*kinds, Mapping))}"),)
        elif not kinds:
            return dict(body)
        else:
            given = [self.spelled(dict(body), kind) for kind in kinds]
            if validate:
                given = [self.read(each, kind) for each, kind in zip(given, kinds, strict=True)]
        if not validate:
            return given[0]
        given = [self.tidied(each, kind) for each, kind in zip(given, kinds, strict=True)]
        found = [tuple(self.faults(each, kind)) for each, kind in zip(given, kinds, strict=True)]
        # Of alternatives, the one that was meant is the one with the least wrong with it.
        best = min(range(len(found)), key=lambda number: len(found[number]))
        return found[best] or given[best]

    def encode(
        self, body: object, kinds: Sequence[type[Body]], *, validate: bool = True
    ) -> bytes | tuple[BodyFault, ...]:
        """The bytes of ``body``, or its faults. As :meth:`data`."""
        data = self.data(body, kinds, validate=validate)
        return data if isinstance(data, tuple) else self.dumped(data)

    def dumped(self, data: Data) -> bytes | tuple[BodyFault, ...]:
        """The bytes of ``data``, or what keeps it from being JSON."""
        try:
            return orjson.dumps(data, default=self._plain, option=orjson.OPT_PASSTHROUGH_DATETIME)
        except TypeError:
            wrong = "holds a value that JSON has no place for, or a number of more than 64 bits"
            return (BodyFault("$", wrong),)

    def to_wire(self, body: Body) -> Data:
        """``body`` as the JSON that is sent for it; attributes that are None are left out.

        Raises:
            BodyError: It holds a value that JSON cannot hold.
        """
        dumped = self.dumped(self.written(body))
        if isinstance(dumped, tuple):
            raise BodyError("the body cannot be written", faults=dumped)
        written: Data = orjson.loads(dumped)
        return written

    def written(self, body: Body) -> Data:
        """The values of an instance, by their keys."""
        data = {
            field.key: field.kind.wire(value)
            for name, field in self.fields(type(body)).items()
            if (value := getattr(body, name)) is not None
        }
        return data | getattr(body, _EXTRA, {})

    def spelled(self, data: Data, kind: type[Body]) -> Data:
        """A mapping in the documented spelling."""
        return self._each(data, kind, "spell")

    def read(self, data: Data, kind: type[Body]) -> Data:
        """A mapping with the values that a class would have."""
        found = self._each(data, kind, "read")
        if not self._null_is_unset:
            return found
        keys = self._keys(kind)
        lists: Data = {
            key: []
            for key, each in keys.items()
            if each.is_required and isinstance(each.kind, Many)
        }
        return lists | {
            key: value for key, value in found.items() if value is not None or key not in keys
        }

    def tidied(self, data: Data, kind: type[Body]) -> Data:
        """The same, as documented."""
        return self._each(data, kind, "tidy")

    def faults(self, data: Data, kind: type[Body], path: str = "$") -> Iterator[BodyFault]:
        """Yield the faults of the body of a class."""
        fields = self.fields(kind)
        count = 0
        for fault in self._of_fields(data, kind, self._by_key[kind], path):
            count += 1
            yield fault
        for rule in kind.RULES:
            for fault in rule.faults(data, lambda name: fields[name].key):
                yield BodyFault(f"{path}{fault.path[1:]}", fault.message)
        if kind in self._rules and not count:  # a rule may rely on what it finds
            for fault in self._rules[kind](data):
                yield BodyFault(f"{path}{fault.path}", fault.message)

    def _of_fields(
        self, data: Data, kind: type[Body], fields: Mapping[str, _Field], path: str
    ) -> Iterator[BodyFault]:
        for key, field in fields.items():
            if key in data:
                yield from field.kind.faults(data[key], f"{path}.{key}")
            elif field.is_required:
                yield BodyFault(f"{path}.{key}", f"is missing; it must be {field.kind.right}")
        if not kind.OPEN:
            yield from _unknown(data, fields, path)

    def _each(self, data: Data, kind: type[Body], step: str) -> Data:
        keys = self._keys(kind)
        return {
            key: value
            if value is None or (field := keys.get(key)) is None
            else getattr(field.kind, step)(value)
            for key, value in data.items()
        }

    def _keys(self, kind: type[Body]) -> dict[str, _Field]:
        """The fields of a class, by key."""
        self.fields(kind)
        return self._by_key[kind]

    def _key(self, kind: type[Body], name: str) -> str:
        return self._spellings.get(
            (kind.__name__, name), self._spellings.get(("", name), camel(name))
        )

    def _field(self, owner: type[Body], attribute: Any, hint: Any) -> _Field:
        name = attribute.name
        is_required = attribute.default is attrs.NOTHING or not _takes_none(hint)
        named = self._named.get((owner.__name__, name), self._named.get(("", name)))
        kind = self._kind(hint, is_required=is_required, named=named)
        if isinstance(kind, Many) and name in self._empty_lists:
            kind = Many(kind.item, is_filled=False)
        return _Field(self._key(owner, name), kind, is_required)

    def _kind(self, hint: Any, *, is_required: bool, named: Kind | None) -> Kind:
        hint = _telling(hint)
        kind: Kind
        if typing.get_origin(hint) is tuple:
            item = typing.get_args(hint)[0]
            kind = Many(
                self._kind(item, is_required=is_required, named=named), is_filled=is_required
            )
        elif typing.get_origin(hint) is Annotated:
            kind = typing.get_args(hint)[1]
        elif named is not None:
            kind = named
        elif isinstance(hint, enum.EnumType):
            kind = Choice(typing.cast("type[enum.StrEnum]", hint))
        elif isinstance(hint, type) and issubclass(hint, Body):
            kind = Part(hint, self)
        else:
            kind = self._kinds[hint]
            if isinstance(kind, Scalar) and hint is str and is_required:
                kind = attrs.evolve(kind, is_filled=True)
        return kind


_KINDS: dict[Any, Kind] = {bool: FLAG}
_EXTRA = "extra"


def _telling(hint: Any) -> Any:
    """Choose the member of a union that best describes valid values."""
    if typing.get_origin(hint) not in (typing.Union, types.UnionType):
        return hint
    args = [arg for arg in typing.get_args(hint) if arg is not types.NoneType]
    telling = (
        arg for arg in args if typing.get_origin(arg) is Annotated or isinstance(arg, enum.EnumType)
    )
    return next(telling, args[0])


def _takes_none(hint: Any) -> bool:
    is_union = typing.get_origin(hint) in (typing.Union, types.UnionType)
    return is_union and types.NoneType in typing.get_args(hint)


def _unknown(data: Json, known: Iterable[str], path: str) -> Iterator[BodyFault]:
    known = list(known)
    for key in data:
        if key not in known:
            close = difflib.get_close_matches(str(key), known, n=1)
            meant = f"; {close[0]!r} is" if close else ""
            yield BodyFault(f"{path}.{safe_key(str(key))}", f"is not a field of this body{meant}")


def _names(kinds: Sequence[type]) -> str:
    return " or ".join(kind.__name__ for kind in kinds)


def plain_value(value: Any) -> Any:
    """Make JSON of a value that orjson does not write, or not as Elements does."""
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
