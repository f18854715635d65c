"""What links lead to, where the documentation says no more than that."""

from typing import Any

import attrs

from elements_procura._model import Link, Resource
from elements_procura.structure import Wire


@attrs.frozen(repr=False)
class HalResource:
    """A resource of no known shape: documenten, stukken, emails, taken, facturen, panden.

    The repr shows nothing of it, as with records.

    Attributes:
        links: What it leads to, by relation.
        fields: What it holds, as it came.
        embedded: What is embedded in it, by relation; one record and a list look the same.
        body: The bytes as they came; empty for what was embedded.
    """

    links: dict[str, Link]
    fields: dict[str, Any]
    embedded: "dict[str, tuple[HalResource, ...]]"
    body: bytes = b""

    @classmethod
    def of(cls, data: dict[str, Any], wire: Wire, body: bytes = b"") -> "HalResource":
        """The resource in a decoded JSON object."""
        record = wire.structure(data, Resource)
        fields = dict(record.extra)
        inside = fields.pop("_embedded", {})
        embedded = {
            relation: tuple(
                cls.of(item, wire)
                for item in (held if isinstance(held, list) else [held])
                if isinstance(item, dict)
            )
            for relation, held in (inside.items() if isinstance(inside, dict) else ())
        }
        return cls(record.links, fields, embedded, body)

    def __repr__(self) -> str:
        return "<HalResource>"
