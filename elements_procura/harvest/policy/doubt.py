"""Doubting losses when there are too many. Pure: no I/O, and the time is passed in."""

from elements_procura.harvest.policy.refresh import DAY

WINDOW = 7 * DAY
"""Seconds over which losses are judged together: a few per night are many in a week."""
SECOND_LOOK = 20 * 3600.0
"""Seconds after which a second look counts: nights may have 23 hours, and cron may be late."""
_FEW = 3
_SMALL_SHARE = 0.05
_ENDS_AT_MOST = 10
_ENDS_SHARE = 0.2


def is_doubted(lost: int, asked: int) -> bool:
    """Whether there are so many losses that a fault of the source is likelier.

    Args:
        lost: How many were lost.
        asked: How many were requested again, including the lost ones.
    """
    return (lost > _FEW and lost > _SMALL_SHARE * asked) or lost == asked > 1


def may_end(lost: int, asked: int) -> bool:
    """Whether a doubt is small enough to end after a second look with the same result."""
    return lost <= _ENDS_AT_MOST or lost <= _ENDS_SHARE * asked
