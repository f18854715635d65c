"""Faults on order, as a caller meets them."""

import asyncio
from pathlib import Path

import aiohttp
import pytest

from elements_procura.sandbox import Fault, Sandbox
from tests.clock import VirtualClock
from tests.sandbox.sandbox_caller import ROOT, Caller, calling, open_sandbox

PRODUCTS = f"{ROOT}/5526/producten"


async def outcomes(caller: Caller, count: int, path: str = PRODUCTS) -> list[int]:
    return [(await caller.get(path)).status for _ in range(count)]


async def test_status() -> None:
    async with calling(open_sandbox()) as caller:
        caller.sandbox.add_fault(Fault(kind="status", status=502, times=1))
        reply = await caller.get(PRODUCTS)
        assert (reply.status, reply.headers["Content-Type"]) == (502, "application/json")
        assert "error" in reply.json
        assert await outcomes(caller, 1) == [200]
        assert [(entry.status, entry.fault) for entry in caller.sandbox.log[1:]] == [
            (502, "status"),
            (200, None),
        ]


async def test_status_429_has_the_documented_body_and_counts() -> None:
    async with calling(open_sandbox()) as caller:
        caller.sandbox.add_fault(Fault(kind="status", status=429))
        reply = await caller.get(PRODUCTS)
        assert reply.json == {"error": "Limit exceeded of 5 request(s) in 1 second(s)"}
        assert caller.sandbox.rejected_429 == 1


async def test_reset_does_nothing_and_drops_the_connection() -> None:
    async with calling(open_sandbox()) as caller:
        refresh = (await caller.organisation()).json["refresh_token"]
        caller.sandbox.add_fault(Fault(kind="reset", match="POST /oauth/*", times=1))
        form = {"grant_type": "refresh_token", "refresh_token": refresh}
        with pytest.raises(aiohttp.ClientConnectionError):
            await caller.grant(**form)
        assert (caller.sandbox.log[-1].status, caller.sandbox.log[-1].fault) == (0, "reset")
        assert (await caller.grant(**form)).status == 200


async def test_reset_after_has_rotated_the_token() -> None:
    async with calling(open_sandbox()) as caller:
        refresh = (await caller.organisation()).json["refresh_token"]
        caller.sandbox.add_fault(Fault(kind="reset-after", times=1))
        form = {"grant_type": "refresh_token", "refresh_token": refresh}
        with pytest.raises(aiohttp.ClientConnectionError):
            await caller.grant(**form)
        assert (await caller.grant(**form)).json["error"] == "invalid_grant"


@pytest.mark.virtual_time
async def test_stall_answers_late(virtual_clock: VirtualClock) -> None:
    async with calling(open_sandbox()) as caller:
        caller.sandbox.add_fault(Fault(kind="stall", seconds=20.0))
        started = virtual_clock.now()
        assert await outcomes(caller, 1) == [200]
        assert virtual_clock.now() - started == pytest.approx(20.0)


@pytest.mark.virtual_time
@pytest.mark.parametrize("kind", ["stall", "drip"])
async def test_closing_waits_for_no_slow_answer(kind: str, virtual_clock: VirtualClock) -> None:
    async with calling(open_sandbox()) as caller:
        caller.sandbox.add_fault(Fault(kind=kind, seconds=60.0))
        asking = asyncio.create_task(caller.get(PRODUCTS))
        await asyncio.sleep(1.0)
        assert len(caller.sandbox.log) == 2
        started = virtual_clock.now()
        await caller.sandbox.close()
        assert virtual_clock.now() - started < 5.0
        await asyncio.wait([asking])
        asking.exception()


async def test_truncate_breaks_off_half_way() -> None:
    async with calling(open_sandbox()) as caller:
        caller.sandbox.add_fault(Fault(kind="truncate"))
        whole = caller.sandbox.truth(5526)[PRODUCTS]
        query = {"access_token": caller.access_token}
        async with caller.session.get(caller.sandbox.url + PRODUCTS, params=query) as response:
            assert response.headers["Content-Length"] == str(len(whole))
            assert await response.content.readexactly(len(whole) // 2) == whole[: len(whole) // 2]
            with pytest.raises(aiohttp.ClientPayloadError):
                await response.read()


async def test_cut_json_is_well_framed() -> None:
    async with calling(open_sandbox()) as caller:
        caller.sandbox.add_fault(Fault(kind="cut-json"))
        whole = caller.sandbox.truth(5526)[PRODUCTS]
        reply = await caller.get(PRODUCTS)
        assert (reply.status, reply.headers["Content-Type"]) == (200, "application/json")
        assert reply.body == whole[: len(whole) // 2]


async def test_html_and_empty_have_status_200() -> None:
    async with calling(open_sandbox()) as caller:
        caller.sandbox.add_fault(Fault(kind="html", times=1))
        caller.sandbox.add_fault(Fault(kind="empty", times=1))
        page = await caller.get(PRODUCTS)
        assert (page.status, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
        assert page.body.startswith(b"<!DOCTYPE html>")
        empty = await caller.get(PRODUCTS)
        assert (empty.status, empty.body) == (200, b"")


@pytest.mark.parametrize("dossiers", [1, 3])
@pytest.mark.parametrize(
    "relation", ["/producten", "", "/klanten/particulier/120954/adressen", "/contracten/6741"]
)
async def test_other_body_is_of_another_document(dossiers: int, relation: str) -> None:
    path = f"{ROOT}/5526{relation}"
    async with calling(open_sandbox(dossiers=dossiers)) as caller:
        own = (await caller.get(path)).body
        caller.sandbox.add_fault(Fault(kind="other-body"))
        other = await caller.get(path)
        assert other.status == 200
        assert other.body != own
        target = other.json["_links"]["self"]["href"]
        if dossiers > 1 and relation != "/contracten/6741":
            assert target.startswith(f"{ROOT}/3000")
            assert other.body == caller.sandbox.truth(int(target.split("/")[4]))[target]
            assert target.count("/") == path.count("/")
        # A refusal stays one: there is nothing to mix up.
        assert (await caller.get(f"{ROOT}/1")).status == 404


async def test_other_body_of_the_listing() -> None:
    async with calling(open_sandbox()) as caller:
        caller.sandbox.add_fault(Fault(kind="other-body"))
        assert (await caller.get(ROOT)).body == caller.sandbox.truth(5526)[f"{ROOT}/5526"]


@pytest.mark.virtual_time
async def test_drip_is_slow_but_whole(virtual_clock: VirtualClock) -> None:
    async with calling(open_sandbox()) as caller:
        caller.sandbox.add_fault(Fault(kind="drip", seconds=20.0))
        started = virtual_clock.now()
        reply = await caller.get(PRODUCTS)
        assert virtual_clock.now() - started == pytest.approx(20.0)
        assert reply.body == caller.sandbox.truth(5526)[PRODUCTS]


async def test_after_and_times() -> None:
    async with calling(open_sandbox()) as caller:
        caller.sandbox.add_fault(Fault(kind="status", match="GET *", after=2, times=2))
        assert await outcomes(caller, 6) == [200, 200, 503, 503, 200, 200]


@pytest.mark.parametrize(
    ("match", "hit"),
    [
        ("*", True),
        (f"GET {PRODUCTS}", True),
        ("GET /api/data/klantdossiers/{DOSSIER_ID}/producten", True),
        ("GET */producten", True),
        ("POST *", False),
        ("GET /api/data/klantdossiers/{DOSSIER_ID}", False),
        ("GET /api/data/{ID}/producten", False),
        ("GET /api/data/klantdossiers/?526/producten", True),
        ("GET /api/data/klantdossiers/[1-4]526/producten", False),
    ],
)
async def test_match(match: str, *, hit: bool) -> None:
    async with calling(open_sandbox()) as caller:
        caller.sandbox.add_fault(Fault(kind="status", match=match))
        assert await outcomes(caller, 1) == [503 if hit else 200]


async def test_the_first_fault_hits_and_the_next_waits() -> None:
    async with calling(open_sandbox()) as caller:
        caller.sandbox.add_fault(Fault(kind="status", status=500, times=2))
        caller.sandbox.add_fault(Fault(kind="status", status=504, times=1))
        assert await outcomes(caller, 4) == [500, 500, 504, 200]


async def test_chance_follows_the_seed() -> None:
    async def hits(seed: int) -> list[int]:
        fault = Fault(kind="status", match="GET *", probability=0.5)
        async with calling(open_sandbox(seed=seed, faults=[fault])) as caller:
            return await outcomes(caller, 40)

    first = await hits(1)
    assert 8 < first.count(503) < 32
    assert await hits(1) == first
    assert await hits(2) != first


async def test_clear_faults() -> None:
    async with calling(open_sandbox()) as caller:
        caller.sandbox.add_fault(Fault(kind="status"))
        assert await outcomes(caller, 1) == [503]
        caller.sandbox.clear_faults()
        assert await outcomes(caller, 1) == [200]


async def test_limits_go_before_faults() -> None:
    sandbox = Sandbox(dossiers=1, limits="documented", clock=lambda: 100.0)
    async with calling(sandbox) as caller:
        sandbox.add_fault(Fault(kind="status", status=500, times=5))
        assert await outcomes(caller, 6) == [500, 500, 500, 500, 429, 429]


@pytest.mark.virtual_time
async def test_every_answer_takes_the_least_latency(virtual_clock: VirtualClock) -> None:
    async with calling(open_sandbox(min_latency=0.5)) as caller:
        started = virtual_clock.now()
        assert await outcomes(caller, 2) == [200, 200]
        assert virtual_clock.now() - started == pytest.approx(1.0)


def test_a_plan_is_read_inline_and_from_a_file(tmp_path: Path) -> None:
    text = '[{"kind": "stall", "seconds": 2.5, "match": "GET *"}, {"kind": "reset", "times": 1}]'
    plan = (
        Fault(kind="stall", seconds=2.5, match="GET *"),
        Fault(kind="reset", times=1),
    )
    assert Fault.parse(text) == plan
    file = tmp_path / "plan.json"
    file.write_text(text, encoding="utf-8")
    assert Fault.parse(str(file)) == plan
    assert Fault.parse("[]") == ()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[{"kind": "reset"}, {"kind": "reset", "mach": "*"}]', "fault 2: unknown key 'mach'"),
        ("[{}]", "fault 1: 'kind' is missing"),
        ('[{"kind": "boom"}]', "fault 1: 'kind' is one of status, reset, .*'boom'"),
        ('[{"kind": "reset", "probability": 2}]', "fault 1: 'probability' .* 0 to 1, not 2"),
        ('[{"kind": "reset", "probability": "often"}]', "'probability' must be a number"),
        ('[{"kind": "reset", "times": 1.5}]', "'times' must be a whole number"),
        ('[{"kind": "reset", "times": true}]', "'times' must be a number"),
        ('[{"kind": "reset", "after": -1}]', "'after' must be a number from 0"),
        ('[{"kind": "status", "status": 99}]', "'status' must be a number from 200 to 599"),
        ('[{"kind": "drip", "seconds": null}]', "'seconds' must be a number"),
        ('[{"kind": "reset", "match": 3}]', "'match' must be a text"),
        ('["reset"]', "fault 1 must be an object"),
        ('{"kind": "reset"}', "must be a JSON list"),
        ("[{]", "not JSON"),
        ("/nowhere/plan.json", "cannot read the fault plan"),
    ],
)
def test_a_bad_plan_says_where_and_what(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Fault.parse(text)
