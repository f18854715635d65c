"""The harvest commands: their options, and nothing else."""

import asyncio
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from elements_procura.cli._config import Configured, secret_from
from elements_procura.cli._exit import telling
from elements_procura.cli._options import (
    IDS,
    OF_ELEMENTS,
    OF_PROCURA,
    OUT,
    PATIENCE,
    PILOT,
    REFRESH,
    RESUME,
    RETRY,
    SHOWN,
    WAIT,
    WORKERS,
)
from elements_procura.cli._output import Output
from elements_procura.cli._show import again, progress_json, show_progress
from elements_procura.cli._tables import ELEMENTS, PROCURA, Table, options

if TYPE_CHECKING:
    from collections.abc import Callable

    from elements_procura.cli._target import Target


@click.group()
def harvest() -> None:
    """Harvest a whole API into a local database."""


@harvest.command("elements", cls=Configured, table=ELEMENTS)
@options(*ELEMENTS.options, OUT, RESUME, *REFRESH, *OF_ELEMENTS)
@options(PILOT, WAIT, IDS, RETRY, PATIENCE, WORKERS, *SHOWN)
@click.pass_obj
def harvest_elements(output: Output, /, **given: Any) -> None:
    """Harvest klantdossiers and what hangs on them.

    The client secret comes from ELEMENTS_CLIENT_SECRET, a prompt or --secret-stdin, never from an
    argument. A token that `login` saved is used, and renewed there. What a harvest was begun with
    (--include, --search, --ids) stays; --resume need not repeat it.
    """
    from elements_procura.cli._elements import ElementsTarget

    _harvest(output, ELEMENTS, ElementsTarget.of, **given)


@harvest.command("procura", cls=Configured, table=PROCURA)
@options(*PROCURA.options, OUT, RESUME, *REFRESH, *OF_PROCURA)
@options(PILOT, RETRY, PATIENCE, WORKERS, *SHOWN)
@click.pass_obj
def harvest_procura(output: Output, /, **given: Any) -> None:
    """Harvest the dossiers of Procura / vrijBRP that were filed in a period, and what is in them.

    The client secret comes from PROCURA_CLIENT_SECRET, a prompt or --secret-stdin, never from an
    argument. What a harvest was begun with (--include, --first, --last) stays; --resume need not
    repeat it. The store is procura.sqlite, so that both APIs may have the same --out.
    """
    from elements_procura.cli._procura import ProcuraTarget

    _harvest(output, PROCURA, ProcuraTarget.of, **given)


def _harvest(
    output: Output,
    table: Table,
    target_of: "Callable[..., Target[Any]]",
    *,
    out: Path,
    resume: bool,
    progress: str,
    events: Path | None,
    as_json: bool,
    **given: Any,
) -> None:
    from elements_procura.cli._memory import give_back_what_is_free
    from elements_procura.cli._run import exit_of, harvest_into
    from elements_procura.cli._settings import Job
    from elements_procura.cli._watch import watching

    give_back_what_is_free()
    more = [] if given["refresh"] else ["--resume"]
    goes_on, rest = again(*more), again(*more, without=["pilot"])
    with telling(output):
        target = target_of(secret=secret_from(given, table), **given)
        job = Job.of(target, **given)
        watch = watching(output, progress, resume=goes_on, rest=rest, events=events)
        ended = asyncio.run(harvest_into(out, target, job, resume=resume, watch=watch))
        if as_json:
            output.data(json.dumps(progress_json(ended, out / target.store_name)))
        else:
            show_progress(output, ended)
        sys.exit(exit_of(ended, watch, job))


@harvest.command("tenants")
@click.option(
    "--config",
    "file",
    metavar="FILE",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    required=True,
    help="Who they are: TOML, a table [tenants.NAME] each.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="Directory of all; a tenant's store is in NAME below it.",
)
@click.option("--only", metavar="NAME", multiple=True, help="Only this tenant. Repeatable.")
@options(*REFRESH, RETRY, PATIENCE, WORKERS)
@click.option(
    "--progress", type=click.Choice(["auto", "log", "none"]), default="auto", show_default=True
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object at the end.")
@click.pass_obj
def harvest_tenants(
    output: Output,
    /,
    *,
    file: Path,
    out: Path,
    only: tuple[str, ...],
    progress: str,
    as_json: bool,
    **given: Any,
) -> None:
    """Harvest many tenants of both APIs at once, each with its own session, quota and store.

    \b
    [tenants.kantoor-a]
    api = "elements"              # or "procura"
    host = "kantoor-a"            # and what else stands in [elements] or [procura]
    client_id = "…"
    organisation = 14830
    secret_env = "KANTOOR_A"      # by default ELEMENTS_CLIENT_SECRET_KANTOOR_A
    out = "a"                     # below --out; by default the name
    include = "klanten"           # also: search, budget, per_second, per_day, max_requests,
                                  # until; of Procura: first, last, page_size

    Harvests that are there are gone on with, so the same command does every night. A tenant that
    fails holds up no other: its error is told with its name. Exits with 0 when all are done, else
    with the first of these that any of them comes to: 130, 1, 4, 2, 5, 6, 3.
    """  # noqa: D301 - \b is click's: what follows keeps its lines
    from elements_procura.cli._fleet import harvest_all, outcomes_json, outcomes_text, worst
    from elements_procura.cli._memory import give_back_what_is_free
    from elements_procura.cli._tenants import read_tenants

    give_back_what_is_free()
    with telling(output):
        tenants = read_tenants(file, out=out, only=only, **given)
        outcomes = asyncio.run(harvest_all(tenants, output, progress=progress))
        if as_json:
            output.data(json.dumps(outcomes_json(outcomes)))
        else:
            for line in outcomes_text(outcomes):
                output.data(line)
        sys.exit(worst(outcomes))
