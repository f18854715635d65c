"""The listing's rows of dossiers that could never be read: kept until they are, or are deleted."""

import sqlite3
from pathlib import Path

from elements_procura.harvest import Store
from elements_procura.harvest.records import UNLISTED_AND_404
from elements_procura.harvest.store import snapshot
from elements_procura.spec.source import Discovery, Root, Row, Want, Work
from tests.harvest.inside import db_of
from tests.harvest.ledger_world import Body, Wall
from tests.harvest.test_doubt import AS_OF_2

NAME = b"Wilhelmina van Zanten"
DAY = 86_400.0


def row(dossier: int, name: bytes = NAME) -> Root:
    """A dossier as a listing names it."""
    spare = Row(b'{"id": %d, "naam": "%b"}' % (dossier, name))
    return Root(dossier, Discovery((Want("dossier", f"/klantdossiers/{dossier}"),)), spare=spare)


def listing(store: Store, *roots: Root) -> None:
    number = store.begin_listing()
    store.add_dossiers(roots, listing=number)
    store.finish_listing(
        include=(), requests=1, listing=number, lists_all=True, accept_vanished=True
    )


def queued(store: Store) -> dict[int | str, Work]:
    return {each.dossier: each for each in store.queued(after=0, limit=99)}


def shown(path: Path) -> dict[int | str, bytes]:
    with snapshot(path) as moment:
        return {each.dossier: moment.body(each.id) for each in moment.held(["dossier"])}


def left(path: Path, text: bytes) -> bool:
    """Whether a text stands anywhere in the files of a store."""
    return any(text in each.read_bytes() for each in path.parent.glob(f"{path.name}*"))


def test_a_row_is_shown_until_there_is_a_body(path: Path) -> None:
    with Store.create(path, tenant="t") as store:
        listing(store, row(1), row(2), row(3))
        assert shown(path).keys() == {1, 2, 3}  # none of them was asked for so far
        work = queued(store)
        store.put(work[1], Body(b'{"id": 1}'), Discovery(), requests=1)
        store.quarantine(work[2], error="broken", requests=1)
        store.gone(work[3], status=403, requests=1)
        assert shown(path) == {
            1: b'{"id": 1}',
            2: b'{"id": 2, "naam": "%b"}' % NAME,
            3: b'{"id": 3, "naam": "%b"}' % NAME,
        }
        listing(store, row(1, b"Newer"), row(2, b"Newer"), row(3))
        assert shown(path)[1] == b'{"id": 1}'
        assert b"Newer" in shown(path)[2]
        assert store.requeue_quarantined() == 1
        store.put(queued(store)[2], Body(b'{"id": 2}'), Discovery(), requests=1)
        assert shown(path)[2] == b'{"id": 2}'
        assert store.purge() == 0
        assert not left(path, b"Newer")


def test_one_that_the_api_says_is_not_there_is_not_shown(path: Path) -> None:
    with Store.create(path, tenant="t") as store:
        listing(store, row(1), row(2))
        store.gone(queued(store)[1], status=404, requests=1)
        assert shown(path).keys() == {2}
        with snapshot(path) as moment:
            assert moment.kinds() == {"dossier": 1}
            assert moment.not_current()["listed"] == {"dossier": 1}


def test_what_is_not_listed_and_cannot_be_read_is_kept(path: Path) -> None:
    """Neither says that it is deleted."""
    with Store.create(path, tenant="t") as store:
        listing(store, row(1), row(2))
        store.quarantine(queued(store)[1], error="broken", requests=1)
        listing(store, row(2))
        store.begin_refresh([1])
        store.quarantine(queued(store)[1], error="broken", requests=1)
        store.judge()
        store.purge()
        assert shown(path).keys() == {1, 2}


def test_of_one_that_was_deleted_a_purge_leaves_no_byte(path: Path) -> None:
    clock = Wall()
    with Store.create(path, tenant="t", clock=clock) as store:
        listing(store, row(1), row(2, b"Other"))
        store.quarantine(queued(store)[1], error="broken", requests=1)
        assert left(path, NAME)
        for _ in range(2):
            clock.seconds += DAY
            listing(store, row(2, b"Other"))
            if store.begin_refresh([1]):
                store.gone(queued(store)[1], status=404, requests=1)
            store.judge()
        assert store.deleted() == {1: UNLISTED_AND_404}
        assert shown(path).keys() == {2}
        assert db_of(store).execute("SELECT count(*) FROM spares").fetchone() == (1,)
        store.purge()
        assert not left(path, NAME)
        assert left(path, b"Other")


def test_a_store_of_the_version_before_gets_its_rows_with_the_next_listing(path: Path) -> None:
    with Store.create(path, tenant="t") as store:
        listing(store, row(1), row(2))
        work = queued(store)
        store.quarantine(work[1], error="broken", requests=1)
        store.put(work[2], Body(b'{"id": 2}'), Discovery(), requests=1)
    db = sqlite3.connect(path)
    db.executescript(AS_OF_2)
    db.close()
    with Store.open(path, tenant="t") as store:
        assert shown(path).keys() == {2}
        listing(store, row(1), row(2))
        assert shown(path).keys() == {1, 2}
        assert db_of(store).execute("SELECT count(*) FROM spares").fetchone() == (1,)
