"""The rows of an export, by what identifies them: whether one is missing from another."""

import tempfile
from pathlib import Path

import orjson

from elements_procura.export import export

Rows = frozenset[tuple[str, str]]


def exported(store: Path) -> Rows:
    """Every row that an export of a store holds: its table and its key."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "export"
        export(store, out, to="jsonl")
        return frozenset(
            (file.stem, orjson.loads(line)["row_id"])
            for file in out.glob("*.jsonl")
            for line in file.read_bytes().splitlines()
        )
