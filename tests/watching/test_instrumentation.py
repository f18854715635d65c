"""Tools that look into aiohttp see templates: no token, no search term, no citizen number."""

import asyncio
import traceback
import warnings
from collections.abc import Iterator, Mapping
from typing import Any

import aiohttp
import attrs
import pytest
import sentry_sdk
from opentelemetry.instrumentation.aiohttp_client import AioHttpClientInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from sentry_sdk.integrations.aiohttp import AioHttpIntegration
from sentry_sdk.transport import Transport

from elements_procura.core.masked_url import template_url
from elements_procura.errors import ElementsProcuraError, NotFound
from elements_procura.sandbox import Fault
from tests import client_kit
from tests.canary_kit import NAME as CASE_NAME
from tests.canary_kit import NAMED, world
from tests.client_kit import Exchange, client_for, raw_server
from tests.test_canary import BSN, MOODS, TOKEN, Ill, calls, canary_client, seen_in

pytestmark = pytest.mark.usefixtures("answer")
PLACE = "/api/data/klantdossiers/{DOSSIER_ID}"
HOOKS = [name for name in dir(aiohttp.TraceConfig) if name.startswith("on_")]


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch) -> None:
    body = f'{{"access_token": "{TOKEN}", "expires_in": 3600}}'
    monkeypatch.setattr("tests.client_kit.TOKEN_ANSWER", body.encode())


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    AioHttpClientInstrumentor().instrument(tracer_provider=provider)
    yield exporter
    AioHttpClientInstrumentor().uninstrument()


class LedgerEntry(Transport):
    """Keeps what Sentry would have sent."""

    def __init__(self, options: Any = None) -> None:
        super().__init__(options)
        self.envelopes: list[bytes] = []

    def capture_envelope(self, envelope: Any) -> None:
        self.envelopes.append(envelope.serialize())


@pytest.fixture
def sentry() -> Iterator[LedgerEntry]:
    kept = LedgerEntry()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the old name of the widest setting
        _init(kept)
    # A scope of this test's own: breadcrumbs of others are none of its business.
    with sentry_sdk.isolation_scope():
        yield kept
    sentry_sdk.init()


def _init(kept: LedgerEntry) -> None:
    sentry_sdk.init(
        "http://key@127.0.0.1:9/1",
        transport=kept,
        traces_sample_rate=1.0,
        send_default_pii=True,
        default_integrations=False,
        integrations=[AioHttpIntegration()],
    )


def shown(value: Any) -> str:
    """All that a tool could print of what a hook is given."""
    if isinstance(value, aiohttp.ClientResponse):  # its status and headers are the server's words
        info = value.request_info
        return f"{value.url} {value.real_url} {info.url} {info.real_url} {info.headers}"
    parts = [repr(value), str(value)]
    if isinstance(value, BaseException):
        parts += [repr(value.args), repr(vars(value))]
        parts += traceback.format_exception(value)
    if isinstance(value, Mapping):
        parts += [f"{name}: {each}" for name, each in value.items()]
    return "\n".join(parts)


class Nosy(aiohttp.TraceConfig):
    """Writes down all that aiohttp's hooks are given."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []
        for name in HOOKS:
            getattr(self, name).append(self._note)

    async def _note(self, session: aiohttp.ClientSession, context: Any, params: Any) -> None:
        self.seen.append(type(params).__name__)
        for field in attrs.fields(type(params)):
            # What is sent or received is what a request is about, and headers hold a token where
            # the API wants it there: aiohttp hands both out as they are on the wire.
            is_wire = field.name == "chunk" or type(params).__name__.endswith("HeadersSentParams")
            if not (is_wire and field.name in ("chunk", "headers")):
                self.seen.append(shown(getattr(params, field.name)))


@pytest.mark.virtual_time
@pytest.mark.parametrize("mood", MOODS)
async def test_opentelemetry_sees_templates(mood: str, spans: InMemorySpanExporter) -> None:
    ill = Ill()
    ill.mood = mood
    async with raw_server(ill) as server, canary_client(server.url) as client:
        await calls(client)
    found = "\n".join(each.to_json() for each in spans.get_finished_spans())
    assert seen_in(found) == []
    assert f"{PLACE}/klanten/particulier" in found
    assert "/oauth/access_token" in found


@pytest.mark.virtual_time
@pytest.mark.parametrize("mood", MOODS)
async def test_sentry_sees_templates(mood: str, sentry: LedgerEntry) -> None:
    ill = Ill()
    ill.mood = mood
    async with raw_server(ill) as server, canary_client(server.url) as client:
        with sentry_sdk.start_transaction(name="a job"):
            results = await calls(client)
            for each in results:
                if isinstance(each, BaseException):
                    sentry_sdk.capture_exception(each)
    sentry_sdk.flush()
    found = b"\n".join(sentry.envelopes).decode()
    assert seen_in(found) == []
    assert f"{PLACE}/klanten/particulier" in found


@pytest.mark.parametrize("in_query", [True, False])
@pytest.mark.virtual_time
@pytest.mark.parametrize("mood", MOODS)
async def test_a_session_that_was_handed_in_sees_templates(mood: str, in_query: bool) -> None:
    """Its hooks and its middlewares, which stay in use."""
    ill, nosy, met = Ill(), Nosy(), list[str]()
    ill.mood = mood

    async def middleware(
        request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        met.append(f"{request.url} {request.headers}")
        request.headers["X-Trace"] = "abc"
        try:
            response = await handler(request)
        except Exception as error:
            met.append(shown(error))
            raise
        finally:
            met.append(f"{request.url} {request.original_url} {request.headers}")
        met.append(shown(response))
        return response

    async with (
        raw_server(ill) as server,
        aiohttp.ClientSession(
            trace_configs=[nosy], middlewares=[middleware], cookie_jar=aiohttp.DummyCookieJar()
        ) as given,
        canary_client(server.url, http_session=given, token_in_query=in_query) as client,
    ):
        await calls(client)
        wire = b"".join(each.head for each in server.seen).decode()
    found = "\n".join([*nosy.seen, *met])
    assert seen_in(found) == []
    assert f"{PLACE}/klanten/particulier" in found
    assert "TraceRequestHeadersSentParams" in found
    assert TOKEN in wire
    assert BSN in wire
    assert "X-Trace: abc" in wire


@pytest.mark.parametrize("mood", ["well", "reset", "head", "302", "404", "407", "503"])
async def test_a_proxy_is_sent_the_whole_address_and_nobody_sees_it(mood: str) -> None:
    """Plain HTTP through a proxy: the address itself is what stands on the wire."""
    ill, nosy, met = Ill(), Nosy(), list[str]()
    ill.mood = mood

    async def middleware(
        request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        try:
            response = await handler(request)
        except Exception as error:
            met.append(shown(error))
            raise
        finally:
            met.append(f"{request.url} {request.url.raw_path_qs} {request.proxy}")
        met.append(f"{shown(response)} {response.url.raw_path_qs}")
        return response

    async def forward(exchange: Exchange) -> None:
        assert exchange.target.startswith("http://127.0.0.1:1/")
        exchange.path = exchange.path.removeprefix("http://127.0.0.1:1")
        if exchange.path == "/oauth/access_token":
            exchange.answer(client_kit.TOKEN_ANSWER)
        else:
            await ill(exchange)

    async with (
        raw_server(forward) as proxy,
        aiohttp.ClientSession(trace_configs=[nosy], middlewares=[middleware]) as given,
        canary_client("http://127.0.0.1:1", http_session=given, proxy=proxy.url) as client,
    ):
        await calls(client)
        wire = b"".join(each.head for each in proxy.seen).decode()
    found = "\n".join([*nosy.seen, *met])
    assert seen_in(found) == []
    assert f"{PLACE}/klanten/particulier" in found
    assert "TraceRequestHeadersSentParams" in found
    assert "GET http://127.0.0.1:1/api/data/klantdossiers/5526/klanten/particulier/" in wire
    assert TOKEN in wire
    assert BSN in wire


async def test_a_session_that_raises_for_a_status_changes_no_outcome() -> None:
    ill = Ill()
    ill.mood = "404"
    async with (
        raw_server(ill) as server,
        aiohttp.ClientSession(raise_for_status=True) as given,
        canary_client(server.url, http_session=given) as client,
    ):
        with pytest.raises(NotFound):
            await client.klantdossiers.get(5526)
        assert len(server.asked) == 1


@pytest.mark.parametrize(
    "fault",
    [
        *(None, Fault(kind="status", status=500), Fault(kind="reset"), Fault(kind="html")),
        Fault(kind="truncate"),
    ],
    ids=lambda each: each and each.kind,
)
async def test_procura_too(
    fault: Fault | None, spans: InMemorySpanExporter, sentry: LedgerEntry
) -> None:
    async with world() as sandbox, client_for(sandbox) as client:
        await client.authenticate()
        if fault is not None:
            sandbox.add_fault(attrs.evolve(fault, match="* /api/*"))
        with sentry_sdk.start_transaction(name="a job"):
            results = await asyncio.gather(
                client.births.get(NAMED),
                client.relatives.get("999990019"),
                client.dossier(NAMED).documents.list(),
                client.read(f"/api/v1/births/{CASE_NAME}"),
                return_exceptions=True,
            )
            for each in results:
                if isinstance(each, BaseException):
                    assert isinstance(each, ElementsProcuraError)
                    sentry_sdk.capture_exception(each)
        wire = "".join(entry.path for entry in sandbox.log)
    sentry_sdk.flush()
    found = "\n".join(each.to_json() for each in spans.get_finished_spans())
    found += b"\n".join(sentry.envelopes).decode()
    for canary in ("999990019", CASE_NAME):
        assert canary in wire
        assert canary not in found
    assert "/api/v1/relatives/{bsn}" in found


async def test_a_name_that_does_not_resolve_and_a_connection_that_takes_too_long(
    spans: InMemorySpanExporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hangs(*_: Any, **__: Any) -> Any:
        raise TimeoutError

    async with canary_client("https://no-such-host.invalid") as client:
        with pytest.raises(ElementsProcuraError):
            await client.authenticate()
    monkeypatch.setattr(aiohttp.TCPConnector, "connect", hangs)
    async with raw_server(Ill()) as server, canary_client(server.url) as client:
        results = await calls(client)
    assert all(isinstance(each, ElementsProcuraError) for each in results)
    found = "\n".join(each.to_json() for each in spans.get_finished_spans())
    assert "Connection timeout to host" in found
    assert seen_in(found) == []


def test_templates_are_parsed_once() -> None:
    assert template_url("https://h/a/{ID}") is template_url("https://h/a/{ID}")
    assert str(template_url("https://h/a/{ID}")) == "https://h/a/{ID}"
