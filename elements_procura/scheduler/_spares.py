"""Requests that the ledger counts ahead, where they follow each other fast.

At the pace of a server that allows a few a second, every grant but bulk's is a transaction of its
own, and the ledger is exact whatever happens. A transaction of bulk counts some at once; and where
hundreds a second are granted, any counts some hundredths of a second's worth. The unused rest is
given back, and only ``kill -9`` loses it. So the ledger never holds fewer than have left.
"""

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from elements_procura.scheduler._quota import Stretch

_SLICES = 10.0  # a second
_SHARE = 8  # of what a slice of time grants, one transaction counts this part
_MOST = 32
_OF_BULK = 8  # whoever fetches in bulk goes on, and nobody minds a few of the day's thousands


@attrs.define(eq=False, repr=False)
class Spares:
    """Requests counted in the ledger in advance and not granted yet.

    Attributes:
        stretches: Where they are counted, for each window; empty when there are none.
        many: How many they are.
        bulk: 1 when they count in bulk's share, else 0.
    """

    stretches: "list[Stretch]" = attrs.field(factory=list)
    many: int = 0
    bulk: int = 0

    def __attrs_post_init__(self) -> None:
        if not self.many:
            self.stretches = []

    def take(self, stretches: "list[Stretch]", bulk: int) -> bool:
        """Use one of them for a request that counts there, if there is one."""
        if not self.many or self.bulk != bulk or self.stretches != stretches:
            return False
        self.many -= 1
        if not self.many:
            self.stretches = []
        return True

    @property
    def negative(self) -> tuple[int, int]:
        """The change, in total and for bulk, that removes them from a count."""
        return -self.many, -self.many * self.bulk


class Pace:
    """How many requests one transaction should count, by how fast they are granted."""

    def __init__(self) -> None:
        self._slice = 0
        self._granted = 0
        self._before = 0

    def block(self, now: float, *, bulk: bool) -> int:
        """Note that a block is asked for, and give its size."""
        current = int(now * _SLICES)
        if current != self._slice:
            self._before = self._granted if current == self._slice + 1 else 0
            self._slice, self._granted = current, 0
        least = _OF_BULK if bulk else 1
        block = max(least, min(max(self._granted, self._before) // _SHARE, _MOST))
        self._granted += block
        return block
