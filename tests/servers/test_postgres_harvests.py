"""All that is done with a harvest is done by URL, and comes to what a file comes to."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from elements_procura.errors import StoreError, StoreInUse
from elements_procura.export import export
from elements_procura.harvest import Refresh, Storage, Store, harvest
from elements_procura.harvest.address import ServerAddress, Where
from elements_procura.harvest.drift import Report
from elements_procura.harvest.policy.forecast import plan_of
from elements_procura.harvest.postgres import store as module
from elements_procura.harvest.postgres import tables
from elements_procura.harvest.store import exists, snapshot
from elements_procura.report.figures import figures
from tests.harvest.conformance.cases import add, put, queue
from tests.harvest.harvesting import TENANT, small
from tests.servers.postgres import connected, fresh

SHARED = re.compile("/(adviseurs|kantoor)(/|$)")
"""By whose path these are asked for depends on who comes first."""


@pytest.fixture
def where() -> Iterator[str]:
    with fresh() as where:
        yield where


async def test_a_harvest_and_a_refresh_come_to_what_a_file_comes_to(
    where: str, tmp_path: Path
) -> None:
    file = tmp_path / "elements.sqlite"
    places: tuple[Where, Where] = (where, file)
    async with small(dossiers=8) as (sandbox, elements):
        for place in places:
            with Store.create(place, tenant=TENANT, history=True) as store:
                async for _ in harvest(elements, store, workers=1, max_requests=60):
                    pass
                assert not store.progress().complete
        for place in places:
            with Store.open(place, tenant=TENANT) as store:
                async for _ in harvest(elements, store, workers=1):
                    pass
                assert store.progress().complete
        with Store.read(where) as one, Store.read(file) as other:
            assert plan_of(one) == plan_of(other) is not None
        sandbox.change(sandbox.dossier_ids[2])
        sandbox.remove(sandbox.dossier_ids[4])
        for place in places:
            with Store.open(place, tenant=TENANT) as store:
                async for _ in harvest(elements, store, workers=1, refresh=Refresh()):
                    pass
    with Store.read(where) as one, Store.read(file) as other:
        own = [
            {path: body for path, body in each.bodies() if not SHARED.search(path)}
            for each in (one, other)
        ]
        assert own[0] == own[1] != {}
        assert one.states() == other.states()
        assert one.deleted() == other.deleted()
        assert {(each.kind, each.state, each.count) for each in one.tally()} == {
            (each.kind, each.state, each.count) for each in other.tally()
        }
        assert one.verify() == other.verify()
        seen, same = one.progress(), other.progress()
        assert (seen.harvested, seen.changed, seen.deleted, seen.resources) == (
            same.harvested,
            same.changed,
            same.deleted,
            same.resources,
        )
    drifts = [Report(), Report()]
    for drift, place in zip(drifts, places, strict=True):
        drift.add_store(place)
    assert drifts[0].bodies == drifts[1].bodies != {}
    for n, place in enumerate(places):
        export(place, tmp_path / f"out{n}", to="jsonl", raw=True)
    names = {each.name for each in (tmp_path / "out0").iterdir()} - {"_manifest.json"}
    assert names
    for name in names:
        lines = [(tmp_path / f"out{n}" / name).read_bytes() for n in range(2)]
        assert lines[0].count(b"\n") == lines[1].count(b"\n") > 0
    shown = [
        figures({"elements": place}, ledger=tmp_path / "none", now=2e9)["apis"]["elements"]
        for place in places
    ]
    assert shown[0].keys() == shown[1].keys()


def test_a_snapshot_hands_out_bodies_while_it_is_gone_through(where: str) -> None:
    with Store.create(where, tenant="t") as store:
        add(store, *range(450))
        with store.together():
            for work in queue(store):
                put(store, work, body=str(work.dossier).encode())
        with snapshot(where) as moment:
            found = [(each.dossier, moment.body(each.id)) for each in moment.held(["root"])]
        assert found == [(n, str(n).encode()) for n in range(450)]


def test_who_was_taken_over_writes_nothing(where: str) -> None:
    with Store.create(where, tenant="t") as old:
        add(old, 1)
        with connected(where) as connection:
            connection.execute("UPDATE lease SET until = clock_timestamp() - interval '1 second'")
        with Store.open(where, tenant="t") as new:
            with pytest.raises(StoreInUse):
                old.lease.check()
            with pytest.raises(StoreInUse):
                add(old, 2)
            assert [each.dossier for each in queue(new)] == [1]
            add(new, 3)
        with Store.read(where) as reader:
            assert {*reader.states()} == {1, 3}


def test_a_lease_goes_on_while_nothing_is_written() -> None:
    with fresh(lease=1) as where, Store.create(where, tenant="t") as store:
        with connected(where) as connection:
            connection.execute("SELECT pg_sleep(2)")
        with pytest.raises(StoreInUse):
            Store.open(where, tenant="t")
        store.lease.check()


def test_a_transaction_that_nobody_ends_is_cut_off_and_nothing_of_it_stays() -> None:
    with fresh(lease=1) as where, Store.create(where, tenant="t") as store:

        def stand_still(store: Storage) -> None:
            with store.together(), connected(where) as connection:
                add(store, 1)
                connection.execute("SELECT pg_sleep(1.5)")
                add(store, 2)

        with pytest.raises(StoreError):
            stand_still(store)
        store.close()
        with Store.open(where, tenant="t") as other:
            assert queue(other) == []


def test_an_earlier_version_is_brought_up_and_a_later_one_refused(
    where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    Store.create(where, tenant="t").close()
    later = tables.SCHEMA_VERSION + 1
    monkeypatch.setattr(tables, "_STEPS", {later - 1: "CREATE TABLE more (id bigint)"})
    for each in (tables, module):
        monkeypatch.setattr(each, "SCHEMA_VERSION", later)
    with pytest.raises(StoreError, match="earlier"):
        Store.read(where)
    with Store.open(where, tenant="t") as store:
        assert store.schema_version == later
    with Store.read(where) as reader, connected(where) as connection:
        assert reader.schema_version == later
        assert connection.execute("SELECT count(*) FROM more").fetchone() == (0,)
    monkeypatch.undo()
    with pytest.raises(StoreError, match="later"):
        Store.open(where, tenant="t")


def test_noisy_signs_are_a_column_more_and_what_parts_have_learned_stays(
    where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Store.create(where, tenant="t") as store:
        add(store, 1)
    columns = "dossier, part, fetched_at, changes, busy, quiet"
    insert = f"INSERT INTO parts ({columns}) SELECT id, 'contact', 5, 2, 3, 4 FROM dossiers"
    with connected(where) as connection:
        connection.execute(insert)
        connection.execute("ALTER TABLE parts DROP COLUMN hinted_at")
        version = str(tables.SCHEMA_VERSION - 1)
        connection.execute("UPDATE meta SET value = %s WHERE key = 'schema'", (version,))
    monkeypatch.setattr(tables, "_STEPS", {tables.SCHEMA_VERSION - 1: tables._HINTS})
    with Store.open(where, tenant="t"), connected(where) as connection:
        shown = columns.replace("dossier, ", "")
        found = connection.execute(f"SELECT {shown}, hinted_at FROM parts").fetchone()
        assert found == ("contact", 5, 2, 3, 4, None)


def test_what_is_no_harvest_is_refused(where: str) -> None:
    address = ServerAddress.of(where)
    with connected(where) as connection:
        connection.execute(f'CREATE SCHEMA "{address.schema}"')
    with pytest.raises(StoreError, match="is not there"):
        Store.open(where, tenant="t")
    with pytest.raises(StoreError, match="exists already"):
        Store.create(where, tenant="t")
    assert exists(where)


def test_a_server_that_is_not_there_is_a_store_error() -> None:
    with pytest.raises(StoreError, match="cannot be used"):
        Store.read("postgresql://nobody@127.0.0.1:9/none?store=x")
