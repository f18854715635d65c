"""An event loop in a thread, and how calls from other threads get into it.

A call costs one future less than ``run_coroutine_threadsafe``: the caller waits for a plain lock.
Frames here hold coroutines, never what they were called with.
"""

import _thread
import asyncio
import contextlib
import os
import sys
import threading
import weakref
from collections.abc import AsyncGenerator, Coroutine, Iterator
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

from elements_procura.errors import ClosedError, WrongLoopError

__all__ = ["Iteration"]

T = TypeVar("T")
_END: Any = object()
_WAIT = 0.5 if sys.platform == "win32" else -1.0
"""Seconds between two looks for Ctrl-C; only Windows needs them."""


class _Call:
    """One coroutine on its way through the loop."""

    __slots__ = ("_has_begun", "_is_cancelled", "_job", "_task", "done", "error", "result")

    def __init__(self, job: Coroutine[Any, Any, Any]) -> None:
        self.done = _thread.allocate_lock()
        self.done.acquire()
        self.result: Any = None
        self.error: BaseException | None = None
        self._job = job
        self._task: asyncio.Task[Any] | None = None
        self._is_cancelled = False
        self._has_begun = False

    def start(self) -> None:
        """Begin, on the loop."""
        self._task = asyncio.get_running_loop().create_task(self._run())

    def cancel(self) -> None:
        """Cancel it, on the loop."""
        self._is_cancelled = True
        if self._task is not None and self._has_begun:  # or nobody would release the lock
            self._task.cancel()

    async def _run(self) -> None:
        # The lock is not released by a callback of the task: that costs another turn of the loop.
        self._has_begun = True
        try:
            if self._is_cancelled:
                self._job.close()
                raise asyncio.CancelledError  # noqa: TRY301 - as if it came from outside
            self.result = await self._job
        except BaseException as error:  # noqa: BLE001 - it is raised in the caller's thread
            self.error = error
        finally:
            self.done.release()

    def wait(self) -> None:
        """Wait for its end, interruptibly."""
        while not self.done.acquire(timeout=_WAIT):
            pass


class Portal:
    """Runs an event loop in a thread of its own until it is closed.

    Attributes:
        is_orphan: Whether this process was forked off: the thread is the parent's.
    """

    def __init__(self) -> None:
        self.is_orphan = False
        self._is_closed = False
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(
            target=self._loop.run_forever, name="elements-procura", daemon=True
        )
        self._thread.start()
        _PORTALS.add(self)

    def run(self, job: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine in the thread and wait for its result.

        Ctrl-C cancels it, and is raised once it has ended; a second one does not wait.

        Args:
            job: The coroutine.

        Raises:
            ClosedError: The portal is closed, or belongs to the process that forked this one.
            WrongLoopError: It was called by what runs on its own loop, such as an observer.
        """
        if error := self._objection():
            job.close()
            raise error
        call = _Call(job)
        try:
            self._loop.call_soon_threadsafe(call.start)
            call.wait()
        except BaseException as interrupt:
            self._loop.call_soon_threadsafe(call.cancel)
            call.wait()
            if call.error is not None and not isinstance(call.error, asyncio.CancelledError):
                interrupt.add_note(f"The call under way ended with: {call.error}")
            raise
        if call.error is not None:
            try:
                raise call.error
            finally:
                del call, job  # the error's traceback leads here, and from here to the error
        return call.result  # type: ignore[no-any-return] # of the job

    def send(self, job: Coroutine[Any, Any, object]) -> None:
        """Run a coroutine in the thread without waiting for it."""
        if self._objection() is None or self._is_own_thread():
            self._loop.call_soon_threadsafe(_Call(job).start)
        else:
            job.close()

    def close(self, last: Coroutine[Any, Any, object]) -> None:
        """Run a last coroutine, stop the loop and wait for the thread's end.

        Args:
            last: What closes what lives on the loop.
        """
        if self._is_own_thread():  # of an object that was collected here
            self.send(last)
            self._is_closed = True
            return
        if self._objection():
            last.close()
            return
        try:
            self.run(_ending(last))
        finally:
            self._is_closed = True
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()

    def _is_own_thread(self) -> bool:
        return not self.is_orphan and threading.get_ident() == self._thread.ident

    def _objection(self) -> Exception | None:
        if self.is_orphan:
            return ClosedError(
                "it belongs to the process that this one was forked from",
                hint="Take it from the client again",
            )
        if self._is_closed:
            return ClosedError("the client is closed", hint="Make a new one")
        if self._is_own_thread():
            return WrongLoopError(
                "a client was called by what runs on its own loop",
                hint="Call another client there, or later",
            )
        return None


class Iteration(Generic[T]):
    """Gives out what an asynchronous generator yields.

    Use it in a ``for`` statement, and in a ``with`` statement where the loop may be left early.

    Args:
        portal: Where the generator runs.
        generator: The generator.
    """

    def __init__(self, portal: Portal, generator: AsyncGenerator[T]) -> None:
        self._portal = portal
        self._generator = generator

    def __iter__(self) -> Iterator[T]:
        return self

    def __next__(self) -> T:
        found: T = self._portal.run(_next(self._generator))
        if found is _END:
            raise StopIteration
        return found

    def close(self) -> None:
        """End it: what has not been read of the answer is not read."""
        self._portal.run(self._generator.aclose())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __del__(self) -> None:
        with contextlib.suppress(Exception):  # half made, or at the interpreter's end
            self._portal.send(self._generator.aclose())


async def _ending(last: Coroutine[Any, Any, object]) -> None:
    try:
        await last
    finally:
        loop = asyncio.get_running_loop()
        await loop.shutdown_asyncgens()
        await loop.shutdown_default_executor()


async def _next(generator: AsyncGenerator[T]) -> T:
    try:
        return await anext(generator)
    except StopAsyncIteration:
        end: T = _END
        return end


_PORTALS: weakref.WeakSet[Portal] = weakref.WeakSet()
_ORPHANS: list[Portal] = []
"""Kept for ever: a loop that is collected in a child would take its parent's sockets out of the
event queue that both share."""


def _after_fork() -> None:
    for portal in list(_PORTALS):
        portal.is_orphan = True
        _ORPHANS.append(portal)
    _PORTALS.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
