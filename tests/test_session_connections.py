"""Connections: TLS, proxies, cookies, sessions of others, cancellation, the end."""

import asyncio
import gc
import random
import ssl
import warnings
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import trustme

from elements_procura.core.connecting import new_session
from elements_procura.errors import NotSent, ServerError
from elements_procura.sandbox import Fault, Sandbox
from elements_procura.scheduler import Rate
from tests.client_kit import DOSSIER, Exchange, client_at, client_for, raw_server
from tests.clock import QuickClock

PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


async def empty(exchange: Exchange) -> None:
    exchange.answer(b"{}")


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


# ---------------------------------------------------------------- TLS


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def server_side(authority: trustme.CA, name: str) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(name).configure_cert(context)
    return context


def trusting(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


async def test_a_private_authority_is_trusted_when_told_to(authority: trustme.CA) -> None:
    async with (
        raw_server(empty, ssl=server_side(authority, "127.0.0.1")) as server,
        client_at(server.url, ssl_context=trusting(authority)) as client,
    ):
        assert (await client.request("GET", "/api/x")).status == 200
        assert (await client.request("POST", "/api/x")).status == 200


@pytest.mark.parametrize(("name", "trusted"), [("127.0.0.1", False), ("other.example", True)])
async def test_an_unknown_authority_and_another_host_are_refused(
    authority: trustme.CA, name: str, trusted: bool
) -> None:
    context = trusting(authority) if trusted else None
    async with raw_server(empty, ssl=server_side(authority, name)) as server:
        async with client_at(server.url, ssl_context=context) as client:
            with pytest.raises(NotSent, match="TLS failed") as caught:
                await client.authenticate()
            assert caught.value.attempts == 1
        assert server.seen == []


async def test_a_server_without_tls() -> None:
    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Speak TLS\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(greet, "127.0.0.1", 0)
    async with server:
        url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with client_at(url) as client:
            with pytest.raises(NotSent, match="no TLS is spoken"):
                await client.authenticate()


# ---------------------------------------------------------------- proxies, netrc, cookies


async def refusing(exchange: Exchange) -> None:
    exchange.answer(b"", "502 No")


async def test_the_environments_proxy_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    async with raw_server(refusing) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        async with client_at("https://kantoor.example") as client:
            with pytest.raises(NotSent, match="the proxy refused"):
                await client.authenticate()
        assert [each.head.split(b"\r\n")[0] for each in proxy.seen] == [
            b"CONNECT kantoor.example:443 HTTP/1.1"
        ]
        assert b"Authorization" not in proxy.seen[0].head


@pytest.mark.parametrize("option", [{"proxy": ""}, {}])
async def test_hosts_without_a_proxy(
    monkeypatch: pytest.MonkeyPatch, option: dict[str, str]
) -> None:
    async with raw_server(refusing) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        if not option:
            monkeypatch.setenv("NO_PROXY", "kantoor.invalid")
        async with client_at("https://kantoor.invalid", **option) as client:
            with pytest.raises(NotSent, match="does not resolve"):
                await client.authenticate()
        assert proxy.connections == 0


async def test_what_is_meant_for_this_machine_stays_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plain http goes to a proxy in the clear, token and all."""
    async with raw_server(refusing) as proxy, raw_server(empty) as server:
        monkeypatch.setenv("http_proxy", proxy.url)
        async with client_at(server.url) as client:
            assert (await client.request("GET", "/api/x")).status == 200
        assert proxy.connections == 0


async def test_a_proxy_that_was_asked_for_is_used_always() -> None:
    async with (
        raw_server(refusing) as proxy,
        client_at("http://127.0.0.1:9", proxy=proxy.url) as client,
    ):
        with pytest.raises(ServerError):
            await client.klantdossiers.get(1)
        assert proxy.seen[0].target == "http://127.0.0.1:9/oauth/access_token"


async def test_a_netrc_file_puts_nothing_on_requests(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login evil password evil\ndefault login evil password evil")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    for in_query in (True, False):
        async with (
            raw_server(empty) as server,
            client_at(server.url, token_in_query=in_query) as client,
        ):
            await client.request("GET", "/api/x")
            token, data = (each.headers.get("authorization") for each in server.seen)
            assert token == "Basic Y2xpZW50OmNsaWVudC1zZWNyZXQ="
            assert data == (None if in_query else "Bearer t0")


async def test_cookies_are_not_sent_back() -> None:
    """One tenant's session must not travel with another's call."""

    async def handler(exchange: Exchange) -> None:
        exchange.answer(b"{}", "200 OK", "Set-Cookie: PHPSESSID=abc; Path=/")

    async with raw_server(handler) as server:
        url = server.url.replace("127.0.0.1", "localhost")  # jars leave addresses alone
        async with client_at(url) as client:
            for method in ("GET", "POST", "GET", "POST"):
                await client.request(method, "/api/x")
        assert len(server.asked) == 4
        assert not any("cookie" in each.headers for each in server.seen)


@pytest.mark.parametrize("in_query", [True, False])
async def test_where_the_token_travels(in_query: bool) -> None:
    async with (
        raw_server(empty) as server,
        client_at(server.url, token_in_query=in_query, user_agent="mine/1") as client,
    ):
        await client.request("GET", "/api/x", query=(("a b", "c&d=é"), ("q", "1/2")))
        grant, call = server.seen
        query = "?a%20b=c%26d%3D%C3%A9&q=1%2F2"
        assert call.target == f"/api/x{query}" + ("&access_token=t0" if in_query else "")
        assert ("Bearer t0" in call.headers.get("authorization", "")) is not in_query
        assert call.headers["user-agent"] == "mine/1"
        assert call.headers["cache-control"] == "no-store"
        assert "content-type" not in call.headers
        assert grant.body == (
            b"grant_type=organisation&organisation=1&webservice=data&scope=klantdossier.read"
        )
        assert grant.headers["content-type"] == "application/x-www-form-urlencoded"
        assert grant.target == "/oauth/access_token"


# ---------------------------------------------------------------- sessions


async def test_a_session_that_was_handed_in_is_used_and_left_open() -> None:
    async with (
        aiohttp.ClientSession(headers={"X-Mine": "yes"}) as mine,
        raw_server(empty) as server,
    ):
        async with client_at(server.url, http_session=mine) as client:
            await client.request("GET", "/api/x")
        assert not mine.closed
        assert {each.headers.get("x-mine") for each in server.seen} == {"yes"}


async def test_aiohttp_still_has_the_switch_for_silent_repeats() -> None:
    """It is private: should it be renamed, reads would be sent that no slot was granted for."""
    async with aiohttp.ClientSession() as session:
        assert session._retry_connection is True
    async with new_session() as session:
        assert session._retry_connection is False


async def test_one_session_keeps_the_connection_of_reads_and_lends_it_to_nothing_else() -> None:
    async with raw_server(empty) as server, client_at(server.url) as client:
        for _ in range(2):
            await client.request("GET", "/api/x")
            await client.request("POST", "/api/x")
        await client.request("GET", "/api/x", query={"a": "b"})  # no answer shows its query
        by_kind: dict[str, list[Any]] = {}
        for each in server.seen:
            kind = "lone" if each.headers.get("connection") == "close" else "shared"
            by_kind.setdefault(kind, []).append(each.writer)
            assert (kind == "shared") == (each.method == "GET" and "a=b" not in each.target)
        assert len(set(by_kind["shared"])) == 1
        assert len(set(by_kind["lone"])) == len(by_kind["lone"]) == 4
        assert not {*by_kind["shared"]} & {*by_kind["lone"]}
        kept = client._session._http._own.connector._conns  # type: ignore[union-attr] # it is there
        assert [len(each) for each in kept.values()] == [1]
        assert open_connections(client) == 0


async def test_every_request_on_the_wire_was_granted() -> None:
    """On a kept-alive connection that dies aiohttp would repeat a read by itself."""

    async def handler(exchange: Exchange) -> None:
        if len(server.asked) % 2 == 0:
            exchange.drop()
        else:
            exchange.answer(b"{}")

    async with raw_server(handler) as server, client_at(server.url) as client:
        for _ in range(10):
            await client.request("GET", "/api/x")
        assert client.counters.sent == len(server.seen)


async def test_no_request_waits_for_a_connection() -> None:
    """The scheduler bounds what is under way; a second bound would hold granted slots."""
    all_there = asyncio.Barrier(150)

    async def handler(exchange: Exchange) -> None:
        await all_there.wait()
        exchange.answer(b'{"id": %s}' % exchange.path.rpartition("/")[2].encode())

    async with raw_server(handler) as server, client_at(server.url) as client:
        async with asyncio.timeout(60):
            await asyncio.gather(*(client.klantdossiers.get(number + 1) for number in range(150)))


def open_connections(client: Any) -> int:
    session = client._session._http._own
    return 0 if session is None else len(session.connector._acquired)


@pytest.mark.parametrize("seed", range(4))
async def test_cancelling_anywhere_leaks_neither_place_nor_connection(seed: int) -> None:
    """Reads, writes, streams and renewals, cancelled at whatever they are doing."""
    chance = random.Random(seed)
    clock = QuickClock()
    rates = (Rate(5, 0.05),)
    async with (
        Sandbox(dossiers=60, limits="off", seed=seed, clock=clock.now, token_seconds=5) as sandbox,
        client_for(sandbox, rates=rates, clock=clock) as client,
    ):
        for kind in ("reset", "truncate", "cut-json", "html", "status"):
            sandbox.add_fault(Fault(kind=kind, probability=0.05, match="GET *"))
        sandbox.add_fault(Fault(kind="status", status=429, probability=0.05, match="GET *"))
        sandbox.add_fault(Fault(kind="drip", seconds=0.02, probability=0.3))

        async def stream() -> None:
            async for _ in client.klantdossiers.iterate():
                await asyncio.sleep(0)

        calls: list[Any] = [
            lambda: client.klantdossiers.get(5526),
            lambda: client.request("POST", DOSSIER),
            client.dossier(5526).producten.list,
            stream,
        ]
        for _ in range(40):
            tasks = [asyncio.create_task(chance.choice(calls)()) for _ in range(8)]
            await asyncio.sleep(chance.random() * 0.01)
            for task in tasks:
                if chance.random() < 0.8:
                    task.cancel()
            async with asyncio.timeout(60):
                await asyncio.gather(*tasks, return_exceptions=True)
        sandbox.clear_faults()
        gc.collect()
        await asyncio.sleep(0)
        assert open_connections(client) == 0
        async with asyncio.timeout(60):  # with a place lost, five at once would wait for ever
            await asyncio.gather(*(client.klantdossiers.get(5526) for _ in range(15)))


async def test_a_closed_client_leaves_no_connection_and_no_warning() -> None:
    async with Sandbox(dossiers=1, limits="off") as sandbox:
        async with client_for(sandbox) as client:
            await asyncio.gather(*(client.klantdossiers.get(5526) for _ in range(5)))
            await client.request("POST", DOSSIER)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            del client
            gc.collect()


async def test_a_client_that_is_forgotten_warns_and_shows_nothing() -> None:
    said: list[str] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: said.append(repr(context)))
    async with raw_server(empty) as server:
        client = client_at(server.url)
        client._myself = client  # type: ignore[attr-defined]  # only the collector frees it
        await client.request("GET", "/api/x")
        del client
        with pytest.warns(ResourceWarning, match="Unclosed") as warned:
            gc.collect()
    texts = [str(each.message) for each in warned] + said
    assert texts
    assert not any("t0" in text or "client-secret" in text for text in texts)


async def test_a_client_that_sent_nothing_may_be_forgotten() -> None:
    client_at("http://127.0.0.1:9")
    gc.collect()
