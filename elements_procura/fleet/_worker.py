"""What a Dask worker does with a tenant: a plain function, in one of its threads.

The store's lease decides who may write, not the engine: a thread that was cancelled runs on, and a
worker that was believed dead may wake up. So whoever finds a store in use waits for it, and whoever
is no longer wanted stops as at a Ctrl-C.

A worker that dies takes all of its tenants with it, and nobody knows which of them was the cause.
Each is then tried in a process of its own for some seconds, beside the worker's: there the blame is
certain. One that survives goes on in a thread; one that has ended three processes ends alone.
"""

import contextlib
import importlib
import pickle
import threading
from collections.abc import Callable, Iterator
from typing import Any

import attrs

from elements_procura import _version
from elements_procura.errors import ConfigError
from elements_procura.fleet._attended import outcome_by_store
from elements_procura.fleet._child import try_out
from elements_procura.fleet._here import IsStopped, OnEvent, harvest_here
from elements_procura.fleet.events import FleetEvent
from elements_procura.fleet.exits import Exit, exit_code
from elements_procura.fleet.outcome import Outcome
from elements_procura.fleet.spec import TenantSpec

POISONED = "fleet.poisoned"
"""The code of a tenant that ended the process that ran it, again and again."""
MOST_DEATHS = 3
_TRIAL_SECONDS, _LONGER = 10.0, 4
_TRIALS = 4  # at once in one worker
_PAUSE = 1.0

_slots = threading.BoundedSemaphore(_TRIALS)
_stopped: set[str] = set()


def ask_stop(run: str) -> None:
    """Ask the tenants of a run in this worker to stop, those that are still to come as well."""
    _stopped.add(run)


def forget(run: str) -> None:
    """Forget a run that has ended."""
    _stopped.discard(run)


def harvest_in_worker(given: dict[str, Any], *, run: str, task_key: str, version: str) -> Outcome:
    """Harvest a tenant in a thread of this worker.

    Args:
        given: The tenant's spec as JSON.
        run: The run that it belongs to: the topic of its events.
        task_key: The key of this task.
        version: That of who asks; a worker that came after the beginning may have another.
    """
    distributed = importlib.import_module("distributed")
    worker, client = distributed.get_worker(), distributed.get_client()
    if version != _version.__version__:
        raise ImportError  # what is asked for may mean something else there: see _lost.unable
    spec = TenantSpec.from_dict(given)
    try:
        spec.client_secret()
    except ConfigError as error:
        return outcome_by_store(
            spec,
            exit_code(error),
            error=error.code,
            message=f"{error.args[0]} on {worker.address}",
            hint="Workers read secrets where they run: set it there, and start them anew",
        )
    place = [run, spec.name]

    def on_event(event: FleetEvent) -> None:
        worker.log_event(run, {"tenant": spec.name, "event": pickle.dumps(event)})

    def is_stopped() -> bool:
        task = worker.state.tasks.get(task_key)
        is_wanted = task is not None and task.state == "executing"
        return run in _stopped or not is_wanted or worker.status.name != "running"

    deaths = _Deaths(
        lambda: client.get_metadata(place, default=(0, 0)),
        lambda found: client.set_metadata(place, found),
    )
    outcome = harvest_counted(spec, deaths, on_event=on_event, is_stopped=is_stopped)
    if outcome.error == ConfigError.code:  # a worker lacks an extra that others have
        outcome = attrs.evolve(outcome, message=f"{outcome.message}, on {worker.address}")
    return outcome


@attrs.frozen
class _Deaths:
    """How many processes a tenant has ended, and how often it was found innocent.

    They are kept where all workers of a run look, and before there is a store. A run that is begun
    anew counts anew.
    """

    read: Callable[[], tuple[int, int]]
    write: Callable[[tuple[int, int]], None]


def harvest_counted(
    spec: TenantSpec, deaths: _Deaths, *, on_event: OnEvent, is_stopped: IsStopped
) -> Outcome:
    """Harvest a tenant, unless it has ended too many processes.

    Args:
        spec: The tenant.
        deaths: Its count.
        on_event: Called with the events that are not about single dossiers.
        is_stopped: Whether it is to stop.
    """
    ended, trials = deaths.read()
    while 0 < ended < MOST_DEATHS:
        with _slot(is_stopped):
            seconds = _TRIAL_SECONDS * _LONGER**trials
            tried = try_out(spec, seconds=seconds, on_event=on_event, is_stopped=is_stopped)
        if tried.outcome is not None and not tried.is_cut:
            return tried.outcome
        ended, trials = (ended + 1, trials) if tried.outcome is None else (0, trials + 1)
        deaths.write((ended, trials))
    if ended >= MOST_DEATHS:
        return outcome_by_store(
            spec,
            Exit.FAILED,
            error=POISONED,
            message=f"each of {ended} processes that harvested it came to an end with it",
            hint="Look at their memory, and harvest it alone; what it has stored is safe",
        )
    # Said before it begins: nobody can say it afterwards.
    deaths.write((ended + 1, trials))
    return harvest_here(spec, on_event=on_event, is_stopped=is_stopped)


@contextlib.contextmanager
def _slot(is_stopped: IsStopped) -> Iterator[None]:
    """Few are tried out at once: each takes a process's memory."""
    while not (is_free := _slots.acquire(timeout=_PAUSE)) and not is_stopped():
        pass
    try:
        yield
    finally:
        if is_free:
            _slots.release()
