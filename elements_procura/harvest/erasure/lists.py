"""The list of what was erased, as a file beside the store: a new harvest there goes by it."""

import json
from pathlib import Path

from elements_procura.disk.errors import disk_errors
from elements_procura.disk.part_file import replace_file

_FORMAT = 1


def list_of(store: Path) -> Path:
    """Where the list of a store's file stands."""
    return store.with_name(f"{store.name}.erased")


def read_list(store: Path) -> tuple[bytes, frozenset[bytes]] | None:
    """The key and the hashes of the list beside a store; None without one.

    Raises:
        StoreError: The list cannot be read: nobody can say who must not come back.
    """
    path = list_of(store)
    if not path.exists():
        return None
    with disk_errors(f"{path} cannot be read", path, hint="Put a copy of it back"):
        try:
            told = json.loads(path.read_bytes())
            return bytes.fromhex(told["key"]), frozenset(map(bytes.fromhex, told["hashes"]))
        except (ValueError, KeyError, TypeError) as error:
            raise OSError("not a list") from error


def write_list(store: Path, key: bytes, hashes: frozenset[bytes]) -> Path:
    """Write the list beside a store, readable by its owner alone.

    Raises:
        StoreError: It cannot be written.
    """
    path = list_of(store)
    told = {"format": _FORMAT, "key": key.hex(), "hashes": sorted(each.hex() for each in hashes)}
    with disk_errors(f"{path} cannot be written", path, hint="Make room, then erase once more"):
        replace_file(path, json.dumps(told).encode(), part=path.with_name(f"{path.name}.part"))
    return path
