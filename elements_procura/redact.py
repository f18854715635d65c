"""What may be shown of a body: its shape, never its values."""

import re
from typing import Any

import orjson

_LIMIT = 400
_DEPTH = 6
_ITEMS = 3
_KEY = re.compile(r"[A-Za-z_][A-Za-z_/-]{0,39} ?")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"(?!\s*:)|"(?:[^"\\]|\\.)*$')
_TAG = re.compile(r"</?([A-Za-z][A-Za-z0-9]{0,15})[^>]*>")


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
        text = _shape(orjson.loads(body), _DEPTH)
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
            pairs = (f'"{_key(key)}": {_shape(item, depth - 1)}' for key, item in value.items())
            return "{" + ", ".join(pairs) + "}"
        case list() if depth:
            shown = [_shape(item, depth - 1) for item in value[:_ITEMS]]
            more = [f"… {len(value)} items"] if len(value) > _ITEMS else []
            return "[" + ", ".join(shown + more) + "]"
        case _:
            return "…"


def _key(key: str) -> str:
    # A key can be a value in disguise (a map by citizen number), so only words pass.
    return key if _KEY.fullmatch(key) else f"key({len(key)})"


def _text_shape(text: str, size: int) -> str:
    if text.lstrip().startswith(("{", "[")):
        bare = re.sub(r"-?\d[\d.eE+-]*", "0", _QUOTED.sub("str", text))
        keys = re.sub(r'"((?:[^"\\]|\\.)*)"', lambda found: f'"{_key(found.group(1))}"', bare)
        return f"broken JSON, {size} bytes: {keys}"
    tags = "".join(f"<{found.group(1).lower()}>" for found in _TAG.finditer(text))
    return f"{tags or 'text'} ({size} bytes)"
