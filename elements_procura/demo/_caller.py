"""One of a demo's processes that share an account: it calls until it is ended.

Its settings are a JSON object in the variable ``DEMO_CALLER``.
"""

import asyncio
import contextlib
import json
import os

from elements_procura.auth import RedisTokenStore
from elements_procura.elements.client import ElementsClient
from elements_procura.scheduler import RedisGate, Scheduler

VARIABLE = "DEMO_CALLER"
_WORKERS = 3


async def main() -> None:
    """Call, with a token and a gate that all processes share."""
    given = json.loads(os.environ[VARIABLE])
    async with ElementsClient(
        given["host"],
        credentials=(given["client_id"], given["client_secret"]),
        organisation=given["organisation"],
        webservice=given["webservice"],
        scopes=given["scopes"],
        scheduler=Scheduler(gate=RedisGate(given["valkey"], account="demo")),
        token_store=RedisTokenStore(given["valkey"]),
        read_only=True,
    ) as client:

        async def work() -> None:
            while True:
                await client.klantdossiers.get(given["dossier"])

        working = [asyncio.create_task(work()) for _ in range(_WORKERS)]
        ended: set[asyncio.Task[None]] = set()
        while not ended and os.getppid() == given["parent"]:  # nobody says that it is gone
            ended, _ = await asyncio.wait(working, timeout=1.0, return_when=asyncio.FIRST_COMPLETED)
        for each in working:
            each.cancel()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main())
