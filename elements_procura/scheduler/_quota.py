"""A long window (a day): counted at grant, over the last so many seconds, in constant memory.

Grants are counted in buckets of a 288th of the window (five minutes of a day). A bucket leaves as a
whole, when its last possible request has surely left the server's window too: that is one bucket
late, and another one for requests that are on their way for long. So the count may be up to
two buckets behind, and never ahead.

Time is the wall clock at the start plus what the monotonic clock has counted since: a wall clock
that is set forward forgets nothing, one that is set back stalls nothing.
"""

import contextlib
import logging
import math
from collections import OrderedDict
from typing import TYPE_CHECKING

from elements_procura.errors import StoreError
from elements_procura.scheduler._counts import Count, LedgerBusy
from elements_procura.scheduler._rates import QUOTA_BUCKETS, Usage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from elements_procura.clock import Clock
    from elements_procura.scheduler._counts import Ledger
    from elements_procura.scheduler._rates import Rate

_log = logging.getLogger(__name__)

#: A bucket here, and the start under which the ledger keeps it.
Stretch = tuple[int, float]


class Quota:
    """How much of one long window is used, in all and by bulk.

    Args:
        rate: The window.
        bulk_share: The part of the limit that bulk may use: ``floor(limit * bulk_share)``.
        clock: The time.
        ledger: Where counts outlive this process, or None.
    """

    def __init__(
        self, rate: "Rate", bulk_share: float, clock: "Clock", ledger: "Ledger | None"
    ) -> None:
        self.rate = rate
        # 0.29 * 100 is 28.999…: the share meant was 29.
        self.bulk_limit = math.floor(rate.limit * bulk_share + 1e-6)
        self.total = 0
        self.bulk = 0
        self._clock = clock
        self._ledger = ledger
        self._width = rate.seconds / QUOTA_BUCKETS
        self._counts: OrderedDict[int, list[int]] = OrderedDict()
        # Where requests count just now, here and in the ledger, and until when on the clock's
        # ``now``; and so many stretches later does the ledger count them, see _start.
        self._current: tuple[int, list[int]] = (0, [0, 0])
        self._stretch: Stretch = (0, 0.0)
        self._current_until = float("-inf")
        self._steps = 0.0
        self._anchor = clock.wall() - clock.now()
        self._full_until = float("-inf")
        self._stays_until = float("-inf")  # nothing counted here leaves before
        self._late: list[Count] = []  # corrections for when the ledger is free
        # Of a ledger that several processes share; the protocol asks for none.
        self._changed: Callable[[Rate], bool] | None = getattr(ledger, "changed", None)
        self._is_stale = False  # others have added, and their counts could not be loaded yet
        self._is_loaded = ledger is None
        with contextlib.suppress(LedgerBusy):  # whoever asks for a grant will wait for it
            self.load()

    def _since(self) -> float:
        return self._time() - self.rate.seconds - 2 * self._width

    def load(self) -> bool:
        """Count what the ledger remembers, unless that is done; whether anything was loaded.

        Raises:
            LedgerBusy: It cannot be read now.
            StoreError: It cannot be read.
        """
        if self._is_loaded or self._ledger is None:
            return False
        ledger, current = self._ledger, self._bucket()
        self._clear()
        for count in ledger.load(self.rate, self._since()):
            bucket = self._bucket(count.start)
            if bucket > current and (count.total or count.bulk):
                # The wall clock was ahead when these were counted. They count as of now, and the
                # ledger learns so: else every start would find them in its future again. In this
                # order, so that a crash in between counts them twice rather than never.
                bucket = current
                ledger.add(self.rate, Count(current * self._width, count.total, count.bulk))
                ledger.add(self.rate, Count(count.start, -count.total, -count.bulk))
            self.count(bucket, count.total, count.bulk)
        self._is_loaded = True
        return True

    def _clear(self) -> None:
        self._counts.clear()
        self._current_until = float("-inf")
        self.total = self.bulk = 0

    def _time(self) -> float:
        return self._anchor + self._clock.now()

    def _bucket(self, moment: float | None = None) -> int:
        # The middle of a bucket stands for its start, or rounding could put it one too low.
        return int((self._time() if moment is None else moment + self._width / 2) // self._width)

    def _leaves(self, bucket: int) -> float:
        return (bucket + 2) * self._width + self.rate.seconds

    def count(self, bucket: int, total: int, bulk: int) -> None:
        """Change a count here, not in the ledger."""
        counts = self._counts.get(bucket)
        if counts is None:
            newest = next(reversed(self._counts), bucket)
            counts = self._counts[bucket] = [0, 0]
            self._stays_until = float("-inf")
            if bucket < newest:
                self._counts = OrderedDict(sorted(self._counts.items()))
        counts[0] += total
        counts[1] += bulk
        self.total += total
        self.bulk += bulk

    def count_now(self, now: float, bulk: int) -> int:
        """Count one request here; gives the bucket."""
        if now >= self._current_until:
            self._turn_over(now)
        bucket, counts = self._current
        counts[0] += 1
        self.total += 1
        if bulk:
            counts[1] += 1
            self.bulk += 1
        return bucket

    def _turn_over(self, now: float) -> None:
        """Begin to count in the stretch of this moment."""
        bucket = int((self._anchor + now) // self._width)
        self.count(bucket, 0, 0)
        self._current = bucket, self._counts[bucket]
        self._stretch = bucket, self._start(bucket)
        self._steps = self._late_steps(now)
        self._current_until = (bucket + 1) * self._width - self._anchor

    def _expire(self) -> float:
        """Count what has left the window no more; gives the moment that it is."""
        now = self._anchor + self._clock.now()
        while now >= self._stays_until:
            if not self._counts:
                self._stays_until = float("inf")
                break
            bucket, (total, bulk) = next(iter(self._counts.items()))
            self._stays_until = self._leaves(bucket)
            if self._stays_until <= now:
                del self._counts[bucket]
                self.total -= total
                self.bulk -= bulk
        return now

    def stretch(self, now: float) -> Stretch:
        """The stretch of time in which a request granted now counts."""
        if now >= self._current_until or self._late_steps(now) != self._steps:
            self._turn_over(now)
        return self._stretch

    def _late_steps(self, now: float) -> float:
        """By how many stretches the wall's clock is ahead of the count's."""
        late = (self._clock.wall() - self._anchor - now) // self._width
        return late if late > 0.0 else 0.0

    def _start(self, bucket: int) -> float:
        # Written with the later of both clocks: a suspended machine must not age the count.
        return bucket * self._width + self._late_steps(self._clock.now()) * self._width

    def remember(self, stretch: Stretch, total: int, bulk: int) -> None:
        """Change a count in the ledger, and not here.

        Raises:
            LedgerBusy: It cannot be kept now.
            StoreError: It cannot be kept.
        """
        if self._ledger is not None:
            self._ledger.add(self.rate, Count(stretch[1], total, bulk))

    def catch_up(self) -> bool:
        """Write delayed counts to the ledger; return whether all were written."""
        while self._late and self._ledger is not None:
            try:
                self._ledger.add(self.rate, self._late[0])
            except LedgerBusy:
                return False
            del self._late[0]
        return True

    def meet_others(self) -> bool:
        """Load the grants of other processes; return whether there were any.

        Raises:
            LedgerBusy: Their counts cannot be read now.
            StoreError: Their counts cannot be read.
        """
        if self._ledger is None or self._changed is None:
            return False
        self._is_stale = self._changed(self.rate) or self._is_stale
        if not self._is_stale:
            return False
        found = list(self._ledger.load(self.rate, self._since()))
        self._is_stale = False
        self._clear()
        for count in (*found, *self._late):
            # A start in the future was written with the later of two clocks: see _start.
            self.count(min(self._bucket(count.start), self._bucket()), count.total, count.bulk)
        return True

    def _correct(self, bucket: int, total: int, bulk: int) -> None:
        """Change a count with a correction that must not fail."""
        self.count(bucket, total, bulk)
        self.correct_ledger((bucket, self._start(bucket)), total, bulk)

    def correct_ledger(self, stretch: Stretch, total: int, bulk: int) -> None:
        """Change a count in the ledger only: now, or when it can be had."""
        if not self._late:  # else after those, in order
            try:
                self.remember(stretch, total, bulk)
            except LedgerBusy:
                pass
            except StoreError as error:
                _log.warning("A correction of the request count is not kept: %s", error)
                return
            else:
                return
        self._late.append(Count(stretch[1], total, bulk))

    def left(self, *, bulk: bool) -> int:
        """How many may still leave now, never below 0."""
        now = self._anchor + self._clock.now()
        if now >= self._stays_until:
            self._expire()
        if now < self._full_until:
            return 0
        left = self.rate.limit - self.total
        if bulk:
            left = min(left, self.bulk_limit - self.bulk)
        return left if left > 0 else 0

    def give_back(self, bucket: int, *, bulk: bool) -> None:
        """Uncount a request that never left."""
        self._expire()
        if bucket in self._counts:
            self._correct(bucket, -1, -int(bulk))

    def exhaust(self, retry_after: float | None) -> None:
        """Mark the window as full, because the server says so.

        Args:
            retry_after: Seconds until the server lets requests through again, if it said so.
        """
        now = self._expire()
        bucket = self._bucket()
        if retry_after is not None:
            self._full_until = now + retry_after
            # What others used is dated so that it leaves when the server says.
            past = now + retry_after - self.rate.seconds - 2 * self._width
            bucket = min(bucket, self._bucket(past))
        missing = self.rate.limit - self.total
        if missing > 0:
            self._correct(bucket, missing, 0)

    def adopt(
        self, day: float, full_until: float, counts: "Iterable[Sequence[int]]", *, is_whole: bool
    ) -> None:
        """Count what a store counts.

        Args:
            day: Seconds on the store's clock.
            full_until: Until when the server says that the window is full, on the same clock.
            counts: Buckets with their requests, in all and by bulk.
            is_whole: Whether these are all buckets.
        """
        self._anchor = day - self._clock.now()
        self._current_until = float("-inf")
        self._full_until = full_until
        if is_whole:
            self._clear()
        for bucket, total, bulk in counts:
            known = self._counts.get(bucket, [0, 0])
            self.count(bucket, total - known[0], bulk - known[1])

    def memory(self) -> "tuple[float, list[list[int]]]":
        """All that is counted here, as :meth:`adopt` takes it."""
        counts = [[bucket, *count] for bucket, count in self._counts.items()]
        return max(self._full_until, 0.0), counts

    def usage(self, wall: float) -> Usage:
        """Describe how full the window is, at that moment of the wall clock."""
        left = self.left(bulk=False)
        resets_in = self.resets_in(bulk=False)
        return Usage(
            self.rate,
            self.rate.limit - left,
            left,
            self.left(bulk=True),
            self.bulk_limit,
            None if resets_in is None else wall + resets_in,
            tuple((wall + after, free) for after, free in self.schedule()),
        )

    def schedule(self) -> list[tuple[float, int]]:
        """How many requests bulk may have made from now on, and by when.

        Returns:
            Seconds from now with the number until then, which never shrinks. The first is now.
        """
        now, left = self._time(), self.left(bulk=True)
        said_until = max(self._full_until, now)
        total, used_by_bulk = self.total, self.bulk
        steps = [(0.0, left)]
        if said_until > now:
            steps.append((said_until - now, self._free(total, used_by_bulk)))
        for bucket, (count, count_bulk) in self._counts.items():
            total -= count
            used_by_bulk -= count_bulk
            free = max(self._free(total, used_by_bulk), steps[-1][1])
            steps.append((max(self._leaves(bucket), said_until) - now, free))
        return steps

    def _free(self, total: int, used_by_bulk: int) -> int:
        return max(min(self.rate.limit - total, self.bulk_limit - used_by_bulk), 0)

    def resets_in(self, *, bulk: bool) -> float | None:
        """Seconds until ``left`` grows for this kind of request; None when nothing is counted."""
        now = self._expire()
        said_in = self._full_until - now if self._full_until > now else None
        total, used_by_bulk = self.total, self.bulk
        for bucket, (count, count_bulk) in self._counts.items():
            if count <= 0:
                continue
            total -= count
            used_by_bulk -= count_bulk
            if total < self.rate.limit and not (bulk and used_by_bulk >= self.bulk_limit):
                return max(self._leaves(bucket) - now, said_in or 0.0)
        return said_in
