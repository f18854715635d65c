"""What every token store does: the cases, for a fixture ``store`` of whoever has one."""

import asyncio
import pickle

import pytest

from elements_procura.auth.oauth import Token
from elements_procura.auth.tokens import TokenStore
from elements_procura.sandbox import Sandbox
from elements_procura.secret import Secret
from tests.client_kit import client_for, grants
from tests.clock import QuickClock

ACCESS, REFRESH = "canary-access-77", "canary-refresh-88"
TOKEN = Token(Secret(ACCESS), 3600.0, 2_000_000_000.5, Secret(REFRESH), "klantdossier.read")
BARE = Token(Secret("x"), 1.5, 10.0)


class StoreCases:
    """The cases."""

    async def test_what_is_saved_is_loaded(self, store: TokenStore) -> None:
        assert await store.load("a") is None
        for token in (TOKEN, BARE, TOKEN):
            async with store.exclusive("a") as fence:
                await store.save("a", token, fence)
                assert await store.load("a") == token
        async with store.exclusive("a") as fence:
            await store.save("a", None, fence)
            await store.save("a", None, fence)
        assert await store.load("a") is None

    async def test_accounts_have_entries_of_their_own(self, store: TokenStore) -> None:
        accounts = ["a", "b", "A", "a/../b", "a|b", '["https://x","a"]', "x" * 5000, "é\x00\n"]
        for number, account in enumerate(accounts):
            await store.save(account, Token(Secret(str(number)), 1.0, 1.0), 0)
        found = [await store.load(account) for account in accounts]
        assert [each and each.access.reveal() for each in found] == list("01234567")

    async def test_one_at_a_time_and_accounts_do_not_wait_for_each_other(
        self, store: TokenStore
    ) -> None:
        inside: list[str] = []
        most: list[int] = []

        async def hold(account: str) -> None:
            async with store.exclusive(account):
                inside.append(account)
                most.append(inside.count(account))
                await asyncio.sleep(0.01)
                inside.remove(account)

        async with store.exclusive("other"), asyncio.timeout(10):
            await asyncio.gather(*(hold("a") for _ in range(8)))
        assert most == [1] * 8

    async def test_who_waits_for_the_lock_can_be_cancelled(self, store: TokenStore) -> None:
        async with store.exclusive("a"):
            waiting = asyncio.create_task(store.exclusive("a").__aenter__())
            await asyncio.sleep(0.03)
            waiting.cancel()
            await asyncio.wait([waiting])
        async with asyncio.timeout(30), store.exclusive("a"):
            pass

    async def test_a_client_goes_on_with_what_another_run_saved(self, store: TokenStore) -> None:
        clock = QuickClock()
        async with Sandbox(dossiers=1, limits="off", clock=clock.now) as sandbox:
            for _ in range(3):
                async with client_for(sandbox, clock=clock, token_store=store) as client:
                    await client.klantdossiers.get(5526)
                clock.skip(3600)
            assert grants(sandbox) == ["organisation", "refresh_token", "refresh_token"]

    async def test_what_a_store_holds_does_not_show(self, store: TokenStore) -> None:
        await store.save("a", TOKEN, 0)
        shown = f"{store!r} {store!s} {await store.load('a')!r}"
        assert ACCESS not in shown
        assert REFRESH not in shown
        with pytest.raises(TypeError):
            pickle.dumps(await store.load("a"))
