"""Next steps: the useful commands after one has ended, ready to be typed."""

import os
import shlex
from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from elements_procura.cli._output import Output
from elements_procura.cli.given.stores import folder_of, stores_in
from elements_procura.disk.errors import is_there
from elements_procura.registry import specs

if TYPE_CHECKING:
    from elements_procura.harvest import Progress

_PROGRAM = "elements-procura"
_MOST = 3  # concerns that are named; `status` names all
_PATIENCE = "1h"


def show_leads(output: Output, leads: Iterable[str]) -> None:
    """Print commands, a line each and none twice."""
    for each in dict.fromkeys(leads):
        output.say(f"next     {each}")


def settling(progress: "Progress", go_on: Callable[..., str]) -> Iterator[str]:
    """The commands that settle unacknowledged concerns.

    Args:
        progress: The progress of the harvest.
        go_on: Makes the command that goes on, with more options.
    """
    if progress.quarantined or any(each.state == "quarantined" for each in progress.concerns):
        yield go_on("--retry-quarantined")
    for each in [each for each in progress.unacknowledged if each.state != "quarantined"][:_MOST]:
        yield go_on("--accept", each.shown)


def patient(go_on: Callable[..., str]) -> str:
    """The command that goes on and waits longer for a server that is away.

    Args:
        go_on: Makes the command that goes on, with more options.
    """
    return go_on("--patience", _PATIENCE)


def using(store: Path | str, *, but: str = "") -> Iterator[str]:
    """The commands that use the stored data.

    Args:
        store: The store, or its directory.
        but: The command that has just ended.
    """
    folder = folder_of(store)
    if isinstance(store, Path) and store != folder and len(stores_in(folder)) > 1:
        store = folder  # both at once: each alone would write where the other has written
    tables = folder / "tables"
    again = ("--force",) if is_there(tables) else ()
    ways = {"export": ("--to", "csv", "--out", str(tables), *again), "report": ()}
    for name, options in ways.items():
        if name != but:
            yield _typed(_PROGRAM, name, str(store), *options)


def harvest_of(store: Path | str, *, how: str = "--resume") -> Callable[..., str] | None:
    """Makes the command that continues a store's harvest; None outside a harvest's directory.

    Args:
        store: Its file, or its URL.
        how: ``--resume``, or ``--refresh`` for one that has nothing left to fetch.
    """
    if isinstance(store, str):
        return None
    spec = next((each for each in specs() if each.store_name == store.name), None)
    if spec is None:
        return None
    words = [_PROGRAM, "harvest", spec.name, "--out", str(store.parent), how]
    return lambda *more: _typed(*words, *more)


def leads_of(store: Path | str, progress: "Progress", *, but: str = "") -> Iterator[str]:
    """The useful commands for a store without a running harvest.

    Args:
        store: Its file, or its URL.
        progress: The progress of its harvest.
        but: The command that has just ended.
    """
    go_on = harvest_of(store)
    if go_on is not None:
        if not progress.complete:
            yield go_on()
        yield from settling(progress, go_on)
    if progress.complete:
        yield from using(store, but=but)


def resume_command(*more: str, without: Collection[str] = ()) -> str:
    """The running command with its options and ``more``: the one that continues the harvest.

    Args:
        more: Words to add.
        without: Names of options to leave out.
    """
    context = click.get_current_context()
    words = context.command_path.split()
    for option in context.command.params:
        name = option.name or ""
        if name in without or name not in context.params:  # how to talk is not kept there
            continue
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            value = context.params[name]
            for one in value if isinstance(value, tuple) else (value,):
                words += [option.opts[0], *([] if one is True else [str(one)])]
    for word, after in zip_longest(more, more[1:], fillvalue="-"):
        is_flag = word.startswith("-") and after.startswith("-")
        if not (is_flag and word in words):
            words.append(word)
    return _typed(*words)


def _typed(*words: str) -> str:
    return " ".join(map(quoted, words))


def quoted(word: str) -> str:
    """A word as a shell takes it, and as a terminal may show it: a name may hold any bytes."""
    if word.isprintable():
        return shlex.quote(word)
    return "$'" + "".join(map(_spelled, os.fsencode(word))) + "'"


def _spelled(byte: int) -> str:
    character = chr(byte)
    is_plain = character.isascii() and character.isprintable() and character not in "\\'"
    return character if is_plain else f"\\x{byte:02x}"
