"""The lock between processes: it can be looked at, and a look is in nobody's way."""

import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest

from elements_procura.disk.lock import FileLock


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


def held_by_a_child(then: str) -> str:
    """A child is forked while the lock is held; ``then`` runs, and somebody else tries."""
    return f"""
import os, pathlib, subprocess, sys
from elements_procura.disk.lock import FileLock
lock = FileLock(pathlib.Path(sys.argv[1]))
assert lock.acquire()
reading, writing = os.pipe()
child = os.fork()
if not child:
    os.close(writing)
    {then}
    os.read(reading, 1)
    os._exit(0)
os.close(reading)
code = "import pathlib, sys; from elements_procura.disk.lock import FileLock;"
code += "print(FileLock(pathlib.Path(sys.argv[1])).acquire())"
def free():
    other = subprocess.run([sys.executable, "-c", code, sys.argv[1]], stdout=subprocess.PIPE)
    return other.stdout.strip().decode()
told = [free()]
lock.release()
told.append(free())
os.close(writing)
os.waitpid(child, 0)
print(*told)
"""


@pytest.mark.parametrize("then", ["pass", "lock.release()", "del lock"])
def test_whoever_took_it_releases_it_and_nobody_else(tmp_path: Path, then: str) -> None:
    """Also while a child lives that was forked inside; the child's own release takes nothing."""
    ended = subprocess.run(
        [sys.executable, "-c", held_by_a_child(then), str(tmp_path / "a.lock")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert ended.stdout.split() == ["False", "True"]
