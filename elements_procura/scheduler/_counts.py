"""Counts of long windows that outlive a process, and what remembers them.

A ledger only remembers; the floor above decides which window is full, who may still leave and when
a count expires. The seam is three plain methods, and some more for a ledger that can do more.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol

import attrs

from elements_procura.errors import StoreError

if TYPE_CHECKING:
    from elements_procura.scheduler._rates import Rate


@attrs.frozen
class Count:
    """Requests granted in one stretch of time.

    Attributes:
        start: Seconds since the epoch at which the stretch begins.
        total: Requests granted in it, or by how much that number changes.
        bulk: How many of them were bulk.
    """

    start: float
    total: int
    bulk: int


class LedgerBusy(StoreError):
    """Somebody else holds the ledger just now: nothing was kept, ask again in a moment."""

    code = "store.busy"


class Ledger(Protocol):
    """Remembers counts.

    The calls come on the scheduler's own thread, one ``add`` per grant and window, and must be
    quick: one that would have to wait raises :class:`LedgerBusy` instead, and is made again later.

    A ledger may have more methods, each of which is used where it is there; the first two are for
    one that several processes share:

    * ``changed(rate) -> bool``: whether others have added to it since this window was loaded or
      asked about last. Their counts are then loaded before anything leaves.
    * ``transaction()``, a context manager: questions, loads and additions inside are one piece, and
      none of it is kept when the block ends by an error. Without it the last request of a window
      may be granted twice.
    * ``recall(key) -> str | None`` and ``keep(key, lesson)``: a text under a name, for what a
      scheduler has learned of its server. Without them every process learns anew.
    * ``async aclose()``: as ``close``, for the end of a scheduler; it may take its time.
    """

    def load(self, rate: "Rate", since: float) -> Iterable[Count]:
        """All counts of this window whose start is not before ``since``."""

    def add(self, rate: "Rate", count: Count) -> None:
        """Change the count of one stretch; it is kept when the process dies right after."""

    def close(self) -> None:
        """Let go of files and connections; a later call takes them up again."""
