"""All long windows of one scheduler, and the ledger that stores their counts."""

import asyncio
import contextlib
import threading
from itertools import zip_longest
from typing import TYPE_CHECKING

from elements_procura.errors import DailyQuotaExceeded, StoreError
from elements_procura.scheduler._counts import LedgerBusy
from elements_procura.scheduler._quota import Quota
from elements_procura.scheduler._rates import Priority
from elements_procura.scheduler._spares import Pace, Spares

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable
    from contextlib import AbstractContextManager

    from elements_procura.clock import Clock
    from elements_procura.scheduler._counts import Ledger
    from elements_procura.scheduler._quota import Stretch
    from elements_procura.scheduler._rates import Rate

_BULK = Priority.BULK  # looking up a member takes its time
_DAY = 86_400.0
_LEDGER_LAST = 5.0  # seconds for the last corrections of a busy ledger
_LEDGER_PAUSE = 0.05
# Of what is left, at most so small a part is counted ahead: near its end a window is exact.
_PART = 1024
# So many requests go without a look at the windows while at least twice as many are left. The last
# ones are looked at one by one.
_MANY = 1000


class Quotas:
    """Whether the long windows have a request left, and who is counted in them.

    Args:
        rates: The long windows.
        bulk_share: The part of each that bulk may use.
        clock: The time.
        ledger: Where the counts outlive this process, or None.

    Attributes:
        each: The windows.
        sure: So many requests, whoever's, have room in each window without another look.

    Raises:
        StoreError: The ledger cannot be read.
    """

    def __init__(
        self,
        rates: "Iterable[Rate]",
        bulk_share: float,
        clock: "Clock",
        ledger: "Ledger | None",
    ) -> None:
        self.each: list[Quota] = [Quota(rate, bulk_share, clock, ledger) for rate in rates]
        self.sure: int = 0
        self._clock = clock
        self._ledger = ledger
        self._unknown_until: float | None = None
        # Of a ledger that several processes share; the protocol asks for none of them.
        self._is_shared = hasattr(ledger, "changed")
        self._is_whole = hasattr(ledger, "transaction")
        self._pace = Pace()
        self._spares = Spares()
        self._transaction: Callable[[], AbstractContextManager[None]]
        self._transaction = getattr(ledger, "transaction", contextlib.nullcontext)
        self._aclose: Callable[[], Awaitable[None]] | None = getattr(ledger, "aclose", None)
        if ledger is not None and self._aclose is None:
            ledger.close()  # the loop that goes on with it may run in another thread

    def exceeded(self, priority: "Priority") -> DailyQuotaExceeded | None:
        """The error of a request that no window has room for, or None."""
        bulk = priority is _BULK
        self.sure, wait = 0, 0.0
        full: Quota | None = None
        for quota in self.each:
            if quota.left(bulk=bulk) > 0:
                continue
            resets_in = quota.resets_in(bulk=bulk)
            # Nothing counted and still full: the share is 0.
            resets_in = quota.rate.seconds if resets_in is None else resets_in
            if full is None or resets_in > wait:
                full, wait = quota, resets_in
        if full is None and self._unknown_until is None:
            least = min((quota.left(bulk=True) for quota in self.each), default=2 * _MANY)
            self.sure = max(0, min(least - _MANY, _MANY))
            return None
        now = self._clock.now()
        if self._unknown_until is not None and now < self._unknown_until:
            return DailyQuotaExceeded(
                "The server says that its requests for the day are used up",
                resets_at=self._clock.wall() + self._unknown_until - now,
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

    def take(self, priority: "Priority", now: float) -> list[int]:
        """Count one request in every window; gives what :meth:`give_back` asks for.

        Args:
            priority: Of the request.
            now: The moment it is, on the clock's ``now``.

        Raises:
            DailyQuotaExceeded: Others have taken the last one meanwhile.
            LedgerBusy: It cannot be kept now.
            StoreError: It cannot be kept, so it is not counted and must not leave.
        """
        bulk = priority is _BULK
        if self.sure:
            self.sure -= 1
        if self._ledger is not None:
            stretches = [quota.stretch(now) for quota in self.each]
            if stretches and not self._spares.take(stretches, bulk):
                self._remember(priority, stretches, bulk)
        buckets = []
        for quota in self.each:
            buckets.append(quota.count_now(now, bulk))  # noqa: PERF401 - a comprehension is one more call
        return buckets

    def _remember(self, priority: "Priority", stretches: "list[Stretch]", bulk: int) -> None:
        """Count this request in the ledger, and some in advance where requests follow fast."""
        kept: list[tuple[Quota, Stretch]] = []
        self._catch_up(priority)
        many = self._block(bulk) if self._is_whole else 1
        try:
            with self._transaction():
                if self._is_shared:
                    self._meet_others(priority)
                for quota, stretch in zip(self.each, self._spares.stretches, strict=False):
                    quota.remember(stretch, *self._spares.negative)
                for quota, stretch in zip(self.each, stretches, strict=True):
                    quota.remember(stretch, many, many * bulk)
                    kept.append((quota, stretch))
        except StoreError:
            if not self._is_whole:
                for quota, stretch in kept:
                    quota.correct_ledger(stretch, -1, -bulk)
            raise
        self._spares = Spares(stretches, many - 1, bulk)

    def _block(self, bulk: int) -> int:
        left = min(quota.left(bulk=bool(bulk)) for quota in self.each)
        return max(1, min(self._pace.block(self._clock.now(), bulk=bool(bulk)), left // _PART))

    def _catch_up(self, priority: "Priority") -> None:
        loaded = [quota.load() for quota in self.each]
        if not all(quota.catch_up() for quota in self.each):
            raise LedgerBusy("The request ledger is held by another process")
        if any(loaded):
            self._check(priority)

    def _meet_others(self, priority: "Priority") -> None:
        met = False
        for quota, spare in zip_longest(self.each, self._spares.stretches):
            if quota.meet_others():
                met = True
                if spare is not None:  # the ledger counts them, and nobody has got them
                    quota.count(spare[0], *self._spares.negative)
        if met:
            self._check(priority)

    def _check(self, priority: "Priority") -> None:
        if (error := self.exceeded(priority)) is not None:
            raise error

    def give_back(self, buckets: list[int], *, bulk: bool) -> None:
        """Count a request no more: it never left."""
        for quota, bucket in zip(self.each, buckets, strict=False):
            quota.give_back(bucket, bulk=bulk)

    def exhaust(self, retry_after: float | None) -> None:
        """Mark the day as used up, because the server says so."""
        self.sure = 0
        if self.each:
            max(self.each, key=lambda quota: quota.rate.seconds).exhaust(retry_after)
        else:  # a limit that nobody has given to the scheduler
            self._unknown_until = self._clock.now() + (_DAY if retry_after is None else retry_after)

    async def aclose(self) -> None:
        """Keep the last corrections, if a busy ledger can be had in time, and let go of it."""
        spares, self._spares = self._spares, Spares()
        for quota, stretch in zip(self.each, spares.stretches, strict=False):
            quota.correct_ledger(stretch, *spares.negative)
        with contextlib.suppress(StoreError, TimeoutError):
            async with asyncio.timeout(_LEDGER_LAST):
                for quota in self.each:
                    while not quota.catch_up():  # noqa: ASYNC110 - another process, no event tells
                        await asyncio.sleep(_LEDGER_PAUSE)
        if self._aclose is not None:
            await self._aclose()
        elif self._ledger is not None:
            self._ledger.close()

    def release(self) -> None:
        """Close the ledger that a late report has opened again, without waiting."""
        if self._ledger is None:
            return
        if self._aclose is None:
            self._ledger.close()
        else:  # closing one takes its time, and a report comes on the event loop
            threading.Thread(target=self._ledger.close, name="ledger-close").start()
