"""The documented content of Procura's answers, which proves whose they are. Pure.

The answers hold no links, so an answer is identified by its top member, and a case by its id.
"""

from typing import Any
from urllib.parse import unquote

from elements_procura import evidence
from elements_procura.core.answers import Response
from elements_procura.core.http import Request
from elements_procura.core.judge import Answer, documented
from elements_procura.errors import ServerError
from elements_procura.evidence import EvidenceError, Success, Verdict
from elements_procura.procura._errors import refusal
from elements_procura.procura.models.births import (
    Acknowledgement,
    FamilySituation,
    NameSelectionInfo,
)
from elements_procura.procura.models.common import Case, Dossier
from elements_procura.procura.models.dataimport import ImportResult
from elements_procura.procura.models.dossiers import Document, DossierSearchResult
from elements_procura.procura.models.info import Info
from elements_procura.procura.models.relatives import Relatives
from elements_procura.procura.models.tasks import Task, TaskSearchResult
from elements_procura.schema.model import Model

FILED = Success(frozenset({201}), "object", "dossier")
REPLACED = Success(frozenset({200}), "object", "dossier")
DOCUMENT_ADDED = Success(frozenset({201}), "object", "id")
IMPORTED = Success(frozenset({201}), "object", "records")
TOLD = Success(frozenset({200}))
CANCELLED = Success(frozenset({204}))
_MEMBERS: dict[type[Model], tuple[str, type]] = {
    Acknowledgement: ("dossierId", str),
    Document: ("id", str),
    DossierSearchResult: ("result", dict),
    FamilySituation: ("bornInPartnership", bool),
    ImportResult: ("records", list),
    Info: ("version", str),
    NameSelectionInfo: ("jointChildren", bool),
    Relatives: ("relatives", list),
    TaskSearchResult: ("result", dict),
}
_ROWS: dict[type[Model], str] = {DossierSearchResult: "dossierId", TaskSearchResult: ""}
"""The searches, and the field that identifies their rows."""
ROWS: dict[type[Model], type[Model]] = {DossierSearchResult: Dossier, TaskSearchResult: Task}
"""The searches, and the models of their rows."""


def check(data: dict[str, Any], model: type[Model], request: Request) -> None:
    """Make sure that a decoded answer belongs to its request.

    Raises:
        EvidenceError: Nothing in it shows that.
    """
    if issubclass(model, Case):
        _check_case(data, request)
    elif model in _MEMBERS:
        held = evidence.check_member(data, *_MEMBERS[model])
        if model in _ROWS:
            evidence.check_page(held, id_name=_ROWS[model])


def check_rows(rows: list[Any], *, model: type[Model], request: Request) -> None:
    """Make sure that the rows of a list are some. Raises as :func:`check`."""
    for row in rows:
        if not isinstance(row, dict):
            raise EvidenceError("the row is no object")
        check(row, model, request)


def is_page(data: dict[str, Any], model: type[Model], request: Request) -> bool:
    """Whether an answer is that of a search, with a list of rows."""
    try:
        check(data, model, request)
    except EvidenceError:
        return False
    return model in ROWS and isinstance(data["result"].get("content"), list)


def judge(request: Request, answer: Answer) -> Verdict:
    """Decide what an answer proves about a write: a 500 may be a refusal by the server itself."""
    verdict = documented(request, answer)
    if verdict is Verdict.DONE and request.success in _TELLING:
        return Verdict.DONE if _is_shown(request, answer) else Verdict.UNKNOWN
    if verdict is not Verdict.UNKNOWN or not isinstance(answer, Response):
        return verdict
    if answer.status < _BROKEN or isinstance(refusal(answer), ServerError):
        return Verdict.UNKNOWN
    return Verdict.REFUSED


def _is_shown(request: Request, answer: Answer) -> bool:
    """Whether the body of a documented success is one that the caller can be given."""
    try:
        data = evidence.document(answer.body)
        if request.success in (FILED, REPLACED):
            _check_case(data, request)
        elif request.success in _ADDITIONS:
            evidence.check_member(data, *_ADDITIONS[request.success])
    except EvidenceError:
        return False
    return True


def _check_case(data: dict[str, Any], request: Request) -> None:
    path = request.path
    names_one = path.shown.endswith("{dossierId}")
    evidence.check_case(data, unquote(path.value.rpartition("/")[2]) if names_one else None)


_ADDITIONS: dict[Success, tuple[str, type]] = {
    DOCUMENT_ADDED: ("id", str),
    IMPORTED: ("records", list),
}
_TELLING = (FILED, REPLACED, DOCUMENT_ADDED, IMPORTED)
_BROKEN = 500
