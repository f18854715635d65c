"""Long collections are decoded in turns, so that others on the event loop go on in between.

A list of 5 MB costs some 150 ms when it is parsed and typed at once. Taken apart as a stream is, it
costs half as much again, and nobody waits for more than a few milliseconds. Its evidence is judged
as of any other answer; a body that cannot be read this way is decoded at once, which says why. So
is a single row, however long it is.

The steps are methods, and what they work on are attributes: no frame that a cancellation passes
holds a row. Both APIs' lists stand two levels down: in HAL's ``_embedded``, or in the ``result`` of
a search; a list that is the whole answer is read as if it did.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from elements_procura import _json
from elements_procura.core.answers import Response
from elements_procura.evidence import EvidenceError
from elements_procura.schema import hal
from elements_procura.schema.model import Model
from elements_procura.schema.scalars import WireFault
from elements_procura.schema.structure import Wire

M = TypeVar("M", bound=Model)
LONG = 512 * 1024
"""Bytes of a body above which it is decoded in turns."""
_PIECE = 64 * 1024
_ROWS, _FEW = 200, 8
"""How many rows are made in a turn at most, and between two looks at the clock."""
_TURN = 0.004
"""Seconds after which it is others' turn."""


async def in_turns(step: Callable[[], bool]) -> None:
    """Call ``step`` until it returns False, and let others have their turn in between."""
    while step():  # noqa: ASYNC110 - nothing is waited for: it is others' turn
        await asyncio.sleep(0)


class Turn:
    """The time that one turn takes; rows may be short or long."""

    def __init__(self) -> None:
        self._end = time.perf_counter() + _TURN

    def is_over(self) -> bool:
        """Whether it is others' turn; if so, the next one begins."""
        now = time.perf_counter()
        if now < self._end:
            return False
        self._end = now + _TURN
        return True


class DecodeTask:
    """The document of a collection, read piece by piece.

    Args:
        response: The answer.
        holder: The member that holds the list.
        rel: The list's name there.
        may_be_list: Whether the list may be the whole answer.

    Attributes:
        data: The document; None where it has to be decoded at once.
    """

    def __init__(
        self, response: Response, holder: str, rel: str, *, may_be_list: bool = False
    ) -> None:
        self.data: Any = None
        self._holder, self._rel = holder, rel
        self._items = hal.Items(rel, "", accepts=lambda _: True, holder=holder)
        self._rows: list[Any] = []
        self._is_odd = False
        self._body = memoryview(response.body)
        self._at = 0
        start = response.body.removeprefix(_json.BOM).lstrip()[:1]
        self._is_list = may_be_list and start == b"["
        if self._is_list:
            self._at = response.body.index(b"[")
            self._rows += self._items.feed(f'{{"{holder}":{{"{rel}":'.encode())

    def step(self) -> bool:
        """Read on; whether there is more."""
        piece = self._body[self._at : self._at + _PIECE]
        self._at += len(piece)
        try:
            if not piece:
                self.data = self._document()
                return False
            rows = [*self._items.feed(bytes(piece))]
        except EvidenceError:
            return False
        self._is_odd = self._is_odd or any(isinstance(row, hal.UnreadableRow) for row in rows)
        self._rows += rows
        return True

    def _document(self) -> Any:
        if self._is_list:
            self._rows += self._items.feed(b"}}")
        data = self._items.rest()
        held = data.get(self._holder)
        if self._is_list and (len(data) != 1 or not isinstance(held, dict) or len(held) != 1):
            return None
        if not self._rows:
            return data[self._holder][self._rel] if self._is_list else data
        is_odd = self._is_odd or self._items.lists != 1
        if is_odd or not isinstance(held, dict) or held.get(self._rel) not in ([], {}):
            return None  # or their place was written twice, and the last one holds
        if self._is_list:
            return self._rows
        held[self._rel] = self._rows
        return data


class StructureTask(Generic[M]):
    """The records of a long collection, made some at a time.

    A row of which the record has been made is a None in the list from then on: to free all of them
    at once would take as long as making them. A fault is among the others.

    Args:
        wire: Structures them.
        items: The rows, which are dropped from this list.
        model: What they are.
        check: Called with some rows at a time; raises EvidenceError where they are none.

    Attributes:
        records: All of them; None where there is a fault.
        at: How many rows were dropped.
    """

    def __init__(
        self, wire: Wire, items: list[Any], model: type[M], check: Callable[[list[Any]], object]
    ) -> None:
        self.records: tuple[M, ...] | None = None
        self.at: int = 0
        self._wire, self._model, self._check = wire, model, check
        self._items = items
        self._made: list[M] = []

    def step(self) -> bool:
        """Make the next ones; whether there are more."""
        turn, begun = Turn(), self.at
        end = min(begun + _ROWS, len(self._items))
        is_right = True
        while self.at < end and is_right:
            is_right = self._make(self._items[self.at : min(self.at + _FEW, end)])
            if turn.is_over():
                break
        # Not one by one: as many objects would go as come, and the collector of garbage, which
        # counts the difference, would come late and then have all of them to look at.
        self._items[begun : self.at] = [None] * (self.at - begun)
        if self.at < len(self._items):
            return is_right
        if self._items:
            self.records = tuple(self._made)
        return False

    def _make(self, part: list[Any]) -> bool:
        """Make these; whether they are right."""
        try:
            self._made += self._wire.structure_all(part, self._model)
            self._check(part)
        except (EvidenceError, WireFault):
            return False
        self.at += len(part)
        return True
