"""Reads over real HTTP: what is sent again, what is not, and in which order."""

import asyncio
from typing import Any

import pytest

from elements_procura.core.timeouts import Timeouts
from elements_procura.errors import (
    BadRequest,
    ClosedError,
    DailyQuotaExceeded,
    Forbidden,
    HostNotFound,
    InputError,
    NotFound,
    NotSent,
    RateLimited,
    RequestTimeout,
    ServerError,
    StatusError,
    TransportError,
    WrongLoopError,
)
from elements_procura.sandbox import Fault, Limits, Sandbox
from elements_procura.scheduler import Rate, Scheduler, Slot
from tests.client_kit import (
    DOSSIER,
    UNLIMITED,
    Exchange,
    client_at,
    client_for,
    data_requests,
    grants,
    raw_server,
)
from tests.clock import QuickClock, VirtualClock

SHORT = Timeouts(total=5.0)
ANSWER = b'{"id": 1}'


class Recording(Scheduler):
    """A scheduler whose waits take as long as a test wants, and that writes down what is done."""

    def __init__(self, clock: QuickClock, *waits: float) -> None:
        super().__init__(rates=UNLIMITED, clock=clock)
        self.quick = clock
        self.waits = list(waits)
        self.repeats: list[bool] = []

    async def acquire(self, *, retry_of: Slot | None = None, **options: Any) -> Slot:
        slot = await super().acquire(retry_of=retry_of, **options)
        self.repeats.append(retry_of is not None)
        if self.waits:
            self.quick.skip(self.waits.pop(0))
        return slot


# ---------------------------------------------------------------- order


async def test_the_token_is_read_after_the_wait_for_a_slot() -> None:
    """One that was read before would be dead by then, and the server would say so."""
    clock = QuickClock()
    async with Sandbox(dossiers=1, limits="off", clock=clock.now, token_seconds=60) as sandbox:
        # Slots: the call's, the grant's, the call's again; then the second call's takes a minute.
        scheduler = Recording(clock, 0, 0, 0, 61)
        async with client_for(sandbox, clock=clock, scheduler=scheduler) as client:
            await client.klantdossiers.get(5526)
            await client.klantdossiers.get(5526)
        assert [status for *_, status in data_requests(sandbox)] == [200, 200]
        assert grants(sandbox) == ["organisation", "refresh_token"]
        # What was given up for a renewal goes to the front, and so does the renewal itself.
        assert scheduler.repeats == [False, True, True, False, True, True]


@pytest.mark.virtual_time
async def test_no_slot_is_held_while_a_token_is_fetched() -> None:
    """With one place in all, the token request needs the place that the call gave up."""
    async with (
        Sandbox(dossiers=1, limits="off") as sandbox,
        client_for(sandbox, rates=(Rate(1, 0.01),)) as client,
    ):
        async with asyncio.timeout(5):
            assert (await client.klantdossiers.get(5526)).id == 5526


# ---------------------------------------------------------------- what is sent again


@pytest.mark.virtual_time
@pytest.mark.parametrize(
    "fault",
    [
        Fault(kind="status", status=503, match="GET *", times=2),
        Fault(kind="status", status=500, match="GET *", times=2),
        Fault(kind="reset", match="GET *", times=2),
        Fault(kind="reset-after", match="GET *", times=2),
        Fault(kind="truncate", match="GET *", times=2),
        Fault(kind="stall", seconds=8.0, match="GET *", times=1),
    ],
    ids=lambda fault: f"{fault.kind}-{fault.status}",
)
async def test_a_read_survives_what_passes(fault: Fault) -> None:
    clock = VirtualClock()
    async with (
        Sandbox(dossiers=1, limits="off") as sandbox,
        client_for(sandbox, clock=clock) as client,
    ):
        await client.authenticate()
        sandbox.add_fault(fault)
        # Only what stalls is given up: and what is asked for again then has time enough.
        read = 2.0 if fault.kind == "stall" else 60.0
        quick = client.with_options(timeout=Timeouts(read=read))
        assert (await quick.klantdossiers.get(5526)).id == 5526
        assert len(data_requests(sandbox)) == (fault.times or 0) + 1
        assert client.counters.sent == len(sandbox.log)
        waits = [seconds for seconds in clock.slept if seconds >= 0.2]
        assert len(waits) == fault.times
        assert all(0.25 <= seconds <= 1.0 for seconds in waits)


@pytest.mark.virtual_time
@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault(kind="status", status=503, match="GET *"), ServerError),
        (Fault(kind="reset", match="GET *"), TransportError),
        (Fault(kind="truncate", match="GET *"), TransportError),
        (Fault(kind="stall", match="GET *", seconds=20), RequestTimeout),
        (Fault(kind="drip", match="GET *", seconds=20), RequestTimeout),
    ],
    ids=lambda each: each.kind if isinstance(each, Fault) else "",
)
async def test_a_read_is_sent_three_times_at_most(fault: Fault, kind: type[Exception]) -> None:
    async with Sandbox(dossiers=1, limits="off") as sandbox, client_for(sandbox) as client:
        await client.authenticate()
        sandbox.add_fault(fault)
        timeouts = SHORT if fault.seconds else Timeouts()
        with pytest.raises(kind) as caught:
            await client.with_options(timeout=timeouts).klantdossiers.get(5526)
        assert type(caught.value) is kind
        assert vars(caught.value)["attempts"] == len(data_requests(sandbox)) == 3
        assert "GET /api/data/klantdossiers/{DOSSIER_ID}" in str(caught.value)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, BadRequest),
        (403, Forbidden),
        (404, NotFound),
        (405, StatusError),
        (410, NotFound),
        (418, StatusError),
        (422, BadRequest),
    ],
)
async def test_refusals_are_not_sent_again(status: int, kind: type[StatusError]) -> None:
    async with Sandbox(dossiers=1, limits="off") as sandbox, client_for(sandbox) as client:
        await client.authenticate()
        sandbox.add_fault(Fault(kind="status", status=status, match="GET *"))
        with pytest.raises(kind) as caught:
            await client.klantdossiers.get(5526)
        assert type(caught.value) is kind
        assert (caught.value.status, caught.value.attempts) == (status, 1)
        assert caught.value.body == '{"error": str(14)}'
        assert len(data_requests(sandbox)) == 1


@pytest.mark.parametrize(
    ("header", "sent", "waited"), [("7", 2, 7.0), ("60", 2, 60.0), ("61", 1, None), ("x", 2, 0.25)]
)
async def test_retry_after_of_a_server_error(header: str, sent: int, waited: float | None) -> None:
    clock = QuickClock()

    async def handler(exchange: Exchange) -> None:
        if len(server.asked) == 1:
            exchange.answer(b"", "503 Busy", f"Retry-After: {header}")
        else:
            exchange.answer(ANSWER)

    async with raw_server(handler) as server, client_at(server.url, clock=clock) as client:
        if waited is None:
            with pytest.raises(ServerError) as caught:
                await client.klantdossiers.get(1)
            assert caught.value.retry_after == 61
        else:
            await client.klantdossiers.get(1)
            assert max(clock.slept) >= waited
        assert len(server.asked) == sent


async def test_nobody_listens() -> None:
    async with Sandbox(dossiers=1) as sandbox:
        client = client_for(sandbox)
    async with client:
        with pytest.raises(NotSent, match="refused") as caught:
            await client.authenticate()
        assert caught.value.attempts == 3
        assert type(caught.value) is NotSent


async def test_a_host_that_is_not_known() -> None:
    async with client_at("https://kantoor.invalid") as client:
        with pytest.raises(HostNotFound, match=r"does not resolve.*Check the address"):
            await client.authenticate()


@pytest.mark.virtual_time
async def test_silence_after_the_head_ends_by_the_read_timeout() -> None:
    async def handler(exchange: Exchange) -> None:
        exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")

    timeouts = Timeouts(total=None, read=5)
    async with (
        raw_server(handler) as server,
        client_at(server.url, timeouts=timeouts) as client,
    ):
        with pytest.raises(RequestTimeout):
            await client.klantdossiers.get(1)


@pytest.mark.virtual_time
async def test_the_clients_timeouts_hold_for_token_requests_too(
    virtual_clock: VirtualClock,
) -> None:
    async with (
        Sandbox(dossiers=1, faults=[Fault(kind="stall", seconds=30)]) as sandbox,
        client_for(sandbox, timeouts=SHORT) as client,
    ):
        started = virtual_clock.now()
        with pytest.raises(RequestTimeout):
            await client.klantdossiers.get(5526)
        assert virtual_clock.now() - started < 20


@pytest.mark.parametrize("date", ["", "x", "Mon, 01 Jan 99999 00:00:00 +9999", "0", "-1 -1 -1"])
async def test_a_strange_date_header_is_nothing(date: str) -> None:
    async def handler(exchange: Exchange) -> None:
        exchange.answer(ANSWER, "200 OK", f"Date: {date}")

    async with raw_server(handler) as server, client_at(server.url) as client:
        assert (await client.klantdossiers.get(1)).id == 1


# ---------------------------------------------------------------- 429


async def test_too_many_a_second_are_held_back_and_nothing_is_lost() -> None:
    async with (
        Sandbox(
            dossiers=1,
            limits="off",
            faults=[Fault(kind="status", status=429, match="GET *", after=5, times=4)],
        ) as sandbox,
        client_for(sandbox) as client,
    ):
        found = await asyncio.gather(*(client.klantdossiers.get(5526) for _ in range(30)))
        assert [each.id for each in found] == [5526] * 30
        assert len(data_requests(sandbox)) == 34
        assert client.counters.throttled == sandbox.rejected_429 == 4


async def test_a_refusal_gates_everybody() -> None:
    """After a 429 nobody sends before the gate opens, the repeated request goes first."""
    clock = QuickClock()
    times: list[tuple[float, str]] = []
    asked = asyncio.Event()

    async def handler(exchange: Exchange) -> None:
        times.append((clock.now(), exchange.path[-1]))
        asked.set()
        if len(times) == 1:
            body = b'{"error": "Limit exceeded of 5 request(s) in 1 second(s)"}'
            exchange.answer(body, "429 Too Many", "Retry-After: 7")
        else:
            exchange.answer(b'{"id": %s}' % exchange.path[-1].encode())

    async with raw_server(handler) as server, client_at(server.url, clock=clock) as client:
        await client.authenticate()
        first = asyncio.create_task(client.klantdossiers.get(1))
        await asked.wait()
        await asyncio.gather(first, client.klantdossiers.get(2), client.klantdossiers.get(3))
        assert sorted(path for _, path in times) == ["1", "1", "2", "3"]
        assert all(at - times[0][0] >= 7 for at, path in times[1:] if path == "1")


async def test_a_429_that_stays() -> None:
    async with Sandbox(dossiers=1, limits="off") as sandbox, client_for(sandbox) as client:
        await client.authenticate()
        sandbox.add_fault(Fault(kind="status", status=429, match="GET *"))
        with pytest.raises(RateLimited, match="still 429") as caught:
            await client.klantdossiers.get(5526)
        assert caught.value.attempts == len(data_requests(sandbox)) == 6


async def test_what_says_nothing_of_the_read_is_none_of_its_tries() -> None:
    answers = iter(("429 Too Many", "401 Unauthorized", "503 Away", "503 Away", "200 OK"))

    async def handler(exchange: Exchange) -> None:
        status = next(answers)
        exchange.answer(ANSWER if status == "200 OK" else b'{"error": "invalid_token"}', status)

    async with raw_server(handler) as server, client_at(server.url, clock=QuickClock()) as client:
        assert (await client.klantdossiers.get(1)).id == 1
        assert len(server.asked) == 5


async def test_a_429_that_asks_for_more_than_a_minute_is_told_at_once() -> None:
    async def handler(exchange: Exchange) -> None:
        exchange.answer(b"", "429 Too Many", "Retry-After: 61")

    async with raw_server(handler) as server, client_at(server.url) as client:
        with pytest.raises(RateLimited) as caught:
            await client.klantdossiers.get(1)
        assert caught.value.retry_after == 61
        assert len(server.asked) == 1


@pytest.mark.parametrize("rates", [UNLIMITED, (*UNLIMITED, Rate(100_000, 86_400))])
async def test_the_servers_day_is_used_up(rates: tuple[Rate, ...]) -> None:
    """Whether or not the client counts days itself."""
    clock = QuickClock()
    limits = Limits(rates=((3, 86_400.0),))
    async with (
        Sandbox(dossiers=1, limits=limits) as sandbox,
        client_for(sandbox, rates=rates, clock=clock) as client,
    ):
        await client.klantdossiers.get(5526)
        await client.klantdossiers.get(5526)
        with pytest.raises(DailyQuotaExceeded) as caught:
            await client.klantdossiers.get(5526)
        assert 0 < caught.value.resets_at - clock.wall() <= 90_001  # the day is counted in hours
        assert client.counters.throttled == 1


async def test_a_day_that_ends_in_hours_is_told_as_a_day() -> None:
    async def handler(exchange: Exchange) -> None:
        body = b'{"error": "Limit exceeded of 9 request(s) in 86400 second(s)"}'
        exchange.answer(body, "429 Too Many", "Retry-After: 7200")

    clock, rates = QuickClock(), (*UNLIMITED, Rate(9, 86_400))
    async with (
        raw_server(handler) as server,
        client_at(server.url, clock=clock, rates=rates) as client,
    ):
        with pytest.raises(DailyQuotaExceeded) as caught:
            await client.klantdossiers.get(1)
        assert 7_100 < caught.value.resets_at - clock.wall() < 90_001


async def test_the_clients_own_day_is_used_up_before_anything_is_sent() -> None:
    async with (
        Sandbox(dossiers=1, limits="off") as sandbox,
        client_for(sandbox, rates=(Rate(3, 86_400),)) as client,
    ):
        await client.klantdossiers.get(5526)
        await client.klantdossiers.get(5526)
        with pytest.raises(DailyQuotaExceeded):
            await client.klantdossiers.get(5526)
        assert len(sandbox.log) == 3


# ---------------------------------------------------------------- the end


async def test_a_closed_client_sends_nothing() -> None:
    async with Sandbox(dossiers=1) as sandbox:
        async with client_for(sandbox) as client:
            pass
        await client.aclose()
        for call in (
            client.klantdossiers.get(5526),
            client.authenticate(),
            client.read(DOSSIER),
            client.request("POST", DOSSIER),
        ):
            with pytest.raises(ClosedError, match="async with"):
                await call
        with pytest.raises(ClosedError):
            async for _ in client.klantdossiers.iterate():
                pass
        assert sandbox.log == []


@pytest.mark.virtual_time
@pytest.mark.parametrize("moment", [0.0, 0.5, 2.0])
async def test_closing_while_requests_are_under_way(moment: float) -> None:
    """Whatever they are at: they end soon, each with an error that says so."""
    async with Sandbox(dossiers=1, limits="off") as sandbox:
        client = client_for(sandbox)
        if moment:
            await client.authenticate()
        sandbox.add_fault(Fault(kind="stall", match="GET *", seconds=9))
        sandbox.add_fault(Fault(kind="stall", match="POST *", seconds=1, times=1))
        calls = [asyncio.create_task(client.klantdossiers.get(5526)) for _ in range(20)]
        await asyncio.sleep(moment)
        async with asyncio.timeout(3):
            await client.aclose()
            ended = await asyncio.gather(*calls, return_exceptions=True)
        assert {type(each) for each in ended} == {ClosedError}
        count = len(sandbox.log)
        await asyncio.sleep(20)
        assert len(sandbox.log) == count


async def test_a_slot_that_comes_while_the_client_closes_sends_nothing() -> None:
    class Closing(Recording):
        async def acquire(self, **options: Any) -> Slot:
            slot = await super().acquire(**options)
            if sandbox.log:
                await client.aclose()
            return slot

    clock = QuickClock()
    async with Sandbox(dossiers=1, limits="off") as sandbox:
        client = client_for(sandbox, clock=clock, scheduler=Closing(clock))
        await client.authenticate()
        with pytest.raises(ClosedError):
            await client.klantdossiers.get(5526)
        assert data_requests(sandbox) == []


@pytest.mark.parametrize(
    "query", [{"a": "1", "b": "x y"}, {"a": 1, "b": "x y"}, [("a", "1"), ["b", "x y"]]]
)
async def test_a_query_is_a_mapping_or_pairs(query: Any) -> None:
    async with Sandbox(dossiers=1, limits="off") as sandbox, client_for(sandbox) as client:
        await client.request("GET", DOSSIER, query=query)
        assert sandbox.log[-1].query == {"a": "1", "b": "x y"}


@pytest.mark.parametrize(
    "query", ["a=b", b"a=b", 5, None, ["ab"], [("a",)], {"a": None}, {"a": ["x"]}, {5: "x"}]
)
async def test_a_query_of_another_kind_is_refused_in_words(query: Any) -> None:
    async with Sandbox(dossiers=1, limits="off") as sandbox, client_for(sandbox) as client:
        with pytest.raises(InputError, match="not made of pairs"):
            await client.request("GET", DOSSIER, query=query)
        assert not sandbox.log


def test_a_client_belongs_to_one_event_loop() -> None:
    async def use(client: Any) -> None:
        with pytest.raises(NotSent):
            await client.authenticate()

    client = client_at("http://127.0.0.1:9")
    asyncio.run(use(client))

    async def again() -> None:
        with pytest.raises(WrongLoopError):
            await client.authenticate()
        await client.aclose()

    asyncio.run(again())
