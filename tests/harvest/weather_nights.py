"""Nights of a harvest under weather on a small world that changes, and what must hold after each.

One example is a sequence of nights: the world changes, weather is set, a run refreshes everything
that is stored and purges. Then the weather is over. All of it on a virtual clock, over real HTTP.
"""

import contextlib
import sqlite3
from collections.abc import AsyncIterator, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import attrs
import orjson

from elements_procura.demo._rows import Rows, exported
from elements_procura.demo._sides import ElementsSide, ProcuraSide, Side, opened
from elements_procura.errors import ElementsProcuraError
from elements_procura.fleet.exits import exit_code
from elements_procura.fleet.outcome import Ending
from elements_procura.harvest import Progress, Refresh, harvest
from elements_procura.sandbox import ProcuraSandbox, Sandbox, Weather
from tests.clock import VirtualClock

DAY: Final = 86_400.0
LOOKS: Final = 3
"""So many runs in fair weather settle everything: two looks at what is gone, twenty hours apart."""
WORKERS: Final = 8
SHARED: Final = ("adviseur", "kantoor")
"""Tables of what dossiers share; the first of their keys is its id."""
INCOMPLETE: Final = {"elements": ("next-page", "total", "bad-rows"), "procura": ("bad-rows",)}
"""What keeps a listing from naming everything; Procura may name the rest by their ids."""


@attrs.frozen
class Change:
    """What somebody does at the source to the n-th: ``change``, ``deep``, ``add``, ``remove``."""

    what: str
    nth: int = 0


@attrs.frozen
class Night:
    """What has changed before a night, its weather, and how much of everything it asks for."""

    changes: tuple[Change, ...] = ()
    weather: tuple[Weather, ...] = ()
    share: float = 1.0
    """Less than all: then dossiers of several parts are asked for part by part."""


@attrs.frozen
class Outcome:
    """What a night left."""

    code: int
    error: str
    progress: Progress
    paths: frozenset[str]
    rows: Rows
    there: frozenset[str]
    """Every id of what the world then held."""


@attrs.define
class Tale:
    """One example while it is told."""

    side: Side
    path: Path
    clock: VirtualClock
    least: int = 3
    """So many dossiers are there in the end, however many are removed."""

    async def sleep_through(self, night: Night) -> Outcome:
        """One night: change the world, set the weather, refresh, purge."""
        for change in night.changes:
            self._apply(change)
        sandbox, error, code = self.side.sandbox, "", 0
        sandbox.set_weather(night.weather)
        refresh = self._refresh(night.share) if self.path.exists() else None
        async with self.side.connected(self.clock) as connection:
            with opened(self.path, "weather", self.clock) as store:
                run = harvest(
                    connection.source, store, refresh=refresh, workers=WORKERS, clock=self.clock
                )
                try:
                    async for _ in run:
                        pass
                except ElementsProcuraError as failure:
                    code, error = exit_code(failure), f"{failure.code}: {failure}"
                else:
                    ending = Ending(run.progress, run.paused, is_refresh=refresh is not None)
                    code = ending.exit_code
                store.purge()
                progress = store.progress()
        sandbox.clear_weather()
        self.clock.skip(DAY)
        there = frozenset(ids_in(sandbox))
        return Outcome(code, error, progress, stored_paths(self.path), exported(self.path), there)

    def _refresh(self, share: float) -> Refresh:
        if share == 1:
            return Refresh()
        with opened(self.path, "weather", self.clock) as store:
            budget = int(share * sum(each.cost for each in store.known())) + 1
        return Refresh(budget=budget, per_day=budget)

    def _apply(self, change: Change) -> None:
        sandbox: Any = self.side.sandbox
        ids = sandbox.dossier_ids
        dossier = ids[change.nth % len(ids)]
        match change.what:
            case "add":
                sandbox.add_dossier()
            case "remove":
                if len(ids) > self.least:
                    sandbox.remove(dossier)
            case what:
                with contextlib.suppress(ValueError):  # nothing deep in it could change
                    sandbox.change(dossier, deep=what == "deep")

    def must_be_told(self, began: int, *, probes: int) -> set[str]:
        """What the night's last answers say that nobody may take for a success.

        A probe asks whether the server is there: what it is answered is no look at a resource.

        Args:
            began: How many requests there were before.
            probes: How many of those since then were probes.
        """
        told = set()
        refused = {entry.path for entry in self.side.sandbox.log[began:] if entry.status == 403}
        last: dict[str, tuple[str, ...]] = {}
        for entry in self.side.sandbox.log[began:]:
            last[f"{entry.method} {entry.path}"] = entry.weather
        for request, weather in last.items():
            told |= {kind for kind in weather if kind in INCOMPLETE[self.side.name]}
            path = request.removeprefix("GET ")
            if "forbidden" in weather and path in self.held & refused and not probes:
                told.add("forbidden")
        return told

    held: frozenset[str] = frozenset()
    """Paths of bodies that were stored before the night."""


def ids_in(world: Any) -> Iterator[str]:
    """Every id of what a world holds: in a path, or, of an office, in the answer alone."""
    for dossier in world.dossier_ids:
        for path, body in world.truth(dossier).items():
            yield from path.split("/")
            if path.endswith("/kantoor"):
                yield str(orjson.loads(body)["id"])


def stored_paths(path: Path) -> frozenset[str]:
    """The path of every body in a store, whatever is thought of it; of shared ones their name."""
    connection = sqlite3.connect(path)
    rows = connection.execute(
        "SELECT coalesce(share, path) FROM resources JOIN bodies ON resource = resources.id"
    ).fetchall()
    connection.close()
    return frozenset(path for (path,) in rows)


async def tell(side: Side, path: Path, clock: VirtualClock, nights: Sequence[Night]) -> list[str]:
    """Go through the nights, and those after them: what did not hold."""
    tale, faults = Tale(side, path, clock), []
    outcomes: list[Outcome] = []
    probes = 0
    for number, night in enumerate(nights, 1):
        began, before = len(side.sandbox.log), probes
        outcome = await tale.sleep_through(night)
        outcomes.append(outcome)
        probes = outcome.progress.probes
        if outcome.code == 0:
            faults += [f"night {number}: exit 0, but {what}" for what in told_of(outcome.progress)]
            hidden = sorted(tale.must_be_told(began, probes=probes - before))
            faults += [f"night {number}: exit 0 in spite of {what}" for what in hidden]
        tale.held = outcome.paths
    for _ in range(LOOKS):
        last = await tale.sleep_through(Night())
        outcomes.append(last)
        if last.code == 0 and is_equal(tale):
            break
    else:
        faults.append(f"in the end: exit {last.code} {last.error}, equal={is_equal(tale)}")
        faults.append(f"{last.progress}")
    return faults + losses(outcomes)


def is_equal(tale: Tale) -> bool:
    """Whether the store holds what the world does, byte by byte."""
    with opened(tale.path, "weather", tale.clock) as store:
        return tale.side.verify(store).equal


def told_of(progress: Progress) -> Iterator[str]:
    """Everything that keeps a run from ending with 0."""
    if progress.quarantined:
        yield f"{progress.quarantined} in quarantine"
    if not progress.complete:
        yield "not complete"
    if progress.doubted:
        yield f"{progress.doubted} doubted"
    for concern in progress.concerns:
        if concern.is_open:
            yield f"{concern.state} {concern.subject}"


def losses(outcomes: Sequence[Outcome]) -> list[str]:
    """What a night erased, or kept from an export, although it is still there in the end."""
    faults = []
    last = outcomes[-1]
    for number, (before, after) in enumerate(pairwise(outcomes), 2):
        # What dossiers share is there while one leads to it, and comes back with the next.
        erased = {
            path
            for path in (before.paths & last.paths) - after.paths
            if path.startswith("/") or path.split("/")[1] in after.there
        }
        faults += [f"night {number}: {path} was erased" for path in sorted(erased)[:5]]
        hidden = {
            (table, key)
            for table, key in (before.rows & last.rows) - after.rows
            if not table.startswith(SHARED) or key.split("/")[0] in after.there
        }
        faults += [f"night {number}: no export has {row}" for row in sorted(hidden, key=str)[:5]]
    return faults


@contextlib.asynccontextmanager
async def world_of(
    api: str, clock: VirtualClock, *, dossiers: int, seed: int
) -> AsyncIterator[Side]:
    """A running world on the clock, as a side of the demo."""
    sandbox: Any
    if api == "elements":
        sandbox = Sandbox(dossiers=dossiers, seed=seed, limits="off", clock=clock.now)
    else:
        sandbox = ProcuraSandbox(dossiers=dossiers, seed=seed, documented=1.0, clock=clock.now)
    async with sandbox:
        yield ElementsSide(sandbox) if api == "elements" else ProcuraSide(sandbox)
