"""Recording results: writes them to the store, counts, and emits events."""

import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from elements_procura.errors import ElementsProcuraError, NotFound, StoreError
from elements_procura.harvest._standing import RunningProgress
from elements_procura.harvest._traffic_counter import TrafficWatch
from elements_procura.harvest._triage import HeldFailure, is_missing_right
from elements_procura.harvest._writer import Writer
from elements_procura.harvest.events import (
    AnswerStored,
    Concerns,
    DossierSettled,
    Event,
    HarvestInterrupted,
    HarvestResumed,
    ResourceGone,
    ResourceQuarantined,
)
from elements_procura.harvest.records import Settlement
from elements_procura.harvest.storage import Storage
from elements_procura.harvest.traffic import total
from elements_procura.spec.source import Answer, Discovery, Source, Work, id_repr

log = logging.getLogger("elements_procura.harvest")

T = TypeVar("T")

_NOT_FOUND, _FORBIDDEN = 404, 403
"""Statuses of a loss by its meaning, since Procura answers 500 for a missing thing."""


class Recorder:
    """Records the results of a run.

    Args:
        source: The source whose requests are counted.
        store: The store to write to.
        write: Calls the store.
        tell: Receives every event.
        watched: Whoever watches the requests.

    Attributes:
        on_work: Receives resources that are queued by a stored answer.
        standing: The progress of the run.
    """

    def __init__(
        self,
        source: Source,
        store: Storage,
        write: Writer,
        tell: Callable[[Event], Awaitable[None]],
        watched: TrafficWatch,
    ) -> None:
        self._source = source
        self._store = store
        self._write = write
        self._tell = tell
        self.on_work: Callable[[Iterable[Work]], None] = lambda _: None
        self._probes = 0
        self._counted = source.sent
        self._watched = watched
        self.standing = RunningProgress(lambda: watched.counter.total)

    async def begin(self) -> None:
        """The run begins: what the store itself counts."""
        stretches = await self._write(self._store.traffic)
        self.standing.begin(total(stretches))
        await self.read_progress()

    async def read_progress(self) -> None:
        """Read the progress from the store."""
        self.standing.read(await self._write(self._store.progress))

    async def take_stock(self) -> None:
        """Count requests without a stored result; called at the end of a run."""
        await self.counting(self._store.add_requests)
        await self.read_progress()

    async def judge(self) -> None:
        """Decide which resources that this run could not find again are believed to be gone."""
        before = self.standing.progress.concerns
        judged = await self._write(self._store.judge)
        self.standing.close(judged.dossiers)
        for each in judged.dossiers:
            await self._tell(DossierSettled(each.dossier, each.state, each.changed))
        await self.read_progress()
        concerns = self.standing.progress.concerns
        for concern in concerns:
            if concern.is_open:
                log.warning("%s: %d %s", concern.about, concern.count, concern.state)
        if concerns != before:
            await self._tell(Concerns(concerns))

    # -- answers -----------------------------------------------------------------------------

    async def put(self, work: Work, answer: Answer, found: Discovery) -> None:
        """Store an answer."""
        settled, requests = await self.counting(
            lambda requests: self._store.put(work, answer, found, requests=requests),
            is_answer=True,
        )
        self.on_work(settled.work)
        if (fault := found.fault) is not None:
            log.warning("dossier %s: quarantined: %s", id_repr(work.dossier), fault)
            text = f"{fault.code}: {fault}"
            await self._tell(ResourceQuarantined(work.kind, work.dossier, text))
        await self._tell_settled(AnswerStored(work.kind, work.dossier), settled, requests)

    async def believe(self, held: HeldFailure) -> bool:
        """Record a proven failure; return whether it settles the resource."""
        if isinstance(held.error, NotFound):
            return await self._lose(held.work, _NOT_FOUND)
        if is_missing_right(held.error):
            return await self._lose(held.work, _FORBIDDEN)
        return await self.quarantine(held)

    async def quarantine(self, held: HeldFailure) -> bool:
        """Quarantine a resource that cannot be read; return whether that settles it."""
        return await self.quarantine_work(held.work, held.error)

    async def quarantine_work(self, work: Work, error: ElementsProcuraError) -> bool:
        """Quarantine a resource for an error, as :meth:`quarantine` does."""
        text = f"{error.code}: {error}"
        settled, requests = await self.counting(
            lambda requests: self._store.quarantine(work, error=text, requests=requests)
        )
        if not settled.work:
            log.warning("dossier %s: quarantined: %s", id_repr(work.dossier), error)
        event = ResourceQuarantined(work.kind, work.dossier, text)
        return await self._tell_failed(event, settled, requests)

    async def _lose(self, work: Work, status: int) -> bool:
        settled, requests = await self.counting(
            lambda requests: self._store.gone(work, status=status, requests=requests)
        )
        return await self._tell_failed(
            ResourceGone(work.kind, work.dossier, status), settled, requests
        )

    async def _tell_failed(self, event: Event, settled: Settlement, requests: int) -> bool:
        """Emit a failure's event; return False if another dossier's path is tried first."""
        if not settled.work:
            await self._tell_settled(event, settled, requests)
            return True
        self.standing.settle(settled, requests=requests)
        self.on_work(settled.work)
        return False

    async def _tell_settled(self, event: Event, settled: Settlement, requests: int) -> None:
        self.standing.settle(settled, requests=requests)
        await self._tell(event)
        for each in settled.dossiers:
            await self._tell(DossierSettled(each.dossier, each.state, each.changed))

    # -- weather -----------------------------------------------------------------------------

    async def note_weather(self, event: HarvestInterrupted | HarvestResumed) -> None:
        """Record that the server has gone or come back."""
        away = event if isinstance(event, HarvestInterrupted) else None
        if isinstance(event, HarvestInterrupted):
            self._watched.interrupted(event.reason)
        else:
            self._watched.resumed(event.seconds)
        await self._write(lambda: self._store.set_interruption(away))
        await self._tell(event)

    async def count_probes(self, probes: int) -> None:
        """Count probes, which are kept apart from other requests."""
        if probes:
            self._probes += probes
            self.standing.add(probes=probes)
            await self._write(lambda: self._store.add_probes(probes))

    # -- counting ----------------------------------------------------------------------------

    async def counting(self, call: Callable[[int], T], *, is_answer: bool = False) -> tuple[T, int]:
        """Run a store call, passing it the number of requests since the previous one."""
        before, self._counted = self._counted, self._source.sent - self._probes
        requests = self._counted - before
        try:
            return await self._write(lambda: call(requests), is_answer=is_answer), requests
        except StoreError:
            self._counted -= requests  # for another call to tell of
            raise
