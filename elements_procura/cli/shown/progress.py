"""Output that several commands share."""

import os
import shlex
from collections.abc import Collection
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from elements_procura.cli._output import Output
from elements_procura.cli.shown.concerns import concern_lines
from elements_procura.cli.shown.traffic import traffic_texts

if TYPE_CHECKING:
    from elements_procura.harvest import Progress


def progress_json(progress: "Progress", store: Path | str) -> dict[str, Any]:
    """A harvest's progress and its store, as one JSON object."""
    return {**progress.to_json(), "store": str(store)}


def left_over(progress: "Progress") -> list[str]:
    """Non-zero counts of dossiers in any other state."""
    counts = {
        "in quarantine": progress.quarantined,
        "gone": progress.gone,
        "deleted": progress.deleted,
        "unlisted": progress.unlisted,
        "missing from a listing that is doubted": progress.doubted,
    }
    return [f"{count:,} {name}" for name, count in counts.items() if count]


def show_progress(output: Output, progress: "Progress") -> None:
    """Print the progress in words."""
    rest = left_over(progress)
    rest += [f"{progress.queued:,} resources to go"] if progress.queued else []
    output.result(
        " · ".join(
            [
                f"harvest  {progress.harvested:,}/{progress.dossiers:,} dossiers",
                f"{progress.resources:,} bodies",
                f"{progress.requests:,} requests",
                *rest,
            ]
        )
    )
    if progress.to_refresh:
        output.result(
            f"refresh  {progress.refreshed:,}/{progress.to_refresh:,} dossiers, "
            f"{progress.changed:,} of them had changed"
        )
    if seen := traffic_texts(progress.traffic):
        output.result(f"server   {' · '.join(seen)}")
    if progress.saved:
        reasons = ", ".join(f"{count:,} {reason}" for reason, count in progress.saved.items())
        output.result(f"saved    {progress.requests_saved:,} requests: {reasons}")
    for line in concern_lines(progress):
        output.result(line)


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
