"""The command line: click and printing, no logic.

Nothing heavy is imported at module level: ``--help`` must be quick and never import aiohttp.
"""

from typing import Any

import click

from elements_procura._version import __version__
from elements_procura.cli._exit import exit_on_error
from elements_procura.cli._output import Output
from elements_procura.cli.commands.auth import login, logout, whoami
from elements_procura.cli.commands.call import call
from elements_procura.cli.commands.completion import completion
from elements_procura.cli.commands.config_file import config_init, config_path
from elements_procura.cli.commands.demo import demo
from elements_procura.cli.commands.dictionary import keyfile_command
from elements_procura.cli.commands.doctor import doctor
from elements_procura.cli.commands.endpoints import endpoints
from elements_procura.cli.commands.export import export_command
from elements_procura.cli.commands.harvest import harvest
from elements_procura.cli.commands.plan import plan_command
from elements_procura.cli.commands.report import report_command
from elements_procura.cli.commands.rights import (
    erase_command,
    person_command,
    suppression_command,
)
from elements_procura.cli.commands.sandbox import sandbox
from elements_procura.cli.commands.schema import schema
from elements_procura.cli.commands.status import status_command
from elements_procura.cli.commands.store import store_group
from elements_procura.cli.given.config import config
from elements_procura.cli.given.talk import add_talk_options


class _Program(click.Group):
    """All commands; they print by one output, which the options of talking may change."""

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,
    ) -> click.Context:
        extra.setdefault("obj", Output())
        return super().make_context(info_name, args, parent, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        with exit_on_error(ctx.obj):
            return super().invoke(ctx)


@click.group(
    cls=_Program,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="elements-procura")
def cli() -> None:
    """Client and harvester for Faster Forward Elements and Procura / vrijBRP Dossiers.

    Start with `elements-procura demo`: it needs no account.

    Exit codes: 0 ok, 1 failed, 2 usage or settings, 3 finished but some dossiers are in quarantine,
    4 authentication, 5 server down, 6 quota reached (resumable), 7 drift,
    130 interrupted (resumable).
    """


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
    completion,
    export_command,
    plan_command,
    report_command,
    status_command,
    store_group,
    keyfile_command,
    erase_command,
    person_command,
    suppression_command,
):
    cli.add_command(_command)
config.add_command(config_path)
config.add_command(config_init)
add_talk_options(cli)
