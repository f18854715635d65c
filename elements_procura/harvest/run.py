"""The public function that begins a harvest."""

from collections.abc import Iterable
from typing import Any

from elements_procura.clock import Clock, SystemClock
from elements_procura.core.client import Client
from elements_procura.core.observe import Observer, guarded
from elements_procura.harvest._queue import Budget
from elements_procura.harvest.engine import Harvest
from elements_procura.harvest.patience import DEFAULT_PATIENCE
from elements_procura.harvest.policy.rolling import Refresh
from elements_procura.harvest.storage import Storage
from elements_procura.harvest.threads import StoreThreads
from elements_procura.registry import spec_of
from elements_procura.spec.source import Source

DEFAULT_WORKERS = 32
"""The default number of resources under way at once."""


def harvest(
    source: Client[Any] | Source,
    store: Storage,
    *,
    include: Iterable[str] | None = None,
    max_requests: int | None = None,
    max_dossiers: int | None = None,
    until: float | None = None,
    refresh: Refresh | None = None,
    wait: bool = False,
    workers: int = DEFAULT_WORKERS,
    patience: float = DEFAULT_PATIENCE,
    clock: Clock | None = None,
    observer: Observer | tuple[Observer, ...] | None = None,
    threads: StoreThreads | None = None,
) -> Harvest:
    """Harvest dossiers with all their resources into ``store``.

    ::

        run = harvest(elements, store)
        async for event in run:
            ...
        run.progress.complete

    A store that an earlier run left unfinished is continued: its content is not fetched again.
    Requests have bulk priority.

    Args:
        source: The data to harvest: a client of Elements for all its dossiers, an
            :class:`~elements_procura.harvest.ElementsSource` for some of them, or a
            :class:`~elements_procura.harvest.ProcuraSource`. Its client stays open.
        store: The store to write to; it stays open.
        include: Names out of the source's ``groups`` (all by default), and of its ``extra_groups``.
        max_requests: End the run, to be gone on with, before it makes more requests. A request
            that has to be repeated at the very end may come on top.
        max_dossiers: End the run after so many dossiers, which are random ones: a pilot.
        until: End the run at this time, in seconds since the epoch.
        refresh: Also list the dossiers anew, and refresh the stored ones with these settings.
        wait: Wait whenever the quota is used up, instead of raising.
        workers: How many resources are under way at once. The quota, not this, sets the pace.
        patience: Seconds that the server may be away at a time: everybody waits, and one request
            in between asks whether it is back.
        clock: What tells the time.
        observer: Called while the run's requests wait, leave, are answered and are repeated, and
            when it is interrupted, besides those that the client was made with; several as a tuple.
        threads: Where the store is called, for many harvests of one event loop; they stay open.
            None: in a thread of its own.

    Raises:
        InputError: ``include`` holds an unknown name, or differs from the harvest in ``store``; or
            ``store`` holds dossiers of another API.
        AuthenticationError: While iterating: no token can be had (any more).
        DailyQuotaExceeded: While iterating: bulk's share of the day's requests is used up, and
            neither ``wait`` nor ``refresh.within`` says to wait for it.
        RateLimited: While iterating: the server keeps answering 429.
        ServerAway: While iterating: the server was away for longer than ``patience``.
        TransportError, ServerError: While iterating: it was unreachable when a new store was begun.
        StoreError: While iterating: the store cannot be written.
            After each of them the store is intact, and another run goes on from there.
    """
    if isinstance(source, Client):
        source = spec_of(source.api_name).source(source)
    return Harvest(
        source,
        store,
        include=include,
        budget=Budget(max_requests, max_dossiers, until, wait),
        refresh=refresh,
        workers=workers,
        patience=patience,
        clock=clock or SystemClock(),
        observer=guarded(observer),
        threads=threads,
    )
