"""The values that a storage returns: see :mod:`elements_procura.harvest.storage`.

They are the same for every implementation; none of them holds a connection or a cursor.
"""

import hashlib
from collections.abc import Sequence

import attrs

from elements_procura.errors import StoreError
from elements_procura.harvest.events import Concern
from elements_procura.harvest.policy.refresh import Observations
from elements_procura.redact import shown_id
from elements_procura.spec.source import DossierId, Work, id_repr

UNLISTED_AND_404 = "unlisted and 404"
"""Evidence of a deletion: a believed listing lacks the dossier, and asking for it gave 404."""
DELETED_SET = "deleted is set"
"""Evidence of a deletion: the dossier itself says so."""
_SHOWN = 20


# -- what a call that writes has brought about --------------------------------------------------


@attrs.frozen
class ClosedDossier:
    """A dossier with nothing left to fetch.

    Attributes:
        dossier: Its id.
        state: ``complete``, ``quarantined`` or ``gone``.
        before: Its state before, ``open`` in its first pass.
        changed: Whether a refresh has found a change; None for the first pass and for one that
            could not read everything.
    """

    dossier: DossierId = attrs.field(repr=id_repr)
    state: str
    before: str = "open"
    changed: bool | None = None


@attrs.frozen
class Settlement:
    """The effects of one transaction.

    Attributes:
        work: New resources to fetch; or the same one once more, by another dossier's path.
        dossiers: Dossiers with nothing left to fetch.
        bodies: The number of additional bodies.
    """

    work: tuple[Work, ...] = ()
    dossiers: tuple[ClosedDossier, ...] = ()
    bodies: int = 0


@attrs.frozen
class VanishedDossiers:
    """Dossiers that an earlier listing named and this one does not.

    Attributes:
        dossiers: How many.
        known: How many there were to name.
        doubted: Whether they are so many that the listing is not believed: then none of them counts
            as deleted.
    """

    dossiers: int = 0
    known: int = 0
    doubted: bool = False


@attrs.frozen
class Judgement:
    """The judgement of a run's losses.

    Attributes:
        dossiers: Dossiers that are deleted, gone or changed by it.
        concerns: Problems that need a person's attention.
    """

    dossiers: tuple[ClosedDossier, ...] = ()
    concerns: tuple[Concern, ...] = ()


# -- what a reader hands out --------------------------------------------------------------------


@attrs.frozen
class KnownDossier:
    """A dossier that may be refreshed.

    Attributes:
        id: Its id.
        fetched: When it was last fetched, in seconds since the epoch.
        seen: The observations from its refreshes.
        cost: Requests that it took.
        due: Whether there are signs that it has changed or is gone.
    """

    id: DossierId = attrs.field(repr=id_repr)
    fetched: float
    seen: Observations
    cost: int
    due: bool


@attrs.frozen
class KnownPart:
    """A part of a dossier that may be refreshed without the others.

    Attributes:
        dossier: Its dossier.
        part: Its name.
        fetched: When it was last fetched, in seconds since the epoch.
        seen: The observations from its refreshes that no sign prompted.
        cost: Requests that it takes.
        due: Whether there are signs that it has changed.
        hinted: When it may have changed by a noisy sign, in seconds since the epoch; None where
            there is none since the last fetch.
    """

    dossier: DossierId = attrs.field(repr=id_repr)
    part: str
    fetched: float
    seen: Observations
    cost: int
    due: bool
    hinted: float | None = None


@attrs.frozen
class PartRate:
    """How often a part of dossiers changes.

    Attributes:
        part: Its name.
        dossiers: How many have it.
        requests: How many requests it takes, of all of them.
        changes: How many refreshes have found a change; observations fade, so it may be a
            fraction.
        days: Days that refreshes have looked back over, summed up over the dossiers.
        per_month: Changes in 30 days, of an average dossier.
    """

    part: str
    dossiers: int
    requests: int
    changes: float
    days: float
    per_month: float


@attrs.frozen
class KindRate:
    """How often the resources of a kind change, by all looks at them.

    Attributes:
        kind: Its name.
        part: The part of dossiers that it is in.
        resources: How many are stored.
        looks: How many looks found one that was stored before.
        changes: How many of them found it changed.
        days: Days that they have looked back over, summed up.
        per_month: Changes in 30 days, of an average one.
    """

    kind: str
    part: str
    resources: int
    looks: int
    changes: int
    days: float
    per_month: float


@attrs.frozen
class LostLink:
    """Stored resources that answers of one kind led to, and lead to no more.

    Attributes:
        leading: The kind of the answers.
        kind: The kind of the resources.
        count: How many are doubted to be lost.
        since: Since when, in seconds since the epoch.
    """

    leading: str
    kind: str
    count: int
    since: float


@attrs.frozen
class StoredBody:
    """A stored body, with its kind and origin.

    Attributes:
        kind: Name of its kind.
        dossier: The dossier it was fetched for.
        path: Where it came from.
        since: When it was first fetched as it is, in seconds since the epoch.
        body: The bytes as they came.
    """

    kind: str
    dossier: DossierId = attrs.field(repr=id_repr)
    path: str = attrs.field(repr=False)
    since: float
    body: bytes = attrs.field(repr=False)


@attrs.frozen
class Tally:
    """The resources of one kind that are in one state.

    Attributes:
        kind: Name of the kind.
        state: ``queued``, ``stored``, ``pending``, ``forbidden``, ``gone`` or ``quarantined``.
        count: How many there are.
        answers: How often they have been asked for, each pass once; rows of a listing never.
        last: When the last of them was answered, in seconds since the epoch; None if none was.
    """

    kind: str
    state: str
    count: int
    answers: int
    last: float | None


@attrs.frozen
class HeldResource:
    """A resource with a body that is still there.

    Attributes:
        id: Its number in the store.
        dossier: The dossier it was fetched for.
        kind: Name of its kind.
        path: Where it came from: a row of the listing, from where that is.
        share: Its name independent of the dossier; None if it belongs to one dossier alone.
        fetched: When it was last fetched, in seconds since the epoch.
        since: When it was first fetched as it is, in seconds since the epoch.
        mark: Why it may be out of date, as :class:`Change` has it; None for what is current.
        change: The number of its last change in the store's sequence.
    """

    id: int
    dossier: DossierId = attrs.field(repr=id_repr)
    kind: str
    path: str = attrs.field(repr=False)
    share: str | None
    fetched: float
    since: float
    mark: str | None = None
    change: int = 0


@attrs.frozen
class Change:
    """What has happened to one resource since a number of the sequence.

    Attributes:
        number: Its place in the sequence; a resource has one place, that of its last change.
        resource: Its number in the store.
        what: ``stored`` (another body, or another mark), ``deleted`` (the source no longer has it,
            and that is believed), ``erased`` (nothing of it may be left anywhere; ``stored`` may
            follow), or ``looked`` (nothing has changed but when it was fetched).
        dossier: The dossier that it was fetched for; None of what is erased, as of all below.
        kind: Name of its kind.
        path: Where it comes from.
        mark: Why what is shown may be out of date: ``doubted``, ``forbidden``, ``quarantined``,
            ``stale`` (the last pass of its dossier has not reached it), ``listed`` (only a row of
            the listing); None for what the last look confirmed.
        fetched: When it was last fetched, in seconds since the epoch.
        changed: When it was first fetched as it is, in seconds since the epoch.
        deleted: When its loss was believed, in seconds since the epoch; None unless it is
            ``deleted``.
    """

    number: int
    resource: int
    what: str
    dossier: DossierId | None = attrs.field(
        default=None, repr=lambda dossier: "None" if dossier is None else id_repr(dossier)
    )
    kind: str | None = None
    path: str | None = attrs.field(default=None, repr=False)
    mark: str | None = None
    fetched: float | None = None
    changed: float | None = None
    deleted: float | None = None


# -- whether bodies are what came ---------------------------------------------------------------


@attrs.frozen
class DamagedBody:
    """A body that differs from what was stored.

    Attributes:
        dossier: The dossier that it was fetched for.
        kind: Name of its kind.
    """

    dossier: DossierId = attrs.field(repr=id_repr)
    kind: str

    def __str__(self) -> str:
        return f"dossier {shown_id(self.dossier)}, {self.kind}"


@attrs.frozen
class Verification:
    """The result of reading every body.

    Attributes:
        bodies: How many have been read.
        damaged: Those that are not as they were stored.
    """

    bodies: int
    damaged: tuple[DamagedBody, ...]


def is_intact(body: bytes, digest: bytes | None) -> bool:
    """Whether a body matches its digest."""
    return digest is None or hashlib.sha256(body).digest() == digest


def damage(found: Sequence[DamagedBody]) -> StoreError:
    """Make the exception for bodies that are not as they were stored."""
    listed = "; ".join(map(str, found[:_SHOWN]))
    more = f"; and {len(found) - _SHOWN:,} more" if len(found) > _SHOWN else ""
    are = "1 body is" if len(found) == 1 else f"{len(found):,} bodies are"
    return StoreError(
        f"{are} not as stored, so the disk or the file is damaged: {listed}{more}",
        hint="Check the disk; a harvest with --refresh reads them anew and puts them right",
    )
