"""Real processes on a real Valkey, before a server that counts strictly; and its script."""

import asyncio
import copy
import importlib
import json
import signal
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from elements_procura._redis import refusal_of
from elements_procura.clock import SystemClock
from elements_procura.errors import ConfigError, StoreError
from elements_procura.scheduler import RedisGate, Scheduler, _shared
from elements_procura.scheduler._account import turn
from elements_procura.scheduler.redis import _SCRIPT
from tests.clock import VirtualClock, run_virtually
from tests.scheduler.sharing.kit import longest_gap, refused, shares, stage
from tests.scheduler.sharing.test_account_rule import ask as asked
from tests.scheduler.sharing.test_account_rule import report
from tests.scheduler.sharing.world import World
from tests.servers.valkey import Valkey, given_or_own, valkey
from tests.servers.way import way_to

redis: Any = importlib.import_module("redis")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Valkey]:
    with valkey(tmp_path) as found:
        yield found


@pytest.fixture
def any_server(tmp_path: Path) -> Iterator[Valkey]:
    with given_or_own(tmp_path) as found:
        yield found


def test_four_processes_share_a_server_and_ask_it_seldom(any_server: Valkey) -> None:
    server = any_server
    with stage(server.url) as on:
        for name in "abcd":
            on.call(name, every=4.0)
        on.until(30)
        turns, sent = server.scripts(), len(on.log())
        on.until(sent + 30)
        turns, sent = server.scripts() - turns, len(on.log()) - sent
        found = on.end()
        log = on.log()
    assert not refused(log)
    assert turns <= 4 * sent
    assert all(abs(each["day"] - len(log)) <= 5 for each in found)
    assert min(shares(log).values()) >= 0.5 * max(shares(log).values())


def test_who_is_killed_or_stands_still_gives_its_places_back(any_server: Valkey) -> None:
    with stage(any_server.url) as on:
        woken = on.lose_two_of_four(more=20)
        log = on.log()
        on.end()
    assert not refused(log)
    assert set(shares(log[woken:])) == set("bcd")


@pytest.mark.parametrize("trouble", ["stopped", "emptied", "old", "cut"])
def test_a_server_in_trouble_never_has_too_many_sent(server: Valkey, trouble: str) -> None:
    with stage(server.url) as on:
        for name in "abc":
            on.call(name)
        on.until(20)
        if trouble == "stopped":
            server.send(signal.SIGSTOP)
            time.sleep(3)
            before = len(on.log())
            time.sleep(1)
            assert len(on.log()) == before, "nothing leaves"
            server.send(signal.SIGCONT)
        elif trouble == "cut":
            server.ask("CLIENT", "KILL", "TYPE", "normal")
        else:
            if trouble == "old":
                server.ask("SAVE")
                on.until(len(on.log()) + 8)
            server.kill()
            server.start()
        on.until(len(on.log()) + 30)
        found = on.end()
        log = on.log()
    assert not refused(log)
    assert all(not each["errors"] for each in found)
    assert all(len(log) - 5 <= each["day"] for each in found), "never below what has left"
    assert longest_gap(log) < 60


def test_connections_that_are_cut_all_the_time_have_nothing_refused(server: Valkey) -> None:
    """Turns are lost while requests are on their way, and answered meanwhile."""
    with stage(server.url) as on:
        for name in "abc":
            on.call(name)
        on.until(10)
        give_up = time.monotonic() + 90
        while len(on.log()) < 100 and time.monotonic() < give_up:
            server.ask("CLIENT", "KILL", "TYPE", "normal")
            time.sleep(0.15)
        on.end()
        log = on.log()
    assert len(log) >= 100
    assert not refused(log)


def test_a_server_that_is_slow_has_nothing_sent(server: Valkey) -> None:
    """A second on every call: no turn is of use, and no grant of it may be."""
    with way_to(server.port) as way, stage(f"redis://127.0.0.1:{way.port}/0") as on:
        for name in "abc":
            on.call(name)
        on.until(20)
        way.delay = 0.5  # there and back
        time.sleep(3)
        before = len(on.log())
        time.sleep(1)
        assert len(on.log()) == before, "nothing leaves"
        way.delay = 0.0
        on.until(before + 30)
        found = on.end()
        log = on.log()
    assert not refused(log)
    assert all(not each["errors"] for each in found)
    assert all(len(log) - 5 <= each["day"] for each in found), "never below what has left"


async def test_a_server_with_an_old_file_is_cold_whoever_comes_first(server: Valkey) -> None:
    """Also for a process that has never heard of the turns which the file lacks."""
    one, other = (RedisGate(server.url, account="a")._open_turns(SystemClock()) for _ in range(2))
    begun = await one.turn(asked("one", 1))
    server.ask("SAVE")
    await asyncio.sleep(1.6)  # a window and half a second
    given = await one.turn(asked("one", 2, wants=[0, 5, 0], epoch=begun["epoch"]))
    assert len(given["grants"]) == 5
    server.kill()
    server.start()
    found = await other.turn(asked("other", 1, wants=[0, 5, 0]))
    assert (found["grants"], found["places"]) == ({}, [[5, 1500]])
    assert found["epoch"] != begun["epoch"]
    for each in (one, other):
        await each.aclose()


async def test_what_an_earlier_version_knew_of_round_trips_is_learned_anew(server: Valkey) -> None:
    """It kept no sum, and no owner's cycle."""
    turns = RedisGate(server.url, account="a")._open_turns(SystemClock())
    begun = await turns.turn(asked("one", 1))
    await asyncio.sleep(1.6)  # a window and half a second
    given = await turns.turn(asked("one", 2, wants=[0, 1, 0], epoch=begun["epoch"]))
    client = redis.Redis.from_url(server.url, protocol=2)
    script = """
        local state = cmsgpack.unpack(redis.call('GET', KEYS[1]))
        state.sites = { here = { least = 900, seen = 1000 } }
        for _, owner in pairs(state.owners) do owner.cycle = nil end
        redis.call('SET', KEYS[1], cmsgpack.pack(state))
    """
    client.eval(script, 1, turns._key)
    reports = [report(given["grants"][0])]
    for call in (3, 4):
        await turns.turn(asked("one", call, epoch=begun["epoch"], reports=reports))
    known = "return cjson.encode(cmsgpack.unpack(redis.call('GET', KEYS[1])).sites.here)"
    assert json.loads(client.eval(known, 1, turns._key))["least"] == 50
    client.close()
    await turns.aclose()


@pytest.mark.parametrize("spoiled", [b"", b"text", b"\xc1\xff", b"\x81\xa5epoch\xa1x", b"\x93abc"])
async def test_an_account_that_nobody_can_read_begins_cold(server: Valkey, spoiled: bytes) -> None:
    turns = RedisGate(server.url, account="a")._open_turns(SystemClock())
    client = redis.Redis.from_url(server.url, protocol=2)
    client.set(turns._key, spoiled)
    answer = await turns.turn(asked("one", 1, wants=[0, 1, 0]))
    assert (answer["turn"], answer["places"]) == (1, [[5, 1500]])
    client.close()
    await turns.aclose()


async def test_a_minute_without_a_server_ends_with_the_reason(
    server: Valkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A replica, that is, which takes no turns; a certificate would be named as well."""
    monkeypatch.setattr(_shared, "_GIVE_UP", 0.2)
    server.ask("REPLICAOF", "127.0.0.1", "1")
    scheduler = Scheduler(gate=RedisGate(server.url, account="a"))
    with pytest.raises(StoreError, match="read only replica"):
        await scheduler.acquire()
    await scheduler.aclose()


async def test_a_connection_that_fails_to_end_is_no_error(
    server: Valkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """TLS that the other side does not end within a second."""
    gate = RedisGate(server.url, account="a")
    scheduler = Scheduler(gate=gate)
    (await scheduler.acquire()).finish(status=200)
    pool, fails = gate._client.connection_pool, redis.TimeoutError("with a password")
    ended, failed = pool.disconnect, []

    async def disconnect(*given: Any) -> None:
        await ended(*given)
        failed.append(fails)
        raise fails

    monkeypatch.setattr(pool, "disconnect", disconnect)
    await scheduler.aclose()
    assert failed


@pytest.mark.parametrize("end", ["?foo=1", "?db=x", "?socket_timeout=x"])
def test_a_word_that_is_none_of_a_url_is_said_at_once(end: str) -> None:
    with pytest.raises(ConfigError, match="not a URL"):
        RedisGate(f"redis://localhost{end}", account="a")


async def test_a_server_that_refuses_is_named_without_its_password(server: Valkey) -> None:
    server.ask("CONFIG", "SET", "requirepass", "right")
    url = server.url.replace("//", "//:a-wrong-password@")
    scheduler = Scheduler(gate=RedisGate(url, account="a"))
    with pytest.raises(StoreError, match=r"refuses: .*(WRONGPASS|invalid)") as caught:
        await scheduler.acquire()
    await scheduler.aclose()
    assert caught.value.__context__ is None, "the frames of redis-py know the password"
    assert "a-wrong-password" not in f"{caught.value}{caught.value.hint}"
    assert "password right" in str(caught.value.hint)


# ---------------------------------------------------------------------- the script


def _histories(seed: int) -> list[tuple[dict[str, Any], float, float]]:
    """Asks as they come from several gates, with trouble on the way, and their moments."""
    asks: list[tuple[dict[str, Any], float, float]] = []

    def noted(state: Any, ask: dict[str, Any], _now: float, wall: float) -> dict[str, Any]:
        # A server has one clock: what it says in microseconds.
        micros = round(wall * 1_000_000)
        asks.append((copy.deepcopy(ask), micros / 1000, micros / 1e6))
        return turn(state, ask, *asks[-1][1:])

    async def history() -> None:
        world = World(VirtualClock(), seed=seed)
        world.store.decide = noted
        for number in range(1 + seed % 5):
            workers = 1 + 7 * ((seed + number) % 3)
            world.add(f"p{number}", workers=workers, every=3.0 * (seed % 2))
        await asyncio.sleep(15)
        world.kill("p0")
        world.store.is_away = True
        await asyncio.sleep(1 + seed % 4)
        world.store.is_away = False
        for step in (0.7, 400.0, -2.0):
            await asyncio.sleep(2)
            world.store.step += step
        late = world.add("late", workers=0)
        (await late.acquire()).finish(status=429)
        for _ in range(2 + seed % 2):  # three of them make it space requests
            (await late.acquire()).finish(status=429, retry_after=0.1)
        (await late.acquire()).finish(status=None)
        (await late.acquire()).abandon()
        await asyncio.sleep(5)
        if seed % 2:
            (await late.acquire()).finish(status=429, limit="day", retry_after=9)
        await asyncio.sleep(4)
        await world.end()

    run_virtually(history())
    return asks


def _is_same(ours: Any, theirs: Any) -> bool:
    """Apart from what JSON does in Lua: 14 digits of a number, and an empty list is a table."""
    if isinstance(ours, dict):
        return set(ours) == set(theirs) and all(_is_same(ours[key], theirs[key]) for key in ours)
    if isinstance(ours, list | tuple):
        return len(ours) == len(theirs) and all(map(_is_same, ours, theirs))
    if isinstance(ours, int | float):
        return bool(abs(ours - theirs) < 0.01)
    return bool(ours == theirs)


def _sorted(answer: dict[str, Any]) -> dict[str, Any]:
    for day in answer["days"]:
        day[3] = sorted(day[3])
    return answer


@pytest.mark.parametrize("seed", range(8))
def test_the_script_decides_as_the_rule_does(
    any_server: Valkey, seed: int, record_property: Callable[[str, object], None]
) -> None:
    script = _SCRIPT.read_text().replace("redis.call('TIME')", "{ARGV[2], ARGV[3]}")
    client = redis.Redis.from_url(any_server.url, protocol=2)
    key = f"account {uuid.uuid4().hex}"
    run = client.register_script(script)
    state: dict[str, Any] = {}
    history = _histories(seed)
    record_property("turns", len(history))
    for number, (ask, now, wall) in enumerate(history):
        micros = round(now * 1000)
        ours = turn(state, copy.deepcopy(ask), now, wall)
        clock = [micros // 1_000_000, micros % 1_000_000]
        theirs = json.loads(run(keys=[key], args=[json.dumps(ask), *clock]))
        found = f"turn {number} of {len(history)}: {ask} -> {ours} or {theirs}"
        assert _is_same(_sorted(ours), _sorted(theirs)), found
    assert len(history) > 50
    assert state["spacing"]["by"] > 1
    client.delete(key)
    client.close()


def test_a_certificate_that_proves_nothing_does_not_pass_by_itself() -> None:
    """Whoever waits hears of it at once, as of a wrong password."""
    text = "Error 1 connecting to h:1. [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed"
    assert refusal_of(redis.ConnectionError(text)) == text
    assert refusal_of(redis.ConnectionError("Error 111 connecting to h:1.")) is None
