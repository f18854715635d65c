"""What erasing asks of a storage."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Protocol

import attrs

from elements_procura.harvest.erasure.subject import StoredCopy
from elements_procura.harvest.erasure.suppression import Mention
from elements_procura.spec.source import DossierId


@attrs.frozen
class Erasure:
    """What an erasure takes away, or would.

    Attributes:
        removed: Resources that go whole, by kind.
        rewritten: Bodies that go on without the person, by kind.
        replaced: Earlier bodies, rows of the listing and the like among them.
        dossiers: The dossiers that are concerned.
        is_final: Whether nothing is left in the storage's files either. Another program that looks
            at it may keep old pages there; whoever opens it next does away with them.
    """

    removed: Mapping[str, int]
    rewritten: Mapping[str, int]
    replaced: int
    dossiers: tuple[DossierId, ...] = attrs.field(repr=False)
    is_final: bool = True


@attrs.frozen
class AuditEntry:
    """Something that was done for a person's rights; nothing in it is personal.

    Attributes:
        at: Seconds since the epoch.
        action: ``erase person``, ``erase dossier`` or ``disclose``.
        counts: How much of what.
    """

    at: float
    action: str
    counts: Mapping[str, int]


class RightsReader(Protocol):
    """The part of a storage's reader that persons' rights need."""

    def stored(self, kinds: Collection[str] | None = None) -> Iterator[StoredCopy]:
        """Everything that is stored of bodies, whatever the source says of it now.

        Args:
            kinds: Only these; None for all.
        """

    def would_erase(
        self, mentions: Collection[Mention], *, dossier: DossierId | None = None
    ) -> Erasure:
        """What :meth:`ErasingStorage.erase` would take away; nothing is done."""

    def would_suppress(self, key: bytes, hashes: Collection[bytes]) -> Erasure:
        """What :meth:`ErasingStorage.suppress` would take away; nothing is done."""

    def suppressed(self) -> tuple[bytes, frozenset[bytes]]:
        """The key and the hashes of the list of what was erased; both empty before the first."""

    def sharers(self, resource: int) -> list[DossierId]:
        """The dossiers that share a resource, besides its own.

        Args:
            resource: Its number, as :class:`StoredCopy` has it.
        """

    def audit(self) -> list[AuditEntry]:
        """What was done for persons' rights, oldest first."""

    def exports(self) -> list[dict[str, Any]]:
        """The exports that were made of it: where they are, and how they were asked for."""


class ErasingStorage(RightsReader, Protocol):
    """The part of a storage that erasing needs."""

    def suppress(self, key: bytes, hashes: Collection[bytes]) -> Erasure:
        """Take over a list of what was erased elsewhere, and erase what it names.

        Args:
            key: As :meth:`RightsReader.suppressed` gives it; that of a list from before is kept.
            hashes: The list; whatever of it is known already is passed over.
        """

    def erase(self, mentions: Collection[Mention], *, dossier: DossierId | None = None) -> Erasure:
        """Erase for good whatever is recognised by these, and keep it from coming back.

        Args:
            mentions: What a person is recognised by; empty if a dossier is erased.
            dossier: A dossier to be erased whole.
        """

    def note_audit(self, action: str, counts: Mapping[str, int]) -> None:
        """Note something that was done for a person's rights."""
