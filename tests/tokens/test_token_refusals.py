"""Who may take a refresh token away, and what answers of a token endpoint are told as."""

import asyncio
import json
from typing import Any

import pytest

from elements_procura.auth.credentials import Credentials
from elements_procura.auth.grants import (
    AuthorizationCodeGrant,
    Grant,
    OrganisationGrant,
    account_of,
)
from elements_procura.auth.oauth import Refusal, Token, UnexpectedAnswer
from elements_procura.auth.refusals import error_of
from elements_procura.auth.stores.memory import MemoryTokenStore
from elements_procura.elements.client import ElementsClient
from elements_procura.errors import (
    AuthenticationError,
    InvalidClient,
    ReauthorizationRequired,
)
from elements_procura.scheduler import Rate
from elements_procura.secret import Secret
from tests.client_kit import Exchange, client_at, raw_server
from tests.clock import QuickClock

CREDENTIALS = Credentials("client", "client-secret")
GRANTS: dict[str, Grant] = {
    "person": AuthorizationCodeGrant(CREDENTIALS, "jansen"),
    "organisation": OrganisationGrant(CREDENTIALS, 1, "data", ("klantdossier.read",)),
}
HTML = b"<html><title>403 Forbidden</title>"
PASSING: list[tuple[str, bytes]] = [
    *(
        ("400 Bad Request", json.dumps({"error": word}).encode())
        for word in (
            "temporarily_unavailable",
            "server_error",
            "invalid_request",
            "slow_down",
            "unsupported_grant_type",
            "unauthorized_client",
            "invalid_scope",
            "Invalid refresh token",
        )
    ),
    ("400 Bad Request", b""),
    ("400 Bad Request", HTML),
    ("400 Bad Request", b'{"message": "invalid_grant"}'),
    ("401 Unauthorized", b""),
    ("401 Unauthorized", HTML),
    ("401 Unauthorized", b'{"error": "invalid_client"}'),
    ("403 Forbidden", HTML),
    ("403 Forbidden", b'{"error": "Forbidden"}'),
    ("403 Forbidden", b'{"error": "access_denied"}'),
    ("404 Not Found", b'{"error": "invalid_grant"}'),
    ("200 OK", HTML),
    ("200 OK", b'{"error": "invalid_grant"}'),
    ("302 Found", b""),
    ("500 Internal Server Error", b'{"error": "invalid_grant"}'),
    ("503 Service Unavailable", HTML),
]


async def answer_one(exchange: Exchange) -> None:
    exchange.answer(b'{"id": 1}')


class Endpoint:
    """A token endpoint that refuses refreshes in one way, until it is told to stop."""

    def __init__(self, status: str, body: bytes, *headers: str) -> None:
        self.asked: list[str] = []
        self.refuses = True
        self.status = status
        self.body = body
        self.headers = headers

    async def __call__(self, exchange: Exchange) -> None:
        self.asked.append(exchange.body.decode().split("&", maxsplit=1)[0].partition("=")[2])
        if self.refuses:
            exchange.answer(self.body, self.status, *self.headers)
        else:
            exchange.answer(b'{"access_token": "new", "refresh_token": "r1", "expires_in": 3600}')


async def saved(url: str, grant: Grant, clock: QuickClock) -> MemoryTokenStore:
    """A store with a token that is over and has a refresh token."""
    store = MemoryTokenStore()
    old = Token(Secret("old"), 3600.0, clock.wall() - 1, refresh=Secret("r0"))
    await store.save(account_of(url, grant), old, 0)
    return store


def client(url: str, grant: Grant, store: MemoryTokenStore, clock: QuickClock) -> ElementsClient:
    return ElementsClient(
        url, grant=grant, token_store=store, clock=clock, rates=(Rate(1000, 1.0),)
    )


@pytest.mark.parametrize("who", GRANTS)
@pytest.mark.parametrize(("status", "body"), PASSING)
async def test_a_refresh_token_outlives_every_refusal_that_is_not_its_own(
    who: str, status: str, body: bytes
) -> None:
    """It fails this time, no other grant is tried, and the same token works afterwards."""
    grant, clock, endpoint = GRANTS[who], QuickClock(), Endpoint(status, body)
    async with raw_server(answer_one, tokens=endpoint) as server:
        store = await saved(server.url, grant, clock)
        async with client(server.url, grant, store, clock) as elements:
            with pytest.raises(Exception) as caught:  # noqa: PT011 - of many classes; see below
                await elements.authenticate()
            assert not isinstance(caught.value, ReauthorizationRequired)
            kept = await store.load(account_of(server.url, grant))
            assert kept is not None
            assert kept.refresh == Secret("r0")
            assert set(endpoint.asked) == {"refresh_token"}
            endpoint.refuses = False
            clock.skip(61)
            await elements.authenticate()
            assert endpoint.asked[-1] == "refresh_token"


async def test_invalid_grant_ends_a_persons_refresh_token() -> None:
    grant, clock = GRANTS["person"], QuickClock()
    endpoint = Endpoint("400 Bad Request", b'{"error": "invalid_grant"}')
    async with raw_server(answer_one, tokens=endpoint) as server:
        store = await saved(server.url, grant, clock)
        async with client(server.url, grant, store, clock) as elements:
            with pytest.raises(ReauthorizationRequired):
                await elements.authenticate()
        assert await store.load(account_of(server.url, grant)) is None


@pytest.mark.parametrize(("status", "body"), PASSING)
async def test_a_code_is_not_spent_by_a_refusal_that_is_not_its_own(
    status: str, body: bytes
) -> None:
    grant = AuthorizationCodeGrant(CREDENTIALS, "jansen", code=Secret("c0"))
    clock, endpoint = QuickClock(), Endpoint(status, body)
    async with raw_server(answer_one, tokens=endpoint) as server:
        store = MemoryTokenStore()
        async with client(server.url, grant, store, clock) as elements:
            with pytest.raises(Exception):  # noqa: B017, PT011 - of many classes
                await elements.authenticate()
            endpoint.refuses = False
            clock.skip(61)
            await elements.authenticate()
            assert grant.form() is None


@pytest.mark.parametrize("word", ["temporarily_unavailable", "server_error", "slow_down"])
async def test_a_passing_word_asks_to_try_again(word: str) -> None:
    endpoint = Endpoint("400 Bad Request", json.dumps({"error": word}).encode())
    async with raw_server(answer_one, tokens=endpoint) as server, client_at(server.url) as elements:
        with pytest.raises(AuthenticationError, match="Try again later") as caught:
            await elements.authenticate()
    assert caught.value.error == word
    assert not isinstance(caught.value, InvalidClient)


@pytest.mark.parametrize("body", [b"", HTML, b'{"message": "no"}'])
async def test_a_bare_401_says_first_to_check_the_address_and_invents_no_word(
    body: bytes,
) -> None:
    endpoint = Endpoint("401 Unauthorized", body)
    async with raw_server(answer_one, tokens=endpoint) as server, client_at(server.url) as elements:
        with pytest.raises(InvalidClient, match="401 and gave no reason") as caught:
            await elements.authenticate()
    assert "invalid_client" not in str(caught.value)
    assert caught.value.error == ""
    assert caught.value.hint.startswith("Check the address first")


# ---------------------------------------------------------------- tokens that are over


REFUSALS = [
    ("400 Bad Request", b'{"error": "invalid_token"}', ()),
    ("403 Forbidden", b'{"error": "invalid_token", "error_description": "expired"}', ()),
    ("403 Forbidden", b"", ('WWW-Authenticate: Bearer realm="x", error="invalid_token"',)),
    ("400 Bad Request", b'\xef\xbb\xbf{"error": "expired_token"}', ()),
    ("401 Unauthorized", b"", ()),
]


class Expired:
    """Refuses the first tokens it is shown."""

    def __init__(self, refusal: tuple[Any, ...], times: int) -> None:
        self.refusal = refusal
        self.times = times

    async def __call__(self, exchange: Exchange) -> None:
        status, body, headers = self.refusal
        if self.times:
            self.times -= 1
            exchange.answer(body, status, *headers)
        else:
            exchange.answer(b'{"id": 1}')


@pytest.mark.parametrize("refusal", REFUSALS)
async def test_an_expired_token_is_renewed_once_however_it_is_told(
    refusal: tuple[Any, ...],
) -> None:
    async with raw_server(Expired(refusal, 1)) as server, client_at(server.url) as elements:
        response = await elements.request("GET", "/api/data/klantdossiers/1")
        assert (response.status, response.attempts) == (200, 2)
        assert elements.counters.renewals == 2
    async with raw_server(Expired(refusal, 2)) as server, client_at(server.url) as elements:
        with pytest.raises(AuthenticationError, match="a token that it just gave"):
            await elements.request("GET", "/api/data/klantdossiers/1")
        assert elements.counters.renewals == 2


@pytest.mark.parametrize(
    ("status", "body"),
    [
        ("403 Forbidden", HTML),
        ("403 Forbidden", b'{"error": "access_denied"}'),
        ("400 Bad Request", b'{"message": "invalid_token"}'),
        ("404 Not Found", b'{"error": "invalid_token"}'),
    ],
)
async def test_other_refusals_renew_nothing(status: str, body: bytes) -> None:
    async with raw_server(Expired((status, body, ()), 9)) as server:  # noqa: SIM117 - the url
        async with client_at(server.url) as elements:
            response = await elements.request("GET", "/api/data/klantdossiers/1")
            assert (response.status, response.body) == (int(status[:3]), body)
            assert elements.counters.renewals == 1


async def test_a_token_endpoint_that_names_a_date_is_waited_for() -> None:
    """By its own clock, whatever ours says."""
    clock = QuickClock()
    answers = [
        "Date: Sun, 06 Nov 1994 08:49:37 GMT",
        "Retry-After: Sun, 06 Nov 1994 08:49:57 GMT",
    ]
    endpoint = Endpoint("503 Service Unavailable", b"", *answers)

    async def once(exchange: Exchange) -> None:
        await endpoint(exchange)
        endpoint.refuses = False

    async with (
        raw_server(answer_one, tokens=once) as server,
        client_at(server.url, clock=clock) as elements,
    ):
        await elements.authenticate()
    assert max(clock.slept) == pytest.approx(20.0)


async def test_a_token_that_was_fetched_in_the_future_is_renewed() -> None:
    """The clock was a month ahead then: nobody knows when that token ends."""
    grant, clock, endpoint = GRANTS["person"], QuickClock(), Endpoint("200 OK", b"")
    endpoint.refuses = False
    async with raw_server(answer_one, tokens=endpoint) as server:
        store = await saved(server.url, grant, clock)
        old = Token(Secret("old"), 3600.0, clock.wall() + 30 * 86_400, refresh=Secret("r0"))
        await store.save(account_of(server.url, grant), old, 0)
        async with client(server.url, grant, store, clock) as elements:
            await asyncio.gather(*(elements.authenticate() for _ in range(5)))
    assert endpoint.asked == ["refresh_token"]


async def test_clocks_of_two_machines_may_differ_a_little() -> None:
    grant, clock, endpoint = GRANTS["person"], QuickClock(), Endpoint("200 OK", b"")
    async with raw_server(answer_one, tokens=endpoint) as server:
        store = await saved(server.url, grant, clock)
        old = Token(Secret("old"), 3600.0, clock.wall() + 3600 + 120, refresh=Secret("r0"))
        await store.save(account_of(server.url, grant), old, 0)
        async with client(server.url, grant, store, clock) as elements:
            await elements.authenticate()
    assert endpoint.asked == []


@pytest.mark.parametrize(
    ("answer", "is_proven"),
    [
        (Refusal(401), True),
        (Refusal(401, is_page=True), False),  # of something in front of the endpoint
        (Refusal(400, "invalid_client"), True),
        (Refusal(400, "invalid_client", is_page=True), False),
        (Refusal(400, "temporarily_unavailable"), False),
        (Refusal(400), False),
        (UnexpectedAnswer(200), False),
    ],
)
def test_only_the_endpoint_itself_proves_anything(
    answer: Refusal | UnexpectedAnswer, *, is_proven: bool
) -> None:
    error = error_of(answer, GRANTS["organisation"])
    assert isinstance(error, AuthenticationError)
    assert error.is_proven is is_proven
