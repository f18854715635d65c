"""What the tests of the harvest share: a client of a sandbox, and a harvest into a store."""

import contextlib
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, overload

from elements_procura.clock import Clock, SystemClock
from elements_procura.elements.client import ElementsClient
from elements_procura.harvest import Event, Store, harvest
from elements_procura.procura.client import ProcuraClient
from elements_procura.sandbox import ProcuraSandbox, Sandbox
from tests.client_kit import client_for
from tests.clock import clock_of_this_test

TENANT = "elements 16319"
LISTING = "/api/data/klantdossiers"


@overload
def connect(sandbox: Sandbox, **options: Any) -> ElementsClient: ...
@overload
def connect(sandbox: ProcuraSandbox, **options: Any) -> ProcuraClient: ...
def connect(sandbox: Sandbox | ProcuraSandbox, **options: Any) -> ElementsClient | ProcuraClient:
    """A client of ``sandbox`` as a harvest has it, by default without limits of its own."""
    clock = clock_of_this_test(SystemClock)
    return client_for(sandbox, **{"rates": (), "read_only": True, "clock": clock, **options})


@contextlib.asynccontextmanager
async def small(**options: object) -> AsyncIterator[tuple[Sandbox, ElementsClient]]:
    """A sandbox of twenty dossiers without limits, and a client of it."""
    given: dict[str, object] = {"dossiers": 20, "seed": 7, "limits": "off"}
    async with Sandbox(**{**given, **options}) as sandbox, connect(sandbox) as elements:  # type: ignore[arg-type] # the options are the sandbox's own
        yield sandbox, elements


@contextlib.asynccontextmanager
async def harvested(
    path: Path, clock: Clock
) -> AsyncIterator[tuple[Sandbox, ElementsClient, Store]]:
    """A small sandbox, a client of it, and a store at ``path`` with all that it has."""
    async with small() as (sandbox, elements):
        with Store.create(path, tenant=TENANT, clock=clock) as store:
            async for _ in harvest(elements, store, clock=clock):
                pass
            yield sandbox, elements, store


async def harvest_to(
    path: Path,
    elements: ElementsClient,
    *,
    workers: int = 8,
    stop_after: int | None = None,
    patience: float = 600.0,
) -> list[Event]:
    """Harvest into the store at ``path``, made or gone on with, and return the events.

    Args:
        path: Of the store.
        elements: Whose data.
        workers: Requests under way at once.
        stop_after: Ask the run to stop after so many events.
        patience: Seconds that it waits for a server that is away.
    """
    opened = Store.open if path.exists() else Store.create
    events: list[Event] = []
    clock = clock_of_this_test(SystemClock)
    with opened(path, tenant=TENANT, clock=clock) as store:
        run = harvest(elements, store, workers=workers, patience=patience, clock=clock)
        async for event in run:
            events.append(event)
            if len(events) == stop_after:
                run.stop()
    return events


def requested(sandbox: Sandbox) -> Counter[str]:
    """How often each path was asked for."""
    return Counter(entry.path for entry in sandbox.log if entry.method == "GET")


def repeated(sandbox: Sandbox) -> int:
    """How many requests were for what had been answered with 200 before."""
    found = Counter(
        entry.path for entry in sandbox.log if entry.method == "GET" and entry.status == 200
    )
    return found.total() - len(found)
