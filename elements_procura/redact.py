"""The part of a body or of an id that may be shown: shapes, never values."""

import hashlib
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from elements_procura import _json

_LIMIT = 400
_DEPTH = 6
_ITEMS = 3
_KEYS = 40
_KEY = re.compile(r"[A-Za-z_][A-Za-z_/-]{0,39} ?")
# Letters in runs of at most four, none without a digit beside it somewhere; or a UUID.
_MADE_ID = re.compile(
    r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
    r"|(?=.{1,64}\Z)(?=.*[0-9])(?:[A-Za-z]{1,4}(?![A-Za-z])|[0-9_.:/-])+",
    re.ASCII,
)
_MASK_DIGITS = 8
# Every character of a text belongs to exactly one of these, so nothing slips through between.
_TOKEN = re.compile(
    r"""
    "(?P<key>(?:[^"\\]|\\.)*)"(?=\s*:)     # a whole string in front of a colon
    | (?P<text>"(?:[^"\\]|\\.)*(?:"|\\?\Z))  # any other, perhaps cut off
    | (?P<mark>[{}\[\]:,])
    | (?P<space>\s+)
    | (?P<other>[^{}\[\]:,\s"]+|.)         # a number, a literal, whatever else
    """,
    re.VERBOSE | re.DOTALL,
)
# A tag can be a value in disguise too, so only those of an error page are named.
_TAG = re.compile(
    r"</?(html|head|title|meta|link|style|script|body|header|main|footer|section|div|span|h[1-6]|p|a"
    r"|b|i|em|strong|br|hr|ul|ol|li|pre|code|center|img|form|input|button|table|tr|td|th)\b[^>]*>",
    re.IGNORECASE,
)


def shown_id(dossier: int | str) -> int | str:
    """An id for people to read: itself if a machine made it, else a mask that stands for it.

    An id of Procura is a text that anybody chose, and may name somebody. Numbers, UUIDs and
    short prefixes with numbers (``KUF-742997``) are shown; any other text becomes
    ``masked-`` and the beginning of its fingerprint. The mask of an id is always the same, and
    ``--accept dossier:MASK`` takes it in its place.
    """
    if not isinstance(dossier, str) or _MADE_ID.fullmatch(dossier):
        return dossier
    digest = hashlib.sha256(dossier.encode("utf-8", "surrogatepass")).hexdigest()
    return f"masked-{digest[:_MASK_DIGITS]}"


def shown_subject(subject: str) -> str:
    """The subject of a concern, such as ``dossier:ID``, with its id as :func:`shown_id`."""
    name, colon, dossier = subject.partition(":")
    return f"{name}:{shown_id(dossier)}" if colon else subject


def body_shape(body: bytes) -> str:
    """The shape of a body, safe to log: keys and types of JSON, tags of HTML, no values.

    Args:
        body: The bytes as they came; anything at all.

    Returns:
        At most some 400 characters, such as ``{"error": str(12)}`` or ``<html><body>``.
    """
    if not body:
        return "(empty)"
    try:
        text = _shape(_json.loads(body), _DEPTH)
    except ValueError:
        text = _text_shape(body[: 4 * _LIMIT].decode("utf-8", "replace"), len(body))
    return text if len(text) <= _LIMIT else text[:_LIMIT] + "…"


def _shape(value: Any, depth: int) -> str:
    match value:
        case None | True | False:
            return {None: "null", True: "true", False: "false"}[value]
        case str():
            return f"str({len(value)})"
        case int() | float():
            return type(value).__name__
        case dict() if depth:
            pairs = [
                f'"{safe_key(key)}": {_shape(item, depth - 1)}'
                for key, item in islice(value.items(), _KEYS)
            ]
            return "{" + ", ".join(pairs) + "}"
        case list() if depth:
            shown = [_shape(item, depth - 1) for item in value[:_ITEMS]]
            more = [f"… {len(value)} items"] if len(value) > _ITEMS else []
            return "[" + ", ".join(shown + more) + "]"
        case _:
            return "…"


def safe_key(key: str) -> str:
    """A key as it may be shown: words are shown, of anything else only the length."""
    # A key can be a value in disguise (a map by citizen number).
    return key if _KEY.fullmatch(key) else f"key({len(key)})"


def _text_shape(text: str, size: int) -> str:
    if text.lstrip().startswith(("{", "[")):
        return f"broken JSON, {size} bytes: {''.join(_broken_json(text))}"
    tags = "".join(f"<{found.group(1).lower()}>" for found in _TAG.finditer(text))
    return f"{tags or 'text'} ({size} bytes)"


def _broken_json(text: str) -> Iterator[str]:
    for token in _TOKEN.finditer(text):
        match token.lastgroup:
            case "key":
                yield f'"{safe_key(token["key"])}"'
            case "text":
                yield "str"
            case "mark" | "space":
                yield token[0]
            case _:
                yield "…"
