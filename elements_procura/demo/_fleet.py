"""The demo of a fleet: processes that share an account, tenants on workers; one of each killed."""

import asyncio
import contextlib
import json
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import attrs

from elements_procura.demo._caller import VARIABLE
from elements_procura.demo._servers import postgres, valkey
from elements_procura.demo._verify import verify
from elements_procura.errors import StoreError
from elements_procura.fleet import Outcome, TenantSpec, harvest_tenants
from elements_procura.fleet.dask import Cluster, connected
from elements_procura.harvest import Store
from elements_procura.sandbox import Sandbox

PROCESSES, TENANTS, WORKERS = 4, 6, 2
_CALLING_SECONDS = 30.0
_LEAST = 10  # seconds after which one is killed
_DOSSIERS = 4
_SECRET = "DEMO_SECRET"  # noqa: S105 - a variable's name
Say = Callable[[str], None]


@attrs.frozen
class SharedAccountResult:
    """The result of processes that shared one account.

    Attributes:
        requests: Requests that the server has counted.
        seconds: From the first to the last.
        refused: How many were refused with 429.
        tokens: Tokens that were asked for.
        killed: Processes that were killed.
    """

    requests: int
    seconds: float
    refused: int
    tokens: int
    killed: int

    @property
    def rate(self) -> float:
        """Requests per second."""
        return self.requests / self.seconds if self.seconds else 0.0

    @property
    def ok(self) -> bool:
        """Whether nothing was refused, and one token was enough."""
        return not self.refused and self.tokens == 1 and self.requests > 0


@attrs.frozen
class SpreadTenantsResult:
    """The result of tenants that were spread over workers.

    Attributes:
        outcomes: The outcomes, by name.
        equal: How many stores hold the very bytes of their sandbox.
        answers: Answers that are stored.
        refused: Requests that were refused with 429.
        twice: Requests that were asked more than once.
        killed: Workers that were killed.
        seconds: Its duration.
    """

    outcomes: dict[str, Outcome]
    equal: int
    answers: int
    refused: int
    twice: int
    killed: int
    seconds: float

    @property
    def ok(self) -> bool:
        """Whether every tenant is done, and equal."""
        is_done = all(each.is_done for each in self.outcomes.values())
        return is_done and self.equal == len(self.outcomes) and not self.refused


@attrs.frozen
class FleetResult:
    """Both results of a fleet's demo."""

    sharing: SharedAccountResult
    spreading: SpreadTenantsResult

    @property
    def ok(self) -> bool:
        """Whether both ended as they must."""
        return self.sharing.ok and self.spreading.ok

    def to_json(self) -> dict[str, Any]:
        """Its numbers."""
        shared, spread = self.sharing, self.spreading
        return {
            "ok": self.ok,
            "sharing": attrs.asdict(shared) | {"rate": round(shared.rate, 2), "ok": shared.ok},
            "spreading": {
                "tenants": {name: each.exit_code for name, each in spread.outcomes.items()},
                "equal": spread.equal,
                "answers": spread.answers,
                "rejected_429": spread.refused,
                "asked_twice": spread.twice,
                "killed": spread.killed,
                "seconds": round(spread.seconds, 1),
                "ok": spread.ok,
            },
        }


async def run_fleet(out: Path, *, say: Say) -> FleetResult:
    """Run the demo on servers of its own, which are gone afterwards.

    Args:
        out: Directory of the servers' files and of the tenants' counts.
        say: Prints a line.

    Raises:
        ElementsProcuraError: A server does not begin, or a harvest cannot.
    """
    folder = out / "fleet"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with contextlib.ExitStack() as stack:
        url = await asyncio.to_thread(stack.enter_context, valkey(folder))
        say(f"servers  Valkey at {url}")
        sharing = await share(url, say=say)
        stores = await asyncio.to_thread(stack.enter_context, postgres(folder / "postgres"))
        say("servers  PostgreSQL for the stores")
        return FleetResult(sharing, await spread(folder, stores, say=say))


async def share(valkey_url: str, *, say: Say) -> SharedAccountResult:
    """Have processes share an account, and kill one of them.

    Args:
        valkey_url: Of the server by which they share.
        say: Prints a line.
    """
    async with Sandbox(dossiers=1, limits="documented") as sandbox:
        given = dict(sandbox.credentials) | {
            "host": sandbox.url, "valkey": valkey_url, "dossier": sandbox.dossier_ids[0],
            "parent": os.getpid(),
        }  # fmt: skip
        say(f"sharing  {PROCESSES} processes on one account, 5 requests/s as documented, 30 s")
        async with contextlib.AsyncExitStack() as stack:
            running = [await stack.enter_async_context(_caller(given)) for _ in range(PROCESSES)]
            while not sandbox.log:
                if all(each.returncode is not None for each in running):
                    raise StoreError("the demo's processes have ended before their first request")
                await asyncio.sleep(0.05)
            before, began = len(sandbox.log), time.perf_counter()
            await asyncio.sleep(_LEAST)
            running[0].kill()
            say(f"sharing  one process is killed after {len(sandbox.log)} requests")
            await asyncio.sleep(_CALLING_SECONDS - _LEAST)
            requests, seconds = len(sandbox.log) - before, time.perf_counter() - began
        refused, tokens = sandbox.rejected_429, len(sandbox.token_events)
    return SharedAccountResult(requests, seconds, refused, tokens, killed=1)


@contextlib.asynccontextmanager
async def _caller(given: dict[str, Any]) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "elements_procura.demo._caller"),
        env=os.environ | {VARIABLE: json.dumps(given)},
        start_new_session=True,  # a Ctrl-C is this process's business
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def spread(folder: Path, stores: str, *, say: Say) -> SpreadTenantsResult:
    """Spread tenants over workers, kill one of these, and compare every store.

    Args:
        folder: Of the tenants' counts.
        stores: The beginning of the stores' URLs.
        say: Prints a line.
    """
    began = time.perf_counter()
    async with contextlib.AsyncExitStack() as stack:
        sandboxes = {}
        for number in range(TENANTS):
            sandbox = Sandbox(dossiers=_DOSSIERS, seed=number, limits="scaled")
            sandboxes[f"tenant-{number}"] = await stack.enter_async_context(sandbox)
        mark = f"{os.getpid()}_{int(time.time())}"
        specs = [
            _spec(name, sandbox, folder, f"{stores}{name}_{mark}")
            for name, sandbox in sandboxes.items()
        ]
        cluster = Cluster.of(f"local:{WORKERS}", is_unencrypted_allowed=False)
        client = await stack.enter_async_context(connected(cluster, threads=TENANTS))
        say(f"spread   {TENANTS} tenants on {WORKERS} workers, their stores in PostgreSQL")
        harvesting = asyncio.create_task(harvest_tenants(specs, dask=client))
        stack.push_async_callback(_ended, harvesting)
        while (  # noqa: ASYNC110 - as above
            not harvesting.done() and min(len(each.log) for each in sandboxes.values()) < _LEAST
        ):
            await asyncio.sleep(0.05)
        killed = 0
        if not harvesting.done():
            pid = min((await client.run(os.getpid)).values())
            os.kill(pid, signal.SIGKILL)
            killed = 1
            say(f"spread   a worker is killed after {_asked(sandboxes)} requests")
        outcomes = await harvesting
        seconds = time.perf_counter() - began
        say("verify   every stored body, byte by byte")
        found = [await asyncio.to_thread(_compared, each, sandboxes[each.name]) for each in specs]
        return SpreadTenantsResult(
            outcomes,
            equal=sum(is_equal for is_equal, _ in found),
            answers=sum(answers for _, answers in found),
            refused=sum(each.rejected_429 for each in sandboxes.values()),
            twice=sum(map(_twice, sandboxes.values())),
            killed=killed,
            seconds=seconds,
        )


def _spec(name: str, sandbox: Sandbox, folder: Path, store: str) -> TenantSpec:
    given = dict(sandbox.credentials)
    variable = f"{_SECRET}_{name.upper().replace('-', '_')}"
    os.environ[variable] = given.pop("client_secret")  # before there are workers
    return TenantSpec.from_dict({
        **given, "name": name, "api": "elements", "out": folder / name, "store": store,
        "secret": {"env": variable}, "host": sandbox.url, "per_second": 25,
        "token_store": "memory",
    })  # fmt: skip


def _compared(spec: TenantSpec, sandbox: Sandbox) -> tuple[bool, int]:
    with Store.read(spec.where) as store:
        progress = store.progress()
        return progress.complete and verify(store, sandbox).equal, progress.resources


def _asked(sandboxes: dict[str, Sandbox]) -> int:
    return sum(len(each.log) for each in sandboxes.values())


def _twice(sandbox: Sandbox) -> int:
    asked = Counter(each.path for each in sandbox.log if not each.path.startswith("/oauth"))
    return sum(asked.values()) - len(asked)


async def _ended(task: "asyncio.Task[Any]") -> None:
    task.cancel()
    await asyncio.wait([task])
