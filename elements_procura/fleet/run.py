"""Ways to run tenants: one in any thread or process, or many on the caller's loop."""

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Any

import attrs

from elements_procura.core.observe import Observer, guarded
from elements_procura.errors import ConfigError, InputError, StoreError, WrongLoopError
from elements_procura.fleet._attended import Attendant, Attending, outcome_of
from elements_procura.fleet._files import check_files
from elements_procura.fleet._tenant_run import Quota
from elements_procura.fleet._turns import Turns
from elements_procura.fleet.dask import Cluster, spread
from elements_procura.fleet.events import FleetEvent
from elements_procura.fleet.exits import MEANINGS, Exit
from elements_procura.fleet.outcome import Outcome
from elements_procura.fleet.spec import TenantSpec, shared
from elements_procura.fleet.stop import Stop, StopSignal, watched
from elements_procura.harvest import Harvest, Store, StoreThreads

__all__ = ["harvest_tenants", "run_tenant"]


def run_tenant(
    spec: TenantSpec,
    *,
    on_event: Callable[[FleetEvent], None] | None = None,
    stop: Stop | None = None,
    observer: Observer | tuple[Observer, ...] | None = None,
) -> Outcome:
    """Harvest one tenant on a loop of its own: in any thread, or in a process of its own.

    An existing store is continued. Signal handlers and logging are left to the program. Every
    failure is in the outcome.

    Args:
        spec: The tenant.
        on_event: Called with every event, in this thread; it must neither raise nor take long.
        stop: An event of :mod:`threading` or :mod:`multiprocessing`, or a function. Once it is set,
            nothing new is begun; answers under way are stored.
        observer: Called while requests wait, leave, are answered and are repeated, and when the
            harvest is interrupted, in this thread; several as a tuple.

    Raises:
        WrongLoopError: A loop runs in this thread already.
    """
    with contextlib.suppress(RuntimeError):
        asyncio.get_running_loop()
        raise WrongLoopError(
            "run_tenant makes a loop of its own, and one runs in this thread already",
            hint="Await harvest_tenants there, or call run_tenant in a thread",
        )

    async def run() -> Outcome:
        async with watched(stop) as signal:
            return await outcome_of(spec, signal, _calling(on_event), observer=guarded(observer))

    return asyncio.run(run())


async def harvest_tenants(
    specs: Iterable[TenantSpec],
    *,
    on_event: Callable[[str, FleetEvent], None] | None = None,
    stop: Stop | None = None,
    observer: Observer | tuple[Observer, ...] | None = None,
    dask: Any = None,
    allow_unencrypted: bool = False,
) -> dict[str, Outcome]:
    """Harvest many tenants at once on this loop; a failure of one does not affect the others.

    Each has a client, a quota and a store of its own. A few begin at a time. With ``dask`` each
    runs in a thread of a cluster's worker, in whose environment its secret must be. Then
    ``on_event`` receives no events of single dossiers, but a
    :class:`~elements_procura.fleet.ProgressReport` every five seconds.

    Args:
        specs: The tenants.
        on_event: Called with the tenant's name and every event; it must neither raise nor take
            long.
        stop: As for :func:`run_tenant`, for all of them.
        observer: As for :func:`run_tenant`; it is called with the tenant's name, in this process.
        dask: A client of Dask, ``tcp://HOST:PORT``, ``tls://HOST:PORT``, or ``local:N`` for N
            processes on this machine; needs the extra ``fleet``.
        allow_unencrypted: Whether the scheduler may be on another machine without TLS.

    Returns: The outcomes, by name.

    Raises:
        ConfigError: Two of them would share a name, a directory or an account; or the cluster
            cannot be taken.
        InputError: A concern that is to be accepted is unknown to all of them.
    """
    if dask is not None:
        if observer is not None:
            raise ConfigError(
                "an observer does not cross processes",
                hint="Leave out observer with dask, and follow on_event",
            )
        cluster = Cluster.of(dask, is_unencrypted_allowed=allow_unencrypted)
        async with watched(stop) as signal:
            return await harvest_spread(tuple(specs), cluster, signal, on_event or _ignore)

    def attending(spec: TenantSpec) -> AbstractContextManager[Attendant]:
        named = None if on_event is None else (lambda event: on_event(spec.name, event))
        return _calling(named)(spec)

    async with watched(stop) as signal:
        return await harvest_all(tuple(specs), signal, attending, observer=guarded(observer))


async def harvest_all(
    specs: Sequence[TenantSpec],
    signal: StopSignal,
    attending: Attending,
    *,
    observer: Observer | None = None,
) -> dict[str, Outcome]:
    """Harvest many tenants at once, each with an attendant.

    Args:
        specs: The tenants.
        signal: The signal that asks all of them to stop.
        attending: Makes the attendant of each.
        observer: The observer of all of them.

    Raises:
        ConfigError, InputError: As :func:`harvest_tenants`.
    """
    specs = await _checked(specs)
    check_files(len(specs))
    turns, threads = Turns(signal, attending), StoreThreads()

    async def harvested(spec: TenantSpec, attending: Attending) -> Outcome:
        return await outcome_of(spec, signal, attending, observer=observer, threads=threads)

    # From here, so that what is said of a stop is about no tenant.
    with threads, signal.calls(lambda: None):
        outcomes = await asyncio.gather(*(turns.take(each, harvested) for each in specs))
    return {outcome.name: outcome for outcome in outcomes}


async def harvest_spread(
    specs: Sequence[TenantSpec],
    cluster: Cluster,
    signal: StopSignal,
    on_event: Callable[[str, FleetEvent], None],
) -> dict[str, Outcome]:
    """Harvest many tenants at once on the workers of a cluster.

    Args:
        specs: The tenants.
        cluster: Where.
        signal: The signal that asks all of them to stop.
        on_event: Called with a tenant's name and its events.

    Raises:
        ConfigError, InputError: As :func:`harvest_tenants`.
    """
    specs = await _checked(specs)
    with signal.calls(lambda: None):
        return await spread(specs, cluster, signal, on_event)


async def _checked(specs: Sequence[TenantSpec]) -> list[TenantSpec]:
    """The tenants as they are harvested.

    Raises:
        ConfigError, InputError: As :func:`harvest_tenants`.
    """
    if faults := list(shared(specs)):
        raise ConfigError("; ".join(faults), hint="Give each its own")
    return await asyncio.to_thread(_each_with_its_own, specs)


def worst(outcomes: Iterable[Outcome]) -> int:
    """The worst of their exit codes."""
    codes = {outcome.exit_code for outcome in outcomes}
    return next((code for code in MEANINGS if code in codes), Exit.DONE)


@attrs.frozen
class _CallbackAttendant:
    """An attendant that hands every event on."""

    on_event: Callable[[FleetEvent], None] | None

    async def watch(self, run: Harvest, quota: Quota) -> None:
        """Iterate over a run to its end."""
        async for event in run:
            self.note(event)

    def note(self, event: FleetEvent) -> None:
        """Hand an event on."""
        if self.on_event is not None:
            self.on_event(event)

    def ended(self, outcome: Outcome, error: Exception | None) -> None:
        """Keep the outcome for the caller."""


def _ignore(_name: str, _event: FleetEvent) -> None:
    """Receive an event that nobody wants."""


def _calling(on_event: Callable[[FleetEvent], None] | None) -> Attending:
    return lambda _: contextlib.nullcontext(_CallbackAttendant(on_event))


def _each_with_its_own(specs: Sequence[TenantSpec]) -> list[TenantSpec]:
    """The tenants, each with the concerns to accept that its own store has.

    Raises:
        InputError: A concern is in no tenant's store.
    """
    if not any(spec.job.accept for spec in specs):
        return list(specs)
    known: set[str] = set()
    listed: set[str] = set()
    found = []
    for spec in specs:
        own = spec.job.accept
        # One whose store cannot be read says so itself.
        with contextlib.suppress(StoreError), Store.read(spec.where) as store:
            concerns = store.concerns()
            subjects = {name for each in concerns for name in (each.subject, each.shown)}
            known |= subjects
            listed |= {each.shown for each in concerns}
            # Of the dossiers, it may be about the listing that is to come.
            own = tuple(each for each in spec.job.accept if each in subjects)
        if spec.job.believes_listing:
            known.add("dossier")
            listed.add("dossier")
        job = attrs.evolve(spec.job, accept=own, accept_vanished=spec.job.believes_listing)
        found.append(attrs.evolve(spec, job=job))
    asked = {each for spec in specs for each in spec.job.accept}
    if missing := sorted(asked - known):
        raise InputError(
            f"no tenant has anything to accept of {', '.join(missing)}",
            hint=f"There is {', '.join(sorted(listed))}" if listed else "There is nothing",
        )
    return found
