"""Events of a tenant's harvest besides those of :mod:`elements_procura.harvest`."""

from typing import Literal

import attrs

from elements_procura.harvest.events import Event, Progress

__all__ = ["FleetEvent", "ProgressReport", "QuotaShort", "Sleep"]


@attrs.frozen
class Sleep:
    """The run sleeps: the day's quota is used up, or the next refresh is not due.

    Attributes:
        until: The end of the sleep, in seconds since the epoch.
        reason: The reason of the wait.
    """

    until: float
    reason: Literal["quota", "refresh"]


@attrs.frozen
class QuotaShort:
    """The day's quota resets only after the time of this refresh: it ends without a request.

    Attributes:
        resets_at: Seconds since the epoch.
    """

    resets_at: float


@attrs.frozen
class ProgressReport:
    """The progress of a tenant that another process harvests, every five seconds.

    It stands for the events of single dossiers, which stay in that process.

    Attributes:
        progress: Its counts, without the concerns.
    """

    progress: Progress


FleetEvent = Event | Sleep | QuotaShort | ProgressReport
"""Every event that ``on_event`` is called with."""
