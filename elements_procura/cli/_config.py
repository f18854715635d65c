"""Settings of an account: options > environment > ./elements-procura.toml > the user's file."""

import json
import os
import sys
import tomllib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.core import ParameterSource

if TYPE_CHECKING:
    from elements_procura.cli._output import Output

NAME = "elements-procura"
LOCAL = Path(f"{NAME}.toml")
SECRET_VARIABLE = "ELEMENTS_CLIENT_SECRET"  # noqa: S105 - where it is, not what it is
SECTION = "elements"

_F = TypeVar("_F", bound=Callable[..., Any])
_OPTIONS = (
    click.option(
        "--host",
        envvar="ELEMENTS_HOST",
        required=True,
        show_envvar=True,
        help="HOST of https://HOST.fasterforwardelements.nl, or a whole address.",
    ),
    click.option("--client-id", envvar="ELEMENTS_CLIENT_ID", required=True, show_envvar=True),
    click.option(
        "--secret-stdin",
        is_flag=True,
        help=f"Read the client secret from stdin instead of {SECRET_VARIABLE}.",
    ),
    click.option(
        "--flow",
        type=click.Choice(["organisation", "code"]),
        envvar="ELEMENTS_FLOW",
        default="organisation",
        show_default=True,
        show_envvar=True,
        help="Whose data: an organisation's, or a person's who agrees in a browser.",
    ),
    click.option("--organisation", envvar="ELEMENTS_ORGANISATION", show_envvar=True),
    click.option(
        "--user",
        envvar="ELEMENTS_USER",
        default="me",
        show_default=True,
        show_envvar=True,
        help="With --flow code: your own name for the person.",
    ),
    click.option(
        "--webservice",
        envvar="ELEMENTS_WEBSERVICE",
        default="data",
        show_default=True,
        show_envvar=True,
    ),
    click.option(
        "--scope",
        "scopes",
        envvar="ELEMENTS_SCOPES",
        multiple=True,
        show_envvar=True,
        default=("klantdossier.read",),
        show_default=True,
    ),
    click.option(
        "--token-in",
        type=click.Choice(["query", "header"]),
        envvar="ELEMENTS_TOKEN_IN",
        default="query",
        show_default=True,
        show_envvar=True,
        help="Where the token travels: as 1.9.6 documents, or as newer releases take it.",
    ),
    click.option(
        "--token-store",
        type=click.Choice(["auto", "memory", "file", "keyring"]),
        envvar="ELEMENTS_TOKEN_STORE",
        default="auto",
        show_default=True,
        show_envvar=True,
        help="auto: the file of a login if there is one, else memory.",
    ),
    click.option(
        "--token-folder",
        type=click.Path(path_type=Path, file_okay=False),
        envvar="ELEMENTS_TOKEN_FOLDER",
        show_envvar=True,
        help="Of the file store; by default the user's own.",
    ),
)


def account_options(command: _F) -> _F:
    """The options that tell an account."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


class Configured(click.Command):
    """A command whose options may also stand in files."""

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,
    ) -> click.Context:
        """As every command's, with the files' values below the environment's."""
        if not {"-h", "--help"} & set(args):  # help is there also when a file is broken
            known = {each.name for each in self.params}
            values = {name: value for name, (value, _) in file_values().items() if name in known}
            extra["default_map"] = values
        return super().make_context(info_name, args, parent, **extra)


def user_file() -> Path:
    """The user's own settings."""
    import platformdirs

    return platformdirs.user_config_path(NAME, appauthor=False) / "config.toml"


def file_values() -> dict[str, tuple[Any, Path]]:
    """Every setting that stands in a file, and in which: the working directory's wins.

    Raises:
        click.UsageError: A file cannot be read, or holds what it must not.
    """
    found: dict[str, tuple[Any, Path]] = {}
    for path in (user_file(), LOCAL):
        for name, value in _section(path).items():
            found[name] = (value, path)
    return found


def _section(path: Path) -> Mapping[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError):
        raise click.UsageError(f"{path} cannot be read") from None
    try:
        section = tomllib.loads(text).get(SECTION, {})
    except tomllib.TOMLDecodeError as error:
        raise click.UsageError(f"{path} is no TOML: {error}") from None
    if not isinstance(section, dict):
        raise click.UsageError(f"{path}: [{SECTION}] is no table")
    known = {option.name: option for option in _parameters() if option.name != "secret_stdin"}
    for name in section:
        if "secret" in name:
            raise click.UsageError(
                f"{path} holds {name}: a secret stands in no file. Set {SECRET_VARIABLE}, or "
                "pipe it in with --secret-stdin"
            )
        if name not in known:
            raise click.UsageError(f"{path}: {name} is no setting; they are {', '.join(known)}")
    return {name: _plain(path, name, value) for name, value in section.items()}


def _plain(path: Path, name: str, value: Any) -> Any:
    if name == "scopes":
        value = value.split() if isinstance(value, str) else value
        if isinstance(value, list) and all(isinstance(each, str) for each in value):
            return value
    elif isinstance(value, str | int) and not isinstance(value, bool):
        return str(value)
    raise click.UsageError(f"{path}: {name} is of the wrong type")


def _parameters() -> Sequence[click.Parameter]:
    @account_options
    def bare() -> None:
        """Only to be asked for its options."""

    return tuple(reversed(vars(bare)["__click_params__"]))


def secret_from(given: Mapping[str, Any]) -> str:
    """The client secret: from stdin, the environment or a prompt; empty when there is none."""
    if given["secret_stdin"]:
        return sys.stdin.readline().rstrip("\r\n")
    known = os.environ.get(SECRET_VARIABLE, "")
    if known or not sys.stdin.isatty():
        return known
    typed: str = click.prompt("client secret", hide_input=True, err=True)
    return typed


def origins(context: click.Context) -> dict[str, tuple[Any, str]]:
    """Every setting's value and where it comes from."""
    files = file_values()
    found: dict[str, tuple[Any, str]] = {}
    for option in _parameters():
        name = str(option.name)
        if name == "secret_stdin":
            continue
        value = context.params[name]
        match context.get_parameter_source(name):
            case ParameterSource.COMMANDLINE:
                origin = "argument"
            case ParameterSource.ENVIRONMENT:
                origin = f"environment {option.envvar}"
            case ParameterSource.DEFAULT_MAP:
                origin = f"file {files[name][1]}"
            case _:
                origin = "default" if value not in (None, ()) else "not set"
        shown = list(value) if isinstance(value, tuple) else value
        found[name] = (str(shown) if isinstance(shown, Path) else shown, origin)
    is_set = bool(os.environ.get(SECRET_VARIABLE))
    found["client_secret"] = (
        "***" if is_set else None,
        f"environment {SECRET_VARIABLE}" if is_set else "not set",
    )
    return found


@click.group()
def config() -> None:
    """Settings, and where they come from."""


@config.command("show", cls=Configured)
@account_options
@click.option("--origin", is_flag=True, help="Tell where each value comes from.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_context
def show(context: click.Context, /, *, origin: bool, as_json: bool, **_: Any) -> None:
    """Print the settings as the other commands would take them. Secrets are masked.

    Options come first, then the environment, then ./elements-procura.toml, then the user's file;
    in both files they stand in a table [elements].
    """
    output: Output = context.obj
    found = origins(context)
    if as_json:
        document = {
            name: {"value": value, "origin": source} if origin else value
            for name, (value, source) in found.items()
        }
        output.data(json.dumps(document))
        return
    for name, (value, source) in found.items():
        told = " ".join(value) if isinstance(value, list) else value
        line = f"{name:<14} {'(not set)' if told is None else told}"
        output.data(f"{line:<60} {source}" if origin else line)


for _option in show.params:
    _option.required = False  # what is missing is what one wants to see
