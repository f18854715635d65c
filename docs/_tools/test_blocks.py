"""Runs every block of code of the pages: ``nox -s docs``."""

import asyncio
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from blocks import CODE, DATA, INSTALLS, ROOT, Block, blocks, pages, replaced, run

from elements_procura import ElementsClient, Priority, ProcuraClient
from elements_procura.sandbox import ProcuraSandbox, Sandbox

PATIENCE = 300.0  # seconds that only end a block which hangs
BY_PAGE = {page: blocks(page) for page in pages()}
SHELL = """set -euo pipefail
export NO_COLOR=1
trap 'kill $(jobs -p) 2> /dev/null || true' EXIT
"""
CONFTEST = '''"""What the tests of a page take for granted: the service that they test."""
import builtins
import types

import pytest

from elements_procura.elements import KlantdossierBody


async def file(elements, name):
    body = KlantdossierBody(omschrijving=name, dossierstatus=1, kantoor=14830)
    return await elements.klantdossiers.add(body)


async def read_all(elements):
    for _ in range(100):
        await elements.klantdossiers.get(5526)


builtins.pytest = pytest
builtins.HOST = "https://kantoor.fasterforwardelements.nl"
builtins.my_service = types.SimpleNamespace(file=file, read_all=read_all)
'''


@pytest.fixture(scope="session")
def servers() -> Iterator[tuple[Sandbox, ProcuraSandbox]]:
    """The servers that all blocks talk to."""
    with Sandbox(dossiers=6, limits="off") as elements, ProcuraSandbox(dossiers=12) as procura:
        yield elements, procura


@pytest.fixture(scope="session")
def environment(servers: tuple[Sandbox, ProcuraSandbox]) -> dict[str, str]:
    """The environment of shells, as a user sets it."""
    bin_of = Path(sys.executable).parent
    return {
        **os.environ,
        **servers[0].environment,
        **servers[1].environment,
        "PATH": f"{bin_of}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "BSN": somebody(servers[0]),
    }


def somebody(sandbox: Sandbox) -> str:
    """The citizen number of somebody in the sandbox."""
    bodies = b"".join(sandbox.truth(5526).values())
    found = re.search(rb'"bsn": ?"(\d{8,9})"', bodies)
    assert found is not None
    return found[1].decode()


@pytest.fixture(scope="session")
def finished(environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a harvest of Elements."""
    folder = tmp_path_factory.mktemp("finished")
    shell("elements-procura harvest elements --out ./harvest", folder, environment)
    return folder


@pytest.fixture
def folder(finished: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copytree(finished, tmp_path / "work"))


def shell(code: str, folder: Path, environment: dict[str, str]) -> None:
    """Run a script to its end."""
    done = subprocess.run(
        ["bash", "-c", SHELL + code],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, f"{code}\nexit {done.returncode}\n{done.stdout}\n{done.stderr}"


def texts(elements: Sandbox, procura: ProcuraSandbox) -> dict[str, str]:
    """What stands for a server on a page, and what stands for it here."""
    given, theirs = elements.credentials, procura.credentials
    pair = repr((given["client_id"], given["client_secret"]))
    return {
        '"kantoor"': repr(elements.url),
        '"https://api.example.nl/dossiers", credentials=("id", "secret")': (
            f"{procura.url!r}, credentials={(theirs['client_id'], theirs['client_secret'])!r}"
        ),
        '("id", "secret")': pair,
        "organisation=14830": f"organisation={given['organisation']}",
        "asyncio.run(main())": "await main()",
    }


def of_page(page: Path, *kinds: str) -> list[Block]:
    """The blocks of a page that are run."""
    return [each for each in BY_PAGE[page] if each.kind in kinds and not each.reason]


def having(*kinds: str) -> list[Any]:
    """The pages that have such blocks."""
    found = [page for page in BY_PAGE if of_page(page, *kinds)]
    return [pytest.param(page, id=str(page.relative_to(ROOT))) for page in found]


@pytest.mark.parametrize("page", having("python"))
async def test_python(
    page: Path,
    servers: tuple[Sandbox, ProcuraSandbox],
    environment: dict[str, str],
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Python runs as it stands."""
    monkeypatch.chdir(folder)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    swaps = texts(*servers)
    async with servers[0].client() as elements, servers[1].client() as procura:
        names: dict[str, Any] = {
            "__name__": "page",
            "asyncio": asyncio,
            "elements": elements,
            "procura": procura,
            "ElementsClient": ElementsClient,
            "ProcuraClient": ProcuraClient,
            "Priority": Priority,
            "HOST": servers[0].url,
            "CLIENT_ID": servers[0].credentials["client_id"],
            "ORGANISATION": servers[0].credentials["organisation"],
            "SECRET": servers[0].credentials["client_secret"],
        }
        for block in of_page(page, "python"):
            if not block.is_test:
                try:
                    await asyncio.wait_for(run(block, replaced(block.code, swaps), names), PATIENCE)
                except Exception as error:
                    raise AssertionError(f"{block.name}: {error!r}") from error


@pytest.mark.parametrize("page", having("sh"))
def test_shell(page: Path, environment: dict[str, str], folder: Path) -> None:
    """Shells end with 0."""
    for block in of_page(page, "sh"):
        code = INSTALLS.sub("", block.code)
        if code.strip():
            try:
                shell(code, folder, environment)
            except AssertionError as error:
                raise AssertionError(f"{block.name}: {error}") from None


@pytest.mark.parametrize(
    "page", [page for page in BY_PAGE if any(each.is_test for each in of_page(page, "python"))]
)
def test_pytest(page: Path, environment: dict[str, str], tmp_path: Path) -> None:
    """Tests of a page pass."""
    own = [each for each in of_page(page, "python") if each.is_test]
    (tmp_path / "conftest.py").write_text(CONFTEST, "utf-8")
    counted = 0
    for number, block in enumerate(own):
        counted += len(re.findall(r"(?m)^\s*(?:async )?def test_", block.code))
        (tmp_path / f"test_page_{number}.py").write_text(block.code, "utf-8")
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-o", "asyncio_mode=auto", "-c", "/dev/null"),
            *("--rootdir", str(tmp_path), "-p", "no:cacheprovider", str(tmp_path)),
        ],
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert f"{counted} passed" in done.stdout, done.stdout + done.stderr


@pytest.mark.parametrize("page", having(*DATA))
def test_data(page: Path) -> None:
    """Data can be read."""
    for block in of_page(page, *DATA):
        DATA[block.kind](block.code)


def test_every_block_is_run_or_says_why_not() -> None:
    """None is left out in silence."""
    kinds = {*CODE, *DATA, "text", "sql"}  # tests/servers runs the queries
    unknown = [each.name for found in BY_PAGE.values() for each in found if each.kind not in kinds]
    assert unknown == []
    silent = [
        f"{page.relative_to(ROOT)}:{number}"
        for page in BY_PAGE
        for number, line in enumerate(page.read_text("utf-8").splitlines(), 1)
        if line == "<!-- not run -->"
    ]
    assert silent == []
