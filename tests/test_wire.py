"""Scalars: what the wire writes, and what it means."""

import datetime as dt
import enum
import math
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elements_procura.schema import scalars as wire
from elements_procura.schema.scalars import WireFault

CET, CEST = dt.timezone(dt.timedelta(hours=1)), dt.timezone(dt.timedelta(hours=2))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2),
)


class Kleur(enum.StrEnum):
    ROOD = "rood"


@pytest.mark.parametrize(
    ("value", "meaning"),
    [("", ""), ("x", "x"), (" ", " "), (5, "5"), (1.5, "1.5"), (True, "true"), (False, "false")],
)
def test_texts(value: Any, meaning: str) -> None:
    assert wire.to_str(value) == meaning


@pytest.mark.parametrize(
    ("value", "meaning"),
    [
        *((5, 5), (-5, -5), (0, 0), ("5", 5), (" -5 ", -5), ("007", 7), ("+3", 3)),
        *((5.0, 5), (Decimal(5), 5), ("", None), ("  ", None), (10**30, 10**30)),
    ],
)
def test_whole_numbers(value: Any, meaning: int | None) -> None:
    assert wire.to_int(value) == meaning


@pytest.mark.parametrize(
    ("value", "meaning"),
    [
        ("24000.00", Decimal("24000.00")),
        ("-0.5", Decimal("-0.5")),
        (".5", Decimal("0.5")),
        ("5.", Decimal(5)),
        ("1e3", Decimal("1E+3")),
        (" 12.10 ", Decimal("12.10")),
        (12, Decimal(12)),
        (0.1, Decimal("0.1")),
        (Decimal("1.10"), Decimal("1.10")),
        ("", None),
        (" ", None),
    ],
)
def test_money_is_exact(value: Any, meaning: Decimal | None) -> None:
    found = wire.to_decimal(value)
    assert found == meaning
    assert str(found) == str(meaning)


@pytest.mark.parametrize(
    ("value", "meaning"),
    [
        *((True, True), ("ja", True), ("JA", True), (" ja ", True), (1, True), ("1", True)),
        *((False, False), ("nee", False), ("Nee", False), (0, False), ("0", False)),
        *(("true", True), ("false", False), ("", None), (" ", None)),
    ],
)
def test_yes_and_no(value: Any, meaning: bool | None) -> None:
    assert wire.to_bool(value) is meaning


@pytest.mark.parametrize(
    ("value", "meaning"),
    [
        ("1960-01-01T00:00:00+01:00", dt.date(1960, 1, 1)),
        ("1960-01-01T00:00:00+0100", dt.date(1960, 1, 1)),
        ("1960-01-01T23:59:59-11:00", dt.date(1960, 1, 1)),
        ("1960-01-01", dt.date(1960, 1, 1)),
        ("1960-01-01 00:00:00", dt.date(1960, 1, 1)),
        ("1960-01-01T10:00:00", dt.date(1960, 1, 1)),
        (" 1960-01-01 ", dt.date(1960, 1, 1)),
        ("", None),
        # As written, in whatever zone that is ...
        ("1935-01-01T00:00:00+00:20", dt.date(1935, 1, 1)),
        ("1935-01-01T00:00:00+00:19", dt.date(1935, 1, 1)),
        ("1935-01-01T00:00:00+01:00", dt.date(1935, 1, 1)),
        ("1942-07-01T00:00:00+02:00", dt.date(1942, 7, 1)),
        ("2016-07-01T00:00:00Z", dt.date(2016, 7, 1)),
        ("2016-07-01T00:00:00-11:00", dt.date(2016, 7, 1)),
        ("2016-06-30T22:00:00", dt.date(2016, 6, 30)),
        ("2016-06-30T23:00:00Z", dt.date(2016, 6, 30)),
        ("2016-01-30T22:00:00Z", dt.date(2016, 1, 30)),
        ("9999-12-31T23:00:00Z", dt.date(9999, 12, 31)),
        # ... unless it is Amsterdam's midnight in another zone's words.
        ("2016-06-30T22:00:00Z", dt.date(2016, 7, 1)),
        ("2016-06-30T22:00:00.000Z", dt.date(2016, 7, 1)),
        ("2016-06-30T22:00:00+00:00", dt.date(2016, 7, 1)),
        ("2016-12-31T23:00:00Z", dt.date(2017, 1, 1)),
        ("1942-06-30T22:00:00Z", dt.date(1942, 7, 1)),
        ("2016-06-30T18:00-04:00", dt.date(2016, 7, 1)),
        ("1934-12-31T23:40:28Z", dt.date(1935, 1, 1)),
        ("1934-12-31T23:40:00Z", dt.date(1935, 1, 1)),
        ("1935-06-30T22:40:28Z", dt.date(1935, 7, 1)),
    ],
)
def test_calendar_dates(value: str, meaning: dt.date | None) -> None:
    found = wire.to_date(value)
    assert found == meaning
    assert type(found) in (dt.date, type(None))


@pytest.mark.parametrize(
    ("value", "meaning"),
    [
        ("2016-07-11T00:00:00+02:00", dt.datetime(2016, 7, 11, tzinfo=CEST)),
        ("2016-08-05T17:27:11+0200", dt.datetime(2016, 8, 5, 17, 27, 11, tzinfo=CEST)),
        ("1960-01-01T00:00:00+01:00", dt.datetime(1960, 1, 1, tzinfo=CET)),
        ("2016-08-05T17:27:11Z", dt.datetime(2016, 8, 5, 17, 27, 11, tzinfo=dt.UTC)),
        ("2016-08-05T17:27:11.5Z", dt.datetime(2016, 8, 5, 17, 27, 11, 500_000, tzinfo=dt.UTC)),
        ("", None),
        # Without an offset: Amsterdam's time.
        ("2016-07-11T10:00:00", dt.datetime(2016, 7, 11, 10, tzinfo=CEST)),
        ("2016-12-31 10:00:00", dt.datetime(2016, 12, 31, 10, tzinfo=CET)),
        ("2016-12-31", dt.datetime(2016, 12, 31, tzinfo=CET)),
        ("2016-10-30T02:30:00", dt.datetime(2016, 10, 30, 2, 30, tzinfo=CEST)),
        ("2016-03-27T02:30:00", dt.datetime(2016, 3, 27, 2, 30, tzinfo=CET)),
    ],
)
def test_instants_keep_their_offset(value: str, meaning: dt.datetime | None) -> None:
    found = wire.to_datetime(value)
    assert found == meaning
    if found and meaning:
        assert found.utcoffset() == meaning.utcoffset()


ZERO = ["0000-00-00", "0000-00-00 00:00:00", "-0001-11-30T00:00:00+00:19", "0001-01-01T00:00:00"]
NO_DATES = [
    *ZERO,
    *("x", "1960-00-00", "1960-13-01", "2016-02-30", "31-12-2016", "11-07-2016", "19600101"),
    *("2016-07-01garbage", "2016-07-01T", "2016-07-01Tx", "2016-07-01T00:00:00+02:00garbage"),
    *("2016-12-31T24:00:00", "2016-12-31T24:00:00+01:00", "2016-12-31T23:59:60+01:00"),
    *("1960-W01-1x", "2016-07-01X00:00:00+02:00", "2016-07-01T25:00:00Z", "\u0662016-07-01"),
    *(0, 20160701, 1.5, True, False, [], ["2016-07-01"], {}),
    {"date": "2016-07-01 00:00:00.000000", "timezone_type": 3, "timezone": "Europe/Amsterdam"},
]


@pytest.mark.parametrize("value", [*NO_DATES, "2016-12-31 10:00:00", "1960-W01-1"])
def test_what_is_no_calendar_day(value: Any) -> None:
    with pytest.raises(WireFault, match="expected a date, got"):
        wire.to_date(value)


@pytest.mark.parametrize("hook", [wire.to_datetime, wire.to_local_datetime])
@pytest.mark.parametrize("value", NO_DATES)
def test_what_is_no_instant(value: Any, hook: Callable[[Any], Any]) -> None:
    with pytest.raises(WireFault, match="expected a date and time, got"):
        hook(value)


def test_all_instants_compare_and_equal_themselves_when_they_come_back() -> None:
    written = [
        "2016-10-30T02:30:00",
        "2016-10-30T02:30:00+01:00",
        "2016-10-30T00:30:00Z",
        "1900-01-01",
    ]
    found = [wire.to_datetime(each) for each in written]
    assert sorted(each for each in found if each) == [found[3], found[0], found[2], found[1]]
    assert [wire.to_datetime(each.isoformat()) for each in found if each] == found


@pytest.mark.parametrize(
    ("value", "meaning"),
    [
        ("2016-07-11T10:00:00", dt.datetime(2016, 7, 11, 10)),
        ("2016-07-11T10:00:00.25", dt.datetime(2016, 7, 11, 10, 0, 0, 250_000)),
        ("2016-07-11", dt.datetime(2016, 7, 11)),
        ("2016-07-11T10:00:00Z", dt.datetime(2016, 7, 11, 12)),
        ("2016-07-11T10:00:00+02:00", dt.datetime(2016, 7, 11, 10)),
        ("", None),
    ],
)
def test_local_times_carry_no_zone(value: str, meaning: dt.datetime | None) -> None:
    assert wire.to_local_datetime(value) == meaning
    assert meaning is None or (wire.to_local_datetime(value) or meaning).tzinfo is None


@pytest.mark.parametrize(
    ("value", "meaning"), [(5, 5), ("120954", 120954), (" 7 ", 7), (5.0, 5), (2**63 - 1,) * 2]
)
def test_ids(value: Any, meaning: int) -> None:
    assert wire.to_id(value) == meaning


@pytest.mark.parametrize(
    "value",
    [
        "",
        " ",
        True,
        False,
        "x",
        "1.0",
        1.5,
        0,
        -1,
        "0",
        "-5",
        "9" * 19,
        "9" * 5000,
        2**63,
        -(2**63) - 1,
        [],
        {},
        None,
    ],
)
def test_what_is_no_id(value: Any) -> None:
    with pytest.raises(WireFault, match=r"expected a (positive )?whole number"):
        wire.to_id(value)


def test_a_number_of_5000_digits_is_no_id() -> None:
    with pytest.raises(WireFault, match="a positive whole number of 64 bits, got a number"):
        wire.to_id(10**5000)


@pytest.fixture(params=["Europe/Amsterdam", "America/Los_Angeles", "Pacific/Kiritimati", "UTC"])
def time_zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


def test_dates_are_the_same_wherever_the_program_runs(time_zone: str) -> None:
    assert time_zone
    assert wire.to_date("1960-01-01T00:00:00+01:00") == dt.date(1960, 1, 1)
    assert wire.to_date("2027-01-01T23:30:00-10:00") == dt.date(2027, 1, 1)
    found = wire.to_datetime("2016-07-11T00:00:00+02:00")
    assert found
    assert found.isoformat() == "2016-07-11T00:00:00+02:00"


@pytest.mark.parametrize(
    ("hook", "values"),
    [
        (wire.to_str, [{}, [], ["x"], 10**5000]),
        (wire.to_int, ["x", "1.5", 1.5, {}, [], math.inf, math.nan, "\u0665", "1_000", "9" * 31]),
        (wire.to_int, [Decimal("NaN"), Decimal("Infinity"), True, False]),
        (
            wire.to_decimal,
            [
                "200.000,00",
                "200000,00",
                "x",
                "1,5",
                "1_000",
                "NaN",
                "Infinity",
                "\u0665",
                True,
                {},
                [],
            ],
        ),
        (wire.to_decimal, [math.inf, math.nan, Decimal("NaN"), 10**5000, "1e9999", "--1"]),
        (wire.to_bool, ["J", "N", "j", "n", "Y", "yes", "misschien", 2, -1, 1.0, {}, []]),
    ],
)
def test_what_is_none_of_it_is_a_fault(hook: Callable[[Any], Any], values: list[Any]) -> None:
    for value in values:
        with pytest.raises(WireFault, match=r"^expected .+, got .+$"):
            hook(value)


@pytest.mark.parametrize(
    "hook",
    [wire.to_str, wire.to_int, wire.to_decimal, wire.to_bool, wire.to_date, wire.to_datetime],
)
@given(value=JSON.filter(lambda value: value is not None))
def test_any_json_is_taken_or_is_a_fault_that_holds_no_value(
    hook: Callable[[Any], Any], value: Any
) -> None:
    found: WireFault | None = None
    try:
        hook(value)
    except WireFault as fault:
        found = fault
    kinds = ("a text", "a number", "an object", "a list", "true or false")
    assert found is None or str(found).endswith(kinds)


def test_a_faults_path_grows_from_the_inside() -> None:
    fault = WireFault("a number", "x").under("deel_hoofdsom").under("[1]").under("productdelen")
    assert fault.where == "$.productdelen[1].deel_hoofdsom"
    assert WireFault("a number", "x").where == "$"


def test_an_open_enum_knows_keeps_and_tells() -> None:
    met: list[str] = []
    hook = wire.to_open_enum(Kleur, lambda: met.append("unknown"))
    assert hook("rood") is Kleur.ROOD
    assert met == []
    assert hook("blauw") == "blauw"
    assert hook(5) == 5
    assert met == ["unknown"] * 2
    with pytest.raises(WireFault, match="got an object"):
        hook({})
    with pytest.raises(WireFault, match="got a list"):
        hook([])
