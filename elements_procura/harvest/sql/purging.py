"""Erasing resources that the source no longer has, by the evidence of two looks.

Called inside a transaction of the store's.
"""

from elements_procura.harvest.policy.doubt import SECOND_LOOK
from elements_procura.harvest.records import UNLISTED_AND_404
from elements_procura.harvest.sql.changes import erase
from elements_procura.harvest.sql.database import Database

_LOST = """
    SELECT resource FROM losses JOIN resources ON resources.id = resource
    WHERE losses.state IN ('believed', 'vouched') AND seen - since >= :apart
    AND resources.state = 'gone'
    UNION SELECT resources.id FROM resources JOIN dossiers ON dossiers.id = dossier
    WHERE deleted = :deleted AND resources.status != 200
    AND (SELECT max(value + 0.0) FROM meta WHERE key = 'listed_at') - lacking_since >= :apart
"""
_EMPTIED = (
    "SELECT resource FROM losses WHERE body IS NOT NULL AND state IN ('believed', 'vouched')"
    " AND seen - since >= :apart"
)
"""Collections that an empty one has replaced for good."""


def purge(db: Database) -> int:
    """Erase resources that two looks, a night apart, have not found; return how many bodies.

    A deleted dossier's looks are listings. Doubted and forbidden resources are not erased.
    """
    evidence = {"apart": SECOND_LOOK, "deleted": UNLISTED_AND_404}
    # Exports that are kept up to date lose it as well.
    erase(db, f"SELECT resource FROM bodies WHERE resource IN ({_LOST})", evidence)  # noqa: S608 - constants
    erase(db, _EMPTIED, evidence)
    db.execute(f"UPDATE resources SET change = NULL WHERE id IN ({_EMPTIED})", evidence)  # noqa: S608 - constants
    erased = 0
    for table in ("bodies", "history"):
        erased += db.execute(
            f"DELETE FROM {table} WHERE resource IN ({_LOST})",  # noqa: S608 - constants
            evidence,
        ).rowcount
    db.execute(f"DELETE FROM spares WHERE resource IN ({_LOST})", evidence)  # noqa: S608 - constants
    # What an empty collection has replaced.
    erased += db.execute(
        "UPDATE losses SET body = NULL WHERE body IS NOT NULL AND state IN ('believed', 'vouched')"
        " AND seen - since >= :apart",
        evidence,
    ).rowcount
    db.execute(
        "DELETE FROM history WHERE resource IN (SELECT resource FROM losses WHERE status = 204"
        " AND state IN ('believed', 'vouched') AND seen - since >= :apart)",
        evidence,
    )
    return erased
