"""Showing a harvest while it runs, and stopping it on request."""

import asyncio
import contextlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import attrs
import click

from elements_procura.cli._exit import print_error
from elements_procura.cli._interrupts import Interrupts
from elements_procura.cli._output import Output
from elements_procura.cli._wall import wall_time
from elements_procura.cli.shown.events import EventLog, EventWriter
from elements_procura.cli.shown.facts import cycle_text, plan_line, span
from elements_procura.cli.shown.lines import LINE_SECONDS, Lines, SilentView
from elements_procura.clock import Clock, SystemClock
from elements_procura.errors import ElementsProcuraError
from elements_procura.fleet.events import FleetEvent, QuotaShort, Sleep
from elements_procura.fleet.outcome import Outcome
from elements_procura.fleet.tracker import Facts, Tracker
from elements_procura.harvest import (
    DossiersListed,
    Harvest,
    HarvestInterrupted,
    HarvestResumed,
    HarvestStarted,
    QuotaWait,
    RefreshStarted,
)
from elements_procura.harvest.address import Where
from elements_procura.scheduler import Usage

_WAITING = {"quota": "the quota", "refresh": "the next refresh"}
_LONG = 900.0
_TICK = 1.0
_MOST_SAMPLES = 1_000


class View(Protocol):
    """Shows facts."""

    def show(self, facts: Facts) -> None:
        """Show them; called every second."""

    def end(self, facts: Facts) -> None:
        """Show them for the last time."""


@attrs.define
class Watcher:
    """Iterates over a harvest, shows it and stops it when asked to.

    Attributes:
        resume: The command that goes on; empty when somebody else prints it.
        interrupts: Ctrl-C and termination signals; one for all that run at once.
        event_writer: Writes events for other programs, if any are wanted.
        clock: The time.
        rest: The command for the dossiers that a pilot has left.
        where: The store's address as it was given; None where its identity says how to connect.
    """

    output: Output
    bar: bool
    log: bool
    resume: str
    interrupts: Interrupts
    event_writer: EventWriter | None = None
    clock: Clock = attrs.field(factory=SystemClock)
    rest: str = ""
    where: Where | None = None

    @property
    def interrupted(self) -> bool:
        """Whether Ctrl-C or a termination signal has ended it."""
        return self.interrupts.is_set

    async def watch(self, run: Harvest, quota: Callable[[], tuple[Usage, ...]] = tuple) -> None:
        """Show the run until it ends, with the use of the day's quota."""
        tracker = Tracker(run, quota, clock=self.clock, where=self.where)
        try:
            with self.interrupts.calls(run.stop), self._view() as view:
                await self._follow(run, tracker, view)
        except ElementsProcuraError as error:
            if self.event_writer is not None:
                self.event_writer.failed(error, run.progress, now=self.clock.wall())
            self._tell_stopped(run)
            raise
        if self.interrupted or run.paused:
            self._tell_stopped(run)

    async def _follow(self, run: Harvest, tracker: Tracker, view: View) -> None:
        showing: asyncio.Task[None] | None = None
        try:
            async for event in run:
                tracker.saw(event)
                if self.event_writer is not None:
                    self.event_writer.event(event, now=self.clock.wall())
                if isinstance(event, QuotaWait):
                    self._tell_waiting(event)
                if isinstance(event, HarvestStarted | DossiersListed | RefreshStarted):
                    await self._tell_plan(event, tracker)
                if showing is None:
                    showing = asyncio.create_task(self._keep_showing(tracker, view))
        finally:
            if showing is not None:
                showing.cancel()
                await asyncio.wait([showing])
            view.end(tracker.facts())
        if showing is not None and not showing.cancelled():
            showing.result()

    def _tell_waiting(self, event: QuotaWait) -> None:
        # A quota that frees every few minutes sets the pace of a run; that is no news.
        if event.until - self.clock.wall() >= _LONG:
            until = wall_time(event.until)
            self.output.say(f"waiting  for the quota until {until:%Y-%m-%d %H:%M %Z}")

    async def _tell_plan(
        self, event: HarvestStarted | DossiersListed | RefreshStarted, tracker: Tracker
    ) -> None:
        if isinstance(event, RefreshStarted):
            self.output.say(
                f"refresh  {event.dossiers:,} dossiers · {event.requests:,} requests, "
                f"as they took before{cycle_text(event.cycle)}"
            )
        elif isinstance(event, DossiersListed) or event.progress.listed:
            plan = await tracker.make_plan(most=_MOST_SAMPLES)
            if plan is None or not plan.requests.expected:
                return
            self.output.say(plan_line(plan))
            if self.event_writer is not None:
                self.event_writer.plan(plan, now=self.clock.wall())

    async def _keep_showing(self, tracker: Tracker, view: View) -> None:
        """Redraw regularly, also between events."""
        told = float("-inf")
        while True:
            facts = tracker.facts()
            view.show(facts)
            if self.event_writer is not None and facts.elapsed - told >= LINE_SECONDS:
                told = facts.elapsed
                self.event_writer.progress(facts)
            if tracker.plan_is_due:
                plan = await tracker.make_plan()
                if plan is not None and self.event_writer is not None:
                    self.event_writer.plan(plan, now=self.clock.wall())
            await self.clock.sleep(_TICK)

    def note(self, event: FleetEvent) -> None:
        """Print an event between two runs."""
        if isinstance(event, Sleep):
            until = wall_time(event.until)
            self.output.say(
                f"waiting  for {_WAITING[event.reason]} until {until:%Y-%m-%d %H:%M %Z}"
            )
        elif isinstance(event, QuotaShort):
            self.output.say("the day's quota is used up: nothing can be asked for in time")
        elif isinstance(event, HarvestInterrupted | HarvestResumed):
            self._tell_away(event)

    def _tell_away(self, event: HarvestInterrupted | HarvestResumed) -> None:
        """Print that a server is away, or back, before the first run."""
        if isinstance(event, HarvestInterrupted):
            since = wall_time(event.since)
            self.output.say(f"weather  server away since {since:%H:%M:%S}: {event.reason}")
        else:
            self.output.say(f"weather  server back after {span(event.seconds)}")
        if self.event_writer is not None:
            self.event_writer.event(event, now=self.clock.wall())

    def ended(self, outcome: Outcome, error: Exception | None) -> None:
        """Print the outcome of a tenant's harvest."""
        if isinstance(error, ElementsProcuraError):
            print_error(self.output, error)
        elif error is not None:
            self.output.error(outcome.error or "", outcome.message, outcome.hint)
        self.output.say(f"ended    {outcome.meaning}")

    def _tell_stopped(self, run: Harvest) -> None:
        progress = run.progress
        if not progress.complete:
            self.output.say(f"saved at {progress.settled:,}/{progress.dossiers:,} dossiers")
            if self.resume:
                goes_on = self.rest if run.paused == "max-dossiers" else self.resume
                self.output.say(f"resume: {goes_on}")

    @contextlib.contextmanager
    def _view(self) -> Iterator[View]:
        if self.bar:
            from elements_procura.cli.shown.bar import drawn

            with drawn() as bar:
                yield bar
        else:
            yield Lines(self.output.say) if self.log else SilentView()


def watching(
    output: Output,
    progress: str,
    *,
    resume: str,
    rest: str = "",
    where: Where | None = None,
    interrupts: Interrupts | None = None,
    events: Path | None = None,
) -> Watcher:
    """A watcher that shows progress as asked: a bar on a terminal, else lines.

    Args:
        output: Prints.
        progress: ``auto``, ``bar``, ``log`` or ``none``.
        resume: The command that goes on; empty when somebody else prints it.
        rest: The command for the dossiers that a pilot has left.
        where: The store's address as it was given; None where its identity says how to connect.
        interrupts: Those of all that run at once; None for this one alone.
        events: Where to write events as NDJSON besides; ``-`` is stdout. It is closed with the
            command.

    Raises:
        StoreError: ``events`` cannot be written.
    """
    if progress == "auto":
        progress = "bar" if sys.stderr.isatty() else "log"
    if output.quiet:
        progress = "none"
    event_writer = None
    if events is not None:
        log = EventLog.open(events, output.say)
        click.get_current_context().call_on_close(log.close)
        event_writer = EventWriter(log)
        if str(events) == "-":
            output.lend_stdout()
    interrupts = interrupts or Interrupts(output)
    if resume:
        interrupts.last_words.append(f"resume: {resume}")
    return Watcher(
        output,
        bar=progress == "bar",
        log=progress == "log",
        resume=resume,
        interrupts=interrupts,
        event_writer=event_writer,
        rest=rest or resume,
        where=where,
    )
