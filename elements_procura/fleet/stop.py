"""Asking a harvest to stop, from its own loop, another thread or another process."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Protocol

__all__ = ["Flag", "Stop"]

_POLL_SECONDS = 0.2


class Flag(Protocol):
    """``threading.Event``, ``multiprocessing.Event`` or ``asyncio.Event``."""

    def is_set(self) -> bool:
        """Whether the harvest is to stop."""


Stop = Flag | Callable[[], bool]
"""The flag or function with which a caller asks a harvest to stop."""


class StopSignal:
    """Calls back registered functions once a stop is asked for. It belongs to one event loop.

    Attributes:
        is_set: Whether a stop was asked for.
        failure: The error of a caller's flag that can no longer be read: that asks for a stop too,
            or the harvest could not be stopped any more.
    """

    def __init__(self) -> None:
        self.is_set: bool = False
        self.failure: Exception | None = None
        self._callbacks: list[Callable[[], None]] = []

    def set(self) -> None:
        """Ask for the stop."""
        self.is_set = True
        for each in tuple(self._callbacks):
            each()

    @contextlib.contextmanager
    def calls(self, callback: Callable[[], None]) -> Iterator[None]:
        """Inside, a stop calls ``callback``: at once, when it was asked for before."""
        self._callbacks.append(callback)
        if self.is_set:
            callback()
        try:
            yield
        finally:
            self._callbacks.remove(callback)

    async def sleep(self, seconds: float) -> bool:
        """Sleep; return False if a stop is asked for meanwhile."""
        woken = asyncio.Event()
        with self.calls(woken.set), contextlib.suppress(TimeoutError):
            await asyncio.wait_for(woken.wait(), seconds)
        return not self.is_set


@contextlib.asynccontextmanager
async def watched(stop: Stop | None) -> AsyncIterator[StopSignal]:
    """A signal that follows the caller's flag or function.

    It is read every 0.2 s, as a flag of another thread or process cannot call back.

    Args:
        stop: The caller's flag or function, or None.
    """
    signal = StopSignal()
    if stop is None:
        yield signal
        return
    is_set: Callable[[], bool] = getattr(stop, "is_set", None) or stop  # type: ignore[assignment] # a callable otherwise
    task = asyncio.create_task(_poll(is_set, signal))
    try:
        yield signal
    finally:
        task.cancel()
        await asyncio.wait([task])


async def _poll(is_set: Callable[[], bool], signal: StopSignal) -> None:
    try:
        while not is_set():  # noqa: ASYNC110 - a flag of another thread or process calls nobody
            await asyncio.sleep(_POLL_SECONDS)
    except Exception as error:  # noqa: BLE001 - whatever a function of the caller's raises
        signal.failure = error
    signal.set()
