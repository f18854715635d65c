"""Procura's sandbox under each weather; what it shares with that of Elements is tested there."""

import asyncio
from typing import Any

import orjson
import pytest

from elements_procura.sandbox import Weather
from elements_procura.sandbox.core.weather import KINDS
from elements_procura.sandbox.procura.lateness import LATE
from tests.sandbox_procura.procura_caller import Caller, Reply, calling, documented

SEARCH = {"paging": {"pageNumber": 0, "pageSize": 100}}
FRONTS = {
    "default-backend": 404, "waf": 403, "gone-page": 410, "bad-gateway": 502, "unavailable": 503,
    "page": 200, "bad-request-page": 400, "maintenance": 200, "invalid-token": 200, "empty": 200,
    "refused-token": 401, "login-page": 401,
}  # fmt: skip
OTHERS = {
    "reset", "refused", "not-found", "forbidden", "bom", "cut-json", "cut-gzip", "stray",
    "stray-pooled", "emptied", "total", "odd-scalars", "bad-rows", "broken-search", "slow-search",
    "late-commit",
}  # fmt: skip


def test_every_weather_has_a_test_here_or_beside_that_of_elements() -> None:
    assert {name for name, kind in KINDS.items() if kind.procura} == FRONTS.keys() | OTHERS


def first(caller: Caller, ending: str = "") -> str:
    """The path of the first detail below the prefix, or of what ends so."""
    for dossier in caller.sandbox.dossier_ids:
        for path in caller.sandbox.truth(dossier):
            if path.endswith(ending):
                return path.removeprefix("/api/v1/")
    raise AssertionError(ending)


async def under(caller: Caller, weather: str | Weather, path: str) -> Reply:
    caller.sandbox.set_weather([weather])
    reply = await caller.get(path)
    assert caller.sandbox.log[-1].weather
    return reply


async def rows(caller: Caller) -> list[Any]:
    reply = await caller.post("dossiers/search", SEARCH)
    found: list[Any] = reply.json["result"]["content"]
    return found


@pytest.mark.parametrize("name", FRONTS)
async def test_a_front_answers_for_the_api(name: str) -> None:
    async with calling() as caller:
        path = first(caller)
        reply = await under(caller, name, path)
        assert reply.status == FRONTS[name]
        caller.sandbox.clear_weather()
        assert (await caller.get(path)).status == 200


async def test_not_found_is_what_the_back_office_says() -> None:
    async with calling() as caller:
        path = first(caller)
        name = path.rpartition("/")[2]
        reply = await under(caller, "not-found", path)
        assert (reply.status, reply.message) == (500, f"Er is geen zaak met zaak-id '{name}'")
        listed = await caller.get(f"dossiers/{name}/documents")
        assert listed.message == reply.message
        assert len(await rows(caller)) == 6


async def test_not_found_as_documented() -> None:
    async with calling(not_found=404) as caller:
        reply = await under(caller, "not-found", first(caller))
        assert (reply.status, reply.json["code"]) == (404, "notFoundError")


async def test_forbidden() -> None:
    async with calling() as caller:
        reply = await under(caller, "forbidden", first(caller, "/documents"))
        assert (reply.status, reply.body) == (403, b"")
        assert "insufficient_scope" in reply.headers["WWW-Authenticate"]
        assert (await caller.get(first(caller))).status == 200


async def test_bom_and_cut_json() -> None:
    async with calling() as caller:
        path = first(caller)
        truth = orjson.dumps((await caller.get(path)).json)
        assert (await under(caller, "bom", path)).body == b"\xef\xbb\xbf" + truth
        assert (await under(caller, "cut-json", path)).body == truth[: len(truth) // 2]


async def test_stray() -> None:
    async with calling(dossiers=12, documented=1.0) as caller:
        for ending in ("", "/documents"):
            path = first(caller, ending)
            fair = (await caller.get(path)).json
            stray = await under(caller, Weather("stray", match="GET *"), path)
            assert (stray.status, type(stray.json)) == (200, type(fair))
            assert stray.json != fair
            caller.sandbox.clear_weather()


async def test_emptied() -> None:
    async with calling(documented=1.0) as caller:
        path = first(caller, "/documents")
        assert (await caller.get(path)).json
        assert (await under(caller, "emptied", path)).json == []
        assert len(await rows(caller)) == 6


async def test_total_and_bad_rows() -> None:
    async with calling() as caller:
        caller.sandbox.set_weather(["total"])
        result = (await caller.post("dossiers/search", SEARCH)).json["result"]
        assert (len(result["content"]), result["elements"], result["totalElements"]) == (3, 3, 6)
        caller.sandbox.set_weather(["bad-rows"])
        ids = [row["dossierId"] for row in await rows(caller)]
        assert (ids[0], ids[3]) == (None, "")
        assert len([each for each in ids if each]) == 4


async def test_odd_scalars() -> None:
    async with calling() as caller:
        assert b"0000-00-00" in (await under(caller, "odd-scalars", first(caller))).body


async def test_broken_search() -> None:
    async with calling(dossiers=30) as caller:
        caller.sandbox.set_weather(["broken-search"])
        reply = await caller.post("dossiers/search", SEARCH)
        assert (reply.status, "could not be parsed" in (reply.message or "")) == (500, True)
        fine = await caller.post(
            "dossiers/search", SEARCH | {"dossierIds": [caller.sandbox.dossier_ids[1]]}
        )
        assert len(fine.json["result"]["content"]) == 1
        caller.sandbox.clear_weather()
        assert len(await rows(caller)) == 30


async def test_slow_search() -> None:
    async with calling(dossiers=60) as caller:
        caller.sandbox.set_weather(["slow-search"])
        reply = await caller.post("dossiers/search", SEARCH)
        assert (reply.status, "Timeout" in (reply.message or "")) == (500, True)
        small = SEARCH | {"paging": {"pageNumber": 0, "pageSize": 50}}
        found = (await caller.post("dossiers/search", small)).json["result"]["content"]
        assert len(found) == 50


@pytest.mark.virtual_time
async def test_late_commit() -> None:
    async with calling() as caller:
        caller.sandbox.set_weather(["late-commit"])
        reply = await caller.post("relocations/intra", documented("relocations/intra"))
        assert (reply.status, "Timeout" in (reply.message or "")) == (500, True)
        assert len(await rows(caller)) == 6
        await asyncio.sleep(LATE)
        assert len(await rows(caller)) == 7


async def test_weather_breaks_no_row_for_good() -> None:
    async with calling(dossiers=30) as caller:
        broken, other = caller.sandbox.dossier_ids[2], caller.sandbox.dossier_ids[1]
        caller.sandbox.break_row(broken)
        caller.sandbox.set_weather(["broken-search"])
        await rows_or_none(caller)
        caller.sandbox.clear_weather()
        assert await rows_or_none(caller) is None
        caller.sandbox.heal_row(broken)
        assert other in [row["dossierId"] for row in await rows(caller)]


async def rows_or_none(caller: Caller) -> list[Any] | None:
    reply = await caller.post("dossiers/search", SEARCH)
    return reply.json["result"]["content"] if reply.status == 200 else None
