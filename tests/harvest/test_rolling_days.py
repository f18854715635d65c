"""Months of nightly refreshes on virtual time: the store, the engine and the policy together."""

import math
import random
from bisect import bisect_right
from collections.abc import AsyncGenerator, Iterable
from pathlib import Path

import attrs

from elements_procura.clock import SystemClock
from elements_procura.harvest import Refresh, Store, harvest
from elements_procura.harvest.policy.refresh import CYCLES, DAY
from elements_procura.spec.source import Answer, Discovery, Root, Want, Work

DOSSIERS, PER_NIGHT, DAYS = 160, 26, 90
LEARNING = 40


@attrs.frozen
class Body:
    body: bytes


class Nights(SystemClock):
    """A wall clock that only a test moves."""

    day = 0

    def wall(self) -> float:
        return self.day * DAY


@attrs.define
class Changing:
    """Dossiers that are one document each and change at times of their own."""

    clock: Nights
    changes: list[list[float]]
    groups: tuple[str, ...] = ()
    extra_groups: tuple[str, ...] = ()
    lists_all: bool = True
    sent: int = 0

    def group_of(self, kind: str) -> str:
        return kind

    async def listing(self) -> AsyncGenerator[Root]:
        for dossier in range(DOSSIERS):
            yield Root(dossier, Discovery((Want("dossier", f"/{dossier}"),)))

    async def fetch(self, work: Work) -> Answer:
        self.sent += 1
        assert isinstance(work.dossier, int)
        return Body(b"%d" % bisect_right(self.changes[work.dossier], self.clock.wall()))

    def discover(self, work: Work, answer: Answer) -> Discovery:
        return Discovery()


def changes(seed: int) -> list[list[float]]:
    """Poisson changes with lognormal rates, one a month on average."""
    chosen = random.Random(seed)
    rates = [math.exp(chosen.gauss(-(1.5**2) / 2, 1.5)) / (30 * DAY) for _ in range(DOSSIERS)]
    found: list[list[float]] = []
    for rate in rates:
        times, now = [], 0.0
        while (now := now + chosen.expovariate(rate)) < DAYS * DAY:
            times.append(now)
        found.append(times)
    return found


def age(times: list[list[float]], fetched: Iterable[float], now: float) -> float:
    """Mean time since the first change that the last fetch did not see."""
    ages = []
    for each, last in zip(times, fetched, strict=True):
        unseen = bisect_right(each, last)
        ages.append(max(now - each[unseen], 0.0) if unseen < len(each) else 0.0)
    return sum(ages) / len(ages)


def taking_turns(times: list[list[float]]) -> float:
    """The mean age when every night those come that are the oldest."""
    fetched = [0.0] * DOSSIERS
    ages = []
    for day in range(1, DAYS):
        ages.append(age(times, fetched, day * DAY))
        for each in range(PER_NIGHT):
            fetched[(day * PER_NIGHT + each) % DOSSIERS] = day * DAY
    return sum(ages[LEARNING:]) / len(ages[LEARNING:])


async def test_refreshes_learn_what_changes_and_leave_nobody_out(tmp_path: Path) -> None:
    times, clock = changes(seed=1), Nights()
    source = Changing(clock, times)
    ages, waits = [], []
    with Store.create(tmp_path / "s.sqlite", tenant="t", clock=clock) as store:
        async for _ in harvest(source, store, clock=clock):
            pass
        for clock.day in range(1, DAYS):
            fetched = {each.id: each.fetched for each in store.known()}
            ages.append(age(times, (fetched[each] for each in range(DOSSIERS)), clock.wall()))
            waits.append(store.staleness(now=clock.wall()).oldest)
            sent = source.sent
            async for _ in harvest(source, store, refresh=Refresh(PER_NIGHT), clock=clock):
                pass
            assert source.sent - sent == PER_NIGHT
        stored = dict(store.bodies())
        assert stored.keys() == {f"/{each}" for each in range(DOSSIERS)}
    mean = sum(ages[LEARNING:]) / len(ages[LEARNING:])
    assert mean < 0.9 * taking_turns(times)
    assert max(waits) <= CYCLES * DOSSIERS / PER_NIGHT * DAY
