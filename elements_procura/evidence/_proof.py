"""The base of all checks: their exceptions, and the definition of an id."""

import re
from typing import Any
from urllib.parse import unquote, urlsplit

from elements_procura import _json

SELF = "$.links.self"
"""Where the fault is of a body that calls itself something else."""
LARGEST_ID = 2**63 - 1
_DIGITS = re.compile(r"\s*\d{1,19}\s*", re.ASCII)
_EXACT = 2.0**53
_VARIABLES = re.compile(r"\{[?&;#].*")  # of a templated link: they begin a query or a fragment


class EvidenceError(ValueError):
    """An answer lacks a required proof.

    Attributes:
        text: The fault, without values.
        path: Where, as ``$.adressen[3].id``.
    """

    def __init__(self, text: str, path: str = "") -> None:
        super().__init__(text)
        self.text = text
        self.path = path


class Incomplete(EvidenceError):
    """A list says that there is more than it holds."""


class Stray(EvidenceError):
    """An answer calls itself another resource.

    Attributes:
        link: The path that it calls itself.
    """

    def __init__(self, link: str) -> None:
        super().__init__("the answer is another resource's: its self link differs", SELF)
        self.link = link


def usable_id(value: Any) -> int | None:
    """The id that a record may be known by, or None: a whole number from 1 that fits 64 bits."""
    if value.__class__ is str:
        value = int(value) if _DIGITS.fullmatch(value) else 0
    elif value.__class__ is float:
        value = int(value) if value.is_integer() and value < _EXACT else 0
    elif value.__class__ is not int:
        return None
    return value if 0 < value <= LARGEST_ID else None


def path_of(href: str) -> str:
    """The path of an address, decoded; the variables of a template are left out."""
    try:
        return unquote(_VARIABLES.sub("", urlsplit(href).path))
    except ValueError:  # such as "http://[": it leads nowhere
        return ""


def object_in(body: bytes) -> dict[str, Any] | None:
    try:
        data = _json.loads(body)
    except _json.JsonError:
        return None
    return data if isinstance(data, dict) else None
