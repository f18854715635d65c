"""What is told without a call, because nearly all values are so, agrees with the rules."""

import datetime as dt
from decimal import Decimal
from typing import Any

import attrs
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from elements_procura.schema.model import Model
from elements_procura.schema.scalars import (
    AMOUNTS,
    DAYS,
    WireFault,
    to_bool,
    to_date,
    to_datetime,
    to_decimal,
    to_int,
    to_local_datetime,
    to_str,
)
from elements_procura.schema.structure import Wire
from tests.elements.all_ways import AllWays


@attrs.define(repr=False, kw_only=True)
class Record(Model):
    """One attribute of each type."""

    text: str | None = None
    whole: int | None = None
    flag: bool | None = None
    amount: Decimal | None = None
    day: dt.date | None = None
    moment: dt.datetime | None = None


@attrs.define(repr=False, kw_only=True)
class LocalRecord(Model):
    """As an API writes it that gives no offsets."""

    moment: dt.datetime | None = None


RULES: dict[str, Any] = {
    "text": to_str,
    "whole": to_int,
    "flag": to_bool,
    "amount": to_decimal,
    "day": to_date,
    "moment": to_datetime,
}
WIRE = AllWays(lambda **options: Wire({}, **options))
DATES = st.builds(
    "{}{:04d}-{:02d}-{:02d}{}{}".format,
    st.sampled_from(["", "-", " "]),
    st.integers(0, 2200),
    st.integers(0, 13),
    st.integers(0, 32),
    st.sampled_from(["", "T", " ", "1", "Tx"]),
    st.sampled_from(["", "00:00:00+02:00", "00:00:00+0200", "12:30:01.5Z", "25:00:00"]),
)
NUMBERS = st.from_regex(r"\A[ +-]?[0-9_\u0661]{0,4}[.,]?[0-9_]{0,3}(e[0-9]{1,4})?\n?\Z")
ANY = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12)
WORDS = st.sampled_from(["ja", "nee", "JA", " ja", "true", "0", "1", "", " ", "NaN", "Infinity"])


@pytest.mark.parametrize("name", RULES)
@settings(max_examples=300, deadline=None)
@given(value=ANY | DATES | NUMBERS | WORDS)
@example(value=".")
@example(value="\xa0")
@example(value="1" * 200 + ".0")
@example(value="1" * 401 + ".0")
@example(value="0" * 500 + "1.5")
@example(value="0." + "0" * 500)
@example(value="0000-00-00T00:00:00+02:00")
@example(value="0001-11-30T00:00:00+02:00")
@example(value="2010-W01-1T00:00:00+02:00")
@example(value="2016-02-30T00:00:00+02:00")
@example(value="2016-07-01T24:00:00+02:00")
@example(value="2016-07-01T23:59:60+02:00")
@example(value="2016-07-01X00:00:00+02:00")
@example(value="2016-06-30T22:00:00+00:00")
@example(value="2016-07-01T00:00:00")
@example(value="2016-07-01T00:00:00+02:00 ")
def test_the_short_way_and_the_rules_agree(name: str, value: Any) -> None:
    expected, fits = by_rule(name, value)
    record = WIRE.structure({name: value}, Record)
    found = getattr(record, name)
    assert (found, type(found)) == (expected, type(expected))
    assert str(found) == str(expected)
    assert repr(record.extra) == repr({} if fits else {name: value})


@pytest.mark.parametrize(
    "value",
    [
        "2016-07-01T10:00:00",
        "2016-07-01T10+02:00",
        "2016-W26-5T10+02:00",
        "2016-W26-5T10:00:00",
        "2016-07-01T100000.00",
        "2016-07-01T10:00:0Z",
        "2016-07-01T10:00+02",
    ],
)
def test_a_local_time_has_no_offset_whichever_way_it_is_read(value: str) -> None:
    scalars = {dt.datetime: (to_local_datetime, str)}
    wire = AllWays(lambda **options: Wire({}, scalars=scalars, **options))
    found = wire.structure({"moment": value}, LocalRecord).moment
    assert found is None or found.tzinfo is None


def test_no_table_holds_long_texts() -> None:
    """A server decides how long they are."""
    wire = Wire({}, sightings=1)
    for number in range(5):
        wire.structure(
            {"amount": "0" * 300 + f"{number}.5", "day": " " * 300 + f"{number}"}, Record
        )
    assert max(map(len, [*AMOUNTS, *DAYS]), default=0) <= 40


def test_an_attribute_is_read_by_its_type_whatever_its_name() -> None:
    @attrs.define(repr=False, kw_only=True)
    class Place(Model):
        latitude: str | None = None
        longitude: int | None = None

    found = AllWays(lambda **options: Wire({}, **options)).structure(
        {"latitude": "52.1", "longitude": "4.9"}, Place
    )
    assert (found.latitude, found.longitude) == ("52.1", None)


def by_rule(name: str, value: Any) -> tuple[Any, bool]:
    """The value, and whether it fits."""
    try:
        return (None if value is None else RULES[name](value)), True
    except WireFault:
        return None, False


def test_a_fault_deep_inside_names_its_path() -> None:
    @attrs.define(repr=False, kw_only=True)
    class Outer(Model):
        records: tuple[Record, ...] = ()

    Outer.__annotations__["records"] = tuple[Record, ...]
    wire = Wire({}, embedded=False)
    with pytest.raises(WireFault) as caught:
        wire.structure({"records": [{"day": "2016-01-01"}, "x"]}, Outer)
    assert caught.value.where == "$.records[1]"
