"""The clock of a gate's store, beside the process's own: one that was set forward is noticed."""

from typing import TYPE_CHECKING, Any

import attrs

if TYPE_CHECKING:
    from elements_procura.clock import Clock

# A clock that is corrected bit by bit goes up to a twelfth faster; one that is set jumps.
_FASTER, _JUMP = 0.1, 0.05


@attrs.define
class StoreClock:
    """What a process knows of its store's clock, from turn to turn.

    Between two turns no more time can have gone by on it than here, from before the one to after
    the other. Here is what either clock of this process says: one of them goes on while the machine
    is suspended.

    Args:
        clock: The process's.
    """

    _clock: "Clock"
    _asked: tuple[float, float] = (0.0, 0.0)  # when the turn that is under way began
    _heard: tuple[float, tuple[float, float]] | None = None  # what was said, and that of its turn
    _ahead: str = ""  # the epoch in which it had been set forward

    def ask(self) -> list[Any]:
        """What a turn that begins now says of it: nothing, or the epoch and the time at most."""
        self._asked = self._clock.now(), self._clock.wall()
        if not self._ahead or self._heard is None:
            return []
        return [self._ahead, self._heard[0] + self._since(self._heard[1])]

    def agrees(self, answer: dict[str, Any]) -> bool:
        """Whether an answer that has just come may be used: its clock was not set forward.

        Args:
            answer: Of the turn for which :meth:`ask` was called last.
        """
        said, self._ahead = answer["clock"], ""
        if self._heard is not None:
            since = self._since(self._heard[1])
            if said - self._heard[0] > since * (1 + _FASTER) + _JUMP:
                self._ahead = answer["epoch"]
                return False
        self._heard = said, self._asked
        return True

    def _since(self, then: tuple[float, float]) -> float:
        return max(self._clock.now() - then[0], self._clock.wall() - then[1])
