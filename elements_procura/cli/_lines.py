"""A harvest as lines of text, for where there is no terminal."""

from collections.abc import Callable

from elements_procura.cli._facts import line
from elements_procura.fleet.tracker import Facts

LINE_SECONDS = 30.0


class Lines:
    """A line at the begin, every half minute whatever happens, and at the end.

    Args:
        say: What prints a line.
    """

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._last: float | None = None

    def show(self, facts: Facts) -> None:
        """Tell where the harvest stands, if it is time."""
        if self._last is None or facts.elapsed - self._last >= LINE_SECONDS:
            self._tell(facts)

    def end(self, facts: Facts) -> None:
        """Tell where the harvest stands at the end."""
        self._tell(facts)

    def _tell(self, facts: Facts) -> None:
        self._last = facts.elapsed
        self._say(f"harvest  {line(facts)}")


class Nothing:
    """For who wants to see nothing."""

    def show(self, facts: Facts) -> None:
        """Show nothing."""

    def end(self, facts: Facts) -> None:
        """Show nothing."""
