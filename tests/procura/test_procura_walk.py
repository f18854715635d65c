"""The walk of a complete search in a world in memory: whatever breaks, only that is missing."""

import asyncio
import datetime as dt
from collections.abc import Collection

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from elements_procura.errors import ElementsProcuraError, SearchGap
from elements_procura.procura._narrowing import MOST_WITHOUT_NEWS, AnswerRows, Failure, Walk
from elements_procura.procura._search import RELOCATIONS, STATES, Cell, FoundRow
from elements_procura.procura.models.enums import DossierType

FIRST = dt.date(2024, 1, 1)
TYPES = ("birth", "commitment", "intra_mun_relocation", "emigration", "extract")


@attrs.frozen
class Case:
    day: int
    type: str
    state: str
    start: int

    @property
    def cell(self) -> tuple[int, str, str, int]:
        """All that it can be told from others by."""
        kind = "relocation" if self.type in RELOCATIONS else self.type
        return self.day, kind, self.state, self.start


CASES = st.builds(
    Case,
    day=st.integers(0, 40),
    type=st.sampled_from(TYPES),
    state=st.sampled_from(STATES[:3]),
    start=st.sampled_from((-4_000, -3, 0, 1, 20, 700)),
)


class World:
    """Answers searches as the server does."""

    def __init__(self, cases: list[Case], bad: Collection[int], slowest: int) -> None:
        self.cases, self.bad, self.slowest = cases, bad, slowest
        self.asked = 0

    async def ask(self, cell: Cell) -> AnswerRows | Failure:
        self.asked += 1
        found = [number for number, case in enumerate(self.cases) if self._fits(case, cell)]
        found = found[: cell.size]
        if len(found) > self.slowest:
            return Failure(ElementsProcuraError("late"), is_time=True)
        if not self.bad.isdisjoint(found):  # type: ignore[attr-defined] # it is a set
            return Failure(ElementsProcuraError("unreadable"))
        rows = tuple(
            FoundRow({"dossierId": str(number), "type": {"code": self.cases[number].type}})
            for number in found
        )
        return AnswerRows(rows, is_cut=len(rows) >= cell.size)

    async def prove(self, _cell: Cell) -> None:
        self.asked += 1

    def _fits(self, case: Case, cell: Cell) -> bool:
        codes = set(cell.codes or map(str, DossierType))
        if codes & set(RELOCATIONS):
            codes |= set(map(str, RELOCATIONS))
        day = FIRST + dt.timedelta(days=case.day)
        start = day + dt.timedelta(days=case.start)
        other = cell.other or (dt.date.min, dt.date.max)
        return (
            cell.first <= day <= cell.last
            and case.type in codes
            and (cell.states is None or case.state in cell.states)
            and other[0] <= start <= other[1]
        )


def walked(world: World) -> tuple[set[int], list[SearchGap]]:
    async def all_of_it() -> tuple[set[int], list[SearchGap]]:
        walk = Walk(world.ask, world.prove, types=None, states=None)
        whole = Cell(FIRST, FIRST + dt.timedelta(days=45), 20, 200)
        found = {int(str(row.dossier_id)) async for row in walk.rows(whole)}
        return found, walk.gaps

    return asyncio.run(all_of_it())


@given(st.lists(CASES, max_size=60), st.sets(st.integers(0, 59), max_size=3))
def test_only_what_no_filter_tells_from_an_unreadable_row_is_missing(
    cases: list[Case], bad: set[int]
) -> None:
    world = World(cases, bad, slowest=1_000)
    found, gaps = walked(world)
    cells = {cases[number].cell for number in bad if number < len(cases)}
    assert found == {number for number, case in enumerate(cases) if case.cell not in cells}
    told = {(gap.day, gap.last_day, gap.type) for gap in gaps}
    for day, kind, _, _ in cells:
        date = (FIRST + dt.timedelta(days=day)).isoformat()
        assert [each for each in told if each[:2] == (date, date) and kind in each[2]]
    assert len(gaps) == len(cells)
    assert world.asked < 20 + 75 * len(cells) + len(cases)


@given(st.lists(CASES, max_size=60, unique_by=lambda case: case.cell), st.integers(1, 60))
def test_whatever_time_it_takes_everything_is_delivered(cases: list[Case], slowest: int) -> None:
    world = World(cases, set(), slowest=slowest)
    found, gaps = walked(world)
    assert found == set(range(len(cases)))
    assert gaps == []


@given(
    st.lists(CASES, max_size=60, unique_by=lambda case: case.cell),
    st.sets(st.integers(0, 59), max_size=3),
    st.integers(1, 60),
)
def test_both_at_once(cases: list[Case], bad: set[int], slowest: int) -> None:
    world = World(cases, bad, slowest=slowest)
    found, gaps = walked(world)
    lacking = {number for number in bad if number < len(cases)}
    assert found == set(range(len(cases))) - lacking
    assert len(gaps) == len(lacking)


def test_where_every_second_row_is_unreadable_the_rest_is_delivered() -> None:
    cases = [Case(day, "birth", STATES[0], 0) for day in range(40)]
    cases += [Case(day, "commitment", STATES[1], 1) for day in range(40)]
    bad = set(range(40))
    found, gaps = walked(World(cases, bad, slowest=1_000))
    assert found == set(range(40, 80))
    assert len(gaps) == len(bad)


def test_where_time_is_short_a_row_of_a_status_that_cannot_be_searched_by_is_found() -> None:
    cases = [Case(3, "birth", state, start) for start, state in enumerate(("unknown", *STATES))]
    found, gaps = walked(World(cases, set(), slowest=1))
    assert found == set(range(len(cases)))
    assert not gaps


@pytest.mark.parametrize("count", [0, 3, 20])
def test_a_server_that_ignores_what_is_asked_for_and_says_more_costs_few_requests(
    count: int,
) -> None:
    rows = tuple(FoundRow({"dossierId": str(number)}) for number in range(count))
    asked: list[Cell] = []

    async def ask(cell: Cell) -> AnswerRows:
        asked.append(cell)
        return AnswerRows(rows, is_cut=True)

    async def prove(_cell: Cell) -> None:
        raise AssertionError

    async def all_of_it() -> tuple[set[str | None], list[SearchGap]]:
        walk = Walk(ask, prove, types=None, states=None)
        whole = Cell(FIRST, FIRST + dt.timedelta(days=700), 20, 200)
        found = {row.dossier_id async for row in walk.rows(whole)}
        return found, walk.gaps

    found, gaps = asyncio.run(all_of_it())
    assert found == {str(number) for number in range(count)}
    assert len(asked) <= MOST_WITHOUT_NEWS + 2
    # What is left is told, day by day or as a whole: it never counts as read.
    assert gaps[-1].last_day == (FIRST + dt.timedelta(days=700)).isoformat()


def test_a_server_that_counts_rows_and_hands_out_none_costs_few_requests() -> None:
    asked = 0

    async def ask(cell: Cell) -> AnswerRows:
        nonlocal asked
        asked += 1
        is_odd = cell.is_day and cell.first.toordinal() % 2 == 0
        return AnswerRows((), is_cut=not cell.is_day or is_odd)

    async def prove(_cell: Cell) -> None:
        raise AssertionError

    async def all_of_it() -> list[SearchGap]:
        walk = Walk(ask, prove, types=None, states=None)
        whole = Cell(FIRST, FIRST + dt.timedelta(days=3_000), 200, 200)
        assert [row async for row in walk.rows(whole)] == []
        return walk.gaps

    gaps = asyncio.run(all_of_it())
    assert asked < 150
    assert gaps[-1].last_day == (FIRST + dt.timedelta(days=3_000)).isoformat()
