"""Stores: whole or not at all, for their owner alone, one entry per account."""

import asyncio
import datetime as dt
import errno
import json
import logging
import os
import stat
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest
from keyring.backends import fail, null

from elements_procura.auth import FileTokenStore, KeyringTokenStore
from elements_procura.auth.oauth import Token
from elements_procura.auth.stores.memory import MemoryTokenStore
from elements_procura.auth.tokens import TokenStore
from elements_procura.errors import ConfigError, StoreError
from elements_procura.sandbox import Sandbox
from elements_procura.secret import Secret
from tests.client_kit import chain, client_for, grants, libraries, told
from tests.tokens.store_cases import ACCESS, BARE, REFRESH, TOKEN, StoreCases


class Ring:
    """A keyring that keeps things, or fails, or forgets."""

    def __init__(self, *, fault: Exception | None = None, forgets: bool = False) -> None:
        self.kept: dict[tuple[str, str], str] = {}
        self.fault = fault
        self.forgets = forgets

    def get_password(self, service: str, username: str, /) -> str | None:
        self._fail()
        return None if self.forgets else self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str, /) -> None:
        self._fail(password)
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str, /) -> None:
        self._fail()
        del self.kept[service, username]

    def _fail(self, password: str = "") -> None:
        if self.fault is not None:
            raise self.fault


@pytest.fixture(params=[0, 0o777], ids=oct)
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


@pytest.fixture(params=["memory", "file", "keyring"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> TokenStore:
    if request.param == "memory":
        return MemoryTokenStore()
    if request.param == "file":
        return FileTokenStore(tmp_path / "tokens")
    return KeyringTokenStore(tmp_path / "locks", backend=Ring())


class TestStores(StoreCases):
    """In memory, in files, in a keyring."""


# ---------------------------------------------------------------- the file


async def test_a_file_is_its_owners_alone_whatever_the_umask(tmp_path: Path, umask: int) -> None:
    (tmp_path / "made").mkdir()
    (tmp_path / "made").chmod(0o700)
    store = FileTokenStore(tmp_path / "made" / "tokens")
    async with store.exclusive("a") as fence:
        await store.save("a", TOKEN, fence)
    modes = {
        path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "made").rglob("*")
    }
    assert modes.pop("tokens") == 0o700
    assert modes[store.path_of("a").name] == 0o600
    assert set(modes.values()) == {0o600, 0o600 & ~umask}  # there is nothing in the lock's file


@pytest.mark.usefixtures("umask")
async def test_a_file_that_others_could_read_is_closed_to_them(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = FileTokenStore(tmp_path)
    path = store.path_of("a")
    await store.save("a", TOKEN)
    path.chmod(0o644)
    assert await store.load("a") == TOKEN
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "others could read" in caplog.text
    path.chmod(0o666)
    await store.save("a", BARE)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


GOOD = {
    "version": 1,
    "account": "a",
    "access": "x",
    "refresh": None,
    "lifetime": 1.0,
    "expires_at": 1.0,
    "scope": "",
}


@pytest.mark.parametrize(
    "written",
    [
        b"",
        b"\x00" * 50,
        json.dumps(GOOD).encode()[:-5],
        b"[]",
        b"null",
        b"[" * 100_000,
        *(
            json.dumps(GOOD | change).encode()
            for change in (
                {"version": 2},
                {"account": "b"},
                {"access": ""},
                {"access": 5},
                {"refresh": ""},
                {"refresh": 5},
                {"lifetime": "1"},
                {"lifetime": 0},
                {"lifetime": None},
                {"expires_at": "soon"},
                {"scope": None},
            )
        ),
    ],
    ids=range(17),
)
async def test_a_corrupt_file_is_moved_aside_with_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, written: bytes
) -> None:
    store = FileTokenStore(tmp_path)
    path = store.path_of("a")
    path.write_bytes(written)
    path.chmod(0o644)
    assert await store.load("a") is None
    aside = path.with_suffix(".corrupt")
    assert aside.read_bytes() == written
    assert stat.S_IMODE(aside.stat().st_mode) == 0o600
    assert not path.exists()
    assert [each.levelno for each in caplog.records][-1] == logging.WARNING
    assert "was no token" in caplog.text
    await store.save("a", TOKEN)
    assert await store.load("a") == TOKEN


async def test_the_good_one_among_the_corrupt(tmp_path: Path) -> None:
    """The table above would pass with a store that takes nothing."""
    store = FileTokenStore(tmp_path)
    store.path_of("a").write_text(json.dumps(GOOD))
    assert await store.load("a") == Token(Secret("x"), 1.0, 1.0)


@pytest.mark.parametrize("kind", ["link", "dangling", "folder", "pipe"])
async def test_no_link_is_followed_and_nothing_else_is_read(tmp_path: Path, kind: str) -> None:
    store = FileTokenStore(tmp_path / "tokens")
    await store.save("a", TOKEN)
    path, target = store.path_of("a"), tmp_path / "target"
    path.rename(target)
    match kind:
        case "link":
            path.symlink_to(target)
        case "dangling":
            path.symlink_to(tmp_path / "nowhere")
        case "folder":
            path.mkdir()
        case _:
            os.mkfifo(path)
    before = target.read_bytes()
    async with asyncio.timeout(30):
        assert await store.load("a") is None
        await store.save("a", BARE)
        assert await store.load("a") == BARE
    assert target.read_bytes() == before
    assert not path.is_symlink()


async def test_a_part_left_by_a_killed_process_is_no_obstacle_and_never_a_way_out(
    tmp_path: Path,
) -> None:
    store = FileTokenStore(tmp_path / "tokens")
    await store.save("a", BARE)
    part, target = store.path_of("a").with_suffix(".part"), tmp_path / "target"
    target.write_text("mine")
    part.symlink_to(target)
    await store.save("a", TOKEN)
    assert target.read_text() == "mine"
    part.write_text('{"acc')
    assert await store.load("a") == TOKEN
    await store.save("a", BARE)
    assert await store.load("a") == BARE
    assert not part.exists()


async def test_what_could_not_be_saved_is_not_asked_for(tmp_path: Path) -> None:
    """A refresh token is used up by asking, so a full disk must show before."""
    store = FileTokenStore(tmp_path / "tokens")
    async with Sandbox(dossiers=1, limits="off") as sandbox:
        async with client_for(sandbox, token_store=store) as client:
            await client.authenticate()
            sandbox.expire_tokens()
            (entry,) = (tmp_path / "tokens").glob("*.json")
            entry.with_suffix(".part").mkdir()  # nothing can be written there
            for _ in range(2):
                with pytest.raises(StoreError, match="cannot be saved"):
                    await client.klantdossiers.get(5526)
            assert grants(sandbox) == ["organisation"]
            entry.with_suffix(".part").rmdir()
            await client.klantdossiers.get(5526)
        assert grants(sandbox) == ["organisation", "refresh_token"]
    assert {each.suffix for each in (tmp_path / "tokens").iterdir()} == {".json", ".lock"}


async def test_a_lock_file_that_is_a_link_is_refused(tmp_path: Path) -> None:
    store = FileTokenStore(tmp_path / "tokens")
    async with store.exclusive("a"):
        pass
    (lock,) = (tmp_path / "tokens").glob("*.lock")
    lock.unlink()
    lock.symlink_to(tmp_path / "target")
    with pytest.raises(StoreError, match="cannot be locked"):
        async with store.exclusive("a"):
            pass
    assert not (tmp_path / "target").exists()


async def test_whoever_holds_the_lock_too_long_is_named(tmp_path: Path) -> None:
    one, other = FileTokenStore(tmp_path), FileTokenStore(tmp_path, patience=0.05)
    async with one.exclusive("a"):
        with pytest.raises(StoreError, match=f"process {os.getpid()}") as caught:
            async with other.exclusive("a"):
                pass
    assert len(list(chain(caught.value))) == 1


async def test_waiting_for_the_lock_leaves_the_loop_free(tmp_path: Path) -> None:
    code = (
        "import sys, pathlib\n"
        "from elements_procura.disk.lock import FileLock\n"
        "lock = FileLock(pathlib.Path(sys.argv[1]))\n"
        "assert lock.acquire()\nprint(flush=True)\nsys.stdin.read()\n"
    )
    store = FileTokenStore(tmp_path)
    async with store.exclusive("a"):
        pass
    (lock,) = tmp_path.glob("*.lock")
    holder = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, str(lock),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert holder.stdout is not None
    await holder.stdout.readline()

    async def wait() -> None:
        async with store.exclusive("a"):
            pass

    waiting = asyncio.create_task(wait())
    for _ in range(20):
        await asyncio.sleep(0.005)
        assert not waiting.done()
    await holder.communicate(b"")
    await waiting  # the system let go of the lock when the process ended


async def test_a_folder_that_cannot_be_written_is_told_and_keeps_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = FileTokenStore(tmp_path / "tokens")
    await store.save("a", BARE)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreError, match="No space left") as caught:
        await store.save("a", TOKEN)
    assert await store.load("a") == BARE
    assert not list((tmp_path / "tokens").glob("*.part"))
    shown = told(caught.value)
    assert ACCESS not in shown
    assert REFRESH not in shown
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="folder cannot be made"):
        FileTokenStore(tmp_path / "file" / "tokens").exclusive("a")


async def test_what_is_written_is_on_the_disk_before_it_gets_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def noted(descriptor: int) -> None:
        done.append("folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file")
        fsync(descriptor)

    def renamed(self: Path, target: Path) -> Path:
        done.append("rename")
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", noted)
    monkeypatch.setattr(Path, "replace", renamed)
    await FileTokenStore(tmp_path).save("a", TOKEN)
    assert done == ["file", "rename", "folder"]


async def test_readers_never_see_half_a_file(tmp_path: Path) -> None:
    store = FileTokenStore(tmp_path)
    await store.save("a", TOKEN)
    stop = threading.Event()
    wrong: list[Any] = []

    def read() -> None:
        while not stop.is_set():
            data = json.loads(store.path_of("a").read_bytes())
            if data["access"] not in (ACCESS, "x"):
                wrong.append(data)

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(100):
        await store.save("a", BARE if number % 2 else TOKEN)
    stop.set()
    reader.join()
    assert wrong == []


# ---------------------------------------------------------------- the keyring


async def test_a_keyring_is_probed_before_it_is_relied_on(tmp_path: Path) -> None:
    ring = Ring()
    store = KeyringTokenStore(tmp_path, backend=ring)
    await store.probe()
    assert ring.kept == {}  # the probe is gone
    await store.save("a", TOKEN)
    assert len(ring.kept) == 1
    assert [path.name for path in tmp_path.iterdir()] == []  # no token outside of it


@pytest.mark.parametrize(
    ("ring", "says"),
    [
        (fail.Keyring, "NoKeyringError"),
        (null.Keyring, "does not give back"),
        (lambda: Ring(forgets=True), "does not give back"),
        (lambda: Ring(fault=RuntimeError(f"D-Bus said {ACCESS}")), "RuntimeError"),
    ],
    ids=["fail", "null", "forgets", "raises"],
)
async def test_a_keyring_that_keeps_nothing_is_not_relied_on(
    tmp_path: Path, ring: Callable[[], Any], says: str
) -> None:
    store = KeyringTokenStore(tmp_path, backend=ring())
    for attempt in (store.probe(), store.load("a"), store.save("a", TOKEN)):
        with pytest.raises(ConfigError, match=says) as caught:
            await attempt
        assert "FileTokenStore" in caught.value.hint
        assert ACCESS not in told(caught.value)
        assert libraries(caught.value) & {"keyring"} == set()


async def test_without_the_package_it_is_told_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(ConfigError, match=r"elements-procura\[keyring\]"):
        await KeyringTokenStore(tmp_path).load("a")


async def test_a_keyring_that_fails_later_tells_nothing_of_what_it_was_given(
    tmp_path: Path,
) -> None:
    ring = Ring()
    store = KeyringTokenStore(tmp_path, backend=ring)
    await store.save("a", TOKEN)
    ring.fault = RuntimeError(ACCESS)
    with pytest.raises(StoreError, match="cannot be written: RuntimeError") as caught:
        await store.save("a", TOKEN)
    shown = told(caught.value)
    with pytest.raises(StoreError, match="cannot be read: RuntimeError") as caught:
        await store.load("a")
    shown += told(caught.value)
    assert [each for each in (ACCESS, REFRESH) if each in shown] == []


async def test_a_corrupt_entry_counts_as_none(tmp_path: Path) -> None:
    ring = Ring()
    store = KeyringTokenStore(tmp_path, backend=ring)
    ring.kept["elements-procura", "a"] = '{"version": 1'
    assert await store.load("a") is None


# ---------------------------------------------------------------- with a client


async def test_after_a_corrupt_file_authentication_starts_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = FileTokenStore(tmp_path)
    async with Sandbox(dossiers=1, limits="off") as sandbox:
        for _ in range(2):
            async with client_for(sandbox, token_store=store) as client:
                await client.klantdossiers.get(5526)
            (path,) = tmp_path.glob("*.json")
            path.write_bytes(path.read_bytes()[:40])
        assert grants(sandbox) == ["organisation", "organisation"]
    assert "was no token" in caplog.text


@pytest.mark.parametrize("expires_at", [1e300, -1e300, 1e12])
async def test_an_entry_of_an_impossible_time_keeps_its_refresh_token(
    tmp_path: Path, expires_at: float
) -> None:
    store = FileTokenStore(tmp_path)
    await store.save("a", attrs.evolve(TOKEN, expires_at=expires_at))
    token = await store.load("a")
    assert token is not None
    assert token.refresh == TOKEN.refresh
    dt.datetime.fromtimestamp(token.expires_at, dt.UTC)


# ---------------------------------------------------------------- odd file systems


@pytest.mark.parametrize("number", [errno.EINVAL, errno.EPERM, errno.ENOTSUP, errno.EBADF])
async def test_a_folder_that_cannot_be_synced_is_no_reason_to_fail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """As on CIFS and under WSL."""
    fsync = os.fsync

    def odd(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(number, os.strerror(number))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", odd)
    store = FileTokenStore(tmp_path / "made")
    await store.save("a", TOKEN)
    assert await store.load("a") == TOKEN


async def test_where_no_modes_can_be_set_tokens_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def odd(*_: Any, **__: Any) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "fchmod", odd)
    monkeypatch.setattr(os, "chmod", odd)
    monkeypatch.setattr(Path, "chmod", odd)
    store = FileTokenStore(tmp_path / "made")
    async with store.exclusive("a"):
        await store.save("a", TOKEN)
        os.umask(os.umask(0o077))
        assert await store.load("a") == TOKEN
        store.path_of("a").write_text("no token")
        assert await store.load("a") is None
        assert store.path_of("a").with_suffix(".corrupt").exists()


async def test_a_mode_that_cannot_be_mended_is_no_reason_to_fail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = FileTokenStore(tmp_path)
    await store.save("a", TOKEN)
    store.path_of("a").chmod(0o777)

    def odd(*_: Any) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "fchmod", odd)
    assert await store.load("a") == TOKEN


async def test_a_file_system_without_locks_is_told_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def odd(*_: Any) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("fcntl.flock", odd)
    store = FileTokenStore(tmp_path)
    with pytest.raises(StoreError, match="cannot be locked: No locks available"):
        async with store.exclusive("a"):
            pass
