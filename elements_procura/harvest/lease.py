"""The right to write a store, as a protocol."""

from typing import Protocol


class Lease(Protocol):
    """The right of one process to write a store, from its opening to its closing."""

    @property
    def holder(self) -> str:
        """Who holds it, in words for those who wait."""

    def check(self) -> None:
        """Make sure that it is still held; called at the beginning of every transaction.

        Raises:
            StoreInUse: Another process may hold it by now, so nothing may be written.
        """

    def release(self) -> None:
        """Let go of it; without effect the second time."""
