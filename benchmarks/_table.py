"""One table for every benchmark, and what it exits with."""

from collections.abc import Iterable, Mapping

import attrs


@attrs.frozen
class Figure:
    """A line of a table.

    Attributes:
        name: The measured thing.
        value: Its figure.
        goal: The most that it may be; None for one that is only stated.
    """

    name: str
    value: float
    goal: float | None = None

    @property
    def is_missed(self) -> bool:
        """Whether it is above its goal."""
        return self.goal is not None and self.value > self.goal


def show(title: str, figures: Iterable[Figure], *, goals: bool) -> int:
    """Print a table.

    Args:
        title: What the figures are.
        figures: Its lines.
        goals: Whether a goal that is missed ends the program with 1.

    Returns:
        The program's exit code.
    """
    lines = list(figures)
    width = max(len(each.name) for each in lines) + 2
    print(f"{title}\n\n{'':{width}}{'figure':>12}{'goal':>10}")
    for each in lines:
        goal = "" if each.goal is None else f"{each.goal:,}"
        print(f"{each.name:{width}}{each.value:12,.2f}{goal:>10}{'  MISSED' * each.is_missed}")
    return int(goals and any(each.is_missed for each in lines))


def show_promises(goals: Mapping[str, tuple[float, float]]) -> bool:
    """Print promises as a table of Markdown.

    Args:
        goals: The figure of each, and the most that it may be.

    Returns:
        Whether all are kept.
    """
    print("\n| promise | worst seed | at most | |\n|---|---|---|---|")
    for promise, (figure, most) in goals.items():
        print(f"| {promise} | {figure:.3f} | {most} | {'kept' if figure <= most else 'BROKEN'} |")
    return all(figure <= most for figure, most in goals.values())
