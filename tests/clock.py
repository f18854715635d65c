"""The clocks of all tests: none of them waits for the machine's.

* ``@pytest.mark.virtual_time`` runs a test on a :class:`VirtualLoop`, whose time stands still while
  anybody has something to do, and jumps where everybody waits: sockets, timeouts and threads
  included. :class:`VirtualClock` is that time for clients, stores and harvests.
* :class:`QuickClock` does not sleep at all: for tests where waiting is not the point.
* :class:`TwoClocks` is one of which the wall's can be set: for clocks that jump.
* :class:`FakeClock` stands still until a test moves it: for the moments between two events.
* :class:`LaterClock` is the machine's, some days ahead: for what only the date decides.
"""

import asyncio
import contextlib
import heapq
import itertools
import selectors
import struct
import sys
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from elements_procura import testing
from elements_procura.clock import Clock, SystemClock

if sys.platform == "linux":
    import fcntl

QuickClock = testing.QuickClock
Result = TypeVar("Result")

EPOCH = 1_780_000_000.0 // 86_400 * 86_400
"""Where virtual days begin: a midnight."""
_QUIET = 0.001
"""Real seconds without a byte: then nothing is under way. Loopback delivers within the call."""
_LOOKS = 200
"""So often it is looked again while bytes are under way. After that, somebody does not read."""
_SIOCOUTQ = 0x5411
"""Asks Linux how many bytes of a socket have not been received by the other side's system."""


class _Selector(selectors.DefaultSelector):
    """Where others wait, time goes on."""

    loop: "VirtualLoop"

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        found = super().select(0)
        if found or (timeout is not None and timeout <= 0):
            return found
        if self.loop.jobs:  # a thread is at work, which takes no time
            return super().select(60)
        if len(self.get_map()) > 1:  # sockets, not only the loop's own
            for _ in range(_LOOKS):
                found = super().select(_QUIET)
                if found:
                    return found
                if not self._is_any_under_way():
                    break
        assert timeout is not None, "everybody waits for everybody"
        self.loop.virtual += timeout
        return []

    def _is_any_under_way(self) -> bool:
        """Whether bytes have been sent that no socket has got, as on a machine that is busy."""
        return any(_unreceived(descriptor) for descriptor in self.get_map())


def _unreceived(descriptor: Any) -> int:
    if sys.platform == "linux":
        with contextlib.suppress(OSError):  # not a TCP socket
            return int(struct.unpack("i", fcntl.ioctl(descriptor, _SIOCOUTQ, bytes(4)))[0])
    return 0


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop whose time stands still while anybody has something to do.

    Both sides of a connection must be on it. A thread's work takes no time.
    """

    def __init__(self) -> None:
        self.virtual = 0.0
        self.jobs = 0
        selector = _Selector()
        selector.loop = self
        super().__init__(selector)

    def time(self) -> float:
        return self.virtual

    def run_in_executor(self, executor: Any, func: Any, *args: Any) -> Any:  # type: ignore[override] # theirs has type variables
        self.jobs += 1
        future = super().run_in_executor(executor, func, *args)
        future.add_done_callback(self._done)
        return future

    async def shutdown_default_executor(self, *args: Any) -> None:
        self.jobs += 1  # a thread waits for the others
        try:
            await super().shutdown_default_executor(*args)
        finally:
            self.jobs -= 1

    def _done(self, _: object) -> None:
        self.jobs -= 1


class VirtualClock:
    """The time of a :class:`VirtualLoop`, also for other threads.

    It belongs to the loop on which it is made, or else to that given as ``loop`` later.
    """

    def __init__(self, *, wall: float = EPOCH) -> None:
        self.slept: list[float] = []
        self._wall = wall
        self.loop: asyncio.AbstractEventLoop | None = None
        with contextlib.suppress(RuntimeError):  # it is made before its loop is
            self.loop = asyncio.get_running_loop()

    def now(self) -> float:
        return 0.0 if self.loop is None else self.loop.time()

    def wall(self) -> float:
        return self._wall + self.now()

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await asyncio.sleep(seconds)

    def skip(self, seconds: float) -> None:
        """Have so much time gone by at once."""
        assert isinstance(self.loop, VirtualLoop)
        self.loop.virtual += seconds


class ThreadlessLoop(VirtualLoop):
    """Does a thread's work itself, at once: for days of so many requests that handing over counts.

    Work takes no virtual time either way, so nothing happens at another moment.
    """

    def run_in_executor(self, executor: Any, func: Any, *args: Any) -> Any:  # type: ignore[override] # theirs has type variables
        future = self.create_future()
        try:
            future.set_result(func(*args))
        except Exception as error:  # noqa: BLE001 - whoever waits gets it, as from a thread
            future.set_exception(error)
        return future


def run_virtually(
    main: Coroutine[Any, Any, Result], *, loop: Callable[[], VirtualLoop] = VirtualLoop
) -> Result:
    """Run a coroutine on a loop whose days take seconds."""
    with asyncio.Runner(loop_factory=loop) as runner:
        return runner.run(main)


def clock_of_this_test(otherwise: "Callable[[], Clock] | None" = None) -> Clock:
    """The virtual time of a test that is marked so, else a quick clock or ``otherwise``."""
    is_virtual = isinstance(asyncio._get_running_loop(), VirtualLoop)
    return VirtualClock() if is_virtual else (otherwise or QuickClock)()


class TwoClocks(QuickClock):
    """A wall clock that can be set, and a monotonic one that can stand still for a while."""

    set_by = 0.0
    stood_still = 0.0

    def now(self) -> float:
        return super().now() - self.stood_still

    def wall(self) -> float:
        return super().wall() + self.set_by


class LaterClock(SystemClock):
    """The machine's clocks, the wall's some days ahead."""

    days = 0.0

    def wall(self) -> float:
        return super().wall() + self.days * 86_400


class FakeClock:
    """A clock that stands still until it is moved.

    Args:
        now: Where the monotonic clock stands.
        wall: Where the wall clock stands; None for some time in 2027.
        turns: So often the event loop turns until everybody sleeps who will.
    """

    def __init__(self, now: float = 5000.0, *, wall: float | None = None, turns: int = 10) -> None:
        self.monotonic = now
        self.wall_offset = 1_800_000_000.0 if wall is None else wall - now
        self._turns = turns
        self.early = 0.0  # seconds by which every sleep is cut short
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._number = itertools.count()

    def now(self) -> float:
        return self.monotonic

    def wall(self) -> float:
        return self.monotonic + self.wall_offset

    async def sleep(self, seconds: float) -> None:
        assert seconds > 0
        seconds = max(seconds - self.early, seconds / 2)
        future = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.monotonic + seconds, next(self._number), future))
        await future

    def set_wall(self, wall: float) -> None:
        """Set the wall clock; the monotonic one does not notice."""
        self.wall_offset = wall - self.monotonic

    @property
    def asleep(self) -> int:
        return sum(not future.done() for _, _, future in self._sleepers)

    async def settle(self) -> None:
        """Let everybody run who can."""
        for _ in range(self._turns):
            await asyncio.sleep(0)

    async def advance(self, seconds: float) -> None:
        end = self.monotonic + seconds
        await self.settle()
        while self._sleepers and self._sleepers[0][0] <= end:
            when, _, future = heapq.heappop(self._sleepers)
            if future.done():
                continue
            self.monotonic = max(self.monotonic, when)
            future.set_result(None)
            await self.settle()
        self.monotonic = end
        await self.settle()
