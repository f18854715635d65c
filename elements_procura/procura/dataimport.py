"""Bulk import of records."""

from collections.abc import Iterable, Mapping
from typing import Any

from elements_procura.core.http import Request
from elements_procura.errors import BodyError, ImportFindings, OutcomeUnknown
from elements_procura.paths import Path
from elements_procura.procura._api import ProcuraApi, ProcuraResource
from elements_procura.procura._endpoint import endpoint
from elements_procura.procura._proof import IMPORTED
from elements_procura.procura.models.dataimport import DataImportBody, ImportResult
from elements_procura.schema.sealed import Data, Json, sealed

__all__ = ["DataImports", "raise_for_findings"]


class DataImports(ProcuraResource):
    """Bulk import of records."""

    @endpoint("POST", "/api/v1/dataimport/add")
    @sealed
    async def add(
        self,
        body: DataImportBody | Json,
        *,
        align: bool = False,
        validate: bool = True,
    ) -> ImportResult:
        """Import records. Never repeated: that adds them again.

        The server stores records that it remarks on, so look at the result's ``findings``, or
        call :func:`raise_for_findings`.

        Args:
            body: The records. The server goes by the columns of the first, and by position.
            align: Put the columns of every record into the first one's order, with an empty text
                where one lacks a column. Columns that the first lacks are put behind its own.
            validate: Whether the records are checked to have the same columns in the same order.

        Raises:
            OutcomeUnknown: Nobody knows whether they were imported, and no endpoint lists imports.
        """
        request = _importing(self._api, self._at("add"), body, align=align, validate=validate)
        try:
            return await self._api.ask(request, ImportResult)
        except OutcomeUnknown as error:
            error.hint = _LOST
            raise


_LOST = (
    "No endpoint lists imports: have somebody look in the back office before importing them again"
)


def _importing(
    api: ProcuraApi, path: Path, body: DataImportBody | Json, *, align: bool, validate: bool
) -> Request | BodyError:
    data = api.bodies.data(body, (DataImportBody,), validate=validate and not align)
    if align and not isinstance(data, tuple):
        body = aligned(data)
        return api.writing("POST", path, body, DataImportBody, validate=validate, success=IMPORTED)
    return api.carrying("POST", path, data, success=IMPORTED)


def aligned(data: Json) -> Data:
    """An import with the same columns, in the same order, in every record."""
    records = data.get("records")
    if not isinstance(records, list | tuple):
        return dict(data)
    columns = dict.fromkeys(column for record in records for column in _values(record))
    return {**data, "records": [_in_order(record, columns) for record in records]}


def _values(record: Any) -> Json:
    values = record.get("values") if isinstance(record, Mapping) else None
    return values if isinstance(values, Mapping) else {}


def _in_order(record: Any, columns: Iterable[str]) -> Any:
    values = _values(record)
    return (
        {**record, "values": {name: values.get(name, "") for name in columns}} if values else record
    )


def raise_for_findings(result: ImportResult) -> None:
    """Raise when any record of an import has a remark.

    Raises:
        ImportFindings: Some do. They are stored; importing them again adds them again.
    """
    records = tuple(sorted({finding.record for finding in result.findings}))
    if records:
        raise ImportFindings(
            f"{len(records)} of {len(result.records)} imported records have remarks",
            records=records,
            hint="They are stored already; correct them there, importing adds them again",
        )
