"""The two APIs of a demo: how each is connected to, and how its store is compared."""

import contextlib
import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path as FilePath
from typing import Final

import attrs

from elements_procura.clock import Clock, SystemClock
from elements_procura.demo._verify import Verdict, verify, verify_procura
from elements_procura.elements.client import ElementsClient
from elements_procura.errors import StoreError
from elements_procura.harvest import ElementsSource, Harvest, ProcuraSource, Store, StoreReader
from elements_procura.procura.client import ProcuraClient
from elements_procura.registry import spec_of
from elements_procura.sandbox import Limits, ProcuraSandbox, Sandbox
from elements_procura.scheduler import Rate, Scheduler, Usage
from elements_procura.spec.source import Source

ELEMENTS, PROCURA = "elements", "procura"
TENANT: Final = "demo"
# Every day on which the sandbox's cases were filed lies in it.
_PERIOD: Final = dt.date(2020, 1, 1), dt.date(2030, 12, 31)

Quota = Callable[[], tuple[Usage, ...]]
Watch = Callable[[str, Harvest, Quota], Awaitable[None]]


@attrs.frozen
class Connection:
    """A client, as far as a demo needs it."""

    client: ElementsClient | ProcuraClient
    source: Source

    @property
    def quota(self) -> Quota:
        """The use of its windows."""
        return self.client.quota

    @property
    def sent(self) -> int:
        """Requests that have left."""
        return self.client.counters.sent


class Side(ABC):
    """One API: a sandbox of it that listens."""

    name: str

    @abstractmethod
    def connected(
        self, clock: Clock | None = None
    ) -> contextlib.AbstractAsyncContextManager[Connection]:
        """A client of the sandbox, on this clock."""

    @abstractmethod
    def verify(self, store: StoreReader, *, as_json: bool = False) -> Verdict:
        """Compare a store with what the sandbox holds."""

    @property
    @abstractmethod
    def sandbox(self) -> Sandbox | ProcuraSandbox:
        """The server."""


@attrs.frozen
class ElementsSide(Side):
    """Elements."""

    sandbox: Sandbox
    name: str = ELEMENTS

    @contextlib.asynccontextmanager
    async def connected(self, clock: Clock | None = None) -> AsyncIterator[Connection]:
        """A client of the sandbox, on this clock."""
        clock = clock or SystemClock()
        given = self.sandbox.credentials
        async with ElementsClient(
            self.sandbox.url,
            credentials=(given["client_id"], given["client_secret"]),
            organisation=given["organisation"],
            webservice=given["webservice"],
            scopes=given["scopes"],
            scheduler=_scheduler(self.sandbox.limits, clock),
            clock=clock,
            read_only=True,
        ) as client:
            yield Connection(client, ElementsSource(client))

    def verify(self, store: StoreReader, *, as_json: bool = False) -> Verdict:
        """Compare a store with what the sandbox holds."""
        return verify(store, self.sandbox, as_json=as_json)


@attrs.frozen
class ProcuraSide(Side):
    """Procura."""

    sandbox: ProcuraSandbox
    name: str = PROCURA

    @contextlib.asynccontextmanager
    async def connected(self, clock: Clock | None = None) -> AsyncIterator[Connection]:
        """A client of the sandbox, on this clock."""
        clock = clock or SystemClock()
        given = self.sandbox.credentials
        first, last = _PERIOD
        async with ProcuraClient(
            self.sandbox.url,
            credentials=(given["client_id"], given["client_secret"]),
            scheduler=_scheduler(self.sandbox.limits, clock),
            clock=clock,
            read_only=True,
        ) as client:
            yield Connection(client, ProcuraSource(client, first=first, last=last))

    def verify(self, store: StoreReader, *, as_json: bool = False) -> Verdict:
        """Compare a store with what the sandbox holds."""
        return verify_procura(store, self.sandbox, as_json=as_json)


def _scheduler(limits: Limits, clock: Clock) -> Scheduler:
    """A scheduler with ``min_rtt=0``, which holds in one process as well."""
    rates = tuple(Rate(limit, seconds) for limit, seconds in limits.rates)
    return Scheduler(rates=rates, min_rtt=0.0, clock=clock)


def tenants_in(out: FilePath, name: str) -> dict[FilePath, str]:
    """The files of a demo's stores, Elements' first, with the tenants recorded in them."""
    return {out / spec_of(api).store_name: f"{TENANT} {name} {api}" for api in (ELEMENTS, PROCURA)}


def opened(path: FilePath, tenant: str, clock: Clock | None = None) -> Store:
    """The store, made if it is not there yet."""
    if path.exists():
        return Store.open(path, tenant=tenant, clock=clock)
    return Store.create(path, tenant=tenant, clock=clock)


def clear(tenants: Mapping[FilePath, str], *, unfinished_stays: bool = True) -> None:
    """Remove the stores of another demo, and those of this one if it is finished.

    Raises:
        StoreError: One of them is a real harvest's.
    """
    unfinished = another = False
    for path, tenant in tenants.items():
        if not path.exists():
            unfinished = True
            continue
        with Store.read(path) as store:
            if not store.tenant.startswith(f"{TENANT} "):
                raise StoreError(
                    f"{path} holds a real harvest", hint="Choose another --out for the demo"
                )
            another = another or store.tenant != tenant
            unfinished = unfinished or not store.progress().complete
    if another or not unfinished or not unfinished_stays:
        for path in tenants:
            for suffix in ("", "-wal", "-shm"):
                path.with_name(path.name + suffix).unlink(missing_ok=True)
