"""Lessons from answers: the least round trip, the phase of the server's seconds, refusals."""

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from elements_procura.scheduler._lesson import Lesson

#: Answers that have to be in before anything learned is believed.
LEARN = 25
#: The part of the learned least round trip that is used.
CAUTION = 0.9
# So many times the share of one answer in what they differ by is left out of it, too.
_HASTE = 10
# How far two clocks may drift apart, in seconds per second.
_DRIFT = 2e-5
# How well two clocks of the wall keep together, at least, and in seconds per second.
_STEP, _WALL_DRIFT = 0.01, 1e-4
# Seconds that nothing remembered is longer than.
_LONG = 600.0
# A phase known less well than this many seconds is of no use.
_VAGUE = 0.5


def trusted(least: float, total: float, count: int) -> float:
    """What every round trip may be trusted to take, by those that were seen.

    The quickest of a few that differ much is not the quickest that there is. How much is missing
    goes down as their number goes up, which costs less of the rate than a later begin would.

    Args:
        least: The least of them.
        total: Their sum.
        count: Their number.
    """
    found = CAUTION * least - _HASTE * (total / count - least) / count
    return found if found > 0.0 else 0.0


class RoundTrips:
    """The least round trip: given, or learned from answers.

    Args:
        given: Seconds the user vouches for, or None to learn.
        after: Answers that have to be in before the least of them is believed. Those to the first
            burst queue behind each other, so it takes more than a window of them.
        is_careful: Leave out what a few answers leave open, see :func:`trusted`. How much round
            trips differ is then not asked for, and not measured.

    Attributes:
        least: Seconds that every round trip may be trusted to take; 0 while nothing is known.
        spread: Seconds between a quick round trip and a slow one (of ten, the second and the
            ninth).
    """

    def __init__(self, given: float | None, *, after: int = LEARN, is_careful: bool = True) -> None:
        self._given = given
        self._is_careful = is_careful
        self._after = self._relied = after
        self._least = float("inf")
        self._seen = 0
        self._total = 0.0
        self._remembered = 0.0
        self._recent: deque[float] | None = None if is_careful else deque(maxlen=2 * LEARN)
        self.least = 0.0 if given is None else given
        self.spread = 0.0

    @property
    def is_known(self) -> bool:
        """Whether there were answers enough."""
        return self._seen >= self._after

    def lesson(self) -> dict[str, float]:
        """What the next process should know."""
        return {"least": self._least, "spread": self.spread}

    def resumed(self, lesson: "Lesson") -> "Callable[[], None]":
        """What begins with an earlier process's lesson.

        Raises:
            ValueError: It is not as it should be.
        """
        least, spread = lesson.number("least", 0, _LONG), lesson.number("spread", 0, _LONG)

        def begin() -> None:
            self._least = self._remembered = least
            self._seen, self.spread = self._after, spread
            self._total = least * self._after
            if self._given is not None:
                self.least = min(self._given, least)
            elif self._is_careful:
                # The first answers come late however near the server is: their connections were
                # made meanwhile. Those to the next burst show whether this is still the same way.
                self._relied = self._after + self._after // 2
            else:
                self.least = least * CAUTION

        return begin

    def learn(self, seconds: float) -> None:
        """An answer came ``seconds`` after its request had left."""
        if self._remembered:
            self._compare(seconds)
        seen = self._seen = self._seen + 1
        total = self._total = self._total + seconds
        least = self._least
        if seconds < least:
            least = self._least = seconds
        if self._given is not None:
            if least < self.least:
                self.least = least
        elif seen >= self._relied:
            self.least = trusted(least, total, seen) if self._is_careful else CAUTION * least
        if self._recent is not None:
            self._recent.append(seconds)
            if not seen % LEARN:
                ordered = sorted(self._recent)
                tenth = len(ordered) // 10
                self.spread = ordered[-1 - tenth] - ordered[tenth]

    def _compare(self, seconds: float) -> None:
        """Judge an earlier process's lesson by an answer to this one."""
        if seconds < self._remembered * CAUTION:  # this process has another way to the server
            self._least, self._seen, self._remembered = float("inf"), 0, 0.0
            self._total, self._relied = 0.0, self._after
            if self._given is None:
                self.least = 0.0
        elif self._seen >= self._after + LEARN:
            self._remembered = 0.0  # from here on it is this process's own


class Phase:
    """Where the server's whole seconds begin, as far as its ``Date`` shows.

    An answer that left at ``s``, came at ``r`` and says ``date`` was stamped in between, so the
    server's clock is ahead of ours by at least ``date - r`` and by less than ``date + 1 - s``. Many
    answers narrow that down to about the least round trip; whichever end of what remains is the
    careful one is then used.

    Attributes:
        known: Whether there is enough to go by.
    """

    def __init__(self) -> None:
        self._at = 0.0
        self._forget()

    def _forget(self) -> None:
        self.known = False
        self._seen = 0
        self._low = float("-inf")
        self._high = float("inf")

    @property
    def width(self) -> float:
        """Within how many seconds it is known."""
        return self._high - self._low

    def learn(self, sent: float, now: float, date: "datetime") -> None:
        """An answer with this ``Date`` came now to a request that had left at ``sent``."""
        stamp = date.timestamp()
        drift = (now - self._at) * _DRIFT if self._seen else 0.0
        self._at = now
        low, high = self._low - drift, self._high + drift
        if stamp - now > low:
            low = stamp - now
        if stamp + 1 - sent < high:
            high = stamp + 1 - sent
        if low >= high:  # several clocks, or one that was set: start again
            self._forget()
            return
        self._low, self._high = low, high
        self._seen += 1
        self.known = self._seen >= LEARN and high - low < _VAGUE

    def lesson(self, ahead: float) -> dict[str, float]:
        """What the next process should know.

        Args:
            ahead: How far the clock of the wall is ahead of ours.
        """
        if not self.known:
            return {"known": 0}
        return {"known": 1, "low": self._low - ahead, "high": self._high - ahead}

    def resumed(self, lesson: "Lesson", ahead: float, age: float) -> "Callable[[], None]":
        """What begins with a lesson of so many seconds ago.

        Raises:
            ValueError: It is not as it should be.
        """
        known = lesson.number("known", 0, 1)
        low = lesson.number("low") if known else 0.0
        high = lesson.number("high", low, low + _VAGUE) if known else _VAGUE

        def begin() -> None:
            if not known:
                return
            margin = _STEP + _WALL_DRIFT * age
            self._at = 0.0
            self._low, self._high = low + ahead - margin, high + ahead + margin
            self._seen = LEARN
            self.known = self.width < _VAGUE

        return begin

    def next_window(self, now: float, seconds: float) -> float:
        """When a window begins for sure in which nothing counts that has arrived by now."""
        current = (now + self._high) // seconds
        return (current + 1) * seconds - self._low


class Refusals:
    """The refusals among many answers: whether so many came within so many.

    Args:
        many: How many refusals are too many.
        within: Within how many answers.
    """

    def __init__(self, many: int, within: int) -> None:
        self._many = many
        self._within = within
        self._refused: list[int] = []

    def add(self, answers: int) -> bool:
        """Note a refusal; return whether they are too many now (and start again).

        Args:
            answers: How many answers there have been, this one among them.
        """
        self._refused = [*self._refused, answers][-self._many :]
        if len(self._refused) < self._many or answers - self._refused[0] >= self._within:
            return False
        self._refused = []
        return True
