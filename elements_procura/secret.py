"""Values that hide themselves, and the rule that keeps secrets and personal data out of tracebacks.

Error trackers print a traceback with the local variables of every frame. No frame that is left
when one of our exceptions reaches its caller may show a token, a secret or a person's data:

1. **Wrapped where it comes in.** :class:`Secret` for tokens and secrets, :class:`HiddenText` for
   texts of anybody's choice (ids, references), ``paths.HiddenQuery`` for queries,
   ``errors.ServerText`` and ``errors.Ids`` for what an error carries, ``memoryview`` for bytes.
   The ``repr`` of each hides it.
2. **Raised outside.** A function that holds such a value in the plain does not raise: it returns
   the error, and its caller raises it. Where a public method takes one, it is a plain method that
   returns a coroutine: its own frame is gone when the call fails.
3. **Foreign exceptions are cut off.** They end where they are caught (``from None``), for their
   texts and frames may hold anything; an exception of ours that is kept loses its traceback.

Comments elsewhere refer to these rules by their numbers; ``tests/test_canary.py`` and its
namesakes look for what got through.
"""

import hmac
from typing import NoReturn, TypeVar

T = TypeVar("T")


class Secret:
    """A token, password or client secret: shown as ``***`` wherever it is printed.

    It refuses to be pickled and is not a JSON value, so it cannot slip into a file or a message
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


class HiddenText(str):
    """A text of anybody's choice, as an id or a reference is: it may name somebody.

    Only its repr hides it: it is a text in every other way.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<text of {len(self)} characters>"


def veiled(value: T) -> T:
    """A plain text as :class:`HiddenText`, anything else as it is."""
    return HiddenText(value) if type(value) is str else value  # type: ignore[return-value] # a T still
