"""One moment of a storage, dossier after dossier: a protocol for exports and reports."""

from collections.abc import Iterable, Iterator
from typing import Protocol

from elements_procura.harvest.records import HeldResource
from elements_procura.harvest.storage import StorageReader
from elements_procura.spec.source import DossierId


class StorageSnapshot(Protocol):
    """One moment of a store, while a harvest may go on: what exports and reports are made of."""

    @property
    def reader(self) -> StorageReader:
        """Looks into the same moment."""

    def held(self, kinds: Iterable[str]) -> Iterator[HeldResource]:
        """List what is held of these kinds: by dossier, then by path."""

    def body(self, resource: int) -> bytes:
        """Return the body of a resource that :meth:`held` has named.

        Raises:
            StoreError: It is not as it was stored. The message names all that are not.
        """

    def kinds(self) -> dict[str, int]:
        """Count the bodies of each kind, rows of the listing among them."""

    def not_current(self) -> dict[str, dict[str, int]]:
        """Count what is held, by kind, that the last look did not show as it is held.

        By why that is: ``pending`` and ``doubted`` losses, ``forbidden``, ``quarantined``, and
        ``stale``: what the last pass of its dossier did not get to see. ``listed``: of this there
        is no more than a row of the listing.
        """

    def whose_not_current(self) -> dict[str, dict[str, list[DossierId]]]:
        """Ids of the dossiers of all that :meth:`not_current` counts.

        Of what dossiers share, one that leads to it.
        """

    def sizes(self) -> dict[str, int]:
        """Sum the bytes of all bodies of each kind."""

    def fetched(self) -> list[float]:
        """When each dossier that is harvested was last fetched whole, in seconds since the epoch.

        As in :meth:`StorageReader.staleness`.
        """

    def newest(self) -> float | None:
        """When the last answer came, in seconds since the epoch; None if none did."""
