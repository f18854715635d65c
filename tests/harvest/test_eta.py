"""When a harvest ends: its speed, what is left, and the quota between."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elements_procura.harvest.policy.eta import WINDOW, Allowance, Eta, Speed, estimate, left_of
from elements_procura.harvest.policy.plan import Range

NOW = 1_800_000_000.0
DAY = 86_400.0


def exactly(number: float) -> Range:
    return Range(number, number, number)


def moving(*per_second: float, step: float = 1.0, speed: Speed | None = None) -> Speed:
    """A speed that was marked every second, of a run at these requests in each of them."""
    speed = speed or Speed()
    total = 0.0
    speed.mark(0.0, 0)
    for number, rate in enumerate(per_second, start=1):
        total += rate * step
        speed.mark(number * step, round(total))
    return speed


# -- speed -------------------------------------------------------------------------------------


def test_a_steady_speed_is_told_without_doubt() -> None:
    assert moving(*[5] * 60).per_second() == exactly(5)


def test_nothing_is_said_of_the_first_moments() -> None:
    assert Speed().per_second() is None
    assert moving(5, 5).per_second() is None
    assert moving(5, 5, 5).per_second() == exactly(5)


def test_the_more_unsteady_the_wider() -> None:
    widths = []
    for swing in (0, 1, 4):
        rng = random.Random(5)
        found = moving(*(5 + rng.choice((-swing, swing)) for _ in range(120))).per_second()
        assert found is not None
        assert found.low <= found.expected <= found.high
        widths.append(found.half_width)
    assert widths[0] == 0 < 2 * widths[1] < widths[2]


def test_only_the_last_minutes_count() -> None:
    speed = moving(*[50] * 200, *[5] * int(WINDOW))
    assert speed.per_second() == exactly(5)


def test_a_run_that_stalls_slows_down_and_then_nobody_can_tell() -> None:
    rates = []
    speed = moving(*[5] * 300)
    for second in (330, 450, 590):
        speed.mark(second, 1_500)
        found = speed.per_second()
        assert found is not None
        rates.append(found.expected)
    assert rates == sorted(rates, reverse=True)
    assert rates[-1] < 1
    speed.mark(601, 1_500)
    speed.mark(901, 1_500)
    found = speed.per_second()
    assert found is not None
    assert found.expected == 0
    assert estimate(exactly(100), found, now=NOW) is None


def test_marking_often_costs_no_memory() -> None:
    speed = moving(*[300] * 20_000, step=0.05)
    assert len(speed._marks) <= 2 * WINDOW
    found = speed.per_second()
    assert found is not None
    assert found.expected == pytest.approx(300)


@given(st.lists(st.tuples(st.floats(0.01, 40), st.integers(0, 500)), max_size=60))
def test_bounds_hold_the_speed_however_it_is_marked(steps: list[tuple[float, int]]) -> None:
    speed, now, total = Speed(), 0.0, 0
    for seconds, requests in steps:
        now, total = now + seconds, total + requests
        speed.mark(now, total)
    found = speed.per_second()
    if found is not None:
        assert 0 <= found.low <= found.expected <= found.high


# -- what is left ------------------------------------------------------------------------------


def test_what_is_left_shrinks_and_is_never_less_than_the_queue() -> None:
    planned = Range(900, 1_000, 1_200)
    assert left_of(planned, since=0, queued=40) == planned
    assert left_of(planned, since=880, queued=40) == Range(40, 120, 320)
    assert left_of(planned, since=5_000, queued=0) == exactly(0)


# -- the end -----------------------------------------------------------------------------------


def test_the_end_is_what_is_left_by_the_speed() -> None:
    assert estimate(exactly(36_000), exactly(5), now=NOW) == Eta(exactly(7_200))
    assert estimate(exactly(0), exactly(0), now=NOW) == Eta(exactly(0))


def test_both_doubts_widen_the_bounds_but_do_not_add_up() -> None:
    found = estimate(Range(970, 1_000, 1_030), Range(9.6, 10, 10.4), now=NOW)
    assert found is not None
    # 3 % of one and some 4 % of the other make 5 %.
    assert found.seconds.expected == 100
    assert found.seconds.low == pytest.approx(95.1, abs=0.1)
    assert found.seconds.high == pytest.approx(105.1, abs=0.1)


def test_the_bounds_hold_the_end_of_nine_runs_in_ten() -> None:
    held = 0
    for seed in range(100):
        rng = random.Random(seed)
        speed = moving(*(rng.gauss(5, 2) for _ in range(int(WINDOW))))
        rate = speed.per_second()
        assert rate is not None
        found = estimate(exactly(20_000), rate, now=NOW)
        assert found is not None
        end = done = 0.0
        while done < 20_000:
            done, end = done + rng.gauss(5, 2), end + 1
        held += found.seconds.low <= end <= found.seconds.high
        assert found.seconds.half_width < 0.1
    assert held >= 83


# -- the quota between -------------------------------------------------------------------------


def test_a_quota_that_is_enough_changes_nothing() -> None:
    allowance = Allowance(1_000, 80_000, DAY, NOW + 3_600)
    assert estimate(exactly(1_000), exactly(5), now=NOW, allowance=allowance) == Eta(exactly(200))


def test_a_quota_that_ends_is_told_with_its_end_and_is_waited_for() -> None:
    allowance = Allowance(4_500, 80_000, DAY, NOW + 10 * 3_600)
    found = estimate(exactly(5_000), exactly(5), now=NOW, allowance=allowance)
    assert found == Eta(exactly(10 * 3_600 + 100), quota_ends=NOW + 900, resumes=NOW + 10 * 3_600)


def test_every_further_day_is_waited_for() -> None:
    allowance = Allowance(80_000, 80_000, DAY)
    found = estimate(exactly(170_000), exactly(5), now=NOW, allowance=allowance)
    assert found is not None
    # Today's 80,000, tomorrow's 80,000, and 10,000 on the day after.
    assert found.seconds == exactly(2 * DAY + 2_000)
    assert (found.quota_ends, found.resumes) == (NOW + 16_000, NOW + DAY)


def test_a_quota_that_grows_before_it_ends_is_no_news() -> None:
    allowance = Allowance(1_400, 80_000, DAY, NOW + 60)
    found = estimate(exactly(5_000), exactly(5), now=NOW, allowance=allowance)
    assert found == Eta(exactly(1_000))


@given(
    left=st.tuples(*[st.integers(0, 10**6)] * 3),
    speed=st.tuples(*[st.just(0.0) | st.floats(0.001, 300)] * 3),
    allowance=st.none()
    | st.builds(
        Allowance, st.integers(0, 10**5), st.integers(0, 10**5), st.just(DAY), st.just(NOW + 99)
    ),
)
def test_bounds_are_in_order_whatever_is_left(
    left: tuple[int, int, int],
    speed: tuple[float, float, float],
    allowance: Allowance | None,
) -> None:
    found = estimate(Range(*sorted(left)), Range(*sorted(speed)), now=NOW, allowance=allowance)
    if found is not None:
        assert 0 <= found.seconds.low <= found.seconds.expected <= found.seconds.high
        if found.quota_ends is not None and found.resumes is not None:
            assert NOW <= found.quota_ends < found.resumes
