"""Nights on virtual time: the engine, the store and the scheduler, and a strict server.

A day passes as fast as the machine can count its requests. ``tests/soak/many_nights.py`` has the
documented numbers.
"""

import asyncio
from bisect import bisect_right
from collections import deque
from collections.abc import AsyncGenerator, Iterable, Iterator
from pathlib import Path

import attrs

from elements_procura.harvest import Refresh, Store, harvest
from elements_procura.harvest.policy.refresh import DAY
from elements_procura.scheduler import Count, Priority, Rate, Scheduler
from elements_procura.spec.source import Answer, Discovery, Root, Want, Work
from tests.clock import VirtualClock

HOUR, MINUTE = 3600.0, 60.0


class MemoryLedger:
    """Counts that outlive a scheduler, but not the test."""

    def __init__(self) -> None:
        self._counts: dict[tuple[float, float], list[int]] = {}

    def load(self, rate: Rate, since: float) -> Iterable[Count]:
        return [
            Count(start, *count)
            for (seconds, start), count in self._counts.items()
            if seconds == rate.seconds and start >= since
        ]

    def add(self, rate: Rate, count: Count) -> None:
        counts = self._counts.setdefault((rate.seconds, count.start), [0, 0])
        counts[0] += count.total
        counts[1] += count.bulk

    def close(self) -> None: ...


@attrs.define
class StrictServer:
    """Counts every request of the last day, and of the last second.

    Attributes:
        refused: Requests above a limit.
        most: The most that it has seen in one day.
    """

    rates: tuple[Rate, ...]
    refused: int = 0
    most: int = 0
    _seen: list[deque[float]] = attrs.field(factory=list)

    def count(self, now: float) -> None:
        self._seen = self._seen or [deque() for _ in self.rates]
        for rate, seen in zip(self.rates, self._seen, strict=True):
            while seen and seen[0] <= now - rate.seconds:
                seen.popleft()
            seen.append(now)
            self.refused += len(seen) > rate.limit
            if rate.is_quota:
                self.most = max(self.most, len(seen))


@attrs.frozen
class Body:
    body: bytes


@attrs.define
class Office:
    """Dossiers with a few parts each, some of which are shared.

    Attributes:
        scheduler: What lets requests leave; None for no limits.
    """

    dossiers: int
    parts: int
    server: StrictServer
    clock: VirtualClock
    scheduler: Scheduler | None = None
    changes: dict[int, list[float]] = attrs.field(factory=dict)
    sent: int = 0
    groups: tuple[str, ...] = ()
    extra_groups: tuple[str, ...] = ()
    lists_all: bool = True

    def group_of(self, kind: str) -> str:
        return kind

    async def _send(self) -> None:
        if self.scheduler is None:
            self.sent += 1
            return
        slot = await self.scheduler.acquire(priority=Priority.BULK)
        self.sent += 1
        await asyncio.sleep(0.03)
        self.server.count(self.clock.now())
        await asyncio.sleep(0.05)
        slot.finish(status=200)

    async def listing(self) -> AsyncGenerator[Root]:
        await self._send()
        for dossier in range(self.dossiers):
            yield Root(dossier, Discovery((Want("dossier", f"/{dossier}"),)))

    async def fetch(self, work: Work) -> Answer:
        await self._send()
        assert isinstance(work.dossier, int)
        seen = bisect_right(self.changes.get(work.dossier, []), self.clock.wall())
        return Body(b"%d" % seen)

    def discover(self, work: Work, answer: Answer) -> Discovery:
        if work.kind != "dossier":
            return Discovery()
        assert isinstance(work.dossier, int)
        own = [Want("part", f"{work.path}/{each}") for each in range(self.parts - 1)]
        adviser = work.dossier % max(self.dossiers // 40, 1)
        return Discovery((*own, Want("shared", f"{work.path}/a", share=f"adviser/{adviser}")))


@attrs.frozen
class Night:
    """What one run did.

    Attributes:
        sent: Requests.
        planned: Requests that it meant to make.
        hours: How long it took.
        oldest: Days that the stalest dossier had waited when it ended.
        paused: Which budget ended it.
    """

    sent: int
    planned: int
    hours: float
    oldest: float
    paused: str | None


def starts(nights: int, *, later: float = 0.0, at: Iterable[float] = (2.0,)) -> Iterator[float]:
    """When runs start, in seconds: every night at these hours, each night so much later."""
    for night in range(nights):
        for hour in at:
            yield (1 + night) * DAY + hour * HOUR + night * later


async def nightly(
    path: Path,
    office: Office,
    when: Iterable[float],
    *,
    rates: tuple[Rate, ...],
    within: float = 10 * HOUR,
    calls: int = 0,
    is_new: bool = False,
) -> list[Night]:
    """Harvest everything without limits, then refresh as the command does, night after night.

    Args:
        path: Of the store.
        office: What is harvested.
        when: When runs start, in seconds.
        rates: What the server allows.
        within: How long a run may last, in seconds.
        calls: Interactive calls while a run lasts, a minute apart.
        is_new: Whether the nights begin with an empty store.
    """
    clock, ledger, nights = office.clock, MemoryLedger(), []
    clock.loop = asyncio.get_running_loop()
    with Store.create(path, tenant="t", clock=clock) as store:
        if not is_new:
            async for _ in harvest(office, store, clock=clock):
                pass
        for start in when:
            await asyncio.sleep(start - clock.now())
            office.scheduler = Scheduler(rates=rates, clock=clock, ledger=ledger)
            before, planned = office.sent, 0
            refresh = Refresh.over(office.scheduler.quota(), now=clock.wall(), within=within)
            run = harvest(office, store, refresh=refresh, clock=clock)
            people = asyncio.create_task(_call(office, calls))
            async for event in run:
                planned = getattr(event, "requests", planned)
            hours = (clock.now() - start) / HOUR
            await people
            await office.scheduler.aclose()
            oldest = store.staleness(now=clock.wall()).oldest
            nights.append(Night(office.sent - before, planned, hours, oldest / DAY, run.paused))
    return nights


async def _call(office: Office, calls: int) -> None:
    """What people do meanwhile, who go first and whose share is theirs."""
    assert office.scheduler is not None
    for _ in range(calls):
        slot = await office.scheduler.acquire(priority=Priority.INTERACTIVE)
        await asyncio.sleep(0.03)
        office.server.count(office.clock.now())
        await asyncio.sleep(0.05)
        slot.finish(status=200)
        await asyncio.sleep(MINUTE)
