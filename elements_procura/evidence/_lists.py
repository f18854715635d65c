"""Lists: their accepted forms, whether they are complete, and the ids of their rows."""

from collections.abc import Iterable, Mapping
from typing import Any

from elements_procura.evidence._proof import EvidenceError, Incomplete, usable_id

_TOTALS = frozenset(("total", "total_items", "count"))
_ABSENT = object()


def rows(value: Any) -> list[Any]:
    """The rows of a list in any of its accepted forms.

    A list; one object with an id, which is the only row; an object whose keys are all digits, as
    PHP writes a list with a gap; null.

    Raises:
        EvidenceError: It is anything else.
    """
    if isinstance(value, list):
        return value
    if value is None:
        return []
    if isinstance(value, dict):
        if "id" in value:
            return [value]
        if all(map(_is_number, value)):  # an empty one, too
            return list(value.values())
    raise EvidenceError("expected a list")


def relation(data: Mapping[str, Any], rel: str, *, is_named: bool) -> list[Any]:
    """The rows of a collection.

    Args:
        data: The collection's document.
        rel: Name of the relation in ``_embedded``.
        is_named: Whether the collection has the right self link. Then a list that is missing or
            an empty object is an empty list.

    Raises:
        EvidenceError: It lacks such a list.
    """
    embedded = data.get("_embedded", _ABSENT)
    held = embedded.get(rel, _ABSENT) if isinstance(embedded, dict) else _ABSENT
    if held.__class__ is list:  # nearly always
        return held
    try:
        # Without a self link, only a list that is there is one: nothing else names the collection.
        if is_named and (held is _ABSENT and embedded in ({}, [], None, _ABSENT)):
            return []
        if held is not _ABSENT and (is_named or held != {}):
            return rows(held)
    except EvidenceError:
        pass
    raise EvidenceError(f"the answer holds no list of {rel}", f"$.{rel}")


def check_complete(data: Mapping[str, Any], count: int) -> None:
    """Make sure that a collection of ``count`` rows does not say that there are more.

    Raises:
        Incomplete: It has a ``next`` link, or a total above that.
    """
    links = data.get("_links")
    if isinstance(links, dict) and links.get("next"):
        raise Incomplete("the answer is only a part: it links the next page", "$.links.next")
    for name in _TOTALS.intersection(data):
        if is_above(data[name], count):
            raise Incomplete(
                f"the answer is only a part: its {name} is above its rows", f"$.{name}"
            )


def is_above(total: Any, count: int) -> bool:
    """Whether ``total`` is a number, or the digits of one, above ``count``."""
    if isinstance(total, str):
        digits = total.strip()
        total = digits.lstrip("0") if _is_number(digits) else ""
        return (len(total), total) > (len(str(count)), str(count))
    return isinstance(total, int | float) and total is not True and total > count


def row_id(row: Any) -> int | None:
    """The id that a row of a collection may be known by, or None."""
    return usable_id(row.get("id")) if isinstance(row, dict) else None


def check_row(row: Any, where: str) -> None:
    """Make sure that a row has a usable id.

    Args:
        row: As it came.
        where: Its path.

    Raises:
        EvidenceError: It has none.
    """
    if row_id(row) is None:
        raise EvidenceError("the row has no usable id", f"{where}.id")


def check_rows(items: Iterable[Any], rel: str) -> None:
    """Make sure that each row has a usable id; those that are null are left to others.

    Raises:
        EvidenceError: The first one that has none.
    """
    for index, row in enumerate(items):
        if row is not None:
            check_row(row, f"$.{rel}[{index}]")


def _is_number(key: str) -> bool:
    return key.isascii() and key.isdigit()
