"""The dossiers that a run has begun, and whether its budget covers one more."""

from collections import Counter

from elements_procura.spec.source import DossierId, Work

_BELIEVED = 3
"""So many dossiers weigh as much as what is supposed before the first is finished."""
_MARGIN = 1.3
"""Dossiers differ: so much more than usual is left room for."""


class Begun:
    """Which dossiers are under way, and what they are still expected to take.

    Attributes:
        usual: Requests that a dossier takes, as far as known.
    """

    def __init__(self, *, usual: float) -> None:
        self.usual = usual
        self._sum, self._weight = usual * _BELIEVED, float(_BELIEVED)
        self._left: Counter[DossierId] = Counter()
        self._taken: Counter[DossierId] = Counter()
        self._order: dict[DossierId, int] = {}

    def add(self, work: Work) -> None:
        """A resource of a dossier is to be fetched."""
        self._left[work.dossier] += 1

    def hand_out(self, work: Work) -> None:
        """It is asked for."""
        self._taken[work.dossier] += 1
        self._order.setdefault(work.dossier, len(self._order))

    def take_back(self, work: Work) -> None:
        """It was not asked for after all."""
        self._taken[work.dossier] -= 1

    def done(self, work: Work) -> None:
        """It is settled, or this run has given it up; what it leads to is added already."""
        dossier = work.dossier
        self._left[dossier] -= 1
        if self._left[dossier] <= 0:
            del self._left[dossier]
            self._sum += self._taken.pop(dossier, 0)
            self._weight += 1
            self.usual = self._sum / self._weight

    def has(self, work: Work) -> bool:
        """Whether its dossier is under way."""
        return self._taken[work.dossier] > 0

    def order(self, work: Work) -> tuple[bool, float]:
        """Which comes first when not all can: what others wait for, then by who was first."""
        first = self._order.get(work.dossier, float("inf"))
        return not work.is_shared, first

    def leave_room(self, requests: int) -> bool:
        """Whether so many requests are enough for those under way and one more."""
        ample = _MARGIN * self.usual
        rest = sum(
            max(ample - taken, self._left[dossier])
            for dossier, taken in self._taken.items()
            if taken > 0
        )
        return requests >= rest + ample
