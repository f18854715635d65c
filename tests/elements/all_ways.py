"""A converter that goes all of its ways, and makes sure that they lead to the same."""

from collections.abc import Callable
from typing import Any, TypeVar

import attrs

from elements_procura.schema.model import Model
from elements_procura.schema.scalars import WireFault
from elements_procura.schema.structure import Wire

M = TypeVar("M", bound=Model)
NEVER = 1_000_000_000


class AllWays:
    """By the rules alone; by the function of a model; and by readers, compiled at first sight.

    Args:
        make: Makes a converter, with ``sightings`` and ``forms``.
    """

    def __init__(self, make: Callable[..., Wire]) -> None:
        self._wires = {
            "rules": make(sightings=NEVER),
            "by key": make(sightings=1, forms=0),
            "readers": make(sightings=1),
        }
        self.fields, self.misfits = self._wires["rules"].fields, self._wires["rules"].misfits
        self.to_wire = self._wires["rules"].to_wire

    def structure(self, data: Any, model: type[M]) -> M:
        """Structure in all ways.

        Raises:
            WireFault: All of them agree on it.
        """
        found = {name: _outcome(wire, data, model) for name, wire in self._wires.items()}
        record = found["rules"]
        for name, other in found.items():
            assert _told(other) == _told(record), name
        if isinstance(record, WireFault):
            raise record
        return record


def _outcome(wire: Wire, data: Any, model: type[M]) -> M | WireFault:
    try:
        return wire.structure(data, model)
    except WireFault as fault:
        return fault


def _told(value: Any) -> Any:
    """A value with all types in it, so that ``1``, ``True`` and ``Decimal(1)`` are told apart."""
    if isinstance(value, WireFault):
        return type(value), value.where, str(value)
    if attrs.has(type(value)):
        names = [each.name for each in attrs.fields(type(value))]
        return type(value), {name: _told(getattr(value, name)) for name in names}
    if isinstance(value, dict):
        return {key: _told(each) for key, each in value.items()}
    if isinstance(value, tuple | list):
        return type(value), [_told(each) for each in value]
    return type(value), repr(value)
