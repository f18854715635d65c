"""What was erased stays away from copies, other places and files, however the erasure ended."""

import contextlib
import json
import sqlite3
from pathlib import Path
from typing import Any

import duckdb
import pytest

from elements_procura.errors import InputError, StoreError, StoreInUse
from elements_procura.export import export, make_key
from elements_procura.harvest import Refresh, Store, StoreReader
from elements_procura.harvest.erasure.lists import list_of, read_list
from elements_procura.harvest.sqlite.store import SqliteStore
from elements_procura.harvest.store import copy, note_export, snapshot
from elements_procura.rights import erase, exports, save_suppression
from tests.rights.conftest import put_back
from tests.rights.kit import (
    BASE,
    BSN,
    DOSSIER,
    MARKS,
    PERSON,
    PERSONS,
    TENANT,
    harvested,
    marks_below,
    marks_in,
    run,
    sandbox_of_one,
)

KINDS = ["dossier", "particulier", "particulier/emailadressen"]


async def test_a_copy_that_is_put_back_loses_them_again(one: Path, path: Path) -> None:
    erase(path, person=BSN, yes=True)
    erased = read_list(list_of(path))
    put_back(one, path)
    with pytest.raises(StoreError, match="older than the list") as caught, snapshot(path):
        pass
    assert str(list_of(path)) in str(caught.value.hint)
    with pytest.raises(StoreError, match="older than the list"):
        export(path, path.parent / "tables", to="csv")
    report = erase(path, suppression=list_of(path))
    assert (report.done, marks_in(path)) == (False, MARKS)
    assert report.store.removed
    assert report.store.rewritten
    # Whoever opens it to go on does the same.
    with Store.open(path, tenant=TENANT) as store:
        assert store.suppressed() == erased
        assert store.verify().damaged == ()
    assert marks_in(path) == []
    put_back(one, path)
    done = erase(path, suppression=list_of(path), yes=True)
    assert done.store.removed == {}  # on opening it
    assert marks_in(path) == []


async def test_a_list_is_carried_to_a_store_elsewhere(path: Path, tmp_path: Path) -> None:
    file = tmp_path / "list"
    with pytest.raises(InputError, match="nothing was erased"):
        save_suppression([path], file)
    erase(path, person=str(PERSON), yes=True)
    assert save_suppression([path], file) == len(read_list(file)[1])
    assert file.stat().st_mode & 0o777 == 0o600
    assert marks_below(tmp_path) == []
    with pytest.raises(InputError, match="exists already"):
        save_suppression([path], file)
    elsewhere = tmp_path / "elsewhere" / "elements.sqlite"
    async with sandbox_of_one() as sandbox, sandbox.client() as client:
        with Store.create(elsewhere, tenant=TENANT) as store:
            store.suppress(*read_list(file))
            await run(client, store)
            assert store.progress().complete
            sandbox.change(DOSSIER)
            await run(client, store, refresh=Refresh(budget=10_000))
    assert marks_in(elsewhere) == []
    # Whoever has a list of one's own keeps it beside the other.
    erase(elsewhere, dossier=DOSSIER, yes=True)
    other = tmp_path / "other.sqlite"
    await harvested(other)
    erase(other, dossier=DOSSIER, yes=True)
    with Store.open(other, tenant=TENANT) as store:
        assert store.suppress(*read_list(file)).rewritten == {"dossier": 1}
        key, hashes = store.suppressed()
        assert len(key) == 64
        assert store.suppress(*read_list(file)).rewritten == {}
        assert store.suppressed() == (key, hashes)
    for store_path in (other, elsewhere):
        for each in store_path.parent.glob(f"{store_path.name}*"):
            if each != list_of(store_path):
                each.unlink()
        async with sandbox_of_one() as sandbox, sandbox.client() as client:
            with Store.create(store_path, tenant=TENANT) as store:
                await run(client, store)
                assert DOSSIER not in store.states()
        assert marks_in(store_path) == []


def test_a_list_of_another_tenant_or_none_is_refused(path: Path, tmp_path: Path) -> None:
    erase(path, person=str(PERSON), yes=True)
    with (
        Store.create(tmp_path / "b.sqlite", tenant="another") as store,
        pytest.raises(StoreError, match="another tenant"),
    ):
        store.suppress(*read_list(list_of(path)))
    for odd in (b"", b"{}", b"[]", b'{"format": 2, "key": "", "hashes": []}', b"\xff"):
        file = tmp_path / "odd"
        file.write_bytes(odd)
        with pytest.raises(StoreError, match="cannot be read"):
            read_list(file)


def test_a_moved_store_knows_its_list_and_its_exports(path: Path, tmp_path: Path) -> None:
    export(path, tmp_path / "tables", to="csv", kinds=KINDS)
    moved = tmp_path / "moved" / "elements.sqlite"
    copy(path, moved)
    assert erase(moved, person=BSN, yes=True).exports == {str(tmp_path / "tables"): "written anew"}
    assert marks_below(tmp_path / "tables") == []
    assert marks_in(moved) == []
    again = tmp_path / "again" / "elements.sqlite"
    copy(moved, again)
    assert read_list(list_of(again)) == read_list(list_of(moved))


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("at", ["_scrub", "_list_beside", "_take_out"])
def test_an_erasure_that_is_killed_is_finished(
    path: Path, at: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(SqliteStore, at, die)
        with pytest.raises(Killed):
            erase(path, person=BSN, yes=True)
    before = marks_in(path)
    # At the first of these all is there still, or the list is, which is enough.
    with Store.open(path, tenant=TENANT):
        pass
    assert marks_in(path) == (before if at == "_list_beside" else [])
    erase(path, person=BSN, yes=True)
    assert marks_in(path) == []


def test_a_reader_keeps_pages_and_it_is_said(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("elements_procura.harvest.sqlite.database._BUSY_SECONDS", 0.01)
    with snapshot(path) as moment:
        done = erase(path, person=BSN, yes=True)
        assert (done.store.is_final, done.is_final) == (False, False)
        assert done.to_json()["final"] is False
        assert moment.reader.progress().complete
    assert marks_in(path)
    with Store.open(path, tenant=TENANT):
        pass
    assert marks_in(path) == []


def test_rows_that_a_database_has_marked_as_deleted_go_as_well(path: Path) -> None:
    with StoreReader.read(path) as reader:
        since = reader.sequence
        shown = {each.path: each.resource for each in reader.changes()}
    erase(path, person=BSN, yes=True)
    with StoreReader.read(path) as reader:
        what = [(each.what, each.resource) for each in reader.changes(since)]
    # All of the dossier, and what is left of it after that.
    number = shown[f"{BASE}/producten"]
    assert what.index(("erased", number)) < what.index(("stored", number))
    gone = shown[f"{PERSONS}/{PERSON}/emailadressen"]
    assert ("erased", gone) in what
    assert ("stored", gone) not in what


def test_while_a_harvest_goes_on_nothing_is_touched(path: Path, tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    journal.write_text(f'{{"path": "/x/{PERSON}/y"}}\n')
    export(path, tmp_path / "tables", to="jsonl", kinds=KINDS)
    with Store.open(path, tenant=TENANT), pytest.raises(StoreInUse):
        erase(path, person=BSN, yes=True, journals=[journal])
    assert f"/{PERSON}/" in journal.read_text()
    assert marks_below(tmp_path / "tables")
    assert marks_in(path) == MARKS


def test_a_duckdb_file_of_others_is_left_alone(path: Path, tmp_path: Path) -> None:
    for name in ("own", "broken", "gone"):
        how: dict[str, Any] = {"to": "duckdb", "pseudonymise": None, "kept": []}
        note_export(path, str(tmp_path / name), {"folder": False, "how": how})
    with duckdb.connect(tmp_path / "own") as db:
        db.execute("CREATE TABLE own (n INT)")
    (tmp_path / "broken").write_bytes(b"no database")
    done = erase(path, person=BSN, yes=True)
    assert {Path(place).name: fate for place, fate in done.exports.items()} == {
        "own": exports.Fate.OTHERS,
        "broken": exports.Fate.FAILED,
        "gone": exports.Fate.ABSENT,
    }
    assert not done.is_final


def test_what_a_killed_export_left_goes_as_well(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "tables"

    def die(*_: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("elements_procura.export.folder.Draft.keep", die)
        patch.setattr("elements_procura.export.folder.Folder.__exit__", lambda *_: None)
        with pytest.raises(Killed):
            export(path, out, to="csv", kinds=KINDS)
    assert [*out.rglob("*.csv")]
    assert erase(path, person=BSN, yes=True).exports == {str(out): "written anew"}
    assert marks_below(tmp_path) == []
    assert not (out / ".part").exists()


def test_an_export_that_cannot_be_written_again_goes_and_nothing_else(
    path: Path, tmp_path: Path
) -> None:
    out, key = tmp_path / "tables", tmp_path / "key"
    make_key(key)
    out.mkdir()
    (out / "mine.txt").write_text("mine")
    export(path, out, to="csv", pseudonymise=key, kinds=KINDS)
    key.unlink()
    assert erase(path, person=BSN, yes=True).exports == {str(out): "removed"}
    assert [each.name for each in out.iterdir() if each.suffix == ".txt"] == ["mine.txt"]
    assert not [*out.glob("*.csv")]


def test_an_export_of_another_store_is_left_alone(path: Path, tmp_path: Path) -> None:
    other, out = put_back(path, tmp_path / "other" / "other.sqlite"), tmp_path / "tables"
    with contextlib.closing(sqlite3.connect(other)) as db, db:
        db.execute("UPDATE meta SET value = 'other' WHERE key = 'identity'")
    (tmp_path / "empty").mkdir()
    for place in ("tables", "empty"):
        how: dict[str, Any] = {
            "to": "csv",
            "kinds": KINDS,
            "raw": False,
            "pseudonymise": None,
            "kept": [],
        }
        note_export(path, str(tmp_path / place), {"folder": True, "how": how})
    export(other, out, to="csv", kinds=KINDS)
    assert {*erase(path, person=BSN, yes=True).exports.values()} == {
        exports.Fate.OTHERS,
        exports.Fate.ABSENT,
    }
    assert marks_below(out)
    assert json.loads((out / "_manifest.json").read_text())["store"] == "other.sqlite"


def test_a_store_without_its_list_writes_it(path: Path) -> None:
    erase(path, person=BSN, yes=True)
    listed = read_list(list_of(path))
    list_of(path).unlink()
    with Store.open(path, tenant=TENANT):
        pass
    assert read_list(list_of(path)) == listed
    link = path.parent / "link.sqlite"
    link.symlink_to(path)
    assert list_of(link) == list_of(path)
    with contextlib.closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT value FROM meta WHERE key = 'unscrubbed'").fetchone() == ("",)
    with StoreReader.read(path) as reader:
        assert [each.action for each in reader.audit()] == ["erase person"]
