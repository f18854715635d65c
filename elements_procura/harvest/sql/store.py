"""A harvest in a database: ledger and raw bodies.

Every answer is one transaction: the body, its hash, the work it leads to and what that means for
its dossier. So a process may die at any moment: what was committed is never asked for again, and
what was not is still in the queue. The raw body is the truth; everything typed is derived.
"""

import contextlib
import threading
from abc import abstractmethod
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import partial

import attrs
import orjson

from elements_procura.clock import Clock, SystemClock
from elements_procura.errors import InputError
from elements_procura.harvest.events import HarvestInterrupted
from elements_procura.harvest.lease import Lease
from elements_procura.harvest.packing import unpack
from elements_procura.harvest.records import (
    UNLISTED_AND_404,
    Judgement,
    Settlement,
    VanishedDossiers,
)
from elements_procura.harvest.sql.changes import BY_TRIGGER
from elements_procura.harvest.sql.database import Database, note
from elements_procura.harvest.sql.dossiers import Dossiers
from elements_procura.harvest.sql.entry import LedgerEntry
from elements_procura.harvest.sql.erasing import Eraser
from elements_procura.harvest.sql.judging import Judge
from elements_procura.harvest.sql.lineage import begin_line
from elements_procura.harvest.sql.purging import purge
from elements_procura.harvest.sql.removal import Removal
from elements_procura.harvest.sql.resources import Resources
from elements_procura.harvest.sql.traffic import TrafficTable
from elements_procura.harvest.sql.wants import Origin
from elements_procura.harvest.traffic import Traffic
from elements_procura.spec.source import Answer, Discovery, DossierId, Gap, Root, Work

_JOINED = contextlib.nullcontext()


class SqlStore(Removal):
    """A harvest in a database that is open for one run: all but how it is opened.

    Args:
        db: A connection to it.
        lease: The right to write it.
        clock: The clock of stored times.

    Attributes:
        lease: The right to write it.
    """

    _next_number = BY_TRIGGER

    def __init__(self, db: Database, lease: Lease, clock: Clock | None) -> None:
        super().__init__(db)
        self.lease = lease
        self._resources = Resources(db, self._next_number)
        self._dossiers = Dossiers(db, self._resources)
        self._judging = Judge(db, self._resources, self._dossiers)
        self._traffic = TrafficTable(db)
        self._eraser = Eraser(db)
        self._now = (clock or SystemClock()).wall
        self._began = self._now()
        # A run that nobody iterates over any more ends a little later: then the next one may have
        # begun, or the store be closed.
        self._one_thread = threading.RLock()
        self._writes: int | None = None  # the thread that has a transaction open

    def close(self) -> None:
        """Let go of what was opened; without effect the second time."""
        with self._one_thread:  # SQLite crashes when it is closed under a statement
            super().close()
        self.lease.release()

    @abstractmethod
    def _begin(self) -> None:
        """Begin a transaction, with the lease held."""

    # -- the listing -----------------------------------------------------------------------

    def begin_listing(self, *, api: str | None = None, host: str | None = None) -> int:
        """Return the number of a new listing."""
        with self._transaction():
            self._knows_erased = False
            if api is not None:
                self._set("api", api)
            if host is not None:
                self._set("host", host)
            self._began = self._now()
            if not self._meta("unjudged"):
                self._set("unjudged", repr(self._began))
            number = int(self._meta("listing") or 0) + 1
            self._set("listing", str(number))
        return number

    def add_dossiers(self, roots: Iterable[Root], *, listing: int = 1) -> int:
        """Queue the dossiers that are new, and note that the listing names the others still."""
        add = partial(
            self._dossiers.add, listing=listing, now=self._now(), history=self.keeps_history
        )
        with self._transaction():
            erased = self._suppression()
            return sum([add(root) for root in (erased.roots(roots) if erased else roots)])

    def unnamed(self, listing: int) -> tuple[DossierId, ...]:
        """Ids of the known dossiers that a listing has not named so far."""
        with self._one_thread:
            found = self._db.execute(
                "SELECT id FROM dossiers WHERE listing < ? AND coalesce(deleted, '') != ?",
                (listing, UNLISTED_AND_404),
            )
            return tuple(row[0] for row in found)

    def finish_listing(
        self,
        *,
        include: Iterable[str],
        requests: int,
        listing: int = 1,
        lists_all: bool = False,
        accept_vanished: bool = False,
    ) -> VanishedDossiers:
        """Note that all dossiers are known, and so are the kinds of resource that are wanted."""
        with self._transaction():
            self._set("include", ",".join(sorted(include)))
            self._set("listed", "1")
            self._resources.count({"requests": requests})
            if not lists_all:
                self._judging.lift_listing_doubt()
                return VanishedDossiers()
            return VanishedDossiers(
                *self._judging.judge_listing(listing, vouched=accept_vanished, now=self._now())
            )

    def together(self) -> contextlib.AbstractContextManager[None]:
        """Make one transaction of all calls that are made inside."""
        return self._transaction()

    # -- answers ---------------------------------------------------------------------------

    def add_requests(self, requests: int) -> None:
        """Count requests without a stored result."""
        with self._transaction():
            self._resources.count({"requests": requests})

    def put(self, work: Work, answer: Answer, found: Discovery, *, requests: int) -> Settlement:
        """Store an answer and queue what it leads to."""
        now, resources, dossiers = self._now(), self._resources, self._dossiers
        with self._transaction(is_answer=True):
            resources.add("requests", requests)
            # Guarded by its state: a resource that was settled before is not settled twice.
            body = answer.body
            if erased := self._suppression():
                body = erased.body(
                    work.dossier, work.kind, work.path, body, is_shared=work.is_shared
                )
                found = erased.discovery(found)
            fault = None if found.fault is None else f"{found.fault.code}: {found.fault}"
            history = self.keeps_history
            if fault is None:
                kept = resources.answers.keep(work, body, now=now, history=history)
            else:
                kept = resources.keep_part(work, body, error=fault, now=now, history=history)
            if kept is None:
                return Settlement()
            if found.deleted or (found.deleted is False and kept.pass_ > 1):
                dossiers.set_deleted(work.dossier, deleted=bool(found.deleted), now=now)
            new = self._lead_on(work, found, kept, now=now)
            for reason, count in found.saved.items():
                resources.add(f"saved: {reason}", count)
            failed = fault is not None
            closed = dossiers.close(work, failed=failed, is_shared=kept.is_shared, now=now)
            if kept.path != work.path:
                resources.sharing.adopt_path(work.id, work.path)
            return Settlement(tuple(new), tuple(closed), int(kept.is_new))

    def _lead_on(
        self, work: Work, found: Discovery, kept: LedgerEntry, *, now: float
    ) -> list[Work]:
        """Queue what an answer leads to, and note what else it says of its dossier."""
        if not (found.wants or found.names or found.unsaid) and kept.news_since is None:
            return []  # as most
        resources = self._resources
        origin = Origin(work.dossier, kept.pass_, work.id, asked=kept.asked, differs=kept.differs)
        new = resources.want(origin, found.wants, now=now)
        resources.notes.note_names(origin, found.names)
        if kept.news_since is not None:
            resources.notes.note_hints(origin, work.kind, since=kept.news_since, now=now)
        if found.unsaid:
            new += resources.want_unsaid(work, origin, found.unsaid, now=now)
        return new

    def gone(self, work: Work, *, status: int, requests: int) -> Settlement:
        """Note that a resource does not exist, or may not be read."""
        now = self._now()
        with self._transaction():
            self._resources.count({"requests": requests})
            other = self._resources.sharing.find_other_path(work, status, now=now)
            if other is not None:
                return Settlement((other,))
            first = status if work.first is None else work.first
            failed = isinstance(first, str)
            if isinstance(first, str):
                is_settled = self._resources.fail(work, error=first, now=now)
            else:
                is_settled = self._resources.lose(work, status=first, now=now)
            if not is_settled:
                return Settlement()
            return Settlement((), tuple(self._dossiers.close(work, failed=failed, now=now)))

    def quarantine(self, work: Work, *, error: str, requests: int) -> Settlement:
        """Put a resource aside that cannot be read, and its dossier with it."""
        now = self._now()
        with self._transaction():
            self._resources.count({"requests": requests})
            other = self._resources.sharing.find_other_path(work, error, now=now)
            if other is not None:
                return Settlement((other,))
            if not self._resources.fail(work, error=error, now=now):
                return Settlement()
            return Settlement((), tuple(self._dossiers.close(work, failed=True, now=now)))

    def set_aside(self, rows: int, gaps: Iterable[Gap] = ()) -> None:
        """Record the gaps of the listing just read."""
        with self._transaction():
            self._set("rows", str(rows))
            self._set("gaps", orjson.dumps([attrs.astuple(each) for each in gaps]).decode())

    def note_rates(self, rates: Mapping[str, float]) -> None:
        """Note how often parts change on average, by which passes of some parts are weighed."""
        with self._transaction():
            self._set("rates", orjson.dumps(dict(rates)).decode())
            self._dossiers.parts.set_rates(rates)

    def note_cycle(self, seconds: float | None) -> None:
        """Note how long refreshes take to come round to every dossier, if that is limited."""
        with self._transaction():
            self._set("cycle", "" if seconds is None else str(seconds))

    def add_probes(self, probes: int) -> None:
        """Count probes."""
        with self._transaction():
            self._resources.count({"probes": probes})

    def add_traffic(self, traffic: Traffic) -> None:
        """Add what was seen of requests now."""
        with self._transaction():
            self._traffic.add(traffic, now=self._now())

    def set_manners(self, known: Mapping[str, tuple[int, int]]) -> None:
        """Store the host's forms of refusal, as :meth:`manners` returns them."""
        with self._transaction():
            self._set("manners", orjson.dumps(known).decode())

    def set_interruption(self, interruption: HarvestInterrupted | None) -> None:
        """Record that the server is away, for other processes to see; None: it is back."""
        text = orjson.dumps(attrs.astuple(interruption)).decode() if interruption else ""
        with self._transaction():
            self._set("interruption", text)

    def judge(self) -> Judgement:
        """Judge all pending losses at the end of a run."""
        with self._transaction():
            now = self._now()
            since = min(self._began, float(self._meta("unjudged") or now), now)
            closed = self._judging.judge(
                now=now, since=since, began=min(self._began, now), history=self.keeps_history
            )
            self._set("unjudged", "")
            found = self.concerns()
            self._judging.lower_accepted(found)
        return Judgement(tuple(closed), found)

    def accept(self, subjects: Iterable[str]) -> None:
        """Acknowledge concerns, by their subjects."""
        with self._transaction():
            found = self.concerns()
            names = {each.shown for each in found}
            known = names | {each.subject for each in found}
            if unknown := sorted(set(subjects := list(subjects)) - known):
                raise InputError(
                    f"nothing to accept of {', '.join(unknown)}",
                    hint=f"There is {', '.join(sorted(names))}" if names else "There is nothing",
                )
            for each in found:
                if each.subject in subjects or each.shown in subjects:
                    self._judging.accept(each, now=self._now(), history=self.keeps_history)
            self._resources.rights.read()

    def requeue_quarantined(self) -> int:
        """Put all quarantined resources back into the queue."""
        with self._transaction():
            return self._resources.requeue_quarantined()

    def begin_refresh(
        self,
        dossiers: Iterable[DossierId],
        *,
        parts: Mapping[DossierId, Collection[str]] | None = None,
        prompted: Mapping[DossierId, Collection[str]] | None = None,
    ) -> list[Work]:
        """Queue dossiers to be fetched once more; those that are under way are left as they are."""
        now, asked, early = self._now(), parts or {}, prompted or {}
        begin = self._dossiers.begin_pass
        with self._transaction():
            return [
                work
                for dossier in dossiers
                for work in begin(
                    dossier,
                    now=now,
                    asked=asked.get(dossier),
                    prompted=early.get(dossier, ()),
                )
            ]

    def purge(self) -> int:
        """Erase resources that the source no longer has, with their history."""
        with self._transaction():
            return purge(self._db)

    def body(self, path: str) -> bytes | None:
        """Return the body stored at ``path``, if it still exists."""
        with self._one_thread, self._errors():
            row = self._db.execute(
                "SELECT body FROM bodies JOIN resources ON resources.id = bodies.resource"
                " WHERE path = :path AND status = 200",
                {"path": path},
            ).fetchone()
        return None if row is None else unpack(row[0])

    # -- inside ----------------------------------------------------------------------------

    def _transaction(self, *, is_answer: bool = False) -> contextlib.AbstractContextManager[None]:
        if self._writes == threading.get_ident() and self._db.in_transaction:
            self._resources.open.expect_answers() if is_answer else self._resources.open.write()
            return _JOINED  # one of several calls together
        return self._own_transaction()

    def _before_looking(self) -> None:
        """Write what is counted only, for a call that looks among others."""
        if self._writes == threading.get_ident():
            self._resources.open.write()

    @contextlib.contextmanager
    def _own_transaction(self) -> Iterator[None]:
        with self._one_thread:
            if self._db.in_transaction:
                yield
                return
            with self._errors():
                self._begin()
                self._writes = threading.get_ident()
                try:
                    yield
                    self._resources.write_counts()
                    self._db.execute("COMMIT")
                except BaseException:
                    self._roll_back()
                    raise
                finally:
                    self._writes = None

    def begin_line(self) -> None:
        """Draw a mark for the numbers from here on, which no copy of the store has."""
        with self._transaction():
            begin_line(self._db)

    def _moment(self) -> float:
        return self._now()

    def _roll_back(self) -> None:
        self._resources.discard_counts()
        self._traffic.forget()
        if self._db.in_transaction:  # a full disk may have ended it
            self._db.execute("ROLLBACK")

    def _set(self, key: str, value: str) -> None:
        note(self._db, key, value)
