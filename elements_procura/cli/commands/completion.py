"""The completion command: what a shell needs to complete commands and options."""

import os
from functools import partial
from pathlib import Path

import click

from elements_procura.cli._exit import exit_on_error
from elements_procura.cli._output import Output

_PROGRAM = "elements-procura"
_SHELLS = ("bash", "zsh", "fish")


@click.command(short_help="Complete commands and options in your shell.")
@click.argument("shell", type=click.Choice(_SHELLS), required=False)
@click.option(
    "--install", is_flag=True, help="Save the script where the shell finds it, for new shells."
)
@click.pass_obj
def completion(output: Output, /, *, shell: str | None, install: bool) -> None:
    """Print the script that completes commands and options in SHELL, by default yours.

    With --install it is saved: for bash and fish where they look by themselves (bash with the
    package bash-completion), for zsh in ~/.zfunc, which has to be in fpath before compinit runs.
    """
    from elements_procura.errors import ConfigError

    with exit_on_error(output):
        chosen = shell or Path(os.environ.get("SHELL", "")).name
        if chosen not in _SHELLS:
            raise ConfigError("your shell is unknown", hint=f"Name one of {', '.join(_SHELLS)}")
        script = _script(chosen)
        if not install:
            output.data(script)
            return
        file = _place(chosen)
        _save(file, script)
        output.data(f"saved    {file}")
        if chosen == "zsh":
            output.data("next     in ~/.zshrc: fpath+=~/.zfunc; autoload -U compinit; compinit")
        else:
            output.data(f"next     open a new {chosen}")


def _script(shell: str) -> str:
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    assert kind is not None  # noqa: S101 - click has all of these
    program = click.get_current_context().find_root().command
    # The version of bash is asked for elsewhere: a machine without one may print its script, too.
    made = kind(program, {}, _PROGRAM, "_ELEMENTS_PROCURA_COMPLETE")
    return made.source_template % made.source_vars()


def _place(shell: str) -> Path:
    """The file in which a shell looks for the script."""
    home = Path.home()
    if shell == "bash":
        data = Path(os.environ.get("XDG_DATA_HOME") or home / ".local/share")
        return data / "bash-completion/completions" / _PROGRAM
    if shell == "fish":
        settings = Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config")
        return settings / "fish/completions" / f"{_PROGRAM}.fish"
    return home / ".zfunc" / f"_{_PROGRAM}"


def _save(file: Path, script: str) -> None:
    """Write the script whole or not at all.

    Raises:
        StorageError: The file cannot be written.
    """
    from elements_procura.disk.errors import disk_errors, writing_hint
    from elements_procura.disk.part_file import replace_file

    with disk_errors("the script cannot be saved", file, hint=partial(writing_hint, file.parent)):
        file.parent.mkdir(parents=True, exist_ok=True)
        replace_file(file, script.encode())
