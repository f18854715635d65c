"""A store of the first schema: brought up whole or not at all, and who waited waits still."""

import contextlib
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from elements_procura.harvest import Store
from elements_procura.harvest.sqlite.migrations import _TO_2
from elements_procura.spec.source import Discovery, Root, Want
from tests.harvest.inside import db_of
from tests.harvest.ledger_world import Body
from tests.harvest.test_rolling import as_of_schema_1

ROOT = "/api/data/klantdossiers"
DOSSIERS = (7, 8, 9)
STATEMENTS = _TO_2.count(";")  # and BEGIN, two PRAGMAs, COMMIT
KILLED = """
import os, sys
from pathlib import Path
from elements_procura.harvest.sqlite.database import connect
from elements_procura.harvest.sqlite.migrations import migrate

def count(statement):
    global left
    left -= 1
    if left == 0:
        os._exit(9)

left = int(sys.argv[2])
db = connect(Path(sys.argv[1]))
db.set_trace_callback(count)
migrate(db)
"""


def mails(dossier: int) -> tuple[Want, ...]:
    """What a dossier shares: adviser 7 has the number of a dossier."""
    return tuple(
        Want(
            "adviseur/emailadressen",
            f"{ROOT}/{dossier}/adviseurs/{each}/emailadressen",
            f"adviseur/{each}/emailadressen",
        )
        for each in (5, 6, 7)
    )


def unfinished(path: Path) -> None:
    """A store where a shared resource is stored, one in quarantine and one still queued."""
    with Store.create(path, tenant="t") as store:
        store.add_dossiers(
            Root(each, Discovery((Want("dossier", f"{ROOT}/{each}"),))) for each in DOSSIERS
        )
        store.finish_listing(include=("klanten",), requests=1)
        for work in store.queued(after=0, limit=3):
            assert isinstance(work.dossier, int)
            store.put(work, Body(b"%d" % work.dossier), Discovery(mails(work.dossier)), requests=1)
        stored, broken, _ = store.queued(after=0, limit=3)
        store.put(stored, Body(b"mail"), Discovery(), requests=1)
        while other := store.quarantine(broken, error="broken", requests=1).work:
            (broken,) = other


async def test_who_waits_for_what_is_shared_waits_still(tmp_path: Path) -> None:
    path = tmp_path / "then.sqlite"
    unfinished(tmp_path / "now.sqlite")
    as_of_schema_1(tmp_path / "now.sqlite", path)
    with Store.open(path, tenant="t") as store, Store.read(tmp_path / "now.sqlite") as as_it_was:
        everything = "SELECT resource, dossier, path, pass, waiting FROM shares"
        shares = db_of(store).execute(everything).fetchall()
        assert shares == db_of(as_it_was).execute(everything).fetchall()
        assert sorted(row[-1] for row in shares) == [0, 0, 1, 1, 2, 2]
        # The one that is queued ends all three, and what failed is asked for again.
        (last,) = store.queued(after=0, limit=9)
        settled = store.put(last, Body(b"mail"), Discovery(), requests=1)
        assert {each.state for each in settled.dossiers} == {"quarantined"}
        assert len(settled.dossiers) == 3
        assert store.requeue_quarantined() == 1
        (again,) = store.queued(after=0, limit=9)
        settled = store.put(again, Body(b"mail"), Discovery(), requests=1)
        assert [each.state for each in settled.dossiers] == ["complete"] * 3
        assert len(list(store.bodies())) == 6


@pytest.mark.parametrize("statement", [2, STATEMENTS // 2, STATEMENTS, STATEMENTS + 4])
def test_a_migration_that_is_killed_leaves_the_old_file_whole(
    tmp_path: Path, statement: int
) -> None:
    path = tmp_path / "then.sqlite"
    unfinished(tmp_path / "now.sqlite")
    as_of_schema_1(tmp_path / "now.sqlite", path)
    before = dump(path)
    killed = subprocess.run([sys.executable, "-c", KILLED, path, str(statement)], check=False)
    assert killed.returncode == 9
    assert dump(path) == before
    with Store.open(path, tenant="t") as store:
        assert len(store.queued(after=0, limit=9)) == 1
    assert dump(path) != before


def dump(path: Path) -> list[str]:
    """All that is in a file, with the version of its schema."""
    with contextlib.closing(sqlite3.connect(path)) as db:
        return [*db.iterdump(), str(db.execute("PRAGMA user_version").fetchone())]


AS_OF_10 = """
DROP TRIGGER resources_numbered;
CREATE TRIGGER resources_changed AFTER UPDATE OF state, status, change ON resources
WHEN new.change IS NULL OR (old.status IS 200) != (new.status IS 200) BEGIN
    UPDATE resources SET look = 1 + (SELECT max(look) FROM resources) WHERE id = new.id;
    UPDATE resources SET change = look WHERE id = new.id;
END;
CREATE TRIGGER resources_looked AFTER UPDATE OF fetched_at ON resources
WHEN new.status IS 200 AND old.fetched_at IS NOT new.fetched_at BEGIN
    UPDATE resources SET look = 1 + (SELECT max(look) FROM resources) WHERE id = new.id;
END;
PRAGMA user_version = 10;
"""


def test_changes_are_numbered_on_in_a_file_that_had_two_triggers_for_it(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite"
    wants = [Want("dossier", f"{ROOT}/{each}") for each in DOSSIERS]
    with Store.create(path, tenant="t") as store:
        store.add_dossiers(
            Root(each, Discovery((want,))) for each, want in zip(DOSSIERS, wants, strict=True)
        )
        first, second, _ = store.queued(after=0, limit=3)
        store.put(first, Body(b"1"), Discovery(), requests=1)
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.executescript(AS_OF_10)
    with Store.open(path, tenant="t") as store:
        with store.together():
            store.put(second, Body(b"2"), Discovery(), requests=1)
        store.begin_refresh([first.dossier])
        store.put(first, Body(b"1"), Discovery(), requests=1)
        store.put(store.begin_refresh([second.dossier])[0], Body(b"3"), Discovery(), requests=1)
        changes = [(each.number, each.what) for each in store.changes(since=0, looks=True)]
        assert changes == [(1, "stored"), (4, "stored")]
        assert [each.number for each in store.changes(since=2, looks=True)] == [3, 4]
        triggers = db_of(store).execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        assert {name for (name,) in triggers if name.startswith("resources_")} == {
            "resources_numbered",
            "resources_erased",
        }
