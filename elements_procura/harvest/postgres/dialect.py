"""Translates the statements of ``harvest/sql``, by the table in its documentation."""

import re
from functools import cache

_WORDS = (
    (re.compile(r"%"), "%%"),
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
    (re.compile(r"\?"), "%s"),
    (re.compile(r"(?<![:\w]):([a-z_]\w*)"), r"%(\1)s"),
)


@cache
def translated(sql: str) -> str:
    """Translate a statement; there are some hundred of them, each translated once."""
    for pattern, words in _WORDS:
        sql = pattern.sub(words, sql)
    return sql
