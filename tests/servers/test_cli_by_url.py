"""Every command takes the URL of a store in a server."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from elements_procura.cli import cli
from elements_procura.harvest import Store, harvest
from elements_procura.sandbox import Sandbox
from tests.cli.cli_running import environment
from tests.cli.cli_running import run as run_apart
from tests.harvest.harvesting import TENANT, small
from tests.servers.postgres import fresh


@pytest.fixture
def where() -> Iterator[str]:
    with fresh() as where:
        yield where


def run(*words: str | Path) -> Result:
    result = CliRunner().invoke(cli, [*map(str, words)])
    assert result.exit_code == 0, (result.output, result.stderr, result.exception)
    return result


async def filled(where: str) -> None:
    async with small(dossiers=6) as (_, elements):
        with Store.create(where, tenant=TENANT) as store:
            async for _ in harvest(elements, store):
                pass


async def test_every_command_that_looks_takes_a_url(
    where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    await filled(where)
    status = json.loads(run("status", where, "--json", "--verify").stdout)
    assert (status["complete"], status["dossiers"], status["harvester"]) == (True, 6, None)
    assert status["verified"]["damaged"] == []
    assert status["store"] == where
    assert "6/6 dossiers" in run("status", where).output
    assert "elements" in run("status", where, "--prometheus").stdout
    run("export", where, "--to", "csv", "--out", tmp_path / "tables")
    assert (tmp_path / "tables" / "_manifest.json").exists()
    run("report", where)
    assert "6" in (tmp_path / "report.html").read_text()
    assert json.loads(run("plan", where, "--json").stdout)
    assert json.loads(run("schema", "drift", where, "--json").stdout)


async def test_a_harvest_into_a_url_is_planned_shown_and_gone_on_with(
    where: str, tmp_path: Path
) -> None:
    more = "sslmode=prefer"
    async with Sandbox(dossiers=6, seed=3, limits="off") as sandbox:
        words = ["harvest", "elements", "--out", str(tmp_path), "--store", f"{where}&{more}"]
        words += ["--per-second", "1000"]
        first = await run_apart(*words, "--max-requests", "40", env=environment(sandbox))
        assert (first.code, more in first.err) == (6, True), first.err  # may be gone on with
        assert "plan" in first.err
        rest = await run_apart(*words, "--resume", "--json", "-q", env=environment(sandbox))
        assert (rest.code, json.loads(rest.out)["complete"]) == (0, True), rest.err
        night = await run_apart(*words, "--refresh", env=environment(sandbox))
        assert night.code == 0, night.err


async def test_a_store_is_copied_by_a_command(where: str, tmp_path: Path) -> None:
    await filled(where)
    run("store", "copy", where, tmp_path / "elements.sqlite")
    assert json.loads(run("status", tmp_path, "--json").stdout)["complete"] is True
    with fresh() as other:
        run("store", "copy", f"sqlite:///{tmp_path}/elements.sqlite", other)
        assert json.loads(run("status", other, "--json").stdout)["complete"] is True
        again = CliRunner().invoke(cli, ["store", "copy", where, other])
        assert again.exit_code == 1
        assert "exists already" in again.stderr


def test_a_bad_url_is_a_usage_error() -> None:
    for where in ("postgresql://a:geheim@db/x?store=s", "postgresql://db/x", "nonsense://x"):
        result = CliRunner().invoke(cli, ["status", where])
        assert result.exit_code == 2
        assert "geheim" not in result.output
