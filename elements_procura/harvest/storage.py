"""A harvest's storage as protocols, and what a second implementation takes.

The engine, the queue, exports, plans, ``status``, drift and reports know nothing else of a store.
:class:`~elements_procura.harvest.Store` opens one by its address; ``harvest/sql`` is the
implementation that keeps a tenant in a file.

A second implementation (say, tenants in one PostgreSQL database) writes

* a :class:`~elements_procura.harvest.store.Backend`, entered under its scheme in
  ``harvest/store.py``, and the three classes behind it: :class:`StorageReader`, :class:`Storage`
  and :class:`~elements_procura.harvest.snapshot.StorageSnapshot`;
* a :class:`Lease`. A file has a lock that the operating system releases. A row in a database has
  an end that is moved on by a heartbeat, and a number that grows with every holder: each
  transaction begins by comparing it, so that whoever was suspended and woke up late cannot write;
* transactions: every method that writes is one, or joins that of :meth:`Storage.together`. What it
  returns is true once that is committed, and the counts of requests are part of it;
* its schema and its migrations;
* nothing of the rules: those that need a table are the statements of ``harvest/sql``, which any
  database shares by deriving from ``SqlReader`` and ``SqlStore``; those that need none stand in
  ``harvest/policy``.

Whether it is right is for ``tests/harvest/conformance`` to say: a machine that harvests a server
of the test's own in any order of events and compares, and plain cases beside it, for any backend.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Protocol, Self

from elements_procura.harvest.events import Concern, Interrupted, Progress
from elements_procura.harvest.policy.plan import Sample
from elements_procura.harvest.policy.refresh import Staleness
from elements_procura.harvest.records import (
    Judgement,
    KnownDossier,
    Settlement,
    StoredBody,
    Tally,
    VanishedDossiers,
    Verification,
)
from elements_procura.harvest.traffic import Stretch, Traffic
from elements_procura.spec.source import Answer, DossierId, Found, Gap, Root, Work


class Lease(Protocol):
    """The right of one process to write a store, from its opening to its closing."""

    @property
    def holder(self) -> str:
        """Who holds it, in words for those who wait."""

    def check(self) -> None:
        """Make sure that it is still held; called at the beginning of every transaction.

        Raises:
            StoreInUse: Somebody else may hold it by now: nothing may be written.
        """

    def release(self) -> None:
        """Let go of it; without effect the second time."""


class StorageReader(Protocol):
    """A tenant's stored harvest, for looking only, also while another process writes it.

    Every method may raise :class:`~elements_procura.errors.StoreError`.
    """

    @property
    def url(self) -> str:
        """The identity of the store, without a password."""

    @property
    def name(self) -> str:
        """A short name for people: of a file, its own."""

    @property
    def schema_version(self) -> int:
        """The version of the schema that it is stored in."""

    def close(self) -> None:
        """Let go of what was opened; without effect the second time."""

    def __enter__(self) -> Self:
        """Use it in a ``with`` block, which closes it."""

    def __exit__(self, *_: object) -> None:
        """Close it."""

    # -- what it is for ----------------------------------------------------------------------

    @property
    def tenant(self) -> str:
        """Whose data it holds."""

    @property
    def api(self) -> str | None:
        """The name of the API that it was harvested from; None for a source of one's own."""

    @property
    def host(self) -> str | None:
        """The name of the server that it was last listed by, if that is known."""

    @property
    def selection(self) -> dict[str, str]:
        """Which of the tenant's dossiers it is for, as it was made with."""

    @property
    def included(self) -> frozenset[str] | None:
        """The groups of resources that are wanted; None until all dossiers are known."""

    @property
    def keeps_history(self) -> bool:
        """Whether bodies that a refresh replaces are kept."""

    # -- where it stands ---------------------------------------------------------------------

    @property
    def listed(self) -> bool:
        """Whether all dossiers are known."""

    @property
    def cycle(self) -> float | None:
        """Seconds in which refreshes come round to every dossier; None if nothing limits them."""

    def progress(self) -> Progress:
        """Count where the harvest stands."""

    def concerns(self) -> tuple[Concern, ...]:
        """List what a person has to know of, acknowledged or not."""

    def tally(self) -> list[Tally]:
        """Count the resources by kind and state."""

    def states(self) -> dict[DossierId, str]:
        """State of every dossier."""

    def deleted(self) -> dict[DossierId, str]:
        """Dossiers that were deleted, with the evidence."""

    def quarantined(self) -> list[tuple[DossierId, str, str]]:
        """Dossier, kind and error of every resource in quarantine."""

    def staleness(self, *, now: float) -> Staleness:
        """How long ago the dossiers were fetched, but for those fetched by a clock that was ahead.

        Args:
            now: Seconds since the epoch.
        """

    def interruption(self) -> Interrupted | None:
        """The interruption that the last run was in, if it had not ended."""

    def traffic(self) -> list[Stretch]:
        """The traffic of all runs, over time: a bounded number of stretches, oldest first."""

    def manners(self) -> dict[str, tuple[int, int]]:
        """How this host refuses, by status and form: how often that was confirmed and refuted."""

    # -- the queue ---------------------------------------------------------------------------

    def queued(
        self, *, after: int, limit: int, begun: bool | None = None, shared: bool | None = None
    ) -> list[Work]:
        """List the next resources to fetch, oldest first.

        Args:
            after: The id of the last one that is known.
            limit: How many at most.
            begun: Only of dossiers that something was fetched of (True), or only where a dossier
                begins (False).
            shared: Only what other dossiers may wait for (True), or only what is one's own (False).
        """

    def control(self, *, but: str | Collection[str], kinds: Collection[str] = ()) -> Work | None:
        """Name the resource that was read last: asking for it again shows whether the API speaks.

        Args:
            but: The path of what is in question, or all of them.
            kinds: Kinds whose answers carry nothing to recognise them by.
        """

    # -- estimates and refreshes -------------------------------------------------------------

    def usual_cost(self) -> float | None:
        """Requests that a dossier took on average; None while none is complete."""

    def under_way(self) -> tuple[int, dict[str, int]]:
        """Count the dossiers that something is still to be fetched of, and what has been.

        The latter without what they share, by kind.
        """

    def samples(self, *, most: int = 1_000) -> list[Sample]:
        """Costs of dossiers drawn at random: what a plan is estimated from.

        While a harvest is under way, those that are complete are the smaller ones: the larger are
        not finished yet. So the last that were begun are left out, and of those before them all
        are taken as far as they are known, finished or not.

        Args:
            most: How many dossiers to look at.
        """

    def known(self) -> list[KnownDossier]:
        """List the dossiers that may be refreshed: nothing open, not deleted."""

    def shared_before(self, moment: float, dossier: DossierId) -> list[int]:
        """List what a dossier shares with others and was last fetched before ``moment``."""

    # -- bodies ------------------------------------------------------------------------------

    def body(self, path: str) -> bytes | None:
        """Return what is stored at ``path``, if that is still there."""

    def bodies(self) -> Iterator[tuple[str, bytes]]:
        """Path and body of everything stored that is still there, in the order of discovery."""

    def documents(self) -> Iterator[StoredBody]:
        """Everything stored that is still there, in the order of discovery."""

    def history(self, path: str) -> list[tuple[float, float, bytes]]:
        """Since when, until when and what ``path`` was before, oldest first."""

    def shared(self) -> Iterator[tuple[str, DossierId]]:
        """Path of every shared resource with each further dossier that needs it."""

    def verify(self) -> Verification:
        """Read every body and compare it with the digest that was made when it came."""


class Storage(StorageReader, Protocol):
    """A tenant's stored harvest, open for one run. Synchronous; one thread at a time.

    Every answer is one transaction: the body, its hash, the work it leads to and what that means
    for its dossier. So a process may die at any moment: what was committed is never asked for
    again, and what was not is still in the queue.
    """

    @property
    def lease(self) -> Lease:
        """The right to write it."""

    def together(self) -> AbstractContextManager[None]:
        """Make one transaction of all calls that are made inside.

        Raises:
            StoreError: On leaving it: nothing of them is stored.
        """

    # -- the listing -------------------------------------------------------------------------

    def begin_listing(self, *, api: str | None = None, host: str | None = None) -> int:
        """Return the number of a new listing.

        Args:
            api: The name of its API, to be recorded; None if the source names none.
            host: The server's name, to be recorded as well.
        """

    def add_dossiers(self, roots: Iterable[Root], *, listing: int = 1) -> int:
        """Queue the dossiers that are new, and note that the listing names the others still.

        Returns:
            How many were new.
        """

    def unnamed(self, listing: int) -> tuple[DossierId, ...]:
        """Ids of the known dossiers that a listing has not named so far."""

    def set_aside(self, rows: int, gaps: Iterable[Gap] = ()) -> None:
        """Note what the listing just read could not name.

        Args:
            rows: How many rows have no id that could be used.
            gaps: What it could not hand out.
        """

    def finish_listing(
        self,
        *,
        include: Iterable[str],
        requests: int,
        listing: int = 1,
        lists_all: bool = False,
        accept_vanished: bool = False,
    ) -> VanishedDossiers:
        """Note that all dossiers are known, and so are the kinds of resource that are wanted.

        Dossiers that the listing lacks are to be asked for: one that then is not there either is
        deleted. If they are very many, the listing is doubted instead.

        Args:
            include: Names of the groups that are wanted.
            requests: Requests that have left since the last call.
            listing: Its number.
            lists_all: Whether a dossier that it does not name has left what is harvested.
            accept_vanished: Believe it however many it lacks.
        """

    # -- answers -----------------------------------------------------------------------------

    def put(self, work: Work, answer: Answer, found: Found, *, requests: int) -> Settlement:
        """Store an answer and queue what it leads to.

        Args:
            work: What was fetched.
            answer: What holds the body as it came, and does not show it.
            found: What it leads to.
            requests: Requests that have left since the last call.
        """

    def gone(self, work: Work, *, status: int, requests: int) -> Settlement:
        """Note that a resource does not exist, or may not be read.

        With all of them gone the dossier is. What was stored of it stays until :meth:`judge`
        believes that. What dossiers share is asked for by another one's path first.
        """

    def quarantine(self, work: Work, *, error: str, requests: int) -> Settlement:
        """Put a resource aside that cannot be read, and its dossier with it.

        What dossiers share is asked for by another one's path first.
        """

    def requeue_quarantined(self) -> int:
        """Put everything that is in quarantine back into the queue.

        Returns:
            How many resources.
        """

    def begin_refresh(self, dossiers: Iterable[DossierId]) -> list[Work]:
        """Queue dossiers to be fetched once more; those that are under way are left as they are.

        Returns:
            The resources to fetch first.
        """

    # -- the end of a run --------------------------------------------------------------------

    def judge(self) -> Judgement:
        """Decide about everything that was lost in a run and is pending: it ends.

        Few losses of a kind are believed, and no longer shown. Many are doubted: what was stored
        stays, until a second look or :meth:`accept` ends that. A run that ends without it leaves
        its losses to the next, which judges them as its own.
        """

    def accept(self, subjects: Iterable[str]) -> None:
        """Acknowledge concerns, by what they are about.

        What is doubted is lost by that. Of all else it is only noted that somebody knows of it.

        Args:
            subjects: Names of kinds, ``dossier``, ``dossier:ID`` or ``rows``.

        Raises:
            InputError: There is no such concern.
        """

    def purge(self) -> int:
        """Erase for good what the source no longer has, with its history.

        That is what two looks have not found that are most of a day apart. What is doubted or
        forbidden stays.

        Returns:
            How many bodies.
        """

    # -- notes -------------------------------------------------------------------------------

    def add_requests(self, requests: int) -> None:
        """Count requests that led to nothing that is stored."""

    def add_probes(self, probes: int) -> None:
        """Count requests that only asked whether an interruption is over."""

    def add_traffic(self, traffic: Traffic) -> None:
        """Add what was seen of requests now, as :meth:`traffic` gives it back."""

    def note_cycle(self, seconds: float | None) -> None:
        """Note how long refreshes take to come round to every dossier, if that is limited."""

    def set_manners(self, known: Mapping[str, tuple[int, int]]) -> None:
        """Remember how this host refuses, as :meth:`manners` gives it back."""

    def set_interruption(self, interruption: Interrupted | None) -> None:
        """Remember that the server is away, for who looks from outside; None: it is there."""
