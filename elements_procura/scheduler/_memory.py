"""What a process has learned of its server, kept for the next one.

A restart would otherwise begin with no round trip to rely on, in the most careful gear, and pay
once more for what the server has shown already. What is kept is small and plain: the least round
trip, the phase of the server's seconds, and how each short window has fared.

It is believed where it can be: made on this machine (another one has another way to the server),
for the same windows, not long ago. Anything else, and whatever cannot be read, is as if it was
never there. Nothing that is remembered makes the promise of ``guarantee`` weaker: it relies on the
least round trip once a burst and a half of its own answers took as long. A quicker one shows
another way, and from then on this process learns by itself.
"""

import hashlib
import json
import logging
import math
import platform
from typing import TYPE_CHECKING, Any

from elements_procura.errors import StoreError
from elements_procura.scheduler._lesson import Lesson

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from elements_procura.clock import Clock
    from elements_procura.scheduler._counts import Ledger
    from elements_procura.scheduler._places import Places
    from elements_procura.scheduler._trips import Phase, RoundTrips
    from elements_procura.scheduler.gate import GateLimits

_log = logging.getLogger(__name__)

_VERSION = 1
_EVERY = 60.0  # seconds after which what was learned is kept, while answers come
_OLD = 7 * 86_400.0


class Memory:
    """Keeps what a gate has learned in its ledger, and gives it to the next one.

    Args:
        ledger: Where; one without ``recall`` and ``keep`` (or None) remembers nothing.
        limits: The windows that it was learned for.
        clock: The time.
    """

    def __init__(self, ledger: "Ledger | None", limits: "GateLimits", clock: "Clock") -> None:
        self._recall: Callable[[str], str | None] | None = getattr(ledger, "recall", None)
        self._keep: Callable[[str, str], None] | None = getattr(ledger, "keep", None)
        self._mode = limits.mode
        self._rates = [[rate.limit, rate.seconds] for rate in limits.rates]
        self._clock = clock
        #: When it is time to keep what was learned, on the clock's ``now``.
        self.due = clock.now() + _EVERY if self._keep else math.inf

    def _whose(self) -> dict[str, Any]:
        host = hashlib.sha256(platform.node().encode()).hexdigest()[:16]
        return {"version": _VERSION, "host": host, "rates": self._rates}

    def recall(self, trips: "RoundTrips", phase: "Phase", pacers: "Sequence[Places]") -> None:
        """Begin with the remembered values, all of them or none."""
        if self._recall is None:
            return
        now, wall = self._clock.now(), self._clock.wall()
        try:
            text = self._recall(self._mode)
            if text is None:
                return
            lesson = Lesson(json.loads(text))
            if not all(lesson.equals(name, value) for name, value in self._whose().items()):
                return
            age = wall - lesson.number("at", wall - _OLD, wall)
            each = zip(pacers, lesson.parts("windows"), strict=True)
            # They check all before they change anything.
            resume = [
                trips.resumed(lesson.part("trips")),
                phase.resumed(lesson.part("phase"), wall - now, age),
                *(pacer.resumed(part, now, age) for pacer, part in each),
            ]
        except (ValueError, RecursionError, StoreError) as error:
            _log.debug("What was learned earlier is not used: %s", type(error).__name__)
            return
        for begin in resume:
            begin()

    def keep(self, trips: "RoundTrips", phase: "Phase", pacers: "Sequence[Places]") -> None:
        """Keep it for the next process; where that fails, another time will do."""
        now, wall = self._clock.now(), self._clock.wall()
        if self._keep is None or not trips.is_known:
            return
        self.due = now + _EVERY
        lesson = {
            **self._whose(),
            "at": wall,
            "trips": trips.lesson(),
            "phase": phase.lesson(wall - now),
            "windows": [pacer.lesson(now) for pacer in pacers],
        }
        try:
            self._keep(self._mode, json.dumps(lesson))
        except StoreError as error:
            _log.debug("What was learned is not kept: %s", type(error).__name__)
