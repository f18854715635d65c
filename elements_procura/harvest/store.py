"""Opens stores by their address: a path, or a URL."""

import json
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, Protocol, runtime_checkable

from elements_procura.clock import Clock
from elements_procura.errors import ConfigError
from elements_procura.harvest.address import FILE, SERVER, Where, scheme_of
from elements_procura.harvest.postgres.backend import PostgresBackend
from elements_procura.harvest.snapshot import StorageSnapshot
from elements_procura.harvest.sqlite.backend import SqliteBackend
from elements_procura.harvest.storage import Storage, StorageReader


@runtime_checkable
class StoreReader(StorageReader, Protocol):
    """A stored harvest, opened for reading only. Open it with :meth:`read`.

    The methods are those of :class:`~elements_procura.harvest.storage.StorageReader`; whoever only
    uses a store asks for that.
    """

    @staticmethod
    def read(where: Where, *, brief: bool = False) -> "StoreReader":
        """Open an existing store for looking, also while a harvest is writing it.

        Args:
            where: Its path or URL.
            brief: It is closed again within moments, so no files are made beside it.

        Raises:
            StoreError: Nothing exists there, or it is not the store of a harvest.
            ConfigError: The URL names no kind of storage.
        """
        return backend_of(where).read(where, brief=brief)


@runtime_checkable
class Store(Storage, StoreReader, Protocol):
    """One tenant's harvest. Synchronous; use it from one thread at a time.

    Open it with :meth:`create` or :meth:`open`, or with :meth:`read` for looking only. The opened
    store has the methods of :class:`~elements_procura.harvest.storage.Storage`.
    """

    @staticmethod
    def create(
        where: Where,
        *,
        tenant: str,
        selection: Mapping[str, str] | None = None,
        history: bool = False,
        clock: Clock | None = None,
    ) -> "Store":
        """Make a new store, readable by its owner alone.

        Args:
            where: Its path or URL; nothing must be there yet.
            tenant: The owner of the data; opening it for another is refused.
            selection: Which of the tenant's dossiers it is for, in words of the caller's that
                ``selection`` gives back.
            history: Keep bodies that a refresh replaces.
            clock: The clock for the times in the store.

        Raises:
            StoreError: It exists or cannot be made, or another process is about to.
            ConfigError: The URL names no kind of storage.
        """
        return backend_of(where).create(
            where, tenant=tenant, selection=selection, history=history, clock=clock
        )

    @staticmethod
    def open(where: Where, *, tenant: str, clock: Clock | None = None) -> "Store":
        """Open the store of an earlier run; one of an earlier version is brought up to this one.

        Args:
            where: Its path or URL.
            tenant: The expected owner of the data.
            clock: The clock for the times in the store.

        Raises:
            StoreError: Nothing exists there, or it is not the store of a harvest; it is another
                tenant's; or another process is harvesting into it.
            ConfigError: The URL names no kind of storage.
        """
        return backend_of(where).open(where, tenant=tenant, clock=clock)


class Backend(Protocol):
    """A kind of storage: opens what its addresses name."""

    def create(
        self,
        where: Where,
        *,
        tenant: str,
        selection: Mapping[str, str] | None = None,
        history: bool = False,
        clock: Clock | None = None,
    ) -> Store:
        """Make a new store, as :meth:`Store.create` says."""

    def open(self, where: Where, *, tenant: str, clock: Clock | None = None) -> Store:
        """Open the store of an earlier run, as :meth:`Store.open` says."""

    def read(self, where: Where, *, brief: bool = False) -> StoreReader:
        """Open a store for looking, as :meth:`StoreReader.read` says."""

    def exists(self, where: Where) -> bool:
        """Whether there is a store, as :func:`exists` says."""

    def snapshot(self, where: Where) -> AbstractContextManager[StorageSnapshot]:
        """Hold one moment, as :func:`snapshot` says."""

    def copy_in(self, where: Where, moment: Any) -> None:
        """Make a new store of a moment that any kind of storage has given, whole or not at all."""

    def note_export(self, where: Where, place: str, options: str) -> None:
        """Note that an export was made, as :func:`note_export` says."""

    def note_audit(self, where: Where, action: str, counts: Mapping[str, int]) -> None:
        """Note what was done for a person, as :func:`note_audit` says."""

    def holder(self, where: Where) -> str | None:
        """Who holds the lease of a store now; None if nobody does."""


BACKENDS: Mapping[str, Backend] = {
    FILE: SqliteBackend(),
    **dict.fromkeys(SERVER, PostgresBackend()),
}
"""Every kind of storage by the scheme of its URLs; a plain path is a file."""


def exists(where: Where) -> bool:
    """Whether there is anything at an address; opening it shows whether it is a store.

    Args:
        where: Its path or URL.

    Raises:
        ConfigError: The URL names no kind of storage.
    """
    return backend_of(where).exists(where)


def snapshot(where: Where) -> AbstractContextManager[StorageSnapshot]:
    """Hold one moment: inside, the store stays as it is, whatever a harvest writes meanwhile.

    That keeps the harvest's log from being folded into its file, so it grows until this ends.

    Args:
        where: Its path or URL.

    Raises:
        StoreError: Nothing exists there, or it is not the store of a harvest, or it cannot be read.
        ConfigError: The URL names no kind of storage.
    """
    return backend_of(where).snapshot(where)


def copy(source: Where, target: Where) -> None:
    """Copy a harvest as it is at one moment, also from one kind of storage to another.

    Whole or not at all: until it has ended, nothing is at the target. The source stays; nobody
    must go on with both.

    Args:
        source: A store's path or URL.
        target: Where nothing is yet.

    Raises:
        StoreError: The source is no store or of another version, or something is at the target.
        ConfigError: A URL names no kind of storage.
    """
    into = backend_of(target)
    with snapshot(source) as moment:
        into.copy_in(target, moment)


def note_export(where: Where, place: str, options: Mapping[str, Any]) -> None:
    """Note that an export was made of a store, so that an erasure reaches it.

    Args:
        where: The store's path or URL.
        place: Where the export is: a directory, a file, or a URL without a password.
        options: How it was made, as JSON has it.

    Raises:
        StoreError: The store cannot be written.
    """
    backend_of(where).note_export(where, place, json.dumps(dict(options)))


def note_audit(where: Where, action: str, counts: Mapping[str, int]) -> None:
    """Note something that was done for a person's rights, also while a harvest goes on.

    Args:
        where: The store's path or URL.
        action: In a word or two, and without a name.
        counts: How much of what.

    Raises:
        StoreError: The store cannot be written.
    """
    backend_of(where).note_audit(where, action, counts)


def holder(where: Where) -> str | None:
    """Name who is harvesting into a store now; None if nobody is.

    Args:
        where: Its path or URL.
    """
    return backend_of(where).holder(where)


def backend_of(where: Where) -> Backend:
    """Return the kind of storage that an address names.

    Raises:
        ConfigError: The URL names none. The message holds its scheme alone: an address may hold a
            password.
    """
    scheme = scheme_of(where)
    try:
        return BACKENDS[scheme]
    except KeyError:
        pass
    raise ConfigError(
        f"{scheme}: names no kind of store", hint=f"Choose among {', '.join(sorted(BACKENDS))}"
    )
