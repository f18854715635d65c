"""Kinds that may not be read: tried by one request a day, whatever leads to them.

A kind is *not granted* when none of it was ever read and every request for it is refused. If any of
it was read, refused resources are *forbidden*: a right is missing.
"""

from elements_procura.harvest.policy.doubt import SECOND_LOOK
from elements_procura.harvest.sql.database import Database

IS_DOSSIER = (
    "(root = 1 AND NOT EXISTS (SELECT 1 FROM resources AS row"
    " WHERE row.dossier = r.dossier AND row.root = 2))"
)
"""A condition on a resource ``r``: its dossier is unknown without it, as the listing has no
rows."""


class Rights:
    """The kinds that may not be read.

    Args:
        db: The store's connection.

    Attributes:
        missing: Kinds that are not granted.
    """

    def __init__(self, db: Database) -> None:
        self._db = db
        self.missing: dict[str, float] = {}
        self._accepted: frozenset[str] = frozenset()

    def read(self) -> None:
        """Read the kinds that are not granted, and the acknowledged missing rights."""
        self.missing = dict(
            self._db.execute(
                "SELECT kind, max(fetched_at) FROM resources AS r WHERE state = 'forbidden'"  # noqa: S608 - a constant
                f" AND NOT {IS_DOSSIER} GROUP BY kind HAVING max(status) = 403 AND NOT EXISTS"
                " (SELECT 1 FROM resources WHERE kind = r.kind AND status = 200)"
            ).fetchall()
        )
        self._accepted = frozenset(
            subject
            for (subject,) in self._db.execute(
                "SELECT subject FROM accepted WHERE state = 'forbidden'"
            ).fetchall()
        )

    def accepts(self, kind: str) -> bool:
        """Whether a person has acknowledged that the right to read a kind is missing."""
        return kind in self._accepted

    def is_to_be_left(self, kind: str, *, now: float) -> bool:
        """Whether to skip one of a kind: after one trial, the next are skipped."""
        asked = self.missing.get(kind)
        if asked is None:
            return False
        if asked <= now < asked + SECOND_LOOK:
            return True
        self.missing[kind] = now
        return False

    def note_refusal(self, kind: str, *, now: float) -> None:
        """Note that one of a kind was refused."""
        if kind in self.missing:
            self.missing[kind] = now

    def note_grant(self, kind: str) -> None:
        """Note that one of a kind was read."""
        self.missing.pop(kind, None)
