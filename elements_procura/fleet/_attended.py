"""One tenant's harvest with an attendant, and its outcome: every failure is in it."""

import asyncio
import traceback
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

import attrs

from elements_procura.core.observe import Observer
from elements_procura.errors import ElementsProcuraError
from elements_procura.fleet._tenant_run import Follower, TenantRun
from elements_procura.fleet.exits import Exit, exit_code
from elements_procura.fleet.outcome import Outcome
from elements_procura.fleet.spec import TenantSpec
from elements_procura.fleet.stop import StopSignal
from elements_procura.harvest import Progress, Store, StoreThreads
from elements_procura.harvest.address import Where

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


async def outcome_of(
    spec: TenantSpec,
    signal: StopSignal,
    attending: Attending,
    *,
    observer: Observer | None = None,
    threads: StoreThreads | None = None,
) -> Outcome:
    """Harvest one tenant; every failure is in the outcome.

    Args:
        spec: The tenant.
        signal: The signal that asks it to stop.
        attending: Makes its attendant.
        observer: Its observer.
        threads: Where its store is called; None: in a thread of its own.
    """
    failure: Exception | None = None
    with attending(spec) as attendant:
        try:
            ending = await TenantRun(
                spec, signal, attendant, observer=observer, threads=threads
            ).run()
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
            outcome = await asyncio.to_thread(
                outcome_by_store,
                spec,
                exit_code(error),
                error=error.code,
                message=str(error.args[0]),
                hint=error.hint,
            )
        except Exception as error:  # noqa: BLE001 - a fault of ours in one must not end the others
            failure = error
            outcome = await asyncio.to_thread(
                outcome_by_store,
                spec,
                Exit.FAILED,
                error=UNEXPECTED,
                message=_place(error),
                hint="Report it; other tenants go on",
            )
        attendant.ended(outcome, failure)
    return outcome


def _place(error: Exception) -> str:
    """The type and place of an error, without its text, which may hold a token."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {Path(frame.filename).name}, line {frame.lineno}"


def outcome_by_store(
    spec: TenantSpec,
    exit_code: Exit,
    *,
    error: str | None = None,
    message: str = "",
    hint: str = "",
) -> Outcome:
    """The outcome of a harvest that did not say itself where it stands: its store does.

    Args:
        spec: The tenant.
        exit_code: As of a harvest of this tenant alone.
        error: The code of the error that ended it, or None.
        message: That error in words, without values.
        hint: The next step.
    """
    return Outcome(
        name=spec.name,
        store=str(spec.where),
        progress=progress_of(spec.where),
        exit_code=exit_code,
        error=error,
        message=message,
        hint=hint,
    )


def progress_of(store: Where) -> Progress:
    """Where a store stands; nowhere, if it cannot be read."""
    try:
        with Store.read(store) as opened:
            return opened.progress()
    except (
        ElementsProcuraError
    ):  # also where its extra is missing  # nothing was begun, or that is what went wrong
        return Progress()
