"""Ids, references and texts of Procura on terminals, in logs, events and files for people."""

import json
import re
from pathlib import Path

from elements_procura.redact import shown_id
from elements_procura.sandbox import Fault
from tests.canary_kit import NAME, NAMED, STEERS, world
from tests.cli.cli_running import Ran, environment, run

HARVEST = ("-vv", "harvest", "procura", "--per-second", "1000", "--patience", "1s")
A_LOG_LINE = re.compile(r"^\d{4}-\d\d-\d\d .* (?:DEBUG|INFO|WARNING|ERROR) ")


def besides_the_id(text: str) -> str:
    """What programs get, without the id itself: they need it to find the dossier."""
    return text.replace(NAMED, "").replace(NAMED.replace(" ", "%20"), "")


def check(done: Ran, *, data: bool = False) -> None:
    """Nothing steers a terminal; nothing that people read has the name, and no log."""
    for text in (done.out, done.err):
        assert [each for each in text if not each.isprintable() and each not in "\n\t"] == []
    assert "Traceback" not in done.err
    assert NAME not in done.err
    assert data or NAME not in (besides_the_id(done.out) if done.out[:1] == "{" else done.out)
    assert [line for line in done.err.splitlines() if A_LOG_LINE.match(line) and NAME in line] == []


async def test_nothing_of_a_harvest_shows_them(tmp_path: Path) -> None:
    out, events = tmp_path / "h", tmp_path / "events.ndjson"
    async with world() as sandbox:
        env = environment(sandbox)
        sandbox.add_fault(Fault(kind="html", match="GET */documents"))
        began = (*HARVEST, "--out", out, "--events", events, "--include", "all,content")
        done = await run(*began, "--progress", "log", "--json", env=env)
        check(done)
        assert done.code == 3, done.err
        status = (await run("status", out)).out
        mask = str(shown_id(NAMED))
        assert f"--accept dossier:{mask}" in status
        assert NAMED in (await run("status", "--json", out)).out  # for programs, and to look it up
        accepted = ("--resume", "--accept", f"dossier:{mask}")
        check(await run(*HARVEST, "--out", out, *accepted, env=env))
        lines = (await run("status", out)).out.splitlines()
        (known,) = [each for each in lines if f"--accept dossier:{mask}" in each]
        assert known.endswith("acknowledged")
        wrong = await run(*HARVEST, "--out", out, "--resume", "--accept", "dossier:X-1", env=env)
        check(wrong)
        assert mask in wrong.err  # there is this, instead
        sandbox.clear_faults()
        again = ("--resume", "--retry-quarantined", "--events", events)
        check(await run(*HARVEST, "--out", out, *again, env=env))
    lines = events.read_text().splitlines()
    assert len(lines) > 10
    for line in lines:
        json.loads(line)
        assert line.isprintable()
        assert NAME not in besides_the_id(line)
    looks = (("status",), ("status", "--json"), ("status", "--verify"), ("report", "--json"))
    for words in looks:
        check(await run(*words, out))
    check(await run("report", out))
    page = next(out.glob("*.html")).read_text()
    assert "\x1b" not in page
    assert NAME not in page
    for to in ("jsonl", "csv"):
        tables = tmp_path / to
        check(await run("-vv", "export", "--to", to, "--out", tables, out))
        for file in tables.rglob("_manifest.json"):
            assert NAME not in besides_the_id(file.read_text())
        # There was something to be seen.
        assert NAME in "".join(file.read_text() for file in tables.rglob(f"*.{to}"))
    assert all(NAME not in file.name for file in tmp_path.rglob("*"))


async def test_nothing_of_a_call_shows_them(tmp_path: Path) -> None:
    body = tmp_path / "body.json"
    body.write_text(json.dumps({"message": f"{NAME}{STEERS}"}))
    async with world() as sandbox:
        env = environment(sandbox)
        call = ("-vv", "call", "--api", "procura")
        for path in (f"births/{NAMED.replace(' ', '%20')}", f"births/{NAME}%1B[2J", f"{NAME}/x"):
            check(await run(*call, "GET", path, env=env), data=True)
            check(await run(*call, "--json", "GET", path, env=env), data=True)
        cancel = f"commitments/{NAME}/cancel"
        check(await run(*call, "--write", "--body", body, "POST", cancel, env=env), data=True)
