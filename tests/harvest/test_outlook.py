"""The age to expect for a quota, and the quota that an age takes."""

import pytest

from elements_procura.harvest.policy.outlook import Outlook
from elements_procura.harvest.policy.refresh import DAY, Belief, Observations, priority, unseen
from elements_procura.harvest.records import KnownDossier, KnownPart

NOW = 100 * DAY
BUSY, QUIET = Observations(12, 24 * DAY, 6 * DAY), Observations(1, 9 * DAY, 60 * DAY)


def dossiers(count: int, seen: Observations = QUIET) -> list[KnownDossier]:
    return [KnownDossier(each, NOW - each * DAY, seen, cost=4, due=False) for each in range(count)]


def parts(count: int) -> list[KnownPart]:
    return [
        KnownPart(each, name, NOW - each * DAY, seen, cost, due=False)
        for each in range(count)
        for name, seen, cost in (("contact", QUIET, 3), ("producten", BUSY, 1))
    ]


@pytest.mark.parametrize("turn", [60.0, DAY, 40 * DAY])
@pytest.mark.parametrize("belief", [Belief(1.0, 30 * DAY), Belief(3.0, 5 * DAY)])
def test_the_mean_age_is_that_of_all_moments_between_two_looks(belief: Belief, turn: float) -> None:
    steps = 2_000
    moments = [(each + 0.5) * turn / steps for each in range(steps)]
    summed = sum(
        (1 - at / turn) * (1 - (1 + at / belief.exposure) ** -belief.shape) for at in moments
    )
    assert unseen(belief, turn) == pytest.approx(summed * turn / steps, rel=1e-3)
    assert unseen(belief, turn) < turn / 2
    assert priority(belief, turn) > 0


def test_dossiers_that_are_alike_have_turns() -> None:
    found = Outlook(dossiers(30), (), now=NOW).by_quota(60.0)
    assert found.per_day == pytest.approx(60, rel=0.02)
    assert found.turns["dossier"] == pytest.approx(2 * DAY, rel=0.02)  # 120 requests in all
    assert 0 < found.age < DAY


def test_more_requests_make_it_younger_and_back() -> None:
    outlook = Outlook(dossiers(40), parts(40), now=NOW)
    assert outlook.cost == pytest.approx(160)
    few, many = outlook.by_quota(20.0), outlook.by_quota(80.0)
    assert few.age > 2 * many.age
    assert outlook.by_age(few.age).per_day == pytest.approx(20, rel=0.05)
    assert few.turns["producten"] < few.turns["contact"]
    assert few.turns["contact"] <= 3.9 * 8 * DAY  # the bound


def test_of_many_parts_some_are_looked_at() -> None:
    few, many = (Outlook(dossiers(each), parts(each), now=NOW) for each in (100, 1_000))
    assert many.cost == pytest.approx(4_000)
    assert many.by_quota(500.0).age == pytest.approx(few.by_quota(50.0).age, rel=0.1)
