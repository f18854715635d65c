"""Reading what another process has written down: plain values, none of them believed."""

import math
import sys

_LARGEST = sys.float_info.max  # a whole number may be above


class Lesson:
    """A tree of plain values that somebody else may have written.

    Args:
        values: The tree's root.

    Raises:
        ValueError: It is no mapping; each method as well, where a value is not as it should be.
    """

    def __init__(self, values: object) -> None:
        if not isinstance(values, dict):
            raise ValueError("a lesson is a mapping")  # noqa: TRY004 - one error for all of them
        self._values = values

    def number(self, name: str, least: float = -math.inf, most: float = math.inf) -> float:
        """A number between both bounds, finite."""
        value = self._values.get(name)
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise ValueError(f"{name} is missing, or no number")  # noqa: TRY004 - as above
        if not -_LARGEST <= value <= _LARGEST or not least <= value <= most:
            raise ValueError(f"{name} is out of its bounds")
        return float(value)

    def part(self, name: str) -> "Lesson":
        """The mapping of that name."""
        return Lesson(self._values.get(name))

    def parts(self, name: str) -> "list[Lesson]":
        """The mappings in the list of that name."""
        value = self._values.get(name)
        if not isinstance(value, list):
            raise ValueError(f"{name} is missing, or no list")  # noqa: TRY004 - as above
        return [Lesson(each) for each in value]

    def equals(self, name: str, value: object) -> bool:
        """Whether the value of that name is this one."""
        return bool(self._values.get(name) == value)
