"""The pytest plugin, as a guest's own tests use it: in a process of its own."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
from aioresponses import CallbackResult

import elements_procura
from elements_procura import ElementsClient, Rate
from elements_procura.elements import KlantdossierBody
from elements_procura.errors import NotFound
from elements_procura.sandbox import ProcuraSandbox, Sandbox
from elements_procura.testing import MockedWire, QuickClock

ROOT = Path(elements_procura.__file__).parents[1]
HOST = "https://kantoor.fasterforwardelements.nl"
TOKEN = {"access_token": "t0", "expires_in": 3600}


LOOPS = ("-o", "asyncio_default_fixture_loop_scope=function")


def run_pytest(*arguments: str | Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run pytest as somebody with none of our settings does."""
    ours = ["-q", "-p", "elements_procura.pytest_plugin", "-p", "no:cacheprovider", "-W", "error"]
    (folder / "pytest.ini").write_text("[pytest]\n")
    return subprocess.run(
        [sys.executable, "-m", "pytest", *ours, "-c", folder / "pytest.ini", *arguments],
        check=False,
        capture_output=True,
        cwd=folder,
        text=True,
    )


@pytest.mark.parametrize("mode", ["strict", "auto"])
def test_the_example_of_a_guest_passes(tmp_path: Path, mode: str) -> None:
    (tmp_path / "test_service.py").write_text((ROOT / "examples/test_service.py").read_text())
    done = run_pytest(*LOOPS, "-o", f"asyncio_mode={mode}", "test_service.py", folder=tmp_path)
    assert "6 passed" in done.stdout, done.stdout


ANYIO = """
import pytest

pytestmark = pytest.mark.anyio

@pytest.fixture
def anyio_backend():
    return "asyncio"

async def test_it(elements_client):
    assert (await elements_client.klantdossiers.get(5526)).id == 5526
"""


def test_with_anyio_instead_of_pytest_asyncio(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(ANYIO)
    done = run_pytest("-p", "no:asyncio", "test_it.py", folder=tmp_path)
    assert "1 passed" in done.stdout, done.stdout


OPTIONS = """
import pytest

@pytest.fixture
def elements_sandbox_options():
    return {"dossiers": 3, "limits": "documented"}

@pytest.fixture
def elements_client_options():
    return {"tenant": "mine"}

@pytest.mark.asyncio
async def test_limits_take_no_time(elements_client, elements_sandbox, virtual_clock):
    assert elements_client.tenant == "mine"
    for _ in range(20):
        await elements_client.klantdossiers.get(5526)
    assert len(elements_sandbox.dossier_ids) == 3
    assert elements_sandbox.rejected_429 == 0
    assert sum(virtual_clock.slept) > 2
"""


def test_a_guest_chooses_the_options(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(OPTIONS)
    done = run_pytest(*LOOPS, "test_it.py", folder=tmp_path)
    assert "1 passed" in done.stdout, done.stdout


def test_the_plugin_loads_nothing_at_the_start(tmp_path: Path) -> None:
    """Whoever has the package installed and tests something else pays one small module."""
    (tmp_path / "test_it.py").write_text(
        "import sys\n"
        "def test_it():\n"
        "    ours = {n for n in sys.modules if n.startswith('elements_procura')}\n"
        "    assert ours == {'elements_procura', 'elements_procura._lazy',\n"
        "                    'elements_procura._version', 'elements_procura.pytest_plugin'}\n"
        "    assert not {'aiohttp', 'attrs', 'cattrs'} & sys.modules.keys()\n"
    )
    done = run_pytest(*LOOPS, "test_it.py", folder=tmp_path)
    assert "1 passed" in done.stdout, done.stdout


def test_a_plain_with_serves_in_a_thread() -> None:
    with Sandbox(dossiers=2, limits="off") as elements, ProcuraSandbox(dossiers=2) as procura:

        async def use() -> None:
            async with elements.client() as client, procura.client() as other:
                assert (await client.klantdossiers.get(5526)).id == 5526
                await elements.leave()  # on the loop of the thread
                await elements.come_back()
                assert len(await client.klantdossiers.search()) == 2
                await other.info()

        asyncio.run(use())
        assert [entry.status for entry in procura.log] == [200]
    with Sandbox(dossiers=1) as again, pytest.raises(RuntimeError, match="running already"):
        asyncio.run(again.start())


WITHOUT_AWAIT = """
def test_it(elements_sync_client, procura_sync_client, virtual_clock):
    assert elements_sync_client.klantdossiers.get(5526).id == 5526
    assert procura_sync_client.info().version
"""


def test_clients_without_await(tmp_path: Path) -> None:
    """And without any plugin that runs coroutines."""
    (tmp_path / "test_it.py").write_text(WITHOUT_AWAIT)
    done = run_pytest("-p", "no:asyncio", "-p", "no:anyio", "test_it.py", folder=tmp_path)
    assert "1 passed" in done.stdout, done.stdout


async def test_the_client_of_a_sandbox_keeps_to_its_limits() -> None:
    clock = QuickClock()
    for limits, expected in (
        ("documented", [(5, 1.0), (100_000, 86_400.0)]),
        ("scaled", [(300, 1.0), (6_000_000, 86_400.0)]),
        ("off", [(1000, 1.0)]),
    ):
        async with Sandbox(dossiers=1, limits=limits) as sandbox:
            async with sandbox.client(clock=clock) as client:
                found = [(each.rate.limit, each.rate.seconds) for each in client.quota()]
                assert found == expected
            async with sandbox.client(rates=(Rate(7, 1),)) as client:
                assert [each.rate.limit for each in client.quota()] == [7]


async def test_a_secret_of_ones_own_and_the_variables() -> None:
    async with Sandbox(dossiers=1, secret="mine") as elements:
        assert elements.environment["ELEMENTS_CLIENT_SECRET"] == "mine"
        assert elements.environment["ELEMENTS_HOST"] == elements.url
    async with ProcuraSandbox(dossiers=1, secret="mine") as procura:
        assert procura.environment == {
            "PROCURA_URL": procura.url,
            "PROCURA_CLIENT_ID": "procura-sandbox",
            "PROCURA_CLIENT_SECRET": "mine",
        }
        async with procura.client() as client:
            await client.authenticate()


def mocked() -> ElementsClient:
    """A client of a host that no test could serve."""
    return ElementsClient(
        "kantoor",
        credentials=("id", "secret"),
        organisation=1,
        scopes=["klantdossier.read", "klantdossier.write"],
        clock=QuickClock(),
    )


async def test_a_mock_matches_the_address_that_is_asked_for() -> None:
    with MockedWire() as wire:
        wire.post(f"{HOST}/oauth/access_token", payload=TOKEN)
        wire.get(f"{HOST}/api/data/klantdossiers?achternaam=Test&nummer=14", payload=_listed(7))
        wire.get(f"{HOST}/api/data/klantdossiers/8", status=404, payload={"error": "Not found"})
        wire.get(f"{HOST}/api/data/klantdossiers/9", callback=_called)
        async with mocked() as client:
            found = await client.klantdossiers.search(achternaam="Test", nummer=14)
            assert [each.id for each in found] == [7]
            with pytest.raises(NotFound):
                await client.klantdossiers.get(8)
            assert (await client.klantdossiers.get(9)).id == 9
        asked = [(method, str(url)) for method, url in wire.requests]
    assert asked == [
        ("POST", f"{HOST}/oauth/access_token"),
        ("GET", f"{HOST}/api/data/klantdossiers?achternaam=Test&nummer=14"),
        ("GET", f"{HOST}/api/data/klantdossiers/8"),
        ("GET", f"{HOST}/api/data/klantdossiers/9"),
    ]


async def test_a_mock_shows_what_was_sent() -> None:
    with MockedWire() as wire:
        wire.post(f"{HOST}/oauth/access_token", payload=TOKEN)
        created = {"Location": "/api/data/klantdossiers/12"}
        wire.post(f"{HOST}/api/data/klantdossiers/", status=201, headers=created, repeat=True)
        async with mocked() as client:
            body = KlantdossierBody(omschrijving="x", dossierstatus=1, kantoor=1)
            assert await client.klantdossiers.add(body) == 12
        [_, [call]] = wire.requests.values()
    assert b'"omschrijving":"x"' in call.kwargs["data"]


def _listed(identifier: int) -> dict[str, object]:
    return {"_embedded": {"klantdossiers": [{"id": identifier}]}}


def _called(*_: object, **__: object) -> object:
    payload = {"id": 9, "_links": {"self": {"href": "/api/data/klantdossiers/9"}}}
    return CallbackResult(payload=payload)
