"""Procura / vrijBRP Dossiers, as the harvester sees it.

The listing is the complete search over the days on which dossiers were filed. Six kinds of dossier
have a detail, which holds all that their row does; of the others the row is what there is. The list
of a dossier's documents leads to their bytes.
"""

import contextlib
import datetime as dt
from collections.abc import AsyncGenerator
from urllib.parse import quote, unquote

import attrs
import orjson

from elements_procura.errors import InputError, ProtocolError
from elements_procura.harvest.source import (
    BY_ROW,
    Answer,
    DossierId,
    Found,
    Root,
    Row,
    Want,
    Work,
    digest,
)
from elements_procura.paths import Path
from elements_procura.procura._api import segment
from elements_procura.procura.client import ProcuraClient
from elements_procura.procura.models.common import Dossier
from elements_procura.procura.models.enums import DossierType
from elements_procura.scheduler import Priority

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
CONTENT = "content"
"""The bytes of the documents that the lists of documents name."""


@attrs.frozen(repr=False)
class Content:
    """What a document holds."""

    body: bytes

    def __repr__(self) -> str:
        return f"<Content, {len(self.body):,} bytes>"


class ProcuraSource:
    """One municipality's dossiers that were filed in a period.

    Args:
        client: Whose data. Its requests get bulk priority here.
        first: The first day of filing.
        last: The last day of filing.
    """

    groups = ("details", "documents")
    extra_groups = (CONTENT,)

    def __init__(self, client: ProcuraClient, *, first: dt.date, last: dt.date) -> None:
        self._client = client.with_options(priority=Priority.BULK)
        self._period = first, last

    @property
    def sent(self) -> int:
        """Requests that have left since the client was made."""
        return self._client.counters.sent

    @property
    def lists_all(self) -> bool:
        """Whether the listing names every dossier of the period; a search is complete or fails."""
        return True

    def group_of(self, kind: str) -> str:
        """Which group a kind belongs to."""
        return "details" if kind in DETAILS else kind

    async def listing(self) -> AsyncGenerator[Root]:
        """Every dossier of the period."""
        async with contextlib.aclosing(self._client.dossiers.iterate(self._period)) as dossiers:
            async for dossier in dossiers:
                yield self._root(dossier)

    async def fetch(self, work: Work) -> Answer:
        """The answer for one resource, checked to be JSON; or the bytes of a document."""
        if work.kind == CONTENT:
            document = unquote(work.path.rpartition("/")[2])
            documents = self._client.dossier(str(work.dossier)).documents
            return Content((await documents.download(document)).content)
        return await self._client.read(Path(work.path, template_of(work.kind)))

    def discover(self, work: Work, answer: Answer) -> Found | ProtocolError:
        """A list of documents leads to their bytes; a detail has to be the dossier's own."""
        text = "the answer is another dossier's"
        if work.kind == "documents":
            ids = _document_ids(answer.body)
            if ids is not None:
                return Found(tuple(Want(CONTENT, f"{work.path}/{each}") for each in ids))
            text = "the answer is no list of documents with ids"
        elif work.kind not in DETAILS or _names(answer.body, work.dossier):
            return Found()
        return ProtocolError(text, method="GET", template=template_of(work.kind))

    def _root(self, dossier: Dossier) -> Root:
        if dossier.dossier_id is None:
            raise ProtocolError(
                "a dossier in the search has no id", method="POST", template=f"{DOSSIERS}/search"
            )
        name = quote(dossier.dossier_id, safe="")
        code = dossier.type.code if dossier.type is not None else None
        documents = Want("documents", f"{DOSSIERS}/{name}/documents")
        row = self._client.to_wire(dossier)
        if code in DETAILS:
            detail = Want(str(code), f"{DETAILS[str(code)]}/{name}")
            found = Found((detail, documents))
            return Root(dossier.dossier_id, found, digest=digest(row))
        kept = (Want("row", f"{DOSSIERS}/{name}"), Row(orjson.dumps(row)))
        found = Found((documents,), {BY_ROW: 1})
        return Root(dossier.dossier_id, found, kept, digest(row))


def template_of(kind: str) -> str:
    """The path of a kind, with a placeholder for the dossier."""
    below = {"documents": "/documents", CONTENT: "/documents/{documentId}"}
    return f"{DETAILS.get(kind, DOSSIERS)}/{{dossierId}}{below.get(kind, '')}"


def _document_ids(body: bytes) -> list[str] | None:
    """The documents in a list, as segments of a path; none when the server leaves it unset."""
    rows = orjson.loads(body)
    if rows is None:
        return []
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        return None
    try:
        return [segment(row.get("id"), "documentId") for row in rows]
    except InputError:
        return None


def _names(body: bytes, dossier: DossierId) -> bool:
    data = orjson.loads(body)
    inner = data.get("dossier") if isinstance(data, dict) else None
    return isinstance(inner, dict) and inner.get("dossierId") == dossier
