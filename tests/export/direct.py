"""A store made of a sandbox's truth without a request, and what its tables must add up to."""

import hashlib
import re
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import orjson

from elements_procura.harvest import Store
from elements_procura.harvest.packing import pack, unpack
from elements_procura.registry import harvest_spec_of
from elements_procura.sandbox import Sandbox
from tests.harvest.inside import db_of

TENANT = "elements 1"
NOW = 1_750_000_000.0
_SPEC = harvest_spec_of("elements")
_SHARED = {"adviseur": 7, "kantoor": None}
"""Owners of what dossiers share, and where the id stands in a path."""
_PATTERNS = {
    kind: re.compile(re.sub(r"\\\{\w+\\\}", r"\\d+", re.escape(each.template)) + "$")
    for kind, each in _SPEC.kinds.items()
    if each.group is None or each.group in _SPEC.groups
}


@attrs.define
class Sums:
    """What the tables must hold, counted from the served bytes.

    Attributes:
        rows: By table.
        amounts: The sum of amounts, by table and column.
    """

    rows: Counter[str] = attrs.field(factory=Counter)
    amounts: dict[str, Decimal] = attrs.field(factory=dict)

    def add(self, kind: str, body: bytes, sign: int = 1) -> None:
        """Count a body, or take it away."""
        data = orjson.loads(body)
        table = _SPEC.table_of(kind)
        shape = _SPEC.shape_of(kind)
        assert shape is not None
        records = [data] if shape.rel is None else data["_embedded"][shape.rel]
        if kind not in _SPEC.shared:
            self.rows[table] += sign * len(records)
        for record in records:
            self._amount(f"{table}.hoofdsom", record.get("hoofdsom"), sign)
            parts = record.get("_embedded", {}).get("productdelen", [])
            if parts:  # only what a product in full has
                self.rows[f"{table}_productdelen"] += sign * len(parts)
            for part in parts:
                name = f"{table}_productdelen.deel_hoofdsom"
                self._amount(name, part.get("deelHoofdsom"), sign)

    def _amount(self, name: str, value: Any, sign: int) -> None:
        if value is not None:
            self.amounts[name] = self.amounts.get(name, Decimal(0)) + sign * Decimal(str(value))


def resources_of(
    sandbox: Sandbox, dossier: int, shares: set[str]
) -> Iterator[tuple[str, str, str | None, bytes]]:
    """Kind, path, share and body of what a harvest stores of a dossier.

    Args:
        sandbox: The server.
        dossier: Its id.
        shares: What others share and is stored already; what is new is added.
    """
    truth = sandbox.truth(dossier)
    office = orjson.loads(truth.get(f"/api/data/klantdossiers/{dossier}/kantoor", b"{}")).get("id")
    for path in sorted(truth):
        kind = next((kind for kind, each in _PATTERNS.items() if each.match(path)), None)
        if kind is None:
            continue
        owner, _, rest = kind.partition("/")
        share = None
        if rest and owner in _SHARED:
            at = _SHARED[owner]
            share = f"{owner}/{office if at is None else path.split('/')[at - 1]}/{rest}"
            if share in shares:
                continue
            shares.add(share)
        yield kind, path, share, truth[path]


def fill(path: Path, sandbox: Sandbox, dossiers: Iterable[int]) -> Sums:
    """Make a store that holds dossiers of a sandbox as a harvest would have left it."""
    sums = Sums()
    shares: set[str] = set()
    with Store.create(path, tenant=TENANT) as store:
        store.begin_listing(api="elements")
        store.finish_listing(include=_SPEC.groups, requests=1)
        db = db_of(store)
        db.execute("BEGIN")
        number = 0
        for dossier in dossiers:
            rows, bodies = [], []
            for kind, where, share, body in resources_of(sandbox, dossier, shares):
                number += 1
                sha256 = hashlib.sha256(body).digest()
                root = int(kind == "dossier")
                rows.append((number, dossier, kind, where, share, root, sha256, number, number))
                bodies.append((number, pack(body)))
                sums.add(kind, body)
            db.execute(
                "INSERT INTO dossiers (id, state, tried_at, fetched_at, listing, cost)"
                " VALUES (?, 'complete', ?, ?, 1, ?)",
                (dossier, NOW, NOW, len(rows)),
            )
            db.executemany(
                "INSERT INTO resources (id, dossier, kind, path, share, root, state, status,"
                " fetched_at, changed_at, sha256, change, look)"
                f" VALUES (?, ?, ?, ?, ?, ?, 'stored', 200, {NOW}, {NOW}, ?, ?, ?)",
                rows,
            )
            db.executemany("INSERT INTO bodies VALUES (?, ?)", bodies)
        db.execute("COMMIT")
    return sums


def look_again(
    path: Path, sandbox: Sandbox, *, changed: Iterable[int], seen: Iterable[int], sums: Sums
) -> None:
    """Refresh dossiers: those that have changed get their bodies of now, others are only seen."""
    with Store.open(path, tenant=TENANT) as store:
        db = db_of(store)
        db.execute("BEGIN")
        for dossier in seen:
            db.execute(
                "UPDATE resources SET fetched_at = fetched_at + 86400 WHERE dossier = ?", (dossier,)
            )
        for dossier in changed:
            held = _held(db, dossier)
            for kind, where, share, body in resources_of(sandbox, dossier, set()):
                if share is not None or where not in held:
                    continue
                number, before = held[where]
                if before == body:
                    continue
                sums.add(kind, before, -1)
                sums.add(kind, body)
                db.execute("UPDATE bodies SET body = ? WHERE resource = ?", (pack(body), number))
                db.execute(
                    "UPDATE resources SET sha256 = ?, changed_at = ?, fetched_at = ?,"
                    " change = NULL WHERE id = ?",
                    (hashlib.sha256(body).digest(), NOW + 86400, NOW + 86400, number),
                )
        db.execute("COMMIT")


def _held(db: sqlite3.Connection, dossier: int) -> dict[str, tuple[int, bytes]]:
    rows = db.execute(
        "SELECT path, id, body FROM resources JOIN bodies ON resource = id WHERE dossier = ?"
        " AND share IS NULL",
        (dossier,),
    )
    return {path: (number, unpack(body)) for path, number, body in rows}
