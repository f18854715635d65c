"""The demo in bad weather: three acts, each a night's harvest of both APIs.

In the first the weather passes: outages, pages of a gateway, broken bytes. In the second it stays:
rights are withdrawn, relations are called otherwise, rows have no id, and the data goes on
changing. In the third it is over.
"""

import asyncio
import time
from collections.abc import Callable, Iterable
from pathlib import Path as FilePath
from typing import Any, Final

import attrs

from elements_procura.demo._clock import NightClock
from elements_procura.demo._result import ApiResult, DemoResult
from elements_procura.demo._rows import Rows, exported
from elements_procura.demo._sides import (
    ELEMENTS,
    PROCURA,
    ElementsSide,
    ProcuraSide,
    Side,
    Watch,
    clear,
    opened,
    tenants_in,
)
from elements_procura.demo._verify import Verdict
from elements_procura.fleet.exits import Exit
from elements_procura.harvest import Concern, Progress, Refresh, harvest
from elements_procura.sandbox import ProcuraSandbox, Sandbox, Weather
from elements_procura.sandbox.core.weather import KINDS, MIXES

_NIGHT: Final = 86_400.0
_SPELL: Final = 0.4  # seconds of an outage
_HITS: Final = 4  # at least: so many in a row are an interruption
_LIKE_ITS_OWN: Final = {"waf": 10}  # until then workers go on, and a control has to be hit, too
_BETWEEN: Final = {"elements": 60, "procura": 12}  # requests from one outage to the next
_REMOVED: Final = 0.15  # of the dossiers
_CHANGED: Final = 3
_NEW: Final = 2
# What one part of the requests meets, where all of them would hide everything else.
_PARTS: Final = {
    "bom": Weather("bom", probability=0.3),
    "php-lists": Weather("php-lists", probability=0.3),
    "stray": Weather("stray", after=4, times=1),  # twice the same would be a manner
    "stray-pooled": Weather("stray-pooled", probability=0.02),
    "stray-unlinked": Weather("stray-unlinked", after=4, times=1),
    "emptied": Weather("emptied", match="GET */registraties"),
    "renamed": Weather("renamed", probability=0.5),
    "unlinked": Weather("unlinked", probability=0.5),
}
_PASSING: Final = ("bom", "php-lists", "stray", "stray-pooled", "stray-unlinked")


@attrs.frozen
class Night:
    """The result of one harvest of one API.

    Attributes:
        api: Its name.
        exit_code: The exit code of such a harvest on the command line: 0, or 3 for an
            unacknowledged concern.
        progress: The progress of the harvest.
        verdict: The comparison of the store with the sandbox's data; None where there is none.
        requests: Requests that left.
        hit: How many of them met weather.
        refused: How many of them were refused because of the sandbox's limits.
        seconds: Its duration.
        rows: The rows of an export after it.
        lost: Rows of an export that were there before, are there in the end, and were missing
            from an export after this night.
    """

    api: str
    exit_code: int
    progress: Progress
    verdict: Verdict | None
    requests: int
    hit: int
    refused: int
    seconds: float
    rows: Rows = attrs.field(repr=False)
    lost: int = 0

    @property
    def open(self) -> tuple[Concern, ...]:
        """The unacknowledged concerns."""
        return self.progress.unacknowledged

    def to_json(self) -> dict[str, Any]:
        """Its numbers."""
        return {
            "exit_code": self.exit_code,
            "equal": self.verdict and self.verdict.equal,
            "requests": self.requests,
            "hit_by_weather": self.hit,
            "probes": self.progress.probes,
            "open": [
                {"subject": each.subject, "state": each.state, "count": each.count}
                for each in self.open
            ],
            "exported_rows": len(self.rows),
            "lost_rows": self.lost,
        }


@attrs.frozen
class Act:
    """One act.

    Attributes:
        number: Which one.
        title: Its topic.
        weather: The kinds of weather in it.
        exit_code: The required exit code; None for either of 0 and 3.
        changes: Whether the data changes before it.
        refresh: The settings of its refresh; None for a first harvest.
        compared: How the store is compared with the truth: ``json``, ``bytes`` or not at all.
        nights: Its results, by API.
    """

    number: int
    title: str
    weather: tuple[str, ...]
    exit_code: int | None
    changes: bool = False
    refresh: Refresh | None = None
    compared: str = ""
    nights: tuple[Night, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether it ended as it must."""
        return all(
            self.exit_code in (None, night.exit_code)
            and night.exit_code in (0, Exit.QUARANTINED)
            and not night.lost
            and (night.verdict is None or night.verdict.equal)
            for night in self.nights
        )

    def to_json(self) -> dict[str, Any]:
        """Its numbers."""
        return {
            "act": self.number,
            "title": self.title,
            "weather": list(self.weather),
            "ok": self.ok,
            "apis": {night.api: night.to_json() for night in self.nights},
        }


@attrs.frozen
class Stage:
    """Receives reports while a demo runs.

    Attributes:
        begin: An act begins.
        change: The source has changed.
        end: A night is over.
        watch: Iterates over a harvest and shows it; see :func:`elements_procura.demo.run_demo`.
        is_stopped: Whether the demo was stopped.
    """

    begin: Callable[[Act], None]
    change: Callable[[str], None]
    end: Callable[[Night], None]
    watch: Watch
    is_stopped: Callable[[], bool]


def programme(weather: Iterable[Weather]) -> tuple[Act, Act, Act]:
    """The acts for weather of these kinds; all of ``bad`` brings ``broken`` with it."""
    kinds = list(dict.fromkeys(each.kind for each in weather))
    whole = set(MIXES["bad"]) <= set(kinds)
    if whole:
        kinds += [kind for kind in MIXES["broken"] if kind not in kinds]
    passing = tuple(kind for kind in kinds if KINDS[kind].passing or kind in _PASSING)
    lasting = tuple(kind for kind in kinds if kind not in passing)
    changed = "a refresh while rights, relations and rows are broken, and data changes"
    return (
        Act(1, "a harvest in passing weather", passing, 0, compared="json"),
        Act(
            2,
            changed,
            lasting,
            Exit.QUARANTINED if whole else None,
            changes=True,
            refresh=Refresh(),
        ),
        Act(
            3,
            "the weather is over, and one more refresh that accepts the losses",
            (),
            0,
            refresh=Refresh(accept_vanished=True),
            compared="bytes",
        ),
    )


@attrs.define
class Play:
    """Performs the acts on two running sandboxes.

    Args:
        sides: The APIs.
        out: Directory of the stores; stores of an earlier demo there are removed.
        name: The name of the sandboxes' data.
        stage: Receives the reports.
    """

    sides: tuple[Side, ...]
    out: FilePath
    name: str
    stage: Stage
    clock: NightClock = attrs.field(factory=NightClock)
    rows: dict[str, list[Rows]] = attrs.field(factory=dict)

    async def perform(self, acts: Iterable[Act]) -> tuple[Act, ...]:
        """Perform the acts in turn, until the demo is stopped.

        Raises:
            StoreError: The directory holds a harvest that is not a demo's.
            ElementsProcuraError: See :func:`elements_procura.harvest.harvest`.
        """
        await asyncio.to_thread(clear, tenants_in(self.out, self.name), unfinished_stays=False)
        played: list[Act] = []
        for act in acts:
            self.stage.begin(act)
            nights = []
            for side in self.sides:
                nights.append(await self._night(act, side))
                if self.stage.is_stopped():
                    return tuple(played)
                self.stage.end(nights[-1])
            played.append(attrs.evolve(act, nights=tuple(nights)))
            self.clock.skip(_NIGHT)
        return self._counted(played)

    async def _night(self, act: Act, side: Side) -> Night:
        sandbox, began = side.sandbox, time.perf_counter()
        seen, refused = len(sandbox.log), sandbox.rejected_429
        if act.changes:
            self.stage.change(await asyncio.to_thread(_change, sandbox))
        sandbox.set_weather(_weather_of(act, side))
        path = self.out / f"{side.name}.sqlite"
        try:
            async with side.connected(self.clock) as connection:
                tenant = tenants_in(self.out, self.name)[path]
                with await asyncio.to_thread(opened, path, tenant, self.clock) as store:
                    run = harvest(
                        connection.source,
                        store,
                        refresh=act.refresh,
                        clock=self.clock,
                    )
                    await self.stage.watch(side.name, run, connection.quota)
                    progress = store.progress()
                    verdict = None
                    if act.compared:
                        verdict = side.verify(store, as_json=act.compared == "json")
        finally:
            sandbox.clear_weather()
        rows = await asyncio.to_thread(exported, path)
        self.rows.setdefault(side.name, []).append(rows)
        entries = sandbox.log[seen:]
        return Night(
            api=side.name,
            exit_code=Exit.QUARANTINED if progress.unacknowledged or progress.quarantined else 0,
            progress=progress,
            verdict=verdict,
            requests=connection.sent,
            hit=sum(bool(entry.weather) for entry in entries),
            refused=sandbox.rejected_429 - refused,
            seconds=time.perf_counter() - began,
            rows=rows,
        )

    def _counted(self, acts: Iterable[Act]) -> tuple[Act, ...]:
        """Add the rows that exports lost, which are known only at the end."""
        counted = []
        for act in acts:
            nights = []
            for night in act.nights:
                told = self.rows[night.api]
                before: Rows = frozenset().union(*told[: act.number - 1])
                nights.append(attrs.evolve(night, lost=len((before & told[-1]) - night.rows)))
            counted.append(attrs.evolve(act, nights=tuple(nights)))
        return tuple(counted)


def _weather_of(act: Act, side: Side) -> list[Weather]:
    """Outages one after the other, each after so many requests; the rest all the time."""
    outages = [kind for kind in act.weather if KINDS[kind].passing]
    between = _BETWEEN[side.name]
    spells = [
        Weather(kind, after=nth * between, seconds=_SPELL, least=_least(kind))
        for nth, kind in enumerate(outages, 1)
    ]
    stays = [kind for kind in act.weather if kind not in outages]
    return [*spells, *(_PARTS.get(kind, Weather(kind)) for kind in stays)]


def _least(kind: str) -> int:
    return 0 if kind == "refused" else _LIKE_ITS_OWN.get(kind, _HITS)


def _change(sandbox: Sandbox | ProcuraSandbox) -> str:
    """Change the source's data as time would; return the changes in words."""
    ids = sandbox.dossier_ids
    removed = ids[len(ids) - max(1, round(len(ids) * _REMOVED)) :]
    for dossier in removed:
        sandbox.remove(dossier)  # type: ignore[arg-type] # the ids are the sandbox's own
    changed = ids[1 : 1 + min(_CHANGED, len(ids) - len(removed) - 1)]
    for dossier in changed:
        sandbox.change(dossier)  # type: ignore[arg-type] # as above
    for _ in range(_NEW):
        sandbox.add_dossier()
    return f"{len(changed)} dossiers changed, {_NEW} are new, {len(removed)} are gone"


def result_of(acts: Iterable[Act], out: FilePath) -> DemoResult:
    """Combine the acts into one result: the final stores and the total cost."""
    last: dict[str, ApiResult] = {}
    for night in (night for act in acts for night in act.nights):
        so_far = last.get(night.api)
        last[night.api] = ApiResult(
            progress=night.progress,
            verdict=night.verdict or Verdict(0, 0, 0),
            sent=night.requests + (so_far.sent if so_far else 0),
            rejected_429=night.refused + (so_far.rejected_429 if so_far else 0),
            seconds=night.seconds + (so_far.seconds if so_far else 0.0),
            store=out / f"{night.api}.sqlite",
        )
    return DemoResult(last[ELEMENTS], last.get(PROCURA), out)


def sides_of(elements: Sandbox, procura: ProcuraSandbox) -> tuple[Side, ...]:
    """Both APIs, Elements first."""
    return (ElementsSide(elements), ProcuraSide(procura))
