"""Events for other programs: whole lines, whoever reads them, and no harvest that waits for it."""

import contextlib
import datetime as dt
import json
import os
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from elements_procura.cli.shown.events import EventLog
from elements_procura.sandbox import Sandbox
from tests.cli.cli_running import environment, run, start

FAST = ("--per-second", "2000", "--per-day", "6000000")


@contextlib.contextmanager
def piped() -> Iterator[tuple[int, EventLog, list[str]]]:
    """The reading end of a pipe, a log that writes to it, and what people are told."""
    reading, writing = os.pipe()
    told: list[str] = []
    log = EventLog(writing, "the pipe", told.append)
    try:
        yield reading, log, told
    finally:
        with contextlib.suppress(OSError):
            os.close(reading)


def test_a_slow_reader_gets_whole_lines_and_the_count_of_those_it_missed() -> None:
    with piped() as (reading, log, told):
        for number in range(30_000):
            log.write({"v": 1, "event": "stored", "at": "now", "number": number})
        got = bytearray()

        def read() -> None:
            while part := os.read(reading, 777):
                got.extend(part)

        reader = threading.Thread(target=read)
        reader.start()
        log.write({"v": 1, "event": "last", "at": "now"})
        log.close()
        reader.join()
    lines = [json.loads(each) for each in got.splitlines()]
    events = Counter(each["event"] for each in lines)
    lost = sum(each["count"] for each in lines if each["event"] == "lost")
    assert lost > 10_000
    assert events["stored"] + events["last"] + lost == 30_001
    numbers = [each["number"] for each in lines if each["event"] == "stored"]
    assert numbers == sorted(numbers)
    assert told == []


def test_a_reader_that_goes_away_ends_the_telling_alone() -> None:
    with piped() as (reading, log, told):
        os.close(reading)
        for number in range(30_000):
            log.write({"v": 1, "event": "stored", "at": "now", "number": number})
        log.close()
    assert told == ["events   end: the pipe cannot be written: Broken pipe"]


def test_events_after_a_torn_line_begin_on_their_own(tmp_path: Path) -> None:
    path, told = tmp_path / "events.ndjson", list[str]()
    path.write_bytes(b'{"v":1,"event":"stor')
    log = EventLog.open(path, told.append)
    log.write({"v": 1, "event": "stored"})
    log.write({"v": 1, "event": "settled"})
    log.close()
    lines = path.read_text().splitlines()
    assert [json.loads(each)["event"] for each in lines[1:]] == ["stored", "settled"]
    assert told == []


def test_events_on_a_full_disk_end_and_are_told() -> None:
    told: list[str] = []
    log = EventLog.open(Path("/dev/full"), told.append)
    for _ in range(100):
        log.write({"v": 1, "event": "stored", "at": "now"})
    log.close()
    assert told == ["events   end: /dev/full cannot be written: No space left on device"]


def test_a_named_pipe_waits_for_its_reader(tmp_path: Path) -> None:
    path, told, got = tmp_path / "pipe", list[str](), list[bytes]()
    os.mkfifo(path)
    reader = threading.Thread(target=lambda: got.append(path.read_bytes()))
    reader.start()
    log = EventLog.open(path, told.append)
    log.write({"v": 1, "event": "stored"})
    log.close()
    reader.join()
    assert got == [b'{"v":1,"event":"stored"}\n']


async def test_every_event_is_a_line_of_the_file_and_a_second_run_adds_its_own(
    tmp_path: Path,
) -> None:
    async with Sandbox(dossiers=12, seed=2, limits="off") as sandbox:
        env, events = environment(sandbox), tmp_path / "events.ndjson"
        command = ("harvest", "elements", "--out", tmp_path / "h", "--events", events, *FAST)
        done = await run(*command, "--max-requests", "120", env=env)
        assert done.code == 6, done.err
        done = await run(*command, "--resume", "--json", env=env)
        assert done.code == 0, done.err
        assert json.loads(done.out)["harvested"] == 12
    lines = [json.loads(each) for each in events.read_text().splitlines()]
    assert {each["v"] for each in lines} == {1}
    assert all(dt.datetime.fromisoformat(each["at"]).tzinfo == dt.UTC for each in lines)
    counts = Counter(each["event"] for each in lines)
    assert counts["started"] == counts["finished"] == 2
    assert counts["plan"] >= 2  # a run that takes longer plans anew
    assert (counts["listed"], counts["settled"]) == (1, 12)
    assert counts["stored"] == lines[-1]["resources"]
    assert [each["complete"] for each in lines if each["event"] == "finished"] == [False, True]
    assert events.stat().st_mode & 0o777 == 0o600
    stored = next(each for each in lines if each["event"] == "stored")
    assert stored.keys() == {"v", "event", "at", "kind", "dossier"}


async def test_a_run_that_fails_says_so_last(tmp_path: Path) -> None:
    async with Sandbox(dossiers=12, limits="off") as sandbox:
        events = tmp_path / "events.ndjson"
        done = await run(
            "harvest", "elements", "--out", tmp_path / "h", "--events", events,
            "--per-second", "300", "--per-day", "100", env=environment(sandbox),
        )  # fmt: skip
        assert done.code == 6, done.err
    last = json.loads(events.read_text().splitlines()[-1])
    assert (last["event"], last["code"]) == ("failed", "quota")
    assert last["queued"] > 0


async def test_events_on_stdout_leave_nothing_else_there(tmp_path: Path) -> None:
    async with Sandbox(dossiers=4, limits="off") as sandbox:
        done = await run(
            "harvest", "elements", "--out", tmp_path / "h", "--events", "-", *FAST,
            env=environment(sandbox),
        )  # fmt: skip
    assert done.code == 0, done.err
    lines = [json.loads(each) for each in done.out.splitlines()]
    assert (lines[0]["event"], lines[-1]["event"]) == ("started", "finished")
    assert "harvest  4/4 dossiers" in done.err
    assert "saved    " in done.err


async def test_who_stops_reading_events_does_not_stop_the_harvest(tmp_path: Path) -> None:
    async with Sandbox(dossiers=12, limits="off") as sandbox:
        process = await start(
            "harvest", "elements", "--out", tmp_path / "h", "--events", "-", *FAST,
            env=environment(sandbox),
        )  # fmt: skip
        assert process.stdout is not None
        assert process.stderr is not None
        assert json.loads(await process.stdout.readline())["event"] == "started"
        process._transport.get_pipe_transport(1).close()  # type: ignore[attr-defined] # no other way to hang up
        err = (await process.stderr.read()).decode()
        assert await process.wait() == 0, err
    assert "events   end: stdout cannot be written: Broken pipe" in err
    assert "harvest  12/12 dossiers" in err
    assert "Traceback" not in err


async def test_events_that_cannot_be_written_begin_nothing(tmp_path: Path) -> None:
    async with Sandbox(dossiers=2, limits="off") as sandbox:
        done = await run(
            "harvest", "elements", "--out", tmp_path / "h",
            "--events", tmp_path / "no" / "such" / "folder", env=environment(sandbox),
        )  # fmt: skip
        assert (done.code, "cannot be written" in done.err) == (1, True)
        assert not sandbox.log
    assert not (tmp_path / "h").exists()
