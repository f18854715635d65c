"""call as a user runs it: what is sent, what is printed where, and what it exits with."""

import asyncio
import base64
import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elements_procura.cli.work.raw import _below, indented, raw_request, send
from elements_procura.errors import InputError
from elements_procura.sandbox import Fault, ProcuraSandbox, Sandbox
from elements_procura.scheduler import Priority, Scheduler
from tests.cli.cli_running import drawn_on, environment, run, start
from tests.contract import recording

DOSSIER = "/api/data/klantdossiers/5526"
EMAIL = f"{DOSSIER}/klanten/particulier/120954/emailadressen"
BSN, NAME = "999993653", "Jansen"


def asked(sandbox: Sandbox | ProcuraSandbox) -> list[tuple[str, str, dict[str, str]]]:
    """What arrived, token requests aside."""
    return [
        (entry.method, entry.path, entry.query) for entry in sandbox.log if entry.grant_type is None
    ]


async def printed(*arguments: str, env: dict[str, str]) -> tuple[int, bytes, str]:
    """The bytes on stdout."""
    process = await start("call", *arguments, env=env)
    out, err = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out, err.decode()


async def on_terminal(*arguments: str, env: dict[str, str]) -> tuple[int, str, str]:
    """The same with a terminal for stdout."""
    ours, its = pty.openpty()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "elements_procura", "call", *arguments,
        env=env, stdin=asyncio.subprocess.DEVNULL, stdout=its, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    os.close(its)
    shown = await drawn_on(ours)
    _, err = await process.communicate()
    assert process.returncode is not None
    return process.returncode, shown.replace("\r\n", "\n"), err.decode()


def photo_in(sandbox: Sandbox) -> tuple[str, bytes]:
    """A picture that the sandbox holds."""
    found = [
        (path, body)
        for dossier in sandbox.dossier_ids
        for path, body in sandbox.truth(dossier).items()
        if path.endswith("/profielfoto/download")
    ]
    return found[0]


# -- reading -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "klantdossiers/5526/kantoor",
        "/klantdossiers/5526/kantoor",
        "api/data/klantdossiers/5526/kantoor",
        "/api/data/klantdossiers/5526/kantoor",
        "{url}/api/data/klantdossiers/5526/kantoor",
    ],
)
async def test_a_body_is_printed_as_it_came_but_for_its_lines(path: str) -> None:
    async with Sandbox(dossiers=2, limits="off") as sandbox:
        done = await run("call", "get", path.format(url=sandbox.url), env=environment(sandbox))
        truth = sandbox.truth(5526)[f"{DOSSIER}/kantoor"]
        assert asked(sandbox) == [("GET", f"{DOSSIER}/kantoor", {})]
    assert done.code == 0, done.err
    assert re.sub(r"\n *|(?<=\":) ", "", done.out) == truth.decode()
    assert done.out.startswith('{\n  "id": ')
    assert done.err == (
        f"200 · GET /api/data/klantdossiers/{{DOSSIER_ID}}/kantoor · {len(truth):,} bytes\n"
    )


async def test_fields_and_the_query_of_path_are_asked_for() -> None:
    async with Sandbox(dossiers=5, limits="off") as sandbox:
        done = await run(
            "call", "GET", "klantdossiers?kantoor=3888&plaatsnaam=Bergen%20op%20Zoom",
            "-f", "omschrijving=a&b=ë", "--field", "postcode=", env=environment(sandbox),
        )  # fmt: skip
        assert done.code == 0, done.err
        assert asked(sandbox) == [
            (
                "GET",
                "/api/data/klantdossiers",
                {
                    "kantoor": "3888",
                    "plaatsnaam": "Bergen op Zoom",
                    "omschrijving": "a&b=ë",
                    "postcode": "",
                },
            )
        ]


async def test_a_picture_comes_as_it_is_and_not_on_a_terminal() -> None:
    async with Sandbox(dossiers=30, limits="off") as sandbox:
        path, picture = photo_in(sandbox)
        env = environment(sandbox)
        assert (await printed("GET", path, env=env))[:2] == (0, picture)
        code, shown, err = await on_terminal("GET", path, env=env)
        assert (code, shown) == (1, "")
        assert "next: Redirect it to a file" in err
        done = await run("call", "GET", path, "--json", env=env)
    told = json.loads(done.out)
    assert base64.b64decode(told["base64"]) == picture
    assert told["body"] is None


async def test_json_comes_on_a_terminal_too() -> None:
    async with Sandbox(dossiers=2, limits="off") as sandbox:
        path, env = "klantdossiers/5526/kantoor/adressen", environment(sandbox)
        code, shown, _ = await on_terminal("GET", path, env=env)
        assert (code, shown) == (0, (await run("call", "GET", path, env=env)).out)


async def test_json_tells_status_headers_and_body() -> None:
    answer = {
        "status": 200,
        "headers": {"Content-Type": "application/json", "X-Two": "2", "Set-Cookie": "sid=secret"},
        "body": {"_links": {"self": {"href": "/api/data/x"}}, "naam": "Zoë"},
    }
    async with recording(answer) as server:
        account = {"HOST": server.url, "CLIENT_ID": "a", "CLIENT_SECRET": "b", "ORGANISATION": "1"}
        env = environment() | {f"ELEMENTS_{name}": value for name, value in account.items()}
        done = await run("call", "GET", "x", "--json", env=env)
        accepted = server.seen[0].headers["Accept"]
    told = json.loads(done.out)
    assert (told["status"], told["attempts"], told["base64"]) == (200, 1, None)
    assert told["body"] == answer["body"]
    assert told["headers"]["x-two"] == "2"
    assert "sid" not in done.out
    assert accepted == "application/json, */*;q=0.9"


@pytest.mark.parametrize(
    ("compact", "shown"),
    [
        ("{}", "{}"),
        ("[ ]", "[]"),
        ('{"a":[],"b":{}}', '{\n  "a": [],\n  "b": {}\n}'),
        ("[1.10,1E400,-0,12345678901234567890123]", None),
        ('{"a":"{[,: \\" \\\\","a":"\\u00eb"}', None),
        ('[[1],[{"x":null}]]', '[\n  [\n    1\n  ],\n  [\n    {\n      "x": null\n    }\n  ]\n]'),
        ("true", "true"),
    ],
)
def test_json_is_indented_without_being_read(compact: str, shown: str | None) -> None:
    found = indented(compact)
    assert shown is None or found == shown
    parts = re.findall(r'"(?:[^"\\]|\\.)*"|\S', found)
    assert "".join(parts) == compact.replace("[ ]", "[]")


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_indenting_is_what_the_library_does(value: Any) -> None:
    for is_ascii in (True, False):
        compact = json.dumps(value, ensure_ascii=is_ascii, separators=(",", ":"))
        assert indented(compact) == json.dumps(value, ensure_ascii=is_ascii, indent=2)


async def test_it_goes_in_front_of_everything_else(monkeypatch: pytest.MonkeyPatch) -> None:
    acquire, asked_for = Scheduler.acquire, []

    async def spy(scheduler: Scheduler, **options: Any) -> Any:
        asked_for.append(options["priority"])
        return await acquire(scheduler, **options)

    monkeypatch.setattr(Scheduler, "acquire", spy)
    async with ProcuraSandbox(dossiers=2) as sandbox:
        account = {"url": sandbox.url, "client_id": sandbox.credentials["client_id"]}
        raw = raw_request("procura", "GET", "info", fields=(), body=None, **account)
        secret = sandbox.credentials["client_secret"]
        response = await send(raw, secret=secret, writes=False, patience=60, given=account)
    assert response.status == 200
    assert asked_for[-1] is Priority.INTERACTIVE


# -- errors ------------------------------------------------------------------------------------


async def test_a_refusal_is_told_with_its_body_on_stdout() -> None:
    async with Sandbox(dossiers=2, limits="off") as sandbox:
        done = await run("call", "GET", "klantdossiers/987654", env=environment(sandbox))
    assert done.code == 1
    assert json.loads(done.out) == {"error": "Not found"}
    assert done.err.splitlines() == [
        "404 · GET /api/data/klantdossiers/{DOSSIER_ID} · 21 bytes",
        (
            "error[status.not-found]: GET /api/data/klantdossiers/{DOSSIER_ID}: "
            "the server answered 404"
        ),
        "  next: Check the ids in it: lists show those that are there",
    ]


async def test_a_path_that_is_none_of_the_documented_leads_to_their_list() -> None:
    async with Sandbox(dossiers=2, limits="off") as sandbox:
        done = await run("call", "GET", "klantdossier/5526", env=environment(sandbox))
    assert done.code == 1
    assert "next: `elements-procura endpoints` lists the documented paths" in done.err


@pytest.mark.parametrize(
    ("changes", "code", "says"),
    [
        ({"ELEMENTS_CLIENT_SECRET": "wrong"}, 4, "error[auth.client]"),
        ({"ELEMENTS_CLIENT_SECRET": ""}, 2, "ELEMENTS_CLIENT_SECRET"),
        ({"ELEMENTS_ORGANISATION": ""}, 2, "ELEMENTS_ORGANISATION"),
        ({"ELEMENTS_HOST": "http://127.0.0.1:9"}, 5, "error[transport.not-sent]"),
    ],
)
async def test_what_is_wrong_with_the_account_is_told(
    changes: dict[str, str], code: int, says: str
) -> None:
    async with Sandbox(dossiers=2, limits="off") as sandbox:
        env = environment(sandbox, **changes)
        done = await run("call", "GET", "klantdossiers/5526", env=env)
        assert asked(sandbox) == []
    assert (done.code, done.out) == (code, "")
    assert says in done.err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("GET", "https://evil.example/api/data/klantdossiers"), "leads outside this API"),
        (("GET", "{url}.evil.example/api/data/x"), "leads outside this API"),
        (("GET", "{url}/oauth/access_token"), "leads outside this API"),
        (("GET", "//evil.example/klantdossiers"), "leads outside this API"),
        (("GET", "klantdossiers/../../../oauth"), "leads outside this API"),
        (("GET", "klantdossiers/%2e%2e/x"), "leads outside this API"),
        (("GET", "klantdossiers/{{DOSSIER_ID}}"), "PATH still holds {DOSSIER_ID}"),
        (("GET", "klantdossiers", "-f", "kantoor"), "--field wants NAME=VALUE"),
        (("GET", "klantdossiers", "-f", "=3888"), "--field wants NAME=VALUE"),
        (("GET", "klantdossiers?access_token=abc"), "the client adds its own"),
        (("GET", "klantdossiers", "--body", "-"), "a GET has no body"),
        (("POST", "klantdossiers/", "--body", "-", "--write"), "--body is not JSON"),
        (("POST", "x", "--body", "-", "--secret-stdin", "--write"), "both read stdin"),
        (("POST", "klantdossiers/"), "next: Add --write if that is meant"),
        (("DELETE", "klantdossiers/5526"), "next: Add --write if that is meant"),
        (("POST", "klantdossiers/", "--body", "/no/such/file"), "No such file"),
        (("OPTIONS", "klantdossiers/"), "is not one of"),
        (("GET", "klantdossiers", "--api", "none"), "is not one of"),
        (("GET", "klantdossiers", "--url", "https://a.example"), "No such option"),
        ((), "Missing argument 'METHOD'"),
    ],
)
async def test_what_cannot_be_sent_is_told_and_nothing_is(
    arguments: tuple[str, ...], says: str
) -> None:
    async with Sandbox(dossiers=2, limits="off") as sandbox:
        given = [each.format(url=sandbox.url) for each in arguments]
        done = await run("call", *given, env=environment(sandbox), stdin='{"naam": ')
        assert sandbox.log == []
    assert (done.code, done.out) == (2, "")
    assert says in done.err
    assert "Traceback" not in done.err
    assert '{"naam"' not in done.err


# -- writing -----------------------------------------------------------------------------------


async def test_a_write_sends_the_body_as_it_is(tmp_path: Path) -> None:
    body = '{"naam": "aad@example.nl",\n "type": "Prive"}\n'
    file = tmp_path / "body.json"
    file.write_text(body)
    async with Sandbox(dossiers=2, limits="off") as sandbox:
        for source in ("-", str(file)):
            done = await run(
                "call", "POST", EMAIL, "--body", source, "--write",
                env=environment(sandbox), stdin=body,
            )  # fmt: skip
            assert (done.code, done.out) == (0, ""), done.err
            record = sandbox.records[-1]
            assert (record.method, record.path, record.body) == ("POST", EMAIL, json.loads(body))
            assert done.err == (
                "201 · POST /api/data/klantdossiers/{DOSSIER_ID}/klanten/particulier/{PERSOON_ID}"
                f"/emailadressen · 0 bytes · made {record.id}\n"
            )
        assert len(sandbox.records) == 2


async def test_the_very_bytes_of_a_body_are_sent() -> None:
    body = b'{ "bedrag": 1.10, "naam": "Zo\xc3\xab" }'
    async with recording({"status": 204, "headers": {}, "body": b""}) as server:
        account = {"HOST": server.url, "CLIENT_ID": "a", "CLIENT_SECRET": "b", "ORGANISATION": "1"}
        env = environment() | {f"ELEMENTS_{name}": value for name, value in account.items()}
        arguments = ("patch", "klantdossiers/5526", "-f", "rol=kind", "--body", "-", "--write")
        done = await run("call", *arguments, env=env, stdin=body.decode())
        [seen] = server.seen
    assert done.code == 0, done.err
    assert (seen.method, seen.path, seen.body) == ("PATCH", DOSSIER, body)
    assert seen.headers["Content-Type"] == "application/json"
    assert seen.query["rol"] == "kind"


@pytest.mark.parametrize(
    "fault",
    [
        Fault(kind="status", status=503, match="POST */emailadressen"),
        Fault(kind="stall", match="POST */emailadressen"),
    ],
    ids=["503", "stall"],
)
async def test_a_write_whose_outcome_is_unknown_is_sent_once(fault: Fault) -> None:
    async with Sandbox(dossiers=2, limits="off", faults=(fault,)) as sandbox:
        done = await run(
            "call", "POST", EMAIL, "--body", "-", "--write", "--timeout", "0.5",
            env=environment(sandbox), stdin='{"naam": "aad@example.nl", "type": "Prive"}',
        )  # fmt: skip
        assert asked(sandbox) == [("POST", EMAIL, {})]
    assert done.code == 5
    assert "error[transport.outcome-unknown]" in done.err


async def test_a_dry_run_sends_nothing_and_needs_no_secret() -> None:
    async with Sandbox(dossiers=2, limits="off") as sandbox:
        env = environment(sandbox, ELEMENTS_CLIENT_SECRET="")
        command = ("call", "POST", "klantdossiers/5526/klanten/particulier", "-f", "rol=eerste é")
        address = f"{sandbox.url}{DOSSIER}/klanten/particulier?rol=eerste%20%C3%A9"
        done = await run(*command, "--body", "-", "--dry-run", env=env, stdin='{"a": 1}')
        assert (done.code, done.err) == (0, "")
        assert done.out == f"POST {address}\na body of 8 bytes\n"
        told = await run(*command, "--dry-run", "--json", env=env)
        assert json.loads(told.out) == {"method": "POST", "address": address, "body_bytes": None}
        assert sandbox.log == []


# -- Procura -----------------------------------------------------------------------------------


async def test_procura_is_asked_with_its_own_settings() -> None:
    async with ProcuraSandbox(dossiers=5) as sandbox:
        env, dossier = environment(sandbox), sandbox.dossier_ids[0]
        listed = f"/api/v1/dossiers/{dossier}/documents"
        for path in (listed, f"/dossiers{listed}", f"{sandbox.url}{listed}", listed[8:]):
            done = await run("call", "GET", path, "--api", "procura", env=env)
            assert done.code == 0, done.err
            assert json.loads(done.out) == json.loads(sandbox.truth(dossier)[listed])
        assert asked(sandbox) == [("GET", listed, {})] * 4
        search = {"dossierIds": [dossier], "paging": {"pageSize": 5, "pageNumber": 0}}
        done = await run(
            "call", "POST", "dossiers/search", "--api=procura", "--body", "-", "--write",
            env=env, stdin=json.dumps(search),
        )  # fmt: skip
        assert done.code == 0, done.err
        [found] = json.loads(done.out)["result"]["content"]
        assert found["dossierId"] == dossier


async def test_an_id_with_signs_in_it_arrives_as_it_is() -> None:
    async with ProcuraSandbox(dossiers=2) as sandbox:
        dossier = sandbox.dossier_ids[0]
        document = sandbox.add_document(dossier, filename="a.txt", content=b"inhoud \xff")
        path = f"dossiers/{dossier}/documents/{document}"
        done = await printed("GET", path, "--api", "procura", env=environment(sandbox))
        assert done[:2] == (0, b"inhoud \xff"), done
        await run("call", "GET", "births/a=b c%2Fd", "--api=procura", env=environment(sandbox))
        assert asked(sandbox)[-1][1] == "/api/v1/births/a%3Db%20c%2Fd"


async def test_what_procura_says_with_500_is_told_as_what_it_means() -> None:
    async with ProcuraSandbox(dossiers=2) as sandbox:
        done = await run("call", "GET", f"births/{NAME}", "--api=procura", env=environment(sandbox))
    assert done.code == 1
    assert json.loads(done.out)["request"]["httpStatus"]["code"] == 500
    assert done.err.splitlines()[1] == (
        "error[status.not-found]: GET /api/v1/births/{dossierId}: there is no dossier with this id"
    )


# -- what is shown -----------------------------------------------------------------------------


async def test_nothing_personal_or_secret_is_told_on_stderr() -> None:
    async with ProcuraSandbox(dossiers=2) as procura, Sandbox(dossiers=2, limits="off") as elements:
        env = environment(procura) | environment(elements)
        body = json.dumps({"bsns": [BSN], "paging": {"pageSize": NAME}})
        runs = [
            await run("-vv", "call", *arguments, env=env, stdin=body)
            for arguments in (
                ("GET", f"relatives/{BSN}", "--api=procura"),
                ("GET", f"births/{NAME}", "--api=procura"),
                ("GET", f"{NAME}/{NAME}/{BSN}", "--api=procura"),
                ("GET", "births/info/acknowledgement", "-f", f"bsnMother={BSN}", "--api=procura"),
                ("POST", "dossiers/search", "--body", "-", "--write", "--api=procura"),
                ("POST", "births", "--body", "-", "--write", "--api=procura"),
                ("GET", f"https://{NAME}.example/{BSN}"),
                ("GET", f"klantdossiers/{BSN}", "-f", f"achternaam={NAME}"),
                ("GET", f"{NAME}/{BSN}"),
                ("POST", EMAIL, "--body", "-", "--write"),
            )
        ]
        secrets = [procura.credentials["client_secret"], elements.credentials["client_secret"]]
    told = "".join(done.err for done in runs)
    assert told.count("elements_procura.http") >= 2 * 9
    for hidden in (BSN, NAME, "access_token=", "Bearer", *map(str, secrets)):
        assert hidden not in told


@pytest.mark.parametrize("command", ["endpoints", "call", "call --api procura"])
def test_help_is_quick_and_of_one_api(command: str) -> None:
    code = (
        "import sys\n"
        "from elements_procura.cli import cli\n"
        f"cli([*{command!r}.split(), '--help'], standalone_mode=False)\n"
        "assert not {'aiohttp', 'rich', 'cattrs', 'orjson'} & sys.modules.keys()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert ("ELEMENTS_HOST" in done.stdout) is (command == "call")
    assert ("PROCURA_URL" in done.stdout) is (command == "call --api procura")


@pytest.mark.parametrize(
    "given",
    [
        "zaak/1/stukken",
        "/zaken/v9/zaak/1/stukken",
        "/ctx/zaken/v9/zaak/1/stukken",
        "https://h.example/ctx/zaken/v9/zaak/1/stukken",
    ],
)
def test_a_path_begins_at_the_root_of_whatever_api_it_is(given: str) -> None:
    assert _below(given, "zaken/v9", "https://h.example/ctx") == "/zaken/v9/zaak/1/stukken"


def test_an_address_beside_the_root_of_an_api_is_refused() -> None:
    with pytest.raises(InputError, match="an address that is not below /zaken"):
        _below("https://h.example/ctx/api/zaak", "zaken/v9", "https://h.example/ctx")
