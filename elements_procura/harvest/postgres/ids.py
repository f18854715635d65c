"""Ids of dossiers, numbers or texts, as texts that sort as SQLite sorts them: numbers first.

Columns of dossiers' ids are the only ones of the type ``varchar``; so a value that comes from one
is recognised, and it is a :class:`NumberId` or a :class:`TextId`, which goes back as it came.
"""

from elements_procura.spec.source import DossierId

_LONGEST = 99


class NumberId(int):
    """A dossier's id that is a number."""

    __slots__ = ()


class TextId(str):
    """A dossier's id that is a text."""

    __slots__ = ()


def marked(dossier: DossierId) -> DossierId:
    """Return the same id, in a class that is stored as an id."""
    if isinstance(dossier, NumberId | TextId):
        return dossier
    return NumberId(dossier) if isinstance(dossier, int) else TextId(dossier)


def encode(dossier: DossierId) -> str:
    """Write an id as a text that sorts.

    A number begins with the length of its digits; a negative one is counted from below.
    """
    if isinstance(dossier, str):
        # The server's texts hold every character but this one.
        return "t" + dossier.replace("\\", "\\\\").replace("\0", "\\0")
    if dossier >= 0:
        return f"n{len(digits := str(int(dossier))):02}{digits}"
    digits = str(-int(dossier))
    below = "".join(str(9 - int(digit)) for digit in digits)
    return f"m{_LONGEST - len(digits):02}{below}"


def decode(text: str) -> DossierId:
    """Read what :func:`encode` has written."""
    kind, rest = text[0], text[1:]
    if kind == "n":
        return NumberId(rest[2:])
    if kind == "m":
        return NumberId(-int("".join(str(9 - int(digit)) for digit in rest[2:])))
    if "\\" in rest:
        rest = "\\".join(part.replace("\\0", "\0") for part in rest.split("\\\\"))
    return TextId(rest)
