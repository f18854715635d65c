"""Tokens over their life: flows, storms, clocks, lost answers, stores that fail."""

import asyncio
import contextlib
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from elements_procura.auth import FileTokenStore
from elements_procura.auth.authorize import AuthorizationRequest, begin
from elements_procura.auth.credentials import Credentials
from elements_procura.auth.grants import AuthorizationCodeGrant
from elements_procura.auth.oauth import Token
from elements_procura.auth.stores.memory import MemoryTokenStore
from elements_procura.elements.client import ElementsClient
from elements_procura.errors import (
    AuthenticationError,
    ConfigError,
    InvalidClient,
    ReauthorizationRequired,
    RefusedToken,
    ServerError,
    StatusError,
    StoreError,
)
from elements_procura.harvest import ElementsSource, Store, harvest
from elements_procura.sandbox import Fault, Sandbox
from elements_procura.scheduler import Rate
from elements_procura.secret import Secret
from tests.client_kit import (
    Exchange,
    chain,
    client_at,
    client_for,
    data_requests,
    grants,
    raw_server,
    told,
)
from tests.clock import FakeClock, QuickClock, TwoClocks, VirtualClock

TOKENS = "POST /oauth/access_token"


# ---------------------------------------------------------------- authorization code


async def opened(request: AuthorizationRequest) -> tuple[int, str, str]:
    """What a browser gets to see: status, where it is sent to, and the page."""
    parts = urlsplit(request.url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    writer.write(f"GET {parts.path}?{parts.query} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    lines = [line.partition(": ") for line in head.split("\r\n")[1:]]
    headers = {name.lower(): value for name, _, value in lines}
    body = await reader.readexactly(int(headers["content-length"]))
    writer.close()
    return int(head.split()[1]), headers.get("location", ""), body.decode()


def consent(sandbox: Sandbox, **options: Any) -> AuthorizationRequest:
    given = sandbox.credentials
    settings: dict[str, Any] = {"client_id": given["client_id"], "scopes": given["scopes"]}
    settings |= options
    return begin(sandbox.url, **settings)


def person(sandbox: Sandbox, code: Secret | None = None, **options: Any) -> AuthorizationCodeGrant:
    given = sandbox.credentials
    credentials = Credentials(given["client_id"], given["client_secret"])
    settings: dict[str, Any] = {"user": "jansen", "scopes": tuple(given["scopes"]), "code": code}
    return AuthorizationCodeGrant(credentials, **(settings | options))


def client_with(sandbox: Sandbox, grant: AuthorizationCodeGrant, **options: Any) -> ElementsClient:
    settings: dict[str, Any] = {"rates": (Rate(1000, 1.0),), "clock": QuickClock()} | options
    return ElementsClient(sandbox.url, grant=grant, **settings)


async def code_of(sandbox: Sandbox) -> Secret:
    request = consent(sandbox)
    _, _, page = await opened(request)
    return request.code_shown(page.partition("<title>")[2].partition("</title>")[0])


async def test_a_person_agrees_and_the_client_reads() -> None:
    clock = QuickClock()
    async with Sandbox(dossiers=1, limits="off", clock=clock.now) as sandbox:
        request = consent(sandbox, redirect_uri="http://127.0.0.1:9/back?x=1")
        status, address, _ = await opened(request)
        assert status == 302
        assert address.startswith("http://127.0.0.1:9/back?x=1&code=")
        grant = person(sandbox, request.code_from(address))
        store = MemoryTokenStore()
        async with client_with(sandbox, grant, clock=clock, token_store=store) as client:
            for _ in range(3):
                await asyncio.gather(*(client.klantdossiers.get(5526) for _ in range(5)))
                clock.skip(3600)
        assert grant.form() is None
        # A later run has the refresh token only.
        async with client_with(sandbox, person(sandbox), clock=clock, token_store=store) as client:
            await client.klantdossiers.get(5526)
        assert grants(sandbox)[1:] == ["authorization_code", *["refresh_token"] * 3]


async def test_a_code_out_of_a_windows_title() -> None:
    async with (
        Sandbox(dossiers=1, limits="off") as sandbox,
        client_with(sandbox, person(sandbox, await code_of(sandbox))) as client,
    ):
        assert (await client.klantdossiers.get(5526)).id == 5526


async def test_a_code_works_once() -> None:
    async with Sandbox(dossiers=1, limits="off") as sandbox:
        code = await code_of(sandbox)
        async with client_with(sandbox, person(sandbox, code)) as client:
            await client.authenticate()
        async with client_with(sandbox, person(sandbox, code)) as client:
            for _ in range(2):
                with pytest.raises(ReauthorizationRequired, match="login --flow code") as caught:
                    await client.authenticate()
                assert caught.value.error == "invalid_grant"
        assert [each.outcome for each in sandbox.token_events] == ["issued", "invalid_grant"]


async def test_a_code_is_not_used_up_by_a_server_that_is_down() -> None:
    async with Sandbox(dossiers=1, limits="off") as sandbox:
        grant = person(sandbox, await code_of(sandbox))
        sandbox.add_fault(Fault(kind="status", status=503, match=TOKENS))
        async with client_with(sandbox, grant) as client:
            with pytest.raises(ServerError):
                await client.authenticate()
            assert grant.form() is not None
            sandbox.clear_faults()
            await client.authenticate()


async def test_a_wrong_secret_does_not_use_up_the_code() -> None:
    async with Sandbox(dossiers=1, limits="off") as sandbox:
        code = await code_of(sandbox)
        wrong = Credentials(sandbox.credentials["client_id"], "wrong")
        grant = person(sandbox, code)
        grant.credentials = wrong
        async with client_with(sandbox, grant) as client:
            with pytest.raises(InvalidClient):
                await client.authenticate()
        async with client_with(sandbox, person(sandbox, grant.code)) as client:
            await client.authenticate()


async def test_a_person_who_takes_access_back_is_asked_again() -> None:
    """And the client goes on as soon as somebody has saved a new token."""
    async with Sandbox(dossiers=1, limits="off") as sandbox:
        store = MemoryTokenStore()
        grant = person(sandbox, await code_of(sandbox))
        async with client_with(sandbox, grant, token_store=store) as client:
            await client.authenticate()
            sandbox.revoke_tokens()
            for _ in range(3):
                with pytest.raises(ReauthorizationRequired, match="Let the person grant access"):
                    await client.klantdossiers.get(5526)
            assert grants(sandbox)[1:] == ["authorization_code", "refresh_token"]
            again = person(sandbox, await code_of(sandbox))
            async with client_with(sandbox, again, token_store=store) as login:
                await login.authenticate()
            assert (await client.klantdossiers.get(5526)).id == 5526


async def test_a_person_who_says_no() -> None:
    async with Sandbox(dossiers=1, limits="off") as sandbox:
        sandbox.refuse_consent()
        request = consent(sandbox, redirect_uri="http://127.0.0.1:9/")
        _, address, _ = await opened(request)
        with pytest.raises(AuthenticationError, match="access_denied"):
            request.code_from(address)


async def test_the_implicit_flow_gives_a_token_to_the_browser() -> None:
    async with Sandbox(dossiers=1, limits="off") as sandbox:
        request = consent(sandbox, redirect_uri="http://127.0.0.1:9/", implicit=True)
        _, address, _ = await opened(request)
        token = request.token_from(address, wall=0.0)
        assert (token.lifetime, token.refresh) == (3600.0, None)
        assert sandbox._tokens.accepts(token.access.reveal())


@pytest.mark.parametrize(
    "options", [{"client_id": "nobody"}, {"redirect_uri": "https://elsewhere.example/"}]
)
async def test_the_sandbox_sends_nothing_to_an_address_it_does_not_know(
    options: dict[str, Any],
) -> None:
    async with Sandbox(dossiers=1, limits="off") as sandbox:
        status, address, _ = await opened(consent(sandbox, **options))
        assert (status, address) == (400, "")


@pytest.mark.parametrize(
    "options",
    [{"credentials": ("a", "b")}, {"organisation": 1}, {"scopes": ["a"]}],
)
def test_a_grant_is_given_alone(options: dict[str, Any]) -> None:
    grant = AuthorizationCodeGrant(Credentials("a", "b"), "jansen")
    with pytest.raises(ConfigError, match="part of the grant"):
        ElementsClient("kantoor", grant=grant, **options)


def test_without_a_grant_there_are_credentials() -> None:
    with pytest.raises(ConfigError, match="credentials"):
        ElementsClient("kantoor", organisation=1, scopes=["a"])


# ---------------------------------------------------------------- many at once


@pytest.mark.virtual_time
async def test_a_thousand_wait_and_the_first_of_them_is_cancelled_meanwhile(
    virtual_clock: VirtualClock,
) -> None:
    clock = virtual_clock
    async with (
        Sandbox(dossiers=1, limits="off", clock=clock.now) as sandbox,
        client_for(sandbox, clock=clock) as client,
    ):
        await client.authenticate()
        clock.skip(3600)
        sandbox.add_fault(Fault(kind="stall-after", match=TOKENS, seconds=5))
        calls = [asyncio.create_task(client.klantdossiers.get(5526)) for _ in range(1000)]
        await asyncio.sleep(2)
        assert len(grants(sandbox)) == 2
        calls[0].cancel()
        ended = await asyncio.gather(*calls, return_exceptions=True)
        assert isinstance(ended[0], asyncio.CancelledError)
        assert [each for each in ended[1:] if isinstance(each, BaseException)] == []
        assert grants(sandbox) == ["organisation", "refresh_token"]
        assert len(data_requests(sandbox)) == 999


# ---------------------------------------------------------------- storms


class Storm:
    """A server that refuses every token, until it is over."""

    def __init__(self) -> None:
        self.over = False

    async def __call__(self, exchange: Exchange) -> None:
        if self.over:
            exchange.answer(b'{"id": 1}')
        else:
            exchange.answer(b'{"error": "invalid_token"}', "401 Unauthorized")


async def test_a_storm_of_401s_opens_the_breaker_for_a_minute() -> None:
    clock, storm = FakeClock(), Storm()
    async with raw_server(storm) as server, client_at(server.url, clock=clock) as client:

        async def called(times: int) -> list[Any]:
            calls = (client.read("/api/data/klantdossiers/1") for _ in range(times))
            return await asyncio.gather(*calls, return_exceptions=True)

        ended = await called(50)
        ended += await called(50)
        ended += await called(50)
        assert {type(each) for each in ended} == {RefusedToken}
        assert client.counters.renewals == 3
        sent = client.counters.sent
        clock.monotonic += 0.9
        (error,) = await called(1)
        assert "3 tokens in a row" in str(error)
        assert error.status == 401
        assert (client.counters.sent, len(list(chain(error)))) == (sent, 1)
        clock.monotonic += 54
        assert {str(each) for each in await called(50)} == {str(error)}
        assert client.counters.sent == sent + 1  # one that looks whether it is over
        clock.monotonic += 10  # one try, and it is shut again
        await called(20)
        assert client.counters.renewals == 4
        await called(20)
        assert client.counters.renewals == 4
        clock.monotonic += 61
        storm.over = True
        assert [type(each).__name__ for each in await called(2)] == ["JsonResponse"] * 2
        assert client.counters.renewals == 5


async def test_a_storm_that_passes_is_noticed_within_seconds() -> None:
    clock, storm = FakeClock(), Storm()
    async with raw_server(storm) as server, client_at(server.url, clock=clock) as client:
        for _ in range(3):
            with pytest.raises(RefusedToken):
                await client.read("/api/data/klantdossiers/1")
        renewals = client.counters.renewals
        storm.over = True
        clock.monotonic += 1
        await client.read("/api/data/klantdossiers/1")
        await client.read("/api/data/klantdossiers/1")
        assert client.counters.renewals == renewals


async def test_looks_at_a_storm_grow_rarer() -> None:
    clock = FakeClock()
    async with raw_server(Storm()) as server, client_at(server.url, clock=clock) as client:
        looks = []
        for second in range(-2, 60):
            sent = client.counters.sent
            with pytest.raises(RefusedToken):
                await client.read("/api/data/klantdossiers/1")
            if second > 0 and client.counters.sent > sent:
                looks.append(second)
            clock.monotonic += second >= 0
        assert looks == [1, 3, 7, 15, 31]


async def test_a_path_that_refuses_every_token_costs_the_others_no_renewals() -> None:
    """A right that a server refuses with 401 instead of 403."""

    async def handler(exchange: Exchange) -> None:
        if "adviseurs" in exchange.path:
            exchange.answer(b'{"error": "invalid_token"}', "401 Unauthorized")
        else:
            exchange.answer(b'{"id": 1}')

    clock = QuickClock()
    async with raw_server(handler) as server, client_at(server.url, clock=clock) as client:

        async def refused(times: int) -> None:
            for _ in range(times):
                with pytest.raises(RefusedToken, match="adviseurs") as caught:
                    await client.read("/api/data/klantdossiers/1/adviseurs")
                assert dict(caught.value.ids) == {"DOSSIER_ID": "1"}
                await client.read("/api/data/klantdossiers/1")

        await refused(20)
        assert client.counters.renewals == 2
        assert client.counters.sent == 2 + 1 + 2 * 20
        clock.skip(301)  # by now it may be granted
        await refused(20)
        assert client.counters.renewals == 3


async def test_a_gateways_401_pages_say_nothing_about_tokens_and_open_no_breaker() -> None:
    is_over = False

    async def handler(exchange: Exchange) -> None:
        if is_over:
            exchange.answer(b'{"id": 1}')
        else:
            exchange.answer(b"<html>Log in</html>", "401 Unauthorized", "Content-Type: text/html")

    async with raw_server(handler) as server, client_at(server.url) as client:
        for _ in range(5):
            with pytest.raises(StatusError, match="the server answered 401") as caught:
                await client.read("/api/data/klantdossiers/1")
            assert not caught.value.is_proven
        is_over = True
        await client.read("/api/data/klantdossiers/1")


async def test_refusals_that_are_not_in_a_row_are_no_storm() -> None:
    async with Sandbox(dossiers=1, limits="off") as sandbox, client_for(sandbox) as client:
        for _ in range(8):
            await client.klantdossiers.get(5526)
            sandbox.expire_tokens()
        assert (await client.klantdossiers.get(5526)).id == 5526


async def test_a_wrong_secret_is_a_setting_and_asked_with_once() -> None:
    clock = QuickClock()
    async with Sandbox(dossiers=1, limits="off") as sandbox:
        wrong = Credentials(sandbox.credentials["client_id"], "wrong")
        async with client_for(sandbox, credentials=wrong, clock=clock) as client:
            for _ in range(5):
                with pytest.raises(ConfigError, match="Check client id and secret") as caught:
                    await client.klantdossiers.get(5526)
                assert isinstance(caught.value, AuthenticationError)
            assert len(sandbox.log) == 1
            clock.skip(61)
            with pytest.raises(InvalidClient):
                await client.authenticate()
            assert len(sandbox.log) == 2


async def test_a_401_without_a_word_is_about_the_client_and_costs_no_refresh_token() -> None:
    async with Sandbox(dossiers=1, limits="off") as sandbox:
        store = MemoryTokenStore()
        async with client_for(sandbox, token_store=store) as client:
            await client.authenticate()
            (kept,) = store._tokens.values()
            sandbox.expire_tokens()
            sandbox.add_fault(Fault(kind="status", status=401, match=TOKENS))
            with pytest.raises(AuthenticationError):
                await client.klantdossiers.get(5526)
            assert list(store._tokens.values()) == [kept]


# ---------------------------------------------------------------- clocks


@pytest.mark.parametrize("first", [3600.0, -3600.0])
@pytest.mark.parametrize("then", [0.0, 3600.0, -3600.0])
@pytest.mark.parametrize("stored", [False, True])
async def test_a_clock_that_jumps_an_hour_and_again(
    first: float, then: float, stored: bool, tmp_path: Path
) -> None:
    """At most one renewal more per jump, and no call fails. The server's clock is its own."""
    clock = TwoClocks()
    async with Sandbox(dossiers=1, limits="off", clock=clock.now) as sandbox:

        def client() -> ElementsClient:
            store = FileTokenStore(tmp_path) if stored else MemoryTokenStore()
            return client_for(sandbox, clock=clock, token_store=store)

        async with contextlib.AsyncExitStack() as stack:
            elements = await stack.enter_async_context(client())
            for jump in (0.0, first, then):
                before = len(grants(sandbox))
                clock.set_by += jump
                if stored:  # another process, which has only what is in the file
                    elements = await stack.enter_async_context(client())
                for _ in range(3):
                    await elements.klantdossiers.get(5526)
                    clock.skip(20)
                assert len(grants(sandbox)) - before <= 1
        assert {status for *_, status in data_requests(sandbox)} == {200}


@pytest.mark.parametrize("monotonic", ["goes on", "stands still"])
async def test_a_machine_that_sleeps_two_hours(monotonic: str) -> None:
    clock = TwoClocks()
    awake = QuickClock()  # the server's
    async with (
        Sandbox(dossiers=1, limits="off", clock=awake.now) as sandbox,
        client_for(sandbox, clock=clock) as client,
    ):
        await client.klantdossiers.get(5526)
        for each in (clock, awake):
            each.skip(7200)
        if monotonic == "stands still":
            clock.stood_still = 7200
        for _ in range(5):
            await client.klantdossiers.get(5526)
        assert grants(sandbox) == ["organisation", "refresh_token"]
        assert {status for *_, status in data_requests(sandbox)} == {200}


@pytest.mark.parametrize("stored", [False, True])
async def test_a_wall_clock_that_is_set_back_keeps_no_dead_token_alive(stored: bool) -> None:
    """The monotonic clock tells the end, also of a token that came out of a store."""
    clock, store = TwoClocks(), MemoryTokenStore()
    async with (
        Sandbox(dossiers=1, limits="off", clock=clock.now) as sandbox,
        client_for(sandbox, clock=clock, token_store=store) as one,
        client_for(sandbox, clock=clock, token_store=store) as other,
    ):
        await one.klantdossiers.get(5526)
        clock.skip(3000)
        client = other if stored else one
        await client.klantdossiers.get(5526)
        clock.set_by -= 3600
        clock.skip(595)
        await client.klantdossiers.get(5526)
        assert grants(sandbox) == ["organisation", "refresh_token"]
        assert {status for *_, status in data_requests(sandbox)} == {200}


# ---------------------------------------------------------------- lost answers


@pytest.mark.parametrize("times", [1, 2])
async def test_answers_that_are_lost_after_rotation(times: int, tmp_path: Path) -> None:
    """The same token again; refused, one grant. A new process finds nothing but good tokens."""
    store = FileTokenStore(tmp_path)
    async with Sandbox(dossiers=1, limits="off") as sandbox:
        async with client_for(sandbox, token_store=store) as client:
            await client.authenticate()
            for _ in range(3):
                known = len(sandbox.token_events)
                sandbox.expire_tokens()
                sandbox.add_fault(Fault(kind="reset-after", match=TOKENS, times=times))
                await asyncio.gather(*(client.klantdossiers.get(5526) for _ in range(20)))
                events = sandbox.token_events[known:]
                assert [(each.grant_type, each.outcome) for each in events] == [
                    ("refresh_token", "issued"),
                    *[("refresh_token", "invalid_grant")] * times,
                    ("organisation", "issued"),
                ]
                assert len({each.presented for each in events[:-1]}) == 1
        async with client_for(sandbox, token_store=store) as client:
            await client.klantdossiers.get(5526)
            assert client.counters.renewals == 0


async def test_answers_that_are_always_lost_are_no_loop() -> None:
    async with Sandbox(dossiers=1, limits="off") as sandbox, client_for(sandbox) as client:
        await client.authenticate()
        sandbox.expire_tokens()
        sandbox.add_fault(Fault(kind="reset-after", match=TOKENS))
        for _ in range(3):
            known = len(sandbox.token_events)
            with pytest.raises(Exception, match="POST /oauth/access_token"):
                await client.klantdossiers.get(5526)
            assert len(sandbox.token_events) - known <= 3
        sandbox.clear_faults()
        assert (await client.klantdossiers.get(5526)).id == 5526


async def test_a_lost_answer_without_credentials_for_another_grant() -> None:
    async with Sandbox(dossiers=1, limits="off") as sandbox:
        async with client_with(sandbox, person(sandbox, await code_of(sandbox))) as client:
            await client.authenticate()
            sandbox.expire_tokens()
            sandbox.add_fault(Fault(kind="reset-after", match=TOKENS, times=1))
            with pytest.raises(ReauthorizationRequired, match="login --flow code") as caught:
                await client.klantdossiers.get(5526)
            assert caught.value.hint
        assert [each.outcome for each in sandbox.token_events] == [
            "issued",
            "issued",
            "invalid_grant",
        ]


async def test_a_harvest_keeps_its_place_when_access_ends(tmp_path: Path) -> None:
    """It ends, is resumed after a new consent, and asks for nothing twice."""
    async with Sandbox(dossiers=6, limits="off") as sandbox:
        tokens = FileTokenStore(tmp_path / "tokens")
        path = tmp_path / "elements.sqlite"
        grant = person(sandbox, await code_of(sandbox))
        ended: list[str] = []
        async with client_with(sandbox, grant, token_store=tokens) as client:
            with Store.create(path, tenant="t") as store:
                run = harvest(ElementsSource(client), store, workers=4)
                try:
                    async for _ in run:
                        if len(sandbox.log) > 60:
                            sandbox.revoke_tokens()
                except ReauthorizationRequired as error:
                    ended.append(error.code)
        assert ended == ["auth.reauthorize"]
        grant = person(sandbox, await code_of(sandbox))
        async with client_with(sandbox, grant, token_store=tokens) as client:
            with Store.open(path, tenant="t") as store:
                run = harvest(ElementsSource(client), store)
                async for _ in run:
                    pass
                assert run.progress.complete
        good = [path for _, path, status in data_requests(sandbox) if status == 200]
        assert len(good) == len(set(good))


# ---------------------------------------------------------------- stores that fail


class Full(MemoryTokenStore):
    """A store that has no room for a while."""

    full = False

    async def save(self, account: str, token: Token | None, fence: int) -> None:
        if self.full:
            raise StoreError("there is no room")
        await super().save(account, token, fence)


async def test_a_token_that_could_not_be_saved_is_saved_later_not_asked_for_again() -> None:
    async with Sandbox(dossiers=1, limits="off") as sandbox:
        store = Full()
        grant = person(sandbox, await code_of(sandbox))
        async with client_with(sandbox, grant, token_store=store) as client:
            await client.authenticate()
            sandbox.expire_tokens()
            store.full = True
            for _ in range(3):
                with pytest.raises(StoreError, match="no room"):
                    await client.klantdossiers.get(5526)
            # Nobody has used it: what is not saved must not be.
            assert {status for *_, status in data_requests(sandbox)} == {401}
            store.full = False
            assert (await client.klantdossiers.get(5526)).id == 5526
        assert [each.outcome for each in sandbox.token_events] == ["issued", "issued"]


@pytest.mark.parametrize("stays_full", [False, True])
async def test_a_token_that_could_not_be_saved_is_saved_at_the_latest_at_the_end(
    caplog: pytest.LogCaptureFixture, *, stays_full: bool
) -> None:
    async with Sandbox(dossiers=1, limits="off") as sandbox:
        store = Full()
        grant = person(sandbox, await code_of(sandbox))
        async with client_with(sandbox, grant, token_store=store) as client:
            await client.authenticate()
            before = dict(store._tokens)
            sandbox.expire_tokens()
            store.full = True
            with pytest.raises(StoreError, match="no room"):
                await client.klantdossiers.get(5526)
            store.full = stays_full
        assert (store._tokens == before) is stays_full
        assert ("the last one is lost" in caplog.text) is stays_full


class Leaving(MemoryTokenStore):
    """A store in which saving is cut short."""

    cut = False

    async def save(self, account: str, token: Token | None, fence: int) -> None:
        if self.cut:
            self.cut = False
            raise RuntimeError("a store that does not keep its word")
        await super().save(account, token, fence)


async def test_a_saving_that_ends_in_any_other_way_loses_nothing_either() -> None:
    async with Sandbox(dossiers=1, limits="off") as sandbox:
        store = Leaving()
        grant = person(sandbox, await code_of(sandbox))
        async with client_with(sandbox, grant, token_store=store) as client:
            await client.authenticate()
            sandbox.expire_tokens()
            store.cut = True
            with pytest.raises(RuntimeError):
                await client.klantdossiers.get(5526)
            assert (await client.klantdossiers.get(5526)).id == 5526
        assert [each.outcome for each in sandbox.token_events] == ["issued", "issued"]


async def test_what_another_process_saved_meanwhile_wins_over_what_could_not_be_saved() -> None:
    async with Sandbox(dossiers=1, limits="off") as sandbox:
        store = Full()
        async with (
            client_for(sandbox, token_store=store) as client,
            client_for(sandbox, token_store=store) as other,
        ):
            await client.authenticate()
            sandbox.expire_tokens()
            store.full = True
            with pytest.raises(StoreError):
                await client.klantdossiers.get(5526)
            store.full = False
            await other.klantdossiers.get(5526)
            known, kept = len(sandbox.token_events), dict(store._tokens)
            await client.klantdossiers.get(5526)
            assert len(sandbox.token_events) == known
            assert store._tokens == kept


class Fenced(MemoryTokenStore):
    """A store whose lock can be lost: every holder gets a higher number, and old ones fail."""

    def __init__(self) -> None:
        super().__init__()
        self.holders = 0
        self.overtaken = False

    @contextlib.asynccontextmanager
    async def exclusive(self, account: str) -> Any:
        async with super().exclusive(account):
            self.holders += 1
            fence = self.holders
            self.holders += self.overtaken
            yield fence

    async def save(self, account: str, token: Token | None, fence: int) -> None:
        if fence < self.holders:
            raise StoreError("the lock was lost meanwhile")
        await super().save(account, token, fence)


async def test_a_holder_that_was_overtaken_saves_nothing() -> None:
    async with Sandbox(dossiers=1, limits="off") as sandbox:
        store = Fenced()
        async with client_for(sandbox, token_store=store) as client:
            store.overtaken = True
            with pytest.raises(StoreError, match="lock was lost") as caught:
                await client.authenticate()
            assert "Token(" not in told(caught.value)
            store.overtaken = False
            await client.authenticate()
        assert grants(sandbox) == ["organisation"]
