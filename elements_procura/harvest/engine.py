"""The engine: fetches many dossiers into a store, bounded, durable, resumable."""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import AsyncIterator, Coroutine, Iterable
from functools import partial
from pathlib import Path as FilePath
from typing import Any

import attrs

from elements_procura.clock import Clock
from elements_procura.core.observe import Observer
from elements_procura.errors import (
    AuthenticationError,
    DailyQuotaExceeded,
    InputError,
    ProtocolError,
    RateLimited,
    RequestError,
    StoreError,
)
from elements_procura.harvest._drain import run_together
from elements_procura.harvest._listing import Lister, narrowed, read_patiently
from elements_procura.harvest._outage import CONTROLS, Failure, Outage
from elements_procura.harvest._queue import Budget, Paused, WorkQueue
from elements_procura.harvest._recorder import Recorder
from elements_procura.harvest._traffic_counter import TrafficWatch
from elements_procura.harvest._triage import FailureTriage, Manners, Sign, is_unreachable
from elements_procura.harvest._weather import Weather
from elements_procura.harvest._writer import Writer
from elements_procura.harvest.address import path_of
from elements_procura.harvest.events import (
    Event,
    HarvestFinished,
    HarvestStarted,
    Progress,
    QuotaWait,
    RefreshStarted,
)
from elements_procura.harvest.patience import is_final
from elements_procura.harvest.policy.rolling import Batch, Refresh
from elements_procura.harvest.storage import Storage
from elements_procura.harvest.threads import StoreThreads
from elements_procura.spec.source import (
    Answer,
    ComparingSource,
    Source,
    Work,
    api_of,
    included,
    unrecognisable,
)

log: logging.Logger = logging.getLogger("elements_procura.harvest")

DRAIN_SECONDS = 7.0
"""Seconds that a stopped run waits for requests under way; later ones stay in the queue."""
_EVENTS_AHEAD = 1_000


class Harvest:
    """One run of a harvest. Iterate over it once; see :func:`harvest`."""

    def __init__(
        self,
        source: Source,
        store: Storage,
        *,
        include: Iterable[str] | None,
        budget: Budget,
        refresh: Refresh | None,
        workers: int,
        patience: float,
        clock: Clock,
        observer: Observer | None = None,
        threads: StoreThreads | None = None,
    ) -> None:
        self._source = source
        self._comparing = source if isinstance(source, ComparingSource) else None
        self._store = store
        if store.api not in (None, api := api_of(source)) and api is not None:
            raise InputError("the store holds dossiers of another API", hint="Begin another store")
        self._include = included(
            include,
            groups=source.groups,
            extra_groups=source.extra_groups,
            begun_with=store.included,
        )
        self._wanted = narrowed(source, self._include)
        self._refresh = refresh
        self._workers = workers
        self._clock = clock
        self._watched = watched = TrafficWatch(source, observer)
        self._write = Writer(store, partial(watched.to_keep, store), threads, watched.many_wait)
        self._events: asyncio.Queue[Event | None] = asyncio.Queue(_EVENTS_AHEAD)
        self._ended = False
        self._ending = asyncio.Event()
        before = source.sent
        self._recorder = Recorder(source, store, self._write, self._tell, watched)
        self._queue = WorkQueue(
            store,
            self._write,
            sent=lambda: source.sent - before,
            budget=budget,
            refresh=refresh,
            clock=clock,
            on_chosen=self._note_chosen,
            on_begun=lambda more: self._recorder.standing.add(queued=more),
            on_waiting=lambda until: self._tell(QuotaWait(until)),
        )
        self._recorder.on_work = self._queue.add
        self._triage = FailureTriage(Manners(store.manners()), clock.now)
        self._manners_kept = dict(self._triage.manners.known)
        self._unrecognisable = unrecognisable(source)
        self._readable: deque[Work] = deque(maxlen=CONTROLS)  # the last that were
        self._weather = Weather(
            patience=patience,
            until=self._queue.ends_at,
            clock=clock,
            ending=self._ending,
            is_over=self._is_over,
            tell=self._recorder.note_weather,
        )
        self._outage = Outage(
            source,
            self._triage,
            self._weather,
            control=self._control,
            settle=self._settle,
            take=self._take,
            ask_again=watched.counter.ask_again,
            count=self._recorder.count_probes,
            is_over=self._is_over,
            quota_is_back=self._quota_is_back,
        )

    @property
    def path(self) -> FilePath:
        """The file of the store.

        Raises:
            ConfigError: The store is not a file: see :attr:`url`.
        """
        return path_of(self._store.url)

    @property
    def url(self) -> str:
        """The identity of the store."""
        return self._store.url

    @property
    def progress(self) -> Progress:
        """The progress of the harvest, current while it runs."""
        return self._recorder.standing.progress

    @property
    def paused(self) -> Paused | None:
        """The budget that ended the run before it was complete, or None."""
        return self._queue.paused

    def stop(self) -> None:
        """Send nothing more: what has left is awaited and stored, then the run ends."""
        self._end()

    def _end(self) -> None:
        self._ending.set()
        self._queue.close()
        self._watched.counter.recall(self._weather.recall)

    def _is_over(self) -> bool:
        """Whether the run must end now, even if the server is away."""
        return self._ending.is_set() or self._queue.end_if_spent()

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
        yield HarvestFinished(self.progress)

    async def _run(self) -> None:
        watching = contextlib.ExitStack()
        try:
            await self._recorder.begin()
            watching.enter_context(self._watched.watching())
            await self._tell(
                HarvestStarted(resumed=self.progress.dossiers > 0, progress=self.progress)
            )
            if self._store.interruption() is not None:  # that an earlier run had met
                await self._write(lambda: self._store.set_interruption(None))
            if self._refresh or not self.progress.listed:
                await self._together(self._list_in_time())
            while not self._ending.is_set():
                await self._together(*(self._work() for _ in range(self._workers)))
                if not self._goes_on():
                    break
                await self._together(self._resolve())
            # Of a run that was stopped they stay in the queue, like all that was under way.
            await self._recorder.judge()
        except DailyQuotaExceeded:
            if self._queue.paused is None:
                raise
            # Its time has ended before there was any quota again: that is a good end.
            await self._recorder.judge()
        finally:
            self._queue.close()
            self._watched.counter.was_away(self._weather.away)
            try:
                await asyncio.shield(self._take_stock())
            finally:
                watching.close()
                self._ended = True
                with contextlib.suppress(asyncio.QueueFull):  # then the reader sees _ended in time
                    self._events.put_nowait(None)

    async def _take_stock(self) -> None:
        # In the shield: whoever is cancelled twice leaves nobody to retrieve the error. A store
        # that fails has made the run fail already, and that is what is raised.
        with contextlib.suppress(StoreError):
            await self._recorder.take_stock()

    async def _together(self, *parts: Coroutine[Any, Any, None]) -> None:
        await run_together(*parts, ending=self._ending, end=self._end, drain=DRAIN_SECONDS)

    # -- listing -----------------------------------------------------------------------------

    async def _quota_is_back(self, resumes_at: float) -> bool:
        """Wait for the quota if this run does so; return whether requests may leave again."""
        return self._queue.waits and await self._queue.quota_is_back(resumes_at)

    async def _list_in_time(self) -> None:
        """Read the listing once the quota allows it, unless the run ends before."""
        may_go_on = True
        while may_go_on and not self._ending.is_set():
            try:
                await self._list()
            except DailyQuotaExceeded as error:
                if not self._queue.waits:
                    raise
                may_go_on = await self._quota_is_back(error.resets_at)
            else:
                return

    async def _list(self) -> None:
        lister = Lister(
            self._source,
            self._store,
            self._write,
            self._recorder,
            tell=self._tell,
            wanted=self._wanted,
            host=self._watched.host,
            include=self._include,
            accept_vanished=self._refresh is not None and self._refresh.accept_vanished,
        )
        await read_patiently(
            lister,
            self._weather,
            self._outage,
            control=lambda: self._control(set()),
            was_answered=self._was_answered,
            was_listed=self.progress.listed,
        )

    @property
    def _was_answered(self) -> bool:
        """Whether this store ever received an answer; if so, an unreachable server is only away."""
        return self.progress.listed or self.progress.resources > 0

    # -- the workers -------------------------------------------------------------------------

    async def _work(self) -> None:
        while (work := await self._queue.next()) is not None:
            settled = False
            try:
                settled = await self._fetch(work)
            finally:
                self._queue.done(work, settled=settled)

    async def _fetch(self, work: Work) -> bool:
        """Fetch a resource and store the answer; return whether it is settled."""
        if self._comparing is not None and (path := self._comparing.told_at(work)) is not None:
            told = await self._write(partial(self._store.body, path))
            work = attrs.evolve(work, told=told)
        while await self._weather.may_send():
            began = self._triage.leave()
            try:
                answer = await self._weather.recallable(self._source.fetch(work))
                if answer is None:  # called back: the server is away, or the run ends
                    continue
                failed: Failure | None = await self._take(work, answer, began)
            except RateLimited:
                raise
            except DailyQuotaExceeded as error:
                if not self._queue.put_back(work, resumes_at=error.resets_at):
                    raise
                break
            except (RequestError, AuthenticationError) as error:
                failed = error
            except InputError as error:  # an id of the listing that no request can name
                return await self._recorder.quarantine_work(work, error)
            if failed is None:
                return True
            await self._hold(work, failed, began)
            break
        return False

    async def _take(self, work: Work, answer: Answer, began: int) -> ProtocolError | None:
        """Store an answer if it belongs to its request."""
        found = self._source.discover(work, answer)
        if isinstance(found, ProtocolError):
            return found
        await self._recorder.put(work, answer, self._wanted(found))
        await self._settle(began, work)
        return None

    async def _hold(self, work: Work, error: Failure, began: int) -> None:
        """Hold a failure back, and investigate if it is one of many."""
        is_away = is_unreachable(error)
        is_about_all = is_away or isinstance(error, AuthenticationError)
        if is_final(error) or (is_about_all and not self._was_answered):
            raise error.with_traceback(None)
        sign = self._triage.hold(work, error, began)
        if is_away or sign is Sign.AWAY:
            await self._outage.sit_out(error)
        elif sign is Sign.DOUBTFUL:
            await self._outage.doubt()

    async def _settle(self, began: int, work: Work | None = None) -> None:
        """Settle earlier failures after a success of a request that left at ``began``."""
        if work is not None and work.kind not in self._unrecognisable:
            self._readable.append(work)
        verdict = self._triage.succeed(began, work)
        for held in verdict.facts:
            if await self._recorder.believe(held):
                self._queue.settled(held.work)
        for held in verdict.broken:
            if await self._recorder.quarantine(held):
                self._queue.settled(held.work)
        self._watched.counter.ask_again(len(verdict.again))
        self._queue.add(verdict.again)
        if self._triage.manners.known != self._manners_kept:
            self._manners_kept = known = dict(self._triage.manners.known)
            await self._write(partial(self._store.set_manners, known))

    async def _control(self, but: set[str]) -> Work | None:
        for work in reversed(self._readable):
            if work.path not in but:
                return work
        kinds = self._unrecognisable
        return await self._write(lambda: self._store.control(but=but, kinds=kinds))

    # -- the end -----------------------------------------------------------------------------

    def _goes_on(self) -> bool:
        """Whether held failures can still be resolved."""
        if self._ending.is_set() or not self._triage.holds:
            return False
        if self._queue.paused == "max-dossiers":
            self._queue.reopen()  # those that were begun are finished
        return self._queue.paused is None

    async def _resolve(self) -> None:
        """Probe a control to judge the failures, because no other request is left."""
        wait = self._triage.waits_until - self._clock.now()
        if wait > 0 and not await self._weather.sleep(wait):
            return
        if self._triage.any() is None:
            for held in self._triage.resolve_at_end():
                if await self._recorder.quarantine(held):
                    self._queue.settled(held.work)
        elif (error := await self._outage.inquire()) is not None:
            await self._outage.sit_out(error)

    # -- telling -----------------------------------------------------------------------------

    async def _tell(self, event: Event) -> None:
        try:
            self._events.put_nowait(event)
        except asyncio.QueueFull:
            await self._events.put(event)

    async def _note_chosen(self, chosen: Batch) -> None:
        self._recorder.standing.add(to_refresh=len(chosen.dossiers))
        if chosen.unbounded:
            log.warning("the quota is too small for these ages: %s", ", ".join(chosen.unbounded))
        await self._tell(RefreshStarted(len(chosen.dossiers), chosen.requests, chosen.cycle))
