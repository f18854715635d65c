"""The two modes: which rule the places of a window follow, and when that changes.

``guarantee`` keeps to answers. No strict log, fixed window or token bucket can refuse what it sends
(while no round trip is quicker than the least), so refusals mean a sliding counter, or somebody
else who spends the same quota; either way even spacing is what helps.

``adaptive`` shifts gears, from the fastest to the safest:

- *loose*, *strict*: a window after the request that had the place before, whatever the answers say.
  Right where the way there always takes as long, and for a token bucket.
- *locked*: as many as allowed in each whole second of the server's clock, read off ``Date``. A
  place is free again where the first window begins after its answer: right for fixed windows.
- *answers*: as ``guarantee``: right for a sliding log.
- *even*: by answers up to a learned cap, evenly spaced: right for a sliding counter.

A gear that is refused too often is left and not tried again for an hour, then twice as long each
time.
"""

from typing import TYPE_CHECKING

import attrs

from elements_procura.scheduler._places import REFUSED, Pass, Places, Rule
from elements_procura.scheduler._trips import LEARN, Refusals

if TYPE_CHECKING:
    from datetime import datetime

    from elements_procura.clock import Clock
    from elements_procura.scheduler._rates import Rate
    from elements_procura.scheduler._trips import Phase, RoundTrips

# Seconds after an interactive request during which the others keep places for the next ones.
_RESERVING = 30.0
_INTERACTIVE_APART = 0.6
_INTERACTIVE_RESERVE = 1.3
_EVEN, _EVEN_MOST = 1.05, 1.5
_CATCH_UP = 0.01


def _reserving(rule: Rule) -> Rule:
    """The same rule while somebody interactive is about, who must not find all places taken."""
    return attrs.evolve(rule, apart=_INTERACTIVE_APART, reserve=_INTERACTIVE_RESERVE)


class Guarantee(Places):
    """``mode="guarantee"``: by answers only."""

    def __init__(self, rate: "Rate", trips: "RoundTrips", phase: "Phase", clock: "Clock") -> None:
        super().__init__(rate, trips, phase, clock)
        self._reserving_until = float("-inf")
        self._spaced = 0.0
        self._ruled: tuple[float, bool] | None = None  # what the rule in force was made for
        self._spaced_until = float("inf")
        self._spaced_for = 3600.0
        self._refusals = Refusals(3, 1000)
        self._refused_at = float("-inf")

    def reserve_for_interactive(self, now: float) -> None:
        """Keep places free for a while: somebody interactive is about."""
        self._reserving_until = now + _RESERVING

    def take(self, now: float) -> Pass:
        """Take a place."""
        if self._spaced and now >= self._spaced_until:
            self._spaced = 0.0
        ruled = self._spaced, now < self._reserving_until
        if ruled != self._ruled:
            self._ruled = ruled
            rule = Rule(spacing=self._spaced, catch_up=_CATCH_UP)
            self.rule = _reserving(rule) if now < self._reserving_until else rule
        return super().take(now)

    def settle(
        self, held: Pass, now: float, status: int | None, server_date: "datetime | None"
    ) -> None:
        """The answer is there."""
        super().settle(held, now, status, server_date)
        # What had left before the last refusal was known belongs to the same incident.
        refused = status == REFUSED and held.sent > self._refused_at
        if refused:
            self._refused_at = now
        if self._refusals.note(refused=refused):
            self._spaced = min(self._spaced * 1.1, _EVEN_MOST) if self._spaced else _EVEN
            self._spaced_until = now + self._spaced_for
            self._spaced_for = min(self._spaced_for * 2, 86_400.0)


@attrs.define(eq=False)
class _Gear:
    """One gear: its rule, and when it is out of favour.

    Attributes:
        rule: What the places follow.
        refusals: When it is refused too often.
        banned_until: It is not tried before this moment.
        ban: Seconds of the next ban.
    """

    name: str
    rule: Rule
    refusals: tuple[Refusals, ...] = ()
    banned_until: float = float("-inf")
    ban: float = 3600.0

    def refused_too_often(self, *, refused: bool) -> bool:
        verdicts = [refusals.note(refused=refused) for refusals in self.refusals]  # all must know
        return any(verdicts)

    def leave(self, now: float) -> None:
        self.banned_until = now + self.ban
        self.ban = min(self.ban * 2, 86_400.0)


# Pace gears: the cap in seconds, and what a refusal and a thousand clean answers make of it.
_PACE_CAPS = (0.001, 0.005, 0.02)
_PACE_CLEAN = 1000
# Clean answers in *strict* before *loose* is tried.
_STEADY = 300
# The cap of *even*: per refusal, per answer, and its bounds. In balance at 1 refusal in 2000.
_CAP_UP, _CAP_DOWN, _CAP_LEAST, _CAP_MOST = 1.2, 0.9999, 0.1, 2.0


class Adaptive(Places):
    """``mode="adaptive"``: the fastest gear that the server puts up with."""

    def __init__(self, rate: "Rate", trips: "RoundTrips", phase: "Phase", clock: "Clock") -> None:
        super().__init__(rate, trips, phase, clock)
        start = Rule(spacing=_EVEN, catch_up=_CATCH_UP)
        self._loose = _Gear("loose", Rule(cap=0.001, spacing=0.95), (Refusals(2, 3000),))
        self._strict = _Gear(
            "strict", Rule(cap=0.001, spacing=1.0), (Refusals(4, 300), Refusals(6, 2000))
        )
        self._locked = _Gear("locked", Rule(locked=True), (Refusals(3, 3000),))
        self._answers = _Gear("answers", Rule(), (Refusals(3, 3000),))
        self._even = _Gear("even", Rule(cap=0.25, spacing=_EVEN, catch_up=_CATCH_UP))
        self._gear = _Gear("start", start)
        self._reserving_until = float("-inf")
        self._seen = 0
        self._clean = 0
        self._pace_step = 0
        self._cap = 0.25
        self._ruled: tuple[_Gear, float, bool] | None = None  # what the rule was made for
        self._shift(0.0, self._gear)

    @property
    def gear(self) -> str:
        """The name of the gear that is in."""
        return self._gear.name

    def reserve_for_interactive(self, now: float) -> None:
        """Keep places free for a while: somebody interactive is about."""
        self._reserving_until = now + _RESERVING

    def _shift(self, now: float, gear: _Gear) -> None:
        if gear is not self._gear:
            self._gear = gear
            self._clean = 0
            self.era += 1
        rule, cap, is_reserving = gear.rule, gear.rule.cap, now < self._reserving_until
        if gear is self._loose or gear is self._strict:
            cap = _PACE_CAPS[self._pace_step]
        elif gear is self._even:
            # A refusal holds back whoever is interactive too, so then the surest cap.
            cap = _CAP_MOST if is_reserving else self._cap
        if self._ruled != (gear, cap, is_reserving):
            self._ruled = gear, cap, is_reserving
            rule = attrs.evolve(rule, cap=cap)
            self.rule = _reserving(rule) if is_reserving else rule

    def _best(self, now: float) -> _Gear:
        if self._seen < LEARN:
            return self._gear
        if now >= self._strict.banned_until:
            steady = self._gear is self._loose or (
                self._gear is self._strict and self._clean >= _STEADY
            )
            return self._loose if steady and now >= self._loose.banned_until else self._strict
        if now >= self._locked.banned_until and self._phase.known:
            return self._locked
        return self._answers if now >= self._answers.banned_until else self._even

    def take(self, now: float) -> Pass:
        """Take a place, by the rule of the best gear there is."""
        self._shift(now, self._best(now))
        return super().take(now)

    def settle(
        self, held: Pass, now: float, status: int | None, server_date: "datetime | None"
    ) -> None:
        """The answer is there: learn from it."""
        super().settle(held, now, status, server_date)
        refused = status == REFUSED
        self._seen += 1
        self._clean = 0 if refused else self._clean + 1
        if held.era != self.era and refused:
            return  # it left in another gear, which has been judged already
        gear = self._gear
        if gear is self._strict:
            if refused:
                self._pace_step = min(self._pace_step + 1, len(_PACE_CAPS) - 1)
            elif self._clean and not self._clean % _PACE_CLEAN:
                self._pace_step = max(self._pace_step - 1, 0)
        elif gear is self._even:
            self._cap *= _CAP_UP if refused else _CAP_DOWN
            self._cap = min(max(self._cap, _CAP_LEAST), _CAP_MOST)
        if gear.refused_too_often(refused=refused):
            gear.leave(now)
        self._shift(now, self._best(now))
