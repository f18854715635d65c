"""Translates the statements of ``harvest/sql``, by the table in its documentation."""

import re
from functools import cache

_WORDS = (
    (re.compile(r"\+share\b"), "share"),
    (re.compile(r" INDEXED BY \w+"), ""),
    (
        re.compile(r"SELECT value FROM json_each\((\?|:\w+)\)"),
        r"SELECT jsonb_array_elements_text(CAST(\1 AS jsonb))",
    ),
    (re.compile(r"\binstr\("), "strpos("),
    (re.compile(r"\bORDER BY rowid\b"), "ORDER BY listed_as"),
    (re.compile(r"\bvalue \+ 0\.0"), "CAST(value AS double precision)"),
    # Nothing says what it is where it is NULL.
    (re.compile(r"coalesce\(:digest, ('?\w*'?)\)"), r"coalesce(CAST(:digest AS bytea), \1)"),
)
_PLACE = re.compile(r"\?|(?<![:\w]):([a-z_]\w*)")


@cache
def translated(sql: str) -> str:
    """Translate a statement; there are some hundred of them, each translated once."""
    return _PLACE.sub(
        lambda place: f"%({place[1]})s" if place[1] else "%s", _worded(sql).replace("%", "%%")
    )


@cache
def numbered(sql: str) -> tuple[str, tuple[str, ...]]:
    """Translate a statement for libpq, whose parameters have numbers.

    Returns:
        It, and the names of its parameters in their order; none where they have no names.
    """
    order: list[str] = []
    places = 0

    def number(place: re.Match[str]) -> str:
        nonlocal places
        if place[1] is None:
            places += 1
            return f"${places}"
        if place[1] not in order:
            order.append(place[1])
        return f"${order.index(place[1]) + 1}"

    return _PLACE.sub(number, _worded(sql)), tuple(order)


def _worded(sql: str) -> str:
    for pattern, words in _WORDS:
        sql = pattern.sub(words, sql)
    return sql
