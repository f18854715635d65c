"""status and plan from a second terminal: of running, finished and killed harvests of both APIs."""

import asyncio
import contextlib
import json
import os
import re
import shutil
import signal
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from elements_procura.disk.sqlite import looking
from elements_procura.harvest import Store
from elements_procura.sandbox import Sandbox
from elements_procura.scheduler import Count, Rate, SqliteLedger
from elements_procura.spec.source import Discovery, Root, Row, Want
from tests.cli.cli_running import environment, run, start

FAST = ("--per-second", "2000", "--per-day", "6000000")
NOW = 1_800_000_000.0


async def told(command: str, store: Path, *more: str) -> dict[str, Any]:
    done = await run(command, store, *more, "--json")
    assert done.code == 0, done.err
    found: dict[str, Any] = json.loads(done.out)
    return found


@contextlib.contextmanager
def untouched(folder: Path) -> Iterator[None]:
    """Inside, nothing in the folder is made, changed or removed."""

    def all_files() -> dict[str, tuple[int, bytes]]:
        return {
            path.name: (path.stat().st_mtime_ns, path.read_bytes()) for path in folder.iterdir()
        }

    before = all_files()
    yield
    assert all_files() == before


def store_of_procura(path: Path, dossiers: int) -> None:
    """A store that lists so many dossiers, each with a detail and its documents to go."""
    with Store.create(path, tenant="procura 1") as store:
        roots = [
            Root(
                f"d{number}",
                Discovery(
                    (Want("birth", f"/b/{number}"), Want("documents", f"/d/{number}/documents"))
                ),
            )
            for number in range(dossiers - 1)
        ]
        kept = Root("other", Discovery(), (Want("row", "/d/other"), Row(b"{}")))
        store.add_dossiers([*roots, kept], listing=store.begin_listing(api="procura"))
        store.finish_listing(
            include=["details", "documents"], requests=3, listing=1, lists_all=True,
            accept_vanished=False,
        )  # fmt: skip


# -- status ------------------------------------------------------------------------------------


async def test_a_running_harvest_is_looked_at_without_stopping_it(tmp_path: Path) -> None:
    async with Sandbox(dossiers=40, seed=5, limits="off", min_latency=0.02) as sandbox:
        env = environment(sandbox)
        process = await start("harvest", "elements", "--out", tmp_path, *FAST, env=env, cold=True)
        async with asyncio.timeout(120):
            while len(sandbox.log) < 200:  # noqa: ASYNC110 - the log tells nobody
                await asyncio.sleep(0.005)
        process.send_signal(signal.SIGSTOP)
        try:
            sent = len(sandbox.log)
            found = await told("status", tmp_path)
            words = (await run("status", tmp_path)).out
            assert len(sandbox.log) - sent <= 32  # those that were under way
        finally:
            process.send_signal(signal.SIGCONT)
        assert found["harvester"].startswith(f"process {process.pid} on ")
        assert found["resources"] > 50
        assert 0 <= found["last_answer_seconds"] < 600
        assert found["quota"][0]["seconds"] == 86_400
        assert found["quota"][0]["used"] >= found["quota"][0]["used_by_harvests"] > 100
        assert re.search(r"^now      process \d+ on .* is harvesting into it$", words, re.MULTILINE)
        assert re.search(r"^last     answer stored \d+ s ago, \d{4}-", words, re.MULTILINE)
        assert re.search(r"^quota    \d+ requests in the last 24 h, \d+ of", words, re.MULTILINE)
        _, err = await process.communicate()
        assert process.returncode == 0, err


async def test_of_a_finished_harvest_nothing_is_made_beside_it(tmp_path: Path) -> None:
    async with Sandbox(dossiers=4, limits="off") as sandbox:
        done = await run("harvest", "elements", "--out", tmp_path, *FAST, env=environment(sandbox))
        assert done.code == 0, done.err
    assert not list(tmp_path.glob("*-wal"))
    with untouched(tmp_path):
        found = await told("status", tmp_path)
    assert found["harvester"] is None
    assert (found["complete"], found["harvested"]) == (True, 4)
    assert found["stale_days"].keys() == {"median", "p95", "oldest"}
    words = (await run("status", tmp_path / "elements.sqlite")).out
    assert "now      nobody is harvesting into it" in words
    assert "stale    median " in words


async def test_what_a_killed_harvest_left_in_its_log_is_seen(tmp_path: Path) -> None:
    (tmp_path / "killed").mkdir()
    source = tmp_path / "elements.sqlite"
    with Store.create(source, tenant="elements 1") as store:
        roots = [Root(number, Discovery((Want("dossier", f"/d/{number}"),))) for number in range(7)]
        store.add_dossiers(roots, listing=store.begin_listing())
        for suffix in ("", "-wal"):  # all that a power cut would leave
            shutil.copy(f"{source}{suffix}", tmp_path / "killed")
    assert (tmp_path / "killed" / "elements.sqlite-wal").stat().st_size
    found = await told("status", tmp_path / "killed")
    assert (found["dossiers"], found["last_answer"], found["stale_days"]) == (7, None, None)


async def test_both_apis_of_a_directory_are_told(tmp_path: Path) -> None:
    Store.create(tmp_path / "elements.sqlite", tenant="elements 1").close()
    store_of_procura(tmp_path / "procura.sqlite", 5)
    found = await told("status", tmp_path)
    assert (found["elements"]["dossiers"], found["procura"]["dossiers"]) == (0, 5)
    assert found["procura"]["store"].endswith("procura.sqlite")
    words = (await run("status", tmp_path)).out
    assert words.count("store    ") == 2
    assert (await told("status", tmp_path / "procura.sqlite"))["dossiers"] == 5
    (tmp_path / "empty").mkdir()
    nothing = await run("status", tmp_path / "empty")
    assert (nothing.code, "it would be called elements.sqlite" in nothing.err) == (2, True)
    missing = await run("status", tmp_path / "missing")
    assert (missing.code, "next: Name the --out of a harvest" in missing.err) == (2, True)


@pytest.mark.parametrize("broken", ["quota.sqlite", "elements.sqlite"])
async def test_a_damaged_file_hides_nothing_beside_it(tmp_path: Path, broken: str) -> None:
    Store.create(tmp_path / "elements.sqlite", tenant="elements 1").close()
    store_of_procura(tmp_path / "procura.sqlite", 5)
    (tmp_path / broken).write_bytes(b"no database" * 500)
    done = await run("status", tmp_path, "--json")
    assert (done.code, done.err.count("error["), broken in done.err) == (1, 1, True)
    found = json.loads(done.out)
    assert found["procura"]["dossiers"] == 5
    assert found["procura"]["quota"] == [], "nobody counts the day of an API without a limit"
    if broken == "quota.sqlite":
        assert found["elements"]["quota"] is None
    assert ("elements" in found) == (broken == "quota.sqlite")
    words = await run("status", tmp_path)
    assert (words.code, words.out.count("store    ")) == (1, len(found))
    metrics = await run("status", tmp_path, "--prometheus")
    assert (metrics.code, 'api="procura"' in metrics.out) == (1, True)


# -- plan --------------------------------------------------------------------------------------


async def test_the_plan_of_procura_is_its_queue_and_has_no_quota(tmp_path: Path) -> None:
    store_of_procura(tmp_path / "procura.sqlite", 41)
    found = await told("plan", tmp_path)
    exactly = {"low": 80.0, "expected": 80.0, "high": 80.0}
    assert (found["dossiers"], found["requests"], found["verified"]) == (40, exactly, True)
    assert found["hours"]["expected"] == found["quota_days"]["expected"] == 0
    words = (await run("plan", tmp_path)).out
    assert words == (
        "plan     40 dossiers to go\nrequests 80\nfrom     the queue: nothing in it leads to more\n"
    )
    slow = await run("plan", tmp_path, "--per-second", "1")
    assert "hours    0.0" in slow.out


async def test_the_plans_of_both_apis_are_told_and_those_that_cannot_be_made(
    tmp_path: Path,
) -> None:
    store_of_procura(tmp_path / "procura.sqlite", 41)
    Store.create(tmp_path / "elements.sqlite", tenant="elements 1").close()
    done = await run("plan", tmp_path)
    assert (done.code, "are not listed yet" in done.err) == (2, True)
    with Store.open(tmp_path / "elements.sqlite", tenant="elements 1") as store:
        roots = [Root(number, Discovery((Want("dossier", f"/d/{number}"),))) for number in range(9)]
        store.add_dossiers(roots, listing=store.begin_listing(api="elements"))
        store.finish_listing(
            include=["klanten"], requests=1, listing=1, lists_all=True, accept_vanished=False
        )
    found = await told("plan", tmp_path)
    assert (found["elements"]["dossiers"], found["procura"]["dossiers"]) == (9, 40)
    assert found["elements"]["verified"] is False
    assert found["elements"]["quota_days"]["high"] > 0
    words = (await run("plan", tmp_path)).out
    assert words.count("store    ") == 2
    assert "unverified" in words


# -- looking -----------------------------------------------------------------------------------


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with contextlib.closing(_writer(tmp_path / "a.sqlite")) as connection:
        connection.execute("CREATE TABLE t (x)")
        connection.execute("INSERT INTO t VALUES (1)")
    return tmp_path / "a.sqlite"


def _writer(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    return connection


def _rows(path: Path, *, brief: bool) -> list[int]:
    with contextlib.closing(looking(path, timeout=1.0, brief=brief)) as connection:
        return [row[0] for row in connection.execute("SELECT x FROM t ORDER BY x")]


def test_a_brief_look_makes_nothing(path: Path) -> None:
    with untouched(path.parent):
        assert _rows(path, brief=True) == [1]


def test_a_folder_that_may_not_be_written_can_be_looked_into(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda _path, mode: mode != os.W_OK)
    with untouched(path.parent):
        assert _rows(path, brief=False) == [1]


@pytest.mark.parametrize("brief", [False, True])
def test_what_a_writer_has_committed_is_seen_while_it_goes_on(path: Path, brief: bool) -> None:
    with contextlib.closing(_writer(path)) as connection:
        connection.execute("INSERT INTO t VALUES (2)")
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO t VALUES (3)")
        assert _rows(path, brief=brief) == [1, 2]
        connection.execute("COMMIT")
        assert _rows(path, brief=brief) == [1, 2, 3]


def test_a_ledger_is_counted_without_touching_it(tmp_path: Path) -> None:
    ledger = SqliteLedger(tmp_path / "quota.sqlite")
    day = Rate(100_000, 86_400)
    for begin, total, bulk in ((NOW - 90_000, 7, 7), (NOW - 80_000, 5, 4), (NOW, 2, 2)):
        ledger.add(day, Count(begin, total, bulk))
    ledger.add(Rate(10, 3_600), Count(NOW - 60, 1, 0))
    ledger.close()
    with untouched(tmp_path):
        found = SqliteLedger.used(tmp_path / "quota.sqlite", now=NOW)
    assert found == {
        3_600.0: Count(NOW - 60, 1, 0),
        86_400.0: Count(NOW - 80_000, 7, 6),
    }
