"""A fleet: processes that share one authorisation by a store, beside a sandbox in this one.

Run as a script it is one of them: it calls until it is told to end, and ends at the first failure.
"""

import asyncio
import contextlib
import importlib
import itertools
import json
import os
import random
import signal
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path

import attrs

from elements_procura.auth import FileTokenStore, RedisTokenStore
from elements_procura.auth.tokens import TokenStore
from elements_procura.elements.client import ElementsClient
from elements_procura.sandbox import Sandbox
from elements_procura.sandbox.elements.tokens import TokenEvent
from elements_procura.scheduler import Rate

HERE = Path(__file__)
LEASE = 1.0


def store_at(where: str) -> TokenStore:
    """A folder's, or a server's."""
    return RedisTokenStore(where, lease=LEASE) if "://" in where else FileTokenStore(where)


async def member(settings: dict[str, str], pause: float) -> int:
    """Call until SIGTERM; print how often."""
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    calls = 0
    async with ElementsClient(
        settings["url"],
        credentials=(settings["client_id"], settings["client_secret"]),
        organisation=settings["organisation"],
        scopes=["klantdossier.read"],
        rates=(Rate(1000, 1.0),),
        token_store=store_at(settings["store"]),
    ) as elements:
        while not ended.is_set():
            await elements.klantdossiers.get(5526)
            calls += 1
            await asyncio.sleep(pause * random.random())
    sys.stdout.write(f"{calls}\n")
    return 0


@attrs.define
class Fleet:
    """The members that are alive, and what came of those that ended."""

    sandbox: Sandbox
    where: str
    pause: float
    alive: list[asyncio.subprocess.Process] = attrs.field(factory=list)
    calls: int = 0
    kills: int = 0
    failures: list[str] = attrs.field(factory=list)

    async def join(self) -> None:
        """One more member."""
        given = self.sandbox.credentials
        settings = {
            "url": self.sandbox.url,
            "client_id": given["client_id"],
            "client_secret": given["client_secret"],
            "organisation": str(given["organisation"]),
            "store": self.where,
        }
        self.alive.append(
            await asyncio.create_subprocess_exec(
                sys.executable,
                str(HERE),
                str(self.pause),
                env=os.environ | {"FLEET": json.dumps(settings)},
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
            )
        )

    async def kill(self, process: asyncio.subprocess.Process) -> None:
        """``kill -9`` a member, and let another one join."""
        self.alive.remove(process)
        if process.returncode is None:
            process.kill()
            self.kills += 1
        _, err = await process.communicate()
        if process.returncode != -signal.SIGKILL:
            self.failures.append(err.decode()[-500:])
        await self.join()

    def holder(self) -> asyncio.subprocess.Process | None:
        """The member that holds the lock, or took it last, as the store says."""
        for words in map(str.split, self._owners()):
            for process in self.alive:
                if words[1:2] == [str(process.pid)]:
                    return process
        return None

    def _owners(self) -> Iterator[str]:
        if "://" not in self.where:
            yield from (path.read_text() for path in Path(self.where).glob("*.lock"))
            return
        with importlib.import_module("redis").Redis.from_url(self.where, protocol=2) as client:
            for key in client.keys("elements-procura:token:*"):
                if owner := client.hget(key, "owner"):
                    yield owner.decode()

    async def end(self) -> None:
        """Ask all to end."""
        for process in self.alive:
            if process.returncode is None:
                process.terminate()
        for process in self.alive:
            out, err = await process.communicate()
            if process.returncode == -signal.SIGTERM:
                continue  # it had not begun
            if process.returncode:
                self.failures.append(err.decode()[-500:])
            else:
                self.calls += int(out)
        self.alive.clear()


@contextlib.asynccontextmanager
async def fleet(
    sandbox: Sandbox, where: Path | str, *, members: int, pause: float
) -> AsyncIterator[Fleet]:
    """So many processes, until the end of the block."""
    made = Fleet(sandbox, str(where), pause)
    try:
        for _ in range(members):
            await made.join()
        yield made
        await made.end()
    finally:
        for process in made.alive:
            if process.returncode is None:
                process.kill()


def grants_of(events: Sequence[TokenEvent]) -> list[TokenEvent]:
    """The organisation grants that were given."""
    return [
        each for each in events if each.grant_type == "organisation" and each.outcome == "issued"
    ]


def lost(events: Sequence[TokenEvent]) -> list[TokenEvent]:
    """Tokens that were given out and whose refresh token never came back, the last one aside."""
    presented = {each.presented for each in events}
    issued = [each for each in events if each.outcome == "issued"]
    return [each for each in issued[:-1] if each.issued not in presented]


def nearest(events: Sequence[TokenEvent]) -> float:
    """Seconds between the nearest two tokens that were given out."""
    times = [each.at for each in events if each.outcome == "issued"]
    return min(later - earlier for earlier, later in itertools.pairwise(times))


if __name__ == "__main__":
    sys.exit(asyncio.run(member(json.loads(os.environ["FLEET"]), float(sys.argv[1]))))
