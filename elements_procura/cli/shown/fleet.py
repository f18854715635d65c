"""Printing many tenants' harvests, each line with its tenant's name, and their outcomes."""

import contextlib
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from elements_procura.cli._interrupts import Interrupts
from elements_procura.cli._output import Output
from elements_procura.cli.shown.leads import patient, settling, using
from elements_procura.cli.shown.lines import Lines, SilentView
from elements_procura.cli.shown.progress import progress_json
from elements_procura.cli.shown.watch import View, Watcher, watching
from elements_procura.errors import ServerAway
from elements_procura.fleet.dask import Cluster
from elements_procura.fleet.events import FleetEvent, ProgressReport
from elements_procura.fleet.outcome import Outcome
from elements_procura.fleet.run import harvest_all, harvest_spread
from elements_procura.fleet.spec import TenantSpec
from elements_procura.fleet.tracker import Facts

_MOST = 3  # tenants whose reports are named


async def harvest_shown(
    specs: Sequence[TenantSpec], output: Output, *, progress: str, cluster: Cluster | None = None
) -> dict[str, Outcome]:
    """Harvest all of them at once, and show it.

    Args:
        specs: The tenants.
        output: Prints their lines.
        progress: ``auto``, ``log`` or ``none``.
        cluster: Where; None for this process.

    Raises:
        ConfigError, InputError: As :func:`elements_procura.fleet.harvest_tenants`.
    """
    interrupts = Interrupts(output)
    log = "log" if progress == "auto" else progress

    @contextlib.contextmanager
    def attending(spec: TenantSpec) -> Iterator[Watcher]:
        with output.about(spec.name):
            yield watching(output, log, resume="", where=spec.where, interrupts=interrupts)

    if cluster is None:
        return await harvest_all(specs, interrupts, attending)
    # Of packages that are no business of ours; those that are, are compared.
    warnings.filterwarnings("ignore", message="Mismatched versions found")
    far = {spec.name: _FarTenant(output, spec.name, log == "log") for spec in specs}
    outcomes = await harvest_spread(
        specs, cluster, interrupts, lambda name, event: far[name].hear(event)
    )
    for name, outcome in outcomes.items():
        with output.about(name):
            if outcome.error is not None:
                output.error(outcome.error, outcome.message, outcome.hint)
            output.say(f"ended    {outcome.meaning}")
    return outcomes


class _FarTenant:
    """Prints the lines of a tenant that a worker harvests.

    Args:
        output: Prints.
        name: The tenant's.
        is_shown: Whether its progress is printed as well.
    """

    def __init__(self, output: Output, name: str, is_shown: bool) -> None:
        self._output = output
        self._name = name
        self._watcher = watching(output, "none", resume="", interrupts=Interrupts(output))
        self._view: View = Lines(output.say) if is_shown else SilentView()
        self._began = time.monotonic()

    def hear(self, event: FleetEvent) -> None:
        """Receive an event of it."""
        with self._output.about(self._name):
            if isinstance(event, ProgressReport):
                elapsed = time.monotonic() - self._began
                self._view.show(Facts(event.progress, now=time.time(), elapsed=elapsed))
            else:
                self._watcher.note(event)


def outcomes_json(outcomes: Mapping[str, Outcome]) -> dict[str, Any]:
    """The outcomes as one JSON object."""
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
    """The outcomes in words, a line each."""
    width = max(map(len, outcomes))
    for name, outcome in outcomes.items():
        progress = outcome.progress
        yield (
            f"{name:<{width}}  {progress.harvested:,}/{progress.dossiers:,} dossiers · "
            f"{progress.requests:,} requests · exit {outcome.exit_code}: {outcome.meaning}"
        )


def outcomes_leads(outcomes: Mapping[str, Outcome], again: Callable[..., str]) -> Iterator[str]:
    """The commands that make sense now.

    Args:
        outcomes: The tenants' outcomes.
        again: Makes this command with more options.
    """
    found = outcomes.values()
    if any(each.error == ServerAway.code for each in found):
        yield patient(partial(again, without=["patience"]))
    for outcome in found:
        yield from settling(outcome.progress, partial(again, without=["accept"]))
    if any(not each.progress.complete for each in found):
        yield again()
    complete = [each for each in found if each.progress.complete]
    for outcome in complete[:_MOST]:
        yield from using(outcome.store, but="export")
