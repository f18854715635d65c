"""The checks of request bodies for Procura. Pure, but for a warning.

Citizen numbers are padded, days and times written as the server reads them.
"""

import datetime as dt
import logging
from collections.abc import Iterator, Sequence
from typing import Any, Final

from elements_procura.errors import BodyFault
from elements_procura.procura._bsn import WRONG, normalised
from elements_procura.procura._rules import DROPPED, RULES
from elements_procura.procura._wire import from_datetime, from_time, to_brp_date, to_texts, to_time
from elements_procura.procura.models.brp_date import BrpDate
from elements_procura.procura.models.common import Case
from elements_procura.schema.body import Bodies, plain_value
from elements_procura.schema.calendar import day_in, day_of, local_time
from elements_procura.schema.fields import Kind
from elements_procura.schema.model import Body
from elements_procura.schema.nested import Part, Scalar
from elements_procura.schema.scalars import (
    to_bool,
    to_date,
    to_int,
    to_local_datetime,
    to_str,
)
from elements_procura.schema.sealed import Data
from elements_procura.schema.structure import Wire

log = logging.getLogger("elements_procura.procura")


class BsnKind(Kind):
    """A citizen service number."""

    def tidy(self, value: Any) -> Any:
        """Nine digits."""
        found = normalised(value) if isinstance(value, str | int) else None
        return value if found is None else found

    def faults(self, value: Any, path: str) -> Iterator[BodyFault]:
        """Yield a fault unless it is a citizen service number."""
        if not self.fits(value):
            yield BodyFault(path, WRONG)


class ProcuraBodies(Bodies):
    """The body classes of Procura, and the records that are sent back as bodies.

    Args:
        wire: Writes such a record.
    """

    def __init__(self, wire: Wire) -> None:
        super().__init__(
            {},
            kinds=_KINDS,
            named=_NAMED,
            empty_lists=("extracts",),
            rules=RULES,
            null_is_unset=True,
            plain=_plain,
        )
        self._wire = wire

    def data(
        self, body: Any, kinds: Sequence[type[Body]], *, validate: bool = True
    ) -> Data | tuple[BodyFault, ...]:
        """As for any body; a record is sent back as it was read, with later changes."""
        if isinstance(body, Case):
            body = self._wire.to_wire(body)
        data = super().data(body, kinds, validate=validate)
        if validate and isinstance(data, dict):
            for where in self._dropped(data, kinds[0], "$"):
                log.warning("the server takes %s of this body and drops it", where)
        return data

    def _dropped(self, data: Data, kind: type[Body], path: str) -> Iterator[str]:
        if kind in DROPPED:
            for where in DROPPED[kind](data):
                yield f"{path}{where}"
        for field in self.fields(kind).values():
            if isinstance(field.kind, Part) and field.key in data:
                yield from self._dropped(data[field.key], field.kind.kind, f"{path}.{field.key}")


def _day_of(value: Any) -> Any:
    """The day of a time; one that may be on two days stays as it is."""
    return (day_of(value) or value) if isinstance(value, dt.datetime) else value


def _local_time(value: Any) -> Any:
    return local_time(value) if isinstance(value, dt.datetime) else value


def _to_day(value: Any) -> Any:
    return to_date(day_in(value)) if isinstance(value, str) else value


def _to_time(value: Any) -> Any:
    return to_time(value) if isinstance(value, str) else value


def _to_moment(value: Any) -> Any:
    return to_local_datetime(value) if isinstance(value, str) else value


def _to_brp_date(value: Any) -> Any:
    return value if isinstance(value, BrpDate) else to_brp_date(value)


def _are_texts(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and bool(value)
        and all(isinstance(text, str) for pair in value.items() for text in pair)
    )


def _plain(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return from_datetime(value)
    if isinstance(value, dt.time):
        return from_time(value)
    return value.value if isinstance(value, BrpDate) else plain_value(value)


_KINDS: Final[dict[Any, Kind]] = {
    str: Scalar("a text", lambda value: isinstance(value, str), to_str),
    bool: Scalar("true or false", lambda value: isinstance(value, bool), to_bool),
    int: Scalar(
        "a whole number",
        lambda value: isinstance(value, int) and not isinstance(value, bool),
        to_int,
    ),
    dt.date: Scalar(
        "a date; a time with it must be on one day in the Netherlands",
        lambda value: isinstance(value, dt.date) and not isinstance(value, dt.datetime),
        _to_day,
        _day_of,
    ),
    dt.datetime: Scalar(
        "a date with a time in the server's local time",
        lambda value: isinstance(value, dt.datetime) and value.tzinfo is None,
        _to_moment,
        _local_time,
    ),
    dt.time: Scalar("a time of day", lambda value: isinstance(value, dt.time), _to_time),
    BrpDate: Scalar(
        "a BrpDate: yyyymmdd, with 00 for an unknown part",
        lambda value: isinstance(value, BrpDate) and type(value.value) is int and value.is_valid,
        _to_brp_date,
    ),
    dict[str, str]: Scalar("texts by column, at least one", _are_texts, to_texts),
}
_BSN: Final = BsnKind(
    "a citizen service number",
    lambda value: isinstance(value, str | int) and normalised(value) is not None,
)
# The server drops the offset of a period's ends, and so do we: it is their day that counts.
_END: Final = Scalar("a date with a time", lambda value: isinstance(value, dt.datetime), _to_moment)
_NAMED: Final[dict[tuple[str, str], Kind]] = {
    ("", "bsn"): _BSN,
    ("", "bsns"): _BSN,
    ("DateTimePeriod", "from_"): _END,
    ("DateTimePeriod", "to"): _END,
}
