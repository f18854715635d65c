"""Runs a harvest for the command line."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path

from elements_procura.cli._exit import EXIT_INTERRUPTED, EXIT_QUARANTINED, EXIT_QUOTA
from elements_procura.cli._settings import Job
from elements_procura.cli._show import LEDGER_NAME, STORE_NAMES
from elements_procura.cli._target import C, Target, agreed
from elements_procura.cli._watch import Watcher
from elements_procura.disk.errors import disk_errors
from elements_procura.errors import (
    ConfigError,
    DailyQuotaExceeded,
    ElementsProcuraError,
)
from elements_procura.harvest import Interrupted, Progress, Refresh, Resumed, Store, harvest
from elements_procura.harvest.patience import Patience, may_pass, reason_of
from elements_procura.scheduler import Usage
from elements_procura.spec.source import Source

_DAY = 86_400.0


async def harvest_into(
    out: Path, target: Target[C], job: Job, *, resume: bool, watch: Watcher
) -> Progress:
    """Harvest into the store in ``out``, which is only made once the settings have proved right.

    Raises:
        ConfigError: There is a harvest in ``out`` already and neither ``resume`` nor a refresh is
            asked for, or the other way round; or it was begun for other dossiers.
    """
    path = out / target.store_name
    if job.refresh:
        resume = path.exists()
    if path.exists() and not resume:
        raise ConfigError(
            f"{path} holds a harvest already", hint="Add --resume to go on, or choose another --out"
        )
    if resume and not path.exists():
        raise ConfigError(
            f"there is no harvest in {out} to go on with", hint="Leave out --resume to begin one"
        )
    # Somebody listens all the time: an interruption between two steps is heard by the next.
    with watch.interrupts.told_to(lambda: None):
        return await _harvest(out, path, target, job, resume=resume, watch=watch)


async def _harvest(
    out: Path, path: Path, target: Target[C], job: Job, *, resume: bool, watch: Watcher
) -> Progress:
    # Stores are opened in threads: one that somebody else has locked keeps its opener waiting.
    selection, progress = target.selection, Progress()
    began = time.time()
    if resume:
        selection, progress = await asyncio.to_thread(_left, path, target, job)
        watch.is_first = not progress.listed or progress.settled < progress.dossiers
        if progress.complete and not job.refresh:
            return progress
    with _folder(out):
        async with target.client(out) as client:
            listing = job.refresh or not progress.listed
            was_answered = progress.listed or progress.resources > 0
            source = await _begin_in_time(
                client, target, selection, job, watch,
                listing=listing, began=began, was_answered=was_answered,
            )  # fmt: skip
            if source is None:
                return progress
            with await asyncio.to_thread(_opened, path, target, job, resume=resume) as store:
                sent = client.counters.sent  # for the token and the search
                await asyncio.to_thread(store.add_requests, sent)
                while True:
                    progress = await _run_until_done(client, source, store, job, watch, began=began)
                    if job.purge:
                        await asyncio.to_thread(store.purge)
                    if not (job.refresh and job.wait) or watch.interrupted:
                        return progress
                    if not await watch.sleep_until(began + _DAY, "the next refresh"):
                        return progress
                    began = time.time()
                    source = await _begin_in_time(
                        client, target, selection, job, watch,
                        listing=True, began=began, was_answered=True,
                    )  # fmt: skip
                    if source is None:
                        return progress


def exit_of(progress: Progress, watch: Watcher, job: Job) -> int:
    """The exit code of a harvest that ended without an error."""
    if not progress.complete:
        if watch.interrupted:
            return EXIT_INTERRUPTED
        if _stopped_short(progress, watch, job):
            return EXIT_QUOTA
    return EXIT_QUARANTINED if progress.unacknowledged else 0


def _stopped_short(progress: Progress, watch: Watcher, job: Job) -> bool:
    """Whether a budget has ended it before it had done what was asked for.

    A pilot is its dossiers. A refresh is what the budget and the time allow: what is left is the
    next one's. But a harvest that has never been complete is asked for as a whole.
    """
    if watch.paused is None or watch.paused == "max-dossiers":
        return False
    if not job.refresh or not progress.listed:
        return True
    return (
        watch.paused == "max-requests" and watch.is_first and progress.settled < progress.dossiers
    )


def _left(path: Path, target: Target[C], job: Job) -> tuple[Mapping[str, str], Progress]:
    """What an earlier run was for, and how far it came."""
    with Store.open(path, tenant=target.tenant) as store:
        selection = agreed(target.selection, store.selection)
        if job.history and not store.keeps_history:
            raise ConfigError(
                "this harvest was begun without --history",
                hint="Leave it out, or choose another --out",
            )
        if job.retry_quarantined:
            store.requeue_quarantined()
        _accept(store, job)
        return selection, store.progress()


def _accept(store: Store, job: Job) -> None:
    known = {each.subject for each in store.concerns()}
    # Of the dossiers, it may be about the listing that is to come.
    expected = {"dossier"} - known if job.accept_vanished else set()
    store.accept(each for each in job.accept if each not in expected)


def _opened(path: Path, target: Target[C], job: Job, *, resume: bool) -> Store:
    if resume:
        return Store.open(path, tenant=target.tenant)
    return Store.create(path, tenant=target.tenant, selection=target.selection, history=job.history)


async def _begin(
    client: C, target: Target[C], selection: Mapping[str, str], watch: Watcher, *, listing: bool
) -> Source | None:
    """The first requests, which prove the settings; None when interrupted meanwhile."""
    task = asyncio.current_task()
    assert task is not None  # noqa: S101 - a coroutine runs in one

    def stop() -> None:
        task.cancel()

    with watch.interrupts.told_to(stop):
        try:
            await client.authenticate()
            return await target.source(client, selection, listing=listing)
        except asyncio.CancelledError:
            if not watch.interrupted:
                raise
            task.uncancel()
            return None


async def _begin_in_time(
    client: C,
    target: Target[C],
    selection: Mapping[str, str],
    job: Job,
    watch: Watcher,
    *,
    listing: bool,
    began: float,
    was_answered: bool,
) -> Source | None:
    """The same, once the day's quota allows it; None also when it does not in time.

    Raises:
        DailyQuotaExceeded: It does not, and this is not waited for.
        ServerAway: The server was waited for long enough.
    """

    async def begin() -> Source | None:
        return await _begin(client, target, selection, watch, listing=listing)

    if was_answered:
        begin = partial(_patiently, begin, job, watch)
    ends = began + job.within if job.refresh else float("inf") if job.wait else began
    while True:
        try:
            return await begin()
        except DailyQuotaExceeded as error:
            if not (job.refresh or job.wait):
                raise
            if error.resets_at >= ends:
                watch.paused = "within"
                watch.output.say("the day's quota is used up: nothing can be asked for in time")
                return None
            if not await watch.sleep_until(error.resets_at, "the quota"):
                return None


async def _patiently(
    begin: Callable[[], Awaitable[Source | None]], job: Job, watch: Watcher
) -> Source | None:
    """The same, for a store that the server was ever there for: then it is waited for."""
    patience: Patience | None = None
    while True:
        try:
            source = await begin()
        except ElementsProcuraError as error:
            if not may_pass(error):
                raise
            if patience is None:
                patience = Patience(job.patience, watch.clock)
                watch.saw(Interrupted(patience.since, reason_of(error)))
            if not await watch.nap(patience.pause(error)):
                return None
        else:
            if patience is not None:
                watch.saw(Resumed(patience.spent, patience.probes))
            return source


async def _run_until_done(
    client: C, source: Source, store: Store, job: Job, watch: Watcher, *, began: float
) -> Progress:
    run = harvest(
        source,
        store,
        include=job.include,
        max_requests=job.max_requests,
        max_dossiers=job.pilot,
        until=job.deadline(now=began),
        refresh=_refresh(job, client.quota(), began=began) if job.refresh else None,
        wait=job.wait,
        workers=job.workers,
        patience=job.patience,
    )
    await watch.watch(run, client.quota)
    return run.progress


def _refresh(job: Job, quota: Iterable[Usage], *, began: float) -> Refresh:
    """A refresh of what bulk may have, or of what was asked for, in the time that is left."""
    now = time.time()
    ends = min(began + job.within, job.deadline(now=began) or float("inf"))
    return Refresh.over(
        quota,
        now=now,
        within=max(ends - now, 0.0),
        max_requests=job.max_requests,
        accept_vanished=job.accept_vanished,
    )


@contextlib.contextmanager
def _folder(out: Path) -> Iterator[None]:
    """Make the folder; take it away again when nothing was begun in it, by whomever."""
    made = not out.exists()
    with disk_errors(f"{out} cannot be made", out, hint="Choose another --out"):
        out.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        yield
    except ElementsProcuraError:
        if made and not any((out / name).exists() for name in STORE_NAMES.values()):
            for each in out.glob(f"{LEDGER_NAME}*"):
                each.unlink(missing_ok=True)
            with contextlib.suppress(OSError):  # there is something else in it
                out.rmdir()
        raise
