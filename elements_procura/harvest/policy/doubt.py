"""When losses are so many that they are not believed. Pure: no I/O, and the time is passed in."""

from elements_procura.harvest.policy.refresh import DAY

WINDOW = 7 * DAY
"""Losses of so many seconds are judged together: few a night are many in a week."""
SECOND_LOOK = 20 * 3600.0
"""Seconds after which another look is one of its own: nights have 23 hours, and cron is late."""
_FEW = 3
_SMALL_SHARE = 0.05
_ENDS_AT_MOST = 10
_ENDS_SHARE = 0.2


def is_doubted(lost: int, asked: int) -> bool:
    """Whether so many losses are rather a fault of the source.

    Args:
        lost: How many were lost.
        asked: How many were asked for again, those among them.
    """
    return (lost > _FEW and lost > _SMALL_SHARE * asked) or lost == asked > 1


def may_end(lost: int, asked: int) -> bool:
    """Whether a doubt is small enough to end by itself, once a second look says the same."""
    return lost <= _ENDS_AT_MOST or lost <= _ENDS_SHARE * asked
