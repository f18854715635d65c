"""The sequence of a storage's changes: what exports that are kept up to date go by."""

from collections.abc import Iterator
from typing import Protocol

from elements_procura.harvest.records import Change


class Sequence(Protocol):
    """A storage that numbers what changes in it; the numbers are committed with the change."""

    @property
    def identity(self) -> str:
        """A random text that is this store's alone, and its copies'."""

    @property
    def sequence(self) -> int:
        """The number of the last change or look; it grows, and a copy of the store keeps it."""

    def lineage(self, number: int) -> str:
        """The random mark of the run that gave a number; empty if that is not known.

        Two stores that agree in it have had the same changes up to the number. A copy that is put
        back and then harvested on gives the same numbers, under other marks.

        Args:
            number: Of the sequence.
        """

    def changes(self, since: int = 0, *, looks: bool = False) -> Iterator[Change]:
        """List what has changed after a number of the sequence: erased resources, then by number.

        A resource is named once, with what has become of it. Whoever has taken note of all of it
        goes on from the :attr:`sequence` that was read before.

        Args:
            since: The number; 0 for all that was ever shown.
            looks: Also name what was looked at and has not changed.
        """
