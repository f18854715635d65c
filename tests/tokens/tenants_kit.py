"""Many tenants in one process, each with a server that knows its own tokens and cookies."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Callable
from typing import Any

import attrs

from elements_procura.auth.credentials import Credentials
from elements_procura.auth.tokens import TokenStore
from elements_procura.core.tenants import Tenants
from elements_procura.elements.client import ElementsClient
from elements_procura.sandbox import Sandbox
from elements_procura.scheduler import Rate

DOSSIERS = "/api/data/klantdossiers"


@attrs.define
class Crossed:
    """What came to, or from, another than it should."""

    answers: int = 0
    strangers: int = 0
    calls: int = 0
    renewals: int = 0


@contextlib.asynccontextmanager
async def servers(number: int, **options: Any) -> AsyncIterator[dict[str, Sandbox]]:
    """So many sandboxes, all of other data, by the names of their tenants."""
    async with contextlib.AsyncExitStack() as stack:
        found = {}
        for seed in range(1, number + 1):
            sandbox = Sandbox(
                dossiers=2,
                seed=seed,
                limits="off",
                tag=f"tenant{seed:03}-",
                **options,
            )
            found[f"tenant {seed}"] = await stack.enter_async_context(sandbox)
        yield found


def opener(
    sandboxes: dict[str, Sandbox], store: TokenStore, **options: Any
) -> Callable[[str], ElementsClient]:
    """Opens clients whose servers have one host name: a shared cookie jar would mix them up."""

    def open_client(name: str) -> ElementsClient:
        sandbox = sandboxes[name]
        given = sandbox.credentials
        return ElementsClient(
            sandbox.url.replace("127.0.0.1", "localhost"),
            credentials=Credentials(given["client_id"], given["client_secret"]),
            organisation=given["organisation"],
            scopes=given["scopes"],
            rates=(Rate(1000, 1.0),),
            token_store=store,
            **options,
        )

    return open_client


async def interleave(
    tenants: Tenants[ElementsClient], sandboxes: dict[str, Sandbox], *, calls: int, seed: int
) -> Crossed:
    """So many calls in random order, ten at a time; every answer is compared with the truth."""
    chosen = random.Random(seed)
    names = [name for name in sandboxes for _ in range(calls // len(sandboxes))]
    chosen.shuffle(names)
    crossed = Crossed()
    waiting = iter(names)

    async def caller() -> None:
        for name in waiting:
            sandbox = sandboxes[name]
            dossier = sandbox.dossier_ids[1]
            path = f"{DOSSIERS}/{dossier}"
            document = await tenants[name].read(path)
            crossed.answers += document.body != sandbox.truth(dossier)[path]
            crossed.calls += 1

    await asyncio.gather(*(caller() for _ in range(10)))
    crossed.strangers = sum(sandbox.strangers for sandbox in sandboxes.values())
    crossed.renewals = sum(len(sandbox.token_events) for sandbox in sandboxes.values())
    return crossed
