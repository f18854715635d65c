"""Harvests of a sandbox over real HTTP: complete, resumable, and honest about what goes wrong."""

import asyncio
import itertools
import json
import random
import re
import sqlite3
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from elements_procura.clock import SystemClock
from elements_procura.demo import verify
from elements_procura.elements.kinds import EXTRA_GROUPS, KINDS, UNDOCUMENTED, group_of
from elements_procura.errors import (
    AuthenticationError,
    DailyQuotaExceeded,
    InputError,
    ServerAway,
    StoreError,
)
from elements_procura.harvest import (
    AnswerStored,
    DossierSettled,
    DossiersListed,
    ElementsSource,
    Event,
    HarvestFinished,
    HarvestStarted,
    ResourceGone,
    ResourceQuarantined,
    Store,
    harvest,
)
from elements_procura.harvest.policy.plan import plan
from elements_procura.sandbox import Fault, Sandbox
from elements_procura.scheduler import Rate
from tests.clock import VirtualClock
from tests.contract_calls import CALLS
from tests.harvest.harvesting import (
    LISTING,
    TENANT,
    connect,
    harvest_to,
    repeated,
    requested,
    small,
)
from tests.harvest.inside import db_of

PRODUCTEN = "/api/data/klantdossiers/5526/producten"
HYPOTHEEK = "/api/data/klantdossiers/5526/hypotheken/6732"
PERSONEN = "/api/data/klantdossiers/5526/klanten/particulier"


def of(kind: type[Event], events: list[Event]) -> list[Any]:
    return [event for event in events if isinstance(event, kind)]


async def test_everything_is_harvested_once_and_is_equal(path: Path) -> None:
    async with small() as (sandbox, elements):
        events = await harvest_to(path, elements)
        assert isinstance(events[0], HarvestStarted)
        assert of(DossiersListed, events) == [DossiersListed(20)]
        assert {event.dossier for event in of(DossierSettled, events)} == set(sandbox.dossier_ids)
        (finished,) = of(HarvestFinished, events)
        progress = finished.progress
        assert len(events) - 1 == events.index(finished)
        assert progress.complete
        assert progress.harvested == 20
        assert progress.resources == len(of(AnswerStored, events))
        assert progress.requests + progress.probes == len(sandbox.log)
        assert repeated(sandbox) == progress.probes <= 4
        with Store.read(path) as store:
            verdict = verify(store, sandbox)
        assert verdict.equal
        assert verdict.compared > progress.resources  # the shared ones are compared as well


@pytest.mark.parametrize("stop_after", [1, 3, 40, 200])
async def test_a_stopped_harvest_goes_on_without_asking_twice(path: Path, stop_after: int) -> None:
    async with small() as (sandbox, elements):
        (finished,) = of(HarvestFinished, await harvest_to(path, elements, stop_after=stop_after))
        assert not finished.progress.complete
        second = await harvest_to(path, elements)
        assert of(HarvestStarted, second)[0].resumed == (
            stop_after > 1
        )  # else it was not even listed
        assert of(HarvestFinished, second)[0].progress.complete
        with Store.read(path) as store:
            assert verify(store, sandbox).equal
            assert repeated(sandbox) == store.progress().probes <= 4


async def test_only_the_dossiers_asked_for_are_harvested(path: Path) -> None:
    async with small() as (sandbox, elements):
        wanted = sandbox.dossier_ids[3:6]
        with Store.create(path, tenant=TENANT) as store:
            async for _ in harvest(ElementsSource(elements, dossiers=wanted), store):
                pass
            assert store.states() == dict.fromkeys(wanted, "complete")
        assert LISTING not in requested(sandbox)


async def test_a_harvest_that_is_complete_asks_for_nothing(path: Path) -> None:
    async with small() as (sandbox, elements):
        await harvest_to(path, elements)
        before = len(sandbox.log)
        await harvest_to(path, elements)
        assert len(sandbox.log) == before


@pytest.mark.parametrize("kind", ["html", "cut-json", "other-body", "empty"])
async def test_an_answer_that_is_none_is_quarantined_and_never_stored(
    path: Path, kind: str
) -> None:
    async with small() as (sandbox, elements):
        sandbox.add_fault(Fault(kind=kind, match=f"GET {PRODUCTEN}"))
        events = await harvest_to(path, elements)
        (quarantined,) = of(ResourceQuarantined, events)
        assert (quarantined.kind, quarantined.dossier) == ("producten", 5526)
        assert quarantined.error.startswith("protocol: GET /api/data/klantdossiers/{DOSSIER_ID}/")
        progress = of(HarvestFinished, events)[0].progress
        assert (progress.harvested, progress.quarantined) == (19, 1)
        with Store.read(path) as store:
            assert store.body(PRODUCTEN) is None
            assert store.body(PERSONEN) is not None
            assert verify(store, sandbox).equal  # what is stored is right


async def test_a_truncated_answer_is_asked_for_again(path: Path) -> None:
    async with small() as (sandbox, elements):
        sandbox.add_fault(Fault(kind="truncate", match=f"GET {PRODUCTEN}", times=1))
        await harvest_to(path, elements)
        assert requested(sandbox)[PRODUCTEN] == 2
        with Store.read(path) as store:
            assert verify(store, sandbox).equal
            assert store.progress().harvested == 20


async def test_a_burst_of_server_errors_loses_nothing(path: Path) -> None:
    async with small() as (sandbox, elements):
        sandbox.add_fault(Fault(kind="status", status=503, probability=0.1))
        sandbox.add_fault(Fault(kind="reset", probability=0.05))
        await harvest_to(path, elements, workers=32)
        sandbox.clear_faults()
        with Store.read(path) as store:
            verdict, progress = verify(store, sandbox), store.progress()
        assert verdict.equal
        assert progress.settled == 20


async def test_one_resource_that_stays_broken_does_not_stop_the_rest(path: Path) -> None:
    async with small() as (sandbox, elements):
        sandbox.add_fault(Fault(kind="status", status=500, match=f"GET {HYPOTHEEK}"))
        events = await harvest_to(path, elements)
        (quarantined,) = of(ResourceQuarantined, events)
        assert quarantined.error.startswith("status.server:")
        assert requested(sandbox)[HYPOTHEEK] == 3
        assert of(HarvestFinished, events)[0].progress.harvested == 19


@pytest.mark.parametrize("status", [403, 404])
async def test_what_is_gone_is_noted_and_its_dossier_still_complete(
    path: Path, status: int
) -> None:
    async with small() as (sandbox, elements):
        sandbox.add_fault(Fault(kind="status", status=status, match=f"GET {HYPOTHEEK}"))
        events = await harvest_to(path, elements)
        assert ResourceGone("hypotheken", 5526, status) in events
        assert of(HarvestFinished, events)[0].progress.harvested == 20


async def test_a_dossier_that_is_deleted_meanwhile_is_gone(path: Path) -> None:
    async with small() as (sandbox, elements):
        sandbox.add_fault(Fault(kind="status", status=404, match=f"GET {LISTING}/5526"))
        events = await harvest_to(path, elements)
        assert DossierSettled(5526, "gone") in events
        assert of(HarvestFinished, events)[0].progress.complete


async def test_a_photo_that_is_not_there_is_no_failure(path: Path) -> None:
    async with small() as (sandbox, elements):
        with Store.create(path, tenant=TENANT) as store:
            run = harvest(elements, store, include=["all", "profielfotos"])
            events = [event async for event in run]
        photos = {(event.kind, event.status) for event in of(ResourceGone, events)}
        assert {kind.partition("/")[2] for kind, _ in photos} <= {
            "profielfoto",
            "profielfoto/download",
        }
        assert ("particulier/profielfoto", 404) in photos
        assert of(HarvestFinished, events)[0].progress.harvested == len(sandbox.dossier_ids)


async def test_no_picture_is_asked_for_unless_it_is_wanted(path: Path) -> None:
    """H3: some 9.6 % of all requests were for what is told about them, most of them 404s."""
    async with small() as (sandbox, elements):
        await harvest_to(path, elements)
        assert not [each for each in requested(sandbox) if "profielfoto" in each]
        with Store.read(path) as store:
            assert verify(store, sandbox).equal


async def test_a_server_that_goes_down_ends_the_run_and_quarantines_nobody(path: Path) -> None:
    async with small() as (sandbox, elements):
        await harvest_to(path, elements, stop_after=60)
        sandbox.add_fault(Fault(kind="status", status=503))
        with pytest.raises(ServerAway):
            await harvest_to(path, elements, patience=0)
        with Store.read(path) as store:
            assert store.progress().quarantined == 0
        sandbox.clear_faults()
        await harvest_to(path, elements)
        with Store.read(path) as store:
            assert verify(store, sandbox).equal


async def test_a_server_that_is_down_from_the_start_quarantines_nobody(path: Path) -> None:
    """Also when there are fewer dossiers than failures that it takes to be sure."""
    async with small(dossiers=2) as (sandbox, elements):
        sandbox.add_fault(Fault(kind="reset", match=f"GET {LISTING}/*"))
        with pytest.raises(ServerAway):
            await harvest_to(path, elements, patience=0)
        with Store.read(path) as store:
            assert (store.progress().quarantined, store.progress().queued) == (0, 2)


async def test_a_listing_that_breaks_off_is_begun_again(path: Path) -> None:
    async with small() as (sandbox, elements):
        sandbox.add_fault(Fault(kind="truncate", match=f"GET {LISTING}", times=1))
        events = await harvest_to(path, elements)
        assert requested(sandbox)[LISTING] == 2
        assert of(DossiersListed, events) == [DossiersListed(20)]
        with Store.read(path) as store:
            assert store.progress().complete
            assert verify(store, sandbox).equal


async def test_bulk_stops_at_its_share_of_the_day_and_goes_on_later(path: Path) -> None:
    async with Sandbox(dossiers=20, seed=7, limits="off") as sandbox:
        async with connect(sandbox, rates=(Rate(100, 86_400),)) as elements:
            with pytest.raises(DailyQuotaExceeded) as caught:
                await harvest_to(path, elements)
        assert caught.value.limit == 100
        assert len(sandbox.log) == 81  # the token is nobody's bulk
        async with connect(sandbox) as elements:
            await harvest_to(path, elements)
        with Store.read(path) as store:
            assert verify(store, sandbox).equal
            assert repeated(sandbox) == store.progress().probes <= 4


async def test_a_run_ends_after_the_requests_it_may_make(path: Path) -> None:
    async with small() as (sandbox, elements):
        with Store.create(path, tenant=TENANT) as store:
            run = harvest(elements, store, max_requests=50, workers=8)
            events = [event async for event in run]
        assert run.paused == "max-requests"
        assert isinstance(events[-1], HarvestFinished)
        assert len(sandbox.log) == 50
        await harvest_to(path, elements)
        with Store.read(path) as reader:
            assert repeated(sandbox) == reader.progress().probes <= 4
            assert verify(reader, sandbox).equal


async def test_a_pilot_is_of_so_many_whole_dossiers_and_predicts_the_rest(path: Path) -> None:
    random.seed(1)  # of a free choice of dossiers the range would miss one in ten, as it should
    async with small(dossiers=200) as (sandbox, elements):
        with Store.create(path, tenant=TENANT) as store:
            run = harvest(elements, store, max_dossiers=60, workers=32)
            async for _ in run:
                pass
            assert run.paused == "max-dossiers"
            assert Counter(store.states().values()) == {"complete": 60, "open": 140}
            assert store.progress().queued == 140  # nothing is half done
            kinds = [name for name in KINDS if name not in UNDOCUMENTED]
            cost = plan(store.samples(), dossiers=140, kinds=kinds).requests
        before = len(sandbox.log)
        await harvest_to(path, elements, workers=32)
        assert cost.low <= len(sandbox.log) - before <= cost.high
        assert cost.half_width < 0.2


async def test_a_run_ends_at_the_time_it_may_last_until(path: Path) -> None:
    class Noon(SystemClock):
        def wall(self) -> float:
            return 43_200.0 + len(sandbox.log)

    async with small() as (sandbox, elements):
        with Store.create(path, tenant=TENANT) as store:
            run = harvest(elements, store, until=43_260.0, workers=4, clock=Noon())
            async for _ in run:
                pass
        assert run.paused == "until"
        assert 60 <= len(sandbox.log) <= 64


async def test_only_the_kinds_asked_for_are_harvested(path: Path) -> None:
    async with small() as (_, elements):
        with Store.create(path, tenant=TENANT) as store:
            async for _ in harvest(elements, store, include=["kantoor", "documenten"]):
                pass
            found = {stored.split("/")[5] for stored, _ in store.bodies() if stored.count("/") > 4}
            assert found == {"kantoor", "documenten"}
            assert store.included == frozenset({"kantoor", "documenten"})
            with pytest.raises(InputError, match="begun with documenten, kantoor"):
                harvest(elements, store, include=["kantoor"])
            with pytest.raises(InputError, match="nothing of a dossier is called ducks"):
                harvest(elements, store, include=["ducks"])


async def test_a_client_that_is_locked_out_ends_the_run(path: Path) -> None:
    async with small(dossiers=3) as (sandbox, elements):
        await harvest_to(path, elements, stop_after=4)
        async with connect(
            sandbox, credentials=(sandbox.credentials["client_id"], "wrong")
        ) as locked_out:
            with pytest.raises(AuthenticationError):
                await harvest_to(path, locked_out)
        with Store.read(path) as store:
            assert store.progress().quarantined == 0


@pytest.mark.virtual_time
async def test_short_lived_tokens_are_renewed_once_per_expiry(
    path: Path, virtual_clock: VirtualClock
) -> None:
    lives = {"token_seconds": 1.0, "min_latency": 0.02, "clock": virtual_clock.now}
    async with small(dossiers=30, **lives) as (sandbox, elements):
        events = await harvest_to(path, elements, workers=8)
        grants = [entry for entry in sandbox.log if entry.path.startswith("/oauth")]
        seconds = sandbox.log[-1].at - sandbox.log[0].at
        assert of(HarvestFinished, events)[0].progress.harvested == 30
        # Renewed a fifth before the end: every 0.8 s, and no answer is later than the next ask.
        assert 2 <= len(grants) <= 2 + seconds / 0.8
        gaps = [b.at - a.at for a, b in itertools.pairwise(grants)]
        assert min(gaps) > 0.5
        assert {entry.status for entry in grants} == {200}
        with Store.read(path) as store:
            assert verify(store, sandbox).equal


async def test_leaving_the_iteration_early_leaves_nothing_running(path: Path) -> None:
    async with small() as (_, elements):
        with Store.create(path, tenant=TENANT) as store:
            events = aiter(harvest(elements, store))
            async for event in events:
                if isinstance(event, AnswerStored):
                    break
            await events.aclose()  # type: ignore[attr-defined] # an async generator
            running = [str(task.get_coro()) for task in asyncio.all_tasks()]
            assert not [name for name in running if "Harvest." in name or "Session." in name]


async def test_a_store_that_fails_ends_the_run_with_what_was_committed(path: Path) -> None:
    async with small() as (sandbox, elements):
        with Store.create(path, tenant=TENANT) as store:
            db_of(store).execute("PRAGMA busy_timeout = 50")
            blocker = sqlite3.connect(path)

            async def run_against_a_lock() -> None:
                async for event in harvest(elements, store):
                    if isinstance(event, DossiersListed):
                        blocker.execute("BEGIN IMMEDIATE")

            with pytest.raises(StoreError, match="locked"):
                await run_against_a_lock()
            blocker.close()
        await harvest_to(path, elements)
        with Store.read(path) as reader:
            assert verify(reader, sandbox).equal


async def test_unknown_fields_values_and_nulls_are_harvested_and_typed(path: Path) -> None:
    def change(document: dict[str, Any]) -> None:
        first, second = document["_embedded"]["particulier"]
        first["nieuwVeld"] = {"a": [1]}
        first["geslacht"] = "onbekend"
        second["geboortedatum"] = second["achternaam"] = second["overleden"] = None

    async with small() as (sandbox, elements):
        sandbox.patch(PERSONEN, change)
        events = await harvest_to(path, elements)
        assert not of(ResourceQuarantined, events)
        with Store.read(path) as reader:
            assert json.loads(reader.body(PERSONEN) or b"")["_embedded"]["particulier"][0][
                "nieuwVeld"
            ] == {"a": [1]}
            assert verify(reader, sandbox).equal
        first, second = await elements.dossier(5526).klanten.particulier.list()
        assert first.extra == {"nieuwVeld": {"a": [1]}}
        assert first.geslacht == "onbekend"
        assert (second.geboortedatum, second.achternaam, second.overleden) == (None, None, None)


async def test_every_stored_body_is_typed_by_its_coroutine(path: Path) -> None:
    """The sandbox sprinkles the documented quirks over its dossiers: none may raise."""
    async with small(dossiers=40) as (_, elements):
        await harvest_to(path, elements, workers=32)
        with Store.read(path) as store:
            stored = [
                (kind.template, match.groupdict())
                for stored_path, _ in store.bodies()
                for kind in KINDS.values()
                if (match := re.fullmatch(pattern(kind.template), stored_path))
            ]
        for template, ids in stored:
            await CALLS["GET", template](elements, {name: int(ids[name]) for name in ids}, None, {})
        assert {template for template, _ in stored} == {
            kind.template for name, kind in KINDS.items() if group_of(name) not in EXTRA_GROUPS
        }


def pattern(template: str) -> str:
    """A regular expression with a group for every placeholder."""
    return re.sub(r"{([A-Z_]+)}", r"(?P<\1>\\d+)", template)
