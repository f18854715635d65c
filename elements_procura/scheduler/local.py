"""The gate of a process alone: every decision is a plain call."""

from typing import TYPE_CHECKING

import attrs

from elements_procura.clock import SystemClock
from elements_procura.errors import ConfigError, StoreError
from elements_procura.scheduler._counts import LedgerBusy
from elements_procura.scheduler._memory import Memory
from elements_procura.scheduler._pacers import Adaptive, Guarantee
from elements_procura.scheduler._patience import Patience
from elements_procura.scheduler._places import REFUSED
from elements_procura.scheduler._quotas import Quotas
from elements_procura.scheduler._rates import QUOTA_SECONDS, Priority, Usage
from elements_procura.scheduler._trips import LEARN, Phase, RoundTrips

if TYPE_CHECKING:
    from datetime import datetime

    from elements_procura.clock import Clock
    from elements_procura.scheduler._counts import Ledger
    from elements_procura.scheduler._feedback import Limit
    from elements_procura.scheduler._places import Pass, Places
    from elements_procura.scheduler.gate import GateLimits, Line

_BULK = Priority.BULK  # looking up a member takes its time
# Nearer than this is now: a sleep so short might not even move a clock of large numbers.
_NOW = 1e-6
# Windows full of answers before the least round trip is believed.
_BURSTS = 3
# Seconds that everybody waits after the first refusal in a row, and at most.
_PAUSE = 1.0
_PAUSE_LIMIT = 60.0
# So far apart leaves what is bulk, as a part of window / limit and in seconds at most. That costs
# less than half a percent of the rate, and places that came free together do so no more: a harvest
# then needs two or three connections instead of one for each place.
_BULK_APART, _BULK_APART_MOST = 0.5, 0.1


@attrs.define(eq=False, repr=False)
class LocalPermit:
    """One request's places in the short windows and its counts in the long ones.

    Attributes:
        sent: When it was given, on the clock's ``now``.
        bulk: Whether it counts in bulk's share.
        passes: Each short window, and what it holds there.
        buckets: Where it counts in each long one.
    """

    _gate: "LocalGate"
    sent: float
    bulk: bool
    passes: "list[tuple[Places, Pass]]"
    buckets: list[int]

    def settle(
        self,
        *,
        status: int | None,
        server_date: "datetime | None",
        limit: "Limit | None",
        retry_after: float | None,
    ) -> None:
        """Take note of the answer."""
        self._gate.settle(self, status, server_date, limit, retry_after)

    def give_back(self) -> None:
        """Take the leave back."""
        self._gate.give_back(self)


class LocalGate:
    """Decides for one process, from memory.

    It is what a scheduler uses when none is given. Several processes of one machine may share its
    long windows by a ledger; the short ones are then each process's own.

    Args:
        ledger: Where the counts of quotas outlive this process; None counts in memory. It is closed
            with the gate.
        is_bulk_apart: Whether bulk requests leave half of window / limit apart, a tenth of a second
            at most, with ``mode="guarantee"``: a harvest then needs two or three connections.
    """

    def __init__(self, *, ledger: "Ledger | None" = None, is_bulk_apart: bool = False) -> None:
        self._ledger = ledger
        self._is_bulk_apart = is_bulk_apart
        self._is_attached = False
        self._closed = False

    def attach(self, limits: "GateLimits", clock: "Clock") -> None:
        """Begin, with the limits and the clock of the scheduler.

        Raises:
            ConfigError: The gate belongs to another scheduler.
            StoreError: The ledger cannot be read.
        """
        if self._is_attached:
            raise ConfigError(
                "This gate belongs to another scheduler",
                hint="Make one gate per scheduler, or hand one scheduler to several clients",
            )
        self._is_attached = True
        self._limits = limits
        self._clock = clock
        is_loop_time = getattr(type(clock), "sleep", None) is SystemClock.sleep
        self._only_sleeps = is_loop_time and type(self).wait is LocalGate.wait
        short = [rate for rate in limits.rates if not rate.is_quota]
        bursts = (_BURSTS * rate.limit for rate in short)
        is_sure = limits.mode == "guarantee"
        self._is_bulk_apart = self._is_bulk_apart and is_sure
        self._trips = RoundTrips(limits.min_rtt, after=max(LEARN, *bursts, 0), is_careful=is_sure)
        self._phase = Phase()
        pacer = Guarantee if is_sure else Adaptive
        self.pacers: list[Adaptive | Guarantee] = [
            pacer(rate, self._trips, self._phase, clock) for rate in short
        ]
        long = (rate for rate in limits.rates if rate.is_quota)
        self.quotas: Quotas = Quotas(long, limits.bulk_share, clock, self._ledger)
        self._memory = Memory(self._ledger, limits, clock)
        self._memory.recall(self._trips, self._phase, self.pacers)
        self._patience = Patience()
        self.paused_until: float = float("-inf")
        self._not_before = float("-inf")  # that, or when a busy ledger is tried again
        self._pause = _PAUSE

    # ------------------------------------------------------------------ decisions

    def check(self, priority: "Priority") -> None:
        """Refuse at once a request that no window will let through soon.

        Raises:
            DailyQuotaExceeded: A long window is used up for this priority.
        """
        quotas = self.quotas
        if not quotas.sure and (error := quotas.exceeded(priority)) is not None:
            raise error

    def reserve_for_interactive(self) -> None:
        """Keep places free for a while: somebody interactive is about."""
        now = self._clock.now()
        for pacer in self.pacers:
            pacer.reserve_for_interactive(now)

    def try_acquire(self, priority: "Priority", *, reserve: bool) -> LocalPermit | float:
        """Permit one request, or give the moment of the next try.

        Raises:
            DailyQuotaExceeded: Another process has taken the last one meanwhile.
            StoreError: The ledger cannot be written, so nothing may leave.
        """
        now = self._clock.now()
        due = self._not_before
        for pacer in self.pacers:
            if (moment := pacer.due(now)) > due:
                due = moment
            if reserve and pacer.is_reserving and (moment := pacer.reserved()) > due:
                due = moment
        if self._is_bulk_apart and priority is _BULK:
            apart = (pacer.apart(_BULK_APART, _BULK_APART_MOST) for pacer in self.pacers)
            due = max((due, *apart))
        if due > now + _NOW:
            return due
        try:
            buckets = self.quotas.take(priority, now)
        except LedgerBusy as error:
            if self._patience.found_busy(now):
                self._not_before = max(self.paused_until, self._patience.again)
                return self._patience.again
            raise StoreError(str(error.args[0]), hint=error.hint) from None
        if self._ledger is not None:
            self._patience.found_free()
        passes: list[tuple[Places, Pass]] = []
        for pacer in self.pacers:
            passes.append((pacer, pacer.take(now)))  # noqa: PERF401 - a comprehension is one more call
        return LocalPermit(self, now, priority is _BULK, passes, buckets)

    async def wait(self, until: float, line: "Line") -> None:
        """Sleep until then: this process decides alone.

        Args:
            until: What :meth:`try_acquire` has given, in seconds of the clock.
            line: Who waits.
        """
        await self._clock.sleep(until - self._clock.now())

    def sleeps_for(self, until: float) -> float | None:
        """Seconds until then, where nothing but the event loop's own time has to be waited for.

        Args:
            until: As for :meth:`wait`.

        Returns:
            None for a clock that sleeps in its own way.
        """
        return until - self._clock.now() if self._only_sleeps else None

    # ------------------------------------------------------------------ what permits report

    def settle(
        self,
        permit: LocalPermit,
        status: int | None,
        server_date: "datetime | None",
        limit: "Limit | None",
        retry_after: float | None,
    ) -> None:
        """Take note of the answer to a permitted request."""
        now = self._clock.now()
        if server_date is not None:
            self._phase.learn(permit.sent, now, server_date)
        if status == REFUSED:
            if self._is_used_up(limit, retry_after):
                self.quotas.exhaust(retry_after)
                status = None  # it says nothing about how close requests may follow each other
            else:
                self._refused(now, retry_after)
        elif status is not None:
            self._trips.learn(now - permit.sent)
            self._pause = _PAUSE
        for pacer, held in permit.passes:
            pacer.settle(held, now, status)
        if now >= self._memory.due:
            self._memory.keep(self._trips, self._phase, self.pacers)
        if self._closed:
            self._release()

    @staticmethod
    def _is_used_up(limit: "Limit | None", retry_after: float | None) -> bool:
        """Whether a refusal speaks of the day."""
        if limit is None:
            return retry_after is not None and retry_after >= QUOTA_SECONDS
        return limit == "day"

    def _refused(self, now: float, retry_after: float | None) -> None:
        if retry_after is not None:
            self.paused_until = max(self.paused_until, now + retry_after)
        elif now >= self.paused_until:  # else it left before the pause had begun
            self.paused_until = now + self._pause
            self._pause = min(self._pause * 2, _PAUSE_LIMIT)
        self._not_before = max(self.paused_until, self._patience.again)

    def give_back(self, permit: LocalPermit) -> None:
        """Take a permit back: its request never left."""
        for pacer, held in permit.passes:
            pacer.give_back(held)
        self.quotas.give_back(permit.buckets, bulk=permit.bulk)
        if self._closed:
            self._release()

    def _release(self) -> None:
        self.quotas.release()  # what came late has opened the ledger again

    # ------------------------------------------------------------------ the rest

    def usage(self) -> tuple[Usage, ...]:
        """Describe how full every window is, in the order of the limits' rates."""
        now, wall = self._clock.now(), self._clock.wall()
        pacers, quotas = iter(self.pacers), iter(self.quotas.each)
        usages = []
        for rate in self._limits.rates:
            if rate.is_quota:
                usages.append(next(quotas).usage(wall))
            else:
                used, free = next(pacers).used(now)
                left = rate.limit - used
                resets_at = None if free is None else wall + free - now
                usages.append(Usage(rate, used, left, left, rate.limit, resets_at))
        return tuple(usages)

    async def aclose(self) -> None:
        """Keep the last corrections and let go of the ledger."""
        self._closed = True
        self._memory.keep(self._trips, self._phase, self.pacers)
        await self.quotas.aclose()
