"""The demo's command."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from elements_procura.cli._exit import (
    EXIT_FAILED,
    EXIT_INTERRUPTED,
    EXIT_QUARANTINED,
    exit_on_error,
)
from elements_procura.cli._output import Output
from elements_procura.cli.given.options import HELD, SHOW_PROGRESS
from elements_procura.cli.given.tables import options
from elements_procura.cli.given.weather import WEATHER
from elements_procura.cli.shown.acts import DOSSIERS, perform
from elements_procura.cli.shown.leads import quoted, resume_command
from elements_procura.cli.shown.progress import show_progress

if TYPE_CHECKING:
    from elements_procura.cli.shown.watch import Watcher
    from elements_procura.demo import ApiResult, DemoResult, Quota
    from elements_procura.harvest import Harvest
    from elements_procura.sandbox import ProcuraSandbox, Sandbox

LIMITS = click.Choice(["scaled", "documented", "off"])
_OTHERS = 10  # one in so many of Procura's dossiers has no detail
_DOCUMENTED = 0.3


@click.command(short_help="Harvest local sandboxes and verify them: no account needed.")
@options(*HELD)
@click.option(
    "--limits",
    type=LIMITS,
    default="scaled",
    show_default=True,
    help="Of Elements. scaled: 300 requests/s; documented: 5 requests/s. Procura has none.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("demo"),
    show_default=True,
    help="Directory of the stores.",
)
@WEATHER
@click.option(
    "--fleet",
    is_flag=True,
    help="Instead: four processes on one account, and six tenants on two workers, with Valkey and "
    "PostgreSQL; one of each is killed. Needs the extra fleet-demo.",
)
@SHOW_PROGRESS
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def demo(
    output: Output,
    /,
    *,
    dossiers: int,
    seed: int,
    limits: str,
    out: Path,
    weather: str,
    fleet: bool,
    progress: str,
    as_json: bool,
) -> None:
    """Harvest local sandboxes of both APIs and verify them byte by byte: no account needed.

    With --weather in three acts: in passing weather, in weather that breaks things for good, and
    when it is over; of 24 dossiers unless more are asked for.
    """
    context = click.get_current_context()
    if fleet:
        if weather:
            raise click.UsageError("--fleet and --weather are two demos: give one of them")
        from elements_procura.cli.shown.demo_fleet import show_fleet

        with exit_on_error(output):
            sys.exit(show_fleet(output, out, as_json=as_json))
    if weather and context.get_parameter_source("dossiers") is ParameterSource.DEFAULT:
        dossiers = DOSSIERS
    import asyncio

    from elements_procura.cli.shown.watch import watching
    from elements_procura.sandbox import ProcuraSandbox, Sandbox

    watcher = watching(output, progress, resume=resume_command())

    async def run() -> int:
        elements = Sandbox(dossiers=dossiers, seed=seed, limits=limits)
        procura = ProcuraSandbox(
            dossiers=dossiers, seed=seed, others=dossiers // _OTHERS, documented=_DOCUMENTED
        )
        name, holds = f"dossiers={dossiers} seed={seed}", f"{dossiers:,} dossiers, seed {seed}"
        async with elements, procura:
            output.say(f"sandbox  {elements.url} · Elements · {holds} · {limits_text(elements)}")
            output.say(f"sandbox  {procura.url} · Procura · {holds} · limits off")
            if not weather:
                return await _perform_fair(
                    output, elements, procura, out, name=name, watcher=watcher, as_json=as_json
                )
            return await perform(
                output,
                elements,
                procura,
                out,
                weather=weather,
                name=f"{name} weather={weather}",
                watcher=watcher,
                as_json=as_json,
            )

    with exit_on_error(output):
        sys.exit(asyncio.run(run()))


async def _perform_fair(
    output: Output,
    elements: "Sandbox",
    procura: "ProcuraSandbox",
    out: Path,
    *,
    name: str,
    watcher: "Watcher",
    as_json: bool,
) -> int:
    """Harvest both once, print what came of it, and return the exit code."""
    from elements_procura.demo import run_demo

    async def watch(api: str, run: "Harvest", quota: "Quota") -> None:
        output.say(f"api      {api.title()}")
        await watcher.watch(run, quota)

    result = await run_demo(elements, procura, out, name=name, watch=watch)
    if as_json:
        output.data(json.dumps(result.to_json()))
    else:
        for api, each in result:
            _show(output, api.title(), each, interrupted=not each.progress.complete)
        output.say("next     elements-procura status " + quoted(str(result.elements.store)))
    return EXIT_INTERRUPTED if watcher.interrupted else _exit_code(result)


def limits_text(sandbox: "Sandbox") -> str:
    """How many requests Elements' sandbox allows."""
    rates = [f"{limit:,} per {seconds:g} s" for limit, seconds in sandbox.limits.rates]
    return "limits " + (" and ".join(rates) or "off")


def _show(output: Output, api: str, result: "ApiResult", *, interrupted: bool) -> None:
    output.data(f"api      {api}")
    show_progress(output, result.progress)
    if interrupted:
        return
    verdict = result.verdict
    output.data(
        f"pace     {result.pace:.0f} requests/s "
        f"over {result.seconds:.1f} s · {result.rejected_429} refused with 429"
    )
    output.data(
        f"verify   {'equal' if verdict.equal else 'NOT EQUAL'}: "
        f"{verdict.compared:,} bodies compared byte by byte, "
        f"{verdict.different} different, "
        f"{verdict.incomplete} dossiers lost"
    )
    output.data(f"store    {result.store}")


def _exit_code(result: "DemoResult") -> int:
    if not result.equal:
        return EXIT_FAILED
    if result.quarantined:
        return EXIT_QUARANTINED
    return 0 if result.ok else EXIT_FAILED
