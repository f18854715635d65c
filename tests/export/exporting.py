"""What the tests of exports and reports share: stores of the sandboxes, and reading tables."""

import csv
import datetime as dt
import io
import json
from pathlib import Path
from typing import Any

import orjson

from elements_procura.harvest import ProcuraSource, Store, harvest
from elements_procura.sandbox import ProcuraSandbox, Sandbox
from elements_procura.spec.source import Discovery, Root, Row, Want
from tests.harvest.harvesting import connect

TENANT = "elements 1"
DOSSIER = "/api/data/klantdossiers/{}"


async def harvest_elements(path: Path, sandbox: Sandbox, *include: str) -> None:
    """Harvest all of a sandbox into a new store."""
    async with connect(sandbox) as elements:
        with Store.create(path, tenant=TENANT) as store:
            async for _ in harvest(elements, store, include=include or None):
                pass


async def harvest_procura(path: Path, sandbox: ProcuraSandbox, *include: str) -> None:
    """The same of Procura."""
    async with connect(sandbox) as procura:
        source = ProcuraSource(procura, first=dt.date(2020, 1, 1), last=dt.date(2026, 1, 1))
        with Store.create(path, tenant="procura") as store:
            async for _ in harvest(source, store, include=include or None):
                pass


def store_of(path: Path, *bodies: tuple[int | str, str, str, Any]) -> Path:
    """A store of these bodies: dossier, kind, what follows the dossier's path, and what it holds.

    Bytes stand as they are, anything else as JSON.
    """
    with Store.create(path, tenant=TENANT) as store:
        rows = []
        for dossier, kind, below, content in bodies:
            body = content if isinstance(content, bytes) else orjson.dumps(content)
            want = Want(kind, DOSSIER.format(dossier) + below)
            rows.append(Root(dossier, Discovery(), (want, Row(body))))
        api = "procura" if any(isinstance(row.dossier, str) for row in rows) else "elements"
        store.begin_listing(api=api)
        for row in rows:
            store.add_dossiers([row], listing=store.begin_listing())
        store.finish_listing(include=[], requests=0, listing=1)
    return path


def lines_of(file: Path) -> list[dict[str, Any]]:
    """The rows of a file of JSON Lines."""
    return [json.loads(line) for line in file.read_text().splitlines()]


SYSTEM = ("row_id", "resource_id", "fetched_at", "changed_at", "deleted_at", "mark")


def filled_of(manifest: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What the manifest tells of the tables that have rows."""
    return {table["name"]: table for table in manifest["tables"] if table["rows"]}


def told_in(row: dict[str, Any]) -> dict[str, Any]:
    """What a row tells of its record: its filled cells, but for what every table has."""
    own = {name: cell for name, cell in row.items() if cell is not None}
    return {name: cell for name, cell in own.items() if name not in (*SYSTEM, "parent_id")}


def joined(out: Path, manifest: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """The rows of every table; under ``within`` those of the lists that a record holds."""
    held = {table["name"]: lines_of(out / table["file"]) for table in manifest["tables"]}
    by_id = {(name, row["row_id"]): row for name, rows in held.items() for row in rows}
    assert len(by_id) == sum(map(len, held.values()))
    for rows in held.values():
        for row in rows:
            row["within"] = {}
    for table in manifest["tables"]:
        for key in table["references"]:
            if key["column"] != "parent_id":
                continue
            name = table["name"].removeprefix(f"{key['table']}_")
            for row in held[table["name"]]:
                by_id[key["table"], row["parent_id"]]["within"].setdefault(name, []).append(row)
    return held


def cells_of(file: Path) -> list[dict[str, str | None]]:
    """The rows of a CSV file; a cell of nothing is None, and one in quotes is a text."""
    text = file.read_bytes().decode()
    assert text.endswith("\r\n")
    (head, *_) = csv.reader(io.StringIO(text, newline=""))
    rows: list[dict[str, str | None]] = []
    cells: list[str | None] = []
    at = text.index("\r\n") + 2
    while at < len(text):
        if text[at] == '"':
            end = at + 1
            while text[end] != '"' or text[end : end + 2] == '""':
                end += 2 if text[end] == '"' else 1
            cells.append(text[at + 1 : end].replace('""', '"'))
            at = end + 1
        else:
            end = min(found for mark in (",", "\r\n") if (found := text.find(mark, at)) >= 0)
            cells.append(text[at:end] or None)
            at = end
        if text[at] == ",":
            at += 1
            continue
        assert text[at : at + 2] == "\r\n"
        at += 2
        rows.append(dict(zip(head, cells, strict=True)))
        cells = []
    return rows
