"""The lock between processes: it can be looked at, and a look is in nobody's way."""

import fcntl
import os
from pathlib import Path

import pytest

from elements_procura._lock import FileLock


def test_a_look_tells_whether_it_is_held_and_makes_nothing(tmp_path: Path) -> None:
    lock = FileLock(tmp_path / "a.lock")
    assert not lock.held()
    assert not lock.path.exists()
    assert lock.acquire()
    assert FileLock(lock.path).held()
    assert FileLock(lock.path).holder().startswith(f"process {os.getpid()} on ")
    lock.release()
    assert not lock.held()
    assert lock.path.exists()


def test_who_only_looks_is_not_taken_for_a_holder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = FileLock(tmp_path / "a.lock")
    lock.path.touch()
    looker = os.open(lock.path, os.O_RDONLY)
    fcntl.flock(looker, fcntl.LOCK_SH)
    flock, tries = fcntl.flock, []

    def counted(descriptor: int, operation: int) -> None:
        tries.append(operation)
        if len(tries) == 5:
            os.close(looker)
        flock(descriptor, operation)

    monkeypatch.setattr(fcntl, "flock", counted)
    assert lock.acquire()
    assert len(tries) >= 5
    second = FileLock(lock.path)
    assert not second.acquire()
    lock.release()
