"""Real processes on one file, before a server that counts strictly."""

import contextlib
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from elements_procura.clock import SystemClock
from elements_procura.errors import ConfigError, StoreError
from elements_procura.scheduler import FileGate, Scheduler, file
from elements_procura.scheduler.file import FileTurns
from tests.clock import FakeClock
from tests.scheduler.sharing.kit import refused, shares, stage
from tests.scheduler.sharing.test_account_rule import ask, used


def test_four_processes_never_send_too_many(tmp_path: Path) -> None:
    """One of them is killed, another stands still for a while: the others go on."""
    with stage(f"file:{tmp_path / 'gate.db'}") as on:
        woken = on.lose_two_of_four(more=15)
        found = on.end()
        log = on.log()
    assert not refused(log)
    assert not [error for each in found for error in each["errors"]]
    late = shares(log[woken:])
    assert set(late) == set("bcd")
    assert {each["name"] for each in found} == set("bcd")
    # A killed one may have had a few that it never sent.
    assert all(len(log) - 5 <= each["day"] <= len(log) + 5 for each in found)


async def test_a_file_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    nowhere = Scheduler(gate=FileGate(tmp_path / "none" / "gate.db", account="a"))
    with pytest.raises(StoreError, match=r"gate\.db cannot be used") as caught:
        await nowhere.acquire()
    assert "Make the folder" in str(caught.value.hint)
    await nowhere.aclose()
    (tmp_path / "other").write_bytes(b"no database at all " * 100)
    other = Scheduler(gate=FileGate(tmp_path / "other", account="a"))
    with pytest.raises(StoreError, match="not a database"):
        await other.acquire()
    await other.aclose()


async def test_two_gates_in_one_process_share_a_file(tmp_path: Path) -> None:
    schedulers = [Scheduler(gate=FileGate(tmp_path / "g.db", account="a")) for _ in range(2)]
    for scheduler in schedulers:
        (await scheduler.acquire()).finish(status=200)
    other = Scheduler(gate=FileGate(tmp_path / "g.db", account="b"))
    (await other.acquire()).abandon()
    for scheduler in (*schedulers, other):
        await scheduler.aclose()
    assert schedulers[1].quota()[1].used == 2
    with sqlite3.connect(tmp_path / "g.db") as file:
        assert file.execute("SELECT count(*) FROM gates").fetchone() == (2,)
    file.close()


@pytest.mark.parametrize("is_replaced", [False, True])
async def test_a_file_that_was_deleted_is_kept_once_not_twice(
    tmp_path: Path, *, is_replaced: bool
) -> None:
    """Whoever had it open would count for itself, and those who come later as well."""
    path = tmp_path / "g.db"
    one, other = (FileTurns(path, "a", SystemClock()) for _ in range(2))
    await one.turn(ask("one", 1))
    if is_replaced:
        with sqlite3.connect(tmp_path / "old") as file:
            file.execute("CREATE TABLE gates (account TEXT PRIMARY KEY, state TEXT)")
        file.close()
        (tmp_path / "old").replace(path)
    else:
        path.unlink()
    begun = await other.turn(ask("other", 1))
    assert (await one.turn(ask("one", 2)))["epoch"] == begun["epoch"]
    for each in (one, other):
        await each.aclose()


FORKS = """
import asyncio, os, sys
from elements_procura.scheduler import FileGate, Scheduler, file

scheduler = Scheduler(gate=FileGate(sys.argv[1], account="a"))

async def one():
    (await scheduler.acquire()).finish(status=200)
    owner = scheduler._gate._owner
    await scheduler.aclose()
    return owner

for _ in range(2):
    if not (child := os.fork()):
        os.write(1, (asyncio.run(one()) + chr(10)).encode())
        os._exit(0)
    os.waitpid(child, 0)
"""


def test_processes_that_are_forked_from_one_gate_are_not_one_owner(tmp_path: Path) -> None:
    """A server that loads the application before it forks makes its gate once."""
    given = [sys.executable, "-c", FORKS, str(tmp_path / "g.db")]
    said = subprocess.run(given, capture_output=True, text=True, check=True).stdout
    assert len({*said.split()}) == 2, said


@pytest.mark.parametrize("account", ["", "a\ud800", 7])
def test_an_account_is_a_text_that_can_be_written(tmp_path: Path, account: str) -> None:
    with pytest.raises(ConfigError, match="account must"):
        FileGate(tmp_path / "g.db", account=account)


@pytest.mark.parametrize("written", ["{half", "[1]", "null", '{"epoch": "x"}', 7, b"\x80"])
async def test_an_account_that_nobody_can_read_begins_cold(
    tmp_path: Path, written: object, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "gate.db"
    for spoiled in (False, True):
        if spoiled:
            with contextlib.closing(sqlite3.connect(path)) as file, file:
                file.execute("UPDATE gates SET state = ?", (written,))
        turns = FileGate(path, account="a")._open_turns(SystemClock())
        answer = await turns.turn(ask("one", 1, wants=[0, 1, 0]))
        assert (answer["grants"], answer["turn"]) == ([], 1)
        await turns.aclose()
    assert "a is spoiled" in caplog.text


async def test_a_file_that_is_none_of_sqlite_is_named_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "gate.db").write_bytes(b"nonsense" * 1000)
    scheduler = Scheduler(gate=FileGate(tmp_path / "gate.db", account="a"))
    with pytest.raises(StoreError, match="delete it"):
        await scheduler.acquire()
    await scheduler.aclose()


async def test_leaving_raises_nothing_whatever_the_store_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = FileGate(tmp_path / "gate.db", account="a")
    scheduler = Scheduler(gate=gate)
    (await scheduler.acquire()).finish(status=200)
    failed = []

    def fail(*_: object) -> None:
        failed.append(1)
        raise ZeroDivisionError

    monkeypatch.setattr(file, "turn", fail)
    await scheduler.aclose()
    assert failed


@pytest.mark.parametrize("table", ["meta (key TEXT)", "gates (number INTEGER)"])
async def test_a_database_of_somebody_else_is_left_as_it_is(tmp_path: Path, table: str) -> None:
    """A harvest's store as well."""
    path = tmp_path / "elements.sqlite"
    with contextlib.closing(sqlite3.connect(path)) as theirs, theirs:
        theirs.execute(f"CREATE TABLE {table}")
    before = path.read_bytes()
    scheduler = Scheduler(gate=FileGate(path, account="a"))
    with pytest.raises(StoreError, match="something else") as caught:
        await scheduler.acquire()
    await scheduler.aclose()
    assert "a file of its own" in str(caught.value.hint)
    assert path.read_bytes() == before


async def test_a_machine_that_was_started_anew_begins_cold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its clock begins anew, and what another boot has written says nothing to it."""
    clock = FakeClock()
    turns = FileTurns(tmp_path / "gate.db", "a", clock)
    await turns.turn(ask("one", 1))
    clock.monotonic += 2
    given = await turns.turn(ask("one", 2, wants=[0, 3, 0]))
    assert len(given["grants"]) == 3
    await turns.aclose()
    monkeypatch.setattr(file, "this_machine", lambda: "another life")
    clock.wall_offset += 7200
    again = FileTurns(tmp_path / "gate.db", "a", clock)
    found = await again.turn(ask("two", 1, wants=[0, 3, 0]))
    assert found["grants"] == []
    assert found["clock"] == pytest.approx(clock.wall())
    assert used(found) == (3, 0), "the day is the same"
    await again.aclose()


async def test_two_machines_cannot_share_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a network drive, that is: each would take the other's clock for its own."""
    here = FileTurns(tmp_path / "gate.db", "a", SystemClock())
    await here.turn(ask("one", 1))
    await here.aclose()
    monkeypatch.setattr(file, "this_machine", lambda: "there")
    scheduler = Scheduler(gate=FileGate(tmp_path / "gate.db", account="a"))
    with pytest.raises(StoreError, match="another machine") as caught:
        await scheduler.acquire()
    await scheduler.aclose()
    assert "RedisGate" in str(caught.value.hint)
