"""Events of a harvest, and its progress. Without personal data: ids, kinds, counts, codes."""

from typing import Any

import attrs

from elements_procura.harvest.traffic import Traffic
from elements_procura.redact import shown_subject
from elements_procura.spec.source import DossierId, id_repr


def _about(subject: str) -> str:
    name, colon, _ = subject.partition(":")
    return f"{name}:ID" if colon else subject


@attrs.frozen
class Concern:
    """A problem of the stored data that needs a person's attention and acknowledgement.

    Attributes:
        subject: The argument of ``--accept``: the name of a kind, ``dossier``, ``dossier:ID`` or
            ``rows``.
        state: ``doubted`` (so much of it vanished that this is not believed), ``forbidden`` (the
            right to read it is missing), ``not granted`` (it was never readable), ``quarantined``,
            ``rows`` (rows of a listing without a usable id) or ``incomplete`` (the source has more
            than it returned).
        count: How many.
        of: Of how many that were requested; 0 where that does not apply.
        accepted: How many of them have been acknowledged.
    """

    subject: str = attrs.field(repr=lambda each: repr(_about(each)))
    state: str
    count: int
    of: int = 0
    accepted: int = 0

    @property
    def about(self) -> str:
        """The subject as a log may have it: an id may name somebody."""
        return _about(self.subject)

    @property
    def shown(self) -> str:
        """The subject as people read it, and as ``--accept`` takes it as well."""
        return shown_subject(self.subject)

    @property
    def is_open(self) -> bool:
        """Whether part of it is not acknowledged."""
        return self.state != "not granted" and self.count > self.accepted

    def to_json(self) -> dict[str, Any]:
        """As JSON, with the option that settles it."""
        return {
            "subject": self.subject,
            "state": self.state,
            "count": self.count,
            "of": self.of,
            "accepted": self.accepted,
            "open": self.is_open,
            "settled_by": f"--accept {self.subject}",
        }


@attrs.frozen
class Progress:
    """The progress of a harvest, over all its runs on one store.

    Attributes:
        dossiers: How many are known; 0 until the listing is complete.
        harvested: How many are complete.
        quarantined: How many could not be read whole.
        gone: How many no longer exist, or may not be read.
        doubted: How many the last listing lacked, if they were too many to believe it.
        unlisted: How many are stored that the last complete listing lacks.
        deleted: How many are deleted, by their own mark or by evidence; they count as harvested or
            gone as well.
        refreshing: Refreshes that are under way.
        to_refresh: How many refreshes this run is to make; 0 when it makes none.
        refreshed: How many of them have ended.
        changed: How many of those have found a change.
        resources: Answers that are stored.
        queued: Resources that are still to be fetched, as far as known.
        requests: Requests that left, refused and repeated ones and token requests included.
        requests_saved: Requests that a client following every link would have made besides.
        saved: ``requests_saved`` by reason.
        listed: Whether the listing of the dossiers is complete.
        probes: Requests that only asked whether an interruption is over; not among ``requests``.
        concerns: Problems that need a person's attention, acknowledged or not.
        traffic: How its requests went.
    """

    dossiers: int = 0
    harvested: int = 0
    quarantined: int = 0
    gone: int = 0
    doubted: int = 0
    unlisted: int = 0
    deleted: int = 0
    refreshing: int = 0
    to_refresh: int = 0
    refreshed: int = 0
    changed: int = 0
    resources: int = 0
    queued: int = 0
    requests: int = 0
    requests_saved: int = 0
    saved: dict[str, int] = attrs.field(factory=dict)
    listed: bool = False
    probes: int = 0
    concerns: tuple[Concern, ...] = ()
    traffic: Traffic = attrs.field(factory=Traffic)

    @property
    def unacknowledged(self) -> tuple[Concern, ...]:
        """The unacknowledged concerns: while there are any, a run ends with exit code 3."""
        return tuple(each for each in self.concerns if each.is_open)

    @property
    def settled(self) -> int:
        """The number of dossiers with nothing left to fetch."""
        return self.harvested + self.quarantined + self.gone

    @property
    def complete(self) -> bool:
        """Whether nothing is left to fetch."""
        return self.listed and self.settled == self.dossiers and not self.refreshing

    def counts(self) -> dict[str, int]:
        """Every count by its name: the figures of events, ``status``, reports and the demo."""
        return {name: getattr(self, name) for name in _COUNTS}

    def to_json(self) -> dict[str, Any]:
        """As JSON: the counts, the concerns and the flags."""
        return {
            **self.counts(),
            "listed": self.listed,
            "complete": self.complete,
            "saved": dict(self.saved),
            "traffic": self.traffic.to_json(),
            "concerns": [each.to_json() for each in self.concerns],
        }


_COUNTS = tuple(each.name for each in attrs.fields(Progress) if each.type is int)


@attrs.frozen
class HarvestStarted:
    """The harvest begins, or goes on where an earlier run stopped."""

    resumed: bool
    progress: Progress


@attrs.frozen
class DossiersListed:
    """All dossiers are known."""

    dossiers: int


@attrs.frozen
class ListingDoubted:
    """The listing lacks so many known dossiers that it is not believed: none counts as deleted.

    Attributes:
        vanished: How many it lacks.
        known: Of how many.
    """

    vanished: int
    known: int


@attrs.frozen
class RefreshStarted:
    """The dossiers to refresh are chosen.

    Attributes:
        dossiers: How many. requests: Their expected cost, by their earlier cost.
        cycle: Seconds in which as many refreshes are made as there are dossiers, as many as there
            may be a day; None where nothing limits them. Every dossier is refreshed within four
            cycles.
    """

    dossiers: int
    requests: int
    cycle: float | None = None


@attrs.frozen
class AnswerStored:
    """One answer is stored."""

    kind: str
    dossier: DossierId = attrs.field(repr=id_repr)


@attrs.frozen
class ListingIncomplete:
    """The listing could not name every dossier; the harvest continues with the others.

    Attributes:
        rows: How many of its rows lack a usable id.
        gaps: The missing parts, as days and types.
    """

    rows: int
    gaps: tuple[str, ...] = ()


@attrs.frozen
class HarvestInterrupted:
    """The server is away, or something answers in its place: all workers wait.

    Attributes:
        since: When that began, in seconds since the epoch.
        reason: The kind of failure, without values.
    """

    since: float
    reason: str


@attrs.frozen
class HarvestResumed:
    """The server is back, and all workers continue.

    Attributes:
        seconds: How long it was away.
        probes: Requests that only asked for it.
    """

    seconds: float
    probes: int


@attrs.frozen
class QuotaWait:
    """The quota is used up, and the run waits until requests are available again.

    Attributes:
        until: The end of the wait, in seconds since the epoch.
    """

    until: float


@attrs.frozen
class Concerns:
    """The concerns have changed.

    Attributes:
        concerns: All current concerns, acknowledged or not.
    """

    concerns: tuple[Concern, ...]


@attrs.frozen
class ResourceGone:
    """A resource does not exist (404) or may not be read (403)."""

    kind: str
    dossier: DossierId = attrs.field(repr=id_repr)
    status: int


@attrs.frozen
class ResourceQuarantined:
    """A resource cannot be read; its dossier is quarantined and the harvest continues.

    Attributes:
        kind: Kind of the resource.
        dossier: Id of the dossier.
        error: The failure, without values.
    """

    kind: str
    dossier: DossierId = attrs.field(repr=id_repr)
    error: str


@attrs.frozen
class DossierSettled:
    """A dossier has nothing left to fetch.

    Attributes:
        dossier: Its id.
        state: ``complete``, ``quarantined`` or ``gone``.
        changed: Whether a refresh has found a change; None in the first pass, and if not everything
            could be read.
    """

    dossier: DossierId = attrs.field(repr=id_repr)
    state: str
    changed: bool | None = None


@attrs.frozen
class HarvestFinished:
    """The run has ended; ``progress.complete`` shows whether the harvest is complete."""

    progress: Progress


Event = (
    HarvestStarted
    | DossiersListed
    | ListingDoubted
    | RefreshStarted
    | ListingIncomplete
    | HarvestInterrupted
    | HarvestResumed
    | QuotaWait
    | Concerns
    | AnswerStored
    | ResourceGone
    | ResourceQuarantined
    | DossierSettled
    | HarvestFinished
)
