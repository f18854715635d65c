"""Refreshes by parts while anything happens and runs are killed: the short form of a soak."""

from pathlib import Path

import pytest

from tests.clock import run_virtually
from tests.harvest.refresh_days import Plan, live


@pytest.mark.parametrize("seed", [3, 4])
def test_nothing_is_deleted_that_is_there_and_after_a_cycle_all_is_equal(
    tmp_path: Path, seed: int
) -> None:
    account = run_virtually(live(Plan(dossiers=8, days=10, seed=seed, killed=0.4), tmp_path))
    assert account.faults == []
    counts = account.counts
    assert counts["passes of parts"] > 40
    assert counts["hidden"] > 0
    assert counts["kills"] > 0
    assert account.deeds > 10
