"""One tenant's harvest, from its settings to its end: the common core of all ways to run one."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from functools import partial
from typing import Any, Protocol
from urllib.parse import urlsplit

import attrs

from elements_procura import registry
from elements_procura.clock import Clock, SystemClock
from elements_procura.core.client import Client
from elements_procura.core.observe import Observer
from elements_procura.disk.errors import disk_errors, is_there
from elements_procura.errors import (
    ConfigError,
    DailyQuotaExceeded,
    ElementsProcuraError,
)
from elements_procura.fleet._held import HeldStore
from elements_procura.fleet.events import FleetEvent, QuotaShort, Sleep
from elements_procura.fleet.outcome import Ending
from elements_procura.fleet.spec import TenantSpec, greatest_ages
from elements_procura.fleet.stop import StopSignal
from elements_procura.harvest import (
    Harvest,
    HarvestInterrupted,
    HarvestResumed,
    Progress,
    Refresh,
    Store,
    StoreThreads,
    harvest,
)
from elements_procura.harvest._traffic_counter import TrafficCounter
from elements_procura.harvest.erasure.lists import read_list
from elements_procura.harvest.patience import Patience, may_pass, reason_of
from elements_procura.harvest.store import exists
from elements_procura.scheduler import Usage
from elements_procura.spec.settings import LEDGER_NAME
from elements_procura.spec.source import Source

_DAY = 86_400.0
_NAP = 60.0

Quota = Callable[[], tuple[Usage, ...]]


class Follower(Protocol):
    """The interface of an object that follows a tenant's harvest."""

    async def watch(self, run: Harvest, quota: Quota) -> None:
        """Iterate over a run to its end.

        Args:
            run: One of the tenant's runs.
            quota: The use of the client's windows.
        """

    def note(self, event: FleetEvent) -> None:
        """Receive an event between two runs."""


@attrs.define
class TenantRun:
    """One tenant's harvest: a run, or with ``wait`` a refresh a day until it is stopped.

    Attributes:
        spec: The tenant.
        stop: The signal that asks it to stop.
        follower: The object that follows it.
        clock: The time.
        observer: Called while its requests wait, leave, are answered and are repeated.
        threads: Where its store is called; None: in a thread of its own.
    """

    spec: TenantSpec
    stop: StopSignal
    follower: Follower
    clock: Clock = attrs.field(factory=SystemClock)
    observer: Observer | None = None
    threads: StoreThreads | None = None
    _progress: Progress = attrs.field(init=False, factory=Progress)
    _paused: str | None = attrs.field(init=False, default=None)
    _is_first: bool = attrs.field(init=False, default=True)

    async def run(self) -> Ending:
        """Begin the harvest, or go on with the one that is there, until it ends.

        The directory is only made once the settings have proved right.

        Raises:
            ConfigError: The store was begun for other dossiers, or the secret is missing.
            ElementsProcuraError: The error that has ended it; its store shows how far it came.
        """
        with self.stop.calls(lambda: None):  # so a stop between two steps is heard by the next
            await self._run()
        return Ending(
            self._progress,
            paused=self._paused,
            is_stopped=self.stop.is_set,
            is_refresh=self.spec.job.refresh,
            is_first=self._is_first,
        )

    async def _run(self) -> None:
        # In threads: a store that somebody else has locked keeps its opener waiting.
        spec, job, began = self.spec, self.spec.job, self.clock.wall()
        secret = spec.client_secret()
        selection: Mapping[str, str] = spec.settings.selection
        if is_resumed := await asyncio.to_thread(exists, spec.where):
            selection, self._progress = await asyncio.to_thread(_left, spec)
            done = self._progress
            self._is_first = not done.listed or done.settled < done.dossiers
            if done.complete and not job.refresh:
                return
        else:
            greatest_ages(spec, begun_with=None)
        with _folder(spec):
            async with spec.settings.client(secret, spec.out) as client, self._observed(client):
                beginning = _FirstRequests(self, client, selection)
                source = await beginning.in_time(
                    listing=job.refresh or not self._progress.listed,
                    began=began,
                    was_answered=self._progress.listed or self._progress.resources > 0,
                )
                if source is None:
                    return
                async with HeldStore(partial(_opened, spec, is_resumed=is_resumed)) as held:
                    await held.call(beginning.count_in)
                    while source is not None:
                        await self._run_until_done(client, source, held.store, began=began)
                        if job.purge:
                            await held.call(lambda store: store.purge())
                        if not (job.refresh and job.wait) or self.stop.is_set:
                            return
                        if not await self.sleep_until(began + _DAY, "refresh"):
                            return
                        began = self.clock.wall()
                        source = await beginning.in_time(
                            listing=True, began=began, was_answered=True
                        )
                        await held.call(beginning.count_in)

    @contextlib.asynccontextmanager
    async def _observed(self, client: Client[Any]) -> AsyncIterator[None]:
        with client.observed_by(self.observer, tenant=self.spec.name):
            yield

    async def _run_until_done(
        self, client: Client[Any], source: Source, store: Store, *, began: float
    ) -> None:
        job = self.spec.job
        run = harvest(
            source,
            store,
            include=job.include,
            max_requests=job.max_requests,
            max_dossiers=job.pilot,
            until=job.deadline(now=began),
            refresh=self._refresh(client, store, began=began) if job.refresh else None,
            wait=job.wait,
            workers=job.workers,
            patience=job.patience,
            threads=self.threads,
        )
        with self.stop.calls(run.stop):
            await self.follower.watch(run, client.quota)
        self._progress, self._paused = run.progress, run.paused

    def _refresh(self, client: Client[Any], store: Store, *, began: float) -> Refresh:
        """Make a refresh within bulk's share or the requested budget, in the time left."""
        job, now = self.spec.job, self.clock.wall()
        ends = min(began + job.within, job.deadline(now=began) or float("inf"))
        return Refresh.over(
            client.quota(),
            now=now,
            within=max(ends - now, 0.0),
            max_requests=job.max_requests,
            accept_vanished=job.believes_listing,
            max_age=greatest_ages(self.spec, begun_with=store.included),
        )

    async def sleep_until(self, when: float, reason: Any) -> bool:
        """Sleep until a moment; return False if a stop was asked for meanwhile.

        Args:
            when: Seconds since the epoch.
            reason: As :class:`~elements_procura.fleet.events.Sleep` has it.
        """
        self.follower.note(Sleep(when, reason))
        while not self.stop.is_set and (left := when - self.clock.wall()) > 0:
            # In short naps: a machine that was suspended wakes up late otherwise.
            await self.stop.sleep(min(left, _NAP))
        return not self.stop.is_set

    def give_up(self, resets_at: float) -> None:
        """End without a request, because the quota resets only after the end of the run.

        Args:
            resets_at: Seconds since the epoch.
        """
        self._paused = "within"
        self.follower.note(QuotaShort(resets_at))


@attrs.frozen
class _FirstRequests:
    """The first requests of a run, which prove the settings."""

    run: TenantRun
    client: Client[Any]
    selection: Mapping[str, str]
    counter: TrafficCounter = attrs.field(factory=TrafficCounter)

    def count_in(self, store: Store) -> None:
        """Count the requests for the token and the search, which no run has sent.

        Args:
            store: The tenant's.
        """
        traffic = self.counter.take()
        if traffic is not None:
            with store.together():
                store.add_requests(traffic.attempts)
                store.add_traffic(traffic)

    async def in_time(self, *, listing: bool, began: float, was_answered: bool) -> Source | None:
        """The source, once the day's quota allows it.

        Args:
            listing: Whether the dossiers will be asked for.
            began: When the run began.
            was_answered: Whether this store ever received an answer; if so, the run waits for the
                server.

        Returns:
            None when the quota comes too late, or a stop was asked for meanwhile.

        Raises:
            DailyQuotaExceeded: It does not allow it, and this is not waited for.
            ServerAway: The server was waited for long enough.
        """
        with self.client.observed_by(self.counter):
            return await self._in_time(listing=listing, began=began, was_answered=was_answered)

    async def _in_time(self, *, listing: bool, began: float, was_answered: bool) -> Source | None:
        run, job = self.run, self.run.spec.job
        begin = partial(self._source, listing=listing)
        if was_answered:
            begin = partial(self._patiently, begin)
        ends = began + job.within if job.refresh else float("inf") if job.wait else began
        while True:
            try:
                return await begin()
            except DailyQuotaExceeded as error:
                if not (job.refresh or job.wait):
                    raise
                if error.resets_at >= ends:
                    run.give_up(error.resets_at)
                    return None
                if not await run.sleep_until(error.resets_at, "quota"):
                    return None

    async def _source(self, *, listing: bool) -> Source | None:
        """Make the source; None if a stop was asked for meanwhile."""
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a coroutine runs in one
        settings, stop = self.run.spec.settings, self.run.stop

        def cancel() -> None:
            task.cancel()

        with stop.calls(cancel):
            try:
                await self.client.authenticate()
                return await settings.source(self.client, self.selection, listing=listing)
            except asyncio.CancelledError:
                if not stop.is_set:
                    raise
                task.uncancel()
                return None

    async def _patiently(self, begin: Callable[[], Awaitable[Source | None]]) -> Source | None:
        """Make the source, and wait for a server that is only away."""
        run = self.run
        patience: Patience | None = None
        while True:
            try:
                source = await begin()
            except ElementsProcuraError as error:
                if not may_pass(error):
                    raise
                if patience is None:
                    patience = Patience(run.spec.job.patience, run.clock)
                    reason = reason_of(error)
                    run.follower.note(HarvestInterrupted(patience.since, reason))
                    if (observer := self.client.observer) is not None:
                        observer.interrupted(self.client.tenant, reason=reason)
                if not await run.stop.sleep(patience.pause(error)):
                    return None
            else:
                if patience is not None:
                    run.follower.note(HarvestResumed(patience.spent, patience.probes))
                    if (observer := self.client.observer) is not None:
                        observer.resumed(self.client.tenant, seconds=patience.spent)
                return source


def agreed(asked: Mapping[str, str], begun_with: Mapping[str, str]) -> Mapping[str, str]:
    """Check the selection of a run against the store's, which must stay the same.

    Args:
        asked: The requested selection.
        begun_with: The store's.

    Raises:
        ConfigError: They differ.
    """
    if asked and dict(asked) != dict(begun_with):
        names = ", ".join(begun_with)  # their values may be somebody's name
        raise ConfigError(
            f"this harvest was begun {f'with another {names}' if names else 'for all dossiers'}",
            hint="Leave out which dossiers, or choose another directory (--out)",
        )
    return begun_with


def _left(spec: TenantSpec) -> tuple[Mapping[str, str], Progress]:
    """The selection of an earlier run, and its progress."""
    job = spec.job
    with Store.open(spec.where, tenant=spec.settings.tenant) as store:
        _same_server(spec, store.host)
        selection = agreed(spec.settings.selection, store.selection)
        greatest_ages(spec, begun_with=store.included)  # refused before anything is sent
        if job.history and not store.keeps_history:
            raise ConfigError(
                "this harvest was begun without --history",
                hint="Leave it out, or choose another directory (--out)",
            )
        if job.retry_quarantined:
            store.requeue_quarantined()
        known = {each.subject for each in store.concerns()}
        # Of the dossiers, it may be about the listing that is to come.
        expected = {"dossier"} - known if job.believes_listing else set()
        store.accept(each for each in job.accept if each not in expected)
        return selection, store.progress()


def _same_server(spec: TenantSpec, host: str | None) -> None:
    """Refuse a store that another server has filled: owners of two firms may have one name.

    Raises:
        ConfigError: The store was listed by another host than the spec's.
    """
    settings = spec.settings
    given = {name: getattr(settings, name) for name in settings.names()}
    if host is not None and host != urlsplit(settings.address(given)).hostname:
        raise ConfigError(
            "this harvest was begun with another server",
            hint="Choose another directory (--out) for each server",
        )


def _opened(spec: TenantSpec, *, is_resumed: bool) -> Store:
    tenant, job = spec.settings.tenant, spec.job
    listed = None if job.suppression is None else read_list(job.suppression)
    if is_resumed:
        store = Store.open(spec.where, tenant=tenant)
    else:
        store = Store.create(
            spec.where, tenant=tenant, selection=spec.settings.selection, history=job.history
        )
    if listed is not None:
        try:
            store.suppress(*listed)
        except BaseException:
            store.close()
            raise
    return store


@contextlib.contextmanager
def _folder(spec: TenantSpec) -> Iterator[None]:
    """Create the directory; remove it again if no harvest was started in it."""
    out = spec.out
    made = not is_there(out)
    with disk_errors(f"{out} cannot be made", out, hint="Choose another directory (--out)"):
        out.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        yield
    except ElementsProcuraError:
        if made and not any(is_there(out / each.store_name) for each in registry.specs()):
            for each in out.glob(f"{LEDGER_NAME}*"):
                each.unlink(missing_ok=True)
            with contextlib.suppress(OSError):  # it holds something else
                out.rmdir()
        raise
