"""A harvest as lines of text, for output without a terminal."""

from collections.abc import Callable

from elements_procura.cli.shown.facts import line
from elements_procura.fleet.tracker import Facts

LINE_SECONDS = 30.0


class Lines:
    """Prints a line at the beginning, every half minute, and at the end.

    Args:
        say: Prints a line.
    """

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._last: float | None = None

    def show(self, facts: Facts) -> None:
        """Print the state of the harvest, if it is time."""
        if self._last is None or facts.elapsed - self._last >= LINE_SECONDS:
            self._tell(facts)

    def end(self, facts: Facts) -> None:
        """Print the state of the harvest at the end."""
        self._tell(facts)

    def _tell(self, facts: Facts) -> None:
        self._last = facts.elapsed
        self._say(f"harvest  {line(facts)}")


class SilentView:
    """The view that shows nothing."""

    def show(self, facts: Facts) -> None:
        """Show nothing."""

    def end(self, facts: Facts) -> None:
        """Show nothing."""
