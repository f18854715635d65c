"""A search that is complete, of a server that does not page, and that narrows when it fails. Pure.

The server cuts its answer at the requested size without saying so: only an answer that is shorter
than that is known to be complete. And one row that it cannot convert makes it answer 500 for all of
them. Either way less is asked for at a time.
"""

import datetime as dt
import hashlib
import math
import re
from collections.abc import Iterable, Iterator
from typing import Any, Literal, TypeVar

import attrs

from elements_procura import _json
from elements_procura.errors import SearchGap
from elements_procura.procura.models.enums import DossierState, DossierType

__all__ = ["FoundRow"]

T = TypeVar("T")

RELOCATIONS = (
    DossierType.INTRA_MUN_RELOCATION,
    DossierType.INTER_MUN_RELOCATION,
    DossierType.EMIGRATION,
    DossierType.RESETTLEMENT,
)
"""Types that the server treats as one: a search for one finds all of them."""
STATES = tuple(
    str(state)
    for state in DossierState
    if state not in (DossierState.DELETED, DossierState.UNKNOWN)
)
"""The statuses that the server can search by."""
SMALLEST = 2
"""The smallest page: with 1, an answer with a row could never be shorter than its page."""
NEVER = (dt.date.min, dt.date.min)
"""A period that no dossier falls in."""
_GROWTH = 4
_NEAR = 31
"""Days: most dossiers take effect within so many of being filed."""


@attrs.frozen
class Cell:
    """The part of a complete search that one request asks for.

    Attributes:
        first: The first day.
        last: The last day, included.
        size: How many rows at most.
        most: The most rows that it may ask for later.
        types: Groups of types; None for all wanted ones.
        states: Statuses; None for all wanted ones.
        other: A period for the date that is not searched by; None for any.
        is_known: Whether its readable dossiers were all found by the day, so that only the type of
            the unreadable ones is open.
        is_slow: Whether a longer answer took too long.
        low: The size of the longest answer that is known to come in time.
    """

    first: dt.date
    last: dt.date
    size: int
    most: int
    types: tuple[tuple[str, ...], ...] | None = None
    states: tuple[str, ...] | None = None
    other: tuple[dt.date, dt.date] | None = None
    is_known: bool = False
    is_slow: bool = False
    low: int = 0

    @property
    def is_day(self) -> bool:
        """Whether it is of one day."""
        return self.first == self.last

    @property
    def codes(self) -> tuple[str, ...] | None:
        """The types in its groups."""
        return None if self.types is None else tuple(code for group in self.types for code in group)

    def longer(self) -> "Cell | None":
        """The same with a longer answer, if there may be one."""
        if self.size >= self.most:
            return None
        if self.is_slow:
            return attrs.evolve(self, low=self.size, size=(self.size + self.most + 1) // 2)
        return attrs.evolve(self, size=min(self.most, self.size * _GROWTH))

    def shorter(self) -> "Cell | None":
        """The same with a shorter answer, after one that took too long."""
        most = self.size - 1
        if most <= max(self.low, SMALLEST - 1):
            return None
        size = (self.low + most + 1) // 2 if self.low else max(SMALLEST, self.size // _GROWTH)
        return attrs.evolve(self, size=size, most=most, is_slow=True)

    def gap(self, *, wanted: tuple[str, ...] | None, at_least: int = 1) -> SearchGap:
        """The gap that describes it if it cannot be read."""
        codes = self.codes or wanted
        return SearchGap(
            day=self.first.isoformat(),
            last_day=self.last.isoformat(),
            type="/".join(codes) if codes else "",
            status="/".join(self.states) if self.states else "",
            at_least=at_least,
        )


def groups_of(wanted: tuple[str, ...] | None) -> tuple[tuple[str, ...], ...]:
    """The wanted types, one per group except for those that the server does not separate."""
    codes = tuple(map(str, DossierType)) if wanted is None else tuple(map(str, wanted))
    together = tuple(code for code in codes if code in RELOCATIONS)
    others = tuple((code,) for code in codes if code not in RELOCATIONS)
    return (together, *others) if together else others


Axis = Literal["days", "types", "states", "other"]


def parts(
    cell: Cell,
    *,
    types: tuple[str, ...] | None,
    states: tuple[str, ...] | None,
    axes: Iterable[Axis] = ("days", "types", "states", "other"),
) -> tuple[Cell, ...]:
    """The cells that replace ``cell``, in order; empty if it cannot be narrowed.

    Args:
        cell: The cell that failed, or filled its answer.
        types: The wanted types, or None for any.
        states: The wanted statuses, or None for any.
        axes: What to narrow by: the first that leaves more than one part.
    """
    for axis in axes:
        if found := _along(axis, cell, types, states):
            return found
    return ()


def _along(
    axis: Axis, cell: Cell, types: tuple[str, ...] | None, states: tuple[str, ...] | None
) -> tuple[Cell, ...]:
    match axis:
        case "days":
            return tuple(
                attrs.evolve(cell, first=first, last=last) for first, last in _days_of(cell)
            )
        case "types":
            groups = groups_of(types) if cell.types is None else cell.types
            return tuple(attrs.evolve(cell, types=half) for half in _halves(groups))
        case "states":
            codes = (states or STATES) if cell.states is None else cell.states
            return tuple(attrs.evolve(cell, states=half) for half in _halves(codes))
        case _:
            return tuple(attrs.evolve(cell, other=period) for period in _others_of(cell))


def _days_of(cell: Cell) -> Iterator[tuple[dt.date, dt.date]]:
    days = (cell.last - cell.first).days
    if days:
        middle = cell.first + dt.timedelta(days=days // 2)
        yield cell.first, middle
        yield middle + dt.timedelta(days=1), cell.last


def _halves(items: tuple[T, ...]) -> tuple[tuple[T, ...], ...]:
    if len(items) <= 1:
        return ()
    middle = (len(items) + 1) // 2
    return items[:middle], items[middle:]


def _others_of(cell: Cell) -> Iterator[tuple[dt.date, dt.date]]:
    """Periods by the other date: first around the day, then by how far they are from it."""
    day = cell.first.toordinal()
    if cell.other is None:
        ends = [
            (_FIRST, day - _NEAR - 1),
            (day - _NEAR, day - 1),
            (day, day),
            (day + 1, day + _NEAR),
            (day + _NEAR + 1, _LAST),
        ]
    else:
        first, last = (end.toordinal() for end in cell.other)
        if first == last:
            return
        if first > day:
            middle = day + _between(first - day, last - day)
        else:
            middle = day - _between(day - last, day - first) - 1
        ends = [(first, middle), (middle + 1, last)]
    for begin, end in ends:
        if max(begin, _FIRST) <= min(end, _LAST):
            yield dt.date.fromordinal(max(begin, _FIRST)), dt.date.fromordinal(min(end, _LAST))


def _between(near: int, far: int) -> int:
    """A distance in [near, far): the middle, or a nearer one where they are far apart."""
    middle = (near + far) // 2 if far <= _GROWTH * max(near, 1) else math.isqrt(max(near, 1) * far)
    return min(max(middle, near), far - 1)


_FIRST, _LAST = dt.date.min.toordinal(), dt.date.max.toordinal()


@attrs.frozen(repr=False)
class FoundRow:
    """A row of a search's answer, as it came."""

    data: Any

    @property
    def dossier_id(self) -> str | None:
        """The id in it, if it is a whole text."""
        found = self.data.get("dossierId") if isinstance(self.data, dict) else None
        return found if isinstance(found, str) and _json.REPLACED not in found else None

    @property
    def type_code(self) -> str | None:
        """The code of its type, if it has one."""
        kind = self.data.get("type") if isinstance(self.data, dict) else None
        code = kind.get("code") if isinstance(kind, dict) else None
        return code if isinstance(code, str) else None

    def gap(self) -> SearchGap:
        """The gap that describes it if it lacks an id: the day of filing, if it has one."""
        filed = self.data.get("entryDateTime") if isinstance(self.data, dict) else None
        day = filed[:10] if isinstance(filed, str) and _DAY.fullmatch(filed[:10]) else ""
        known = {code for group in groups_of(None) for code in group}
        code = self.type_code
        return SearchGap(day=day, last_day=day, type=code if code in known and code else "")

    def __repr__(self) -> str:
        return "<FoundRow>"


_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


class RepeatFilter:
    """Filters out repeated rows, since several searches may find the same dossier."""

    def __init__(self) -> None:
        self._known: set[str | bytes] = set()

    def is_news(self, row: FoundRow) -> bool:
        """Whether a row is new; one without an id is compared by its whole content."""
        key: str | bytes | None = row.dossier_id
        if not key:
            try:
                key = hashlib.sha256(_json.dumps(row.data, sort_keys=True)).digest()
            except _json.JsonError:  # it nests too deep to be compared
                return True
        if key in self._known:
            return False
        self._known.add(key)
        return True
