"""Reads every body of a store and compares it with the digest that stands beside it."""

from collections.abc import Iterator

from elements_procura.harvest.packing import unpack
from elements_procura.harvest.records import DamagedBody, Verification, is_intact
from elements_procura.harvest.sql.database import Database, stream
from elements_procura.spec.source import DossierId


def verified(db: Database) -> Verification:
    """Read every body, and compare it with its digest."""
    count = 0
    found = []
    for dossier, kind, digest, body in _all(db):
        count += 1
        if not is_intact(unpack(body), digest):
            found.append(DamagedBody(dossier, kind))
    return Verification(count, tuple(found))


def _all(db: Database) -> Iterator[tuple[DossierId, str, bytes | None, bytes]]:
    yield from stream(
        db,
        "SELECT dossier, kind, sha256, body FROM bodies"
        " JOIN resources ON resources.id = bodies.resource ORDER BY resources.id",
    )
    yield from stream(
        db,
        "SELECT dossier, kind, spares.sha256, body FROM spares"
        " JOIN resources ON resources.id = spares.resource ORDER BY resources.id",
    )
