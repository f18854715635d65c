"""schema drift as a user runs it: what it prints, and what it exits with."""

import json
from pathlib import Path
from typing import Any

import pytest

from elements_procura.harvest import Store
from elements_procura.sandbox import Sandbox
from tests.cli.cli_running import environment, run

FAST = ("--per-second", "2000", "--per-day", "6000000", "--progress", "none")
DOSSIER = "/api/data/klantdossiers/5526"


async def harvested(out: Path, **changes: Any) -> Path:
    """A directory with the harvest of three dossiers, one of which holds ``changes``."""
    async with Sandbox(dossiers=3, seed=1, limits="off") as sandbox:
        sandbox._world.patch(DOSSIER, lambda document: document.update(changes))
        done = await run("harvest", "elements", "--out", out, *FAST, env=environment(sandbox))
    assert done.code == 0, done.err
    return out


async def test_a_clean_store_says_how_much_was_looked_at(tmp_path: Path) -> None:
    out = await harvested(tmp_path / "h")
    done = await run("schema", "drift", out, "--fail-on", "any")
    assert (done.code, done.err) == (0, "")
    with Store.read(out / "elements.sqlite") as store:
        bodies = store.progress().resources
        kinds = {document.kind for document in store.documents()}
    assert done.out == f"drift    nothing unknown in {bodies:,} bodies of {len(kinds)} kinds\n"


async def test_drift_is_told_and_fails_as_asked(tmp_path: Path) -> None:
    secret = "Jansen-123456782"
    out = await harvested(
        tmp_path / "h", nieuw=secret, aanmaakdatum=[secret], _links={"next": {"href": secret}}
    )
    codes = {}
    for fail_on in ("none", "breaking", "any"):
        done = await run("schema", "drift", out / "elements.sqlite", "--fail-on", fail_on)
        codes[fail_on] = done.code
        assert secret not in done.out + done.err
    assert codes == {"none": 0, "breaking": 7, "any": 7}
    head, *lines = done.out.splitlines()
    assert head.startswith("drift    3 found, 3 new, 1 breaking · ")
    assert [" ".join(line.split(" · ")[0].split()) for line in lines] == [
        "breaking type dossier $.aanmaakdatum expected a date and time, got a list",
        "additive link dossier $._links.next",
        "additive field dossier $.nieuw",
    ]
    assert all(" · 1 body · since 20" in line for line in lines)


async def test_what_the_baseline_holds_does_not_fail(tmp_path: Path) -> None:
    old = await harvested(tmp_path / "old", aanmaakdatum={}, oud=1)
    first = await run("schema", "drift", old, "--json", "--fail-on", "breaking")
    assert first.code == 7
    baseline = tmp_path / "known.json"
    baseline.write_text(first.out)

    known = ("--baseline", baseline)
    same = await run("schema", "drift", old, *known, "--fail-on", "any")
    assert same.code == 0
    assert same.out.count(" · known") == 2
    new = await harvested(tmp_path / "new", aanmaakdatum={}, nieuw=1)
    for fail_on, code in (("breaking", 0), ("any", 7)):
        done = await run("schema", "drift", new, *known, "--fail-on", fail_on, "--json")
        assert done.code == code
    told = json.loads(done.out)
    assert told.keys() == {"format", "bodies", "unmodelled", "binary", "findings"}
    then = json.loads(first.out)["findings"][0]["first_seen"]
    assert [
        (each["path"], each["new"], each["first_seen"] == then) for each in told["findings"]
    ] == [
        ("$.aanmaakdatum", False, True),
        ("$.nieuw", True, told["findings"][1]["first_seen"] == then),
    ]


async def test_an_empty_store_and_kinds_without_a_model(tmp_path: Path) -> None:
    for name in ("elements.sqlite", "procura.sqlite"):
        Store.create(tmp_path / name, tenant="x").close()
    done = await run("schema", "drift", tmp_path, "--fail-on", "any")
    assert (done.code, done.out) == (0, "drift    nothing unknown in 0 bodies of 0 kinds\n")

    async with Sandbox(dossiers=3, seed=1, limits="off") as sandbox:
        out = tmp_path / "h"
        sandbox._world.patch(
            f"{DOSSIER}/klanten/particulier",
            lambda document: document["_embedded"]["particulier"][0].update(geslacht="Zq9"),
        )
        command = ("harvest", "elements", "--include", "klanten,taken", "--out", out, *FAST)
        done = await run(*command, env=environment(sandbox))
    with Store.read(out / "elements.sqlite") as store:
        taken = sum(document.kind == "taken" for document in store.documents())
    assert taken
    done = await run("schema", "drift", out)
    assert f"\nskipped  {taken} of kinds that no model describes\n" in done.out
    assert "$._embedded.particulier[].geslacht · 1 body · 1 unknown value · since" in done.out
    assert "Zq9" not in done.out


@pytest.mark.parametrize("content", [None, b"geen harvest"])
async def test_what_is_no_harvest_is_told(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "elements.sqlite").write_bytes(content * 100)
    done = await run("schema", "drift", tmp_path)
    assert done.code == (2 if content is None else 1)
    assert "next: " in done.err
    assert done.out == ""
