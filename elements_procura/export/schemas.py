"""A schema file beside tables in CSV, as Frictionless Data describes it: ``datapackage.json``.

Tools that know it read a BSN or a telephone number as text, and keep its zeros. Pure.
"""

import json
from collections.abc import Iterable
from typing import Any

from elements_procura.export.cells import Column, Type
from elements_procura.export.layout import Table

SCHEMA = "datapackage.json"
_TYPES = {
    Type.TEXT: ("string", "default"),
    Type.INSTANT: ("datetime", "any"),
    Type.INTEGER: ("integer", "default"),
    Type.DECIMAL: ("number", "default"),
    Type.DATE: ("date", "default"),
    Type.BOOLEAN: ("boolean", "default"),
    Type.JSON: ("string", "default"),
}


def schema_of(tables: Iterable[Table], ending: str) -> bytes:
    """Describe the files of tables: their fields with types, and their keys.

    Args:
        tables: All of them.
        ending: Of the files' names.
    """
    held = {table.name: table for table in sorted(tables, key=lambda table: table.name)}
    resources = [
        {
            "name": name,
            "path": f"{name}.{ending}",
            "format": ending,
            "encoding": "utf-8",
            "schema": {
                "fields": [_field(column) for column in table.columns],
                "primaryKey": list(table.key),
                "foreignKeys": [
                    {
                        "fields": each.column,
                        "reference": {"resource": each.table, "fields": each.to},
                    }
                    for each in table.references
                    if each.table in held
                ],
            },
        }
        for name, table in held.items()
    ]
    return json.dumps({"name": "tables", "resources": resources}, indent=1).encode() + b"\n"


def _field(column: Column) -> dict[str, Any]:
    type_, format_ = _TYPES[column.type]
    return {"name": column.name, "type": type_, "format": format_}
