"""Looking into a harvest in a database, also while another process writes it."""

import contextlib
from abc import abstractmethod
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, Self

import orjson

from elements_procura.harvest.events import Concern, HarvestInterrupted, Progress
from elements_procura.harvest.packing import unpack
from elements_procura.harvest.policy.hints import HintCount
from elements_procura.harvest.policy.missing import OftenMissing
from elements_procura.harvest.policy.plan import Sample
from elements_procura.harvest.policy.refresh import Staleness, staleness
from elements_procura.harvest.records import (
    Change,
    KindRate,
    KnownDossier,
    KnownPart,
    LostLink,
    PartRate,
    StoredBody,
    Tally,
    Verification,
)
from elements_procura.harvest.sql import choosing
from elements_procura.harvest.sql.changes import changes, last_number
from elements_procura.harvest.sql.choosing import known, samples, shared_before
from elements_procura.harvest.sql.concerns import concerns, lost_links
from elements_procura.harvest.sql.database import Database, stream
from elements_procura.harvest.sql.fitness import known_parts
from elements_procura.harvest.sql.kind_rates import kind_rates
from elements_procura.harvest.sql.lineage import mark_of
from elements_procura.harvest.sql.notes import hint_counts
from elements_procura.harvest.sql.origin import api_in
from elements_procura.harvest.sql.persons import PersonsReader
from elements_procura.harvest.sql.progress import progress_in
from elements_procura.harvest.sql.traffic import stretches
from elements_procura.harvest.sql.verifying import verified
from elements_procura.harvest.traffic import Stretch
from elements_procura.spec.source import DossierId, Work


class SqlReader(PersonsReader):
    """What a harvest has stored, for looking only: all but how it is opened.

    Args:
        db: A connection to it.
    """

    def __init__(self, db: Database) -> None:
        self._db = db
        self._often_missing = OftenMissing(lambda: self.api)

    def close(self) -> None:
        """Let go of what was opened; without effect the second time."""
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.url}>"

    @property
    @abstractmethod
    def url(self) -> str:
        """The identity of the store, without a password."""

    @property
    @abstractmethod
    def name(self) -> str:
        """A short name for people: of a file, its own."""

    @property
    @abstractmethod
    def schema_version(self) -> int:
        """The version of the schema that it is stored in."""

    @abstractmethod
    def _errors(self) -> contextlib.AbstractContextManager[None]:
        """Raise a StoreError for whatever the database raises inside."""

    @property
    def tenant(self) -> str:
        """The tenant whose data it holds."""
        return self._meta("tenant") or ""

    @property
    def api(self) -> str | None:
        """The name of the API that it was harvested from; None for a source of one's own."""
        with self._errors():
            return api_in(self._db)

    @property
    def host(self) -> str | None:
        """The name of the server that it was last listed by, if that is known."""
        return self._meta("host")

    @property
    def listed(self) -> bool:
        """Whether all dossiers are known."""
        return self._meta("listed") == "1"

    @property
    def included(self) -> frozenset[str] | None:
        """The groups of resources to fetch; None until all dossiers are known."""
        names = self._meta("include")
        return None if names is None else frozenset(names.split(","))

    @cached_property
    def keeps_history(self) -> bool:
        """Whether bodies that a refresh replaces are kept."""
        return self._meta("history") == "1"

    @property
    def cycle(self) -> float | None:
        """Seconds in which refreshes come round to every dossier; None if nothing limits them."""
        return float(self._meta("cycle") or 0) or None

    @property
    def selection(self) -> dict[str, str]:
        """Which of the tenant's dossiers it is for, as it was made with."""
        return dict(orjson.loads(self._meta("selection") or "{}"))

    def queued(
        self, *, after: int, limit: int, begun: bool | None = None, shared: bool | None = None
    ) -> list[Work]:
        """List the next resources to fetch, oldest first."""
        which = "" if begun is None else f"AND root {'=' if begun else '!='} 0"
        if shared is not None:
            which += f" AND +share IS {'NOT ' if shared else ''}NULL"
        rows = self._rows(
            "SELECT id, dossier, kind, path, share IS NOT NULL FROM resources"  # noqa: S608 - constants
            f" WHERE state = 'queued' AND id > ? {which} ORDER BY id LIMIT ?",
            (after, limit),
        )
        return [
            Work(number, dossier, kind, path, is_shared=bool(is_shared))
            for number, dossier, kind, path, is_shared in rows
        ]

    def usual_cost(self) -> float | None:
        """Requests that a dossier took on average; None while none is complete."""
        rows = self._rows("SELECT avg(cost) FROM dossiers WHERE state = 'complete'")
        return next((mean for (mean,) in rows), None)

    def progress(self) -> Progress:
        """Count the progress of the harvest."""
        with self._errors():
            return progress_in(self._db, stretches(self._db))

    def concerns(self) -> tuple[Concern, ...]:
        """List the concerns, acknowledged or not."""
        with self._errors():
            return concerns(self._db)

    def lost_links(self) -> list[LostLink]:
        """Count what no answer leads to any more and is doubted, by the kind that led there."""
        with self._errors():
            return lost_links(self._db)

    def control(self, *, but: str | Collection[str], kinds: Collection[str] = ()) -> Work | None:
        """The resource that was read last, as a control to probe the API with.

        Args:
            but: The paths to leave out.
            kinds: Kinds whose answers carry nothing to recognise them by.
        """
        paths = [but] if isinstance(but, str) else [*but]
        rows = self._rows(
            "SELECT id, dossier, kind, path FROM resources WHERE root != 2"
            " AND (state = 'stored' OR (state = 'queued' AND status = 200))"
            " AND path NOT IN (SELECT value FROM json_each(:paths))"
            " AND kind NOT IN (SELECT value FROM json_each(:kinds))"
            # What is queued is in question itself, or may be.
            " ORDER BY state = 'stored' DESC, fetched_at DESC LIMIT 1",
            {"paths": orjson.dumps(paths).decode(), "kinds": orjson.dumps([*kinds]).decode()},
        )
        return next((Work(*row) for row in rows), None)

    def manners(self) -> dict[str, tuple[int, int]]:
        """How this host refuses, by status and form: how often that was confirmed and refuted."""
        known: dict[str, list[int]] = orjson.loads(self._meta("manners") or "{}")
        return {form: (confirmed, refuted) for form, (confirmed, refuted) in known.items()}

    def interruption(self) -> HarvestInterrupted | None:
        """The interruption that the last run was in, if it had not ended."""
        data = self._meta("interruption")
        return HarvestInterrupted(*orjson.loads(data)) if data else None

    def traffic(self) -> list[Stretch]:
        """The traffic of all runs, over time."""
        with self._errors():
            return stretches(self._db)

    def tally(self) -> list[Tally]:
        """Count the resources by kind and state."""
        with self._errors():
            rows = self._db.execute(
                "SELECT kind, state, count(*),"
                " sum(CASE WHEN root = 2 THEN 0 WHEN state = 'queued' THEN pass - 1 ELSE pass END"
                " - CASE WHEN root = 2 THEN 0 ELSE skipped END),"
                " max(fetched_at)"
                " FROM resources GROUP BY kind, state"
            ).fetchall()
        return [Tally(*row) for row in rows]

    def under_way(self) -> tuple[int, dict[str, int]]:
        """Count the unfinished dossiers and their fetched resources."""
        with self._errors():
            (dossiers,) = self._db.execute(
                "SELECT count(*) FROM dossiers WHERE open > 0"
            ).fetchone()
            answered = self._db.execute(
                "SELECT kind, count(*) FROM dossiers JOIN resources ON dossier = dossiers.id"
                " WHERE open > 0 AND resources.pass = dossiers.pass AND +share IS NULL"
                " AND resources.state != 'queued' GROUP BY kind"
            ).fetchall()
        return dossiers, dict(answered)

    def bodies(self) -> Iterator[tuple[str, bytes]]:
        """Path and body of everything stored that is still there, in the order of discovery."""
        rows = self._many_rows(
            "SELECT path, body FROM bodies JOIN resources ON resources.id = bodies.resource"
            " WHERE status = 200 ORDER BY resources.id"
        )
        return ((path, unpack(body)) for path, body in rows)

    @property
    def identity(self) -> str:
        """A random text that is this store's alone, and its copies'."""
        return self._meta("identity") or ""

    @property
    def sequence(self) -> int:
        """The number of the last change or look."""
        with self._errors():
            return last_number(self._db)

    def lineage(self, number: int) -> str:
        """The random mark of the run that gave a number; empty if that is not known."""
        with self._errors():
            return mark_of(self._db, number)

    def changes(self, since: int = 0, *, looks: bool = False) -> Iterator[Change]:
        """List what has changed after a number of the sequence."""
        with self._errors():
            yield from changes(self._db, since=since, looks=looks)

    def verify(self) -> Verification:
        """Read every body and compare it with the digest that was made when it came."""
        with self._errors():
            return verified(self._db)

    def documents(self) -> Iterator[StoredBody]:
        """Everything stored that is still there, in the order of discovery."""
        rows = self._many_rows(
            "SELECT kind, dossier, path, changed_at, body"
            " FROM bodies JOIN resources ON resources.id = bodies.resource"
            " WHERE status = 200 ORDER BY resources.id"
        )
        return (
            StoredBody(kind, dossier, path, since, unpack(body))
            for kind, dossier, path, since, body in rows
        )

    def known(self) -> list[KnownDossier]:
        """List the dossiers that may be refreshed: nothing open, not deleted."""
        with self._errors():
            return known(self._db)

    def known_parts(self) -> Iterator[KnownPart]:
        """List the parts of dossiers that may be refreshed part by part, dossier by dossier."""
        with self._errors():
            yield from known_parts(self._db)

    def hints(self) -> dict[str, HintCount]:
        """What came of noisy signs so far, by the part that they point at."""
        with self._errors():
            return hint_counts(self._db)

    def staleness_of_parts(self, *, now: float) -> dict[str, Staleness]:
        """How long ago each part was fetched, of the dossiers that have it."""
        with self._errors():
            return choosing.staleness_of_parts(self._db, now=now)

    def rates_of_kinds(self) -> list[KindRate]:
        """How often the resources of each kind change, by all looks at them; the busiest first."""
        with self._errors():
            return kind_rates(self._db)

    def rates_of_parts(self) -> list[PartRate]:
        """How often each part changes on average, by what refreshes have shown."""
        with self._errors():
            return choosing.rates_of_parts(self._db)

    def shared_before(self, moment: float, dossier: DossierId) -> list[int]:
        """List a dossier's shared resources that were last fetched before ``moment``."""
        with self._errors():
            return shared_before(self._db, moment, dossier, self._often_missing)

    def staleness(self, *, now: float) -> Staleness:
        """How long ago each dossier was fetched.

        Dossiers fetched by a clock that was ahead are left out.

        Args:
            now: Seconds since the epoch.
        """
        with self._errors():
            rows = self._db.execute(
                "SELECT :now - fetched_at FROM dossiers"
                " WHERE fetched_at <= :now AND state IN ('complete', 'quarantined')",
                {"now": now},
            ).fetchall()
        return staleness(age for (age,) in rows)

    def deleted(self) -> dict[DossierId, str]:
        """Dossiers that were deleted, with the evidence."""
        return dict(self._rows("SELECT id, deleted FROM dossiers WHERE deleted IS NOT NULL"))

    def samples(self, *, most: int = 1_000) -> list[Sample]:
        """Costs of dossiers drawn at random: what a plan is estimated from."""
        with self._errors():
            return samples(self._db, most=most)

    def body(self, path: str) -> bytes | None:
        """Return the body stored at ``path``, if it still exists."""
        rows = self._rows(
            "SELECT body FROM bodies JOIN resources ON resources.id = bodies.resource"
            " WHERE path = ? AND status = 200",
            (path,),
        )
        return next((unpack(body) for (body,) in rows), None)

    def history(self, path: str) -> list[tuple[float, float, bytes]]:
        """Since when, until when and what ``path`` was before, oldest first."""
        rows = self._rows(
            "SELECT since, until, body FROM history"
            " JOIN resources ON resources.id = history.resource WHERE path = ? ORDER BY until",
            (path,),
        )
        return [(since, until, unpack(body)) for since, until, body in rows]

    def shared(self) -> Iterator[tuple[str, DossierId]]:
        """Path of every shared resource with each further dossier that needs it."""
        return self._many_rows(
            "SELECT resources.path, shares.dossier FROM shares"
            " JOIN resources ON resources.id = shares.resource"
        )

    def states(self) -> dict[DossierId, str]:
        """State of every dossier."""
        return dict(self._rows("SELECT id, state FROM dossiers"))

    def quarantined(self) -> list[tuple[DossierId, str, str]]:
        """Dossier, kind and error of every resource in quarantine."""
        rows = self._rows(
            "SELECT dossier, kind, error FROM resources WHERE state = 'quarantined' ORDER BY id"
        )
        return list(rows)

    def _meta(self, key: str) -> str | None:
        rows = self._rows("SELECT value FROM meta WHERE key = ?", (key,))
        return next((str(value) for (value,) in rows), None)

    def _rows(
        self, sql: str, parameters: Sequence[object] | Mapping[str, object] = ()
    ) -> Iterator[Any]:
        with self._errors():
            yield from self._db.execute(sql, parameters)

    def _many_rows(self, sql: str) -> Iterator[Any]:
        with self._errors():
            yield from stream(self._db, sql)
