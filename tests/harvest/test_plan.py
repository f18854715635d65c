"""The plan: what a pilot tells of the rest, what is shared, and what is said without a pilot."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plan import outcome, sandbox

from elements_procura.elements.kinds import KINDS
from elements_procura.elements.shapes import HARVEST
from elements_procura.harvest.policy.plan import ENOUGH, Pace, Plan, Range, Sample, plan

ADRES = "adviseur/adressen"


def planned(samples: list[Sample], dossiers: int = 1_000, overhead: float = 1.0) -> Plan:
    return plan(samples, dossiers=dossiers, kinds=KINDS, usual=HARVEST.usual(), overhead=overhead)


def sharing(*names: str) -> Sample:
    return Sample({"dossier": 1}, dict.fromkeys(names, ADRES))


# -- what dossiers have for themselves ---------------------------------------------------------


def test_dossiers_that_are_all_alike_leave_no_doubt() -> None:
    found = planned([Sample({"dossier": 1, "hypotheken": 2})] * 20)
    assert found.requests == Range(3_000, 3_000, 3_000)
    assert found.by_kind == {
        "dossier": Range(1_000, 1_000, 1_000),
        "hypotheken": Range(2_000, 2_000, 2_000),
    }
    assert found.verified
    assert (found.pilot, found.dossiers) == (20, 1_000)


def test_the_range_is_that_of_student() -> None:
    # Mean 2, variance 10/9; t at 95 % with 9 degrees of freedom is 1.8331.
    found = planned([Sample({"hypotheken": n}) for n in (1, 3) * 5], dossiers=90)
    error = 1.8331 * 90 * (10 / 9 * (1 / 10 + 1 / 90)) ** 0.5
    assert found.requests.expected == 180
    assert found.requests.high == pytest.approx(180 + error, rel=1e-3)
    assert found.requests.low == pytest.approx(180 - error, rel=1e-3)


def test_kinds_that_make_up_for_each_other_leave_no_doubt_of_the_total() -> None:
    halves = [Sample({"hypotheken": n, "diensten": 4 - n}) for n in (1, 3) * 10]
    found = planned(halves)
    assert found.requests.half_width == 0
    assert found.by_kind["hypotheken"].half_width > 0.1


def test_a_bigger_pilot_gives_a_narrower_range() -> None:
    pilot = [Sample({"hypotheken": n}) for n in (1, 2, 3, 6)]
    widths = [planned(pilot * times).requests.half_width for times in (3, 12, 100)]
    assert widths == sorted(widths, reverse=True)
    assert widths[0] > 3 * widths[2] > 0


def test_kinds_that_are_not_wanted_are_left_out() -> None:
    pilot = [Sample({"dossier": 1, "hypotheken": 5}, {"a": ADRES})] * 20
    found = plan(pilot, dossiers=10, kinds=["dossier"])
    assert found.requests.expected == 10
    assert set(found.by_kind) == {"dossier"}


# -- what they share ---------------------------------------------------------------------------


def test_what_every_dossier_shares_is_not_asked_for_again() -> None:
    found = planned([sharing("all")] * 50)
    assert found.requests == Range(1_000, 1_000, 1_000)
    assert found.by_kind[ADRES] == Range(0, 0, 0)


def test_what_nobody_shares_grows_with_the_dossiers() -> None:
    shared = planned([sharing(str(n)) for n in range(100)], dossiers=100).by_kind[ADRES]
    assert shared.expected == pytest.approx(100, rel=0.05)
    assert shared.high <= 100


@pytest.mark.parametrize("pool", [30, 150, 500])
def test_a_pool_that_everybody_draws_from_is_told_from_a_pilot(pool: int) -> None:
    rng = random.Random(3)
    drawn = [rng.randrange(pool) for _ in range(5_000)]
    met = len(set(drawn[:100]))
    found = planned([sharing(str(n)) for n in drawn[:100]], dossiers=4_900).by_kind[ADRES]
    assert found.low <= pool - met <= found.high
    assert found.expected == pytest.approx(pool - met, rel=0.6, abs=5)
    assert found.expected < 1_000  # one by one they would take 4,900


NAMES = st.lists(st.integers(0, 30), max_size=4, unique=True)


@given(st.lists(NAMES, min_size=ENOUGH, max_size=40), st.integers(0, 10_000))
def test_bounds_are_in_order_and_no_more_is_met_than_at_first(
    met: list[list[int]], dossiers: int
) -> None:
    found = planned([sharing(*map(str, names)) for names in met], dossiers)
    for each in (found.requests, found.hours, found.quota_days, *found.by_kind.values()):
        assert 0 <= each.low <= each.expected <= each.high
    total = sum(map(len, met))
    if ADRES in found.by_kind:
        assert found.by_kind[ADRES].high <= dossiers * total / len(met) + 1e-6


# -- time and quota ----------------------------------------------------------------------------


def test_hours_and_quota_follow_the_pace_and_what_leaves_besides() -> None:
    pilot = [Sample({"dossier": 1, "hypotheken": 35})] * 20
    found = plan(
        pilot, dossiers=1_000, kinds=KINDS, pace=Pace(per_second=5, per_day=9_000), overhead=1.25
    )
    assert found.requests.expected == 45_000
    assert found.hours.expected == 2.5
    assert found.quota_days == Range(5, 5, 5)
    assert found.by_kind["hypotheken"].expected == 43_750


def test_nothing_to_come_costs_nothing() -> None:
    for pilot in ([], [Sample({"dossier": 1})] * 3, [sharing("a")] * 40):
        found = planned(pilot, dossiers=0)
        assert found.requests == found.hours == found.quota_days == Range(0, 0, 0)
        assert found.verified


# -- without a pilot ---------------------------------------------------------------------------


@pytest.mark.parametrize("few", [0, ENOUGH - 1])
def test_too_little_is_said_to_be_unverified(few: int) -> None:
    found = planned([Sample({"dossier": 1})] * few, dossiers=1_000)
    assert not found.verified
    assert found.pilot == few
    # A usual dossier of 2 persons and some products takes about 30 requests.
    assert 20_000 < found.requests.expected < 40_000
    assert found.requests.low < found.requests.expected / 1.5
    assert found.requests.high > found.requests.expected * 1.5
    assert set(found.by_kind) == set(KINDS)


def test_the_unverified_range_holds_the_sandbox_s_dossiers() -> None:
    dossiers = sandbox(2, 60)
    truth = sum(sum(each.own.values()) for each in dossiers)
    truth += len({name for each in dossiers for name in each.shared})
    found = planned([], dossiers=60).requests
    assert found.low < truth < found.high


# -- against a world ---------------------------------------------------------------------------


def test_plans_of_small_sandboxes_hold_what_they_then_cost() -> None:
    found = [outcome("sandbox", seed, dossiers=200) for seed in range(60, 64)]
    assert sum(each.covered for each in found) >= 3
    assert all(each.half_width < 0.1 for each in found)
    assert all(each.without > 0.1 for each in found)


def test_plans_of_drawn_worlds_hold_what_they_then_cost() -> None:
    world = "the same, few have most"
    found = [outcome(world, seed, dossiers=2_000) for seed in range(30)]
    assert sum(each.covered for each in found) >= 23
    assert all(each.half_width < 0.1 for each in found)
