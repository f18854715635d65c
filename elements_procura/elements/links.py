"""Resources that are linked but not documented."""

from typing import Any

import attrs

from elements_procura._json import DEEPEST
from elements_procura.schema.model import Link, Resource
from elements_procura.schema.open_typing import items
from elements_procura.schema.structure import Wire

__all__ = ["HalResource"]


@attrs.frozen(repr=False)
class HalResource:
    """A resource without a model: documenten, stukken, emails, taken, facturen, panden.

    The repr shows nothing of it, as with records.

    Attributes:
        links: Its links, by relation.
        fields: Its fields, as they came.
        embedded: Its embedded resources, by relation; one record and a list look the same.
        body: The bytes as they came; empty for an embedded resource.
    """

    links: dict[str, Link]
    fields: dict[str, Any]
    embedded: "dict[str, tuple[HalResource, ...]]"
    body: bytes = b""

    @classmethod
    def of(
        cls, data: dict[str, Any], wire: Wire, body: bytes = b"", *, depth: int = DEEPEST
    ) -> "HalResource":
        """The resource in a decoded JSON object.

        Args:
            data: The object.
            wire: The rules of the API.
            body: The bytes as they came.
            depth: How many levels of embedded objects become resources; deeper ones stay fields.
        """
        record = wire.structure(data, Resource)
        fields = dict(record.extra)
        embedded: dict[str, tuple[HalResource, ...]] = {}
        inside = fields.get("_embedded")
        if isinstance(inside, dict) and depth:
            kept: dict[str, Any] = {}
            for relation, held in inside.items():
                found = items(held)
                rows = found if isinstance(found, list) else [found]
                embedded[relation] = tuple(
                    [cls.of(row, wire, depth=depth - 1) for row in rows if isinstance(row, dict)]
                )
                if not all(row is None or isinstance(row, dict) for row in rows):
                    kept[relation] = held
            fields["_embedded"] = kept
        if not fields.get("_embedded", True):
            del fields["_embedded"]
        return cls(record.links, fields, embedded, body)

    def __repr__(self) -> str:
        return "<HalResource>"
