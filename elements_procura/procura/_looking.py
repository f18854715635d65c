"""Looking up dossiers by an id or a reference, with their kind."""

from typing import Final
from urllib.parse import unquote

from elements_procura.errors import BadRequest, NotFound, ProtocolError, ServerError
from elements_procura.paths import Path
from elements_procura.procura._api import ProcuraApi
from elements_procura.procura._errors import is_of_another_kind
from elements_procura.procura.models.common import Case, Dossier
from elements_procura.procura.models.dossiers import DossierSearchBody, DossierSearchResult
from elements_procura.procura.models.enums import DossierType

_SEARCH: Final = Path.literal("/api/v1/dossiers/search")


async def found_by(api: ProcuraApi, search: DossierSearchBody) -> tuple[Dossier, ...]:
    """The dossiers that a search finds. Raises as :meth:`ProcuraApi.post`."""
    answer = await api.post(
        _SEARCH, search, DossierSearchBody, DossierSearchResult, validate=True, is_read=True
    )
    return answer.result.content if answer.result is not None else ()


async def make_sure(api: ProcuraApi, path: Path, model: type[Case], kind: DossierType) -> None:
    """Make sure that the dossier at ``path`` is a case of this kind, before it is changed.

    Raises:
        NotFound: The dossier does not exist.
        BadRequest: It is of another kind.
        AmbiguousReference: Several dossiers have the reference.
        ElementsProcuraError: The lookup failed.
    """
    try:
        case = await api.fetch(path, model)
        rows = tuple(each for each in (case.dossier,) if each is not None)
    except NotFound as error:
        if not is_of_another_kind(error):
            raise
        raise _other(path) from None
    except (ServerError, ProtocolError):
        # It may be of another kind, or one that the server cannot put into an answer.
        rows = await found_by(api, _by_id(path))
        if not rows:
            raise
    if any(row.type is not None and row.type.code != kind for row in rows):
        raise _other(path)


def _by_id(path: Path) -> DossierSearchBody:
    return DossierSearchBody(dossier_ids=(unquote(path.value.rpartition("/")[2]),))


def _other(path: Path) -> BadRequest:
    return BadRequest(
        "the dossier with this id is of another kind; nothing was changed",
        method="GET",
        template=path.template,
        status=0,
        hint="Check the id, or pass look=False to change whatever it is",
    )
