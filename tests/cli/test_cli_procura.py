"""`harvest procura` as a user runs it."""

import datetime as dt
import json
import signal
import stat
from pathlib import Path

import pytest

from elements_procura.errors import ConfigError
from elements_procura.fleet import TenantSpec
from elements_procura.fleet._tenant_run import _folder
from elements_procura.harvest import Store
from elements_procura.procura.settings import _period
from elements_procura.sandbox import Fault, ProcuraSandbox, Sandbox
from tests.cli.cli_running import environment, harvested, run, start, until_asked

COMMAND = ("harvest", "procura", "--per-second", "1000")


async def test_all_dossiers_are_harvested_and_equal(tmp_path: Path) -> None:
    async with ProcuraSandbox(dossiers=40, seed=2) as sandbox:
        out = tmp_path / "h"
        done = await run(*COMMAND, "--out", out, "--json", env=environment(sandbox))
        assert done.code == 0, done.err
        printed = json.loads(done.out)
        assert (printed["complete"], printed["harvested"]) == (True, 40)
        assert printed["store"] == str(out / "procura.sqlite")
        assert printed["requests"] == len(sandbox.log)
        assert harvested(out / "procura.sqlite") == set(sandbox.dossier_ids)
        assert check_equal(out, sandbox) >= 80
        assert stat.S_IMODE((out / "procura.sqlite").stat().st_mode) == 0o600
        assert not (out / "quota.sqlite").exists()  # no limit is documented: nothing to count
        sent = len(sandbox.log)
        again = await run(*COMMAND, "--out", out, "--resume", "--json", env=environment(sandbox))
        assert (again.code, json.loads(again.out)) == (0, printed)
        assert len(sandbox.log) == sent


def check_equal(out: Path, sandbox: ProcuraSandbox) -> int:
    """Compare every stored answer with the sandbox's own; how many there are."""
    truth: dict[str, bytes] = {}
    for dossier in sandbox.dossier_ids:
        truth |= sandbox.truth(dossier)
    with Store.read(out / "procura.sqlite") as store:
        stored = {each.path: each.body for each in store.documents() if each.kind != "row"}
    assert stored == {path: truth[path] for path in stored}
    return len(stored)


async def test_both_apis_share_a_directory(tmp_path: Path) -> None:
    async with ProcuraSandbox(dossiers=3) as procura, Sandbox(dossiers=2, limits="off") as elements:
        env = environment(procura) | environment(elements)
        assert (await run(*COMMAND, "--out", tmp_path, env=env)).code == 0
        fast = ("--per-second", "300")
        done = await run("harvest", "elements", *fast, "--out", tmp_path, env=env)
        assert done.code == 0, done.err
        names = {each.name for each in tmp_path.glob("*.sqlite")}
        assert names == {"elements.sqlite", "procura.sqlite", "quota.sqlite"}


async def test_a_period_is_remembered_by_its_store(tmp_path: Path) -> None:
    async with ProcuraSandbox(dossiers=30, seed=5) as sandbox:
        env = environment(sandbox)
        first, last = dt.date(2023, 6, 1), dt.date(2024, 3, 31)
        wanted = {case.id for case in sandbox.cases if first <= case.entered.date() <= last}
        assert 0 < len(wanted) < 30
        period = ("--first", "2023-06-01", "--last", "2024-03-31")
        begun = await run(*COMMAND, "--out", tmp_path, *period, "--max-requests", "8", env=env)
        assert begun.code == 6, begun.err
        other = ("--first", "2023-06-02", "--last", "2024-03-31")
        refused = await run(*COMMAND, "--out", tmp_path, "--resume", *other, env=env)
        assert refused.code == 2
        assert "begun with another first, last" in refused.err
        done = await run(*COMMAND, "--out", tmp_path, "--resume", env=env)
        assert done.code == 0, done.err
        assert harvested(tmp_path / "procura.sqlite") == wanted


async def test_only_details_are_fetched_when_only_they_are_asked_for(tmp_path: Path) -> None:
    async with ProcuraSandbox(dossiers=6) as sandbox:
        env = environment(sandbox)
        done = await run(*COMMAND, "--out", tmp_path, "--include", "details", env=env)
        assert done.code == 0, done.err
        assert not [each for each in sandbox.log if each.path.endswith("/documents")]


async def test_ctrl_c_saves_and_names_the_command_that_goes_on(tmp_path: Path) -> None:
    async with ProcuraSandbox(dossiers=60, seed=3, min_latency=0.02) as sandbox:
        env, out = environment(sandbox), tmp_path / "h"
        process = await start(*COMMAND, "--workers", "2", "--out", out, env=env)
        await until_asked(sandbox, 40)
        process.send_signal(signal.SIGTERM)
        _, err = await process.communicate()
        assert process.returncode == 130
        resume = err.decode().split("resume: elements-procura ", 1)[1].strip()
        with Store.read(out / "procura.sqlite") as store:
            stored = dict(store.bodies())
        assert stored
        done = await run(*resume.split(), env=env)
        assert done.code == 0, done.err
        asked = [entry.path for entry in sandbox.log if entry.method == "GET"]
        assert [path for path in stored if asked.count(path) > 1] == []
        assert check_equal(out, sandbox) >= 120


async def test_ctrl_c_before_there_is_a_store_leaves_none(tmp_path: Path) -> None:
    stalled = Fault(kind="stall", match="POST /oauth/token", seconds=3.0)
    async with ProcuraSandbox(dossiers=2, faults=(stalled,)) as sandbox:
        process = await start(*COMMAND, "--out", tmp_path / "h", env=environment(sandbox))
        await until_asked(sandbox, 1)
        process.send_signal(signal.SIGINT)
        _, err = await process.communicate()
        assert process.returncode == 130, err
        assert b"stopping: " in err
        assert b"Traceback" not in err
        assert not (tmp_path / "h" / "procura.sqlite").exists()
        assert len(sandbox.log) == 1


async def test_a_quarantine_exits_3_and_can_be_retried(tmp_path: Path) -> None:
    async with ProcuraSandbox(dossiers=5) as sandbox:
        env, command = environment(sandbox), (*COMMAND, "--out", tmp_path)
        sandbox.add_fault(Fault(kind="html", match=f"GET *{sandbox.dossier_ids[0]}"))
        assert (await run(*command, env=env)).code == 3
        sandbox.clear_faults()
        retried = await run(*command, "--resume", "--retry-quarantined", env=env)
        assert retried.code == 0, retried.err


@pytest.mark.parametrize(
    ("changes", "code", "says"),
    [
        ({"PROCURA_CLIENT_SECRET": ""}, 2, "Set PROCURA_CLIENT_SECRET"),
        ({"PROCURA_CLIENT_SECRET": "canary-s3cret"}, 4, "Check client id and secret"),
        ({"PROCURA_URL": "http://example.org"}, 2, "Use https"),
        ({"PROCURA_URL": "http://127.0.0.1:9"}, 5, "refused"),
        ({"PROCURA_CLIENT_ID": "a:b"}, 2, "holds a colon"),
    ],
)
async def test_bad_settings_are_told_and_nothing_is_begun(
    tmp_path: Path, changes: dict[str, str], code: int, says: str
) -> None:
    async with ProcuraSandbox(dossiers=2) as sandbox:
        env = environment(sandbox, **changes)
        done = await run("-vv", *COMMAND, "--out", tmp_path / "h", env=env)
    assert done.code == code, done.err
    assert says in done.err
    assert "  next: " in done.err
    assert "Traceback" not in done.err
    assert "canary-s3cret" not in done.err
    assert not (tmp_path / "h").exists()


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--include", "klanten"), "Choose among details, documents"),
        (("--first", "yesterday"), "Give YYYY-MM-DD"),
        (("--last", "1899-12-31"), "--first is after last"),
        (("--first", "2024-02-30"), "--first must be a day"),
    ],
)
async def test_options_that_cannot_be_read_exit_2_and_send_nothing(
    tmp_path: Path, options: tuple[str, str], says: str
) -> None:
    async with ProcuraSandbox(dossiers=2) as sandbox:
        done = await run(*COMMAND, "--out", tmp_path / "h", *options, env=environment(sandbox))
        assert done.code == 2, done.err
        assert says in done.err
        assert len(sandbox.log) == 0
    assert not (tmp_path / "h").exists()


def test_a_directory_is_not_taken_away_once_another_harvest_uses_it(tmp_path: Path) -> None:
    out = tmp_path / "h"
    spec = TenantSpec.from_dict(
        {"name": "m", "api": "procura", "out": out, "url": "https://a.example", "client_id": "b"}
    )

    def refused(leaving: str) -> None:
        with _folder(spec):
            (out / leaving).touch()
            raise ConfigError("wrong")

    with pytest.raises(ConfigError):
        refused("quota.sqlite")
    assert not out.exists()
    with pytest.raises(ConfigError):
        refused("elements.sqlite")  # of another process, meanwhile
    assert (out / "elements.sqlite").exists()


async def test_a_store_is_never_another_clients(tmp_path: Path) -> None:
    """One server may hold several municipalities; the client decides which one answers."""
    async with ProcuraSandbox(dossiers=2) as sandbox:
        env = environment(sandbox)
        assert (await run(*COMMAND, "--out", tmp_path, env=env)).code == 0
        other = env | {"PROCURA_CLIENT_ID": "other"}
        done = await run(*COMMAND, "--out", tmp_path, "--resume", env=other)
        assert done.code == 1
        assert "another tenant" in done.err


async def test_a_page_size_and_a_row_that_cannot_be_read(tmp_path: Path) -> None:
    async with ProcuraSandbox(dossiers=20, seed=5) as sandbox:
        env = environment(sandbox)
        for wrong in ("0", "5001", "x"):
            refused = await run(*COMMAND, "--out", tmp_path, "--page-size", wrong, env=env)
            assert refused.code == 2
        sandbox.slow_down(1.5)  # six rows at a time
        bad = sandbox.dossier_ids[7]
        sandbox.break_row(bad, field="status_date")
        await run(*COMMAND, "--out", tmp_path, "--page-size", "6", env=env)
        assert harvested(tmp_path / "procura.sqlite") == set(sandbox.dossier_ids) - {bad}


@pytest.mark.parametrize(
    ("at", "day"),
    [
        ("2024-06-30T22:30:00+00:00", dt.date(2024, 7, 1)),
        ("2024-12-31T22:30:00+00:00", dt.date(2024, 12, 31)),
        ("2024-12-31T23:30:00+00:00", dt.date(2025, 1, 1)),
    ],
)
def test_the_last_day_is_today_in_the_netherlands(
    monkeypatch: pytest.MonkeyPatch, at: str, day: dt.date
) -> None:
    class Clock(dt.datetime):
        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> "Clock":
            return cls.fromisoformat(at).astimezone(tz)

    monkeypatch.setattr(dt, "datetime", Clock)
    assert _period(None, None) == (dt.date(1900, 1, 1), day)


async def test_a_row_that_cannot_be_read_is_told_until_somebody_has_seen_it(tmp_path: Path) -> None:
    async with ProcuraSandbox(dossiers=20, seed=5) as sandbox:
        env = environment(sandbox)
        bad = sandbox.cases[7]
        sandbox.break_row(bad.id, field="status_date")
        done = await run(*COMMAND, "--out", tmp_path, env=env)
        assert done.code == 3, done.err
        assert f"at least 1: {bad.entered.date()}, type " in done.err
        assert bad.kind.code in done.err
        accepted = await run(*COMMAND, "--out", tmp_path, "--refresh", "--accept", "rows", env=env)
        assert accepted.code == 0, accepted.err
        sandbox.heal_row(bad.id)
        healed = await run(*COMMAND, "--out", tmp_path, "--refresh", env=env)
        assert healed.code == 0, healed.err
        assert harvested(tmp_path / "procura.sqlite") == set(sandbox.dossier_ids)
