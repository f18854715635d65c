"""A harvest moves between a file and a server, whole or not at all."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from elements_procura.errors import StoreError
from elements_procura.export import export
from elements_procura.harvest import Refresh, Store, harvest
from elements_procura.harvest.address import Where
from elements_procura.harvest.sql import copying
from elements_procura.harvest.store import copy, exists
from tests.harvest.conformance.cases import add
from tests.harvest.harvesting import TENANT, small
from tests.servers.postgres import Schemas, fresh


@pytest.fixture
def there() -> Iterator[str]:
    with fresh() as where:
        yield where


@pytest.fixture
async def file(tmp_path: Path) -> Path:
    path = tmp_path / "elements.sqlite"
    async with small(dossiers=8) as (sandbox, elements):
        with Store.create(path, tenant=TENANT, selection={"a": "é"}, history=True) as store:
            async for _ in harvest(elements, store):
                pass
            sandbox.change(sandbox.dossier_ids[2])
            sandbox.remove(sandbox.dossier_ids[4])
            async for _ in harvest(elements, store, refresh=Refresh()):
                pass
            (work,) = store.begin_refresh([sandbox.dossier_ids[0]])[:1]
            store.quarantine(work, error="protocol: broken", requests=1)
    return path


def files(where: Where, out: Path) -> dict[str, bytes]:
    export(where, out, to="jsonl")
    return {each.name: each.read_bytes() for each in out.iterdir()}


async def test_there_and_back_is_the_same(file: Path, there: str, tmp_path: Path) -> None:
    back = tmp_path / "back.sqlite"
    copy(file, there)
    copy(there, back)
    with Store.read(file) as one, Store.read(there) as two, Store.read(back) as three:
        for other in (two, three):
            assert [*one.documents()] == [*other.documents()]
            assert one.progress() == other.progress()
            assert one.states() == other.states()
            assert one.quarantined() == other.quarantined() != []
            assert {*one.tally()} == {*other.tally()}
            assert one.traffic() == other.traffic()
            assert (one.selection, one.keeps_history) == (other.selection, other.keeps_history)
            assert len(one.known()) == len(other.known())
    told = [files(where, tmp_path / name) for name, where in _named(file, there, back)]
    tables = [
        {name: data for name, data in each.items() if name != "_manifest.json"} for each in told
    ]
    assert tables[0] == tables[1] == tables[2] != {}


def _named(*places: Where) -> list[tuple[str, Where]]:
    return [(f"out{n}", place) for n, place in enumerate(places)]


async def test_a_copy_is_gone_on_with(file: Path, there: str) -> None:
    copy(file, there)
    with Store.open(there, tenant=TENANT) as store:
        assert store.requeue_quarantined() == 1
        before = [each.id for each in store.queued(after=0, limit=9)]
        add(store, "a new one")
        (work,) = store.queued(after=max(before), limit=9)
        assert work.dossier == "a new one"
        assert Schemas().ledger(store).faults() == []


async def test_a_copy_that_ends_early_leaves_nothing(
    file: Path, there: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    copy(file, there)
    before = {each.name for each in tmp_path.iterdir()}

    with fresh() as other:
        monkeypatch.setattr(copying, "_TABLES", (*copying._TABLES, ("lost", "a", "a")))
        with pytest.raises(StoreError):
            copy(file, other)
        assert not exists(other)
        with pytest.raises(StoreError):
            copy(there, tmp_path / "back.sqlite")
        after = {each.name for each in tmp_path.iterdir()}
        assert after - before <= {"back.sqlite.lock"}


async def test_nothing_is_copied_over_a_store(file: Path, there: str) -> None:
    copy(file, there)
    for source, target in ((file, there), (there, file)):
        with pytest.raises(StoreError, match="exists already") as caught:
            copy(source, target)
        assert caught.value.hint == "Choose another name: what is there stays as it is"
