"""Rows as Parquet, with pyarrow."""

from collections.abc import Iterable, Sequence
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from elements_procura.export.cells import SCALE, WHOLE, Column, Row, Type

MOST_ROWS = 2_000  # of a group: dozens of tables are open at once, and each holds one back
_AT_ONCE = 400  # rows that are held back as they came: in columns they take less
_MOST_TEXT = 4 * 1024 * 1024  # characters of a group
_TYPES = {
    Type.TEXT: pa.string(),
    Type.INSTANT: pa.timestamp("us", tz="UTC"),
    Type.INTEGER: pa.int64(),
    Type.DECIMAL: pa.decimal128(WHOLE + SCALE, SCALE),
    Type.DATE: pa.date32(),
    Type.BOOLEAN: pa.bool_(),
    Type.JSON: pa.string(),
}


def schema_of_columns(columns: Iterable[Column]) -> pa.Schema:
    """The types of columns, in Arrow's words."""
    return pa.schema([(column.name, _TYPES[column.type]) for column in columns])


class _Writer(pq.ParquetWriter):  # type: ignore[misc] # pyarrow ships no types
    """A writer that ends its file when it is closed, and at no other time.

    pyarrow's own writes the end of an abandoned file when it is collected: the file is closed by
    then, and the exception of that is printed.
    """

    def __del__(self) -> None:
        """Write nothing."""


class Parquet:
    """Groups of rows, compressed; the same rows give the same bytes with the same pyarrow.

    Args:
        file: Where they go.
        columns: Their columns.
        most: How many rows a group has.
    """

    def __init__(self, file: BinaryIO, columns: Sequence[Column], *, most: int = MOST_ROWS) -> None:
        self._most = most
        self._batches: list[pa.RecordBatch] = []
        self._held = 0
        self._schema = schema_of_columns(columns)
        self._writer = _Writer(file, self._schema, compression="zstd")
        self._rows: list[Row] = []
        self._text = 0

    def write(self, row: Row) -> None:
        """Append a row."""
        self._rows.append(row)
        self._text += sum([len(cell) for cell in row if cell.__class__ is str])
        self._held += 1
        if self._held >= self._most or self._text >= _MOST_TEXT:
            self._write_group()
        elif len(self._rows) >= _AT_ONCE:
            self._pack()

    def close(self) -> None:
        """Write the rows that are held back, and the end of the file."""
        self._write_group()
        self._writer.close()

    def _pack(self) -> None:
        arrays = [
            pa.array(cells, type=field.type)
            for cells, field in zip(zip(*self._rows, strict=True), self._schema, strict=True)
        ]
        self._batches.append(pa.RecordBatch.from_arrays(arrays, schema=self._schema))
        self._rows = []

    def _write_group(self) -> None:
        if self._rows:
            self._pack()
        if not self._batches:
            return
        # One chunk: the bytes depend on the rows alone.
        table = pa.Table.from_batches(self._batches, schema=self._schema).combine_chunks()
        self._writer.write_table(table)
        self._batches, self._held, self._text = [], 0, 0
