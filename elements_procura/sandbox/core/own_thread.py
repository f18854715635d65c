"""A thread with an event loop of its own, for a server that tests without ``await`` talk to."""

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class OwnThread:
    """Runs an event loop in a thread until it is stopped."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(
            target=self._loop.run_forever, name="elements-procura sandbox", daemon=True
        )
        self._thread.start()

    def run(self, job: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine there and wait for its result."""
        return asyncio.run_coroutine_threadsafe(job, self._loop).result()

    async def wait_for(self, job: Coroutine[Any, Any, T]) -> T:
        """Await a coroutine of that loop, from this one or from any other."""
        if asyncio.get_running_loop() is self._loop:
            return await job
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(job, self._loop))

    def stop(self) -> None:
        """Stop the loop and wait for the thread's end."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
