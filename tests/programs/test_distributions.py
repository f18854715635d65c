"""The distributions as a release makes them, looked into and installed."""

import email.message
import email.parser
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path, PurePosixPath

import pytest

from elements_procura import __version__
from tests.programs.conftest import ROOT

PATIENCE = 300.0  # seconds that only end a test which hangs
SHARED = f"elements_procura-{__version__}.data/data/share/doc/elements-procura"
LICENSES = f"elements_procura-{__version__}.dist-info/licenses"
LEFT_OUT = {".pre-commit-config.yaml"}  # of no use without the repository


def python(program: Path | str, *arguments: str | Path) -> str:
    """Run Python; what it prints on stdout is returned."""
    done = subprocess.run(
        [program, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of sdist and wheel; the wheel is made out of the sdist."""
    folder = tmp_path_factory.mktemp("dist")
    python(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ".")
    return folder


@pytest.fixture(scope="module")
def wheel(made: Path) -> zipfile.ZipFile:
    (path,) = made.glob("*.whl")
    return zipfile.ZipFile(path)


def text(archive: zipfile.ZipFile, name: str) -> str:
    return archive.read(name).decode()


def metadata(archive: zipfile.ZipFile) -> email.message.Message:
    name = f"elements_procura-{__version__}.dist-info/METADATA"
    return email.parser.Parser().parsestr(text(archive, name))


def tracked() -> set[str]:
    """Every file of the repository."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return {each for each in listed.stdout.split("\0") if each and (ROOT / each).exists()}


def test_the_sdist_is_the_repository(made: Path) -> None:
    (path,) = made.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        names = {each.partition("/")[2] for each in archive.getnames()}
    assert tracked() - names == LEFT_OUT
    assert names - tracked() == {"PKG-INFO"}


def test_the_wheel_holds_docs_examples_and_notices(wheel: zipfile.ZipFile) -> None:
    names = set(wheel.namelist())
    for folder in ("docs", "examples", "CHANGELOG.md"):
        shared = {each for each in tracked() if each.split("/")[0] == folder}
        assert {f"{SHARED}/{each}" for each in shared} <= names
    package = {each for each in tracked() if each.startswith("elements_procura/")}
    assert package == {each for each in names if each.startswith("elements_procura/")}
    assert {"elements_procura/py.typed", "elements_procura/sync/elements.pyi"} <= package
    assert {f"{LICENSES}/LICENSE", f"{LICENSES}/NOTICE"} <= names
    rest = names - package - {each for each in names if each.startswith(SHARED)}
    assert {PurePosixPath(each).parts[0] for each in rest} == {
        f"elements_procura-{__version__}.dist-info"
    }


def test_the_notice_names_where_the_vendors_examples_are(wheel: zipfile.ZipFile) -> None:
    notice = text(wheel, f"{LICENSES}/NOTICE")
    assert notice == (ROOT / "NOTICE").read_text("utf-8")
    assert {"Faster Forward B.V.", "Procura B.V."} <= {
        each for each in ("Faster Forward B.V.", "Procura B.V.") if each in notice
    }
    (folder,) = re.findall(r"elements_procura/\S+?(?=,)", notice)
    data = {each for each in wheel.namelist() if each.endswith(".json")}
    assert data
    assert all(each.startswith(f"{folder}/") for each in data)


def test_a_releases_page_leads_to_its_own_docs(wheel: zipfile.ZipFile) -> None:
    """PyPI shows README: its links lead to the tag, and to what stands in the repository."""
    page = str(metadata(wheel).get_payload())
    links = re.findall(r"\]\((?!https?://(?!github\.com/elements-procura))([^)]*)\)", page)
    home = "https://github.com/elements-procura/elements-procura/"
    assert links
    for link in links:
        where = re.fullmatch(rf"{re.escape(home)}(?:blob|tree)/v{__version__}/([^#]*)(#.*)?", link)
        assert where, link
        assert (ROOT / where[1]).exists(), link


def test_the_version_is_that_of_the_package(wheel: zipfile.ZipFile) -> None:
    found = metadata(wheel)
    assert found["Version"] == __version__
    assert found["Requires-Python"] == ">=3.11"
    extras = set(found.get_all("Provides-Extra") or ())
    assert {"cli", "arrow", "keyring", "otel", "postgres", "redis", "duckdb"} <= extras


def test_an_installed_wheel_serves_and_has_its_docs(made: Path, tmp_path: Path) -> None:
    """Beside the libraries of this environment, without the repository in the path."""
    (path,) = made.glob("*.whl")
    python(sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-index", "-I",
           "--prefix", tmp_path, path)  # fmt: skip
    (packages,) = tmp_path.rglob("site-packages")
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "import elements_procura\n"
        "from elements_procura.sandbox import Sandbox\n"
        "assert elements_procura.__file__.startswith(sys.argv[1])\n"
        "with Sandbox(dossiers=1, limits='off') as sandbox, sandbox.sync_client() as client:\n"
        "    print(client.klantdossiers.get(5526).id)\n"
    )
    assert python(sys.executable, "-I", "-c", code, packages).strip() == "5526"
    pages = tmp_path / "share" / "doc" / "elements-procura" / "docs"
    assert (pages / "tutorial.md").read_text("utf-8").startswith("# Tutorial")
