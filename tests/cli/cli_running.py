"""Runs the command line as a process of its own, beside a sandbox in this one."""

import asyncio
import atexit
import contextlib
import functools
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import attrs

from elements_procura.cli.commands.harvest import harvest_tenants
from elements_procura.cli.given.tenants import read_tenants
from elements_procura.fleet import TenantSpec
from elements_procura.harvest import Store
from elements_procura.sandbox import ProcuraSandbox, Sandbox

HERE = Path(__file__).parent


@attrs.frozen
class Ran:
    """What a finished command left."""

    code: int
    out: str
    err: str


def environment(sandbox: Sandbox | ProcuraSandbox | None = None, **changes: str) -> dict[str, str]:
    """This process's environment without its own settings, plus those of ``sandbox``."""
    own = ("ELEMENTS_", "PROCURA_")
    given = {name: value for name, value in os.environ.items() if not name.startswith(own)}
    # Nor with the settings and logins of whoever runs the tests.
    given |= {"XDG_CONFIG_HOME": "/nonexistent", "XDG_STATE_HOME": "/nonexistent"}
    if isinstance(sandbox, ProcuraSandbox):
        given |= {
            "PROCURA_URL": sandbox.url,
            "PROCURA_CLIENT_ID": sandbox.credentials["client_id"],
            "PROCURA_CLIENT_SECRET": sandbox.credentials["client_secret"],
        }
    elif sandbox is not None:
        credentials = sandbox.credentials
        given |= {
            "ELEMENTS_HOST": sandbox.url,
            "ELEMENTS_CLIENT_ID": credentials["client_id"],
            "ELEMENTS_CLIENT_SECRET": credentials["client_secret"],
            "ELEMENTS_ORGANISATION": str(credentials["organisation"]),
            "ELEMENTS_SCOPES": " ".join(credentials["scopes"]),
        }
    return given | changes


async def start(
    *arguments: str | Path, env: dict[str, str] | None = None, cold: bool = False
) -> asyncio.subprocess.Process:
    """Start a command in a process of its own.

    It has imported all it needs already, and is the child of the process that is returned, which
    hands SIGINT, SIGTERM and its own end on. A ``cold`` one is that process itself.
    """
    program: tuple[str, ...] = ("-m", "elements_procura")
    if not cold and hasattr(os, "fork"):
        program = ("-ISE", str(HERE / "warm_command.py"), _nursery())
    return await asyncio.create_subprocess_exec(
        sys.executable,
        *program,
        *map(str, arguments),
        env=env if env is not None else environment(),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


@functools.cache
def _nursery() -> str:
    """The socket of this process's nursery: see :mod:`warm_nursery`."""
    folder = tempfile.TemporaryDirectory(prefix="warm")
    path = f"{folder.name}/socket"
    nursery = subprocess.Popen(
        [sys.executable, "-I", HERE / "warm_nursery.py", path],
        stdin=subprocess.PIPE,
        env=environment(),
    )

    def end() -> None:
        nursery.communicate()
        folder.cleanup()

    atexit.register(end)
    while not Path(path).exists():
        if nursery.poll() is not None:
            raise RuntimeError("the nursery of commands has ended")
        time.sleep(0.01)
    return path


async def run(
    *arguments: str | Path, env: dict[str, str] | None = None, stdin: str | None = None
) -> Ran:
    """Run a command to its end."""
    process = await start(*arguments, env=env)
    out, err = await process.communicate(stdin.encode() if stdin else None)
    assert process.returncode is not None
    return Ran(process.returncode, out.decode(), err.decode())


async def until_asked(sandbox: Sandbox | ProcuraSandbox, requests: int) -> None:
    """Return when the sandbox has been asked so often."""
    async with asyncio.timeout(120):
        while len(sandbox.log) < requests:  # noqa: ASYNC110 - the log tells nobody
            await asyncio.sleep(0.005)


def harvested(path: Path) -> set[int | str]:
    """The dossiers that are complete in the store at ``path``."""
    with Store.read(path) as store:
        return {dossier for dossier, state in store.states().items() if state == "complete"}


def tenants_in(path: Path, out: Path, *only: str) -> tuple[TenantSpec, ...]:
    """The tenants of a file, as `harvest tenants` reads them without further options."""
    words = ["--config", str(path), "--out", str(out), *(f"--only={name}" for name in only)]
    given = dict(harvest_tenants.make_context("tenants", words).params)
    for name in ("progress", "as_json", "dask", "allow_unencrypted_scheduler"):
        del given[name]
    return read_tenants(given.pop("file"), **given)


async def drawn_on(terminal: int) -> str:
    """All that is drawn on a terminal until its other side is closed."""
    shown = bytearray()

    def read() -> None:
        with contextlib.suppress(OSError):  # a terminal that is gone
            while part := os.read(terminal, 65_536):
                shown.extend(part)

    await asyncio.to_thread(read)
    os.close(terminal)
    return shown.decode()
