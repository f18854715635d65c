"""Judging the losses of a run at its end, and recording a person's acknowledgements.

Every method is called inside a transaction of the store's.
"""

from collections.abc import Iterable, Iterator

from elements_procura.harvest.events import Concern
from elements_procura.harvest.policy.doubt import SECOND_LOOK, WINDOW, is_doubted, may_end
from elements_procura.harvest.policy.refresh import DAY
from elements_procura.harvest.records import UNLISTED_AND_404, ClosedDossier
from elements_procura.harvest.sql.database import Database, note
from elements_procura.harvest.sql.dossiers import Dossiers
from elements_procura.harvest.sql.looks import look_at_unclaimed, waits_for_nothing
from elements_procura.harvest.sql.losses import BELIEVED, DOSSIER, VOUCHED, Verdict
from elements_procura.harvest.sql.resources import Resources
from elements_procura.spec.source import DossierId

VOUCHED_FOR = 2
"""In ``dossiers.unlisted``: a person has declared it deleted."""
_ROOT_IS_DUE = "due = CASE WHEN due = 1 THEN 1 ELSE 2 END"
"""One request proves whether a dossier is there."""
_NEVER_READ = (
    "(dossiers.state = 'gone' AND NOT EXISTS (SELECT 1 FROM resources"
    " WHERE dossier = dossiers.id AND sha256 IS NOT NULL))"
)
"""A condition: a listing has named the dossier, and there was never more of it than a 404."""


class Judge:
    """Judgement of listings and losses, and a person's decisions about them.

    Args:
        db: The store's connection.
        resources: Its resources.
        dossiers: Its dossiers.
    """

    def __init__(self, db: Database, resources: Resources, dossiers: Dossiers) -> None:
        self._db = db
        self._one = db.cursor().execute
        self._resources = resources
        self._losses = resources.losses
        self._dossiers = dossiers

    # -- the listing -------------------------------------------------------------------------

    def judge_listing(self, listing: int, *, vouched: bool, now: float) -> tuple[int, int, bool]:
        """Mark dossiers that a complete listing lacks as unlisted, unless they are too many.

        Doubted dossiers are fetched, too, if the doubt may end by itself. Those that an earlier
        listing made up, as it were, count for nothing: nothing of them can be lost.

        Args:
            listing: Its number.
            vouched: Whether a person has confirmed it.
            now: Seconds since the epoch.

        Returns:
            How many dossiers it lacks, of how many, and whether that is doubted.
        """
        self._db.execute(
            "UPDATE dossiers SET lacking_since ="
            " CASE WHEN lacking_since < :now THEN lacking_since ELSE :now END"
            " WHERE listing < :listing AND coalesce(deleted, '') != :unlisted",
            {"now": now, "listing": listing, "unlisted": UNLISTED_AND_404},
        )
        known, lacking = self._one(
            "SELECT count(*), count(*) FILTER (WHERE listing < ?) FROM dossiers"  # noqa: S608 - a constant
            f" WHERE coalesce(deleted, '') != ? AND NOT {_NEVER_READ}",
            (listing, UNLISTED_AND_404),
        ).fetchone()
        (recent,) = self._one(
            "SELECT count(*) FROM losses WHERE subject = ? AND state = ? AND settled_at >= ?",
            (DOSSIER, BELIEVED, now - WINDOW),
        ).fetchone()
        lost, of = int(lacking) + recent, known + recent
        doubted = not vouched and lacking > 0 and is_doubted(lost, of)
        lacked = "listing < ? AND coalesce(deleted, '') != ?"
        which = (listing, UNLISTED_AND_404)
        self._db.execute(
            f"UPDATE dossiers SET unlisted = 1, {_ROOT_IS_DUE}"  # noqa: S608 - constants
            f" WHERE {lacked} AND unlisted = 0 AND {_NEVER_READ}",
            which,
        )
        if not doubted:
            unlisted = VOUCHED_FOR if vouched else 1
            self._db.execute(
                f"UPDATE dossiers SET unlisted = ?, {_ROOT_IS_DUE} WHERE {lacked} AND unlisted < ?",  # noqa: S608 - constants
                (unlisted, *which, unlisted),
            )
        elif may_end(lost, of) and lacking < known:
            # They are asked for as well; those that an earlier listing lacked, too, are believed.
            self._db.execute(
                f"UPDATE dossiers SET {_ROOT_IS_DUE}, unlisted ="  # noqa: S608 - constants
                " CASE WHEN lacking_since <= ? THEN 1 ELSE 0 END"
                f" WHERE {lacked} AND unlisted = 0",
                (now - SECOND_LOOK, *which),
            )
            (left,) = self._one(
                f"SELECT count(*) FROM dossiers WHERE {lacked} AND unlisted = 0",  # noqa: S608 - a constant
                which,
            ).fetchone()
            doubted = left > 0
        self._ask_again(now)
        self._set("doubted", str(int(lacking) if doubted else 0))
        if not doubted:
            self._set("listed_at", repr(now))
        return int(lacking), known, doubted

    def lift_listing_doubt(self) -> None:
        """Lift the doubt about dossiers that a partial listing names."""
        row = self._one("SELECT value FROM meta WHERE key = 'doubted'").fetchone()
        if row is not None and int(row[0]):
            (lacking,) = self._one(
                "SELECT count(*) FROM dossiers WHERE lacking_since IS NOT NULL"
                " AND coalesce(deleted, '') != ?",
                (UNLISTED_AND_404,),
            ).fetchone()
            self._set("doubted", str(min(int(row[0]), lacking)))

    def _ask_again(self, now: float) -> None:
        """Make dossiers with old doubts due for another look."""
        self._db.execute(
            "UPDATE dossiers SET due = 1 WHERE id IN"
            " (SELECT dossier FROM losses JOIN resources ON id = resource"
            " WHERE losses.state = 'doubted' AND NOT seen BETWEEN ? AND ?)",
            (now - SECOND_LOOK, now),
        )

    def _look_again(self, began: float) -> None:
        """Make dossiers due whose losses were seen once, by an earlier run that was cut off.

        What has cut it off may have given its answers, too: another look has to show the loss.
        """
        self._db.execute(
            "UPDATE dossiers SET due = 1 WHERE deleted IS NULL AND id IN"
            " (SELECT dossier FROM losses JOIN resources ON id = resource"
            " WHERE losses.state = 'pending' AND resources.state = 'pending'"
            " AND seen < ? AND seen - since < ?)",
            (began, SECOND_LOOK),
        )

    # -- losses ------------------------------------------------------------------------------

    def judge(
        self, *, now: float, since: float, began: float, history: bool
    ) -> list[ClosedDossier]:
        """Settle the losses of a run that are believed.

        Args:
            now: Seconds since the epoch.
            since: When it began, or the first of those before it that were cut off.
            began: When it began itself.
            history: Keep the body that an empty collection replaces.

        Returns: Dossiers that change by it.
        """
        closed = [*self._settle_vouched(now=now), *self._settle_unknown(now=now)]
        look_at_unclaimed(self._db)
        verdicts = self._losses.verdicts(now=now, since=since)
        doubted = [each for each in verdicts if each.is_doubted]
        ended: set[DossierId] = set()

        def believe(subject: str, lost: list[tuple[int, DossierId]]) -> None:
            if subject == DOSSIER:
                closed.extend(self._settle_dossiers(lost, BELIEVED, now=now))
                return
            for resource, dossier in lost:
                self._losses.believe(resource, BELIEVED, now=now, history=history)
                ended.add(dossier)

        for each in [each for each in doubted if self._ends(each, doubted)]:
            believe(each.subject, self._losses.open_of(each.subject, twice_since=since))
        subjects = {each.subject for each in doubted}
        doubtful = self._losses.dossiers_of(subjects)

        def believe_all(verdicts: Iterable[Verdict]) -> None:
            for each in verdicts:
                if not each.is_doubted:
                    lost = self._losses.open_of(each.subject, once_since=began)
                    own = self._on_its_own(each, lost, subjects, doubtful)
                    believe(each.subject, own)

        believe_all(each for each in verdicts if each.subject == DOSSIER)
        if closed:  # what dossiers shared that are deleted is lost by that
            verdicts = [
                each
                for each in self._losses.verdicts(now=now, since=since)
                if each.subject not in subjects
            ]
            doubted += [each for each in verdicts if each.is_doubted]
        believe_all(each for each in verdicts if each.subject != DOSSIER)
        closed += self._learn(ended)
        self._losses.doubt(doubted)
        self._look_again(began)
        self._db.execute("DELETE FROM tries WHERE at < ? OR at > ?", (now - 7 * DAY, now))
        self._resources.rights.read()
        return closed

    def _on_its_own(
        self,
        verdict: Verdict,
        lost: list[tuple[int, DossierId]],
        doubted: set[str],
        doubtful: set[DossierId],
    ) -> list[tuple[int, DossierId]]:
        """Pick the losses that do not depend on a doubted one, in one of the doubtful dossiers.

        For example, the only hypotheek of a doubted collection is lost with that collection. The
        collection itself, once two looks have shown that it is lost, waits for no hypotheek:
        nobody can look at one while it is not there, so each would wait for the other for ever.
        """
        if not doubtful:
            return lost
        is_all = verdict.lost == verdict.asked
        return [
            (resource, dossier)
            for resource, dossier in lost
            if not (is_all or dossier in doubtful)
            or (verdict.may_end and waits_for_nothing(self._db, resource, doubted))
        ]

    def _ends(self, verdict: Verdict, doubted: list[Verdict]) -> bool:
        return verdict.may_end and self._losses.others_were_read(each.subject for each in doubted)

    def _learn(self, dossiers: Iterable[DossierId]) -> Iterator[ClosedDossier]:
        for dossier in dossiers:
            closed = self._dossiers.learn_losses(dossier)
            if closed is not None:
                yield closed

    def _settle_vouched(self, *, now: float) -> list[ClosedDossier]:
        """Settle dossiers that a person has declared deleted and that gave 404."""
        rows = self._db.execute(
            "SELECT resource, dossier FROM losses JOIN resources ON resources.id = resource"
            " JOIN dossiers ON dossiers.id = dossier WHERE subject = ? AND unlisted = ?"
            " AND losses.state IN ('pending', 'doubted') AND resources.state = 'pending'",
            (DOSSIER, VOUCHED_FOR),
        ).fetchall()
        return self._settle_dossiers(rows, VOUCHED, now=now)

    def _settle_unknown(self, *, now: float) -> list[ClosedDossier]:
        """Settle unlisted dossiers that were never read: nothing is lost."""
        rows = self._db.execute(
            "SELECT id FROM dossiers WHERE unlisted > 0 AND open = 0 AND"
            " (SELECT state = 'gone' AND status = 404 FROM resources"
            " WHERE dossier = dossiers.id AND root = 1 ORDER BY id LIMIT 1)"
        ).fetchall()
        buried = [self._dossiers.mark_deleted(dossier, now=now) for (dossier,) in rows]
        return [each for each in buried if each is not None]

    def _settle_dossiers(
        self, lost: list[tuple[int, DossierId]], how: str, *, now: float
    ) -> list[ClosedDossier]:
        """Mark lost dossiers as deleted if no listing names them, else as gone for now."""
        closed = []
        for resource, dossier in lost:
            unlisted, before = self._one(
                "SELECT unlisted, state FROM dossiers WHERE id = ?", (dossier,)
            ).fetchone()
            if not unlisted:
                if before != "gone":
                    self._db.execute("UPDATE dossiers SET state = 'gone' WHERE id = ?", (dossier,))
                    closed.append(ClosedDossier(dossier, "gone", before))
                continue
            buried = self._dossiers.mark_deleted(dossier, now=now)
            if buried is not None:
                self._losses.believe(resource, how, now=now, history=False)
                closed.append(buried)
        return closed

    # -- what somebody says ------------------------------------------------------------------

    def accept(self, concern: Concern, *, now: float, history: bool) -> None:
        """Acknowledge a concern; doubted losses become final by it.

        Args:
            concern: The concern.
            now: Seconds since the epoch.
            history: Keep the body that an empty collection replaces.
        """
        self._db.execute(
            "INSERT INTO accepted VALUES (?, ?, ?)"
            " ON CONFLICT (subject, state) DO UPDATE SET count = excluded.count",
            (concern.subject, concern.state, concern.count),
        )
        if concern.state != "doubted":
            return
        if concern.subject == DOSSIER:
            self._db.execute(
                f"UPDATE dossiers SET unlisted = ?, {_ROOT_IS_DUE}"  # noqa: S608 - a constant
                " WHERE lacking_since IS NOT NULL AND coalesce(deleted, '') != ?",
                (VOUCHED_FOR, UNLISTED_AND_404),
            )
            self._set("doubted", "0")
            self._settle_vouched(now=now)
            # Those that a listing names are there for it: they are gone until it does not.
            self._settle_dossiers(self._losses.open_of(DOSSIER), VOUCHED, now=now)
            self._db.execute(
                "UPDATE losses SET state = 'pending' WHERE subject = ? AND state = 'doubted'",
                (DOSSIER,),
            )
            return
        settled = self._losses.open_of(concern.subject)
        for resource, _ in settled:
            self._losses.believe(resource, VOUCHED, now=now, history=history)
        list(self._learn({dossier for _, dossier in settled}))

    def lower_accepted(self, concerns: Iterable[Concern]) -> None:
        """Lower acknowledged counts to the current ones, so that growth counts anew."""
        counts = {(each.subject, each.state): each.count for each in concerns}
        for subject, state, count in self._db.execute("SELECT * FROM accepted").fetchall():
            left = min(counts.get((subject, state), 0), count)
            self._db.execute(
                "UPDATE accepted SET count = ? WHERE subject = ? AND state = ?",
                (left, subject, state),
            )
        self._db.execute("DELETE FROM accepted WHERE count = 0")

    def _set(self, key: str, value: str) -> None:
        note(self._db, key, value)
