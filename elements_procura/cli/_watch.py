"""Shows a harvest while it runs, and stops it when asked to."""

import asyncio
import contextlib
import datetime as dt
import sys
import time
from collections.abc import Callable, Iterator

import attrs

from elements_procura.cli._interrupts import Interrupts
from elements_procura.cli._output import Output
from elements_procura.errors import ElementsProcuraError
from elements_procura.harvest import (
    DossierSettled,
    Finished,
    Harvest,
    Listed,
    Progress,
    Started,
)
from elements_procura.scheduler import Usage

_LOG_SECONDS = 30.0
_NAP = 60.0


@attrs.define
class Watcher:
    """Iterates over a harvest, shows it and stops it when asked to.

    Attributes:
        resume: The command that goes on; empty when somebody else tells it.
        interrupts: What Ctrl-C and a termination signal do; one for all that run at once.
        paused: Which budget has ended it.
    """

    output: Output
    bar: bool
    log: bool
    resume: str
    interrupts: Interrupts
    paused: str | None = None

    @property
    def interrupted(self) -> bool:
        """Whether Ctrl-C or a termination signal has ended it."""
        return self.interrupts.happened

    async def watch(self, run: Harvest, quota: Callable[[], tuple[Usage, ...]] = tuple) -> None:
        """Show the run until it ends, with what is used of the day's quota."""
        with self.interrupts.told_to(run.stop), self._shown(quota) as show:
            try:
                async for event in run:
                    if isinstance(event, Started | Listed | DossierSettled | Finished):
                        show(run.progress, isinstance(event, Finished))
            except ElementsProcuraError:
                self._tell_stopped(run.progress)
                raise
        self.paused = run.paused
        if self.interrupted or self.paused:
            self._tell_stopped(run.progress)

    async def sleep_until(self, when: float) -> bool:
        """Sleep until ``when``, in seconds since the epoch; False when interrupted meanwhile."""
        until = dt.datetime.fromtimestamp(when).astimezone()
        self.output.say(f"waiting  for the quota until {until:%Y-%m-%d %H:%M %Z}")
        woken = asyncio.Event()
        with self.interrupts.told_to(woken.set):
            while not woken.is_set() and (left := when - time.time()) > 0:
                # In short naps: a machine that was suspended wakes up late otherwise.
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(woken.wait(), min(left, _NAP))
        return not self.interrupted

    def _tell_stopped(self, progress: Progress) -> None:
        if not progress.complete:
            self.output.say(f"saved at {progress.settled:,}/{progress.dossiers:,} dossiers")
            if self.resume:
                self.output.say(f"resume: {self.resume}")

    @contextlib.contextmanager
    def _shown(
        self, quota: Callable[[], tuple[Usage, ...]]
    ) -> Iterator[Callable[[Progress, bool], None]]:
        if self.bar:
            with _bar(quota) as show:
                yield show
        elif self.log:
            yield _Lines(self.output.say, quota)
        else:
            yield lambda _progress, _last: None


def watching(
    output: Output, progress: str, *, resume: str, interrupts: Interrupts | None = None
) -> Watcher:
    """A watcher that shows progress as asked: a bar on a terminal, else lines."""
    if progress == "auto":
        progress = "bar" if sys.stderr.isatty() else "log"
    if output.quiet:
        progress = "none"
    return Watcher(
        output,
        bar=progress == "bar",
        log=progress == "log",
        resume=resume,
        interrupts=interrupts or Interrupts(output),
    )


class _Lines:
    """A line at the begin, every half minute, and at the end."""

    def __init__(self, say: Callable[[str], None], quota: Callable[[], tuple[Usage, ...]]) -> None:
        self._say = say
        self._quota = quota
        self._started = self._last = time.monotonic()

    def __call__(self, progress: Progress, last: bool) -> None:
        now = time.monotonic()
        if last or now - self._last >= _LOG_SECONDS:
            self._last = now
            self._say(
                f"harvest  {progress.settled:,}/{progress.dossiers:,} dossiers · "
                f"{progress.requests:,} requests · {progress.quarantined:,} in quarantine · "
                f"{now - self._started:.0f} s{_quota_text(self._quota())}"
            )


def _quota_text(windows: tuple[Usage, ...]) -> str:
    """What is used of the long windows."""
    days = [window for window in windows if window.rate.is_quota]
    return "".join(f" · quota {window.used:,}/{window.rate.limit:,}" for window in days)


@contextlib.contextmanager
def _bar(quota: Callable[[], tuple[Usage, ...]]) -> Iterator[Callable[[Progress, bool], None]]:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("harvest "),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[calls]}"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Bar(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("harvest", total=None, calls="")

        def show(progress: Progress, _last: bool) -> None:
            calls = f"{progress.requests:,} requests{_quota_text(quota())}"
            if progress.quarantined:
                calls += f" · {progress.quarantined:,} in quarantine"
            bar.update(
                task, total=progress.dossiers or None, completed=progress.settled, calls=calls
            )

        yield show
