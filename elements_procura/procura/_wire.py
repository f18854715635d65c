"""The wire rules of Procura: plain JSON, dates without zones, times without seconds."""

import datetime as dt
from typing import Any

from elements_procura.procura.models.brp_date import BrpDate
from elements_procura.schema.scalars import WireFault, to_int, to_local_datetime
from elements_procura.schema.structure import Wire


def procura_wire() -> Wire:
    """A converter for the bodies of Procura. Every name follows the one rule."""
    return Wire(
        {},
        embedded=False,
        scalars={
            BrpDate: (_to_brp_date, int),
            dt.time: (_to_time, _from_time),
            dt.datetime: (to_local_datetime, _from_datetime),
            dict[str, str]: (_to_texts, dict),
        },
    )


def _to_brp_date(value: Any) -> BrpDate | None:
    number = to_int(value)
    return None if number is None else BrpDate(number)


def _to_time(value: Any) -> dt.time | None:
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


def _from_time(value: dt.time) -> str:
    return value.strftime("%H:%M")


def _from_datetime(value: dt.datetime) -> str:
    # Most of the server's fields take no fraction. strftime would write 999 with three digits.
    return value.replace(microsecond=0, tzinfo=None).isoformat()


def _to_texts(value: Any) -> dict[str, str]:
    if not isinstance(value, dict):
        raise WireFault("an object", value)
    if any(isinstance(item, dict | list) for item in value.values()):
        raise WireFault("an object of texts", value)
    return {key: "" if item is None else str(item) for key, item in value.items()}
