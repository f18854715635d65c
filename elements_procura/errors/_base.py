"""The root of the tree, and the errors that are about no single request."""

from collections.abc import Mapping
from typing import Any, ClassVar


class Ids(dict[str, str]):
    """Ids by the placeholders of a path's template. One may be a citizen number: it hides them."""

    def __repr__(self) -> str:
        return f"<Ids {', '.join(self)}>" if self else "<Ids>"

    __str__ = __repr__


class ElementsProcuraError(Exception):
    """The root of the tree.

    It survives ``pickle``, ``copy`` and the way out of another process with all its attributes.

    Attributes:
        hint: The next step, or an empty string.
        ids: Which ids it is about, by their placeholders in the template; never part of a text.
    """

    code: ClassVar[str] = "error"
    ids: Mapping[str, str] = Ids()

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint

    def __str__(self) -> str:
        text = str(self.args[0])
        return f"{text}. {self.hint}" if self.hint else text

    def __reduce__(self) -> tuple[Any, ...]:
        # An exception's own way calls the class with ``args``, which hold the message only.
        return _remade, (type(self), self.args), self.__dict__


def _remade(kind: type[ElementsProcuraError], args: tuple[Any, ...]) -> ElementsProcuraError:
    made = kind.__new__(kind)
    made.args = args
    return made


class ConfigError(ElementsProcuraError):
    """Settings are missing or wrong. Nothing was sent."""

    code = "config"


class InputError(ElementsProcuraError):
    """An argument cannot be sent as it is. Nothing was sent."""

    code = "input"


class ClosedError(ElementsProcuraError):
    """The client, scheduler or store was used after it had been closed."""

    code = "closed"


class WrongLoopError(ElementsProcuraError):
    """An object was used on another event loop than the one it belongs to."""

    code = "wrong-loop"


class ReadOnlyError(ElementsProcuraError):
    """A writing call was made on a client with ``read_only=True``. Nothing was sent."""

    code = "read-only"


class DailyQuotaExceeded(ElementsProcuraError):
    """The requests of a long window (a day) are used up.

    Attributes:
        resets_at: Seconds since the epoch when requests are expected to be possible again.
        limit: The number of requests in the window, or None when only the server knows.
    """

    code = "quota"

    def __init__(
        self, message: str, *, resets_at: float, limit: int | None = None, hint: str = ""
    ) -> None:
        super().__init__(message, hint=hint)
        self.resets_at = resets_at
        self.limit = limit


class StoreError(ElementsProcuraError):
    """A file cannot be opened, read or written: a harvest's, a journal's or a download's.

    What was committed to it is intact.
    """

    code = "store"


class StoreInUse(StoreError):
    """Another process is at work on a harvest's file."""

    code = "store.in-use"
