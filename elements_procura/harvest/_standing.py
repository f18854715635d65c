"""Progress that is cheap to update: the store's count plus the changes since."""

from collections import Counter
from collections.abc import Callable, Iterable

import attrs

from elements_procura.harvest.events import Progress
from elements_procura.harvest.records import ClosedDossier, Settlement
from elements_procura.harvest.traffic import Traffic


class RunningProgress:
    """The progress of a run.

    Args:
        counted: The traffic of this run so far.
    """

    def __init__(self, counted: Callable[[], Traffic] = Traffic) -> None:
        self._known = Progress()
        self._counted = counted
        self._earlier = Traffic()
        self._seen: Traffic | None = None
        self._since: Counter[str] = Counter()

    @property
    def progress(self) -> Progress:
        """The current progress."""
        known = self._known
        if self._since:
            more = {name: getattr(known, name) + more for name, more in self._since.items()}
            self._known = known = attrs.evolve(known, **more)
            self._since.clear()
        if (counted := self._counted()) is not self._seen:
            self._seen = counted
            self._known = known = attrs.evolve(known, traffic=self._earlier + counted)
        return known

    def begin(self, earlier: Traffic) -> None:
        """The run begins after others that had so much traffic."""
        self._earlier = earlier

    def read(self, stored: Progress) -> None:
        """Replace the counts by the store's own."""
        before = self.progress
        self._known = attrs.evolve(
            stored,
            to_refresh=before.to_refresh,
            refreshed=before.refreshed,
            changed=before.changed,
            traffic=before.traffic,
        )

    def add(self, **more: int) -> None:
        """Add to fields of :class:`~elements_procura.harvest.Progress`."""
        for name, number in more.items():
            self._since[name] += number

    def settle(self, settled: Settlement, *, requests: int) -> None:
        """Count the effects of one answer."""
        since = self._since
        since["queued"] += len(settled.work) - 1
        since["requests"] += requests
        since["resources"] += settled.bodies
        self.close(settled.dossiers)
        since["refreshed"] += sum(each.before != "open" for each in settled.dossiers)

    def close(self, dossiers: Iterable[ClosedDossier]) -> None:
        """Count dossiers whose state has changed."""
        since = self._since
        for each in dossiers:
            for state, number in ((each.before, -1), (each.state, 1)):
                if state != "open":
                    since["harvested" if state == "complete" else state] += number
            since["changed"] += bool(each.changed)
