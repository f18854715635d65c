"""Reading the input of refreshes and plans from a store."""

import random
from collections import defaultdict
from collections.abc import Container

from elements_procura.harvest.policy.plan import Sample
from elements_procura.harvest.policy.refresh import (
    DAY,
    UNKNOWN,
    Observations,
    Staleness,
    learn,
    staleness,
)
from elements_procura.harvest.policy.sharing import MISSING_FOR, SHARED_FOR
from elements_procura.harvest.records import UNLISTED_AND_404, KnownDossier, PartRate
from elements_procura.harvest.sql.database import Database
from elements_procura.spec.source import DossierId


def known(db: Database) -> list[KnownDossier]:
    """List the dossiers that may be refreshed."""
    rows = db.execute(
        "SELECT id, coalesce(CASE WHEN fetched_at > tried_at THEN fetched_at ELSE tried_at END, 0),"
        " changes, busy, quiet, cost, due FROM dossiers"
        " WHERE open = 0 AND state != 'open' AND coalesce(deleted, '') != ?"
        " AND EXISTS (SELECT 1 FROM resources WHERE dossier = dossiers.id AND root = 1)",
        (UNLISTED_AND_404,),
    ).fetchall()
    return [
        KnownDossier(dossier, fetched, Observations(*shown), max(cost, 1), bool(due))
        for dossier, fetched, *shown, cost, due in rows
    ]


def shared_before(
    db: Database, moment: float, dossier: DossierId, often_missing: Container[str]
) -> list[int]:
    """List a dossier's shared resources that were last fetched before ``moment``."""
    what = (
        "id, kind, coalesce(fetched_at, 0), resources.state = 'gone' AND sha256 IS NULL"
        " FROM resources"
    )
    rows = db.execute(
        f"SELECT {what} WHERE dossier = :dossier AND +share IS NOT NULL"
        " AND coalesce(fetched_at, 0) < :moment"
        f" UNION ALL SELECT {what} JOIN shares ON resources.id = shares.resource"
        " WHERE shares.dossier = :dossier AND coalesce(fetched_at, 0) < :moment",
        {"dossier": dossier, "moment": moment},
    )
    return [
        resource
        for resource, kind, fetched_at, is_missing in rows
        if not (
            is_missing and kind in often_missing and fetched_at > moment + SHARED_FOR - MISSING_FOR
        )
    ]


def samples(db: Database, *, most: int) -> list[Sample]:
    """Draw dossiers at random, and count the cost of each."""
    begun = db.execute(
        "SELECT id, open FROM dossiers WHERE state = 'complete' OR (open > 0 AND pass = 1"
        " AND EXISTS (SELECT 1 FROM resources WHERE dossier = dossiers.id"
        " AND +share IS NULL AND root != 2 AND state != 'queued'))"
        " ORDER BY rowid"  # as they were listed, which is as they are begun
    ).fetchall()
    under_way = sum(left > 0 for _, left in begun)
    fair = [dossier for dossier, _ in begun[: max(len(begun) - 2 * under_way, 0)]]
    return [_sample(db, each) for each in random.sample(fair, min(most, len(fair)))]


def _sample(db: Database, dossier: DossierId) -> Sample:
    own = db.execute(
        "SELECT kind, count(*) FROM resources JOIN dossiers ON dossiers.id = dossier"
        " WHERE dossier = ? AND +share IS NULL AND resources.pass = dossiers.pass"
        " AND root != 2 GROUP BY kind",  # a row of the listing costs no request
        (dossier,),
    )
    shared = db.execute(
        "SELECT share, kind FROM resources WHERE dossier = ? AND share IS NOT NULL"
        " UNION ALL SELECT share, kind FROM shares"
        " JOIN resources ON resources.id = shares.resource"
        " WHERE shares.dossier = ?",
        (dossier, dossier),
    )
    return Sample(dict(own.fetchall()), dict(shared.fetchall()))


def staleness_of_parts(db: Database, *, now: float) -> dict[str, Staleness]:
    """How long ago each part was fetched, of the dossiers that have it."""
    ages: defaultdict[str, list[float]] = defaultdict(list)
    for part, age in db.execute(
        "SELECT part, :now - parts.fetched_at FROM parts JOIN dossiers ON dossiers.id = dossier"
        " WHERE parts.fetched_at <= :now AND dossiers.state IN ('complete', 'quarantined')"
        " ORDER BY part",
        {"now": now},
    ):
        ages[part].append(age)
    return {part: staleness(found) for part, found in ages.items()}


def rates_of_parts(db: Database) -> list[PartRate]:
    """How often each part changes on average."""
    rows = db.execute(
        "SELECT part, count(*), sum(cost), sum(changes), sum(busy), sum(quiet) FROM parts"
        " GROUP BY part ORDER BY part"
    ).fetchall()
    found = []
    for part, count, cost, changes, busy, quiet in rows:
        seen = Observations(changes, busy, quiet)
        days = (busy + quiet) / DAY
        rate = learn(seen, UNKNOWN).mean * 30 * DAY
        found.append(PartRate(part, count, int(cost), changes, days, rate))
    return sorted(found, key=lambda each: -each.per_month)
