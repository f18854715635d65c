"""What a store has granted, and what becomes of it."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import attrs

from elements_procura._escape import can_be_written
from elements_procura.errors import ConfigError, StoreError
from elements_procura.scheduler._places import REFUSED
from elements_procura.scheduler._rates import QUOTA_SECONDS

if TYPE_CHECKING:
    from datetime import datetime

    from elements_procura.clock import Clock
    from elements_procura.scheduler._feedback import Limit


@attrs.frozen
class Grant:
    """A store's leave for one request, not used yet.

    Attributes:
        name: How reports call it.
        at: When the request may leave, on the clock's ``now``.
        until: After which moment it must not leave any more.
        granted: Where the store has counted it.
    """

    name: str
    at: float
    until: float
    granted: str


#: Takes note of the end of a grant: how it ended, when it was sent, what the server asks to wait,
#: and whether it was bulk's.
Note = Callable[[Grant, str, float, float | None, int], None]


class SharedPermit:
    """One request's leave, given by a store.

    Attributes:
        sent: When it was given, on the clock's ``now``.
        until: The moment after which the request must not leave any more.
    """

    __slots__ = ("_bulk", "_clock", "_grant", "_note", "sent", "until")

    def __init__(self, grant: Grant, sent: float, bulk: int, *, note: Note, clock: "Clock") -> None:
        self._note = note
        self._clock = clock
        self._grant = grant
        self._bulk = bulk
        self.sent = sent
        self.until = grant.until

    def settle(
        self,
        *,
        status: int | None,
        server_date: "datetime | None",
        limit: "Limit | None",
        retry_after: float | None,
    ) -> None:
        """Take note of the answer."""
        if limit is None and retry_after is not None and retry_after >= QUOTA_SECONDS:
            limit = "day"
        if status is None:
            kind = "none"
        elif status != REFUSED:
            kind = "ok"
        else:
            kind = "day" if limit == "day" else "refused"
        self._note(self._grant, kind, self.sent, retry_after, self._bulk)

    def has_lapsed(self) -> bool:
        """Whether the request must not leave by it any more."""
        return self._clock.now() > self.until

    def give_back(self) -> None:
        """Take the leave back."""
        self._note(self._grant, "back", self.sent, None, self._bulk)


def check_words(**words: object) -> None:
    """Make sure that the words by which processes find each other can be written.

    Raises:
        ConfigError: One is not a text, or holds half of a character.
    """
    for name, word in words.items():
        if not can_be_written(word):
            raise ConfigError(
                f"{name} must be a text without halves of characters",
                hint="Decode names of files with errors='replace' before they get here",
            )


def lanes_of(answer: dict[str, Any]) -> list[int]:
    """How many of each lane were granted."""
    lanes = [0, 0, 0]
    for _, _, lane, _ in answer["grants"]:
        lanes[lane] += 1
    return lanes


def most(pending: list[Any], found: list[Any]) -> list[Any]:
    """Of each stretch the most that either remembers."""
    if not pending:
        return found
    merged = []
    for (full, counts), (other_full, others) in zip(pending, found, strict=True):
        most = {bucket: [total, bulk] for bucket, total, bulk in counts}
        for bucket, total, bulk in others:
            known = most.get(bucket, [0, 0])
            most[bucket] = [max(known[0], total), max(known[1], bulk)]
        merged.append((max(full, other_full), [[bucket, *each] for bucket, each in most.items()]))
    return merged


def other_limits(account: str) -> StoreError:
    """The error of a process whose rates differ from the others'."""
    return StoreError(
        f"Another process shares {account} by other limits",
        hint="Give all processes that share an account the same rates, long windows included",
    )
