"""The ledger's resources: queueing them, and settling those that nothing answers for.

Every method is called inside a transaction of the store's.
"""

from collections import Counter
from collections.abc import Iterable, Mapping

from elements_procura.harvest.packing import unpack
from elements_procura.harvest.policy.missing import OftenMissing
from elements_procura.harvest.policy.part_names import PartNames
from elements_procura.harvest.policy.sameness import has_lost_rows
from elements_procura.harvest.sql.answers import Answers
from elements_procura.harvest.sql.database import Database
from elements_procura.harvest.sql.entry import LedgerEntry
from elements_procura.harvest.sql.losses import DOSSIER, Losses
from elements_procura.harvest.sql.notes import LOSING, UNSEEN, PassNotes, parts_of
from elements_procura.harvest.sql.open_counts import OpenCounts
from elements_procura.harvest.sql.origin import api_in
from elements_procura.harvest.sql.rights import Rights
from elements_procura.harvest.sql.sharing import FAILED, OPEN, SharedResources
from elements_procura.harvest.sql.spares import Spares
from elements_procura.harvest.sql.wants import Origin, WantedResources
from elements_procura.spec.source import DossierId, Want, Work

_OK, _FORBIDDEN = 200, 403


class Resources:
    """Resources: queueing them, and settling those without an answer.

    Args:
        db: The store's connection.
        next_number: What gives a resource the next number of the sequence of changes.

    Attributes:
        answers: Their bodies.
        sharing: Who shares them.
        open: How many are still to be fetched.
        losses: The losses among them.
        rights: The kinds that may not be read.
        parts: Which part of a dossier a kind is in.
        notes: Notes of passes.
        spares: Rows of the listing that are shown until there is more.
    """

    def __init__(self, db: Database, next_number: str) -> None:
        self._db = db
        self._one = db.cursor().execute
        self._counts: Counter[str] = Counter()
        self.losses: Losses = Losses(db)
        self.open: OpenCounts = OpenCounts(db)
        self.spares: Spares = Spares(db)
        self.rights: Rights = Rights(db)
        self.often_missing: OftenMissing = OftenMissing(lambda: api_in(db))
        self.parts: PartNames = PartNames(lambda: api_in(db))
        self.notes: PassNotes = PassNotes(db, self.parts)
        self.sharing: SharedResources = SharedResources(
            db, self.losses, self.count, self.often_missing, self.open
        )
        self.answers: Answers = Answers(
            db,
            self.losses,
            self.rights,
            self.spares,
            self.notes,
            count=self.count,
            next_number=next_number,
        )
        self._wanted = WantedResources(
            db, self.rights, self.sharing, self.often_missing, self.parts, count=self.count
        )

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
        kept = self.answers.keep(work, body, now=now, history=history)
        self._db.execute(
            "UPDATE resources SET state = 'quarantined', error = ? WHERE id = ?", (error, work.id)
        )
        return kept

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
            self.open.add(origin.dossier, len(new))
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
        self._counts.update(more)

    def write_counts(self) -> None:
        """Write the pending counts; called before a commit."""
        self.open.write()
        if self._counts:
            self._db.executemany(
                "INSERT INTO counts VALUES (?, ?)"
                " ON CONFLICT (name) DO UPDATE SET value = counts.value + excluded.value",
                [(name, value) for name, value in self._counts.items() if value],
            )
        self.discard_counts()

    def discard_counts(self) -> None:
        """Discard pending counts after a rollback."""
        self.open.discard()
        self._counts.clear()
