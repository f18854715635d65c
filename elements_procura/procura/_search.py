"""A search that is complete, of a server that does not page: halving windows of days. Pure.

The server cuts its answer at the size that was asked for and tells nothing about what it left out.
So an answer proves that it is complete only by being shorter than that.
"""

import datetime as dt
from collections.abc import Iterable

import attrs

from elements_procura.errors import SearchIncomplete


@attrs.frozen
class Window:
    """Days from ``first`` to ``last``, both included, and how many records to ask for."""

    first: dt.date
    last: dt.date
    size: int


def next_windows(window: Window, *, found: int, greatest: int) -> tuple[Window, ...]:
    """What to ask instead of ``window``, in order; nothing when its answer was complete.

    Args:
        window: What was asked.
        found: How many records came.
        greatest: The longest answer to ask for.

    Raises:
        SearchIncomplete: One day alone fills the longest answer.
    """
    if found < window.size:
        return ()
    days = (window.last - window.first).days
    if days:
        middle = window.first + dt.timedelta(days=days // 2)
        rest = middle + dt.timedelta(days=1)
        return (
            Window(window.first, middle, window.size),
            Window(rest, window.last, window.size),
        )
    if window.size < greatest:
        return (attrs.evolve(window, size=min(greatest, window.size * _GROWTH)),)
    raise SearchIncomplete(
        f"the dossiers of {window.first} alone fill an answer of {window.size}",
        day=window.first.isoformat(),
        page_size=window.size,
        hint="Raise max_page_size, or search by something else as well",
    )


_GROWTH = 4


class Seen:
    """Drops what was given out before: a dossier may have moved from one window to the next."""

    def __init__(self) -> None:
        self._ids: set[str] = set()

    def news(self, ids: Iterable[str | None]) -> tuple[bool, ...]:
        """For each id whether it is new; without one it always is."""
        return tuple(self._is_news(identifier) for identifier in ids)

    def _is_news(self, identifier: str | None) -> bool:
        if identifier is None or identifier not in self._ids:
            self._ids.add(identifier or "")
            return True
        return False
