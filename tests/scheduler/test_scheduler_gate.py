"""Whoever decides, behind a scheduler: in this process, or somewhere that has to be asked."""

import asyncio
from datetime import datetime
from typing import Any

import attrs
import pytest

from elements_procura.clock import Clock
from elements_procura.errors import ConfigError, DailyQuotaExceeded, StoreError
from elements_procura.scheduler import (
    Gate,
    GateLimits,
    Line,
    LocalGate,
    Permit,
    Priority,
    Rate,
    Scheduler,
    Slot,
    SqliteLedger,
    Usage,
)
from tests.clock import FakeClock

DAY = 86_400


def at_once(scheduler: Scheduler) -> Slot:
    """What ``acquire`` gives if it never waits."""
    with pytest.raises(StopIteration) as caught:
        scheduler.acquire().send(None)
    slot: Slot = caught.value.value
    return slot


async def test_a_free_place_is_given_without_a_single_wait(clock: FakeClock, tmp_path: Any) -> None:
    for ledger in (None, SqliteLedger(tmp_path / "quota.db")):
        scheduler = Scheduler(clock=clock, ledger=ledger)
        for _ in range(5):
            at_once(scheduler).abandon()
        await scheduler.aclose()


async def test_a_place_that_becomes_free_is_given_in_the_turn_of_the_timer(
    clock: FakeClock,
) -> None:
    scheduler = Scheduler(rates=(Rate(1, 1),), clock=clock, min_rtt=0)
    at_once(scheduler).finish(status=200)
    waiting = asyncio.create_task(scheduler.acquire())
    await clock.advance(2)
    assert waiting.done()
    assert waiting.result().sent == pytest.approx(clock.now() - 2 + 1.002)
    await scheduler.aclose()


def test_a_gate_belongs_to_one_scheduler(tmp_path: Any) -> None:
    gate = LocalGate()
    Scheduler(gate=gate)
    with pytest.raises(ConfigError, match="another scheduler"):
        Scheduler(gate=gate)
    with pytest.raises(ConfigError, match="not both"):
        Scheduler(gate=LocalGate(), ledger=SqliteLedger(tmp_path / "quota.db"))


async def test_a_local_gate_takes_the_ledger_that_a_scheduler_would(
    clock: FakeClock, tmp_path: Any
) -> None:
    path = tmp_path / "quota.db"
    gate: Gate = LocalGate(ledger=SqliteLedger(path))
    scheduler = Scheduler(rates=(Rate(10, DAY),), clock=clock, gate=gate)
    at_once(scheduler).finish(status=200)
    assert scheduler.quota() == gate.usage()
    await scheduler.aclose()
    assert SqliteLedger.used(path, now=clock.wall())[DAY].total == 1


# ---------------------------------------------------------------------- a gate that has to be asked


@attrs.define
class Office:
    """Decides for everybody who asks, and takes its time."""

    left: int
    clock: FakeClock
    asked: list[dict[Priority, int]] = attrs.field(factory=list)
    settled: int = 0

    async def ask(self, wants: dict[Priority, int]) -> int:
        self.asked.append(wants)
        await self.clock.sleep(0.05)
        granted = min(3, self.left, sum(wants.values()))
        self.left -= granted
        return granted


@attrs.define
class OfficePermit:
    office: Office
    sent: float

    def settle(
        self,
        *,
        status: int | None,
        server_date: datetime | None,
        limit: str | None,
        retry_after: float | None,
    ) -> None:
        assert (status, server_date, limit, retry_after) == (200, None, None, None)
        self.office.settled += 1

    def give_back(self) -> None:
        self.office.left += 1


class OfficeGate:
    """A gate as one that several processes share: it knows nothing but what it has been granted."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.granted = 0
        self.is_used_up = False
        self.interactive = 0
        self.is_closed = False

    def attach(self, limits: GateLimits, clock: Clock) -> None:
        self.limits, self.clock = limits, clock

    def check(self, priority: Priority) -> None:
        if self.is_used_up:
            raise DailyQuotaExceeded(f"no more for {priority.name}", resets_at=0.0)

    def reserve_for_interactive(self) -> None:
        self.interactive += 1

    def try_acquire(self, priority: Priority, *, reserve: bool) -> Permit | float:
        assert not (reserve and priority is Priority.INTERACTIVE)
        if not self.granted:
            return self.clock.now() + 1.0
        self.granted -= 1
        return OfficePermit(self.office, self.clock.now())

    async def wait(self, until: float, line: Line) -> None:
        assert until > self.clock.now()
        self.granted = await self.office.ask({each: line.waiting(each) for each in Priority})
        self.is_used_up = not self.granted

    def usage(self) -> tuple[Usage, ...]:
        return ()

    async def aclose(self) -> None:
        self.is_closed = True


async def test_several_schedulers_share_what_is_decided_elsewhere(clock: FakeClock) -> None:
    office = Office(20, clock)
    gates = [OfficeGate(office) for _ in range(3)]
    schedulers = [Scheduler(clock=clock, gate=gate) for gate in gates]
    served: list[Priority] = []

    async def one(scheduler: Scheduler, priority: Priority) -> None:
        slot = await scheduler.acquire(priority=priority)
        served.append(slot.priority)
        slot.finish(status=200)

    tasks = [
        asyncio.create_task(one(scheduler, priority))
        for priority in (Priority.BULK, Priority.INTERACTIVE)
        for scheduler in schedulers
        for _ in range(5)
    ]
    await clock.advance(2)
    ended = await asyncio.gather(*tasks, return_exceptions=True)
    assert len(served) == office.settled == 20
    assert sum(isinstance(each, DailyQuotaExceeded) for each in ended) == 10
    assert served.count(Priority.INTERACTIVE) == 15, "although they came last"
    assert office.asked[0] == {Priority.INTERACTIVE: 5, Priority.NORMAL: 0, Priority.BULK: 5}
    assert [gate.interactive for gate in gates] == [5, 5, 5]
    assert gates[0].limits == GateLimits(rates=schedulers[0].rates)
    for scheduler in schedulers:
        await scheduler.aclose()
    assert all(gate.is_closed for gate in gates)


async def test_a_request_that_never_left_is_given_back_where_it_was_granted(
    clock: FakeClock,
) -> None:
    office = Office(1, clock)
    scheduler = Scheduler(clock=clock, gate=OfficeGate(office))
    waiting = asyncio.create_task(scheduler.acquire())
    await clock.advance(1)
    (await waiting).abandon()
    assert office.left == 1
    await scheduler.aclose()


async def test_who_waits_hears_that_the_gate_waits_in_vain(
    clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = OfficeGate(Office(1, clock))

    async def fail(_until: float, _line: Line) -> None:
        raise StoreError("The office is gone")

    with monkeypatch.context() as patch:
        patch.setattr(gate, "wait", fail)
        scheduler = Scheduler(clock=clock, gate=gate)
        waiting = [asyncio.create_task(scheduler.acquire()) for _ in range(2)]
        ended = await asyncio.gather(*waiting, return_exceptions=True)
    assert [str(each) for each in ended] == ["The office is gone"] * 2
    assert ended[0] is not ended[1]
    waiting = [asyncio.create_task(scheduler.acquire())]  # and later it is there again
    await clock.advance(1)
    (await waiting[0]).finish(status=200)
    await scheduler.aclose()
