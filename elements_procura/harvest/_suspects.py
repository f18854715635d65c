"""Is it this resource that is broken, or is the server down?"""

from elements_procura.errors import RequestError
from elements_procura.harvest.source import Work

REMOTE_DOWN_AFTER = 8
"""Failures in a row, with no success between, that mean the server is down."""


class Suspects:
    """Holds failures back until another request tells what they mean.

    A success means that the resource is broken. Several failures in a row mean that the server is
    down: then the run ends, and they all stay in the queue.
    """

    def __init__(self) -> None:
        self._held: list[tuple[Work, RequestError]] = []
        self._any_success = False

    def hold(self, work: Work, error: RequestError) -> None:
        """Note a failure.

        Raises:
            RequestError: This one, when it is one too many.
        """
        self._held.append((work, error))
        if len(self._held) >= REMOTE_DOWN_AFTER:
            raise error.with_traceback(None)

    def convict(self) -> list[tuple[Work, RequestError]]:
        """A request has succeeded: those that failed before it are to be quarantined."""
        self._any_success = True
        held, self._held = self._held, []
        return held

    def convict_at_the_end(self) -> list[tuple[Work, RequestError]]:
        """The run is over, and no other request is left to tell.

        Raises:
            RequestError: The last one, when nothing has succeeded in this run at all.
        """
        if self._held and not self._any_success:
            _, error = self._held[-1]
            raise error.with_traceback(None)
        return self.convict()
