"""The scheduler: one queue, one timer, one loop."""

import asyncio
import contextlib
from typing import TYPE_CHECKING, Literal

from elements_procura.clock import SystemClock
from elements_procura.errors import (
    ClosedError,
    ConfigError,
    DailyQuotaExceeded,
    StoreError,
    WrongLoopError,
)
from elements_procura.scheduler._pacers import Adaptive, Guarantee
from elements_procura.scheduler._patience import Patience
from elements_procura.scheduler._places import REFUSED
from elements_procura.scheduler._queue import Queue, Waiter
from elements_procura.scheduler._quota import Quota
from elements_procura.scheduler._rates import QUOTA_SECONDS, Priority, Rate, Usage
from elements_procura.scheduler._slot import Slot
from elements_procura.scheduler._trips import LEARN, Phase, RoundTrips
from elements_procura.scheduler.ledger import LedgerBusy

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from elements_procura.clock import Clock
    from elements_procura.scheduler._feedback import Limit
    from elements_procura.scheduler.ledger import Ledger

#: How a scheduler goes about the short windows.
Mode = Literal["guarantee", "adaptive"]

_RATES = (Rate(5, 1), Rate(100_000, 86_400))
_SYSTEM_CLOCK = SystemClock()
# Nearer than this is now: a sleep so short might not even move a clock of large numbers.
_NOW = 1e-6
# Seconds that everybody waits after the first refusal in a row, and at most.
# Windows full of answers before the least round trip is believed.
_BURSTS = 3
_GATE = 1.0
_GATE_LIMIT = 60.0
_DAY = 86_400.0
_LEDGER_LAST = 5.0  # seconds for the last corrections of a busy ledger
_LEDGER_PAUSE = 0.05


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

    Attributes:
        rates: As given.
        mode: As given.

    Raises:
        ConfigError: A setting makes no sense.
        StoreError: The ledger cannot be read.
    """

    def __init__(
        self,
        *,
        rates: "Iterable[Rate]" = _RATES,
        mode: Mode = "guarantee",
        min_rtt: float | None = None,
        bulk_share: float = 0.8,
        clock: "Clock" = _SYSTEM_CLOCK,
        ledger: "Ledger | None" = None,
    ) -> None:
        if mode not in ("guarantee", "adaptive"):
            raise ConfigError(f"mode must be 'guarantee' or 'adaptive', not {mode!r}")
        if min_rtt is not None and not 0 <= min_rtt < float("inf"):
            raise ConfigError(f"min_rtt must be seconds from 0 up or None, not {min_rtt!r}")
        if not 0 <= bulk_share <= 1:
            raise ConfigError(f"bulk_share must be from 0 to 1, not {bulk_share!r}")
        self.rates = tuple(rates)
        self.mode = mode
        self._clock = clock
        self._ledger = ledger
        bursts = (_BURSTS * rate.limit for rate in self.rates if not rate.is_quota)
        self._trips = RoundTrips(min_rtt, after=max(LEARN, *bursts, 0))
        self._phase = Phase()
        pacer = Guarantee if mode == "guarantee" else Adaptive
        self._pacers = [
            pacer(rate, self._trips, self._phase, clock) for rate in self.rates if not rate.is_quota
        ]
        self._quotas = [
            Quota(rate, bulk_share, clock, ledger) for rate in self.rates if rate.is_quota
        ]
        if ledger is not None:
            ledger.close()  # the loop that goes on with it may run in another thread
        self._queue = Queue()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()  # the timer, and cancelled ones
        self._timer_due = float("inf")
        self._gate = float("-inf")
        self._gate_step = _GATE
        self._unknown_quota_until = float("-inf")
        self._patience = Patience()
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
        loop = self._bind()
        if retry_of is not None:
            priority = retry_of.priority
        priority = Priority(priority)
        self._check_quotas(priority)
        now = self._clock.now()
        if priority is Priority.INTERACTIVE:
            for pacer in self._pacers:
                pacer.company(now)
        reserve = retry_of is None and priority is not Priority.INTERACTIVE
        if not self._queue and self._due(now, reserve=reserve) <= now + _NOW:
            with contextlib.suppress(LedgerBusy):
                return self._grant(priority, now)
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

    def _bind(self) -> asyncio.AbstractEventLoop:
        loop = asyncio.get_running_loop()
        if self._loop is None:
            self._loop = loop
        elif self._loop is not loop:
            raise WrongLoopError(
                "This scheduler belongs to another event loop",
                hint="Make one client per event loop",
            )
        if self._closed:
            raise ClosedError("The scheduler is closed")
        return loop

    def _due(self, now: float, *, reserve: bool) -> float:
        due = max(self._gate, self._patience.again)
        for pacer in self._pacers:
            due = max(due, pacer.due(now, reserve=reserve))
        return due

    def _grant(self, priority: Priority, now: float) -> Slot:
        bulk = priority is Priority.BULK
        buckets: list[int] = []
        try:
            for quota in self._quotas:
                buckets.append(quota.take(bulk=bulk))  # noqa: PERF401 - what was taken is needed if one fails
        except StoreError as error:
            for quota, bucket in zip(self._quotas, buckets, strict=False):
                quota.give_back(bucket, bulk=bulk)
            if isinstance(error, LedgerBusy) and not self._patience.found_busy(now):
                raise StoreError(str(error.args[0]), hint=error.hint) from None
            raise
        self._patience.found_free()
        passes = [pacer.take(now) for pacer in self._pacers]
        return Slot(self, priority, now, passes, buckets)

    def _check_quotas(self, priority: Priority) -> None:
        if (error := self._exceeded(priority)) is not None:
            raise error

    def _exceeded(self, priority: Priority) -> DailyQuotaExceeded | None:
        bulk = priority is Priority.BULK
        wait = 0.0
        full: Quota | None = None
        for quota in self._quotas:
            if quota.left(bulk=bulk) > 0:
                continue
            resets_in = quota.resets_in(bulk=bulk)
            # Nothing counted and still full: the share is 0.
            resets_in = quota.rate.seconds if resets_in is None else resets_in
            if full is None or resets_in > wait:
                full, wait = quota, resets_in
        now = self._clock.now()
        if now < self._unknown_quota_until:
            return DailyQuotaExceeded(
                "The server says that its requests for the day are used up",
                resets_at=self._clock.wall() + self._unknown_quota_until - now,
                hint="Go on after resets_at",
            )
        if full is None:
            return None
        what = "bulk's share of the requests" if bulk else "the requests"
        return DailyQuotaExceeded(
            f"All of {what} of this window ({full.rate.limit} in {full.rate.seconds:g} s) are used",
            resets_at=self._clock.wall() + wait,
            limit=full.rate.limit,
            hint="Go on after resets_at",
        )

    # ------------------------------------------------------------------ the one timer

    def _pump(self) -> None:
        """Grant what may leave now, then set the timer for the next."""
        now = self._clock.now()
        while (waiter := self._queue.first(now)) is not None:
            if waiter.future.done():  # cancelled in this very turn of the loop
                self._queue.remove(waiter)
                continue
            if (error := self._exceeded(waiter.priority)) is not None:
                self._queue.remove(waiter)
                waiter.future.set_exception(error)
                continue
            reserve = not (waiter.repeat or self._queue.interactive)
            due = self._due(now, reserve=reserve)
            if due > now + _NOW:
                self._wake_at(due, now)
                return
            try:
                slot = self._grant(waiter.priority, now)
            except LedgerBusy:
                self._wake_at(self._patience.again, now)
                return
            except StoreError as failure:
                self._queue.remove(waiter)
                waiter.future.set_exception(failure)
                continue
            self._queue.serve(waiter, now)
            waiter.future.set_result(slot)

    def _wake_at(self, due: float, now: float) -> None:
        if due == float("inf") or self._closed:
            return  # an answer will pump
        if self._timer is not None:
            if self._timer_due <= due:
                return  # it wakes in time and looks again
            self._timer.cancel()
        assert self._loop is not None  # noqa: S101 - nobody waits before the loop is known
        self._timer_due = due
        self._timer = self._loop.create_task(self._sleep(due - now))
        self._tasks.add(self._timer)
        self._timer.add_done_callback(self._tasks.discard)

    async def _sleep(self, seconds: float) -> None:
        await self._clock.sleep(seconds)
        self._timer = None
        self._timer_due = float("inf")
        self._pump()

    # ------------------------------------------------------------------ what slots report

    def _finish(
        self,
        slot: Slot,
        status: int | None,
        server_date: "datetime | None",
        limit: "Limit | None",
        retry_after: float | None,
    ) -> None:
        now = self._clock.now()
        if status is not None and status != REFUSED:
            self._trips.learn(now - slot.sent)
            self._gate_step = _GATE
        if server_date is not None:
            self._phase.learn(slot.sent, now, server_date)
        if limit is None and retry_after is not None and retry_after >= QUOTA_SECONDS:
            limit = "day"
        used_up = status == REFUSED and limit == "day"
        for pacer, held in zip(self._pacers, slot._passes, strict=True):  # noqa: SLF001 - one unit
            # The day's refusal says nothing about how close requests may follow each other.
            pacer.settle(held, now, None if used_up else status, server_date)
        if used_up:
            self._used_up(now, retry_after)
        elif status == REFUSED:
            self._refused(now, retry_after)
        self._after_report()

    def _used_up(self, now: float, retry_after: float | None) -> None:
        if self._quotas:
            max(self._quotas, key=lambda quota: quota.rate.seconds).exhaust(retry_after)
        else:  # a limit that nobody told us of
            self._unknown_quota_until = now + (_DAY if retry_after is None else retry_after)

    def _refused(self, now: float, retry_after: float | None) -> None:
        if retry_after is not None:
            self._gate = max(self._gate, now + retry_after)
        elif now >= self._gate:  # else it left before the gate had closed
            self._gate = now + self._gate_step
            self._gate_step = min(self._gate_step * 2, _GATE_LIMIT)

    def _abandon(self, slot: Slot) -> None:
        for pacer, held in zip(self._pacers, slot._passes, strict=True):  # noqa: SLF001 - one unit
            pacer.give_back(held)
        bulk = slot.priority is Priority.BULK
        for quota, bucket in zip(self._quotas, slot._buckets, strict=True):  # noqa: SLF001 - one unit
            quota.give_back(bucket, bulk=bulk)
        self._after_report()

    def _after_report(self) -> None:
        if self._closed:
            self._close_ledger()  # what came late has opened it again
        elif self._queue:
            self._pump()

    # ------------------------------------------------------------------ the rest

    def quota(self) -> tuple[Usage, ...]:
        """How full every window is, in the order of ``rates``."""
        now, wall = self._clock.now(), self._clock.wall()
        pacers, quotas = iter(self._pacers), iter(self._quotas)
        usages = []
        for rate in self.rates:
            if rate.is_quota:
                quota = next(quotas)
                left = quota.left(bulk=False)
                resets_in = quota.resets_in(bulk=False)
                usages.append(
                    Usage(
                        rate,
                        rate.limit - left,
                        left,
                        quota.left(bulk=True),
                        quota.bulk_limit,
                        None if resets_in is None else wall + resets_in,
                        tuple((wall + after, free) for after, free in quota.schedule()),
                    )
                )
            else:
                used, free = next(pacers).used(now)
                left = rate.limit - used
                resets_at = None if free is None else wall + free - now
                usages.append(Usage(rate, used, left, left, rate.limit, resets_at))
        return tuple(usages)

    async def aclose(self) -> None:
        """Stop: everybody who waits gets :class:`ClosedError`, and no task is left behind."""
        if self._closed:
            return
        self._closed = True
        for waiter in self._queue.drain():
            if not waiter.future.done():
                waiter.future.set_exception(ClosedError("The scheduler was closed"))
        self._timer = None
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._catch_up()
        self._close_ledger()

    async def _catch_up(self) -> None:
        """Tell a busy ledger the last corrections, if it can be had within some seconds."""
        with contextlib.suppress(StoreError, TimeoutError):
            async with asyncio.timeout(_LEDGER_LAST):
                for quota in self._quotas:
                    while not quota.catch_up():  # noqa: ASYNC110 - another process, no event tells
                        await asyncio.sleep(_LEDGER_PAUSE)

    def _close_ledger(self) -> None:
        if self._closed and self._ledger is not None:
            self._ledger.close()
