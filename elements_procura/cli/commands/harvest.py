"""The harvest commands: their options, and nothing else."""

import json
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from elements_procura.cli._exit import exit_on_error, print_error
from elements_procura.cli._output import Output
from elements_procura.cli.given.config import ConfiguredCommand, secret_from
from elements_procura.cli.given.files import GivenFile
from elements_procura.cli.given.help import SectionedCommand, section
from elements_procura.cli.given.options import REFRESH, RETRY, SHOWN, STORE, WORKERS, options_of
from elements_procura.cli.given.tables import BY_NAME, Table, options
from elements_procura.cli.shown.leads import patient, resume_command, settling, show_leads, using
from elements_procura.cli.shown.progress import progress_json, show_progress
from elements_procura.registry import specs
from elements_procura.spec import ApiSpec

if TYPE_CHECKING:
    from elements_procura.fleet import TenantSpec


@click.group()
def harvest() -> None:
    """Harvest a whole API into a local database."""


def _command(spec: ApiSpec) -> click.Command:
    """The command that harvests an API."""
    table = BY_NAME[spec.name]

    @options(*table.options, *STORE, *options_of(spec), *REFRESH, *RETRY, *SHOWN)
    @click.pass_obj
    def run(output: Output, /, **given: Any) -> None:
        _harvest(output, table, **given)

    return click.command(
        spec.name,
        cls=ConfiguredCommand,
        table=table,
        help=_help(spec),
        short_help=f"Harvest {spec.title}.",
    )(run)


def _help(spec: ApiSpec) -> str:
    saved = (
        ""
        if spec.load_account is None
        else (" A token that `login` saved is used, and renewed there.")
    )
    kept = ", ".join(each.spelling for each in spec.selection)
    return f"""Harvest {spec.dossiers}.

    The client secret comes from {spec.secret_variable}, a prompt or --secret-stdin, never from an
    argument.{saved} What a harvest was begun with ({kept}) stays; --resume need not repeat it. The
    store is {spec.store_name}, so that several APIs may have the same --out.
    """


for _spec in specs():
    harvest.add_command(_command(_spec))


def _harvest(
    output: Output,
    table: Table,
    *,
    out: Path,
    resume: bool,
    progress: str,
    events: Path | None,
    as_json: bool,
    **given: Any,
) -> None:
    import asyncio

    from elements_procura.cli._memory import limit_malloc_growth, look_for_garbage_rarely
    from elements_procura.cli.given.settings import as_options, spec_of
    from elements_procura.cli.shown.watch import watching
    from elements_procura.errors import ServerAway
    from elements_procura.fleet._tenant_run import TenantRun

    limit_malloc_growth()
    look_for_garbage_rarely()
    more = [] if given["refresh"] else ["--resume"]
    goes_on, rest = resume_command(*more), resume_command(*more, without=["pilot"])
    with exit_on_error(output), as_options():
        spec = spec_of(table, given, secret=secret_from(given, table), out=out)
        _check_store(spec, resume=resume)
        watch = watching(
            output, progress, resume=goes_on, rest=rest, where=spec.where, events=events
        )
        try:
            ending = asyncio.run(TenantRun(spec, watch.interrupts, watch).run())
        except ServerAway as error:
            code = print_error(output, error)
            again = partial(resume_command, *more, without=["patience"])
            # Where it said when it will be back, waiting longer helps less than going on then.
            show_leads(output, [goes_on if error.retry_at is not None else patient(again)])
            sys.exit(code)
        if as_json:
            output.data(json.dumps(progress_json(ending.progress, spec.where)))
        else:
            show_progress(output, ending.progress)
        show_leads(
            output, settling(ending.progress, partial(resume_command, *more, without=["accept"]))
        )
        if ending.progress.complete:
            show_leads(output, using(spec.store or out))
        sys.exit(ending.exit_code)


def _check_store(spec: "TenantSpec", *, resume: bool) -> None:
    """Go on with a harvest, or begin one, only as it was asked for.

    Raises:
        ConfigError: A harvest exists already and neither ``--resume`` nor a refresh is asked for,
            or the other way round.
    """
    from elements_procura.errors import ConfigError
    from elements_procura.harvest.store import exists

    if spec.job.refresh:
        return
    is_there = exists(spec.where)
    if is_there and not resume:
        raise ConfigError(
            f"{spec.where} holds a harvest already",
            hint="Add --resume to go on, or choose another --out",
        )
    if resume and not is_there:
        raise ConfigError(
            f"no harvest in {spec.store or spec.out} to go on with",
            hint="Leave out --resume to begin one",
        )


@harvest.command("tenants", cls=SectionedCommand, short_help="Harvest many tenants at once.")
@click.option(
    "--config",
    "file",
    metavar="FILE",
    type=GivenFile("Write one with a table [tenants.NAME] for each"),
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
@options(*REFRESH, *RETRY, *section("Pace and end", WORKERS))
@click.option(
    "--progress",
    type=click.Choice(["auto", "log", "none"]),
    default="auto",
    show_default=True,
    help="Show it as lines, each with its tenant's name; auto is the same.",
)
@click.option(
    "--dask",
    metavar="CLUSTER",
    help="Spread them over workers: local:N for N processes on this machine, or the scheduler's "
    "tcp://HOST:PORT or tls://HOST:PORT. Needs the extra fleet.",
)
@click.option(
    "--allow-unencrypted-scheduler",
    is_flag=True,
    help="Accept a scheduler on another machine without TLS: whoever reaches it commands it.",
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
    dask: str | None,
    allow_unencrypted_scheduler: bool,
    as_json: bool,
    **given: Any,
) -> None:
    """Harvest many tenants of both APIs at once, each with its own session, quota and store.

    \b
    [tenants.kantoor-a]
    api = "elements"              # or "procura"
    host = "kantoor-a"            # and any other setting of [elements] or [procura]
    client_id = "…"
    organisation = 14830
    secret_env = "KANTOOR_A"      # by default ELEMENTS_CLIENT_SECRET_KANTOOR_A
    out = "a"                     # below --out; by default the name
    include = "klanten"           # also: search, budget, per_second, per_day, max_requests,
                                  # until, within, …; of Procura: first, last, page_size

    Existing harvests are continued, so the same command serves every night. A tenant that fails
    does not stop the others: its error is printed with its name. With --dask secrets are read where
    the workers are, and a tenant that ends the process that harvests it three times ends alone.
    Exits with 0 when all are done, else with the first of these that occurs: 130, 1, 4, 2, 5, 6, 3.
    """  # noqa: D301 - \b is click's: what follows keeps its lines
    import asyncio

    from elements_procura.cli._memory import limit_malloc_growth, look_for_garbage_rarely
    from elements_procura.cli.given.tenants import read_tenants
    from elements_procura.cli.shown.fleet import (
        harvest_shown,
        outcomes_json,
        outcomes_leads,
        outcomes_text,
    )
    from elements_procura.fleet._files import allow_files
    from elements_procura.fleet.dask import Cluster
    from elements_procura.fleet.run import worst

    limit_malloc_growth()
    look_for_garbage_rarely()
    with exit_on_error(output):
        cluster = None
        if dask is not None:
            cluster = Cluster.of(dask, is_unencrypted_allowed=allow_unencrypted_scheduler)
        is_here = cluster is None or cluster.workers is not None
        tenants = read_tenants(file, out=out, only=only, are_secrets_here=is_here, **given)
        if cluster is None:
            allow_files(len(tenants))
        outcomes = asyncio.run(harvest_shown(tenants, output, progress=progress, cluster=cluster))
        if as_json:
            output.data(json.dumps(outcomes_json(outcomes)))
        else:
            for line in outcomes_text(outcomes):
                output.data(line)
        show_leads(output, outcomes_leads(outcomes, resume_command))
        sys.exit(worst(outcomes.values()))
