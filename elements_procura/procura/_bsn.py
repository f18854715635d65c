"""Citizen service numbers (BSN). Pure."""

import re
from collections.abc import Mapping

from elements_procura.errors import InputError

_WEIGHTS = (9, 8, 7, 6, 5, 4, 3, 2, -1)
_DIGITS = re.compile(r"[0-9]{1,9}")
WRONG = "is no citizen service number: up to nine digits that pass the 11-test"


def normalised(bsn: str | int) -> str | None:
    """``bsn`` with zeros in front up to nine digits; None if it is not valid."""
    text = str(bsn).strip() if not isinstance(bsn, bool) else ""
    if not _DIGITS.fullmatch(text):
        return None
    padded = text.zfill(9)
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, padded, strict=True))
    return padded if total % 11 == 0 and int(padded) else None


def arguments(given: Mapping[str, str | int], *, validate: bool) -> dict[str, str] | InputError:
    """Citizen numbers of a call in the form that is sent, or the index of an invalid one."""
    if not validate:
        return {name: str(bsn) for name, bsn in given.items()}
    found = {}
    for name, bsn in given.items():
        padded = normalised(bsn)
        if padded is None:
            return InputError(f"{name} {WRONG}", hint="validate=False sends it all the same")
        found[name] = padded
    return found
