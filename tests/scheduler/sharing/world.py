"""Several gates, one store and one strict server in one process, on virtual time."""

import asyncio
import random
from collections import deque
from collections.abc import Callable
from typing import Any

import attrs

from elements_procura.clock import Clock
from elements_procura.scheduler import Priority, Rate, Scheduler
from elements_procura.scheduler._account import turn
from elements_procura.scheduler._shared import SharedGate
from elements_procura.scheduler._turns import TurnLost

Decide = Callable[[dict[str, Any], dict[str, Any], float, float], dict[str, Any]]


@attrs.define(eq=False)
class Store:
    """Keeps one account, and can be in trouble."""

    clock: Clock
    chance: random.Random
    state: dict[str, Any] = attrs.field(factory=dict)
    turns: int = 0
    is_away: bool = False
    latency: float = 0.0
    step: float = 0.0
    """Seconds by which its clock has been set forward."""
    decide: Decide = turn

    def take(self, ask: dict[str, Any]) -> dict[str, Any]:
        self.turns += 1
        now, wall = self.clock.now() + self.step, self.clock.wall() + self.step
        return self.decide(self.state, ask, now * 1000, wall)


@attrs.define(eq=False, slots=False)
class StoreTurns:
    store: Store
    is_cut: bool = False
    loses: float = 0.0
    """The chance that a turn is taken, and its answer lost."""

    async def turn(self, ask: dict[str, Any]) -> dict[str, Any]:
        if self.store.is_away or self.is_cut:
            await asyncio.sleep(1.0)
            raise TurnLost
        trip = self.store.latency + self.store.chance.uniform(0.0001, 0.0005)
        await asyncio.sleep(trip)
        answer = self.store.take(ask)
        await asyncio.sleep(trip)
        is_lost = self.store.chance.random() < self.loses
        if is_lost or self.store.is_away:
            raise TurnLost
        return answer

    async def aclose(self) -> None:
        pass


class WorldGate(SharedGate):
    def __init__(self, store: Store, site: str = "") -> None:
        self._store = store
        super().__init__(account="of all", site=site)
        self.turns = StoreTurns(store)

    def _new_owner(self) -> None:
        self._owner = f"{self._store.chance.getrandbits(48):x}"  # as random, but the same each time

    def _open_turns(self, clock: Clock) -> StoreTurns:
        return self.turns


@attrs.define(eq=False)
class Server:
    """Allows so many requests in any second."""

    clock: Clock
    chance: random.Random
    limit: int = 5
    window: float = 1.0
    log: list[tuple[str, Priority, float, int]] = attrs.field(factory=list)
    counted: deque[float] = attrs.field(factory=deque)

    async def ask(self, name: str, priority: Priority) -> int:
        await asyncio.sleep(self.chance.uniform(0.010, 0.030))
        now = self.clock.now()
        while self.counted and self.counted[0] <= now - self.window:
            self.counted.popleft()
        status = 429 if len(self.counted) >= self.limit else 200
        self.log.append((name, priority, now, status))
        if status == 200:
            self.counted.append(now)
            await asyncio.sleep(self.chance.uniform(0.02, 0.08))
        await asyncio.sleep(self.chance.uniform(0.010, 0.030))
        return status


@attrs.define(eq=False, slots=False)
class World:
    clock: Clock
    seed: int = 1
    rates: tuple[Rate, ...] = (Rate(5, 1), Rate(100_000, 86_400))

    def __attrs_post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.store = Store(self.clock, self.chance)
        self.server = Server(self.clock, self.chance)
        self.schedulers: dict[str, Scheduler] = {}
        self.gates: dict[str, WorldGate] = {}
        self.waits: list[float] = []
        self.tasks: dict[str, list[asyncio.Task[None]]] = {}

    def add(
        self, name: str, *, workers: int = 8, every: float = 0.0, alone: bool = False
    ) -> Scheduler:
        """One more process, busy from now on."""
        gate = None if alone else WorldGate(self.store)
        if gate is not None:
            self.gates[name] = gate
        scheduler = Scheduler(clock=self.clock, gate=gate, rates=self.rates)
        self.schedulers[name] = scheduler
        jobs = [self._work(name, scheduler) for _ in range(workers)]
        if every:
            jobs.append(self._click(name, scheduler, every))
        self.tasks[name] = [asyncio.create_task(job) for job in jobs]
        return scheduler

    async def _request(self, name: str, scheduler: Scheduler, priority: Priority) -> None:
        before = self.clock.now()
        slot = await scheduler.acquire(priority=priority)
        if priority is Priority.INTERACTIVE:
            self.waits.append(self.clock.now() - before)
        status = await self.server.ask(name, priority)
        slot.finish(status=status)

    async def _work(self, name: str, scheduler: Scheduler) -> None:
        while True:
            await self._request(name, scheduler, Priority.BULK)

    async def _click(self, name: str, scheduler: Scheduler, every: float) -> None:
        while True:
            await asyncio.sleep(self.chance.uniform(0.5, 1.5) * every)
            await self._request(name, scheduler, Priority.INTERACTIVE)

    def kill(self, name: str) -> None:
        """End one without a word."""
        for task in self.tasks.pop(name):
            task.cancel()
        gate = self.gates.pop(name)
        if gate._driver is not None:
            gate._driver.cancel()

    async def end(self) -> None:
        for tasks in self.tasks.values():
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        for scheduler in self.schedulers.values():
            await scheduler.aclose()

    @property
    def refused(self) -> int:
        return sum(status == 429 for *_, status in self.server.log)

    def share(self, since: float, until: float = float("inf")) -> dict[str, int]:
        found: dict[str, int] = {}
        for name, _, at, _ in self.server.log:
            if since <= at <= until:
                found[name] = found.get(name, 0) + 1
        return found
