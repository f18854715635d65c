"""The settings of an account, for each API: options, which may also stand in a table of a file."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import click

from elements_procura.cli.given.files import GivenFile
from elements_procura.cli.given.help import Option, section
from elements_procura.registry import specs
from elements_procura.spec import ApiSpec
from elements_procura.spec import options as spec_options

_F = TypeVar("_F", bound=Callable[..., Any])


def options(*each: Option) -> Callable[[_F], _F]:
    """One decorator for several options, in the order in which help shows them."""

    def add(command: _F) -> _F:
        for option in reversed(each):
            command = option(command)
        return command

    return add


def parameters(each: Iterable[Option]) -> list[click.Option]:
    """Make click's parameters of options, anew on every call."""

    @options(*each)
    def bare() -> None:
        """Only to be asked for its options."""

    return list(reversed(vars(bare)["__click_params__"]))


class Table(NamedTuple):
    """The settings of one API.

    Attributes:
        name: Of the table in a file, and of the API.
        secret_variable: The variable of the client secret, which must not be in a file or an
            argument.
        options: The settings.
    """

    name: str
    secret_variable: str
    options: tuple[Option, ...]


def table_of(spec: ApiSpec) -> Table:
    """The settings of an API's account as options; each may also stand in the environment."""
    account = [
        click_option(each, variable=f"{spec.name.upper()}_{each.name.upper()}")
        for each in spec.account
    ]
    required = sum(each.is_required for each in spec.account)
    account.insert(required, _secret_stdin(spec.secret_variable))
    return Table(spec.name, spec.secret_variable, section("Account", *account))


def click_option(each: spec_options.Option, *, variable: str | None = None) -> Option:
    """Make click's option of a setting.

    Args:
        each: The setting.
        variable: The environment variable that may hold it.
    """
    words = [each.spelling]
    if each.flag:
        words.append(each.name)
    given: dict[str, Any] = {"type": _type_of(each), "multiple": each.is_many}
    if each.help:
        given["help"] = each.help
    if each.metavar is not None:
        given["metavar"] = each.metavar
    if each.is_required:
        given["required"] = True
    if each.default is not None:
        given |= {"default": each.default, "show_default": each.shows_default}
    if variable is not None:
        given |= {"envvar": variable, "show_envvar": True}
    return click.option(*words, **given)


def _type_of(each: spec_options.Option) -> Any:
    if each.choices:
        return click.Choice(each.choices)
    if each.kind == "number":
        return click.FloatRange(each.least, each.most)
    if each.kind == "whole":
        least, most = (None if end is None else int(end) for end in (each.least, each.most))
        return click.IntRange(least, most)
    if each.kind == "folder":
        return click.Path(path_type=Path, file_okay=False)
    if each.kind == "file":
        return GivenFile("Write one, a line each")
    return str


def _secret_stdin(variable: str) -> Option:
    return click.option(
        "--secret-stdin",
        is_flag=True,
        help=f"Read the client secret from stdin instead of {variable}.",
    )


TABLES = tuple(map(table_of, specs()))
BY_NAME = {table.name: table for table in TABLES}
LOGIN = BY_NAME[next(spec.name for spec in specs() if spec.load_account is not None)]
"""The API that people log in to."""
account_options: Callable[[Callable[..., Any]], Callable[..., Any]] = options(*LOGIN.options)
