"""Searches: what they send, and one that is complete although the server does not page."""

import datetime as dt
from typing import Any

import orjson
import pytest
from aiohttp import web
from procura_kit import MOTHER, client_at, client_of, replaying

from elements_procura.errors import BodyError, InputError, SearchIncomplete
from elements_procura.procura._search import Seen, Window, next_windows
from elements_procura.procura.client import ProcuraClient
from elements_procura.procura.models.common import Dossier
from elements_procura.procura.models.dossiers import DatePeriod, DateTimePeriod
from elements_procura.procura.models.enums import DossierType
from elements_procura.sandbox.procura import ProcuraSandbox

ALL = DatePeriod(from_=dt.date(2023, 1, 1), to=dt.date(2024, 12, 31))
DAY = dt.date(2024, 3, 15)


def day(number: int) -> dt.date:
    return dt.date(2024, 1, 1) + dt.timedelta(days=number)


async def ids(client: ProcuraClient, *given: Any, **options: Any) -> list[str | None]:
    return [each.dossier_id async for each in client.dossiers.iterate(*given, **options)]


@pytest.mark.parametrize(
    ("window", "found", "instead"),
    [
        (Window(day(0), day(9), 10), 9, ()),
        (Window(day(0), day(9), 10), 10, (Window(day(0), day(4), 10), Window(day(5), day(9), 10))),
        (Window(day(0), day(1), 10), 10, (Window(day(0), day(0), 10), Window(day(1), day(1), 10))),
        (Window(day(0), day(9), 10), 99, (Window(day(0), day(4), 10), Window(day(5), day(9), 10))),
        (Window(day(3), day(3), 10), 10, (Window(day(3), day(3), 40),)),
        (Window(day(3), day(3), 40), 40, (Window(day(3), day(3), 50),)),
    ],
)
def test_what_to_ask_instead(window: Window, found: int, instead: tuple[Window, ...]) -> None:
    assert next_windows(window, found=found, greatest=50) == instead


def test_one_day_that_is_too_full() -> None:
    with pytest.raises(SearchIncomplete, match="2024-01-04 alone") as caught:
        next_windows(Window(day(3), day(3), 50), found=50, greatest=50)
    assert (caught.value.day, caught.value.page_size) == ("2024-01-04", 50)


def test_each_is_given_out_once() -> None:
    seen = Seen()
    assert seen.news(["a", "b", "a"]) == (True, True, False)
    assert seen.news(["b", "c", None, None]) == (False, True, True, True)


async def test_five_thousand_dossiers_all_of_them_once() -> None:
    async with (
        ProcuraSandbox(dossiers=5_000, busy_day=300) as sandbox,
        client_of(sandbox) as client,
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
    async with ProcuraSandbox(dossiers=300) as sandbox, client_of(sandbox) as client:
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
    async with ProcuraSandbox(dossiers=120) as sandbox, client_of(sandbox) as client:
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
        client_of(sandbox) as client,
    ):
        with pytest.raises(SearchIncomplete):
            await ids(client, ALL, page_size=10, max_page_size=20)
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
    async with ProcuraSandbox(dossiers=60) as sandbox, client_of(sandbox) as client:
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
    async with ProcuraSandbox() as sandbox, client_of(sandbox) as client:
        with pytest.raises(BodyError):
            await client.dossiers.search(**given)
        assert sandbox.log == []


async def test_a_search() -> None:
    async with ProcuraSandbox(dossiers=60) as sandbox, client_of(sandbox) as client:
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
