"""Lists: their accepted forms, whether they are complete, and the ids of their rows."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from elements_procura.evidence._proof import EvidenceError, Incomplete, usable_id

_TOTAL = re.compile(
    r"total(?:count|(?!pages)[a-z]+s)?|(?:item|record|result)?count|recordstotal|(?:totaal)?aantal"
    r"|totaal"
)
"""Members that count rows, in small letters alone: ``total_items`` and ``totalItems`` are one."""
_PAGES = frozenset(("pages", "pagecount", "totalpages", "lastpage", "numpages", "aantalpaginas"))
_MORE = frozenset(
    (
        *("next", "nextpage", "nextpageurl", "nextlink", "nexturl", "nextcursor", "nexttoken"),
        *("hasmore", "hasnext", "hasnextpage", "more", "istruncated", "truncated"),
    )
)
"""Members that are true, or lead on, where there is more."""
_ABOUT_PAGES = frozenset(("page", "paging", "pagination", "paginator", "meta", "paginering"))
_USUAL = frozenset(("_links", "_embedded"))
_NO = frozenset(("", "0", "false", "no", "nee", "null", "none"))
_LETTERS = re.compile(r"[^a-z]")
_PAGE_NUMBER = re.compile(
    r"[?&]page(?:%5Bnumber%5D|\[number\])?=(\d{1,9})", re.ASCII | re.IGNORECASE
)
_USUAL_ID = 2**62
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


def named_rows(value: Any) -> list[Any]:
    """The rows of a list that is a whole answer: an empty object is none, as nothing names it.

    Raises:
        EvidenceError: It is anything else.
    """
    if value == {}:
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

    Servers say it by a link to the next page, by a total or a number of pages, or by a flag; at the
    top, beside the rows, or in an object about pages, and spelled in many ways.

    Raises:
        Incomplete: It says so.
    """
    links = data.get("_links")
    if isinstance(links, dict) and _links_more(links):
        raise Incomplete("the answer is only a part: it links the next page", "$.links.next")
    _check_members(data, count, "$")
    embedded = data.get("_embedded")
    if isinstance(embedded, dict) and len(embedded) > 1:
        _check_members(embedded, count, "$.embedded")


def _check_members(data: Mapping[str, Any], count: int, where: str) -> None:
    for name, value in data.items():
        if name in _USUAL or value is None:
            continue
        plain = _LETTERS.sub("", name.lower())
        if isinstance(value, dict):
            if plain in _ABOUT_PAGES and where == "$":
                _check_members(value, count, f"$.{name}")
        elif isinstance(value, list):
            continue
        elif _TOTAL.fullmatch(plain) and is_above(value, count):
            raise Incomplete(
                f"the answer is only a part: its {name} is above its rows", f"{where}.{name}"
            )
        elif (plain in _PAGES and is_above(value, 1)) or (plain in _MORE and _is_yes(value)):
            raise Incomplete(
                f"the answer is only a part: its {name} says that there is more", f"{where}.{name}"
            )


def _links_more(links: Mapping[str, Any]) -> bool:
    """Whether links lead to further pages: by ``next``, or by a last page that is not the first."""
    for name, link in links.items():
        if name == "self":
            continue
        rel = name.lower()
        if rel == "next" and (not isinstance(link, dict) or link.get("href", link)) and link:
            return True
        if rel == "last":
            number = _PAGE_NUMBER.search(str(href_of(link)))
            if number is not None and int(number[1]) > 1:
                return True
    return False


def href_of(link: Any) -> str | None:
    """The address of a link: an object, a list of one, or, against the rules, a bare text."""
    if isinstance(link, list) and len(link) == 1:
        link = link[0]
    if isinstance(link, dict):
        link = link.get("href")
    return link if isinstance(link, str) else None


def _is_yes(value: Any) -> bool:
    return value.strip().lower() not in _NO if isinstance(value, str) else bool(value)


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


def _is_number(key: str) -> bool:
    return key.isascii() and key.isdigit()
