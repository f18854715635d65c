"""`status --rates`: what changes how often by kind, and what follows from it."""

import json
from pathlib import Path

import pytest

from elements_procura.cli.shown.rates import Rates, rate_lines
from elements_procura.harvest import Refresh, Store, harvest
from elements_procura.harvest.records import KindRate, PartRate
from elements_procura.sandbox import ProcuraSandbox
from tests.cli.cli_running import run
from tests.clock import LaterClock
from tests.harvest.harvesting import TENANT, connect, small

PARTS = [PartRate("producten", 50, 100, 9.0, 300.0, 2.0)]


def rates(*per_month: float, changes: int = 30) -> Rates:
    """Kinds that change so often, the busiest first, and one that there are next to none of."""
    kinds = [
        KindRate(f"kind {each}", "producten", 500, 900, changes, 3_000.0, each)
        for each in per_month
    ]
    return Rates([KindRate("rare", "producten", 3, 4, 4, 2.0, 900.0), *kinds], PARTS)


@pytest.mark.parametrize(
    ("quietest", "pays", "age"),
    [
        (0.01, "pays here", "about half that"),
        (0.2, "pays here", "about three quarters that"),
        (1.0, "pays here", "about four fifths that"),
        (4.0, "neither pays nor costs anything here", "the same as that"),
    ],
)
def test_what_follows_is_said_in_words(quietest: float, pays: str, age: str) -> None:
    found = rates(6.0, quietest)
    assert found.spread == pytest.approx(6 / quietest)
    assert found.conclusion.startswith(f"the busiest kind changes {6 / quietest:,.0f} times as")
    assert pays in found.conclusion
    assert found.conclusion.endswith(f"is {age} of whole dossiers")
    assert found.to_json()["rates_conclusion"] == found.conclusion


def test_too_little_is_said_as_that() -> None:
    found = rates(6.0, 0.1, changes=7)
    assert found.spread is None
    assert found.conclusion.startswith("18 changes have been seen, too few to say")
    assert list(rate_lines(Rates([], PARTS))) == [
        "rates    unknown: no refresh has looked at anything twice so far"
    ]
    assert list(rate_lines(None)) == []


def test_dossiers_of_one_part_are_refreshed_whole() -> None:
    kinds = rates(6.0, 0.1).kinds
    assert Rates(kinds, []).conclusion.startswith("each dossier here is refreshed whole")


async def test_looks_are_counted_by_kind_and_shown(tmp_path: Path) -> None:
    clock, path = LaterClock(), tmp_path / "elements.sqlite"
    async with small() as (sandbox, elements):
        with Store.create(path, tenant=TENANT, clock=clock) as store:
            for days in range(3):
                clock.days = days
                for each in sandbox.dossier_ids if days else ():
                    sandbox.change(each)
                refresh = Refresh() if days else None
                async for _ in harvest(elements, store, refresh=refresh, clock=clock):
                    pass
            lists = sum(path.endswith("/particulier") for path, _ in store.bodies())
    done = await run("status", path, "--rates", "--json")
    assert done.code == 0, done.err
    told = json.loads(done.out)
    found = {each["kind"]: each for each in told["rates_by_kind"]}
    assert (found["dossier"]["looks"], found["dossier"]["changes"]) == (40, 40)
    assert found["dossier"]["resources"] == 20
    assert found["dossier"]["days"] == pytest.approx(40, abs=1)
    assert found["particulier"]["looks"] == 2 * lists
    assert found["particulier"]["changes"] == 0
    assert found["particulier/adressen"]["part"] == "contact"
    assert found["dossier"]["per_month"] > 20 * found["particulier"]["per_month"]
    assert told["rates_by_kind"][0]["kind"] == "dossier"
    assert told["rates_spread"] > 20
    assert {each["part"] for each in told["rates"]} >= {"dossier", "contact"}
    lines = (await run("status", path, "--rates")).out.splitlines()
    assert any(each.startswith("rates    dossier: one changes ") for each in lines)
    assert any(each.startswith("rates    particulier: no change seen yet · ") for each in lines)
    assert f"so       {told['rates_conclusion']}" in lines


async def test_procura_is_shown_by_kind_as_well(tmp_path: Path) -> None:
    clock, path = LaterClock(), tmp_path / "procura.sqlite"
    async with ProcuraSandbox(dossiers=6, seed=2) as sandbox, connect(sandbox) as procura:
        with Store.create(path, tenant=TENANT, clock=clock) as store:
            for days in range(2):
                clock.days = days
                refresh = Refresh() if days else None
                async for _ in harvest(procura, store, refresh=refresh, clock=clock):
                    pass
    told = json.loads((await run("status", path, "--rates", "--json")).out)
    assert told["rates"] == []
    assert {each["part"] for each in told["rates_by_kind"]} == {"dossier"}
    assert "row" not in {each["kind"] for each in told["rates_by_kind"]}
    assert told["rates_conclusion"].startswith("each dossier here is refreshed whole")
