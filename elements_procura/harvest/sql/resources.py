"""The ledger's resources: recording answers and queueing the resources they lead to.

Every method is called inside a transaction of the store's.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping

from elements_procura.harvest.packing import pack, unpack
from elements_procura.harvest.policy.missing import OftenMissing
from elements_procura.harvest.policy.part_names import PartNames
from elements_procura.harvest.policy.sameness import (
    Difference,
    difference,
    has_lost_rows,
    has_new_rows,
)
from elements_procura.harvest.sql.database import Database
from elements_procura.harvest.sql.entry import LedgerEntry
from elements_procura.harvest.sql.kind_rates import counted_look
from elements_procura.harvest.sql.losses import DOSSIER, EMPTIED, Losses
from elements_procura.harvest.sql.notes import LOSING, UNSEEN, PassNotes, parts_of
from elements_procura.harvest.sql.origin import api_in
from elements_procura.harvest.sql.rights import Rights
from elements_procura.harvest.sql.sharing import FAILED, OPEN, SharedResources
from elements_procura.harvest.sql.spares import Spares
from elements_procura.harvest.sql.wants import Origin, WantedResources
from elements_procura.spec.source import DossierId, Want, Work

_OK, _FORBIDDEN = 200, 403
_ROW = 2  # as resources.root has it


class Resources:
    """Resources and their bodies.

    Args:
        db: The store's connection.

    Attributes:
        sharing: Who shares them.
        losses: The losses among them.
        rights: The kinds that may not be read.
        parts: Which part of a dossier a kind is in.
        notes: Notes of passes.
        spares: Rows of the listing that are shown until there is more.
    """

    def __init__(self, db: Database) -> None:
        self._db = db
        self._one = db.cursor().execute
        self._counts: Counter[str] = Counter()
        self._are_new = True  # the answers: while they are, each is taken for one more
        self.losses: Losses = Losses(db)
        self.spares: Spares = Spares(db)
        self.rights: Rights = Rights(db)
        self.often_missing: OftenMissing = OftenMissing(lambda: api_in(db))
        self.parts: PartNames = PartNames(lambda: api_in(db))
        self.notes: PassNotes = PassNotes(db, self.parts)
        self.sharing: SharedResources = SharedResources(
            db, self.losses, self.count, self.often_missing
        )
        self._wanted = WantedResources(
            db, self.rights, self.sharing, self.often_missing, self.parts, count=self.count
        )

    def keep(
        self, work: Work, body: bytes, *, now: float, history: bool, is_news: bool = True
    ) -> LedgerEntry | None:
        """Store an answer; None when it was settled before.

        An empty collection in the place of one that was not is a loss: until that is believed, the
        old one stays.

        Args:
            work: The resource.
            body: The answer.
            now: Seconds since the epoch.
            history: Keep the body that it replaces.
            is_news: Whether a new resource counts as a change of its dossier.
        """
        if self._are_new and (first := self._keep_first(work, body, now=now)) is not None:
            return first
        return self._keep_next(work, body, now=now, history=history, is_news=is_news)

    def _keep_next(
        self, work: Work, body: bytes, *, now: float, history: bool, is_news: bool
    ) -> LedgerEntry | None:
        known = self._one(
            "SELECT pass, share, path, root, resources.status, sha256, losses.state, CASE"
            " WHEN pass > 1 THEN (SELECT parts FROM dossiers WHERE id = resources.dossier) END,"
            " fetched_at FROM resources LEFT JOIN losses ON resource = id"
            " WHERE id = ? AND resources.state = 'queued'",
            (work.id,),
        ).fetchone()
        if known is None:
            return None
        pass_, share, path, root, status, before, loss, asked, looked_at = known
        self._are_new = pass_ == 1 and status is None
        sha256 = hashlib.sha256(body).digest()
        how = Difference.CHANGED
        if status == _OK:
            how = Difference.NONE if before == sha256 else self._difference(work.id, body)
        kept = LedgerEntry(
            pass_,
            share is not None,
            status != _OK,
            path,
            parts_of(asked),
            how is Difference.CHANGED,
            looked_at if how is Difference.CHANGED and self._has_news(work, status, body) else None,
        )
        if status == _OK and root != _ROW and looked_at is not None:
            elapsed, is_other = now - looked_at, how is not Difference.NONE
            self.count(counted_look(work.kind, elapsed=elapsed, changed=is_other))
        if how is Difference.EMPTIED:
            self._empty(work, share, body, now=now)
            return kept
        if loss is not None:
            self._find_again(work.id, loss, how, now=now)
        if how is Difference.NONE:
            self._db.execute(
                "UPDATE resources SET state = 'stored', fetched_at = ?, error = NULL WHERE id = ?",
                (now, work.id),
            )
            if before != sha256:
                self._db.execute(
                    "UPDATE bodies SET body = ? WHERE resource = ?", (pack(body), work.id)
                )
                self._db.execute("UPDATE resources SET sha256 = ? WHERE id = ?", (sha256, work.id))
            else:  # what a failing disk has made of it is put right, and an unpacked one packed
                self._db.execute(
                    "UPDATE bodies SET body = :body WHERE resource = :id AND body != :body",
                    {"body": pack(body), "id": work.id},
                )
            return kept
        if before is not None:
            self._replace(work, share, now=now, history=history)
        self._db.execute(
            "UPDATE resources SET state = 'stored', status = 200, fetched_at = :now,"
            " changed_at = :now, sha256 = :sha256, error = NULL, change = NULL WHERE id = :id",
            {"now": now, "sha256": sha256, "id": work.id},
        )
        self._db.execute("INSERT INTO bodies VALUES (?, ?)", (work.id, pack(body)))
        self._is_read(work, root, status)
        if before is None and pass_ > 1 and share is None and is_news:
            self.notes.note_change(work)
        return kept

    def _keep_first(self, work: Work, body: bytes, *, now: float) -> LedgerEntry | None:
        """Store the first answer ever, with one statement less; None where it is another one."""
        known = self._one(
            "UPDATE resources SET state = 'stored', status = 200, fetched_at = ?,"
            " changed_at = ?, sha256 = ?, error = NULL, change = NULL"
            " WHERE id = ? AND state = 'queued' AND pass = 1 AND status IS NULL"
            " AND sha256 IS NULL AND NOT EXISTS (SELECT 1 FROM losses WHERE resource = ?)"
            " RETURNING share, path, root",
            (now, now, hashlib.sha256(body).digest(), work.id, work.id),
        ).fetchone()
        self._are_new = known is not None
        if known is None:
            return None
        share, path, root = known
        self._db.execute("INSERT INTO bodies VALUES (?, ?)", (work.id, pack(body)))
        self._is_read(work, root, None)
        return LedgerEntry(1, share is not None, True, path, differs=True)

    def keep_part(
        self, work: Work, body: bytes, *, error: str, now: float, history: bool
    ) -> LedgerEntry | None:
        """Store an answer with a row that nothing is known by, and put the resource aside.

        What is stored stays if the answer lacks a row of it: the bad one may be that row.

        Args:
            work: The resource.
            body: The answer.
            error: The fault.
            now: Seconds since the epoch.
            history: Keep the body that it replaces.

        Returns:
            Its place; None when it was settled before.
        """
        known = self._one(
            "SELECT resources.pass, share, path, body, parts FROM resources"
            " JOIN dossiers ON dossiers.id = resources.dossier"
            " LEFT JOIN bodies ON resource = resources.id"
            " WHERE resources.id = ? AND resources.state = 'queued'",
            (work.id,),
        ).fetchone()
        if known is None:
            return None
        pass_, share, path, before, asked = known
        if before is not None and has_lost_rows(unpack(before), body):
            self.fail(work, error=error, now=now)
            return LedgerEntry(pass_, share is not None, False, path, parts_of(asked))
        kept = self.keep(work, body, now=now, history=history)
        self._db.execute(
            "UPDATE resources SET state = 'quarantined', error = ? WHERE id = ?", (error, work.id)
        )
        return kept

    def _is_read(self, work: Work, root: int, status: int | None) -> None:
        if status == _FORBIDDEN:
            self.rights.note_grant(work.kind)
        if root:
            self.spares.drop(work.id)

    def _difference(self, resource: int, body: bytes) -> Difference:
        (before,) = self._one("SELECT body FROM bodies WHERE resource = ?", (resource,)).fetchone()
        return difference(unpack(before), body)

    def _has_news(self, work: Work, status: int | None, body: bytes) -> bool:
        """Whether a change hints at other parts: of a record, or a row that a list lacked."""
        if status != _OK or not self.parts.hinted_by(work.kind):
            return False
        if self.parts.is_record(work.kind):
            return True
        (before,) = self._one("SELECT body FROM bodies WHERE resource = ?", (work.id,)).fetchone()
        return has_new_rows(unpack(before), body)

    def _empty(self, work: Work, share: str | None, body: bytes, *, now: float) -> None:
        self._db.execute(
            "UPDATE resources SET state = 'pending', error = NULL,"
            " fetched_at = CASE WHEN share IS NULL THEN fetched_at ELSE ? END WHERE id = ?",
            (now, work.id),
        )
        self.losses.note(work.id, work.kind, status=EMPTIED, now=now, body=body)
        if share is None:
            self.notes.mark(work, LOSING)

    def _find_again(self, resource: int, loss: str, how: Difference, *, now: float) -> None:
        """Settle a loss for which there is an answer: found again, or as empty as before."""
        is_open = loss in ("pending", "doubted")
        if how is Difference.NONE and not is_open and self.losses.status(resource) == EMPTIED:
            self.losses.note(resource, "", status=EMPTIED, now=now)
        else:
            if loss == "doubted":
                self.losses.doubt_looks(resource, now=now)
            self.losses.forget(resource)

    def _replace(self, work: Work, share: str | None, *, now: float, history: bool) -> None:
        if history:
            self._db.execute(
                "INSERT INTO history SELECT id, changed_at, ?, body FROM bodies"
                " JOIN resources ON resources.id = resource WHERE resource = ?",
                (now, work.id),
            )
        self._db.execute("DELETE FROM bodies WHERE resource = ?", (work.id,))
        if share is None:
            self.notes.note_change(work)

    def lose(self, work: Work, *, status: int, now: float) -> bool:
        """Note that a resource does not exist, or may not be read; its stored body stays."""
        known = self._one(
            "SELECT share, resources.status, root, losses.state, parent, parts FROM resources"
            " JOIN dossiers ON dossiers.id = resources.dossier"
            " LEFT JOIN losses ON resource = resources.id"
            " WHERE resources.id = ? AND resources.state = 'queued'",
            (work.id,),
        ).fetchone()
        if known is None:
            return False
        share, before, root, loss, parent, asked = known
        is_shown, is_forbidden = before == _OK, status == _FORBIDDEN
        if is_shown and not is_forbidden and share is None and not root and asked is not None:
            leading = self._one(
                "SELECT dossier, kind FROM resources WHERE id = ?", (parent,)
            ).fetchone()
            if leading is not None and self.parts.of(leading[1]) not in (parts_of(asked) or ()):
                self.notes.ask_what_leads_to(work, leading[1])
                return True
        state = "forbidden" if is_forbidden else "pending" if is_shown else "gone"
        self._db.execute(
            "UPDATE resources SET state = :state, error = NULL,"
            " status = CASE WHEN status = 200 THEN 200 ELSE :status END,"
            " fetched_at = CASE WHEN status = 200 AND share IS NULL THEN fetched_at ELSE :now END"
            " WHERE id = :id",
            {"state": state, "status": status, "now": now, "id": work.id},
        )
        if is_forbidden:
            if is_shown and loss is not None:
                self.losses.forget(work.id)  # this look says nothing of whether it is there
            self.rights.note_refusal(work.kind, now=now)
        elif is_shown or loss is not None:
            subject = DOSSIER if root == 1 and self._is_first(work) else work.kind
            self.losses.note(work.id, subject, status=status, now=now)
        if is_shown and share is None:
            # A right that somebody knows to be missing is no news.
            is_known = is_forbidden and self.rights.accepts(work.kind)
            self.notes.mark(work, UNSEEN if is_known else UNSEEN | LOSING)
        return True

    def _is_first(self, work: Work) -> bool:
        (first,) = self._one(
            "SELECT min(id) FROM resources WHERE dossier = ? AND root = 1", (work.dossier,)
        ).fetchone()
        return bool(first == work.id)

    def fail(self, work: Work, *, error: str, now: float) -> bool:
        """Put a resource into quarantine; its stored body stays."""
        cursor = self._db.execute(
            "UPDATE resources SET state = 'quarantined', error = ?,"
            " fetched_at = CASE WHEN share IS NULL THEN fetched_at ELSE ? END"
            " WHERE id = ? AND state = 'queued'",
            (error, now, work.id),
        )
        return cursor.rowcount == 1

    # -- what is wanted ----------------------------------------------------------------------

    def want(self, origin: Origin, wants: Iterable[Want], *, now: float) -> list[Work]:
        """Queue the resources that a dossier leads to: see :meth:`WantedResources.want`."""
        new = self._wanted.want(origin, wants, now=now)
        if new:
            self._db.execute(
                "UPDATE dossiers SET open = open + ? WHERE id = ?", (len(new), origin.dossier)
            )
        return new

    def move_roots(self, dossier: DossierId, wants: Iterable[Want]) -> None:
        """Note where a dossier begins: see :meth:`WantedResources.move_roots`."""
        self._wanted.move_roots(dossier, wants)

    def want_unsaid(
        self, work: Work, origin: Origin, wants: Iterable[Want], *, now: float
    ) -> list[Work]:
        """Queue the possible resources of an answer without links.

        The first pass fetches all of them, a refresh only those that are stored.
        """
        if origin.pass_ > 1:
            self.notes.mark(work, UNSEEN | LOSING)
            wants = [
                each
                for each in wants
                if self._one(
                    "SELECT 1 FROM resources WHERE (path = ? OR share = ?) AND status = 200",
                    (each.path, each.share),
                ).fetchone()
            ]
        return self.want(origin, wants, now=now)

    def requeue_quarantined(self) -> int:
        """Put all quarantined resources back into the queue; return how many."""
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

    def clear_quarantine(self, dossier: DossierId, *, now: float) -> None:
        """Take a dossier's resources out of quarantine: this pass asks for those still linked."""
        self.sharing.release_failed(dossier, now=now)
        self._db.execute(
            "UPDATE resources SET error = NULL, state = CASE status WHEN 200 THEN"
            " CASE WHEN EXISTS (SELECT 1 FROM losses WHERE resource = id"
            " AND losses.state IN ('pending', 'doubted')) THEN 'pending' ELSE 'stored' END"
            " WHEN 403 THEN 'forbidden' ELSE 'gone' END,"
            " fetched_at = CASE WHEN share IS NULL THEN fetched_at ELSE 0 END"
            " WHERE dossier = ? AND state = 'quarantined'",
            (dossier,),
        )

    def add(self, name: str, more: int) -> None:
        """Add to one of the counts, as of the end of the transaction."""
        self._counts[name] += more

    def count(self, more: Mapping[str, int]) -> None:
        """Add to the counts, as of the end of the transaction."""
        for name, value in more.items():
            self._counts[name] += value

    def write_counts(self) -> None:
        """Write the pending counts; called before a commit."""
        if self._counts:
            self._db.executemany(
                "INSERT INTO counts VALUES (?, ?)"
                " ON CONFLICT (name) DO UPDATE SET value = counts.value + excluded.value",
                [(name, value) for name, value in self._counts.items() if value],
            )
        self.discard_counts()

    def discard_counts(self) -> None:
        """Discard pending counts after a rollback."""
        self._counts.clear()
