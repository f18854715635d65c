"""Whatever the weather was, some fair nights settle every doubt, and the store is the truth."""

from pathlib import Path

import pytest

from tests.harvest.office_nights import settled


@pytest.mark.parametrize("seed", [*range(20), 5098, 7327])  # found by thousands
def test_fair_nights_settle_every_doubt(tmp_path: Path, seed: int) -> None:
    assert settled(tmp_path / "s.sqlite", seed) == []
