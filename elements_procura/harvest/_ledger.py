"""The ledger's rules: what an answer means for its resource, and that for the dossiers.

A dossier is fetched in *passes*: the first is the harvest, each further one a refresh. A pass
begins with the dossier's roots and ends when nothing of it is open. What an earlier pass has stored
stays until an answer replaces it, and a body that is the same is not written again.

Every method is called inside a transaction of the store's.
"""

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator, Mapping

import attrs

from elements_procura.harvest.refresh import DAY, Seen, observe
from elements_procura.harvest.source import BY_SHARING, DossierId, Root, Row, Want, Work

UNLISTED_AND_404 = "unlisted and 404"
DELETED_SET = "deleted is set"
SHARED_FOR = DAY
"""Seconds after which a refresh asks for a shared resource again."""
_OK, _NOT_FOUND = 200, 404
_UNLINKED = 0  # in the place of a status
_FREE, _OPEN, _FAILED = 0, 1, 2  # what a dossier that shares a resource counts it as


@attrs.frozen
class Closed:
    """A dossier of which nothing is left to fetch.

    Attributes:
        dossier: Its id.
        state: ``complete``, ``quarantined`` or ``gone``.
        before: Its state before, ``open`` in its first pass.
        changed: Whether a refresh has found a change; None for the first pass and for one that
            could not read everything.
    """

    dossier: DossierId
    state: str
    before: str = "open"
    changed: bool | None = None


class Ledger:
    """Dossiers, their resources, and who waits for what.

    Args:
        db: The store's connection.
    """

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._one = db.cursor().execute

    # -- dossiers ----------------------------------------------------------------------------

    def add(self, root: Root, *, listing: int, now: float, history: bool) -> bool:
        """A dossier that a listing names; whether it is new."""
        cursor = self._db.execute(
            "INSERT OR IGNORE INTO dossiers (id, listing, digest) VALUES (?, ?, ?)",
            (root.dossier, listing, root.digest),
        )
        if cursor.rowcount != 1:
            self._listed_again(root, listing=listing)
            if root.row is not None:
                self._replace_row(*root.row, now=now, history=history)
            return False
        self._want_all(root.dossier, root.found.wants, 1, root=1, now=now)
        self.count({f"saved: {reason}": count for reason, count in root.found.saved.items()})
        if root.row is not None:
            want, row = root.row
            for work in self._want_all(root.dossier, [want], 1, root=2, now=now):
                self.keep(work, row.body, now=now, history=False)
                list(self.close(work, failed=False, now=now))
        return True

    def _listed_again(self, root: Root, *, listing: int) -> None:
        # A row that differs is a change that was found for nothing; and one who was deleted and is
        # back is worth a look.
        self._db.execute(
            "UPDATE dossiers SET listing = ?1, unlisted = 0, digest = ?2,"
            " due = due OR (digest IS NOT NULL AND digest IS NOT ?2) OR deleted IS ?3,"
            " deleted = nullif(deleted, ?3) WHERE id = ?4",
            (listing, root.digest, UNLISTED_AND_404, root.dossier),
        )

    def _replace_row(self, want: Want, row: Row, *, now: float, history: bool) -> None:
        known = self._one(
            "UPDATE resources SET state = 'queued' WHERE path = ? AND root = 2"
            " RETURNING id, dossier",
            (want.path,),
        ).fetchone()
        if known is not None:
            resource, dossier = known
            work = Work(resource, dossier, want.kind, want.path)
            self.keep(work, row.body, now=now, history=history)

    def begin_pass(self, dossier: DossierId) -> list[Work]:
        """Begin to refresh a dossier of which nothing is open."""
        roots = self._db.execute(
            "SELECT resources.id, dossier, kind, path FROM resources"
            " JOIN dossiers ON dossiers.id = dossier"
            " WHERE dossier = ? AND root = 1 AND open = 0 ORDER BY resources.id",
            (dossier,),
        ).fetchall()
        if roots:
            self._forgive(dossier)
            self._db.execute(
                "UPDATE dossiers SET pass = pass + 1, failed = 0, partial = 0, open = ?"
                " WHERE id = ?",
                (len(roots), dossier),
            )
            self._db.execute(
                "UPDATE resources SET pass = pass + 1,"
                " state = CASE root WHEN 1 THEN 'queued' ELSE state END"
                " WHERE dossier = ? AND root != 0",
                (dossier,),
            )
            self._db.execute("UPDATE shares SET waiting = 0 WHERE dossier = ?", (dossier,))
        return [Work(*row) for row in roots]

    def _forgive(self, dossier: DossierId) -> None:
        """What is in quarantine is no longer: this pass asks for it again, if it is still there."""
        rows = self._db.execute(
            "SELECT id FROM resources WHERE dossier = ? AND state = 'quarantined'", (dossier,)
        )
        for (resource,) in rows.fetchall():
            self._db.execute(
                "UPDATE resources SET state = iif(status = 200, 'stored', 'gone'), error = NULL"
                " WHERE id = ?",
                (resource,),
            )
            self._uncount_failure(resource, dossier)

    def _uncount_failure(self, resource: int, owner: DossierId) -> None:
        for dossier in self._move_waiting(resource, owner, _FAILED, _FREE):
            self._db.execute("UPDATE dossiers SET failed = failed - 1 WHERE id = ?", (dossier,))

    # -- resources ---------------------------------------------------------------------------

    def keep(self, work: Work, body: bytes, *, now: float, history: bool) -> int | None:
        """Store an answer.

        Returns:
            The pass in which it was wanted; None when it was settled before.
        """
        known = self._one(
            "SELECT pass, share, status, sha256 FROM resources WHERE id = ? AND state = 'queued'",
            (work.id,),
        ).fetchone()
        if known is None:
            return None
        pass_, share, status, before = known
        sha256 = hashlib.sha256(body).digest()
        if status == _OK and before == sha256:
            self._db.execute(
                "UPDATE resources SET state = 'stored', fetched_at = ?, error = NULL WHERE id = ?",
                (now, work.id),
            )
            return int(pass_)
        if before is not None:
            self._replace(work, share, now=now, history=history)
        self._db.execute(
            "UPDATE resources SET state = 'stored', status = 200, fetched_at = ?1, changed_at = ?1,"
            " sha256 = ?2, error = NULL WHERE id = ?3",
            (now, sha256, work.id),
        )
        self._db.execute("INSERT INTO bodies VALUES (?, ?)", (work.id, body))
        if before is None and pass_ > 1 and share is None:
            self._changed(work.dossier)
        return int(pass_)

    def _replace(self, work: Work, share: str | None, *, now: float, history: bool) -> None:
        if history:
            self._db.execute(
                "INSERT INTO history SELECT id, changed_at, ?, body FROM bodies"
                " JOIN resources ON resources.id = resource WHERE resource = ?",
                (now, work.id),
            )
        self._db.execute("DELETE FROM bodies WHERE resource = ?", (work.id,))
        if share is None:
            self._changed(work.dossier)

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

    def fail(self, work: Work, *, error: str) -> bool:
        """A resource cannot be read. What was stored of it stays."""
        cursor = self._db.execute(
            "UPDATE resources SET state = 'quarantined', error = ?"
            " WHERE id = ? AND state = 'queued'",
            (error, work.id),
        )
        return cursor.rowcount == 1

    def mark_deleted(self, dossier: DossierId, *, deleted: bool) -> None:
        """What the dossier itself says of whether it is deleted."""
        self._db.execute(
            "UPDATE dossiers SET deleted = ? WHERE id = ?",
            (DELETED_SET if deleted else None, dossier),
        )

    def want(
        self, dossier: DossierId, wants: Iterable[Want], pass_: int, *, now: float
    ) -> list[Work]:
        """Queue what an answer leads to, unless this pass has met it already."""
        return self._want_all(dossier, wants, pass_, root=0, now=now)

    def _want_all(
        self, dossier: DossierId, wants: Iterable[Want], pass_: int, *, root: int, now: float
    ) -> list[Work]:
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
            return self._want_shared(dossier, want, pass_, now)
        again = self._one(
            "UPDATE resources SET state = 'queued', error = NULL, pass = ?1"
            " WHERE path = ?2 AND dossier = ?3 AND pass < ?1 RETURNING id",
            (pass_, want.path, dossier),
        ).fetchone()
        return None if again is None else Work(again[0], dossier, want.kind, want.path)

    def _want_shared(self, dossier: DossierId, want: Want, pass_: int, now: float) -> Work | None:
        """A shared resource that is known: it is waited for, taken as it is, or asked for again.

        It is asked for at the path of the dossier that wants it, for that one surely leads there,
        and belongs to it from then on.
        """
        known, owner, state, is_old = self._one(
            "SELECT id, dossier, state, fetched_at < ? FROM resources WHERE share = ?",
            (now - SHARED_FOR, want.share),
        ).fetchone()
        if state != "queued" and pass_ > 1 and (is_old or state == "quarantined"):
            if state == "quarantined":
                self._uncount_failure(known, owner)
            if owner != dossier:
                self._db.execute(
                    "DELETE FROM shares WHERE resource = ? AND dossier = ?", (known, dossier)
                )
                self._db.execute("INSERT INTO shares VALUES (?, ?, ?)", (known, owner, _FREE))
            self._db.execute(
                "UPDATE resources SET dossier = ?, path = ?, state = 'queued', error = NULL,"
                " pass = ? WHERE id = ?",
                (dossier, want.path, pass_, known),
            )
            return Work(known, dossier, want.kind, want.path)
        if owner != dossier:
            self._share(known, dossier, {"queued": _OPEN, "quarantined": _FAILED}.get(state, _FREE))
        return None

    def _share(self, resource: int, dossier: DossierId, waiting: int) -> None:
        before = self._one(
            "SELECT waiting FROM shares WHERE resource = ? AND dossier = ?", (resource, dossier)
        ).fetchone()
        if before is None or before[0] != waiting:
            self._db.execute(
                "INSERT OR REPLACE INTO shares VALUES (?, ?, ?)", (resource, dossier, waiting)
            )
            self._db.execute(
                "UPDATE dossiers SET open = open + ?, failed = failed + ? WHERE id = ?",
                (waiting == _OPEN, waiting == _FAILED, dossier),
            )
        self.count({f"saved: {BY_SHARING}": 1})

    def requeue_quarantined(self) -> int:
        """Put everything that is in quarantine back into the queue; how many resources."""
        rows = self._db.execute("SELECT id, dossier FROM resources WHERE state = 'quarantined'")
        resources = rows.fetchall()
        for resource, owner in resources:
            self._db.execute(
                "UPDATE resources SET state = 'queued', error = NULL WHERE id = ?", (resource,)
            )
            for dossier in self._move_waiting(resource, owner, _FAILED, _OPEN):
                self._db.execute(
                    "UPDATE dossiers SET open = open + 1, failed = failed - 1, state = 'open'"
                    " WHERE id = ?",
                    (dossier,),
                )
        return len(resources)

    def _move_waiting(
        self, resource: int, owner: DossierId, before: int, after: int
    ) -> list[DossierId]:
        rows = self._db.execute(
            "UPDATE shares SET waiting = ? WHERE resource = ? AND waiting = ? RETURNING dossier",
            (after, resource, before),
        )
        return [owner, *(dossier for (dossier,) in rows.fetchall())]

    # -- the end of a pass -------------------------------------------------------------------

    def close(self, work: Work, *, failed: bool, now: float) -> Iterator[Closed]:
        """Count a settled resource off on every dossier that waits for it."""
        after = _FAILED if failed else _FREE
        for dossier in self._move_waiting(work.id, work.dossier, _OPEN, after):
            left, failures = self._one(
                "UPDATE dossiers SET open = open - 1, failed = failed + ? WHERE id = ?"
                " RETURNING open, failed",
                (failed, dossier),
            ).fetchone()
            if left == 0:
                yield self._end_pass(dossier, failures, now=now)

    def _end_pass(self, dossier: DossierId, failures: int, *, now: float) -> Closed:
        before, pass_, partial, fetched_at, unlisted, *shown = self._one(
            "SELECT state, pass, partial, fetched_at, unlisted, changes, busy, quiet"
            " FROM dossiers WHERE id = ?",
            (dossier,),
        ).fetchone()
        cost, begun_at, stored = self._one(
            "SELECT count(*), min(fetched_at), total(state = 'stored') FROM resources"
            " WHERE dossier = ? AND pass = ? AND share IS NULL",
            (dossier, pass_),
        ).fetchone()
        if failures:
            self._db.execute(
                "UPDATE dossiers SET state = 'quarantined', tried_at = ?, cost = ?, due = 0"
                " WHERE id = ?",
                (now, cost, dossier),
            )
            return Closed(dossier, "quarantined", before)
        state = "complete" if stored else "gone"
        if unlisted and self._root_is_gone(dossier):
            state = "gone"
            self._bury(dossier)
        elif pass_ > 1 and stored and not partial:
            self._drop_unlinked(dossier, pass_)
        (changed,) = self._one("SELECT changed FROM dossiers WHERE id = ?", (dossier,)).fetchone()
        seen = Seen(*shown)
        if pass_ > 1:
            self.count({"refreshed": 1, "changed": changed})
            if fetched_at is not None:
                seen = observe(seen, elapsed=begun_at - fetched_at, changed=bool(changed))
        self._db.execute(
            "UPDATE dossiers SET state = ?1, tried_at = ?2, fetched_at = ?2, cost = ?3,"
            " changed = 0, partial = 0, due = 0, changes = ?4, busy = ?5, quiet = ?6"
            " WHERE id = ?7",
            (state, begun_at, cost, *attrs.astuple(seen), dossier),
        )
        return Closed(dossier, state, before, bool(changed) if pass_ > 1 else None)

    def _root_is_gone(self, dossier: DossierId) -> bool:
        root = self._one(
            "SELECT status FROM resources WHERE dossier = ? AND root = 1 ORDER BY id LIMIT 1",
            (dossier,),
        ).fetchone()
        return bool(root == (_NOT_FOUND,))

    def _bury(self, dossier: DossierId) -> None:
        """Unlisted by a complete listing, and not there when asked for: that is evidence."""
        self._db.execute(
            "UPDATE dossiers SET deleted = ? WHERE id = ?", (UNLISTED_AND_404, dossier)
        )
        self._db.execute("DELETE FROM shares WHERE dossier = ?", (dossier,))
        self._bequeath(dossier)
        self._db.execute(
            "UPDATE resources SET state = 'gone', status = 404 WHERE dossier = ?", (dossier,)
        )

    def _bequeath(self, dossier: DossierId) -> None:
        """What others share goes to one of them, who is to ask for it by a path of its own."""
        shared = self._db.execute(
            "SELECT id FROM resources WHERE dossier = ? AND share IS NOT NULL", (dossier,)
        )
        for (resource,) in shared.fetchall():
            heir = self._one(
                "DELETE FROM shares WHERE resource = ?1 AND dossier ="
                " (SELECT dossier FROM shares WHERE resource = ?1 LIMIT 1) RETURNING dossier",
                (resource,),
            ).fetchone()
            if heir is not None:
                self._db.execute(
                    "UPDATE resources SET dossier = ?, fetched_at = 0 WHERE id = ?",
                    (*heir, resource),
                )

    def _drop_unlinked(self, dossier: DossierId, pass_: int) -> None:
        """What a whole pass has not met is no longer there. Shared things may be, for others."""
        cursor = self._db.execute(
            "UPDATE resources SET state = 'gone', status = ?1, error = NULL"
            " WHERE dossier = ?2 AND pass < ?3 AND share IS NULL AND status IS NOT ?1",
            (_UNLINKED, dossier, pass_),
        )
        if cursor.rowcount:
            self._changed(dossier)

    def _changed(self, dossier: DossierId) -> None:
        self._db.execute("UPDATE dossiers SET changed = 1 WHERE id = ?", (dossier,))

    # -- counts ------------------------------------------------------------------------------

    def count(self, more: Mapping[str, int]) -> None:
        """Add to the counts."""
        self._db.executemany(
            "INSERT INTO counts VALUES (?, ?)"
            " ON CONFLICT (name) DO UPDATE SET value = value + excluded.value",
            [(name, value) for name, value in more.items() if value],
        )
