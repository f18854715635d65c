"""What a harvest tells while it runs. Nothing in here is personal: ids, kinds, counts, codes."""

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
    """Something about what is stored that a person has to know of, and may acknowledge.

    Attributes:
        subject: What ``--accept`` takes: the name of a kind, ``dossier``, ``dossier:ID`` or
            ``rows``.
        state: ``doubted`` (so much of it vanished that it is not believed), ``forbidden`` (the
            right to read it is missing), ``not granted`` (it was never readable), ``quarantined``,
            ``rows`` (rows of a listing without a usable id) or ``incomplete`` (the source says
            that there is more than it hands out).
        count: How many.
        of: Of how many that were asked for; 0 where that says nothing.
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
        """Whether nobody has acknowledged all of it."""
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
    """Where a harvest stands, over all its runs on one store.

    Attributes:
        dossiers: How many are known; 0 until the listing is in.
        harvested: How many are complete.
        quarantined: How many could not be read whole.
        gone: How many no longer exist, or may not be read.
        doubted: How many the last listing lacked, if they were too many to believe it.
        unlisted: How many are stored that the last complete listing lacks.
        deleted: How many are deleted, by what they say or by evidence; they count as harvested or
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
        concerns: What a person has to know of, acknowledged or not.
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
        """The concerns that nobody has acknowledged: while there are any, a run ends with 3."""
        return tuple(each for each in self.concerns if each.is_open)

    @property
    def settled(self) -> int:
        """Dossiers of which nothing is left to fetch."""
        return self.harvested + self.quarantined + self.gone

    @property
    def complete(self) -> bool:
        """Whether nothing is left to fetch."""
        return self.listed and self.settled == self.dossiers and not self.refreshing

    def counts(self) -> dict[str, int]:
        """Every count by its name: the figures of events, ``status``, reports and the demo."""
        return {name: getattr(self, name) for name in _COUNTS}

    def to_json(self) -> dict[str, Any]:
        """As JSON: the counts, and everything else that is known."""
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
class Started:
    """The harvest begins, or goes on where an earlier run stopped."""

    resumed: bool
    progress: Progress


@attrs.frozen
class Listed:
    """All dossiers are known."""

    dossiers: int


@attrs.frozen
class Doubted:
    """The listing lacks so many known dossiers that it is not believed: none counts as deleted.

    Attributes:
        vanished: How many it lacks.
        known: Of how many.
    """

    vanished: int
    known: int


@attrs.frozen
class Refreshing:
    """Which dossiers are refreshed is settled.

    Attributes:
        dossiers: How many.
        requests: What they cost, by what they cost before.
        cycle: Seconds in which as many refreshes are made as there are dossiers, as many as there
            may be a day; None where nothing limits them. None waits for longer than four of them.
    """

    dossiers: int
    requests: int
    cycle: float | None = None


@attrs.frozen
class Stored:
    """One answer is stored."""

    kind: str
    dossier: DossierId = attrs.field(repr=id_repr)


@attrs.frozen
class PutAside:
    """The listing could not name every dossier; the others go on.

    Attributes:
        rows: How many of its rows have no id that could be used.
        gaps: What it could not hand out, as days and types.
    """

    rows: int
    gaps: tuple[str, ...] = ()


@attrs.frozen
class Interrupted:
    """The server is away, or something answers in its place: everybody waits.

    Attributes:
        since: When that began, in seconds since the epoch.
        reason: What was answered, or that nothing was, without values.
    """

    since: float
    reason: str


@attrs.frozen
class Resumed:
    """The server is back, and everybody goes on.

    Attributes:
        seconds: How long it was away.
        probes: Requests that only asked for it.
    """

    seconds: float
    probes: int


@attrs.frozen
class Waiting:
    """The quota is used up, and the run waits for some of it to be free again.

    Attributes:
        until: Until when, in seconds since the epoch.
    """

    until: float


@attrs.frozen
class Concerns:
    """What a person has to know of is no longer what it was.

    Attributes:
        concerns: All of it, acknowledged or not; none when nothing is left of it.
    """

    concerns: tuple[Concern, ...]


@attrs.frozen
class Gone:
    """A resource does not exist (404) or may not be read (403)."""

    kind: str
    dossier: DossierId = attrs.field(repr=id_repr)
    status: int


@attrs.frozen
class Quarantined:
    """A resource cannot be read; its dossier is put aside and the rest goes on.

    Attributes:
        kind: Kind of the resource.
        dossier: Id of the dossier.
        error: What went wrong, without values.
    """

    kind: str
    dossier: DossierId = attrs.field(repr=id_repr)
    error: str


@attrs.frozen
class DossierSettled:
    """Nothing is left to fetch of a dossier.

    Attributes:
        dossier: Its id.
        state: ``complete``, ``quarantined`` or ``gone``.
        changed: Whether a refresh has found a change; None at the first time, and when not
            everything could be read.
    """

    dossier: DossierId = attrs.field(repr=id_repr)
    state: str
    changed: bool | None = None


@attrs.frozen
class Finished:
    """The run has ended; ``progress.complete`` tells whether the harvest has."""

    progress: Progress


Event = (
    Started
    | Listed
    | Doubted
    | Refreshing
    | PutAside
    | Interrupted
    | Resumed
    | Waiting
    | Concerns
    | Stored
    | Gone
    | Quarantined
    | DossierSettled
    | Finished
)
