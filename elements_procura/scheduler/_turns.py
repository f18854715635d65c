"""What a process says in a turn and hears: the seam between a shared gate and its store."""

from typing import Any, Protocol

import attrs

#: Seconds that a turn may take: what comes later is void, as the process may have been stopped.
TURN_SECONDS = 1.0


@attrs.frozen
class Report:
    """The end of one grant.

    Attributes:
        name: The grant's.
        at: When its answer was there, on the process's clock; a turn says how long ago that was.
        kind: ``ok``, ``none`` (no answer came), ``refused``, ``day`` (the server says that the day
            is used up) or ``back`` (the request never left).
        rtt: Milliseconds of the round trip.
        wait: Milliseconds that the server asks to wait; -1 where it asks for nothing.
        bulk: 1 for a request of bulk, else 0.
        granted: Where the grant was counted.
    """

    name: str
    at: float
    kind: str
    rtt: float
    wait: float
    bulk: int
    granted: str

    def values(self, now: float) -> list[Any]:
        """For a turn at that moment of the process's clock."""
        age = round((now - self.at) * 1000, 3)
        return [self.name, age, self.kind, self.rtt, self.wait, self.bulk, self.granted]


class Turns(Protocol):
    """Where an account is kept.

    Asks and answers are trees of plain values, the same for every store; ``_account.turn`` is their
    meaning. An ask holds ``owner`` (who calls), ``call`` (its number), ``adopt`` (owners whose
    grants the caller goes on with), ``held`` (the grants it knows to hold), ``site``, ``epoch``,
    ``turn`` and ``rev`` (what it has heard last), ``rates``, ``quotas``, ``min_rtt``, ``wants`` (by
    lane), ``reports``, ``company`` (somebody interactive is about), ``memory`` (of the day, after a
    cold start), ``ahead`` (that the store's clock was set forward, see ``_store_clock``) and
    ``leaves``.
    """

    async def turn(self, ask: dict[str, Any]) -> dict[str, Any]:
        """Take one turn, without blocking the event loop.

        Raises:
            TurnLost: The store does not answer; nobody knows whether the turn was taken.
            StoreError: The store cannot be used, and trying again will not help.
        """

    async def aclose(self) -> None:
        """Let go of files and connections."""


class TurnLost(Exception):
    """A turn without an answer: what it may have granted is void. Its text says why."""
