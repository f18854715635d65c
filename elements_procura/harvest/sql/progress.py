"""Counting the progress of a harvest in its tables."""

from collections.abc import Iterable

from elements_procura.harvest.events import Progress
from elements_procura.harvest.sql.concerns import concerns
from elements_procura.harvest.sql.database import Database
from elements_procura.harvest.traffic import Stretch, total


def progress_in(db: Database, traffic: Iterable[Stretch]) -> Progress:
    """Count the progress of the harvest.

    Args:
        db: A connection to the store.
        traffic: What was seen of its requests.
    """
    rows = db.execute(
        "SELECT state, count(*), count(*) FILTER (WHERE unlisted > 0), count(deleted),"
        " count(*) FILTER (WHERE open > 0 AND pass > 1) FROM dossiers GROUP BY state"
    ).fetchall()
    stored, queued = db.execute(
        "SELECT count(*) FILTER (WHERE status = 200),"
        " count(*) FILTER (WHERE state = 'queued') FROM resources"
    ).fetchone()
    counts = dict(db.execute("SELECT name, value FROM counts").fetchall())
    notes = dict(
        db.execute("SELECT key, value FROM meta WHERE key IN ('doubted', 'listed')").fetchall()
    )
    saved = {
        name.removeprefix("saved: "): count
        for name, count in sorted(counts.items())
        if name.startswith("saved: ")
    }
    dossiers = {state: number for state, number, *_ in rows}
    unlisted, deleted, refreshing = (
        int(sum(column)) for column in list(zip(*rows, strict=True))[2:] or ((), (), ())
    )
    return Progress(
        dossiers=sum(dossiers.values()),
        harvested=dossiers.get("complete", 0),
        quarantined=dossiers.get("quarantined", 0),
        gone=dossiers.get("gone", 0),
        doubted=int(notes.get("doubted", 0)),
        unlisted=unlisted,
        deleted=deleted,
        refreshing=refreshing,
        resources=int(stored),
        queued=int(queued),
        requests=counts.get("requests", 0),
        requests_saved=sum(saved.values()),
        saved=saved,
        listed=notes.get("listed") == "1",
        probes=counts.get("probes", 0),
        concerns=concerns(db),
        traffic=total(traffic),
    )
