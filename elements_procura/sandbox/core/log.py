"""What the sandbox remembers of a request: enough to count and compare, nothing secret."""

from typing import Any, Final

import attrs

_KEPT: Final = 1_000_000


@attrs.define(kw_only=True)
class LogEntry:
    """One request, in order of arrival.

    Attributes:
        method: The HTTP method.
        path: The path as it stood on the wire.
        query: The query without ``access_token``.
        at: When it arrived, by the event loop's clock.
        counted: Whether it took a place in the limits' windows.
        status: The status it was answered with; 0 while, or when, there was no answer.
        grant_type: Of a token request, the grant asked for; nothing else of its body is kept.
        fault: The kind of fault that hit it, if one did.
        weather: The kinds of weather that hit it.
    """

    method: str
    path: str
    query: dict[str, str]
    at: float
    counted: bool = True
    status: int = 0
    grant_type: str | None = None
    fault: str | None = None
    weather: tuple[str, ...] = ()


@attrs.frozen(kw_only=True, repr=False)
class Record:
    """One write that was carried out. Its repr keeps the body to itself.

    Attributes:
        method: The HTTP method.
        path: The path as it stood on the wire.
        body: What was sent.
        id: Of what was made; None where nothing got an id.
    """

    method: str
    path: str
    body: Any
    id: int | None = None

    def __repr__(self) -> str:
        return f"<{self.method} {self.path}: {self.id}>"


class RequestLog:
    """The latest million requests."""

    def __init__(self, *, kept: int = _KEPT) -> None:
        self.entries: list[LogEntry] = []
        self._kept = kept

    def append(self, entry: LogEntry) -> None:
        """Add one, and forget the oldest tenth when there are too many."""
        self.entries.append(entry)
        if len(self.entries) > self._kept:
            del self.entries[: self._kept // 10]
