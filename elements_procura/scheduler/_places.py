"""``mode="guarantee"``: as many places as the window allows, each held until it is surely free.

A request leaves at ``s`` and its answer is there at ``r``; the server counted it somewhere between.
Whoever leaves at ``s'`` is counted at ``s' + out`` or later, and the one before at ``r - back`` or
sooner, where ``out`` and ``back`` are the least times on the way there and back. So with

    s' >= r + window - min_rtt + slack          min_rtt = out + back

two requests on one place are counted more than a window apart, and ``limit`` places never make more
than ``limit`` in any window, wherever it begins. Every delay of our own timers lies on the safe
side; the slack covers servers that count in whole milliseconds and clocks that run apart.
"""

from heapq import heappop, heappush
from typing import TYPE_CHECKING

import attrs

from elements_procura.scheduler._bucket import Bucket

if TYPE_CHECKING:
    from datetime import datetime

    from elements_procura.clock import Clock
    from elements_procura.scheduler._rates import Rate

#: Seconds added to every hold: twice a millisecond, the coarsest stamp a limiter is known to use.
SLACK = 0.002
#: Seconds after which a request without an answer has arrived at the server, or never will.
FLIGHT = 0.5
#: Answers that have to be in before the least round trip is believed.
LEARN = 25
#: The part of the learned least round trip that is used.
CAUTION = 0.9


@attrs.define(eq=False)
class Pass:
    """One request's hold on a place.

    Attributes:
        sent: When it was granted, on the clock's ``now``.
        free: When the place it took had become free, on the same clock.
    """

    sent: float
    free: float


class RoundTrips:
    """The least round trip: given, or learned from answers.

    Args:
        given: Seconds the user vouches for, or None to learn.
    """

    def __init__(self, given: float | None) -> None:
        self._given = given
        self._least = float("inf")
        self._seen = 0

    @property
    def least(self) -> float:
        """Seconds that every round trip may be trusted to take; 0 while nothing is known."""
        if self._given is not None:
            return min(self._given, self._least)
        return self._least * CAUTION if self._seen >= LEARN else 0.0

    def learn(self, seconds: float) -> None:
        """An answer came ``seconds`` after its request had left."""
        self._seen += 1
        self._least = min(self._least, seconds)


class Places:
    """The places of one short window.

    Args:
        rate: The window.
        trips: The round trips, shared by all windows.
        clock: The time.
    """

    def __init__(self, rate: "Rate", trips: RoundTrips, clock: "Clock") -> None:
        self.rate = rate
        self._trips = trips
        self._free = [float("-inf")] * rate.limit
        self._bucket = Bucket(rate.limit, rate.seconds, clock)

    def due(self, now: float) -> float:
        """The moment from which one more may leave; infinite while all wait for answers."""
        if not self._free:
            return float("inf")
        return max(self._free[0], self._bucket.due(now))

    def take(self, now: float) -> Pass:
        """Take the place that has been free longest; the caller has made sure that one is due."""
        self._bucket.take()
        return Pass(now, heappop(self._free))

    def give_back(self, held: Pass) -> None:
        """The request never left: the place is as free as it was."""
        self._bucket.give_back()
        heappush(self._free, held.free)

    def settle(
        self, held: Pass, now: float, status: int | None, server_date: "datetime | None"
    ) -> None:
        """The answer is there (or None: it failed); the place becomes free a window later."""
        if status is None:
            counted = max(now, held.sent + FLIGHT)
        elif status == 429:  # noqa: PLR2004 - refused before any work: it may be quicker than the least
            counted = now
        else:
            counted = now - min(self._trips.least, now - held.sent)
        heappush(self._free, counted + self.rate.seconds + SLACK)

    def used(self, now: float) -> tuple[int, float | None]:
        """How many places are not free, and the moment when the next one will be."""
        later = [moment for moment in self._free if moment > now]
        used = self.rate.limit - len(self._free) + len(later)
        return used, min(later, default=None)
