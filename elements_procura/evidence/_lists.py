"""Lists: their accepted forms and the ids of their rows."""

import contextlib
from collections.abc import Iterable, Mapping
from typing import Any

from elements_procura.evidence._proof import EvidenceError, usable_id

_USUAL_ID = 2**62
_ABSENT = object()
_ERRORS = frozenset(
    (
        *("error", "errors", "exception", "exceptions", "fault", "faults", "faultstring"),
        "cause",
        *("fout", "fouten", "foutmelding", "foutmeldingen", "errorcode", "errormessage"),
        *("error_code", "error_message", "error_description"),
    )
)
_MESSAGES = frozenset(("message", "melding", "detail", "details", "title"))
_NOTHING = frozenset(("", "0", "false", "no", "nee", "null", "none"))
_REFUSED = 400
_LINKS = ("_links", "links", "link")
BARE = frozenset(("_links", "_embedded"))
"""The members of a collection as it is documented: nothing else says anything, no error either."""


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
        if all(map(is_number, value)):  # an empty one, too
            return list(value.values())
    raise EvidenceError("expected a list")


def named_rows(value: Any) -> list[Any]:
    """The rows of a list that is a whole answer: nothing names it.

    So an empty object is none, nor is an error, which may have an id of its own.

    Raises:
        EvidenceError: It is anything else.
    """
    if value == {} or (isinstance(value, dict) and says_error(value)):
        raise EvidenceError("expected a list")
    return rows(value)


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
    if held.__class__ is list and (held or data.keys() == BARE):  # nearly always
        return held
    found: list[Any] | None = None
    # Without a self link, only a list that is there is one: nothing else names the collection.
    if held is _ABSENT and is_named and embedded in ({}, [], None, _ABSENT):
        found = None if says_why(data) or _has_others(data) else []
    elif held is not _ABSENT and (is_named or held != {}):
        with contextlib.suppress(EvidenceError):
            found = rows(held)
    # No rows beside an error are no empty list.
    if found is None or (not found and says_error(data)):
        raise EvidenceError(f"the answer holds no list of {rel}", f"$.{rel}")
    return found


def is_message(name: str, value: Any) -> bool:
    """Whether a member is an error, a message or a status, by its name."""
    plain = name.lower()
    return plain in _ERRORS or plain in _MESSAGES or (plain == "status" and value.__class__ is int)


def says_error(data: Mapping[str, Any]) -> bool:
    """Whether an answer has a member that is named after an error, and says something there."""
    return any(name.lower() in _ERRORS and _is_said(value) for name, value in data.items())


def says_why(data: Mapping[str, Any]) -> bool:
    """Whether an answer says something in the place of what was asked for: a message, a status."""
    status = data.get("status")
    is_refused = status.__class__ is int and status >= _REFUSED
    return is_refused or any(
        name.lower() in _MESSAGES and _is_said(value) for name, value in data.items()
    )


def _has_others(data: Mapping[str, Any]) -> bool:
    """Whether an answer holds rows under another name than that of its relation."""
    return any(
        name not in _LINKS
        and isinstance(value, list)
        and any(isinstance(row, dict) for row in value)
        for name, value in data.items()
    )


def _is_said(value: Any) -> bool:
    return value.strip().lower() not in _NOTHING if isinstance(value, str) else bool(value)


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


def bad_row(items: Iterable[Any], rel: str) -> EvidenceError | None:
    """The fault of the first row that nothing is known by, a null among them; None if all are fine.

    Args:
        items: The rows of a collection.
        rel: Name of its relation.
    """
    for index, row in enumerate(items):
        if row.__class__ is dict and row.get("id").__class__ is int and 0 < row["id"] < _USUAL_ID:
            continue  # as good as always
        if row_id(row) is None:
            text = (
                "the row has no usable id" if isinstance(row, dict) else "the row is not a record"
            )
            return EvidenceError(text, f"$.{rel}[{index}]")
    return None


def lacks_rows(before: Any, after: Any) -> bool:
    """Whether a collection held a row that the same one, fetched again, does not hold.

    Args:
        before: The decoded body, a list or an object with relations.
        after: The later one.
    """
    return not _ids(before) <= _ids(after)


def _ids(data: Any) -> set[tuple[str, int | str]]:
    embedded = data.get("_embedded") if isinstance(data, dict) else {"": data}
    found: set[tuple[str, int | str]] = set()
    for rel, held in embedded.items() if isinstance(embedded, dict) else ():
        try:
            for row in rows(held):
                own = row.get("id") if isinstance(row, dict) else None
                known_by = own if isinstance(own, str) else usable_id(own)
                if known_by is not None:
                    found.add((rel, usable_id(known_by) or known_by))
        except EvidenceError:
            continue
    return found


def is_number(key: str) -> bool:
    """Whether a text is digits alone, as a key of PHP's lists."""
    return key.isascii() and key.isdigit()
