"""The part of a storage that knows the doubts."""

from typing import Protocol

from elements_procura.harvest.events import Concern
from elements_procura.harvest.records import LostLink


class DoubtsReader(Protocol):
    """Concerns and doubts, for people."""

    def concerns(self) -> tuple[Concern, ...]:
        """List the concerns, acknowledged or not."""

    def lost_links(self) -> list[LostLink]:
        """Count what no answer leads to any more and is doubted, by the kind that led there."""
