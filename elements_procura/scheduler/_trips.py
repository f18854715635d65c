"""Lessons from answers: the least round trip, the phase of the server's seconds, refusals."""

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

#: Answers that have to be in before anything learned is believed.
LEARN = 25
#: The part of the learned least round trip that is used.
CAUTION = 0.9
# How far two clocks may drift apart, in seconds per second.
_DRIFT = 2e-5
# A phase known less well than this many seconds is of no use.
_VAGUE = 0.5


class RoundTrips:
    """The least round trip: given, or learned from answers.

    Args:
        given: Seconds the user vouches for, or None to learn.
        after: Answers that have to be in before the least of them is believed. Those to the first
            burst queue behind each other, so it takes more than a window of them.
    """

    def __init__(self, given: float | None, *, after: int = LEARN) -> None:
        self._given = given
        self._after = after
        self._least = float("inf")
        self._seen = 0

    @property
    def least(self) -> float:
        """Seconds that every round trip may be trusted to take; 0 while nothing is known."""
        if self._given is not None:
            return min(self._given, self._least)
        return self._least * CAUTION if self._seen >= self._after else 0.0

    def learn(self, seconds: float) -> None:
        """An answer came ``seconds`` after its request had left."""
        self._seen += 1
        self._least = min(self._least, seconds)


class Phase:
    """Where the server's whole seconds begin, as far as its ``Date`` shows.

    An answer that left at ``s``, came at ``r`` and says ``date`` was stamped in between, so the
    server's clock is ahead of ours by at least ``date - r`` and by less than ``date + 1 - s``. Many
    answers narrow that down to about the least round trip; whichever end of what remains is the
    careful one is then used.
    """

    def __init__(self) -> None:
        self._at = 0.0
        self._forget()

    def _forget(self) -> None:
        self._seen = 0
        self._low = float("-inf")
        self._high = float("inf")

    @property
    def known(self) -> bool:
        """Whether there is enough to go by."""
        return self._seen >= LEARN and self._high - self._low < _VAGUE

    def learn(self, sent: float, now: float, date: "datetime") -> None:
        """An answer with this ``Date`` came now to a request that had left at ``sent``."""
        stamp = date.timestamp()
        drift = (now - self._at) * _DRIFT if self._seen else 0.0
        self._at = now
        self._low = max(self._low - drift, stamp - now)
        self._high = min(self._high + drift, stamp + 1 - sent)
        self._seen += 1
        if self._low >= self._high:  # several clocks, or one that was set: start again
            self._forget()

    def next_window(self, now: float, seconds: float) -> float:
        """When a window begins for sure in which nothing counts that has arrived by now."""
        current = (now + self._high) // seconds
        return (current + 1) * seconds - self._low


class Refusals:
    """Whether refusals are too many: so many within so many answers.

    Args:
        many: How many refusals are too many.
        within: Within how many answers.
    """

    def __init__(self, many: int, within: int) -> None:
        self._within = within
        self._answers = 0
        self._refused: deque[int] = deque(maxlen=many)

    def note(self, *, refused: bool) -> bool:
        """Count an answer; return whether refusals are too many now (and start again)."""
        self._answers += 1
        if not refused:
            return False
        self._refused.append(self._answers)
        many = len(self._refused) == self._refused.maxlen
        if many and self._answers - self._refused[0] < self._within:
            self._refused.clear()
            return True
        return False
