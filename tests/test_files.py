"""Lines are there whole or not at all, whatever the disk does."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from elements_procura.disk.lines import append_line
from elements_procura.disk.part_file import replace_file, sync_folder

LINE = b'{"a": "0123456789"}\n'


def appended(path: Path, line: bytes = LINE, how: int = os.O_RDWR) -> None:
    descriptor = os.open(path, how | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        append_line(descriptor, line)
    finally:
        os.close(descriptor)


@pytest.mark.parametrize("before", [b"", LINE, LINE + b'{"to', b"{", b"\n"])
def test_a_line_begins_on_its_own(tmp_path: Path, before: bytes) -> None:
    path = tmp_path / "a"
    path.write_bytes(before)
    appended(path)
    appended(path)
    between = b"\n" if before and not before.endswith(b"\n") else b""
    assert path.read_bytes() == before + between + LINE + LINE


def test_what_may_only_be_written_is_written(tmp_path: Path) -> None:
    path = tmp_path / "a"
    appended(path, how=os.O_WRONLY)
    appended(path, how=os.O_WRONLY)
    assert path.read_bytes() == LINE + LINE


def short(parts: list[int]) -> Callable[[int, bytes], int]:
    """A write that takes so many bytes at a time, and then finds the disk full."""
    write = os.write

    def cut(descriptor: int, data: bytes) -> int:
        if not parts:
            raise OSError(28, "No space left on device")
        return write(descriptor, data[: parts.pop(0)])

    return cut


@pytest.mark.parametrize("torn", [b"", b'{"torn'])
def test_a_short_write_is_gone_on_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, torn: bytes
) -> None:
    path = tmp_path / "a"
    path.write_bytes(torn)
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", short([1, 5, 3, 100]))
        appended(path)
    assert path.read_bytes() == torn + (b"\n" if torn else b"") + LINE


@pytest.mark.parametrize("taken", [[], [1], [8, 3]])
def test_what_does_not_fit_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, taken: list[int]
) -> None:
    path = tmp_path / "a"
    path.write_bytes(LINE)
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", short(taken))
        with pytest.raises(OSError, match="No space"):
            appended(path)
    assert path.read_bytes() == LINE


def test_what_somebody_else_appended_meanwhile_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, write = tmp_path / "a", os.write

    def cut(descriptor: int, data: bytes) -> int:
        if path.stat().st_size:
            raise OSError(28, "No space left on device")
        done = write(descriptor, data[:5])
        with path.open("ab") as other:
            other.write(b"\ntheirs\n")
        return done

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", cut)
        with pytest.raises(OSError, match="No space"):
            appended(path)
    assert path.read_bytes() == LINE[:5] + b"\ntheirs\n"


def test_a_limit_of_the_file_size_leaves_whole_lines(tmp_path: Path) -> None:
    """The first write beyond it is short, the second fails: as on a full disk."""
    code = (
        "import resource, sys, asyncio\n"
        "from elements_procura.errors import StoreError\n"
        "from elements_procura.core.journal import FileJournal, Outcome, Write\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "write = Write('1', 0.0, Outcome.SENDING, 'POST', '/x', '/x', 'ab' * 32)\n"
        "journal, done = FileJournal(sys.argv[1]), 0\n"
        "try:\n"
        "    while True:\n"
        "        asyncio.run(journal(write))\n"
        "        done += 1\n"
        "except StoreError as error:\n"
        "    print(done, error)\n"
    )
    path = tmp_path / "journal"
    ended = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True
    )
    written = path.read_bytes()
    assert ended.stdout.startswith(f"{written.count(b'{')} the journal cannot be written")
    assert written.endswith(b"\n")
    assert written.count(b"{") == written.count(b"}\n") > 1


def test_a_file_is_on_the_disk_before_it_has_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a"
    synced: list[tuple[int, int, bool]] = []

    def sync(descriptor: int) -> None:
        found = os.fstat(descriptor)
        synced.append((found.st_ino, found.st_size, path.exists()))

    monkeypatch.setattr(os, "fsync", sync)
    replace_file(path, LINE)
    assert synced[0] == (path.stat().st_ino, len(LINE), False)
    assert synced[1][::2] == (tmp_path.stat().st_ino, True)  # then its name is


def test_many_at_once_keep_their_lines_whole(tmp_path: Path) -> None:
    path = tmp_path / "a"

    def many() -> None:
        for _ in range(50):
            appended(path)

    threads = [threading.Thread(target=many) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert path.read_bytes() == LINE * 200


@pytest.mark.parametrize("number", [22, 1, 95])
def test_a_folder_that_cannot_be_synced_is_no_reason_to_fail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def refuse(_descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", refuse)
    sync_folder(tmp_path)
    sync_folder(tmp_path / "nowhere")
