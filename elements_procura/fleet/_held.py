"""A tenant's store, opened and used in threads, and closed whoever is cancelled meanwhile."""

import asyncio
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

import attrs

from elements_procura.harvest import Store


@attrs.define
class HeldStore:
    """A store whose slow steps run in threads: one that is locked keeps its opener waiting.

    A thread cannot be cancelled. Whoever leaves while one is at work hands the store over to it:
    the thread closes the store after its step, so the lease does not outlive the run.

    ::

        async with HeldStore(partial(Store.open, where, tenant=tenant)) as held:
            await held.call(lambda store: store.purge())

    Attributes:
        opener: Opens it; called in a thread.
    """

    opener: Callable[[], Store]
    _store: Store | None = attrs.field(init=False, default=None)
    _is_left: bool = attrs.field(init=False, default=False)
    _lock: threading.Lock = attrs.field(init=False, factory=threading.Lock)

    @property
    def store(self) -> Store:
        """The open store."""
        assert self._store is not None, "it is open inside only"  # noqa: S101 - a fault of ours
        return self._store

    async def call(self, step: Callable[[Store], object]) -> None:
        """Run a step in a thread; if it is cancelled, the step ends before the store is closed.

        Args:
            step: Called with the store.
        """
        await asyncio.to_thread(self._run, lambda: step(self.store))

    async def __aenter__(self) -> Self:
        try:
            await asyncio.to_thread(self._run, self._open)
        except BaseException:
            self._leave()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._leave()

    def _open(self) -> None:
        self._store = self.opener()

    def _run(self, step: Callable[[], object]) -> None:
        try:
            with self._lock:
                if not self._is_left:
                    step()
        finally:
            # Here the lock is free again: one of the two sees that the other is through.
            if self._is_left:
                self._leave()

    def _leave(self) -> None:
        self._is_left = True
        if self._lock.acquire(blocking=False):
            try:
                store, self._store = self._store, None
                if store is not None:
                    store.close()
            finally:
                self._lock.release()
