"""The dossiers that a run has begun, and whether its budget covers one more."""

from collections import Counter

from elements_procura.spec.source import DossierId, Work

_BELIEVED = 3
"""The number of finished dossiers that weighs as much as the initial assumption."""
_MARGIN = 1.3
"""The safety margin over the average, since dossiers differ."""


class Begun:
    """The dossiers under way, and the requests they are still expected to need.

    Attributes:
        usual: Requests that a dossier needs on average, as far as known.
    """

    def __init__(self, *, usual: float) -> None:
        self.usual = usual
        self._sum, self._weight = usual * _BELIEVED, float(_BELIEVED)
        self._left: Counter[DossierId] = Counter()
        self._taken: Counter[DossierId] = Counter()
        self._order: dict[DossierId, int] = {}

    def add(self, work: Work) -> None:
        """Count a resource of a dossier that is to be fetched."""
        self._left[work.dossier] += 1

    def hand_out(self, work: Work) -> None:
        """Count a resource as being fetched."""
        self._taken[work.dossier] += 1
        self._order.setdefault(work.dossier, len(self._order))

    def take_back(self, work: Work) -> None:
        """Return a resource that was not fetched after all."""
        self._taken[work.dossier] -= 1

    def done(self, work: Work) -> None:
        """Count a resource as settled or given up; the resources it leads to are added before."""
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
        """The sort key of a resource when not all can be fetched: shared first, then oldest."""
        first = self._order.get(work.dossier, float("inf"))
        return not work.is_shared, first

    def leave_room(self, requests: int) -> bool:
        """Whether a number of requests is enough for those under way and one more."""
        ample = _MARGIN * self.usual
        rest = sum(
            max(ample - taken, self._left[dossier])
            for dossier, taken in self._taken.items()
            if taken > 0
        )
        return requests >= rest + ample
