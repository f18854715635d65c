"""The queue of resources to fetch, limited by the budgets of the run."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Literal

import attrs

from elements_procura.clock import Clock
from elements_procura.harvest._begun import Begun
from elements_procura.harvest.policy.part_names import PartNames
from elements_procura.harvest.policy.rolling import Batch, Refresh, batch
from elements_procura.harvest.policy.sharing import SHARED_FOR
from elements_procura.harvest.storage import Storage
from elements_procura.spec.source import DossierId, Work

Paused = Literal["max-requests", "max-dossiers", "until", "within"]

_PAGE = 500
_USUAL = 25.0  # requests for a dossier, as long as the store knows none
_NAP = 60.0  # seconds: a machine that was suspended wakes up late from longer ones
_FIRST_TO_LAST = ((True, True), (True, False), (False, None))
"""The order of the queue: shared resources, dossiers that were begun, the rest."""
_SHARED_AHEAD = SHARED_FOR / 2  # a run may last that long: what becomes due meanwhile is planned
_BEGIN = 32
"""The number of refreshes begun at once; after a kill, these are finished first."""


@attrs.frozen
class Budget:
    """The limits of a run: see :func:`elements_procura.harvest.harvest`.

    Attributes:
        wait: Whether to wait when the quota is used up, as long as nothing else ends the run.
    """

    max_requests: int | None = None
    max_dossiers: int | None = None
    until: float | None = None
    wait: bool = False


class WorkQueue:
    """Hands resources to workers, newest first: a dossier is finished before another begins.

    There are as many dossiers under way as it takes to keep all workers busy; but only as many as
    ``max_requests`` allows. The store's queue comes first (dossiers of earlier runs before new
    ones), then the dossiers that the run refreshes; both are read in pages, so that memory stays
    bounded. When the quota is used up, the queue pauses until requests are available again.

    Args:
        store: Holds the queue.
        in_thread: Calls the store.
        sent: How many requests this run has made.
        budget: The limits of the run.
        refresh: The dossiers to refresh; None for none.
        clock: The clock.
        on_chosen: Receives, once, the dossiers that are refreshed.
        on_begun: Receives the number of resources queued by new refreshes.
        on_waiting: Receives the time until which the run waits for the quota.

    Attributes:
        paused: The budget that has ended it early, or None.
    """

    def __init__(
        self,
        store: Storage,
        in_thread: Callable[[Callable[[], Any]], Awaitable[Any]],
        *,
        sent: Callable[[], int],
        budget: Budget,
        refresh: Refresh | None,
        clock: Clock,
        on_chosen: Callable[[Batch], Awaitable[None]],
        on_begun: Callable[[int], None],
        on_waiting: Callable[[float], Awaitable[None]],
    ) -> None:
        self._store = store
        self._in_thread = in_thread
        self._sent = sent
        self._budget = budget
        self._refresh = refresh
        self._clock = clock
        self._began = clock.wall()
        self._on_chosen = on_chosen
        self._on_begun = on_begun
        self._on_waiting = on_waiting
        within = None if refresh is None else refresh.within
        self._waits = budget.wait or within is not None
        self._ends: list[tuple[float, Paused]] = []
        if budget.until is not None:
            self._ends.append((budget.until, "until"))
        if within is not None:
            self._ends.append((self._began + within, "within"))
        self._resumes_at = float("-inf")
        self._timer: asyncio.Task[None] | None = None
        self._chosen: deque[DossierId] | None = None if refresh else deque()
        self._batch: Batch = Batch((), 0)
        self._piloted: set[DossierId] = set()
        self._begun = Begun(usual=_USUAL)
        self._ready: list[Work] = []
        self._held: set[int] = set()
        self._back: set[int] = set()
        self._under_way = 0
        self._changed = asyncio.Event()
        self._loading = asyncio.Lock()
        self._to_load = deque(_FIRST_TO_LAST)
        self._loaded_to = 0
        self._all_loaded = False
        self._closed = False
        self.paused: Paused | None = None

    def close(self) -> None:
        """Hand out nothing more."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
        self._changed.set()

    def add(self, new: Iterable[Work]) -> None:
        """Add resources that an answer has led to, already queued in the store."""
        new = tuple(new)
        if not new:
            return
        self._hold(new)
        self._ready.extend(reversed(new))
        self._changed.set()

    def done(self, work: Work, *, settled: bool) -> None:
        """Report that a resource is settled, or stays in the store's queue for a later run."""
        self._under_way -= 1
        if work.id not in self._back:
            self._begun.done(work)
        self._back.discard(work.id)
        if settled:
            self._held.discard(work.id)
        self._changed.set()

    def put_back(self, work: Work, *, resumes_at: float) -> bool:
        """Return a resource because the quota is used up, to hand it out again later.

        Args:
            work: The resource that could not be fetched.
            resumes_at: The time when requests may leave again, in seconds since the epoch.

        Returns:
            False if this run does not wait for it.
        """
        if self._waits:
            self._ready.append(work)
            self._back.add(work.id)
            self._begun.take_back(work)
            self._resumes_at = max(self._resumes_at, resumes_at)
        return self._waits

    async def quota_is_back(self, resumes_at: float) -> bool:
        """Wait until requests may leave again.

        Args:
            resumes_at: The time when requests may leave again, in seconds since the epoch.

        Returns:
            Whether they may; False when the run ends before.
        """
        self._resumes_at = max(self._resumes_at, resumes_at)
        while not self._closed and self._resumes_at > self._clock.wall():
            if ended := self._ended(by=self._resumes_at):  # nothing more can leave before
                self._pause(ended)
            else:
                await self._nap()
        return not self._closed

    async def _nap(self) -> None:
        self._changed.clear()
        if self._timer is None:
            self._timer = asyncio.create_task(self._wake())
            await self._on_waiting(self._resumes_at)
        await self._changed.wait()

    async def _wake(self) -> None:
        while (left := self._resumes_at - self._clock.wall()) > 0:
            await self._clock.sleep(min(left, _NAP))
        self._timer = None
        self._changed.set()

    @property
    def waits(self) -> bool:
        """Whether this run waits when the quota is used up."""
        return self._waits

    def settled(self, work: Work) -> None:
        """Report that a resource that had stayed in the store's queue is settled after all."""
        self._held.discard(work.id)

    def reopen(self) -> None:
        """Hand out resources that are added from now on, although a budget was used up."""
        self._closed = False
        self.paused = None

    @property
    def ends_at(self) -> float | None:
        """The time when the run must end, in seconds since the epoch; None for no limit."""
        return min((when for when, _ in self._ends), default=None)

    def end_if_spent(self) -> bool:
        """End the run if a budget is used up; return whether it is."""
        most = self._budget.max_requests
        if ended := self._ended(by=self._clock.wall()):
            self._pause(ended)
        elif most is not None and self._sent() >= most:
            self._pause("max-requests")
        return self.paused is not None

    async def next(self) -> Work | None:
        """Return the next resource; None if this run has none left or must not fetch more."""
        while not self._closed:
            if self._waits and self._resumes_at > self._clock.wall():
                await self.quota_is_back(self._resumes_at)
                continue
            if not self._ready and await self._filled():
                continue
            turn = self._turn()
            if self._ready and (spent := self._spent(self._ready[turn])):
                if spent in ("until", "within") or not self._under_way:
                    self._pause(spent)
                    return None
            elif self._ready:
                return self._hand_out(turn)
            elif not self._under_way and not self._loading.locked():
                return None
            self._changed.clear()
            await self._changed.wait()
        return None

    def _turn(self) -> int:
        """Choose the next of the ready resources.

        The newest, as a rule. If the budget does not cover more dossiers, shared resources come
        first, then the oldest dossiers one by one.
        """
        most = self._budget.max_requests
        if most is None or len(self._ready) < 2:  # noqa: PLR2004 - there is no choice
            return -1
        if self._begun.leave_room(most - self._sent() - self._under_way):
            return -1
        begun = (index for index, work in enumerate(self._ready) if self._is_begun(work))
        return min(begun, key=lambda index: self._begun.order(self._ready[index]), default=-1)

    def _is_begun(self, work: Work) -> bool:
        return work.is_shared or self._begun.has(work)

    def _hand_out(self, turn: int) -> Work:
        work = self._ready.pop(turn)
        self._under_way += 1
        self._begun.hand_out(work)
        if self._budget.max_dossiers is not None:
            self._piloted.add(work.dossier)
        return work

    def _spent(self, work: Work) -> Paused | None:
        """The budget that is used up, counting requests sent and reserved for workers."""
        budget = self._budget
        if self._ends and (ended := self._ended(by=self._clock.wall())):
            return ended
        # Those that were begun are finished: the quickest of more would be no fair sample.
        new = budget.max_dossiers is not None and work.dossier not in self._piloted
        if new and len(self._piloted) >= (budget.max_dossiers or 0):
            return "max-dossiers"
        if budget.max_requests is not None:
            left = budget.max_requests - self._sent() - self._under_way
            # Nothing under way, and still something begun: that is what will not be settled.
            waits = self._under_way and not self._is_begun(work)
            if left <= 0 or (waits and not self._begun.leave_room(left)):
                return "max-requests"
        return None

    def _ended(self, *, by: float) -> Paused | None:
        """The time limit that the run has reached at a moment."""
        return min((each for each in self._ends if each[0] <= by), default=(0.0, None))[1]

    def _pause(self, why: Paused) -> None:
        self.paused = why
        self.close()

    async def _filled(self) -> bool:
        """Read the next page of the queue; return False once all of it was handed out."""
        if self._all_loaded and self._chosen is not None and not self._chosen:
            return False
        async with self._loading:
            if self._ready or self._closed:
                return True
            if not self._all_loaded:
                await self._load()
            elif self._chosen is None and self._refresh is not None:
                if self._under_way:
                    # What they still lead to is not known, and is of the budget; and of a dossier
                    # that an earlier run has begun, other parts may be due.
                    return False
                self._chosen = await self._choose(self._refresh)
            elif self._chosen:
                await self._begin_refreshes(self._chosen)
        return True

    async def _load(self) -> None:
        if (
            len(self._to_load) == len(_FIRST_TO_LAST)
            and not self._loaded_to
            and self._budget.max_requests is not None
        ):
            usual = await self._in_thread(self._store.usual_cost)
            self._begun = Begun(usual=usual or _USUAL)
        begun, shared = self._to_load[0]
        page = await self._in_thread(
            lambda: self._store.queued(
                after=self._loaded_to, limit=_PAGE, begun=begun, shared=shared
            )
        )
        if page:
            self._loaded_to = page[-1].id
        if len(page) < _PAGE:  # what is found from here on is held in memory
            self._to_load.popleft()
            self._all_loaded, self._loaded_to = not self._to_load, 0
        self._put_below([work for work in page if work.id not in self._held])

    async def _choose(self, refresh: Refresh) -> deque[DossierId]:
        now, since, spent = self._clock.wall(), self._began, self._sent()
        ahead = now + max(_SHARED_AHEAD, refresh.within or 0.0)

        names = PartNames(lambda: self._store.api)

        def shared(dossier: DossierId, parts: frozenset[str] | None) -> Iterable[int]:
            if parts is not None and not parts & names.shared():
                return ()
            return self._store.shared_before(ahead - SHARED_FOR, dossier)

        def chosen_by_policy() -> Batch:
            found = batch(
                self._store.known(),
                refresh,
                now=now,
                since=since,
                spent=spent,
                shared=shared,
                parts=self._store.known_parts(),
                hints=self._store.hints(),
            )
            self._store.note_cycle(found.cycle)
            if found.rates:
                self._store.note_rates(found.rates)
            return found

        chosen: Batch = await self._in_thread(chosen_by_policy)
        self._batch = chosen
        await self._on_chosen(chosen)
        return deque(chosen.dossiers)

    async def _begin_refreshes(self, chosen: deque[DossierId]) -> None:
        dossiers = [chosen.popleft() for _ in range(min(_BEGIN, len(chosen)))]
        parts, prompted = self._batch.parts, self._batch.prompted
        new = await self._in_thread(
            lambda: self._store.begin_refresh(dossiers, parts=parts, prompted=prompted)
        )
        self._on_begun(len(new))
        self._put_below(new)

    def _put_below(self, new: list[Work]) -> None:
        """Put resources below newer ones from the workers, which come first."""
        self._hold(new)
        self._ready[:0] = reversed(new)
        self._changed.set()

    def _hold(self, new: Iterable[Work]) -> None:
        for work in new:
            self._held.add(work.id)
            self._begun.add(work)
