"""report as a user runs it: a page beside the store, or the figures as JSON."""

import json
from pathlib import Path

from elements_procura.harvest import Store
from elements_procura.report import MARK
from elements_procura.sandbox import ProcuraSandbox, Sandbox
from tests.cli.cli_running import environment, run

FAST = ("--per-second", "2000", "--progress", "none")
PERSON = "/api/data/klantdossiers/5526/klanten/particulier"
SERVED = ("Jansen, Aad", "559795178", "Kanariepiet")


async def test_both_apis_on_one_page_and_nothing_personal(tmp_path: Path) -> None:
    out = tmp_path / "h"
    async with Sandbox(dossiers=4, seed=1, limits="off") as sandbox:
        sandbox._world.patch(PERSON, lambda document: document.update(nieuw="Kanariepiet"))
        command = ("harvest", "elements", "--out", out, *FAST)
        assert (await run(*command, env=environment(sandbox))).code == 0
    async with ProcuraSandbox(dossiers=6, seed=1) as procura:
        command = ("harvest", "procura", "--out", out, *FAST)
        assert (await run(*command, env=environment(procura))).code == 0

    done = await run("report", out)
    assert (done.code, done.out) == (0, f"report   {out / 'report.html'}\n")
    assert done.err.startswith("next     elements-procura export ")
    page = (out / "report.html").read_text()
    assert (out / "report.html").stat().st_mode & 0o777 == 0o600
    assert "<h2>Elements</h2>" in page
    assert "<h2>Procura</h2>" in page
    assert "<h2>Quota</h2>" in page
    with Store.read(out / "elements.sqlite") as store:
        bodies = b"".join(body for _, body in store.bodies()).decode()
    told = await run("report", out, "--json")
    for each in SERVED:
        assert each in bodies
        assert each not in page + told.out
    figures = json.loads(told.out)
    assert [each["dossiers"]["all"] for each in figures["apis"].values()] == [4, 6]
    assert figures["quota"]["windows"][-1]["used"] >= figures["apis"]["elements"]["requests"]
    (finding,) = figures["apis"]["elements"]["drift"]["findings"]
    assert finding["path"] == "$.nieuw"

    again = await run("report", out)  # replaces the earlier one
    assert again.code == 0


async def test_where_the_page_goes(tmp_path: Path) -> None:
    store, page = tmp_path / "elements.sqlite", tmp_path / "page.html"
    Store.create(store, tenant="t").close()
    done = await run("report", store, "--json", "--out", page)
    assert done.code == 0
    assert json.loads(done.out)["apis"].keys() == {"elements"}
    assert MARK in page.read_text()
    assert not (tmp_path / "report.html").exists()
    # What is no report is not replaced, least of all a store.
    before = store.read_bytes()
    done = await run("report", tmp_path, "--out", store)
    assert done.code == 2
    assert "is not a report" in done.err
    assert store.read_bytes() == before
    done = await run("report", tmp_path, "--out", tmp_path / "none" / "page.html")
    assert (done.code, done.out) == (1, "")
    assert "cannot be written" in done.err


async def test_what_is_no_harvest_is_told(tmp_path: Path) -> None:
    done = await run("report", tmp_path)
    assert done.code == 2
    (tmp_path / "elements.sqlite").write_bytes(b"geen harvest" * 100)
    done = await run("report", tmp_path)
    assert done.code == 1
    assert "next: " in done.err
    assert not (tmp_path / "report.html").exists()


async def test_a_folder_of_tenants(tmp_path: Path) -> None:
    for name in ("a", "b"):
        async with Sandbox(dossiers=2, limits="off") as sandbox:
            command = ("harvest", "elements", "--out", tmp_path / name, *FAST)
            assert (await run(*command, env=environment(sandbox))).code == 0
    async with ProcuraSandbox(dossiers=2) as procura:
        command = ("harvest", "procura", "--out", tmp_path / "b", *FAST)
        assert (await run(*command, env=environment(procura))).code == 0
    (tmp_path / "empty").mkdir()
    names = ["a/elements", "b/elements", "b/procura"]

    figures = json.loads((await run("report", tmp_path, "--json", "--out", tmp_path / "r")).out)
    assert [*figures["apis"]] == names
    assert figures["quota"] is None
    assert [bool(each["quota"]) for each in figures["apis"].values()] == [True, True, True]
    page = (tmp_path / "r").read_text()
    for title in ("a: Elements", "b: Elements", "b: Procura", "Quota of a", "Quota of b"):
        assert f"<h2>{title}</h2>" in page

    status = json.loads((await run("status", tmp_path, "--json")).out)
    assert [*status] == names
    assert all(each["complete"] for each in status.values())
    words = await run("status", tmp_path)
    assert words.out.count("store    ") == len(names)
    metrics = await run("status", tmp_path, "--prometheus")
    for labels in ('api="elements",tenant="a"', 'api="elements",tenant="b"'):
        assert labels in metrics.out
    drift = json.loads((await run("schema", "drift", tmp_path, "--json")).out)
    assert sum(drift["bodies"].values()) > 0

    nothing = await run("status", tmp_path / "empty")
    assert (nothing.code, "holds no harvest" in nothing.err) == (2, True)
