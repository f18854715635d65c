"""Streams that are not there or cannot be written, ended terminals, idle browsers."""

import asyncio
import contextlib
import fcntl
import json
import logging
import os
import re
import signal
import struct
import sys
import termios
from pathlib import Path

import pytest

from elements_procura.auth import FileTokenStore
from elements_procura.auth.credentials import Credentials
from elements_procura.auth.grants import OrganisationGrant, account_of
from elements_procura.auth.oauth import Token
from elements_procura.cli._interrupts import Interrupts, _signals
from elements_procura.cli._output import Output
from elements_procura.cli.work.loopback import Loopback
from elements_procura.harvest import Store
from elements_procura.sandbox import Fault, Sandbox
from elements_procura.secret import Secret
from tests.cli.cli_running import environment, start

COMMAND = f"{sys.executable} -m elements_procura"
FAST = "--per-second 2000 --per-day 6000000"


async def shell(line: str, env: dict[str, str] | None = None) -> tuple[int, str, str]:
    """What became of a command with redirections: code, stdout, stderr."""
    process = await asyncio.create_subprocess_shell(
        line,
        env=environment() if env is None else env,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


@pytest.mark.parametrize(
    "command", ["--help", "--version", "endpoints", "endpoints --json", "config show"]
)
async def test_a_full_stdout_is_told_without_a_traceback(command: str) -> None:
    code, _, err = await shell(f"{COMMAND} {command} > /dev/full")
    assert code == 1
    assert err == "error[output]: stdout cannot be written: No space left on device\n"


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&-", "<&- >&- 2>&-"])
async def test_streams_that_are_not_there(tmp_path: Path, closed: str) -> None:
    code, _, err = await shell(f"{COMMAND} -q endpoints {closed}")
    assert (code, "Traceback" in err) == (0, False)
    missing = f"{COMMAND} harvest elements --out {tmp_path}/h {closed}"
    code, _, err = await shell(missing)
    assert code == 2
    assert "Traceback" not in err


async def test_a_full_stderr_changes_no_exit_code() -> None:
    assert (await shell(f"{COMMAND} endpoints 2> /dev/full"))[0] == 0
    assert (await shell(f"{COMMAND} harvest elements --out x 2> /dev/full"))[0] == 2
    code, out, _ = await shell(f"{COMMAND} endpoints > /dev/full 2>&1")
    assert (code, out) == (1, "")


@pytest.mark.parametrize("talk", ["2> /dev/full", "2>&-", "<&- 2>&-"])
@pytest.mark.parametrize("options", ["-v", "-vv"])
async def test_a_harvest_goes_on_when_talk_cannot_be_written(
    tmp_path: Path, talk: str, options: str
) -> None:
    async with Sandbox(dossiers=5, limits="off") as sandbox:
        code, out, err = await shell(
            f"{COMMAND} {options} harvest elements --out {tmp_path}/h {FAST} --json {talk}",
            environment(sandbox),
        )
    assert (code, err) == (0, "")
    assert json.loads(out)["harvested"] == 5


async def test_a_bar_on_a_terminal_that_goes_away(tmp_path: Path) -> None:
    """As when ssh is lost: writing fails with EIO, then SIGHUP comes."""
    leader, follower = os.openpty()
    async with Sandbox(dossiers=60, limits="off") as sandbox:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "elements_procura", "harvest", "elements",
            "--out", tmp_path / "h", "--per-second", "200", "--per-day", "6000000",
            env=environment(sandbox, TERM="xterm"),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=follower,
        )  # fmt: skip
        os.close(follower)
        while len(sandbox.log) < 50:  # noqa: ASYNC110 - the log tells nobody
            await asyncio.sleep(0.02)
        os.close(leader)
        process.send_signal(signal.SIGHUP)
        assert await process.wait() == 130
    with Store.read(tmp_path / "h" / "elements.sqlite") as store:
        assert store.progress().resources > 0


def read_until(terminal: int, seen: bytearray, words: bytes) -> None:
    """Read what is written to a terminal until it shows ``words``."""
    while words not in seen:
        seen.extend(os.read(terminal, 65536))


def read_rest(terminal: int, seen: bytearray) -> None:
    """Read what is there and no more."""
    os.set_blocking(terminal, False)
    with contextlib.suppress(BlockingIOError):
        while True:
            seen.extend(os.read(terminal, 65536))


async def test_a_second_ctrl_c_on_a_terminal(tmp_path: Path) -> None:
    """Talk stands above the bar, `resume:` is said, and the cursor comes back."""
    leader, follower = os.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 200, 0, 0))
    seen = bytearray()
    stall = Fault(kind="stall", match="GET *", seconds=20, after=3)
    async with Sandbox(dossiers=60, limits="off", faults=[stall]) as sandbox:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "elements_procura", "harvest", "elements",
            "--out", tmp_path / "h", env=environment(sandbox, TERM="xterm"),
            stdin=follower, stdout=follower, stderr=follower,
        )  # fmt: skip
        await asyncio.to_thread(read_until, leader, seen, b"answer")  # a bar is drawn
        while len(sandbox.log) < 10:  # noqa: ASYNC110 - some have stalled; the log tells nobody
            await asyncio.sleep(0.02)
        process.send_signal(signal.SIGINT)
        await asyncio.to_thread(read_until, leader, seen, b"stopping")
        process.send_signal(signal.SIGINT)
        await process.wait()
    # Held open until now: what was written last may be lost with the last one who writes.
    read_rest(leader, seen)
    os.close(follower)
    os.close(leader)
    text = seen.decode()
    for words in ("stopping: finishing", "resume: elements-procura harvest elements"):
        # The bar before it is taken away, and drawn anew below.
        assert re.search(rf"\x1b\[2K{words}.*?\r\n", text), text
    assert text.index("resume: ") < text.rindex("\x1b[?25h")


async def test_the_end_of_a_terminal_ends_as_a_termination_does(tmp_path: Path) -> None:
    async with Sandbox(dossiers=60, limits="off") as sandbox:
        process = await start(
            "harvest", "elements", "--out", tmp_path / "h", "--per-second", "200",
            "--per-day", "6000000", env=environment(sandbox), cold=True,
        )  # fmt: skip
        while len(sandbox.log) < 50:  # noqa: ASYNC110 - the log tells nobody
            await asyncio.sleep(0.02)
        process.send_signal(signal.SIGHUP)
        _, err = await process.communicate()
    assert process.returncode == 130
    assert "stopping: finishing requests under way" in err.decode()
    assert "resume: elements-procura harvest elements" in err.decode()


def test_under_nohup_the_end_of_a_terminal_is_nothing() -> None:
    assert signal.SIGHUP in _signals()
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        assert signal.SIGHUP not in _signals()
        Interrupts(Output(verbose=0, quiet=True, color=None))
    finally:
        signal.signal(signal.SIGHUP, before)


async def test_without_a_home_nothing_is_made_in_the_working_directory(tmp_path: Path) -> None:
    code = (
        "import os, pwd, runpy, sys\n"
        "os.environ.pop('HOME', None)\n"
        "def unknown(_): raise KeyError\n"
        "pwd.getpwuid = unknown\n"
        "sys.argv = ['elements-procura', *sys.argv[1:]]\n"
        "runpy.run_module('elements_procura', run_name='__main__')\n"
    )
    given = environment(
        ELEMENTS_HOST="https://nowhere.invalid",
        ELEMENTS_CLIENT_ID="b",
        ELEMENTS_CLIENT_SECRET="c",
        ELEMENTS_ORGANISATION="1",
    )
    bare = ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME")
    env = {name: value for name, value in given.items() if name not in bare}
    for command, ends, says in (
        ("endpoints", 0, ""),
        ("config show", 0, ""),
        ("whoami", 2, "tokens need a directory, and this user has no home directory"),
        ("harvest elements --out h --pilot 1", 2, "does not resolve"),
    ):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", code, *command.split(),
            cwd=tmp_path, env=env, stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        _, err = await process.communicate()
        assert (process.returncode, "Traceback" in err.decode()) == (ends, False), err.decode()
        assert says in err.decode()
    assert list(tmp_path.iterdir()) == []


async def test_an_idle_connection_of_the_browser_ends_with_the_page() -> None:
    """Python 3.12 and later wait for every connection of a server that closes."""
    async with Loopback() as page:
        port = int(page.redirect_uri.split(":")[2].split("/")[0])
        idle, idle_writer = await asyncio.open_connection("127.0.0.1", port)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /callback?code=c&state=s HTTP/1.1\r\n\r\n")
        assert (await page.answer()).reveal() == "/callback?code=c&state=s"
        assert (await reader.read()).startswith(b"HTTP/1.1 200 OK")
    assert await idle.read() == b""
    for each in (idle_writer, writer):
        each.close()
        await each.wait_closed()


HOSTILE = "\x1b[2J\x1b]0;x\x07\r\nERROR forged"


def test_nothing_of_a_server_steers_the_terminal_or_the_log(
    capsys: pytest.CaptureFixture[str],
) -> None:
    root = logging.getLogger()
    before = root.handlers[:]
    root.handlers.clear()
    try:
        output = Output(verbose=1, quiet=False, color=None)
        output.data(f"scopes {HOSTILE}")
        output.say(f"dossier {HOSTILE}")
        output.error("code", HOSTILE, HOSTILE)
        logging.getLogger("elements_procura").warning("dossier %s", HOSTILE)
    finally:
        root.handlers[:] = before
    for text in capsys.readouterr():
        assert text
        assert not set(text) & {"\x1b", "\x07", "\r"}
    out, err = capsys.readouterr()
    assert (out, err) == ("", "")


def test_a_log_message_stays_on_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    before = root.handlers[:]
    root.handlers.clear()
    try:
        Output(verbose=1, quiet=False, color=None)
        logging.getLogger("elements_procura").warning("dossier %s", HOSTILE)
    finally:
        root.handlers[:] = before
    assert len(capsys.readouterr().err.splitlines()) == 1


async def test_scopes_of_a_server_are_escaped(tmp_path: Path) -> None:
    token = Token(Secret("x"), 3600.0, 2_000_000_000.0, Secret("r"), "a\x1b[2Jb c")
    env = environment(
        ELEMENTS_HOST="https://a.example",
        ELEMENTS_CLIENT_ID="b",
        ELEMENTS_ORGANISATION="1",
        ELEMENTS_TOKEN_FOLDER=str(tmp_path),
    )
    grant = OrganisationGrant(Credentials("b", "c"), "1", "data", ("klantdossier.read",))
    await FileTokenStore(tmp_path).save(account_of("https://a.example", grant), token)
    code, out, _ = await shell(f"{COMMAND} whoami", env)
    assert code == 0
    assert "scopes   a\\x1b[2Jb c\n" in out
