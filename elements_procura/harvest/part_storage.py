"""The part of a storage that knows the parts of dossiers."""

from collections.abc import Iterator
from typing import Protocol

from elements_procura.harvest.policy.hints import HintCount
from elements_procura.harvest.policy.refresh import Staleness
from elements_procura.harvest.records import KindRate, KnownPart, PartRate


class PartsReader(Protocol):
    """The parts of dossiers, for refreshes and for people."""

    def known_parts(self) -> Iterator[KnownPart]:
        """List the parts of all dossiers but those with one part, or with something in doubt."""

    def hints(self) -> dict[str, HintCount]:
        """What came of noisy signs so far, by the part that they point at."""

    def staleness_of_parts(self, *, now: float) -> dict[str, Staleness]:
        """How long ago each part was fetched, of the dossiers that have it.

        Args:
            now: Seconds since the epoch.
        """

    def rates_of_kinds(self) -> list[KindRate]:
        """How often the resources of each kind change, by all looks at them; the busiest first."""

    def rates_of_parts(self) -> list[PartRate]:
        """How often each part changes on average, by what refreshes have shown."""
