"""Waiting for a ledger held by another process, without blocking the loop."""

import random
import time

_LONGEST = 60.0  # seconds in a row
_PAUSE = 0.05
_NEW = 5.0  # seconds without a try after which waiting begins anew


class Patience:
    """When to try a busy ledger again, and when to give up.

    The file is held by a real process, so the wait is measured by the machine's clock, even if the
    scheduler has another.

    Attributes:
        again: When to try again, on the scheduler's clock.
    """

    def __init__(self) -> None:
        self.again = float("-inf")
        self._since: float | None = None
        self._last = 0.0

    def found_busy(self, now: float) -> bool:
        """Whether to try once more, at :attr:`again`."""
        real = time.monotonic()
        if self._since is None or real - self._last > _NEW:
            self._since = real
        self._last = real
        if real - self._since > _LONGEST:
            self._since = None
            return False
        # Unevenly, or processes that met would meet again.
        self.again = now + _PAUSE * (0.5 + random.random())  # noqa: S311 - nothing to guess here
        return True

    def found_free(self) -> None:
        """It took a count."""
        self._since = None
