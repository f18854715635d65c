"""Searches: what they send, and one that is complete although the server does not page."""

import datetime as dt
from typing import Any

import attrs
import orjson
import pytest
from aiohttp import web

from elements_procura.errors import BodyError, InputError, SearchGap, SearchIncomplete
from elements_procura.procura._search import (
    RELOCATIONS,
    STATES,
    Cell,
    FoundRow,
    RepeatFilter,
    parts,
)
from elements_procura.procura.client import ProcuraClient
from elements_procura.procura.models.common import Dossier
from elements_procura.procura.models.dossiers import DatePeriod, DateTimePeriod
from elements_procura.procura.models.enums import DossierType
from elements_procura.sandbox import ProcuraSandbox
from tests.client_kit import client_for
from tests.procura.procura_kit import MOTHER, client_at, replaying

ALL = DatePeriod(from_=dt.date(2023, 1, 1), to=dt.date(2024, 12, 31))
DAY = dt.date(2024, 3, 15)


def day(number: int) -> dt.date:
    return dt.date(2024, 1, 1) + dt.timedelta(days=number)


async def ids(client: ProcuraClient, *given: Any, **options: Any) -> list[str | None]:
    return [each.dossier_id async for each in client.dossiers.iterate(*given, **options)]


def cell(first: int, last: int, size: int = 10, **given: Any) -> Cell:
    return Cell(day(first), day(last), size, 50, **given)


def narrower(given: Cell, **options: Any) -> tuple[Cell, ...]:
    return parts(given, **{"types": None, "states": None, **options})


def test_days_are_halved_first() -> None:
    assert narrower(cell(0, 9)) == (cell(0, 4), cell(5, 9))
    assert narrower(cell(0, 1)) == (cell(0, 0), cell(1, 1))


def test_then_types_then_statuses() -> None:
    first, second = narrower(cell(0, 0))
    assert first.codes is not None
    assert second.codes is not None
    assert sorted(first.codes + second.codes) == sorted(map(str, DossierType))
    assert set(first.codes[:4]) == set(RELOCATIONS)  # never asked for one by one
    [birth, death] = narrower(cell(0, 0), types=("birth", "discovered_body"))
    assert (birth.codes, death.codes) == (("birth",), ("discovered_body",))
    halves = narrower(birth, types=("birth", "discovered_body"))
    assert sorted(halves[0].states + halves[1].states) == sorted(STATES)  # type: ignore[operator] # both have some
    [created, refused] = narrower(birth, states=("created", "refused"))
    assert (created.states, refused.states) == (("created",), ("refused",))
    assert created.types == birth.types


def test_then_the_other_date_from_near_to_far() -> None:
    given = cell(0, 0, types=(("birth",),), states=("created",))
    periods = [each.other for each in narrower(given)]
    assert periods == [
        (dt.date.min, day(-32)),
        (day(-31), day(-1)),
        (day(0), day(0)),
        (day(1), day(31)),
        (day(32), dt.date.max),
    ]
    steps = 0
    for period in periods:
        assert period is not None
        steps = max(steps, depth(attrs.evolve(given, other=period), day(400)))
    assert steps < 20
    assert not narrower(attrs.evolve(given, other=(day(7), day(7))))


def depth(given: Cell, wanted: dt.date) -> int:
    """How often a cell is narrowed until it is that day; its parts are all of it."""
    steps = 0
    while halves := narrower(given):
        assert halves[0].other is not None
        assert halves[1].other is not None
        (first, middle), (second, last) = halves[0].other, halves[1].other
        assert given.other == (first, last)
        assert second - middle == dt.timedelta(days=1)
        given = halves[0] if wanted <= middle else halves[1]
        steps += 1
    return steps


@pytest.mark.parametrize("at", [dt.date.min, dt.date.max])
def test_the_other_date_has_ends(at: dt.date) -> None:
    given = Cell(at, at, 10, 50, types=(("birth",),), states=("created",))
    periods = [each.other for each in narrower(given)]
    assert (at, at) in periods
    assert len(periods) == 3


def test_a_longer_answer_until_the_longest() -> None:
    longer = cell(3, 3).longer()
    assert longer == cell(3, 3, 40)
    longest = longer.longer()
    assert longest == cell(3, 3, 50)
    assert longest.longer() is None


def test_after_one_that_took_too_long() -> None:
    shorter = cell(3, 3, 40).shorter()
    assert shorter == Cell(day(3), day(3), 10, 39, is_slow=True)
    sizes = []
    while shorter is not None:
        sizes.append(shorter.size)
        shorter = shorter.shorter()
    assert sizes == [10, 2]


def test_each_is_given_out_once() -> None:
    seen = RepeatFilter()
    rows = [{"dossierId": "a"}, {"dossierId": "b"}, {"dossierId": "a"}, {}, {"x": 1}, {}, []]
    assert [seen.is_news(FoundRow(row)) for row in rows] == [
        True,
        True,
        False,
        True,
        True,
        False,
        True,
    ]


async def test_five_thousand_dossiers_all_of_them_once() -> None:
    async with (
        ProcuraSandbox(dossiers=5_000, busy_day=300) as sandbox,
        client_for(sandbox) as client,
    ):
        found = await ids(client, ALL, page_size=100)
        searches = sum(entry.path == "/api/v1/dossiers/search" for entry in sandbox.log)
        busy = await ids(client, (DAY, DAY), page_size=100)
    assert len(found) == 5_000
    assert set(found) == set(sandbox.dossier_ids)
    assert len(busy) >= 300
    assert searches < 300


@pytest.mark.parametrize("by", ["entry_date", "start_date"])
async def test_by_either_date(by: Any) -> None:
    async with ProcuraSandbox(dossiers=300) as sandbox, client_for(sandbox) as client:
        found = await ids(client, ALL, by=by, page_size=7)
        wanted = dt.date(2023, 6, 1), dt.date(2023, 8, 31)
        part = await ids(client, wanted, by=by, page_size=7)
    assert sorted(map(str, found)) == sorted(sandbox.dossier_ids)
    starts = {case.id: case.start for case in sandbox.cases}
    assert by == "entry_date" or [starts[str(each)] for each in found] == sorted(starts.values())
    days = {case.id: case.entered.date() for case in sandbox.cases}
    assert set(part) == {name for name, at in days.items() if wanted[0] <= at <= wanted[1]}
    assert part


async def test_types_are_filtered_here_as_the_server_mixes_relocations() -> None:
    async with ProcuraSandbox(dossiers=120) as sandbox, client_for(sandbox) as client:
        page = await client.dossiers.search(types=["intra_mun_relocation"], page_size=200)
        found = [
            each
            async for each in client.dossiers.iterate(
                ALL, types=[DossierType.INTRA_MUN_RELOCATION], page_size=10
            )
        ]
    assert {type_of(each) for each in page.content} == {
        "intra_mun_relocation",
        "inter_mun_relocation",
    }
    assert {type_of(each) for each in found} == {"intra_mun_relocation"}
    assert len(found) == 20


def type_of(dossier: Dossier) -> str:
    assert dossier.type is not None
    return str(dossier.type.code)


async def test_a_day_that_is_too_full_is_told() -> None:
    async with (
        ProcuraSandbox(dossiers=60, busy_day=40) as sandbox,
        client_for(sandbox) as client,
    ):
        found = client.dossiers.rows(ALL, page_size=10, max_page_size=20)
        assert len([each async for each in found if isinstance(each, FoundRow)]) == 40
        with pytest.raises(SearchIncomplete, match="2024-03-15, any type") as caught:
            await ids(client, ALL, page_size=10, max_page_size=20)
        assert (caught.value.day, caught.value.page_size) == ("2024-03-15", 20)
        assert caught.value.gaps == (SearchGap("2024-03-15", "2024-03-15"),)
        assert len(await ids(client, ALL, page_size=10, max_page_size=41)) == 60


@pytest.mark.parametrize(
    "given",
    [
        {"period": (day(3), day(2))},
        {"period": DatePeriod(from_=day(1))},
        {"period": DatePeriod(to=day(1))},
        {"period": ALL, "bsns": [MOTHER]},
        {"period": ALL, "page_size": 0},
        {"period": ALL, "page_size": 11, "max_page_size": 10},
    ],
)
async def test_what_cannot_be_listed_completely(given: dict[str, Any]) -> None:
    async with client_at("http://127.0.0.1:1") as client:
        with pytest.raises(InputError):
            await ids(client, **given)


async def test_a_dossier_that_moves_to_the_next_window_is_given_out_once() -> None:
    def answer(_request: web.Request, body: bytes) -> web.Response:
        size = orjson.loads(body)["paging"]["pageSize"]
        first = orjson.loads(body)["entryDateTimePeriod"]["from"].startswith("2024-01-01")
        last = orjson.loads(body)["entryDateTimePeriod"]["to"].startswith("2024-01-02")
        names = ["a", "b", "c"] if first and last else ["a"] if first else ["a", "b"]
        content = [{"dossierId": name} for name in names[:size]]
        return web.json_response({"result": {"content": content}})

    async with replaying(answer) as server, client_at(server.url) as client:
        assert await ids(client, (day(0), day(1)), page_size=3) == ["a", "b"]
    assert [seen.body["entryDateTimePeriod"] for seen in server.seen] == [
        {"from": "2024-01-01T00:00:00", "to": "2024-01-02T23:59:59"},
        {"from": "2024-01-01T00:00:00", "to": "2024-01-01T23:59:59"},
        {"from": "2024-01-02T00:00:00", "to": "2024-01-02T23:59:59"},
    ]


async def test_leaving_early_leaves_nothing_behind() -> None:
    async with ProcuraSandbox(dossiers=60) as sandbox, client_for(sandbox) as client:
        found = client.dossiers.iterate(ALL, page_size=10)
        first = await anext(found)
        await found.aclose()
        assert first.dossier_id in sandbox.dossier_ids


@pytest.mark.parametrize(
    "given",
    [
        {"bsns": [MOTHER, "000000048"]},
        {"bsns": []},
        {"bsns": ["1"]},
        {"types": ["corpsefinding"]},
        {"statusses": ["deleted"]},
        {"page_size": 0},
    ],
)
async def test_searches_that_the_server_answers_with_500(given: dict[str, Any]) -> None:
    async with ProcuraSandbox() as sandbox, client_for(sandbox) as client:
        with pytest.raises(BodyError):
            await client.dossiers.search(**given)
        assert sandbox.log == []


async def test_a_search() -> None:
    async with ProcuraSandbox(dossiers=60) as sandbox, client_for(sandbox) as client:
        case = sandbox.cases[2]
        declarant = case.body["declarant"]["bsn"]
        by_id = await client.dossiers.search(dossier_ids=[case.id])
        by_reference = await client.dossiers.search(dossier_ids=["sandbox-3"])
        by_person = await client.dossiers.search(bsns=[declarant], page_size=100)
        by_day = await client.dossiers.search(
            entry_date_time_period=DateTimePeriod(
                from_=case.entered.replace(microsecond=0), to=case.entered
            ),
            start_date_period=DatePeriod(from_=case.start, to=case.start),
            statusses=["created"],
            types="birth",
        )
        plain = await client.dossiers.search()
    assert [each.dossier_id for each in by_id.content] == [case.id]
    assert by_reference == by_id
    assert case.id in [each.dossier_id for each in by_person.content]
    assert case.id in [each.dossier_id for each in by_day.content]
    assert (len(plain.content), plain.total_elements, plain.total_pages) == (10, 10, 1)


async def test_tasks_need_somebody() -> None:
    async with client_at("http://127.0.0.1:1") as client:
        with pytest.raises(BodyError, match=r"\$.bsns must not be empty"):
            await client.tasks.search(bsns=[])
