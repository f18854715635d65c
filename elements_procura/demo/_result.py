"""The results of a demo."""

from collections.abc import Iterator
from pathlib import Path as FilePath
from typing import Any

import attrs

from elements_procura.demo._sides import ELEMENTS, PROCURA
from elements_procura.demo._verify import Verdict
from elements_procura.harvest import Progress


@attrs.frozen
class ApiResult:
    """The result of the demo for one API.

    Attributes:
        progress: The progress of the harvest, earlier runs on the same store included.
        verdict: The result of the comparison.
        sent: Requests of this run.
        rejected_429: How many of them the sandbox refused because of its limits.
        seconds: What this run's harvest took.
        store: The file.
    """

    progress: Progress
    verdict: Verdict
    sent: int
    rejected_429: int
    seconds: float
    store: FilePath

    @property
    def pace(self) -> float:
        """Requests per second of this run."""
        return self.sent / max(self.seconds, 0.001)

    @property
    def ok(self) -> bool:
        """Whether everything was harvested and is equal."""
        return self.verdict.equal and self.progress.harvested == self.progress.dossiers

    def to_json(self) -> dict[str, Any]:
        """Its numbers. Their keys are fixed."""
        counts = self.progress.counts()
        return {
            **{name: counts[name] for name in ("dossiers", "harvested", "quarantined")},
            "lost": self.verdict.incomplete,
            "equal": self.verdict.equal,
            **{name: counts[name] for name in ("requests", "requests_saved")},
            "rejected_429": self.rejected_429,
            "seconds": round(self.seconds, 3),
            "store": str(self.store),
        }


@attrs.frozen
class DemoResult:
    """The result of the demo.

    Attributes:
        elements: With Elements.
        procura: With Procura; None when it was stopped before.
        out: The directory of the stores.
    """

    elements: ApiResult
    procura: ApiResult | None
    out: FilePath

    def __iter__(self) -> Iterator[tuple[str, ApiResult]]:
        """The name and the result of each API that was harvested."""
        yield ELEMENTS, self.elements
        if self.procura is not None:
            yield PROCURA, self.procura

    @property
    def equal(self) -> bool:
        """Whether both stores hold what the sandboxes do."""
        return self.procura is not None and all(each.verdict.equal for _, each in self)

    @property
    def ok(self) -> bool:
        """Whether everything of both APIs was harvested and is equal."""
        return self.procura is not None and all(each.ok for _, each in self)

    @property
    def quarantined(self) -> int:
        """Dossiers in quarantine."""
        return sum(each.progress.quarantined for _, each in self)

    def to_json(self) -> dict[str, Any]:
        """Totals over the APIs, and the same for each. Its keys are fixed."""
        apis = {name: each.to_json() for name, each in self}
        totals = {
            key: round(sum(each[key] for each in apis.values()), 3)
            for key in apis[ELEMENTS]
            if key not in ("equal", "store")
        }
        totals |= {"equal": self.equal, "store": str(self.out)}
        return {key: totals[key] for key in apis[ELEMENTS]} | {
            "apis": {ELEMENTS: None, PROCURA: None} | apis
        }
