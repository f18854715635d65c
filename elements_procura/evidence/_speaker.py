"""Distinguishing answers of the API from those of something in front of it."""

import re
from collections.abc import Mapping

from elements_procura import _json
from elements_procura.evidence._proof import object_in

_NAMES = 12
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z_-]{0,39}", re.ASCII)


def is_possibly_own(
    headers: Mapping[str, str], body: bytes, *, is_empty_documented: bool = False
) -> bool:
    """Whether a refusal has a form that the API itself could have given it.

    JSON by its Content-Type with an empty body or an object in it, or an empty body where the
    documentation shows one. HTML, plain text and anything else is somebody else's.
    """
    is_empty = not body.removeprefix(_json.BOM).strip()
    if is_empty and is_empty_documented and not media_type(headers):
        return True
    if not is_json(headers):
        return False
    return is_empty or object_in(body) is not None


def is_json(headers: Mapping[str, str]) -> bool:
    """Whether an answer calls itself JSON."""
    kind = media_type(headers)
    return kind == "application/json" or (kind[:12] == "application/" and kind[-5:] == "+json")


def media_type(headers: Mapping[str, str]) -> str:
    """The media type of an answer, without parameters."""
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def manner(headers: Mapping[str, str], body: bytes) -> str:
    """The form of an answer: its media type and the names of its top members, without any value.

    It distinguishes a source's own refusals from those of something in front of it.
    """
    data = object_in(body)
    names = sorted(_masked(name) for name in data or ())[:_NAMES]
    form = "empty" if not body.strip() else "other" if data is None else ",".join(names)
    return f"{media_type(headers) or '-'} {{{form}}}"


def _masked(name: str) -> str:
    """A member's name, masked unless it is a plain word, since a map's keys may be personal."""
    return name if _PLAIN.fullmatch(name) else "?"
