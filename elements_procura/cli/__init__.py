"""The command line: click and printing, no logic.

Nothing heavy is imported at module level: ``--help`` must be quick and never import aiohttp.
"""

import click

from elements_procura._version import __version__
from elements_procura.cli._auth import login, logout, whoami
from elements_procura.cli._call import call
from elements_procura.cli._config import config
from elements_procura.cli._demo import demo
from elements_procura.cli._doctor import doctor
from elements_procura.cli._endpoints import endpoints
from elements_procura.cli._export import export_command
from elements_procura.cli._harvest import harvest
from elements_procura.cli._output import Output
from elements_procura.cli._plan import plan_command
from elements_procura.cli._report import report_command
from elements_procura.cli._sandbox import sandbox
from elements_procura.cli._schema import schema
from elements_procura.cli._status import status_command
from elements_procura.cli._store import store_group


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


for _command in (
    demo,
    sandbox,
    harvest,
    login,
    logout,
    whoami,
    doctor,
    config,
    schema,
    endpoints,
    call,
):
    cli.add_command(_command)
cli.add_command(export_command)
cli.add_command(plan_command)
cli.add_command(report_command)
cli.add_command(status_command)
cli.add_command(store_group)
