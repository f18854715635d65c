"""The inside of a store in words that every kind of storage has, and what must hold of it."""

import contextlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol

import attrs

from elements_procura.harvest import StorageReader
from elements_procura.harvest.address import Where
from elements_procura.harvest.packing import unpack
from elements_procura.harvest.records import UNLISTED_AND_404
from elements_procura.spec.source import DossierId

WAITING, FAILING = 1, 2
OPEN_LOSSES = ("pending", "doubted")


@attrs.frozen
class DossierState:
    """A dossier as the ledger counts it."""

    id: DossierId
    state: str
    open: int
    failed: int
    is_unlisted: bool
    is_lacking: bool
    deleted: str | None


@attrs.frozen
class ResourceState:
    """A resource; ``root`` is 1 where a pass begins, 2 for a row of the listing."""

    id: int
    dossier: DossierId
    path: str
    share: str | None
    root: int
    state: str
    status: int | None
    is_fetched: bool
    has_digest: bool
    body: bytes | None
    loss: str | None
    loss_status: int | None
    has_spare: bool

    @property
    def is_shown(self) -> bool:
        return self.status == 200


@attrs.frozen
class Share:
    """A further dossier that needs a resource, and whether it counts it as open or failed."""

    resource: int
    dossier: DossierId
    waiting: int


@attrs.frozen
class Ledger:
    """All of a store."""

    dossiers: dict[DossierId, DossierState]
    resources: dict[int, ResourceState]
    shares: tuple[Share, ...]
    counts: dict[str, int]

    def queued(self) -> set[int]:
        return {each.id for each in self.resources.values() if each.state == "queued"}

    def shown(self) -> list[ResourceState]:
        return [each for each in self.resources.values() if each.is_shown]

    def faults(self) -> list[str]:
        """Everything that must never be, whatever has happened before."""
        return [
            *self._miscounted(),
            *self._waiting_for_nothing(),
            *self._without_a_body(),
            *self._wrong_spares(),
            *self._wrong_losses(),
        ]

    def bare(self) -> list[ResourceState]:
        """Where a pass begins and nothing is there to be shown, not even a row of the listing."""
        return [
            each
            for each in self.resources.values()
            if each.root == 1
            and not each.has_spare
            and not each.has_digest
            and self.dossiers[each.dossier].deleted is None
        ]

    def _miscounted(self) -> Iterator[str]:
        for dossier in self.dossiers.values():
            own = [each.state for each in self.resources.values() if each.dossier == dossier.id]
            others = [each.waiting for each in self.shares if each.dossier == dossier.id]
            found = (
                own.count("queued") + others.count(WAITING),
                own.count("quarantined") + others.count(FAILING),
            )
            if found != (dossier.open, dossier.failed):
                yield f"{dossier} has open and failed {found}"
            if dossier.open == 0 and (
                dossier.state == "open" or (dossier.state == "quarantined") != (dossier.failed > 0)
            ):
                yield f"{dossier} is settled as something else"

    def _waiting_for_nothing(self) -> Iterator[str]:
        for share in self.shares:
            what = self.resources[share.resource]
            if (
                what.share is None
                or what.dossier == share.dossier
                or (share.waiting == WAITING and what.state != "queued")
                or (share.waiting == FAILING and what.state != "quarantined")
            ):
                yield f"{share} waits for {what}"

    def _without_a_body(self) -> Iterator[str]:
        for each in self.resources.values():
            is_stored = each.state == "stored"
            if (
                (is_stored and not (each.is_shown and each.is_fetched))
                or (each.is_shown and each.body is None)
                or (each.is_shown and not each.has_digest)
            ):
                yield f"{each} is stored and lacks something"

    def _wrong_spares(self) -> Iterator[str]:
        """A row of the listing is kept only while there is nothing better."""
        for each in self.resources.values():
            deleted = self.dossiers[each.dossier].deleted
            if each.has_spare and (each.is_shown or each.root != 1 or deleted == UNLISTED_AND_404):
                yield f"{each} needs no row"

    def _wrong_losses(self) -> Iterator[str]:
        for each in self.resources.values():
            if each.state in ("queued", "quarantined"):
                continue
            is_pending = each.state == "pending"
            if (
                is_pending != (each.loss in OPEN_LOSSES)
                or (is_pending and not each.is_shown)
                or (
                    each.loss not in (None, *OPEN_LOSSES)
                    and each.is_shown
                    and each.loss_status != 204
                )
            ):
                yield f"{each} is lost and shown"


class StorageUnderTest(Protocol):
    """One kind of storage, as its tests see it."""

    def fresh(self) -> contextlib.AbstractContextManager[Where]:
        """An address where nothing is; inside, a store can be made there."""

    def others_names_of(self, where: Where) -> Iterable[Where]:
        """Other addresses of the same store."""

    def ledger(self, store: StorageReader) -> Ledger:
        """The inside of an open store."""


def ledger_by_sql(rows: Callable[[str], list[tuple[Any, ...]]]) -> Ledger:
    """The inside of a store that has the tables of ``harvest/sql``.

    Args:
        rows: Runs a query that every SQL database understands.
    """
    bodies = {
        resource: unpack(body) for resource, body in rows("SELECT resource, body FROM bodies")
    }
    losses = {row[0]: row[1:] for row in rows("SELECT resource, state, status FROM losses")}
    spares = {resource for (resource,) in rows("SELECT resource FROM spares")}
    return Ledger(
        {
            number: DossierState(
                number, state, left, failed, bool(unlisted), since is not None, why
            )
            for number, state, left, failed, unlisted, since, why in rows(
                "SELECT id, state, open, failed, unlisted, lacking_since, deleted FROM dossiers"
            )
        },
        {
            number: ResourceState(
                number,
                dossier,
                path,
                share,
                root,
                state,
                status,
                is_fetched=fetched_at is not None,
                has_digest=sha256 is not None,
                body=bodies.get(number),
                loss=losses.get(number, (None, None))[0],
                loss_status=losses.get(number, (None, None))[1],
                has_spare=number in spares,
            )
            for number, dossier, path, share, root, state, status, fetched_at, sha256 in rows(
                "SELECT id, dossier, path, share, root, state, status, fetched_at, sha256"
                " FROM resources"
            )
        },
        tuple(Share(*row) for row in rows("SELECT resource, dossier, waiting FROM shares")),
        dict(rows("SELECT name, value FROM counts")),
    )
