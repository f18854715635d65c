"""Answers that cannot be the one asked for, over real HTTP."""

import asyncio
import gzip
import tracemalloc
import zlib
from collections.abc import AsyncIterator

import pytest

from elements_procura.elements.models.klantdossiers import Klantdossier
from elements_procura.errors import (
    OutcomeUnknown,
    ProtocolError,
    ResponseTooLarge,
    TransportError,
)
from elements_procura.sandbox import Fault, Sandbox
from tests.client_kit import DOSSIER, Exchange, client_at, client_for, data_requests, raw_server

OWN = '{{"id": {0}, "_links": {{"self": {{"href": "/api/data/klantdossiers/{0}"}}}}}}'
BSN = "559795178"


def own(exchange: Exchange) -> bytes:
    """The record that was asked for."""
    return OWN.format(exchange.path.rpartition("/")[2]).encode()


async def collect(dossiers: AsyncIterator[Klantdossier], found: list[Klantdossier]) -> None:
    async for dossier in dossiers:
        found.append(dossier)  # noqa: PERF401 - what came before the error counts


# ---------------------------------------------------------------- 200, and yet


@pytest.mark.parametrize(
    ("kind", "text", "body"),
    [
        ("html", "the answer is HTML", "<html><head><title>"),
        ("empty", "the answer is empty", "(empty)"),
        ("cut-json", "the answer is not JSON", "broken JSON"),
    ],
)
async def test_a_record_that_is_none(kind: str, text: str, body: str) -> None:
    async with Sandbox(dossiers=3, limits="off") as sandbox, client_for(sandbox) as client:
        await client.authenticate()
        sandbox.add_fault(Fault(kind=kind, match="GET *", times=1))
        with pytest.raises(ProtocolError, match=text) as caught:
            await client.dossier(5526).klanten.particulier.get(120954)
        error = caught.value
        assert error.body.startswith(body)
        assert "Jansen" not in f"{error} {error.body}"
        assert (error.status, error.attempts) == (200, 1)
        assert len(data_requests(sandbox)) == 1
        assert (await client.dossier(5526).klanten.particulier.get(120954)).id == 120954


@pytest.mark.parametrize("kind", ["html", "empty", "cut-json", "other-body"])
async def test_a_collection_that_is_none_is_no_empty_collection(kind: str) -> None:
    async with Sandbox(dossiers=3, limits="off") as sandbox, client_for(sandbox) as client:
        await client.authenticate()
        sandbox.add_fault(Fault(kind=kind, match="GET *"))
        with pytest.raises(ProtocolError):
            await client.dossier(5526).adviseurs.list()
        with pytest.raises(ProtocolError):
            await client.klantdossiers.search()
        with pytest.raises(ProtocolError) as caught:
            async for _ in client.klantdossiers.iterate():
                pass
        assert caught.value.body != ""


@pytest.mark.parametrize("status", ["200 OK", "201 Created"])
@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b"null",
        b'"' + BSN.encode() + b'"',
        b'{"bsn": "' + BSN.encode(),
        b'{"id": "x", "a": NaN}',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"id": ' + b"1" * 5000 + b"." + b"}",
    ],
)
async def test_what_is_no_object(body: bytes, status: str) -> None:
    async def handler(exchange: Exchange) -> None:
        exchange.answer(body, status, "Content-Type: application/json; charset=base64")

    async with raw_server(handler) as server, client_at(server.url) as client:
        with pytest.raises(ProtocolError) as caught:
            await client.klantdossiers.get(1)
        assert BSN not in f"{caught.value} {caught.value.body}"


async def test_an_answer_without_a_body() -> None:
    async def handler(exchange: Exchange) -> None:
        exchange.send(b"HTTP/1.1 204 No Content\r\n\r\n")

    async with raw_server(handler) as server, client_at(server.url) as client:
        with pytest.raises(ProtocolError, match="answered 204"):
            await client.klantdossiers.get(1)


async def test_a_value_that_cannot_be_tells_where_it_stands() -> None:
    async with Sandbox(dossiers=1, limits="off") as sandbox, client_for(sandbox) as client:
        path = f"{DOSSIER}/hypotheken/6732"
        sandbox.patch(
            path,
            lambda body: body["_embedded"]["productdelen"][1].update(id="veel"),
        )
        with pytest.raises(ProtocolError, match=", got a text") as caught:
            await client.dossier(5526).hypotheken.get(6732)
        assert caught.value.path == "$.productdelen[1].id"
        assert "HYPOTHEKEN" not in str(caught.value)
        assert "{PRODUCT_ID}: expected" in str(caught.value)
        assert "veel" not in f"{caught.value} {caught.value.body}"


async def test_a_value_in_a_collection_tells_its_row() -> None:
    async with Sandbox(dossiers=4, limits="off") as sandbox, client_for(sandbox) as client:
        sandbox.patch(
            "/api/data/klantdossiers",
            lambda body: body["_embedded"]["klantdossiers"][2].update(id=BSN + "x"),
        )
        with pytest.raises(ProtocolError) as caught:
            await client.klantdossiers.search()
        assert caught.value.path == "$.klantdossiers[2].id"
        found: list[Klantdossier] = []
        with pytest.raises(ProtocolError) as caught:
            await collect(client.klantdossiers.iterate(), found)
        assert caught.value.path == "$.klantdossiers[2].id"
        assert [dossier.id for dossier in found] == list(sandbox.dossier_ids[:2])
        assert BSN not in f"{caught.value} {caught.value.body}"


async def test_all_dossiers_arrive_one_by_one() -> None:
    async with Sandbox(dossiers=300, limits="off") as sandbox, client_for(sandbox) as client:
        found = [dossier async for dossier in client.klantdossiers.iterate()]
        assert tuple(dossier.id for dossier in found) == sandbox.dossier_ids
        assert found == list(await client.klantdossiers.search())


async def test_leaving_early_reads_no_further() -> None:
    async with Sandbox(dossiers=300, limits="off") as sandbox, client_for(sandbox) as client:
        dossiers = client.klantdossiers.iterate()
        async for dossier in dossiers:
            assert dossier.id == 5526
            break
        await dossiers.aclose()
        assert (await client.klantdossiers.get(5526)).id == 5526


async def test_a_collection_that_breaks_off_says_so_after_what_came() -> None:
    async with Sandbox(dossiers=300, limits="off") as sandbox, client_for(sandbox) as client:
        await client.authenticate()
        for kind, expected in (("truncate", TransportError), ("cut-json", ProtocolError)):
            sandbox.add_fault(Fault(kind=kind, match="GET *", times=1))
            found: list[Klantdossier] = []
            with pytest.raises(expected) as caught:
                await collect(client.klantdossiers.iterate(), found)
            assert 0 < len(found) < 300
            assert type(caught.value) is expected


# ---------------------------------------------------------------- redirects


@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 307, 308])
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_redirects_are_not_followed(status: int, method: str) -> None:
    """After a POST they usually lead to what it has made, so its outcome is not known."""

    async def elsewhere(exchange: Exchange) -> None:
        exchange.answer(b"{}")

    async def handler(exchange: Exchange) -> None:
        exchange.answer(b"", f"{status} Over there", f"Location: {other.url}{exchange.target}")

    async with (
        raw_server(elsewhere) as other,
        raw_server(handler) as server,
        client_at(server.url) as client,
    ):
        kind = ProtocolError if method == "GET" else OutcomeUnknown
        with pytest.raises(kind, match=f"redirects .status {status}") as caught:
            await client.request(method, "/api/data/klantdossiers/1")
        assert method == "POST" or "Check the address" in caught.value.hint
        assert other.url not in str(caught.value)
        assert (len(server.asked), other.connections) == (1, 0)


async def test_a_redirected_token_request_hands_out_no_secret() -> None:
    async def elsewhere(exchange: Exchange) -> None:
        exchange.answer(b"{}")

    async with raw_server(elsewhere) as other:

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(
                f"HTTP/1.1 307 x\r\nLocation: {other.url}/\r\nContent-Length: 0\r\n\r\n".encode()
            )
            await writer.drain()
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        async with server:
            url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            async with client_at(url) as client:
                with pytest.raises(ProtocolError, match="POST /oauth/access_token"):
                    await client.authenticate()
        assert other.connections == 0


# ---------------------------------------------------------------- size


def bomb(size: int) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    zeros = bytes(1 << 20)
    return b"".join([*(packer.compress(zeros) for _ in range(size >> 20)), packer.flush()])


async def test_an_answer_over_the_cap_is_not_read_to_its_end() -> None:
    """A bomb of 200 MB in 200 kB: memory stays flat."""
    packed = bomb(200 << 20)

    async def handler(exchange: Exchange) -> None:
        exchange.answer(packed, "200 OK", "Content-Encoding: gzip")

    async with (
        raw_server(handler) as server,
        client_at(server.url, max_response_bytes=1 << 20) as client,
    ):
        await client.authenticate()
        tracemalloc.start()
        try:
            with pytest.raises(ResponseTooLarge, match="over 1,048,576 bytes") as caught:
                await client.klantdossiers.get(1)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert peak < 30 << 20
        assert len(server.asked) == 1
        assert "max_response_bytes" in caught.value.hint


async def test_the_cap_is_exact_and_each_call_may_have_its_own() -> None:
    async def handler(exchange: Exchange) -> None:
        exchange.answer(gzip.compress(own(exchange)), "200 OK", "Content-Encoding: gzip")

    async with raw_server(handler) as server, client_at(server.url) as client:
        size = len(OWN.format(1))
        fits = client.with_options(max_response_bytes=size)
        assert (await fits.klantdossiers.get(1)).id == 1
        with pytest.raises(ResponseTooLarge):
            await client.with_options(max_response_bytes=size - 1).klantdossiers.get(1)


async def test_an_endless_token_answer_is_not_read_to_its_end() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        try:
            while True:
                writer.write(bytes(1 << 16))
                await writer.drain()
        except ConnectionError:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with client_at(url) as client, asyncio.timeout(60):
            with pytest.raises(ResponseTooLarge):
                await client.authenticate()


# ---------------------------------------------------------------- answers out of turn


class Straying:
    """A server that once sends an answer that nobody asked for, a moment after its own."""

    def __init__(self) -> None:
        self.stray = True

    async def __call__(self, exchange: Exchange) -> None:
        exchange.answer(own(exchange))
        if self.stray:
            self.stray = False
            await exchange.writer.drain()
            await asyncio.sleep(0.01)  # surplus in one piece with an answer is noticed
            exchange.answer(OWN.format(666).encode())


@pytest.mark.virtual_time
async def test_another_requests_answer_is_dropped_with_its_connection_and_asked_again() -> None:
    async with raw_server(Straying()) as server, client_at(server.url) as client:
        assert (await client.klantdossiers.get(1)).id == 1
        await asyncio.sleep(0.05)  # the stray answer is in
        assert (await client.klantdossiers.get(2)).id == 2
        # On the same connection this one would get the answer to the last.
        assert (await client.klantdossiers.get(3)).id == 3
        assert server.connections == 4


@pytest.mark.virtual_time
async def test_a_stray_answer_costs_one_more_request() -> None:
    async with Sandbox(dossiers=3, limits="off", min_latency=0.03) as sandbox:
        async with client_for(sandbox) as client:
            await client.authenticate()
            sandbox.add_fault(Fault(kind="other-body", match="GET *", after=10, times=1))
            found = await asyncio.gather(*(client.klantdossiers.get(5526) for _ in range(30)))
        assert {each.id for each in found} == {5526}
        assert len(data_requests(sandbox)) == 31


# ---------------------------------------------------------------- broken HTTP


@pytest.mark.parametrize(
    "raw",
    [
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n{}",
        b"SSH-2.0-OpenSSH\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}",
    ],
    ids=["chunk", "cut chunk", "length", "ssh", "header", "gzip"],
)
async def test_what_is_no_http_is_a_transport_error(raw: bytes) -> None:
    """aiohttp calls some of it status 400, which no server said."""

    async def handler(exchange: Exchange) -> None:
        exchange.send(raw)
        exchange.writer.close()

    async with raw_server(handler) as server, client_at(server.url) as client:
        with pytest.raises(TransportError) as caught:
            await client.klantdossiers.get(1)
        assert type(caught.value) is TransportError
        assert len(server.asked) == caught.value.attempts == 3
