"""The part of a store's reader that persons' rights need."""

import contextlib
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator
from typing import Any

from elements_procura.harvest.erasure.spellings import pattern_of
from elements_procura.harvest.erasure.storage import AuditEntry, Erasure
from elements_procura.harvest.erasure.subject import StoredCopy
from elements_procura.harvest.erasure.suppression import Mention
from elements_procura.harvest.sql import erasing
from elements_procura.harvest.sql.database import Database
from elements_procura.spec.source import DossierId


class PersonsReader(ABC):
    """Reads all that is stored of persons, and the audit."""

    _db: Database

    @property
    @abstractmethod
    def api(self) -> str | None:
        """The name of the API that it was harvested from; None for a source of one's own."""

    @property
    @abstractmethod
    def tenant(self) -> str:
        """The tenant whose data it holds."""

    @abstractmethod
    def _errors(self) -> contextlib.AbstractContextManager[None]:
        """Raise a StoreError for whatever the database raises inside."""

    def stored(self, kinds: Collection[str] | None = None) -> Iterator[StoredCopy]:
        """Everything that is stored of bodies, whatever the source says of it now."""
        with self._errors():
            yield from erasing.stored(self._db, kinds)

    def would_erase(
        self, mentions: Collection[Mention], *, dossier: DossierId | None = None
    ) -> Erasure:
        """What :meth:`erase` would take away."""
        with self._errors():
            only = erasing.new_filter(self._db, self.api, self.tenant, mentions, dossier)[0]
            mark = pattern_of(each.value for each in mentions)
            return erasing.planned(self._db, only, mark).told

    def would_suppress(self, key: bytes, hashes: Collection[bytes]) -> Erasure:
        """What :meth:`suppress` would take away."""
        with self._errors():
            filter_ = erasing.filter_of(self.api, self.tenant, key, hashes)
            return erasing.planned(self._db, filter_, None).told

    def suppressed(self) -> tuple[bytes, frozenset[bytes]]:
        """The key and the hashes of the list of what was erased."""
        with self._errors():
            return erasing.suppressed(self._db)

    def sharers(self, resource: int) -> list[DossierId]:
        """The dossiers that share a resource, besides its own."""
        with self._errors():
            return erasing.sharers(self._db, resource)

    def audit(self) -> list[AuditEntry]:
        """What was done for persons' rights, oldest first."""
        with self._errors():
            return erasing.audit(self._db)

    def exports(self) -> list[dict[str, Any]]:
        """The exports that were made of it."""
        with self._errors():
            return erasing.exports(self._db)
