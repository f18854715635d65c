"""A harvest's storage as protocols, and the parts of a second implementation.

The engine, the queue, exports, plans, ``status``, drift and reports know nothing else of a store.
:class:`~elements_procura.harvest.Store` opens one by its address; ``harvest/sql`` is the
implementation that keeps a tenant in a file.

A second implementation (say, tenants in one PostgreSQL database) writes

* a :class:`~elements_procura.harvest.store.Backend`, entered under its scheme in
  ``harvest/store.py``, and the three classes behind it: :class:`StorageReader`, :class:`Storage`
  and :class:`~elements_procura.harvest.snapshot.StorageSnapshot`;
* a :class:`~elements_procura.harvest.lease.Lease`. A file has a lock that the operating system
  releases. A row in a database has an end that is moved on by a heartbeat, and a number that grows
  with every holder: each transaction begins by comparing it, so that whoever was suspended and woke
  up late cannot write;
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

from elements_procura.harvest.doubt_storage import DoubtsReader
from elements_procura.harvest.erasure.storage import ErasingStorage, RightsReader
from elements_procura.harvest.events import HarvestInterrupted, Progress
from elements_procura.harvest.lease import Lease
from elements_procura.harvest.part_storage import PartsReader
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
from elements_procura.harvest.sequence import Sequence
from elements_procura.harvest.traffic import Stretch, Traffic
from elements_procura.spec.source import Answer, Discovery, DossierId, Gap, Root, Work


class StorageReader(RightsReader, PartsReader, DoubtsReader, Sequence, Protocol):
    """A tenant's stored harvest, for reading only, also while another process writes it.

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
        """The tenant whose data it holds."""

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
        """The groups of resources to fetch; None until all dossiers are known."""

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
        """Count the progress of the harvest."""

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

    def interruption(self) -> HarvestInterrupted | None:
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
            begun: Only of dossiers with a fetched resource (True), or only roots of new dossiers
                (False).
            shared: Only resources that other dossiers may wait for (True), or only unshared ones
                (False).
        """

    def control(self, *, but: str | Collection[str], kinds: Collection[str] = ()) -> Work | None:
        """Return the resource that was read last, as a control to probe the API with.

        Args:
            but: The paths to leave out.
            kinds: Kinds whose answers carry nothing to recognise them by.
        """

    # -- estimates and refreshes -------------------------------------------------------------

    def usual_cost(self) -> float | None:
        """Requests that a dossier took on average; None while none is complete."""

    def under_way(self) -> tuple[int, dict[str, int]]:
        """Count the unfinished dossiers and their fetched resources.

        The resources are counted by kind, without shared ones.
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
        """List a dossier's shared resources that were last fetched before ``moment``."""

    # -- bodies ------------------------------------------------------------------------------

    def body(self, path: str) -> bytes | None:
        """Return the body stored at ``path``, if it still exists."""

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


class Storage(ErasingStorage, StorageReader, Protocol):
    """A tenant's stored harvest, open for one run. Synchronous; one thread at a time.

    Every answer is one transaction: the body, its hash, the work it leads to and the effect on its
    dossier. So a process may die at any moment: committed answers are never fetched again, and all
    others are still in the queue.
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
        """Record the gaps of the listing just read.

        Args:
            rows: How many rows lack a usable id.
            gaps: The parts that it could not name.
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
        """Record that the listing is complete, with the groups to fetch.

        Dossiers that the listing lacks are fetched: one that is not found either is deleted. If
        they are very many, the listing is doubted instead.

        Args:
            include: Names of the groups to fetch.
            requests: Requests that have left since the last call.
            listing: Its number.
            lists_all: Whether a dossier that it does not name has left what is harvested.
            accept_vanished: Believe it however many it lacks.
        """

    # -- answers -----------------------------------------------------------------------------

    def put(self, work: Work, answer: Answer, found: Discovery, *, requests: int) -> Settlement:
        """Store an answer and queue what it leads to.

        Args:
            work: The fetched resource.
            answer: A wrapper of the body as it came, which does not show it.
            found: The resources that it leads to.
            requests: Requests that have left since the last call.
        """

    def gone(self, work: Work, *, status: int, requests: int) -> Settlement:
        """Note that a resource does not exist, or may not be read.

        A dossier without any resource left is gone, too. Its stored bodies stay until :meth:`judge`
        believes that. A shared resource is first tried by another dossier's path.
        """

    def quarantine(self, work: Work, *, error: str, requests: int) -> Settlement:
        """Put a resource aside that cannot be read, and its dossier with it.

        A shared resource is first tried by another dossier's path.
        """

    def requeue_quarantined(self) -> int:
        """Put all quarantined resources back into the queue.

        Returns:
            How many resources.
        """

    def begin_refresh(
        self,
        dossiers: Iterable[DossierId],
        *,
        parts: Mapping[DossierId, Collection[str]] | None = None,
        prompted: Mapping[DossierId, Collection[str]] | None = None,
    ) -> list[Work]:
        """Queue dossiers to be fetched once more; those that are under way are left as they are.

        Args:
            dossiers: Their ids.
            parts: The parts to ask for of some that :meth:`known_parts` lists; None for all parts.
            prompted: Those of all their parts that a noisy sign has brought forward; the others
                have their turn, and what they show counts into the rate.

        Returns:
            The resources to fetch first.
        """

    # -- the end of a run --------------------------------------------------------------------

    def judge(self) -> Judgement:
        """Judge all pending losses at the end of a run.

        Few losses of a kind are believed, and hidden from then on. Many are doubted: the stored
        bodies stay, until a second look or :meth:`accept` ends the doubt. A run that ends without
        it leaves its losses to the next, which judges them as its own.
        """

    def accept(self, subjects: Iterable[str]) -> None:
        """Acknowledge concerns, by their subjects.

        Doubted losses become final. For all other concerns, only the acknowledgement is recorded.

        Args:
            subjects: Names of kinds, ``dossier``, ``dossier:ID`` or ``rows``.

        Raises:
            InputError: The concern does not exist.
        """

    def purge(self) -> int:
        """Erase resources that the source no longer has, with their history.

        These are resources that two looks, most of a day apart, have not found. Doubted and
        forbidden ones stay.

        Returns:
            How many bodies.
        """

    # -- notes -------------------------------------------------------------------------------

    def add_requests(self, requests: int) -> None:
        """Count requests without a stored result."""

    def add_probes(self, probes: int) -> None:
        """Count probes."""

    def add_traffic(self, traffic: Traffic) -> None:
        """Add what was seen of requests now, as :meth:`traffic` gives it back."""

    def note_rates(self, rates: Mapping[str, float]) -> None:
        """Note how often parts change on average, by which passes of some parts are weighed.

        Args:
            rates: Changes per second, by part.
        """

    def note_cycle(self, seconds: float | None) -> None:
        """Note how long refreshes take to come round to every dossier, if that is limited."""

    def set_manners(self, known: Mapping[str, tuple[int, int]]) -> None:
        """Store the host's forms of refusal, as :meth:`manners` returns them."""

    def set_interruption(self, interruption: HarvestInterrupted | None) -> None:
        """Record that the server is away, for other processes to see; None: it is back."""
