"""Each weather by its name, as a caller meets it on the wire; the truth is not touched by it."""

import asyncio
import gc
import gzip
import json
import socket
import warnings
import zlib
from collections.abc import Callable
from typing import Any

import aiohttp
import orjson
import pytest

from elements_procura.sandbox import Sandbox, Weather
from elements_procura.sandbox.core.weather import KINDS, MIXES
from tests.sandbox.sandbox_caller import ROOT, Caller, Reply, calling, open_sandbox

OWN = f"{ROOT}/5526"
PRODUCTS = f"{OWN}/producten"
PERSONS = f"{OWN}/klanten/particulier"


def error(reply: Reply) -> Any:
    return reply.json["error"]


FRONTS: dict[str, tuple[int, str, Callable[[Reply], bool]]] = {
    "default-backend": (404, "text/plain", lambda it: it.body == b"default backend - 404"),
    "waf": (403, "application/json", lambda it: it.json == {"error": "Forbidden"}),
    "gone-page": (410, "text/html", lambda it: b"<html>" in it.body),
    "bad-gateway": (502, "text/html", lambda it: b"<html>" in it.body),
    "unavailable": (503, "text/html", lambda it: it.headers["Retry-After"] == "1"),
    "page": (200, "text/html", lambda it: b"<html>" in it.body),
    "bad-request-page": (400, "text/html", lambda it: b"<html>" in it.body),
    "maintenance": (200, "application/json", lambda it: it.json == {"error": "maintenance"}),
    "invalid-token": (200, "application/json", lambda it: it.json == {"error": "invalid_token"}),
    "refused-token": (401, "application/json", lambda it: it.json == {"error": "invalid_token"}),
    "login-page": (401, "text/html", lambda it: b"401 Authorization" in it.body),
    "empty": (200, "application/json", lambda it: it.body == b""),
}
OTHERS = {
    "reset", "refused", "not-found", "forbidden", "bom", "php-lists", "cut-json", "cut-gzip",
    "stray", "stray-pooled", "stray-unlinked", "unlinked", "renamed", "linkless", "emptied",
    "next-page", "total", "odd-scalars", "bad-rows",
}  # fmt: skip


def test_every_weather_has_a_test_here() -> None:
    elsewhere = {name for name, kind in KINDS.items() if kind.elements is None}
    assert KINDS.keys() - elsewhere == FRONTS.keys() | OTHERS
    assert all(KINDS.keys() >= set(kinds) for kinds in MIXES.values())


async def under(caller: Caller, weather: str | Weather, path: str = OWN) -> Reply:
    """One answer under weather that stays."""
    caller.sandbox.set_weather([weather])
    reply = await caller.get(path)
    assert caller.sandbox.log[-1].weather == (
        (weather if isinstance(weather, str) else weather.kind),
    )
    return reply


@pytest.mark.parametrize("name", FRONTS)
async def test_a_front_answers_for_the_api(name: str) -> None:
    status, media_type, is_right = FRONTS[name]
    async with calling(open_sandbox()) as caller:
        reply = await under(caller, name)
        assert (reply.status, reply.headers["Content-Type"].partition(";")[0]) == (
            status,
            media_type,
        )
        assert is_right(reply)
        caller.sandbox.clear_weather()
        assert (await caller.get(OWN)).body == caller.sandbox.truth(5526)[OWN]


async def test_a_front_keeps_writes_from_the_api_and_takes_no_place_in_the_limits() -> None:
    async with calling(open_sandbox()) as caller:
        caller.sandbox.set_weather(["page"])
        await caller.post(ROOT, {"omschrijving": "Nieuw", "dossierstatus": 1, "kantoor": 14830})
        assert not caller.sandbox.records
        assert not caller.sandbox.log[-1].counted


async def test_a_front_stands_before_the_token_endpoint_too() -> None:
    async with calling(open_sandbox()) as caller:
        caller.sandbox.set_weather(["bad-gateway"])
        assert (await caller.organisation()).status == 502


async def test_reset() -> None:
    async with calling(open_sandbox()) as caller:
        caller.sandbox.set_weather(["reset"])
        with pytest.raises(aiohttp.ClientConnectionError):
            await caller.get(OWN)


@pytest.mark.virtual_time
async def test_refused_closes_the_listener_and_opens_it_on_the_same_port() -> None:
    async with calling(open_sandbox()) as caller:
        url = caller.sandbox.url
        caller.sandbox.set_weather([Weather("refused", times=1, seconds=0.4)])
        with pytest.raises(aiohttp.ClientConnectionError):
            await caller.get(OWN)
        with pytest.raises(aiohttp.ClientConnectorError):
            await caller.get(OWN)
        await asyncio.sleep(0.5)
        reply = await caller.get(OWN)
        assert (reply.status, caller.sandbox.url) == (200, url)


async def test_a_sandbox_can_leave_and_come_back_by_hand() -> None:
    async with calling(open_sandbox()) as caller:
        await caller.sandbox.leave()
        with pytest.raises(aiohttp.ClientConnectorError):
            await caller.get(OWN)
        await caller.sandbox.come_back()
        await caller.sandbox.come_back()
        assert (await caller.get(OWN)).status == 200


async def test_a_sandbox_can_be_closed_while_it_is_away() -> None:
    async with calling(open_sandbox()) as caller:
        caller.sandbox.set_weather([Weather("refused", seconds=60)])
        with pytest.raises(aiohttp.ClientConnectionError):
            await caller.get(OWN)
    await caller.sandbox.start()
    await caller.sandbox.close()


@pytest.mark.parametrize(("name", "status"), [("not-found", 404), ("forbidden", 403)])
async def test_the_api_s_own_words(name: str, status: int) -> None:
    async with calling(open_sandbox()) as caller:
        own = await caller.get(f"{ROOT}/1")
        assert own.status == 404
        reply = await under(caller, name, PERSONS)
        assert reply.status == status
        assert reply.headers["Content-Type"] == own.headers["Content-Type"]
        assert reply.json.keys() == own.json.keys()
        assert (await caller.get(ROOT)).status == 200
        assert (await caller.get(OWN)).status == 200


async def test_forbidden_for_a_path_pattern() -> None:
    async with calling(open_sandbox()) as caller:
        match = "GET /api/data/klantdossiers/{DOSSIER_ID}/producten"
        await under(caller, Weather("forbidden", match=match), PRODUCTS)
        assert (await caller.get(PRODUCTS)).status == 403
        assert (await caller.get(PERSONS)).status == 200


async def test_bom() -> None:
    async with calling(open_sandbox()) as caller:
        reply = await under(caller, "bom")
        assert reply.body == b"\xef\xbb\xbf" + caller.sandbox.truth(5526)[OWN]
        token = await caller.organisation()
        assert orjson.loads(token.body.removeprefix(b"\xef\xbb\xbf"))["access_token"]


async def test_bom_leaves_pictures_alone() -> None:
    async with calling(open_sandbox()) as caller:
        path = next(each for each in caller.sandbox.truth(5526) if each.endswith("/download"))
        assert (await under(caller, "bom", path)).body == caller.sandbox.truth(5526)[path]


async def test_php_lists() -> None:
    async with calling(open_sandbox()) as caller:
        listed = (await under(caller, "php-lists", ROOT)).json["_embedded"]["klantdossiers"]
        assert list(listed) == ["0", "2", "3"]
        assert [row["id"] for row in listed.values()] == list(caller.sandbox.dossier_ids)
        empty = next(
            path
            for path, body in caller.sandbox.truth(300_001).items()
            if path.endswith("/panden") and b"[]" in body
        )
        assert (await caller.get(empty)).json["_embedded"] == {"panden": {}}


async def test_cut_json_is_well_framed() -> None:
    async with calling(open_sandbox()) as caller:
        truth = caller.sandbox.truth(5526)[OWN]
        reply = await under(caller, "cut-json")
        assert reply.body == truth[: len(truth) // 2]
        assert reply.headers["Content-Length"] == str(len(reply.body))


async def test_cut_gzip_is_well_framed() -> None:
    async with open_sandbox() as sandbox, aiohttp.ClientSession(auto_decompress=False) as session:
        caller = await Caller(sandbox, session).log_in()
        path = next(each for each in sandbox.truth(5526) if each.endswith("/download"))
        reply = await under(caller, "cut-gzip", path)
        truth = sandbox.truth(5526)[path]
        assert reply.headers["Content-Encoding"] == "gzip"
        assert reply.headers["Content-Length"] == str(len(reply.body))
        read = zlib.decompressobj(wbits=31).decompress(reply.body)
        assert truth.startswith(read)
        assert len(read) < len(truth)
        with pytest.raises(EOFError):
            gzip.decompress(reply.body)


async def test_stray() -> None:
    async with calling(open_sandbox()) as caller:
        reply = await under(caller, "stray")
        assert reply.json["id"] != 5526
        assert reply.json["_links"]["self"]["href"] == f"{ROOT}/{reply.json['id']}"


async def test_stray_pooled_is_what_the_connection_carried_before() -> None:
    async with calling(open_sandbox()) as caller:
        truth = caller.sandbox.truth(5526)
        caller.sandbox.set_weather(["stray-pooled"])
        kept = {"access_token": caller.access_token}

        async def ask(path: str, session: aiohttp.ClientSession = caller.session) -> bytes:
            async with session.get(caller.sandbox.url + path, params=kept) as reply:
                return await reply.read()

        assert await ask(OWN) == truth[OWN]
        assert await ask(PRODUCTS) == truth[OWN]
        assert await ask(OWN) == truth[PRODUCTS]
        async with aiohttp.ClientSession() as fresh:
            assert await ask(PERSONS, fresh) == truth[PERSONS]


async def test_stray_unlinked() -> None:
    async with calling(open_sandbox()) as caller:
        reply = await under(caller, "stray-unlinked")
        assert reply.json["id"] != 5526
        assert "_links" not in reply.json


async def test_unlinked_and_renamed() -> None:
    async with calling(open_sandbox()) as caller:
        fair = set((await caller.get(OWN)).json["_links"])
        lost = {"klanten/particulier", "producten"}
        assert lost < fair
        assert set((await under(caller, "unlinked")).json["_links"]) == fair - lost
        renamed = set((await under(caller, "renamed")).json["_links"])
        assert renamed == fair - lost | {"klanten/particulieren", "products"}


async def test_linkless() -> None:
    async with calling(open_sandbox()) as caller:
        assert "_links" not in (await under(caller, "linkless")).json
        assert "_links" in (await caller.get(PRODUCTS)).json


async def test_emptied() -> None:
    async with calling(open_sandbox()) as caller:
        assert (await caller.get(PRODUCTS)).rows("producten")
        reply = await under(caller, "emptied", PRODUCTS)
        assert reply.json["_embedded"] == {"producten": []}
        assert reply.json["_links"]["self"]["href"] == PRODUCTS
        assert len((await caller.get(ROOT)).rows("klantdossiers")) == 3


async def test_next_page() -> None:
    async with calling(open_sandbox()) as caller:
        reply = await under(caller, "next-page", ROOT)
        assert len(reply.rows("klantdossiers")) == 1
        assert reply.json["_links"]["next"] == {"href": f"{ROOT}?page=2"}


async def test_total() -> None:
    async with calling(open_sandbox()) as caller:
        reply = await under(caller, "total", ROOT)
        assert (len(reply.rows("klantdossiers")), reply.json["total"]) == (1, 3)


@pytest.mark.parametrize("order", [("bom", "php-lists", "total"), ("total", "php-lists", "bom")])
async def test_several_at_once_all_show_in_any_order(order: tuple[str, ...]) -> None:
    async with calling(open_sandbox()) as caller:
        caller.sandbox.set_weather(order)
        body = (await caller.get(ROOT)).body
        assert body.startswith(b"\xef\xbb\xbf")
        document = orjson.loads(body.removeprefix(b"\xef\xbb\xbf"))
        assert document["total"] == 3
        assert list(document["_embedded"]["klantdossiers"]) == ["1"]


async def test_odd_scalars() -> None:
    async with calling(open_sandbox(dossiers=6)) as caller:
        seen = ""
        for dossier in caller.sandbox.dossier_ids:
            for path in caller.sandbox.truth(dossier):
                if not path.endswith("/download"):
                    seen += (await under(caller, "odd-scalars", path)).body.decode()
        for odd in ('"0000-00-00"', "-00-00", ' 10:00:00"', ",00"):
            assert odd in seen
        own = (await caller.get(OWN)).json
        truth = orjson.loads(caller.sandbox.truth(5526)[OWN])
        assert (own["id"], own["_links"]) == (truth["id"], truth["_links"])
        assert own["aanmaakdatum"] != truth["aanmaakdatum"]


async def test_bad_rows() -> None:
    async with calling(open_sandbox(dossiers=8)) as caller:
        reply = await under(caller, "bad-rows", ROOT)
        ids = [row["id"] for row in json.loads(reply.body)["_embedded"]["klantdossiers"]]
        assert ids == [None, 300_001, 300_002, "", 300_004, 300_005, 2**70, 300_007]


async def test_the_truth_is_not_touched() -> None:
    async with calling(open_sandbox()) as caller:
        before = caller.sandbox.truth(5526), caller.sandbox.listing()
        for name in KINDS:
            if name != "refused":
                caller.sandbox.set_weather([name])
                for path in (ROOT, OWN, PRODUCTS):
                    try:
                        await caller.get(path)
                    except aiohttp.ClientError:
                        continue
        assert (caller.sandbox.truth(5526), caller.sandbox.listing()) == before
        caller.sandbox.clear_weather()
        assert (await caller.get(ROOT)).body == before[1]


async def test_times_after_and_several_at_once() -> None:
    async with calling(open_sandbox()) as caller:
        caller.sandbox.set_weather([Weather("waf", match="GET *", after=1, times=2), "bom"])
        got = [await caller.get(OWN) for _ in range(4)]
        assert [each.status for each in got] == [200, 403, 403, 200]
        assert got[0].body[:3] == got[3].body[:3] == b"\xef\xbb\xbf"
        assert caller.sandbox.log[-1].weather == ("bom",)


async def test_wait_seconds_and_every_go_by_the_sandbox_s_clock() -> None:
    now = 0.0
    async with calling(open_sandbox(clock=lambda: now)) as caller:
        caller.sandbox.set_weather([Weather("waf", wait=10, seconds=5, every=20)])
        got = []
        for moment in (100, 109, 110, 114, 115, 129, 130, 134.5, 135):
            now = moment
            got.append((await caller.get(OWN)).status)
        assert got == [200, 200, 403, 403, 200, 200, 403, 403, 200]


async def test_a_spell_can_begin_with_a_request() -> None:
    now = 0.0
    async with calling(open_sandbox(clock=lambda: now)) as caller:
        caller.sandbox.set_weather([Weather("waf", match="GET *", after=2, seconds=5)])
        got = []
        for moment in (0, 100, 200, 204, 205, 300):
            now = moment
            got.append((await caller.get(OWN)).status)
        assert got == [200, 200, 403, 403, 200, 200]


async def test_luck_depends_on_the_seed_and_a_path_s_own_requests_only() -> None:
    async def lucky(seed: int, order: list[str]) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        weather = [Weather("waf", match="GET *", probability=0.5)]
        async with calling(open_sandbox(seed=seed, weather=weather)) as caller:
            for path in order:
                found.setdefault(path, []).append((await caller.get(path)).status)
        return found

    one, other = [OWN] * 12 + [PRODUCTS] * 12, [OWN, PRODUCTS] * 12
    first = await lucky(1, one)
    assert first == await lucky(1, other)
    assert first != await lucky(2, one)
    assert {200, 403} == set(first[OWN]) == set(first[PRODUCTS])


def test_names_as_the_command_line_takes_them() -> None:
    (waf, page, bom) = Weather.parse("waf, bom,page")
    assert [waf.kind, page.kind, bom.kind] == ["waf", "page", "bom"]
    assert (waf.seconds, bom.seconds, bom.probability) == (3.0, None, 1.0)
    assert waf.wait + 3 < page.wait
    assert waf.every == page.every == 40
    assert {each.kind for each in Weather.parse("bad")} == set(MIXES["bad"])
    assert all(each.seconds or each.probability < 1 for each in Weather.parse("bad"))
    (both,) = (each for each in Weather.parse("bad,bom") if each.kind == "bom")
    assert both.probability == 1


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (lambda: Weather.parse("snow"), "no weather 'snow'; known are bad, broken, "),
        (lambda: Weather.parse(" , "), "missing"),
        (lambda: Weather("snow"), "'kind' is one of"),
        (lambda: Weather("waf", probability=2), "'probability' must be a number from 0 to 1"),
        (lambda: Weather("waf", times=1.5), "'times' must be a whole number"),  # type: ignore[arg-type] # on purpose
        (lambda: Weather("waf", every=3), "'every' needs 'seconds'"),
        (lambda: Sandbox(weather="snow"), "no weather 'snow'"),
        (lambda: Sandbox(weather=["snow"]), "'kind' is one of"),
    ],
)
def test_what_is_no_weather(given: Callable[[], object], told: str) -> None:
    with pytest.raises(ValueError, match=told.replace("(", r"\(")):
        given()


async def test_a_connection_taken_while_the_server_leaves_is_closed() -> None:
    """Else Python 3.11 loses its socket, and says so wherever garbage happens to be collected."""
    async with Sandbox(dossiers=1, limits="off") as sandbox:
        port = int(sandbox.url.rpartition(":")[2])
        callers = [socket.create_connection(("127.0.0.1", port)) for _ in range(5)]
        for _ in range(2):  # now they are accepted, and their transports are yet to be made
            await asyncio.sleep(0)
        await sandbox.leave()
        with warnings.catch_warnings(record=True) as lost:
            warnings.simplefilter("always", ResourceWarning)
            gc.collect()
        for each in callers:
            each.close()
        assert not lost


async def test_an_outage_hits_as_many_requests_as_it_should_at_least() -> None:
    times = iter((0.0, 0.0, 50.0, 100.0, 150.0, 200.0))
    now = [0.0]
    bad = Weather("bad-gateway", match="GET /api/*", seconds=1.0, least=3)
    async with calling(open_sandbox(weather=bad, clock=lambda: now[0])) as caller:

        async def status() -> int:
            now[0] = next(times)
            return (await caller.get(OWN)).status

        statuses = [await status() for _ in range(5)]
    assert statuses == [502, 502, 502, 200, 200]
