"""The ledger: one transaction per answer, nothing settled twice, errors that lose nothing."""

import os
import sqlite3
import stat
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import attrs
import pytest

from elements_procura.elements.kinds import dossier_want
from elements_procura.errors import StoreError
from elements_procura.harvest import Store, StoreReader
from elements_procura.harvest.records import ClosedDossier, Settlement
from elements_procura.harvest.sqlite.lease import lock_of
from elements_procura.spec.source import BY_SHARING, Discovery, Root, Row, Want, Work
from tests.harvest.inside import db_of


@pytest.fixture
def store_path(tmp_path: Path) -> Path:
    return tmp_path / "elements.sqlite"


@attrs.frozen
class Body:
    body: bytes


def add(store: Store, *ids: int) -> int:
    return store.add_dossiers(Root(i, Discovery((dossier_want(i),))) for i in ids)


def queue(store: Store) -> list[Work]:
    return store.queued(after=0, limit=1000)


def put(store: Store, work: Work, *wants: Want, body: bytes = b"{}") -> Settlement:
    return store.put(work, Body(body), Discovery(wants), requests=1)


def test_a_new_store_is_the_owners_alone(store_path: Path) -> None:
    with Store.create(store_path, tenant="t") as store:
        add(store, 1)
        files = [store_path, *store_path.parent.glob("*-wal")]
        assert [stat.S_IMODE(file.stat().st_mode) for file in files] == [0o600, 0o600]


def test_a_dossier_is_complete_when_nothing_of_it_is_queued(store_path: Path) -> None:
    with Store.create(store_path, tenant="t") as store:
        assert add(store, 1, 2, 1) == 2
        root, other = queue(store)
        settled = put(store, root, Want("kantoor", "/k"), Want("producten", "/p"))
        assert [work.path for work in settled.work] == ["/k", "/p"]
        assert settled.dossiers == ()
        assert put(store, settled.work[0]).dossiers == ()
        assert put(store, settled.work[1]).dossiers == (ClosedDossier(1, "complete"),)
        assert put(store, other).dossiers == (ClosedDossier(2, "complete"),)
        progress = store.progress()
        assert (progress.harvested, progress.resources, progress.requests) == (2, 4, 4)


def test_what_is_settled_is_not_settled_again(store_path: Path) -> None:
    with Store.create(store_path, tenant="t") as store:
        add(store, 1)
        (root,) = queue(store)
        put(store, root, body=b"first")
        assert put(store, root, body=b"second") == Settlement()
        assert store.gone(root, status=404, requests=0) == Settlement()
        assert store.quarantine(root, error="x", requests=0) == Settlement()
        assert store.body(root.path) == b"first"


def test_a_shared_resource_is_fetched_once_and_waited_for_by_all(store_path: Path) -> None:
    with Store.create(store_path, tenant="t") as store:
        add(store, 1, 2, 3)
        first, second, third = queue(store)
        (shared,) = put(store, first, Want("adviseur/adressen", "/1/a", "adviseur/9/a")).work
        assert put(store, second, Want("adviseur/adressen", "/2/a", "adviseur/9/a")).work == ()
        assert put(store, shared).dossiers == (
            ClosedDossier(1, "complete"),
            ClosedDossier(2, "complete"),
        )
        late = put(store, third, Want("adviseur/adressen", "/3/a", "adviseur/9/a"))
        assert late.dossiers == (ClosedDossier(3, "complete"),)
        assert store.progress().saved == {BY_SHARING: 2}
        assert set(store.shared()) == {("/1/a", 2), ("/1/a", 3)}


def test_a_shared_resource_in_quarantine_spoils_every_dossier_that_needs_it(
    store_path: Path,
) -> None:
    with Store.create(store_path, tenant="t") as store:
        add(store, 1, 2, 3)
        first, second, third = queue(store)
        (shared,) = put(store, first, Want("kantoor/adressen", "/1/a", "kantoor/9/a")).work
        put(store, second, Want("kantoor/adressen", "/2/a", "kantoor/9/a"))
        settled = store.quarantine(shared, error="protocol: broken", requests=1)
        assert (settled.dossiers, [each.path for each in settled.work]) == ((), ["/2/a"])
        settled = store.quarantine(*settled.work, error="protocol: broken", requests=1)
        assert settled.dossiers == (
            ClosedDossier(1, "quarantined"),
            ClosedDossier(2, "quarantined"),
        )
        (again,) = put(store, third, Want("kantoor/adressen", "/3/a", "kantoor/9/a")).work
        settled = store.quarantine(again, error="protocol: broken", requests=1)
        assert {each.dossier for each in settled.dossiers} == {1, 2, 3}
        assert {each.state for each in settled.dossiers} == {"quarantined"}
        store.add_dossiers([Root(4, Discovery((dossier_want(4),)))])
        (fourth,) = queue(store)
        late = put(store, fourth, Want("kantoor/adressen", "/4/a", "kantoor/9/a"))
        assert late == Settlement((), (ClosedDossier(4, "quarantined"),), 1)
        assert store.quarantined() == [(3, "kantoor/adressen", "protocol: broken")]


def test_a_dossier_whose_root_is_gone_is_gone_and_one_that_lacks_a_part_is_not(
    store_path: Path,
) -> None:
    with Store.create(store_path, tenant="t") as store:
        add(store, 1, 2)
        first, second = queue(store)
        assert store.gone(first, status=404, requests=1).dossiers == (ClosedDossier(1, "gone"),)
        (part,) = put(store, second, Want("kantoor", "/2/k")).work
        assert store.gone(part, status=403, requests=1).dossiers == (ClosedDossier(2, "complete"),)


def test_a_failing_transaction_leaves_nothing_behind(store_path: Path) -> None:
    with Store.create(store_path, tenant="t") as store:
        add(store, 1)
        (root,) = queue(store)
        unfit: Any = object()  # SQLite cannot bind it
        with pytest.raises(StoreError, match="What was committed is intact"):
            put(store, root, Want("kantoor", unfit))
        assert queue(store) == [root]
        assert list(store.bodies()) == []
        put(store, root)


def test_an_existing_file_is_never_overwritten(store_path: Path) -> None:
    store_path.write_bytes(b"precious")
    with pytest.raises(StoreError, match="exists already") as caught:
        Store.create(store_path, tenant="t")
    assert caught.value.hint == "Choose another name: what is there stays as it is"
    assert store_path.read_bytes() == b"precious"


def test_an_empty_file_is_no_harvest_and_the_step_holds_for_every_command(
    store_path: Path,
) -> None:
    store_path.touch()
    with pytest.raises(StoreError, match="is not a harvest") as caught:
        Store.read(store_path)
    assert caught.value.hint == "Choose another file"


def test_a_directory_is_named_as_what_it_is(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="is a directory, and a store is a file") as caught:
        Store.read(tmp_path)
    assert caught.value.hint == "Name the store's file in it"
    with pytest.raises(StoreError, match="is a directory"):
        Store.open(tmp_path, tenant="t")


def test_another_tenants_store_is_refused(store_path: Path) -> None:
    Store.create(store_path, tenant="one").close()
    with pytest.raises(StoreError, match="another tenant"):
        Store.open(store_path, tenant="two")


def test_a_file_that_is_no_store_is_refused(store_path: Path) -> None:
    connection = sqlite3.connect(store_path)
    connection.execute("CREATE TABLE x (y)")
    connection.close()
    for opened in (Store.read, partial(Store.open, tenant="t")):
        with pytest.raises(StoreError, match="is not a harvest"):
            opened(store_path)


def test_a_missing_store_is_told(store_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be used"):
        Store.read(store_path)


def test_a_store_can_be_looked_at_while_it_is_written(store_path: Path) -> None:
    with Store.create(store_path, tenant="t") as store:
        add(store, 1, 2)
        put(store, queue(store)[0])
        with Store.read(store_path) as other:
            assert other.progress() == store.progress()
            with pytest.raises(sqlite3.OperationalError, match="readonly"):
                db_of(other).execute("DELETE FROM dossiers")


def test_a_second_writer_is_refused_and_told_who_holds_the_store(store_path: Path) -> None:
    with Store.create(store_path, tenant="t"):
        with pytest.raises(StoreError, match=f"in use by process {os.getpid()} on "):
            Store.open(store_path, tenant="t")
        Store.read(store_path).close()
    Store.open(store_path, tenant="t").close()


def test_a_store_that_cannot_be_opened_is_not_left_locked(store_path: Path) -> None:
    Store.create(store_path, tenant="one").close()
    with pytest.raises(StoreError):
        Store.open(store_path, tenant="two")
    Store.open(store_path, tenant="one").close()


def test_what_is_in_quarantine_can_be_queued_again_for_all_who_need_it(store_path: Path) -> None:
    with Store.create(store_path, tenant="t") as store:
        add(store, 1, 2)
        first, second = queue(store)
        (shared,) = put(store, first, Want("kantoor/codes", "/1/c", "kantoor/9/codes")).work
        put(store, second, Want("kantoor/codes", "/2/c", "kantoor/9/codes"))
        (other,) = store.quarantine(shared, error="protocol: broken", requests=1).work
        store.quarantine(other, error="protocol: broken", requests=1)
        assert store.requeue_quarantined() == 1
        assert store.states() == {1: "open", 2: "open"}
        assert queue(store) == [shared]
        assert put(store, shared).dossiers == (
            ClosedDossier(1, "complete"),
            ClosedDossier(2, "complete"),
        )
        assert store.requeue_quarantined() == 0


def test_a_row_that_is_kept_is_a_body_that_needs_no_request(store_path: Path) -> None:
    with Store.create(store_path, tenant="t") as store:
        row = (Want("row", "/dossiers/A-1"), Row(b"{}"))
        detail = Discovery((Want("birth", "/births/A-1"),))
        other = (Want("row", "/dossiers/B-2"), Row(b"[]"))
        roots = [Root("A-1", detail, row), Root("B-2", Discovery(), other)]
        assert store.add_dossiers(roots) == 2
        assert store.states() == {"A-1": "open", "B-2": "complete"}
        assert store.body("/dossiers/B-2") == b"[]"
        (work,) = queue(store)
        assert put(store, work).dossiers == (ClosedDossier("A-1", "complete"),)
        assert "{}" not in repr(Row(b"{}"))


def test_documents_say_what_they_are(store_path: Path) -> None:
    with Store.create(store_path, tenant="t") as store:
        add(store, 1)
        put(store, queue(store)[0], body=b'{"naam": "Jansen"}')
        (document,) = store.documents()
    assert (document.kind, document.dossier) == ("dossier", 1)
    assert document.path == "/api/data/klantdossiers/1"
    assert document.body == b'{"naam": "Jansen"}'
    assert document.since > 0
    assert "Jansen" not in repr(document)


# ---------------------------------------------------------------- one identity


def abandoned(path: Path) -> None:
    """Another tenant's store whose file was deleted; its log was not."""
    code = (
        "import os, sys\n"
        "from elements_procura.harvest import Store\n"
        "from elements_procura.elements.kinds import dossier_want\n"
        "from elements_procura.spec.source import Discovery, Root\n"
        "store = Store.create(sys.argv[1], tenant='another')\n"
        "store.add_dossiers([Root(1, Discovery((dossier_want(1),)))])\n"
        "os._exit(0)\n"
    )
    subprocess.run([sys.executable, "-c", code, str(path)], check=True)
    path.unlink()


def test_a_new_store_takes_nothing_out_of_an_old_log(store_path: Path) -> None:
    abandoned(store_path)
    with pytest.raises(StoreError, match=r"elements\.sqlite-wal is left") as caught:
        Store.create(store_path, tenant="t")
    assert "move them away" in caught.value.hint
    store_path.with_name("elements.sqlite-wal").unlink()
    with Store.create(store_path, tenant="t") as store:
        assert queue(store) == []
        assert store.progress().dossiers == 0


@pytest.mark.parametrize("end", ["-wal", "-shm", "-journal"])
def test_what_holds_nothing_is_taken_away(store_path: Path, end: str) -> None:
    left_behind = store_path.with_name(store_path.name + end)
    left_behind.touch()
    Store.create(store_path, tenant="t").close()
    assert not left_behind.exists()


def linked(folder: Path, store_path: Path, how: str) -> Path:
    """Another way to the store."""
    if how == "folder":
        (folder / "link").symlink_to(store_path.parent, target_is_directory=True)
        return folder / "link" / store_path.name
    (folder / "apart").mkdir()
    link = folder / "apart" / "other.sqlite"
    link.symlink_to(store_path)
    return link


@pytest.mark.parametrize("how", ["folder", "file"])
def test_whatever_path_leads_to_a_store_it_is_locked_once(tmp_path: Path, how: str) -> None:
    store_path = tmp_path / "real" / "elements.sqlite"
    with Store.create(store_path, tenant="t"):
        link = linked(tmp_path, store_path, how)
        with pytest.raises(StoreError, match="is in use by process"):
            Store.open(link, tenant="t")
        assert lock_of(link).held()
    with Store.open(link, tenant="t"), pytest.raises(StoreError, match="is in use by process"):
        Store.open(store_path, tenant="t")


@pytest.mark.parametrize("how", ["folder", "file"])
@pytest.mark.parametrize("brief", [True, False])
def test_who_looks_through_a_link_sees_what_is_in_the_log(
    tmp_path: Path, how: str, *, brief: bool
) -> None:
    store_path = tmp_path / "real" / "elements.sqlite"
    with Store.create(store_path, tenant="t") as store:
        add(store, 1, 2, 3)
        link = linked(tmp_path, store_path, how)
        with StoreReader.read(link, brief=brief) as reader:
            assert reader.progress().dossiers == 3


def test_a_link_to_nothing_becomes_a_way_to_a_new_store(tmp_path: Path) -> None:
    link = tmp_path / "link.sqlite"
    link.symlink_to(tmp_path / "real.sqlite")
    Store.create(link, tenant="t").close()
    assert link.is_symlink()
    Store.open(tmp_path / "real.sqlite", tenant="t").close()
