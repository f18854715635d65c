"""Real processes on one file, before a server that counts strictly."""

import sqlite3
import time
from pathlib import Path

import pytest

from elements_procura.errors import StoreError
from elements_procura.scheduler import FileGate, Scheduler
from tests.scheduler.sharing.kit import refused, shares, stage


def test_four_processes_never_send_too_many(tmp_path: Path) -> None:
    """One of them is killed, another stands still for a while: the others go on."""
    with stage(f"file:{tmp_path / 'gate.db'}") as on:
        for name in "abcd":
            on.call(name)
        on.until(20)
        on.kill("a")
        on.stop("b")
        time.sleep(4.5)  # longer than a silent process keeps its places
        on.wake("b")
        woken = len(on.log())
        on.until(woken + 15)
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
    with pytest.raises(StoreError, match=r"gate\.db cannot be used"):
        await nowhere.acquire()
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
