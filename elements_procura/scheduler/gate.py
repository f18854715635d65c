"""The interface that permits requests, for one process or several that share an account.

A :class:`~elements_procura.scheduler.Scheduler` keeps the line: who waits, in which order, who gave
up. A gate decides: when the next request may leave, and whether the day has one left. Decisions
from memory are plain calls; anything slower is awaited in :meth:`Gate.wait`, so that a gate which
asks another process never blocks the event loop.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal, Protocol

import attrs

from elements_procura.errors import ConfigError
from elements_procura.scheduler._rates import Rate

if TYPE_CHECKING:
    from datetime import datetime

    from elements_procura.clock import Clock
    from elements_procura.scheduler._feedback import Limit
    from elements_procura.scheduler._rates import Priority, Usage

#: How a gate goes about the short windows.
Mode = Literal["guarantee", "adaptive"]


def _rates(given: object) -> tuple[Rate, ...]:
    rates = tuple(given) if isinstance(given, Iterable) else (None,)
    if not all(isinstance(rate, Rate) for rate in rates):
        raise ConfigError(
            "rates must be a tuple of Rate",
            hint="Pass such as (Rate(5, 1), Rate(100_000, 86_400))",
        )
    return rates


@attrs.frozen(kw_only=True)
class GateLimits:
    """The limits that a scheduler asks its gate to keep.

    Attributes:
        rates: The server's windows, any number of them.
        mode: The strategy for short windows.
        min_rtt: The least round trip in seconds that may be relied on, or None: learn it.
        bulk_share: The part of every quota that bulk may use.

    Raises:
        ConfigError: A setting makes no sense.
    """

    rates: tuple[Rate, ...] = attrs.field(converter=_rates)
    mode: Mode = "guarantee"
    min_rtt: float | None = None
    bulk_share: float = 0.8

    def __attrs_post_init__(self) -> None:
        if self.mode not in ("guarantee", "adaptive"):
            raise ConfigError(f"mode must be 'guarantee' or 'adaptive', not {self.mode!r}")
        if self.min_rtt is not None and not 0 <= self.min_rtt < float("inf"):
            raise ConfigError(f"min_rtt must be seconds from 0 up or None, not {self.min_rtt!r}")
        if not 0 <= self.bulk_share <= 1:
            raise ConfigError(f"bulk_share must be from 0 to 1, not {self.bulk_share!r}")


class Permit(Protocol):
    """A gate's leave for one request, held until one of the two methods is called, once.

    One that may not be used at any later moment has a third, ``has_lapsed() -> bool``: the request
    then must not leave by it, and it is given back.

    Attributes:
        sent: When it was given, on the clock's ``now``.
    """

    @property
    def sent(self) -> float:
        """When it was given, on the clock's ``now``."""

    def settle(
        self,
        *,
        status: int | None,
        server_date: "datetime | None",
        limit: "Limit | None",
        retry_after: float | None,
    ) -> None:
        """Take note of the answer, or of its absence; see ``Slot.finish``."""

    def give_back(self) -> None:
        """Take the leave back: the request never left."""


class Line(Protocol):
    """The scheduler's waiting line, as far as a gate may look into it."""

    def waiting(self, priority: "Priority") -> int:
        """Count the requests of this priority that wait, repeats among them."""


class Gate(Protocol):
    """Decides when requests may leave, and whether the long windows have one left.

    A gate belongs to one scheduler, on one event loop. All methods but :meth:`wait` and
    :meth:`aclose` answer at once from what this process knows; they must not block.

    One whose :meth:`wait` does nothing but sleep may have another method, ``sleeps_for(until) ->
    float | None``: in so many seconds of the event loop's time the next try is due. The scheduler
    then sets a timer, which costs less than a task; with None it awaits :meth:`wait`.
    """

    def attach(self, limits: GateLimits, clock: "Clock") -> None:
        """Begin, with the limits and the clock of the scheduler.

        Raises:
            ConfigError: The gate belongs to another scheduler, or cannot keep to these limits.
            StoreError: The counts of earlier processes cannot be read.
        """

    def check(self, priority: "Priority") -> None:
        """Refuse at once a request that no window will let through soon.

        Raises:
            DailyQuotaExceeded: A long window is used up for this priority.
        """

    def reserve_for_interactive(self) -> None:
        """Keep places free for a while: somebody interactive is about."""

    def try_acquire(self, priority: "Priority", *, reserve: bool) -> Permit | float:
        """Permit one request now, if that can be decided without waiting.

        It is called for the first of the line whenever the line or a permit has changed.

        Args:
            priority: The priority of the request.
            reserve: Whether to leave the last place to somebody interactive.

        Returns:
            The permit; or the moment on the clock's ``now`` until which :meth:`wait` is to be
            awaited before the next try. Infinite: nothing but the end of another permit helps.

        Raises:
            DailyQuotaExceeded: Others have used up a long window meanwhile.
            StoreError: The permit cannot be remembered, so the request must not leave.
        """

    async def wait(self, until: float, line: Line) -> None:
        """Return when another try may succeed: at ``until``, or sooner where something changed.

        One call is under way at a time. It is cancelled when a later try names an earlier moment
        than ``until``, and when the scheduler is closed.

        Args:
            until: What :meth:`try_acquire` has given.
            line: Who waits, at every moment of the call.

        Raises:
            ElementsProcuraError: Waiting is in vain; everybody in the line gets a copy of it.
        """

    def usage(self) -> "tuple[Usage, ...]":
        """Describe how full every window is, in the order of the limits' rates."""

    async def aclose(self) -> None:
        """Let go of files and connections; a permit may still be settled afterwards."""
