"""Watching a harvest: lines on virtual time, and a bar on a terminal."""

import asyncio
import contextlib
import datetime as dt
import fcntl
import io
import json
import os
import pty
import re
import struct
import sys
import termios
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, cast

import attrs
import pytest
from rich.console import Console

from elements_procura.cli._interrupts import Interrupts
from elements_procura.cli._output import Output
from elements_procura.cli.shown.bar import drawing
from elements_procura.cli.shown.events import EventLog, EventWriter
from elements_procura.cli.shown.facts import line, plan_line, span
from elements_procura.cli.shown.watch import Watcher
from elements_procura.fleet.tracker import Facts, Tracker
from elements_procura.harvest import (
    AnswerStored,
    DossierSettled,
    DossiersListed,
    Event,
    Harvest,
    HarvestFinished,
    HarvestStarted,
    Progress,
    RefreshStarted,
    Store,
)
from elements_procura.harvest.policy.eta import Eta
from elements_procura.harvest.policy.plan import Pace, Plan, Range, Sample, plan
from elements_procura.sandbox import Sandbox
from elements_procura.scheduler import Rate, Usage
from elements_procura.spec.source import Discovery, Root, Want
from tests.cli.cli_running import drawn_on, environment
from tests.clock import FakeClock

NOON = dt.datetime(2026, 11, 23, 12).timestamp()
DAY = Usage(Rate(100_000, 86_400), 62_000, 38_000, 18_000, 80_000, NOON + 36_000)


async def _at_once(call: Callable[..., Any], *arguments: Any) -> Any:
    """As asyncio.to_thread: threads know nothing of virtual time."""
    return call(*arguments)


class Run:
    """A harvest that does what a test says."""

    paused = None

    def __init__(self, path: Path) -> None:
        self.url = str(path)
        self.progress = Progress()
        self.events: asyncio.Queue[Event | None] = asyncio.Queue()

    def stop(self) -> None:
        self.events.put_nowait(None)

    async def __aiter__(self) -> AsyncIterator[Event]:
        while (event := await self.events.get()) is not None:
            yield event
        yield HarvestFinished(self.progress)

    def tell(self, event: Event, **progress: Any) -> None:
        self.progress = attrs.evolve(self.progress, **progress)
        self.events.put_nowait(event)


@attrs.define
class Watched:
    """A run under way, and what is printed of it."""

    run: Run
    clock: FakeClock
    printed: list[str]
    data: list[dict[str, Any]]

    async def advance(self, seconds: float) -> list[str]:
        """What is printed in so many seconds."""
        before = len(self.printed)
        await self.clock.advance(seconds)
        return self.printed[before:]


class Collected:
    """An event log that keeps what it is given."""

    def __init__(self) -> None:
        self.data: list[dict[str, Any]] = []

    def write(self, data: dict[str, Any]) -> None:
        self.data.append(json.loads(json.dumps(data)))


@contextlib.asynccontextmanager
async def watched(
    tmp_path: Path, *, quota: tuple[Usage, ...] = (), stored: int = 0
) -> AsyncIterator[Watched]:
    """A run of forty listed dossiers, watched on virtual time; it is ended at the end."""
    store_of(tmp_path / "s.sqlite", stored)
    run, clock, log = Run(tmp_path / "s.sqlite"), FakeClock(500.0, wall=NOON, turns=50), Collected()
    output = Output(verbose=0, quiet=False, color=False)
    printed: list[str] = []
    watcher = Watcher(
        output,
        bar=False,
        log=True,
        resume="again",
        interrupts=Interrupts(output),
        event_writer=EventWriter(cast("EventLog", log)),
        clock=clock,
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(output, "say", printed.append)
        patch.setattr(asyncio, "to_thread", _at_once)
        task = asyncio.create_task(watcher.watch(cast("Harvest", run), lambda: quota))
        try:
            yield Watched(run, clock, printed, log.data)
        finally:
            run.stop()
            await task


def store_of(path: Path, stored: int) -> None:
    """A store of forty dossiers, of which so many are complete: two requests each."""
    with Store.create(path, tenant="elements 1") as store:
        roots = [
            Root(
                number,
                Discovery((Want("dossier", f"/d/{number}"), Want("producten", f"/p/{number}"))),
            )
            for number in range(40)
        ]
        store.add_dossiers(roots, listing=store.begin_listing())
        store.finish_listing(
            include=["producten"], requests=1, listing=1, lists_all=True, accept_vanished=False
        )
        for work in store.queued(after=0, limit=2 * stored):
            store.put(work, Body(), Discovery(), requests=1)


class Body:
    """An answer."""

    body = b"{}"


# -- lines -------------------------------------------------------------------------------------


async def test_a_harvest_that_stalls_still_tells_how_old_its_checkpoint_is(tmp_path: Path) -> None:
    async with watched(tmp_path, quota=(DAY,)) as it:
        it.run.tell(HarvestStarted(resumed=False, progress=it.run.progress))
        (first,) = await it.advance(0)
        assert "listing the dossiers" in first
        assert "no answer yet" in first
        it.run.tell(DossiersListed(40), dossiers=40, listed=True, queued=80)
        (plan_told,) = await it.advance(1)
        assert plan_told.startswith("plan     40 dossiers to go")
        assert "unverified" in plan_told
        it.run.tell(AnswerStored("dossier", 1), requests=5, resources=1)
        assert await it.advance(28) == []
        lines = await it.advance(91)
        assert ["answer stored 29 s" in lines[0], "answer stored 59 s" in lines[1]] == [True, True]
        assert len(lines) == 4
        assert all("0/40 dossiers" in each and "quota 62,000/100,000" in each for each in lines)
    assert "2 min" in it.printed[-1]


async def test_the_last_line_is_of_the_end(tmp_path: Path) -> None:
    async with watched(tmp_path) as it:
        it.run.tell(HarvestStarted(resumed=False, progress=it.run.progress))
        await it.advance(3)
        it.run.tell(DossierSettled(1, "complete"), dossiers=1, harvested=1, listed=True)
        await it.advance(0)
    assert "1/1 dossiers" in it.printed[-1]
    assert len(it.printed) == 2


async def test_a_harvest_that_goes_on_shows_its_plan_at_once(tmp_path: Path) -> None:
    async with watched(tmp_path, stored=20) as it:
        progress = Progress(dossiers=40, harvested=20, listed=True, queued=40, requests=41)
        it.run.tell(
            HarvestStarted(resumed=True, progress=progress), **attrs.asdict(progress, recurse=False)
        )
        told, first = await it.advance(0)
        assert told == "plan     20 dossiers to go · 40 requests · from 20 complete dossiers"
        assert "20/40 dossiers" in first


async def test_the_end_is_told_as_soon_as_the_speed_is_known(tmp_path: Path) -> None:
    async with watched(tmp_path, stored=20, quota=(DAY,)) as it:
        progress = Progress(dossiers=40, harvested=20, listed=True, queued=40, requests=41)
        it.run.tell(
            HarvestStarted(resumed=True, progress=progress), **attrs.asdict(progress, recurse=False)
        )
        await it.advance(0)
        for _ in range(30):
            it.run.tell(
                AnswerStored("dossier", 1), requests=it.run.progress.requests + 1, queued=10
            )
            await it.advance(1)
        assert " · 1.0/s · quota 62,000/100,000 · left 10 s, until 12:00 · " in it.printed[-1]
        events = [each for each in it.data if each["event"] == "progress"]
        assert [each["elapsed"] for each in events] == [0, 30]
        assert events[1]["seconds_left"] == {"low": 10.0, "expected": 10.0, "high": 10.0}
        assert events[1]["last_answer_seconds"] == 1
        assert events[1]["quota"] == [{"used": 62_000, "limit": 100_000, "seconds": 86_400}]


async def test_plans_are_made_anew_every_minute(tmp_path: Path) -> None:
    async with watched(tmp_path, stored=20) as it:
        progress = Progress(dossiers=40, harvested=20, listed=True, queued=40, requests=41)
        it.run.tell(
            HarvestStarted(resumed=True, progress=progress), **attrs.asdict(progress, recurse=False)
        )
        await it.advance(59)
        plans = [each for each in it.data if each["event"] == "plan"]
        assert len(plans) == 1
        await it.advance(125)
        plans = [each for each in it.data if each["event"] == "plan"]
        assert len(plans) == 4
        assert {each["at"][14:19] for each in plans} == {"00:00", "01:00", "02:00", "03:00"}
        assert plans[0]["requests"] == {"low": 40.0, "expected": 40.0, "high": 40.0}


async def test_refreshes_are_counted_and_their_end_is_told(tmp_path: Path) -> None:
    async with watched(tmp_path, stored=40) as it:
        progress = Progress(dossiers=40, harvested=40, listed=True, requests=81)
        it.run.tell(
            HarvestStarted(resumed=True, progress=progress), **attrs.asdict(progress, recurse=False)
        )
        it.run.tell(DossiersListed(40))
        it.run.tell(RefreshStarted(dossiers=10, requests=200), to_refresh=10, refreshing=10)
        await it.advance(0)
        assert it.printed[0] == "refresh  10 dossiers · 200 requests, as they took before"
        for refreshed in range(6):
            it.run.tell(
                DossierSettled(refreshed, "complete", changed=False),
                refreshed=refreshed,
                requests=it.run.progress.requests + 20,
            )
            await it.advance(5)
        await it.advance(0)
        assert "40/40 dossiers · refreshed 5/10" in it.printed[-1]
        # 80 of the 200 requests are left after 30 s.
        left = re.search(r"left (\d+) s ", it.printed[-1])
        assert left is not None
        assert 15 <= int(left[1]) <= 30


# -- words -------------------------------------------------------------------------------------


def test_everything_stands_in_one_line() -> None:
    facts = Facts(
        Progress(dossiers=20_000, harvested=1_200, quarantined=3, gone=1, deleted=2, listed=True,
                 requests=31_000),
        now=NOON,
        elapsed=6_700,
        speed=Range(4.5, 4.6, 4.7),
        eta=Eta(Range(300_000, 310_000, 320_000), NOON + 3_900, NOON + 36_000),
        quota=(DAY,),
        age=4,
    )  # fmt: skip
    assert line(facts) == (
        "1,204/20,000 dossiers · 31,000 requests · 4.6/s · quota 62,000/100,000 · "
        "left 3.6 days (3.5 days to 3.7 days), until Fri 02:06 · quota ends 13:05, resumes 22:00 · "
        "3 in quarantine · 1 gone · 2 deleted · answer stored 4 s ago · 112 min"
    )


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (119, "119 s"), (120, "2 min"), (150, "2.5 min"), (700, "12 min"),
     (7_200, "2 h"), (9_000, "2.5 h"), (172_800, "2 days"), (864_000, "10 days")],
)  # fmt: skip
def test_spans_are_as_exact_as_anybody_wants(seconds: float, text: str) -> None:
    assert span(seconds) == text


def planned(dossiers: int, pilot: int) -> Plan:
    samples = [Sample({"dossier": 1, "producten": n % 3}) for n in range(pilot)]
    pace = Pace(per_second=5, per_day=80_000)
    return plan(samples, dossiers=dossiers, kinds=["dossier", "producten"], pace=pace)


def test_a_plan_is_told_in_a_line() -> None:
    assert plan_line(planned(20_000, 100)) == (
        "plan     20,000 dossiers to go · 39,800 (37,062 to 42,538) requests · "
        "2.2 h (2.1 h to 2.4 h) · 0.50 days of quota · from 100 complete dossiers"
    )
    assert plan_line(planned(20, 0)).endswith(
        " · 0.0% of a day's quota · unverified, from the documented shapes"
    )


# -- the bar -----------------------------------------------------------------------------------


def test_the_bar_draws_a_gauge_and_what_comes_between() -> None:
    console = Console(width=110, file=io.StringIO(), record=True)
    facts = Facts(
        Progress(dossiers=40, harvested=40, listed=True, to_refresh=8, refreshed=2, requests=900),
        now=NOON,
        elapsed=60,
        speed=Range(4, 5, 6),
        eta=Eta(Range(90, 100, 110), NOON + 50, NOON + 36_000),
        quota=(DAY,),
        age=7,
    )
    console.print(drawing(facts))
    first, *rest = console.export_text().splitlines()
    assert re.fullmatch(r"harvest  +━+.* 40/40 dossiers · refreshed 2/8 · 60 s *", first)
    assert [each.rstrip() for each in rest] == [
        "calls    900 requests · 5.0/s",
        "time     left 100 s (90 s to 110 s), until 12:01 · quota ends 12:00, resumes 22:00",
        "quota    [██████░░░░] 62% · 62,000/100,000 · more from 22:00",
        "last     answer stored 7 s ago",
    ]


async def test_on_a_terminal_the_bar_stays_in_its_place(tmp_path: Path) -> None:
    async with Sandbox(dossiers=16, seed=2, limits="scaled") as sandbox:
        env = environment(sandbox, TERM="xterm")
        code, shown = await _on_terminal(
            "harvest", "elements", "--out", str(tmp_path / "h"),
            "--per-second", "100", "--per-day", "5000", env=env,
        )  # fmt: skip
    assert code == 0, shown
    words = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown)
    assert words.count("plan     16 dossiers to go") == 1
    assert "\x1b[1A" in shown  # the cursor goes up, to draw over what stands there
    for told in ("16/16 dossiers", "quota    [", "/5,000", "left ", "answer stored "):
        assert told in words


async def _on_terminal(*arguments: str, env: dict[str, str]) -> tuple[int, str]:
    """Run a command with a terminal for its stderr, and return what it draws there."""
    ours, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 120, 0, 0))
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "elements_procura", *arguments,
        env=env, stderr=its, stdout=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    os.close(its)
    shown = await drawn_on(ours)
    return await process.wait(), shown


def test_a_plan_is_only_due_when_there_was_one(tmp_path: Path) -> None:
    tracker = Tracker(cast("Harvest", Run(tmp_path / "none.sqlite")), tuple, clock=FakeClock())
    assert not tracker.plan_is_due
    assert asyncio.run(tracker.make_plan()) is None
    assert not tracker.plan_is_due
