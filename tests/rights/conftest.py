"""A store with somebody in it whom tests erase: harvested once, a copy for each test."""

import asyncio
import shutil
from pathlib import Path

import pytest

from tests.rights.kit import MARKS, harvested, marks_in


@pytest.fixture(scope="session")
def one(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("one") / "elements.sqlite"
    asyncio.run(harvested(path))
    assert marks_in(path) == MARKS
    return path


@pytest.fixture
def path(one: Path, tmp_path: Path) -> Path:
    """A store of its own."""
    return put_back(one, tmp_path / "home" / one.name)


def put_back(old: Path, place: Path) -> Path:
    place.parent.mkdir(exist_ok=True)
    shutil.copy(old, place)
    return place
