"""Every documented call of Procura goes over the wire as documented and comes back typed."""

from typing import Any

import attrs
import orjson
import pytest
from aiohttp import web

from elements_procura.core.catalogue import catalogue
from elements_procura.errors import BadRequest
from elements_procura.procura._wire import procura_wire
from elements_procura.procura.client import ProcuraClient
from elements_procura.procura.models.dossiers import Download
from elements_procura.procura.models.info import Info
from elements_procura.schema.model import Model
from tests.contract_calls import CALLS, PROCURA
from tests.elements.all_ways import AllWays
from tests.procura.procura_kit import CONTEXT, DATA, answering, client_at, replaying

DOCUMENTED: list[dict[str, Any]] = orjson.loads(DATA.read_bytes())
WIRE = AllWays(procura_wire)
REFUSED = 4  # the one documented call that is refused


def name_of(call: dict[str, Any]) -> str:
    return f"{call['method']} {call['path']}"


def within(record: Any) -> list[Model]:
    found = [record]
    for attribute in attrs.fields(type(record)):
        value = getattr(record, attribute.name)
        for item in value if isinstance(value, tuple) else (value,):
            if isinstance(item, Model):
                found += within(item)
    return found


def as_sent(request: Any) -> Any:
    """The documented body, with the fractions that the server has no use for cut off."""
    if isinstance(request, dict) and "entryDateTimePeriod" in request:
        period = request["entryDateTimePeriod"]
        cut = {end: text.partition(".")[0] for end, text in period.items()}
        return request | {"entryDateTimePeriod": cut}
    return request


def test_the_28_have_a_call() -> None:
    documented = {(call["method"], call["path"]) for call in DOCUMENTED}
    assert len(DOCUMENTED) == 32
    assert len(documented) == 27
    assert set(PROCURA) == documented | {("GET", "/api/v1/info")}
    assert set(PROCURA) <= set(CALLS)
    listed = {(each.method, each.path) for each in catalogue("procura", ProcuraClient)}
    assert listed == set(PROCURA)


@pytest.mark.parametrize(
    "number",
    [number for number in range(len(DOCUMENTED)) if number != REFUSED],
    ids=lambda number: f"{number}-{name_of(DOCUMENTED[number])}",
)
async def test_the_wire_shows_what_is_documented(number: int) -> None:
    call = DOCUMENTED[number]
    content = call["text"].encode() if call["text"] else b""
    body = content if call["body"] is None else call["body"]
    answers = answering(body, status=call["status"], headers=call["headers"])
    async with replaying(answers) as server, client_at(server.url) as client:
        make = CALLS[call["method"], call["path"]]
        got = await make(client, dict(call["ids"]), call["request"], dict(call["query"]))
    [seen] = server.seen
    assert (seen.method, seen.path) == (call["method"], call["path"].format(**call["ids"]))
    assert seen.query == call["query"]
    assert seen.body == as_sent(call["request"])
    assert seen.headers["Authorization"] == "Bearer token-of-a-test"
    assert ("Content-Type" in seen.headers) is (call["request"] is not None)
    check(call, got)


def check(call: dict[str, Any], got: Any) -> None:
    body = call["body"]
    if call["text"]:
        assert got == Download(b"some text", "document.txt")
    elif body is None:
        assert got is None
    elif isinstance(body, list):
        assert [written(record) for record in got] == body
    else:
        assert written(got) == without_empty(body.get("result", body))


def written(record: Model) -> Any:
    for each in within(record):
        assert each.extra == {}, type(each).__name__
    data = orjson.loads(orjson.dumps(WIRE.to_wire(record)))
    assert WIRE.structure(data, type(record)) == record
    return data


def without_empty(value: Any) -> Any:
    """Without the empty lists: a list that is absent and an empty one are the same here."""
    if isinstance(value, dict):
        return {key: without_empty(item) for key, item in value.items() if item != []}
    return [without_empty(item) for item in value] if isinstance(value, list) else value


async def test_the_documented_refusal_is_told() -> None:
    call = DOCUMENTED[REFUSED]
    answers = answering(call["body"], status=400)
    async with replaying(answers) as server, client_at(server.url) as client:
        with pytest.raises(BadRequest, match="startDate is mandatory") as caught:
            await CALLS[call["method"], call["path"]](client, {}, call["request"], {})
    assert server.seen[0].body == call["request"]
    assert caught.value.server_message == "startDate is mandatory"


async def test_info_goes_without_a_token() -> None:
    answer = {"version": "1.0.22", "buildTime": "24 sep. 2024 - 10:00"}
    async with replaying(answering(answer)) as server, client_at(server.url) as client:
        info = await CALLS["GET", "/api/v1/info"](client, {}, None, {})
        sent = client.counters.sent
    assert info == Info(version="1.0.22", build_time="24 sep. 2024 - 10:00")
    assert "Authorization" not in server.seen[0].headers
    assert (server.seen[0].path, sent) == ("/api/v1/info", 1)


async def test_a_cancellation_without_a_message_has_no_body() -> None:
    async with replaying(answering(b"", status=204)) as server, client_at(server.url) as client:
        key = ("POST", "/api/v1/commitments/{dossierId}/cancel")
        await CALLS[key](client, {"dossierId": "a-1"}, None, {})
    assert server.seen[0].body is None
    assert server.seen[0].path == "/api/v1/commitments/a-1/cancel"


async def test_everything_is_below_the_context() -> None:
    paths = []

    def note(request: web.Request, _body: bytes) -> web.Response:
        paths.append(request.path)
        return web.json_response({"relatives": []})

    async with replaying(note) as server, client_at(server.url) as client:
        await client.relatives.get("36")
    assert paths == [f"{CONTEXT}/api/v1/relatives/000000036"]
