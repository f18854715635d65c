"""Runs a harvest for the command line: settings, signals, progress."""

import asyncio
import contextlib
import shutil
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, Self

import attrs

from elements_procura.cli._output import Output
from elements_procura.demo import STORE_NAME
from elements_procura.elements.client import ElementsClient
from elements_procura.errors import ConfigError, ElementsProcuraError
from elements_procura.harvest import (
    DossierSettled,
    Finished,
    Harvest,
    Listed,
    Progress,
    Started,
    Store,
    harvest,
)
from elements_procura.scheduler import Rate, Scheduler, SqliteLedger
from elements_procura.secret import Secret

__all__ = ["STORE_NAME", "Settings", "harvest_into", "watching"]

LEDGER_NAME = "quota.sqlite"
_LOG_SECONDS = 30.0
_DAY = 86_400


@attrs.frozen
class Settings:
    """Whose data is harvested, and how fast."""

    host: str
    client_id: str
    secret: Secret
    organisation: str
    webservice: str
    scopes: tuple[str, ...]
    rates: tuple[Rate, ...]
    workers: int

    @classmethod
    def of(cls, *, secret: str, per_second: float, per_day: int, **given: Any) -> Self:
        """Settings out of the command's options.

        Raises:
            ConfigError: There is no secret.
        """
        if not secret:
            raise ConfigError(
                "there is no client secret",
                hint="Set ELEMENTS_CLIENT_SECRET, or pipe it in with --secret-stdin",
            )
        # Less than one in a second is one in so many seconds.
        rate = Rate(round(per_second), 1) if per_second >= 1 else Rate(1, 1 / per_second)
        return cls(
            host=given["host"],
            client_id=given["client_id"],
            secret=Secret(secret),
            organisation=given["organisation"],
            webservice=given["webservice"],
            scopes=tuple(given["scopes"]),
            rates=(rate, Rate(per_day, _DAY)),
            workers=given["workers"],
        )

    def client(self, scheduler: Scheduler) -> ElementsClient:
        """A client with these settings, for reading only."""
        return ElementsClient(
            self.host,
            credentials=(self.client_id, self.secret),
            organisation=self.organisation,
            webservice=self.webservice,
            scopes=self.scopes,
            scheduler=scheduler,
            read_only=True,
        )


async def harvest_into(
    out: Path,
    settings: Settings,
    *,
    resume: bool,
    watch: Callable[[Harvest], Awaitable[None]],
) -> Progress:
    """Harvest into the store in ``out``, which is only made once the settings have proved right.

    Raises:
        ConfigError: There is a harvest in ``out`` already and ``resume`` is not set, or the
            other way round.
    """
    path = out / STORE_NAME
    tenant = f"elements {settings.organisation}"
    if path.exists() and not resume:
        raise ConfigError(
            f"{path} holds a harvest already", hint="Add --resume to go on, or choose another --out"
        )
    if resume and not path.exists():
        raise ConfigError(
            f"there is no harvest in {out} to go on with", hint="Leave out --resume to begin one"
        )
    if resume:
        with Store.open(path, tenant=tenant) as store:
            progress = store.progress()
            if progress.complete:
                return progress
    with _folder(out):
        # The day's count lies beside the store: a run tomorrow morning must know of tonight's.
        ledger = SqliteLedger(out / LEDGER_NAME)
        async with settings.client(Scheduler(rates=settings.rates, ledger=ledger)) as elements:
            await elements.authenticate()
            opened = Store.open if resume else Store.create
            with opened(path, tenant=tenant) as store:
                store.add_requests(elements.counters.sent)  # for the token
                run = harvest(elements, store, workers=settings.workers)
                await watch(run)
                return run.progress


@contextlib.contextmanager
def _folder(out: Path) -> Iterator[None]:
    """Make the folder; take it away again when nothing was begun in it."""
    made = not out.exists()
    try:
        out.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise ConfigError(
            f"{out} cannot be made: {error.strerror}", hint="Choose another --out"
        ) from None
    try:
        yield
    except ElementsProcuraError:
        if made and not (out / STORE_NAME).exists():
            shutil.rmtree(out)
        raise


@attrs.define
class Watcher:
    """Iterates over a harvest, shows it and stops it when asked to.

    Attributes:
        interrupted: Whether Ctrl-C or a termination signal has ended it.
    """

    output: Output
    bar: bool
    log: bool
    resume: str
    interrupted: bool = False

    async def watch(self, run: Harvest) -> None:
        """Show the run until it ends."""
        with _signals(lambda: self._interrupt(run)), self._shown() as show:
            try:
                async for event in run:
                    if isinstance(event, Started | Listed | DossierSettled | Finished):
                        show(run.progress, isinstance(event, Finished))
            except ElementsProcuraError:
                self._tell_stopped(run.progress)
                raise
        if self.interrupted:
            self._tell_stopped(run.progress)

    def _interrupt(self, run: Harvest) -> None:
        if self.interrupted:
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            signal.raise_signal(signal.SIGINT)
        self.interrupted = True
        self.output.say("stopping: finishing what is under way (again to abort at once)")
        run.stop()

    def _tell_stopped(self, progress: Progress) -> None:
        if not progress.complete:
            self.output.say(f"saved at {progress.settled:,}/{progress.dossiers:,} dossiers")
            self.output.say(f"resume: {self.resume}")

    @contextlib.contextmanager
    def _shown(self) -> Iterator[Callable[[Progress, bool], None]]:
        if self.bar:
            with _bar() as show:
                yield show
        elif self.log:
            yield _Lines(self.output.say)
        else:
            yield lambda _progress, _last: None


def watching(output: Output, progress: str, *, resume: str) -> Watcher:
    """A watcher that shows progress as asked: a bar on a terminal, else lines."""
    if progress == "auto":
        progress = "bar" if sys.stderr.isatty() else "log"
    if output.quiet:
        progress = "none"
    return Watcher(output, bar=progress == "bar", log=progress == "log", resume=resume)


class _Lines:
    """A line at the begin, every half minute, and at the end."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._started = self._last = time.monotonic()

    def __call__(self, progress: Progress, last: bool) -> None:
        now = time.monotonic()
        if last or now - self._last >= _LOG_SECONDS:
            self._last = now
            self._say(
                f"harvest  {progress.settled:,}/{progress.dossiers:,} dossiers · "
                f"{progress.requests:,} requests · {progress.quarantined:,} in quarantine · "
                f"{now - self._started:.0f} s"
            )


@contextlib.contextmanager
def _bar() -> Iterator[Callable[[Progress, bool], None]]:
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
            calls = f"{progress.requests:,} requests"
            if progress.quarantined:
                calls += f" · {progress.quarantined:,} in quarantine"
            bar.update(
                task, total=progress.dossiers or None, completed=progress.settled, calls=calls
            )

        yield show


@contextlib.contextmanager
def _signals(interrupt: Callable[[], None]) -> Iterator[None]:
    """SIGINT and SIGTERM call ``interrupt``; Windows knows no handlers on a loop."""
    loop = asyncio.get_running_loop()
    signals = [] if sys.platform == "win32" else [signal.SIGINT, signal.SIGTERM]
    for number in signals:
        loop.add_signal_handler(number, interrupt)
    try:
        yield
    finally:
        for number in signals:
            loop.remove_signal_handler(number)
