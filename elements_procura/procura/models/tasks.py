"""Tasks that wait for a citizen."""

import attrs

from elements_procura.procura.models.common import DossierTypeCode
from elements_procura.procura.models.dossiers import PagingBody
from elements_procura.procura.models.enums import TaskState, TaskType
from elements_procura.schema.model import BodyModel, Model

__all__ = [
    "CodeBody",
    "Task",
    "TaskPage",
    "TaskSearchBody",
    "TaskSearchResult",
    "TaskStatus",
    "TaskTypeCode",
]


@attrs.define(eq=False, repr=False, kw_only=True)
class TaskTypeCode(Model):
    """The type of a task."""

    code: TaskType | str | None = None
    description: str | None = None


@attrs.define(eq=False, repr=False, kw_only=True)
class TaskStatus(Model):
    """The status of a task."""

    code: TaskState | str | None = None
    description: str | None = None


@attrs.define(eq=False, repr=False, kw_only=True)
class Task(Model):
    """Something that somebody has to do about a dossier.

    Attributes:
        bsn: The people it is for: several, although the API's name is singular.
    """

    bsn: tuple[str, ...] = ()
    dossier_id: str | None = None
    dossier_type: DossierTypeCode | None = None
    task_type: TaskTypeCode | None = None
    status: TaskStatus | None = None


@attrs.define(eq=False, repr=False, kw_only=True)
class TaskPage(Model):
    """A page of search results: always all of them, whatever the numbers say."""

    elements: int | None = None
    total_elements: int | None = None
    total_pages: int | None = None
    page_number: int | None = None
    page_size: int | None = None
    content: tuple[Task, ...] = ()


@attrs.define(eq=False, repr=False, kw_only=True)
class TaskSearchResult(Model):
    """The envelope of a search's answer."""

    result: TaskPage | None = None


@attrs.define(eq=False, repr=False, kw_only=True)
class CodeBody(BodyModel):
    """A code, which this search wants in an object; its description is ignored."""

    code: str
    description: str | None = None


@attrs.define(eq=False, repr=False, kw_only=True)
class TaskSearchBody(BodyModel):
    """The criteria of a search for tasks. The server ignores the last two."""

    bsns: tuple[str, ...]
    types: tuple[CodeBody, ...] | None = None
    statusses: tuple[CodeBody, ...] | None = None
    dossier_ids: tuple[str, ...] | None = None
    paging: PagingBody | None = None
