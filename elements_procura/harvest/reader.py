"""Looking into a harvest's file, also while another process writes it."""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path as FilePath
from typing import Self

import attrs

from elements_procura.errors import StoreError
from elements_procura.harvest._database import (
    APPLICATION_ID,
    SCHEMA_VERSION,
    connect,
    store_errors,
)
from elements_procura.harvest.events import Progress
from elements_procura.harvest.plan import Sample
from elements_procura.harvest.source import DossierId, Work


@attrs.frozen
class Document:
    """A stored body, and what it is.

    Attributes:
        kind: Name of its kind.
        dossier: The dossier it was fetched for.
        path: Where it came from.
        since: When it was first fetched as it is, in seconds since the epoch.
        body: The bytes as they came.
    """

    kind: str
    dossier: DossierId
    path: str
    since: float
    body: bytes = attrs.field(repr=False)


class StoreReader:
    """What a harvest has stored, for looking only. Open it with :meth:`read`.

    Attributes:
        path: The file.
    """

    def __init__(self, connection: sqlite3.Connection, path: FilePath) -> None:
        self._db = connection
        self.path = path

    @staticmethod
    def read(path: FilePath | str) -> "StoreReader":
        """An existing store, also while a harvest is writing it.

        Raises:
            StoreError: There is none, or it is no store of a harvest.
        """
        path = FilePath(path)
        with store_errors(path), contextlib.ExitStack() as undo:
            reader = StoreReader(connect(path, read_only=True), path)
            undo.callback(reader.close)
            reader._check()
            undo.pop_all()
        return reader

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.path}>"

    @property
    def tenant(self) -> str:
        """Whose data it holds."""
        return self._meta("tenant") or ""

    @property
    def listed(self) -> bool:
        """Whether all dossiers are known."""
        return self._meta("listed") == "1"

    @property
    def included(self) -> frozenset[str] | None:
        """The kinds of resource that are wanted; None until all dossiers are known."""
        names = self._meta("include")
        return None if names is None else frozenset(names.split(","))

    def queued(self, *, after: int, limit: int) -> list[Work]:
        """The next resources to fetch, oldest first."""
        rows = self._db.execute(
            "SELECT id, dossier, kind, path FROM resources"
            " WHERE state = 'queued' AND id > ? ORDER BY id LIMIT ?",
            (after, limit),
        )
        return [Work(*row) for row in rows]

    def progress(self) -> Progress:
        """Where the harvest stands."""
        with store_errors(self.path):
            dossiers = dict(
                self._db.execute("SELECT state, count(*) FROM dossiers GROUP BY state").fetchall()
            )
            resources = dict(
                self._db.execute("SELECT state, count(*) FROM resources GROUP BY state").fetchall()
            )
            counts = dict(self._db.execute("SELECT name, value FROM counts").fetchall())
            listed = self.listed
        saved = {
            name.removeprefix("saved: "): count
            for name, count in sorted(counts.items())
            if name.startswith("saved: ")
        }
        return Progress(
            dossiers=sum(dossiers.values()),
            harvested=dossiers.get("complete", 0),
            quarantined=dossiers.get("quarantined", 0),
            gone=dossiers.get("gone", 0),
            resources=resources.get("stored", 0),
            queued=resources.get("queued", 0),
            requests=counts.get("requests", 0),
            requests_saved=sum(saved.values()),
            saved=saved,
            listed=listed,
        )

    def bodies(self) -> Iterator[tuple[str, bytes]]:
        """Path and body of everything stored, in the order of fetching."""
        yield from self._db.execute(
            "SELECT path, body FROM bodies JOIN resources ON resources.id = bodies.resource"
            " ORDER BY resources.id"
        )

    def documents(self) -> Iterator[Document]:
        """Everything stored, in the order of fetching."""
        rows = self._db.execute(
            "SELECT kind, dossier, path, fetched_at, body"
            " FROM bodies JOIN resources ON resources.id = bodies.resource ORDER BY resources.id"
        )
        return (Document(*row) for row in rows)

    def samples(self, *, most: int = 1_000) -> list[Sample]:
        """What complete dossiers took, drawn at random: what a plan is estimated from.

        Args:
            most: How many dossiers to look at.
        """
        with store_errors(self.path):
            drawn = self._db.execute(
                "SELECT id FROM dossiers WHERE state = 'complete' ORDER BY random() LIMIT ?",
                (most,),
            ).fetchall()
            return [self._sample(dossier) for (dossier,) in drawn]

    def _sample(self, dossier: DossierId) -> Sample:
        own = self._db.execute(
            "SELECT kind, count(*) FROM resources WHERE dossier = ? AND share IS NULL"
            " GROUP BY kind",
            (dossier,),
        )
        shared = self._db.execute(
            "SELECT share, kind FROM resources WHERE dossier = ? AND share IS NOT NULL"
            " UNION ALL SELECT share, kind FROM shares"
            " JOIN resources ON resources.id = shares.resource"
            " WHERE shares.dossier = ?",
            (dossier, dossier),
        )
        return Sample(dict(own.fetchall()), dict(shared.fetchall()))

    def body(self, path: str) -> bytes | None:
        """The body stored for ``path``."""
        row = self._db.execute(
            "SELECT body FROM bodies JOIN resources ON resources.id = bodies.resource"
            " WHERE path = ?",
            (path,),
        ).fetchone()
        return None if row is None else bytes(row[0])

    def shared(self) -> Iterator[tuple[str, DossierId]]:
        """Path of every shared resource with each further dossier that needs it."""
        yield from self._db.execute(
            "SELECT path, shares.dossier FROM shares"
            " JOIN resources ON resources.id = shares.resource"
        )

    def states(self) -> dict[DossierId, str]:
        """State of every dossier."""
        return dict(self._db.execute("SELECT id, state FROM dossiers").fetchall())

    def quarantined(self) -> list[tuple[DossierId, str, str]]:
        """Dossier, kind and error of every resource in quarantine."""
        return self._db.execute(
            "SELECT dossier, kind, error FROM resources WHERE state = 'quarantined' ORDER BY id"
        ).fetchall()

    def _meta(self, key: str) -> str | None:
        row = self._db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def _check(self) -> None:
        (application,) = self._db.execute("PRAGMA application_id").fetchone()
        (version,) = self._db.execute("PRAGMA user_version").fetchone()
        if application != APPLICATION_ID or version != SCHEMA_VERSION:
            raise StoreError(
                f"{self.path} is no harvest of this version",
                hint="Choose another --out, or the version that made it",
            )
