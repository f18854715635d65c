"""Second looks at losses: those that wait for nothing after them, and those nothing asks for.

Every function is called inside a transaction of the store's.
"""

from collections.abc import Collection, Iterator

from elements_procura.harvest.policy.doubt import SECOND_LOOK
from elements_procura.harvest.records import UNLISTED_AND_404
from elements_procura.harvest.sql.database import Database
from elements_procura.harvest.sql.losses import DOSSIER, UNLINKED
from elements_procura.spec.source import DossierId

_OPEN = "losses.state IN ('pending', 'doubted')"
_UNCLAIMED = f"""
    SELECT resource, seen, dossiers.id, dossiers.fetched_at, deleted FROM losses
    JOIN resources ON resources.id = resource JOIN dossiers ON dossiers.id = dossier
    WHERE share IS NOT NULL AND resources.pass = 0
    AND resources.state IN ('pending', 'gone') AND dossiers.open = 0
    AND ({_OPEN} OR seen - since < :apart)
    AND (deleted = :deleted OR dossiers.state = 'complete')
    AND NOT EXISTS (SELECT 1 FROM shares WHERE shares.resource = resources.id)
"""  # noqa: S608 - constants
_OWN_IN_THE_WAY = f"""
    SELECT 1 FROM resources LEFT JOIN losses ON resource = resources.id
    WHERE dossier = ? AND +share IS NULL
    AND ({_OPEN} OR resources.state = 'forbidden' AND resources.status = 200) LIMIT 1
"""  # noqa: S608 - constants
_OTHERS_IN_THE_WAY = f"""
    SELECT 1 FROM losses JOIN resources ON resources.id = resource
    WHERE dossier != ? AND share IS NULL AND subject != '{DOSSIER}' AND {_OPEN} LIMIT 1
"""  # noqa: S608 - constants


def look_at_unclaimed(db: Database) -> None:
    """Look once more at shared resources to which no dossier leads, since no pass asks for them.

    What shows again that none leads there is a pass of the last owner that could read all there is,
    or, where the owner is deleted, a listing without it. While anything of the owner is lost or may
    not be read, or anything of others where it is deleted, an answer may lead there that nobody can
    read now: such a pass or listing counts for nothing.

    Args:
        db: The store's connection.
    """
    about = {"apart": SECOND_LOOK, "deleted": UNLISTED_AND_404}
    unclaimed = db.execute(_UNCLAIMED, about).fetchall()
    if not unclaimed:
        return
    (listed_at,) = db.execute(
        "SELECT max(value + 0.0) FROM meta WHERE key = 'listed_at'"
    ).fetchone()
    for resource, seen, owner, fetched_at, deleted in unclaimed:
        is_deleted = deleted == UNLISTED_AND_404
        looked_at = (listed_at if is_deleted else fetched_at) or 0.0
        in_the_way = _OTHERS_IN_THE_WAY if is_deleted else _OWN_IN_THE_WAY
        if looked_at > seen and db.execute(in_the_way, (owner,)).fetchone() is None:
            db.execute("UPDATE losses SET seen = ? WHERE resource = ?", (looked_at, resource))


def note_left_behind(db: Database, dossier: DossierId, pass_: int, *, now: float) -> None:
    """Record as lost, from this look on, the bodies of a dossier that is back without them.

    They were gone with it when it was deleted, so no loss of their own is known, and a purge would
    keep them for ever.

    Args:
        db: The store's connection.
        dossier: Its id.
        pass_: Its complete pass, which has not met them.
        now: Seconds since the epoch.
    """
    db.execute(
        "INSERT INTO losses (resource, subject, status, since, seen, state)"
        " SELECT id, kind, :unlinked, :now, :now, 'believed' FROM resources"
        " WHERE dossier = :dossier AND pass < :pass AND +share IS NULL AND status != 200"
        " AND EXISTS (SELECT 1 FROM bodies WHERE resource = resources.id)"
        " AND NOT EXISTS (SELECT 1 FROM losses WHERE losses.resource = resources.id)",
        {"unlinked": UNLINKED, "now": now, "dossier": dossier, "pass": pass_},
    )


def waits_for_nothing(db: Database, resource: int, doubted: Collection[str]) -> bool:
    """Whether two looks have shown a loss, and all that is doubted in its dossier hangs on it.

    While something above it is lost as well, or doubted beside it, it waits for that.

    Args:
        db: The store's connection.
        resource: Its number.
        doubted: The doubted subjects.
    """
    looks, dossier, subject = db.execute(
        "SELECT seen - since, dossier, subject FROM losses JOIN resources ON id = resource"
        " WHERE id = ? AND share IS NULL",
        (resource,),
    ).fetchone() or (0.0, None, "")
    if looks < SECOND_LOOK:
        return False
    if subject == DOSSIER:
        return True
    own: dict[int, tuple[int | None, str | None]] = {
        row: (None if root else parent, lost)
        for row, root, parent, lost in db.execute(
            "SELECT resources.id, root, parent, subject FROM resources"  # noqa: S608 - a constant
            f" LEFT JOIN losses ON resource = resources.id AND {_OPEN}"
            " WHERE dossier = ? AND +share IS NULL",
            (dossier,),
        ).fetchall()
    }

    def above(row: int) -> Iterator[int]:
        found, _ = own[row]
        while found is not None and found in own:
            yield found
            found, _ = own[found]

    return not any(own[each][1] for each in above(resource)) and all(
        resource in above(row)
        for row, (_, lost) in own.items()
        if row != resource and lost in doubted
    )
