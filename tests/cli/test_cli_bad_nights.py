"""One bad night with `--refresh --purge`, end to end: exit 3, all is kept and told (H1).

The whole command in a process of its own, the server over real HTTP, sixty dossiers.
"""

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from elements_procura.demo import verify
from elements_procura.harvest import Store
from elements_procura.sandbox import Fault, Sandbox, Weather
from tests.cli.cli_running import Ran, environment, run

DOSSIERS = 60
FAST = ("--per-second", "5000", "--per-day", "6000000", "--patience", "2s")
_EACH = "GET /api/data/klantdossiers/*"
NIGHTS: dict[str, tuple[list[Weather], int, str]] = {
    "maintenance for every dossier": ([Weather("maintenance", match=_EACH)], 5, ""),
    "403 to everything but the listing": ([Weather("forbidden", match=_EACH)], 3, "forbidden"),
    "401 to persons": ([Weather("refused-token", match=f"{_EACH}/klanten/*")], 3, "forbidden"),
    "a login page instead of persons": (
        [Weather("login-page", match=f"{_EACH}/klanten/*")],
        3,
        "forbidden",
    ),
    "401 to everything but the listing": ([Weather("refused-token", match=_EACH)], 4, ""),
    "401 to everything for a second": ([Weather("refused-token", wait=0.2, seconds=1.0)], 0, ""),
    "404 to every sub-resource": ([Weather("not-found", match=f"{_EACH}/*")], 3, "doubted"),
    "the links are missing": ([Weather("unlinked")], 3, "doubted"),
    "the links are renamed": ([Weather("renamed")], 3, "doubted"),
    "the collections are empty": ([Weather("emptied")], 3, "doubted"),
}


async def nightly(sandbox: Sandbox, out: Path, *more: str) -> tuple[Ran, dict[str, Any]]:
    """One night's refresh, and what it prints as JSON."""
    command = ("harvest", "elements", "--refresh", "--purge", "--json", *FAST, *more)
    ran = await run(*command, "--out", out, env=environment(sandbox))
    return ran, dict(json.loads(ran.out)) if ran.out else {}


def bodies(out: Path) -> dict[str, bytes]:
    """All that is shown; what dossiers share by its name, whichever leads to it."""
    db = sqlite3.connect(out / "elements.sqlite")
    rows = db.execute(
        "SELECT coalesce(share, path), body FROM resources JOIN bodies ON resource = resources.id"
        " WHERE status = 200"
    ).fetchall()
    db.close()
    return dict(rows)


def erased(out: Path) -> int:
    """How many resources were stored and have no body any more."""
    db = sqlite3.connect(out / "elements.sqlite")
    (count,) = db.execute(
        "SELECT count(*) FROM resources WHERE sha256 IS NOT NULL"
        " AND id NOT IN (SELECT resource FROM bodies)"
    ).fetchone()
    db.close()
    return int(count)


@pytest.mark.parametrize("night", NIGHTS)
async def test_h1_one_bad_night_empties_nothing(tmp_path: Path, night: str) -> None:
    weather, code, state = NIGHTS[night]
    out = tmp_path / "harvest"
    async with Sandbox(dossiers=DOSSIERS, seed=2, limits="off") as sandbox:
        first, _ = await nightly(sandbox, out)
        assert first.code == 0, first.err
        before = bodies(out)
        sandbox.set_weather(weather)
        # Weather that passes is waited for, also by a machine that is slower than it.
        ran, told = await nightly(sandbox, out, *(() if code else ("--patience", "5m")))
        assert ran.code == code, ran.err
        kept = bodies(out)
        assert kept.keys() == before.keys()
        # What dossiers say of where their relations are is as the server told it last.
        roots = {f"/api/data/klantdossiers/{each}" for each in sandbox.dossier_ids}
        differ = {each for each in kept if kept[each] != before[each]}
        assert {each for each in differ if each.startswith("/")} <= roots
        assert erased(out) == 0
        if state:
            assert told["changed"] == 0
            opened = {each["subject"]: each for each in told["concerns"] if each["open"]}
            assert {each["state"] for each in opened.values()} == {state}
            await is_told_with_its_option(sandbox, out, tmp_path, opened)
        sandbox.clear_weather()
        good, told = await nightly(sandbox, out)
        assert good.code == 0, good.err
        assert [each for each in told["concerns"] if each["open"]] == []
        assert (told["changed"], erased(out)) == (0, 0)
        assert bodies(out).keys() == before.keys()
        with Store.read(out / "elements.sqlite") as store:
            assert verify(store, sandbox).equal


async def is_told_with_its_option(
    sandbox: Sandbox, out: Path, folder: Path, opened: dict[str, dict[str, Any]]
) -> None:
    """By `status`, `doctor`, the report and the manifest."""
    options = {f"--accept {subject}" for subject in opened}
    status = await run("status", out, "--json")
    told = json.loads(status.out)["concerns"]
    assert {each["settled_by"] for each in told if each["open"]} == options
    doctor = await run("doctor", "--out", out, env=environment(sandbox))
    # Those about many, as far as there is room.
    assert sum(f"{each}\n" in doctor.out for each in options) == min(len(options), 20), doctor
    tables = folder / "tables"
    exported = await run("export", out, "--to", "jsonl", "--out", tables)
    assert exported.code == 0, exported.err
    manifest = json.loads((tables / "_manifest.json").read_text())
    assert {each["settled_by"] for each in manifest["concerns"]} >= options
    for subject, concern in opened.items():
        whose = manifest["whose"][concern["state"]]
        counted = manifest[concern["state"]]
        if subject != "dossier":
            assert counted[subject] == concern["count"]
            assert 0 < len(whose[subject]) <= counted[subject]
    page = folder / "report.html"
    report = await run("report", out, "--out", page)
    assert report.code == 0, report.err
    text = page.read_text()
    assert [each for each in options if f">{each}</td>" not in text] == []


async def test_e5_dossiers_that_are_broken_from_the_first_are_exported_as_listed(
    tmp_path: Path,
) -> None:
    out, tables = tmp_path / "harvest", tmp_path / "tables"
    async with Sandbox(dossiers=12, limits="off") as sandbox:
        chosen = sandbox.dossier_ids[2:5]
        for dossier, kind in zip(chosen, ("status", "html", "other-body"), strict=True):
            match = f"GET /api/data/klantdossiers/{dossier}"
            sandbox.add_fault(Fault(kind=kind, status=500, match=match))
        first, _ = await nightly(sandbox, out)
        assert first.code == 3, first.err
        done = await run("export", out, "--to", "jsonl", "--out", tables)
        assert done.code == 0, done.err
        told = (tables / "dossiers.jsonl").read_text().splitlines()
        assert sorted(json.loads(each)["id"] for each in told) == sorted(sandbox.dossier_ids)
        manifest = json.loads((tables / "_manifest.json").read_text())
        assert manifest["whose"]["listed"] == {"dossier": sorted(chosen)}
        sandbox.clear_faults()
        good, _ = await nightly(sandbox, out)
        assert good.code == 0, good.err
