"""The concerns of a store: the single source for exit 3 and for every output."""

from collections import Counter

import orjson

from elements_procura.harvest.events import Concern
from elements_procura.harvest.records import LostLink
from elements_procura.harvest.sql.database import Database
from elements_procura.harvest.sql.losses import DOSSIER, UNLINKED
from elements_procura.harvest.sql.rights import IS_DOSSIER

ROWS = "rows"
DOUBTED, FORBIDDEN, NOT_GRANTED = "doubted", "forbidden", "not granted"
QUARANTINED, INCOMPLETE = "quarantined", "incomplete"


def concerns(db: Database) -> tuple[Concern, ...]:
    """All concerns, those about many first.

    Args:
        db: A connection to the store.
    """
    meta = dict(
        db.execute(
            "SELECT key, value FROM meta WHERE key IN ('doubted', 'doubts', 'rows', 'gaps')"
        ).fetchall()
    )
    accepted = {
        (subject, state): count
        for subject, state, count in db.execute("SELECT subject, state, count FROM accepted")
    }
    found = [*_doubted(db, meta), *_forbidden(db), *_rows(meta), *_quarantined(db)]
    return tuple(
        Concern(subject, state, count, of, min(accepted.get((subject, state), 0), count))
        for subject, state, count, of in found
    )


_Found = list[tuple[str, str, int, int]]


def _doubted(db: Database, meta: dict[str, str]) -> _Found:
    counts = Counter(
        dict(
            db.execute(
                "SELECT subject, count(*) FROM losses WHERE state = 'doubted' GROUP BY subject"
            ).fetchall()
        )
    )
    asked = orjson.loads(meta.get("doubts", "{}"))
    # A listing that lacks dossiers, and dossiers that are not there, are one doubt.
    if lacking := int(meta.get("doubted", 0)):
        counts[DOSSIER] = max(counts[DOSSIER], lacking)
        (known,) = db.execute("SELECT count(*) FROM dossiers WHERE deleted IS NULL").fetchone()
        asked[DOSSIER] = max(asked.get(DOSSIER, 0), known)
    return [
        (subject, DOUBTED, count, max(asked.get(subject, 0), count))
        for subject, count in sorted(counts.items())
    ]


def _forbidden(db: Database) -> _Found:
    rows = db.execute(
        "SELECT kind, count(*), count(*) FILTER (WHERE status = 200),"  # noqa: S608 - a constant
        f" count(*) FILTER (WHERE {IS_DOSSIER}) FROM resources AS r"
        " WHERE state = 'forbidden' GROUP BY kind ORDER BY kind"
    ).fetchall()
    found: _Found = []
    for kind, count, was_read, is_dossier in rows:
        is_granted = was_read or is_dossier or _is_read(db, kind)
        found.append((kind, FORBIDDEN if is_granted else NOT_GRANTED, count, 0))
    return found


def _is_read(db: Database, kind: str) -> bool:
    row = db.execute(
        "SELECT 1 FROM resources WHERE kind = ? AND status = 200 LIMIT 1", (kind,)
    ).fetchone()
    return row is not None


def _rows(meta: dict[str, str]) -> _Found:
    rows = int(meta.get("rows", 0))
    missing = sum(at_least for _, at_least in orjson.loads(meta.get("gaps", "[]")))
    found: _Found = [(ROWS, ROWS, rows, 0), (ROWS, INCOMPLETE, missing, 0)]
    return [each for each in found if each[2]]


def _quarantined(db: Database) -> _Found:
    return [
        (f"{DOSSIER}:{dossier}", QUARANTINED, failed, 0)
        for dossier, failed in db.execute(
            "SELECT id, failed FROM dossiers WHERE state = 'quarantined' ORDER BY id"
        )
    ]


def lost_links(db: Database) -> list[LostLink]:
    """Count doubted losses to which answers that are there themselves do not lead any more.

    Args:
        db: A connection to the store.
    """
    rows = db.execute(
        "SELECT parents.kind, lost.kind, count(*), min(losses.since) FROM losses"
        " JOIN resources AS lost ON lost.id = losses.resource"
        " JOIN resources AS parents ON parents.id = lost.parent"
        " WHERE losses.state = 'doubted' AND losses.status = ? AND NOT EXISTS"
        " (SELECT 1 FROM losses AS above WHERE above.resource = parents.id"
        " AND above.state IN ('pending', 'doubted'))"
        " GROUP BY parents.kind, lost.kind ORDER BY parents.kind, lost.kind",
        (UNLINKED,),
    )
    return [LostLink(*row) for row in rows.fetchall()]
