"""Canaries among tokens, codes, states and secrets: never seen, whatever goes wrong."""

import asyncio
import copy
import gc
import json
import logging
import pickle
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path
from typing import Any

import attrs
import orjson
import pytest

from elements_procura.auth import FileTokenStore, KeyringTokenStore
from elements_procura.auth.authorize import begin
from elements_procura.auth.credentials import Credentials
from elements_procura.auth.grants import (
    AuthorizationCodeGrant,
    ClientCredentialsGrant,
    OrganisationGrant,
    code_form,
)
from elements_procura.auth.oauth import Token, refresh_form
from elements_procura.auth.stores.memory import MemoryTokenStore
from elements_procura.auth.tokens import TokenStore
from elements_procura.elements.client import ElementsClient
from elements_procura.errors import ElementsProcuraError, StoreError
from elements_procura.scheduler import Rate
from elements_procura.secret import Secret
from tests.client_kit import Exchange, libraries, raw_server, told
from tests.clock import QuickClock

SECRET, CODE = "canary-secret-9a7b", "canary0code1c2d3e"
ACCESS, REFRESH = "canary1access4f5a6b", "canary2refresh7c8d9e"
CANARIES = (SECRET, CODE, ACCESS, REFRESH)
TOKEN = Token(Secret(ACCESS), 3600.0, 2e9, Secret(REFRESH), "klantdossier.read")
CREDENTIALS = Credentials("client", SECRET)
HOLDERS = {
    "token": TOKEN,
    "credentials": CREDENTIALS,
    "organisation": OrganisationGrant(CREDENTIALS, 1, "data", ("a",)),
    "client_credentials": ClientCredentialsGrant(CREDENTIALS),
    "code": AuthorizationCodeGrant(CREDENTIALS, "jansen", code=CODE),
    "forms": (refresh_form(Secret(REFRESH)), code_form(Secret(CODE))),
}


def seen_in(text: str) -> list[str]:
    return [canary for canary in CANARIES if canary in text]


@pytest.mark.parametrize("holder", HOLDERS.values(), ids=HOLDERS)
def test_what_holds_a_secret_shows_none(holder: Any) -> None:
    shown = [repr(holder), str(holder), f"{holder}", f"{holder!s:>10}", str([holder])]
    if attrs.has(type(holder)):
        shown += [repr(attrs.asdict(holder)), repr(attrs.astuple(holder)), str(copy.copy(holder))]
        with pytest.raises(TypeError):
            json.dumps(attrs.asdict(holder))
        with pytest.raises(TypeError):
            orjson.dumps(attrs.asdict(holder))
        with pytest.raises(TypeError):
            copy.deepcopy(holder)
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        with pytest.raises(TypeError, match="not pickled"):
            pickle.dumps(holder, protocol)
    with pytest.raises(TypeError):
        json.dumps(holder)
    assert seen_in("\n".join(shown)) == []


class Failing:
    """A keyring that fails with what it was given on its lips."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    def get_password(self, service: str, username: str, /) -> str | None:
        del service
        return self.kept.get(username)

    def set_password(self, service: str, username: str, password: str, /) -> None:
        del service
        if not username.startswith("probe-"):
            raise RuntimeError(f"cannot keep {password}")
        self.kept[username] = password

    def delete_password(self, service: str, username: str, /) -> None:
        del service
        del self.kept[username]


class Full(MemoryTokenStore):
    async def save(self, account: str, token: Token | None, fence: int) -> None:
        raise StoreError("there is no room")


def memory(_: Path) -> TokenStore:
    return MemoryTokenStore()


def full(_: Path) -> TokenStore:
    return Full()


def unwritable(folder: Path) -> TokenStore:
    (folder / "file").touch()
    return FileTokenStore(folder / "file" / "tokens")


def failing(folder: Path) -> TokenStore:
    return KeyringTokenStore(folder, backend=Failing())


GOOD = f'{{"access_token": "{ACCESS}", "refresh_token": "{REFRESH}", "expires_in": 60}}'
REFUSAL = f'{{"error": "invalid_grant", "error_description": "{REFRESH}"}}'
MOODS = {
    "well": (GOOD, "200 OK"),
    "refused": (REFUSAL, "400 Bad Request"),
    "html": (f"<html>{REFRESH}", "200 OK"),
    "cut": (GOOD[:-9], "200 OK"),
    "503": (REFUSAL, f"503 {CODE}"),
    "reset": None,
}


class Endpoint(Exchange):
    """Answers token requests well at first, and then by the mood."""

    mood = "well"
    well = 0

    def answer(self, body: bytes, status: str = "200 OK", *headers: str) -> None:
        answer = MOODS[Endpoint.mood]
        if not self.path.startswith("/oauth"):
            super().answer(body, status, *headers)
        elif Endpoint.well:
            Endpoint.well -= 1
            super().answer(GOOD.encode())
        elif answer is None:
            self.drop()
        else:
            super().answer(answer[0].encode(), answer[1])


@pytest.fixture
async def loud(caplog: pytest.LogCaptureFixture) -> AsyncIterator[None]:
    """Everything is logged, asyncio's own talk included."""
    caplog.set_level(logging.DEBUG)
    loop = asyncio.get_running_loop()
    loop.set_debug(True)
    loop.slow_callback_duration = 0.0
    yield
    loop.set_debug(False)


async def data(exchange: Exchange) -> None:
    exchange.answer(b'{"id": 1}')


@pytest.mark.usefixtures("loud")
@pytest.mark.parametrize("make", [memory, FileTokenStore, full, unwritable, failing])
@pytest.mark.parametrize("mood", MOODS)
async def test_a_code_a_refresh_and_whatever_goes_wrong(
    mood: str,
    make: Callable[[Path], TokenStore],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr("tests.client_kit.Exchange", Endpoint)
    Endpoint.mood, Endpoint.well = mood, 0 if make is memory else 1
    clock = QuickClock()
    shown: list[str] = []
    foreign: set[str] = set()
    grant = AuthorizationCodeGrant(CREDENTIALS, "jansen", code=CODE)
    async with raw_server(data) as server:
        async with ElementsClient(
            server.url,
            grant=grant,
            clock=clock,
            rates=(Rate(1000, 1.0),),
            token_store=make(tmp_path),
        ) as client:
            for _ in range(3):
                try:
                    await client.read("/api/data/klantdossiers/1")
                except ElementsProcuraError as error:
                    shown.append(told(error))
                    foreign |= libraries(error) & {"aiohttp", "keyring"}
                clock.skip(3600)
            keeper = client._session._tokens
            shown += [repr(client), repr(vars(client)), repr(keeper), repr(vars(keeper))]
            shown.append(repr(grant))
        wire = b"".join(each.body for each in server.seen).decode()
    gc.collect()
    shown += [caplog.text, *(repr(each.args) for each in caplog.records)]
    assert seen_in("\n".join(shown)) == []
    assert foreign == set()
    # There was something to be seen, unless the store was in the way of any request.
    assert (CODE in wire) is (make is not unwritable)
    assert (REFRESH in wire) is (make is FileTokenStore or (make is memory and mood == "well"))


async def test_a_store_on_disk_is_the_only_place(tmp_path: Path) -> None:
    """The file does hold the token: that is what it is for."""
    store = FileTokenStore(tmp_path)
    await store.save("a", TOKEN)
    assert seen_in(store.path_of("a").read_text()) == [ACCESS, REFRESH]
    assert seen_in("".join(path.name for path in tmp_path.iterdir())) == []


def test_answers_of_a_browser_in_tracebacks() -> None:
    for address in (f"?code={CODE}", f"?code={CODE}&state={SECRET}", f"#access_token={ACCESS}"):
        for implicit in (False, True):
            request = begin("https://kantoor", client_id="a", scopes="b", implicit=implicit)
            read = partial(request.token_from, wall=0.0) if implicit else request.code_from
            with pytest.raises(ElementsProcuraError) as caught:
                read(address)
            assert seen_in(told(caught.value)) == []
