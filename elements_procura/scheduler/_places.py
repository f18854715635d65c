"""As many places as a short window allows, each held until it is free again.

A request leaves at ``s`` and its answer is there at ``r``; the server counted it somewhere between.
Whoever leaves at ``s'`` is counted at ``s' + out`` or later, and the one before at ``r - back`` or
sooner, where ``out`` and ``back`` are the least times on the way there and back. So with

    s' >= r + window - min_rtt + slack          min_rtt = out + back

two requests on one place are counted more than a window apart, and ``limit`` places never make more
than ``limit`` in any window, wherever it begins. Every delay of our own timers lies on the safe
side; the slack covers servers that count in whole milliseconds and clocks that run apart.

A :class:`Rule` may depart from that, at its own risk (``cap``) or for another kind of server.
"""

from heapq import heappop, heappush
from typing import TYPE_CHECKING, Any

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from elements_procura.clock import Clock
    from elements_procura.scheduler._bucket import Bucket
    from elements_procura.scheduler._lesson import Lesson
    from elements_procura.scheduler._rates import Rate
    from elements_procura.scheduler._trips import Phase, RoundTrips

#: Seconds added to every hold: twice a millisecond, the coarsest stamp a limiter is known to use.
SLACK = 0.002
#: Seconds after which a request without an answer has arrived at the server, or never will.
FLIGHT = 0.5
REFUSED = 429

_INFINITE = float("inf")
# Nearer than this many seconds is now.
_NOW = 1e-6
# Seconds that requests may catch up when they are spaced too closely for timers to keep up.
_CLOSE = 0.02
# How many places in a row are looked at for interactive requests that come close together.
_RESERVES = 2


@attrs.frozen(eq=False, repr=False)
class Rule:
    """How places become free, and how far apart requests leave.

    Attributes:
        cap: A place is free this many seconds after request + window, even without its answer.
        spacing: Requests leave this far apart, as a part of window / limit; 0 allows any distance.
        catch_up: Seconds by which a late request may be followed sooner.
        apart: Others than interactive requests leave at least this far after any other, as a part
            of window / limit.
        reserve: They leave the last free place alone until the next one becomes free within this
            part of window / limit.
        trust: The part of the least round trip that is relied on.
        locked: Places become free where the server's next whole window begins.
    """

    cap: float = _INFINITE
    spacing: float = 0.0
    catch_up: float = 0.0
    apart: float = 0.0
    reserve: float = _INFINITE
    trust: float = 1.0
    locked: bool = False


@attrs.define(eq=False, repr=False)
class Pass:
    """One request's hold on a place.

    Attributes:
        sent: When it was granted, on the clock's ``now``.
        free: When the place it took had become free, on the same clock.
        era: Under which of the pacer's gears it was granted.
        planned: The moments that spacing went by before.
    """

    sent: float
    free: float
    era: int
    planned: tuple[float, float]


class Places:
    """The places of one short window.

    Args:
        rate: The window.
        trips: The round trips, shared by all windows.
        phase: Where the server's seconds begin, shared as well.
        clock: The time.
    """

    def __init__(self, rate: "Rate", trips: "RoundTrips", phase: "Phase", clock: "Clock") -> None:
        self.rate = rate
        self.rule = Rule()
        self.era = 0
        self._step = rate.seconds / rate.limit
        self._trips = trips
        self._phase = phase
        self._free = [-_INFINITE] * rate.limit
        self._held: dict[Pass, None] = {}
        self._bucket = self._new_bucket(clock)
        self._last = -_INFINITE
        self._planned = -_INFINITE

    def _new_bucket(self, clock: "Clock") -> "Bucket | None":
        """The token bucket that bounds every rule; None where none is needed."""
        from elements_procura.scheduler._bucket import Bucket  # noqa: PLC0415 - takes long to load

        return Bucket(self.rate.limit, self.rate.seconds, clock)

    def due(self, now: float, *, reserve: bool) -> float:
        """The moment from which one more may leave; infinite while all wait for answers.

        Args:
            now: The moment it is.
            reserve: Whether the last place has to be left to somebody interactive, if the rule
                says so.
        """
        rule = self.rule
        due = self._free[0] if self._free else _INFINITE
        if self._held and rule.cap < _INFINITE:
            due = min(due, next(iter(self._held)).sent + self.rate.seconds + rule.cap)
        elif reserve and rule.reserve < _INFINITE and self.rate.limit > 1:
            due = max(due, self._reserved())
        if reserve and rule.apart and self._step > _CLOSE:
            due = max(due, self._last + rule.apart * self._step)
        if rule.spacing:
            spacing, catch_up = self._spacing()
            due = max(due, self._planned + spacing, self._last + spacing - catch_up)
        return due if self._bucket is None else max(due, self._bucket.due(now))

    def apart(self, part: float, most: float) -> float:
        """The moment from which one more leaves so far after the last.

        Args:
            part: Of window / limit; windows with closer requests are left out.
            most: Seconds that it is at most.
        """
        return self._last + min(part * self._step, most) if self._step > _CLOSE else -_INFINITE

    def _reserved(self) -> float:
        """When the next places after the first become free soon enough to give that one away."""
        apart = self.rule.reserve * self._step
        # The three least of a heap are among its first seven.
        others = sorted(self._free[:7])[1 : 1 + _RESERVES]
        if len(others) < min(_RESERVES, self.rate.limit - 1):
            return _INFINITE  # that hangs on answers which are not there yet
        return max(moment - apart * (1 + place) for place, moment in enumerate(others))

    def _spacing(self) -> tuple[float, float]:
        spacing = self.rule.spacing * self._step
        return spacing, self.rule.catch_up if spacing > 2 * _CLOSE else _CLOSE

    def take(self, now: float) -> Pass:
        """Take a place; the caller has made sure that one is due."""
        if self._bucket is not None:
            self._bucket.take()
        if self._free and self._free[0] <= now + _NOW:
            free = heappop(self._free)
        else:  # the cap is reached: that place is taken over, whatever becomes of its answer
            oldest = next(iter(self._held))
            del self._held[oldest]
            free = now
        held = Pass(now, free, self.era, (self._last, self._planned))
        self._held[held] = None
        spacing, catch_up = self._spacing() if self.rule.spacing else (0.0, _CLOSE)
        planned, latest = self._planned + spacing, now - catch_up
        self._planned = planned if planned > latest else latest
        self._last = now
        return held

    def give_back(self, held: Pass) -> None:
        """The request never left: the place is as free as it was."""
        if self._bucket is not None:
            self._bucket.give_back()
        if held in self._held:
            del self._held[held]
            heappush(self._free, held.free)
        if self._last == held.sent:
            self._last, self._planned = held.planned

    def settle(
        self, held: Pass, now: float, status: int | None, server_date: "datetime | None"
    ) -> None:
        """The answer is there (or None: it failed); the place becomes free a window later."""
        if self._held.pop(held, held) is not None:
            return
        rule, seconds = self.rule, self.rate.seconds
        if status is None:
            counted = max(now, held.sent + FLIGHT)
        elif status == REFUSED:  # refused before any work: it may be quicker than the least
            counted = now
        else:
            counted = now - self._trips.least * rule.trust
            if counted < held.sent:
                counted = held.sent
        if rule.locked and self._phase.known:
            free = self._phase.next_window(counted, seconds)
        else:
            free = counted + seconds + SLACK
        latest = held.sent + seconds + rule.cap
        heappush(self._free, free if free < latest else latest)

    def lesson(self, now: float) -> dict[str, Any]:
        """What the next process should know; durations count from this moment."""
        raise NotImplementedError

    def resumed(self, lesson: "Lesson", now: float, age: float) -> "Callable[[], None]":
        """What begins with a lesson of so many seconds ago.

        Raises:
            ValueError: It is not as it should be.
        """
        raise NotImplementedError

    def used(self, now: float) -> tuple[int, float | None]:
        """How many places are not free, and the moment when the next one will be."""
        later = [moment for moment in self._free if moment > now]
        used = self.rate.limit - len(self._free) + len(later)
        return used, min(later, default=None)
