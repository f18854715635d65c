"""Missing settings: all of them at once, each with the ways to give it."""

import os
import sys
from collections.abc import Callable, Mapping
from typing import Any

import click

from elements_procura.cli.given.tables import Table
from elements_procura.registry import spec_of


def told(
    command: click.Command, context: click.Context, args: list[str], *, table: Table, secret: bool
) -> str:
    """The missing account settings of a command; an empty string if something else is missing.

    Args:
        command: The command.
        context: Its context so far.
        args: As given.
        table: The settings of the account.
        secret: Whether the command needs the client secret.
    """
    options, _, _ = command.make_parser(context).parse_args(args=list(args))
    known = {str(each.name): each for each in command.get_params(context)}
    values: dict[str, Any] = {}
    missing: list[str] = []
    for name, each in known.items():
        value, _ = each.consume_value(context, options)
        values[name] = None if each.value_is_missing(value) else value
        if each.required and values[name] is None:
            if not isinstance(each, click.Option):
                return ""
            missing.append(way(each))
    missing += [way(known[name]) for name in lacking(table, values) if name in known]
    if secret and not _has_secret(table, values):
        missing.append(f"client secret ({table.secret_variable}, or --secret-stdin)")
    return ", ".join(missing)


def way(option: click.Parameter) -> str:
    """A setting and the ways to give it."""
    ways = [*option.opts[-1:], *([str(option.envvar)] if option.envvar else [])]
    return f"{option.name} ({', '.join(ways)})"


def lacking(table: Table, values: Mapping[str, Any]) -> list[str]:
    """Settings that are needed because of how others are set."""
    account = spec_of(table.name).account
    defaults = {each.name: each.default for each in account}
    return [
        each.name
        for each in account
        if each.needed_with is not None and not values.get(each.name)
        for other, wanted in [each.needed_with]
        if (values.get(other) or defaults[other]) == wanted
    ]


def _has_secret(table: Table, values: Mapping[str, Any]) -> bool:
    asks: Callable[[], bool] = sys.stdin.isatty  # then it is asked for
    return bool(os.environ.get(table.secret_variable) or values.get("secret_stdin") or asks())
