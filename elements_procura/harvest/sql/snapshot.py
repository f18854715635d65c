"""One moment of a store, dossier after dossier: the input of exports and reports."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import orjson

from elements_procura.harvest.packing import packed_size, unpack
from elements_procura.harvest.records import HeldResource, damage, is_intact
from elements_procura.harvest.sql.changes import MARK, SPARE
from elements_procura.harvest.sql.copying import copy_tables
from elements_procura.harvest.sql.database import Database, stream
from elements_procura.harvest.sql.reader import SqlReader
from elements_procura.harvest.sql.verifying import verified
from elements_procura.spec.source import DossierId

_WHY = ("pending", "doubted", "forbidden", "quarantined", "stale", "listed")
_REASON = (
    "CASE r.state WHEN 'pending' THEN losses.state WHEN 'stored' THEN 'stale' ELSE r.state END"
)
_NOT_CURRENT = (
    "FROM resources AS r"
    " JOIN dossiers ON dossiers.id = r.dossier LEFT JOIN losses ON losses.resource = r.id"
    " WHERE (r.status = 200 AND (r.state IN ('pending', 'forbidden', 'quarantined')"
    " OR r.state = 'stored' AND r.share IS NULL AND r.pass < dossiers.pass"
    " AND dossiers.open = 0) OR r.state = 'quarantined')"
)
_TOLD = (
    f"(SELECT {_REASON} AS why, r.kind, r.dossier {_NOT_CURRENT}"  # noqa: S608 - constants
    f" UNION ALL SELECT 'listed', r.kind, r.dossier FROM spares AS s"
    f" JOIN resources AS r ON r.id = s.resource WHERE {SPARE})"
)


class SqlSnapshot:
    """A store as it is at one moment, while a harvest may go on.

    Args:
        db: A connection to it, inside a transaction that stays at this moment.
        reader: Looks into the same moment.
    """

    def __init__(self, db: Database, reader: SqlReader) -> None:
        self._db = db
        self.reader = reader

    def copy_to(
        self, target: Database, *, id_of: Callable[[DossierId], DossierId] = lambda id: id
    ) -> None:
        """Copy everything into the empty tables of another database, as ``copy_tables`` says."""
        copy_tables(self._db, target, id_of=id_of)

    def held(
        self, kinds: Iterable[str], *, since: int | None = None, whole: bool = False
    ) -> Iterator[HeldResource]:
        """List the held resources of these kinds: by dossier, then by path."""
        named = orjson.dumps(sorted(kinds)).decode()
        if since is None:
            # Along the index and a dossier at a time: nothing grows with the store, and no body
            # is written to a file for sorting.
            return self._held("FROM resources AS r INDEXED BY resources_by_dossier", "", (named,))
        changed = "r.look > ? AND r.look > 0"
        if whole:
            changed = "r.dossier IN (SELECT dossier FROM resources WHERE look > ? AND look > 0)"
        return self._held("FROM resources AS r", f"AND {changed}", (named, since))

    def _held(self, source: str, which: str, parameters: tuple[Any, ...]) -> Iterator[HeldResource]:
        rows = stream(
            self._db,
            "SELECT r.id, r.dossier, r.kind, r.path, r.share, r.fetched_at, r.changed_at,"  # noqa: S608 - constants
            f" {MARK}, r.change, CASE WHEN coalesce(r.status, 0) != 200"
            " THEN (SELECT at FROM spares WHERE resource = r.id) END"
            f" {source} JOIN dossiers AS d ON d.id = r.dossier"
            f" WHERE (r.status = 200 OR {SPARE})"
            f" AND r.kind IN (SELECT value FROM json_each(?)) {which} ORDER BY r.dossier, r.path",
            parameters,
        )
        return map(_held, rows)

    def body(self, resource: int) -> bytes:
        """Return the body of a resource that :meth:`held` has named."""
        found = self._db.execute(
            "SELECT body, sha256 FROM bodies JOIN resources"
            " ON resources.id = bodies.resource WHERE bodies.resource = ? AND status = 200",
            (resource,),
        ).fetchone()
        body, digest = (
            found
            or self._db.execute(
                "SELECT body, sha256 FROM spares WHERE resource = ?", (resource,)
            ).fetchone()
        )
        body = unpack(body)
        if not is_intact(body, digest):
            raise damage(verified(self._db).damaged)
        return body

    def kinds(self) -> dict[str, int]:
        """Count the bodies of each kind, rows of the listing among them."""
        rows = self._db.execute(
            f"SELECT kind, count(*) FROM resources AS r WHERE status = 200 OR {SPARE}"  # noqa: S608 - constants
            " GROUP BY kind ORDER BY kind"
        )
        return dict(rows.fetchall())

    def not_current(self) -> dict[str, dict[str, int]]:
        """Count held resources, by kind, that the last look did not confirm."""
        rows = self._db.execute(
            f"SELECT why, kind, count(*) FROM {_TOLD} GROUP BY why, kind ORDER BY why, kind"  # noqa: S608 - constants
        )
        found: dict[str, dict[str, int]] = {why: {} for why in _WHY}
        for why, kind, count in rows:
            found[why][kind] = count
        return found

    def whose_not_current(self) -> dict[str, dict[str, list[DossierId]]]:
        """Ids of the dossiers of all that :meth:`not_current` counts."""
        rows = self._db.execute(
            f"SELECT DISTINCT why, kind, dossier FROM {_TOLD} ORDER BY why, kind, dossier"  # noqa: S608 - constants
        )
        found: dict[str, dict[str, list[DossierId]]] = {}
        for why, kind, dossier in rows:
            found.setdefault(why, {}).setdefault(kind, []).append(dossier)
        return found

    def sizes(self) -> dict[str, int]:
        """Sum the bytes of all bodies of each kind."""
        sizes: dict[str, int] = {}
        for kind, head, length in stream(
            self._db,
            "SELECT kind, substr(body, 1, 16), length(body) FROM bodies"
            " JOIN resources ON resources.id = bodies.resource WHERE status = 200",
        ):
            sizes[kind] = sizes.get(kind, 0) + packed_size(head, length)
        return dict(sorted(sizes.items()))

    def fetched(self) -> list[float]:
        """When each dossier that is harvested was last fetched whole, in seconds since the epoch.

        As in :meth:`SqlReader.staleness`.
        """
        rows = self._db.execute(
            "SELECT fetched_at FROM dossiers WHERE fetched_at IS NOT NULL"
            " AND state IN ('complete', 'quarantined') ORDER BY fetched_at"
        )
        return [when for (when,) in rows]

    def newest(self) -> float | None:
        """When the last answer came, in seconds since the epoch; None if none did."""
        (newest,) = self._db.execute("SELECT max(fetched_at) FROM resources").fetchone()
        return None if newest is None else float(newest)


def _held(row: tuple[Any, ...]) -> HeldResource:
    resource, dossier, kind, path, share, fetched, since, mark, change, listed = row
    if listed is not None:
        path, fetched, since = path.rpartition("/")[0], listed, listed
    return HeldResource(resource, dossier, kind, path, share, fetched, since, mark, change)
