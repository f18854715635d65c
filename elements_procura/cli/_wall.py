"""What the clock on the wall shows."""

import datetime as dt


def wall_time(seconds: float) -> dt.datetime:
    """Convert seconds since the epoch to the time zone of this machine.

    ``TZ`` may name a zone that is a day or more away from UTC (``XXX-25``): the C library takes it
    and Python refuses it. Then the time is shown in UTC.
    """
    moment = dt.datetime.fromtimestamp(seconds, dt.UTC)
    try:
        return moment.astimezone()
    except ValueError:
        return moment
