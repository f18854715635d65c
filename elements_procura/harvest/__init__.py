"""Harvest many dossiers: durable, resumable, with as few requests as possible."""

import warnings
from typing import Any

from elements_procura.elements.source import ElementsSource
from elements_procura.harvest.engine import Harvest
from elements_procura.harvest.events import (
    Concern,
    Concerns,
    DossierSettled,
    Doubted,
    Event,
    Finished,
    Gone,
    Interrupted,
    Listed,
    Progress,
    PutAside,
    Quarantined,
    Refreshing,
    Resumed,
    Started,
    Stored,
    Waiting,
)
from elements_procura.harvest.policy.plan import Sample
from elements_procura.harvest.policy.refresh import Staleness
from elements_procura.harvest.policy.rolling import Refresh
from elements_procura.harvest.records import (
    DamagedBody,
    Judgement,
    KnownDossier,
    Settlement,
    StoredBody,
    Tally,
    VanishedDossiers,
    Verification,
)
from elements_procura.harvest.run import harvest
from elements_procura.harvest.storage import Lease, Storage, StorageReader
from elements_procura.harvest.store import Store, StoreReader
from elements_procura.harvest.traffic import Latency, Stretch, Traffic
from elements_procura.procura.source import ProcuraSource
from elements_procura.spec.source import (
    Answer,
    BadRow,
    ComparingSource,
    DossierId,
    Found,
    Gap,
    RecallingSource,
    Root,
    Row,
    Source,
    Want,
    Work,
)

__all__ = [
    "Answer",
    "BadRow",
    "ComparingSource",
    "Concern",
    "Concerns",
    "DamagedBody",
    "DossierId",
    "DossierSettled",
    "Doubted",
    "ElementsSource",
    "Event",
    "Finished",
    "Found",
    "Gap",
    "Gone",
    "Harvest",
    "Interrupted",
    "Judgement",
    "KnownDossier",
    "Latency",
    "Lease",
    "Listed",
    "ProcuraSource",
    "Progress",
    "PutAside",
    "Quarantined",
    "RecallingSource",
    "Refresh",
    "Refreshing",
    "Resumed",
    "Root",
    "Row",
    "Sample",
    "Settlement",
    "Source",
    "Staleness",
    "Started",
    "Storage",
    "StorageReader",
    "Store",
    "StoreReader",
    "Stored",
    "StoredBody",
    "Stretch",
    "Tally",
    "Traffic",
    "VanishedDossiers",
    "Verification",
    "Waiting",
    "Want",
    "Work",
    "harvest",
]


def __getattr__(name: str) -> Any:
    """Hand out a name of the release before, with a warning."""
    if name != "Document":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    warnings.warn(
        "Document is StoredBody now; the old name will be removed in the next release",
        DeprecationWarning,
        stacklevel=2,
    )
    return StoredBody
