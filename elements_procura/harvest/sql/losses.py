"""Losses: stored resources that the last look lacks, pending until the end of a run, then judged.

A loss is *believed* when few of its kind are lost, or after a second look where the doubt is small;
else it is *doubted*, and only a person's acknowledgement ends that. Until then the stored body is
shown and never erased.

Every method is called inside a transaction of the store's.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable

import attrs
import orjson

from elements_procura.harvest.packing import pack, unpack
from elements_procura.harvest.policy.doubt import SECOND_LOOK, WINDOW, is_doubted, may_end
from elements_procura.harvest.policy.sameness import holds_nothing
from elements_procura.harvest.sql.database import Database
from elements_procura.harvest.sql.database import note as write_note
from elements_procura.spec.source import DossierId

DOSSIER = "dossier"
"""The subject of a lost root of a dossier, whatever its kind."""
UNLINKED = 0
"""Instead of a status: no link leads there any more."""
EMPTIED = 204
"""Instead of a status: the collection exists but has become empty."""
BELIEVED, VOUCHED = "believed", "vouched"
_OK, _ANY = 200, -1e12  # the latter before any time
_NEW = (
    "losses.state IN ('believed', 'vouched')"
    f" AND losses.status = {EMPTIED} AND excluded.status != {EMPTIED}"
)
_ASKED_AGAIN = "pass - skipped > 1"
"""Of resources: another pass than the first has asked for it; one that left it out counts not."""


@attrs.frozen
class Verdict:
    """The losses of one subject, counted for judgement.

    Attributes:
        subject: A kind, or ``dossier``.
        lost: How many, with those of the last days that were believed.
        asked: Of how many that were asked for again.
        lost_now: How many by this run alone.
        asked_now: Of how many that it asked for again.
        is_silent: Whether any of them is lost without an answer saying so: no link leads to it, or
            its collection is empty.
        refused: How many of its kind are stored and may not be read now.
    """

    subject: str
    lost: int
    asked: int
    lost_now: int
    asked_now: int
    is_silent: bool = False
    refused: int = 0

    @property
    def is_doubted(self) -> bool:
        """Whether to doubt it: by the last days, by this run, or for lack of others.

        Where the rest of a kind may not be read, one that was lost is all that was asked for.
        """
        if is_doubted(self.lost, self.asked):
            return True
        if self.subject == DOSSIER:  # the listing is evidence as well
            return False
        if is_doubted(self.lost_now, self.asked_now):
            return True
        return self.lost_now == self.asked_now > 0 and self.refused > 0

    @property
    def may_end(self) -> bool:
        """Whether a second look ends the doubt.

        Where all of a kind is lost, and by silence, a relation may have another name from now on:
        any number of looks would show the same.
        """
        is_all = self.lost == self.asked or self.lost_now == self.asked_now > 0
        if is_all and self.is_silent and self.subject != DOSSIER:
            return False
        return may_end(self.lost, self.asked)


class Losses:
    """The losses of a store, from first notice to settlement.

    Args:
        db: The store's connection.
    """

    def __init__(self, db: Database) -> None:
        self._db = db
        self._one = db.cursor().execute

    # -- a look at a resource ----------------------------------------------------------------

    def note(
        self, resource: int, subject: str, *, status: int, now: float, body: bytes | None = None
    ) -> None:
        """Record that a look lacks a resource, for the first time or again.

        A collection that is believed to be empty, and then is not there either, is a new loss.

        Args:
            resource: Its number.
            subject: Its kind, or :data:`DOSSIER`.
            status: The status of the look.
            now: Seconds since the epoch.
            body: The empty collection, of one that is :data:`EMPTIED`.
        """
        self._db.execute(
            "INSERT INTO losses (resource, subject, status, since, seen, body)"  # noqa: S608 - constants
            " VALUES (:resource, :subject, :status, :now, :now, :body)"
            " ON CONFLICT (resource) DO UPDATE SET"
            " status = :status, seen = :now,"
            f" since = CASE WHEN losses.since < :now AND NOT ({_NEW}) THEN losses.since"
            " ELSE :now END,"
            f" state = CASE WHEN {_NEW} THEN 'pending' ELSE losses.state END,"
            f" settled_at = CASE WHEN {_NEW} THEN NULL ELSE losses.settled_at END,"
            f" body = CASE WHEN losses.state IN ('pending', 'doubted') OR ({_NEW}) THEN :body"
            " ELSE losses.body END",
            {
                "resource": resource,
                "subject": subject,
                "status": status,
                "now": now,
                "body": None if body is None else pack(body),
            },
        )

    def note_unlinked(self, dossier: DossierId, pass_: int, *, now: float) -> bool:
        """Record own resources that a complete pass has not seen; return whether any is new."""
        self._db.execute(
            "UPDATE losses SET seen = :now,"
            " since = CASE WHEN since < :now THEN since ELSE :now END WHERE resource IN"
            " (SELECT id FROM resources"
            " WHERE dossier = :dossier AND pass < :pass AND +share IS NULL)",
            {"now": now, "dossier": dossier, "pass": pass_},
        )
        self._db.execute(
            "UPDATE resources SET state = 'gone', status = :unlinked, error = NULL"
            " WHERE dossier = :dossier AND pass < :pass AND +share IS NULL"
            " AND (status IS NULL OR status NOT IN (200, :unlinked))",
            {"unlinked": UNLINKED, "dossier": dossier, "pass": pass_},
        )
        lost = self._db.execute(
            "UPDATE resources SET state = 'pending', error = NULL"
            " WHERE dossier = ? AND pass < ? AND +share IS NULL AND status = 200"
            " RETURNING id, kind",
            (dossier, pass_),
        ).fetchall()
        for resource, kind in lost:
            self.note(resource, kind, status=UNLINKED, now=now)
        return bool(lost)

    def note_unlinked_ones(self, resources: Iterable[int], *, now: float) -> bool:
        """As :meth:`note_unlinked`, of resources that a pass has found to be led to no more.

        The pass may have met them by then, as it does what it leaves out: from now on it has not,
        or the next one would ask for them.
        """
        is_losing = False
        for resource in resources:
            self._db.execute(
                "UPDATE resources SET pass = pass - 1, skipped = skipped - 1 WHERE id = ?"
                " AND pass = (SELECT pass FROM dossiers WHERE id = resources.dossier)",
                (resource,),
            )
            kind, status = self._one(
                "SELECT kind, status FROM resources WHERE id = ?", (resource,)
            ).fetchone()
            if status == _OK:
                is_losing = True
                self._db.execute(
                    "UPDATE resources SET state = 'pending', error = NULL WHERE id = ?", (resource,)
                )
                self.note(resource, kind, status=UNLINKED, now=now)
                continue
            self._db.execute(
                "UPDATE resources SET state = 'gone', status = ?, error = NULL WHERE id = ?",
                (UNLINKED, resource),
            )
            self._db.execute(
                "UPDATE losses SET seen = :now,"
                " since = CASE WHEN since < :now THEN since ELSE :now END"
                " WHERE resource = :resource",
                {"now": now, "resource": resource},
            )
        return is_losing

    def status(self, resource: int) -> int | None:
        """Return the status of the last look that lacks a resource; None for one not lost."""
        row = self._one("SELECT status FROM losses WHERE resource = ?", (resource,)).fetchone()
        return None if row is None else int(row[0])

    def doubt_looks(self, resource: int, *, now: float) -> None:
        """Begin the looks at a kind's doubted losses anew: one was found again."""
        self._db.execute(
            "UPDATE losses SET since = ? WHERE state = 'doubted'"
            " AND subject = (SELECT subject FROM losses WHERE resource = ?)",
            (now, resource),
        )

    def forget(self, resource: int) -> None:
        """Forget a loss: the resource is there again, or the last look proves nothing."""
        self._db.execute("DELETE FROM losses WHERE resource = ?", (resource,))

    # -- judging -----------------------------------------------------------------------------

    def verdicts(self, *, now: float, since: float) -> list[Verdict]:
        """Count, for each subject with losses, how many are lost of how many, since a run began."""
        open_ = self._db.execute(
            "SELECT subject, count(*), count(*) FILTER (WHERE seen >= ?),"
            " count(*) FILTER (WHERE status IN (?, ?)) FROM losses"
            " WHERE state IN ('pending', 'doubted') GROUP BY subject ORDER BY subject",
            (since, UNLINKED, EMPTIED),
        ).fetchall()
        if not open_:
            return []
        recent = Counter(
            dict(
                self._db.execute(
                    "SELECT subject, count(*) FROM losses WHERE state = ? AND settled_at >= ?"
                    " GROUP BY subject",
                    (BELIEVED, now - WINDOW),
                ).fetchall()
            )
        )
        read, read_now = Counter[str](), Counter[str]()
        for kind, count, by_run in self._db.execute(
            "SELECT kind, count(*), count(*) FILTER (WHERE fetched_at >= ?) FROM resources"  # noqa: S608 - a constant
            f" WHERE state = 'stored' AND {_ASKED_AGAIN} AND root != 2 AND fetched_at >= ?"
            " GROUP BY kind",
            (since, now - WINDOW),
        ):
            read[kind], read_now[kind] = count, by_run
        for kind, found in self._holding(now=now, since=since).items():
            read[kind], read_now[kind] = found
        read[DOSSIER] = self._roots_read(since=now - WINDOW)
        refused = dict(
            self._db.execute(
                "SELECT kind, count(*) FROM resources WHERE state = 'forbidden' AND status = 200"
                " GROUP BY kind"
            ).fetchall()
        )
        return [
            Verdict(
                subject,
                count + recent[subject],
                read[subject] + count + recent[subject],
                by_run,
                read_now[subject] + by_run,
                bool(is_silent),
                refused.get(subject, 0),
            )
            for subject, count, by_run, is_silent in open_
        ]

    def _roots_read(self, *, since: float) -> int:
        """Count dossiers of which a root was asked for again and was there.

        A pass that leaves the roots out shows nothing of whether a dossier exists.
        """
        (found,) = self._one(
            "SELECT count(*) FROM dossiers WHERE deleted IS NULL AND state = 'complete'"  # noqa: S608 - a constant
            " AND EXISTS (SELECT 1 FROM resources WHERE dossier = dossiers.id AND root = 1"
            f" AND state = 'stored' AND {_ASKED_AGAIN} AND fetched_at >= ?)"
            " AND NOT EXISTS (SELECT 1 FROM losses JOIN resources"
            " ON id = resource WHERE dossier = dossiers.id AND subject = ?)",
            (since, DOSSIER),
        ).fetchone()
        return int(found)

    def _holding(self, *, now: float, since: float) -> dict[str, tuple[int, int]]:
        """Count, for kinds with emptied collections, those that still hold anything."""
        kinds = self._db.execute(
            "SELECT subject FROM losses WHERE state IN ('pending', 'doubted') GROUP BY subject"
            " HAVING count(*) FILTER (WHERE status = ?) > 0",
            (EMPTIED,),
        ).fetchall()
        found: dict[str, tuple[int, int]] = {}
        for (kind,) in kinds:
            times = [
                fetched_at
                for fetched_at, body in self._db.execute(
                    "SELECT fetched_at, body FROM resources JOIN bodies ON resource = id"  # noqa: S608 - a constant
                    f" WHERE state = 'stored' AND {_ASKED_AGAIN} AND fetched_at >= ? AND kind = ?",
                    (now - WINDOW, kind),
                )
                if not holds_nothing(unpack(body))
            ]
            found[kind] = (len(times), sum(each >= since for each in times))
        return found

    def doubt(self, verdicts: Iterable[Verdict]) -> None:
        """Record the doubted losses."""
        doubted = {each.subject: each.asked for each in verdicts}
        self._db.executemany(
            "UPDATE losses SET state = 'doubted' WHERE subject = ? AND state = 'pending'",
            [(each,) for each in doubted],
        )
        write_note(self._db, "doubts", orjson.dumps(doubted).decode())

    def others_were_read(self, doubted: Iterable[str]) -> bool:
        """Whether anything else could be read around the last look at the doubted ones."""
        return (
            self._one(
                "SELECT 1 FROM resources WHERE state = 'stored' AND root != 2"
                " AND kind NOT IN (SELECT value FROM json_each(?)) AND fetched_at >="
                " (SELECT max(seen) FROM losses WHERE state IN ('pending', 'doubted')) - ? LIMIT 1",
                (orjson.dumps(list(doubted)).decode(), SECOND_LOOK / 2),
            ).fetchone()
            is not None
        )

    def open_of(
        self, subject: str, *, twice_since: float | None = None, once_since: float = _ANY
    ) -> list[tuple[int, DossierId]]:
        """Resources, each with its dossier, whose loss can be settled now.

        Args:
            subject: A kind, or :data:`DOSSIER`.
            twice_since: Only those that a second look lacks as well, made after this moment.
            once_since: Only those that a look after this moment lacks, or two before it.
        """
        apart, after = (_ANY, _ANY) if twice_since is None else (SECOND_LOOK, twice_since)
        return self._db.execute(
            "SELECT resource, dossier FROM losses JOIN resources ON id = resource"
            " WHERE subject = ? AND losses.state IN ('pending', 'doubted')"
            " AND resources.state = 'pending' AND seen - since >= ? AND seen >= ?"
            " AND (seen >= ? OR seen - since >= ?)",
            (subject, apart, after, once_since, SECOND_LOOK),
        ).fetchall()

    def are_there_besides(self, dossier: DossierId) -> bool:
        """Whether another dossier has unsettled losses besides its root."""
        return (
            self._one(
                "SELECT 1 FROM losses JOIN resources ON id = resource WHERE subject != ?"
                " AND losses.state IN ('pending', 'doubted') AND dossier != ? LIMIT 1",
                (DOSSIER, dossier),
            ).fetchone()
            is not None
        )

    def dossiers_of(self, subjects: Iterable[str]) -> set[DossierId]:
        """The dossiers with unsettled losses of these subjects."""
        rows = self._db.execute(
            "SELECT DISTINCT dossier FROM losses JOIN resources ON id = resource"
            " WHERE losses.state IN ('pending', 'doubted')"
            " AND subject IN (SELECT value FROM json_each(?))",
            (orjson.dumps(list(subjects)).decode(),),
        )
        return {dossier for (dossier,) in rows.fetchall()}

    def believe(self, resource: int, how: str, *, now: float, history: bool) -> None:
        """Settle a loss: the resource is hidden, and a purge may erase it later.

        Args:
            resource: Its number.
            how: :data:`BELIEVED` or :data:`VOUCHED`.
            now: Seconds since the epoch.
            history: Keep the body that an empty collection replaces.
        """
        status, empty, seen = self._one(
            "UPDATE losses SET state = ?, settled_at = ? WHERE resource = ?"
            " RETURNING status, body, seen",
            (how, now, resource),
        ).fetchone()
        if empty is None:
            self._db.execute(
                "UPDATE resources SET state = 'gone', status = ? WHERE id = ?", (status, resource)
            )
            return
        if history:
            self._db.execute(
                "INSERT INTO history SELECT id, changed_at, ?, body FROM bodies"
                " JOIN resources ON resources.id = resource WHERE resource = ?",
                (seen, resource),
            )
        self._db.execute(
            "UPDATE losses SET body = (SELECT body FROM bodies WHERE resource = :resource)"
            " WHERE resource = :resource",
            {"resource": resource},
        )
        self._db.execute("UPDATE bodies SET body = ? WHERE resource = ?", (empty, resource))
        self._db.execute(
            "UPDATE resources SET state = 'stored', sha256 = :sha256, fetched_at = :seen,"
            " changed_at = :seen, change = NULL WHERE id = :resource",
            {"sha256": hashlib.sha256(unpack(empty)).digest(), "seen": seen, "resource": resource},
        )
