"""The harvest commands: their options, and nothing else."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import click

from elements_procura.cli._config import Configured, account_options, secret_from
from elements_procura.cli._exit import EXIT_INTERRUPTED, EXIT_QUARANTINED, EXIT_QUOTA, telling
from elements_procura.cli._output import Output
from elements_procura.cli._show import EVENTS, STORE_NAME, again, progress_json, show_progress

PROGRESS = click.Choice(["auto", "bar", "log", "none"])


@click.group()
def harvest() -> None:
    """Harvest a whole API into a local database."""


@harvest.command("elements", cls=Configured)
@account_options
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="Directory of the store.",
)
@click.option("--resume", is_flag=True, help="Go on with the harvest that is in --out.")
@click.option(
    "--per-second",
    default=5.0,
    show_default=True,
    type=click.FloatRange(0.1),
    help="Requests per second that this account may make.",
)
@click.option(
    "--per-day",
    default=100_000,
    show_default=True,
    type=click.IntRange(1),
    help="Requests per day that this account may make.",
)
@click.option(
    "--budget",
    default="80%",
    show_default=True,
    help="Part of the day's requests that a harvest may use.",
)
@click.option("--max-requests", type=click.IntRange(1), help="End after so many requests.")
@click.option(
    "--pilot",
    type=click.IntRange(1),
    help="End after so many random dossiers; `plan` then tells what the rest costs.",
)
@click.option("--until", metavar="HH:MM", help="End at this time of the day, or the next one's.")
@click.option("--wait", is_flag=True, help="Sleep until the day's quota resets, then go on.")
@click.option(
    "--include",
    metavar="KINDS",
    help="Only these, separated by commas: klanten,adviseurs,kantoor,producten,bezittingen,"
    "registraties. Also what is linked but not documented: documenten,emails,facturen,panden,"
    "stukken,taken.",
)
@click.option(
    "--search",
    metavar="FILTER=VALUE",
    multiple=True,
    help="Only dossiers that fit, by a filter of the API such as kantoor=3888. Repeatable.",
)
@click.option(
    "--ids",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Only the dossiers whose ids stand in this file, one a line.",
)
@click.option("--retry-quarantined", is_flag=True, help="Ask again for what is in quarantine.")
@click.option("--workers", default=32, show_default=True, type=click.IntRange(1, 1000))
@click.option("--progress", type=PROGRESS, default="auto", show_default=True)
@EVENTS
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object at the end.")
@click.pass_obj
def harvest_elements(
    output: Output, /, *, out: Path, resume: bool, as_json: bool, **given: Any
) -> None:
    """Harvest klantdossiers and what hangs on them.

    The client secret comes from ELEMENTS_CLIENT_SECRET, a prompt or --secret-stdin, never from an
    argument. A token that `login` saved is used, and renewed there.
    """
    from elements_procura.cli._run import harvest_into
    from elements_procura.cli._settings import Job, Settings
    from elements_procura.cli._watch import watching

    goes_on = again("--resume")

    async def run() -> int:
        watch = watching(output, given["progress"], resume=goes_on, events=given["events"])
        progress = await harvest_into(out, settings, job, resume=resume, watch=watch)
        if as_json:
            output.data(json.dumps(progress_json(progress, out / STORE_NAME)))
        else:
            show_progress(output, progress)
        if watch.interrupted and not progress.complete:
            return EXIT_INTERRUPTED
        if watch.paused and not progress.complete:
            return EXIT_QUOTA
        return EXIT_QUARANTINED if progress.quarantined else 0

    with telling(output):
        settings, job = Settings.of(secret=secret_from(given), **given), Job.of(**given)
        sys.exit(asyncio.run(run()))
