"""The rule of a shared account, turn by turn."""

from typing import Any

import pytest

from elements_procura.scheduler._account import turn
from elements_procura.scheduler._account_cold import COLD

WALL = 1_780_000_000.0
COLD_START = 1000 + COLD


def ask(owner: str, call: int, **given: Any) -> dict[str, Any]:
    """One process's turn, that asks for nothing."""
    return {
        "owner": owner,
        "call": call,
        "adopt": [],
        "held": [],
        "site": "here",
        "epoch": "",
        "turn": 0,
        "rev": -1,
        "rates": [[5, 1000]],
        "quotas": [[100, 86_400, 80, "86400"]],
        "min_rtt": -1,
        "wants": [0, 0, 0],
        "reports": [],
        "company": 0,
        "memory": [],
        "ahead": [],
        "leaves": 0,
        **given,
    }


def report(grant: list[Any], kind: str = "ok", rtt: float = 50.0, bulk: int = 0) -> list[Any]:
    return [grant[0], 0.0, kind, rtt, -1.0, bulk, grant[3]]


def used(answer: dict[str, Any]) -> tuple[int, int]:
    """What the day has counted, in all and for bulk."""
    *_, counts = answer["days"][0]
    return sum(each[1] for each in counts), sum(each[2] for each in counts)


@pytest.fixture
def state() -> dict[str, Any]:
    """An account that nobody has waited for yet."""
    found: dict[str, Any] = {}
    first = turn(found, ask("a", 1), 0.0, WALL)
    assert first["places"] == [[5, COLD_START]]
    return found


@pytest.mark.parametrize(("site", "wait"), [("here", 952), ("there", 1002)])
def test_a_round_trip_counts_between_processes_of_one_site_only(
    state: dict[str, Any], site: str, wait: float
) -> None:
    """Two hosts that share a place have no round trip in common."""
    now = COLD_START
    five = turn(state, ask("a", 2, wants=[0, 5, 0], min_rtt=50), now, WALL)["grants"]
    assert len(five) == 5
    turn(state, ask("a", 3, reports=[report(each) for each in five], min_rtt=50), now, WALL)
    given = {"wants": [0, 1, 0], "site": site, "min_rtt": 50}
    early = turn(state, ask("b", 1, **given), now + wait - 31, WALL)
    due = turn(state, ask("b", 2, **given), now + wait - 29, WALL)
    assert (len(early["grants"]), len(due["grants"])) == (0, 1)


def test_a_report_that_comes_twice_counts_once(state: dict[str, Any]) -> None:
    """A turn whose answer was lost may have been taken."""
    now = COLD_START
    grants = turn(state, ask("a", 2, wants=[0, 2, 0]), now, WALL)["grants"]
    back = [report(grants[0], "back")]
    for call in (3, 4):
        answer = turn(state, ask("a", call, reports=back), now + call, WALL)
        assert used(answer) == (1, 0)


def test_what_is_answered_while_turns_are_lost_keeps_its_place_for_a_window(
    state: dict[str, Any],
) -> None:
    """The new owner holds it no more, and it was sent all the same: see its report."""
    now = COLD_START
    grants = turn(state, ask("a", 2, wants=[0, 5, 0]), now, WALL)["grants"]
    given = {"adopt": ["a"], "held": [each[0] for each in grants[1:]], "wants": [0, 1, 0]}
    for call in (1, 2):  # the first one's answer is lost as well
        reports = [report(grants[0], rtt=1.0)]
        answer = turn(state, ask(f"b{call}", call, reports=reports, **given), now + 100, WALL)
        assert answer["grants"] == []
        given["adopt"] = ["a", "b1"]
    assert state["sites"]["here"]["seen"] == 1, "what is reported twice is learned once"
    last = ask("b2", 3, held=given["held"], wants=[0, 1, 0])
    assert turn(state, last, now + 1000, WALL)["grants"] == []
    assert len(turn(state, {**last, "call": 4}, now + 1100, WALL)["grants"]) == 1


def test_a_grant_counts_as_what_it_was_used_for(state: dict[str, Any]) -> None:
    now = COLD_START
    grants = turn(state, ask("a", 2, wants=[0, 1, 0]), now, WALL)["grants"]
    answer = turn(state, ask("a", 3, reports=[report(grants[0], bulk=1)]), now, WALL)
    assert used(answer) == (1, 1)


def test_a_clock_that_was_set_back_is_a_cold_start(state: dict[str, Any]) -> None:
    now = COLD_START
    turn(state, ask("a", 2, wants=[0, 3, 0]), now, WALL)
    answer = turn(state, ask("a", 3, wants=[0, 3, 0]), now - 5000, WALL - 5)
    assert answer["grants"] == []
    assert answer["places"] == [[5, COLD_START]]
    assert used(answer) == (3, 0)


def test_a_silent_owner_loses_its_places_a_window_later(state: dict[str, Any]) -> None:
    now = COLD_START
    assert len(turn(state, ask("a", 2, wants=[0, 5, 0]), now, WALL)["grants"]) == 5
    for after in (1000, 2000, 3000, 3999):
        answer = turn(state, ask("b", after, wants=[0, 5, 0]), now + after - 50, WALL)
        assert answer["grants"] == []
    answer = turn(state, ask("b", 9, wants=[0, 5, 0]), now + 4002, WALL)
    assert len(answer["grants"]) == 5


def test_an_owner_that_waits_for_a_slow_answer_keeps_its_place(state: dict[str, Any]) -> None:
    now = COLD_START
    turn(state, ask("a", 2, wants=[0, 5, 0]), now, WALL)
    for second in range(1, 30):
        turn(state, ask("a", 2 + second), now + 1000 * second, WALL)
        other = turn(state, ask("b", second, wants=[0, 1, 0]), now + 1000 * second + 1, WALL)
        assert other["grants"] == []


def test_the_day_is_the_most_that_anybody_remembers(state: dict[str, Any]) -> None:
    """Counts since a cold start come on top, whoever remembers first."""
    now = COLD_START
    turn(state, ask("a", 2, wants=[0, 3, 0]), now, WALL)
    bucket = int(state["day"] // 300)
    for call, (total, most) in enumerate(((40, 43), (60, 63), (50, 63))):
        memory = [[0.0, [[bucket, total, 0]]]]
        answer = turn(state, ask("b", call, memory=memory), now + call, WALL)
        assert used(answer) == (most, 0)
    memory = [[0.0, [[bucket, 97, 0]]]]
    answer = turn(state, ask("b", 9, memory=memory, wants=[0, 1, 0]), now + 9, WALL)
    assert answer["grants"] == [], "100 are used"


def test_what_left_the_window_counts_no_more(state: dict[str, Any]) -> None:
    turn(state, ask("a", 2, wants=[0, 3, 0]), COLD_START, WALL)
    day = 86_400_000
    answer = turn(state, ask("a", 3), COLD_START + day, WALL)
    assert used(answer) == (3, 0)
    answer = turn(state, ask("a", 4), COLD_START + day + 700_000, WALL)
    assert used(answer) == (0, 0)


@pytest.mark.parametrize("quotas", [[], [[100, 3600, 80, "3600"]], [[99, 86_400, 80, "86400"]]])
def test_all_have_the_same_windows_also_the_long_ones(state: dict[str, Any], quotas: Any) -> None:
    """Who knows no day, or another, would use up the others'."""
    turn(state, ask("a", 2, wants=[0, 1, 0]), COLD_START, WALL)
    assert turn(state, ask("b", 1, quotas=quotas), COLD_START + 1, WALL) == {"error": "limits"}
    alone = turn(state, ask("b", 2, quotas=quotas), COLD_START + 5000, WALL)
    assert alone["places"] == [[5, COLD_START]], "when the others are gone, they hold, from cold"


def test_bulk_may_have_another_share_in_each_process(state: dict[str, Any]) -> None:
    quotas = [[100, 86_400, 10, "86400"]]
    assert "error" not in turn(state, ask("b", 1, quotas=quotas), COLD_START, WALL)


@pytest.mark.parametrize(("rtts", "least", "most"), [((50.0,), 45, 45), ((21.0, 79.0), 12.5, 14)])
def test_the_least_of_a_few_that_differ_is_not_taken_for_the_least_there_is(
    state: dict[str, Any], rtts: tuple[float, ...], least: float, most: float
) -> None:
    now = COLD_START
    for number in range(50):
        now += 1100
        (grant,) = turn(state, ask("a", number, wants=[0, 1, 0]), now, WALL)["grants"]
        given = report(grant, rtt=rtts[number % len(rtts)])
        turn(state, ask("a", number, reports=[given]), now, WALL)
    assert least <= state["owners"]["a"]["credit"] <= most


def test_what_an_earlier_version_knew_of_round_trips_is_learned_anew(state: dict[str, Any]) -> None:
    """It kept no sum, without which nothing can be said of how they differ."""
    state["sites"] = {"here": {"least": 900.0, "seen": 1000}}
    now = COLD_START
    grants = turn(state, ask("a", 2, wants=[0, 1, 0]), now, WALL)["grants"]
    turn(state, ask("a", 3, reports=[report(grants[0], rtt=50.0)]), now, WALL)
    assert state["sites"]["here"] == {"least": 50.0, "seen": 1, "sum": 50.0}
