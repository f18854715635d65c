"""The same worlds over loopback HTTP in real time: does the simulation tell the truth?"""

import asyncio
import random
import time
from datetime import datetime
from email.utils import formatdate, parsedate_to_datetime
from typing import Any

import aiohttp
from _sim_run import TASKS, Result, adaptive, guarantee, run
from _sim_world import LIMIT, NETWORKS, SERVERS
from aiohttp import web

from elements_procura.scheduler import Priority, Rate, Scheduler, Slot

SECONDS = 120.0
CELLS = (("guarantee", "log", "lognormal"), ("adaptive", "fixed", "bimodal"))


class Server:
    """A limited server whose network is made of sleeps."""

    def __init__(self, server: str, network: str, seed: int) -> None:
        self._accepts = SERVERS[server](count_refused=False).accepts
        self._delay = NETWORKS[network]
        self._rng = random.Random(seed)
        self.accepted = self.refused = 0

    async def answer(self, _request: web.Request) -> web.Response:
        await asyncio.sleep(self._delay(self._rng))
        if self._accepts(time.time()):
            self.accepted += 1
            status = 200
            await asyncio.sleep(self._rng.uniform(0.050, 0.150))
        else:
            self.refused += 1
            status = 429
        date = formatdate(time.time(), usegmt=True)
        await asyncio.sleep(self._delay(self._rng))
        return web.Response(status=status, headers={"Date": date})


async def measure(mode: Any, server: str, network: str, seed: int) -> tuple[float, float]:
    """Utilisation in percent and refusals per thousand."""
    world = Server(server, network, seed)
    application = web.Application()
    application.router.add_get("/", world.answer)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    address = f"http://127.0.0.1:{runner.addresses[0][1]}/"
    scheduler = Scheduler(rates=(Rate(LIMIT, 1),), mode=mode)

    async def busy(session: aiohttp.ClientSession) -> None:
        slot: Slot | None = None
        while True:
            slot = await scheduler.acquire(priority=Priority.BULK, retry_of=slot)
            status, date = await get(session)
            slot.finish(status=status, server_date=date)
            slot = slot if status == 429 else None

    async def get(session: aiohttp.ClientSession) -> tuple[int, datetime]:
        async with session.get(address) as response:
            return response.status, parsedate_to_datetime(response.headers["Date"])

    async with aiohttp.ClientSession() as session:
        tasks = [asyncio.create_task(busy(session)) for _ in range(TASKS)]
        await asyncio.sleep(SECONDS)
        accepted, refused = world.accepted, world.refused
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    await scheduler.aclose()
    await runner.cleanup()
    return 100 * accepted / (LIMIT * SECONDS), 1000 * refused / (accepted + refused)


def simulate(mode: str, server: str, network: str, seed: int) -> Result:
    """The same cell on virtual time."""
    make = adaptive if mode == "adaptive" else guarantee(network, "learned")
    return run(make, server, network, seed, seconds=SECONDS)


async def compare(seed: int) -> None:
    """Print both, side by side."""
    real = await asyncio.gather(*(measure(*cell, seed) for cell in CELLS))
    print("| mode | server | network | real used % | simulated | real 429/1000 | simulated |")
    print("|---|---|---|---|---|---|---|")
    for cell, (used, refused) in zip(CELLS, real, strict=True):
        runs = [await asyncio.to_thread(simulate, *cell, seed + n) for n in range(8)]
        simulated = sum(result.utilisation for result in runs) / len(runs)
        per_thousand = sum(result.per_thousand for result in runs) / len(runs)
        print(
            f"| {' | '.join(cell)} | {used:.1f} | {simulated:.1f}"
            f" | {refused:.1f} | {per_thousand:.1f} |"
        )
