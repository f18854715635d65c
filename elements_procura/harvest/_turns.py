"""Whose turn it is to call a store, of the harvests of an event loop.

A hundred threads that each want Python's one lock for a moment stand in each other's way: a batch
then takes several times its processor time, and the loop waits as well. So stores are called one
after the other. But one that keeps its caller waiting, because somebody has locked its file or its
server is far away, holds nobody up: its turn is passed on, and while it is slow it is called beside
the others.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import Protocol

import attrs

from elements_procura.errors import WrongLoopError

TURN_SECONDS = 0.025
"""Whoever takes longer is slow. A hundred stores that just do not are called in 2.5 s."""
_MOST_SLOW, _MOST = 16, 24
LENT_SECONDS, _DOUBLED = 0.01, 6
"""Seconds that the loop stands still at most while a store is called, and how often the pause after
calls that made no use of it is doubled."""


class StoreCaller(Protocol):
    """The interface of whoever calls a store.

    Attributes:
        is_slow: Whether the last time took longer than a turn.
        is_busy: Whether the last time took the processor's time rather than others'.
    """

    is_slow: bool
    is_busy: bool

    def begin(self) -> Callable[[], None]:
        """Collect the work, and give the function that does it in a thread."""

    def end(self) -> None:
        """Receive, on the loop, that it is done."""


@attrs.define
class _Lent:
    """What lending the interpreter to a caller was good for.

    Attributes:
        in_vain: How often in a row it was of no use.
        pause: For how many calls it is left out.
    """

    in_vain: int = 0
    pause: int = 0


class StoreTurns:
    """Calls stores in threads, one at a time as a rule; for one event loop."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(_MOST, thread_name_prefix="elements-procura-store")
        self._loop: asyncio.AbstractEventLoop | None = None
        self._line: deque[StoreCaller] = deque()
        self._slow_line: deque[StoreCaller] = deque()
        self._under_way: set[StoreCaller] = set()
        self._lent: dict[StoreCaller, _Lent] = {}
        self._slow = 0
        self._turn: StoreCaller | None = None
        self._since = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def close(self) -> None:
        """End the threads, once what they have begun is done."""
        self._pool.shutdown()

    def line_up(self, caller: StoreCaller) -> None:
        """Have a caller begin as soon as it is its turn; for the loop's thread.

        Args:
            caller: One that neither waits nor is under way.
        """
        (self._slow_line if caller.is_slow else self._line).append(caller)
        self._go_on()

    def step_out(self, caller: StoreCaller) -> None:
        """Take a caller out of the line, if it is still in it.

        Args:
            caller: Who is to begin no more.
        """
        self._lent.pop(caller, None)
        for line in (self._line, self._slow_line):
            if caller in line:
                line.remove(caller)

    def bind(self, loop: asyncio.AbstractEventLoop) -> None:
        """Make sure that they are of this event loop, before anybody lines up.

        Args:
            loop: The running one.

        Raises:
            WrongLoopError: Harvests of another event loop are under way.
        """
        if self._loop is not loop:
            if self._under_way or self._line or self._slow_line:
                raise WrongLoopError(
                    "These threads are in use by harvests of another event loop",
                    hint="Make one StoreThreads per event loop",
                )
            self._loop, self._turn, self._timer = loop, None, None

    def _go_on(self) -> None:
        while self._slow_line and self._slow < _MOST_SLOW and len(self._under_way) < _MOST:
            self._slow += 1
            self._begin(self._slow_line.popleft(), is_beside=True)
        if self._line and self._turn is None and len(self._under_way) < _MOST:
            assert self._loop is not None  # noqa: S101 - somebody is in line, on a loop
            self._turn, self._since = self._line.popleft(), self._loop.time()
            self._begin(self._turn, is_beside=False)
        if self._line and self._turn is not None and self._timer is None:
            self._look_again()

    def _begin(self, caller: StoreCaller, *, is_beside: bool) -> None:
        assert self._loop is not None  # noqa: S101 - as above
        self._under_way.add(caller)
        call, is_done = caller.begin(), Lock()

        def make_known() -> None:
            try:
                call()
            finally:
                is_done.release()

        is_done.acquire()
        done = self._loop.run_in_executor(self._pool, make_known)
        done.add_done_callback(lambda _: self._end(caller, is_beside=is_beside))
        if not is_beside:
            self._lend(caller, is_done)

    def _lend(self, caller: StoreCaller, is_done: Lock) -> None:
        """Lend it the interpreter's lock for a moment.

        A store gives the lock back in each of its ten statements an answer. Beside a busy loop it
        then stands in line as often, which takes more of the processor's time than the statement.
        """
        lent = self._lent.setdefault(caller, _Lent())
        if lent.pause:
            lent.pause -= 1
        elif is_done.acquire(timeout=LENT_SECONDS) and caller.is_busy:
            lent.in_vain = 0
        else:
            lent.pause = 2**lent.in_vain
            lent.in_vain = min(lent.in_vain + 1, _DOUBLED)

    def _end(self, caller: StoreCaller, *, is_beside: bool) -> None:
        self._under_way.discard(caller)
        self._slow -= is_beside
        if self._turn is caller:
            self._turn = None
        # First whoever waits, since what is handed back takes the loop's time.
        self._go_on()
        caller.end()

    def _look_again(self) -> None:
        assert self._loop is not None  # noqa: S101 - as above
        self._timer = self._loop.call_at(self._since + TURN_SECONDS, self._pass_on)

    def _pass_on(self) -> None:
        """Pass the turn on, if it has lasted too long."""
        assert self._loop is not None  # noqa: S101 - as above
        self._timer = None
        if self._turn is not None and self._loop.time() >= self._since + TURN_SECONDS:
            self._turn = None
        self._go_on()
