"""Settings that cannot work are told before anything is sent, with what to do next."""

import re
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import aiohttp
import pytest
from aioresponses import CallbackResult, aioresponses
from multidict import CIMultiDict
from yarl import URL

from elements_procura.auth.credentials import Credentials
from elements_procura.elements.client import ElementsClient
from elements_procura.errors import AuthenticationError, ConfigError, HostNotFound, InputError
from elements_procura.sandbox import Sandbox
from elements_procura.scheduler import Rate
from elements_procura.secret import Secret
from tests.client_kit import client_for
from tests.clock import QuickClock

GOOD: dict[str, Any] = {
    "host": "kantoor",
    "credentials": ("client", "secret"),
    "organisation": 14830,
    "webservice": "data",
    "scopes": ["klantdossier.read"],
}


def made(**options: Any) -> ElementsClient:
    settings = GOOD | options
    return ElementsClient(settings.pop("host"), **settings)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"credentials": ("client", "")}, "id or secret is empty"),
        ({"credentials": ("client", None)}, "id or secret is empty"),
        ({"credentials": ("", "secret")}, "id or secret is empty"),
        ({"credentials": (None, "secret")}, "id or secret is empty"),
        ({"credentials": ("client", Secret(""))}, "id or secret is empty"),
        ({"credentials": ("a:b", "secret")}, "holds a colon"),
        ({"scopes": []}, "missing or empty: scopes"),
        ({"scopes": ""}, "missing or empty: scopes"),
        ({"scopes": ["klantdossier.read", ""]}, "missing or empty: scopes"),
        ({"organisation": ""}, "missing or empty: organisation"),
        ({"organisation": None, "webservice": ""}, "missing or empty: organisation, webservice"),
        ({"webservice": ""}, "missing or empty: webservice"),
        ({"host": "http://kantoor.fasterforwardelements.nl"}, "in the clear"),
        ({"host": "http://127.0.0.1.evil"}, "in the clear"),
        ({"host": ""}, "not valid"),
        ({"host": "https://user:pass@kantoor.fasterforwardelements.nl"}, "user name"),
        ({"host": "kantoor/../x"}, "not valid"),
        ({"host": "https://kantoor.fasterforwardelements.nl/api/data"}, "holds /api/data, which"),
        ({"host": None}, "is not a text"),
        ({"organisation": 1.5}, "neither a whole number nor a text"),
        ({"timeouts": 5}, "timeouts must be Timeouts"),
    ],
)
def test_settings_that_are_refused(options: dict[str, Any], text: str) -> None:
    with pytest.raises(ConfigError, match=text) as caught:
        made(**options)
    assert caught.value.hint
    assert caught.value.hint in str(caught.value)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"tiemouts": 5}, "no option 'tiemouts'; is 'timeouts' meant?"),
        ({"colour": 5}, "no option 'colour'. It takes rates, scheduler, "),
        ({"timeout": 5}, "use client.with_options(timeout=…)"),
    ],
)
def test_an_option_that_no_client_takes_leads_to_one(options: dict[str, Any], text: str) -> None:
    with pytest.raises(TypeError, match=re.escape(text)):
        made(**options)


@pytest.mark.parametrize(
    ("host", "shown"),
    [
        ("kantoor", "<ElementsClient https://kantoor.fasterforwardelements.nl>"),
        ("https://kantoor.example/", "<ElementsClient https://kantoor.example>"),
        ("http://localhost:8080", "<ElementsClient http://localhost:8080>"),
    ],
)
def test_settings_that_are_taken(host: str, shown: str) -> None:
    assert repr(made(host=host)) == shown
    assert repr(made(host=host, credentials=Credentials("a", "b"), scopes="x y")) == shown


def test_making_a_client_needs_no_event_loop_and_opens_nothing() -> None:
    before = sorted(Path("/dev/fd").iterdir())
    client = made()
    assert sorted(Path("/dev/fd").iterdir()) == before
    assert client.counters.sent == 0


async def test_an_unknown_host_is_told_as_such() -> None:
    async with made(host="https://kantoor.invalid", clock=QuickClock()) as client:
        with pytest.raises(HostNotFound) as caught:
            await client.authenticate()
    assert str(caught.value) == (
        "POST /oauth/access_token: the host's name does not resolve. Check the address"
    )
    assert client.counters.sent == caught.value.attempts == 3


@pytest.mark.parametrize("wrong", [{"client_id": "nobody"}, {"client_secret": "wrong"}])
async def test_a_wrong_secret_is_told_by_the_first_request(wrong: dict[str, str]) -> None:
    async with Sandbox(dossiers=1, limits="off") as sandbox:
        right = {key: sandbox.credentials[key] for key in ("client_id", "client_secret")}
        async with client_for(sandbox, credentials=Credentials(**(right | wrong))) as client:
            with pytest.raises(AuthenticationError) as caught:
                await client.authenticate()
        assert (caught.value.status, caught.value.error) == (401, "invalid_client")
        assert "Check client id and secret" in str(caught.value)
        assert wrong.get("client_secret", "nobody") not in str(caught.value)
        assert [entry.path for entry in sandbox.log] == ["/oauth/access_token"]


async def test_what_is_no_id_or_path_sends_nothing() -> None:
    async with Sandbox(dossiers=1, limits="off") as sandbox, client_for(sandbox) as client:
        for identifier in ("../oauth", "", None, "1/2"):
            with pytest.raises(InputError, match="DOSSIER_ID is not a valid identifier"):
                await client.klantdossiers.get(identifier)  # type: ignore[arg-type] # on purpose
            with pytest.raises(InputError):
                client.dossier(identifier)  # type: ignore[arg-type] # on purpose
        for path in ("//evil/x", "https://evil/x", "/a/../b", "x"):
            with pytest.raises(InputError, match="not followed"):
                await client.read(path)
            with pytest.raises(InputError, match="not followed"):
                await client.request("GET", path)
        assert sandbox.log == []


class _Whole(aiohttp.ClientResponse):
    """aioresponses 0.7.9 makes answers without an argument that aiohttp 3.14 asks for."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"stream_writer": Mock(output_size=0), **kwargs})


async def test_the_address_query_and_headers_of_a_search() -> None:
    """To a host that no test could serve: the vendor's own."""
    seen: list[tuple[str, dict[str, str], dict[str, str]]] = []
    token = {"access_token": "t0", "expires_in": 3600}
    body = {"_embedded": {"klantdossiers": [{"id": 5526}]}}

    async def answer(url: Any, **options: Any) -> CallbackResult:
        async def send(request: Any) -> Any:
            # How the query is spelled is another test's.
            target = URL(request.url.raw_path_qs, encoded=True)
            seen.append((f"{url.origin()}{target.path}", dict(target.query), dict(request.headers)))
            return Mock(status=200)

        # What is replaced here sees a template's address; the last middleware puts in the real one.
        assert not url.query
        headers = CIMultiDict(options["headers"])
        request = Mock(url=url, headers=headers, proxy=None, is_ssl=lambda: True)
        await options["middlewares"][-1](request, send)
        # The shim is for this class: without it every answer is a TypeError.
        return CallbackResult(payload=body, response_class=_Whole)

    base = "https://kantoor.fasterforwardelements.nl"
    path = f"{base}/api/data/klantdossiers"
    with aioresponses() as wire:
        wire.post(f"{base}/oauth/access_token", payload=token, response_class=_Whole)
        wire.get(re.compile(path), callback=answer)
        async with made(rates=(Rate(100, 1),), user_agent="mine/1") as client:
            found = await client.klantdossiers.search(achternaam="van Test", nummer=14)
    assert [each.id for each in found] == [5526]
    query = {"achternaam": "van Test", "nummer": "14", "access_token": "t0"}
    headers = {
        "Accept": "application/json",
        "Cache-Control": "no-store",
        "User-Agent": "mine/1",
    }
    assert seen == [(path, query, headers)]
