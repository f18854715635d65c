"""The rows of an export, by what identifies them: whether one is missing from another."""

import tempfile
from itertools import takewhile
from pathlib import Path
from typing import Any

import orjson

from elements_procura.export import export

Rows = frozenset[tuple[str, tuple[Any, ...]]]


def exported(store: Path) -> Rows:
    """Every row that an export of a store holds: its table and its keys.

    A row's keys come first in it: ids, its own among them, until the first column that is not an
    id.
    """
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "export"
        export(store, out, to="jsonl")
        return frozenset(
            (file.stem, _keys(orjson.loads(line)))
            for file in out.glob("*.jsonl")
            for line in file.read_bytes().splitlines()
        )


def _keys(row: dict[str, Any]) -> tuple[Any, ...]:
    names = takewhile(lambda name: name == "id" or name.endswith("_id"), row)
    return tuple(row[name] for name in names)
