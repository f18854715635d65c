"""The time of a demo that shows several nights in one minute."""

from elements_procura.clock import SystemClock


class NightClock(SystemClock):
    """The machine's clocks, put forward by whole nights."""

    def __init__(self) -> None:
        self._ahead = 0.0

    def skip(self, seconds: float) -> None:
        """Let so much time have gone by."""
        self._ahead += seconds

    def now(self) -> float:
        """Monotonic seconds."""
        return super().now() + self._ahead

    def wall(self) -> float:
        """Seconds since the Unix epoch."""
        return super().wall() + self._ahead
