"""Descriptions of the fields of models and bodies, read from a file beside each module on demand.

``models/contact.toml`` describes the classes of ``models/contact.py``, each field once:

.. code:: toml

    [Adres]                          # not personal
    land = "Country"
    [Adres.contact]                  # by the sort of personal data
    postcode = "Dutch postal code"
    [Adres.units]
    longitude = "degrees east"
    [Adres.sorts]                    # what of it is like a value elsewhere
    postcode = "postcode"
    [AdresBody]
    like = ["Adres"]                 # its fields mean what those of another section mean

A class inherits descriptions as it inherits fields. A section whose name begins with an underscore
is there to be liked only, unless a class has that name; one of another file is named as
``../models/contact.toml:Adres``. Importing a model reads none of this.
"""

import sys
import tomllib
from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import attrs

from elements_procura.schema.model import Body, Model


class Personal(StrEnum):
    """Whether the values of a field are personal data."""

    NONE = "none"
    IDENTIFIER = "identifier"
    """It says who somebody is, by itself or with a few others: a number, a name, a day of birth."""
    CONTACT = "contact"
    """It says where somebody lives or can be reached."""
    FINANCIAL = "financial"
    """It says what somebody has, owes, earns or pays."""
    TRAIT = "trait"
    """It is about somebody and fits many: sex, nationality, a role."""
    TEXT = "text"
    """Free text, which may hold anything."""


class Sort(StrEnum):
    """What a value is one of, so that it is treated alike wherever it stands."""

    OTHER = "other"
    RECORD = "record"
    """The number or id of a record."""
    BSN = "bsn"
    NAME = "name"
    EMAIL = "email"
    TELEPHONE = "telephone"
    IBAN = "iban"
    POSTCODE = "postcode"
    LIFEDATE = "lifedate"
    """A day in somebody's life: of birth, marriage, retirement, death."""


@attrs.frozen
class Description:
    """What a field means.

    Attributes:
        meaning: In English.
        personal: Whether its values are personal data, and which.
        sort: What a value is one of.
        unit: As ``EUR``, ``%``, ``months``; None where values have none.
        dutch: The Dutch term, where the name on the wire is English.
    """

    meaning: str
    personal: Personal = Personal.NONE
    sort: Sort = Sort.OTHER
    unit: str | None = None
    dutch: str | None = None


def describe(kind: type[Model] | type[Body]) -> Mapping[str, Description]:
    """The descriptions of a class's fields, by attribute.

    Args:
        kind: A model or a body.

    Raises:
        LookupError: A field lacks its description.
    """
    found = known_descriptions(kind)
    names = [each.name for each in attrs.fields(kind) if each.name not in _OWN]
    if missing := [name for name in names if name not in found]:
        raise LookupError(f"{kind.__name__} lacks descriptions of {', '.join(missing)}")
    return {name: found[name] for name in names}


def known_descriptions(kind: type) -> Mapping[str, Description]:
    """The descriptions that a class has, which may lack some of its fields."""
    if kind not in _KNOWN:
        found: dict[str, Description] = {}
        for base in reversed(kind.__mro__):
            if issubclass(base, Model | Body) and (path := _file_of(base)).exists():
                found |= _section(path, base.__name__)
        _KNOWN[kind] = found
    return _KNOWN[kind]


def _file_of(kind: type) -> Path:
    module = sys.modules[kind.__module__]
    return Path(module.__file__ or "").with_suffix(".toml")


@cache
def _read(path: Path) -> dict[str, dict[str, Any]]:
    with path.open("rb") as file:
        return tomllib.load(file)


def _section(path: Path, name: str) -> dict[str, Description]:
    given = _read(path).get(name, {})
    found: dict[str, Description] = {}
    for each in given.get("like", ()):
        other, _, section = each.rpartition(":")
        found |= _section((path.parent / other).resolve() if other else path, section)
    units, sorts, dutch = (given.get(key, {}) for key in ("units", "sorts", "dutch"))
    for field, meaning, personal in _fields(given):
        found[field] = Description(
            meaning,
            personal,
            Sort(sorts.get(field, Sort.OTHER)),
            units.get(field),
            dutch.get(field),
        )
    return found


def _fields(given: Mapping[str, Any]) -> Iterator[tuple[str, str, Personal]]:
    for key, value in given.items():
        if isinstance(value, str):
            yield key, value, Personal.NONE
    for personal in Personal:
        for key, value in given.get(personal, {}).items():
            yield key, value, personal


_OWN = ("extra", "links")
_KNOWN: dict[type, Mapping[str, Description]] = {}
