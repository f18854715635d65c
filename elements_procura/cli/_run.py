"""Runs a harvest for the command line."""

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

from elements_procura.cli._settings import Job, Settings
from elements_procura.cli._show import LEDGER_NAME, STORE_NAME
from elements_procura.cli._watch import Watcher
from elements_procura.elements.client import ElementsClient
from elements_procura.errors import ConfigError, DailyQuotaExceeded, ElementsProcuraError
from elements_procura.harvest import ElementsSource, Progress, Store, harvest
from elements_procura.scheduler import SqliteLedger


async def harvest_into(
    out: Path, settings: Settings, job: Job, *, resume: bool, watch: Watcher
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
            if job.retry_quarantined:
                store.requeue_quarantined()
            if (progress := store.progress()).complete:
                return progress
    with _folder(out):
        # The day's count lies beside the store: a run tomorrow morning must know of tonight's.
        async with settings.client(SqliteLedger(out / LEDGER_NAME)) as elements:
            await elements.authenticate()
            dossiers = None if resume else await job.dossiers(elements)
            opened = Store.open if resume else Store.create
            with opened(path, tenant=tenant) as store:
                store.add_requests(elements.counters.sent)  # for the token and the search
                return await _run_until_done(elements, store, dossiers, job, watch)


async def _run_until_done(
    elements: ElementsClient,
    store: Store,
    dossiers: tuple[int, ...] | None,
    job: Job,
    watch: Watcher,
) -> Progress:
    while True:
        run = harvest(
            ElementsSource(elements, dossiers=dossiers),
            store,
            include=job.include,
            max_requests=job.max_requests,
            max_dossiers=job.pilot,
            until=job.until,
            workers=job.workers,
        )
        try:
            await watch.watch(run, elements.quota)
        except DailyQuotaExceeded as error:
            if not job.wait or not await watch.sleep_until(error.resets_at):
                raise
            continue
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
