"""Interruptions: while the server is away, all workers wait."""

import asyncio
from collections.abc import Awaitable, Callable
from collections.abc import Set as AbstractSet
from typing import Any, TypeVar

from elements_procura.clock import Clock
from elements_procura.errors import ElementsProcuraError
from elements_procura.harvest.events import HarvestInterrupted, HarvestResumed
from elements_procura.harvest.patience import Patience, reason_of

T = TypeVar("T")


class Weather:
    """A gate that workers pass before they send, and the wait while it is closed.

    Args:
        patience: Seconds that one interruption may last.
        until: The end of the run, in seconds since the epoch.
        clock: The clock.
        ending: Set once the run is to end.
        is_over: Whether the run is to end now.
        tell: Receives events.
    """

    def __init__(
        self,
        *,
        patience: float,
        until: float | None,
        clock: Clock,
        ending: asyncio.Event,
        is_over: Callable[[], bool],
        tell: Callable[[HarvestInterrupted | HarvestResumed], Awaitable[Any]],
    ) -> None:
        self._seconds = patience
        self._until = until
        self._clock = clock
        self._ending = ending
        self._is_over = is_over
        self._tell = tell
        self._open = asyncio.Event()
        self._open.set()
        self._is_lost = False
        self._patience: Patience | None = None
        self._sending: set[asyncio.Task[Any]] = set()
        self._recalled: set[asyncio.Task[Any]] = set()

    @property
    def is_clear(self) -> bool:
        """Whether requests may leave."""
        return self._open.is_set()

    @property
    def away(self) -> float:
        """Seconds since the server has gone; 0 while it is there."""
        return 0.0 if self._patience is None else self._patience.spent

    async def may_send(self) -> bool:
        """Wait until requests may leave; return False if the run is ending, or ends before."""
        if self._open.is_set() or self._ending.is_set():
            # Lost: those that waited come by once more before the run is told to end.
            return not self._is_lost and not self._ending.is_set()
        await self._open.wait()
        return not self._is_lost and not self._is_over()

    async def recallable(self, fetch: Awaitable[T]) -> T | None:
        """The result of ``fetch``; None when it was called back meanwhile.

        A request that had not left is then dropped, and one that had is not waited for.
        """
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a coroutine runs in one
        self._sending.add(task)
        try:
            return await fetch
        except asyncio.CancelledError:
            if task in self._recalled and task.cancelling() == 1:
                return None
            raise
        finally:
            self._sending.discard(task)
            if task in self._recalled:
                self._recalled.discard(task)
                task.uncancel()

    def recall(self, tasks: AbstractSet[asyncio.Task[Any] | None]) -> None:
        """Call back the requests of some tasks; those that do something else go on."""
        for task in self._sending & tasks - self._recalled:
            self._recalled.add(task)
            task.cancel()

    async def begin(self, error: ElementsProcuraError) -> None:
        """Close the gate because the server is away, and call back requests under way."""
        self._open.clear()
        if self._patience is not None:
            return
        self._patience = Patience(self._seconds, self._clock)
        self.recall(self._sending - {asyncio.current_task()})
        reason = reason_of(error)
        await self._tell(HarvestInterrupted(self._patience.since, reason))

    async def wait(self, error: ElementsProcuraError) -> bool:
        """Wait until the next probe is due; return False if the run ends before.

        Raises:
            ServerAway: It was waited for long enough.
        """
        assert self._patience is not None  # noqa: S101 - between begin and end
        return not self._is_over() and await self.sleep(self._patience.pause(error))

    async def sleep(self, seconds: float) -> bool:
        """Sleep; return False if the run ends meanwhile."""
        if self._until is not None:
            seconds = max(min(seconds, self._until - self._clock.wall()), 0.0)
        waits = [
            asyncio.ensure_future(self._clock.sleep(seconds)),
            asyncio.ensure_future(self._ending.wait()),
        ]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waits:
                each.cancel()
        return not self._is_over()

    async def end(self) -> None:
        """End the interruption; :meth:`open` then opens the gate."""
        if (patience := self._patience) is None:
            return
        self._patience = None
        await self._tell(HarvestResumed(patience.spent, patience.probes))

    def open(self, *, is_lost: bool = False) -> None:
        """Let all workers continue, or end if the run is over."""
        self._is_lost = self._is_lost or is_lost
        self._open.set()
