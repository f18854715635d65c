"""The demo as a command: what it prints where, its exit codes, and going on with it."""

import json
import signal
from pathlib import Path

from elements_procura.harvest import Store
from tests.cli.cli_running import run, start

DEMO_KEYS = {
    "dossiers", "harvested", "quarantined", "lost", "equal", "requests", "requests_saved",
    "rejected_429", "seconds", "store",
}  # fmt: skip


async def test_demo_prints_one_json_object_with_the_fixed_keys(tmp_path: Path) -> None:
    done = await run("demo", "--dossiers", "12", "--seed", "3", "--out", tmp_path / "d", "--json")
    assert done.code == 0, done.err
    printed = json.loads(done.out)
    assert printed.keys() == DEMO_KEYS | {"apis"}
    assert (printed["dossiers"], printed["harvested"], printed["lost"]) == (24, 24, 0)
    assert printed["apis"].keys() == {"elements", "procura"}
    for told in (printed, *printed["apis"].values()):
        assert told["equal"] is True
        assert (told["quarantined"], told["rejected_429"]) == (0, 0)
    assert Path(printed["store"]) == tmp_path / "d"
    for told in printed["apis"].values():
        assert told.keys() == DEMO_KEYS
        assert (told["dossiers"], told["harvested"], told["lost"]) == (12, 12, 0)
        with Store.read(told["store"]) as store:
            assert store.progress().requests == told["requests"]
    with Store.read(tmp_path / "d" / "elements.sqlite") as store:
        assert store.states()[5526] == "complete"


async def test_demo_begins_anew_when_it_is_finished_or_another_one(tmp_path: Path) -> None:
    for dossiers in ("3", "3", "4"):
        done = await run("demo", "--dossiers", dossiers, "--out", tmp_path, "--json")
        printed = json.loads(done.out)
        assert done.code == 0
        for told in printed["apis"].values():
            assert told["harvested"] == int(dossiers)
            assert told["requests"] > int(dossiers)


async def test_demo_never_touches_a_real_harvest(tmp_path: Path) -> None:
    Store.create(tmp_path / "elements.sqlite", tenant="elements 1").close()
    done = await run("demo", "--dossiers", "3", "--out", tmp_path)
    assert done.code == 1
    assert "real harvest" in done.err
    with Store.read(tmp_path / "elements.sqlite") as store:
        assert store.tenant == "elements 1"


async def test_demo_in_words_goes_to_stdout_and_talk_to_stderr(tmp_path: Path) -> None:
    done = await run("demo", "--dossiers", "3", "--out", tmp_path)
    assert [line.split()[0] for line in done.out.splitlines()] == [
        "api", "harvest", "server", "saved", "pace", "verify", "store",
        "api", "harvest", "server", "pace", "verify", "store",
    ]  # fmt: skip
    assert "api      Elements\n" in done.out
    assert "api      Procura\n" in done.out
    assert done.out.count("equal: ") == 2
    assert done.err.startswith("sandbox  http://127.0.0.1:")
    assert "\x1b" not in done.out + done.err


async def test_the_bar_ends_full_and_nothing_of_it_is_on_stdout(tmp_path: Path) -> None:
    done = await run("demo", "--dossiers", "3", "--out", tmp_path, "--progress", "bar", "--json")
    assert done.code == 0, done.err
    assert "3/3" in done.err
    assert json.loads(done.out)["equal"] is True


async def test_an_interrupted_demo_says_how_to_go_on_and_begins_no_other_api(
    tmp_path: Path,
) -> None:
    """At the documented pace: it cannot be finished before it is interrupted."""
    process = await start("demo", "--dossiers", "9", "--limits", "documented", "--out", tmp_path)
    assert process.stderr is not None
    while not (line := await process.stderr.readline()).startswith(b"plan"):
        assert line
    process.send_signal(signal.SIGINT)
    out, err = await process.communicate()
    assert process.returncode == 130
    assert b"resume: elements-procura demo --dossiers 9 --limits documented" in err
    assert [line for line in out.splitlines() if line.startswith(b"api")] == [b"api      Elements"]
    assert b"verify" not in out
    done = await run("demo", "--dossiers", "9", "--limits", "off", "--out", tmp_path, "--json")
    printed = json.loads(done.out)
    assert (done.code, printed["equal"], printed["harvested"]) == (0, True, 18)


async def test_a_demo_in_bad_weather_plays_three_acts_and_loses_nothing(tmp_path: Path) -> None:
    """Exit 3 inside, in the second act; equal byte by byte in the end."""
    done = await run("demo", "--weather", "bad", "--dossiers", "16", "--out", tmp_path, "--json")
    assert done.code == 0, done.err
    printed = json.loads(done.out)
    assert printed.keys() == DEMO_KEYS | {"apis", "acts"}
    assert printed["equal"] is True
    acts = printed["acts"]
    assert [act["ok"] for act in acts] == [True, True, True]
    for api in ("elements", "procura"):
        first, second, third = (act["apis"][api] for act in acts)
        assert [each["exit_code"] for each in (first, second, third)] == [0, 3, 0]
        assert [each["lost_rows"] for each in (first, second, third)] == [0, 0, 0]
        assert first["hit_by_weather"] > 0
        assert first["probes"] > 0
        assert second["open"]
        assert (first["equal"], third["equal"], third["open"]) == (True, True, [])
    for act in ("act 1 ", "act 2 ", "act 3 "):
        assert act in done.err
