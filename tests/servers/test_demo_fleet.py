"""The demo of a fleet, as a user runs it."""

import json
from pathlib import Path

from tests.cli.cli_running import run


async def test_the_demo_of_a_fleet_ends_equal(tmp_path: Path) -> None:
    done = await run("demo", "--fleet", "--out", tmp_path / "demo", "--json")
    assert done.code == 0, done.err
    found = json.loads(done.out)
    assert found["ok"]
    shared, spread = found["sharing"], found["spreading"]
    assert (shared["refused"], shared["tokens"], shared["killed"]) == (0, 1, 1)
    assert shared["requests"] > 0
    assert set(spread["tenants"].values()) == {0}
    assert (spread["equal"], spread["killed"], spread["rejected_429"]) == (6, 1, 0)
    assert "a worker is killed" in done.err
