"""The scheduler: one queue, one timer, one loop."""

import asyncio
import copy
from typing import TYPE_CHECKING

from elements_procura.clock import SystemClock
from elements_procura.errors import (
    ClosedError,
    ConfigError,
    DailyQuotaExceeded,
    StoreError,
    WrongLoopError,
)
from elements_procura.scheduler._queue import Queue, Waiter
from elements_procura.scheduler._rates import Priority, Rate, Usage
from elements_procura.scheduler._slot import Slot
from elements_procura.scheduler.gate import GateLimits
from elements_procura.scheduler.local import LocalGate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from elements_procura.clock import Clock
    from elements_procura.scheduler._counts import Ledger
    from elements_procura.scheduler.gate import Gate, Mode

_RATES = (Rate(5, 1), Rate(100_000, 86_400))
_SYSTEM_CLOCK = SystemClock()
_INTERACTIVE = Priority.INTERACTIVE  # looking up a member takes its time


class Scheduler:
    """Decides when a request may leave, so that the server never counts too many.

    It belongs to the event loop on which it is first used. Windows shorter than an hour are waited
    for; longer ones are quotas, and when one is used up ``acquire`` raises.

    Args:
        rates: The server's windows, any number of them.
        mode: ``"guarantee"`` can never make a strict server refuse, as long as no round trip is
            quicker than ``min_rtt``; ``"adaptive"`` reaches for the full rate and learns from
            the refusals that it takes.
        min_rtt: The least round trip in seconds that ``guarantee`` may rely on (the least way there
            plus the least way back). None: learned from the answers. 0 is always safe.
        bulk_share: The part of every quota that bulk may use.
        clock: The time.
        ledger: Where the counts of quotas outlive this process; None counts in memory. It is closed
            by :meth:`aclose`.
        gate: Permits requests, and is closed by :meth:`aclose` as well. None: for this process
            alone, a :class:`~elements_procura.scheduler.LocalGate` on the ledger.

    Attributes:
        rates: As given.
        mode: As given.

    Raises:
        ConfigError: A setting makes no sense, or a ledger is given beside a gate.
        StoreError: The ledger cannot be read.
    """

    def __init__(
        self,
        *,
        rates: "Iterable[Rate]" = _RATES,
        mode: "Mode" = "guarantee",
        min_rtt: float | None = None,
        bulk_share: float = 0.8,
        clock: "Clock" = _SYSTEM_CLOCK,
        ledger: "Ledger | None" = None,
        gate: "Gate | None" = None,
    ) -> None:
        limits = GateLimits(rates=rates, mode=mode, min_rtt=min_rtt, bulk_share=bulk_share)
        if gate is not None and ledger is not None:
            raise ConfigError(
                "A scheduler takes a gate or a ledger, not both",
                hint="Give the ledger to the gate: LocalGate(ledger=...)",
            )
        self.rates: tuple[Rate, ...] = limits.rates
        self.mode = limits.mode
        self._clock = clock
        self._gate: Gate = LocalGate(ledger=ledger) if gate is None else gate
        self._gate.attach(limits, clock)
        self._queue = Queue()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._sleeps_for: Callable[[float], float | None] = getattr(
            self._gate, "sleeps_for", lambda _until: None
        )
        self._timer: asyncio.TimerHandle | asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()  # the timer, and cancelled ones
        self._timer_due = float("inf")
        self._closed = False

    # ------------------------------------------------------------------ acquire

    async def acquire(
        self, *, priority: Priority = Priority.NORMAL, retry_of: Slot | None = None
    ) -> Slot:
        """Wait until one request may leave.

        Args:
            priority: The lane to wait in.
            retry_of: An earlier slot of the same request: it then goes before everybody else, and
                counts as what it was.

        Returns:
            The slot. Send at once, then finish or abandon it.

        Raises:
            DailyQuotaExceeded: A long window is used up for this priority.
            ClosedError: The scheduler is closed, or was while this waited.
            StoreError: The ledger cannot be written, so nothing may leave.
            WrongLoopError: The scheduler belongs to another event loop.
        """
        loop = asyncio.get_running_loop()
        if loop is not self._loop or self._closed:
            self._bind(loop)
        if retry_of is not None:
            priority = retry_of.priority
        if priority.__class__ is not Priority:
            priority = Priority(priority)
        is_interactive = priority is _INTERACTIVE
        gate = self._gate
        gate.check(priority)
        if is_interactive:
            gate.reserve_for_interactive()
        if self._queue.is_empty:
            reserve = retry_of is None and not is_interactive
            found = gate.try_acquire(priority, reserve=reserve)
            if not isinstance(found, float):
                return Slot(priority, found, self._after_report)
        now = self._clock.now()
        waiter = Waiter(loop.create_future(), priority, now, retry_of is not None)
        self._queue.add(waiter)
        self._pump()
        try:
            return await waiter.future
        except asyncio.CancelledError:
            self._queue.remove(waiter)
            future = waiter.future
            if future.done() and not future.cancelled() and future.exception() is None:
                future.result().abandon()
            raise

    def _bind(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._loop is None:
            self._loop = loop
        elif self._loop is not loop:
            raise WrongLoopError(
                "This scheduler belongs to another event loop",
                hint="Make one client per event loop",
            )
        if self._closed:
            raise ClosedError("The scheduler is closed")

    # ------------------------------------------------------------------ the one timer

    def _pump(self) -> None:
        """Permit what may leave now, then set the timer for the next."""
        now = self._clock.now()
        while (waiter := self._queue.first(now)) is not None:
            if waiter.future.done():  # cancelled in this very turn of the loop
                self._queue.remove(waiter)
                continue
            reserve = not (waiter.repeat or self._queue.interactive)
            try:
                self._gate.check(waiter.priority)
                found = self._gate.try_acquire(waiter.priority, reserve=reserve)
            except (DailyQuotaExceeded, StoreError) as failure:
                self._queue.remove(waiter)
                waiter.future.set_exception(failure)
                continue
            if isinstance(found, float):
                self._wake_at(found)
                return
            self._queue.serve(waiter, now)
            waiter.future.set_result(Slot(waiter.priority, found, self._after_report))

    def _wake_at(self, due: float) -> None:
        if due == float("inf") or self._closed:
            return  # an answer will pump
        if self._timer is not None:
            if self._timer_due <= due:
                return  # it wakes in time and looks again
            self._timer.cancel()
        assert self._loop is not None  # noqa: S101 - nobody waits before the loop is known
        self._timer_due = due
        seconds = self._sleeps_for(due)
        if seconds is not None:
            self._timer = self._loop.call_later(seconds, self._wake)
            return
        self._timer = task = self._loop.create_task(self._wait(due))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _wait(self, due: float) -> None:
        try:
            await self._gate.wait(due, self._queue)
        except Exception as error:  # noqa: BLE001 - nobody awaits this task, so whoever waits must hear of it
            for waiter in self._queue.drain():
                if not waiter.future.done():
                    waiter.future.set_exception(copy.copy(error))
        self._wake()

    def _wake(self) -> None:
        self._timer = None
        self._timer_due = float("inf")
        self._pump()

    # ------------------------------------------------------------------ the rest

    def _after_report(self) -> None:
        if not self._queue.is_empty and not self._closed:
            self._pump()

    def quota(self) -> tuple[Usage, ...]:
        """How full every window is, in the order of ``rates``."""
        return self._gate.usage()

    async def aclose(self) -> None:
        """Stop: everybody who waits gets :class:`ClosedError`, and no task is left behind."""
        if self._closed:
            return
        self._closed = True
        for waiter in self._queue.drain():
            if not waiter.future.done():
                waiter.future.set_exception(ClosedError("The scheduler was closed"))
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._gate.aclose()
