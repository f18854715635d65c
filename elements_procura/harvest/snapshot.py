"""One moment of a storage, dossier after dossier: a protocol for exports and reports."""

from collections.abc import Iterable, Iterator
from typing import Protocol

from elements_procura.harvest.records import HeldResource
from elements_procura.harvest.storage import StorageReader
from elements_procura.spec.source import DossierId


class StorageSnapshot(Protocol):
    """One moment of a store, while a harvest may go on: the input of exports and reports."""

    @property
    def reader(self) -> StorageReader:
        """Looks into the same moment."""

    def held(
        self, kinds: Iterable[str], *, since: int | None = None, whole: bool = False
    ) -> Iterator[HeldResource]:
        """List the held resources of these kinds: by dossier, then by path.

        Args:
            kinds: Their names.
            since: Only those that have changed or were looked at after this number of the store's
                sequence; None for all.
            whole: With ``since``, all resources of the dossiers of those.
        """

    def body(self, resource: int) -> bytes:
        """Return the body of a resource that :meth:`held` has named.

        Raises:
            StoreError: It is not as it was stored. The message names all that are not.
        """

    def kinds(self) -> dict[str, int]:
        """Count the bodies of each kind, rows of the listing among them."""

    def not_current(self) -> dict[str, dict[str, int]]:
        """Count held resources, by kind, that the last look did not confirm.

        By reason: ``pending`` and ``doubted`` losses, ``forbidden``, ``quarantined``, ``stale``
        (not reached by the last pass of its dossier) and ``listed`` (only a row of the listing).
        """

    def whose_not_current(self) -> dict[str, dict[str, list[DossierId]]]:
        """Ids of the dossiers of all that :meth:`not_current` counts.

        For shared resources, one dossier that leads to it.
        """

    def sizes(self) -> dict[str, int]:
        """Sum the bytes of all bodies of each kind."""

    def fetched(self) -> list[float]:
        """When each dossier that is harvested was last fetched whole, in seconds since the epoch.

        As in :meth:`StorageReader.staleness`.
        """

    def newest(self) -> float | None:
        """When the last answer came, in seconds since the epoch; None if none did."""
