"""What a Redis or Valkey server says when it cannot serve: waited for, or an error with a step."""

import asyncio
import contextlib
import importlib
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from elements_procura.auth import RedisTokenStore
from elements_procura.clock import SystemClock
from elements_procura.errors import StoreError
from elements_procura.scheduler import RedisGate, Scheduler, _shared
from tests.scheduler.sharing.test_account_rule import ask as asked
from tests.servers.valkey import valkey

redis: Any = importlib.import_module("redis")


@attrs.define
class Refusing:
    """A server that refuses every script."""

    url: str = ""
    asked: int = 0


@contextlib.asynccontextmanager
async def refusing(words: str) -> AsyncIterator[Refusing]:
    """A server that answers every script with these words."""
    found = Refusing()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            given = [await _word(reader) for _ in range(int(line[1:]))]
            is_script = given[0].upper() in (b"EVALSHA", b"EVAL", b"SCRIPT")
            found.asked += is_script
            writer.write(f"-{words}\r\n".encode() if is_script else b"+OK\r\n")
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        found.url = f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}/0"
        yield found


async def _word(reader: asyncio.StreamReader) -> bytes:
    length = int((await reader.readline())[1:])
    return (await reader.readexactly(length + 2))[:-2]


REFUSALS = {
    "NOAUTH Authentication required.": "REDISCLI_AUTH",
    "NOPERM User x has no permissions to run the 'evalsha' command": "EVALSHA",
    "OOM command not allowed when used memory > 'maxmemory'.": "noeviction",
    "MOVED 3999 10.0.0.7:6379": "one of a cluster",
    "ASK 3999 10.0.0.7:6379": "one of a cluster",
    "MISCONF Valkey cannot persist to disk": "is there room",
    "WRONGTYPE Operation against a key holding the wrong kind of value": "run scripts",
}


@pytest.mark.parametrize("words", REFUSALS)
async def test_a_refusal_is_said_at_once_and_nothing_leaves(words: str) -> None:
    async with refusing(words) as server:
        scheduler = Scheduler(gate=RedisGate(server.url, account="a"))
        for _ in range(2):
            with pytest.raises(StoreError, match=r"refuses: \w+") as caught:
                await scheduler.acquire()
            assert REFUSALS[words] in str(caught.value.hint)
        await scheduler.aclose()
        assert server.asked < 5, "nobody asks again and again"
        store = RedisTokenStore(server.url)
        with pytest.raises(StoreError, match="refuses"):
            await store.load("a")


PASSING = [
    "READONLY You can't write against a read only replica.",
    "LOADING Valkey is loading the dataset in memory",
    "MASTERDOWN Link with MASTER is down",
    "CLUSTERDOWN The cluster is down",
    "NOREPLICAS Not enough good replicas to write.",
    "BUSY Valkey is busy running a script.",
    "ERR max number of clients reached",
]


@pytest.mark.parametrize("words", PASSING)
async def test_who_will_serve_again_is_waited_for_in_peace(
    monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    monkeypatch.setattr(_shared, "_GIVE_UP", 0.4)
    async with refusing(words) as server:
        scheduler = Scheduler(gate=RedisGate(server.url, account="a"))
        with pytest.raises(StoreError, match="does not answer") as caught:
            await scheduler.acquire()
        await scheduler.aclose()
        assert 2 <= server.asked <= 5
        last = words.rstrip(".").rpartition(" ")[2]
        assert last in str(caught.value), "the reason is there"


async def test_a_replica_that_takes_over_behind_is_a_cold_start(tmp_path: Path) -> None:
    """It lacks the last turns: what they granted is under way."""
    folders = [tmp_path / "one", tmp_path / "two"]
    for each in folders:
        each.mkdir()
    with valkey(folders[0]) as one, valkey(folders[1]) as two:
        turns = [RedisGate(one.url, account="a")._open_turns(SystemClock()) for _ in range(2)]
        begun = await turns[0].turn(asked("a", 1))
        two.ask("REPLICAOF", "127.0.0.1", str(one.port))
        with redis.Redis.from_url(two.url, protocol=2) as looking:
            async with asyncio.timeout(30):
                while not looking.exists(turns[0]._key):  # noqa: ASYNC110 - a server tells nobody
                    await asyncio.sleep(0.05)
        two.ask("REPLICAOF", "127.0.0.1", "1")  # its way to the other is cut
        await asyncio.sleep(1.6)  # a window and half a second
        given = await turns[0].turn(asked("a", 2, wants=[0, 5, 0], epoch=begun["epoch"]))
        assert len(given["grants"]) == 5
        one.send(signal.SIGKILL)
        two.ask("REPLICAOF", "NO", "ONE")
        newcomer = RedisGate(two.url, account="a")._open_turns(SystemClock())
        found = await newcomer.turn(asked("b", 1, wants=[0, 5, 0]))
        assert (found["grants"], found["places"]) == ({}, [[5, 1500]])
        for taken in (*turns, newcomer):
            await taken.aclose()


async def test_a_user_with_the_rights_that_the_documentation_names_is_enough(
    tmp_path: Path,
) -> None:
    rights = "+evalsha +script|load +get +set +time +info +hmget +hset +hdel +hexists +del"
    with valkey(tmp_path) as server:
        server.ask("ACL", "SETUSER", "harvest", "on", ">word", "~elements-procura:*", rights)
        url = server.url.replace("//", "//harvest:word@")
        scheduler = Scheduler(gate=RedisGate(url, account="a"))
        (await scheduler.acquire()).finish(status=200)
        await scheduler.aclose()
        async with RedisTokenStore(url).exclusive("a"):
            assert await RedisTokenStore(url).load("a") is None
        server.ask("ACL", "SETUSER", "harvest", "-info")
        again = Scheduler(gate=RedisGate(url, account="b"))
        (await again.acquire()).finish(status=200)
        await again.aclose()
