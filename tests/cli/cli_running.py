"""Runs the command line as a process of its own, beside a sandbox in this one."""

import asyncio
import os
import sys
from pathlib import Path

import attrs

from elements_procura.sandbox import Sandbox


@attrs.frozen
class Ran:
    """What a finished command left."""

    code: int
    out: str
    err: str


def environment(sandbox: Sandbox | None = None, **changes: str) -> dict[str, str]:
    """This process's environment without its own settings, plus those of ``sandbox``."""
    given = {name: value for name, value in os.environ.items() if not name.startswith("ELEMENTS_")}
    # Nor with the settings and logins of whoever runs the tests.
    given |= {"XDG_CONFIG_HOME": "/nonexistent", "XDG_STATE_HOME": "/nonexistent"}
    if sandbox is not None:
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
    *arguments: str | Path, env: dict[str, str] | None = None
) -> asyncio.subprocess.Process:
    """Start ``python -X dev -m elements_procura``: warnings and debug output show."""
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "elements_procura",
        *map(str, arguments),
        env=env if env is not None else environment(),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def run(
    *arguments: str | Path, env: dict[str, str] | None = None, stdin: str | None = None
) -> Ran:
    """Run a command to its end."""
    process = await start(*arguments, env=env)
    out, err = await process.communicate(stdin.encode() if stdin else None)
    assert process.returncode is not None
    return Ran(process.returncode, out.decode(), err.decode())
