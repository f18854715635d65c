"""The command line: click and printing, no logic.

Nothing heavy is imported at module level: ``--help`` must be quick and never import aiohttp.
"""

import asyncio
import json
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from elements_procura._version import __version__
from elements_procura.cli._auth import login, logout, whoami
from elements_procura.cli._config import config
from elements_procura.cli._doctor import doctor
from elements_procura.cli._exit import EXIT_FAILED, EXIT_INTERRUPTED, EXIT_QUARANTINED, telling
from elements_procura.cli._harvest import PROGRESS, harvest
from elements_procura.cli._output import Output
from elements_procura.cli._plan import plan_command
from elements_procura.cli._schema import schema
from elements_procura.cli._show import again, show_progress
from elements_procura.cli._status import status_command

if TYPE_CHECKING:
    from elements_procura.sandbox import Sandbox

LIMITS = click.Choice(["scaled", "documented", "off"])


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="elements-procura")
@click.option("-v", "--verbose", count=True, help="Log more to stderr; twice: every request.")
@click.option("-q", "--quiet", is_flag=True, help="No talk on stderr but errors.")
@click.option("--no-color", is_flag=True, help="Plain text; NO_COLOR does the same.")
@click.pass_context
def cli(context: click.Context, *, verbose: int, quiet: bool, no_color: bool) -> None:
    """Client and harvester for Faster Forward Elements and Procura / vrijBRP Dossiers.

    Start with `elements-procura demo`: it needs no account.

    Exit codes: 0 ok, 1 failed, 2 usage or settings, 3 finished but some dossiers are in quarantine,
    4 authentication, 5 server down, 6 quota reached (resumable), 7 drift,
    130 interrupted (resumable).
    """
    context.obj = Output(verbose=verbose, quiet=quiet, color=False if no_color else None)


@cli.command()
@click.option("--dossiers", default=200, show_default=True, type=click.IntRange(1, 100_000))
@click.option("--seed", default=1, show_default=True, help="What the synthetic dossiers grow from.")
@click.option(
    "--limits",
    type=LIMITS,
    default="scaled",
    show_default=True,
    help="scaled: 300 requests/s; documented: 5 requests/s.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("demo"),
    show_default=True,
    help="Directory of the store.",
)
@click.option("--progress", type=PROGRESS, default="auto", show_default=True)
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
    progress: str,
    as_json: bool,
) -> None:
    """Harvest a local sandbox and verify it byte by byte: no account needed."""
    from elements_procura.cli._watch import watching
    from elements_procura.demo import run_demo
    from elements_procura.sandbox import Sandbox

    resume = again()

    async def run() -> int:
        async with Sandbox(dossiers=dossiers, seed=seed, limits=limits) as sandbox:
            output.say(
                f"sandbox  {sandbox.url} · Elements · {dossiers:,} dossiers, seed {seed} · "
                + _limits_text(sandbox)
            )
            watch = watching(output, progress, resume=resume)
            name = f"dossiers={dossiers} seed={seed}"
            result = await run_demo(sandbox, out, name=name, watch=watch.watch)
        if as_json:
            output.data(json.dumps(result.to_json()))
        elif watch.interrupted:
            show_progress(output, result.progress)
        else:
            show_progress(output, result.progress)
            output.data(
                f"pace     {result.pace:.0f} requests/s "
                f"over {result.seconds:.1f} s · {result.rejected_429} refused with 429"
            )
            output.data(
                f"verify   {'equal' if result.verdict.equal else 'NOT EQUAL'}: "
                f"{result.verdict.compared:,} bodies compared byte by byte, "
                f"{result.verdict.different} different, "
                f"{result.verdict.incomplete} dossiers lost"
            )
            output.data(f"store    {result.store}")
            output.say("next     elements-procura status " + shlex.quote(str(result.store)))
        if watch.interrupted:
            return EXIT_INTERRUPTED
        if not result.verdict.equal:
            return EXIT_FAILED
        return EXIT_QUARANTINED if result.progress.quarantined else 0 if result.ok else EXIT_FAILED

    with telling(output):
        sys.exit(asyncio.run(run()))


@cli.command()
@click.option("--port", default=0, help="Of Elements; 0 takes a free one.  [default: 0]")
@click.option("--dossiers", default=200, show_default=True, type=click.IntRange(1, 100_000))
@click.option("--seed", default=1, show_default=True)
@click.option("--limits", type=LIMITS, default="documented", show_default=True)
@click.option("--faults", metavar="PLAN", help="What goes wrong: a JSON list, or a file with one.")
@click.option("--token-seconds", default=3600.0, show_default=True, help="Life of a token.")
@click.option("--json", "as_json", is_flag=True, help="Only the first line; no talk on stderr.")
@click.pass_obj
def sandbox(
    output: Output,
    /,
    *,
    port: int,
    dossiers: int,
    seed: int,
    limits: str,
    faults: str | None,
    token_seconds: float,
    as_json: bool,
) -> None:
    """Serve local copies of both APIs until interrupted.

    The first line on stdout is a JSON object with everything that is needed to connect.
    """
    from elements_procura.errors import ConfigError
    from elements_procura.sandbox import Fault, Sandbox
    from elements_procura.sandbox.procura import ProcuraSandbox

    async def serve() -> None:
        elements = Sandbox(
            dossiers=dossiers, seed=seed, limits=limits, token_seconds=token_seconds, faults=plan
        )
        procura = ProcuraSandbox(dossiers=dossiers, seed=seed, faults=plan)
        await elements.start(port=port)
        try:
            await procura.start()
            connect = {
                "elements": elements.url,
                "procura": procura.url,
                "credentials": {"elements": elements.credentials, "procura": procura.credentials},
            }
            output.data(json.dumps(connect))
            if not as_json:
                output.say(
                    f"sandbox  Elements and Procura, {dossiers:,} dossiers each, seed {seed} · "
                    f"Elements' {_limits_text(elements)}"
                )
                output.say("stop     Ctrl-C")
            await asyncio.Event().wait()
        finally:
            await elements.close()
            await procura.close()

    with telling(output):
        try:
            plan = tuple(Fault.parse(faults)) if faults else ()
        except ValueError as error:
            raise ConfigError(f"--faults: {error}") from None
        try:
            asyncio.run(serve())
        except OSError as error:
            raise ConfigError(f"port {port} cannot be listened on: {error.strerror}") from None


def _limits_text(sandbox: "Sandbox") -> str:
    rates = [f"{limit:,} per {seconds:g} s" for limit, seconds in sandbox.limits.rates]
    return "limits " + (" and ".join(rates) or "off")


for _command in (harvest, login, logout, whoami, doctor, config, schema):
    cli.add_command(_command)
cli.add_command(plan_command)
cli.add_command(status_command)
