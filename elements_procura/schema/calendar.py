"""Conversion of a date with a time to a calendar day and local time in the Netherlands. Pure.

The vendors document calendar dates and local times. Other input is accepted where it has only one
possible meaning.
"""

import datetime as dt
import re

from elements_procura.schema.scalars import amsterdam

_OWN = (dt.timedelta(hours=1), dt.timedelta(hours=2))
_DAY_AND_TIME = re.compile(r"(\d{4}-\d\d-\d\d) \d\d:\d\d(?::\d\d(?:\.\d+)?)?", re.ASCII)


def day_of(moment: dt.datetime) -> dt.date | None:
    """The calendar day of a moment, or None if that depends on the time zone.

    Naive, it is the day that it says, and so it is with an offset that the Netherlands have. With
    another one it has to be the same day there, or midnight there, as in what servers send.
    """
    if moment.tzinfo is None or moment.utcoffset() in _OWN:
        return moment.date()
    try:
        local = moment.astimezone(amsterdam())
    except OverflowError:  # in the years 1 and 9999
        return None
    is_told = local.date() == moment.date() or local.time() == dt.time()
    return local.date() if is_told else None


def day_in(text: str) -> str:
    """The day of a text such as ``2016-01-01 10:00:00``; any other text as it is."""
    found = _DAY_AND_TIME.fullmatch(text)
    if found is None:
        return text
    try:
        dt.datetime.fromisoformat(text)
    except ValueError:
        return text
    return found[1]


def local_time(moment: dt.datetime) -> dt.datetime:
    """The local time in the Netherlands, without an offset; a naive time is taken as local.

    One that the calendar does not reach there, in the years 1 and 9999, stays as it is.
    """
    if moment.tzinfo is None:
        return moment
    try:
        return moment.astimezone(amsterdam()).replace(tzinfo=None)
    except OverflowError:
        return moment
