"""Running the parts of a harvest concurrently, and letting them finish at its end."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any


async def run_together(
    *parts: Coroutine[Any, Any, None],
    ending: asyncio.Event,
    end: Callable[[], None],
    drain: float,
) -> None:
    """Run parts concurrently; once one fails or the run ends, the others finish their work.

    Args:
        parts: The coroutines to run.
        ending: Set once the run is to end.
        end: Called when one of them makes it end.
        drain: Seconds after which unfinished parts are cancelled.

    Raises:
        Exception: The exception of the first part that failed.
    """
    tasks = [asyncio.create_task(part) for part in parts]
    until_ending = asyncio.create_task(ending.wait())
    until_done = asyncio.create_task(asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION))
    try:
        await asyncio.wait([until_done, until_ending], return_when=asyncio.FIRST_COMPLETED)
        if not all(task.done() for task in tasks):
            end()
        await asyncio.wait(tasks, timeout=drain)
    finally:
        every = [*tasks, until_done, until_ending]
        for task in every:
            task.cancel()
        await asyncio.gather(*every, return_exceptions=True)
    for task in tasks:
        if not task.cancelled() and (error := task.exception()) is not None:
            raise error
