"""A string that does not show itself."""

import hmac
from typing import NoReturn, TypeVar

T = TypeVar("T")


class Secret:
    """A token, password or client secret: shown as ``***`` wherever it is printed.

    It refuses to be pickled and is no JSON value, so it cannot slip into a file or a message
    queue; :meth:`reveal` is the one way to the text, easily searched for.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself. Build it into what needs it last of all, and keep it in no variable."""
        return self._text

    @property
    def is_text(self) -> bool:
        """Whether it was made of a text, as promised; what stands in a mapping may be anything."""
        return isinstance(self._text, str)

    def __repr__(self) -> str:
        return "***"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return "***"

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self._text.encode(), other._text.encode())

    def __hash__(self) -> int:
        return hash((Secret, self._text))

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret is not pickled: hand over where it comes from instead")


class Veiled(str):
    """A text of anybody's choice, as an id or a reference is: it may name somebody.

    A traceback prints the locals of its frames by their repr, which hides it. It is a text in
    every other way.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<text of {len(self)} characters>"


def veiled(value: T) -> T:
    """A plain text as :class:`Veiled`, anything else as it is."""
    return Veiled(value) if type(value) is str else value  # type: ignore[return-value] # a T still
