"""The slot: permission to send one request."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from elements_procura.scheduler._feedback import Limit
    from elements_procura.scheduler._rates import Priority
    from elements_procura.scheduler.gate import Permit


class Slot:
    """Leave to send one request, now.

    Its place stays taken until :meth:`finish` or :meth:`abandon` is called, so call one of them in
    any case. Both may be called again without effect, and neither waits for anything.

    Attributes:
        priority: The priority it was granted for.
        sent: When it was granted, on the clock's ``now``.
    """

    __slots__ = ("_on_end", "_permit", "priority", "sent")

    def __init__(
        self, priority: "Priority", permit: "Permit", on_end: "Callable[[], None]"
    ) -> None:
        self.priority: Priority = priority
        self.sent: float = permit.sent
        self._permit: Permit | None = permit  # until it has ended
        self._on_end = on_end

    @property
    def has_lapsed(self) -> bool:
        """Whether it came too long ago to send by it: give it up, and ask for another.

        Only where several processes share a limit: one that was stopped for a while has been given
        up by the others.
        """
        lapsed: Callable[[], bool] | None = getattr(self._permit, "has_lapsed", None)
        return lapsed is not None and lapsed()

    def finish(
        self,
        *,
        status: int | None,
        server_date: "datetime | None" = None,
        limit: "Limit | None" = None,
        retry_after: float | None = None,
    ) -> None:
        """Report the answer, as soon as its headers are there.

        Args:
            status: The HTTP status, or None: no answer came, and nobody knows whether the request
                was counted.
            server_date: The answer's ``Date``.
            limit: With a 429, which limit it spoke of: what
                :func:`~elements_procura.scheduler.classify_429` gives. None is the second's.
            retry_after: With a 429, the seconds of its ``Retry-After``.
        """
        permit = self._permit
        if permit is None:
            return
        self._permit = None
        permit.settle(status=status, server_date=server_date, limit=limit, retry_after=retry_after)
        self._on_end()

    def abandon(self) -> None:
        """Report that the request never left: its place and its share of the day are given back."""
        permit = self._permit
        if permit is None:
            return
        self._permit = None
        permit.give_back()
        self._on_end()
