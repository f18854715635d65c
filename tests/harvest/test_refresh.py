"""The rolling refresh: what is believed of a rate, what a refresh is worth, who comes next."""

import math
import random
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from whole_dossiers import KNOWN, ExpectedSize, Learned, Result, Turns, simulate

from elements_procura.harvest.policy.refresh import (
    CYCLES,
    DAY,
    UNKNOWN,
    Belief,
    Candidate,
    Observations,
    Staleness,
    choose,
    fit,
    learn,
    observe,
    priority,
    staleness,
)

BELIEFS = st.builds(Belief, st.floats(0.2, 1000), st.floats(0.1 * DAY, 10_000 * DAY))
DAYS = st.floats(0.01, 400).map(lambda days: days * DAY)
HISTORIES = st.lists(st.tuples(DAYS, st.booleans()), max_size=12)
FOREVER = math.inf


def known(changes_per_day: float) -> Belief:
    return Belief(KNOWN, KNOWN * DAY / changes_per_day)


def seen_of(history: list[tuple[float, bool]]) -> Observations:
    seen = Observations()
    for elapsed, changed in history:
        seen = observe(seen, elapsed=elapsed, changed=changed, half_life=FOREVER)
    return seen


# -- what is seen ------------------------------------------------------------------------------


def test_refreshes_add_up() -> None:
    history = [(3 * DAY, False), (4 * DAY, True), (5 * DAY, False), (6 * DAY, True)]
    assert seen_of(history) == Observations(changes=2, busy=10 * DAY, quiet=8 * DAY)


def test_an_observation_counts_half_after_its_half_life() -> None:
    seen = Observations(changes=4, busy=8 * DAY, quiet=20 * DAY)
    seen = observe(seen, elapsed=10 * DAY, changed=False, half_life=10 * DAY)
    assert seen == Observations(changes=2, busy=4 * DAY, quiet=20 * DAY)


def test_a_clock_that_was_set_back_teaches_no_time() -> None:
    assert observe(Observations(), elapsed=-5.0, changed=False) == Observations()


# -- what is believed --------------------------------------------------------------------------


def posterior_mean(history: list[tuple[float, bool]], prior: Belief) -> float:
    """By summing over a fine grid of rates, every refresh with its own interval."""
    total = moment = 0.0
    for step in range(-1200, 500):
        rate = math.exp(step / 50) / DAY
        log = prior.shape * math.log(rate * prior.exposure) - rate * prior.exposure
        for elapsed, changed in history:
            log += math.log(-math.expm1(-rate * elapsed)) if changed else -rate * elapsed
        total += math.exp(log)
        moment += rate * math.exp(log)
    return moment / total


@given(HISTORIES)
@settings(max_examples=40, deadline=None)
def test_a_belief_is_near_the_exact_one(history: list[tuple[float, bool]]) -> None:
    # Near where intervals differ moderately; all that is kept of them is their mean.
    history = [(5 * DAY + elapsed / 20, changed) for elapsed, changed in history]
    belief = learn(seen_of(history), UNKNOWN)
    assert belief.mean == pytest.approx(posterior_mean(history, UNKNOWN), rel=0.15)


def test_without_a_change_the_belief_is_exact() -> None:
    assert learn(Observations(quiet=60 * DAY), Belief(0.5, 15 * DAY)) == Belief(0.5, 75 * DAY)


def test_changed_at_every_look_means_more_often_than_looked_at() -> None:
    weekly = seen_of([(7 * DAY, True)] * 20)
    counted = (UNKNOWN.shape + 20) / (UNKNOWN.exposure + 140 * DAY)
    assert learn(weekly, UNKNOWN).mean > 2 * counted


@given(HISTORIES, BELIEFS, DAYS)
def test_a_change_raises_the_rate_and_quiet_lowers_it(
    history: list[tuple[float, bool]], prior: Belief, elapsed: float
) -> None:
    quiet = learn(seen_of([*history, (elapsed, False)]), prior).mean
    assert quiet < learn(seen_of(history), prior).mean
    assert quiet < learn(seen_of([*history, (elapsed, True)]), prior).mean


# -- the population ----------------------------------------------------------------------------


def population(shape: float, mean_days: float, *, refreshes: int) -> list[Observations]:
    rng = random.Random(7)
    found = []
    for _ in range(1_000):
        rate = rng.gammavariate(shape, 1 / shape / mean_days) if shape else 1 / mean_days
        found.append(
            seen_of([(6 * DAY, rng.random() < -math.expm1(-rate * 6)) for _ in range(refreshes)])
        )
    return found


@pytest.mark.parametrize(("shape", "mean_days"), [(0.5, 30), (1, 10), (4, 60)])
def test_a_fit_finds_the_population_s_rates(shape: float, mean_days: float) -> None:
    prior = fit(population(shape, mean_days, refreshes=20))
    assert 1 / prior.mean / DAY == pytest.approx(mean_days, rel=0.1)
    assert prior.shape == pytest.approx(shape, rel=0.3)


def test_dossiers_that_are_all_alike_are_believed_to_be() -> None:
    assert fit(population(0, 30, refreshes=20)).shape > 10


def test_one_look_at_each_tells_the_mean_and_not_how_rates_differ() -> None:
    prior = fit(population(0, 30, refreshes=1))
    assert 1 / prior.mean / DAY == pytest.approx(30, rel=0.3)
    assert prior.shape < 4


def test_a_fit_of_nothing_is_what_is_taken_for_granted() -> None:
    nothing = fit([Observations(), Observations()])
    assert nothing.shape == pytest.approx(UNKNOWN.shape)
    assert nothing.exposure == pytest.approx(UNKNOWN.exposure)


# -- what a refresh is worth -------------------------------------------------------------------


@given(BELIEFS, DAYS)
def test_the_worth_is_the_integral_that_its_docstring_names(belief: Belief, elapsed: float) -> None:
    parts, total = 400, 0.0
    for part in range(parts):
        at = (part + 0.5) / parts * elapsed
        total += at * -math.expm1(-belief.shape * math.log1p(at / belief.exposure))
    # So many steps are too coarse for a rate of many changes per step, but not by more than this.
    assert priority(belief, elapsed) == pytest.approx(total * elapsed / parts, rel=2e-3)


@pytest.mark.parametrize("shape", [1.0, 2.0])
def test_the_worth_is_smooth_where_its_closed_form_is_not(shape: float) -> None:
    below, at, above = (priority(Belief(s, DAY), DAY) for s in (shape - 1e-6, shape, shape + 1e-6))
    assert below < at < above
    assert above - below == pytest.approx(0, abs=1e-5 * at)


def test_hardly_any_time_is_worth_hardly_anything() -> None:
    tiny = priority(UNKNOWN, 1e-3)
    assert 0 < tiny < 1e-12
    assert priority(UNKNOWN, 0.0) == priority(UNKNOWN, -1.0) == 0


def test_a_busy_dossier_does_not_come_first_for_being_busy() -> None:
    hourly = Candidate(1, now_minus(days=1), known(24))
    monthly = Candidate(2, now_minus(days=10), known(1 / 30))
    assert choose([hourly, monthly], now=NOW, budget=1, per_day=0.2) == [2]


# -- who comes next ----------------------------------------------------------------------------

NOW = 1_000 * DAY


def now_minus(*, days: float) -> float:
    return NOW - days * DAY


def test_of_equals_the_one_that_was_fetched_first_comes_first() -> None:
    candidates = [Candidate(n, now_minus(days=days), UNKNOWN) for n, days in enumerate((2, 4, 3))]
    assert choose(candidates, now=NOW, budget=3, per_day=1) == [1, 2, 0]


def test_the_budget_is_kept() -> None:
    candidates = [Candidate(n, now_minus(days=3), UNKNOWN, cost=25) for n in range(10)]
    assert len(choose(candidates, now=NOW, budget=100, per_day=100)) == 4
    assert len(choose(candidates, now=NOW, budget=99, per_day=100)) == 3
    assert choose(candidates, now=NOW, budget=24, per_day=100) == []
    assert choose([], now=NOW, budget=100, per_day=100) == []


def test_of_equals_the_cheaper_one_comes_first() -> None:
    candidates = [
        Candidate(n, now_minus(days=3), UNKNOWN, cost=cost) for n, cost in enumerate((30, 15, 20))
    ]
    assert choose(candidates, now=NOW, budget=65, per_day=5) == [1, 2, 0]


def test_one_that_is_overdue_comes_before_all_that_is_worth_more() -> None:
    rests = Candidate(1, now_minus(days=40), known(1e-6))
    changes = [Candidate(n, now_minus(days=9), known(1)) for n in range(2, 12)]
    assert choose([*changes, rests], now=NOW, budget=1, per_day=1)[0] != 1
    rests = Candidate(1, now_minus(days=44), known(1e-6))
    assert choose([*changes, rests], now=NOW, budget=1, per_day=1)[0] == 1


@given(st.lists(st.sampled_from([0.0001, 0.05, 1.0, 20.0]), min_size=12, max_size=60), st.data())
@settings(max_examples=30, deadline=None)
def test_everybody_comes_within_four_cycles(rates: list[float], data: st.DataObject) -> None:
    # Many that rest fall due at once when busy ones have had the budget until then.
    per_day = data.draw(st.integers(1, len(rates) // 2))
    cycle = len(rates) / per_day
    fetched = [0.0] * len(rates)
    for day in range(int(12 * cycle)):
        candidates = [
            Candidate(n, at * DAY, known(rate))
            for n, (at, rate) in enumerate(zip(fetched, rates, strict=True))
        ]
        for n in choose(candidates, now=day * DAY, budget=per_day, per_day=per_day):
            assert day - fetched[n] <= CYCLES * cycle
            fetched[n] = day
        assert day - min(fetched) <= CYCLES * cycle


# -- together ----------------------------------------------------------------------------------


@cache
def small(policy: type[Turns], sigma: float) -> Result:
    return simulate(policy, seed=11, sigma=sigma, dossiers=600, per_day=96, days=120)


def test_the_mean_age_is_well_below_that_of_taking_turns() -> None:
    assert small(Learned, 1.5).age < 0.85 * small(Turns, 1.5).age


def test_not_knowing_the_rates_costs_little() -> None:
    assert small(Learned, 1.5).age < 1.4 * small(ExpectedSize, 1.5).age


def test_where_all_rates_are_equal_nothing_is_lost() -> None:
    assert small(Learned, 0.0).age < 1.1 * small(Turns, 0.0).age


# -- the report --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ages", "expected"),
    [
        ([], (0, 0, 0)),
        ([7], (7, 7, 7)),
        ([2, 1], (1, 2, 2)),
        (range(100, 0, -1), (50, 95, 100)),
        (range(1, 21), (10, 19, 20)),
    ],
)
def test_staleness_by_nearest_rank(ages: list[float], expected: tuple[float, ...]) -> None:
    assert staleness(ages) == Staleness(*expected)
