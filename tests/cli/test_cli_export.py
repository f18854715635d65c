"""export as a user runs it: of one API and of both, finished and under way."""

import json
import shlex
from pathlib import Path

import pytest

from elements_procura.harvest import Store
from elements_procura.sandbox import ProcuraSandbox, Sandbox
from tests.cli.cli_running import environment, run, start, until_asked

FAST = ("--per-second", "2000", "--progress", "none")


async def harvested(out: Path) -> Path:
    """A directory with small harvests of both APIs."""
    async with Sandbox(dossiers=4, seed=1, limits="off") as sandbox:
        only = ("--include", "klanten,taken")
        command = ("harvest", "elements", "--out", out, *FAST)
        done = await run(*command, *only, env=environment(sandbox))
        assert done.code == 0, done.err
    async with ProcuraSandbox(dossiers=6, seed=1) as procura:
        command = ("harvest", "procura", "--out", out, *FAST)
        done = await run(*command, env=environment(procura))
        assert done.code == 0, done.err
    return out


async def test_a_directory_of_both_apis(tmp_path: Path) -> None:
    store, out = await harvested(tmp_path / "h"), tmp_path / "tables"
    done = await run("export", store, "--to", "jsonl", "--out", out, "--json")
    assert done.code == 0, done.err
    manifests = json.loads(done.out)
    assert manifests.keys() == {"elements", "procura"}
    for api, manifest in manifests.items():
        assert json.loads((out / api / "_manifest.json").read_text()) == manifest
    tables = {table["name"]: table for table in manifests["elements"]["tables"]}
    assert len((out / "elements" / "dossiers.jsonl").read_text().splitlines()) == 4
    assert tables["dossiers"]["rows"] == 4
    assert "personal data" in done.err

    again = await run("export", store, "--to", "jsonl", "--out", out)
    assert (again.code, again.out) == (1, "")
    assert "exists already" in again.err
    assert "next: " in again.err
    assert "--force" in again.err
    forced = await run("export", store, "--to", "jsonl", "--out", out, "--force")
    assert forced.code == 0
    lines = forced.out.splitlines()
    assert [line.rpartition(" · ")[2] for line in lines if line.startswith("export ")] == [
        str(out / "elements"),
        str(out / "procura"),
    ]
    skipped = [line for line in lines if line.startswith("skipped ")]
    assert skipped == [
        f"skipped  no model describes them: {left_out(manifests)}; --raw writes them"
    ]


def left_out(manifests: dict[str, dict[str, dict[str, int]]]) -> str:
    return f"{manifests['elements']['left_out']['taken']} taken"


@pytest.mark.parametrize("to", ["csv", "parquet"])
async def test_one_store_and_some_kinds(tmp_path: Path, to: str) -> None:
    store, out = await harvested(tmp_path / "h"), tmp_path / "tables"
    given = ("--to", to, "--out", out, "--kinds", "dossier, particulier/adressen")
    done = await run("export", store / "elements.sqlite", *given)
    assert done.code == 0, done.err
    assert done.out.startswith("export   ")
    assert {file.name for file in out.iterdir()} == {
        "_manifest.json",
        f"dossiers.{to}",
        f"particulier_adressen.{to}",
        f"particulier_adressen_types.{to}",
        f"dossiers_standaardcorrespondentieadres_types.{to}",
        *(["datapackage.json"] if to == "csv" else []),
    }
    raw = await run(
        "export", store / "procura.sqlite", "--to", to, "--raw", "--out", tmp_path / "raw", "--json"
    )
    assert json.loads(raw.out)["raw"] is True


async def test_names_for_a_directory_of_both_apis_are_each_apis_own(tmp_path: Path) -> None:
    store, out, key = await harvested(tmp_path / "h"), tmp_path / "tables", tmp_path / "key"
    done = await run("keyfile", key)
    assert done.code == 0, done.err
    given = ("export", store, "--to", "csv", "--out", out, "--pseudonymise", key)

    for unknown in (("--kinds", "dossier,hypotheek"), ("--keep", "nationaliteit,naam.nergens")):
        refused = await run(*given, *unknown)
        assert (refused.code, refused.out) == (2, "")
        assert f": {unknown[1].partition(',')[2]}" in refused.err
        assert not out.exists()

    kept = ("--keep", "particulier.achternaam,commitment.location_name")
    done = await run(*given, *kept, "--kinds", "particulier,commitment", "--json")
    assert done.code == 0, done.err
    names = {
        api: {table["name"] for table in each["tables"]}
        for api, each in json.loads(done.out).items()
    }
    assert "particulier" in names["elements"] - names["procura"]
    assert "commitment" in names["procura"] - names["elements"]

    one = await run(*given, "--force", "--kinds", "commitment")
    assert one.out.startswith("skipped  elements: none of these kinds is theirs\nexport ")
    assert one.code == 0, one.err


async def test_each_next_step_of_a_directory_of_both_apis_works_as_it_is_printed(
    tmp_path: Path,
) -> None:
    store = await harvested(tmp_path / "h")
    done = await run("status", store)
    assert done.out.count("requests in the last 24 h") == 1, "Procura counts no day"
    plan = await run("plan", store)
    leads = [
        shlex.split(line.removeprefix("next     elements-procura "))
        for line in (done.err + plan.err).splitlines()
        if line.startswith("next     ")
    ]
    assert [lead[0] for lead in leads] == ["export", "report"] + ["harvest"] * 2
    assert all(lead[-1] == "--refresh" for lead in leads if lead[0] == "harvest")
    for lead in leads:
        if lead[0] != "harvest":
            did = await run(*lead)
            assert did.code == 0, did.err
    assert {each.name for each in (store / "tables").iterdir()} == {"elements", "procura"}
    page = (store / "report.html").read_text()
    assert "Elements" in page
    assert "Procura" in page


async def test_a_harvest_that_is_under_way(tmp_path: Path) -> None:
    async with Sandbox(dossiers=60, seed=1, limits="off") as sandbox:
        command = ("harvest", "elements", "--out", tmp_path / "h", "--per-second", "100")
        harvest = await start(*command, env=environment(sandbox))
        await until_asked(sandbox, 100)
        out = tmp_path / "tables"
        done = await run("export", tmp_path / "h", "--to", "csv", "--out", out)
        harvest.terminate()
        await harvest.communicate()
    assert done.code == 0, done.err
    assert "not complete: this is what it has stored so far" in done.out
    assert json.loads((out / "_manifest.json").read_text())["complete"] is False


async def test_what_cannot_be_exported_is_told_by_its_exit(tmp_path: Path) -> None:
    Store.create(tmp_path / "elements.sqlite", tenant="t").close()
    given = (tmp_path, "--out", tmp_path / "out")
    unknown = await run("export", *given, "--to", "csv", "--kinds", "hypotheek")
    assert (unknown.code, unknown.out) == (2, "")
    assert "hypotheek" in unknown.err
    assert (await run("export", *given, "--to", "xlsx")).code == 2
    assert (await run("export", *given)).code == 2
    assert (await run("export", tmp_path / "none", "--to", "csv", "--out", "x")).code == 2
    (tmp_path / "elements.sqlite").write_bytes(b"geen harvest" * 100)
    broken = await run("export", *given, "--to", "csv")
    assert (broken.code, broken.out) == (1, "")
    assert not (tmp_path / "out").exists()
