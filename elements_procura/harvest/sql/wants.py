"""The ledger's queue: the resources that an answer leads to, unless its pass has met them already.

Every method is called inside a transaction of the store's.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache

import attrs

from elements_procura.harvest.policy.missing import OftenMissing
from elements_procura.harvest.policy.part_names import PartNames
from elements_procura.harvest.policy.sharing import MISSING_FOR
from elements_procura.harvest.sql.database import Database
from elements_procura.harvest.sql.losses import UNLINKED
from elements_procura.harvest.sql.rights import Rights
from elements_procura.harvest.sql.sharing import SharedResources
from elements_procura.spec.source import (
    BY_MISSING,
    BY_RIGHT,
    DossierId,
    Want,
    Work,
    id_repr,
)

_NOT_FOUND = 404
_MANY = 3
"""Wants of one answer that are cheaper inserted together than one by one."""
_AT_ONCE = 16
"""Rows of one statement: two thirds of the time of as many statements. Each number is one."""


@cache
def _inserting(rows: int) -> str:
    row = "(?, ?, ?, ?, ?, ?, ?)"
    return (
        "INSERT INTO resources (dossier, parent, kind, path, share, pass, root)"  # noqa: S608 - constants
        f" VALUES {', '.join([row] * rows)} ON CONFLICT DO NOTHING"
    )


_NEW = f"{_inserting(1)} RETURNING id"


@attrs.frozen
class Origin:
    """Where something is wanted.

    Attributes:
        dossier: By which dossier.
        pass_: The number of its pass.
        parent: The resource whose answer leads there; None for a root.
        root: 1 for a resource without a parent, 2 for the dossier's row in the listing.
        asked: The parts that the pass asks for; None for all.
        differs: Whether the answer that leads there is another than before.
    """

    dossier: DossierId = attrs.field(repr=id_repr)
    pass_: int
    parent: int | None = None
    root: int = 0
    asked: frozenset[str] | None = None
    differs: bool = False


class WantedResources:
    """Queues what answers lead to.

    Args:
        db: The store's connection.
        rights: The kinds that may not be read.
        sharing: Who shares what.
        often_missing: Kinds for which a 404 is usual.
        parts: Which part a kind is in.
        count: Adds to the store's counts.
    """

    def __init__(
        self,
        db: Database,
        rights: Rights,
        sharing: SharedResources,
        often_missing: OftenMissing,
        parts: PartNames,
        *,
        count: Callable[[Mapping[str, int]], None],
    ) -> None:
        self._db = db
        self._one = db.cursor().execute
        self._rights = rights
        self._sharing = sharing
        self._often_missing = often_missing
        self._parts = parts
        self._count = count

    def want(self, origin: Origin, wants: Iterable[Want], *, now: float) -> list[Work]:
        """Queue the resources that a dossier leads to, unless this pass has met them already.

        Args:
            origin: Which dossier, and from where.
            wants: The resources that it leads to.
            now: Seconds since the epoch.
        """
        if origin.pass_ > 1 and origin.root == 0 and self._rights.missing:
            wants = [each for each in wants if not self._is_left(origin, each, now)]
        wants = tuple(wants)
        if len(wants) < _MANY:
            return [made for want in wants if (made := self._want(origin, want, now))]
        new = self._insert(origin, wants)
        return [
            made
            for want in wants
            if (
                made := self._met_before(origin, want, now)
                if (number := new.pop(want.path, None)) is None
                else _work(number, origin, want)
            )
        ]

    def move_roots(self, dossier: DossierId, wants: Iterable[Want]) -> None:
        """Let the next pass begin where the listing now says, as for a case of another type.

        What was a root and is left out now stays, as something that nothing leads to. A row that
        names nothing new says nothing: its type may only be missing.
        """
        query = "SELECT path FROM resources WHERE dossier = ? AND root = 1"
        before = {path for (path,) in self._one(query, (dossier,)).fetchall()}
        now = {want.path: want for want in wants}
        new = now.keys() - before
        if not new:
            return
        (pass_,) = self._one("SELECT pass FROM dossiers WHERE id = ?", (dossier,)).fetchone()
        self._db.executemany(
            "INSERT INTO resources (dossier, kind, path, pass, state) VALUES (?, ?, ?, ?, 'gone')"
            " ON CONFLICT DO NOTHING",
            [(dossier, now[path].kind, path, pass_) for path in new],
        )
        self._db.executemany(
            "UPDATE resources SET root = ?, pass = ? WHERE path = ? AND dossier = ?",
            [
                *((1, pass_, path, dossier) for path in new),
                *((0, pass_, path, dossier) for path in before - now.keys()),
            ],
        )

    def _insert(self, origin: Origin, wants: Sequence[Want]) -> dict[str, int]:
        """Queue those that are new; return their numbers by path."""
        (last,) = self._one("SELECT coalesce(max(id), 0) FROM resources").fetchone()
        for first in range(0, len(wants), _AT_ONCE):
            some = wants[first : first + _AT_ONCE]
            values = [value for want in some for value in _row(origin, want)]
            self._db.execute(_inserting(len(some)), values)
        rows = self._db.execute("SELECT path, id FROM resources WHERE id > ?", (last,))
        return dict(rows.fetchall())

    def _is_left(self, origin: Origin, want: Want, now: float) -> bool:
        """Whether its kind may not be read and one of it was tried today already."""
        path = "path" if want.share is None else "share"
        known = self._one(
            f"SELECT id FROM resources WHERE {path} = ? AND state = 'forbidden'",  # noqa: S608 - one of two constants
            (want.share or want.path,),
        ).fetchone()
        if known is None or not self._rights.is_to_be_left(want.kind, now=now):
            return False
        if want.share is None:
            self._db.execute(
                "UPDATE resources SET pass = ?, parent = ? WHERE id = ?",
                (origin.pass_, origin.parent, *known),
            )
        else:
            self._sharing.skip(origin.dossier, want, origin.pass_)
        self._count({f"saved: {BY_RIGHT}": 1})
        return True

    def _want(self, origin: Origin, want: Want, now: float) -> Work | None:
        made = self._one(_NEW, _row(origin, want)).fetchone()
        if made is not None:
            return _work(made[0], origin, want)
        return self._met_before(origin, want, now)

    def _met_before(self, origin: Origin, want: Want, now: float) -> Work | None:
        """Queue something that is known once more, if this pass is to ask for it."""
        dossier, pass_ = origin.dossier, origin.pass_
        missed_at = self._missed_at(want, now=now)
        if want.share is not None:
            if (known := self._sharing.find(want.share)) is not None:
                # As it was met when it was last asked for: that is recent enough.
                met_at = missed_at or now
                return self._sharing.register(known, dossier, want, pass_, now=met_at)
            self._sharing.release_path(want.path, now=now)
            return self._want(origin, want, now)
        if missed_at is not None:
            self._count({f"saved: {BY_MISSING}": 1})
            return None
        if self._is_only_met(origin, want):
            return None
        again = self._one(
            "UPDATE resources SET state = 'queued', error = NULL, pass = :pass, parent = :parent"
            " WHERE path = :path AND dossier = :dossier AND pass < :pass RETURNING id",
            {"pass": pass_, "path": want.path, "dossier": dossier, "parent": origin.parent},
        ).fetchone()
        return None if again is None else Work(again[0], dossier, want.kind, want.path)

    def _is_only_met(self, origin: Origin, want: Want) -> bool:
        """Whether something is known well enough, and of a part that the pass does not ask for.

        New resources are asked for at once, or a list would be stored without what it leads to.
        """
        if origin.asked is None or self._parts.of(want.kind) in origin.asked:
            return False
        if origin.differs and self._parts.is_shown_by_row(want.kind):
            return False
        met = self._one(
            "UPDATE resources SET pass = :pass, skipped = skipped + 1, parent = :parent"
            " WHERE path = :path AND dossier = :dossier AND pass < :pass AND (state = 'stored'"
            " OR state = 'forbidden' OR (state = 'gone' AND status != :unlinked)) RETURNING id",
            {
                "pass": origin.pass_,
                "path": want.path,
                "dossier": origin.dossier,
                "parent": origin.parent,
                "unlinked": UNLINKED,
            },
        ).fetchone()
        return met is not None

    def _missed_at(self, want: Want, *, now: float) -> float | None:
        """The time when an often-missing resource was last found missing, if that still holds.

        Until it expires, passes ignore the resource: it is neither met nor lost.
        """
        if want.kind not in self._often_missing:
            return None
        row = self._one(
            "SELECT fetched_at FROM resources WHERE (path = ? OR share = ?) AND state = 'gone'"
            " AND status IN (?, ?) AND sha256 IS NULL AND fetched_at BETWEEN ? AND ?",
            (want.path, want.share, UNLINKED, _NOT_FOUND, now - MISSING_FOR, now),
        ).fetchone()
        return None if row is None else float(row[0])


def _row(origin: Origin, want: Want) -> tuple[object, ...]:
    return (
        origin.dossier,
        origin.parent,
        want.kind,
        want.path,
        want.share,
        origin.pass_,
        origin.root,
    )


def _work(number: int, origin: Origin, want: Want) -> Work:
    return Work(number, origin.dossier, want.kind, want.path, is_shared=want.share is not None)
