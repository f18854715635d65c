"""The walk of a complete search: where an answer fails or is cut, ask for less at a time.

The functions that search and that test the server are passed in, so it knows no HTTP.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable

import attrs

from elements_procura.errors import ElementsProcuraError, SearchGap
from elements_procura.procura._search import NEVER, Axis, Cell, FoundRow, groups_of, parts

MOST_REQUESTS = 100
"""The limit for one day that keeps failing. After that, its rest is reported as a gap."""
MOST_WITHOUT_NEWS = 60
"""Cut answers in a row without a new row: then the server ignores its parameters."""
_MANY_GAPS = 25
"""With this many gaps and no dossier between them, the server itself is considered broken: where
it fails, the search does, and where it counts rows that it does not hand out, the rest is a gap."""


@attrs.frozen(repr=False)
class AnswerRows:
    """The rows of an answer.

    Attributes:
        rows: As they came.
        is_cut: Whether there may be more.
    """

    rows: tuple[FoundRow, ...]
    is_cut: bool


@attrs.frozen
class Failure:
    """A failed search, possibly because of one row rather than the server.

    Attributes:
        error: The exception.
        is_time: Whether a shorter answer may come through.
        is_refusal: Whether the server's text is that of a refused parameter.
    """

    error: ElementsProcuraError
    is_time: bool = False
    is_refusal: bool = False


@attrs.frozen
class _Again:
    """A failed cell, to be looked at again after its parts, if these had no gap.

    Attributes:
        cell: The cell.
        gaps: How many gaps there were before.
        ask: Whether to ask for it once more; else it is reported as a gap.
    """

    cell: Cell
    gaps: int
    ask: bool = True


Ask = Callable[[Cell], Awaitable[AnswerRows | Failure]]
Prove = Callable[[Cell], Awaitable[Failure | None]]
_Task = Cell | _Again


class Walk:
    """One complete search.

    Args:
        ask: Makes one search. Raises failures unrelated to rows: a missing right, no connection.
        prove: Makes a search that finds nothing, for the types and statuses of a cell, and raises
            unless the server answers it: in that case the server itself fails. Returns a refusal.
        types: The types that are wanted; None for any.
        states: The statuses that are wanted; None for any.
    """

    def __init__(
        self,
        ask: Ask,
        prove: Prove,
        *,
        types: tuple[str, ...] | None,
        states: tuple[str, ...] | None,
    ) -> None:
        self._ask = ask
        self._prove = prove
        self._types = types
        self._states = states
        self._gaps_in_a_row = 0
        self._spent: dict[str, int] = {}
        self._cut: set[str | None] = set()
        self._without_news = 0
        self._works = False
        """Whether the server has answered anything since the last failure."""
        self.gaps: list[SearchGap] = []

    async def rows(self, cell: Cell) -> AsyncGenerator[FoundRow]:
        """Yield every readable row of ``cell``, some of them more than once.

        The rest is in ``gaps`` afterwards.
        """
        tasks: list[_Task] = [cell]
        while tasks:
            task = tasks.pop()
            if isinstance(task, _Again):
                if len(self.gaps) > task.gaps:
                    continue
                if not task.ask:
                    self._tell(task.cell)
                    continue
            cell = task if isinstance(task, Cell) else attrs.evolve(task.cell, is_known=True)
            answer = await self._answer(cell)
            if isinstance(answer, Failure):
                tasks += reversed(await self._instead(cell, answer))
                continue
            more: tuple[_Task, ...] = ()
            if self._brings_nothing(answer):
                self._give_up(cell, tasks)
            elif cell is task:
                more = self._after(cell, answer)
            tasks += reversed(more)
            # The parts bring the rows, in their order; unless they need not bring all.
            if not more or (cell.is_day and cell.is_slow):
                self._gaps_in_a_row *= not answer.rows
                for row in answer.rows:
                    yield row

    def _brings_nothing(self, answer: AnswerRows) -> bool:
        """Whether this is one cut answer too many that holds no other rows than those before.

        Halving the days of some millennia, then longer answers, then types, then the other date
        may take some forty of them, where a server does as it is asked.
        """
        if not answer.is_cut:
            self._without_news = 0
            return False
        found = {row.dossier_id for row in answer.rows}
        self._without_news = self._without_news + 1 if found <= self._cut else 0
        self._cut |= found
        return self._without_news >= MOST_WITHOUT_NEWS or self._gaps_in_a_row >= _MANY_GAPS

    def _give_up(self, cell: Cell, tasks: list[_Task]) -> None:
        """Drop what remains, as one gap: all of it would be cut with the same rows."""
        left = [cell, *(task for task in tasks if isinstance(task, Cell))]
        first, last = min(each.first for each in left), max(each.last for each in left)
        self._tell(Cell(first, last, cell.size, cell.most))
        tasks.clear()

    async def _answer(self, cell: Cell) -> AnswerRows | Failure:
        """The answer, or a failure that is proven not to be the server's as a whole."""
        if cell.is_day:
            day = cell.first.isoformat()
            self._spent[day] = self._spent.get(day, 0) + 1
        answer = await self._ask(cell)
        if isinstance(answer, AnswerRows):
            self._works = True
        else:
            worked, self._works = self._works, False
            if not worked:
                await self._check()
        return answer

    async def _check(self) -> None:
        """Make sure that the server answers; an exception ends the walk."""
        if not self._works:
            refused = await self._prove(Cell(*NEVER, 1, 1))
            if refused is not None:
                raise refused.error
            self._works = True

    def _after(self, cell: Cell, answer: AnswerRows) -> tuple[_Task, ...]:
        """The next cells after an answer that may have been cut."""
        if not answer.is_cut:
            return ()
        # Statuses come last: not every row has one that can be searched by.
        narrower = parts(
            cell, types=self._types, states=self._states, axes=("days", "types", "other", "states")
        )
        longer = cell.longer()
        if not cell.is_day:
            return narrower
        if cell.is_slow and narrower:
            self._note_strangers(cell, answer)
            return narrower
        if longer is not None:
            return (longer,)
        self._tell(cell)
        return ()

    def _note_strangers(self, cell: Cell, answer: AnswerRows) -> None:
        """Record a gap if a cut answer holds rows that no search for known types finds."""
        if cell.types is None and self._types is None:
            known = {code for group in groups_of(None) for code in group}
            if any(row.type_code not in known for row in answer.rows):
                self._tell(cell)

    async def _instead(self, cell: Cell, failure: Failure) -> tuple[_Task, ...]:
        """The next cells after a failure."""
        if failure.is_refusal:
            refused = await self._prove(cell)
            self._works = True
            if refused is not None:
                return self._without(cell, refused)
        if failure.is_time and (shorter := cell.shorter()) is not None:
            return (shorter,)
        narrower = await self._narrower(cell, failure)
        if not narrower:
            await self._check()
            self._tell(cell)
            if self._gaps_in_a_row >= _MANY_GAPS:
                raise failure.error
            return ()
        if failure.is_time:
            return narrower
        # All of them may come through and the whole fail still, by a row that is in none of them:
        # a date without a day lies between two days.
        return (*narrower, _Again(cell, len(self.gaps), ask=not cell.is_known))

    async def _narrower(self, cell: Cell, failure: Failure) -> tuple[Cell, ...]:
        if cell.is_known:
            return parts(cell, types=self._types, states=self._states, axes=("types",))
        if cell.low or self._spent.get(cell.first.isoformat(), 0) > MOST_REQUESTS:
            return ()
        # Not every row has a status that can be searched by. A row that cannot be read is told by
        # its status all the same; where time is short, none may be missed.
        axes: tuple[Axis, ...] = ("days", "types", "states", "other")
        if failure.is_time:
            axes = ("days", "types", "other", "states")
        narrower = parts(cell, types=self._types, states=self._states, axes=axes)
        is_by_other = bool(narrower) and cell.other is None and narrower[0].other is not None
        if is_by_other and not failure.is_time and await self._fails_anyway(cell):
            return ()
        return narrower

    async def _fails_anyway(self, cell: Cell) -> bool:
        """Whether a cell fails even for a date without dossiers: narrowing is then useless."""
        return isinstance(await self._answer(attrs.evolve(cell, other=NEVER)), Failure)

    def _without(self, cell: Cell, refused: Failure) -> tuple[Cell, ...]:
        """The next cells after the server refused a type or status that only narrows the search.

        An older server does not know every type and status, and then has nothing of them.
        """
        if cell.types is None and cell.states is None:
            raise refused.error
        axes: list[Axis] = []
        if cell.types is not None:
            axes.append("types")
        if cell.states is not None:
            axes.append("states")
        return parts(cell, types=self._types, states=self._states, axes=axes)

    def _tell(self, cell: Cell) -> None:
        self.gaps.append(cell.gap(wanted=self._types))
        self._gaps_in_a_row += 1
