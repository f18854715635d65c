"""A server in a process of its own, so that its CPU and memory are not those that are measured."""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator


@contextlib.asynccontextmanager
async def served(program: str, *options: str) -> AsyncIterator[str]:
    """The address of ``program --serve OPTIONS``, which prints the port that it listens on."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, program, "--serve", *options, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout
    try:
        yield f"http://127.0.0.1:{int(await process.stdout.readline())}"
    finally:
        process.kill()
        await process.communicate()
