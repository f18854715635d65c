"""Fields of a request body whose kind follows from a plain type hint: values, parts, lists. Pure.

See :mod:`elements_procura.schema.fields` for those that an annotation names.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

import attrs

from elements_procura.errors import BodyFault
from elements_procura.schema.fields import Kind
from elements_procura.schema.model import Body
from elements_procura.schema.scalars import WireFault
from elements_procura.schema.sealed import Data


def as_given(value: Any) -> Any:
    """``value`` itself."""
    return value


@attrs.frozen
class Scalar(Kind):
    """One value, for which a mapping may hold the text or number that stands for it in JSON.

    Attributes:
        of_json: Makes a value of JSON, or raises WireFault.
        tidied: Makes a value with one meaning only the documented one.
        is_filled: Whether an empty text is a fault.
    """

    of_json: Callable[[Any], Any] = as_given
    tidied: Callable[[Any], Any] = as_given
    is_filled: bool = False

    def read(self, value: Any) -> Any:
        """The value that JSON stands for; as it is where it stands for none."""
        try:
            return self.of_json(value)
        except WireFault:
            return value

    def tidy(self, value: Any) -> Any:
        """The documented value."""
        return self.tidied(value)

    def faults(self, value: Any, path: str) -> Iterator[BodyFault]:
        """Yield the faults of the value; an empty text may be one."""
        if self.fits(value) and self.is_filled and not value.strip():
            yield BodyFault(path, "must not be empty")
        else:
            yield from super().faults(value, path)


class Parts(Protocol):
    """The treatment of a body class, for a body within another."""

    def written(self, body: Body) -> Data:
        """The values of an instance, by their keys."""

    def spelled(self, data: Data, kind: type[Body]) -> Data:
        """A mapping in the documented spelling."""

    def read(self, data: Data, kind: type[Body]) -> Data:
        """A mapping with the values that a class would have."""

    def tidied(self, data: Data, kind: type[Body]) -> Data:
        """The same, as documented."""

    def faults(self, data: Data, kind: type[Body], path: str) -> Iterator[BodyFault]:
        """The faults of a checked mapping."""


@attrs.frozen(init=False)
class Part(Kind):
    """A body within a body."""

    kind: type[Body]
    parts: Parts = attrs.field(repr=False, eq=False)

    def __init__(self, kind: type[Body], parts: Parts) -> None:
        self.__attrs_init__(
            f"a {kind.__name__}", lambda value: isinstance(value, Mapping), kind, parts
        )

    def wire(self, value: Any) -> Any:
        """The values of an instance, or of a mapping in its place."""
        if isinstance(value, self.kind):
            return self.parts.written(value)
        return self.read(self.spell(value))

    def spell(self, value: Any) -> Any:
        """The documented spelling."""
        return self._each(self.parts.spelled, value)

    def read(self, value: Any) -> Any:
        """The values that a class would have."""
        return self._each(self.parts.read, value)

    def tidy(self, value: Any) -> Any:
        """The documented values."""
        return self._each(self.parts.tidied, value)

    def faults(self, value: Any, path: str) -> Iterator[BodyFault]:
        """Yield the faults of the body and of everything in it."""
        if self.fits(value):
            yield from self.parts.faults(value, self.kind, path)
        else:
            yield from super().faults(value, path)

    def _each(self, method: Callable[[Data, type[Body]], Data], value: Any) -> Any:
        return method(dict(value), self.kind) if isinstance(value, Mapping) else value


@attrs.frozen(init=False)
class Many(Kind):
    """A list of values of one kind."""

    item: Kind
    is_filled: bool

    def __init__(self, item: Kind, *, is_filled: bool) -> None:
        self.__attrs_init__(
            "a list", lambda value: isinstance(value, tuple | list), item, is_filled
        )

    def wire(self, value: Any) -> Any:
        """Each of them as it goes over the wire."""
        return self._each(self.item.wire, value)

    def spell(self, value: Any) -> Any:
        """Each in the documented spelling."""
        return self._each(self.item.spell, value)

    def read(self, value: Any) -> Any:
        """Each as a class would have it; null is left out."""
        found = self._each(self.item.read, value)
        return [item for item in found if item is not None] if isinstance(found, list) else found

    def tidy(self, value: Any) -> Any:
        """Each as documented."""
        return self._each(self.item.tidy, value)

    def faults(self, value: Any, path: str) -> Iterator[BodyFault]:
        """Yield the faults of the list and of each item."""
        if not self.fits(value):
            yield from super().faults(value, path)
        elif not value and self.is_filled:
            yield BodyFault(path, "must not be empty")
        else:
            for number, item in enumerate(value):
                yield from self.item.faults(item, f"{path}[{number}]")

    def _each(self, method: Callable[[Any], Any], value: Any) -> Any:
        return (
            [None if item is None else method(item) for item in value]
            if self.fits(value)
            else value
        )
