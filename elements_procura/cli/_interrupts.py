"""Ctrl-C, SIGTERM and SIGHUP: the first asks everybody to stop, the second ends the process."""

import asyncio
import contextlib
import signal
import sys
from collections.abc import Callable, Iterator

from elements_procura.cli._output import Output


def _signals() -> tuple[signal.Signals, ...]:
    if sys.platform == "win32":
        return ()
    # Under nohup the end of a terminal is nothing to end for.
    hangup = () if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN else (signal.SIGHUP,)
    return (signal.SIGINT, signal.SIGTERM, *hangup)


class Interrupts:
    """One handler for all that listen; a loop takes only one, and Windows' takes none.

    Attributes:
        happened: Whether there was an interruption while somebody listened.
    """

    def __init__(self, output: Output) -> None:
        self._output = output
        self._listeners: list[Callable[[], None]] = []
        self._signals = _signals()
        self.happened = False

    @contextlib.contextmanager
    def told_to(self, stop: Callable[[], None]) -> Iterator[None]:
        """Inside, an interruption calls ``stop``: at once, when it came before."""
        if not self._listeners:
            for number in self._signals:
                asyncio.get_running_loop().add_signal_handler(number, self._interrupt)
        self._listeners.append(stop)
        if self.happened:
            stop()
        try:
            yield
        finally:
            self._listeners.remove(stop)
            if not self._listeners:
                for number in self._signals:
                    asyncio.get_running_loop().remove_signal_handler(number)

    def _interrupt(self) -> None:
        if self.happened:
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            signal.raise_signal(signal.SIGINT)
        self.happened = True
        self._output.say("stopping: finishing what is under way (again to abort at once)")
        for stop in tuple(self._listeners):
            stop()
