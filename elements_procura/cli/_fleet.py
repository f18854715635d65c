"""Harvests many tenants at once; what goes wrong with one is that one's affair.

:class:`elements_procura.Tenants` is for clients that live as long as the process. Here each is
opened and closed by its own harvest, and the file was checked for what two tenants might share.
"""

import asyncio
import contextlib
import traceback
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs

from elements_procura.cli._exit import (
    EXIT_AUTH,
    EXIT_DOWN,
    EXIT_FAILED,
    EXIT_INTERRUPTED,
    EXIT_QUARANTINED,
    EXIT_QUOTA,
    EXIT_USAGE,
    tell,
)
from elements_procura.cli._interrupts import Interrupts
from elements_procura.cli._output import Output
from elements_procura.cli._run import exit_of, harvest_into
from elements_procura.cli._show import progress_json
from elements_procura.cli._tenants import Tenant
from elements_procura.cli._watch import watching
from elements_procura.errors import ElementsProcuraError, InputError, StoreError
from elements_procura.harvest import Progress, Store

_MEANS = {
    EXIT_INTERRUPTED: "interrupted",
    EXIT_FAILED: "failed",
    EXIT_AUTH: "not authenticated",
    EXIT_USAGE: "settings refused",
    EXIT_DOWN: "server down",
    EXIT_QUOTA: "quota reached",
    EXIT_QUARANTINED: "done but for what somebody has to look at",
    0: "done",
}
"""Every exit code of a tenant, the worst first."""


@attrs.frozen
class Outcome:
    """How a tenant's harvest ended.

    Attributes:
        progress: Where it stands.
        store: Its file, which may not be there when nothing was begun.
        exit_code: As of a harvest of this tenant alone.
        error: The code of the error that ended it.
    """

    progress: Progress
    store: Path
    exit_code: int
    error: str | None = None


async def harvest_all(
    tenants: Iterable[Tenant], output: Output, *, progress: str
) -> dict[str, Outcome]:
    """Harvest all of them at once; those that have a store are gone on with.

    Args:
        tenants: Who.
        output: Where their lines go, each with the tenant's name.
        progress: ``auto``, ``log`` or ``none``.

    Raises:
        InputError: No tenant has anything of what is to be accepted.
    """
    tenants = await asyncio.to_thread(_each_with_its_own, tuple(tenants))
    interrupts = Interrupts(output)
    log = "log" if progress == "auto" else progress
    # From here, so that what is said of an interruption is about no tenant.
    with interrupts.told_to(lambda: None):
        named = {tenant.name: tenant for tenant in tenants}
        outcomes = await asyncio.gather(
            *(_harvest(tenant, output, interrupts, progress=log) for tenant in named.values())
        )
    return dict(zip(named, outcomes, strict=True))


def _each_with_its_own(tenants: tuple[Tenant, ...]) -> list[Tenant]:
    """The tenants, each with what it has of that which is to be accepted.

    Raises:
        InputError: There is something of which no tenant has anything.
    """
    if not any(tenant.job.accept for tenant in tenants):
        return list(tenants)
    known: set[str] = set()
    found = []
    for tenant in tenants:
        wanted, own = tenant.job.accept, tenant.job.accept
        # One whose store cannot be read tells so itself.
        with contextlib.suppress(StoreError), Store.read(_store_of(tenant)) as store:
            subjects = {each.subject for each in store.concerns()}
            known |= subjects
            # Of the dossiers, it may be about the listing that is to come.
            own = tuple(each for each in wanted if each in subjects)
        if tenant.job.accept_vanished:
            known.add("dossier")
        found.append(attrs.evolve(tenant, job=attrs.evolve(tenant.job, accept=own)))
    asked = {each for tenant in tenants for each in tenant.job.accept}
    if unknown := sorted(asked - known):
        raise InputError(
            f"no tenant has anything to accept of {', '.join(unknown)}",
            hint=f"There is {', '.join(sorted(known))}" if known else "There is nothing",
        )
    return found


def _store_of(tenant: Tenant) -> Path:
    return tenant.out / tenant.target.store_name


async def _harvest(
    tenant: Tenant, output: Output, interrupts: Interrupts, *, progress: str
) -> Outcome:
    store = _store_of(tenant)
    with output.about(tenant.name):
        watch = watching(output, progress, resume="", interrupts=interrupts)
        try:
            ended = await harvest_into(
                tenant.out, tenant.target, tenant.job, resume=store.exists(), watch=watch
            )
        except ElementsProcuraError as error:
            known = await asyncio.to_thread(_progress, store)
            outcome = Outcome(known, store, tell(output, error), error.code)
        except Exception as error:  # noqa: BLE001 - a fault of ours in one must not end the others
            output.error("unexpected", _place(error), "Report it; the other tenants go on")
            known = await asyncio.to_thread(_progress, store)
            outcome = Outcome(known, store, EXIT_FAILED, "unexpected")
        else:
            outcome = Outcome(ended, store, exit_of(ended, watch, tenant.job))
        output.say(f"ended    {_MEANS[outcome.exit_code]}")
    return outcome


def _place(error: Exception) -> str:
    """What it is and where, but not what it says: that may hold an address with a token."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {Path(frame.filename).name}, line {frame.lineno}"


def _progress(store: Path) -> Progress:
    try:
        with Store.read(store) as opened:
            return opened.progress()
    except StoreError:  # nothing was begun, or that is what went wrong
        return Progress()


def worst(outcomes: Mapping[str, Outcome]) -> int:
    """The exit code for all of them."""
    codes = {outcome.exit_code for outcome in outcomes.values()}
    return next(code for code in _MEANS if code in codes)


def outcomes_json(outcomes: Mapping[str, Outcome]) -> dict[str, Any]:
    """The one JSON object that tells how they ended."""
    return {
        "tenants": {
            name: {
                **progress_json(outcome.progress, outcome.store),
                "exit": outcome.exit_code,
                "error": outcome.error,
            }
            for name, outcome in outcomes.items()
        }
    }


def outcomes_text(outcomes: Mapping[str, Outcome]) -> Iterator[str]:
    """The same in words, a line each."""
    width = max(map(len, outcomes))
    for name, outcome in outcomes.items():
        progress = outcome.progress
        yield (
            f"{name:<{width}}  {progress.harvested:,}/{progress.dossiers:,} dossiers · "
            f"{progress.requests:,} requests · exit {outcome.exit_code}: "
            f"{_MEANS[outcome.exit_code]}"
        )
