"""The ledger's dossiers: how they are listed, fetched, found changed, and found deleted.

A dossier is fetched in *passes*: the first is the harvest, each further one a refresh. A pass
begins with the dossier's roots and ends when nothing of it is open. Bodies of an earlier pass stay
until an answer replaces them, and a body that is the same is not written again.

Every method is called inside a transaction of the store's.
"""

from collections.abc import Collection
from typing import cast

from elements_procura.harvest.policy import refresh
from elements_procura.harvest.policy.parts import HALF_LIFE
from elements_procura.harvest.policy.refresh import Observations, observe
from elements_procura.harvest.records import DELETED_SET, UNLISTED_AND_404, ClosedDossier
from elements_procura.harvest.sql.database import Database
from elements_procura.harvest.sql.looks import note_left_behind
from elements_procura.harvest.sql.losses import DOSSIER
from elements_procura.harvest.sql.met import MetResources, met_by
from elements_procura.harvest.sql.notes import LOSING, RETURNING, UNSEEN, parts_of
from elements_procura.harvest.sql.parts import Parts
from elements_procura.harvest.sql.resources import Resources
from elements_procura.harvest.sql.sharing import FAILED, FREE, OPEN
from elements_procura.harvest.sql.wants import Origin
from elements_procura.spec.source import BY_RIGHT, DossierId, Root, Row, Want, Work, differing


class Dossiers:
    """Dossiers and their passes.

    Args:
        db: The store's connection.
        resources: Their resources.

    Attributes:
        parts: Their parts.
    """

    def __init__(self, db: Database, resources: Resources) -> None:
        self._db = db
        self._one = db.cursor().execute
        self._resources = resources
        self.parts: Parts = Parts(db, resources)

    # -- the listing -------------------------------------------------------------------------

    def add(self, root: Root, *, listing: int, now: float, history: bool) -> bool:
        """Note a dossier that a listing names; return whether it is new."""
        cursor = self._db.execute(
            "INSERT INTO dossiers (id, listing, digest) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            (root.dossier, listing, root.digest),
        )
        if cursor.rowcount != 1:
            self._listed_again(root, listing=listing)
            if root.spare is not None:
                self._resources.spares.keep(root.found.wants[0].path, root.spare.body, now=now)
            if root.row is not None:
                self._resources.move_roots(root.dossier, root.found.wants)
                self._replace_row(root, now=now, history=history)
            return False
        new = self._resources.want(Origin(root.dossier, 1, root=1), root.found.wants, now=now)
        if root.spare is not None and new:
            self._resources.spares.keep(new[0].path, root.spare.body, now=now)
        self._resources.count(
            {f"saved: {reason}": count for reason, count in root.found.saved.items()}
        )
        if root.row is not None:
            want, row = root.row
            for work in self._resources.want(Origin(root.dossier, 1, root=2), [want], now=now):
                self._resources.answers.keep(work, row.body, now=now, history=False)
                self.close(work, failed=False, now=now)
        return True

    def _listed_again(self, root: Root, *, listing: int) -> None:
        # A row that differs is a change that was found for nothing; and one who was deleted and is
        # back is worth a look. Digests of different lengths were made in different ways.
        (before,) = self._db.execute(
            "UPDATE dossiers SET listing = :listing, unlisted = 0, lacking_since = NULL,"
            " digest = :digest, digest_before = digest,"
            " due = CASE WHEN due = 1 OR deleted = :unlisted OR (:all AND digest !="
            " coalesce(:digest, '') AND length(digest) = length(coalesce(:digest, digest)))"
            " THEN 1 ELSE due END,"
            " deleted_at = CASE WHEN deleted = :unlisted THEN NULL ELSE deleted_at END,"
            " deleted = nullif(deleted, :unlisted)"
            " WHERE id = :dossier RETURNING digest_before",
            {
                "listing": listing,
                "digest": root.digest,
                "unlisted": UNLISTED_AND_404,
                "dossier": root.dossier,
                "all": not root.signs,
            },
        ).fetchone()
        if root.signs and before and root.digest and len(before) == len(root.digest):
            parts = differing(root.signs, bytes(before), root.digest)
            if parts:
                self.parts.note_signs(root.dossier, parts)

    def _replace_row(self, root: Root, *, now: float, history: bool) -> None:
        want, row = cast("tuple[Want, Row]", root.row)
        known = self._one(
            "UPDATE resources SET state = 'queued' WHERE path = ? AND root = 2"
            " RETURNING id, dossier",
            (want.path,),
        ).fetchone()
        if known is not None:
            resource, dossier = known
            work = Work(resource, dossier, want.kind, want.path)
            self._resources.answers.keep(work, row.body, now=now, history=history)
            # Where the row is all that is harvested, this was a refresh.
            self._db.execute(
                "UPDATE dossiers SET fetched_at = ? WHERE id = ?"
                " AND NOT EXISTS (SELECT 1 FROM resources"
                " WHERE dossier = dossiers.id AND root = 1)",
                (now, dossier),
            )
            return
        # Of a store in which rows were not kept: nobody waits for it.
        (pass_,) = self._one("SELECT pass FROM dossiers WHERE id = ?", (root.dossier,)).fetchone()
        made = self._one(
            "INSERT INTO resources (dossier, kind, path, root, pass) VALUES (?, ?, ?, 2, ?)"
            " ON CONFLICT DO NOTHING RETURNING id",
            (root.dossier, want.kind, want.path, pass_),
        ).fetchone()
        if made is not None:
            work = Work(made[0], root.dossier, want.kind, want.path)
            self._resources.answers.keep(work, row.body, now=now, history=False, is_news=False)

    # -- passes ------------------------------------------------------------------------------

    def begin_pass(
        self,
        dossier: DossierId,
        *,
        now: float,
        asked: Collection[str] | None = None,
        prompted: Collection[str] = (),
    ) -> list[Work]:
        """Begin to refresh a dossier with nothing open.

        Roots that may not be read are skipped; if there are no others, the pass is complete.

        Args:
            dossier: Its id.
            now: Seconds since the epoch.
            asked: The parts to ask for, if nothing of it is in doubt; None for all.
            prompted: The parts that a noisy sign has brought forward.
        """
        if asked is not None and self.parts.are_fit(dossier):
            new = self.parts.begin(dossier, asked, prompted=prompted, now=now)
            if not new:
                self._end_pass(dossier, 0, now=now)
            return new
        roots = self._db.execute(
            "SELECT resources.id, dossier, kind, path FROM resources"
            " JOIN dossiers ON dossiers.id = dossier"
            " WHERE dossier = ? AND root = 1 AND open = 0 ORDER BY resources.id",
            (dossier,),
        ).fetchall()
        if roots:
            left = self._left(roots, now=now)
            roots = [each for each in roots if each[0] not in left]
            self._resources.clear_quarantine(dossier, now=now)
            self.parts.begin_whole(dossier)
            self._db.execute(
                "UPDATE dossiers SET pass = pass + 1, failed = 0, due = 0, parts = NULL, open = ?,"
                " partial = CASE WHEN EXISTS (SELECT 1 FROM resources JOIN losses ON resource ="
                " resources.id WHERE dossier = dossiers.id AND +share IS NULL"
                " AND losses.state IN ('pending', 'doubted')) THEN ? ELSE 0 END WHERE id = ?",
                (len(roots), RETURNING, dossier),
            )
            self._db.execute(
                "UPDATE resources SET pass = pass + 1,"
                " state = CASE root WHEN 1 THEN 'queued' ELSE state END"
                " WHERE dossier = ? AND root != 0",
                (dossier,),
            )
            self._db.executemany(
                "UPDATE resources SET state = 'forbidden' WHERE id = ?", [(each,) for each in left]
            )
            if not roots:
                self._end_pass(dossier, 0, now=now)
        return [Work(*row) for row in roots]

    def _left(self, roots: list[tuple[int, DossierId, str, str]], *, now: float) -> set[int]:
        """Roots of forbidden kinds, one of which was tried today already."""
        rights = self._resources.rights
        left = {
            resource
            for resource, _, kind, _ in roots
            if kind in rights.missing
            and self._one(
                "SELECT 1 FROM resources WHERE id = ? AND state = 'forbidden'", (resource,)
            ).fetchone()
            and rights.is_to_be_left(kind, now=now)
        }
        if left:
            self._resources.count({f"saved: {BY_RIGHT}": len(left)})
        return left

    def set_deleted(self, dossier: DossierId, *, deleted: bool, now: float) -> None:
        """Set whether the dossier's own answer says that it is deleted."""
        self._db.execute(
            "UPDATE dossiers SET deleted = ?, deleted_at = coalesce(deleted_at, ?) WHERE id = ?"
            if deleted
            else "UPDATE dossiers SET deleted = NULL, deleted_at = NULL WHERE id = ?",
            (DELETED_SET, now, dossier) if deleted else (dossier,),
        )

    def close(
        self, work: Work, *, failed: bool, now: float, is_shared: bool = True
    ) -> list[ClosedDossier]:
        """Count a settled resource off on every dossier that waits for it; return who is done."""
        after = FAILED if failed else FREE
        waiting, closed = [work.dossier], []
        if is_shared:
            waiting += self._resources.sharing.move_waiting(work.id, OPEN, after)
        for dossier in waiting:
            left, failures = self._resources.open.settle(dossier, failed=failed)
            if left == 0:
                closed.append(self._end_pass(dossier, failures, now=now))
        return closed

    def _end_pass(self, dossier: DossierId, failures: int, *, now: float) -> ClosedDossier:
        before, pass_, partial, parts = self._one(
            "SELECT state, pass, partial, parts FROM dossiers WHERE id = ?", (dossier,)
        ).fetchone()
        found = self._met(dossier, pass_)
        if failures:
            self._db.execute(
                "UPDATE dossiers SET state = 'quarantined', tried_at = ?, cost = ? WHERE id = ?",
                (now, found.cost, dossier),
            )
            return ClosedDossier(dossier, "quarantined", before)
        state = "complete" if found.stored else "gone"
        if found.root_is_lost and before == "gone":
            state = before
        asked = parts_of(parts)
        if pass_ > 1 and found.stored:
            if asked is not None:
                is_losing = self.parts.drop_unseen(dossier, pass_, asked, now=now)
            else:
                is_losing = not partial & UNSEEN and self._drop_unseen(dossier, pass_, now=now)
            partial |= LOSING if is_losing else 0
        if asked is not None:
            self._learn_parts(dossier, pass_, asked, now=now)
        elif not partial & LOSING:
            whole = state == "complete" and not partial & UNSEEN
            self._learn_all(dossier, found, pass_, partial, is_whole=whole, now=now)
        (changed,) = self._one("SELECT changed FROM dossiers WHERE id = ?", (dossier,)).fetchone()
        if partial & (LOSING | RETURNING):
            # Nobody knows yet what it means: neither the policy learns from it, nor is it told.
            changed = None
        if pass_ > 1:
            self._resources.count({"refreshed": 1, "changed": changed or 0})
        self._db.execute(
            "UPDATE dossiers SET state = ?, tried_at = ?, cost = ?, changed = 0, partial = 0"
            " WHERE id = ?",
            (state, now, found.cost, dossier),
        )
        return ClosedDossier(
            dossier, state, before, bool(changed) if pass_ > 1 and changed is not None else None
        )

    def _learn_parts(
        self, dossier: DossierId, pass_: int, asked: Collection[str], *, now: float
    ) -> None:
        """Store what a pass of some parts has shown of them, and of their dossier."""
        looks = self._met(dossier, pass_).looks
        taught = self.parts.end(dossier, looks, asked, now=now)
        seen = self._seen(dossier)
        if taught is not None:
            seen = observe(seen, elapsed=taught[0], changed=taught[1], half_life=HALF_LIFE)
        self._learn(dossier, seen, self.parts.fetched_at(dossier) or now)

    def _learn_all(
        self,
        dossier: DossierId,
        found: MetResources,
        pass_: int,
        partial: int,
        *,
        is_whole: bool,
        now: float,
    ) -> None:
        """Store what a pass of all parts has shown; from then on they may be asked for apart."""
        begun_at = found.begun_at or now
        fetched_at, changed = self._one(
            "SELECT fetched_at, changed FROM dossiers WHERE id = ?", (dossier,)
        ).fetchone()
        seen, is_returning = self._seen(dossier), bool(partial & RETURNING)
        # Of a clock that was ahead nothing is learned.
        is_fair = fetched_at is not None and fetched_at <= begun_at
        if pass_ > 1 and is_fair and not is_returning:
            seen = observe(
                seen,
                elapsed=begun_at - fetched_at,
                changed=bool(changed),
                half_life=HALF_LIFE if found.has_parts else refresh.HALF_LIFE,
            )
        self._learn(dossier, seen, begun_at)
        if found.has_parts and is_whole:
            self.parts.end(dossier, found.looks, None, now=now, is_returning=is_returning)
        else:
            self.parts.forget(dossier)

    def _seen(self, dossier: DossierId) -> Observations:
        row = self._one("SELECT changes, busy, quiet FROM dossiers WHERE id = ?", (dossier,))
        return Observations(*row.fetchone())

    def _met(self, dossier: DossierId, pass_: int) -> MetResources:
        kinds = self._resources.often_missing.kinds()
        return met_by(
            self._db, dossier, pass_, often_missing=kinds, part_of=self._resources.parts.of
        )

    def _learn(self, dossier: DossierId, seen: Observations, fetched_at: float) -> None:
        """Store the observations of a pass that could read everything."""
        self._db.execute(
            "UPDATE dossiers SET fetched_at = ?, changes = ?, busy = ?, quiet = ? WHERE id = ?",
            (fetched_at, *seen.numbers, dossier),
        )

    def _drop_unseen(self, dossier: DossierId, pass_: int, *, now: float) -> bool:
        """Mark resources not seen in a complete pass as lost; return whether any are.

        Shared resources may still exist for others.
        """
        self._resources.sharing.drop_unseen(dossier, pass_, now=now)
        note_left_behind(self._db, dossier, pass_, now=now)
        return self._resources.losses.note_unlinked(dossier, pass_, now=now)

    # -- what is lost -------------------------------------------------------------------------

    def mark_deleted(self, dossier: DossierId, *, now: float) -> ClosedDossier | None:
        """Mark a dossier as deleted: a believed listing lacks it, and asking for it gave 404.

        Returns: Its new state; None if something of it is open.
        """
        before = self._one(
            "SELECT state FROM dossiers WHERE id = ? AND open = 0", (dossier,)
        ).fetchone()
        if before is None:
            return None
        self._db.execute(
            "UPDATE dossiers SET deleted = ?, deleted_at = ?, unlisted = 0, state = 'gone'"
            " WHERE id = ?",
            (UNLISTED_AND_404, now, dossier),
        )
        # What it shared with nobody is gone with it; but while anything of others is lost as well,
        # they may lead there and not have been seen to.
        others = self._resources.losses.are_there_besides(dossier)
        self._resources.sharing.drop_all(dossier, now=now)
        self._db.execute(
            "UPDATE resources SET state = 'gone', status = 404"
            " WHERE dossier = ? AND (+share IS NULL OR NOT ?)",
            (dossier, others),
        )
        # Of how many are deleted, only where a pass begins tells.
        self._db.execute(
            "DELETE FROM losses WHERE subject != ? AND resource IN"
            " (SELECT id FROM resources WHERE dossier = ? AND (+share IS NULL OR NOT ?))",
            (DOSSIER, dossier, others),
        )
        self._resources.spares.forget(dossier)
        self.parts.forget(dossier)
        self._resources.count({"changed": 1})
        return ClosedDossier(dossier, "gone", before[0], changed=True)

    def learn_losses(self, dossier: DossierId) -> ClosedDossier | None:
        """Count the believed losses of a dossier's last pass as a change.

        Returns:
            It, unless something of it is still doubted or forbidden.
        """
        known = self._one(
            "SELECT state, tried_at, fetched_at, parts, changes, busy, quiet FROM dossiers"
            " WHERE id = ? AND open = 0 AND state = 'complete' AND tried_at IS NOT NULL"
            " AND NOT EXISTS (SELECT 1 FROM resources WHERE dossier = dossiers.id"
            " AND +share IS NULL AND (state = 'pending' OR state = 'forbidden' AND status = 200))",
            (dossier,),
        ).fetchone()
        if known is None:
            return None
        state, tried_at, fetched_at, parts, *shown = known
        seen = Observations(*shown)
        elapsed = self.parts.learn_losses(dossier, tried_at=tried_at)
        if parts is None:
            elapsed = None if fetched_at is None else tried_at - fetched_at
        if elapsed is not None:
            seen = observe(seen, elapsed=elapsed, changed=True)
        oldest = None if parts is None else self.parts.fetched_at(dossier)
        self._learn(dossier, seen, oldest or tried_at)
        self._resources.count({"changed": 1})
        return ClosedDossier(dossier, state, state, changed=True)
