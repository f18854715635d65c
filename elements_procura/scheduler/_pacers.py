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

*Locked* and *answers* cannot be refused by the server that they are for, so at first one refusal is
enough to leave them. Where round trips differ by as much as lies between two requests, the pace
gears are refused by every server but a bucket: there *locked* goes first.

A gear that is refused too often is left and not tried again for an hour, then twice as long each
time.
"""

from typing import TYPE_CHECKING, Any

import attrs

from elements_procura.scheduler._places import ERA, REFUSED, Places, Rule
from elements_procura.scheduler._trips import LEARN, Refusals

if TYPE_CHECKING:
    from collections.abc import Callable

    from elements_procura.clock import Clock
    from elements_procura.scheduler._lesson import Lesson
    from elements_procura.scheduler._places import Pass
    from elements_procura.scheduler._rates import Rate
    from elements_procura.scheduler._trips import Phase, RoundTrips

# Seconds after an interactive request during which the others keep places for the next ones.
_RESERVING = 30.0
_INTERACTIVE_APART = 0.6
_INTERACTIVE_RESERVE = 1.3
_EVEN, _WIDER, _EVEN_MOST = 1.05, 1.08, 1.5
_CATCH_UP = 0.01
_LONGEST = 86_400.0  # seconds that any lesson from refusals holds


def _reserving(rule: Rule) -> Rule:
    """The same rule while somebody interactive is about, who must not find all places taken."""
    return attrs.evolve(rule, apart=_INTERACTIVE_APART, reserve=_INTERACTIVE_RESERVE)


class Guarantee(Places):
    """``mode="guarantee"``: by answers only.

    It needs no bucket, which could never be empty: a place is free again no sooner than a window
    after its request left, so that in any time no more leave than the places, and as many again for
    each window, which a bucket of that size lets through.
    """

    def __init__(self, rate: "Rate", trips: "RoundTrips", phase: "Phase", _clock: "Clock") -> None:
        super().__init__(rate, trips, phase)
        self._reserving_until = float("-inf")
        self._spaced = 0.0
        self._ruled_spaced = -1.0  # what the rule in force was made for
        self._ruled_reserving = False
        self._spaced_until = float("inf")
        self._spaced_for = 3600.0
        self._refusals = Refusals(3, 1000)
        self._refused_at = float("-inf")

    def reserve_for_interactive(self, now: float) -> None:
        """Keep places free for a while: somebody interactive is about."""
        self._reserving_until = now + _RESERVING
        if not self._ruled_reserving:
            self._ruled_until = float("-inf")

    def _rule_anew(self, now: float) -> None:
        if self._spaced and now >= self._spaced_until:
            self._spaced = 0.0
        is_reserving = now < self._reserving_until
        if self._spaced != self._ruled_spaced or is_reserving is not self._ruled_reserving:
            self._ruled_spaced, self._ruled_reserving = self._spaced, is_reserving
            rule = Rule(spacing=self._spaced, catch_up=_CATCH_UP)
            self.follow(_reserving(rule) if is_reserving else rule)
        ends = [self._reserving_until] if is_reserving else []
        if self._spaced:
            ends.append(self._spaced_until)
        self._ruled_until = min(ends, default=float("inf"))

    def _note_refusal(self, sent: float, now: float) -> None:
        # What had left before the last refusal was known belongs to the same incident.
        if sent <= self._refused_at:
            return
        self._refused_at = now
        if self._refusals.add(self._answered):
            self._spaced = min(self._spaced * 1.1, _EVEN_MOST) if self._spaced else _EVEN
            self._spaced_until = now + self._spaced_for
            self._spaced_for = min(self._spaced_for * 2, _LONGEST)
            self._ruled_until = float("-inf")

    def lesson(self, now: float) -> dict[str, Any]:
        """What the next process should know; durations count from this moment."""
        ends_in = max(self._spaced_until - now, 0.0) if self._spaced else 0.0
        return {"spaced": self._spaced, "ends_in": ends_in, "next": self._spaced_for}

    def resumed(self, lesson: "Lesson", now: float, age: float) -> "Callable[[], None]":
        """What begins with a lesson of so many seconds ago.

        Raises:
            ValueError: It is not as it should be.
        """
        spaced = lesson.number("spaced", 0, _EVEN_MOST)
        until = now + lesson.number("ends_in", 0, _LONGEST) - age
        spaced_for = lesson.number("next", 0, _LONGEST)

        def begin() -> None:
            self._spaced_for = spaced_for
            if spaced and until > now:
                self._spaced, self._spaced_until = spaced, until

        return begin


@attrs.define(eq=False, repr=False)
class _Gear:
    """One gear: its rule, and when it is out of favour.

    Attributes:
        rule: What the places follow.
        refusals: When it is refused too often.
        trial: Clean answers before it is believed.
        failures: Refusals until then that are too many.
        answers: Answers so far, those of earlier times in favour among them.
        clean: Clean answers so far.
        failed: Refusals so far.
        banned_until: It is not tried before this moment.
        ban: Seconds of the next ban.
    """

    name: str
    rule: Rule
    refusals: tuple[Refusals, ...] = ()
    trial: int = 0
    failures: int = 1
    answers: int = 0
    clean: int = 0
    failed: int = 0
    banned_until: float = float("-inf")
    ban: float = 3600.0

    def is_refused_too_often(self) -> bool:
        """Note a refusal; whether that is one too many."""
        verdicts = [refusals.add(self.answers) for refusals in self.refusals]  # all must know
        if self.clean < self.trial:
            self.failed += 1
            return self.failed >= self.failures
        return any(verdicts)

    def leave(self, now: float) -> None:
        self.clean = self.failed = 0
        self.banned_until = now + self.ban
        self.ban = min(self.ban * 2, _LONGEST)

    def lesson(self, now: float) -> dict[str, float]:
        banned = max(self.banned_until - now, 0.0)
        return {"clean": self.clean, "banned": banned, "ban": self.ban}

    def resumed(self, lesson: "Lesson", now: float, age: float) -> "Callable[[], None]":
        clean = int(lesson.number("clean", 0))
        banned = lesson.number("banned", 0, _LONGEST) - age
        ban = lesson.number("ban", 0, _LONGEST)

        def begin() -> None:
            self.clean, self.ban = clean, ban
            self.banned_until = now + banned if banned > 0 else float("-inf")

        return begin


# Pace gears: the cap in seconds, and what a refusal and a thousand clean answers make of it.
_PACE_CAPS = (0.001, 0.005, 0.02)
_PACE_CLEAN = 1000
# A gear on trial: clean answers that end it, how far apart its requests leave, and the part of the
# least round trip that it relies on. Apart, or one refusal would be as many as are on their way.
_TRIAL, _LONG_TRIAL = 200, 600
# Only a fixed window lets *strict* be tried in spite of jitter, and there refusals tell more than
# anything of where its seconds begin.
_STRICT_FAILURES = 2
_TRIAL_SPACING, _TRIAL_TRUST = 0.6, 0.7
# Round trips that differ by more than this part of window / limit: the pace gears will be refused.
_JITTER = 0.55
# Clean answers in *strict* before *loose* is tried.
_STEADY = 300
# The cap of *even*: at first, per refusal, per answer, and its bounds. In balance at 1 refusal in
# 2000.
_CAP_FIRST = 0.35
_CAP_UP, _CAP_DOWN, _CAP_LEAST, _CAP_MOST = 1.2, 0.9999, 0.1, 2.0


class Adaptive(Places):
    """``mode="adaptive"``: the fastest gear that the server puts up with."""

    def __init__(self, rate: "Rate", trips: "RoundTrips", phase: "Phase", clock: "Clock") -> None:
        from elements_procura.scheduler._bucket import Bucket  # noqa: PLC0415 - takes long to load

        super().__init__(rate, trips, phase, Bucket(rate.limit, rate.seconds, clock))
        start = Rule(spacing=_EVEN, catch_up=_CATCH_UP)
        self._loose = _Gear("loose", Rule(cap=0.001, spacing=0.95), (Refusals(2, 3000),))
        self._strict = _Gear(
            "strict",
            Rule(cap=0.001, spacing=1.0),
            (Refusals(4, 300), Refusals(6, 2000)),
        )
        self._locked = _Gear("locked", Rule(locked=True), (Refusals(3, 3000),), _LONG_TRIAL)
        self._answers = _Gear("answers", Rule(), (Refusals(3, 3000),), _TRIAL)
        self._even = _Gear("even", Rule(spacing=_WIDER, catch_up=_CATCH_UP))
        self._gears = (self._loose, self._strict, self._locked, self._answers, self._even)
        self._gear = _Gear("start", start)
        self._reserving_until = float("-inf")
        self._seen = 0
        self._clean = 0
        self._pace_step = 0
        self._cap = _CAP_FIRST
        self._jitters = False  # whether round trips differ too much for the pace gears
        self._ruled: tuple[_Gear, float, bool, bool] | None = None  # what the rule was made for
        self._shift(0.0, self._gear)

    @property
    def gear(self) -> str:
        """The name of the gear that is in."""
        return self._gear.name

    def reserve_for_interactive(self, now: float) -> None:
        """Keep places free for a while: somebody interactive is about."""
        self._reserving_until = now + _RESERVING
        self._ruled_until = float("-inf")

    def _shift(self, now: float, gear: _Gear) -> None:
        if gear is not self._gear:
            self._gear = gear
            self._clean = 0
            self.era += 1
        cap, is_reserving = gear.rule.cap, now < self._reserving_until
        if gear is self._loose or gear is self._strict:
            cap = _PACE_CAPS[self._pace_step]
        elif gear is self._even:
            # A refusal holds back whoever is interactive too, so then the surest cap.
            cap = _CAP_MOST if is_reserving else self._cap
        is_on_trial = gear.clean < gear.trial
        ruled = gear, cap, is_on_trial, is_reserving
        if ruled != self._ruled:
            self._ruled = ruled
            rule = attrs.evolve(gear.rule, cap=cap)
            if is_on_trial:
                spacing = rule.spacing or _TRIAL_SPACING
                rule = attrs.evolve(rule, spacing=spacing, catch_up=_CATCH_UP, trust=_TRIAL_TRUST)
            self.follow(_reserving(rule) if is_reserving else rule)

    def _best(self, now: float) -> _Gear:
        if self._seen < LEARN:
            return self._gear
        may_lock = now >= self._locked.banned_until and self._phase.known
        if may_lock and self._is_locked_first:
            return self._locked
        if now >= self._strict.banned_until:
            steady = self._gear is self._loose or (
                self._gear is self._strict and self._clean >= _STEADY
            )
            return self._loose if steady and now >= self._loose.banned_until else self._strict
        if may_lock:
            return self._locked
        return self._answers if now >= self._answers.banned_until else self._even

    @property
    def _is_locked_first(self) -> bool:
        """Whether *locked* has to show what it can before the pace gears get their turn."""
        is_open = self._locked.clean < _TRIAL and self._strict.clean < _TRIAL
        return is_open and (self._jitters or self._gear is self._locked)

    def _rule_anew(self, now: float) -> None:
        # What answers have changed was looked at when they came: here only time has gone by.
        self._jitters = self._trips.spread > _JITTER * self._step
        self._shift(now, self._best(now))
        ends = [self._reserving_until, *(gear.banned_until for gear in self._gears)]
        self._ruled_until = min((end for end in ends if end > now), default=float("inf"))

    def settle(self, held: "Pass", now: float, status: int | None) -> None:
        """The answer is there: learn from it."""
        Places.settle(self, held, now, status)  # super() would be looked up for every request
        refused = status == REFUSED
        self._seen += 1
        self._clean = 0 if refused else self._clean + 1
        if refused and held[ERA] != self.era:
            self._ruled_until = float("-inf")
            return  # it left in another gear, which has been judged already
        gear = self._gear
        gear.answers += 1
        self._jitters = self._trips.spread > _JITTER * self._step
        if gear is self._strict:
            if refused:
                self._pace_step = min(self._pace_step + 1, len(_PACE_CAPS) - 1)
            elif self._clean and not self._clean % _PACE_CLEAN:
                self._pace_step = max(self._pace_step - 1, 0)
        elif gear is self._even:
            self._cap *= _CAP_UP if refused else _CAP_DOWN
            self._cap = min(max(self._cap, _CAP_LEAST), _CAP_MOST)
        self._strict.trial = _TRIAL if self._jitters else 0
        # Whoever is interactive waits for the beginning of a second more often than bulk does.
        self._strict.failures = _STRICT_FAILURES + (now < self._reserving_until)
        if not refused:
            gear.clean += 1
        elif gear.is_refused_too_often():
            self._ruled_until = float("-inf")
            gear.leave(now)
            if gear is self._locked and self._jitters:
                self._strict.leave(now)  # a log or a counter, and either will refuse that too
        self._shift(now, self._best(now))

    def lesson(self, now: float) -> dict[str, Any]:
        """What the next process should know; durations count from this moment."""
        return {
            "gear": self._gear.name,
            "cap": self._cap,
            "pace": self._pace_step,
            "steady": min(self._clean, _STEADY),
            "gears": {gear.name: gear.lesson(now) for gear in self._gears},
        }

    def resumed(self, lesson: "Lesson", now: float, age: float) -> "Callable[[], None]":
        """What begins with a lesson of so many seconds ago.

        Raises:
            ValueError: It is not as it should be.
        """
        found = [gear for gear in self._gears if lesson.equals("gear", gear.name)]
        cap = lesson.number("cap", _CAP_LEAST, _CAP_MOST)
        pace_step = int(lesson.number("pace", 0, len(_PACE_CAPS) - 1))
        steady = int(lesson.number("steady", 0, _STEADY))
        parts = lesson.part("gears")
        each = [gear.resumed(parts.part(gear.name), now, age) for gear in self._gears]

        def begin() -> None:
            if not found:
                return  # it had not begun to learn
            for gear in each:
                gear()
            self._cap, self._pace_step = cap, pace_step
            self._seen = LEARN
            self._shift(now, found[0])
            self._clean = steady

        return begin
