"""A server that is away, as the command line tells of it."""

import asyncio
import json
from pathlib import Path

import pytest

from elements_procura.demo import verify
from elements_procura.harvest import Store
from elements_procura.sandbox import Fault, Sandbox
from tests.cli.cli_running import environment, run, start, until_asked

FAST = ("--per-second", "2000", "--per-day", "6000000")


async def test_e4_a_server_that_comes_back_is_waited_for_and_told_of(tmp_path: Path) -> None:
    out, events = tmp_path / "h", tmp_path / "events"
    async with Sandbox(dossiers=40, limits="off") as sandbox:
        env = environment(sandbox)
        sandbox.add_fault(Fault(kind="status", status=503, match="GET *", after=100))
        process = await start(
            "harvest", "elements", "--out", out, "--events", events, *FAST, env=env
        )
        store = out / "elements.sqlite"
        async with asyncio.timeout(120):
            while not store.exists() or "server away since" not in (await run("status", out)).out:  # noqa: ASYNC110 - another process
                await asyncio.sleep(0.05)
        told = json.loads((await run("status", out, "--json")).out)
        assert told["server_away_since"] is not None
        sandbox.clear_faults()
        _, err = await process.communicate()
        assert process.returncode == 0, err.decode()
        assert "the server is away: the server answered 503" in err.decode()
        assert "the server is back after" in err.decode()
        with Store.read(store) as reader:
            assert verify(reader, sandbox).equal
            assert reader.progress().probes >= 1
        lines = [json.loads(line) for line in events.read_text().splitlines()]
        names = [line["event"] for line in lines]
        assert names.index("interrupted") < names.index("resumed")
        assert json.loads((await run("status", out, "--json")).out)["server_away_since"] is None


async def test_status_does_not_say_that_a_server_is_away_which_nobody_asks(tmp_path: Path) -> None:
    out = tmp_path / "h"
    async with Sandbox(dossiers=10, limits="off") as sandbox:
        sandbox.add_fault(Fault(kind="status", status=503, match="GET *", after=100))
        command = ("harvest", "elements", "--out", out, "--patience", "1s")
        assert (await run(*command, *FAST, env=environment(sandbox))).code == 5
    told = (await run("status", out)).out
    assert "weather  server away in the last run: the server answered 503" in told
    assert "away since" not in told


async def test_a_store_that_had_an_answer_waits_also_for_its_first_token(tmp_path: Path) -> None:
    async with Sandbox(dossiers=4, limits="off") as sandbox:
        env = environment(sandbox)
        command = ("harvest", "elements", "--out", tmp_path / "h", "--refresh", *FAST)
        assert (await run(*command, env=env)).code == 0
        before = len(sandbox.log)
        sandbox.add_fault(Fault(kind="status", status=503))
        process = await start(*command, env=env)
        await until_asked(sandbox, before + 4)  # three tries, and the first after a pause
        sandbox.clear_faults()
        _, err = await process.communicate()
        assert process.returncode == 0, err.decode()
        assert "weather  server away since" in err.decode()
        assert "weather  server back after" in err.decode()


@pytest.mark.parametrize(
    ("host", "code"), [("http://127.0.0.1:9", 5), ("https://nowhere.invalid", 2)]
)
async def test_e4_a_server_that_is_not_there(tmp_path: Path, host: str, code: int) -> None:
    """A new store ends at once; one that had an answer waits its patience, and ends with 5."""
    async with Sandbox(dossiers=1, limits="off") as sandbox:
        env = environment(sandbox)
        command = ("harvest", "elements", "--refresh", *FAST)
        assert (
            await run(*command, "--out", tmp_path / "new", env=env | {"ELEMENTS_HOST": host})
        ).code == code
        assert not (tmp_path / "new").exists()
        if code == 5:  # a store knows its server by name
            old = (*command, "--out", tmp_path / "old", "--patience", "1s")
            assert (await run(*old, env=env)).code == 0
            assert (await run(*old, env=env | {"ELEMENTS_HOST": host})).code == 5


async def test_a_patience_that_is_none_exits_2(tmp_path: Path) -> None:
    async with Sandbox(dossiers=1, limits="off") as sandbox:
        done = await run(
            "harvest", "elements", "--out", tmp_path / "h", "--patience", "long",
            env=environment(sandbox),
        )  # fmt: skip
    assert done.code == 2
    assert "--patience" in done.err
