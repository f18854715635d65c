"""The list of what was erased, carried from one place to another."""

from collections.abc import Iterable
from pathlib import Path

from elements_procura.disk.errors import is_there
from elements_procura.errors import InputError
from elements_procura.harvest.address import Where
from elements_procura.harvest.erasure.lists import write_list
from elements_procura.harvest.store import StoreReader


def save_suppression(stores: Iterable[Where], out: Path) -> int:
    """Write the list of what was erased from stores, for others to go by.

    Args:
        stores: Their paths or URLs.
        out: The file; it is readable by its owner alone.

    Returns:
        How many hashes it holds.

    Raises:
        InputError: Nothing was erased from any, or the file is there.
        StoreError: A store cannot be read, or the file not be written.
    """
    if is_there(out):
        raise InputError(f"{out} exists already", hint="Choose another --out")
    keys, hashes = b"", frozenset[bytes]()
    for store in stores:
        with StoreReader.read(store, brief=True) as reader:
            key, listed = reader.suppressed()
        keys, hashes = keys + key, hashes | listed
    if not hashes:
        raise InputError("nothing was erased there", hint="There is no list to carry")
    write_list(out, (keys, hashes))
    return len(hashes)
