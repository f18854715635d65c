"""The stores that a command is about: a file, a directory of them, or a URL."""

import os
from pathlib import Path
from typing import Any

import click

from elements_procura.cli.given.files import missing
from elements_procura.disk.errors import is_there
from elements_procura.registry import specs

STORE_NAMES = {spec.name: spec.store_name for spec in specs()}
"""What the store of an API is called in its directory."""
LEDGER_NAME = "quota.sqlite"
"""Beside them, the count of the day's requests."""
_NEXT = "Name the --out of a harvest; `elements-procura harvest` begins one"


class StoreType(click.Path):
    """A path that is there, or a URL.

    Args:
        is_new: Nothing need be at the path.
    """

    def __init__(self, *, is_new: bool = False) -> None:
        super().__init__(path_type=Path)
        self.name = "store"
        self._is_new = is_new

    def _path(
        self,
        value: str | os.PathLike[str],
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> Path:
        if not self._is_new and (fault := missing(value, _NEXT)):
            self.fail(fault, param, ctx)
        return Path(os.fsdecode(super().convert(value, param, ctx)))

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Path | str:
        """Return a path; of a file's URL, the file."""
        from elements_procura.errors import ConfigError
        from elements_procura.harvest.address import FILE, identity_of, path_of, scheme_of
        from elements_procura.harvest.store import backend_of

        if isinstance(value, Path):
            return value
        if "://" not in value:
            return self._path(value, param, ctx)
        try:
            backend_of(value)
            identity_of(value)
        except ConfigError as error:
            self.fail(f"{error.args[0]}. {error.hint}", param, ctx)
        if scheme_of(value) == FILE:
            return self._path(path_of(value), param, ctx)
        return str(value)


def stores_in(store: Path | str) -> dict[str, Path | str]:
    """The stores in a directory by their API; of a file or a URL, that one.

    Raises:
        ConfigError: There is none.
    """
    from elements_procura.errors import ConfigError
    from elements_procura.harvest.address import ServerAddress

    if isinstance(store, str):
        return {ServerAddress.of(store).store: store}
    if not store.is_dir():
        return {store.stem: store}
    found = _stores_at(store)
    if not found:
        names = " or ".join(STORE_NAMES.values())
        raise ConfigError(f"{store} holds no harvest: it would be called {names}", hint=_NEXT)
    return found


def stores_below(store: Path | str) -> dict[str, Path | str]:
    """The stores in a directory, or of the tenants whose directories are in it.

    Args:
        store: As a command takes it.

    Returns:
        By API, and in a directory of tenants by ``TENANT/API``.

    Raises:
        ConfigError: There is none.
    """
    if isinstance(store, Path) and store.is_dir() and not _stores_at(store):
        folders = sorted(each for each in store.iterdir() if each.is_dir())
        found = {
            f"{folder.name}/{api}": path
            for folder in folders
            for api, path in _stores_at(folder).items()
        }
        if found:
            return found
    return stores_in(store)


def _stores_at(folder: Path) -> dict[str, Path | str]:
    return {api: folder / name for api, name in STORE_NAMES.items() if is_there(folder / name)}


def folder_of(store: Path | str) -> Path:
    """The directory of a store, or of what is made of one in a server: the one we are in."""
    if isinstance(store, str) and "://" in store:
        return Path()
    path = Path(store)
    return path if path.is_dir() else path.parent


def ledger_of(store: Path | str) -> Path | None:
    """The count of the day's requests beside a store; nothing is beside one in a server."""
    return None if isinstance(store, str) else folder_of(store) / LEDGER_NAME
