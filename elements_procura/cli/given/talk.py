"""The options of talking, which stand before a command's name or anywhere behind it."""

from typing import Any

import click

from elements_procura.cli.given.help import TALK, section
from elements_procura.cli.given.tables import parameters


def _said(context: click.Context, option: click.Parameter, value: Any) -> Any:
    """Hand a value on to the output that all commands share."""
    if value and context.obj is not None:
        context.obj.set_talk(**{str(option.name): value})
    return value


def talk_options() -> list[click.Option]:
    """Make the options anew: whatever they are given to changes the output at once."""
    each = (
        click.option(
            "-v",
            "--verbose",
            count=True,
            expose_value=False,
            callback=_said,
            help="Log more to stderr; twice: every request.",
        ),
        click.option(
            "-q",
            "--quiet",
            is_flag=True,
            expose_value=False,
            callback=_said,
            help="No talk on stderr but errors.",
        ),
        click.option(
            "--no-color",
            is_flag=True,
            expose_value=False,
            callback=_said,
            help="Plain text; NO_COLOR does the same.",
        ),
    )
    return parameters(section(TALK, *each))


def add_talk_options(command: click.Command) -> None:
    """Give the options of talking to a command, and to all below it.

    Args:
        command: A command, or a group of them.
    """
    command.params.extend(talk_options())
    for each in command.commands.values() if isinstance(command, click.Group) else ():
        add_talk_options(each)
