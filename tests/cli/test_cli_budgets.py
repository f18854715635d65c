"""What ends a run before nothing is left, and what the command line says of it then."""

import datetime as dt
import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from elements_procura.errors import SettingsError
from elements_procura.fleet import Job
from elements_procura.fleet.outcome import Ending
from elements_procura.harvest import Progress
from elements_procura.sandbox import Sandbox
from elements_procura.schema.settings import structured
from tests.cli.cli_running import environment, run, start, until_asked

FAST = ("--per-second", "2000", "--per-day", "6000000")


# -- times of the day --------------------------------------------------------------------------


@pytest.fixture
def amsterdam(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Europe/Amsterdam")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("amsterdam")
@pytest.mark.parametrize(
    ("now", "until", "then"),
    [
        ("2026-11-29T21:00Z", "06:00", "2026-11-30T05:00Z"),
        ("2026-11-29T04:00Z", "06:00", "2026-11-29T05:00Z"),
        ("2026-11-29T05:00Z", "06:00", "2026-11-30T05:00Z"),
        # The night that has an hour twice: 06:00 is winter time already.
        ("2026-10-24T20:00Z", "06:00", "2026-10-25T05:00Z"),
        ("2026-10-25T00:10Z", "02:30", "2026-10-25T00:30Z"),
        ("2026-10-25T00:45Z", "02:30", "2026-10-25T01:30Z"),
        ("2026-10-25T01:45Z", "02:30", "2026-10-26T01:30Z"),
        # The night that lacks an hour.
        ("2027-03-27T21:00Z", "06:00", "2027-03-28T04:00Z"),
        ("2027-03-27T21:00Z", "02:30", "2027-03-28T01:30Z"),
        ("2027-03-28T21:00Z", "06:00", "2027-03-29T04:00Z"),
    ],
)
def test_until_is_what_the_clock_on_the_wall_shows(now: str, until: str, then: str) -> None:
    began = dt.datetime.fromisoformat(now).timestamp()
    deadline = structured(Job, {"until": until}).deadline(now=began)
    assert deadline is not None
    assert dt.datetime.fromtimestamp(deadline, dt.UTC) == dt.datetime.fromisoformat(then)


@pytest.mark.parametrize(
    ("text", "seconds"), [("10h", 36_000), ("90m", 5400), ("1h30m", 5400), (" 2D ", 172_800)]
)
def test_lengths_of_time(text: str, seconds: float) -> None:
    assert structured(Job, {"within": text}).within == seconds


@pytest.mark.parametrize("text", ["", "10", "h", "0h", "-1h", "1m1h", "1.5h", "ten hours"])
def test_what_is_no_length_of_time_is_told_with_its_option(text: str) -> None:
    with pytest.raises(SettingsError, match="within must be a length of time"):
        structured(Job, {"within": text})


async def test_a_fault_of_a_setting_is_told_as_that_of_its_option(tmp_path: Path) -> None:
    ran = await run(
        *("harvest", "elements", "--out", tmp_path, "--within", "ten", "--budget", "120%"),
        *("--until", "25:00", "--search", "naam=x"),
        env=environment(ELEMENTS_HOST="http://a.example", ELEMENTS_CLIENT_ID="b")
        | {"ELEMENTS_CLIENT_SECRET": "c", "ELEMENTS_ORGANISATION": "1"},
    )
    assert ran.code == 2
    for told in (
        "--host is refused: plain http",
        "--within must be a length of time",
        "--budget must be a part of the whole",
        "--until must be a time of the day",
        "--search wants FILTER=VALUE",
    ):
        assert told in ran.err


# -- exit codes --------------------------------------------------------------------------------

OPEN = Progress(dossiers=10, harvested=4, listed=True)
STALE = Progress(dossiers=10, harvested=10, listed=True, refreshing=2)


@pytest.mark.parametrize(
    ("progress", "paused", "is_first", "refresh", "code"),
    [
        (OPEN, "max-requests", True, False, 6),
        (OPEN, "until", True, False, 6),
        (OPEN, "max-dossiers", True, False, 0),
        (OPEN, "max-requests", True, True, 6),  # of a harvest that was never complete
        (OPEN, "max-requests", False, True, 0),  # new dossiers, for the next night
        (OPEN, "max-dossiers", True, True, 0),
        (OPEN, "until", True, True, 0),
        (OPEN, "within", True, True, 0),
        (STALE, "max-requests", False, True, 0),
        (STALE, "until", False, True, 0),
        (STALE, "within", False, True, 0),
        (Progress(), "within", True, True, 6),  # nothing at all could be asked for
    ],
)
def test_what_a_budget_left_for_later_is_no_failure_of_a_refresh(
    progress: Progress, paused: str, is_first: bool, refresh: bool, code: int
) -> None:
    ending = Ending(progress, paused, is_refresh=refresh, is_first=is_first)
    assert ending.exit_code == code


async def test_a_pilot_that_did_as_told_exits_0_and_its_resume_leads_to_the_rest(
    tmp_path: Path,
) -> None:
    async with Sandbox(dossiers=12, limits="off") as sandbox:
        env = environment(sandbox)
        command = ("harvest", "elements", "--out", tmp_path / "h", *FAST)
        pilot = await run(*command, "--pilot", "5", env=env)
        assert pilot.code == 0, pilot.err
        assert "harvest  5/12 dossiers" in pilot.out
        (line,) = [each for each in pilot.err.splitlines() if each.startswith("resume: ")]
        assert "--pilot" not in line
        words = line.removeprefix("resume: elements-procura ").split()
        rest = await run(*words, env=env)
        assert rest.code == 0, rest.err
        assert "harvest  12/12 dossiers" in rest.out


# -- the quota of a night ----------------------------------------------------------------------


async def test_a_refresh_with_a_tenth_of_the_quota_exits_0_and_stays_within_it(
    tmp_path: Path,
) -> None:
    """H3: shared contact data is in the plan; what is sent is what was planned."""
    async with Sandbox(dossiers=40, seed=2, limits="off") as sandbox:
        env = environment(sandbox)
        command = ("harvest", "elements", "--out", tmp_path / "h", "--refresh")
        assert (await run(*command, *FAST, env=env)).code == 0
        for _ in range(2):
            before = len(sandbox.log)
            pace = ("--per-second", "2000", "--per-day", "4000", "--budget", "10%")
            (tmp_path / "h" / "quota.sqlite").unlink()
            ran = await run(*command, *pace, env=env)
            assert ran.code == 0, ran.err
            assert "refresh  " in ran.out
            assert 300 <= len(sandbox.log) - before <= 401  # and a token, which is not bulk
            assert "· all in " in ran.err
        status = await run("status", tmp_path / "h")
        assert "· all in 2." in status.out
        assert "none waits longer than " in status.out
        assert 2 < json.loads((await run("status", tmp_path / "h", "--json")).out)["cycle_days"] < 3


async def test_a_refresh_for_which_nothing_is_free_ends_at_once_with_0(tmp_path: Path) -> None:
    async with Sandbox(dossiers=4, seed=2, limits="off") as sandbox:
        env = environment(sandbox)
        command = ("harvest", "elements", "--out", tmp_path / "h", "--refresh")
        assert (await run(*command, *FAST, env=env)).code == 0
        before = len(sandbox.log)
        pace = ("--per-second", "2000", "--per-day", "50", "--budget", "100%")
        ran = await run(*command, *pace, env=env)
        assert ran.code == 0, ran.err
        assert "the day's quota is used up" in ran.err
        assert len(sandbox.log) == before


async def test_a_second_refresh_meanwhile_says_who_is_at_work_and_asks_for_nothing(
    tmp_path: Path,
) -> None:
    async with Sandbox(dossiers=60, seed=2, limits="off") as sandbox:
        env = environment(sandbox)
        command = ("harvest", "elements", "--out", tmp_path / "h", "--refresh")
        first = await start(*command, "--per-second", "100", env=env)
        await until_asked(sandbox, 60)
        tokens = sum(entry.method == "POST" for entry in sandbox.log)
        second = await run(*command, *FAST, env=env)
        assert second.code == 1
        assert "store.in-use" in second.err
        assert f"process {first.pid} on " in second.err or "is in use by process" in second.err
        assert sum(entry.method == "POST" for entry in sandbox.log) == tokens
        first.terminate()
        await first.communicate()
