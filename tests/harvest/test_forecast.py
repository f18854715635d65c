"""What is left of a store's harvest, beside what it then takes."""

import datetime as dt
from pathlib import Path

import pytest

from elements_procura.elements.kinds import GROUPS, KINDS, group_of
from elements_procura.harvest import ProcuraSource, ResourceQuarantined, Store, StoreReader, harvest
from elements_procura.harvest.policy.forecast import pace_of, plan_of
from elements_procura.harvest.policy.plan import Pace, Plan, Range
from elements_procura.registry import spec_of
from elements_procura.sandbox import Fault, ProcuraSandbox
from elements_procura.spec.source import Discovery, Root, Row, Want
from tests.harvest.harvesting import TENANT, connect, harvest_to, requested, small

ONE_AN_HOUR = Pace(per_second=1 / 3600, per_day=10)


def planned(path: Path, pace: Pace = ONE_AN_HOUR) -> Plan | None:
    with StoreReader.read(path) as reader:
        return plan_of(reader, pace=pace)


def test_of_dossiers_that_are_not_listed_nothing_is_known(path: Path) -> None:
    Store.create(path, tenant=TENANT).close()
    assert planned(path) is None


async def test_a_harvest_that_was_just_listed_is_unverified(path: Path) -> None:
    async with small() as (sandbox, elements):
        await harvest_to(path, elements, stop_after=2)
        begun = len(sandbox.log)
        found = planned(path)
        assert found is not None
        assert not found.verified
        await harvest_to(path, elements)
        assert found.requests.low < len(sandbox.log) - begun < found.requests.high


@pytest.mark.parametrize("stop_after", [1_000, 2_000])
async def test_in_the_middle_dossiers_under_way_count_as_what_they_lack(
    path: Path, stop_after: int
) -> None:
    async with small(dossiers=120) as (sandbox, elements):
        await harvest_to(path, elements, stop_after=stop_after)
        with StoreReader.read(path) as reader:
            dossiers, _ = reader.under_way()
            assert dossiers > reader.progress().dossiers // 10
        found = planned(path)
        assert found is not None
        assert found.verified
        begun = len(sandbox.log)
        await harvest_to(path, elements)
        left = len(sandbox.log) - begun
        assert found.requests.low * 0.9 < left < found.requests.high * 1.1
        assert found.requests.expected == pytest.approx(left, rel=0.2)
        by_kind = sum(each.expected for each in found.by_kind.values())
        assert by_kind == pytest.approx(found.requests.expected, rel=0.1)


def test_large_dossiers_that_are_not_finished_yet_count_as_well(path: Path) -> None:
    with Store.create(path, tenant=TENANT) as store:
        roots = [
            Root(number, Discovery((Want("dossier", f"/d/{number}"),))) for number in range(20)
        ]
        store.add_dossiers(roots, listing=store.begin_listing())
        for work in store.queued(after=0, limit=16):
            large = work.dossier == 3
            wants = [Want("hypotheken", f"/h/{work.dossier}/{each}") for each in range(9 * large)]
            store.put(work, Row(b"{}"), Discovery(tuple(wants)), requests=1)
        assert store.states()[3] == "open"
        sizes = sorted(sum(each.own.values()) for each in store.samples())
        # Sixteen are begun and one of them is not finished, so the last two are left out.
        assert sizes == [1] * 13 + [10]


def test_of_the_first_dossiers_nothing_is_told_while_most_are_under_way(path: Path) -> None:
    with Store.create(path, tenant=TENANT) as store:
        roots = [
            Root(number, Discovery((Want("dossier", f"/d/{number}"),))) for number in range(20)
        ]
        store.add_dossiers(roots, listing=store.begin_listing())
        for work in store.queued(after=0, limit=16):
            wants = [Want("hypotheken", f"/h/{work.dossier}")] if int(work.dossier) % 4 else []
            store.put(work, Row(b"{}"), Discovery(tuple(wants)), requests=1)
        assert store.progress().harvested == 4
        assert store.samples() == []


async def test_hours_and_quota_days_are_those_of_the_pace(path: Path) -> None:
    async with small() as (_, elements):
        await harvest_to(path, elements, stop_after=300)
    found = planned(path)
    assert found is not None
    assert found.hours == found.requests
    assert found.quota_days.expected == pytest.approx(found.requests.expected / 10)
    endless = planned(path, pace_of(per_second=None, per_day=None))
    assert endless is not None
    assert endless.hours == endless.quota_days == Range(0, 0, 0)


async def test_what_comes_out_of_quarantine_is_not_the_whole_dossier(path: Path) -> None:
    async with small() as (sandbox, elements):
        sandbox.add_fault(Fault(kind="html", match="GET */bezittingen"))
        events = await harvest_to(path, elements)
        broken = sum(isinstance(event, ResourceQuarantined) for event in events)
        assert broken > 3
        with Store.open(path, tenant=TENANT) as store:
            store.requeue_quarantined()
        found = planned(path)
        assert found is not None
        assert found.dossiers == broken
        assert broken <= found.requests.low
        assert found.requests.expected < 8 * broken  # a whole one takes some 25


async def test_what_is_repeated_counts_as_well(path: Path) -> None:
    async with small(dossiers=60) as (_, elements):
        await harvest_to(path, elements, stop_after=1_200)
        plain = planned(path)
        with Store.open(path, tenant=TENANT) as store:
            asked = sum(each.answers for each in store.tally())
            assert asked > 600
            store.add_requests(2 * asked - store.progress().requests)
        doubled = planned(path)
        assert plain is not None
        assert doubled is not None
        # The listing and the token are among the requests: a little over 1 it was before.
        assert doubled.requests.expected == pytest.approx(2 * plain.requests.expected, rel=0.05)


async def test_a_refresh_under_way_is_no_repetition(path: Path) -> None:
    async with small(dossiers=30) as (sandbox, elements):
        await harvest_to(path, elements)
        with Store.open(path, tenant=TENANT) as store:
            for _ in range(3):
                store.begin_refresh(list(store.states()))
                async for _event in harvest(elements, store):
                    pass
            progress, answers = store.progress(), sum(each.answers for each in store.tally())
        assert progress.requests > 2_000
        assert progress.requests == pytest.approx(answers, rel=0.1)
        assert sum(requested(sandbox).values()) > 2_000


async def test_a_finished_harvest_leaves_nothing(path: Path) -> None:
    async with small() as (_, elements):
        await harvest_to(path, elements)
    found = planned(path)
    assert found is not None
    assert found.verified
    assert (found.dossiers, found.requests) == (0, Range(0, 0, 0))


@pytest.mark.parametrize("include", [None, ("details", "documents", "content")])
async def test_of_procura_the_queue_is_the_plan(
    path: Path, include: tuple[str, ...] | None
) -> None:
    async with (
        ProcuraSandbox(dossiers=120, seed=4, documented=0.5) as sandbox,
        connect(sandbox) as procura,
    ):
        source = ProcuraSource(procura, first=dt.date(2020, 1, 1), last=dt.date(2026, 1, 1))
        with Store.create(path, tenant="procura") as store:
            async for _ in harvest(source, store, include=include, max_dossiers=40):
                pass
        found = planned(path)
        assert found is not None
        assert found.verified
        begun = len([each for each in sandbox.log if each.method == "GET"])
        with Store.open(path, tenant="procura") as store:
            async for _ in harvest(source, store):
                pass
        left = len([each for each in sandbox.log if each.method == "GET"]) - begun
    if include is None:
        assert (found.pilot, found.requests) == (0, Range(left, left, left))
    else:
        assert found.pilot >= 40
        assert found.requests.low <= left <= found.requests.high
        assert found.requests.half_width > 0


def test_the_kinds_of_a_group_are_all_of_it_and_the_dossier() -> None:
    kinds_in = spec_of("elements").harvest.kinds_in
    assert kinds_in([]) == ["dossier"]
    assert {group_of(kind) for kind in kinds_in(GROUPS)} == {"dossier", *GROUPS}
    assert set(kinds_in(["adviseurs"])) < set(KINDS)


def test_a_harvest_s_pace_is_less_than_the_account_s() -> None:
    assert pace_of(per_second=5, per_day=100_000) == Pace(per_second=4.35, per_day=80_000)
    assert pace_of(per_second=5, per_day=100_000, bulk_share=0.5).per_day == 50_000
