"""The model of each kind of body, and the position of its records."""

from typing import Any

import attrs

from elements_procura import _json
from elements_procura.schema import hal
from elements_procura.schema.model import Model

__all__ = ["Section", "Shape"]


@attrs.frozen(kw_only=True)
class Section:
    """The part of a record that one table of an export takes.

    Attributes:
        table: The table's name; None for the one called after the kind.
        model: The model of that part.
        part: The key in the body that holds it; None for the whole record.
        without: Attributes of the model that the table leaves out.
    """

    table: str | None = None
    model: type[Model]
    part: str | None = None
    without: frozenset[str] = frozenset()

    def pick(self, raw: Any) -> Any:
        """The part, out of a record in the body."""
        return raw.get(self.part) if self.part and isinstance(raw, dict) else raw


@attrs.frozen
class Shape:
    """The position of a kind's records in its bodies.

    Attributes:
        model: The records' model.
        rel: The embedded relation that holds the records, for a HAL collection.
        is_list: Whether a body is the list of records itself.
        sections: The tables that a record fills; by default one, called after the kind.
    """

    model: type[Model]
    rel: str | None = None
    is_list: bool = False
    sections: tuple[Section, ...] = attrs.field(kw_only=True)

    @sections.default
    def _whole(self) -> tuple[Section, ...]:
        return (Section(model=self.model),)

    def records(self, body: bytes) -> list[Any]:
        """The records in a body as decoded JSON, without those that are null.

        Args:
            body: The bytes as they came.

        Raises:
            HalError: The body is not JSON, or lacks the list that it should be.
        """
        if not self.is_list:
            data = without_erased(hal.document(body), body)
            if data is None:
                return []
            return [data] if self.rel is None else _not_null(hal.relation(data, self.rel))
        try:
            rows = _json.loads(body)
        except _json.JsonError:
            rows = body
        rows = without_erased(rows, body)
        if rows is None:
            return []
        if not isinstance(rows, list):
            raise hal.HalError("the answer is not a list")
        return _not_null(rows)


def without_erased(data: Any, body: bytes) -> Any:
    """Decoded JSON without the objects of persons who were erased from a store.

    Args:
        data: The JSON, which is changed; None if all of it was erased.
        body: Its bytes.
    """
    return _left(data) if b'"erased":true' in body else data


def _left(data: Any) -> Any:
    if data == _ERASED:
        return None
    unseen = [data]  # rather than a call for each level: there may be a thousand
    while unseen:
        each = unseen.pop()
        if isinstance(each, list):
            each[:] = [inside for inside in each if inside != _ERASED]
            unseen += each
        elif isinstance(each, dict):
            for key in [key for key, inside in each.items() if inside == _ERASED]:
                del each[key]
            unseen += each.values()
    return data


_ERASED = {"erased": True}


def _not_null(rows: list[Any]) -> list[Any]:
    return [row for row in rows if row is not None]
