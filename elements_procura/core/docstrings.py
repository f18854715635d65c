"""What the docstrings of all endpoints have in common: requests, ids, bodies, errors. Pure.

A method's source says what is its own. The decorator :class:`~.endpoints.Endpoints` adds the rest
when the method is made, so that ``help()`` and the reference hold the whole, and a text that a
hundred methods share stands once, here. What a docstring says itself is left as it is.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

_ANY = {
    "ClosedError": "The client is closed.",
    "InputError": "An argument cannot be sent as it is. Nothing was sent.",
    "AuthenticationError": "No usable token can be had.",
    "DailyQuotaExceeded": "The day's requests are used up, until ``resets_at``.",
    "RateLimited": "The server keeps answering 429.",
    "BadRequest": "The server refuses what was sent (400, 422); ``server_message`` has its words.",
    "Forbidden": "A right is missing (403).",
    "NotFound": "It does not exist, or what it belongs to does not (404, 410).",
}
READ: Mapping[str, str] = {
    **_ANY,
    "ServerError": "The server fails (5xx), after the retries.",
    "TransportError": "No whole answer came, after the retries: ``NotSent``, ``RequestTimeout``.",
    "ProtocolError": "An answer came that cannot be the one asked for.",
}
"""The errors of a call that reads."""
_CHECKED = {"BodyError": "The API documents another; ``faults`` lists all of it. Nothing was sent."}
SEARCHED: Mapping[str, str] = {**_CHECKED, **READ}
"""The errors of a call that reads what a body asks for."""
WRITTEN: Mapping[str, str] = {
    **_CHECKED,
    "ReadOnlyError": "The client was made with ``read_only=True``. Nothing was sent.",
    **_ANY,
    "NotSent": "The request provably never reached the server.",
    "OutcomeUnknown": "It was sent, and nobody knows whether it took effect. Look before "
    "sending it again.",
}
"""The errors of a call that writes."""

_VALIDATE = "Whether the body is checked against the documentation before it is sent."
_SECTIONS = ("Args:", "Returns:", "Yields:", "Raises:")


def documented(
    doc: str, requests: Iterable[str], function: Callable[..., Any], errors: Mapping[str, str]
) -> str:
    """A docstring with its requests, and with the arguments and errors it leaves out.

    Args:
        doc: The docstring as it is written.
        requests: ``GET /path``, one or several.
        function: Whose it is.
        errors: Names of exceptions, each with when it is raised.
    """
    if "\n" not in doc:  # most of them, each time the package is loaded
        return _of_one_line(doc, requests, function, errors)
    # Python 3.13 takes a docstring's indentation away, those before it leave it in.
    summary, _, rest = doc.partition("\n\n")
    body = rest.rstrip()
    indent = body[: len(body) - len(body.lstrip(" "))]
    lines = [line.removeprefix(indent) for line in body.split("\n")] if body else []
    sections = _split(lines)
    arguments = sections["Args:"]
    arguments += _missing(arguments, _arguments(function))
    sections["Raises:"] += _missing(sections["Raises:"], errors)
    parts = ["\n".join(f"``{request}``" for request in requests), "\n".join(sections[""]).strip()]
    for name in _SECTIONS:
        if name in ("Args:", "Raises:") and sections[name]:
            parts.append("\n".join((name, *sections[name])))
        elif sections[name]:
            parts.append("\n".join(sections[name]))
    text = "\n\n".join(filter(None, parts))
    return f"{summary}\n\n{text}"


def _of_one_line(
    doc: str, requests: Iterable[str], function: Callable[..., Any], errors: Mapping[str, str]
) -> str:
    """As :func:`documented`, for a docstring that says nothing of arguments and errors."""
    raises = _RAISES.get(id(errors)) or "\n".join(_missing([], errors))
    arguments = _arguments(function)
    args = "Args:\n" + "\n".join(_missing([], arguments)) + "\n\n" if arguments else ""
    asked = "``\n``".join(requests)
    return f"{doc}\n\n``{asked}``\n\n{args}Raises:\n{raises}"


def _split(lines: list[str]) -> dict[str, list[str]]:
    """The lines by the section they stand in; those before the first by an empty name."""
    found: dict[str, list[str]] = {"": [], **{name: [] for name in _SECTIONS}}
    here = ""
    for line in lines:
        name = line.partition(" ")[0]
        if name in _SECTIONS:
            here = name
            if name in ("Returns:", "Yields:"):
                found[here].append(line)
        else:
            found[here].append(line)
    for kept in found.values():
        while kept and not kept[-1]:
            kept.pop()
    return found


def _missing(section: list[str], texts: Mapping[str, str]) -> list[str]:
    """The lines for those names that a section does not name."""
    if not section:
        return [f"    {name}: {text}" for name, text in texts.items()]
    named = {
        name
        for line in section
        if line.startswith("    ") and not line.startswith("     ")
        for name in line.partition(":")[0].strip().split(", ")
    }
    return [f"    {name}: {text}" for name, text in texts.items() if name not in named]


def _arguments(function: Callable[..., Any]) -> dict[str, str]:
    """Texts for the arguments that are the same everywhere: ids, bodies and their check."""
    code = getattr(function, "__wrapped__", function).__code__
    names = code.co_varnames[1 : code.co_argcount + code.co_kwonlyargcount]
    found = {}
    for name in names:
        if name == "body":
            found[name] = "A body, or a mapping in the API's own spelling."
        elif name == "validate":
            found[name] = _VALIDATE
        elif name.endswith("_id"):
            found[name] = f"Id of the {name.removesuffix('_id').replace('_', ' ')}."
        elif "validate" in names and name in code.co_varnames[1 : code.co_argcount]:
            found[name] = f"The {name}: a body, or a mapping in the API's own spelling."
    return found


_RAISES = {id(each): "\n".join(_missing([], each)) for each in (READ, SEARCHED, WRITTEN)}
"""The lines of the errors that are shared, made once."""
