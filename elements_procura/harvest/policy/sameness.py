"""Comparing two bodies, to decide whether something has changed. Pure.

A body holds the path that it was asked for by, and a shared one is asked for by the path of any
dossier that leads to it. So links count by name only, and ``self`` not at all.
"""

import json
from enum import Enum
from typing import Any

from elements_procura import evidence

_LINKS, _SELF, _EMBEDDED = "_links", "self", "_embedded"


class Difference(Enum):
    """The kinds of difference between a body and the one before it."""

    NONE = "none"
    EMPTIED = "emptied"
    """A collection that has lost all its rows, or a file all its bytes."""
    CHANGED = "changed"


def difference(before: bytes, after: bytes) -> Difference:
    """Compare the bytes ``after`` with ``before``: as JSON if both are, else byte by byte."""
    if before == after:
        return Difference.NONE
    if not after:
        return Difference.EMPTIED
    try:
        old, new = _read(before), _read(after)
        if _canonical(old) == _canonical(new):
            return Difference.NONE
    except (ValueError, RecursionError):
        return Difference.CHANGED
    is_emptied = (is_empty(new) and not is_empty(old)) or _has_lost_all(old, new)
    return Difference.EMPTIED if is_emptied else Difference.CHANGED


def holds_nothing(body: bytes) -> bool:
    """Whether a body is an empty collection, or no byte."""
    try:
        return not body or is_empty(_read(body))
    except (ValueError, RecursionError):
        return False


def has_lost_rows(before: bytes, after: bytes) -> bool:
    """Whether a collection lacks a row ``after`` that it held ``before``."""
    try:
        return evidence.lacks_rows(_read(before), _read(after))
    except (ValueError, RecursionError):
        return True


def has_new_rows(before: bytes, after: bytes) -> bool:
    """Whether a collection holds a row ``after`` that it did not hold ``before``."""
    try:
        return evidence.lacks_rows(_read(after), _read(before))
    except (ValueError, RecursionError):
        return False


def is_empty(data: Any) -> bool:
    """Whether a decoded body is an empty collection."""
    if not isinstance(data, dict):
        return data is None or (isinstance(data, list) and not any(data))
    if "id" in data or _holds_rows(data):
        return False
    # What is no collection has fields of its own; that of a collection says something about it.
    fields = (value for name, value in data.items() if name != _LINKS)
    return _EMBEDDED in data or not any(isinstance(each, list | dict) and each for each in fields)


def _holds_rows(data: dict[str, Any]) -> bool:
    held = data.get(_EMBEDDED)
    return any(map(_has_rows, held.values())) if isinstance(held, dict) else bool(held)


def _has_lost_all(before: Any, after: Any) -> bool:
    """Whether a collection held rows, and what came in its place holds nothing to be known by."""
    return (
        isinstance(before, dict)
        and isinstance(after, dict)
        and "id" not in before
        and "id" not in after
        and _holds_rows(before)
        and not _holds_rows(after)
    )


def _has_rows(held: Any) -> bool:
    """Whether a relation holds anything: nulls and empty maps in the place of rows are none."""
    if isinstance(held, dict):
        return any(held.values())
    return any(held) if isinstance(held, list) else isinstance(held, str) and bool(held)


def _read(body: bytes) -> Any:
    # Every digit counts, also those that a float has no room for.
    return json.loads(body, parse_float=str)


def _canonical(data: Any) -> str:
    return json.dumps(_without_paths(data), sort_keys=True)


def _without_paths(data: Any) -> Any:
    if isinstance(data, list):
        return [_without_paths(each) for each in data]
    if not isinstance(data, dict):
        return data
    return {
        name: sorted(value.keys() - {_SELF})
        if name == _LINKS and isinstance(value, dict)
        else _without_paths(value)
        for name, value in data.items()
    }
