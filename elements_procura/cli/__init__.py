"""The command line: click and printing, no logic.

Nothing heavy is imported at module level: ``--help`` must be quick and never import aiohttp.
"""

import asyncio
import json

import click

from elements_procura._version import __version__
from elements_procura.cli._auth import login, logout, whoami
from elements_procura.cli._call import call
from elements_procura.cli._config import config
from elements_procura.cli._demo import LIMITS, demo, limits_text
from elements_procura.cli._doctor import doctor
from elements_procura.cli._endpoints import endpoints
from elements_procura.cli._exit import telling
from elements_procura.cli._export import export_command
from elements_procura.cli._harvest import harvest
from elements_procura.cli._output import Output
from elements_procura.cli._plan import plan_command
from elements_procura.cli._report import report_command
from elements_procura.cli._schema import schema
from elements_procura.cli._status import status_command
from elements_procura.cli._weather import WEATHER


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
@click.option("--port", default=0, help="Of Elements; 0 takes a free one.  [default: 0]")
@click.option("--dossiers", default=200, show_default=True, type=click.IntRange(1, 100_000))
@click.option("--seed", default=1, show_default=True)
@click.option("--limits", type=LIMITS, default="documented", show_default=True)
@click.option("--faults", metavar="PLAN", help="What goes wrong: a JSON list, or a file with one.")
@WEATHER
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
    weather: str,
    token_seconds: float,
    as_json: bool,
) -> None:
    """Serve local copies of both APIs until interrupted.

    The first line on stdout is a JSON object with everything that is needed to connect.
    """
    from elements_procura.errors import ConfigError
    from elements_procura.sandbox import Fault, ProcuraSandbox, Sandbox

    async def serve() -> None:
        elements = Sandbox(
            dossiers=dossiers,
            seed=seed,
            limits=limits,
            token_seconds=token_seconds,
            faults=plan,
            weather=weather or (),
        )
        procura = ProcuraSandbox(dossiers=dossiers, seed=seed, faults=plan, weather=weather or ())
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
                    f"Elements' {limits_text(elements)}"
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


for _command in (demo, harvest, login, logout, whoami, doctor, config, schema, endpoints, call):
    cli.add_command(_command)
cli.add_command(export_command)
cli.add_command(plan_command)
cli.add_command(report_command)
cli.add_command(status_command)
