"""The demo: sandboxes of both APIs, a harvest of each, and proof that nothing is missing."""

import datetime as dt
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path as FilePath
from typing import Any

import attrs

from elements_procura.demo._verify import Verdict, verify, verify_procura
from elements_procura.elements.client import ElementsClient
from elements_procura.errors import StoreError
from elements_procura.harvest import (
    ElementsSource,
    Harvest,
    ProcuraSource,
    Progress,
    Store,
    harvest,
)
from elements_procura.procura.client import ProcuraClient
from elements_procura.sandbox import Limits, Sandbox
from elements_procura.sandbox.procura import ProcuraSandbox
from elements_procura.scheduler import Rate, Scheduler, Usage

__all__ = ["ApiResult", "DemoResult", "Quota", "Verdict", "run_demo", "verify", "verify_procura"]

ELEMENTS, PROCURA = "elements", "procura"
_TENANT = "demo"
# Every day on which the sandbox's cases were filed lies in it.
_PERIOD = dt.date(2020, 1, 1), dt.date(2030, 12, 31)

Quota = Callable[[], tuple[Usage, ...]]
Watch = Callable[[str, Harvest, Quota], Awaitable[None]]


@attrs.frozen
class ApiResult:
    """What the demo did with one API.

    Attributes:
        progress: Where the harvest stands, earlier runs on the same store included.
        verdict: What the comparison found.
        sent: Requests of this run.
        rejected_429: How many of them the sandbox refused because of its limits.
        seconds: What this run's harvest took.
        store: The file.
    """

    progress: Progress
    verdict: Verdict
    sent: int
    rejected_429: int
    seconds: float
    store: FilePath

    @property
    def pace(self) -> float:
        """Requests per second of this run."""
        return self.sent / max(self.seconds, 0.001)

    @property
    def ok(self) -> bool:
        """Whether everything was harvested and is equal."""
        return self.verdict.equal and self.progress.harvested == self.progress.dossiers

    def to_json(self) -> dict[str, Any]:
        """Its numbers. Their keys are fixed."""
        return {
            "dossiers": self.progress.dossiers,
            "harvested": self.progress.harvested,
            "quarantined": self.progress.quarantined,
            "lost": self.verdict.incomplete,
            "equal": self.verdict.equal,
            "requests": self.progress.requests,
            "requests_saved": self.progress.requests_saved,
            "rejected_429": self.rejected_429,
            "seconds": round(self.seconds, 3),
            "store": str(self.store),
        }


@attrs.frozen
class DemoResult:
    """What the demo did.

    Attributes:
        elements: With Elements.
        procura: With Procura; None when it was stopped before.
        out: The directory of the stores.
    """

    elements: ApiResult
    procura: ApiResult | None
    out: FilePath

    def __iter__(self) -> Iterator[tuple[str, ApiResult]]:
        """The name and the result of each API that was harvested."""
        yield ELEMENTS, self.elements
        if self.procura is not None:
            yield PROCURA, self.procura

    @property
    def equal(self) -> bool:
        """Whether both stores hold what the sandboxes do."""
        return self.procura is not None and all(each.verdict.equal for _, each in self)

    @property
    def ok(self) -> bool:
        """Whether everything of both APIs was harvested and is equal."""
        return self.procura is not None and all(each.ok for _, each in self)

    @property
    def quarantined(self) -> int:
        """Dossiers in quarantine."""
        return sum(each.progress.quarantined for _, each in self)

    def to_json(self) -> dict[str, Any]:
        """Totals over the APIs, and the same for each. Its keys are fixed."""
        apis = {name: each.to_json() for name, each in self}
        totals = {
            key: round(sum(each[key] for each in apis.values()), 3)
            for key in apis[ELEMENTS]
            if key not in ("equal", "store")
        }
        totals |= {"equal": self.equal, "store": str(self.out)}
        return {key: totals[key] for key in apis[ELEMENTS]} | {
            "apis": {ELEMENTS: None, PROCURA: None} | apis
        }


async def run_demo(
    elements: Sandbox, procura: ProcuraSandbox, out: FilePath, *, name: str, watch: Watch
) -> DemoResult:
    """Harvest two running sandboxes into ``out``, one after the other, and compare.

    A demo that was interrupted is gone on with when its name is the same, and what it had finished
    is only compared; a finished one, or another one, is begun anew.

    Args:
        elements: A sandbox of Elements that listens.
        procura: A sandbox of Procura that listens.
        out: Directory of the stores, ``elements.sqlite`` and ``procura.sqlite``.
        name: What the sandboxes' data depends on.
        watch: Iterates over the harvest of the API it is told the name of, and shows it, with what
            is used of the client's windows. When it stops that of Elements, Procura is not begun.

    Raises:
        StoreError: The directory holds a harvest that is not a demo's.
        ElementsProcuraError: See :func:`elements_procura.harvest.harvest`.
    """
    tenants = {out / f"{api}.sqlite": f"{_TENANT} {name} {api}" for api in (ELEMENTS, PROCURA)}
    _clear_finished(tenants)
    paths = iter(tenants)
    first = await _run_elements(elements, next(paths), tenants=tenants, watch=watch)
    second = None
    if first.progress.complete:
        second = await _run_procura(procura, next(paths), tenants=tenants, watch=watch)
    return DemoResult(first, second, out)


async def _run_elements(
    sandbox: Sandbox, path: FilePath, *, tenants: dict[FilePath, str], watch: Watch
) -> ApiResult:
    given = sandbox.credentials
    async with ElementsClient(
        sandbox.url,
        credentials=(given["client_id"], given["client_secret"]),
        organisation=given["organisation"],
        webservice=given["webservice"],
        scopes=given["scopes"],
        scheduler=_scheduler(sandbox.limits),
        read_only=True,
    ) as client:
        with _opened(path, tenants[path]) as store:
            run = harvest(ElementsSource(client), store)
            seconds = await _timed(store, lambda: watch(ELEMENTS, run, client.quota))
            return ApiResult(
                progress=store.progress(),
                verdict=verify(store, sandbox),
                sent=client.counters.sent,
                rejected_429=sandbox.rejected_429,
                seconds=seconds,
                store=path,
            )


def _scheduler(limits: Limits) -> Scheduler:
    """As careful as can be: in one process the first round trips are among the slowest."""
    rates = tuple(Rate(limit, seconds) for limit, seconds in limits.rates)
    return Scheduler(rates=rates, min_rtt=0.0)


async def _run_procura(
    sandbox: ProcuraSandbox, path: FilePath, *, tenants: dict[FilePath, str], watch: Watch
) -> ApiResult:
    given = sandbox.credentials
    first, last = _PERIOD
    async with ProcuraClient(
        sandbox.url,
        credentials=(given["client_id"], given["client_secret"]),
        scheduler=_scheduler(sandbox.limits),
        read_only=True,
    ) as client:
        with _opened(path, tenants[path]) as store:
            run = harvest(ProcuraSource(client, first=first, last=last), store)
            seconds = await _timed(store, lambda: watch(PROCURA, run, client.quota))
            return ApiResult(
                progress=store.progress(),
                verdict=verify_procura(store, sandbox),
                sent=client.counters.sent,
                rejected_429=sandbox.rejected_429,
                seconds=seconds,
                store=path,
            )


async def _timed(store: Store, watch: Callable[[], Awaitable[None]]) -> float:
    """The seconds that the harvest took; none for one that an earlier run has finished."""
    started = time.perf_counter()
    if not store.progress().complete:
        await watch()
    return time.perf_counter() - started


def _opened(path: FilePath, tenant: str) -> Store:
    return Store.open(path, tenant=tenant) if path.exists() else Store.create(path, tenant=tenant)


def _clear_finished(tenants: dict[FilePath, str]) -> None:
    """Remove the stores of another demo, and those of this one when there is nothing left to do."""
    unfinished = another = False
    for path, tenant in tenants.items():
        if not path.exists():
            unfinished = True
            continue
        with Store.read(path) as store:
            if not store.tenant.startswith(f"{_TENANT} "):
                raise StoreError(
                    f"{path} holds a real harvest", hint="Choose another --out for the demo"
                )
            another = another or store.tenant != tenant
            unfinished = unfinished or not store.progress().complete
    if another or not unfinished:
        for path in tenants:
            for suffix in ("", "-wal", "-shm"):
                path.with_name(path.name + suffix).unlink(missing_ok=True)
