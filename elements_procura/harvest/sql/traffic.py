"""The table of a harvest's traffic: a row per stretch of time."""

import orjson

from elements_procura.harvest.sql.database import Database
from elements_procura.harvest.traffic import (
    Stretch,
    Traffic,
    as_row,
    coarser,
    of_row,
    shortest,
    start_of,
)

_COLUMNS = (
    "start, seconds, unanswered, throttled, server_errors, repeated, waited, interruptions, away,"
    " latency"
)


def stretches(db: Database) -> list[Stretch]:
    """List what the table holds, oldest first."""
    return [
        Stretch(start, seconds, of_row(numbers, orjson.loads(latency)))
        for start, seconds, *numbers, latency in db.execute(
            f"SELECT {_COLUMNS} FROM traffic ORDER BY start"  # noqa: S608 - a constant
        )
    ]


class TrafficTable:
    """Adds to the table; nobody else does meanwhile.

    Args:
        db: The store's connection.
    """

    def __init__(self, db: Database) -> None:
        self._db = db
        self._last: Stretch | None = None

    def add(self, traffic: Traffic, *, now: float) -> None:
        """Add to the stretch that is now; called inside a transaction."""
        last = self._last
        if last is None or not last.start <= now < last.start + last.seconds:
            last = self._at(now)
        self._last = last = Stretch(last.start, last.seconds, last.traffic + traffic)
        self._write(last)

    def forget(self) -> None:
        """The transaction has come to nothing."""
        self._last = None

    def _at(self, now: float) -> Stretch:
        found = stretches(self._db)
        if (longer := coarser(found)) is not None:
            self._db.execute("DELETE FROM traffic")
            for each in longer:
                self._write(each)
            found = longer
        seconds = max((each.seconds for each in found), default=shortest())
        start = start_of(now, seconds)
        known = (each.traffic for each in found if each.start == start)
        return Stretch(start, seconds, next(known, Traffic()))

    def _write(self, stretch: Stretch) -> None:
        numbers, latency = as_row(stretch.traffic)
        self._db.execute(
            f"INSERT INTO traffic ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 - a constant
            " ON CONFLICT (start) DO UPDATE SET unanswered = excluded.unanswered,"
            " throttled = excluded.throttled, server_errors = excluded.server_errors,"
            " repeated = excluded.repeated, waited = excluded.waited,"
            " interruptions = excluded.interruptions, away = excluded.away,"
            " latency = excluded.latency",
            (stretch.start, stretch.seconds, *numbers, orjson.dumps(latency).decode()),
        )
