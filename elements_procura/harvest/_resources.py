"""The ledger's resources: what an answer changes of them, and what it leads to.

Every method is called inside a transaction of the store's.
"""

import hashlib
import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping

import attrs

from elements_procura.harvest._sharing import FAILED, OPEN, Sharing
from elements_procura.harvest.source import DossierId, Want, Work

_OK = 200


@attrs.frozen
class Kept:
    """What an answer is that was stored.

    Attributes:
        pass_: The pass of its dossier in which it was wanted.
        is_shared: Whether other dossiers may wait for it.
        is_new: Whether nothing was stored in its place.
    """

    pass_: int
    is_shared: bool
    is_new: bool


class Resources:
    """Resources and their bodies.

    Args:
        db: The store's connection.

    Attributes:
        sharing: Who shares them.
    """

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._one = db.cursor().execute
        self._counts: Counter[str] = Counter()
        self.sharing = Sharing(db, self.count)

    def keep(self, work: Work, body: bytes, *, now: float, history: bool) -> Kept | None:
        """Store an answer; None when it was settled before."""
        known = self._one(
            "SELECT pass, share, status, sha256 FROM resources WHERE id = ? AND state = 'queued'",
            (work.id,),
        ).fetchone()
        if known is None:
            return None
        pass_, share, status, before = known
        kept = Kept(pass_, share is not None, status != _OK)
        sha256 = hashlib.sha256(body).digest()
        if status == _OK and before == sha256:
            self._db.execute(
                "UPDATE resources SET state = 'stored', fetched_at = ?, error = NULL WHERE id = ?",
                (now, work.id),
            )
            return kept
        if before is not None:
            self._replace(work, share, now=now, history=history)
        self._db.execute(
            "UPDATE resources SET state = 'stored', status = 200, fetched_at = ?1, changed_at = ?1,"
            " sha256 = ?2, error = NULL WHERE id = ?3",
            (now, sha256, work.id),
        )
        self._db.execute("INSERT INTO bodies VALUES (?, ?)", (work.id, body))
        if before is None and pass_ > 1 and share is None:
            self.note_change(work.dossier)
        return kept

    def _replace(self, work: Work, share: str | None, *, now: float, history: bool) -> None:
        if history:
            self._db.execute(
                "INSERT INTO history SELECT id, changed_at, ?, body FROM bodies"
                " JOIN resources ON resources.id = resource WHERE resource = ?",
                (now, work.id),
            )
        self._db.execute("DELETE FROM bodies WHERE resource = ?", (work.id,))
        if share is None:
            self.note_change(work.dossier)

    def lose(self, work: Work, *, status: int, now: float) -> bool:
        """A resource does not exist, or may not be read. What was stored of it stays."""
        known = self._one(
            "SELECT share, status FROM resources WHERE id = ? AND state = 'queued'", (work.id,)
        ).fetchone()
        if known is None:
            return False
        self._db.execute(
            "UPDATE resources SET state = 'gone', status = ?, fetched_at = ?, error = NULL"
            " WHERE id = ?",
            (status, now, work.id),
        )
        share, before = known
        if before == _OK and share is None:
            self._db.execute(
                "UPDATE dossiers SET changed = 1, partial = 1 WHERE id = ?", (work.dossier,)
            )
        return True

    def fail(self, work: Work, *, error: str, now: float) -> bool:
        """A resource cannot be read. What was stored of it stays."""
        cursor = self._db.execute(
            "UPDATE resources SET state = 'quarantined', error = ?,"
            " fetched_at = iif(share IS NULL, fetched_at, ?) WHERE id = ? AND state = 'queued'",
            (error, now, work.id),
        )
        return cursor.rowcount == 1

    # -- what is wanted ----------------------------------------------------------------------

    def want(
        self,
        dossier: DossierId,
        wants: Iterable[Want],
        pass_: int,
        *,
        now: float,
        root: int = 0,
    ) -> list[Work]:
        """Queue what a dossier leads to, unless this pass of it has met it already.

        Args:
            dossier: Its id.
            wants: What it leads to.
            pass_: The number of its pass.
            now: Seconds since the epoch.
            root: 1 for what no answer leads to, 2 for its row in the listing.
        """
        new = [made for want in wants if (made := self._want(dossier, want, pass_, root, now))]
        if new:
            self._db.execute(
                "UPDATE dossiers SET open = open + ? WHERE id = ?", (len(new), dossier)
            )
        return new

    def _want(
        self, dossier: DossierId, want: Want, pass_: int, root: int, now: float
    ) -> Work | None:
        cursor = self._db.execute(
            "INSERT OR IGNORE INTO resources (dossier, kind, path, share, pass, root)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (dossier, want.kind, want.path, want.share, pass_, root),
        )
        if cursor.rowcount == 1 and cursor.lastrowid is not None:
            return Work(cursor.lastrowid, dossier, want.kind, want.path)
        if want.share is not None:
            if self.sharing.knows(want.share):
                return self.sharing.meet(dossier, want, pass_, now=now)
            self.sharing.vacate(want.path)
            return self._want(dossier, want, pass_, root, now)
        again = self._one(
            "UPDATE resources SET state = 'queued', error = NULL, pass = ?1"
            " WHERE path = ?2 AND dossier = ?3 AND pass < ?1 RETURNING id",
            (pass_, want.path, dossier),
        ).fetchone()
        return None if again is None else Work(again[0], dossier, want.kind, want.path)

    def requeue_quarantined(self) -> int:
        """Put everything that is in quarantine back into the queue; how many resources."""
        rows = self._db.execute("SELECT id, dossier FROM resources WHERE state = 'quarantined'")
        resources = rows.fetchall()
        for resource, owner in resources:
            self._db.execute(
                "UPDATE resources SET state = 'queued', error = NULL WHERE id = ?", (resource,)
            )
            for dossier in (owner, *self.sharing.move_waiting(resource, FAILED, OPEN)):
                self._db.execute(
                    "UPDATE dossiers SET open = open + 1, failed = failed - 1, state = 'open'"
                    " WHERE id = ?",
                    (dossier,),
                )
        return len(resources)

    def forgive(self, dossier: DossierId) -> None:
        """What is in quarantine is no longer: this pass asks for it again, if it is still there."""
        self.sharing.leave_failed(dossier)
        self._db.execute(
            "UPDATE resources SET state = iif(status = 200, 'stored', 'gone'), error = NULL,"
            " fetched_at = iif(share IS NULL, fetched_at, 0)"
            " WHERE dossier = ? AND state = 'quarantined'",
            (dossier,),
        )

    def note_change(self, dossier: DossierId) -> None:
        """A pass has found a change of a dossier."""
        self._db.execute("UPDATE dossiers SET changed = 1 WHERE id = ?", (dossier,))

    def count(self, more: Mapping[str, int]) -> None:
        """Add to the counts, as of the end of the transaction."""
        for name, value in more.items():
            self._counts[name] += value

    def write_counts(self) -> None:
        """The transaction ends."""
        if self._counts:
            self._db.executemany(
                "INSERT INTO counts VALUES (?, ?)"
                " ON CONFLICT (name) DO UPDATE SET value = value + excluded.value",
                [(name, value) for name, value in self._counts.items() if value],
            )
        self.forget_counts()

    def forget_counts(self) -> None:
        """The transaction has come to nothing."""
        self._counts.clear()
