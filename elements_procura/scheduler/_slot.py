"""What ``acquire`` gives."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from elements_procura.scheduler._core import Scheduler
    from elements_procura.scheduler._feedback import Limit
    from elements_procura.scheduler._places import Pass
    from elements_procura.scheduler._rates import Priority


class Slot:
    """Leave to send one request, now.

    Its place stays taken until :meth:`finish` or :meth:`abandon` is called, so call one of them in
    any case. Both may be called again without effect, and neither waits for anything.

    Attributes:
        priority: The priority it was granted for.
        sent: When it was granted, on the clock's ``now``.
    """

    __slots__ = ("_buckets", "_done", "_passes", "_scheduler", "priority", "sent")

    def __init__(
        self,
        scheduler: "Scheduler",
        priority: "Priority",
        sent: float,
        passes: "list[Pass]",
        buckets: list[int],
    ) -> None:
        self.priority = priority
        self.sent = sent
        self._scheduler = scheduler
        self._passes = passes
        self._buckets = buckets
        self._done = False

    def finish(
        self,
        *,
        status: int | None,
        server_date: "datetime | None" = None,
        limit: "Limit | None" = None,
        retry_after: float | None = None,
    ) -> None:
        """Tell that the answer is there, as soon as its headers are.

        Args:
            status: The HTTP status, or None: no answer came, and nobody knows whether the request
                was counted.
            server_date: The answer's ``Date``.
            limit: With a 429, which limit it spoke of: what
                :func:`~elements_procura.scheduler.classify_429` gives. None is the second's.
            retry_after: With a 429, the seconds of its ``Retry-After``.
        """
        if self._done:
            return
        self._done = True
        self._scheduler._finish(self, status, server_date, limit, retry_after)  # noqa: SLF001 - one unit

    def abandon(self) -> None:
        """Tell that the request never left: its place and its share of the day are given back."""
        if self._done:
            return
        self._done = True
        self._scheduler._abandon(self)  # noqa: SLF001 - one unit
