"""A disk that takes no more, as the user of the command line meets it."""

import asyncio
import sys
from collections import Counter
from pathlib import Path

from elements_procura.demo import verify
from elements_procura.harvest import Store
from elements_procura.sandbox import Sandbox
from tests.cli.cli_running import Ran, environment, run
from tests.client_kit import uncovered

FAST = ("--per-second", "2000", "--per-day", "6000000", "--progress", "none")
LIMITED = (
    "import resource, runpy, sys; size = int(sys.argv.pop(1));"
    "resource.setrlimit(resource.RLIMIT_FSIZE, (size, size));"
    "runpy.run_module('elements_procura', run_name='__main__', alter_sys=True)"
)


async def run_limited(size: int, *arguments: str | Path, env: dict[str, str]) -> Ran:
    """The command line in a process that may write no file beyond ``size`` bytes."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-c", LIMITED, str(size), *map(str, arguments)),
        env=uncovered(env),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert process.returncode is not None
    return Ran(process.returncode, out.decode(), err.decode())


async def test_a_disk_that_takes_no_more_ends_the_harvest_and_resume_completes_it(
    tmp_path: Path,
) -> None:
    async with Sandbox(dossiers=20, seed=7, limits="scaled") as sandbox:
        env = environment(sandbox)
        command = ("harvest", "elements", "--out", tmp_path / "out", *FAST)
        path = tmp_path / "out" / "elements.sqlite"
        full = await run_limited(900_000, *command, env=env)
        assert full.code == 1, full.err
        assert f"{path} cannot be used: disk I/O error" in full.err
        assert "make room on the disk, then go on" in full.err
        assert "--resume" in full.err
        assert "Traceback" not in full.err
        with Store.read(path) as store:
            kept = {stored for stored, _ in store.bodies()}
            assert store.progress().resources == len(kept) > 10
        before = Counter(entry.path for entry in sandbox.log)
        done = await run(*command, "--resume", env=env)
        assert done.code == 0, done.err
        after = Counter(entry.path for entry in sandbox.log)
        assert not kept & set(after - before)
        with Store.read(path) as store:
            assert verify(store, sandbox).equal


async def test_a_disk_without_any_room_leaves_no_half_made_store(tmp_path: Path) -> None:
    async with Sandbox(dossiers=2, seed=7, limits="scaled") as sandbox:
        env = environment(sandbox)
        command = ("harvest", "elements", "--out", tmp_path / "out", *FAST)
        full = await run_limited(8_192, *command, env=env)
        assert full.code == 1, full.err
        assert "cannot be used" in full.err
        assert "Traceback" not in full.err
        assert not (tmp_path / "out" / "elements.sqlite").exists()
        assert (await run(*command, env=env)).code == 0


async def test_wherever_the_disk_takes_no_more_path_cause_and_room_are_told_by_one_code(
    tmp_path: Path,
) -> None:
    async with Sandbox(dossiers=2, seed=7, limits="scaled") as sandbox:
        env = environment(sandbox)
        command = ("harvest", "elements", *FAST)
        out, nowhere = tmp_path / "out", Path("/dev/null/h")
        told = [
            (out, await run_limited(8_192, *command, "--out", out, env=env), " MB free"),
            (
                nowhere,
                await run(*command, "--out", nowhere, env=env),
                "directory",
            ),
            (
                tmp_path / "no" / "e",
                await run(*command, "--out", out, "--events", tmp_path / "no" / "e", env=env),
                "No such file or directory",
            ),
        ]
        assert (await run(*command, "--out", out, env=env)).code == 0
        export = ("export", out, "--to", "csv", "--out", "/dev/null/x")
        told.append((Path("/dev/null/x"), await run(*export, env=env), "directory"))
    for path, done, cause in told:
        assert done.code == 1, done.err
        assert "error[store]: " in done.err
        assert str(path) in done.err
        assert cause in done.err
        assert "  next: " in done.err
        assert "Traceback" not in done.err
