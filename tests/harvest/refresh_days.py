"""Days of refreshes by parts in an office where anything happens, and what must hold on each.

The real engine, client and store against the sandbox over HTTP, on a virtual clock. A run may be
killed between any two transactions: the store is then what it was at that moment.
"""

import random
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import attrs

from elements_procura.demo._sides import Connection, ElementsSide
from elements_procura.harvest import Refresh, Store, harvest
from elements_procura.harvest.policy.refresh import DAY
from elements_procura.harvest.records import UNLISTED_AND_404
from elements_procura.harvest.sql.store import SqlStore
from elements_procura.sandbox import Sandbox
from elements_procura.spec.source import Work
from tests.clock import VirtualClock
from tests.harvest.inside import db_of
from tests.harvest.upheaval import Upheaval

TENANT = "refresh"
WORKERS = 6
_OPEN_LOSSES = (
    "SELECT coalesce(share, path) FROM losses JOIN resources ON id = resource"
    " WHERE losses.state IN ('pending', 'doubted') AND losses.status != 204"
)


@attrs.frozen
class Plan:
    """What an office goes through.

    Attributes:
        dossiers: So many there are at first.
        days: So many nights with upheaval.
        seed: What decides.
        share: The part of a whole refresh's requests that a night has.
        deeds: So many things happen a day at most.
        killed: The part of the nights that are killed.
    """

    dossiers: int
    days: int
    seed: int
    share: float = 0.3
    deeds: int = 4
    killed: float = 0.3


@attrs.define
class Account:
    """What came of it.

    Attributes:
        faults: What must not be.
        counts: What the runs did, and how often.
        deeds: How many things happened.
    """

    faults: list[str] = attrs.field(factory=list)
    counts: Counter[str] = attrs.field(factory=Counter)
    deeds: int = 0


@attrs.define
class _Kept:
    """A resource as a store shows it."""

    fetched_at: float


@attrs.define
class Office:
    """A store and the sandbox that it is harvested from, day after day."""

    plan: Plan
    sandbox: Sandbox
    clock: VirtualClock
    path: Path
    chance: random.Random
    upheaval: Upheaval
    fate: random.Random
    """Decides of kills: the same whatever order threads come in."""
    account: Account = attrs.field(factory=Account)
    shown: dict[str, _Kept] = attrs.field(factory=dict)

    @property
    def side(self) -> ElementsSide:
        return ElementsSide(self.sandbox)

    async def night(self, *, budget: int | None, kill: bool = False, deeds: int = 0) -> None:
        """One run, in the middle of which things may happen and which may be killed."""
        dead = Path(f"{self.path}.dead")
        opened = Store.open if self.path.exists() else Store.create
        async with self.side.connected(self.clock) as connection:
            with opened(self.path, tenant=TENANT, clock=self.clock) as store:
                refresh = Refresh(budget=budget, per_day=budget) if store.listed else None
                source = _Busy(connection, self.upheaval, self.chance, deeds)
                doom = _Doom(store, dead, self.fate.randint(2, 40) if kill else 0)
                run = harvest(source, store, refresh=refresh, workers=WORKERS, clock=self.clock)
                async for _ in run:
                    if doom.has_come:
                        run.stop()
                parts = (
                    db_of(store)
                    .execute(
                        "SELECT count(*) FROM dossiers WHERE parts IS NOT NULL AND tried_at >= ?",
                        (self.clock.wall() - DAY / 2,),
                    )
                    .fetchone()[0]
                )
        self.account.counts["passes of parts"] += parts
        self.account.counts["requests"] += source.sent
        if doom.has_come:
            self.account.counts["kills"] += 1
            for suffix in ("", "-wal"):
                self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)
                if (left := dead.with_name(dead.name + suffix)).exists():
                    left.rename(self.path.with_name(self.path.name + suffix))
            self.path.with_name(f"{self.path.name}-shm").unlink(missing_ok=True)
        self.check()

    def check(self) -> None:
        """Note what was there all the time and is shown no more."""
        shown: dict[str, _Kept] = {}
        with Store.read(self.path) as store:
            rows = (
                db_of(store)
                .execute(
                    "SELECT coalesce(share, path), fetched_at FROM resources"
                    " JOIN bodies ON resource = id WHERE status = 200"
                )
                .fetchall()
            )
            buried = {
                each for each, why in store.deleted().items() if why == UNLISTED_AND_404
            } - self.upheaval.removed
        for key, fetched_at in rows:
            shown[key] = _Kept(fetched_at or 0.0)
        for key, kept in self.shown.items():
            if key not in shown and not self.upheaval.has_been_absent(key, since=kept.fetched_at):
                self.account.faults.append(f"{self._day()}: {key} was deleted although it is there")
        for dossier in buried:
            self.account.faults.append(f"{self._day()}: dossier {dossier} is there")
        self.account.counts["hidden"] += len(self.shown.keys() - shown.keys())
        self.shown = shown

    def accept(self) -> None:
        """Let a person acknowledge what is doubted, where it is so."""
        with Store.open(self.path, tenant=TENANT, clock=self.clock) as store:
            there = self.upheaval.there()
            lost = {key for (key,) in db_of(store).execute(_OPEN_LOSSES).fetchall()}
            if lost & there:
                return
            doubted = {each.subject for each in store.concerns() if each.state == "doubted"}
            if doubted:
                self.account.counts["accepted"] += 1
                store.accept(doubted)
            store.purge()

    def cost(self) -> int:
        """Requests of a whole refresh."""
        with Store.read(self.path) as store:
            return sum(each.cost for each in store.known())

    def budget(self) -> int:
        """Requests that a night has."""
        return int(self.cost() * self.plan.share) + 1

    async def days(self, count: int) -> None:
        """Let days go by in which things happen before a night, and in it."""
        for _ in range(count):
            for _ in range(self.chance.randint(0, self.plan.deeds)):
                self.upheaval.happen()
            kill = self.fate.random() < self.plan.killed
            within = self.chance.randint(0, 2)
            await self.night(budget=self.budget(), kill=kill, deeds=within)
            if self.chance.random() < 0.2:
                self.accept()
            self.upheaval.calm()
            self.clock.skip(DAY)

    async def whole_cycle(self, *, by_parts: bool) -> None:
        """Let nothing happen until each part has had its turn: then nothing differs.

        Three looks more, since two settle what is gone, and a person has to say so of the rest.
        """
        self.upheaval.calm()
        began = self.clock.wall()
        nights = 0
        while nights < 60 and (nights == 0 or not self._is_round(began)):
            await self.night(budget=self.budget() if by_parts else None)
            self.accept()
            self.clock.skip(DAY)
            nights += 1
        self.account.counts["nights of quiet"] += nights
        for _ in range(3):
            await self.night(budget=self.budget() if by_parts else None)
            self.accept()
            self.clock.skip(DAY)
        self._compare()
        if not self._is_round(began):
            self.account.faults.append(f"{self._day()}: not all parts had a turn")

    def _is_round(self, began: float) -> bool:
        with Store.read(self.path) as store:
            (late,) = (
                db_of(store)
                .execute(
                    "SELECT count(*) FROM resources JOIN dossiers ON dossiers.id = dossier"
                    " WHERE status = 200 AND resources.state = 'stored'"
                    " AND resources.fetched_at < ?"
                    " AND coalesce(deleted, '') != ?",
                    (began, UNLISTED_AND_404),
                )
                .fetchone()
            )
        return not late

    def _compare(self) -> None:
        """Compare every body of the store with the office's, both ways."""
        truth = self.upheaval.bodies()
        with Store.read(self.path) as store:
            names = dict(db_of(store).execute("SELECT path, share FROM resources").fetchall())
            stored = {names[path] or path: body for path, body in store.bodies()}
        wrong = {
            "is lost": sorted(truth.keys() - stored.keys()),
            "is there no more": sorted(stored.keys() - truth.keys()),
            "is other": sorted(
                key for key in truth.keys() & stored.keys() if stored[key] not in truth[key]
            ),
        }
        self.account.counts["compared"] += len(stored)
        for what, keys in wrong.items():
            self.account.counts[what] += len(keys)
            self.account.faults += [
                f"{self._day()}: after a whole cycle {key} {what}" for key in keys[:10]
            ]

    def _day(self) -> str:
        return f"seed {self.plan.seed}, day {self.clock.now() / DAY:.0f}"


class _Doom:
    """The death of a process between two transactions of its store: a copy of the file.

    Args:
        store: What the process writes.
        to: For the copy.
        after: The number of the transaction that is never begun; 0 for none.
    """

    def __init__(self, store: Store, to: Path, after: int) -> None:
        self.has_come = False
        self._left = after
        self._from = Path(db_of(store).execute("PRAGMA database_list").fetchone()[2])
        self._to = to
        written: Any = store
        assert isinstance(written, SqlStore)
        self._begin = written._begin
        if after:
            vars(written)["_begin"] = self._count

    def _count(self) -> None:
        self._left -= 1
        if self._left == 0:
            for suffix in ("", "-wal"):
                source = self._from.with_name(self._from.name + suffix)
                target = self._to.with_name(self._to.name + suffix)
                target.unlink(missing_ok=True)
                if source.exists():
                    shutil.copyfile(source, target)
            self.has_come = True
        self._begin()


class _Busy:
    """A source during whose answers things happen at the office."""

    def __init__(
        self, connection: Connection, upheaval: Upheaval, chance: random.Random, deeds: int
    ) -> None:
        self._source: Any = connection.source
        self._upheaval = upheaval
        self._moments = sorted(chance.randint(1, 120) for _ in range(deeds))
        self.sent = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._source, name)

    async def fetch(self, work: Work) -> Any:
        self.sent += 1
        while self._moments and self._moments[0] <= self.sent:
            self._moments.pop(0)
            self._upheaval.happen()
        return await self._source.fetch(work)


async def live(plan: Plan, folder: Path, *, calm_after: tuple[int, ...] = ()) -> Account:
    """Go through it all.

    Args:
        plan: What is to happen.
        folder: For the store.
        calm_after: Days after which everything is refreshed whole and compared.
    """
    random.seed(plan.seed)
    chance, clock = random.Random(plan.seed), VirtualClock()
    async with Sandbox(
        dossiers=plan.dossiers, seed=plan.seed, limits="off", clock=clock.now
    ) as sandbox:
        fate = random.Random(plan.seed + 1)
        upheaval = Upheaval(sandbox, chance, clock.wall, least=plan.dossiers * 3 // 4)
        office = Office(plan, sandbox, clock, folder / "store.sqlite", chance, upheaval, fate)
        await office.night(budget=None)
        clock.skip(DAY)
        gone = 0
        for day in (*calm_after, plan.days):
            await office.days(day - gone)
            gone = day
            await office.whole_cycle(by_parts=day == plan.days)
    office.account.deeds = sum(upheaval.happened.values())
    return office.account
