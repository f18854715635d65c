"""The store's calls, made in a thread of their own and committed together.

A commit costs more than the calls in it, and so does the way to the thread and back. So calls that
come while one batch is being written wait and become the next, with those that arrive right then:
one transaction for all of them. At the pace of a real quota each is a batch of its own. No call
returns before it is committed.
"""

import asyncio
import contextlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from elements_procura.errors import StoreError
from elements_procura.harvest.storage import Storage

T = TypeVar("T")

_Call = tuple[Callable[[], Any], "asyncio.Future[Any]"]
Besides = tuple[Callable[[], None], Callable[[], None]]


_QUIET_TURNS = 2
"""Turns of the loop that bring no call before a batch begins: an answer takes one turn to arrive,
and one to become a call."""


def _nothing() -> None:
    return None


class Writer:
    """Calls a store from an event loop.

    Args:
        store: The store, for the writer's use alone.
        besides: Gives a call that belongs into the next batch whatever else is in it, and the
            one for when that batch has failed; None when there is nothing.
    """

    def __init__(self, store: Storage, besides: Callable[[], Besides | None] = _nothing) -> None:
        self._store = store
        self._besides = besides
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="elements-procura-store")
        self._waiting: list[_Call] = []
        self._busy = False
        self._closed = False

    async def __call__(self, call: Callable[[], T]) -> T:
        """Make a call and return its result once it is committed.

        It is made even if whoever waits for it is cancelled, and before :meth:`close` returns.

        Raises:
            StoreError: The store cannot be used, and nothing of the whole batch is written; or
                this is closed.
        """
        if self._closed:
            raise StoreError("the run has ended", hint="What was committed is intact")
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[T] = loop.create_future()
        self._waiting.append((call, answer))
        if not self._busy:
            self._busy = True
            self._gather(loop)
        return await answer

    def close(self) -> None:
        """Make the waiting calls, and accept no more."""
        self._closed = True
        self._thread.shutdown()
        batch, self._waiting = self._waiting, []
        if batch:
            besides = self._besides()
            with contextlib.suppress(StoreError):  # nobody waits for them any more
                self._make([call for call, _ in batch], besides)
        for _, answer in batch:
            answer.cancel()

    def _gather(self, loop: asyncio.AbstractEventLoop, known: int = 0, quiet: int = 0) -> None:
        """Begin a batch once no more calls are arriving."""
        waiting = len(self._waiting)
        quiet = quiet + 1 if waiting == known else 0
        if quiet < _QUIET_TURNS:
            loop.call_soon(self._gather, loop, waiting, quiet)
        elif waiting:
            self._write(loop)
        else:  # closed meanwhile
            self._busy = False

    def _write(self, loop: asyncio.AbstractEventLoop) -> None:
        batch, self._waiting = self._waiting, []
        besides = self._besides()
        calls = [call for call, _ in batch]
        written = loop.run_in_executor(self._thread, self._make, calls, besides)
        written.add_done_callback(lambda done: self._hand_back(batch, besides, done, loop))

    def _make(self, calls: list[Callable[[], Any]], besides: Besides | None) -> list[Any]:
        with self._store.together():
            made = [call() for call in calls]
            if besides is not None:
                besides[0]()
            return made

    def _hand_back(
        self,
        batch: list[_Call],
        besides: Besides | None,
        done: "asyncio.Future[list[Any]]",
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        if besides is not None and (done.cancelled() or done.exception() is not None):
            besides[1]()
        self._busy = bool(self._waiting)
        if self._busy:
            self._gather(loop)
        error = None if done.cancelled() else done.exception()
        for number, (_, answer) in enumerate(batch):
            if answer.done():
                continue
            if error is not None:
                answer.set_exception(error)
            elif done.cancelled():
                answer.cancel()
            else:
                answer.set_result(done.result()[number])
