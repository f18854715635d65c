"""Reading JSON in one place, with exceptions of ours only and without losing digits."""

import json
import math
import re
from typing import Any

import orjson

BOM = b"\xef\xbb\xbf"
DEEPEST = 100
"""Levels that one item of a stream may nest. A whole document may nest as deep as orjson reads."""
_DIGITS = bytes(48 if 48 <= byte <= 57 else 32 for byte in range(256))  # noqa: PLR2004 - 0 and 9
_LONG = b"0" * 19  # with a minus before them, they may be below 64 bits
_STRIDE = 4
_SAMPLED = b"0" * (len(_LONG) // _STRIDE)
_SURROGATE = b"\\u"
_MAY_BE_HALF = re.compile(rb"\\u[dD][89a-fA-F]")
_ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    rb"|(?P<half>u[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)
"""One escape of a text, or the two of one character beyond 16 bits. Outside of texts is none."""
REPLACED = "\ufffd"
"""The character in the place of half ones."""
_REPLACEMENT = b"\\ufffd"
_LONGEST = 640
"""Digits that Python turns into an int and back whatever an application has set."""


class JsonError(ValueError):
    """Bytes are not JSON, or a value is not. Holds nothing of them."""


def loads(body: bytes) -> Any:
    """Decode ``body``.

    A byte order mark before it is ignored. Integers over 64 bits, which orjson would round to a
    float, keep their digits: as an int, or as text where they are too long for one. Half a
    character (an escaped surrogate without the other one, as PHP and JavaScript write of a text
    that was cut) becomes U+FFFD, and costs nothing beside it; :func:`is_mended` says so.

    Raises:
        JsonError: It is not JSON, or nests deeper than a parser can follow.
    """
    # Every digit becomes a 0: a tenth of the time that a regular expression takes. And of any 19
    # bytes in a row this looks at 4, which hardly ever are digits by chance. (`in` takes longer.)
    may_be_long = body[::_STRIDE].translate(_DIGITS).find(_SAMPLED) >= 0
    if may_be_long and _LONG in body.translate(_DIGITS):
        return _with_long_integers(body.removeprefix(BOM))
    try:
        return orjson.loads(body)
    except ValueError:
        pass
    try:
        if body[:3] == BOM:
            return orjson.loads(body[3:])
    except ValueError:
        pass
    if (mended := _mended(body)) is not None:
        return loads(mended)
    raise JsonError("the bytes are not JSON")


def is_mended(body: bytes) -> bool:
    """Whether :func:`loads` reads ``body`` with other characters in the place of half ones."""
    return _mended(body) is not None


def dumps(value: Any, *, sort_keys: bool = False) -> bytes:
    """Encode what :func:`loads` gives, integers over 64 bits included.

    Raises:
        JsonError: It nests too deep.
    """
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS if sort_keys else None)
    except TypeError:
        pass
    try:
        return json.dumps(
            value, ensure_ascii=False, separators=(",", ":"), sort_keys=sort_keys
        ).encode()
    except (ValueError, TypeError, RecursionError):
        pass
    raise JsonError("the value is not JSON, or nests too deep")


def _with_long_integers(body: bytes) -> Any:
    """Decode JSON with integers over 64 bits, which orjson cannot hold."""
    try:
        if _SURROGATE not in body:  # orjson wants them in pairs, Python does not
            return json.loads(
                body.decode(), parse_int=_integer, parse_float=_finite, parse_constant=_finite
            )
        body = _mended(body) or body
        orjson.loads(body)
        return json.loads(body.decode(), parse_int=_integer)
    except (ValueError, RecursionError):
        pass
    raise JsonError("the bytes are not JSON")


def _mended(body: bytes) -> bytes | None:
    """The text with U+FFFD for each lone surrogate that is escaped in it; None if there is none."""
    if _MAY_BE_HALF.search(body) is None:
        return None
    mended = _ESCAPE.sub(lambda found: _REPLACEMENT if found["half"] else found[0], body)
    return None if mended == body else mended


def _finite(text: str) -> float:
    number = float(text)
    if math.isfinite(number):
        return number
    raise JsonError("a number is not valid")


def _integer(text: str) -> int | str:
    return int(text) if len(text) <= _LONGEST else text
