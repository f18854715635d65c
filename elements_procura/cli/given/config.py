"""Settings of an account: options > environment > ./elements-procura.toml > the user's file."""

import contextlib
import json
import logging
import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from elements_procura.cli._streams import given_line
from elements_procura.cli.given import missing
from elements_procura.cli.given.help import SectionedCommand
from elements_procura.cli.given.tables import LOGIN, TABLES, Table, parameters
from elements_procura.cli.given.texts import text_of
from elements_procura.errors import ConfigError
from elements_procura.registry import spec_of

if TYPE_CHECKING:
    from elements_procura.cli._output import Output
    from elements_procura.errors import SettingFault

log: logging.Logger = logging.getLogger("elements_procura.cli")

NAME = "elements-procura"
LOCAL = Path(f"{NAME}.toml")


class ConfiguredCommand(SectionedCommand):
    """A command whose options may also stand in files.

    Args:
        table: The API whose account they describe.
        needs_secret: Whether the command sends requests.
    """

    def __init__(
        self,
        *args: Any,
        table: Table = LOGIN,
        needs_secret: bool = True,
        **attributes: Any,
    ) -> None:
        super().__init__(*args, **attributes)
        self.table = table
        self.needs_secret = needs_secret

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,
    ) -> click.Context:
        """As every command's, with the files' values below the environment's."""
        if not {"-h", "--help"} & set(args):  # help is there also when a file is broken
            found = file_values(self.table).items()
            known = {each.name for each in self.params}
            values = {name: value for name, (value, _) in found if name in known}
            extra["default_map"] = values
        given = list(args)  # click takes them off the list
        try:
            return super().make_context(info_name, args, parent, **extra)
        except click.MissingParameter as error:
            context = error.ctx
            told = context and missing.told(
                self, context, given, table=self.table, secret=self.needs_secret
            )
            if not told:
                raise
            text = (
                f"Missing settings: {told}\n  next: `{NAME} config init` begins a file of settings"
            )
            raise click.UsageError(text, ctx=context) from None


def user_file() -> Path | None:
    """The user's own settings file; None without a home directory."""
    import platformdirs

    with contextlib.suppress(RuntimeError):  # newer releases of platformdirs say so
        folder = platformdirs.user_config_path(NAME, appauthor=False)
        return folder / "config.toml" if folder.is_absolute() else None
    return None


def file_values(table: Table) -> dict[str, tuple[Any, Path]]:
    """Every setting of an API that stands in a file, and in which: the working directory's wins.

    Raises:
        click.UsageError: A file cannot be read, or holds what it must not.
    """
    found: dict[str, tuple[Any, Path]] = {}
    for path in filter(None, (user_file(), LOCAL)):
        try:
            document = read_toml(path)
        except FileNotFoundError:
            continue
        _check_tables(document, path)
        section = document.get(table.name, {})
        if not isinstance(section, dict):
            raise click.UsageError(f"{path}: [{table.name}] is not a table")
        try:
            values = _values_of(section, table)
        except ConfigError as error:
            raise click.UsageError(f"{path}: {error}") from None
        found |= {name: (value, path) for name, value in values.items()}
    return found


def _check_tables(document: Mapping[str, Any], path: Path) -> None:
    """Report tables that no command reads. Only those that look like a typo are refused."""
    import difflib

    known = ("tenants", *(each.name for each in TABLES))  # one file may hold all settings
    for name in document.keys() - set(known):
        near = difflib.get_close_matches(name.lower(), known, n=1)
        if not isinstance(document[name], dict):
            raise click.UsageError(f"{path}: {name} stands outside of a table")
        if near:
            raise click.UsageError(f"{path}: [{name}] is not a known table; is [{near[0]}] meant?")
        log.warning("%s: [%s] is none of %s, and is not read", path, name, ", ".join(known))


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file.

    Raises:
        FileNotFoundError: It is not there. click.UsageError: It cannot be read, or is not TOML.
    """
    import tomllib

    try:
        return tomllib.loads(text_of(path))
    except FileNotFoundError:
        raise
    except (ValueError, RecursionError) as error:  # ValueError: also of a number without an end
        raise click.UsageError(f"{path} is not TOML: {error}") from None
    except ConfigError as error:
        raise click.UsageError(str(error)) from None


def _values_of(section: Mapping[str, Any], table: Table) -> dict[str, Any]:
    """The values of a table of a file.

    Raises:
        ConfigError: It lists every fault, by key.
    """
    from elements_procura.schema.settings import read_some, unknown

    kind = spec_of(table.name).settings
    names = [each.name for each in spec_of(table.name).account]
    values, faults = read_some(kind, {name: section[name] for name in names if name in section})
    if found := [*unknown(section, names), *faults]:
        hints = dict.fromkeys(filter(None, (_hint_of(each, table) for each in found)))
        raise ConfigError("; ".join(map(fault_text, found)), hint="; ".join(hints))
    return values


def fault_text(fault: "SettingFault") -> str:
    """A fault of a setting in a file; of a secret there, that it must not be there."""
    if _is_secret(fault):
        return f"it holds {fault.setting}: secrets must not be stored in files"
    return f"{fault.setting} {fault.message}"


def _is_secret(fault: "SettingFault") -> bool:
    return "secret" in fault.setting and fault.setting != "secret"


def _hint_of(fault: "SettingFault", table: Table) -> str:
    return f"Set {table.secret_variable} in the environment" if _is_secret(fault) else fault.hint


def secret_from(given: Mapping[str, Any], table: Table = LOGIN) -> str:
    """The client secret: from stdin, the environment or a prompt; empty when there is none."""
    if given["secret_stdin"]:
        return given_line().rstrip("\r\n")
    known = os.environ.get(table.secret_variable, "")
    if known or not sys.stdin.isatty():
        return known
    typed: str = click.prompt("client secret", hide_input=True, err=True)
    return typed


def origins(
    table: Table, arguments: Mapping[str, Any], *, parent: click.Context | None = None
) -> dict[str, tuple[Any, str]]:
    """The value of every setting of an API, and where it comes from.

    Args:
        table: The API.
        arguments: The values given as arguments.
        parent: The context of the command that reports faulty values.
    """
    files, settings = file_values(table), parameters(table.options)
    for each in settings:
        each.required = False  # what is missing is what one wants to see
    command = ConfiguredCommand("show", table=table, params=list(settings))
    context = command.make_context("show", [], parent)
    found: dict[str, tuple[Any, str]] = {}
    for option in settings:
        name = str(option.name)
        if name == "secret_stdin":
            continue
        value = arguments.get(name, context.params[name])
        source = context.get_parameter_source(name)
        if name in arguments:
            origin = "argument"
        elif source is ParameterSource.ENVIRONMENT:
            origin = f"environment {option.envvar}"
        elif source is ParameterSource.DEFAULT_MAP:
            origin = f"file {files[name][1]}"
        else:
            origin = "default" if value not in (None, ()) else "not set"
        shown = list(value) if isinstance(value, tuple) else value
        found[name] = (str(shown) if isinstance(shown, Path) else shown, origin)
    is_set = bool(os.environ.get(table.secret_variable))
    found["client_secret"] = (
        "***" if is_set else None,
        f"environment {table.secret_variable}" if is_set else "not set",
    )
    return found


@click.group()
def config() -> None:
    """Show settings and their origin; begin a file of them."""


@config.command(
    "show", cls=SectionedCommand, short_help="Print the settings that commands would take."
)
@click.option("--origin", is_flag=True, help="Show where each value comes from.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_context
def show(context: click.Context, /, *, origin: bool, as_json: bool, **given: Any) -> None:
    """Print the settings as the other commands would take them. Secrets are masked.

    Options come first, then the environment, then ./elements-procura.toml, then the user's file;
    in both files they stand in a table for each API: [elements] and [procura].
    """
    output: Output = context.obj
    arguments = {
        name: value
        for name, value in given.items()
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE
    }
    tables = {each.name: origins(each, arguments, parent=context.parent) for each in TABLES}
    if as_json:
        document = {
            table: {
                name: {"value": value, "origin": source} if origin else value
                for name, (value, source) in found.items()
            }
            for table, found in tables.items()
        }
        output.data(json.dumps(document))
        return
    for table, found in tables.items():
        output.data(f"[{table}]")
        for name, (value, source) in found.items():
            told = " ".join(value) if isinstance(value, list) else value
            line = f"{name:<14} {'(not set)' if told is None else told}"
            output.data(f"{line:<60} {source}" if origin else line)


def _once() -> Iterable[click.Option]:
    """The options of all tables, those that several have but once."""
    named = {each.name: each for table in reversed(TABLES) for each in parameters(table.options)}
    for option in named.values():
        option.required = False
    return named.values()


show.params.extend(_once())
