"""The ledger's answers: storing a body, in the place of an older one or as the first.

Every method is called inside a transaction of the store's.
"""

import hashlib
from collections.abc import Callable, Mapping

import attrs

from elements_procura.harvest.packing import pack, unpack
from elements_procura.harvest.policy.sameness import Difference, difference, has_new_rows
from elements_procura.harvest.sql.database import Database
from elements_procura.harvest.sql.entry import LedgerEntry
from elements_procura.harvest.sql.kind_rates import counted_look
from elements_procura.harvest.sql.losses import EMPTIED, Losses
from elements_procura.harvest.sql.notes import LOSING, PassNotes, parts_of
from elements_procura.harvest.sql.rights import Rights
from elements_procura.harvest.sql.spares import Spares
from elements_procura.spec.source import Work

_OK, _FORBIDDEN = 200, 403
_ROW = 2  # as resources.root has it


@attrs.frozen
class _Before:
    """A queued resource as the ledger knows it when its answer comes.

    Attributes:
        pass_: The pass of its dossier in which it was wanted.
        share: What other dossiers know it by; None if it has only one.
        path: Where it was asked for.
        root: 0 if something leads to it, 1 for where a dossier begins, 2 for a row of the listing.
        status: Of the last answer; None if there was none.
        sha256: Of the stored body; None if there is none.
        loss: The state of its loss; None if it is not lost.
        asked: The parts that its pass asks for, as ``dossiers.parts`` has them.
        fetched_at: The last look, in seconds since the epoch.
    """

    pass_: int
    share: str | None
    path: str = attrs.field(repr=False)
    root: int
    status: int | None
    sha256: bytes | None
    loss: str | None
    asked: str | None
    fetched_at: float | None


class Answers:
    """Bodies of resources.

    Args:
        db: The store's connection.
        losses: The losses among the resources.
        rights: The kinds that may not be read.
        spares: Rows of the listing that are shown until there is more.
        notes: Notes of passes.
        count: Adds to the store's counts.
        next_number: What gives a resource the next number of the sequence of changes.
    """

    def __init__(
        self,
        db: Database,
        losses: Losses,
        rights: Rights,
        spares: Spares,
        notes: PassNotes,
        *,
        count: Callable[[Mapping[str, int]], None],
        next_number: str,
    ) -> None:
        self._db = db
        self._one = db.cursor().execute
        self._losses = losses
        self._rights = rights
        self._spares = spares
        self._notes = notes
        self._count = count
        self._next_number = next_number
        self._are_new = True  # while they are, each is taken for one more

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

    def _keep_first(self, work: Work, body: bytes, *, now: float) -> LedgerEntry | None:
        """Store the first answer ever, with one statement less; None where it is another one."""
        known = self._one(
            "UPDATE resources SET state = 'stored', status = 200, fetched_at = ?,"  # noqa: S608 - a constant
            f" changed_at = ?, sha256 = ?, error = NULL, {self._next_number}"
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
        self._settle_marks(work, root, None)
        return LedgerEntry(1, share is not None, True, path, differs=True)

    def _keep_next(
        self, work: Work, body: bytes, *, now: float, history: bool, is_news: bool
    ) -> LedgerEntry | None:
        row = self._one(
            "SELECT pass, share, path, root, resources.status, sha256, losses.state, CASE"
            " WHEN pass > 1 THEN (SELECT parts FROM dossiers WHERE id = resources.dossier) END,"
            " fetched_at FROM resources LEFT JOIN losses ON resource = id"
            " WHERE id = ? AND resources.state = 'queued'",
            (work.id,),
        ).fetchone()
        if row is None:
            return None
        before = _Before(*row)
        self._are_new = before.pass_ == 1 and before.status is None
        sha256 = hashlib.sha256(body).digest()
        how = self._difference(work.id, before, body, sha256)
        kept = self._entry(work, before, body, how)
        self._count_look(work, before, how, now=now)
        if how is Difference.EMPTIED:
            self._empty(work, before, body, now=now)
            return kept
        if before.loss is not None:
            self._find_again(work.id, before.loss, how, now=now)
        if how is Difference.NONE:
            self._confirm(work.id, before, body, sha256, now=now)
        else:
            if before.sha256 is not None:
                self._take_away(work, before, now=now, history=history)
            self._put(work, before, body, sha256, now=now)
            if before.sha256 is None and before.pass_ > 1 and before.share is None and is_news:
                self._notes.note_change(work)
        return kept

    # -- what an answer is beside the one before ---------------------------------------------

    def _difference(self, resource: int, before: _Before, body: bytes, sha256: bytes) -> Difference:
        if before.status != _OK:
            return Difference.CHANGED
        if before.sha256 == sha256:
            return Difference.NONE
        return difference(self._stored(resource), body)

    def _entry(self, work: Work, before: _Before, body: bytes, how: Difference) -> LedgerEntry:
        is_change = how is Difference.CHANGED
        return LedgerEntry(
            pass_=before.pass_,
            is_shared=before.share is not None,
            is_new=before.status != _OK,
            path=before.path,
            asked=parts_of(before.asked),
            differs=is_change,
            news_since=(
                before.fetched_at if is_change and self._has_news(work, before, body) else None
            ),
        )

    def _has_news(self, work: Work, before: _Before, body: bytes) -> bool:
        """Whether a change hints at other parts: of a record, or a row that a list lacked."""
        parts = self._notes.parts
        if before.status != _OK or not parts.hinted_by(work.kind):
            return False
        return parts.is_record(work.kind) or has_new_rows(self._stored(work.id), body)

    def _stored(self, resource: int) -> bytes:
        (body,) = self._one("SELECT body FROM bodies WHERE resource = ?", (resource,)).fetchone()
        return unpack(body)

    def _count_look(self, work: Work, before: _Before, how: Difference, *, now: float) -> None:
        """Count how often its kind changes, unless the listing was looked at instead."""
        if before.status == _OK and before.root != _ROW and before.fetched_at is not None:
            elapsed = now - before.fetched_at
            self._count(counted_look(work.kind, elapsed=elapsed, changed=how != Difference.NONE))

    # -- what becomes of it ------------------------------------------------------------------

    def _empty(self, work: Work, before: _Before, body: bytes, *, now: float) -> None:
        """Leave the stored body: that the collection is empty now has to be believed first."""
        self._db.execute(
            "UPDATE resources SET state = 'pending', error = NULL,"
            " fetched_at = CASE WHEN share IS NULL THEN fetched_at ELSE ? END WHERE id = ?",
            (now, work.id),
        )
        self._losses.note(work.id, work.kind, status=EMPTIED, now=now, body=body)
        if before.share is None:
            self._notes.mark(work, LOSING)

    def _find_again(self, resource: int, loss: str, how: Difference, *, now: float) -> None:
        """Settle a loss for which there is an answer: found again, or as empty as before."""
        is_open = loss in ("pending", "doubted")
        if how is Difference.NONE and not is_open and self._losses.status(resource) == EMPTIED:
            self._losses.note(resource, "", status=EMPTIED, now=now)
        else:
            if loss == "doubted":
                self._losses.doubt_looks(resource, now=now)
            self._losses.forget(resource)

    def _confirm(
        self, resource: int, before: _Before, body: bytes, sha256: bytes, *, now: float
    ) -> None:
        """Note that nothing has changed; other bytes of the same meaning take the old ones' place.

        The very same bytes are written where the stored ones differ: that puts right what a failing
        disk has made of them, and packs a body that was not.
        """
        self._db.execute(
            "UPDATE resources SET state = 'stored', fetched_at = ?, error = NULL WHERE id = ?",
            (now, resource),
        )
        if before.sha256 != sha256:
            self._db.execute(
                "UPDATE bodies SET body = ? WHERE resource = ?", (pack(body), resource)
            )
            self._db.execute("UPDATE resources SET sha256 = ? WHERE id = ?", (sha256, resource))
        else:
            self._db.execute(
                "UPDATE bodies SET body = :body WHERE resource = :id AND body != :body",
                {"body": pack(body), "id": resource},
            )

    def _take_away(self, work: Work, before: _Before, *, now: float, history: bool) -> None:
        if history:
            self._db.execute(
                "INSERT INTO history SELECT id, changed_at, ?, body FROM bodies"
                " JOIN resources ON resources.id = resource WHERE resource = ?",
                (now, work.id),
            )
        self._db.execute("DELETE FROM bodies WHERE resource = ?", (work.id,))
        if before.share is None:
            self._notes.note_change(work)

    def _put(self, work: Work, before: _Before, body: bytes, sha256: bytes, *, now: float) -> None:
        self._db.execute(
            "UPDATE resources SET state = 'stored', status = 200, fetched_at = :now,"
            " changed_at = :now, sha256 = :sha256, error = NULL, change = NULL WHERE id = :id",
            {"now": now, "sha256": sha256, "id": work.id},
        )
        self._db.execute("INSERT INTO bodies VALUES (?, ?)", (work.id, pack(body)))
        self._settle_marks(work, before.root, before.status)

    def _settle_marks(self, work: Work, root: int, status: int | None) -> None:
        """Note that its kind may be read again, and that the listing need not stand in for it."""
        if status == _FORBIDDEN:
            self._rights.note_grant(work.kind)
        if root:
            self._spares.drop(work.id)
