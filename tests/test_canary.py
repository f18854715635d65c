"""Canaries: none of them is ever seen in a log, a text, a repr or a traceback with its locals.

The tests' own frames are left out of the tracebacks: they hold the canaries by their own doing.
"""

import asyncio
import gc
import logging
import warnings
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import attrs
import pytest

from elements_procura.auth.credentials import Credentials
from elements_procura.core.timeouts import Timeouts
from elements_procura.elements.client import ElementsClient
from elements_procura.errors import ElementsProcuraError
from elements_procura.sandbox import Fault, Sandbox
from elements_procura.scheduler import Rate
from elements_procura.schema.model import Model
from tests.client_kit import Exchange, chain, client_at, libraries, raw_server, told
from tests.clock import QuickClock

SECRET = "canary-secret-5e1f"
TOKEN = "canary0token0a1b2c3d4e5f60718293a4b5c"
REFRESH = "canary1refresh5d4c3b2a1908f7e6d5c4b3a"
BSN = "559795178"
IBAN = "NL58INGB0000662456"
NAME = "Kanariepiet"
CANARIES = (SECRET, TOKEN, REFRESH, BSN, IBAN, NAME)
PERSON = (
    f'{{"id": 120954, "bsn": "{BSN}", "achternaam": "{NAME}", "{BSN}": "{IBAN}", '
    f'"_links": {{"self": {{"href": "%s", "title": "{NAME}"}}}}}}'
)
ACCOUNTS = (
    f'{{"_links": {{"self": {{"href": "%s"}}}}, "_embedded": {{"rekeningnummers": '
    f'[{{"id": 1, "iban": "{IBAN}", "naam": "{NAME}"}}, {{"id": "{IBAN}"}}]}}}}'
)


def seen_in(text: str) -> list[str]:
    return [canary for canary in CANARIES if canary in text]


class Ill:
    """A server whose every answer to a read goes wrong in the way a test asks for."""

    def __init__(self) -> None:
        self.mood = "well"

    async def __call__(self, exchange: Exchange) -> None:  # noqa: C901, PLR0912 - one case per mood
        body = (PERSON % exchange.path).encode()
        last = exchange.path.rpartition("/")[2]
        if last.isdigit():
            body = body.replace(b'"id": 120954', f'"id": {last}'.encode())
        if exchange.path.endswith("rekeningnummers"):
            body = (ACCOUNTS % exchange.path).encode()
        match self.mood:
            case "reset":
                exchange.drop()
            case "silent":
                await asyncio.sleep(30)
            case "cut":
                exchange.answer(body[:-20])
            case "short":
                exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n" + body)
                exchange.writer.close()
            case "gzip":
                exchange.answer(body, "200 OK", "Content-Encoding: gzip")
            case "head":
                exchange.send(b"HTTP/1.1 200 OK\r\nBad " + body + b"\r\n\r\n")
                exchange.writer.close()
            case "other":
                exchange.answer((PERSON % "/api/data/klantdossiers/1").encode())
            case "html":
                exchange.answer(b"<html><p>" + body + b"</p></html>")
            case "redirect":
                exchange.answer(b"", "302 Found", f"Location: {exchange.target}")
            case mood if mood.isdigit():
                exchange.answer(body, f"{mood} {NAME}", f"X-Echo: {exchange.target}")
            case _:
                exchange.answer(body)


MOODS = (
    *("well", "reset", "silent", "cut", "short", "gzip", "head", "other", "html", "redirect"),
    *("201", "400", "401", "403", "404", "413", "429", "500", "503"),
)


@pytest.fixture
async def heard(caplog: pytest.LogCaptureFixture) -> AsyncIterator[Callable[[], str]]:
    """All that was logged, asyncio's debug output and forgotten tasks included."""
    caplog.set_level(logging.DEBUG)
    logging.getLogger("asyncio").setLevel(logging.DEBUG)
    extra: list[str] = []

    def handler(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        extra.append(repr(context))
        errors = [value for value in context.values() if isinstance(value, BaseException)]
        extra.extend(told(error) for error in errors)

    loop = asyncio.get_running_loop()
    loop.set_debug(True)
    loop.slow_callback_duration = 0.0  # every callback is told about
    loop.set_exception_handler(handler)

    def text() -> str:
        gc.collect()
        return "\n".join([caplog.text, *(repr(each.args) for each in caplog.records), *extra])

    yield text
    loop.set_debug(False)


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch) -> None:
    body = f'{{"access_token": "{TOKEN}", "refresh_token": "{REFRESH}", "expires_in": 3600}}'
    monkeypatch.setattr("tests.client_kit.TOKEN_ANSWER", body.encode())


def canary_client(url: str, **options: Any) -> ElementsClient:
    options = {"credentials": Credentials("client", SECRET), **options}
    return client_at(url, timeouts=Timeouts(total=15, read=10), **options)


async def calls(client: ElementsClient) -> list[Any]:
    """What many calls give: records, responses, exceptions."""
    dossier = client.dossier(5526)

    async def stream() -> list[Any]:
        return [each async for each in client.klantdossiers.iterate()]

    return await asyncio.gather(
        dossier.klanten.particulier.get(120954),
        dossier.klanten.particulier.list(),
        dossier.particulier(120954).rekeningnummers.list(),
        client.klantdossiers.search(achternaam=NAME, zoekwaarde=BSN),
        client.read(f"/api/data/klantdossiers/{BSN}"),
        client.request("GET", f"/api/data/x/{BSN}", query=(("iban", IBAN),)),
        client.request(
            "POST", f"/api/data/x/{BSN}", query=(("iban", IBAN),), body=f'["{NAME}"]'.encode()
        ),
        stream(),
        return_exceptions=True,
    )


@pytest.mark.virtual_time
@pytest.mark.usefixtures("answer")
@pytest.mark.parametrize(
    ("mood", "in_query"),
    [*((mood, True) for mood in MOODS), *((mood, False) for mood in ("well", "reset", "401"))],
)
async def test_whatever_goes_wrong(mood: str, in_query: bool, heard: Callable[[], str]) -> None:
    ill = Ill()
    ill.mood = mood
    async with raw_server(ill) as server:
        async with canary_client(server.url, token_in_query=in_query) as client:
            results = await calls(client)
            shown = [repr(client), repr(client._session), repr(client._api), repr(client.counters)]
            shown += [repr(client.dossier(5526)), repr(client.with_options(timeout=1))]
        failed = [each for each in results if isinstance(each, BaseException)]
        assert failed
        for each in results:
            shown.append(repr(each))
            if isinstance(each, BaseException):
                assert isinstance(each, ElementsProcuraError), each
                shown.append(told(each))
                assert not libraries(each) & {"aiohttp", "yarl", "cattrs"}, each
        assert seen_in("\n".join(shown)) == []
        # The proof that there was something to be seen.
        wire = b"".join(each.head + each.body for each in server.seen).decode()
        assert TOKEN in wire
        assert BSN in wire
    text = heard()
    assert "elements_procura.http" in text
    assert "took" in text  # asyncio's debug mode spoke
    assert seen_in(text) == []


@pytest.mark.virtual_time
@pytest.mark.usefixtures("answer")
@pytest.mark.parametrize("mood", ["silent", "short", "well", "503", "429"])
async def test_a_task_that_is_cancelled_or_forgotten(mood: str, heard: Callable[[], str]) -> None:
    ill = Ill()
    ill.mood = mood
    shown = []
    async with raw_server(ill) as server, canary_client(server.url) as client:
        await client.authenticate()
        for turns, wait in ((0, 0.0), (1, 0.0), (3, 0.0), (10, 0.0), (30, 0.0), (0, 5.0)):
            ended: BaseException = ElementsProcuraError("it came through")
            call = asyncio.create_task(client.dossier(5526).particulier(7).rekeningnummers.list())
            for _ in range(turns):
                await asyncio.sleep(0)
            await asyncio.sleep(wait)
            shown.append(repr(call))
            call.cancel()
            try:
                await call
            except (asyncio.CancelledError, ElementsProcuraError) as error:
                ended = error
            shown += [told(ended), repr(call)]
            assert not libraries(ended) & {"aiohttp", "yarl"}
        forgotten = asyncio.create_task(client.dossier(5526).particulier(7).rekeningnummers.list())
        await asyncio.wait([forgotten])
        shown.append(repr(forgotten))
        del forgotten
    assert seen_in("\n".join(shown)) == []
    assert seen_in(heard()) == []


@pytest.mark.virtual_time
async def test_a_refused_token_request(heard: Callable[[], str]) -> None:
    shown = []
    for fault in (
        *(None, Fault(kind="html"), Fault(kind="reset"), Fault(kind="status", status=503)),
        *(Fault(kind="cut-json"), Fault(kind="stall", seconds=30), Fault(kind="truncate")),
    ):
        faults = () if fault is None else (fault,)
        async with (
            Sandbox(dossiers=1, limits="off", faults=faults) as sandbox,
            canary_client(sandbox.url) as client,
        ):
            with pytest.raises(ElementsProcuraError) as caught:
                await client.klantdossiers.get(5526)
            shown.append(told(caught.value))
            assert not libraries(caught.value) & {"aiohttp", "yarl"}
    assert seen_in("\n".join(shown)) == []
    assert seen_in(heard()) == []


@pytest.mark.parametrize(
    "options",
    [
        {"scopes": []},
        {"organisation": ""},
        {"host": "http://kantoor.example"},
        {"host": "https://kantoor.example/?x"},
        {"user_agent": "a\r\nb"},
        {"credentials": ("", SECRET)},
        {"credentials": ("a:b", SECRET)},
        {"rates": (Rate(1, 1),), "clock": QuickClock(), "host": "no host"},
    ],
    ids=",".join,
)
def test_settings_that_are_refused(options: dict[str, Any]) -> None:
    settings: dict[str, Any] = {"credentials": ("client", SECRET), "organisation": 1}
    settings |= {"scopes": ["x"]} | options
    host = settings.pop("host", "kantoor")
    with pytest.raises(ElementsProcuraError) as caught:
        ElementsClient(host, **settings)
    assert seen_in(told(caught.value)) == []
    assert len(list(chain(caught.value))) == 1


async def test_records_show_nothing_of_themselves() -> None:
    """Neither do the records in them, the links, or what the models don't know."""

    def within(value: Any) -> Iterator[Any]:
        yield value
        if isinstance(value, Model):
            for attribute in attrs.fields(type(value)):
                yield from within(getattr(value, attribute.name))
        elif isinstance(value, tuple):
            for item in value:
                yield from within(item)

    async with raw_server(Ill()) as server, canary_client(server.url) as client:
        person = await client.dossier(5526).klanten.particulier.get(120954)
        assert (person.bsn, person.achternaam) == (BSN, NAME)
        assert [repr(each) for each in within(person) if isinstance(each, Model)] == [
            "<Particulier id=120954>"
        ]
        assert seen_in(repr(person) + repr(person.links) + str(person) + f"{person}") == []
        read = await client.read("/api/data/klantdossiers/5526")
        assert BSN in str(read.data)
        assert seen_in(repr(read)) == []
        assert repr(read).startswith(
            "<JsonResponse 200 of GET /api/data/klantdossiers/{DOSSIER_ID}"
        )


@pytest.mark.usefixtures("answer")
async def test_a_client_that_is_never_closed(heard: Callable[[], str]) -> None:
    async with raw_server(Ill()) as server:
        client = canary_client(server.url)
        await client.klantdossiers.get(1)
        stream = client.klantdossiers.iterate()
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            del client, stream
            gc.collect()
            await asyncio.sleep(0.01)
            gc.collect()
    assert warned
    assert seen_in(" ".join(str(each.message) for each in warned)) == []
    assert seen_in(heard()) == []


async def test_the_net_is_fine_enough_to_catch_a_canary() -> None:
    """A helper that found nothing anywhere would let all of the above pass."""

    def leak(value: str) -> None:
        bird = value
        raise ElementsProcuraError("safe text", hint=str(len(bird)))

    with pytest.raises(ElementsProcuraError) as caught:
        leak(BSN)
    assert seen_in(told(caught.value)) == []
    assert seen_in(told(caught.value, ours=False)) == [BSN]
    wrapped = ElementsProcuraError("safe text")
    wrapped.__context__ = ValueError(IBAN)
    assert seen_in(told(wrapped)) == [IBAN]
