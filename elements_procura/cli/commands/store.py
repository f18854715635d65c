"""Whole stores: their copies."""

from pathlib import Path

import click

from elements_procura.cli._exit import exit_on_error
from elements_procura.cli._output import Output
from elements_procura.cli.given.stores import StoreType


@click.group("store")
def store_group() -> None:
    """Copy harvests as a whole."""


@store_group.command("copy", short_help="Copy a harvest between files and databases.")
@click.argument("source", metavar="FROM", type=StoreType())
@click.argument("target", metavar="TO", type=StoreType(is_new=True))
@click.pass_obj
def copy_command(output: Output, /, *, source: Path | str, target: Path | str) -> None:
    """Copy the harvest in FROM to TO, each a file or a URL, as it is at one moment.

    Whole or not at all, ledger, bodies and history; nothing may be at TO. The copy is gone on with
    as the harvest itself is: with one of them. Sends nothing to the API.
    """
    from elements_procura.harvest.store import copy

    with exit_on_error(output):
        copy(source, target)
        output.result(f"copied   {source} to {target}")
