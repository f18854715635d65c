"""One call's CPU, beside bare aiohttp, a naive layering and other clients.

::

    pip install httpx opentelemetry-sdk
    python benchmarks/call.py [--goals] [--rounds N] [--calls N] [--uvloop] [--json]

A server in a process of its own replays one documented hypotheek of 3 KB from memory. All
contenders ask for it in one process, at 1, 10 and 100 concurrent, in shuffled turns; what is
measured is CPU time of this process, and a ratio is the median of those of each round.

- *aiohttp*: ``get`` and ``read``, the bound below which nobody comes;
- *orjson*: the same and ``orjson.loads``;
- *naive*: a client as it is written by hand: a limiter, a token, a retry, a joined URL, cattrs;
- *httpx*: ``get`` and ``json``;
- *bytes*: ``client.request``, the answer as it came;
- *typed*: ``client.dossier(…).hypotheken.get``;
- *observed*: the same with an observer whose methods do nothing; *otel api*: with an
  ``OtelObserver`` and no SDK; *otel sdk*: with one that samples every span and drops it.

Only *typed* and *bytes* guard a quota, a token, retries, evidence and what tracebacks may show.
"""

import argparse
import asyncio
import contextlib
import gc
import json
import random
import statistics
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import aiohttp
import aiolimiter
import cattrs.preconf.orjson
import orjson
from _serving import served
from yarl import URL

from elements_procura import ElementsClient, Rate

CONTRACT = Path(__file__).parents[1] / "tests/data/elements_contract.json"
TEMPLATE = "/api/data/klantdossiers/{DOSSIER_ID}/hypotheken/{PRODUCT_ID}"
TOKEN = b'{"access_token": "%s", "token_type": "bearer", "expires_in": 36000}' % (b"t" * 40)
RATES = (Rate(20_000, 1), Rate(1_000_000_000, 86_400))  # more than anybody can ask for
CONCURRENT = (1, 10, 100)
GOALS = {("typed", 10): 2.2, ("typed", 100): 2.2, ("bytes", 10): 1.7}
"""Ratios to *aiohttp*, by contender and how many are under way."""
OTEL_GOAL = 1.10
"""Ratio of *otel api* to *typed*."""
Call = Callable[[], Awaitable[object]]


# ------------------------------------------------------------------------------- the server


def hypotheek() -> tuple[str, bytes]:
    """A path and what is documented there."""
    row = next(
        each
        for each in orjson.loads(CONTRACT.read_bytes())
        if (each["method"], each["path"]) == ("GET", TEMPLATE)
    )
    body = row["responses"][0]["body"]
    path = TEMPLATE.format(DOSSIER_ID=5526, PRODUCT_ID=body["id"])
    body["_links"]["self"]["href"] = path
    return path, orjson.dumps(body)


class Replay(asyncio.Protocol):
    """Answers every GET with one body, everything else with a token."""

    def __init__(self, body: bytes) -> None:
        self._body, self._token = answer(body), answer(TOKEN)
        self._transport: Any = None
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody calls."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer every request whose head is whole."""
        self._rest += data
        while b"\r\n\r\n" in self._rest:
            head, _, self._rest = self._rest.partition(b"\r\n\r\n")
            if head.startswith(b"GET"):
                self._transport.write(self._body)
            else:
                self._rest = b""
                self._transport.write(self._token)


def answer(body: bytes) -> bytes:
    """A whole answer with the headers that a real one has."""
    return (
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\n"
        b"Content-Length: %d\r\nDate: Mon, 01 Jan 2024 00:00:00 GMT\r\nServer: x\r\n\r\n%b"
    ) % (len(body), body)


async def serve() -> None:
    """Answer on a free port, which is printed, until killed."""
    _, body = hypotheek()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Replay(body), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


# ------------------------------------------------------------------------------- contenders


@contextlib.asynccontextmanager
async def contenders(url: str) -> AsyncIterator[dict[str, Call]]:
    """What is measured, by name; those whose library is missing are left out, and said so."""
    path, _ = hypotheek()
    number = int(path.rpartition("/")[2])
    address = f"{url}{path}?access_token={'t' * 40}"
    async with contextlib.AsyncExitStack() as stack:
        session = await stack.enter_async_context(
            aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        )

        async def read() -> bytes:
            async with session.get(address) as response:
                return await response.read()

        async def loaded() -> object:
            return orjson.loads(await read())

        async def client(**options: Any) -> ElementsClient:
            return await stack.enter_async_context(client_of(url, **options))

        # By name: beside.py measures commits that know no observer with this file.
        observer = import_module("elements_procura.observe").Observer()
        plain, watched = await client(), await client(observer=observer)
        found: dict[str, Call] = {
            "aiohttp": read,
            "orjson": loaded,
            "naive": naive(session, url, path),
            "bytes": lambda: plain.request("GET", path),
            "typed": lambda: plain.dossier(5526).hypotheken.get(number),
            "observed": lambda: watched.dossier(5526).hypotheken.get(number),
        }
        with missing("opentelemetry"):
            otel = import_module("elements_procura.otel")
            api = await client(observer=otel.OtelObserver())
            found["otel api"] = lambda: api.dossier(5526).hypotheken.get(number)
        with missing("opentelemetry-sdk"):
            sdk = await client(observer=sampled())
            found["otel sdk"] = lambda: sdk.dossier(5526).hypotheken.get(number)
        with missing("httpx"):
            http = await stack.enter_async_context(import_module("httpx").AsyncClient())

            async def other() -> object:
                return (await http.get(address)).json()

            found["httpx"] = other
        yield found


@contextlib.contextmanager
def missing(library: str) -> Any:
    """Say which contender is left out, and why."""
    try:
        yield
    except ImportError:
        print(f"left out: {library} is not installed", file=sys.stderr)


def client_of(url: str, **options: Any) -> ElementsClient:
    """The client with a quota so wide that it never waits."""
    return ElementsClient(
        url,
        credentials=("client", "secret"),
        organisation=1,
        scopes=["klantdossier.read"],
        rates=RATES,
        **options,
    )


def naive(session: aiohttp.ClientSession, url: str, path: str) -> Call:
    """A client as it is written by hand."""
    limiter = aiolimiter.AsyncLimiter(20_000, 1)
    converter = cattrs.preconf.orjson.make_converter()
    expires = time.time() + 3600

    async def call() -> object:
        for attempt in range(3):
            if time.time() > expires:
                raise RuntimeError("no token")
            async with limiter:
                target = (URL(url) / path.lstrip("/")).with_query(access_token="t" * 40)
                async with session.get(
                    target, headers={"Accept": "application/json", "User-Agent": "naive"}
                ) as response:
                    if response.status >= 500 and attempt < 2:
                        continue
                    response.raise_for_status()
                    data = orjson.loads(await response.read())
                    return converter.structure(data, dict[str, Any])
        raise RuntimeError("gave up")

    return call


def sampled() -> Any:
    """An observer whose spans and metrics are made, and go nowhere."""
    metrics, trace = (import_module(f"opentelemetry.sdk.{name}") for name in ("metrics", "trace"))
    otel = import_module("elements_procura.otel")
    return otel.OtelObserver(
        tracer_provider=trace.TracerProvider(), meter_provider=metrics.MeterProvider()
    )


# ------------------------------------------------------------------------------- measuring


async def spent(call: Call, *, calls: int, concurrent: int) -> float:
    """CPU seconds of this process for so many calls."""
    left = iter(range(calls))

    async def work() -> None:
        for _ in left:
            await call()

    gc.collect()
    begun = time.process_time()
    await asyncio.gather(*(work() for _ in range(concurrent)))
    return time.process_time() - begun


async def measure(*, rounds: int, calls: int) -> dict[int, dict[str, list[float]]]:
    """CPU seconds per call of every contender, by how many are under way, round by round."""
    found: dict[int, dict[str, list[float]]] = {each: {} for each in CONCURRENT}
    async with served(__file__) as url, contenders(url) as given:
        assert type(await given["typed"]()).__name__ == "Hypotheek"
        for number in range(rounds + 1):
            for concurrent in CONCURRENT:
                turns = list(given)
                random.Random(number).shuffle(turns)
                for name in turns:
                    took = await spent(given[name], calls=calls, concurrent=concurrent)
                    if number:  # the first round warms up
                        found[concurrent].setdefault(name, []).append(took / calls)
    return found


def ratios(found: dict[str, list[float]], base: str) -> dict[str, float]:
    """The median of every contender's ratio to ``base``, round by round."""
    return {
        name: statistics.median(a / b for a, b in zip(took, found[base], strict=True))
        for name, took in found.items()
    }


def main() -> int:
    """Print one table; with ``--goals`` exit 1 where one is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--calls", type=int, default=400, help="of each contender in a round")
    parser.add_argument("--uvloop", action="store_true")
    parser.add_argument("--goals", action="store_true", help="exit 1 when a goal is missed")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    if given.serve:
        asyncio.run(serve())
        return 0
    loop = import_module("uvloop").new_event_loop if given.uvloop else None
    with asyncio.Runner(loop_factory=loop) as runner:
        found = runner.run(measure(rounds=given.rounds, calls=given.calls))
    table = {each: ratios(took, "aiohttp") for each, took in found.items()}
    otel = {each: ratios(took, "typed").get("otel api") for each, took in found.items()}
    if given.json:
        print(json.dumps({"x aiohttp": table, "otel api x typed": otel}))
    else:
        print(f"{'x aiohttp':12}" + "".join(f"{each:>10}" for each in CONCURRENT))
        for name in table[CONCURRENT[0]]:
            cells = "".join(f"{table[each][name]:10.2f}" for each in CONCURRENT)
            us = 1e6 * statistics.median(found[10][name])
            print(f"{name:12}{cells}   {us:6.0f} us at 10")
        print("otel api x typed" + "".join(f"  {value or 0:.3f}" for value in otel.values()))
    missed = [
        f"{name} at {many}: {table[many][name]:.2f}, goal {goal}"
        for (name, many), goal in GOALS.items()
        if table[many][name] > goal
    ]
    if (otel[10] or 0) > OTEL_GOAL:
        missed.append(f"otel api x typed: {otel[10]:.3f}, goal {OTEL_GOAL}")
    for each in missed if given.goals else ():
        print(f"MISSED {each}")
    return 1 if given.goals and missed else 0


if __name__ == "__main__":
    sys.exit(main())
