"""What spoils a whole search: a row that cannot be converted, a back office that takes too long.

The back office loads every row of a search as a whole case, up to the limit, and the server gives
it ten seconds. Then it converts the rows one by one: the first that fails is the answer to all.
"""

import contextlib
import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import cycle
from typing import Final, Literal

from elements_procura.sandbox.procura.problems import Problem, broken

Field = Literal["start_date", "entry_date", "status_date", "type"]

PATIENCE: Final = 10.0
"""Seconds that the server waits for its back office."""
_FIELDS: Final = ("start_date", "entry_date", "status_date", "type")
_BROKEN: Final[tuple[Field, ...]] = ("start_date", "entry_date", "status_date")
_EVERY: Final = 25  # of so many cases one breaks while the weather is so
_SLOW: Final = 0.2  # seconds per row while the weather is so
_UNKNOWN_TYPE: Final = "Onbekend type verhuizing"


class Trouble:
    """What goes wrong in searches, by dossier and by the length of an answer."""

    def __init__(self) -> None:
        self.seconds_per_row: float = 0.0
        self._fields: dict[str, Field] = {}

    def break_row(self, dossier_id: str, field: Field) -> None:
        """Let the row of a dossier be one that cannot be converted.

        Raises:
            ValueError: ``field`` is none of those that break a row.
        """
        if field not in _FIELDS:
            raise ValueError(f"field must be one of {', '.join(_FIELDS)}")
        self._fields[dossier_id] = field

    def heal_row(self, dossier_id: str) -> None:
        """Let the row of a dossier be as it was."""
        self._fields.pop(dossier_id, None)

    @contextlib.contextmanager
    def under(self, weather: Collection[str], dossier_ids: Iterable[str]) -> Iterator[None]:
        """What this weather adds, for one search: nothing may be awaited meanwhile.

        Args:
            weather: Names of kinds. ``broken-search``: the row of the first case and of every
                25th after it is broken; ``slow-search``: the back office takes long for each row.
            dossier_ids: Of all cases.
        """
        fields, pace = self._fields, self.seconds_per_row
        if "broken-search" in weather:
            broken_ones = list(dossier_ids)[::_EVERY]
            self._fields = dict(zip(broken_ones, cycle(_BROKEN), strict=False)) | fields
        if "slow-search" in weather:
            self.seconds_per_row = max(pace, _SLOW)
        try:
            yield
        finally:
            self._fields, self.seconds_per_row = fields, pace

    def is_within(
        self, dossier_id: str, field: Field, day: dt.date, period: tuple[dt.date, dt.date]
    ) -> bool:
        """Whether a dossier's date lies in a period, as the back office compares: by number."""
        first, last = (_number(end) for end in period)
        number = _number(day)
        if self._fields.get(dossier_id) == field:
            number = _incomplete(number)
        return first <= number <= last

    def strike(self, found: Sequence[tuple[str, dt.date]]) -> None:
        """Spoil the search that finds these, if anything does.

        Args:
            found: Ids and start dates of what the back office hands over.

        Raises:
            Problem: It takes too long, or one of the rows cannot be converted.
        """
        if len(found) * self.seconds_per_row > PATIENCE:
            raise too_late()
        for dossier_id, start in found:
            field = self._fields.get(dossier_id)
            if field == "type":
                raise broken(_UNKNOWN_TYPE)
            if field is not None:
                text = f"Text '{_incomplete(_number(start))}' could not be parsed"
                raise broken(f"{text}: Invalid value for DayOfMonth (valid values 1 - 28/31): 0")


def too_late() -> Problem:
    """The back office took longer than the server waits."""
    return broken(f"Timeout on blocking read for {int(PATIENCE * 1e9)} NANOSECONDS")


def is_write(method: str, path: str) -> bool:
    """Whether a request changes what the back office holds."""
    return method == "POST" and not path.endswith("/search") and "/oauth/" not in path


def _number(day: dt.date) -> int:
    return day.year * 10_000 + day.month * 100 + day.day


def _incomplete(number: int) -> int:
    """A date of which the day is not known."""
    return number - number % 100
