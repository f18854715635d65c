"""The ledger's dossiers: how they are listed, fetched, found changed, and found deleted.

A dossier is fetched in *passes*: the first is the harvest, each further one a refresh. A pass
begins with the dossier's roots and ends when nothing of it is open. What an earlier pass has stored
stays until an answer replaces it, and a body that is the same is not written again.

Every method is called inside a transaction of the store's.
"""

import sqlite3
from collections.abc import Iterator

import attrs

from elements_procura.harvest._resources import Resources
from elements_procura.harvest._sharing import FAILED, FREE, OPEN, UNLINKED
from elements_procura.harvest.refresh import Seen, observe
from elements_procura.harvest.source import DossierId, Root, Row, Want, Work

UNLISTED_AND_404 = "unlisted and 404"
DELETED_SET = "deleted is set"
_NOT_FOUND = 404


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


class Dossiers:
    """Dossiers and their passes.

    Args:
        db: The store's connection.
        resources: What hangs on them.
    """

    def __init__(self, db: sqlite3.Connection, resources: Resources) -> None:
        self._db = db
        self._one = db.cursor().execute
        self._resources = resources

    # -- the listing -------------------------------------------------------------------------

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
        self._resources.want(root.dossier, root.found.wants, 1, root=1, now=now)
        self._resources.count(
            {f"saved: {reason}": count for reason, count in root.found.saved.items()}
        )
        if root.row is not None:
            want, row = root.row
            for work in self._resources.want(root.dossier, [want], 1, root=2, now=now):
                self._resources.keep(work, row.body, now=now, history=False)
                list(self.close(work, failed=False, now=now))
        return True

    def _listed_again(self, root: Root, *, listing: int) -> None:
        # A row that differs is a change that was found for nothing; and one who was deleted and is
        # back is worth a look. Digests of different lengths were made in different ways.
        self._db.execute(
            "UPDATE dossiers SET listing = ?1, unlisted = 0, digest = ?2,"
            " due = due OR (digest IS NOT NULL AND digest IS NOT ?2"
            " AND length(digest) = length(coalesce(?2, digest)))"
            " OR deleted IS ?3,"
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
            self._resources.keep(work, row.body, now=now, history=history)
            # Where the row is all that is harvested, this was a refresh.
            self._db.execute(
                "UPDATE dossiers SET fetched_at = ? WHERE id = ?"
                " AND NOT EXISTS (SELECT 1 FROM resources"
                " WHERE dossier = dossiers.id AND root = 1)",
                (now, dossier),
            )

    # -- passes ------------------------------------------------------------------------------

    def begin_pass(self, dossier: DossierId) -> list[Work]:
        """Begin to refresh a dossier of which nothing is open."""
        roots = self._db.execute(
            "SELECT resources.id, dossier, kind, path FROM resources"
            " JOIN dossiers ON dossiers.id = dossier"
            " WHERE dossier = ? AND root = 1 AND open = 0 ORDER BY resources.id",
            (dossier,),
        ).fetchall()
        if roots:
            self._resources.forgive(dossier)
            self._db.execute(
                "UPDATE dossiers SET pass = pass + 1, failed = 0, partial = 0, due = 0, open = ?"
                " WHERE id = ?",
                (len(roots), dossier),
            )
            self._db.execute(
                "UPDATE resources SET pass = pass + 1,"
                " state = CASE root WHEN 1 THEN 'queued' ELSE state END"
                " WHERE dossier = ? AND root != 0",
                (dossier,),
            )
        return [Work(*row) for row in roots]

    def mark_deleted(self, dossier: DossierId, *, deleted: bool) -> None:
        """What the dossier itself says of whether it is deleted."""
        self._db.execute(
            "UPDATE dossiers SET deleted = ? WHERE id = ?",
            (DELETED_SET if deleted else None, dossier),
        )

    def close(
        self, work: Work, *, failed: bool, now: float, is_shared: bool = True
    ) -> Iterator[Closed]:
        """Count a settled resource off on every dossier that waits for it."""
        after = FAILED if failed else FREE
        waiting = [work.dossier]
        if is_shared:
            waiting += self._resources.sharing.move_waiting(work.id, OPEN, after)
        for dossier in waiting:
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
        # A row costs nothing, and shows that a dossier is there only where it is all there is.
        cost, begun_at, stored = self._one(
            "SELECT count(*) FILTER (WHERE root != 2), min(fetched_at),"
            " total(state = 'stored' AND (root != 2 OR NOT EXISTS (SELECT 1 FROM resources AS other"
            " WHERE other.dossier = resources.dossier AND other.root = 1))) FROM resources"
            " WHERE dossier = ? AND pass = ? AND +share IS NULL",
            (dossier, pass_),
        ).fetchone()
        if failures:
            self._db.execute(
                "UPDATE dossiers SET state = 'quarantined', tried_at = ?, cost = ? WHERE id = ?",
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
            self._resources.count({"refreshed": 1, "changed": changed})
            if fetched_at is not None:
                seen = observe(seen, elapsed=begun_at - fetched_at, changed=bool(changed))
        self._db.execute(
            "UPDATE dossiers SET state = ?1, tried_at = ?2, fetched_at = ?3, cost = ?4,"
            " changed = 0, partial = 0, changes = ?5, busy = ?6, quiet = ?7"
            " WHERE id = ?8",
            (state, now, begun_at, cost, *attrs.astuple(seen), dossier),
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
            "UPDATE dossiers SET deleted = ?, unlisted = 0 WHERE id = ?",
            (UNLISTED_AND_404, dossier),
        )
        self._resources.sharing.leave_all(dossier)
        self._db.execute(
            "UPDATE resources SET state = 'gone', status = 404 WHERE dossier = ?", (dossier,)
        )

    def _drop_unlinked(self, dossier: DossierId, pass_: int) -> None:
        """What a whole pass has not met is no longer there. Shared things may be, for others."""
        self._resources.sharing.leave_unmet(dossier, pass_)
        cursor = self._db.execute(
            "UPDATE resources SET state = 'gone', status = ?1, error = NULL"
            " WHERE dossier = ?2 AND pass < ?3 AND +share IS NULL AND status IS NOT ?1",
            (UNLINKED, dossier, pass_),
        )
        if cursor.rowcount:
            self._resources.note_change(dossier)
