"""The wire rules of Procura: plain JSON, dates without zones, times without seconds."""

import datetime as dt
from functools import cache
from typing import Any

from elements_procura.procura.models.brp_date import BrpDate
from elements_procura.schema.readers import FORMS, SIGHTINGS
from elements_procura.schema.scalars import WireFault, to_int, to_local_datetime
from elements_procura.schema.structure import Wire


@cache
def procura_wire(*, sightings: int = SIGHTINGS, forms: int = FORMS) -> Wire:
    """The converter for the bodies of Procura, shared by all clients of a process.

    Every name follows the one rule.

    Args:
        sightings: As of :class:`Wire`.
        forms: As well.
    """
    return Wire(
        {},
        embedded=False,
        scalars={
            BrpDate: (to_brp_date, int),
            dt.time: (to_time, from_time),
            dt.datetime: (to_local_datetime, from_datetime),
            dict[str, str]: (to_texts, dict),
        },
        sightings=sightings,
        forms=forms,
    )


def to_brp_date(value: Any) -> BrpDate | None:
    """A date of the population register."""
    number = to_int(value)
    return None if number is None else BrpDate(number)


def to_time(value: Any) -> dt.time | None:
    """A time of day, as ``09:10`` or ``9:10``; an empty text is nothing."""
    if isinstance(value, str):
        text = value.strip()
        if not text:
            return None
        hour, *rest = text.split(":")
        try:
            return dt.time.fromisoformat(":".join((hour.zfill(2), *rest)))
        except ValueError:
            pass
    raise WireFault("a time of day", value)


def from_time(value: dt.time) -> str:
    """A time of day in the server's spelling."""
    return value.strftime("%H:%M")


def from_datetime(value: dt.datetime) -> str:
    """A local date and time in the server's spelling."""
    # Most of the server's fields take no fraction. strftime would write 999 with three digits.
    return value.replace(microsecond=0, tzinfo=None).isoformat()


def to_texts(value: Any) -> dict[str, str]:
    """Texts by column."""
    if not isinstance(value, dict):
        raise WireFault("an object", value)
    if any(isinstance(item, dict | list) for item in value.values()):
        raise WireFault("an object of texts", value)
    return {key: "" if item is None else str(item) for key, item in value.items()}
