"""The table of a harvest's traffic: a row per stretch of time."""

from typing import Any

import orjson

from elements_procura.harvest.sql.database import Database
from elements_procura.harvest.traffic import (
    MOST_STRETCHES,
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
    rows = db.execute(f"SELECT {_COLUMNS} FROM traffic ORDER BY start")  # noqa: S608 - a constant
    return [_stretch(*row) for row in rows]


def _stretch(start: float, seconds: float, *numbers: Any) -> Stretch:
    return Stretch(start, seconds, of_row(numbers[:-1], orjson.loads(numbers[-1])))


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
        # Once a second at first, so the others are only read when there are too many.
        count, seconds = self._size()
        if count > MOST_STRETCHES and (longer := coarser(stretches(self._db))) is not None:
            self._db.execute("DELETE FROM traffic")
            for each in longer:
                self._write(each)
            count, seconds = self._size()
        start = start_of(now, seconds)
        known = self._db.execute(
            f"SELECT {_COLUMNS} FROM traffic WHERE start = ?",  # noqa: S608 - a constant
            (start,),
        ).fetchone()
        return Stretch(start, seconds, Traffic() if known is None else _stretch(*known).traffic)

    def _size(self) -> tuple[int, float]:
        """How many stretches there are, and the length of the longest."""
        found = self._db.execute("SELECT count(*), max(seconds) FROM traffic").fetchone()
        return found[0], shortest() if found[1] is None else found[1]

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
