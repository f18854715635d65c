"""Writes over real HTTP: never repeated unless they provably did not take effect."""

import asyncio
import hashlib
import logging
from typing import Any

import aiohttp
import attrs
import pytest

from elements_procura.core.http import Request
from elements_procura.core.timeouts import Timeouts
from elements_procura.elements.client import MAX_BODY
from elements_procura.errors import (
    InputError,
    NotSent,
    OutcomeUnknown,
    PayloadTooLarge,
    ReadOnlyError,
)
from elements_procura.paths import Path
from elements_procura.sandbox import Fault, Sandbox
from tests.client_kit import (
    DOSSIER,
    Exchange,
    client_at,
    client_for,
    data_requests,
    grants,
    raw_server,
    told,
)
from tests.clock import QuickClock, VirtualClock

EMPTY = hashlib.sha256(b"").hexdigest()
TEMPLATE = "/api/data/klantdossiers/{DOSSIER_ID}"


@pytest.mark.virtual_time
@pytest.mark.parametrize(
    ("fault", "text"),
    [
        (Fault(kind="reset", match="POST /api/*"), "the connection broke"),
        (Fault(kind="reset-after", match="POST /api/*"), "the connection broke"),
        (Fault(kind="status", status=500, match="POST /api/*"), "status 500 after sending"),
        (Fault(kind="status", status=503, match="POST /api/*"), "status 503 after sending"),
        (Fault(kind="truncate", match="POST /api/*"), "the answer broke off"),
        (Fault(kind="stall", seconds=4.0, match="POST /api/*"), "no answer in time"),
    ],
    ids=lambda each: f"{each.kind}-{each.status}" if isinstance(each, Fault) else "",
)
async def test_a_write_of_unknown_outcome_is_not_sent_again(fault: Fault, text: str) -> None:
    clock = VirtualClock()
    async with (
        Sandbox(dossiers=1, limits="off") as sandbox,
        client_for(sandbox, clock=clock) as patient,
    ):
        await patient.authenticate()
        client = patient
        if fault.kind == "stall":
            client = patient.with_options(timeout=Timeouts(read=1))
        sandbox.add_fault(fault)
        before = clock.wall()
        with pytest.raises(OutcomeUnknown, match=text) as caught:
            await client.request("POST", DOSSIER)
        error = caught.value
        assert (error.method, error.template, error.attempts) == ("POST", TEMPLATE, 1)
        assert (error.digest, before <= error.sent_at <= clock.wall()) == (EMPTY, True)
        assert "look before sending it again" in error.hint
        assert [method for method, *_ in data_requests(sandbox)] == ["POST"]
        assert client.counters.sent == len(sandbox.log)


OBJECTION = (
    b'{"error": "bsn 123456782 bestaat al", "errors": [{"field": "bsn", "message": "dubbel"}]}'
)


@pytest.mark.parametrize("status", ["500 Oops", "502 Bad Gateway", "503 Busy"])
async def test_a_write_of_unknown_outcome_has_the_servers_words_and_shows_none(
    status: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    async def objecting(exchange: Exchange) -> None:
        exchange.answer(OBJECTION, status, "Content-Type: application/json")

    async with raw_server(objecting) as server, client_at(server.url) as client:
        with pytest.raises(OutcomeUnknown) as caught:
            await client.request("POST", DOSSIER, body=b"{}")
        assert server.asked == [f"POST {DOSSIER}"]
    error = caught.value
    assert error.server_message == "bsn 123456782 bestaat al"
    assert [(fault.path, fault.message) for fault in error.faults] == [("bsn", "dubbel")]
    assert "server_message and faults" in str(error)
    for text in (told(error), caplog.text):
        assert not {word for word in ("123456782", "dubbel") if word in text}


@pytest.mark.virtual_time
@pytest.mark.parametrize("ending", ["html", "cut", "silent", "endless"])
async def test_a_write_of_unknown_outcome_stays_so_when_the_words_do_not_come(ending: str) -> None:
    endless = b'{"error": "' + b"x" * 2_000_000 + b'"}'

    async def failing(exchange: Exchange) -> None:
        match ending:
            case "html":
                exchange.answer(b"<html>bsn</html>", "503 Busy", "Content-Type: text/html")
            case "endless":
                exchange.answer(endless, "500 Oops", "Content-Type: application/json")
            case _:
                exchange.send(b"HTTP/1.1 500 Oops\r\nContent-Length: 99\r\n\r\n{")
        if ending == "cut":
            exchange.writer.close()

    async with (
        raw_server(failing) as server,
        client_at(server.url, timeouts=Timeouts(read=3)) as client,
    ):
        with pytest.raises(OutcomeUnknown, match="after sending") as caught:
            await client.request("POST", DOSSIER)
    assert (caught.value.server_message, caught.value.faults) == ("", ())


@pytest.mark.parametrize("status", [400, 404, 405, 413, 422])
async def test_a_refused_write_is_handed_on_as_it_came(status: int) -> None:
    fault = Fault(kind="status", status=status, match="POST /api/*")
    async with (
        Sandbox(dossiers=1, limits="off", faults=[fault]) as sandbox,
        client_for(sandbox) as client,
    ):
        response = await client.request("post", DOSSIER)
        assert (response.status, response.attempts) == (status, 1)
        assert response.body == b'{"error":"Fault on order"}'
        assert response.headers["content-type"] == "application/json"


async def test_nothing_was_sent_to_a_server_that_is_gone() -> None:
    clock = QuickClock()
    async with Sandbox(dossiers=1, limits="off") as sandbox:
        client = client_for(sandbox, clock=clock)
        await client.authenticate()
    async with client:
        with pytest.raises(NotSent) as caught:
            await client.request("POST", DOSSIER)
    assert type(caught.value) is NotSent
    assert caught.value.attempts == 3
    assert data_requests(sandbox) == []


async def test_a_write_that_was_refused_a_connection_is_sent_when_there_is_one() -> None:
    class Reviving(QuickClock):
        async def sleep(self, seconds: float) -> None:
            if seconds >= 0.2:
                await sandbox.start(port=port)
            await super().sleep(seconds)

    async with Sandbox(dossiers=1, limits="off") as sandbox:
        port = int(sandbox.url.rpartition(":")[2])
        async with client_for(sandbox, clock=Reviving()) as client:
            await client.authenticate()
            await sandbox.close()
            response = await client.request("POST", DOSSIER)
            assert (response.status, response.attempts) == (405, 2)
        assert [method for method, *_ in data_requests(sandbox)] == ["POST"]


async def test_a_write_is_repeated_when_the_token_was_refused() -> None:
    async with Sandbox(dossiers=1, limits="off") as sandbox, client_for(sandbox) as client:
        await client.authenticate()
        sandbox.expire_tokens()
        response = await client.request("POST", DOSSIER)
        assert (response.status, response.attempts) == (405, 2)
        assert [status for *_, status in data_requests(sandbox)] == [401, 405]
        assert grants(sandbox) == ["organisation", "refresh_token"]


async def test_a_write_is_repeated_when_it_was_one_too_many() -> None:
    fault = Fault(kind="status", status=429, match="POST /api/*", times=2)
    async with (
        Sandbox(dossiers=1, limits="off", faults=[fault]) as sandbox,
        client_for(sandbox) as client,
    ):
        response = await client.request("POST", DOSSIER)
        assert (response.status, response.attempts) == (405, 3)


async def test_what_nobody_can_explain_is_not_called_unsent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An exception of a kind that is not known may come from after the request had left."""

    async def explode(*_: Any, **__: Any) -> None:
        raise RuntimeError("nobody knows")

    async with Sandbox(dossiers=1, limits="off") as sandbox, client_for(sandbox) as client:
        await client.authenticate()
        monkeypatch.setattr(aiohttp.ClientSession, "request", explode)
        with pytest.raises(OutcomeUnknown, match="RuntimeError") as caught:
            await client.request("POST", DOSSIER)
        assert "nobody knows" not in str(caught.value)
        assert caught.value.__context__ is None


async def test_the_digest_is_of_the_body_that_was_sent() -> None:
    async with (
        Sandbox(dossiers=1, limits="off") as sandbox,
        client_for(sandbox) as client,
    ):
        await client.authenticate()
        sandbox.add_fault(Fault(kind="reset", match="POST /api/*"))
        request = Request("POST", Path.literal(DOSSIER), body=b'{"a": 1}', repeatable=False)
        with pytest.raises(OutcomeUnknown) as caught:
            await client._session.send(request)
        assert caught.value.digest == hashlib.sha256(b'{"a": 1}').hexdigest()


async def test_every_write_has_a_connection_of_its_own_and_reads_share() -> None:
    async def handler(exchange: Exchange) -> None:
        kept.append((exchange.method, exchange.headers.get("connection")))
        exchange.answer(b"{}")

    kept: list[tuple[str, str | None]] = []
    async with raw_server(handler) as server, client_at(server.url) as client:
        await client.authenticate()
        assert server.connections == 1
        for _ in range(3):
            await client.request("GET", "/api/x")
        assert server.connections == 2
        for _ in range(3):
            await client.request("POST", "/api/x")
        assert server.connections == 5
        assert kept[0] == ("GET", None)
        assert kept[-1] == ("POST", "close")


async def test_a_server_that_closes_idle_connections_loses_no_write() -> None:
    """On a kept-alive connection it could not be told whether the write was executed."""

    async def handler(exchange: Exchange) -> None:
        exchange.answer(b"{}")
        await exchange.writer.drain()
        exchange.writer.close()

    async with raw_server(handler) as server, client_at(server.url) as client:
        for _ in range(20):
            await client.request("GET", "/api/x")
            assert (await client.request("POST", "/api/x")).attempts == 1


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "HEAD", "post"])
async def test_a_read_only_client_sends_no_write(method: str) -> None:
    async with (
        Sandbox(dossiers=1, limits="off") as sandbox,
        client_for(sandbox, read_only=True) as client,
    ):
        with pytest.raises(ReadOnlyError, match=f"{method.upper()} {TEMPLATE}"):
            await client.request(method, DOSSIER)
        assert sandbox.log == []
        assert (await client.klantdossiers.get(5526)).id == 5526


@pytest.mark.parametrize("method", ["", "GET /x HTTP/1.1\r\nX:", "G ET", "GET\r\n", "GÉT"])
async def test_what_is_no_method_is_not_sent(method: str) -> None:
    async with Sandbox(dossiers=1) as sandbox, client_for(sandbox) as client:
        with pytest.raises(InputError):
            await client.request(method, DOSSIER)
        assert sandbox.log == []


async def test_a_body_over_the_documented_limit_is_not_sent() -> None:
    assert MAX_BODY == 25 * 1024 * 1024
    request = Request("POST", Path.literal(DOSSIER), body=bytes(MAX_BODY + 1), repeatable=False)
    async with Sandbox(dossiers=1, limits="off") as sandbox, client_for(sandbox) as client:
        with pytest.raises(PayloadTooLarge, match="26,214,401 bytes, 26,214,400 are allowed"):
            await client._session.send(request)
        assert sandbox.log == []
        longest = attrs.evolve(request, body=bytes(MAX_BODY))
        client._session.check(longest)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        ("413 Too Large", b""),
        ("400 Bad Request", b'{"error": "Het bericht is groter dan toegestaan"}'),
    ],
)
async def test_the_servers_own_word_on_size(status: str, body: bytes) -> None:
    async def handler(exchange: Exchange) -> None:
        exchange.answer(body, status)

    async with raw_server(handler) as server, client_at(server.url) as client:
        with pytest.raises(PayloadTooLarge):
            await client.klantdossiers.get(1)
        assert len(server.asked) == 1


@pytest.mark.virtual_time
async def test_a_cancelled_write_ends_at_once(virtual_clock: VirtualClock) -> None:
    async with Sandbox(dossiers=1, limits="off") as sandbox, client_for(sandbox) as client:
        await client.authenticate()
        sandbox.add_fault(Fault(kind="stall", seconds=5, match="POST /api/*"))
        call = asyncio.create_task(client.request("POST", DOSSIER))
        await asyncio.sleep(1)
        started = virtual_clock.now()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        assert virtual_clock.now() - started < 1
        assert [method for method, *_ in data_requests(sandbox)] == ["POST"]
