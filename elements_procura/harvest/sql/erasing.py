"""Erases from a database whatever must go, and lists it, so it stays away.

Every method that writes is called inside a transaction of the store's.
"""

import hashlib
import secrets
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from re import Pattern
from typing import Any

import attrs
import orjson

from elements_procura.errors import StoreError
from elements_procura.harvest.erasure.spellings import searchable
from elements_procura.harvest.erasure.storage import AuditEntry, Erasure
from elements_procura.harvest.erasure.subject import StoredCopy
from elements_procura.harvest.erasure.suppression import (
    KEY_BYTES,
    Mention,
    Suppression,
    dossier_mention,
    keys_in,
    whose,
)
from elements_procura.harvest.packing import pack, unpack
from elements_procura.harvest.sql.changes import erase
from elements_procura.harvest.sql.database import Database, note, stream
from elements_procura.harvest.sql.sharing import OPEN, SharedResources
from elements_procura.registry import harvest_spec_of
from elements_procura.spec.source import DossierId

_KEY = "suppression key"
_SHOWN = "SELECT id AS resource FROM resources WHERE dossier = :dossier AND change > 0"
_FROM = {
    "bodies": ("changed_at", "NULL", ""),
    "spares": ("at", "NULL", ""),
    "history": ("since", "until", ""),
    "losses": ("seen", "NULL", " WHERE held.body IS NOT NULL"),
}
"""Every table with bodies: since when, until when, and which rows."""


def stored(db: Database, kinds: Collection[str] | None = None) -> Iterator[StoredCopy]:
    """Everything that is stored of bodies."""
    for table, (since, until, which) in _FROM.items():
        rows = stream(
            db,
            f"SELECT resource, dossier, kind, path, share, {since}, {until}, held.body"  # noqa: S608 - constants
            f" FROM {table} AS held JOIN resources ON resources.id = held.resource{which}",
        )
        for resource, dossier, kind, path, share, came, ended, body in rows:
            if kinds is None or kind in kinds:
                whole, is_shared = unpack(body), share is not None
                yield StoredCopy(
                    table, resource, dossier, kind, path, is_shared, came, whole, ended
                )


def suppressed(db: Database) -> tuple[bytes, frozenset[bytes]]:
    """The key and the hashes of what was erased."""
    found = db.execute("SELECT value FROM meta WHERE key = ?", (_KEY,)).fetchone()
    rows = db.execute("SELECT hash FROM suppressed").fetchall()
    return bytes.fromhex(found[0]) if found else b"", frozenset(bytes(each) for (each,) in rows)


def suppress(db: Database, key: bytes, hashes: Collection[bytes]) -> None:
    """List hashes; called inside a transaction. The keys of lists that were taken over add up."""
    known = suppressed(db)[0]
    more = [each for each in keys_in(key) if each not in keys_in(known)]
    note(db, _KEY, b"".join((known, *more)).hex())
    db.executemany(
        "INSERT INTO suppressed VALUES (?) ON CONFLICT DO NOTHING", [(each,) for each in hashes]
    )


def suppression_in(db: Database, api: str | None) -> Suppression | None:
    """The filter of a store; None if nothing was erased from it."""
    key, hashes = suppressed(db)
    return Suppression(harvest_spec_of(api), key, hashes) if hashes else None


def audit(db: Database) -> list[AuditEntry]:
    """What was done for persons' rights."""
    rows = db.execute("SELECT at, action, counts FROM audit ORDER BY at").fetchall()
    return [AuditEntry(at, action, orjson.loads(counts)) for at, action, counts in rows]


def note_audit(db: Database, action: str, counts: Mapping[str, int], *, now: float) -> None:
    """Note what was done; one statement."""
    db.execute(
        "INSERT INTO audit VALUES (?, ?, ?)", (now, action, orjson.dumps(dict(counts)).decode())
    )


def sharers(db: Database, resource: int) -> list[DossierId]:
    """The dossiers that share a resource, besides its own."""
    query = "SELECT dossier FROM shares WHERE resource = ? ORDER BY dossier"
    return [dossier for (dossier,) in db.execute(query, (resource,)).fetchall()]


def exports(db: Database) -> list[dict[str, Any]]:
    """The exports that were made."""
    rows = db.execute("SELECT place, options FROM exports ORDER BY place").fetchall()
    return [{"place": place, **orjson.loads(options)} for place, options in rows]


def note_export(db: Database, place: str, options: str) -> None:
    """Note an export; a transaction of its own."""
    db.execute(
        "INSERT INTO exports VALUES (?, ?) ON CONFLICT (place)"
        " DO UPDATE SET options = excluded.options",
        (place, options),
    )


@attrs.frozen
class Plan:
    """The share of a store that an erasure takes out.

    Attributes:
        told: How much.
        gone: Resources that go whole.
        rewritten: Bodies without what goes.
        dossiers: Those that go whole.
    """

    told: Erasure
    gone: list[int]
    rewritten: list[StoredCopy]
    dossiers: list[DossierId]

    @property
    def is_empty(self) -> bool:
        """Whether all stays as it is."""
        return not (self.gone or self.rewritten or self.dossiers)


def planned(db: Database, filter_: Suppression, mark: Pattern[str] | None) -> Plan:
    """What an erasure would take out.

    Args:
        db: The store's connection.
        filter_: Lists what goes.
        mark: Finds the bodies that may hold it; None where only hashes are known of it.
    """
    every = db.execute("SELECT id FROM dossiers").fetchall()
    dossiers = {each: None for (each,) in every if filter_.lists_dossier(each)}
    gone: dict[int, str] = {}
    concerned: dict[DossierId, None] = {**dossiers}
    for resource, dossier, kind, path, share in stream(
        db, "SELECT id, dossier, kind, path, share FROM resources ORDER BY id"
    ):
        if filter_.owns(kind, path) or (share is None and dossier in dossiers):
            gone[resource] = kind
            concerned[dossier] = None
    rewritten: list[StoredCopy] = []
    for each in stored(db):
        if each.resource in gone or (mark and not mark.search(searchable(each.body))):
            continue
        body = filter_.body(each.dossier, each.kind, each.path, each.body, is_shared=each.is_shared)
        if body != each.body:
            rewritten.append(attrs.evolve(each, body=body))
            concerned[each.dossier] = None
    current = Counter(each.kind for each in rewritten if each.table == "bodies")
    told = Erasure(
        Counter(gone.values()), current, len(rewritten) - current.total(), tuple(concerned)
    )
    return Plan(told, [*gone], rewritten, [*dossiers])


def new_filter(
    db: Database,
    api: str | None,
    tenant: str,
    mentions: Collection[Mention],
    dossier: DossierId | None,
) -> tuple[Suppression, bytes, frozenset[bytes]]:
    """The filter that goes by these mentions alone, with its key and hashes."""
    key = suppressed(db)[0][:KEY_BYTES] or secrets.token_bytes(KEY_BYTES)
    spec = harvest_spec_of(api)
    hashing = Suppression(spec, key, ())
    listed = [*mentions, *([] if dossier is None else [dossier_mention(dossier)]), whose(tenant)]
    hashes = frozenset(map(hashing.hashed, listed))
    return Suppression(spec, key, hashes), key, hashes


def filter_of(api: str | None, tenant: str, key: bytes, hashes: Collection[bytes]) -> Suppression:
    """The filter that goes by a list.

    Raises:
        StoreError: It is of another tenant.
    """
    found = Suppression(harvest_spec_of(api), key, hashes)
    if hashes and not found.lists(whose(tenant)):
        raise StoreError(
            "the list is of another tenant, where numbers mean other people",
            hint="Take the one that `suppression` writes of this tenant's store",
        )
    return found


class Eraser:
    """Takes resources and dossiers out of the tables, and puts bodies without them in.

    Args:
        db: The store's connection.
    """

    def __init__(self, db: Database) -> None:
        self._db = db

    def take_out(self, plan: Plan, sharing: SharedResources, *, now: float) -> None:
        """Do what was planned."""
        # Exports that are kept up to date still have rows that they have marked as deleted: all
        # rows of these dossiers go there, and those that are left are written anew.
        for dossier in plan.told.dossiers:
            which: dict[str, object] = {"dossier": dossier}
            erase(self._db, _SHOWN, which)
            self._db.execute(f"UPDATE resources SET change = NULL WHERE id IN ({_SHOWN})", which)  # noqa: S608 - a constant
        for each in plan.rewritten:
            self.rewrite(each)
        for resource in plan.gone:
            self.remove(resource, now=now)
        for dossier in plan.dossiers:
            self.remove_dossier(dossier, sharing, now=now)

    def rewrite(self, each: StoredCopy) -> None:
        """Put a body in the place of one that held more."""
        digest, packed = hashlib.sha256(each.body).digest(), pack(each.body)
        if each.table == "history":
            self._db.execute(
                "UPDATE history SET body = ? WHERE resource = ? AND until = ?",
                (packed, each.resource, each.until),
            )
            return
        self._db.execute(
            f"UPDATE {each.table} SET body = ? WHERE resource = ?",  # noqa: S608 - constants
            (packed, each.resource),
        )
        if each.table == "bodies":
            self._db.execute(
                "UPDATE resources SET sha256 = ?, change = NULL WHERE id = ?",
                (digest, each.resource),
            )
        elif each.table == "spares":
            self._db.execute(
                "UPDATE spares SET sha256 = ? WHERE resource = ?", (digest, each.resource)
            )

    def remove(self, resource: int, *, now: float) -> None:
        """Take a resource out, with all that is known of it."""
        dossier, state = self._db.execute(
            "SELECT dossier, state FROM resources WHERE id = ?", (resource,)
        ).fetchone()
        waiting = self._db.execute(
            "SELECT dossier, waiting FROM shares WHERE resource = ? AND waiting > 0", (resource,)
        ).fetchall()
        own = {"queued": OPEN, "quarantined": OPEN + 1}.get(state)
        for each, how in [*waiting, *([] if own is None else [(dossier, own)])]:
            self._count_off(each, "open" if how == OPEN else "failed", now=now)
        for table in ("bodies", "spares", "history", "losses", "tries", "shares"):
            self._db.execute(f"DELETE FROM {table} WHERE resource = ?", (resource,))  # noqa: S608 - constants
        self._db.execute("DELETE FROM resources WHERE id = ?", (resource,))

    def _count_off(self, dossier: DossierId, column: str, *, now: float) -> None:
        self._db.execute(
            f"UPDATE dossiers SET {column} = {column} - 1 WHERE id = ?",  # noqa: S608 - constants
            (dossier,),
        )
        self._db.execute(
            "UPDATE dossiers SET state = CASE WHEN failed > 0 THEN 'quarantined'"
            " ELSE 'complete' END, tried_at = ? WHERE id = ? AND open = 0"
            " AND state IN ('open', 'quarantined')",
            (now, dossier),
        )

    def remove_dossier(self, dossier: DossierId, sharing: SharedResources, *, now: float) -> None:
        """Take a dossier out; what it shares is the others', and gone if there are none."""
        if self._db.execute("SELECT 1 FROM dossiers WHERE id = ?", (dossier,)).fetchone() is None:
            return
        sharing.drop_all(dossier, now=now)
        left = self._db.execute("SELECT id FROM resources WHERE dossier = ?", (dossier,))
        for (resource,) in left.fetchall():
            self.remove(resource, now=now)
        for table in ("shares", "tries", "parts"):
            self._db.execute(f"DELETE FROM {table} WHERE dossier = ?", (dossier,))  # noqa: S608 - constants
        self._db.execute("DELETE FROM accepted WHERE subject = ?", (f"dossier:{dossier}",))
        self._db.execute("DELETE FROM dossiers WHERE id = ?", (dossier,))
