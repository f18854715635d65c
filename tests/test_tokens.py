"""Tokens over real HTTP: one renewal at a time, and none lost."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from elements_procura.auth.credentials import Credentials
from elements_procura.auth.grants import OrganisationGrant, account_of
from elements_procura.auth.oauth import Token
from elements_procura.auth.stores.memory import MemoryTokenStore
from elements_procura.auth.tokens import TokenKeeper
from elements_procura.errors import (
    AuthenticationError,
    InvalidClient,
    ProtocolError,
    ReauthorizationRequired,
    ServerError,
    StoreError,
)
from elements_procura.sandbox import Fault, Sandbox
from elements_procura.scheduler import Priority, Rate, Scheduler, Slot
from elements_procura.secret import Secret
from tests.client_kit import (
    Exchange,
    chain,
    client_at,
    client_for,
    data_requests,
    grants,
    raw_server,
)
from tests.clock import QuickClock, TwoClocks, VirtualClock

TOKENS = "POST /oauth/*"


class WatchedStore(MemoryTokenStore):
    """A slow store that writes down what is done.

    With ``shared=False`` nothing is locked: it fails when its only client renews twice at once.
    """

    def __init__(self, sandbox: Sandbox | None = None, *, shared: bool = True) -> None:
        super().__init__()
        self.shared = shared
        self.done: list[str] = []
        self.sent_while_saving = 0
        self.inside = 0
        self.sandbox = sandbox

    @contextlib.asynccontextmanager
    async def exclusive(self, account: str) -> AsyncIterator[int]:
        async with super().exclusive(account) if self.shared else contextlib.nullcontext():
            self.inside += 1
            assert self.inside == 1
            try:
                yield 0
            finally:
                self.inside -= 1

    async def load(self, account: str) -> Token | None:
        self.done.append("load")
        return await super().load(account)

    async def save(self, account: str, token: Token | None, fence: int) -> None:
        assert self.inside == 1
        log = self.sandbox.log if self.sandbox else []
        before = len(log)
        await asyncio.sleep(0.02)
        self.sent_while_saving += len(log) - before
        await super().save(account, token, fence)
        self.done.append("forget" if token is None else "save")


def account(sandbox: Sandbox) -> str:
    given = sandbox.credentials
    grant = OrganisationGrant(
        Credentials(given["client_id"], given["client_secret"]),
        given["organisation"],
        given["webservice"],
        tuple(given["scopes"]),
    )
    return account_of(sandbox.url, grant)


# ---------------------------------------------------------------- under load


@pytest.mark.virtual_time
async def test_a_life_of_two_seconds_under_load(virtual_clock: VirtualClock) -> None:
    """One renewal per expiry, never two at once."""
    clock = virtual_clock
    async with Sandbox(dossiers=1, limits="off", clock=clock.now, token_seconds=2) as sandbox:
        store = WatchedStore(sandbox, shared=False)
        async with client_for(
            sandbox, clock=clock, token_store=store, rates=(Rate(25, 1),)
        ) as client:
            started = clock.now()
            await asyncio.gather(*(client.klantdossiers.get(5526) for _ in range(400)))
            lasted = clock.now() - started
    assert lasted > 10
    assert [status for *_, status in data_requests(sandbox)] == [200] * 400
    kinds = grants(sandbox)
    assert kinds == ["organisation"] + ["refresh_token"] * (len(kinds) - 1)
    assert 6 <= len(kinds) <= lasted / 1.6 + 1
    assert store.sent_while_saving == 0
    assert client.counters.renewals == len(kinds)


@pytest.mark.virtual_time
async def test_fifty_callers_with_all_places_taken_do_not_wait_for_ever(
    virtual_clock: VirtualClock,
) -> None:
    clock = virtual_clock
    async with (
        Sandbox(dossiers=1, limits="off", clock=clock.now, token_seconds=30) as sandbox,
        client_for(sandbox, clock=clock, rates=(Rate(2, 0.5),)) as client,
    ):
        await client.authenticate()
        clock.skip(31)
        async with asyncio.timeout(20):
            found = await asyncio.gather(
                *(
                    client.with_options(priority=priority).klantdossiers.get(5526)
                    for priority in [Priority.BULK, Priority.INTERACTIVE] * 25
                )
            )
        assert len(found) == 50
        assert grants(sandbox) == ["organisation", "refresh_token"]


async def test_a_thousand_tasks_meet_an_expired_token() -> None:
    clock = QuickClock()
    async with (
        Sandbox(dossiers=1, limits="off", clock=clock.now) as sandbox,
        client_for(sandbox, clock=clock) as client,
    ):
        await client.authenticate()
        clock.skip(3600)
        await asyncio.gather(*(client.klantdossiers.get(5526) for _ in range(1000)))
        assert grants(sandbox) == ["organisation", "refresh_token"]
        assert [status for *_, status in data_requests(sandbox)] == [200] * 1000


@pytest.mark.virtual_time
async def test_many_meet_a_token_that_the_server_refuses() -> None:
    async with (
        Sandbox(dossiers=1, limits="off", min_latency=0.02) as sandbox,
        client_for(sandbox) as client,
    ):
        await client.authenticate()
        sandbox.expire_tokens()
        await asyncio.gather(*(client.klantdossiers.get(5526) for _ in range(40)))
        assert grants(sandbox) == ["organisation", "refresh_token"]


@pytest.mark.virtual_time
async def test_a_late_refusal_of_the_old_token_leaves_the_new_one_alone() -> None:
    refused: set[str] = set()

    async def handler(exchange: Exchange) -> None:
        if exchange.path in refused:
            exchange.answer(b'{"id": %s}' % exchange.path[-1:].encode())
            return
        refused.add(exchange.path)
        await asyncio.sleep(5 if exchange.path.endswith("2") else 0)
        exchange.answer(b"{}", "401 Unauthorized")

    async with raw_server(handler) as server, client_at(server.url) as client:
        await client.authenticate()
        await asyncio.gather(client.klantdossiers.get(1), client.klantdossiers.get(2))
        assert client.counters.renewals == 2


@pytest.mark.virtual_time
@pytest.mark.parametrize("moment", [0.0, 3.0])
async def test_the_first_in_line_is_cancelled_during_the_renewal(moment: float) -> None:
    stall = Fault(kind="stall", match=TOKENS, seconds=10)
    async with (
        Sandbox(dossiers=1, limits="off", faults=[stall]) as sandbox,
        client_for(sandbox) as client,
    ):
        calls = [asyncio.create_task(client.klantdossiers.get(5526)) for _ in range(5)]
        await asyncio.sleep(moment)
        calls[0].cancel()
        ended = await asyncio.gather(*calls, return_exceptions=True)
        assert isinstance(ended[0], asyncio.CancelledError)
        assert not [each for each in ended[1:] if isinstance(each, BaseException)]
        assert grants(sandbox) == ["organisation"]


@pytest.mark.virtual_time
async def test_all_are_cancelled_and_the_token_is_kept_all_the_same() -> None:
    stall = Fault(kind="stall", match=TOKENS, seconds=5)
    async with Sandbox(dossiers=1, limits="off", faults=[stall]) as sandbox:
        store = WatchedStore()
        async with client_for(sandbox, token_store=store) as client:
            call = asyncio.create_task(client.klantdossiers.get(5526))
            await asyncio.sleep(3)
            call.cancel()
            await asyncio.wait([call])
        # Closing waited for the renewal: what it brought may be the only token there is.
        assert store.done == ["load", "save"]


# ---------------------------------------------------------------- when it is due


@pytest.mark.parametrize(
    ("lifetime", "passed", "renewed"),
    [(60, 49, False), (60, 51, True), (2, 1.5, False), (2, 1.7, True), (3600, 3589, False)],
)
async def test_a_token_is_renewed_ahead_of_its_end(
    lifetime: float, passed: float, renewed: bool
) -> None:
    clock = QuickClock()
    async with (
        Sandbox(dossiers=1, limits="off", token_seconds=lifetime, clock=clock.now) as sandbox,
        client_for(sandbox, clock=clock) as client,
    ):
        await client.authenticate()
        clock.skip(passed)
        await client.authenticate()
        assert (len(grants(sandbox)) == 2) is renewed


@pytest.mark.parametrize(("jump", "renewed"), [(4000, True), (-4000, False)])
async def test_a_clock_that_was_set_costs_one_renewal_at_most(jump: float, renewed: bool) -> None:
    """A machine that slept may have stopped the monotonic clock, but not the wall's."""
    clock = TwoClocks()
    async with (
        Sandbox(dossiers=1, limits="off") as sandbox,
        client_for(sandbox, clock=clock) as client,
    ):
        await client.authenticate()
        clock.set_by = jump
        for _ in range(3):
            await client.klantdossiers.get(5526)
        assert (len(grants(sandbox)) == 2) is renewed


async def test_the_old_token_lives_to_its_end_when_renewing_fails() -> None:
    clock = QuickClock()
    async with (
        Sandbox(dossiers=1, limits="off", token_seconds=60, clock=clock.now) as sandbox,
        client_for(sandbox, clock=clock) as client,
    ):
        await client.authenticate()
        sandbox.add_fault(Fault(kind="status", status=503, match=TOKENS))
        clock.skip(51)
        await asyncio.gather(*(client.klantdossiers.get(5526) for _ in range(5)))
        assert len(grants(sandbox)) == 1 + 3  # three attempts, once
        clock.skip(10)
        with pytest.raises(ServerError, match="POST /oauth/access_token: the server answered 503"):
            await client.klantdossiers.get(5526)
        sandbox.clear_faults()
        assert (await client.klantdossiers.get(5526)).id == 5526


async def test_tokens_that_die_before_they_are_sent_cost_three_requests_a_minute() -> None:
    clock = QuickClock()

    class Slow(MemoryTokenStore):
        async def save(self, account: str, token: Token | None, fence: int) -> None:
            await super().save(account, token, fence)
            clock.skip(1)

    async def tokens(exchange: Exchange) -> None:
        exchange.answer(b'{"access_token": "x", "expires_in": 1}')

    async def handler(exchange: Exchange) -> None:
        exchange.answer(b'{"id": 1}')

    async with (
        raw_server(handler, tokens=tokens) as server,
        client_at(server.url, clock=clock, token_store=Slow()) as client,
    ):
        for minute in (1, 2):
            for _ in range(3):
                with pytest.raises(AuthenticationError, match="dies before it can be sent"):
                    await client.klantdossiers.get(1)
            assert len(server.seen) == client.counters.renewals == 3 * minute
            clock.skip(60)


@pytest.mark.parametrize("said", [1e-9, 1e-320, 0, -1, -3600.0, None, "1e-9", "soon", True, [], {}])
async def test_a_life_that_nobody_can_mean_costs_one_request(said: Any) -> None:
    async def tokens(exchange: Exchange) -> None:
        exchange.answer(json.dumps({"access_token": "x", "expires_in": said}).encode())

    async def handler(exchange: Exchange) -> None:
        exchange.answer(b'{"id": 1}')

    async with raw_server(handler, tokens=tokens) as server, client_at(server.url) as client:
        for _ in range(3):
            await client.klantdossiers.get(1)
        assert client.counters.renewals == 1


# ---------------------------------------------------------------- what the server refuses


async def test_a_living_token_that_is_refused_is_replaced_and_the_call_replayed_once() -> None:
    async with Sandbox(dossiers=1, limits="off") as sandbox, client_for(sandbox) as client:
        await client.klantdossiers.get(5526)
        sandbox.expire_tokens()
        await client.klantdossiers.get(5526)
        assert [status for *_, status in data_requests(sandbox)] == [200, 401, 200]
        assert grants(sandbox) == ["organisation", "refresh_token"]


async def test_a_fresh_token_that_is_refused_is_the_end() -> None:
    async def handler(exchange: Exchange) -> None:
        exchange.answer(b'{"error": "invalid_token"}', "401 Unauthorized")

    async with raw_server(handler) as server, client_at(server.url) as client:
        with pytest.raises(
            AuthenticationError, match="refuses a token that it just gave"
        ) as caught:
            await client.klantdossiers.get(1)
        assert caught.value.status == 401
        assert "scopes" in caught.value.hint
        assert [each.path for each in server.seen] == [
            *("/oauth/access_token", "/api/data/klantdossiers/1"),
            *("/oauth/access_token", "/api/data/klantdossiers/1"),
        ]


async def holding(sandbox: Sandbox, refresh: str) -> WatchedStore:
    """A store with a token that is over and whose refresh token is ``refresh``."""
    store = WatchedStore()
    old = Token(Secret("old"), 3600.0, 0.0, refresh=Secret(refresh))
    store._tokens[account(sandbox)] = old
    return store


async def test_a_refused_refresh_token_is_dropped_and_a_grant_asked_for_once() -> None:
    async with Sandbox(dossiers=1, limits="off") as sandbox:
        store = await holding(sandbox, "unknown")
        async with client_for(sandbox, token_store=store) as client:
            await client.klantdossiers.get(5526)
    assert grants(sandbox) == ["refresh_token", "organisation"]
    assert store.done == ["load", "forget", "save"]


async def test_a_refused_refresh_token_is_gone_although_the_grant_fails() -> None:
    fault = Fault(kind="status", status=503, match=TOKENS, after=1)
    async with Sandbox(dossiers=1, limits="off", faults=[fault]) as sandbox:
        store = await holding(sandbox, "unknown")
        async with client_for(sandbox, token_store=store) as client:
            with pytest.raises(ServerError):
                await client.klantdossiers.get(5526)
        assert await MemoryTokenStore.load(store, account(sandbox)) is None


async def test_a_wrong_secret_is_told_at_once_and_costs_no_stored_token() -> None:
    async with Sandbox(dossiers=1, limits="off") as sandbox:
        store = await holding(sandbox, "still good")
        wrong = Credentials(sandbox.credentials["client_id"], "wrong")
        async with client_for(sandbox, token_store=store, credentials=wrong) as client:
            with pytest.raises(AuthenticationError, match="invalid_client") as caught:
                await client.klantdossiers.get(5526)
        assert (caught.value.status, caught.value.error) == (401, "invalid_client")
        assert "Check client id and secret" in caught.value.hint
        assert grants(sandbox) == ["refresh_token"]
        kept = await MemoryTokenStore.load(store, account(sandbox))
        assert kept is not None
        assert kept.refresh == Secret("still good")


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"organisation": 1}, "invalid_grant"),
        ({"scopes": ["everything"]}, "invalid_scope"),
        ({"webservice": "other"}, "invalid_request"),
    ],
)
async def test_other_refusals_are_told_with_the_servers_word(
    options: dict[str, Any], error: str
) -> None:
    async with (
        Sandbox(dossiers=1, limits="off") as sandbox,
        client_for(sandbox, **options) as client,
    ):
        with pytest.raises(AuthenticationError, match=error) as caught:
            await client.authenticate()
        assert caught.value.error == error
        assert type(caught.value) is AuthenticationError
        assert len(sandbox.log) == 1


@pytest.mark.parametrize(
    ("fault", "kind", "requests"),
    [
        (Fault(kind="html", match=TOKENS), AuthenticationError, 1),
        (Fault(kind="empty", match=TOKENS), AuthenticationError, 1),
        (Fault(kind="cut-json", match=TOKENS), AuthenticationError, 1),
        (Fault(kind="status", status=404, match=TOKENS), AuthenticationError, 1),
        (Fault(kind="status", status=302, match=TOKENS), ProtocolError, 1),
        (Fault(kind="status", status=503, match=TOKENS), ServerError, 3),
    ],
    ids=lambda each: f"{each.kind}-{each.status}" if isinstance(each, Fault) else "",
)
async def test_a_token_endpoint_that_talks_nonsense(
    fault: Fault, kind: type[Exception], requests: int
) -> None:
    async with (
        Sandbox(dossiers=1, limits="off", faults=[fault]) as sandbox,
        client_for(sandbox) as client,
    ):
        with pytest.raises(kind) as caught:
            await client.authenticate()
        assert type(caught.value) is kind
        assert len(sandbox.log) == requests


@pytest.mark.parametrize("kind", ["reset", "reset-after", "truncate", "status"])
async def test_a_refresh_whose_answer_is_lost(kind: str) -> None:
    """After rotation the old refresh token is dead: a new grant gets out of it."""
    async with Sandbox(dossiers=1, limits="off") as sandbox, client_for(sandbox) as client:
        await client.authenticate()
        sandbox.expire_tokens()
        sandbox.add_fault(Fault(kind=kind, match=TOKENS, times=1))
        assert (await client.klantdossiers.get(5526)).id == 5526
        lost = [entry.fault for entry in sandbox.log if entry.path.startswith("/oauth/")][1:]
        rotated = kind in ("reset-after", "truncate")
        assert lost == [kind, None, None] if rotated else [kind, None]
        assert grants(sandbox)[-1] == ("organisation" if rotated else "refresh_token")


async def test_too_many_token_requests_a_second() -> None:
    fault = Fault(kind="status", status=429, match=TOKENS, times=2)
    async with (
        Sandbox(dossiers=1, limits="off", faults=[fault]) as sandbox,
        client_for(sandbox) as client,
    ):
        await client.authenticate()
        assert len(sandbox.log) == 3


# ---------------------------------------------------------------- stores


@pytest.mark.virtual_time
async def test_a_rotated_token_is_saved_before_anyone_uses_it() -> None:
    """Also when somebody comes along just while it is being saved."""
    async with Sandbox(dossiers=1, limits="off") as sandbox:
        store = WatchedStore(sandbox)
        async with client_for(sandbox, token_store=store) as client:
            calls = []
            for number in range(90):
                if number % 30 == 0:
                    sandbox.expire_tokens()
                calls.append(asyncio.create_task(client.klantdossiers.get(5526)))
                await asyncio.sleep(0.002)
            await asyncio.gather(*calls)
        assert store.done == ["load", "save"] * 3
        assert store.sent_while_saving == 0


async def test_two_clients_on_one_store_renew_once() -> None:
    clock = QuickClock()
    async with Sandbox(dossiers=1, limits="off", clock=clock.now) as sandbox:
        store = WatchedStore()
        async with (
            client_for(sandbox, clock=clock, token_store=store) as one,
            client_for(sandbox, clock=clock, token_store=store) as other,
        ):
            for _ in range(2):
                await asyncio.gather(
                    *(client.klantdossiers.get(5526) for client in (one, other) * 10)
                )
                clock.skip(3600)
        assert grants(sandbox) == ["organisation", "refresh_token"]


async def test_a_stored_token_is_used_as_it_is() -> None:
    async with Sandbox(dossiers=1, limits="off") as sandbox:
        store = WatchedStore()
        for _ in range(2):
            async with client_for(sandbox, token_store=store) as client:
                await client.klantdossiers.get(5526)
        assert grants(sandbox) == ["organisation"]


async def test_accounts_in_one_store_are_kept_apart() -> None:
    async with Sandbox(dossiers=1, limits="off") as sandbox:
        store = WatchedStore()
        for scope in ("klantdossier.read", "klantdossier.write"):
            async with client_for(sandbox, token_store=store, scopes=[scope]) as client:
                await client.authenticate()
        assert grants(sandbox) == ["organisation", "organisation"]


class Broken(MemoryTokenStore):
    async def load(self, account: str) -> Token | None:
        raise StoreError("the file is gone", hint="Look for it")


@pytest.mark.parametrize("store", [Broken(), None], ids=["store", "server"])
async def test_every_waiter_gets_an_exception_of_its_own(store: Broken | None) -> None:
    """One instance for all would collect the tracebacks of all."""
    async with Sandbox(dossiers=1, limits="off") as sandbox:
        wrong = Credentials("nobody", "wrong")
        async with client_for(sandbox, token_store=store, credentials=wrong) as client:
            ended = await asyncio.gather(
                *(client.klantdossiers.get(5526) for _ in range(20)), return_exceptions=True
            )
    errors = [each for each in ended if isinstance(each, BaseException)]
    assert len(errors) == len({id(each) for each in errors}) == 20
    assert {type(each) for each in errors} == {StoreError if store else InvalidClient}
    assert len({str(each) for each in errors}) == 1
    assert len({id(each.__traceback__) for each in errors}) == 20
    assert all(len(list(chain(each))) == 1 for each in errors)
    assert len(sandbox.log) == (0 if store else 1)


# ---------------------------------------------------------------- without a server


class Personal:
    """A grant that only a person can give."""

    path = "/oauth/access_token"
    credentials = Credentials("a", "b")
    account = ("someone",)
    remedy = "Grant access again"

    def form(self) -> None:
        return None

    def answered(self) -> None:
        raise AssertionError


async def test_a_grant_that_is_gone_needs_a_person() -> None:
    asked: list[object] = []

    async def ask(*args: object) -> Any:
        asked.append(args)

    keeper = TokenKeeper(
        Personal(), account="someone", store=MemoryTokenStore(), ask=ask, clock=QuickClock()
    )
    with pytest.raises(ReauthorizationRequired, match="Grant access again"):
        await keeper.renew()
    assert asked == []
    await keeper.aclose()


async def test_a_token_is_never_asked_for_as_bulk() -> None:
    """Bulk's share of the day may be used up while interactive callers wait for the token."""
    asked: list[tuple[Priority, object]] = []

    class Recording(Scheduler):
        async def acquire(
            self, *, priority: Priority = Priority.NORMAL, retry_of: Slot | None = None
        ) -> Slot:
            asked.append((priority, retry_of))
            return await super().acquire(priority=priority, retry_of=retry_of)

    async with (
        Sandbox(dossiers=1, limits="off") as sandbox,
        client_for(sandbox, scheduler=Recording(rates=())) as elements,
    ):
        await elements.with_options(priority=Priority.BULK).klantdossiers.get(5526)
    assert [priority for priority, _ in asked] == [
        Priority.BULK,
        Priority.NORMAL,
        Priority.BULK,
    ]
    assert asked[1][1] is None
