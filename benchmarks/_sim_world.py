"""A simulated world: an event loop on virtual time, servers that count, networks that delay.

Nothing here knows the scheduler, so all limiters are measured in the same world. Times are seconds.
"""

import asyncio
import math
import random
import selectors
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

LIMIT = 5
WINDOW = 1.0
EPOCH = 1_800_000_000.0


class _NoSelector(selectors.SelectSelector):
    """Waits for nothing: instead of sleeping it sets the loop's clock forward."""

    loop: "VirtualLoop"

    def select(self, timeout: float | None = None) -> list[Any]:
        if timeout is None:
            raise RuntimeError("everybody waits for ever: a wake-up was lost")
        if timeout > 0:
            self.loop.now += timeout
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """An asyncio loop whose clock jumps to the next timer, which fires late as real ones do.

    Args:
        rng: Draws how late (median 0.9 ms, p99 7 ms, as measured on a busy Linux), or None: never.
    """

    def __init__(self, rng: random.Random | None = None) -> None:
        selector = _NoSelector()
        selector.loop = self
        self.now = 1000.0
        self._rng = rng
        super().__init__(selector)

    def time(self) -> float:
        return self.now

    def call_at(  # type: ignore[override]  # the signature of typeshed cannot be written down here
        self, when: float, callback: Any, *args: Any, context: Any = None
    ) -> asyncio.TimerHandle:
        if self._rng is not None:
            when += self._rng.lognormvariate(math.log(0.0009), 0.882)
        return super().call_at(when, callback, *args, context=context)

    def call_exactly_at(self, when: float, callback: Any, *args: Any) -> None:
        """For the network, which is no timer of ours."""
        super().call_at(when, callback, *args)


class LoopClock:
    """The scheduler's clock on a virtual loop."""

    def __init__(self, loop: VirtualLoop) -> None:
        self.now = loop.time
        self._loop = loop

    def wall(self) -> float:
        return EPOCH + self._loop.now

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


# ---------------------------------------------------------------------- servers


class FixedWindow:
    """At most so many in every whole second of the server's clock."""

    def __init__(self, *, count_refused: bool) -> None:
        self._second = -1
        self._count = 0
        self._count_refused = count_refused

    def accepts(self, clock: float) -> bool:
        second = int(clock // WINDOW)
        if second != self._second:
            self._second, self._count = second, 0
        accepted = self._count < LIMIT
        if accepted or self._count_refused:
            self._count += 1
        return accepted


class SlidingLog:
    """At most so many in any second, to the float."""

    def __init__(self, *, count_refused: bool) -> None:
        self._log: deque[float] = deque()
        self._count_refused = count_refused

    def accepts(self, clock: float) -> bool:
        while self._log and clock - self._log[0] >= WINDOW:
            self._log.popleft()
        accepted = len(self._log) < LIMIT
        if accepted or self._count_refused:
            self._log.append(clock)
        return accepted


class SlidingCounter:
    """The last second is weighed by how much of it still overlaps."""

    def __init__(self, *, count_refused: bool) -> None:
        self._second = -1
        self._before = 0
        self._count = 0
        self._count_refused = count_refused

    def accepts(self, clock: float) -> bool:
        second = int(clock // WINDOW)
        if second != self._second:
            self._before = self._count if second == self._second + 1 else 0
            self._second, self._count = second, 0
        part = clock / WINDOW - second
        accepted = self._before * (1 - part) + self._count < LIMIT
        if accepted or self._count_refused:
            self._count += 1
        return accepted


class TokenBucket:
    """Five deep, five a second; a refusal costs nothing."""

    def __init__(self, *, count_refused: bool) -> None:
        self._tokens = float(LIMIT)
        self._clock = 0.0

    def accepts(self, clock: float) -> bool:
        self._tokens = min(LIMIT, self._tokens + (clock - self._clock) * LIMIT / WINDOW)
        self._clock = clock
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


SERVERS: dict[str, Callable[..., Any]] = {
    "fixed": FixedWindow,
    "log": SlidingLog,
    "counter": SlidingCounter,
    "bucket": TokenBucket,
}


# ---------------------------------------------------------------------- networks


def constant(_rng: random.Random) -> float:
    """20 ms one way."""
    return 0.020


def lognormal(rng: random.Random) -> float:
    """Median 30 ms, p99 300 ms one way."""
    return rng.lognormvariate(math.log(0.030), math.log(10) / 2.3263)


def bimodal(rng: random.Random) -> float:
    """20 ms, and 200 ms once in five."""
    return 0.200 if rng.random() < 0.2 else 0.020


def noisy(rng: random.Random) -> float:
    """20 ms and a millisecond or so more: a real link on a quiet day."""
    return 0.020 + rng.expovariate(1 / 0.0015)


NETWORKS: dict[str, Callable[[random.Random], float]] = {
    "constant": constant,
    "lognormal": lognormal,
    "bimodal": bimodal,
    "noisy": noisy,
}
#: What ``min_rtt`` may be given as: the least way there and back, and the least work.
LEAST_RTT = {"constant": 0.090, "lognormal": 0.050, "bimodal": 0.090, "noisy": 0.090}


# ---------------------------------------------------------------------- the world


@dataclass
class Answer:
    """What came back."""

    status: int
    date: datetime | None


@dataclass
class World:
    """One server behind one network, and the notes that were taken.

    ``date`` is ``"true"``, ``"absent"`` or ``"offset"`` (stamped by a load balancer whose clock is
    0.2 to 0.8 s and some minutes off).
    """

    loop: VirtualLoop
    server: str
    network: str
    seed: int
    count_refused: bool = False
    date: str = "true"
    sent: int = 0
    accepted: int = 0
    refusals: list[float] = field(default_factory=list)
    arrivals: list[float] | None = None

    def __post_init__(self) -> None:
        self._rng = random.Random(f"{self.seed}/{self.server}/{self.network}")
        self._delay = NETWORKS[self.network]
        self._accepts = SERVERS[self.server](count_refused=self.count_refused).accepts
        self._phase = self._rng.random()
        self._date_offset = 0.0
        if self.date == "offset":
            self._date_offset = self._rng.uniform(0.2, 0.8) + self._rng.randrange(-300, 300)
        self._dates: dict[int, datetime] = {}

    async def send(self) -> Answer:
        """One request there and back."""
        answer: asyncio.Future[Answer] = self.loop.create_future()
        self.sent += 1
        self.loop.call_exactly_at(self.loop.now + self._delay(self._rng), self._arrive, answer)
        return await answer

    def _arrive(self, answer: "asyncio.Future[Answer]") -> None:
        now = self.loop.now
        if self.arrivals is not None:
            self.arrivals.append(now)
        if self._accepts(now + self._phase):
            self.accepted += 1
            status, work = 200, self._rng.uniform(0.050, 0.150)
        else:
            self.refusals.append(now)
            status, work = 429, 0.005
        date = None
        if self.date != "absent":
            second = int(now + work + self._phase + self._date_offset)
            date = self._dates.get(second)
            if date is None:
                self._dates.clear()
                date = datetime.fromtimestamp(EPOCH + second, UTC)
                self._dates[second] = date
        self.loop.call_exactly_at(
            now + work + self._delay(self._rng), self._deliver, answer, Answer(status, date)
        )

    @staticmethod
    def _deliver(answer: "asyncio.Future[Answer]", content: Answer) -> None:
        if not answer.done():
            answer.set_result(content)


def percentile(values: list[float], part: float) -> float:
    """The value below which that part of the values lies; 0 without values."""
    if not values:
        return 0.0
    return sorted(values)[max(0, math.ceil(part * len(values)) - 1)]
