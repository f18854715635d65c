"""The commands as a user runs them: what they print, where, and what they exit with."""

import asyncio
import json
import signal
import socket
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest

from elements_procura.demo import verify
from elements_procura.harvest import Store
from elements_procura.sandbox import Fault, Sandbox
from elements_procura.sandbox.core.weather import KINDS, MIXES
from tests.cli.cli_running import environment, run, start, until_asked

FAST = ("--per-second", "2000", "--per-day", "6000000")


@pytest.mark.parametrize(
    "command",
    [
        "",
        "demo",
        "sandbox",
        "harvest",
        "harvest elements",
        "harvest procura",
        "harvest tenants",
        "status",
        "plan",
        "login",
        "logout",
        "whoami",
        "doctor",
        "config",
        "config show",
        "schema",
        "schema drift",
    ],
)
def test_help_imports_nothing_that_takes_long(command: str) -> None:
    code = (
        "import sys\n"
        "from elements_procura.cli import cli\n"
        f"cli([*{command!r}.split(), '--help'], standalone_mode=False)\n"
        "assert not {'aiohttp', 'rich', 'cattrs', 'asyncio', 'sqlite3'} & sys.modules.keys()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Usage:" in done.stdout


async def test_sandbox_prints_how_to_connect_first_and_stops_on_a_signal() -> None:
    process = await start("sandbox", "--dossiers", "3")
    assert process.stdout is not None
    printed = json.loads(await process.stdout.readline())
    assert printed.keys() == {"elements", "procura", "credentials"}
    assert printed["credentials"]["elements"].keys() == {
        "client_id", "client_secret", "organisation", "webservice", "scopes",
    }  # fmt: skip
    assert printed["credentials"]["procura"].keys() == {"client_id", "client_secret"}
    for api in ("elements", "procura"):
        address = urlsplit(printed[api])
        socket.create_connection((address.hostname, address.port)).close()
    process.send_signal(signal.SIGINT)
    assert await process.wait() == 130


async def test_weather_is_listed_with_a_line_for_each_name() -> None:
    done = await run("sandbox", "--weather", "list")
    assert (done.code, done.err) == (0, "")
    told = dict(line.split(maxsplit=1) for line in done.out.splitlines())
    assert told.keys() == {*MIXES, *KINDS}
    assert "Procura only" in told["slow-search"]
    assert (await run("demo", "--weather", "list")).out == done.out


@pytest.mark.parametrize("command", ["sandbox", "demo"])
async def test_a_weather_that_there_is_not_is_told_with_those_there_are(command: str) -> None:
    done = await run(command, "--weather", "bom,snow")
    assert (done.code, done.out) == (2, "")
    assert "no weather 'snow'; known are bad, broken, default-backend" in done.err


async def test_a_sandbox_under_weather() -> None:
    process = await start("sandbox", "--dossiers", "3", "--weather", "bom,waf", "--json")
    try:
        assert process.stdout is not None
        given = json.loads(await process.stdout.readline())
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{given['procura']}/api/v1/info") as reply,
        ):
            assert (await reply.read()).startswith(b"\xef\xbb\xbf{")
    finally:
        process.send_signal(signal.SIGINT)
        await process.communicate()


async def test_sandbox_refuses_a_plan_it_cannot_read() -> None:
    done = await run("sandbox", "--faults", '[{"kind": "html", "mach": "*"}]')
    assert done.code == 2
    assert "mach" in done.err
    assert done.out == ""


async def test_sandbox_tells_that_a_port_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = await run("sandbox", "--port", port)
    assert done.code == 2
    assert port in done.err
    assert "Traceback" not in done.err


async def test_harvest_then_status(tmp_path: Path) -> None:
    async with Sandbox(dossiers=10, seed=2, limits="scaled") as sandbox:
        done = await run(
            "harvest", "elements", "--out", tmp_path / "h", "--json", *FAST,
            env=environment(sandbox),
        )  # fmt: skip
        assert done.code == 0, done.err
        printed = json.loads(done.out)
        assert printed["complete"] is True
        assert f" · quota {len(sandbox.log):,}/6,000,000" in done.err
        assert printed["requests"] == len(sandbox.log)
        with Store.read(printed["store"]) as store:
            assert verify(store, sandbox).equal
        told = await run("status", tmp_path / "h", "--json")
        assert printed.items() <= json.loads(told.out).items()
        before = len(sandbox.log)
        again = await run(
            "harvest", "elements", "--out", tmp_path / "h", "--resume", "--json",
            env=environment(sandbox),
        )  # fmt: skip
        assert (again.code, json.loads(again.out)) == (0, printed)
        assert len(sandbox.log) == before


async def test_the_secret_can_come_through_stdin(tmp_path: Path) -> None:
    async with Sandbox(dossiers=2, limits="off") as sandbox:
        env = environment(sandbox)
        secret = env.pop("ELEMENTS_CLIENT_SECRET")
        done = await run(
            "harvest", "elements", "--secret-stdin", "--out", tmp_path / "h", *FAST,
            env=env, stdin=f"{secret}\n",
        )  # fmt: skip
    assert done.code == 0, done.err


async def test_quarantine_exits_3_and_status_names_it(tmp_path: Path) -> None:
    async with Sandbox(dossiers=5, limits="off") as sandbox:
        sandbox.add_fault(Fault(kind="html", match="GET */5526/producten"))
        done = await run(
            "harvest", "elements", "--out", tmp_path / "h", *FAST, env=environment(sandbox)
        )
    assert done.code == 3
    told = await run("status", tmp_path / "h")
    assert "dossier 5526, producten: protocol: GET" in told.out


async def test_ctrl_c_drains_saves_and_names_the_command_that_goes_on(tmp_path: Path) -> None:
    async with Sandbox(dossiers=60, seed=5, limits="off", min_latency=0.02) as sandbox:
        env, out = environment(sandbox), tmp_path / "my harvest"
        process = await start("harvest", "elements", "--out", out, *FAST, env=env, cold=True)
        await until_asked(sandbox, 200)
        process.send_signal(signal.SIGINT)
        _, err = await process.communicate()
        assert process.returncode == 130
        resume = err.decode().split("resume: elements-procura ", 1)[1].strip()
        assert (
            resume
            == f"harvest elements --out '{out}' --per-second 2000.0 --per-day 6000000 --resume"
        )
        with Store.read(out / "elements.sqlite") as store:
            stored = dict(store.bodies())
        statuses = Counter(entry.status for entry in sandbox.log)
        assert statuses.keys() == {200}
        assert len(stored) == statuses[200] - 2  # the token and the listing
        done = await run("harvest", "elements", "--out", out, "--resume", *FAST, env=env)
        assert done.code == 0, done.err
        await _check_nothing_asked_twice(sandbox, out, stored)


async def test_kill_9_loses_nothing_and_nothing_stored_is_asked_for_again(tmp_path: Path) -> None:
    async with Sandbox(dossiers=60, seed=6, limits="off", min_latency=0.02) as sandbox:
        env, out = environment(sandbox), tmp_path / "h"
        process = await start("harvest", "elements", "--out", out, *FAST, env=env)
        await until_asked(sandbox, 150)
        process.kill()
        await process.communicate()
        with Store.read(out / "elements.sqlite") as store:
            stored = dict(store.bodies())
        assert stored
        done = await run("harvest", "elements", "--out", out, "--resume", *FAST, env=env)
        assert done.code == 0, done.err
        await _check_nothing_asked_twice(sandbox, out, stored)


async def _check_nothing_asked_twice(sandbox: Sandbox, out: Path, stored: dict[str, Any]) -> None:
    asked = Counter(entry.path for entry in sandbox.log)
    assert [path for path in stored if asked[path] != 1] == []
    with Store.read(out / "elements.sqlite") as store:
        assert verify(store, sandbox).equal
        assert store.progress().complete


@pytest.mark.parametrize(
    ("changes", "code", "says"),
    [
        ({"ELEMENTS_CLIENT_SECRET": ""}, 2, "ELEMENTS_CLIENT_SECRET"),
        ({"ELEMENTS_CLIENT_SECRET": "wrong"}, 4, "Check client id and secret"),
        ({"ELEMENTS_HOST": "no-such-host.invalid"}, 2, "Give https://HOST"),
        ({"ELEMENTS_HOST": "https://no-such-host.invalid"}, 2, "does not resolve"),
        ({"ELEMENTS_HOST": "http://example.org"}, 2, "Use https"),
        ({"ELEMENTS_HOST": "http://127.0.0.1.evil.example"}, 2, "Use https"),
        ({"ELEMENTS_HOST": "http://127.0.0.1:9"}, 5, "refused"),
        ({"ELEMENTS_ORGANISATION": "99"}, 4, "organisation"),
    ],
)
async def test_bad_settings_are_told_and_nothing_is_begun(
    tmp_path: Path, changes: dict[str, str], code: int, says: str
) -> None:
    async with Sandbox(dossiers=2, limits="off") as sandbox:
        done = await run(
            "harvest", "elements", "--out", tmp_path / "h", env=environment(sandbox, **changes)
        )
    assert done.code == code, done.err
    assert says in done.err
    assert "  next: " in done.err
    assert "Traceback" not in done.err
    assert not (tmp_path / "h").exists()
    assert not [entry for entry in sandbox.log if entry.method == "GET"]


async def test_missing_settings_exit_2_and_name_their_variable(tmp_path: Path) -> None:
    done = await run("harvest", "elements", "--out", tmp_path / "h")
    assert done.code == 2
    assert "ELEMENTS_HOST" in done.err


async def test_resume_and_no_resume_are_not_mixed_up(tmp_path: Path) -> None:
    async with Sandbox(dossiers=2, limits="off") as sandbox:
        env = environment(sandbox)
        nothing = await run("harvest", "elements", "--out", tmp_path / "h", "--resume", env=env)
        assert (nothing.code, "Leave out --resume" in nothing.err) == (2, True)
        await run("harvest", "elements", "--out", tmp_path / "h", *FAST, env=env)
        again = await run("harvest", "elements", "--out", tmp_path / "h", *FAST, env=env)
        assert (again.code, "Add --resume" in again.err) == (2, True)


async def test_only_the_dossiers_and_kinds_asked_for_are_harvested(tmp_path: Path) -> None:
    async with Sandbox(dossiers=12, limits="off") as sandbox:
        env, ids = environment(sandbox), tmp_path / "ids.txt"
        ids.write_text(f"5526\n{sandbox.dossier_ids[3]}\n")
        command = ("harvest", "elements", "--include", "adviseurs,kantoor", "--json", *FAST)
        done = await run(*command, "--out", tmp_path / "h", "--ids", ids, env=env)
        assert done.code == 0, done.err
        assert json.loads(done.out)["harvested"] == 2
        kinds = {entry.path.split("/")[5] for entry in sandbox.log if entry.path.count("/") > 4}
        assert kinds == {"adviseurs", "kantoor"}
        found = await run(
            *command, "--out", tmp_path / "s", "--search", "achternaam=Jansen",
            "--search", "plaatsnaam=Rotterdam", env=env,
        )  # fmt: skip
        assert found.code == 0, found.err
        with Store.read(tmp_path / "s" / "elements.sqlite") as store:
            assert 5526 in store.states()


async def test_a_run_of_so_many_requests_exits_6_and_can_be_resumed(tmp_path: Path) -> None:
    async with Sandbox(dossiers=10, limits="off") as sandbox:
        env = environment(sandbox)
        command = ("harvest", "elements", "--out", tmp_path / "h", *FAST)
        first = await run(*command, "--max-requests", "60", env=env)
        assert first.code == 6, first.err
        assert "resume: elements-procura harvest elements" in first.err
        assert len(sandbox.log) == 61  # the token is asked for before the harvest begins
        assert (await run(*command, "--resume", env=env)).code == 0


async def test_a_pilot_makes_the_plan_sure(tmp_path: Path) -> None:
    unverified = await run("plan", "--dossiers", "20000")
    assert unverified.code == 0, unverified.err
    assert "unverified" in unverified.out
    async with Sandbox(dossiers=60, limits="off") as sandbox:
        env, out = environment(sandbox), tmp_path / "h"
        command = ("harvest", "elements", "--out", out, *FAST)
        pilot = await run(*command, "--pilot", "20", env=env)
        assert pilot.code == 0, pilot.err
        sent = len(sandbox.log)
        told = json.loads((await run("plan", out, "--json")).out)
        assert (told["dossiers"], told["pilot"], told["verified"]) == (40, 20, True)
        assert len(sandbox.log) == sent
        words = await run("plan", out)
        assert "from     20 complete dossiers" in words.out
        await run(*command, "--resume", env=env)
        # The pilot is drawn by chance: benchmarks/plan.py counts how often the interval holds.
        assert told["requests"]["low"] * 0.5 < len(sandbox.log) - sent
        assert len(sandbox.log) - sent < told["requests"]["high"] * 2
        ahead = json.loads((await run("plan", out, "--refresh", "--age", "6h", "--json")).out)
        assert ahead["quota"]["requests_a_day"] == pytest.approx(80_000, rel=0.02)
        assert ahead["age"]["mean_age_seconds"] == pytest.approx(6 * 3600, rel=0.05)
        assert ahead["age"]["parts"].keys() >= {"dossier", "contact", "productdetails"}
        assert not ahead["verified"]
        words = await run("plan", out, "--refresh", "--age", "6h")
        assert "requests a day: out of date by 6 h on average" in words.out
        odd = await run("plan", out, "--refresh", "--age", "soon")
        assert (odd.code, "6h" in odd.err) == (2, True)
    nothing = await run("plan")
    assert (nothing.code, "Name a STORE" in nothing.err) == (2, True)


async def test_what_is_in_quarantine_can_be_retried(tmp_path: Path) -> None:
    async with Sandbox(dossiers=4, limits="off") as sandbox:
        env = environment(sandbox)
        sandbox.add_fault(Fault(kind="html", match="GET */5526/producten"))
        command = ("harvest", "elements", "--out", tmp_path / "h", *FAST)
        assert (await run(*command, env=env)).code == 3
        assert (await run(*command, "--resume", env=env)).code == 3
        sandbox.clear_faults()
        retried = await run(*command, "--resume", "--retry-quarantined", env=env)
        assert retried.code == 0, retried.err


@pytest.mark.parametrize(
    ("option", "says"),
    [
        (("--include", "ducks"), "nothing of a dossier is called ducks"),
        (("--search", "naam=x"), "Filters are achternaam"),
        (("--until", "25:00"), "Give HH:MM"),
        (("--budget", "lots"), "Give 80% or 0.8"),
        (("--ids", "pyproject.toml"), "is not a dossier id"),
    ],
)
async def test_options_that_cannot_be_read_exit_2_and_leave_nothing(
    tmp_path: Path, option: tuple[str, str], says: str
) -> None:
    async with Sandbox(dossiers=2, limits="off") as sandbox:
        done = await run(
            "harvest", "elements", "--out", tmp_path / "h", *option, env=environment(sandbox)
        )
    assert done.code == 2, done.err
    assert says in done.err
    assert not (tmp_path / "h").exists()


async def test_the_days_quota_is_remembered_by_the_next_run(tmp_path: Path) -> None:
    async with Sandbox(dossiers=30, limits="off") as sandbox:
        env = environment(sandbox)
        command = ("harvest", "elements", "--out", tmp_path / "h", "--per-second", "300")
        first = await run(*command, "--per-day", "100", env=env)
        assert first.code == 6, first.err
        assert "resume: elements-procura harvest elements" in first.err
        assert "next: Go on after 20" in first.err
        # The token request is not bulk; it counts, so that 80 of 100 are spent in all.
        spent = len(sandbox.log)
        assert spent in (80, 81)
        second = await run(*command, "--per-day", "100", "--resume", env=env)
        assert second.code == 6, second.err
        assert len(sandbox.log) - spent <= 1


async def test_a_server_that_goes_down_exits_5_and_can_be_resumed(tmp_path: Path) -> None:
    async with Sandbox(dossiers=40, limits="off") as sandbox:
        env = environment(sandbox)
        sandbox.add_fault(Fault(kind="status", status=503, match="GET *", after=60))
        command = ("harvest", "elements", "--out", tmp_path / "h", "--patience", "2s", *FAST)
        down = await run(*command, env=env)
        assert down.code == 5, down.err
        assert "resume: " in down.err
        sandbox.clear_faults()
        assert (await run(*command, "--resume", env=env)).code == 0
        with Store.read(tmp_path / "h" / "elements.sqlite") as store:
            assert verify(store, sandbox).equal


async def test_nothing_secret_or_personal_is_printed_however_much_is_logged(
    tmp_path: Path,
) -> None:
    faults = (
        Fault(kind="html", match="GET */producten", probability=0.2),
        Fault(kind="cut-json", match="GET */klanten/particulier", probability=0.3),
        Fault(kind="status", status=500, match="GET */rekeningnummers", probability=0.3),
        Fault(kind="other-body", match="GET */kantoor", probability=0.3),
        Fault(kind="reset-after", match="POST /oauth/access_token", times=1),
    )
    async with Sandbox(
        dossiers=30, seed=4, limits="off", token_seconds=3.0, faults=faults
    ) as sandbox:
        # Chance alone may spare everybody; one dossier's body is never right, so that it is shown.
        broken = f"GET */klantdossiers/{sandbox.dossier_ids[-1]}/producten"
        sandbox.add_fault(Fault(kind="html", match=broken))
        env = environment(sandbox, PYTHONASYNCIODEBUG="1", PYTHONDEVMODE="1")
        done = await run("-vv", "harvest", "elements", "--out", tmp_path / "h", *FAST, env=env)
        assert done.code in (3, 5), done.err
        assert "DEBUG elements_procura.http: GET /api/data/klantdossiers/{DOSSIER_ID}" in done.err
        canaries = {env["ELEMENTS_CLIENT_SECRET"], *personal_values(sandbox)}
        assert len(canaries) > 100
        printed = done.out + done.err
        assert [canary for canary in canaries if canary in printed] == []
        assert "access_token=" not in printed


def personal_values(sandbox: Sandbox) -> set[str]:
    """Every BSN, IBAN, surname and email address that the sandbox holds."""
    found: set[str] = set()

    def walk(value: Any, key: str) -> None:
        if isinstance(value, dict):
            for name, item in value.items():
                walk(item, name)
        elif isinstance(value, list):
            for item in value:
                walk(item, key)
        elif isinstance(value, str) and len(value) > 5 and key in ("bsn", "iban", "weergavenaam"):
            found.add(value)

    for dossier in sandbox.dossier_ids:
        for path, body in sandbox.truth(dossier).items():
            if not path.endswith("/download"):
                walk(json.loads(body), "")
    return found


async def test_a_sandbox_ends_at_sigterm_as_the_first_process_of_a_container_must() -> None:
    process = await start("sandbox", "--json", "--dossiers", "1")
    assert process.stdout is not None
    await process.stdout.readline()
    process.send_signal(signal.SIGTERM)
    assert await process.wait() == 0  # not -15: a handler was there


async def test_sandbox_prints_variables_for_a_shell() -> None:
    given = ("--env", "--secret", "it's mine", "--procura-port", "0", "--dossiers", "1")
    process = await start("sandbox", *given)
    try:
        assert process.stdout is not None
        lines = [await process.stdout.readline() for _ in range(9)]
        shell = f"{b''.join(lines).decode()}\nenv"
        child = await asyncio.create_subprocess_exec("sh", "-c", shell, stdout=subprocess.PIPE)
        printed, _ = await child.communicate()
        found = dict(line.split("=", 1) for line in printed.decode().splitlines() if "=" in line)
        assert found["ELEMENTS_CLIENT_SECRET"] == found["PROCURA_CLIENT_SECRET"] == "it's mine"
        env = environment() | {name: found[name] for name in found if name[:9] == "ELEMENTS_"}
        done = await run("call", "GET", "/api/data/klantdossiers/5526", env=env)
        assert json.loads(done.out)["id"] == 5526
    finally:
        process.send_signal(signal.SIGINT)
        await process.communicate()


async def test_sandbox_says_which_of_its_two_ports_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = await run("sandbox", "--procura-port", port)
    assert done.code == 2
    assert f"port {port} cannot be listened on" in done.err
    assert "next: Choose another --procura-port" in done.err
