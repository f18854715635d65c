"""login, logout, whoami, doctor and config show, as a user runs them."""

import asyncio
import json
import re
import stat
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import attrs
import pytest

from elements_procura.cli.work.checks import _clock
from elements_procura.sandbox import Fault, Sandbox
from tests.cli.cli_running import Ran, environment, run, start

FAST = ("--per-second", "2000", "--per-day", "6000000")


def homes(tmp_path: Path) -> dict[str, str]:
    """A user's own folders, below ``tmp_path``."""
    return {
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "XDG_STATE_HOME": str(tmp_path / "state"),
    }


@pytest.fixture
def user(tmp_path: Path) -> dict[str, str]:
    return homes(tmp_path)


def grants(sandbox: Sandbox) -> list[tuple[str, str]]:
    return [(each.grant_type, each.outcome) for each in sandbox.token_events]


def secrets_of(sandbox: Sandbox) -> set[str]:
    desk = sandbox._tokens
    return {sandbox.credentials["client_secret"], *desk._access, *desk._refresh, *desk._codes}


# ---------------------------------------------------------------- login by client credentials


async def test_login_then_whoami_then_harvest_then_logout(
    tmp_path: Path, user: dict[str, str]
) -> None:
    async with Sandbox(dossiers=3, limits="off") as sandbox:
        env = environment(sandbox, **user)
        nobody = await run("whoami", env=env)
        assert (nobody.code, "nobody is logged in" in nobody.err) == (4, True)
        done = await run("-vv", "login", "--json", env=env)
        assert done.code == 0, done.err
        printed = json.loads(done.out)
        path = Path(printed["store"])
        assert path.is_relative_to(tmp_path / "state")
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert printed["logged_in"] is True
        assert printed["scopes"] == ["klantdossier.read", "klantdossier.write"]
        known = await run("whoami", "--json", env=env)
        assert (known.code, json.loads(known.out)) == (0, printed)
        words = await run("whoami", env=env)
        assert "good until" in words.out
        out = tmp_path / "h"
        harvested = await run("harvest", "elements", "--out", out, *FAST, env=env)
        assert harvested.code == 0, harvested.err
        assert grants(sandbox) == [("organisation", "issued")]  # the harvest took the saved one
        sandbox.expire_tokens()
        again = await run("login", env=env)
        assert again.code == 0
        seen = "".join(each.out + each.err for each in (done, known, words, harvested, again))
        assert [secret for secret in secrets_of(sandbox) if secret in seen] == []
        assert (await run("logout", env=env)).code == 0
        assert not path.exists()
        assert (await run("whoami", env=env)).code == 4
        assert "none was saved" in (await run("logout", env=env)).err
        assert grants(sandbox) == [("organisation", "issued")] * 2


async def test_a_saved_token_is_renewed_where_it_is_saved(
    tmp_path: Path, user: dict[str, str]
) -> None:
    async with Sandbox(dossiers=2, limits="off") as sandbox:
        env = environment(sandbox, **user)
        assert (await run("login", env=env)).code == 0
        sandbox.expire_tokens()
        for number in range(2):
            out = tmp_path / str(number)
            assert (await run("harvest", "elements", "--out", out, *FAST, env=env)).code == 0
        assert grants(sandbox) == [("organisation", "issued"), ("refresh_token", "issued")]


async def test_a_harvest_without_a_login_leaves_no_token_behind(
    tmp_path: Path, user: dict[str, str]
) -> None:
    async with Sandbox(dossiers=2, limits="off") as sandbox:
        env = environment(sandbox, **user)
        assert (await run("harvest", "elements", "--out", tmp_path / "h", *FAST, env=env)).code == 0
    assert not (tmp_path / "state").exists()


async def test_a_login_that_fails_leaves_the_one_before(user: dict[str, str]) -> None:
    async with Sandbox(dossiers=2, limits="off") as sandbox:
        env = environment(sandbox, **user)
        assert (await run("login", env=env)).code == 0
        wrong = await run("login", "--secret-stdin", env=env, stdin="wrong\n")
        assert wrong.code == 4
        assert "error[auth.client]" in wrong.err
        assert "Check client id and secret" in wrong.err
        assert (await run("whoami", env=env)).code == 0


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--token-store", "memory"), "ends with this command"),
        (("--token-store", "keyring"), "keyring cannot be relied on"),
        (("--token-folder", "/dev/null/x"), "folder cannot be made"),
        (("--organisation", ""), "Missing settings: organisation ("),
    ],
)
async def test_a_store_that_keeps_nothing_is_told_before_the_server_is_asked(
    options: tuple[str, ...], says: str, user: dict[str, str]
) -> None:
    async with Sandbox(dossiers=2, limits="off") as sandbox:
        env = environment(sandbox, PYTHON_KEYRING_BACKEND="keyring.backends.fail.Keyring", **user)
        done = await run("login", *options, env=env)
        assert done.code in (1, 2), done.err
        assert says in done.err
        assert "Traceback" not in done.err
        assert len(sandbox.log) == 0


async def test_a_secret_is_no_argument(user: dict[str, str]) -> None:
    for command in ("login", "harvest elements"):
        done = await run(*command.split(), "--client-secret", "x", env=environment(None, **user))
        assert done.code == 2
        assert "No such option" in done.err


@pytest.mark.parametrize("command", ["whoami", "logout"])
async def test_an_api_whose_tokens_are_never_saved_leads_to_its_login(command: str) -> None:
    done = await run(command, "procura")
    assert done.code == 2
    assert "tokens of procura are never saved" in done.err
    assert "`elements-procura login procura` tries an account" in done.err


# ---------------------------------------------------------------- login by a browser


@attrs.define
class Browsing:
    """A login that waits for a browser."""

    process: asyncio.subprocess.Process
    url: str
    told: str = ""

    async def end(self, stdin: str | None = None) -> Ran:
        out, err = await self.process.communicate(stdin.encode() if stdin else None)
        assert self.process.returncode is not None
        return Ran(self.process.returncode, out.decode(), self.told + err.decode())


async def begun(env: dict[str, str], *options: str) -> Browsing:
    process = await start("-vv", "login", "--flow", "code", "--no-browser", *options, env=env)
    assert process.stderr is not None
    told = ""
    async with asyncio.timeout(120):
        while not (found := re.search(r"^open +(\S+)$", told, re.MULTILINE)):
            line = (await process.stderr.readline()).decode()
            assert line, told
            told += line
    return Browsing(process, found[1], told)


async def visit(url: str) -> tuple[int, dict[str, str], str]:
    """What a browser does: no cookies, no following."""
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path
    writer.write(f"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    headers = dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:] if line)
    location = re.search(r"^Location: (.*)\r$", head, re.MULTILINE)
    headers["location"] = location[1] if location else ""
    body = await reader.readexactly(int(headers["content-length"]))
    writer.close()
    return int(head.split()[1]), headers, body.decode()


async def test_a_person_agrees_in_a_browser_and_a_harvest_reads_their_data(
    tmp_path: Path, user: dict[str, str]
) -> None:
    async with Sandbox(dossiers=2, limits="off") as sandbox:
        env = environment(sandbox, **user, ELEMENTS_FLOW="code", ELEMENTS_USER="jansen")
        env.pop("ELEMENTS_ORGANISATION")
        out = tmp_path / "h"
        before = await run("harvest", "elements", "--out", out, *FAST, env=env)
        assert before.code == 4
        assert "elements-procura login --flow code" in before.err
        login = await begun(env)
        assert urlsplit(login.url).path == "/oauth/authorize"
        status, headers, _ = await visit(login.url)
        assert (status, headers["location"].startswith("http://127.0.0.1:")) == (302, True)
        origin = headers["location"].partition("/callback")[0]
        assert (await visit(f"{origin}/favicon.ico"))[0] == 404
        assert (await visit(f"{origin}/callback"))[0] == 404
        page = await visit(headers["location"])
        assert (page[0], "close this window" in page[2]) == (200, True)
        assert page[1]["referrer-policy"] == "no-referrer"
        assert page[1]["cache-control"] == "no-store"
        done = await login.end()
        assert done.code == 0, done.err
        harvested = await run("harvest", "elements", "--out", out, *FAST, env=env)
        assert harvested.code == 0, harvested.err
        code = headers["location"].partition("code=")[2].partition("&")[0]
        seen = done.out + done.err + harvested.err
        assert [each for each in {code, *secrets_of(sandbox)} if each in seen] == []
        other = await run("whoami", env=env | {"ELEMENTS_USER": "pietersen"})
        assert other.code == 4  # somebody else's entry
        assert grants(sandbox) == [("authorization_code", "issued")]


async def test_an_answer_with_another_state_is_not_taken(user: dict[str, str]) -> None:
    async with Sandbox(dossiers=1, limits="off") as sandbox:
        login = await begun(environment(sandbox, **user))
        _, headers, _ = await visit(login.url)
        address = re.sub(r"state=[^&]+", "state=forged", headers["location"])
        await visit(address)
        done = await login.end()
        assert done.code == 4
        assert "its state differs" in done.err
        assert grants(sandbox) == []


async def test_a_person_refuses_or_never_answers(user: dict[str, str]) -> None:
    async with Sandbox(dossiers=1, limits="off") as sandbox:
        sandbox.refuse_consent()
        login = await begun(environment(sandbox, **user))
        _, headers, _ = await visit(login.url)
        await visit(headers["location"])
        refused = await login.end()
        assert (refused.code, "access_denied" in refused.err) == (4, True)
        silent = await (await begun(environment(sandbox, **user), "--timeout", "1")).end()
        assert (silent.code, "--paste" in silent.err) == (4, True)


async def test_a_code_is_pasted(user: dict[str, str]) -> None:
    async with Sandbox(dossiers=1, limits="off") as sandbox:
        env = environment(sandbox, **user)
        login = await begun(env, "--paste")
        _, _, page = await visit(login.url)
        code = page.partition("<title>")[2].partition("</title>")[0]
        done = await login.end(stdin=f"{code}\n")
        assert done.code == 0, done.err
        assert code not in done.out + done.err
        assert grants(sandbox) == [("authorization_code", "issued")]


# ---------------------------------------------------------------- doctor


async def examined(*options: str | Path, env: dict[str, str]) -> tuple[int, dict[str, Any]]:
    done = await run("doctor", "--json", *options, env=env)
    assert "Traceback" not in done.err, done.err
    printed = json.loads(done.out)
    return done.code, {each["check"]: each for each in printed["checks"]} | {"ok": printed["ok"]}


def states(found: dict[str, Any]) -> dict[str, str]:
    return {check: each["state"] for check, each in found.items() if check != "ok"}


async def test_doctor_finds_nothing_wrong(tmp_path: Path, user: dict[str, str]) -> None:
    async with Sandbox(dossiers=2, limits="off") as sandbox:
        env = environment(sandbox, **user)
        out = tmp_path / "h"
        assert (await run("harvest", "elements", "--out", out, *FAST, env=env)).code == 0
        spent = len(sandbox.log)
        code, found = await examined("--out", out, "--per-day", "6000000", env=env)
        assert (code, found["ok"]) == (0, True)
        assert states(found) == {
            "store": "ok", "dns": "ok", "tls": "skip", "token": "ok", "scopes": "ok",
            "clock": "ok", "quota": "ok", "files": "ok", "harvest": "ok",
        }  # fmt: skip
        assert f"{6_000_000 - spent:,} of 6,000,000" in found["quota"]["text"]
        assert len(sandbox.log) == spent + 2
        words = await run("doctor", env=env)
        without_a_harvest = [check for check in states(found) if check != "harvest"]
        assert [line.split()[1] for line in words.out.splitlines()] == without_a_harvest


@pytest.mark.parametrize(
    ("changes", "code", "failing", "says"),
    [
        ({"ELEMENTS_CLIENT_SECRET": "wrong"}, 4, "token", "Check client id and secret"),
        ({"ELEMENTS_ORGANISATION": "99"}, 4, "token", "organisation"),
        ({"ELEMENTS_HOST": "https://no-such-host.invalid"}, 2, "dns", "name server"),
        ({"ELEMENTS_HOST": "https://127.0.0.1:9"}, 5, "tls", "firewall"),
        ({"ELEMENTS_HOST": "http://127.0.0.1:9"}, 5, "token", "Check the address"),
        ({"ELEMENTS_TOKEN_STORE": "keyring"}, 2, "store", "token-store file"),
    ],
)
async def test_doctor_names_what_stands_in_the_way(
    changes: dict[str, str], code: int, failing: str, says: str, user: dict[str, str]
) -> None:
    async with Sandbox(dossiers=1, limits="off") as sandbox:
        env = environment(sandbox, **user, **changes)
        env["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"
        for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
            env.pop(name, None)
        exited, found = await examined(env=env)
        assert (exited, found["ok"]) == (code, False)
        assert found[failing]["state"] == "fail"
        assert says in found[failing]["hint"]


async def test_doctor_sees_that_a_scope_is_missing(user: dict[str, str]) -> None:
    async with Sandbox(dossiers=1, limits="off") as sandbox:
        sandbox.add_fault(Fault(kind="status", status=403, match="GET /api/*"))
        code, found = await examined(env=environment(sandbox, **user))
        assert (code, found["scopes"]["state"]) == (1, "fail")
        assert "Ask the vendor" in found["scopes"]["hint"]


def test_clocks_are_compared_to_the_second() -> None:
    date = {"date": "Sun, 06 Nov 1994 08:49:37 GMT"}
    at = 784111777.0

    def told(asked: float, answered: float) -> tuple[str, str]:
        found = _clock(date, at + asked, at + answered)
        return found.state, found.text

    assert told(0.2, 0.4) == told(-3.0, 2.0) == ("ok", "as the server's, to the second")
    assert told(11.0, 11.1) == ("ok", "10 s ahead of the server's")
    assert told(-20.1, -20.0) == ("ok", "20 s behind the server's")
    assert told(3601.0, 3601.1) == ("warn", "3600 s ahead of the server's")
    assert told(-3600.1, -3600.0) == ("warn", "3600 s behind the server's")
    assert _clock({}, 0, 0).state == _clock({"date": "now"}, 0, 0).state == "skip"


# ---------------------------------------------------------------- settings


@attrs.frozen
class Places:
    """Where settings may stand."""

    env: dict[str, str]
    local: Path
    own: Path


@pytest.fixture
def places(tmp_path: Path, user: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Places:
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    own = tmp_path / "config" / "elements-procura" / "config.toml"
    own.parent.mkdir(parents=True)
    return Places(environment(None, **user), folder / "elements-procura.toml", own)


async def shown(places: Places, *options: str, table: str = "elements") -> dict[str, Any]:
    done = await run("config", "show", "--origin", "--json", *options, env=places.env)
    assert done.code == 0, done.err
    printed = json.loads(done.out)[table]
    return {name: (each["value"], each["origin"]) for name, each in printed.items()}


async def test_arguments_come_before_the_environment_before_files(places: Places) -> None:
    places.own.write_text(
        '[elements]\nhost = "own"\nclient_id = "own"\norganisation = 1\nwebservice = "own"\n'
        'scopes = ["own.read"]\n[other]\nx = 1\n'
    )
    places.local.write_text('[elements]\nhost = "local"\nclient_id = "local"\norganisation = 2\n')
    places.env.update(
        ELEMENTS_HOST="env", ELEMENTS_CLIENT_ID="env", ELEMENTS_CLIENT_SECRET="canary-s3cret"
    )
    found = await shown(places, "--host", "argument")
    assert found["host"] == ("argument", "argument")
    assert found["client_id"] == ("env", "environment ELEMENTS_CLIENT_ID")
    assert found["organisation"] == ("2", "file elements-procura.toml")
    assert found["webservice"] == ("own", f"file {places.own}")
    assert found["scopes"] == (["own.read"], f"file {places.own}")
    assert found["token_store"] == ("auto", "default")
    assert found["token_folder"] == (None, "not set")
    assert found["client_secret"] == ("***", "environment ELEMENTS_CLIENT_SECRET")
    words = await run("config", "show", "--origin", env=places.env)
    assert "canary-s3cret" not in words.out + words.err
    assert re.search(r"^organisation +2 +file elements-procura.toml$", words.out, re.MULTILINE)
    assert "file" not in (await run("config", "show", env=places.env)).out


async def test_the_settings_of_procura_are_found_alike(places: Places) -> None:
    places.own.write_text('[procura]\nurl = "https://own.example/dossiers"\nclient_id = "own"\n')
    places.local.write_text('[procura]\nclient_id = "local"\n[elements]\nclient_id = "other"\n')
    places.env["PROCURA_CLIENT_SECRET"] = "canary-s3cret"
    found = await shown(places, table="procura")
    assert found == {
        "url": ("https://own.example/dossiers", f"file {places.own}"),
        "client_id": ("local", "file elements-procura.toml"),
        "client_secret": ("***", "environment PROCURA_CLIENT_SECRET"),
    }
    places.env.update(PROCURA_URL="https://env.example", PROCURA_CLIENT_ID="env")
    found = await shown(places, "--url", "https://argument.example", table="procura")
    assert found["url"] == ("https://argument.example", "argument")
    assert found["client_id"] == ("env", "environment PROCURA_CLIENT_ID")
    words = await run("config", "show", env=places.env)
    assert [line for line in words.out.splitlines() if line[0] == "["] == [
        "[elements]",
        "[procura]",
    ]
    assert "canary-s3cret" not in words.out + words.err


async def test_without_any_settings_they_are_shown_all_the_same(places: Places) -> None:
    found = await shown(places)
    assert found["host"] == found["client_secret"] == (None, "not set")
    assert found["scopes"] == (["klantdossier.read"], "default")


async def test_a_harvest_takes_its_settings_from_files(places: Places, tmp_path: Path) -> None:
    async with Sandbox(dossiers=2, limits="off") as sandbox:
        given = sandbox.credentials
        places.local.write_text(
            f'[elements]\nhost = "{sandbox.url}"\nclient_id = "{given["client_id"]}"\n'
            f'organisation = {given["organisation"]}\ntoken_in = "header"\n'
        )
        places.env["ELEMENTS_CLIENT_SECRET"] = given["client_secret"]
        command = ("harvest", "elements", "--out", tmp_path / "h", *FAST)
        done = await run(*command, env=places.env)
        assert done.code == 0, done.err


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[elements]\nclient_secret = "canary-s3cret"', "secrets must not be stored in files"),
        ('[elements]\nhots = "x"', "hots is not a setting"),
        ("[elements]\nhost = [1]", "host must be a text"),
        ("[elements]\nhost = true", "host must be a text"),
        ("[elements]\nscopes = [1]", "scopes must be a list of texts"),
        (
            '[elements]\ntoken_store = "cloud"',
            "token_store must be auto or memory or file or ",
        ),
        ("elements = 1", "is not a table"),
        ("procura = 1", "is not a table"),
        ('[procura]\nhost = "x"', "host is not a setting; they are url, client_id"),
        ('[procura]\nclient_secret = "canary-s3cret"', "Set PROCURA_CLIENT_SECRET"),
        ("[elements]\nhots = 1\nhost = [1]\nflow = 'x'", "hots is not a setting"),
        ("[elements]\nhots = 1\nhost = [1]\nflow = 'x'", "; host must be a text; flow must be"),
        ("[elements", "is not TOML"),
        (b"\xff", "cannot be read"),
    ],
)
async def test_files_that_cannot_be_taken(places: Places, text: str | bytes, says: str) -> None:
    places.local.write_bytes(text.encode() if isinstance(text, str) else text)
    done = await run("config", "show", env=places.env)
    assert done.code == 2
    assert says in done.err
    assert "canary-s3cret" not in done.err
    assert "Traceback" not in done.err


async def test_help_is_there_also_when_a_file_is_broken(places: Places) -> None:
    places.local.write_text("[elements")
    assert (await run("harvest", "elements", "--help", env=places.env)).code == 0
