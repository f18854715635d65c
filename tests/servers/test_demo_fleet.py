"""The demo of a fleet, as a user runs it."""

import asyncio
import json
import signal
from pathlib import Path

import psutil

from tests.cli.cli_running import run, start


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


async def test_whoever_ends_the_demo_ends_its_servers(tmp_path: Path) -> None:
    process = await start("demo", "--fleet", "--out", tmp_path / "demo", cold=True)
    assert process.stderr is not None
    while b"4 processes on one account" not in await process.stderr.readline():
        pass
    children = psutil.Process(process.pid).children(recursive=True)
    assert len(children) >= 1, "Valkey"
    process.send_signal(signal.SIGTERM)
    async with asyncio.timeout(120):
        assert await process.wait() == 130
    assert psutil.wait_procs(children, timeout=60)[1] == []
