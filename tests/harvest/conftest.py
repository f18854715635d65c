from pathlib import Path

import pytest


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a test's store is made."""
    return tmp_path / "store.sqlite"
