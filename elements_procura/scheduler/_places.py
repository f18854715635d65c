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

from collections import deque
from heapq import heappop, heappush
from itertools import islice
from typing import TYPE_CHECKING, Any

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable

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


@attrs.frozen(repr=False)
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


#: One request's hold on a place, as plain as what is made for every request should be: its number;
#: when it was granted and when the place that it took had become free, on the clock's ``now``; the
#: era of the pacer's gears; and to undo it, when the request before had left and the moment that
#: spacing went by.
Pass = tuple[int, float, float, int, float, float]
ERA = 3


class Places:
    """The places of one short window.

    Args:
        rate: The window.
        trips: The round trips, shared by all windows.
        phase: Where the server's seconds begin, shared as well.
        bucket: Bounds rules that take places over; None where no rule does.

    Attributes:
        rate: As given.
        rule: The one in force.
        is_reserving: Whether others than interactive requests are held back, see :meth:`reserved`.
        era: The number of the gear that is in.
    """

    def __init__(
        self, rate: "Rate", trips: "RoundTrips", phase: "Phase", bucket: "Bucket | None" = None
    ) -> None:
        self.rate = rate
        self.era = 0
        self._step = rate.seconds / rate.limit
        self._trips = trips
        self._phase = phase
        # When each place is free. Nearly always one becomes free later than those before it, so
        # they stand in a line; whatever would have to push in is kept aside, in a heap.
        self._free = deque([-_INFINITE] * rate.limit)
        self._aside: list[float] = []
        self._bucket = bucket
        # By number, when each was sent: kept only where a place may be taken over.
        self._held: dict[int, float] = {}
        self._granted = self._answered = 0
        self._last = -_INFINITE
        self._planned = -_INFINITE
        self._ruled_until = -_INFINITE  # from then on there may be another rule
        self.follow(Rule())

    def follow(self, rule: Rule) -> None:
        """Go by a rule from now on."""
        self.rule: Rule = rule
        self.is_reserving: bool = rule.reserve < _INFINITE or rule.apart > 0
        self._spacing = rule.spacing * self._step
        self._catch_up = rule.catch_up if self._spacing > 2 * _CLOSE else _CLOSE
        # Then answers and places are all that counts.
        self._is_plain = self._bucket is None and rule == Rule(
            catch_up=rule.catch_up, apart=rule.apart, reserve=rule.reserve
        )

    def _rule_anew(self, now: float) -> None:
        """Follow the rule of this moment, and say until when it holds."""
        raise NotImplementedError

    def due(self, now: float) -> float:
        """The moment from which one more may leave; infinite while all wait for answers."""
        free = self._free
        due = free[0] if free else _INFINITE
        if self._aside and self._aside[0] < due:
            due = self._aside[0]
        return due if self._is_plain else self._due_by_rule(now, due)

    def _due_by_rule(self, now: float, due: float) -> float:
        rule = self.rule
        moments = []
        if self._held and rule.cap < _INFINITE:
            capped = next(iter(self._held.values())) + self.rate.seconds + rule.cap
            if capped < due:
                due = capped
        if rule.spacing:
            moments = [
                self._planned + self._spacing,
                self._last + self._spacing - self._catch_up,
            ]
        if self._bucket is not None:
            moments.append(self._bucket.due(now))
        for moment in moments:  # max() takes longer
            if moment > due:
                due = moment
        return due

    def reserved(self) -> float:
        """The moment before which no more may leave but interactive requests."""
        rule, moment = self.rule, -_INFINITE
        # Behind a request that has a cap, a place comes free by itself.
        is_capped = self._held and rule.cap < _INFINITE
        if rule.reserve < _INFINITE and self.rate.limit > 1 and not is_capped:
            moment = self._reserved()
        if rule.apart and self._step > _CLOSE:
            moment = max(moment, self._last + rule.apart * self._step)
        return moment

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
        least = sorted([*islice(self._free, 1 + _RESERVES), *self._aside[:7]])
        others = least[1 : 1 + _RESERVES]
        if len(others) < min(_RESERVES, self.rate.limit - 1):
            return _INFINITE  # that hangs on answers which are not there yet
        return max(moment - apart * (1 + place) for place, moment in enumerate(others))

    def take(self, now: float) -> Pass:
        """Take a place; the caller has made sure that one is due."""
        if now >= self._ruled_until:
            self._rule_anew(now)
        free, aside = self._free, self._aside
        if aside and (not free or aside[0] < free[0]) and aside[0] <= now + _NOW:
            moment = heappop(aside)
        elif free and free[0] <= now + _NOW:
            moment = free.popleft()
        else:
            moment = self._take_over(now)
        number = self._granted = self._granted + 1
        before = self._planned
        held = number, now, moment, self.era, self._last, before
        if self._bucket is not None:
            self._bucket.take()
            self._held[number] = now
        planned, latest = before + self._spacing, now - self._catch_up
        self._planned = planned if planned > latest else latest
        self._last = now
        return held

    def _take_over(self, now: float) -> float:
        """The cap is reached: take a place whose answer is not there, whatever becomes of it."""
        del self._held[next(iter(self._held))]
        return now

    def give_back(self, held: Pass) -> None:
        """The request never left: the place is as free as it was."""
        number, sent, free, _, last, planned = held
        if self._bucket is not None:
            self._bucket.give_back()
        if self._bucket is None or self._held.pop(number, None) is not None:
            heappush(self._aside, free)
        if self._last == sent:
            self._last, self._planned = last, planned

    def settle(self, held: Pass, now: float, status: int | None) -> None:
        """The answer is there (or None: it failed); the place becomes free a window later."""
        number, sent, _, _, _, _ = held
        self._answered += 1
        if self._bucket is not None and self._held.pop(number, None) is None:
            return  # it was taken over
        if status is None:
            counted = max(now, sent + FLIGHT)
        elif status == REFUSED:  # refused before any work: it may be quicker than the least
            counted = now
            self._note_refusal(sent, now)
        else:
            counted = now - self._trips.least * self.rule.trust
            if counted < sent:
                counted = sent
        if self._is_plain:
            moment = counted + self.rate.seconds + SLACK
        else:
            moment = self._free_by_rule(sent, counted)
        free = self._free
        if not free or moment >= free[-1]:
            free.append(moment)
        else:
            heappush(self._aside, moment)

    def _free_by_rule(self, sent: float, counted: float) -> float:
        rule, seconds = self.rule, self.rate.seconds
        if rule.locked and self._phase.known:
            moment = self._phase.next_window(counted, seconds)
        else:
            moment = counted + seconds + SLACK
        latest = sent + seconds + rule.cap
        return moment if moment < latest else latest

    def _note_refusal(self, sent: float, now: float) -> None:
        """Learn from a refusal of what was sent then."""

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
        free = [*self._free, *self._aside]
        later = [moment for moment in free if moment > now]
        used = self.rate.limit - len(free) + len(later)
        return used, min(later, default=None)
