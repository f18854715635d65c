"""Ctrl-C, SIGTERM and SIGHUP: the first asks everybody to stop, the second ends the process."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Callable, Iterator

from elements_procura.cli._output import Output
from elements_procura.fleet.stop import StopSignal

_SHOW_CURSOR = b"\r\n\x1b[?25h"


def _signals() -> tuple[signal.Signals, ...]:
    if sys.platform == "win32":
        return ()
    # Under nohup the end of a terminal is nothing to end for.
    hangup = () if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN else (signal.SIGHUP,)
    return (signal.SIGINT, signal.SIGTERM, *hangup)


class Interrupts(StopSignal):
    """One handler for all that listen; a loop takes only one, and Windows' takes none.

    Attributes:
        last_words: Lines to print when the second one ends the process at once.
    """

    def __init__(self, output: Output) -> None:
        super().__init__()
        self._output = output
        self._listening = 0
        self._signals = _signals()
        self.last_words: list[str] = []

    @contextlib.contextmanager
    def calls(self, callback: Callable[[], None]) -> Iterator[None]:
        """Inside, an interruption calls ``callback``: at once, when it came before."""
        loop = asyncio.get_running_loop()
        if not self._listening:
            for number in self._signals:
                loop.add_signal_handler(number, self._interrupt)
        self._listening += 1
        try:
            with super().calls(callback):
                yield
        finally:
            self._listening -= 1
            if not self._listening:
                for number in self._signals:
                    loop.remove_signal_handler(number)

    def _interrupt(self) -> None:
        if self.is_set:
            self._abort()
        self._output.say("stopping: finishing requests under way (again to abort at once)")
        self.set()

    def _abort(self) -> None:
        """End at once: nothing is cleaned up, but the terminal is left as it was."""
        for line in self.last_words:
            self._output.say(line)
        with contextlib.suppress(OSError):
            number = sys.stderr.fileno()
            if os.isatty(number):  # rich's stand-in for the stream denies it before 14.1
                # Past a bar that is drawn there, which has hidden the cursor.
                os.write(number, _SHOW_CURSOR)
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.raise_signal(signal.SIGINT)
