"""Records that are imported in bulk."""

import attrs

from elements_procura.procura.models.dossiers import DocumentBody
from elements_procura.schema.model import BodyModel, Model

__all__ = ["DataImportBody", "Finding", "ImportResult", "ImportedRecord", "RecordBody"]


@attrs.frozen(repr=False)
class Finding:
    """A remark of the server on a record.

    Attributes:
        record: Number of the record in the answer, from 0.
        column: The column, or an empty string if the remark names none.
        text: The remark, in Dutch.
    """

    record: int
    column: str
    text: str

    def __repr__(self) -> str:
        return f"<Finding on record {self.record}>"


@attrs.define(eq=False, repr=False, kw_only=True)
class ImportedRecord(Model):
    """A record as it was stored.

    Attributes:
        values: By the server's names of the columns, in no particular order.
        remarks: The remarks on it, each after the column's name and a colon.
    """

    values: dict[str, str] | None = None
    remarks: tuple[str, ...] = ()


@attrs.define(eq=False, repr=False, kw_only=True)
class ImportResult(Model):
    """The result of an import. Records with remarks are stored as well.

    Attributes:
        remarks: On the import as a whole: unknown and missing columns, and how many records
            have remarks.
    """

    name: str | None = None
    type: str | None = None
    records: tuple[ImportedRecord, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The remarks on records, one by one."""
        return tuple(
            _finding(number, remark)
            for number, record in enumerate(self.records)
            for remark in record.remarks
        )


@attrs.define(eq=False, repr=False, kw_only=True)
class RecordBody(BodyModel):
    """A record to be imported.

    Attributes:
        values: By column. The server takes the columns of the first record for all of them.
        remarks: Ignored.
    """

    values: dict[str, str]
    documents: tuple[DocumentBody, ...] | None = None
    remarks: tuple[str, ...] | None = None


@attrs.define(eq=False, repr=False, kw_only=True)
class DataImportBody(BodyModel):
    """Records to be imported; ``first_registrants_2022`` is the one type there is.

    The server ignores ``remarks``, here and in a record: it uses them in answers only.
    """

    name: str
    type: str = "first_registrants_2022"
    records: tuple[RecordBody, ...]
    remarks: tuple[str, ...] | None = None


def _finding(record: int, remark: str) -> Finding:
    column, colon, text = remark.partition(": ")
    return Finding(record, column, text) if colon else Finding(record, "", remark)
