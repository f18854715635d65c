"""Harvest many dossiers: durable, resumable, with as few requests as possible."""

from elements_procura._moved import Getter, renamed
from elements_procura.elements.source import ElementsSource
from elements_procura.harvest.engine import Harvest
from elements_procura.harvest.erasure.storage import AuditEntry, Erasure
from elements_procura.harvest.erasure.subject import StoredCopy
from elements_procura.harvest.erasure.suppression import Mention
from elements_procura.harvest.events import (
    AnswerStored,
    Concern,
    Concerns,
    DossierSettled,
    DossiersListed,
    Event,
    HarvestFinished,
    HarvestInterrupted,
    HarvestResumed,
    HarvestStarted,
    ListingDoubted,
    ListingIncomplete,
    Progress,
    QuotaWait,
    RefreshStarted,
    ResourceGone,
    ResourceQuarantined,
)
from elements_procura.harvest.lease import Lease
from elements_procura.harvest.policy.hints import HintCount
from elements_procura.harvest.policy.plan import Sample
from elements_procura.harvest.policy.refresh import Staleness
from elements_procura.harvest.policy.rolling import Refresh
from elements_procura.harvest.records import (
    Change,
    DamagedBody,
    Judgement,
    KindRate,
    KnownDossier,
    KnownPart,
    LostLink,
    PartRate,
    Settlement,
    StoredBody,
    Tally,
    VanishedDossiers,
    Verification,
)
from elements_procura.harvest.run import harvest
from elements_procura.harvest.storage import Storage, StorageReader
from elements_procura.harvest.store import Store, StoreReader
from elements_procura.harvest.threads import StoreThreads
from elements_procura.harvest.traffic import Latency, Stretch, Traffic
from elements_procura.procura.source import ProcuraSource
from elements_procura.spec.source import (
    Answer,
    BadRow,
    ComparingSource,
    Discovery,
    DossierId,
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
    "AnswerStored",
    "AuditEntry",
    "BadRow",
    "Change",
    "ComparingSource",
    "Concern",
    "Concerns",
    "DamagedBody",
    "Discovery",
    "DossierId",
    "DossierSettled",
    "DossiersListed",
    "ElementsSource",
    "Erasure",
    "Event",
    "Gap",
    "Harvest",
    "HarvestFinished",
    "HarvestInterrupted",
    "HarvestResumed",
    "HarvestStarted",
    "HintCount",
    "Judgement",
    "KindRate",
    "KnownDossier",
    "KnownPart",
    "Latency",
    "Lease",
    "ListingDoubted",
    "ListingIncomplete",
    "LostLink",
    "Mention",
    "PartRate",
    "ProcuraSource",
    "Progress",
    "QuotaWait",
    "RecallingSource",
    "Refresh",
    "RefreshStarted",
    "ResourceGone",
    "ResourceQuarantined",
    "Root",
    "Row",
    "Sample",
    "Settlement",
    "Source",
    "Staleness",
    "Storage",
    "StorageReader",
    "Store",
    "StoreReader",
    "StoreThreads",
    "StoredBody",
    "StoredCopy",
    "Stretch",
    "Tally",
    "Traffic",
    "VanishedDossiers",
    "Verification",
    "Want",
    "Work",
    "harvest",
]

# The names of the release before, which warn.
__getattr__: Getter = renamed(
    __name__,
    {
        "Document": "StoredBody",
        "Doubted": "ListingDoubted",
        "Finished": "HarvestFinished",
        "Found": "Discovery",
        "Gone": "ResourceGone",
        "Interrupted": "HarvestInterrupted",
        "Listed": "DossiersListed",
        "PutAside": "ListingIncomplete",
        "Quarantined": "ResourceQuarantined",
        "Refreshing": "RefreshStarted",
        "Resumed": "HarvestResumed",
        "Started": "HarvestStarted",
        "Stored": "AnswerStored",
        "Waiting": "QuotaWait",
    },
)
