"""The list of what was erased, as a file beside the store: a new harvest there goes by it."""

import json
from pathlib import Path

from elements_procura.disk.errors import disk_errors, is_there
from elements_procura.disk.part_file import replace_file
from elements_procura.disk.small_file import read_small
from elements_procura.disk.sqlite import real
from elements_procura.harvest.erasure.suppression import KEY_BYTES

_FORMAT = 1
_DIGEST = 16
Listed = tuple[bytes, frozenset[bytes]]
"""A list: the keys, one after the other, and the hashes."""


def list_of(store: Path) -> Path:
    """Where the list of a store's file stands, whatever links lead to that."""
    store = real(store)
    return store.with_name(f"{store.name}.erased")


def list_beside(store: Path) -> Listed | None:
    """The list beside a store; None without one.

    Raises:
        StoreError: The list cannot be read: nobody can say who must not come back.
    """
    path = list_of(store)
    return read_list(path) if is_there(path) else None


def read_list(path: Path) -> Listed:
    """Read a list.

    Args:
        path: The file.

    Raises:
        StoreError: It cannot be read, or holds something else: nobody can say who must not come
            back.
    """
    with disk_errors(f"{path} cannot be read", path, hint="Put a copy of the list there"):
        try:
            told = json.loads(read_small(path))
            key, hashes = bytes.fromhex(told["key"]), frozenset(map(bytes.fromhex, told["hashes"]))
        except (ValueError, KeyError, TypeError, AttributeError):
            key, hashes, told = b"", frozenset(), {}
        is_whole = key and len(key) % KEY_BYTES == 0 and {*map(len, hashes)} <= {_DIGEST}
        if told.get("format") != _FORMAT or not is_whole:
            raise OSError("it holds something else")
    return key, hashes


def write_list(path: Path, listed: Listed) -> None:
    """Write a list, readable by its owner alone, in the place of one that is there.

    Args:
        path: The file.
        listed: What goes into it.

    Raises:
        StoreError: It cannot be written.
    """
    key, hashes = listed
    told = {"format": _FORMAT, "key": key.hex(), "hashes": sorted(each.hex() for each in hashes)}
    with disk_errors(f"{path} cannot be written", path, hint="Make room, then erase once more"):
        replace_file(path, json.dumps(told).encode(), part=path.with_name(f"{path.name}.part"))
