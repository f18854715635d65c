"""The commands of persons' rights, and the list that a harvest elsewhere goes by."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from elements_procura.cli import cli
from elements_procura.export import export
from elements_procura.fleet import harvest_tenants
from elements_procura.harvest import Store, StoreReader
from elements_procura.harvest.erasure.lists import read_list
from elements_procura.rights import save_suppression
from tests.cli.cli_running import environment
from tests.cli.cli_running import run as ran
from tests.fleet.fleet_kit import spec_of
from tests.rights.kit import BSN, MARKS, marks_below, marks_in, run, sandbox_of_one


def command(*words: Any, given: str = "", code: int = 0) -> str:
    """What a command says in all; never a mark."""
    result = CliRunner().invoke(cli, [*map(str, words)], input=given)
    assert result.exit_code == code, result.output
    return result.output


def test_somebody_is_erased_by_a_command(path: Path, tmp_path: Path) -> None:
    out = tmp_path / "tables"
    export(path, out, to="csv", kinds=["particulier"])
    told = command("erase", path, "--person", "-", given=f"{BSN}\n")
    assert "nothing was changed" in told
    assert f"export   {out}: written anew" in told
    as_json = command("erase", path, "--person", "-", "--json", "--dry-run", given=f"{BSN}\n")
    assert not [mark for mark in MARKS if mark in told + as_json]
    assert json.loads(as_json)["elements"]["done"] is False
    assert marks_in(path) == MARKS
    for words in (["--dossier", "1"], ["--yes", "--dry-run"], ["--suppression", str(path)]):
        command("erase", path, "--person", "1", *words, code=2)

    disclosed = tmp_path / "told.json"
    command("person", path, "-", "--out", disclosed, given=f"{BSN}\n")
    assert disclosed.stat().st_mode & 0o777 == 0o600
    assert not [mark for mark in MARKS if mark not in disclosed.read_text()]
    disclosed.unlink()

    assert "erased   elements" in command("erase", path, "--person", "-", "--yes", given=BSN)
    assert marks_below(tmp_path) == marks_below(path.parent) == []
    assert marks_in(path) == []
    listed = command("suppression", path, "--out", tmp_path / "list.json")
    assert "list.json" in listed
    assert command("suppression", path, "--out", tmp_path / "list.json", code=2)
    with StoreReader.read(path) as reader:
        assert read_list(tmp_path / "list.json") == reader.suppressed()


def test_what_others_hold_open_ends_with_one(path: Path, tmp_path: Path) -> None:
    file = tmp_path / "t.duckdb"
    export(path, file, to="duckdb")
    file.write_bytes(b"no database")
    told = command("erase", path, "--person", BSN, "--yes", code=1)
    assert "could not be written" in told
    assert "erase once more" in told


async def test_a_harvest_elsewhere_goes_by_a_list(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with sandbox_of_one() as sandbox, sandbox.client() as client:
        spec = spec_of(sandbox, tmp_path / "a", monkeypatch)
        first = tmp_path / "first.sqlite"
        with Store.create(first, tenant=spec.settings.tenant) as store:
            await run(client, store)
        command("erase", first, "--person", BSN, "--yes")
        save_suppression([first], tmp_path / "list")
        more = {"suppression": str(tmp_path / "list")}
        spec = spec_of(sandbox, tmp_path / "a", monkeypatch, **more)
        for _ in range(2):  # a new store, and one that is there
            (outcome,) = (await harvest_tenants([spec])).values()
            assert outcome.exit_code == 0
            assert marks_in(Path(spec.where)) == []
        # That of another tenant is refused, before any dossier is asked for.
        command("erase", path, "--person", BSN, "--yes")
        save_suppression([path], tmp_path / "another")
        more = {"suppression": str(tmp_path / "another")}
        spec = spec_of(sandbox, tmp_path / "b", monkeypatch, **more)
        sandbox.log.clear()
        (outcome,) = (await harvest_tenants([spec])).values()
        assert "another tenant" in outcome.message
        assert [each.path for each in sandbox.log] == ["/oauth/access_token"]


async def test_tenants_of_one_file_have_lists_of_their_own(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A list of another tenant stops the one that it is given to, and nobody else."""
    async with sandbox_of_one() as one, sandbox_of_one() as other:
        env = environment()
        tables: dict[str, dict[str, Any]] = {}
        for name, sandbox in (("one", one), ("other", other)):
            given = dict(sandbox.credentials)
            env[f"ELEMENTS_CLIENT_SECRET_{name.upper()}"] = str(given.pop("client_secret"))
            tables[name] = {"api": "elements", "host": sandbox.url, **given, "per_second": 300}
            tables[name]["suppression"] = str(tmp_path / f"list of {name}")
        lines = [
            f"[tenants.{name}]\n"
            + "\n".join(f"{key} = {json.dumps(it)}" for key, it in table.items())
            for name, table in tables.items()
        ]
        (tmp_path / "tenants.toml").write_text("\n".join(lines))
        files = ("--config", tmp_path / "tenants.toml", "--out", tmp_path / "out")
        tenant = spec_of(one, tmp_path, monkeypatch).settings.tenant
        first = tmp_path / "first.sqlite"
        async with one.client() as client:
            with Store.create(first, tenant=tenant) as store:
                await run(client, store)
        for name, where in (("one", first), ("other", path)):
            command("erase", where, "--person", BSN, "--yes")
            command("suppression", where, "--out", tmp_path / f"list of {name}")
        other.log.clear()
        done = await ran("harvest", "tenants", *files, "--json", env=env)
        told = json.loads(done.out)["tenants"]
        assert told["one"]["exit"] == 0, done.err
        assert marks_below(tmp_path / "out" / "one") == []
        assert (told["other"]["exit"], told["other"]["error"]) == (1, "store")
        assert "another tenant" in done.err
        assert [each.path for each in other.log] == ["/oauth/access_token"]
