"""Which dossiers may be asked for part by part: nothing of them is in doubt."""

from collections.abc import Iterator

from elements_procura.harvest.policy.refresh import Observations
from elements_procura.harvest.records import UNLISTED_AND_404, KnownPart
from elements_procura.harvest.sql.database import Database, stream
from elements_procura.spec.harvest import WHOLE
from elements_procura.spec.source import DossierId

_OPEN = "losses.state IN ('pending', 'doubted')"
_IN_DOUBT = (
    "SELECT dossier FROM losses JOIN resources ON resources.id = resource"  # noqa: S608 - constants
    f" WHERE {_OPEN} AND +share IS NULL"
)
_FIT = (
    "dossiers.open = 0 AND dossiers.failed = 0 AND dossiers.due != 1"
    " AND dossiers.state = 'complete' AND coalesce(dossiers.deleted, '') != ?"
)


def known_parts(db: Database) -> Iterator[KnownPart]:
    """List the parts of dossiers that may be refreshed part by part, dossier by dossier."""
    rows = stream(
        db,
        "SELECT dossier, part, coalesce(CASE WHEN parts.fetched_at > parts.tried_at"  # noqa: S608 - constants
        " THEN parts.fetched_at ELSE parts.tried_at END, 0),"
        " parts.changes, parts.busy, parts.quiet, parts.cost, hinted_at, parts.due, dossiers.due"
        f" FROM parts JOIN dossiers ON dossiers.id = dossier WHERE {_FIT}"
        f" AND dossier NOT IN ({_IN_DOUBT}) ORDER BY dossier, part",
        (UNLISTED_AND_404,),
    )
    for dossier, part, fetched, *shown, cost, hinted, due, root_due in rows:
        is_due = due > 0 or (part == WHOLE and root_due > 0)
        yield KnownPart(
            dossier, part, fetched, Observations(*shown), max(cost, 1), is_due, hinted=hinted
        )


def is_fit(db: Database, dossier: DossierId) -> bool:
    """Whether a dossier may be asked for part by part."""
    return (
        db.execute(
            f"SELECT 1 FROM dossiers WHERE id = ? AND {_FIT}"  # noqa: S608 - constants
            " AND EXISTS (SELECT 1 FROM parts WHERE dossier = dossiers.id)"
            " AND NOT EXISTS (SELECT 1 FROM resources JOIN losses ON resource = resources.id"
            f" WHERE dossier = dossiers.id AND +share IS NULL AND {_OPEN})",
            (dossier, UNLISTED_AND_404),
        ).fetchone()
        is not None
    )
