"""Harvest many dossiers: durable, resumable, with as few requests as possible."""

from elements_procura.harvest.elements import ElementsSource
from elements_procura.harvest.engine import Harvest, harvest
from elements_procura.harvest.events import (
    DossierSettled,
    Doubted,
    Event,
    Finished,
    Gone,
    Listed,
    Progress,
    Quarantined,
    Refreshing,
    Started,
    Stored,
)
from elements_procura.harvest.procura import ProcuraSource
from elements_procura.harvest.reader import Document, StoreReader
from elements_procura.harvest.rolling import Refresh
from elements_procura.harvest.store import Store

__all__ = [
    "Document",
    "DossierSettled",
    "Doubted",
    "ElementsSource",
    "Event",
    "Finished",
    "Gone",
    "Harvest",
    "Listed",
    "ProcuraSource",
    "Progress",
    "Quarantined",
    "Refresh",
    "Refreshing",
    "Started",
    "Store",
    "StoreReader",
    "Stored",
    "harvest",
]
