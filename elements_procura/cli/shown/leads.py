"""Next steps: the useful commands after one has ended, ready to be typed."""

import shlex
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

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
    tables = folder / "tables"
    if isinstance(store, Path) and store != folder and len(stores_in(folder)) > 1:
        tables /= store.stem  # where an export of the whole directory has them, too
    again = ("--force",) if is_there(tables) else ()
    ways = {"export": ("--to", "csv", "--out", str(tables), *again), "report": ()}
    for name, options in ways.items():
        if name != but:
            yield shlex.join([_PROGRAM, name, str(store), *options])


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
    return lambda *more: shlex.join([*words, *more])


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
