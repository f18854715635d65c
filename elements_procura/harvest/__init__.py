"""Harvest many dossiers: durable, resumable, with as few requests as possible."""

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
from elements_procura.harvest.policy.rolling import Refresh
from elements_procura.harvest.records import Document
from elements_procura.harvest.run import harvest
from elements_procura.harvest.storage import Storage, StorageReader
from elements_procura.harvest.store import Store, StoreReader
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
    "Document",
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
    "Source",
    "Started",
    "Storage",
    "StorageReader",
    "Store",
    "StoreReader",
    "Stored",
    "Waiting",
    "Want",
    "Work",
    "harvest",
]
