"""config path and config init: where files of settings are, and a first one."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import click

from elements_procura.cli._exit import exit_on_error
from elements_procura.cli._output import Output
from elements_procura.cli.given.config import LOCAL, user_file
from elements_procura.disk.errors import is_there
from elements_procura.registry import specs
from elements_procura.spec.options import Option

_WIDTH = 78


@click.command("path", short_help="Print where files of settings are looked for.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON list.")
@click.pass_obj
def config_path(output: Output, /, *, as_json: bool) -> None:
    """Print the files that settings are read from, those that win first, and which exist."""
    import json

    files = [path.absolute() for path in (LOCAL, user_file()) if path is not None]
    if as_json:
        output.data(json.dumps([{"path": str(each), "exists": is_there(each)} for each in files]))
        return
    for each in files:
        output.data(f"{'read' if is_there(each) else 'absent':<8} {each}")


@click.command("init", short_help="Begin a file of settings, each with its explanation.")
@click.option("--user", "is_users", is_flag=True, help="The user's own file, for all folders.")
@click.option(
    "--out",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Another file, to look at or to copy.  [default: ./elements-procura.toml]",
)
@click.pass_obj
def config_init(output: Output, /, *, is_users: bool, out: Path | None) -> None:
    """Write a file with every setting of an account and its explanation, as comments.

    Uncomment what you need. A file that is there stays as it is. Client secrets never stand in it:
    they come from the environment, a prompt or --secret-stdin.
    """
    from elements_procura.disk.errors import disk_errors, writing_hint
    from elements_procura.disk.part_file import replace_file
    from elements_procura.errors import ConfigError

    with exit_on_error(output):
        if is_users and out is not None:
            raise click.UsageError("--user and --out exclude each other")
        file = (user_file() if is_users else out) or (None if is_users else LOCAL)
        if file is None:
            raise ConfigError("this account has no home directory", hint="Choose --out FILE")
        if is_there(file):
            raise ConfigError(f"{file} is there already", hint="Edit it, or choose another --out")
        with disk_errors(
            f"{file} cannot be written", file, hint=partial(writing_hint, file.parent)
        ):
            file.parent.mkdir(parents=True, exist_ok=True)
            replace_file(file, settings_text().encode())
        output.data(f"saved    {file}")
        output.data("next     elements-procura config show --origin")


def settings_text() -> str:
    """A file of settings in which all are commented out."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    yield "# Settings of elements-procura. Options and the environment win over them."
    for spec in specs():
        yield ""
        yield f"[{spec.name}]"
        yield from _comment(f"The client secret: set {spec.secret_variable} in the environment.")
        for option in spec.account:
            yield ""
            yield from _comment(option.help)
            yield f"# {option.name} = {_value(option)}"
    yield ""


def _comment(text: str) -> Iterator[str]:
    import textwrap

    for line in textwrap.wrap(text, _WIDTH):
        yield f"# {line}"


def _value(option: Option) -> str:
    """The default as TOML; an empty text where there is none."""
    import json

    default = option.default
    if option.is_many:
        return json.dumps(list(default or ()))
    return json.dumps("" if default is None else default)
