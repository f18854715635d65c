"""A back office that stores what the server has given up on already."""

import asyncio
import random
from collections.abc import Callable
from typing import Final

from elements_procura.sandbox.core.faults import Fault, FaultPlan

Change = Callable[[], object]
Later = Callable[[float, Change], object]
"""Calls a function so many seconds later."""
LATE: Final = 4.0
"""Seconds from the server's answer until the case is stored, while the weather is so."""


class Lateness:
    """Which requests are stored late, and how late.

    Args:
        seed: What chance depends on.
        later: Calls a function so many seconds later; None for the event loop itself.
    """

    def __init__(self, *, seed: int, later: Later | None) -> None:
        self._later = later or _by_the_loop
        self._orders = FaultPlan((), seed=seed)
        # Reproducible on purpose, nothing secret hangs on it.
        self._chance = random.Random(f"{seed}/late")

    def order(self, match: str, *, up_to: float, probability: float, times: int | None) -> None:
        """Let requests be carried out up to so many seconds late from now on."""
        fault = Fault(
            kind="stall", match=match, probability=probability, times=times, seconds=up_to
        )
        self._orders.add(fault)

    def clear(self) -> None:
        """Let nothing be late from now on. What is on its way arrives all the same."""
        self._orders.clear()

    def of(self, method: str, path: str) -> float | None:
        """How late this request is carried out; None for at once."""
        fault = self._orders.strike(method, path)
        return None if fault is None else self._chance.uniform(0, fault.seconds)

    def commit(self, seconds: float, change: Change) -> None:
        """Make ``change`` so many seconds later."""
        self._later(seconds, change)


def _by_the_loop(seconds: float, change: Change) -> None:
    asyncio.get_running_loop().call_later(seconds, change)
