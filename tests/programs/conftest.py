"""These tests need libraries of guests: without ``GUESTS=1`` nothing here is collected.

With it (``nox -s guests``), what is missing ends the run by name.
"""

import importlib.util
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from elements_procura.sandbox import Sandbox

collect_ignore_glob = [] if os.environ.get("GUESTS") == "1" else ["test_*.py"]
NEEDED = (
    "build",
    "celery",
    "django",
    "fastapi",
    "hatchling",
    "httpx",
    "ipykernel",
    "nbclient",
    "pandas",
    "taskiq",
    "uvicorn",
)
ROOT = Path(__file__).parents[2]


def pytest_configure() -> None:
    if os.environ.get("GUESTS") != "1":
        return
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        pytest.exit(f"missing: {', '.join(missing)}: pip install --group guests", returncode=1)


def in_environment(sandbox: Sandbox, patch: pytest.MonkeyPatch, folder: Path) -> None:
    """Put its settings into the environment, as the examples read them."""
    names = {
        "ELEMENTS_TOKEN_FOLDER": "tokens",
        "CELERY_FOLDER": "celery",
        "SERVICE_FOLDER": "service",
    }
    folders = {name: str(folder / each) for name, each in names.items()}
    for name, value in (sandbox.environment | folders).items():
        patch.setenv(name, value)


@pytest.fixture
def office(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Sandbox]:
    """A sandbox whose settings stand in the environment."""
    with Sandbox(dossiers=3, limits="off") as sandbox:
        in_environment(sandbox, monkeypatch, tmp_path)
        yield sandbox
