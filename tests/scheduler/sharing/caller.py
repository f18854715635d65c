"""One process of several that share an account: asks a strict server as fast as its gate lets it.

``python -m tests.scheduler.sharing.caller '{"gate": …, "port": …, …}'``; it ends with its input,
and prints one line of JSON: how long interactive requests have waited, and when its event loop
stood still.
"""

import asyncio
import json
import random
import sys
import time
from typing import Any

from elements_procura.scheduler import FileGate, Gate, Priority, RedisGate, Scheduler

LAG = 0.03
"""Seconds that an event loop may stand still unnoticed."""


def gate_of(address: str, account: str) -> Gate | None:
    """``alone``, ``file:PATH`` or the URL of a Redis."""
    if address == "alone":
        return None
    if address.startswith("file:"):
        return FileGate(address.removeprefix("file:"), account=account)
    return RedisGate(address, account=account)


class Caller:
    def __init__(self, given: dict[str, Any]) -> None:
        self.name: str = given["name"]
        self.port: int = given["port"]
        self.workers: int = given.get("workers", 8)
        self.every: float = given.get("every", 0.0)
        self.pause: float = given.get("pause", 0.0)
        self.scheduler = Scheduler(gate=gate_of(given["gate"], given["account"]))
        self.waits: list[float] = []
        self.lags: list[tuple[float, float]] = []
        self.sent = 0
        self.errors: list[str] = []
        self.end = asyncio.Event()

    async def request(self, priority: Priority, stream: Any) -> None:
        begun = time.monotonic()
        slot = await self.scheduler.acquire(priority=priority)
        while slot.has_lapsed:
            slot.abandon()
            slot = await self.scheduler.acquire(priority=priority)
        if priority is Priority.INTERACTIVE:
            self.waits.append(time.monotonic() - begun)
        reader, writer = stream
        writer.write(f"GET /{self.name}/{priority.name} HTTP/1.1\r\n\r\n".encode())
        self.sent += 1
        status = int((await reader.readline()).split()[1])
        slot.finish(status=status)
        while (await reader.readline()).strip():
            pass

    async def work(self) -> None:
        stream = await asyncio.open_connection("127.0.0.1", self.port)
        while not self.end.is_set():
            await self.request(Priority.BULK, stream)
            if self.pause:
                await asyncio.sleep(self.pause)

    async def click(self) -> None:
        chance = random.Random(self.name)
        stream = await asyncio.open_connection("127.0.0.1", self.port)
        while not self.end.is_set():
            await asyncio.sleep(chance.uniform(0.5, 1.5) * self.every)
            await self.request(Priority.INTERACTIVE, stream)

    async def watch(self) -> None:
        while True:
            before = time.monotonic()
            await asyncio.sleep(0.01)
            if (lag := time.monotonic() - before - 0.01) > LAG:
                self.lags.append((before, lag))

    async def guarded(self, work: Any) -> None:
        try:
            await work
        except Exception as error:  # noqa: BLE001 - the parent reads it
            self.errors.append(f"{type(error).__name__}: {error}")

    async def run(self) -> None:
        jobs = [self.guarded(self.work()) for _ in range(self.workers)]
        if self.every:
            jobs.append(self.guarded(self.click()))
        tasks = [asyncio.create_task(each) for each in (*jobs, self.watch())]
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
        self.end.set()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        day = self.scheduler.quota()[-1].used
        await self.scheduler.aclose()
        found = {"waits": self.waits, "lags": self.lags, "day": day, "errors": self.errors}
        print(json.dumps({"name": self.name, "sent": self.sent, **found}), flush=True)


async def main() -> None:
    await Caller(json.loads(sys.argv[1])).run()


if __name__ == "__main__":
    asyncio.run(main())
