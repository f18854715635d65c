"""Rows of the listing, each shown until there is a body where its dossier's pass begins.

Every method is called inside a transaction of the store's.
"""

import hashlib

from elements_procura.harvest.packing import pack
from elements_procura.harvest.sql.database import Database
from elements_procura.spec.source import DossierId


class Spares:
    """The rows that are kept.

    Args:
        db: The store's connection.
    """

    def __init__(self, db: Database) -> None:
        self._db = db

    def keep(self, path: str, row: bytes, *, now: float) -> None:
        """Keep a row of the listing until a body is stored at ``path``."""
        self._db.execute(
            "INSERT INTO spares SELECT id, ?, ?, ? FROM resources"
            " WHERE path = ? AND root = 1 AND coalesce(status, 0) != 200"
            " ON CONFLICT (resource) DO UPDATE"
            " SET at = excluded.at, sha256 = excluded.sha256, body = excluded.body",
            (now, hashlib.sha256(row).digest(), pack(row), path),
        )

    def drop(self, resource: int) -> None:
        """Erase the kept row in whose place there is a body."""
        self._db.execute("DELETE FROM spares WHERE resource = ?", (resource,))

    def forget(self, dossier: DossierId) -> None:
        """Erase the kept row of a deleted dossier."""
        self._db.execute(
            "DELETE FROM spares WHERE resource IN (SELECT id FROM resources WHERE dossier = ?)",
            (dossier,),
        )
