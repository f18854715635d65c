"""Virtual time: it jumps where everybody waits, and nowhere else."""

import asyncio
import time

import pytest

from elements_procura.core.timeouts import Timeouts
from elements_procura.errors import RequestTimeout
from elements_procura.sandbox import Fault, Sandbox
from tests.client_kit import Exchange, client_for, raw_server
from tests.clock import VirtualClock

pytestmark = pytest.mark.virtual_time


async def test_a_day_takes_no_time(virtual_clock: VirtualClock) -> None:
    started, began = virtual_clock.now(), time.monotonic()
    await asyncio.gather(asyncio.sleep(60), asyncio.sleep(86_400))
    assert virtual_clock.now() - started == pytest.approx(86_400)
    assert time.monotonic() - began < 3600


async def test_a_thread_takes_no_time(virtual_clock: VirtualClock) -> None:
    started = virtual_clock.now()
    await asyncio.to_thread(time.sleep, 0.05)
    assert virtual_clock.now() == started


@pytest.mark.parametrize(("stall", "late"), [(29.9, False), (30.1, True)])
async def test_a_time_limit_is_exact(
    virtual_clock: VirtualClock, stall: float, *, late: bool
) -> None:
    async with (
        Sandbox(dossiers=1, limits="off", clock=virtual_clock.now) as sandbox,
        client_for(sandbox, timeouts=Timeouts(read=30)) as client,
    ):
        await client.authenticate()
        sandbox.add_fault(Fault(kind="stall", seconds=stall))
        if late:
            with pytest.raises(RequestTimeout):
                await client.klantdossiers.get(5526)
        else:
            await client.klantdossiers.get(5526)


async def test_a_caller_who_does_not_read_holds_no_clock_up(virtual_clock: VirtualClock) -> None:
    async def floods(exchange: Exchange) -> None:
        exchange.answer(bytes(16 * 1024 * 1024))

    async with raw_server(floods) as server:
        host, _, port = server.url.removeprefix("http://").partition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(b"GET / HTTP/1.1\r\n\r\n")
        await reader.readuntil(b"\r\n\r\n")
        started = virtual_clock.now()
        await asyncio.sleep(60)
        assert virtual_clock.now() - started == pytest.approx(60)
        writer.close()


async def test_a_big_answer_under_way_keeps_time_from_moving(virtual_clock: VirtualClock) -> None:
    async with (
        Sandbox(dossiers=3_000, limits="off", clock=virtual_clock.now) as sandbox,
        client_for(sandbox, timeouts=Timeouts(total=0.1)) as client,
    ):
        started = virtual_clock.now()
        assert len([each async for each in client.klantdossiers.iterate()]) == 3_000
        assert virtual_clock.now() - started < 0.1
