"""The exports that a store knows, without whom was erased."""

import json
import shutil
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

from elements_procura.disk.errors import is_there
from elements_procura.errors import ElementsProcuraError
from elements_procura.export import export
from elements_procura.export.folder import MANIFEST, remove
from elements_procura.harvest.address import Where


class Fate(StrEnum):
    """What becomes of an export."""

    ANEW = "written anew"
    REMOVED = "removed"
    LATER = "deleted there by the next export"
    ABSENT = "is no longer there"
    OTHERS = "holds the tables of another store now: left as it is"
    FAILED = "could not be written nor removed: see to it, then erase once more"


def foreseen(known: Mapping[str, Any], identity: str) -> Fate:
    """What would become of an export.

    Args:
        known: As the store knows it.
        identity: Of the store.
    """
    how = known.get("how")
    if how is None:
        return Fate.LATER
    place = Path(known["place"])
    try:
        if not is_there(place):
            return Fate.ABSENT
        return _of_folder(place, how, identity) if known["folder"] else _of_file(place, identity)
    except (ElementsProcuraError, ImportError):
        return Fate.FAILED


def _of_folder(place: Path, how: Mapping[str, Any], identity: str) -> Fate:
    try:
        whose = json.loads((place / MANIFEST).read_bytes())["identity"]
    except (OSError, ValueError, KeyError, TypeError):  # of one that was killed
        is_ours = next(place.glob(f"*.{how['to']}"), None) or is_there(place / ".part")
        return Fate.ANEW if is_ours else Fate.ABSENT
    return Fate.ANEW if whose == identity else Fate.OTHERS


def _of_file(place: Path, identity: str) -> Fate:
    from elements_procura.export.warehouse.duckdb_file import identity_in  # noqa: PLC0415 - an extra

    return Fate.ANEW if identity_in(place) == identity else Fate.OTHERS


def renewed(store: Where, known: Mapping[str, Any], identity: str) -> Fate:
    """Write an export anew; if that fails, files of it are removed.

    Args:
        store: The harvest's path or URL.
        known: As the store knows it.
        identity: Of the store.
    """
    fate, place = foreseen(known, identity), Path(known["place"])
    if fate is not Fate.ANEW:
        return fate
    how = known["how"]
    try:
        export(store, place, force=True, **how)
        if known["folder"]:
            # What `export --update` has added is part of what was just written.
            for part in place.glob("change=*"):
                shutil.rmtree(part)
        else:
            from elements_procura.export.warehouse.duckdb_file import write_again  # noqa: PLC0415 - an extra

            write_again(place)
    except (ElementsProcuraError, OSError, TypeError):
        is_removed = known["folder"] and remove(place, ending=f".{how['to']}")
        return Fate.REMOVED if is_removed else Fate.FAILED
    return Fate.ANEW
