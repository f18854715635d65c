"""The outcome of a tenant's harvest, in a form that crosses threads, processes and hosts."""

from typing import Any

import attrs

from elements_procura.fleet.exits import MEANINGS, Exit
from elements_procura.harvest.events import Progress

__all__ = ["Outcome"]


@attrs.frozen
class Ending:
    """The end of a harvest without an error.

    Attributes:
        progress: Where it stands.
        paused: Which budget has ended it: ``max-requests``, ``max-dossiers``, ``until`` or
            ``within``.
        is_stopped: Whether a stop was asked for.
        is_refresh: Whether it was a refresh.
        is_first: Whether the harvest had never been complete before.
    """

    progress: Progress
    paused: str | None = None
    is_stopped: bool = False
    is_refresh: bool = False
    is_first: bool = True

    @property
    def exit_code(self) -> Exit:
        """The exit code that stands for it."""
        if not self.progress.complete:
            if self.is_stopped:
                return Exit.INTERRUPTED
            if self._is_short:
                return Exit.QUOTA
        return Exit.QUARANTINED if self.progress.unacknowledged else Exit.DONE

    @property
    def _is_short(self) -> bool:
        """Whether a budget has ended it before its task was done.

        A pilot ends with its dossiers. A refresh does as much as the budget and the time allow, and
        leaves the rest to the next one. But the task of a first harvest is always the whole.
        """
        progress = self.progress
        if self.paused is None or self.paused == "max-dossiers":
            return False
        if not self.is_refresh or not progress.listed:
            return True
        return (
            self.paused == "max-requests" and self.is_first and progress.settled < progress.dossiers
        )


@attrs.frozen(kw_only=True)
class Outcome:
    """The outcome of a tenant's harvest. It is made of plain values: it can be pickled.

    Attributes:
        name: Of the tenant.
        store: The address of its store, which exists only if the harvest was started.
        progress: Where the harvest stands.
        exit_code: As of a harvest of this tenant alone on the command line.
        error: The code of the error that ended it, or None.
        message: That error in words, without values.
        hint: The next step, or an empty string.
        paused: Which budget has ended it, or None.
    """

    name: str
    store: str
    progress: Progress
    exit_code: int = attrs.field(converter=int)
    error: str | None = None
    message: str = ""
    hint: str = ""
    paused: str | None = None

    @property
    def meaning(self) -> str:
        """The exit code in words."""
        return MEANINGS[Exit(self.exit_code)]

    @property
    def is_done(self) -> bool:
        """Whether its task is done."""
        return self.exit_code == Exit.DONE

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return attrs.asdict(self, recurse=False) | {"progress": self.progress.to_json()}
