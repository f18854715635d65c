"""The waiting line: three lanes, repeats before all, and no lane starved for ever."""

from collections import OrderedDict
from typing import TYPE_CHECKING

import attrs

from elements_procura.scheduler._rates import Priority

if TYPE_CHECKING:
    import asyncio

    from elements_procura.scheduler._slot import Slot

#: A lane whose first waiter has waited this many seconds, and that has had nothing for as long,
#: gets one grant before the lanes above it. By number of the lane, which is that of its priority.
PATIENCE = float("inf"), 5.0, 10.0


@attrs.define(eq=False)
class Waiter:
    """One ``acquire`` in the line.

    Attributes:
        future: Gets the slot.
        priority: Its lane.
        since: When it came, on the clock's ``now``.
        repeat: Whether it was sent before, and refused.
    """

    future: "asyncio.Future[Slot]"
    priority: Priority
    since: float
    repeat: bool


class Queue:
    """Waiters in the order in which they are served.

    Attributes:
        is_empty: Whether nobody waits: asked twice for every request, so a plain value.
    """

    def __init__(self) -> None:
        self.is_empty = True
        self._repeats: OrderedDict[Waiter, None] = OrderedDict()
        self._lanes: list[OrderedDict[Waiter, None]] = [OrderedDict() for _ in Priority]
        self._served = [float("-inf") for _ in Priority]

    def __len__(self) -> int:
        return len(self._repeats) + sum(map(len, self._lanes))

    @property
    def interactive(self) -> bool:
        """Whether somebody interactive waits."""
        return bool(self._lanes[Priority.INTERACTIVE])

    def waiting(self, priority: Priority) -> int:
        """Count the requests of this priority that wait, repeats among them."""
        repeats = sum(waiter.priority is priority for waiter in self._repeats)
        return repeats + len(self._lanes[priority])

    def add(self, waiter: Waiter) -> None:
        """Put a waiter at the end of its lane, or of the repeats."""
        (self._repeats if waiter.repeat else self._lanes[waiter.priority])[waiter] = None
        self.is_empty = False

    def remove(self, waiter: Waiter) -> None:
        """Take a waiter out, if it is still in."""
        self._repeats.pop(waiter, None)
        lane = self._lanes[waiter.priority]
        lane.pop(waiter, None)
        self.is_empty = not lane and not len(self)

    def first(self, now: float) -> Waiter | None:
        """The waiter to be served next."""
        if self._repeats:
            return next(iter(self._repeats))
        heads = [next(iter(lane)) for lane in self._lanes if lane]
        if len(heads) > 1:
            for head in reversed(heads[1:]):
                patience = PATIENCE[head.priority]
                if now - max(head.since, self._served[head.priority]) >= patience:
                    return head
        return heads[0] if heads else None

    def serve(self, waiter: Waiter, now: float) -> None:
        """Remove a waiter that has its slot, and record when its lane was served."""
        self.remove(waiter)
        self._served[waiter.priority] = now

    def drain(self) -> list[Waiter]:
        """Remove and return all waiters."""
        everybody = [*self._repeats, *(waiter for lane in self._lanes for waiter in lane)]
        self._repeats.clear()
        for lane in self._lanes:
            lane.clear()
        self.is_empty = True
        return everybody
