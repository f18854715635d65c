"""The disk is full, somebody holds the file, or it is not what it should be: nothing is lost."""

import contextlib
import os
import re
import sqlite3
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from elements_procura.demo import verify
from elements_procura.elements.client import ElementsClient
from elements_procura.errors import StoreError
from elements_procura.harvest import AnswerStored, Store, harvest
from elements_procura.harvest.sqlite import database as _database
from elements_procura.sandbox import Sandbox
from tests.harvest.harvesting import TENANT, harvest_to, requested, small
from tests.harvest.inside import db_of

CUT = 60
"""Answers that are stored before the trouble begins, of some 500."""
PAGE = 4096


@pytest.fixture
def store_path(tmp_path: Path) -> Path:
    return tmp_path / "elements.sqlite"


async def harvest_into_trouble(
    path: Path, elements: ElementsClient, trouble: Callable[[Store], None]
) -> StoreError:
    """Harvest until ``CUT`` answers are stored, let ``trouble`` begin, and give what ends it."""
    with Store.create(path, tenant=TENANT) as store:
        stored = 0
        try:
            async for event in harvest(elements, store, workers=8):
                stored += isinstance(event, AnswerStored)
                if stored == CUT:
                    stored += 1
                    trouble(store)
        except StoreError as error:
            return error
    pytest.fail("the trouble has ended nothing")


async def check_goes_on(path: Path, elements: ElementsClient, sandbox: Sandbox) -> None:
    """The file is sound, holds what was stored, and another run completes it with no repeats."""
    with contextlib.closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    with Store.read(path) as store:
        before = store.progress()
        kept = {stored for stored, _ in store.bodies()}
    assert CUT <= before.resources == len(kept)
    assert not before.complete
    asked = requested(sandbox)
    await harvest_to(path, elements)
    assert not kept & set(requested(sandbox) - asked)
    with Store.read(path) as store:
        assert store.progress().complete
        assert verify(store, sandbox).equal


async def test_a_full_disk_ends_the_run_and_another_goes_on(store_path: Path) -> None:
    def fill(store: Store) -> None:
        (pages,) = db_of(store).execute("PRAGMA page_count").fetchone()
        db_of(store).execute(f"PRAGMA max_page_count = {pages + 3}")

    async with small() as (sandbox, elements):
        error = await harvest_into_trouble(store_path, elements, fill)
        told, room, rest = re.split(r"(\([\d,]+ MB free\))", str(error))
        assert told == f"{store_path} cannot be used: database or disk is full "
        assert room
        assert rest == ". What was committed is intact: make room on the disk, then go on"
        await check_goes_on(store_path, elements, sandbox)


async def test_a_file_that_somebody_else_holds_ends_the_run_and_another_goes_on(
    store_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_database, "_BUSY_SECONDS", 0.02)
    async with small() as (sandbox, elements):
        with contextlib.ExitStack() as held:

            def hold(_store: Store) -> None:
                other = sqlite3.connect(store_path, isolation_level=None)
                held.callback(other.close)
                other.execute("BEGIN IMMEDIATE")

            error = await harvest_into_trouble(store_path, elements, hold)
        assert "database is locked" in str(error)
        assert "end the program that holds the file" in str(error)
        await check_goes_on(store_path, elements, sandbox)


async def test_a_damaged_file_is_told_wherever_it_is_damaged(store_path: Path) -> None:
    """Whatever page is garbage: what stands in it is refused, and nothing but StoreError comes."""
    async with small(dossiers=4) as (_, elements):
        await harvest_to(store_path, elements, stop_after=40)
        sound = store_path.read_bytes()
        refused = 0
        for page in range(1, len(sound) // PAGE, 2):
            garbage = sound[: page * PAGE] + b"\xa5" * PAGE + sound[(page + 1) * PAGE :]
            for suffix in ("-wal", "-shm"):
                store_path.with_name(store_path.name + suffix).unlink(missing_ok=True)
            store_path.write_bytes(garbage)
            try:
                with Store.read(store_path) as store:
                    store.progress()
                    for look in (store.bodies, store.documents, store.shared, store.quarantined):
                        list(look())
                    store.states()
                await harvest_to(store_path, elements)
            except StoreError as error:
                assert "put a copy of it back" in str(error)  # noqa: PT017 - it need not be raised
                refused += 1
    assert refused > 5


@pytest.mark.parametrize(
    ("damage", "text"),
    [
        (lambda path: os.truncate(path, 100), "malformed"),
        (lambda path: os.truncate(path, PAGE), "malformed"),
        (lambda path: os.truncate(path, path.stat().st_size // 2), "malformed"),
        (lambda path: path.write_bytes(b"\xa5" * 20_000), "file is not a database"),
        (lambda path: path.write_bytes(b""), "is not a harvest"),
        (lambda path: set_pragma(path, "application_id", 7), "is not a harvest"),
        (lambda path: set_pragma(path, "user_version", 99), "made by a later version"),
    ],
    ids=["head", "one page", "half", "garbage", "empty", "another application", "later version"],
)
def test_what_is_no_sound_store_of_this_version_is_refused(
    store_path: Path, damage: Callable[[Path], object], text: str
) -> None:
    Store.create(store_path, tenant=TENANT).close()
    damage(store_path)
    before = store_path.read_bytes()
    for opened in (Store.read, partial(Store.open, tenant=TENANT)):
        with pytest.raises(StoreError, match=text) as caught:
            opened(store_path)
        assert caught.value.hint
    assert store_path.read_bytes() == before


def set_pragma(path: Path, name: str, value: int) -> None:
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute(f"PRAGMA {name} = {value}")


def test_a_store_is_there_whole_or_not_at_all(
    store_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(_database, "SCHEMA", f"{_database.SCHEMA}; CREATE TABLE meta (x)")
        with pytest.raises(StoreError, match="cannot be used"):
            Store.create(store_path, tenant=TENANT)
    assert [file.name for file in store_path.parent.iterdir()] == ["elements.sqlite.lock"]
    store_path.with_name("elements.sqlite.new").write_bytes(b"of a process that was killed")
    Store.create(store_path, tenant=TENANT).close()
    assert not store_path.with_name("elements.sqlite.new").exists()
    with Store.read(store_path) as store:
        assert store.tenant == TENANT
