"""Made by tests/guests/stubs.py: do not edit."""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
import contextlib
import datetime as dt
from elements_procura.auth.credentials import Given
from elements_procura.core.answers import JsonResponse
from elements_procura.core.answers import Response
from elements_procura.core.api import Query
from elements_procura.core.client import ClientOptions
from elements_procura.core.observe import Observer
from elements_procura.core.request_state import Counters
from elements_procura.core.timeouts import Timeouts
from elements_procura.errors import ElementsProcuraError
from elements_procura.errors import SearchGap
from elements_procura.evidence import AnswerKind
from elements_procura.paths import Path
from elements_procura.procura._create import Reference
from elements_procura.procura._search import FoundRow
from elements_procura.procura._searching import By
from elements_procura.procura.models.births import Acknowledgement
from elements_procura.procura.models.births import Birth
from elements_procura.procura.models.births import BirthBody
from elements_procura.procura.models.births import FamilySituation
from elements_procura.procura.models.births import NameSelectionInfo
from elements_procura.procura.models.commitments import Commitment
from elements_procura.procura.models.commitments import CommitmentBody
from elements_procura.procura.models.common import Dossier
from elements_procura.procura.models.dataimport import DataImportBody
from elements_procura.procura.models.dataimport import ImportResult
from elements_procura.procura.models.deaths import DeathInMunicipality
from elements_procura.procura.models.deaths import DeathInMunicipalityBody
from elements_procura.procura.models.deaths import DiscoveredBody
from elements_procura.procura.models.deaths import DiscoveredBodyBody
from elements_procura.procura.models.dossiers import DatePeriod
from elements_procura.procura.models.dossiers import DateTimePeriod
from elements_procura.procura.models.dossiers import Document
from elements_procura.procura.models.dossiers import DossierPage
from elements_procura.procura.models.dossiers import Download
from elements_procura.procura.models.enums import DossierState
from elements_procura.procura.models.enums import DossierType
from elements_procura.procura.models.enums import TaskState
from elements_procura.procura.models.enums import TaskType
from elements_procura.procura.models.info import Info
from elements_procura.procura.models.relatives import Relatives
from elements_procura.procura.models.relocations import ConsentBody
from elements_procura.procura.models.relocations import InterRelocation
from elements_procura.procura.models.relocations import InterRelocationBody
from elements_procura.procura.models.relocations import IntraRelocation
from elements_procura.procura.models.relocations import IntraRelocationBody
from elements_procura.procura.models.tasks import TaskPage
from elements_procura.scheduler import Priority
from elements_procura.scheduler import Usage
from elements_procura.schema.model import Body
from elements_procura.schema.model import Model
from elements_procura.schema.sealed import Json
from elements_procura.sync.mirror import Mirror
from elements_procura.sync.portal import Iteration
from types import TracebackType
from typing import Any
from typing import Self
from typing import Unpack

class ProcuraResource(Mirror):
    ...

class Cases(ProcuraResource):
    ...

class Births(Cases):
    def add(self, body: BirthBody | Json, *, reference: Reference=..., validate: bool=..., settle: float | None=...) -> Birth:
        """File a birth, exactly once.

        ``POST /api/v1/births``
        """
    def get(self, dossier_id: str) -> Birth:
        """One birth, by its id or a reference.

        ``GET /api/v1/births/{dossierId}``
        """
    def family_situation(self, *, bsn_mother: str, birth_date: dt.date, validate: bool=...) -> FamilySituation:
        """The partnership of the mother at the birth.

        ``GET /api/v1/births/info/family-situation``
        """
    def name_selection(self, *, bsn_mother: str, bsn_father_or_duo_mother: str, validate: bool=...) -> NameSelectionInfo:
        """The name of earlier children.

        ``GET /api/v1/births/info/name-selection``
        """
    def acknowledgement(self, *, bsn_mother: str, validate: bool=...) -> Acknowledgement | None:
        """The acknowledgement of the unborn child.

        ``GET /api/v1/births/info/acknowledgement``
        """

class Commitments(Cases):
    def add(self, body: CommitmentBody | Json, *, reference: Reference=..., validate: bool=..., settle: float | None=...) -> Commitment:
        """File a commitment, exactly once.

        ``POST /api/v1/commitments``
        """
    def update(self, dossier_id: str, body: CommitmentBody | Commitment | Json, *, validate: bool=...) -> Commitment:
        """Replace a commitment as a whole. Never repeated.

        ``POST /api/v1/commitments/{dossierId}``
        """
    def get(self, dossier_id: str) -> Commitment:
        """One commitment, by its id or a reference.

        ``GET /api/v1/commitments/{dossierId}``
        """
    def cancel(self, dossier_id: str, *, message: str | None=..., look: bool=...) -> None:
        """Cancel a commitment. Never repeated.

        ``POST /api/v1/commitments/{dossierId}/cancel``
        """

class DataImports(ProcuraResource):
    def add(self, body: DataImportBody | Json, *, align: bool=..., validate: bool=...) -> ImportResult:
        """Import records. Never repeated: that adds them again.

        ``POST /api/v1/dataimport/add``
        """

class Deaths(ProcuraResource):
    @property
    def in_municipality(self) -> DeathsInMunicipality:
        """Deaths in the municipality."""
    @property
    def discovered_body(self) -> DiscoveredBodies:
        """Discovered bodies."""

class DossierHandle(ProcuraResource):
    @property
    def documents(self) -> Documents:
        """Documents in the dossier."""

class Dossiers(ProcuraResource):
    def search(self, *, dossier_ids: Iterable[str] | None=..., bsns: Iterable[str] | None=..., types: Iterable[DossierType | str] | None=..., statusses: Iterable[DossierState | str] | None=..., entry_date_time_period: DateTimePeriod | None=..., start_date_period: DatePeriod | None=..., page_size: int | None=..., validate: bool=...) -> DossierPage:
        """One search, cut at ``page_size``.

        ``POST /api/v1/dossiers/search``
        """
    def iterate(self, period: DatePeriod | tuple[dt.date, dt.date], *, by: By=..., types: Iterable[DossierType | str] | None=..., statusses: Iterable[DossierState | str] | None=..., bsns: None=..., page_size: int=..., max_page_size: int=...) -> Iteration[Dossier]:
        """Every dossier of a period, each once, by repeated searches.

        ``POST /api/v1/dossiers/search``
        """
    def rows(self, period: DatePeriod | tuple[dt.date, dt.date], *, by: By=..., types: Iterable[DossierType | str] | None=..., statusses: Iterable[DossierState | str] | None=..., page_size: int=..., max_page_size: int=...) -> Iteration[FoundRow | SearchGap]:
        """As :meth:`iterate`, but yield the rows as they came, then the gaps.

        ``POST /api/v1/dossiers/search``
        """
    def rows_of(self, dossier_ids: Iterable[str]) -> Iteration[FoundRow]:
        """The rows of dossiers that are known by id, without those that cannot be read.

        ``POST /api/v1/dossiers/search``
        """

class RelativesResource(ProcuraResource):
    def get(self, bsn: str, *, validate: bool=...) -> Relatives:
        """Partner, children and parents.

        ``GET /api/v1/relatives/{bsn}``
        """

class Relocations(ProcuraResource):
    @property
    def intra(self) -> IntraRelocations:
        """Relocations within the municipality."""
    @property
    def inter(self) -> InterRelocations:
        """Relocations from another municipality."""
    def relatives(self, bsn: str, *, validate: bool=...) -> Relatives:
        """The relatives who could move along.

        ``GET /api/v1/relocations/info/relatives/{bsn}``
        """

class Tasks(ProcuraResource):
    def search(self, *, bsns: Iterable[str], types: Iterable[TaskType | str] | None=..., statusses: Iterable[TaskState | str] | None=..., validate: bool=...) -> TaskPage:
        """The tasks of somebody.

        ``POST /api/v1/tasks/search``
        """

class InterRelocations(Cases):
    def add(self, body: InterRelocationBody | Json, *, reference: Reference=..., validate: bool=..., settle: float | None=...) -> InterRelocation:
        """File a relocation from another municipality, exactly once.

        ``POST /api/v1/relocations/inter``
        """
    def get(self, dossier_id: str) -> InterRelocation:
        """One relocation from another municipality, by its id or a reference.

        ``GET /api/v1/relocations/inter/{dossierId}``
        """
    def consent(self, body: ConsentBody | Json, *, validate: bool=...) -> None:
        """Consent to a relocation, or decline it. Never repeated.

        ``POST /api/v1/relocations/inter/consent``
        """

class IntraRelocations(Cases):
    def add(self, body: IntraRelocationBody | Json, *, reference: Reference=..., validate: bool=..., settle: float | None=...) -> IntraRelocation:
        """File a relocation within the municipality, exactly once.

        ``POST /api/v1/relocations/intra``
        """
    def get(self, dossier_id: str) -> IntraRelocation:
        """One relocation within the municipality, by its id or a reference.

        ``GET /api/v1/relocations/intra/{dossierId}``
        """
    def consent(self, body: ConsentBody | Json, *, validate: bool=...) -> None:
        """Consent to a relocation, or decline it. Never repeated.

        ``POST /api/v1/relocations/intra/consent``
        """

class Documents(ProcuraResource):
    def add(self, *, filename: str, content: bytes, title: str | None=...) -> Document:
        """Add a document. Never repeated.

        ``POST /api/v1/dossiers/{dossierId}/documents``
        """
    def list(self) -> tuple[Document, ...]:
        """All documents.

        ``GET /api/v1/dossiers/{dossierId}/documents``
        """
    def download(self, document_id: str) -> Download:
        """The file of a document.

        ``GET /api/v1/dossiers/{dossierId}/documents/{documentId}``
        """

class DiscoveredBodies(Cases):
    def add(self, body: DiscoveredBodyBody | Json, *, reference: Reference=..., validate: bool=..., settle: float | None=...) -> DiscoveredBody:
        """File a discovered body, exactly once.

        ``POST /api/v1/deaths/discovered-body``
        """
    def get(self, dossier_id: str) -> DiscoveredBody:
        """One discovered body, by its id or a reference.

        ``GET /api/v1/deaths/discovered-body/{dossierId}``
        """

class DeathsInMunicipality(Cases):
    def add(self, body: DeathInMunicipalityBody | Json, *, reference: Reference=..., validate: bool=..., settle: float | None=...) -> DeathInMunicipality:
        """File a death in the municipality, exactly once.

        ``POST /api/v1/deaths/in-municipality``
        """
    def get(self, dossier_id: str) -> DeathInMunicipality:
        """One death in the municipality, by its id or a reference.

        ``GET /api/v1/deaths/in-municipality/{dossierId}``
        """

class ProcuraClient:
    api_name: str
    def __init__(self, base_url: str, *, credentials: Given, scopes: str | Iterable[str]=..., settle: float=..., **options: Unpack[ClientOptions]) -> None: ...
    @staticmethod
    def error_of(response: Response) -> ElementsProcuraError:
        """The error for an answer of status 400 or above, derived from its text as well."""
    @property
    def relocations(self) -> Relocations:
        """Relocations within the municipality and from other ones."""
    @property
    def births(self) -> Births:
        """Births."""
    @property
    def commitments(self) -> Commitments:
        """Marriages and registered partnerships."""
    @property
    def deaths(self) -> Deaths:
        """Deaths in the municipality, and discovered bodies."""
    @property
    def dossiers(self) -> Dossiers:
        """Dossiers of every kind."""
    def dossier(self, dossier_id: str) -> DossierHandle:
        """One dossier, by its id or a reference. Sends nothing."""
    @property
    def tasks(self) -> Tasks:
        """Tasks that wait for a citizen."""
    @property
    def dataimport(self) -> DataImports:
        """Bulk import of records."""
    @property
    def relatives(self) -> RelativesResource:
        """Relatives of a person."""
    def info(self) -> Info:
        """The server's version.

        ``GET /api/v1/info``
        """
    def with_options(self, *, priority: Priority | None=..., timeout: float | Timeouts | None=..., max_response_bytes: int | None=..., max_attempts: int | None=..., on_response: Callable[[Response], object] | None=...) -> Self:
        """The same client, session and quota, with other options for the calls made on it.

        ``await client.with_options(timeout=5).…`` sets them for one call.
        """
    def read(self, path: Path | str, *, expected: AnswerKind=...) -> JsonResponse:
        """``GET`` any path of this API, checked to be the JSON asked for but not typed."""
    def request(self, method: str, path: Path | str, *, query: Query | Mapping[str, str]=..., body: bytes | memoryview | None=..., accept: str=...) -> Response:
        """Send a request and return the answer as it came: status, headers, bytes."""
    def authenticate(self) -> None:
        """Make sure that there is a usable token, asking the token endpoint if there is none."""
    def to_wire(self, record: Model | Body) -> dict[str, Any]:
        """A record as JSON that structures to an equal one, a body as it is sent; without None."""
    def observed_by(self, observer: Observer | None, *, tenant: str=...) -> contextlib.AbstractContextManager[None]:
        """Let an observer see the requests that are sent in a ``with`` block."""
    @property
    def observer(self) -> Observer | None:
        """Everybody who observes it now, as one; None for nobody."""
    @property
    def tenant(self) -> str:
        """The tenant's name in logs and for observers."""
    @property
    def host(self) -> str:
        """The server's name."""
    def quota(self) -> tuple[Usage, ...]:
        """How full every window of the rates is: used, left, left for bulk, when it resets."""
    @property
    def counters(self) -> Counters:
        """What has been sent since the client was made."""
    def close(self) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...
