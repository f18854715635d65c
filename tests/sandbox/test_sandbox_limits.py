"""How each algorithm counts, on a clock of our own; and what a refusal looks like."""

import pytest

from elements_procura.sandbox import Limits, Sandbox
from elements_procura.sandbox.core.limits import DAY, Limiter
from tests.clock import FakeClock
from tests.sandbox.sandbox_caller import ROOT, calling


def passed(limiter: Limiter, clock: FakeClock, moments: list[float]) -> list[bool]:
    """Which of the arrivals at these moments (after 1000) may pass."""
    outcome = []
    for moment in moments:
        clock.monotonic = 1000.0 + moment
        outcome.append(limiter.arrive() is None)
    return outcome


def limiter(algorithm: str, *, refused_count: bool = False) -> tuple[Limiter, FakeClock]:
    clock = FakeClock(1000.0)
    limits = Limits(
        rates=((5, 1.0),),
        algorithm=algorithm,  # type: ignore[arg-type] # a name
        refused_count=refused_count,
    )
    return Limiter(limits, now=clock.now), clock


BURST = [0.9] * 5


@pytest.mark.parametrize(
    ("algorithm", "next_at", "may"),
    [
        ("fixed", 0.99, False),
        ("fixed", 1.0, True),  # a new second, 0.1 s after five others
        ("log", 1.0, False),
        ("log", 1.89, False),
        ("log", 1.91, True),
        ("counter", 1.0, False),  # 5 * (1 - 0.0) + 0 is no less than 5
        ("counter", 1.1, True),  # 5 * 0.9 + 0 is
        ("bucket", 1.05, False),
        ("bucket", 1.11, True),  # a fifth of a second brings one back
    ],
)
def test_a_sixth_request_passes_when_the_window_has_room(
    algorithm: str, next_at: float, *, may: bool
) -> None:
    """Five at 0.9 s fill every algorithm's window; they differ in when it has room again."""
    counted, clock = limiter(algorithm)
    assert passed(counted, clock, BURST) == [True] * 5
    clock.monotonic = 1000.9
    assert counted.arrive() is not None
    assert passed(counted, clock, [next_at]) == [may]


def test_fixed_lets_two_windows_through_at_their_border() -> None:
    counted, clock = limiter("fixed")
    assert passed(counted, clock, [*BURST, *[1.0] * 6]) == [*[True] * 10, False]


def test_counter_forgets_a_window_that_is_two_back() -> None:
    counted, clock = limiter("counter")
    assert passed(counted, clock, [*BURST, *[2.0] * 6]) == [*[True] * 10, False]


def test_bucket_never_holds_more_than_its_size() -> None:
    counted, clock = limiter("bucket")
    assert passed(counted, clock, [60.0] * 6) == [*[True] * 5, False]


def test_log_slides() -> None:
    """One leaves the window, one may enter."""
    counted, clock = limiter("log")
    assert passed(counted, clock, [0.0, 0.2, 0.4, 0.6, 0.8, 0.99, 1.01, 1.02, 1.21]) == [
        *[True] * 5,
        False,
        True,
        False,
        True,
    ]


@pytest.mark.parametrize(("refused_count", "later"), [(False, True), (True, False)])
def test_refusals_take_places_only_when_asked(*, refused_count: bool, later: bool) -> None:
    counted, clock = limiter("log", refused_count=refused_count)
    passed(counted, clock, [0.0] * 5 + [0.5] * 5)
    assert passed(counted, clock, [1.2]) == [later]


def test_the_words_follow_the_limits_in_force() -> None:
    clock = FakeClock(1000.0)
    counted = Limiter(Limits(rates=((3, 2.0), (4, DAY))), now=clock.now)
    words = []
    for moment in (0.0, 0.0, 0.0, 0.0, 3.0, 6.0):
        clock.monotonic = 1000.0 + moment
        words.append(counted.arrive())
    assert words == [
        None,
        None,
        None,
        "Limit exceeded of 3 request(s) in 2 second(s)",
        None,
        "Limit exceeded of 4 request(s) in one day",
    ]


def test_a_refusal_by_one_window_takes_no_place_in_the_other() -> None:
    clock = FakeClock(1000.0)
    counted = Limiter(Limits(rates=((1, 1.0), (2, DAY))), now=clock.now)
    assert passed(counted, clock, [0.0, 0.1, 0.2, 1.5]) == [True, False, False, True]


def test_the_documented_words() -> None:
    clock = FakeClock(1000.0)
    counted = Limiter(Limits(), now=clock.now)
    assert [counted.arrive() for _ in range(6)][
        5
    ] == "Limit exceeded of 5 request(s) in 1 second(s)"
    day = Limiter(Limits(rates=((100_000, DAY),)), now=clock.now)
    for _ in range(100_000):
        day.arrive()
    assert day.arrive() == "Limit exceeded of 100,000 request(s) in one day"


def test_named_limits() -> None:
    assert Limits.named("documented").rates == ((5, 1.0), (100_000, 86_400.0))
    assert Limits.named("scaled").rates == ((300, 1.0), (6_000_000, 86_400.0))
    assert Limits.named("off").rates == ()
    with pytest.raises(ValueError, match="'fast'"):
        Limits.named("fast")


async def test_429_comes_before_authentication_and_token_requests_count() -> None:
    clock = FakeClock(1000.0)
    async with calling(Sandbox(dossiers=1, limits=Limits(), clock=clock.now)) as caller:
        sandbox = caller.sandbox
        for _ in range(4):  # the token request was the first of the five
            assert (await caller.get(f"{ROOT}/5526")).status == 200
        caller.access_token = "wrong"
        refused = await caller.get(f"{ROOT}/5526")
        assert (refused.status, refused.body) == (
            429,
            b'{"error":"Limit exceeded of 5 request(s) in 1 second(s)"}',
        )
        assert refused.headers["Content-Type"] == "application/json"
        assert (await caller.organisation()).status == 429
        assert sandbox.rejected_429 == 2
        assert [entry.counted for entry in sandbox.log] == [True] * 5 + [False] * 2
        clock.monotonic += 1.01
        assert (await caller.get(f"{ROOT}/5526")).status == 401


async def test_off_means_off() -> None:
    clock = FakeClock(1000.0)
    async with calling(Sandbox(dossiers=1, limits="off", clock=clock.now)) as caller:
        replies = [await caller.get(f"{ROOT}/5526/kantoor") for _ in range(20)]
        assert {reply.status for reply in replies} == {200}
