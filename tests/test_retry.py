from datetime import UTC, datetime

import pytest

from elements_procura.retry import Failure, delay, parse_retry_after

SAFE_CASES = [
    (Failure.NOT_SENT, True),
    (Failure.TIMEOUT, True),
    (Failure.BROKEN, True),
    (Failure.SERVER, True),
    (Failure.FATAL, False),
]


def wait(
    failure: Failure = Failure.SERVER,
    attempt: int = 1,
    *,
    safe: bool = True,
    chance: float = 0.0,
    retry_after: float | None = None,
) -> float | None:
    return delay(
        failure, attempt=attempt, safe=safe, random=lambda: chance, retry_after=retry_after
    )


@pytest.mark.parametrize(("failure", "again"), SAFE_CASES)
def test_reads_are_repeated_unless_that_cannot_help(failure: Failure, again: bool) -> None:
    assert (wait(failure) is not None) is again


@pytest.mark.parametrize("failure", Failure)
def test_writes_are_repeated_only_when_they_never_left(failure: Failure) -> None:
    assert (wait(failure, safe=False) is not None) is (failure is Failure.NOT_SENT)


def test_three_attempts_and_no_more() -> None:
    assert [wait(attempt=number) is not None for number in (1, 2, 3, 4)] == [
        True,
        True,
        False,
        False,
    ]
    assert wait(Failure.NOT_SENT, attempt=3, safe=False) is None


@pytest.mark.parametrize(
    ("attempt", "chance", "seconds"),
    [(1, 0.0, 0.25), (1, 0.999, 0.5), (2, 0.0, 0.5), (2, 0.999, 1.0)],
)
def test_waits_double_and_are_spread(attempt: int, chance: float, seconds: float) -> None:
    assert wait(attempt=attempt, chance=chance) == pytest.approx(seconds, rel=1e-2)


@pytest.mark.parametrize(
    ("asked", "seconds"), [(None, 0.25), (0.0, 0.25), (7.0, 7.0), (60.0, 60.0), (61.0, None)]
)
def test_what_the_server_asks_for_is_obeyed_up_to_a_minute(
    asked: float | None, seconds: float | None
) -> None:
    assert wait(retry_after=asked) == seconds


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("", None),
        ("3", 3.0),
        (" 3 ", 3.0),
        ("0", 0.0),
        ("-3", None),
        ("3.5", None),
        ("1e3", None),
        ("soon", None),
        ("Wed, 21 Oct 2026 07:28:00 GMT", None),
        ("9" * 400, 864_000.0),
        ("٣", 3.0),
        ("²", None),
    ],
)
def test_retry_after_headers(header: str | None, seconds: float | None) -> None:
    assert parse_retry_after(header) == seconds


MONDAY = datetime(2026, 11, 30, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "date", "seconds"),
    [
        ("Mon, 30 Nov 2026 12:00:20 GMT", MONDAY, 20.0),
        ("Mon Nov 30 12:00:20 2026", MONDAY, 20.0),
        ("Monday, 30-Nov-26 12:00:20 GMT", MONDAY, 20.0),
        ("Mon, 30 Nov 2026 11:00:00 GMT", MONDAY, 0.0),
        ("Mon, 30 Nov 2026 12:00:20 GMT", MONDAY.replace(tzinfo=None), 20.0),
        ("Mon, 30 Nov 2026 12:00:20 GMT", None, None),
        ("Wed, 30 Nov 2099 12:00:20 GMT", MONDAY, 864_000.0),
        ("soon", MONDAY, None),
        ("30", MONDAY, 30.0),
    ],
)
def test_a_date_is_told_by_the_servers_own_clock(
    header: str, date: datetime | None, seconds: float | None
) -> None:
    assert parse_retry_after(header, date=date) == seconds
