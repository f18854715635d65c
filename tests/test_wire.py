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

from elements_procura import wire
from elements_procura.wire import WireFault

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
        ("", None),
        ("0000-00-00", None),
        ("0000-00-00 00:00:00", None),
        ("-0001-11-30T00:00:00+00:19", None),
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
        ("", None),
        ("-0001-11-30T00:00:00+00:19", None),
    ],
)
def test_instants_keep_their_offset(value: str, meaning: dt.datetime | None) -> None:
    found = wire.to_datetime(value)
    assert found == meaning
    if found and meaning:
        assert found.utcoffset() == meaning.utcoffset()


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
        (wire.to_int, [Decimal("NaN"), Decimal("Infinity")]),
        (wire.to_decimal, ["x", "1,5", "1_000", "NaN", "Infinity", "\u0665", True, {}, []]),
        (wire.to_decimal, [math.inf, math.nan, Decimal("NaN"), 10**5000, "1e9999", "--1"]),
        (wire.to_bool, ["misschien", 2, -1, 1.0, {}, []]),
        (wire.to_date, ["x", "01-01-1960", "1960-13-01", "1960-W01-1", "19600101", 0, True, {}]),
        (wire.to_datetime, ["x", "1960-13-01", "1960-01-01T25:00:00", 0, True, []]),
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
