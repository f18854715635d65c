"""Whatever callers, networks and clocks do: no strict log counts six, nobody waits for ever."""

import asyncio
import os
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from elements_procura.errors import DailyQuotaExceeded
from elements_procura.scheduler import Priority, Rate, Scheduler, Slot
from elements_procura.scheduler._places import FLIGHT
from tests.clock import FakeClock

LIMIT = 5
DAY_LIMIT = 250
PART = st.sampled_from([0.0, 1.0]) | st.floats(0, 1)


class Callers(RuleBasedStateMachine):
    """Everybody who uses one scheduler, and the server at the other end."""

    @initialize(
        way_there=st.sampled_from([0.0, 0.02, 0.1]),
        way_back=st.sampled_from([0.0, 0.03, 0.2]),
        promised=PART,
        early=st.sampled_from([0.0, 0.0, 0.3]),
    )
    def start(self, way_there: float, way_back: float, promised: float, early: float) -> None:
        self.loop = asyncio.new_event_loop()
        self.clock = FakeClock()
        self.clock.early = early
        self.there, self.back = way_there, way_back
        self.scheduler = Scheduler(
            rates=(Rate(LIMIT, 1), Rate(DAY_LIMIT, 86_400)),
            clock=self.clock,
            min_rtt=promised * (way_there + way_back),
        )
        self.waiting: list[asyncio.Task[Slot]] = []
        self.holding: list[Slot] = []
        self.arrivals: list[float] = []
        self.granted = 0
        self.given_back = 0
        self.exhausted = 0

    def run(self, coroutine: Any) -> None:
        self.loop.run_until_complete(coroutine)
        for task in [task for task in self.waiting if task.done()]:
            self.waiting.remove(task)
            if task.cancelled():
                continue
            if (error := task.exception()) is not None:
                assert isinstance(error, DailyQuotaExceeded)
                self.exhausted += 1
                continue
            self.holding.append(task.result())
            self.granted += 1

    def pick(self, part: float) -> Slot:
        return self.holding.pop(min(int(part * len(self.holding)), len(self.holding) - 1))

    @rule(priority=st.sampled_from(Priority), again=st.none() | PART)
    def acquire(self, priority: Priority, again: float | None) -> None:
        retry_of = None
        if again is not None and self.holding:
            retry_of = self.holding[int(again * (len(self.holding) - 1))]
        self.waiting.append(
            self.loop.create_task(self.scheduler.acquire(priority=priority, retry_of=retry_of))
        )
        self.run(self.clock.settle())

    @rule(count=st.integers(5, 15), priority=st.sampled_from(Priority))
    def rush(self, count: int, priority: Priority) -> None:
        for _ in range(count):
            self.acquire(priority, None)

    @precondition(lambda self: self.holding)
    @rule(part=PART, how=st.sampled_from(["answer", "answer", "fail", "refuse"]))
    def end_all(self, part: float, how: str) -> None:
        """The worst there is: all are counted as late, or as early, as can be."""
        for _ in range(len(self.holding)):
            if how == "answer":
                self.answer(0.0, part, 200)
            elif how == "fail":
                self.fail(0.0, part)
            else:
                self.refuse(0.0, None)

    @rule(
        how=st.sampled_from(["answer", "fail", "refuse"]),
        longer=st.sampled_from([0.0, 0.1, 0.7]),
        priority=st.sampled_from(Priority),
    )
    def two_waves(self, how: str, longer: float, priority: Priority) -> None:
        """The first is counted as late as can be, the second as early."""
        self.rush(10, priority)
        self.run(self.clock.advance(longer))
        self.end_all(1.0, how)
        self.run(self.clock.advance(1.2))
        self.end_all(0.0, "answer")

    @precondition(lambda self: self.waiting)
    @rule(part=PART)
    def cancel(self, part: float) -> None:
        self.waiting[int(part * (len(self.waiting) - 1))].cancel()
        self.run(self.clock.settle())

    @precondition(lambda self: self.waiting and self.holding)
    @rule(part=PART)
    def cancel_who_is_just_granted(self, part: float) -> None:
        """The place given back goes to the first in line, who is cancelled in the same turn."""
        self.given_back += 1
        self.pick(part).abandon()
        self.waiting[0].cancel()
        self.run(self.clock.settle())

    @precondition(lambda self: self.holding)
    @rule(which=PART, part=PART, status=st.sampled_from([200, 200, 200, 404, 500]))
    def answer(self, which: float, part: float, status: int) -> None:
        slot = self.pick(which)
        missing = slot.sent + self.there + self.back - self.clock.now()
        if missing > 0:
            self.run(self.clock.advance(missing))
        latest = self.clock.now() - self.back
        self.arrivals.append(slot.sent + self.there + part * (latest - slot.sent - self.there))
        slot.finish(status=status)
        self.run(self.clock.settle())

    @precondition(lambda self: self.holding)
    @rule(which=PART, part=PART)
    def fail(self, which: float, part: float) -> None:
        """Nobody knows whether it was counted; if so, before it was given up or soon after."""
        slot = self.pick(which)
        latest = max(self.clock.now(), slot.sent + FLIGHT)
        earliest = min(slot.sent + self.there, latest)
        self.arrivals.append(earliest + part * (latest - earliest))
        slot.finish(status=None)
        self.run(self.clock.settle())

    @precondition(lambda self: self.holding)
    @rule(which=PART, retry_after=st.none() | st.floats(0, 5))
    def refuse(self, which: float, retry_after: float | None) -> None:
        """A refusal that counts, and is quicker than any answer."""
        slot = self.pick(which)
        missing = slot.sent + self.there - self.clock.now()
        if missing > 0:
            self.run(self.clock.advance(missing))
        self.arrivals.append(self.clock.now())
        slot.finish(status=429, retry_after=retry_after)
        self.run(self.clock.settle())

    @precondition(lambda self: self.holding)
    @rule(which=PART)
    def abandon(self, which: float) -> None:
        slot = self.pick(which)
        self.given_back += 1
        slot.abandon()
        slot.finish(status=200)
        self.run(self.clock.settle())

    @rule(seconds=st.floats(0, 2) | st.sampled_from([0.998, 1.0, 1.002, 60.0]))
    def wait(self, seconds: float) -> None:
        self.run(self.clock.advance(seconds))

    @rule(seconds=st.sampled_from([-86_400.0, -30.0, 30.0, 86_400.0]))
    def set_wall_clock(self, seconds: float) -> None:
        self.clock.wall_offset += seconds

    @invariant()
    def a_strict_log_never_counts_six(self) -> None:
        arrivals = sorted(getattr(self, "arrivals", []))
        for first, sixth in zip(arrivals, arrivals[LIMIT:], strict=False):
            assert sixth - first > 1, "six within a second"

    @invariant()
    def the_books_balance(self) -> None:
        if not hasattr(self, "scheduler"):
            return
        short, day = self.scheduler.quota()
        assert short.used >= len(self.holding)
        assert day.used <= DAY_LIMIT
        if not self.exhausted:
            assert day.used == self.granted - self.given_back

    def teardown(self) -> None:
        if not hasattr(self, "scheduler"):
            return
        # Everybody who waits is served in the end, if answers come.
        for _ in range(400):
            if not self.waiting:
                break
            while self.holding:
                self.answer(0.0, 0.5, 200)
            self.run(self.clock.advance(1.3))
        assert not self.waiting, "a lost wake-up"
        while self.holding:
            self.answer(0.0, 0.5, 200)
        self.run(self.clock.advance(400))
        self.a_strict_log_never_counts_six()
        short, day = self.scheduler.quota()
        assert short.used == 0, "a leaked slot"
        assert day.used == self.granted - self.given_back
        self.run(self.scheduler.aclose())
        assert not asyncio.all_tasks(self.loop)
        self.loop.close()


TestCallers = Callers.TestCase
TestCallers.settings = settings(
    max_examples=int(os.environ.get("SCHEDULER_EXAMPLES", "30")),  # a soak run takes thousands
    stateful_step_count=50,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
