"""Whatever the weather, nothing is lost; once it is over, the store equals the truth."""

import os
import tempfile
from pathlib import Path

import attrs
import pytest
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

from elements_procura.harvest import Progress
from elements_procura.sandbox import Weather
from elements_procura.sandbox.core.weather import KINDS
from tests.clock import VirtualClock, run_virtually
from tests.harvest.harvesting import small
from tests.harvest.weather_nights import Change, Night, Outcome, ids_in, losses, tell, world_of

EXAMPLES = os.environ.get("WEATHER_EXAMPLES", "")  # a soak run takes hundreds, random ones
_PERSONS = "GET /api/data/klantdossiers/*/klanten/particulier"
# What the API itself says about a few of many is believed, as nobody could know better: here it
# says so about all of a kind.
_OWN_WORDS = {
    "elements": [
        Weather("not-found", match=f"{_PERSONS}/*"),
        Weather("unlinked"),
        Weather("renamed"),
        Weather("linkless"),
        Weather("emptied", match=_PERSONS),
        Weather("next-page"),
    ],
    "procura": [
        Weather("not-found", match="GET /api/v1/dossiers/*/documents"),
        Weather("emptied", match="GET /api/v1/dossiers/*/documents"),
        Weather("broken-search"),
    ],
}
_RIGHTS = {
    "elements": ["", "GET */producten", "GET */adviseurs/*", "GET /api/data/klantdossiers/*"],
    "procura": ["", "GET /api/v1/births/*", "GET /api/v1/*"],
}
_STRAYS = ("stray", "stray-unlinked")
_OUTAGES = [name for name, kind in KINDS.items() if kind.passing and name != "refused"]


def weathers(api: str) -> st.SearchStrategy[Weather]:
    """Any weather that this API may have."""
    broken = [
        name
        for name in ("bom", "php-lists", "cut-json", "stray-pooled")
        if getattr(KINDS[name], api) is not None
    ]
    return st.one_of(
        st.builds(
            Weather,
            st.sampled_from(_OUTAGES),
            after=st.integers(0, 80),
            times=st.one_of(st.integers(1, 15), st.none()),
            probability=st.sampled_from((1.0, 1.0, 0.3)),
        ),
        st.builds(
            Weather,
            st.just("refused"),
            after=st.integers(0, 80),
            times=st.integers(1, 2),
            seconds=st.just(0.03),
        ),
        st.builds(
            Weather,
            st.sampled_from(broken),
            after=st.integers(0, 20),
            times=st.one_of(st.integers(1, 8), st.none()),
            probability=st.sampled_from((1.0, 0.3, 0.05)),
        ),
        # Twice the same in answer to the same request is the source's manner.
        st.builds(
            Weather,
            st.sampled_from([name for name in _STRAYS if getattr(KINDS[name], api) is not None]),
            after=st.integers(0, 40),
            times=st.just(1),
        ),
        st.builds(
            Weather,
            st.just("forbidden"),
            match=st.sampled_from(_RIGHTS[api]),
            probability=st.sampled_from((1.0, 0.5)),
        ),
        st.sampled_from(_OWN_WORDS[api]),
        st.sampled_from([Weather("total"), Weather("bad-rows"), Weather("odd-scalars")]),
    )


CHANGES = st.builds(
    Change, st.sampled_from(("change", "deep", "add", "remove")), st.integers(0, 20)
)


def nights(api: str) -> st.SearchStrategy[list[Night]]:
    """Some nights with changes and weather, the first of which may be the first harvest's."""
    night = st.builds(
        Night,
        st.lists(CHANGES, max_size=3).map(tuple),
        st.lists(weathers(api), max_size=3).map(tuple),
        st.sampled_from((1.0, 0.3, 0.6)),
    )
    return st.lists(night.map(_asking_for_all), min_size=1, max_size=4)


def _asking_for_all(night: Night) -> Night:
    """A night that asks for all there is if the API itself says so of all of a kind.

    Where it asks for one of a kind alone, what is said of that one is believed.
    """
    says_so = any(each in words for each in night.weather for words in _OWN_WORDS.values())
    return attrs.evolve(night, share=1.0) if says_so else night


def check(api: str, dossiers: int, seed: int, told: list[Night]) -> None:
    """One example, from a new store on."""

    async def live() -> list[str]:
        clock = VirtualClock()
        with tempfile.TemporaryDirectory() as folder:
            async with world_of(api, clock, dossiers=dossiers, seed=seed) as side:
                return await tell(side, Path(folder) / "store.sqlite", clock, told)

    faults = run_virtually(live())
    for fault in faults:
        note(fault)
    assert not faults


_SETTINGS = settings(
    max_examples=int(EXAMPLES or "5"),
    derandomize=not EXAMPLES,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.generate],  # to shrink an example takes many minutes
)


@_SETTINGS
@given(st.integers(4, 6), st.integers(1, 50), nights("elements"))
def test_elements_in_any_weather(dossiers: int, seed: int, told: list[Night]) -> None:
    check("elements", dossiers, seed, told)


@_SETTINGS
@given(st.integers(8, 14), st.integers(1, 50), nights("procura"))
def test_procura_in_any_weather(dossiers: int, seed: int, told: list[Night]) -> None:
    check("procura", dossiers, seed, told)


@pytest.mark.parametrize("api", ["elements", "procura"])
def test_fair_weather_alone(api: str) -> None:
    told = [Night(), Night((Change("change"), Change("remove", 1), Change("add")))]
    check(api, 8, 3, told)


async def test_a_world_holds_its_offices_whose_ids_are_in_no_path() -> None:
    async with small(dossiers=6) as (sandbox, elements):
        held = frozenset(ids_in(sandbox))
        for each in sandbox.dossier_ids:
            office = await elements.dossier(each).kantoor.get()
            assert {str(each), str(office.id)} <= held


@pytest.mark.parametrize("is_there", [True, False])
def test_what_dossiers_share_is_lost_while_one_leads_to_it(*, is_there: bool) -> None:
    shared = frozenset([("kantoor_adressen", "4000100/7"), ("kantoor", "4000100")])
    paths = frozenset(["kantoor/4000100/adressen"])
    there = frozenset(["4000100"] if is_there else ["4", "7"])
    told = [
        Outcome(
            *(0, "", Progress()),
            paths=paths if is_stored else frozenset(),
            rows=shared if is_stored else frozenset(),
            there=there,
        )
        for is_stored in (True, False, True)
    ]
    assert len(losses(told)) == (3 if is_there else 0)
