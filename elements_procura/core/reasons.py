"""The server's own words about a refusal, read from any form of body. Pure.

They may quote what was sent. So they are handed to the caller in attributes whose reprs show
nothing of them, and never become part of a message.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from elements_procura import _json
from elements_procura.errors import ServerFault, ServerText
from elements_procura.evidence import is_json, media_type, objections

_WORDS = (
    "title",
    "error",
    "message",
    "detail",
    "error_description",
    "description",
    "reason",
    "foutmelding",
    "omschrijving",
)
_LISTS = (
    "errors",
    "violations",
    "invalid-params",
    "invalidParams",
    "invalid_params",
    "fieldErrors",
    "validation_messages",
    "details",
    "fouten",
)
_PATHS = ("path", "field", "pointer", "property", "propertyPath", "name", "param", "veld", "source")
_TEXTS = ("message", "detail", "defaultMessage", "reason", "title", "msg", "melding", "description")
_LONGEST = 10_000
_MOST = 1_000
_DEEPEST = 8


def reasons(headers: Mapping[str, str], body: bytes) -> tuple[ServerText, tuple[ServerFault, ...]]:
    """The server's message in an answer, and its faults by field.

    HTML gives an empty result, since it comes from something in front of the API.
    """
    try:
        data = _json.loads(body)
    except ValueError:
        is_plain = media_type(headers) == "text/plain" and not is_json(headers)
        text = body.decode("utf-8", "replace").strip() if is_plain else ""
        return ServerText(text[:_LONGEST]), ()
    if isinstance(data, str):
        return ServerText(data[:_LONGEST]), ()
    if not isinstance(data, dict):
        return ServerText(""), ()
    found = [
        ServerFault(str(each.get("path", "")), str(each.get("message", "")))
        for each in objections(body)
    ]
    for name in _LISTS:
        found += _faults(data.get(name), "", _DEEPEST)
    words = dict.fromkeys(text for name in _WORDS for text in _texts(data.get(name)))
    return ServerText("; ".join(words)[:_LONGEST]), tuple(dict.fromkeys(found))[:_MOST]


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str) and value.strip():
        yield value.strip()
    elif isinstance(value, dict):
        for name in _WORDS:
            if isinstance(value.get(name), str):
                yield from _texts(value[name])


def _faults(value: Any, where: str, depth: int) -> Iterator[ServerFault]:
    """The faults in a list, in a map by field, or in a map of maps."""
    if not depth:
        return
    if isinstance(value, str):
        yield ServerFault(where, value)
    elif isinstance(value, list):
        for each in value:
            yield from _faults(each, where, depth - 1)
    elif isinstance(value, dict):
        text = next((value[name] for name in _TEXTS if isinstance(value.get(name), str)), None)
        if text is not None:
            yield ServerFault(_path(value) or where, text)
            return
        for name, each in value.items():
            yield from _faults(each, f"{where}.{name}" if where else str(name), depth - 1)


def _path(value: dict[str, Any]) -> str:
    for name in _PATHS:
        found = value.get(name)
        if isinstance(found, dict):  # JSON:API has it in source.pointer
            found = found.get("pointer") or found.get("parameter")
        if isinstance(found, str) and found:
            return found
    return ""
