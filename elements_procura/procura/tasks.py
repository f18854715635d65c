"""Tasks that wait for a citizen."""

from collections.abc import Iterable

from elements_procura.procura._api import ProcuraResource
from elements_procura.procura.models.enums import TaskState, TaskType
from elements_procura.procura.models.tasks import (
    CodeBody,
    TaskPage,
    TaskSearchBody,
    TaskSearchResult,
)


class Tasks(ProcuraResource):
    """Tasks that wait for a citizen."""

    async def search(
        self,
        *,
        bsns: Iterable[str],
        types: Iterable[TaskType | str] | None = None,
        statusses: Iterable[TaskState | str] | None = None,
        validate: bool = True,
    ) -> TaskPage:
        """The tasks of somebody: ``POST /api/v1/tasks/search``.

        Args:
            bsns: Whose. Only relocations of the first are searched; the others count as well
                when it comes to who has to consent.
            types: What has to be done.
            statusses: How far they are.
            validate: Whether the arguments are checked, and citizen numbers are padded.
        """
        body = TaskSearchBody(
            bsns=tuple(bsns),
            types=None if types is None else tuple(CodeBody(code=code) for code in types),
            statusses=None
            if statusses is None
            else tuple(CodeBody(code=code) for code in statusses),
        )
        path = self._at("search")
        result = await self._api.post(
            path, body, TaskSearchBody, TaskSearchResult, validate=validate, is_read=True
        )
        return result.result or TaskPage()
