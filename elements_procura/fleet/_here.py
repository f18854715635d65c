"""A tenant's harvest on a loop of its own, reported as far as a scheduler may keep it."""

import asyncio
import contextlib
import time
from collections.abc import Callable

import attrs

from elements_procura.errors import StoreInUse
from elements_procura.fleet._attended import outcome_of
from elements_procura.fleet._tenant_run import Quota
from elements_procura.fleet.events import FleetEvent, ProgressReport
from elements_procura.fleet.outcome import Outcome
from elements_procura.fleet.spec import TenantSpec
from elements_procura.fleet.stop import watched
from elements_procura.harvest import (
    AnswerStored,
    Concerns,
    DossierSettled,
    Harvest,
    ResourceGone,
    ResourceQuarantined,
)

_STANDING_SECONDS = 5.0
_BUSY_SECONDS, _PAUSE = 90.0, 1.0
# Of single dossiers, whose ids may name somebody.
_OF_DOSSIERS = (AnswerStored, ResourceGone, ResourceQuarantined, DossierSettled, Concerns)

OnEvent = Callable[[FleetEvent], None]
IsStopped = Callable[[], bool]


def harvest_here(spec: TenantSpec, *, on_event: OnEvent, is_stopped: IsStopped) -> Outcome:
    """Harvest a tenant in this thread, once its store is free.

    Whoever had it before may be stopping, or may not be known to be dead yet.

    Args:
        spec: The tenant.
        on_event: Called with the events that are not about single dossiers.
        is_stopped: Whether it is to stop.
    """
    give_up = time.monotonic() + _BUSY_SECONDS
    while True:
        outcome = asyncio.run(_harvested(spec, on_event, is_stopped))
        if outcome.error != StoreInUse.code or is_stopped() or time.monotonic() > give_up:
            return outcome
        time.sleep(_PAUSE)


async def _harvested(spec: TenantSpec, on_event: OnEvent, is_stopped: IsStopped) -> Outcome:
    async with watched(is_stopped) as signal:
        reporter = _Reporter(on_event)
        return await outcome_of(spec, signal, lambda _: contextlib.nullcontext(reporter))


@attrs.define
class _Reporter:
    """An attendant that reports what a scheduler may keep."""

    on_event: OnEvent
    _next: float = 0.0

    async def watch(self, run: Harvest, quota: Quota) -> None:
        """Iterate over a run to its end."""
        async for event in run:
            self.note(event)
            if time.monotonic() >= self._next:
                self._next = time.monotonic() + _STANDING_SECONDS
                self.on_event(ProgressReport(attrs.evolve(run.progress, concerns=())))

    def note(self, event: FleetEvent) -> None:
        """Report an event that is not about a single dossier."""
        if isinstance(event, _OF_DOSSIERS):
            return
        progress = getattr(event, "progress", None)
        if progress is not None:
            event = attrs.evolve(event, progress=attrs.evolve(progress, concerns=()))
        self.on_event(event)

    def ended(self, outcome: Outcome, error: Exception | None) -> None:
        """Leave the outcome to the caller."""
