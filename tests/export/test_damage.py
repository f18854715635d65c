"""A bit that has flipped on the disk is told, with ids and kinds and without values, and healed."""

import json
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from elements_procura.errors import StoreError
from elements_procura.export import export
from elements_procura.harvest import Store, StoreReader, harvest
from elements_procura.harvest.packing import unpack
from elements_procura.harvest.policy.rolling import Refresh
from elements_procura.sandbox import ProcuraSandbox, Sandbox
from tests.export.exporting import harvest_elements, harvest_procura
from tests.harvest.harvesting import connect


def flip(path: Path, kind: str, *, bit: int = 3) -> tuple[Any, bytes]:
    """Flip a bit in the first body of a kind: whose it is, and the body as it was."""
    with sqlite3.connect(path) as db:
        resource, dossier, body = db.execute(
            "SELECT id, dossier, body FROM bodies JOIN resources ON id = resource WHERE kind = ?",
            (kind,),
        ).fetchone()
        whole = unpack(body)
        changed = bytearray(body)
        changed[len(body) // 2] ^= 1 << bit
        db.execute("UPDATE bodies SET body = ? WHERE resource = ?", (bytes(changed), resource))
    db.close()
    return dossier, whole


def status(path: Path, *more: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "elements_procura", "status", str(path), *more]
    return subprocess.run(command, capture_output=True, text=True, check=False)


async def test_a_flipped_bit_is_told_by_status(tmp_path: Path) -> None:
    path = tmp_path / "elements.sqlite"
    async with Sandbox(dossiers=3, limits="off") as sandbox:
        await harvest_elements(path, sandbox)
    fine = status(path, "--verify", "--json")
    assert fine.returncode == 0, fine.stderr
    told = json.loads(fine.stdout)["verified"]
    assert told["damaged"] == []
    assert told["bodies"] > 20
    dossier, body = flip(path, "particulier")
    assert status(path).returncode == 0  # nobody asked
    for more in ((), ("--json",)):
        done = status(path, "--verify", *more)
        assert done.returncode == 1
        assert f"dossier {dossier}, particulier" in done.stderr
        assert not any(
            text in done.stdout + done.stderr
            for text in ("Traceback", str(json.loads(body)["_embedded"]))
        )
        if more:
            damaged = json.loads(done.stdout)["verified"]["damaged"]
            assert damaged == [{"dossier": dossier, "kind": "particulier"}]
        else:
            assert "1 of them damaged" in done.stdout


async def test_the_same_of_procura_and_every_bit(tmp_path: Path) -> None:
    path = tmp_path / "procura.sqlite"
    async with ProcuraSandbox(dossiers=6) as sandbox:
        await harvest_procura(path, sandbox)
    whose = [flip(path, "row", bit=bit)[0] for bit in (0, 7)]
    flip(path, "documents", bit=1)
    with StoreReader.read(path) as reader:
        found = reader.verify()
    assert {each.kind for each in found.damaged} == {"row", "documents"}
    assert set(whose) <= {each.dossier for each in found.damaged}


async def test_an_export_is_not_made_of_damaged_bodies(tmp_path: Path) -> None:
    path, out = tmp_path / "elements.sqlite", tmp_path / "out"
    async with Sandbox(dossiers=3, limits="off") as sandbox:
        await harvest_elements(path, sandbox)
    dossier, _ = flip(path, "particulier")
    with pytest.raises(StoreError, match=f"dossier {dossier}, particulier") as caught:
        export(path, out, to="jsonl")
    assert "--refresh" in str(caught.value)
    assert not (out / "manifest.json").exists()


async def test_a_refresh_puts_it_right(tmp_path: Path) -> None:
    path = tmp_path / "elements.sqlite"
    async with Sandbox(dossiers=2, limits="off") as sandbox:
        await harvest_elements(path, sandbox)
        flip(path, "particulier")
        async with connect(sandbox) as elements:
            with Store.open(path, tenant="elements 1") as store:
                async for _ in harvest(elements, store, refresh=Refresh()):
                    pass
    with StoreReader.read(path) as reader:
        assert reader.verify().damaged == ()
