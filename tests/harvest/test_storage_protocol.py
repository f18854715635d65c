"""Nothing asks more of a store than the protocols say; and what an address names."""

import multiprocessing
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from elements_procura import harvest as harvests
from elements_procura.errors import ConfigError, StoreInUse
from elements_procura.export import export
from elements_procura.harvest import Refresh, Storage, StorageReader, Store, StoreReader, harvest
from elements_procura.harvest import store as stores
from elements_procura.harvest.address import Where, path_of, url_of
from elements_procura.harvest.drift import Report
from elements_procura.harvest.policy.forecast import plan_of
from elements_procura.harvest.snapshot import StorageSnapshot
from elements_procura.harvest.sqlite.backend import SqliteBackend
from elements_procura.report.figures import figures
from tests.harvest.harvesting import TENANT, small


def members(protocol: type) -> set[str]:
    """The public names of a protocol."""
    return {
        name
        for each in protocol.__mro__
        for name in vars(each)
        if each is not object and not name.startswith("_")
    }


class Bare:
    """A store that has what a protocol says and nothing else."""

    def __init__(self, inner: Any, protocol: type) -> None:
        self._inner = inner
        self._members = members(protocol)

    def __getattr__(self, name: str) -> Any:
        assert name in self._members, f"{name} is in no protocol"
        return getattr(self._inner, name)

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_: object) -> None:
        self._inner.close()


class BareBackend:
    """Files, through the protocols alone, at ``bare:`` URLs."""

    def __init__(self) -> None:
        self._files = SqliteBackend()

    def create(self, where: Where, **options: Any) -> Any:
        return Bare(self._files.create(self._path(where), **options), Storage)

    def open(self, where: Where, **options: Any) -> Any:
        return Bare(self._files.open(self._path(where), **options), Storage)

    def read(self, where: Where, *, brief: bool = False) -> Any:
        return Bare(self._files.read(self._path(where), brief=brief), StorageReader)

    def snapshot(self, where: Where) -> AbstractContextManager[Any]:
        return self._snapshot(self._path(where))

    @contextmanager
    def _snapshot(self, path: str) -> Iterator[Any]:
        with self._files.snapshot(path) as moment:
            yield Bare(moment, StorageSnapshot)

    def note_audit(self, where: Where, action: str, counts: Mapping[str, int]) -> None:
        self._files.note_audit(self._path(where), action, counts)

    def note_export(self, where: Where, place: str, options: str) -> None:
        self._files.note_export(self._path(where), place, options)

    def holder(self, where: Where) -> str | None:
        return self._files.holder(self._path(where))

    def _path(self, where: Where) -> str:
        return f"sqlite:{str(where).partition(':')[2]}"


async def test_all_who_use_a_store_are_content_with_the_protocols(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stores, "BACKENDS", {**stores.BACKENDS, "bare": BareBackend()})
    where, plain = f"bare:///{tmp_path}/s.sqlite", tmp_path / "s.sqlite"
    async with small(dossiers=6) as (_, elements):
        with Store.create(where, tenant=TENANT) as store:
            async for _ in harvest(elements, store, max_requests=60):
                pass
        with Store.read(where) as reader:
            plan = plan_of(reader)
            assert plan is not None
            assert plan.dossiers > 0
        with Store.open(where, tenant=TENANT) as store:
            run = harvest(elements, store, refresh=Refresh())
            async for _ in run:
                pass
            assert run.progress.complete
    drift, same = Report(), Report()
    drift.add_store(where)
    same.add_store(plain)
    assert drift.to_json() == same.to_json()
    assert drift.bodies
    both: tuple[Where, Where] = (where, plain)
    told = [export(each, tmp_path / f"out{n}", to="jsonl") for n, each in enumerate(both)]
    assert told[0] == told[1]
    ledger = tmp_path / "none"
    shown = [figures({"elements": each}, ledger=ledger, now=2e9) for each in both]
    assert shown[0]["apis"] == shown[1]["apis"]
    assert stores.holder(where) is None


def test_what_is_opened_is_a_store(tmp_path: Path) -> None:
    with Store.create(tmp_path / "s.sqlite", tenant="t") as store:
        assert isinstance(store, Store)
        assert isinstance(store, StoreReader)
    with StoreReader.read(tmp_path / "s.sqlite") as reader:
        assert isinstance(reader, StoreReader)
        assert not isinstance(reader, Store)


@pytest.mark.parametrize(
    ("where", "path"),
    [
        ("a.sqlite", "a.sqlite"),
        ("sqlite:///a.sqlite", "a.sqlite"),
        ("sqlite:///a%20b/%C3%A9.sqlite", "a b/é.sqlite"),
        ("sqlite:////srv/a.sqlite", "/srv/a.sqlite"),
        ("SQLITE:////srv/a.sqlite", "/srv/a.sqlite"),
        ("sqlite:///C:/data/a.sqlite", "C:/data/a.sqlite"),
        ("sqlite:a.sqlite", "sqlite:a.sqlite"),
    ],
)
def test_an_address_is_a_path_or_a_url(where: str, path: str) -> None:
    assert path_of(where) == Path(path)
    assert path_of(Path(where)) == Path(where)


def test_the_url_of_a_file_leads_back_to_it(tmp_path: Path) -> None:
    path = tmp_path / "a ?#%25 é.sqlite"
    assert path_of(url_of(path)) == path
    assert url_of(path).startswith("sqlite:////")


@pytest.mark.parametrize(
    "where",
    [
        "postgresql://ada:geheim@db.example/harvest",
        "geheim://x",
        "sqlite://geheim/x.sqlite",
        "sqlite:///x.sqlite?geheim=1",
        "sqlite:///x.sqlite#geheim",
        "sqlite:///",
    ],
)
def test_another_url_is_refused_without_being_shown(where: str) -> None:
    def hold(where: str) -> None:
        with stores.snapshot(where):
            pass

    for call in (Store.read, hold, stores.holder):
        with pytest.raises(ConfigError) as caught:
            call(where)
        shown = f"{caught.value} {caught.value.hint}"
        assert "geheim" not in shown.replace("geheim: names", "")
        assert "ada" not in shown


def _write(store: Store) -> None:
    try:
        store.add_requests(1)
    except StoreInUse:
        raise SystemExit(7) from None


@pytest.mark.skipif(
    "fork" not in multiprocessing.get_all_start_methods(), reason="the system cannot fork"
)
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_forked_process_writes_nothing(tmp_path: Path) -> None:
    with Store.create(tmp_path / "s.sqlite", tenant="t") as store:
        child = multiprocessing.get_context("fork").Process(target=_write, args=(store,))
        child.start()
        child.join(60)
        assert child.exitcode == 7
        store.add_requests(1)
        assert store.progress().requests == 1


def test_the_old_name_of_a_stored_body_is_handed_out_with_a_warning() -> None:
    with pytest.warns(DeprecationWarning, match="StoredBody"):
        assert harvests.Document is harvests.StoredBody
    with pytest.raises(AttributeError):
        _ = harvests.Nonsense
