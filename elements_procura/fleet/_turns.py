"""The starts of many tenants, one after the other: those under way keep their pace meanwhile."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator

import attrs

from elements_procura.fleet._attended import Attendant, Attending
from elements_procura.fleet._tenant_run import Quota
from elements_procura.fleet.events import FleetEvent
from elements_procura.fleet.outcome import Outcome
from elements_procura.fleet.spec import TenantSpec
from elements_procura.fleet.stop import StopSignal
from elements_procura.harvest import Harvest

_AT_ONCE = 8
_SECONDS = 1.0  # a start that takes longer waits for somebody, and costs the others nothing


class Turns:
    """Lets a few tenants begin at a time.

    A start costs as much as many answers: a store, threads, a token, a listing. A hundred at once
    would keep everybody from the first answer for long.

    Args:
        signal: A stop; then nobody waits for a turn.
        attending: Makes each tenant's attendant.
    """

    def __init__(self, signal: StopSignal, attending: Attending) -> None:
        self._signal = signal
        self._attending = attending
        self._free = asyncio.Semaphore(_AT_ONCE)

    async def take(
        self, spec: TenantSpec, harvested: Callable[[TenantSpec, Attending], Awaitable[Outcome]]
    ) -> Outcome:
        """Harvest a tenant when it is its turn to begin.

        Args:
            spec: The tenant.
            harvested: Harvests it, with an attendant that this makes.
        """
        turn = _Turn(self._free)

        @contextlib.contextmanager
        def attending(spec: TenantSpec) -> Iterator[Attendant]:
            with self._attending(spec) as attendant:
                yield _Beginner(attendant, turn)

        try:
            if not self._signal.is_set:
                with self._signal.calls(turn.begin):
                    await turn.wait()
            later = asyncio.get_running_loop().call_later(_SECONDS, turn.end)
            try:
                return await harvested(spec, attending)
            finally:
                later.cancel()
        finally:
            turn.end()


@attrs.define
class _Turn:
    """One tenant's turn to begin."""

    free: asyncio.Semaphore
    _is_held: bool = False
    _wakes: asyncio.Event = attrs.field(factory=asyncio.Event)

    def begin(self) -> None:
        """Begin without a turn."""
        self._wakes.set()

    async def wait(self) -> None:
        """Wait for it, unless a stop comes first."""
        taking = asyncio.create_task(self.free.acquire())
        stopping = asyncio.create_task(self._wakes.wait())
        try:
            await asyncio.wait([taking, stopping], return_when=asyncio.FIRST_COMPLETED)
            self._is_held = taking.done()
        finally:
            stopping.cancel()
            if not self._is_held:
                taking.cancel()
            await asyncio.wait([taking, stopping])
            # Both in the same moment: what was got must not be lost.
            self._is_held = not taking.cancelled()

    def end(self) -> None:
        """Let the next one begin; without effect the second time."""
        if self._is_held:
            self._is_held = False
            self.free.release()


@attrs.frozen
class _Beginner:
    """An attendant of a tenant that ends its turn when its run is under way."""

    attendant: Attendant
    turn: _Turn

    async def watch(self, run: Harvest, quota: Quota) -> None:
        """Iterate over a run to its end."""
        self.turn.end()
        await self.attendant.watch(run, quota)

    def note(self, event: FleetEvent) -> None:
        """Hand an event on."""
        self.attendant.note(event)

    def ended(self, outcome: Outcome, error: Exception | None) -> None:
        """Hand the outcome on."""
        self.attendant.ended(outcome, error)
