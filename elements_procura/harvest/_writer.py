"""The store's calls, made in a thread and committed together.

A commit costs more than the calls in it, and so does the way to the thread and back. So calls that
come while one batch is being written wait and become the next, with those that arrive right then:
one transaction for all of them. Where requests wait for the quota anyway, a few answers are awaited
as well. No call returns before it is committed.
"""

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Any, Literal, TypeVar

import attrs

from elements_procura.errors import StoreError
from elements_procura.harvest._turns import TURN_SECONDS
from elements_procura.harvest.storage import Storage
from elements_procura.harvest.threads import StoreThreads

T = TypeVar("T")

_Call = tuple[Callable[[], Any], "asyncio.Future[Any]"]
Besides = tuple[Callable[[], None], Callable[[], None]]


_QUIET_TURNS = 3
"""Turns of the loop that bring no call before a batch begins: an answer takes one turn to arrive,
and one or two to become a call."""
PATIENCE, MOST_PATIENT = 0.5, 3
"""Seconds that answers wait for others where nobody waits for them, and how many at most: a process
that is killed asks for so many more once again."""


def _nothing() -> None:
    return None


@attrs.define(eq=False, repr=False)
class _Batch:
    """Calls that are committed together."""

    calls: list[_Call]
    besides: Besides | None
    is_made: bool = False
    results: list[Any] = attrs.field(factory=list)
    error: BaseException | None = None

    def hand_back(self) -> None:
        """Give everybody who waits what came of it."""
        if self.error is not None and self.besides is not None:
            self.besides[1]()
        for number, (_, answer) in enumerate(self.calls):
            if answer.done():
                continue
            if self.error is not None:
                answer.set_exception(self.error)
            else:
                answer.set_result(self.results[number])


class Writer:
    """Calls a store from an event loop.

    Args:
        store: The store, for the writer's use alone.
        besides: Gives a call that belongs into the next batch whatever else is in it, and the
            one for when that batch has failed; None when there is nothing.
        threads: Where the store is called; None: in a thread of its own.
        can_wait: Whether nobody would go on sooner if answers were committed at once.

    Attributes:
        is_slow: Whether the last batch kept its thread waiting for long.
        is_busy: Whether it took the processor's time for the most part.
    """

    def __init__(
        self,
        store: Storage,
        besides: Callable[[], Besides | None] = _nothing,
        threads: StoreThreads | None = None,
        can_wait: Callable[[], bool] = lambda: False,
    ) -> None:
        self._store = store
        self._besides = besides
        self._is_alone = threads is None
        self._turns = (threads or StoreThreads()).turns
        self._can_wait = can_wait
        self._waiting: list[_Call] = []
        self._state: Literal["idle", "patient", "gathering", "in line"] = "idle"
        self._timer: asyncio.TimerHandle | None = None
        self._is_pressing = False
        self._batch: _Batch | None = None
        self._making = threading.Lock()
        self._closed = False
        self.is_slow = False
        self.is_busy = True

    async def __call__(self, call: Callable[[], T], *, is_answer: bool = False) -> T:
        """Make a call and return its result once it is committed.

        It is made even if whoever waits for it is cancelled, and before :meth:`close` returns.

        Args:
            call: The call.
            is_answer: Whether it may wait for others of its kind while there is time.

        Raises:
            StoreError: The store cannot be used, and nothing of the whole batch is written; or
                this is closed.
            WrongLoopError: Its threads are in use by harvests of another event loop.
        """
        if self._closed:
            raise StoreError("the run has ended", hint="What was committed is intact")
        loop = asyncio.get_running_loop()
        self._turns.bind(loop)
        answer: asyncio.Future[T] = loop.create_future()
        self._waiting.append((call, answer))
        self._is_pressing = (
            self._is_pressing
            or not is_answer
            or len(self._waiting) >= MOST_PATIENT
            or not self._can_wait()
        )
        if self._state == "idle" or (self._state == "patient" and self._is_pressing):
            self._collect(loop)
        return await answer

    def close(self) -> None:
        """Make the waiting calls, and accept no more."""
        self._closed = True
        self._rest()
        self._turns.step_out(self)
        if self._batch is not None:
            self._make(self._batch)  # unless a thread has, or is about to end it
        if self._waiting:
            last = self._next_batch()
            self._make(last)  # nobody waits for them any more
            for _, answer in last.calls:
                answer.cancel()
        if self._is_alone:
            self._turns.close()

    # -- when a batch begins -----------------------------------------------------------------

    def _collect(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin a batch now, or give others the time to come along."""
        self._rest()
        if self._is_pressing:
            self._state = "gathering"
            self._gather(loop)
        else:
            self._state = "patient"
            self._timer = loop.call_later(PATIENCE, self._line_up)

    def _rest(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _gather(self, loop: asyncio.AbstractEventLoop, known: int = 0, quiet: int = 0) -> None:
        """Begin a batch once no more calls are arriving."""
        waiting = len(self._waiting)
        quiet = quiet + 1 if waiting == known else 0
        if quiet < _QUIET_TURNS:
            loop.call_soon(self._gather, loop, waiting, quiet)
        else:
            self._line_up()

    def _line_up(self) -> None:
        self._timer = None
        if self._waiting:
            self._state = "in line"
            self._turns.line_up(self)
        else:  # closed meanwhile
            self._state = "idle"

    # -- what the threads call ---------------------------------------------------------------

    def begin(self) -> Callable[[], None]:
        """Collect what waits, and give the function that writes it in a thread."""
        self._batch = batch = self._next_batch()
        return lambda: self._make(batch)

    def end(self) -> None:
        """Hand the results back, and begin with what came meanwhile."""
        batch, self._batch = self._batch, None
        self._state = "idle"
        if self._waiting:
            self._collect(asyncio.get_running_loop())
        if batch is not None:
            batch.hand_back()

    def _next_batch(self) -> _Batch:
        calls, self._waiting, self._is_pressing = self._waiting, [], False
        return _Batch(calls, self._besides())

    def _make(self, batch: _Batch) -> None:
        """Write a batch, unless that was done; whoever comes second waits until it is."""
        with self._making:
            if batch.is_made:
                return
            batch.is_made = True
            began, worked = time.monotonic(), time.thread_time()
            try:
                with self._store.together():
                    results = [call() for call, _ in batch.calls]
                    if batch.besides is not None:
                        batch.besides[0]()
                batch.results = results
            except BaseException as error:
                batch.error = error  # for whoever waits
                if not isinstance(error, Exception):
                    raise
            took = time.monotonic() - began
            self.is_slow = took > TURN_SECONDS
            self.is_busy = 2 * (time.thread_time() - worked) > took
