"""Twenty tenants on two Dask workers: one killed, one poisoned, no scheduler, a stop.

Run it by hand (``.ci/soak dask``; needs the extra fleet-demo): it takes some five minutes. Prints
what was found, and exits 1 when a goal is missed.
"""

import argparse
import asyncio
import contextlib
import os
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))

from elements_procura.demo import verify
from elements_procura.fleet import Outcome, harvest_tenants
from elements_procura.harvest import Store
from elements_procura.sandbox import Fault
from tests.fleet.fleet_kit import spec_of
from tests.servers.dask_kit import PLACES, Tenants, cluster, deadly, scheduler, tenants

STOP_SECONDS = 12.0


def stored(all_: Tenants) -> tuple[int, int, int]:
    """How many stores are whole and equal, how many answers they hold, how many of them twice."""
    equal = answers = twice = 0
    for name, sandbox in all_.sandboxes.items():
        with Store.read(all_.out / name / "elements.sqlite") as store:
            equal += store.progress().complete and verify(store, sandbox).equal
            paths = Counter(path for path, _ in store.bodies())
            answers += len(paths)
            twice += sum(paths.values()) - len(paths)
    return equal, answers, twice


def told(what: str, all_: Tenants, outcomes: dict[str, Outcome], began: float) -> bool:
    """Print what has come of it; whether all are done and equal, each answer once."""
    equal, answers, doubled = stored(all_)
    codes = dict(Counter(outcomes[name].exit_code for name in all_.sandboxes))
    asked = [all_.twice(name) for name in all_.sandboxes]
    print(
        f"{what}: exits {codes}, {equal} of {len(all_.sandboxes)} equal, {answers:,} answers, "
        f"{doubled} twice in a ledger, {sum(asked)} asked twice (at most {max(asked)} a tenant), "
        f"{time.monotonic() - began:.0f} s",
        flush=True,
    )
    return set(codes) == {0} and equal == len(asked) and not doubled and max(asked) <= PLACES


async def killed(out: Path, patch: pytest.MonkeyPatch, count: int) -> bool:
    """One of two workers is killed."""
    began = time.monotonic()
    async with tenants(out, patch, count) as all_, cluster(2) as client:
        harvesting = asyncio.create_task(harvest_tenants(all_.specs, dask=client))
        await all_.until_all_store(15)
        os.kill(min((await client.run(os.getpid)).values()), signal.SIGKILL)
        return told("a worker killed", all_, await harvesting, began)


async def poisoned(out: Path, patch: pytest.MonkeyPatch, count: int) -> bool:
    """One tenant kills whoever harvests it."""
    began = time.monotonic()
    async with tenants(out, patch, count - 1) as all_, deadly() as (url, ended):
        poison = spec_of(all_.sandboxes["t0"], out, patch, host=url)
        async with cluster(2) as client:
            outcomes = await harvest_tenants([poison, *all_.specs], dask=client)
        lost = outcomes.pop("a")
        is_good = told("a tenant that kills", all_, outcomes, began)
        print(f"  it ended {len(ended)} processes, then alone: {lost.error}")
        return is_good and len(ended) == 3 and lost.error == "fleet.poisoned"


async def unscheduled(out: Path, patch: pytest.MonkeyPatch, count: int) -> bool:
    """The scheduler is killed; the same call goes on."""
    began = time.monotonic()
    async with tenants(out, patch, count) as all_:
        with scheduler(dict(os.environ), threads=count) as made:
            harvesting = asyncio.create_task(harvest_tenants(all_.specs, dask=made.url))
            await all_.until_all_store(15)
            await asyncio.to_thread(made.kill)
            first = Counter(each.error for each in (await harvesting).values())
            made.start()
            outcomes = await harvest_tenants(all_.specs, dask=made.url)
        is_good = told("the scheduler killed, the same call again", all_, outcomes, began)
        print(f"  before: {dict(first)}")
        return is_good and set(first) == {"fleet.scheduler"}


async def stopped(out: Path, patch: pytest.MonkeyPatch, count: int) -> bool:
    """A stop, where 32 requests a tenant wait for a slow quota."""
    return await _stop("a stop", out, patch, count)


async def hanging(out: Path, patch: pytest.MonkeyPatch, count: int) -> bool:
    """A stop under the hardest conditions: what has left is never answered."""
    return await _stop("a stop while no server answers", out, patch, count, stall=120.0)


async def _stop(
    what: str, out: Path, patch: pytest.MonkeyPatch, count: int, *, stall: float = 0.0
) -> bool:
    stop = threading.Event()
    async with tenants(out, patch, count, per_second=0.5, workers=32) as all_:
        harvesting = asyncio.create_task(harvest_tenants(all_.specs, dask="local:2", stop=stop))
        logs = [each.log for each in all_.sandboxes.values()]
        async with asyncio.timeout(240):
            while min(map(len, logs)) < 4:  # noqa: ASYNC110 - a log
                await asyncio.sleep(0.1)
            for each in all_.sandboxes.values() if stall else ():
                each.add_fault(Fault(kind="stall", match="GET *", seconds=stall))
            await asyncio.sleep(4.0 if stall else 0.0)  # until each has one that stalls
        began, used = time.monotonic(), os.times()
        stop.set()
        outcomes = await harvesting
        seconds = time.monotonic() - began
    codes = dict(Counter(each.exit_code for each in outcomes.values()))
    ours = os.times().user + os.times().system - used.user - used.system
    print(f"{what}: {seconds:.1f} s, exits {codes}, {ours:.1f} s of CPU", flush=True)
    return seconds <= STOP_SECONDS and set(codes) == {130}


PARTS: dict[str, Callable[[Path, pytest.MonkeyPatch, int], Awaitable[bool]]] = {
    "killed": killed,
    "poisoned": poisoned,
    "unscheduled": unscheduled,
    "stopped": stopped,
    "hanging": hanging,
}


async def main(given: Any) -> int:
    """The exit code."""
    found = []
    for name in given.parts or PARTS:
        with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
            found.append(await PARTS[name](Path(folder), patch, given.tenants))
    return 0 if all(found) else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []])
    parser.add_argument("--tenants", type=int, default=20)
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(asyncio.run(main(parser.parse_args())))
