"""The ledger's shared resources: the dossiers that lead to one, its owner, and those waiting.

A shared resource is stored once, whichever dossiers lead to it, each by its own path. One of them
is the owner: its path is used. The others are in ``shares`` with their paths, so that one of them
can become the owner. Which dossier leads there shows in its passes: once a complete pass has not
met it, it belongs to another dossier, or to none.

Every method is called inside a transaction of the store's.
"""

from collections.abc import Callable, Mapping

import attrs

from elements_procura.harvest.policy.missing import OftenMissing
from elements_procura.harvest.policy.refresh import DAY
from elements_procura.harvest.policy.sharing import OTHERS_A_DAY, SHARED_FOR
from elements_procura.harvest.sql.database import Database
from elements_procura.harvest.sql.losses import UNLINKED, Losses
from elements_procura.harvest.sql.open_counts import OpenCounts
from elements_procura.spec.source import BY_SHARING, DossierId, Want, Work, id_repr

FREE, OPEN, FAILED = 0, 1, 2
"""The states of a shared resource for one dossier."""
_OK, _NOT_FOUND = 200, 404
_FAILED_STATES = ("forbidden", "gone", "pending", "quarantined")
_BY_STATE = {"queued": OPEN, "quarantined": FAILED}
_UNDER = "pass = :pass, skipped = skipped + :pass - pass"
"""Under the number of another pass, and as often asked for as before: ``pass - skipped`` times."""


@attrs.frozen
class KnownResource:
    """A shared resource that some dossier has led to.

    Attributes:
        id: Its number.
        dossier: Its owner.
        path: Where that leads to it.
        met: The last pass of its owner that did.
        state: As ``resources.state``.
        fetched_at: As ``resources.fetched_at``.
    """

    id: int
    dossier: DossierId = attrs.field(repr=id_repr)
    path: str = attrs.field(repr=False)
    met: int
    state: str
    fetched_at: float | None


class SharedResources:
    """The owner of every shared resource, and the dossiers that need it besides.

    Args:
        db: The store's connection.
        losses: Records resources to which no dossier leads any more.
        count: Adds to the store's counts.
        often_missing: Kinds for which a 404 is usual.
        open_counts: How much of each dossier is still to be fetched.
    """

    def __init__(
        self,
        db: Database,
        losses: Losses,
        count: Callable[[Mapping[str, int]], None],
        often_missing: OftenMissing,
        open_counts: OpenCounts,
    ) -> None:
        self._db = db
        self._one = db.cursor().execute
        self._losses = losses
        self._count = count
        self._often_missing = often_missing
        self._open = open_counts

    def find(self, share: str) -> KnownResource | None:
        """Look for a shared resource by its name; None while no dossier has led there."""
        row = self._one(
            "SELECT id, dossier, path, pass, state, fetched_at FROM resources WHERE share = ?",
            (share,),
        ).fetchone()
        return None if row is None else KnownResource(*row)

    def register(
        self, known: KnownResource, dossier: DossierId, want: Want, pass_: int, *, now: float
    ) -> Work | None:
        """Register that a dossier's pass leads to a known shared resource.

        Returns: The resource if it must be fetched again; None if another fetch is under way or its
            body is fresh.
        """
        if self._last_met(known, dossier) >= pass_:
            return None
        if self._is_to_be_asked_for(known, pass_, now) or self._may_try(known, dossier, want, now):
            return self._ask_again(known, dossier, want, pass_, now=now)
        if known.dossier == dossier:
            self._only_meet(known.id, pass_)
            return None
        waiting = _BY_STATE.get(known.state, FREE)
        self._add(known.id, dossier, want.path, pass_, waiting)
        if waiting != FREE:
            self._open.write()
            self._db.execute(
                "UPDATE dossiers SET open = open + ?, failed = failed + ? WHERE id = ?",
                (int(waiting == OPEN), int(waiting == FAILED), dossier),
            )
        self._count({f"saved: {BY_SHARING}": 1})
        return None

    def skip(self, dossier: DossierId, want: Want, pass_: int) -> None:
        """Register that a pass leads to a forbidden shared resource, without asking for it."""
        resource, owner = self._one(
            "SELECT id, dossier FROM resources WHERE share = ?", (want.share,)
        ).fetchone()
        if owner == dossier:
            self._only_meet(resource, pass_)
        else:
            self._add(resource, dossier, want.path, pass_, FREE)

    def _only_meet(self, resource: int, pass_: int) -> None:
        """Let a pass of its owner meet a resource without asking for it."""
        self._db.execute(
            f"UPDATE resources SET {_UNDER} WHERE id = :id",  # noqa: S608 - a constant
            {"pass": pass_, "id": resource},
        )

    def _last_met(self, known: KnownResource, dossier: DossierId) -> int:
        if known.dossier == dossier:
            return known.met
        row = self._one(
            "SELECT pass FROM shares WHERE resource = ? AND dossier = ?", (known.id, dossier)
        ).fetchone()
        return 0 if row is None else int(row[0])

    def _is_to_be_asked_for(self, known: KnownResource, pass_: int, now: float) -> bool:
        if known.state == "queued":
            return False
        if known.state != "quarantined" and not known.fetched_at:
            return True
        # One that is said to be fetched later than now was fetched by a clock that was ahead.
        asked = known.fetched_at or 0
        return pass_ > 1 and not now - SHARED_FOR <= asked <= now

    # -- by another dossier's path -----------------------------------------------------------

    def _may_try(self, known: KnownResource, dossier: DossierId, want: Want, now: float) -> bool:
        """Whether a dossier may try its own path to a resource that others could not read."""
        if known.state not in _FAILED_STATES or dossier == known.dossier:
            return False
        if known.state != "forbidden" and want.kind in self._often_missing:
            return False
        if known.state == "pending" and self._losses.status(known.id) != _NOT_FOUND:
            return False  # it was read, and is empty
        tried = self._tried(known.id, now)
        return 0 < len(tried) <= OTHERS_A_DAY and dossier not in tried

    def _tried(self, resource: int, now: float) -> list[DossierId]:
        rows = self._db.execute(
            "SELECT dossier FROM tries WHERE resource = ? AND at > ? AND at <= ?",
            (resource, now - DAY, now),
        )
        return [dossier for (dossier,) in rows.fetchall()]

    def find_other_path(self, work: Work, came: int | str, *, now: float) -> Work | None:
        """Find another dossier's path to a shared resource whose own path has failed.

        Dossiers that can read other resources of its kind come first.

        Args:
            work: The resource with the path that failed.
            came: The status, or the reason why the answer cannot be read.
            now: Seconds since the epoch.

        Returns: The resource by that path; None if there is no other, or enough were tried today.
        """
        known = self._one(
            "SELECT dossier, path FROM resources WHERE id = ? AND state = 'queued'"
            " AND share IS NOT NULL",
            (work.id,),
        ).fetchone()
        if known is None or (came == _NOT_FOUND and work.kind in self._often_missing):
            return None
        owner, path = known
        if work.path == path:
            self._note_try(work.id, owner, now)
        if len(self._tried(work.id, now)) > OTHERS_A_DAY:
            return None
        other = self._one(
            "SELECT shares.dossier, shares.path FROM shares WHERE resource = :id AND NOT EXISTS"
            " (SELECT 1 FROM tries WHERE tries.resource = :id AND tries.dossier = shares.dossier"
            " AND at > :since) AND NOT EXISTS"
            " (SELECT 1 FROM resources WHERE resources.path = shares.path) ORDER BY"
            " EXISTS (SELECT 1 FROM resources WHERE resources.dossier = shares.dossier"
            " AND kind = :kind AND state = 'stored') DESC,"
            " EXISTS (SELECT 1 FROM tries JOIN resources ON resources.id = tries.resource"
            " WHERE tries.dossier = shares.dossier AND kind = :kind), shares.dossier LIMIT 1",
            {"id": work.id, "since": now - DAY, "kind": work.kind},
        ).fetchone()
        if other is None:
            return None
        # Before it is tried: whoever is killed meanwhile has had this try.
        self._note_try(work.id, other[0], now)
        first = came if work.first is None else work.first
        return Work(work.id, owner, work.kind, other[1], is_shared=True, first=first)

    def _note_try(self, resource: int, dossier: DossierId, now: float) -> None:
        self._db.execute(
            "INSERT INTO tries (resource, dossier, at) VALUES (?, ?, ?)"
            " ON CONFLICT (resource, dossier) DO UPDATE SET at = excluded.at",
            (resource, dossier, now),
        )

    def adopt_path(self, resource: int, path: str) -> None:
        """Make the dossier whose path has led to a shared resource its owner."""
        (owner, before, met), (dossier, passed) = (
            self._one(
                "SELECT dossier, path, pass FROM resources WHERE id = ?", (resource,)
            ).fetchone(),
            self._one(
                "SELECT dossier, pass FROM shares WHERE resource = ? AND path = ?",
                (resource, path),
            ).fetchone(),
        )
        for table in ("shares", "tries"):
            self._db.execute(
                f"DELETE FROM {table} WHERE resource = ? AND dossier = ?",  # noqa: S608 - constants
                (resource, dossier),
            )
        self._add(resource, owner, before, met, FREE)
        self._db.execute(
            f"UPDATE resources SET dossier = :dossier, path = :path, {_UNDER} WHERE id = :id",  # noqa: S608 - a constant
            {"dossier": dossier, "path": path, "pass": passed, "id": resource},
        )

    def _ask_again(
        self, known: KnownResource, dossier: DossierId, want: Want, pass_: int, *, now: float
    ) -> Work:
        """Queue a resource under the path of the dossier that leads there, its new owner."""
        if known.path != want.path:
            self.release_path(want.path, now=now)
        if known.dossier != dossier:
            self._db.execute(
                "DELETE FROM shares WHERE resource = ? AND dossier = ?", (known.id, dossier)
            )
            if known.met:
                waiting = _BY_STATE.get(known.state, FREE)
                self._add(known.id, known.dossier, known.path, known.met, waiting)
        self._db.execute(
            "UPDATE resources SET dossier = :dossier, path = :path, state = 'queued', error = NULL,"  # noqa: S608 - a constant
            f" {_UNDER} - 1 WHERE id = :id",
            {"dossier": dossier, "path": want.path, "pass": pass_, "id": known.id},
        )
        self._open.write()
        for waiting_again in self.move_waiting(known.id, FAILED, OPEN):
            self._db.execute(
                "UPDATE dossiers SET open = open + 1, failed = failed - 1 WHERE id = ?",
                (waiting_again,),
            )
        return Work(known.id, dossier, want.kind, want.path, is_shared=True)

    def _add(self, resource: int, dossier: DossierId, path: str, pass_: int, waiting: int) -> None:
        self._db.execute(
            "INSERT INTO shares (resource, dossier, path, pass, waiting) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (resource, dossier) DO UPDATE"
            " SET path = excluded.path, pass = excluded.pass, waiting = excluded.waiting",
            (resource, dossier, path, pass_, waiting),
        )

    # -- the dossiers that wait --------------------------------------------------------------

    def move_waiting(self, resource: int, before: int, after: int) -> list[DossierId]:
        """Change how sharing dossiers count a resource, from ``before`` to ``after``; list them."""
        rows = self._db.execute(
            "UPDATE shares SET waiting = ? WHERE resource = ? AND waiting = ? RETURNING dossier",
            (after, resource, before),
        )
        return [dossier for (dossier,) in rows.fetchall()]

    def release_failed(self, dossier: DossierId, *, now: float) -> None:
        """Hand a dossier's unreadable resources to others waiting for them, as its pass begins."""
        failed = self._db.execute(
            "SELECT id, path, pass FROM resources WHERE dossier = ? AND state = 'quarantined'"
            " AND EXISTS (SELECT 1 FROM shares WHERE resource = id AND waiting = ?)",
            (dossier, FAILED),
        )
        for resource, path, met in failed.fetchall():
            self._change_owner(resource, now=now)
            self._add(resource, dossier, path, met, FREE)
        self._db.execute("UPDATE shares SET waiting = ? WHERE dossier = ?", (FREE, dossier))

    # -- the dossiers that lead there no more ------------------------------------------------

    def release_path(self, path: str, *, now: float) -> None:
        """Free a path that has led to another resource until now, which changes its owner."""
        known = self._one("SELECT id FROM resources WHERE path = ?", (path,)).fetchone()
        if known is not None:
            self._change_owner(*known, now=now)
            self._db.execute("UPDATE resources SET path = '#' || id WHERE path = ?", (path,))

    def drop_unseen(
        self,
        dossier: DossierId,
        pass_: int,
        *,
        now: float,
        which: Callable[[str], bool] | None = None,
    ) -> None:
        """Drop a dossier's claims on shared resources that this pass has not seen.

        Args:
            dossier: Its id.
            pass_: The number of the pass.
            now: Seconds since the epoch.
            which: The kinds that the pass has asked for; None for all.
        """
        claims = self._db.execute(
            "SELECT resource, kind FROM shares JOIN resources ON resources.id = resource"
            " WHERE shares.dossier = ? AND shares.pass < ?",
            (dossier, pass_),
        ).fetchall()
        self._db.executemany(
            "DELETE FROM shares WHERE resource = ? AND dossier = ?",
            [(resource, dossier) for resource, kind in claims if which is None or which(kind)],
        )
        unmet = self._db.execute(
            "SELECT id, kind FROM resources WHERE dossier = ? AND +share IS NOT NULL"
            " AND pass BETWEEN 1 AND ? - 1",
            (dossier, pass_),
        )
        for resource, kind in unmet.fetchall():
            if which is None or which(kind):
                self._change_owner(resource, now=now)

    def drop_all(self, dossier: DossierId, *, now: float) -> None:
        """Drop all claims of a deleted dossier on shared resources."""
        (last,) = self._one("SELECT pass FROM dossiers WHERE id = ?", (dossier,)).fetchone()
        self.drop_unseen(dossier, last + 1, now=now)

    def _change_owner(self, resource: int, *, now: float) -> None:
        """Give a shared resource to another dossier that needs it, first to one that waits.

        The next dossier that leads there fetches it. Without any left, it is lost.
        """
        new_owner = self._one(
            "SELECT dossier, path, pass FROM shares WHERE resource = ? AND NOT EXISTS"
            " (SELECT 1 FROM resources WHERE resources.path = shares.path)"
            " ORDER BY waiting DESC, dossier LIMIT 1",
            (resource,),
        ).fetchone()
        if new_owner is None:
            (status, kind) = self._one(
                "UPDATE resources SET"
                " state = CASE WHEN status = 200 THEN 'pending' ELSE 'gone' END,"
                " status = CASE WHEN status = 200 THEN 200 ELSE ? END,"
                " error = NULL, skipped = skipped - pass, pass = 0, fetched_at = 0"
                " WHERE id = ? RETURNING status, kind",
                (UNLINKED, resource),
            ).fetchone()
            if status == _OK:
                self._losses.note(resource, kind, status=UNLINKED, now=now)
            return
        self._db.execute(
            "DELETE FROM shares WHERE resource = ? AND dossier = ?", (resource, new_owner[0])
        )
        self._db.execute(
            f"UPDATE resources SET dossier = :dossier, path = :path, {_UNDER},"  # noqa: S608 - a constant
            " fetched_at = CASE WHEN state = 'quarantined' THEN fetched_at ELSE 0 END"
            " WHERE id = :id",
            {**dict(zip(("dossier", "path", "pass"), new_owner, strict=True)), "id": resource},
        )
