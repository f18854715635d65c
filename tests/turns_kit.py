"""Lists that are decoded in turns, made short, and calls that are cancelled between two turns."""

import asyncio
import traceback
from collections.abc import Coroutine
from types import ModuleType
from typing import Any

import pytest

from elements_procura.core import turns


def shortened(monkeypatch: pytest.MonkeyPatch, *readers: ModuleType) -> None:
    """Anything counts as long to these modules, and is read in small pieces."""
    for reader in readers:
        monkeypatch.setattr(reader, "LONG", 0)
    monkeypatch.setattr(turns, "_PIECE", 50)
    monkeypatch.setattr(turns, "_ROWS", 3)
    monkeypatch.setattr(turns, "_FEW", 3)
    monkeypatch.setattr(turns, "_TURN", 0.0)


class CountedTurns:
    """Counts the turns in which records are made.

    Attributes:
        count: How many there were.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        self._cancelled_at = 0
        self._task: asyncio.Task[Any] | None = None
        original = turns.StructureTask.step

        def step(task: Any) -> bool:
            self.count += 1
            if self._task is not None and self.count == self._cancelled_at:
                self._task.cancel()
            return original(task)

        monkeypatch.setattr(turns.StructureTask, "step", step)

    async def frames_of(self, call: Coroutine[Any, Any, Any], *, cancelled_at: int) -> str:
        """The package's frames, with their locals, of a call that is cancelled in a turn."""
        self._cancelled_at = self.count + cancelled_at
        self._task = asyncio.ensure_future(call)
        with pytest.raises(asyncio.CancelledError) as caught:
            await self._task
        assert self.count == self._cancelled_at
        lines = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
        return "".join(line for line in lines.format() if "/tests/" not in line)
