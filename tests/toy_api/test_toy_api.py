"""A third API: client, harvest, export, drift, plan, report, fleet and the command line."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncGenerator, AsyncIterator
from pathlib import Path

import pytest

from elements_procura import registry
from elements_procura.errors import NotFound
from elements_procura.export import export
from elements_procura.fleet import TenantSpec, run_tenant
from elements_procura.harvest import HarvestFinished, Store, StoreReader, harvest
from elements_procura.harvest.drift import Report
from elements_procura.harvest.policy.forecast import plan_of
from elements_procura.spec.source import BadRow, Discovery, Gap, Root, Want
from tests.toy_api.client import ROOT, Book, ToyClient
from tests.toy_api.server import BOOKS, serving
from tests.toy_api.source import ToySource

CREDENTIALS = ("me", "s3cret")


@pytest.fixture(autouse=True)
def registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_HOMES", dict(registry._HOMES))
    registry.register("toy", "tests.toy_api.spec")


@pytest.fixture
async def url() -> AsyncIterator[str]:
    async with serving() as found:
        yield found


async def harvested(url: str, path: Path) -> Path:
    async with ToyClient(url, credentials=CREDENTIALS) as toy:
        with Store.create(path, tenant="toy me") as store:
            last = [event async for event in harvest(toy, store)][-1]
    assert isinstance(last, HarvestFinished)
    return path


async def test_the_client_calls_both_endpoints(url: str) -> None:
    async with ToyClient(url, credentials=CREDENTIALS) as toy:
        assert [book.title for book in await toy.books.list()] == ["Book 1", "Book 2", "Book 3"]
        assert await toy.books.get(2) == Book(id=2, title="Book 2", pages=102, extra={"shelf": "A"})
        with pytest.raises(NotFound, match=r"/api/toy/books/\{BOOK_ID\}"):
            await toy.books.get(9)


async def test_a_harvest_by_the_client_alone_records_the_api(url: str, tmp_path: Path) -> None:
    path = await harvested(url, tmp_path / "toy.sqlite")
    with StoreReader.read(path) as reader:
        assert reader.api == "toy"
        assert {document.kind for document in reader.documents()} == {"book"}
        progress = reader.progress()
        assert (progress.dossiers, progress.harvested) == (3, 3)
        assert progress.traffic.attempts == progress.requests
        found = plan_of(reader)
        assert found is not None
        assert found.dossiers == 0


@pytest.mark.parametrize("odd", ["a%2Fb", "a%20b", "..", "a b"])
async def test_an_id_that_no_request_can_name_is_put_aside_and_the_rest_goes_on(
    url: str, tmp_path: Path, odd: str
) -> None:
    class Source(ToySource):
        async def listing(self) -> AsyncGenerator[Root | BadRow | Gap]:
            yield Root(7, Discovery((Want("book", f"{ROOT}/books/{odd}"),)))
            async for each in super().listing():
                yield each

    async with ToyClient(url, credentials=CREDENTIALS) as toy:
        with Store.create(tmp_path / "toy.sqlite", tenant="toy me") as store:
            async for _ in harvest(Source(toy), store):
                pass
            assert store.states() == dict.fromkeys(BOOKS, "complete") | {7: "quarantined"}
            [(dossier, kind, error)] = store.quarantined()
            assert (dossier, kind, error.partition(":")[0]) == (7, "book", "input")
            assert odd not in error


async def test_an_export_has_the_model_s_columns(url: str, tmp_path: Path) -> None:
    path = await harvested(url, tmp_path / "toy.sqlite")
    manifest = export(path, tmp_path / "out", to="jsonl")
    (table,) = manifest["tables"]
    assert (table["name"], table["rows"], table["untyped"]) == ("book", 3, 0)
    assert table["columns"] == {
        "dossier_id": "integer",
        "id": "integer",
        "title": "text",
        "pages": "integer",
        "extra": "json",
        "row_id": "text",
        "resource_id": "integer",
        "fetched_at": "instant",
        "changed_at": "instant",
        "deleted_at": "instant",
        "mark": "text",
    }
    lines = (tmp_path / "out" / "book.jsonl").read_text().splitlines()
    rows = [json.loads(line) for line in lines]
    assert [row["pages"] for row in rows] == [each["pages"] for each in BOOKS.values()]


async def test_drift_names_what_the_model_does_not_know(url: str, tmp_path: Path) -> None:
    report = Report()
    report.add_store(await harvested(url, tmp_path / "toy.sqlite"))
    assert [(each.kind, each.path, each.bodies) for each in report.findings()] == [
        ("book", "$.shelf", 3)
    ]


async def test_a_tenant_of_the_fleet(url: str, tmp_path: Path) -> None:
    given = {"name": "lib", "api": "toy", "out": str(tmp_path / "lib"), "url": url}
    (tmp_path / "secret").write_text("s3cret")
    secret = {"file": str(tmp_path / "secret")}
    spec = TenantSpec.from_dict({**given, "client_id": "me", "secret": secret})
    outcome = await asyncio.to_thread(run_tenant, spec)
    assert outcome.exit_code == 0
    with StoreReader.read(tmp_path / "lib" / "toy.sqlite") as reader:
        assert reader.api == "toy"


# -- the command line, in processes of their own: it reads the registry as it is imported ---------

_RUN = (
    "from elements_procura import registry\n"
    "registry.register('toy', 'tests.toy_api.spec')\n"
    "from elements_procura.cli import cli\n"
    "cli(prog_name='elements-procura')\n"
)


async def run(*words: str, cwd: Path) -> tuple[int, str, str]:
    env = {**os.environ, "TOY_CLIENT_SECRET": "s3cret", "HOME": str(cwd)}
    env["PYTHONPATH"] = str(Path(__file__).parents[2])
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", _RUN, *words),
        cwd=cwd,
        env=env,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    return process.returncode or 0, out.decode(), err.decode()


async def test_the_catalogue_lists_its_endpoints(tmp_path: Path) -> None:
    code, out, err = await run("endpoints", "--api", "toy", "--json", cwd=tmp_path)
    assert code == 0, err
    assert [(each["method"], each["path"], each["call"]) for each in json.loads(out)] == [
        ("GET", "/api/toy/books", "toy.books.list"),
        ("GET", "/api/toy/books/{BOOK_ID}", "toy.books.get"),
    ]


async def test_the_command_line_harvests_calls_and_looks(url: str, tmp_path: Path) -> None:
    account = ("--url", url, "--client-id", "me")
    code, out, err = await run(
        *("harvest", "toy", *account, "--out", "night", "--json"), cwd=tmp_path
    )
    assert code == 0, err
    assert json.loads(out)["harvested"] == 3
    code, out, err = await run("call", "GET", "books/2", "--api", "toy", *account, cwd=tmp_path)
    assert (code, json.loads(out)) == (0, BOOKS[2]), err
    code, out, err = await run("status", "night", "--json", cwd=tmp_path)
    assert code == 0, err
    assert json.loads(out)["dossiers"] == 3
    code, out, err = await run("schema", "drift", "night", "--json", cwd=tmp_path)
    assert code == 0, err
    assert [each["path"] for each in json.loads(out)["findings"]] == ["$.shelf"]
    code, out, err = await run(
        *("export", "night", "--to", "csv", "--out", "tables", "--json"), cwd=tmp_path
    )
    assert code == 0, err
    assert (tmp_path / "tables" / "book.csv").read_text().count("\n") == 4
    code, out, err = await run("plan", "night", "--json", cwd=tmp_path)
    assert (code, json.loads(out)["dossiers"]) == (0, 0), err
    code, out, err = await run("report", "night", "--out", "report.html", cwd=tmp_path)
    assert code == 0, err
    assert "<h2>Toy</h2>" in (tmp_path / "report.html").read_text()
