"""Many dossiers into a store: bounded concurrency, durable, resumable."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable
from pathlib import Path as FilePath
from typing import TypeVar

import attrs

from elements_procura.clock import Clock, SystemClock
from elements_procura.elements.client import ElementsClient
from elements_procura.errors import (
    DailyQuotaExceeded,
    Forbidden,
    NotFound,
    ProtocolError,
    RateLimited,
    RequestError,
    ServerError,
    StatusError,
    StoreError,
    TransportError,
)
from elements_procura.harvest._queue import Budget, Paused, WorkQueue
from elements_procura.harvest._standing import Standing
from elements_procura.harvest._suspects import Suspects
from elements_procura.harvest._writer import Writer
from elements_procura.harvest.elements import ElementsSource
from elements_procura.harvest.events import (
    DossierSettled,
    Doubted,
    Event,
    Finished,
    Gone,
    Listed,
    Progress,
    PutAside,
    Quarantined,
    Refreshing,
    Started,
    Stored,
    Waiting,
)
from elements_procura.harvest.rolling import Batch, Refresh
from elements_procura.harvest.source import (
    Answer,
    BadRow,
    ComparingSource,
    Found,
    Gap,
    RecallingSource,
    Root,
    Source,
    Want,
    Work,
    included,
)
from elements_procura.harvest.store import Settled, Store

log = logging.getLogger("elements_procura.harvest")

T = TypeVar("T")

DEFAULT_WORKERS = 32
DRAIN_SECONDS = 10.0
"""How long a stopped run waits for the requests under way; they stay in the queue after that."""
_PAGE = 500
_EVENTS_AHEAD = 1_000
_NOT_FOUND = 404


class Harvest:
    """One run of a harvest. Iterate over it once; see :func:`harvest`."""

    def __init__(
        self,
        source: Source,
        store: Store,
        *,
        include: Iterable[str] | None,
        budget: Budget,
        refresh: Refresh | None,
        workers: int,
        clock: Clock,
    ) -> None:
        self._source = source
        self._store = store
        self._include = included(
            include,
            groups=source.groups,
            extra_groups=source.extra_groups,
            begun_with=store.included,
        )
        self._refresh = refresh
        self._workers = workers
        self._write = Writer(store)
        self._events: asyncio.Queue[Event | None] = asyncio.Queue(_EVENTS_AHEAD)
        self._ended = False
        self._stop = asyncio.Event()
        self._suspects = Suspects()
        self._counted = before = source.sent
        self._queue = WorkQueue(
            store,
            self._write,
            sent=lambda: source.sent - before,
            budget=budget,
            refresh=refresh,
            clock=clock,
            on_chosen=self._note_chosen,
            on_begun=lambda more: self._standing.add(queued=more),
            on_waiting=lambda until: self._tell(Waiting(until)),
        )
        self._standing = Standing()

    @property
    def path(self) -> FilePath:
        """The file of the store."""
        return self._store.path

    @property
    def progress(self) -> Progress:
        """Where the harvest stands, up to date while it runs."""
        return self._standing.progress

    @property
    def paused(self) -> Paused | None:
        """Which budget has ended the run before it was complete, or None."""
        return self._queue.paused

    def stop(self) -> None:
        """Begin nothing new; what is under way is finished and stored, then the run ends."""
        self._stop.set()
        self._queue.close()

    async def __aiter__(self) -> AsyncIterator[Event]:
        """The events of the run, as they happen."""
        run = asyncio.create_task(self._run())
        try:
            while not (self._ended and self._events.empty()):
                if (event := await self._events.get()) is not None:
                    yield event
            await run
        finally:
            run.cancel()
            try:
                await asyncio.wait([run])
            finally:  # also when it is cancelled once more
                self._write.close()
        yield Finished(self.progress)

    async def _run(self) -> None:
        try:
            await self._read_progress()
            await self._tell(Started(resumed=self.progress.dossiers > 0, progress=self.progress))
            if self._refresh or not self.progress.listed:
                await self._list_in_time()
            await self._work_all()
            # Of a run that was stopped they stay in the queue, like all that was under way.
            suspects = [] if self._stop.is_set() else self._suspects.convict_at_the_end()
            for suspect, failure in suspects:
                await self._quarantine(suspect, failure)
            await self._judge()
        finally:
            self._queue.close()
            try:
                # A store that fails has made the run fail already: that is what is told.
                with contextlib.suppress(StoreError):
                    await asyncio.shield(self._take_stock())
            finally:
                self._ended = True
                with contextlib.suppress(asyncio.QueueFull):  # then the reader sees _ended in time
                    self._events.put_nowait(None)

    async def _judge(self) -> None:
        judged = await self._write(self._store.judge)
        self._standing.close(judged.dossiers)
        for each in judged.dossiers:
            await self._tell(DossierSettled(each.dossier, each.state, each.changed))
        for concern in judged.concerns:
            if concern.is_open:
                log.warning("%s: %d %s", concern.subject, concern.count, concern.state)

    async def _take_stock(self) -> None:
        await self._counting(self._store.add_requests)
        await self._read_progress()

    async def _read_progress(self) -> None:
        self._standing.read(await self._write(self._store.progress))

    # -- listing -----------------------------------------------------------------------------

    async def _list_in_time(self) -> None:
        """List, once the quota allows it; a run that ends before it does has nothing to do."""
        may_go_on = True
        while may_go_on and not self._stop.is_set():
            try:
                await self._list()
            except DailyQuotaExceeded as error:
                if not self._queue.waits:
                    raise
                may_go_on = await self._queue.quota_is_back(error.resets_at)
            else:
                return

    async def _list(self) -> None:
        number = await self._write(self._store.begin_listing)
        aside, gaps = await self._read(self._source.listing(), number)
        if gaps and isinstance(self._source, RecallingSource):
            unnamed = await self._write(lambda: self._store.unnamed(number))
            more, still = await self._read(self._source.recall(unnamed), number)
            aside, gaps = aside + more, [*gaps, *still]
        await self._write(lambda: self._store.set_aside(aside, gaps))
        if aside or gaps:
            await self._tell(PutAside(aside, tuple(each.what for each in gaps)))
        vanished, _ = await self._counting(
            lambda requests: self._store.finish_listing(
                include=self._include,
                requests=requests,
                listing=number,
                lists_all=self._source.lists_all and not aside and not gaps,
                accept_vanished=self._refresh is not None and self._refresh.accept_vanished,
            )
        )
        await self._read_progress()
        await self._tell(Listed(self.progress.dossiers))
        if vanished.doubted:
            log.warning(
                "the listing lacks %d of %d known dossiers: none of them counts as deleted",
                vanished.dossiers,
                vanished.known,
            )
            await self._tell(Doubted(vanished.dossiers, vanished.known))

    async def _read(
        self, rows: AsyncGenerator[Root | BadRow | Gap], number: int
    ) -> tuple[int, list[Gap]]:
        """Store what a listing names; how many rows it put aside, and its gaps."""
        batch: list[Root] = []
        aside = 0
        gaps: list[Gap] = []
        async with contextlib.aclosing(rows):
            async for root in rows:
                if isinstance(root, BadRow):
                    aside += 1
                    continue
                if isinstance(root, Gap):
                    gaps.append(root)
                    continue
                batch.append(attrs.evolve(root, found=self._wanted(root.found)))
                if len(batch) == _PAGE:
                    await self._add(batch, number)
                    batch = []
        await self._add(batch, number)
        return aside, gaps

    async def _add(self, roots: list[Root], number: int) -> None:
        await self._write(lambda: self._store.add_dossiers(roots, listing=number))

    def _wanted(self, found: Found) -> Found:
        grouped = {*self._source.groups, *self._source.extra_groups}
        left_out = grouped - self._include

        def wanted(wants: Iterable[Want]) -> tuple[Want, ...]:
            return tuple(each for each in wants if self._source.group_of(each.kind) not in left_out)

        return attrs.evolve(found, wants=wanted(found.wants), unsaid=wanted(found.unsaid))

    # -- the workers -------------------------------------------------------------------------

    async def _work_all(self) -> None:
        """Run the workers; once one fails, the others only finish what they have under way."""
        workers = [asyncio.create_task(self._work()) for _ in range(self._workers)]
        until_stopped = asyncio.create_task(self._stop.wait())
        until_done = asyncio.create_task(asyncio.wait(workers, return_when=asyncio.FIRST_EXCEPTION))
        try:
            await asyncio.wait([until_done, until_stopped], return_when=asyncio.FIRST_COMPLETED)
            self._queue.close()
            await asyncio.wait(workers, timeout=DRAIN_SECONDS)
        finally:
            tasks = [*workers, until_done, until_stopped]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        for worker in workers:
            if not worker.cancelled() and (error := worker.exception()) is not None:
                raise error

    async def _work(self) -> None:
        while (work := await self._queue.next()) is not None:
            settled = False
            try:
                settled = await self._fetch(work)
            finally:
                self._queue.done(work, settled=settled)

    async def _with_what_is_told(self, work: Work) -> Work:
        path = self._source.told_at(work) if isinstance(self._source, ComparingSource) else None
        if path is None:
            return work
        return attrs.evolve(work, told=await self._write(lambda: self._store.body(path)))

    async def _fetch(self, work: Work) -> bool:
        """Fetch a resource and store the answer; whether that is settled."""
        try:
            answer = await self._source.fetch(await self._with_what_is_told(work))
        except (NotFound, Forbidden) as error:
            return await self._gone(work, error)
        except RateLimited:
            raise
        except DailyQuotaExceeded as error:
            if not self._queue.put_back(work, resumes_at=error.resets_at):
                raise
            return False
        except (ServerError, TransportError) as error:
            self._suspects.hold(work, error)
            return False
        except (ProtocolError, StatusError) as error:
            return await self._quarantine(work, error)
        else:
            await self._put(work, answer)
            for suspect, failure in self._suspects.convict():
                await self._quarantine(suspect, failure)
        return True

    async def _put(self, work: Work, answer: Answer) -> None:
        found = self._source.discover(work, answer)
        if isinstance(found, ProtocolError):
            await self._quarantine(work, found)
            return
        found = self._wanted(found)
        settled, requests = await self._counting(
            lambda requests: self._store.put(work, answer, found, requests=requests)
        )
        self._queue.add(settled.work)
        await self._tell_settled(Stored(work.kind, work.dossier), settled, requests)

    async def _gone(self, work: Work, error: NotFound | Forbidden) -> bool:
        # Procura says with a 500 that something is not there.
        status = _NOT_FOUND if isinstance(error, NotFound) else error.status
        settled, requests = await self._counting(
            lambda requests: self._store.gone(work, status=status, requests=requests)
        )
        return await self._tell_failed(Gone(work.kind, work.dossier, status), settled, requests)

    async def _quarantine(self, work: Work, error: RequestError) -> bool:
        text = f"{error.code}: {error}"
        settled, requests = await self._counting(
            lambda requests: self._store.quarantine(work, error=text, requests=requests)
        )
        if not settled.work:
            log.warning("dossier %s: quarantined: %s", work.dossier, error)
        event = Quarantined(work.kind, work.dossier, text)
        return await self._tell_failed(event, settled, requests)

    # -- telling -----------------------------------------------------------------------------

    async def _tell(self, event: Event) -> None:
        await self._events.put(event)

    async def _note_chosen(self, chosen: Batch) -> None:
        self._standing.add(to_refresh=len(chosen.dossiers))
        await self._tell(Refreshing(len(chosen.dossiers), chosen.requests, chosen.cycle))

    async def _tell_failed(self, event: Event, settled: Settled, requests: int) -> bool:
        """Whether it is settled: not while it is asked for by another dossier's path."""
        if not settled.work:
            await self._tell_settled(event, settled, requests)
            return True
        self._standing.settle(settled, requests=requests)
        self._queue.add(settled.work)
        return False

    async def _tell_settled(self, event: Event, settled: Settled, requests: int) -> None:
        self._standing.settle(settled, requests=requests)
        await self._tell(event)
        for each in settled.dossiers:
            await self._tell(DossierSettled(each.dossier, each.state, each.changed))

    async def _counting(self, call: Callable[[int], T]) -> tuple[T, int]:
        """What a call of the store returns that is told of the requests since the last one."""
        before, self._counted = self._counted, self._source.sent
        requests = self._counted - before
        try:
            return await self._write(lambda: call(requests)), requests
        except StoreError:
            self._counted -= requests  # for another call to tell of
            raise


def harvest(
    source: ElementsClient | Source,
    store: Store,
    *,
    include: Iterable[str] | None = None,
    max_requests: int | None = None,
    max_dossiers: int | None = None,
    until: float | None = None,
    refresh: Refresh | None = None,
    wait: bool = False,
    workers: int = DEFAULT_WORKERS,
    clock: Clock | None = None,
) -> Harvest:
    """Harvest dossiers and what hangs on them into ``store``.

    ::

        run = harvest(elements, store)
        async for event in run:
            ...
        run.progress.complete

    A store that an earlier run left unfinished is gone on with: what it holds is not asked for
    again. Requests have bulk priority.

    Args:
        source: Whose data: a client of Elements for all its dossiers, an
            :class:`~elements_procura.harvest.ElementsSource` for some of them, or a
            :class:`~elements_procura.harvest.ProcuraSource`. Its client stays open.
        store: Where to; it stays open.
        include: Names out of the source's ``groups`` (all by default), and of its ``extra_groups``.
        max_requests: End the run, to be gone on with, before it makes more requests. A request
            that has to be repeated at the very end may come on top.
        max_dossiers: End the run after so many dossiers, which are random ones: a pilot.
        until: End the run at this time, in seconds since the epoch.
        refresh: Also list the dossiers anew, and refresh those that are stored as it says.
        wait: Wait whenever the quota is used up, instead of raising.
        workers: How many resources are under way at once. The quota, not this, sets the pace.
        clock: What tells the time.

    Raises:
        InputError: ``include`` holds a name that is none, or others than the harvest in ``store``
            was begun with.
        AuthenticationError: While iterating: no token can be had (any more).
        DailyQuotaExceeded: While iterating: bulk's share of the day's requests is used up, and
            neither ``wait`` nor ``refresh.within`` says to wait for it.
        RateLimited: While iterating: the server keeps answering 429.
        TransportError, ServerError: While iterating: the server is down.
        StoreError: While iterating: the store cannot be written.
            After each of them the store is intact, and another run goes on from there.
    """
    if isinstance(source, ElementsClient):
        source = ElementsSource(source)
    return Harvest(
        source,
        store,
        include=include,
        budget=Budget(max_requests, max_dossiers, until, wait),
        refresh=refresh,
        workers=workers,
        clock=clock or SystemClock(),
    )
