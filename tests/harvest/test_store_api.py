"""A store records its API; one of an earlier release shows it by where its paths begin."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from elements_procura import _json
from elements_procura.errors import InputError
from elements_procura.export import export
from elements_procura.harvest import Store, StoreReader, harvest
from elements_procura.harvest.drift import Report
from elements_procura.sandbox import Sandbox
from elements_procura.spec.source import Answer, BadRow, Discovery, Gap, Root, Row, Want, Work
from tests.harvest.harvesting import TENANT, connect


class Own:
    """A source of somebody's own, which names no API."""

    groups: tuple[str, ...] = ()
    extra_groups: tuple[str, ...] = ()
    lists_all = True
    sent = 0
    api_name: str | None = None

    def __init__(self, root: str) -> None:
        self._root = root

    def group_of(self, kind: str) -> str:
        return kind

    async def listing(self) -> AsyncGenerator[Root | BadRow | Gap]:
        yield Root(1, Discovery((Want("thing", f"{self._root}/1"),)))

    async def fetch(self, work: Work) -> Answer:
        return Row(_json.dumps({"id": 1}))

    def discover(self, work: Work, answer: Answer) -> Discovery:
        return Discovery()


async def test_a_harvest_records_the_api_of_its_source(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite"
    async with Sandbox(dossiers=1, limits="off") as sandbox, connect(sandbox) as elements:
        with Store.create(path, tenant=TENANT) as store:
            assert store.api is None
            async for _ in harvest(elements, store):
                assert store.api in (None, "elements")
    with StoreReader.read(path) as reader:
        assert reader.api == "elements"
    other = Own("/things")
    other.api_name = "procura"
    with (
        Store.open(path, tenant=TENANT) as store,
        pytest.raises(InputError, match="another API"),
    ):
        harvest(other, store)


@pytest.mark.parametrize(
    ("root", "api"),
    [
        ("/api/data/klantdossiers", "elements"),
        ("/api/v1/births", "procura"),
        ("/things", None),
    ],
)
async def test_where_it_is_not_recorded_the_paths_tell(
    root: str, api: str | None, tmp_path: Path
) -> None:
    with Store.create(tmp_path / "s.sqlite", tenant="t") as store:
        async for _ in harvest(Own(root), store):
            pass
        assert store.api == api


async def test_of_an_unknown_api_bodies_are_exported_raw_and_described_by_no_model(
    tmp_path: Path,
) -> None:
    path = tmp_path / "s.sqlite"
    with Store.create(path, tenant="t") as store:
        async for _ in harvest(Own("/things"), store):
            pass
    assert export(path, tmp_path / "typed", to="jsonl")["left_out"] == {"thing": 1}
    raw = export(path, tmp_path / "raw", to="jsonl", raw=True, kinds=["thing"])
    assert [(table["name"], table["rows"]) for table in raw["tables"]] == [("thing", 1)]
    with pytest.raises(InputError, match="birth"):
        export(path, tmp_path / "other", to="jsonl", kinds=["birth"])
    report = Report()
    report.add_store(path)
    assert report.unmodelled == {"thing": 1}
