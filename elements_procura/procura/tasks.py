"""Tasks that wait for a citizen."""

from collections.abc import Coroutine, Iterable
from typing import Any

from elements_procura.core.docstrings import SEARCHED
from elements_procura.procura._api import ProcuraResource
from elements_procura.procura._endpoint import endpoint
from elements_procura.procura.models.enums import TaskState, TaskType
from elements_procura.procura.models.tasks import (
    CodeBody,
    TaskPage,
    TaskSearchBody,
    TaskSearchResult,
)

__all__ = ["Tasks"]


class Tasks(ProcuraResource):
    """Tasks that wait for a citizen."""

    @endpoint("POST", "/api/v1/tasks/search", errors=SEARCHED)
    def search(  # not async: rule 2 of elements_procura.secret
        self,
        *,
        bsns: Iterable[str],
        types: Iterable[TaskType | str] | None = None,
        statusses: Iterable[TaskState | str] | None = None,
        validate: bool = True,
    ) -> Coroutine[Any, Any, TaskPage]:
        """The tasks of somebody.

        Args:
            bsns: The people. Only relocations of the first are searched; the others count as well
                when it comes to who has to consent.
            types: Types of task.
            statusses: Their statuses.
            validate: Whether the arguments are checked, and citizen numbers are padded.
        """
        body = TaskSearchBody(
            bsns=tuple(bsns),
            types=None if types is None else tuple(CodeBody(code=code) for code in types),
            statusses=None
            if statusses is None
            else tuple(CodeBody(code=code) for code in statusses),
        )
        return self._found(body, validate=validate)

    async def _found(self, body: TaskSearchBody, *, validate: bool) -> TaskPage:
        result = await self._api.post(
            self._at("search"),
            body,
            TaskSearchBody,
            TaskSearchResult,
            validate=validate,
            is_read=True,
        )
        return result.result or TaskPage()
