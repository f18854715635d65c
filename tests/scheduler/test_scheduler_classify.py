import pytest

from elements_procura.scheduler import classify_429


@pytest.mark.parametrize(
    ("body", "limit"),
    [
        ("{ 'error': \"Limit exceeded of 100,000 request(s) in one day\" }", "day"),
        ("{ 'error': \"Limit exceeded of 5 request(s) in 1 second(s)\" }", "second"),
        (
            "{ \u2018error\u2019: \u201cLimit exceeded of 100,000 request(s) in one day\u201d }",
            "day",
        ),
        ('{"error":"Limit exceeded of 10 requests in 1 seconds"}', "second"),
        ("<html><body>Too many requests: 5 per second</body></html>", "second"),
        ("ONE DAY", "day"),
        ("Daily limit reached", "day"),
        ("Limiet van 100.000 verzoeken per dag overschreden", "day"),
        ("uw dagelijkse limiet is bereikt", "day"),
        ("5 verzoeken per seconde", "second"),
        ("100000 requests in 24 hours", "day"),
        ("limit of 86400 seconds", "day"),
        ("{ 'error': \"Limit exceeded of 100,000 request(s) in 86,400 second(s)\" }", "day"),
        ("limiet van 86.400 seconden", "day"),
        ("86 400 secondes", "day"),
        ("86\u00a0400 seconds", "day"),
        ("86400.0 seconds", "day"),
        ("1.50 seconds", "second"),
        ("100,000 requests per second", "second"),
        ("wait 30 seconds", "second"),
        ("5 requests in 1 second (100,000 in one day)", "second"),
        ("your birthday", "second"),
        ("", "second"),
        ("Too Many Requests", "second"),
    ],
)
def test_the_first_period_in_the_text_decides(body: str, limit: str) -> None:
    assert classify_429(body) == limit
    assert classify_429(body.encode()) == limit


def test_without_a_period_a_long_wait_is_the_days() -> None:
    assert classify_429("no", retry_after=7200) == "day"
    assert classify_429("no", retry_after=2) == "second"
    assert classify_429("5 in 1 second", retry_after=7200) == "second"


def test_bytes_that_are_no_text_raise_nothing() -> None:
    assert classify_429(b"\xff\xfe\x00 one day \x80") == "day"
