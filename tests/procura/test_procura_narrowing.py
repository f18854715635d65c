"""S1: searches that fail for one row, or for time, are narrowed; what cannot be had is told."""

import contextlib
import datetime as dt
from collections.abc import AsyncIterator, Callable
from typing import Any

import attrs
import orjson
import pytest
from aiohttp import web

from elements_procura.errors import (
    BadRequest,
    Forbidden,
    InputError,
    ProtocolError,
    SearchGap,
    SearchIncomplete,
    ServerError,
)
from elements_procura.procura.client import ProcuraClient
from elements_procura.procura.models.dossiers import DatePeriod
from elements_procura.sandbox import ProcuraSandbox
from elements_procura.sandbox.core.answers import Answer
from elements_procura.sandbox.procura.problems import broken
from elements_procura.sandbox.procura.world import Case
from tests.client_kit import client_for
from tests.procura.procura_kit import client_at, problem, replaying

FIRST, LAST = dt.date(2023, 1, 1), dt.date(2024, 12, 31)
SEARCH = "/api/v1/dossiers/search"
BROKEN = "Text '20240600' could not be parsed at index 6"


async def walk(
    client: ProcuraClient, *, first: dt.date = FIRST, last: dt.date = LAST, **options: Any
) -> tuple[list[str], tuple[SearchGap, ...]]:
    """The ids that are delivered, each once, and what is told at the end."""
    found: list[str] = []
    gaps: tuple[SearchGap, ...] = ()
    try:
        async for each in client.dossiers.iterate((first, last), **options):
            found.append(str(each.dossier_id))  # noqa: PERF401 - what came before the error stays
    except SearchIncomplete as error:
        gaps = error.gaps
    assert len(found) == len(set(found))
    return found, gaps


def searches(sandbox: ProcuraSandbox) -> int:
    return sum(entry.path == SEARCH for entry in sandbox.log)


def alike(*cases: Case) -> None:
    """Let cases of one kind be of one day, status and start."""
    for case in cases:
        assert case.kind is cases[0].kind
        case.entered, case.start, case.status = cases[0].entered, cases[0].start, cases[0].status


@pytest.mark.parametrize("first", [FIRST, dt.date(1900, 1, 1)])
async def test_one_unreadable_row_alone_in_its_cell_costs_itself_alone(first: dt.date) -> None:
    async with ProcuraSandbox(dossiers=65) as sandbox, client_for(sandbox) as client:
        bad = sandbox.cases[20]
        sandbox.break_row(bad.id, field="status_date")
        found, gaps = await walk(client, first=first)
        assert set(found) == set(sandbox.dossier_ids) - {bad.id}
        assert len(found) == 64
        [gap] = gaps
        assert gap.day == gap.last_day == bad.entered.date().isoformat()
        assert (gap.type, gap.at_least) == (bad.kind.code, 1)
        assert searches(sandbox) < 100
        sandbox.heal_row(bad.id)
        found, gaps = await walk(client)
        assert set(found) == set(sandbox.dossier_ids)
        assert gaps == ()


async def test_with_two_neighbours_in_all_filters_it_costs_three() -> None:
    async with ProcuraSandbox(dossiers=65) as sandbox, client_for(sandbox) as client:
        bad, *neighbours = [case for case in sandbox.cases if case.kind.code == "commitment"][2:5]
        alike(bad, *neighbours)
        sandbox.break_row(bad.id, field="status_date")
        found, gaps = await walk(client)
        assert len(found) == 62
        assert set(found) == set(sandbox.dossier_ids) - {bad.id, *(case.id for case in neighbours)}
        [gap] = gaps
        day = bad.entered.date().isoformat()
        assert gap == SearchGap(day, day, "commitment", bad.status, 1)
        assert str(gap) == f"{day}, type commitment, status {bad.status}"
        assert searches(sandbox) < 100


@pytest.mark.parametrize("unlike", ["type", "status", "start"])
async def test_neighbours_that_differ_in_one_filter_are_delivered(unlike: str) -> None:
    async with ProcuraSandbox(dossiers=65) as sandbox, client_for(sandbox) as client:
        bad, *neighbours = [case for case in sandbox.cases if case.kind.code == "commitment"][2:5]
        if unlike == "type":
            neighbours = [case for case in sandbox.cases if case.kind.code == "birth"][:2]
        alike(*neighbours)
        for case in neighbours:
            case.entered, case.start, case.status = bad.entered, bad.start, bad.status
            if unlike == "status":
                case.status = "cancelled"
            if unlike == "start":
                case.start += dt.timedelta(days=40)
        sandbox.break_row(bad.id, field="status_date")
        found, gaps = await walk(client)
        assert set(found) == set(sandbox.dossier_ids) - {bad.id}
        assert [(gap.day, gap.type) for gap in gaps] == [
            (bad.entered.date().isoformat(), "commitment")
        ]


@pytest.mark.parametrize("field", ["start_date", "entry_date", "status_date"])
@pytest.mark.parametrize("by", ["entry_date", "start_date"])
@pytest.mark.parametrize("which", ["first", "last", "several"])
async def test_rows_that_cannot_be_read_in_the_first_last_or_several_days(
    field: Any, by: Any, which: str
) -> None:
    async with ProcuraSandbox(dossiers=65, others=9) as sandbox, client_for(sandbox) as client:
        days = sorted(sandbox.cases, key=lambda case: case.entered)
        bad = {"first": days[:1], "last": days[-1:], "several": days[5:60:11]}[which]
        for case in bad:
            sandbox.break_row(case.id, field=field)
        first, last = days[0].entered.date(), days[-1].entered.date()
        # A date without a day comes before the month's first.
        first = first.replace(day=1) - dt.timedelta(days=1)
        found, gaps = await walk(client, by=by, first=first, last=last)
        assert set(found) == set(sandbox.dossier_ids) - {case.id for case in bad}
        assert len(gaps) == len(bad)
        for gap, case in zip(gaps, bad, strict=True):
            # By a date without a day, it is found between two days only.
            assert dt.date.fromisoformat(gap.day).month in (
                case.entered.month,
                (case.entered.replace(day=1) - dt.timedelta(days=1)).month,
            )
            assert case.kind.code in gap.type
        assert searches(sandbox) < 90 * len(bad)


async def test_a_relocation_of_unknown_type() -> None:
    async with ProcuraSandbox(dossiers=65) as sandbox, client_for(sandbox) as client:
        bad = next(case for case in sandbox.cases if case.kind.code == "inter_mun_relocation")
        sandbox.break_row(bad.id, field="type")
        found, gaps = await walk(client)
        assert set(found) == set(sandbox.dossier_ids) - {bad.id}
        [gap] = gaps
        # The server does not tell relocations apart when it searches.
        assert gap.type == "intra_mun_relocation/inter_mun_relocation/emigration/resettlement"


async def test_only_what_is_wanted_is_narrowed_and_told() -> None:
    async with ProcuraSandbox(dossiers=65) as sandbox, client_for(sandbox) as client:
        bad = next(case for case in sandbox.cases if case.kind.code == "birth")
        sandbox.break_row(bad.id, field="status_date")
        found, gaps = await walk(client, types=["birth", "commitment"], statusses=["created"])
        kinds = ("birth", "commitment")
        assert set(found) == {
            case.id
            for case in sandbox.cases
            if case.kind.code in kinds and case.status == "created" and case is not bad
        }
        assert [gap.type for gap in gaps] == ["birth"]
        none, gaps = await walk(client, types=["discovered_body"])
        assert none
        assert not gaps


@pytest.mark.parametrize("seconds", [0.05, 0.2, 0.6, 3.0])
@pytest.mark.parametrize("busy", [0, 40])
async def test_a_back_office_whose_time_grows_with_the_rows(seconds: float, busy: int) -> None:
    async with (
        ProcuraSandbox(dossiers=65, busy_day=busy) as sandbox,
        client_for(sandbox) as client,
    ):
        for number, case in enumerate(sandbox.cases):  # or none could be told from the others
            case.start += dt.timedelta(days=number % 30)
        sandbox.slow_down(seconds)
        found, gaps = await walk(client)
        assert set(found) == set(sandbox.dossier_ids)
        assert gaps == ()
        assert searches(sandbox) < 400


async def test_a_back_office_whose_time_grows_with_the_page_whatever_it_finds() -> None:
    def late(body: Any) -> str | None:
        size = body["paging"]["pageSize"]
        return "Timeout on blocking read for 10000000000 NANOSECONDS" if size > 20 else None

    async with ProcuraSandbox(dossiers=65) as sandbox, in_front_of(sandbox, late) as client:
        found, gaps = await walk(client)
        assert set(found) == set(sandbox.dossier_ids)
        assert gaps == ()


async def test_a_day_that_is_too_much_for_its_time_is_told_and_delivered_in_part() -> None:
    async with ProcuraSandbox(dossiers=30, busy_day=30) as sandbox, client_for(sandbox) as client:
        births = [case for case in sandbox.cases if case.kind.code == "birth"]
        sandbox.slow_down(2.6)  # three rows at a time
        found, gaps = await walk(client)
        assert {gap.day for gap in gaps} == {"2024-03-15"}
        assert "birth" in {gap.type for gap in gaps}
        of_births = {case.id for case in births}.intersection(found)
        assert len(of_births) == 3


async def test_a_control_that_fails_is_an_interruption_and_nothing_counts() -> None:
    down = problem("Connection refused: balie/10.0.0.1:8080")

    def answer(_request: web.Request, _body: bytes) -> web.Response:
        return web.json_response(down, status=500)

    async with replaying(answer) as server, client_at(server.url) as client:
        with pytest.raises(ServerError, match="the back office is not there"):
            await walk(client)
    assert len(server.seen) == 6  # the search and the control, three times each
    assert server.seen[-1].body["paging"]["pageSize"] == 1


@pytest.mark.parametrize("after", [0, 1, 5, 20, 40])
async def test_a_server_that_goes_away_while_a_search_is_narrowed(after: int) -> None:
    asked = 0

    def away(_body: Any) -> str | None:
        nonlocal asked
        asked += 1
        return "Er is een systeemfout (x) opgetreden." if asked > after else None

    async with ProcuraSandbox(dossiers=65) as sandbox, in_front_of(sandbox, away) as client:
        sandbox.break_row(sandbox.dossier_ids[20], field="status_date")
        with pytest.raises(ServerError, match="the back office has failed"):
            await walk(client)


async def test_everything_that_holds_a_row_fails_so_it_is_no_row() -> None:
    async with ProcuraSandbox(dossiers=65) as sandbox, client_for(sandbox) as client:
        for case in sandbox.cases:
            sandbox.break_row(case.id, field="status_date")
        with pytest.raises(ServerError):
            await walk(client)


async def test_a_failure_that_passes_costs_nothing() -> None:
    asked = 0

    def once(_body: Any) -> str | None:
        nonlocal asked
        asked += 1
        return BROKEN if asked == 1 else None

    async with ProcuraSandbox(dossiers=65) as sandbox, in_front_of(sandbox, once) as client:
        found, gaps = await walk(client)
        assert set(found) == set(sandbox.dossier_ids)
        assert gaps == ()
        assert searches(sandbox) == 5  # with the control, two halves, and the whole once more


@pytest.mark.parametrize(
    ("status", "text", "kind"),
    [
        (500, "Illegal dossier type with code birth", BadRequest),
        (500, "Page size must not be less than one!", BadRequest),
        (400, "JSON parse error", BadRequest),
        (403, None, Forbidden),
    ],
)
async def test_a_refusal_is_a_refusal(status: int, text: str | None, kind: type[Exception]) -> None:
    def answer(_request: web.Request, _body: bytes) -> web.Response:
        return web.json_response(problem(text), status=status)

    async with replaying(answer) as server, client_at(server.url) as client:
        with pytest.raises(kind):
            await walk(client, types=["birth"])
    assert len(server.seen) == (1 if status == 403 else 2)  # with one to make sure whose it is


async def test_a_row_whose_text_reads_as_a_refusal() -> None:
    """Its search is refused, but not one that finds nothing."""
    async with ProcuraSandbox(dossiers=65) as sandbox:
        bad = sandbox.cases[20]
        sandbox.break_row(bad.id, field="status_date")
        change = (b"could not be parsed", b"is not supported")
        async with in_front_of(sandbox, lambda _: None, change=change) as client:
            found, gaps = await walk(client)
        assert set(found) == set(sandbox.dossier_ids) - {bad.id}
        assert [gap.type for gap in gaps] == [bad.kind.code]


async def test_a_server_that_does_not_know_every_type() -> None:
    def unknown(body: Any) -> str | None:
        types = body.get("types", ())
        return (
            "Illegal dossier type with code travel_document" if "travel_document" in types else ""
        )

    async with ProcuraSandbox(dossiers=65) as sandbox:
        bad = sandbox.cases[20]
        sandbox.break_row(bad.id, field="status_date")
        async with in_front_of(sandbox, unknown) as client:
            found, gaps = await walk(client)
        assert set(found) == set(sandbox.dossier_ids) - {bad.id}
        assert [gap.type for gap in gaps] == [bad.kind.code]


async def test_a_row_that_no_date_tells_apart_is_recognised() -> None:
    """Whatever start date is asked for, it is found: that is seen by one request."""
    async with ProcuraSandbox(dossiers=65) as sandbox:
        bad = sandbox.cases[20]
        day = bad.entered.date().isoformat()

        def always(body: Any) -> str | None:
            period = body.get("entryDateTimePeriod", {"from": "0001", "to": "9999"})
            types = body.get("types", [bad.kind.code])
            is_in = period["from"][:10] <= day <= period["to"][:10] and bad.kind.code in types
            return BROKEN if is_in else None

        async with in_front_of(sandbox, always) as client:
            found, gaps = await walk(client)
        assert set(found) == set(sandbox.dossier_ids) - {bad.id}
        assert {(gap.day, gap.type) for gap in gaps} == {(day, bad.kind.code)}
        assert searches(sandbox) < 100


@pytest.mark.parametrize(
    "result",
    [
        {},
        {"result": None},
        {"result": {}},
        {"result": {"content": "x"}},
        {"result": {"totalElements": 3}},
        {"message": "x"},
        [],
        None,
    ],
)
async def test_what_is_no_search_result_is_never_an_empty_one(result: Any) -> None:
    def answer(_request: web.Request, _body: bytes) -> web.Response:
        return web.json_response(result)

    async with replaying(answer) as server, client_at(server.url) as client:
        with pytest.raises(ProtocolError, match="not a search result"):
            await walk(client)


async def test_lists_of_php_and_totals_above_the_rows() -> None:
    rows = [{"dossierId": f"a-{number}"} for number in range(3)]

    def answer(_request: web.Request, body: bytes) -> web.Response:
        size = orjson.loads(body)["paging"]["pageSize"]
        if size < 40:  # it tells that there is more, though fewer than were asked for
            content: Any = {"0": rows[0], "2": rows[1]}
            return web.json_response({"result": {"content": content, "totalElements": 3}})
        return web.json_response({"result": {"content": rows, "totalElements": 3}})

    async with replaying(answer) as server, client_at(server.url) as client:
        found, gaps = await walk(client, first=FIRST, last=FIRST, page_size=10)
    assert found == ["a-0", "a-1", "a-2"]
    assert gaps == ()


async def test_one_odd_field_of_a_row_does_not_fail_the_search() -> None:
    rows: list[Any] = [
        {"dossierId": "a", "startDate": "2024-06-00", "status": {"entryDateTime": 3}},
        {"dossierId": "b", "entryDateTime": "gisteren", "type": {"code": "nieuw"}},
        ["c"],
        "d",
    ]

    def answer(_request: web.Request, _body: bytes) -> web.Response:
        return web.json_response({"result": {"content": rows}})

    async with replaying(answer) as server, client_at(server.url) as client:
        raw = [each async for each in client.dossiers.rows((FIRST, LAST))]
    assert [getattr(each, "dossier_id", "") for each in raw] == ["a", "b", None, None]


async def test_what_is_known_is_had_by_its_id() -> None:
    async with ProcuraSandbox(dossiers=65) as sandbox, client_for(sandbox) as client:
        bad, *neighbours = sandbox.dossier_ids[7:20]
        sandbox.break_row(bad, field="status_date")
        wanted = [bad, *neighbours, "nobody", "sandbox-1"]
        found = [row.dossier_id async for row in client.dossiers.rows_of(wanted)]
        assert sorted(map(str, found)) == sorted(neighbours)
        assert searches(sandbox) < 20


# ------------------------------------------------------------------------------------- periods


@pytest.mark.parametrize("by", ["entry_date", "start_date"])
async def test_dates_with_a_time_count_by_the_day_as_it_is_written(by: Any) -> None:
    east = dt.timezone(dt.timedelta(hours=5))
    periods: list[Any] = [
        (dt.datetime(2024, 3, 1, 23, 59), dt.datetime(2024, 3, 31, 0, 0)),
        (dt.datetime(2024, 3, 1, tzinfo=dt.UTC), dt.datetime(2024, 3, 31, 23, 59, tzinfo=dt.UTC)),
        (dt.datetime(2024, 3, 1, tzinfo=east), dt.datetime(2024, 3, 31, tzinfo=east)),
        (dt.date(2024, 3, 1), dt.datetime(2024, 3, 31, 12, 0)),
        DatePeriod(from_=dt.date(2024, 3, 1), to=dt.datetime(2024, 3, 31, 12, 0)),
    ]
    seen = []
    for period in periods:
        async with replaying(nothing) as server, client_at(server.url) as client:
            assert [each async for each in client.dossiers.iterate(period, by=by)] == []
        seen.append(server.seen[0].body)
    key = "entryDateTimePeriod" if by == "entry_date" else "startDatePeriod"
    time = ("T00:00:00", "T23:59:59") if by == "entry_date" else ("", "")
    assert seen == seen[:1] * len(periods)
    assert seen[0][key] == {"from": f"2024-03-01{time[0]}", "to": f"2024-03-31{time[1]}"}


@pytest.mark.parametrize("by", ["entry_date", "start_date"])
async def test_years_below_1000_have_four_digits(by: Any) -> None:
    period = dt.date(1, 1, 1), dt.date(999, 12, 31)
    async with replaying(nothing) as server, client_at(server.url) as client:
        assert [each async for each in client.dossiers.iterate(period, by=by)] == []
    sent = next(value for key, value in server.seen[0].body.items() if "Period" in key)
    assert (sent["from"][:10], sent["to"][:10]) == ("0001-01-01", "0999-12-31")


@pytest.mark.parametrize("by", ["entry_date", "start_date"])
@pytest.mark.parametrize(
    "ends", [("2024", "2025"), (20240101, 20241231), (None, LAST), "2024", (LAST,), None]
)
async def test_ends_that_are_no_dates(ends: Any, by: Any) -> None:
    async with client_at("http://127.0.0.1:1") as client:
        with pytest.raises(InputError, match="a period needs a first day and a last day"):
            [each async for each in client.dossiers.iterate(ends, by=by)]


def nothing(_request: web.Request, _body: bytes) -> web.Response:
    return web.json_response({"result": {"content": []}})


# ------------------------------------------------------------------------------------- the kit


@contextlib.asynccontextmanager
async def in_front_of(
    sandbox: ProcuraSandbox,
    text_for: Callable[[Any], str | None],
    *,
    change: tuple[bytes, bytes] = (b"", b""),
) -> AsyncIterator[ProcuraClient]:
    """A client whose searches something answers with a 500 where it has a text for one."""
    api = sandbox._api
    answered = api.answer

    def answer(method: str, path: str, query: Any, body: bytes, accept: str) -> Answer:
        text = text_for(orjson.loads(body)) if path == SEARCH else None
        if text:
            return broken(text).answer(path)
        given = answered(method, path, query, body, accept)
        return attrs.evolve(given, body=given.body.replace(change[0], change[1], 1))

    api.answer = answer  # type: ignore[method-assign] # what stands in front of it
    async with client_for(sandbox) as client:
        yield client
