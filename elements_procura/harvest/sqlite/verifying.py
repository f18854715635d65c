"""Whether what is stored is still what came: by the digests that stand beside the bodies."""

import hashlib
import sqlite3
from collections.abc import Iterator, Sequence

import attrs

from elements_procura.errors import StoreError
from elements_procura.spec.source import DossierId, id_repr

_SHOWN = 20


@attrs.frozen
class Damaged:
    """A body that is not as it was stored.

    Attributes:
        dossier: The dossier that it was fetched for.
        kind: Name of its kind.
    """

    dossier: DossierId = attrs.field(repr=id_repr)
    kind: str

    def __str__(self) -> str:
        return f"dossier {self.dossier}, {self.kind}"


@attrs.frozen
class Verified:
    """What has come of reading every body.

    Attributes:
        bodies: How many have been read.
        damaged: Those that are not as they were stored.
    """

    bodies: int
    damaged: tuple[Damaged, ...]


def verified(db: sqlite3.Connection) -> Verified:
    """Read every body, and compare it with its digest."""
    count = 0
    found = []
    for dossier, kind, digest, body in _all(db):
        count += 1
        if not is_intact(body, digest):
            found.append(Damaged(dossier, kind))
    return Verified(count, tuple(found))


def is_intact(body: bytes, digest: bytes | None) -> bool:
    """Whether a body is the one that its digest was made of."""
    return digest is None or hashlib.sha256(body).digest() == digest


def damage(found: Sequence[Damaged]) -> StoreError:
    """The exception for bodies that are not as they were stored."""
    listed = "; ".join(map(str, found[:_SHOWN]))
    more = f"; and {len(found) - _SHOWN:,} more" if len(found) > _SHOWN else ""
    are = "1 body is" if len(found) == 1 else f"{len(found):,} bodies are"
    return StoreError(
        f"{are} not as stored, so the disk or the file is damaged: {listed}{more}",
        hint="Check the disk; a harvest with --refresh reads them anew and puts them right",
    )


def _all(db: sqlite3.Connection) -> Iterator[tuple[DossierId, str, bytes | None, bytes]]:
    yield from db.execute(
        "SELECT dossier, kind, sha256, body FROM bodies"
        " JOIN resources ON resources.id = bodies.resource ORDER BY resources.id"
    )
    yield from db.execute(
        "SELECT dossier, kind, spares.sha256, body FROM spares"
        " JOIN resources ON resources.id = spares.resource ORDER BY resources.id"
    )
