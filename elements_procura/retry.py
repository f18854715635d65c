"""Whether and when a failed request is sent again: decided here, acted on in the session."""

import enum
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

MAX_ATTEMPTS = 3
MAX_THROTTLED = 5
LONGEST_RETRY_AFTER = 60.0
_BASE = 0.5
_CAP = 20.0
_LONGEST = 10.0 * 86_400


class Failure(enum.Enum):
    """How a request failed, as far as repeating it is concerned."""

    NOT_SENT = "not sent"
    TIMEOUT = "no answer in time"
    BROKEN = "the connection broke"
    SERVER = "server error"
    FATAL = "repeating cannot help"


def delay(
    failure: Failure,
    *,
    attempt: int,
    safe: bool,
    random: Callable[[], float],
    retry_after: float | None = None,
    most: int = MAX_ATTEMPTS,
) -> float | None:
    """Seconds to wait before the next attempt, or None when there must be none.

    Args:
        failure: The kind of failure.
        attempt: How often the request has been sent, from 1.
        safe: Whether the request may be executed twice (a read). A write is repeated only
            when it provably never left.
        random: Uniform in [0, 1): concurrent callers must not come back in step.
        retry_after: Seconds that the server asked for.
        most: How often it may be sent in all.
    """
    if failure is Failure.FATAL or attempt >= most:
        return None
    if not safe and failure is not Failure.NOT_SENT:
        return None
    backoff = min(_CAP, _BASE * 2.0 ** (attempt - 1)) * (0.5 + 0.5 * random())
    if retry_after is None:
        return backoff
    return None if retry_after > LONGEST_RETRY_AFTER else max(backoff, retry_after)


def parse_retry_after(value: str | None, *, date: datetime | None = None) -> float | None:
    """Seconds out of a ``Retry-After`` header; None when absent or nonsense.

    Args:
        value: The header: seconds, or a date.
        date: When the server says that it answered. A date is measured by the server's own clock,
            so it is ignored without this one.
    """
    if value is None:
        return None
    text = value.strip()
    if text.isdecimal():
        return min(float(text[:20]), _LONGEST)
    if date is None:
        return None
    try:
        left = (_aware(parsedate_to_datetime(text)) - _aware(date)).total_seconds()
    except (TypeError, ValueError, OverflowError):
        return None
    return min(max(left, 0.0), _LONGEST)


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
