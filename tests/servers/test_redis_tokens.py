"""Tokens in a real Valkey: what every store does, leases that are lost, and what lies there."""

import asyncio
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet

from elements_procura.auth import RedisTokenStore
from elements_procura.auth.tokens import TokenStore
from elements_procura.errors import ConfigError, StoreError
from elements_procura.sandbox import Fault, Sandbox
from tests.cli.cli_running import environment, run
from tests.client_kit import chain, client_for, grants, libraries, told
from tests.servers.valkey import Valkey, valkey
from tests.tokens.fleet_kit import Fleet, fleet, grants_of, nearest
from tests.tokens.store_cases import ACCESS, BARE, REFRESH, TOKEN, StoreCases

KEY, OTHER = Fernet.generate_key().decode(), Fernet.generate_key().decode()
PASSWORD = "canary-passw0rd"
LIFETIME = 2.0


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    with valkey(tmp_path_factory.mktemp("valkey")) as found:
        yield found


@pytest.fixture
def server(running: Valkey) -> Valkey:
    assert running.ask("FLUSHALL").startswith(b"+OK")
    return running


@pytest.fixture(params=[None, KEY], ids=["plain", "encrypted"])
def store(server: Valkey, request: pytest.FixtureRequest) -> TokenStore:
    return RedisTokenStore(server.url, key=request.param)


class TestValkey(StoreCases):
    """The cases of all stores."""


def kept(server: Valkey) -> bytes:
    """All that lies there."""
    keys = server.ask("KEYS", "*").split(b"\r\n")
    return b"".join(server.ask("HGETALL", key.decode()) for key in keys if b"token:" in key)


async def test_with_a_key_nobody_reads_it_on_the_server(server: Valkey) -> None:
    await RedisTokenStore(server.url).save("a", TOKEN)
    assert ACCESS.encode() in kept(server)
    sealed = RedisTokenStore(server.url, key=KEY)
    assert await sealed.load("a") == TOKEN, "of a time without a key"
    await sealed.save("a", TOKEN)
    assert ACCESS.encode() not in kept(server)
    assert REFRESH.encode() not in kept(server)
    assert await sealed.load("a") == TOKEN


async def test_a_key_that_does_not_fit_gives_nothing_up(server: Valkey) -> None:
    await RedisTokenStore(server.url, key=KEY).save("a", TOKEN)
    for key, says in ((None, "no key is given"), (OTHER, "another key")):
        with pytest.raises(ConfigError, match=says) as caught:
            await RedisTokenStore(server.url, key=key).load("a")
        assert caught.value.__context__ is None
    renewed = RedisTokenStore(server.url, key=[OTHER, KEY])
    assert await renewed.load("a") == TOKEN
    await renewed.save("a", TOKEN)
    assert await RedisTokenStore(server.url, key=OTHER).load("a") == TOKEN
    nones: list[Any] = ["short", "", []]
    for none in nones:  # also an empty list: who gives one wants no plain tokens
        with pytest.raises(ConfigError, match="is none"):
            RedisTokenStore(server.url, key=none)


async def test_whoever_was_followed_saves_nothing(server: Valkey) -> None:
    store = RedisTokenStore(server.url, lease=0.05)
    await store.save("a", TOKEN)
    stopped = store._entry("a")
    fence, _ = await stopped.ask("take", "somebody that stands still", 50)
    async with store.exclusive("a") as later:
        assert later > fence
        with pytest.raises(StoreError, match="not saved"):
            await store.save("a", BARE, fence)
        assert not await stopped.ask("keep", "somebody that stands still", 50)
        found = await store.load("a")
        assert found == TOKEN
        assert found.is_doubtful, "the refresh token may be used"
        with pytest.raises(StoreError, match="not saved"):
            await store.save("a", BARE, 0)  # by somebody without a lock
        await store.save("a", TOKEN, later)
        found = await store.load("a")
        assert found is not None
        assert not found.is_doubtful
    await stopped.leave("somebody that stands still")
    assert b"owner" not in kept(server)


async def test_a_lock_lasts_as_long_as_its_holder(server: Valkey) -> None:
    store = RedisTokenStore(server.url, lease=0.3)
    other = RedisTokenStore(server.url, patience=0.0)
    async with store.exclusive("a"):
        await asyncio.sleep(0.8)  # more than two leases
        with pytest.raises(StoreError, match="renewed elsewhere"):
            async with other.exclusive("a"):
                pass
    assert kept(server) == b"", "nothing is left of a lock without a token"


async def test_a_clock_that_was_set_back_makes_no_lease_longer(server: Valkey) -> None:
    """Whoever held the lock was killed an hour from now."""
    store = RedisTokenStore(server.url, patience=0.0)
    entry = store._entry("a")
    hour = str(int(time.time() * 1000) + 3_600_000)
    await entry.client.hset(
        entry.key, mapping={"owner": "killed", "since": hour, "until": hour + "0", "fence": "1"}
    )
    async with store.exclusive("a") as fence:
        await store.save("a", TOKEN, fence)
    await entry.client.aclose()


@pytest.mark.parametrize(
    "edited", ["until x", "since x", "fence x", "entry sealed:x", "entry x", "owner x until x"]
)
async def test_what_somebody_has_edited_there_stops_nobody_for_ever(
    server: Valkey, edited: str
) -> None:
    """The next one renews; an entry that cannot be opened is said, and kept until then."""
    store = RedisTokenStore(server.url, key=KEY, patience=5)
    await store.save("a", TOKEN)
    (key,) = (each for each in server.ask("KEYS", "*").split() if b"token:" in each)
    server.ask("HSET", key.decode(), *edited.split())
    if "sealed" in edited:
        with pytest.raises(ConfigError, match="another key"):
            await store.load("a")
    async with store.exclusive("a") as fence:
        await store.save("a", TOKEN, fence)
    assert await store.load("a") == TOKEN


async def test_a_server_that_was_emptied_loses_no_token_under_way(server: Valkey) -> None:
    async with Sandbox(dossiers=1, limits="off", token_seconds=LIFETIME) as sandbox:
        stall = Fault(kind="stall-after", match="POST /oauth/*", seconds=0.3, times=1)
        sandbox.add_fault(stall)
        async with client_for(sandbox, token_store=RedisTokenStore(server.url)) as client:
            call = asyncio.create_task(client.klantdossiers.get(5526))
            while not sandbox.token_events:  # noqa: ASYNC110 - the log tells nobody
                await asyncio.sleep(0.01)
            server.ask("FLUSHALL")
            with pytest.raises(StoreError, match="the next call goes on"):
                await call
            await client.klantdossiers.get(5526)
        assert grants(sandbox) == ["organisation"]


async def test_what_a_dead_holder_may_have_used_is_not_presented_again(server: Valkey) -> None:
    async with Sandbox(dossiers=1, limits="off", token_seconds=60) as sandbox:
        store = RedisTokenStore(server.url)
        for _ in range(2):
            async with client_for(sandbox, token_store=store) as client:
                await client.klantdossiers.get(5526)
                account = client._session._tokens._account
            token = await store.load(account)
            assert token is not None
            dead = store._entry(account)
            fence, _ = await dead.ask("take", "somebody that was killed", 1)
            over = type(token)(token.access, token.lifetime, 0.0, token.refresh, token.scope)
            await store.save(account, over, fence)
            await dead.client.aclose()
        assert grants(sandbox) == ["organisation", "organisation"]


async def test_a_server_that_is_away_or_refuses_is_said_without_its_password(
    server: Valkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("elements_procura.auth.stores.redis._CALL_SECONDS", 0.2)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        away = f"redis://:{PASSWORD}@127.0.0.1:{free.getsockname()[1]}"
    refusing = server.url.replace("//", f"//user:{PASSWORD}@")
    for url, says in (
        (away, "out of reach: .*Error"),
        (refusing, "refuses: .*(WRONGPASS|invalid)"),
    ):
        store = RedisTokenStore(url)
        with pytest.raises(StoreError, match=says) as caught:
            async with store.exclusive("a"):
                pass
        with pytest.raises(StoreError, match=says) as saving:
            await store.save("a", TOKEN)
        shown = f"{store!r} {vars(store)!r} {told(caught.value)} {told(saving.value)}"
        assert [each for each in (PASSWORD, ACCESS, REFRESH) if each in shown] == []
        assert libraries(saving.value) == {"elements_procura", "tests"}
        assert len(list(chain(saving.value))) == 1
    with pytest.raises(ConfigError, match="not a URL") as wrong:
        RedisTokenStore(f"http://:{PASSWORD}@x")
    assert PASSWORD not in told(wrong.value)


async def until(fleet: Fleet, *, calls: int = 0, tokens: int = 0) -> None:
    async with asyncio.timeout(120):
        while (  # noqa: ASYNC110 - the logs tell nobody
            len(fleet.sandbox.log) < calls or len(fleet.sandbox.token_events) < tokens
        ):
            await asyncio.sleep(0.01)


async def test_processes_renew_once_per_expiry(server: Valkey) -> None:
    async with Sandbox(dossiers=1, limits="off", token_seconds=LIFETIME) as sandbox:
        async with fleet(sandbox, server.url, members=3, pause=0.05) as running:
            await until(running, calls=60, tokens=3)
        events = sandbox.token_events
        assert running.failures == []
        assert {each.outcome for each in events} == {"issued"}
        assert len(grants_of(events)) == 1
        assert nearest(events) > 0.5 * LIFETIME


async def test_a_process_that_is_killed_in_the_middle_costs_no_refusal(server: Valkey) -> None:
    stall = Fault(kind="stall-after", match="POST /oauth/*", seconds=0.2)
    async with Sandbox(dossiers=1, limits="off", token_seconds=LIFETIME, faults=[stall]) as sandbox:
        async with fleet(sandbox, server.url, members=3, pause=0.1) as running:
            await until(running, calls=20, tokens=2)
            known = len(sandbox.token_events)
            await until(running, tokens=known + 1)
            while (process := running.holder()) is None:  # noqa: ASYNC110 - as above
                await asyncio.sleep(0.002)
            await running.kill(process)
            await until(running, calls=len(sandbox.log) + 20)
        events = sandbox.token_events
        assert running.failures == []
        assert {each.outcome for each in events} == {"issued"}
        assert len(grants_of(events)) == 2


async def test_the_command_line_logs_in_there(server: Valkey, tmp_path: Path) -> None:
    async with Sandbox(dossiers=2, limits="off") as sandbox:
        env = environment(sandbox, ELEMENTS_TOKEN_STORE=server.url, ELEMENTS_TOKEN_KEY=KEY)
        assert (await run("login", env=env)).code == 0
        assert b"sealed:" in kept(server)
        done = await run("harvest", "elements", "--out", tmp_path / "h", env=env)
        assert done.code == 0, done.err
        assert len(sandbox.token_events) == 1
        shown = await run("whoami", env=env)
        assert server.url in shown.out + shown.err
