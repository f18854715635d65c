"""Ways to run tenants: one in any thread or process, or many on the caller's loop."""

import asyncio
import contextlib
import traceback
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

import attrs

from elements_procura.core.observe import Observer, guarded
from elements_procura.errors import (
    ConfigError,
    ElementsProcuraError,
    InputError,
    StoreError,
    WrongLoopError,
)
from elements_procura.fleet._run import Follower, Quota, TenantRun
from elements_procura.fleet.events import FleetEvent
from elements_procura.fleet.exits import MEANINGS, Exit, exit_code
from elements_procura.fleet.outcome import Outcome
from elements_procura.fleet.spec import TenantSpec, shared
from elements_procura.fleet.stop import Stop, StopSignal, watched
from elements_procura.harvest import Harvest, Progress, Store
from elements_procura.harvest.address import Where

__all__ = ["harvest_tenants", "run_tenant"]

UNEXPECTED = "unexpected"
"""The code of an error that is a fault of this package, or of a callback."""


class Attendant(Follower, Protocol):
    """A follower that also receives the outcome."""

    def ended(self, outcome: Outcome, error: Exception | None) -> None:
        """Receive the outcome.

        Args:
            outcome: How it ended.
            error: The error that has ended it, if any.
        """


Attending = Callable[[TenantSpec], AbstractContextManager[Attendant]]
"""Makes a tenant's attendant; entered and left in the task of its harvest."""


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
) -> dict[str, Outcome]:
    """Harvest many tenants at once on this loop; a failure of one does not affect the others.

    Each has a client, a quota and a store of its own.

    Args:
        specs: The tenants.
        on_event: Called with the tenant's name and every event; it must neither raise nor take
            long.
        stop: As for :func:`run_tenant`, for all of them.
        observer: As for :func:`run_tenant`; it is called with the tenant's name.

    Returns: The outcomes, by name.

    Raises:
        ConfigError: Two of them would share a name, a directory or an account.
        InputError: A concern that is to be accepted is unknown to all of them.
    """

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
    if faults := list(shared(specs)):
        raise ConfigError("; ".join(faults), hint="Give each its own")
    specs = await asyncio.to_thread(_each_with_its_own, specs)
    # From here, so that what is said of a stop is about no tenant.
    with signal.calls(lambda: None):
        outcomes = await asyncio.gather(
            *(outcome_of(each, signal, attending, observer=observer) for each in specs)
        )
    return {outcome.name: outcome for outcome in outcomes}


async def outcome_of(
    spec: TenantSpec,
    signal: StopSignal,
    attending: Attending,
    *,
    observer: Observer | None = None,
) -> Outcome:
    """Harvest one tenant; every failure is in the outcome.

    Args:
        spec: The tenant.
        signal: The signal that asks it to stop.
        attending: Makes its attendant.
        observer: Its observer.
    """
    failure: Exception | None = None
    with attending(spec) as attendant:
        try:
            ending = await TenantRun(spec, signal, attendant, observer=observer).run()
            outcome = Outcome(
                name=spec.name,
                store=str(spec.where),
                progress=ending.progress,
                exit_code=ending.exit_code,
                paused=ending.paused,
            )
            if signal.failure is not None and outcome.exit_code == Exit.INTERRUPTED:
                outcome = attrs.evolve(
                    outcome,
                    exit_code=Exit.FAILED,
                    error=UNEXPECTED,
                    message=f"the stop that was given cannot be read: {_place(signal.failure)}",
                    hint="What was begun is stored; run it again with another",
                )
        except ElementsProcuraError as error:
            failure = error
            outcome = Outcome(
                name=spec.name,
                store=str(spec.where),
                progress=await asyncio.to_thread(_progress, spec.where),
                exit_code=exit_code(error),
                error=error.code,
                message=str(error.args[0]),
                hint=error.hint,
            )
        except Exception as error:  # noqa: BLE001 - a fault of ours in one must not end the others
            failure = error
            outcome = Outcome(
                name=spec.name,
                store=str(spec.where),
                progress=await asyncio.to_thread(_progress, spec.where),
                exit_code=Exit.FAILED,
                error=UNEXPECTED,
                message=_place(error),
                hint="Report it; other tenants go on",
            )
        attendant.ended(outcome, failure)
    return outcome


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


def _place(error: Exception) -> str:
    """The type and place of an error, without its text, which may hold a token."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {Path(frame.filename).name}, line {frame.lineno}"


def _progress(store: Where) -> Progress:
    try:
        with Store.read(store) as opened:
            return opened.progress()
    except StoreError:  # nothing was begun, or that is what went wrong
        return Progress()
