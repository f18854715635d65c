"""The scheduler's vocabulary: rates, priorities, usage."""

import enum
from typing import Any

import attrs

from elements_procura.errors import ConfigError

#: Windows of at least this many seconds are quotas: nobody waits for them, ``acquire`` raises.
QUOTA_SECONDS = 3600.0
#: A quota is counted in so many stretches; counts leave up to two of them late.
QUOTA_BUCKETS = 288


class Priority(enum.IntEnum):
    """The order of requests; within one priority, first come, first served."""

    INTERACTIVE = 0
    NORMAL = 1
    BULK = 2


def _whole(value: Any) -> Any:
    """Convert 5.0 to 5, since files and options may hold whole numbers as floats."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _is_positive(value: Any) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and 0 < value < float("inf")


def _count(_instance: object, _attribute: object, value: Any) -> None:
    if not (isinstance(value, int) and _is_positive(value)):
        raise ConfigError(f"Rate.limit must be a whole number above zero, not {value!r}")


def _seconds(_instance: object, _attribute: object, value: Any) -> None:
    if not _is_positive(value):
        raise ConfigError(f"Rate.seconds must be a number above zero, not {value!r}")


@attrs.frozen
class Rate:
    """At most ``limit`` requests in any ``seconds``.

    Raises:
        ConfigError: One of them is not above zero, or ``limit`` is not whole.
    """

    limit: int = attrs.field(converter=_whole, validator=_count)
    seconds: float = attrs.field(validator=_seconds)

    @property
    def is_quota(self) -> bool:
        """Whether the window is too long to wait for."""
        return self.seconds >= QUOTA_SECONDS


@attrs.frozen
class Usage:
    """How full one window is.

    Attributes:
        rate: The window that is described.
        used: Requests that count in it now. In a short window also those without an answer yet.
        left: Requests that could still leave now.
        bulk_left: As ``left``, for bulk: it ends at its share of a quota.
        bulk_limit: Requests that bulk may have in the window.
        resets_at: Seconds since the epoch when ``left`` will next grow; None when nothing is used,
            or when that hangs on answers that are not there yet.
        schedule: Of a quota: how many requests bulk may have made from now on, and by when, in
            seconds since the epoch. The first is now; numbers never shrink.
    """

    rate: Rate
    used: int
    left: int
    bulk_left: int
    bulk_limit: int
    resets_at: float | None
    schedule: tuple[tuple[float, int], ...] = attrs.field(default=(), repr=False)

    def bulk_by(self, when: float) -> int:
        """How many requests bulk may make from now until ``when``, as far as known now.

        Requests counted now leave the window meanwhile. Future interactive calls within their
        own share do not matter.

        Args:
            when: Seconds since the epoch.
        """
        if not self.schedule:
            return self.bulk_left
        requests, first = 0, self.schedule[0][0]
        while when >= first:  # what leaves, and then what was sent in its place, and so on
            requests += max(free for at, free in self.schedule if at <= when)
            when -= self.counts_for
        return requests

    @property
    def counts_for(self) -> float:
        """Seconds that a request counts in a quota at most: a little longer than the window."""
        return self.rate.seconds * (1 + 2 / QUOTA_BUCKETS)
