"""Procura / vrijBRP Dossiers, as the harvester sees it.

The listing is the complete search over the days on which dossiers were filed. What the server
cannot find without failing is a gap in it, by day and type; dossiers that are known from earlier
are then asked for by their ids. Six kinds of dossier have a detail; of the others there is only the
row. Every row is kept, because it may be the only part of a dossier that the server can read. The
list of a dossier's documents leads to their bytes.
"""

import contextlib
import datetime as dt
from collections.abc import AsyncGenerator, Iterable
from typing import Any
from urllib.parse import quote, unquote

import attrs

from elements_procura import _json, evidence
from elements_procura.core.answers import JsonResponse
from elements_procura.errors import InputError, ProtocolError, SearchGap
from elements_procura.evidence import EvidenceError
from elements_procura.procura._api import decoded, is_name
from elements_procura.procura._endpoint import TEMPLATES
from elements_procura.procura._search import FoundRow
from elements_procura.procura._searching import ends
from elements_procura.procura.client import ProcuraClient
from elements_procura.procura.dossiers import MAX_PAGE_SIZE, PAGE_SIZE
from elements_procura.procura.models.enums import DossierType
from elements_procura.scheduler import Priority
from elements_procura.schema.scalars import amsterdam
from elements_procura.spec.source import (
    BY_ROW,
    Answer,
    BadRow,
    Discovery,
    DossierId,
    Gap,
    Root,
    Row,
    Want,
    Work,
    digest,
)

_ROOT = "/api/v1"
_DETAILS = {
    DossierType.INTRA_MUN_RELOCATION: f"{_ROOT}/relocations/intra",
    DossierType.INTER_MUN_RELOCATION: f"{_ROOT}/relocations/inter",
    DossierType.BIRTH: f"{_ROOT}/births",
    DossierType.COMMITMENT: f"{_ROOT}/commitments",
    DossierType.DEATH_IN_MUNICIPALITY: f"{_ROOT}/deaths/in-municipality",
    DossierType.DISCOVERED_BODY: f"{_ROOT}/deaths/discovered-body",
}
DETAILS: dict[str, str] = {str(kind): path for kind, path in _DETAILS.items()}
"""Where the dossiers of a type are, for the types that have a detail."""
DOSSIERS = f"{_ROOT}/dossiers"
BEGIN = dt.date(1900, 1, 1)
"""Nothing is filed before. An earlier day would cost one more search for each time it doubles."""
_HOLLOW = EvidenceError("the dossier holds nothing but its id")
CONTENT = "content"
"""The bytes of the documents that the lists of documents name."""


@attrs.frozen(repr=False)
class Content:
    """The bytes of a document."""

    body: bytes

    def __repr__(self) -> str:
        return f"<Content, {len(self.body):,} bytes>"


class ProcuraSource:
    """One municipality's dossiers that were filed in a period.

    Args:
        client: Whose data. Its requests get bulk priority here.
        first: The first day of filing.
        last: The last day of filing.
        page_size: How many dossiers a search asks for; where it takes too long, it asks for fewer
            by itself.

    Raises:
        InputError: The period or the page size cannot be.
    """

    api_name: str = ProcuraClient.api_name
    groups: tuple[str, ...] = ("details", "documents")
    extra_groups: tuple[str, ...] = (CONTENT,)
    unrecognisable: frozenset[str] = frozenset(extra_groups)

    def __init__(
        self,
        client: ProcuraClient,
        *,
        first: dt.date,
        last: dt.date,
        page_size: int = PAGE_SIZE,
    ) -> None:
        if page_size < 1:
            raise InputError("page_size must be 1 or more")
        self.client: ProcuraClient = client.with_options(priority=Priority.BULK)
        # The harvest itself asks again: it knows whether others succeed meanwhile.
        self._once = self.client.with_options(max_attempts=1)
        self._period = ends((first, last))
        self._page_size = page_size

    @property
    def sent(self) -> int:
        """Requests that have left since the client was made."""
        return self.client.counters.sent

    @property
    def lists_all(self) -> bool:
        """Whether the listing names every dossier of the period, apart from its gaps."""
        return True

    def group_of(self, kind: str) -> str:
        """Which group a kind belongs to."""
        return "details" if kind in DETAILS else kind

    async def listing(self) -> AsyncGenerator[Root | BadRow | Gap]:
        """List every dossier of the period, then the gaps of its searches.

        Raises:
            ElementsProcuraError: Also after some dossiers: the server fails, or refuses.
        """
        rows = self.client.dossiers.rows(
            self._period,
            page_size=self._page_size,
            max_page_size=max(self._page_size, MAX_PAGE_SIZE),
        )
        async with contextlib.aclosing(rows):
            async for row in rows:
                if isinstance(row, SearchGap):
                    yield Gap(str(row), row.at_least)
                else:
                    yield root_of(row)

    async def recall(self, known: Iterable[DossierId]) -> AsyncGenerator[Root | BadRow | Gap]:
        """The rows of dossiers by their ids, but for those that the server cannot read.

        Args:
            known: The ids.

        Raises:
            ElementsProcuraError: Also after some rows: the server fails, or refuses.
        """
        rows = self.client.dossiers.rows_of(map(str, known))
        async with contextlib.aclosing(rows):
            async for row in rows:
                yield root_of(row)

    async def fetch(self, work: Work) -> Answer:
        """The answer for one resource, checked to be JSON; or the bytes of a document.

        Args:
            work: The resource.

        Raises:
            ElementsProcuraError: There is none, or none that proves to be its own.
        """
        if work.kind == CONTENT:
            document = unquote(work.path.rpartition("/")[2])
            documents = self._once.dossier(str(work.dossier)).documents
            return Content((await documents.download(document)).content)
        return await self._once.read(TEMPLATES.path(work.path))

    def discover(self, work: Work, answer: Answer) -> Discovery | ProtocolError:
        """Find the documents in a list; check that a detail belongs to its dossier."""
        template = TEMPLATES.path(work.path).template
        try:
            if work.kind == "documents":
                return _documents(evidence.named_rows(_data_of(answer)), work.path, template)
            if work.kind in DETAILS:
                data = _data_of(answer)
                evidence.check_case(data if isinstance(data, dict) else {}, str(work.dossier))
                if evidence.is_hollow_case(data):
                    return _protocol_error(_HOLLOW, template)
        except EvidenceError as error:
            return _protocol_error(error, template)
        return Discovery()


def whole(client: ProcuraClient) -> ProcuraSource:
    """All dossiers that were filed until today, by the clocks of the Netherlands.

    Args:
        client: Whose data.
    """
    return ProcuraSource(client, first=BEGIN, last=dt.datetime.now(amsterdam()).date())


def root_of(row: FoundRow) -> Root | BadRow:
    """The root of the dossier in a row of a search."""
    dossier = row.dossier_id
    if dossier is None or not is_name(dossier):
        missing = "its dossierId is missing, or not a whole text"
        return BadRow(missing if dossier is None else "its dossierId is not an id")
    name = quote(dossier, safe="")
    try:
        kept = (Want("row", f"{DOSSIERS}/{name}"), Row(_json.dumps(row.data)))
        known_by = digest(_settled(row.data))
    except _json.JsonError:
        return BadRow("it nests too deep")
    documents = Want("documents", f"{DOSSIERS}/{name}/documents")
    path = DETAILS.get(row.type_code or "")
    if path is None:
        found = Discovery((documents,), {BY_ROW: 1})
    else:
        found = Discovery((Want(str(row.type_code), f"{path}/{name}"), documents))
    return Root(dossier, found, kept, known_by)


def _settled(data: Any, *, levels: int = 2) -> Any:
    """A row without parts that vary between answers: nulls, the order of references."""
    if not isinstance(data, dict) or not levels:
        return data
    below = levels - 1
    row = {key: _settled(each, levels=below) for key, each in data.items() if each is not None}
    references = row.get("referenceIds")
    if isinstance(references, list):
        row["referenceIds"] = sorted(references, key=_json.dumps)
        if not references:
            del row["referenceIds"]
    return row


def template_of(kind: str) -> str:
    """The path of a kind, with a placeholder for the dossier."""
    below = {"documents": "/documents", CONTENT: "/documents/{documentId}"}
    return f"{DETAILS.get(kind, DOSSIERS)}/{{dossierId}}{below.get(kind, '')}"


def _data_of(answer: Answer) -> Any:
    """The JSON of an answer, decoded unless it already is."""
    return answer.data if isinstance(answer, JsonResponse) else decoded(answer.body)


def _documents(rows: list[Any], path: str, template: str) -> Discovery:
    """The bytes of the documents in a list; those that nothing can be asked for by are a fault."""
    names = [row.get("id") if isinstance(row, dict) else None for row in rows]
    named = [name for name in names if isinstance(name, str) and name.strip() and is_name(name)]
    fault = None
    if len(named) < len(rows):
        at = next(index for index, name in enumerate(names) if name not in named)
        fault = EvidenceError("the row has no usable id", f"$[{at}].id")
    return Discovery(
        tuple(Want(CONTENT, f"{path}/{quote(name, safe='')}") for name in named),
        fault=None if fault is None else _protocol_error(fault, template),
    )


def _protocol_error(fault: EvidenceError, template: str) -> ProtocolError:
    text, where = fault.text, fault.path
    return ProtocolError(text, method="GET", template=template, path=where)
