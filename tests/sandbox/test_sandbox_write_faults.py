"""Faults that hit writes: what was carried out is in the records, whatever the caller was told."""

import asyncio

import aiohttp
import pytest

from elements_procura.sandbox import Fault
from tests.clock import VirtualClock
from tests.sandbox.sandbox_caller import ROOT, calling, open_sandbox

PATH = f"{ROOT}/5526/klanten/zakelijk"
BODY = {"naam": "Faster"}


@pytest.mark.parametrize(
    ("kind", "status", "done"),
    [
        ("status", 503, False),
        ("status-after", 503, True),
        ("reset", None, False),
        ("reset-after", None, True),
        ("stall", 201, True),
        ("stall-after", 201, True),
        ("html", 200, False),
        ("empty", 200, False),
        ("drip", 201, True),
        ("cut-json", 201, True),
        ("other-body", 201, True),
        ("truncate", 201, True),
    ],
)
async def test_a_fault_comes_before_or_after_the_work(
    kind: str, status: int | None, *, done: bool
) -> None:
    async with calling(open_sandbox(dossiers=1)) as caller:
        before = len((await caller.get(PATH)).rows("zakelijk"))
        caller.sandbox.add_fault(Fault(kind=kind, match="POST *", times=1, seconds=0.01))
        try:
            seen = (await caller.post(PATH, BODY)).status
        except aiohttp.ClientConnectionError:
            seen = None
        assert seen == status
        assert [record.body for record in caller.sandbox.records] == [BODY] * done
        assert len((await caller.get(PATH)).rows("zakelijk")) == before + done
        await caller.add(PATH, BODY)
        assert len((await caller.get(PATH)).rows("zakelijk")) == before + done + 1


@pytest.mark.virtual_time
@pytest.mark.parametrize(("kind", "done"), [("stall", False), ("stall-after", True)])
async def test_a_caller_that_does_not_wait(kind: str, *, done: bool) -> None:
    async with calling(open_sandbox(dossiers=1)) as caller:
        caller.sandbox.add_fault(Fault(kind=kind, match="POST *", times=1, seconds=20.0))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(caller.post(PATH, BODY), 10.0)
        await asyncio.sleep(20.0)
        assert len(caller.sandbox.records) == done
        assert caller.sandbox.log[-1].fault == kind


@pytest.mark.virtual_time
async def test_stall_after_answers_late_and_as_it_would_have(virtual_clock: VirtualClock) -> None:
    async with calling(open_sandbox(dossiers=1)) as caller:
        caller.sandbox.add_fault(Fault(kind="stall-after", seconds=15.0))
        started = virtual_clock.now()
        reply = await caller.post(PATH, BODY)
        assert virtual_clock.now() - started == pytest.approx(15.0)
        (record,) = caller.sandbox.records
        assert reply.headers["Location"] == f"{PATH}/{record.id}"


@pytest.mark.parametrize("status", [401, 429, 500])
async def test_status_after_has_the_body_of_its_status(status: int) -> None:
    async with calling(open_sandbox(dossiers=1)) as caller:
        for kind in ("status-after", "status"):
            caller.sandbox.add_fault(Fault(kind=kind, status=status, times=1))
        after, before = [await caller.post(PATH, BODY) for _ in range(2)]
        assert (after.status, after.body) == (before.status, before.body) == (status, after.body)
        assert "Location" not in after.headers
        assert len(caller.sandbox.records) == 1
        assert caller.sandbox.rejected_429 == (2 if status == 429 else 0)
        assert [entry.status for entry in caller.sandbox.log[1:]] == [status, status]


async def test_a_write_that_the_limits_refuse_is_not_carried_out() -> None:
    sandbox = open_sandbox(dossiers=1, limits="documented", clock=lambda: 100.0)
    async with calling(sandbox) as caller:
        statuses = [(await caller.post(PATH, BODY)).status for _ in range(6)]
        assert statuses == [201, 201, 201, 201, 429, 429]
        assert len(sandbox.records) == 4


@pytest.mark.virtual_time
async def test_a_body_that_breaks_off_is_not_carried_out() -> None:
    async with calling(open_sandbox(dossiers=1)) as caller:
        host, _, port = caller.sandbox.url.removeprefix("http://").partition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        head = f"POST {PATH}?access_token={caller.access_token} HTTP/1.1\r\nHost: x\r\n"
        writer.write(f'{head}Content-Length: 18\r\n\r\n{{"naam":'.encode())
        await writer.drain()
        await asyncio.sleep(1.0)
        assert len(caller.sandbox.log) == 2
        writer.close()
        await writer.wait_closed()
        assert await reader.read() == b""
        await asyncio.sleep(5.0)
        assert caller.sandbox.records == []
        assert (await caller.post(PATH, BODY)).status == 201
