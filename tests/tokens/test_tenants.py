"""Many tenants in one process: nothing of one comes to another."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp
import pytest

from elements_procura.auth import FileTokenStore
from elements_procura.auth.credentials import Credentials
from elements_procura.auth.stores.memory import MemoryTokenStore
from elements_procura.core.tenants import Tenants
from elements_procura.elements.client import ElementsClient
from elements_procura.errors import ClosedError, ConfigError
from elements_procura.procura import ProcuraClient
from elements_procura.sandbox import Sandbox
from elements_procura.scheduler import Rate, Scheduler
from tests.client_kit import client_at
from tests.clock import VirtualClock
from tests.tokens.tenants_kit import DOSSIERS, Crossed, interleave, opener, servers

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.virtual_time
async def test_nothing_crosses_between_tenants(tmp_path: Path, virtual_clock: VirtualClock) -> None:
    """A small version of ``.ci/soak tenants``; one token store for all, and short-lived tokens."""
    store = FileTokenStore(tmp_path)
    async with (
        servers(10, token_seconds=0.5, min_latency=0.02, clock=virtual_clock.now) as sandboxes,
        Tenants(opener(sandboxes, store, clock=virtual_clock)) as tenants,
    ):
        crossed = await interleave(tenants, sandboxes, calls=600, seed=1)
        assert (crossed.calls, crossed.answers, crossed.strangers) == (600, 0, 0)
        assert crossed.renewals >= 10
        assert len(tenants) == len(list(tmp_path.glob("*.json"))) == 10


@pytest.mark.parametrize("shared", ["cookies", "token", "address"])
async def test_the_tags_show_what_crosses(monkeypatch: pytest.MonkeyPatch, shared: str) -> None:
    """Else the test above would find nothing in whatever mess."""
    store = MemoryTokenStore()
    async with servers(2) as sandboxes:
        open_client = opener(sandboxes, store)
        if shared == "cookies":
            jar = aiohttp.CookieJar()
            monkeypatch.setattr(aiohttp, "DummyCookieJar", lambda: jar)
        if shared == "address":
            one, other = sandboxes.values()
            monkeypatch.setattr(one, "_url", other.url)
        async with Tenants(open_client) as tenants:
            if shared == "token":
                for name in sandboxes:
                    await tenants[name].authenticate()
                mine, theirs = (tenants[name]._session._tokens for name in sandboxes)
                mine._held = theirs._held
            crossed: Crossed | None = None
            try:
                crossed = await interleave(tenants, sandboxes, calls=60, seed=1)
            except Exception:  # noqa: BLE001 - refused, which shows it as well
                assert shared == "address"
            if crossed is not None:
                assert crossed.strangers or crossed.answers


async def test_clients_open_when_they_are_asked_for_and_close_together() -> None:
    opened: list[str] = []
    async with servers(3) as sandboxes:
        make = opener(sandboxes, MemoryTokenStore())

        def noted(name: str) -> ElementsClient:
            opened.append(name)
            return make(name)

        async with Tenants(noted) as tenants:
            assert opened == []
            assert tenants["tenant 2"] is tenants["tenant 2"]
            await tenants["tenant 1"].read(f"{DOSSIERS}/5526")
            assert opened == ["tenant 2", "tenant 1"] == list(tenants)
            assert "tenant 1" in tenants
            assert "tenant 3" not in tenants
            assert repr(tenants) == "<Tenants, 2 open>"
            kept = tenants["tenant 1"]
            await tenants.close("tenant 1")
            await tenants.close("tenant 1")
            with pytest.raises(ClosedError):
                await kept.read(f"{DOSSIERS}/5526")
            await tenants["tenant 1"].read(f"{DOSSIERS}/5526")
            last = tenants["tenant 1"]
        with pytest.raises(ClosedError):
            await last.read(f"{DOSSIERS}/5526")
        with pytest.raises(ClosedError):
            tenants["tenant 1"]


class Client:
    """One that is closed badly."""

    def __init__(self, error: Exception | None) -> None:
        self.error = error
        self.closed = False

    async def aclose(self) -> None:
        await asyncio.sleep(0)
        self.closed = True
        if self.error is not None:
            raise self.error


async def test_all_are_closed_also_when_one_goes_wrong() -> None:
    made = {"a": Client(None), "b": Client(RuntimeError("b")), "c": Client(None)}
    tenants = Tenants(made.__getitem__)
    assert [tenants[name] for name in made] == list(made.values())
    with pytest.raises(RuntimeError, match="b"):
        await tenants.aclose()
    assert all(client.closed for client in made.values())


async def test_what_two_tenants_would_share_is_refused() -> None:
    scheduler = Scheduler(rates=(Rate(1, 1),))
    async with aiohttp.ClientSession() as session:
        one = client_at("http://127.0.0.1:9")
        url = "http://127.0.0.1:9"
        makers: list[Callable[[str], ElementsClient]] = [
            lambda _: client_at(url, http_session=session),
            lambda _: client_at(url, scheduler=scheduler),
            lambda _: one,
            lambda _: one.with_options(timeout=1),
        ]
        for maker in makers:
            async with Tenants(maker) as tenants:
                tenants["a"]
                with pytest.raises(ConfigError, match="a and b would share"):
                    tenants["b"]


async def test_clients_of_both_apis_can_be_tenants() -> None:
    def open_client(name: str) -> ElementsClient | ProcuraClient:
        if name == "municipality":
            return ProcuraClient("http://127.0.0.1:9", credentials=Credentials("a", "b"))
        return client_at("http://127.0.0.1:9")

    async with Tenants(open_client) as tenants:
        assert isinstance(tenants["municipality"], ProcuraClient)
        assert isinstance(tenants["firm"], ElementsClient)


async def test_two_firms_of_one_vendor_share_a_store_but_no_entry() -> None:
    """The same client id and organisation on two hosts: two tokens."""
    store = MemoryTokenStore()
    async with Sandbox(dossiers=1, limits="off") as one, Sandbox(dossiers=1, limits="off") as two:
        sandboxes = {"one": one, "two": two}
        async with Tenants(opener(sandboxes, store)) as tenants:
            for name in sandboxes:
                await tenants[name].authenticate()
        assert len(store._tokens) == 2
        assert [len(each.token_events) for each in sandboxes.values()] == [1, 1]
