"""Long collections are decoded in turns, so that others on the event loop go on in between.

A list of 5 MB costs some 150 ms when it is parsed and typed at once. Taken apart as a stream is, it
costs half as much again, and nobody waits for more than a few milliseconds. Its evidence is judged
as of any other answer; a body that cannot be read this way is decoded at once, which says why.

The steps are methods, and what they work on are attributes: no frame that a cancellation passes
holds a row.
"""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from elements_procura import evidence
from elements_procura.core.answers import JsonResponse, Response
from elements_procura.evidence import EvidenceError
from elements_procura.schema import hal
from elements_procura.schema.model import Model
from elements_procura.schema.scalars import WireFault
from elements_procura.schema.structure import Wire

M = TypeVar("M", bound=Model)
LONG = 512 * 1024
"""Bytes of a body above which it is decoded in turns."""
_PIECE = 64 * 1024
_ROWS = 500


async def in_turns(step: Callable[[], bool]) -> None:
    """Call ``step`` until it returns False, and let others have their turn in between."""
    while step():  # noqa: ASYNC110 - nothing is waited for: it is others' turn
        await asyncio.sleep(0)


class DecodeTask:
    """The document of a collection, read piece by piece.

    Args:
        response: The answer.

    Attributes:
        data: The document; None where it has to be decoded at once.
    """

    def __init__(self, response: Response) -> None:
        path = response.request.path.value
        self.data: dict[str, Any] | None = None
        self._rel = path.rstrip("/").rpartition("/")[2]
        self._items = hal.Items(self._rel, path, accepts=lambda _: True)
        self._rows: list[Any] = []
        self._body = memoryview(response.body)
        self._at = 0

    def step(self) -> bool:
        """Read on; whether there is more."""
        piece = self._body[self._at : self._at + _PIECE]
        self._at += len(piece)
        try:
            if not piece:
                self.data = self._document()
                return False
            self._rows += self._items.feed(bytes(piece))
        except EvidenceError:
            return False
        return True

    def _document(self) -> dict[str, Any] | None:
        data = self._items.rest()
        if not self._rows:
            return data
        is_odd = self._items.lists != 1 or any(
            isinstance(row, hal.UnreadableRow) for row in self._rows
        )
        if is_odd:
            return None
        data["_embedded"][self._rel] = self._rows
        return data


class StructureTask(Generic[M]):
    """The records of a long collection, made some at a time.

    What has been made is dropped from the answer's data: to free all of it at once would take as
    long as making it.

    Args:
        wire: Structures them.
        answer: The collection.
        model: What they are.
        rel: Their relation.

    Attributes:
        records: All of them; None where there is a fault, which has to be found at once.
    """

    def __init__(self, wire: Wire, answer: JsonResponse, model: type[M], rel: str) -> None:
        self.records: tuple[M, ...] | None = None
        self._wire, self._model, self._rel = wire, model, rel
        self._items: list[Any] = []
        self._made: list[M] = []
        self._at = 0
        with contextlib.suppress(EvidenceError):
            self._items = evidence.relation(answer.data, rel, is_named=True)

    def step(self) -> bool:
        """Make the next ones; whether there are more."""
        part = self._items[self._at : self._at + _ROWS]
        self._items[self._at : self._at + len(part)] = [None] * len(part)
        self._at += len(part)
        try:
            self._made += self._wire.structure_all(part, self._model)
            evidence.check_rows(part, self._rel)
        except (EvidenceError, WireFault):
            return False
        if part and self._at >= len(self._items):
            self.records = tuple(self._made)
        return self._at < len(self._items)
