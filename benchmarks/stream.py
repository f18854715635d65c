"""A long collection, typed while it arrives: how much memory, and how long is the loop held?

::

    python benchmarks/stream.py [--goals] [--megabytes N] [--json]

A process of its own serves N megabytes of klantdossiers, some with unmatched braces in their
texts. The loop is watched by a task that wants its turn all the time: what passes between two of
its turns, in CPU time of the thread, is how long everything else was held up.
"""

import argparse
import asyncio
import contextlib
import json
import resource
import sys
import time

from _serving import served
from _table import Figure, show

from elements_procura import ElementsClient, Rate

TOKEN = b'{"access_token": "t", "expires_in": 3600}'
HEAD = b'{"_links": {"self": {"href": "/api/data/klantdossiers"}}, "_embedded": {"klantdossiers": ['
ITEM = (
    '{"omschrijving": "Dossier %d %s", "aanmaakdatum": "2016-07-11T00:00:00+0200", "deleted": null,'
    ' "relatienummer": null, "id": %d, "dossiertype": "klantdossier", "status": "Lopend", "_links":'
    ' {"self": {"href": "/api/data/klantdossiers/%d"}}, "_embedded":'
    ' {"standaardcorrespondentieadres": {"id": %d, "straat": "Straatnaam", "nummer": "1",'
    ' "toevoeging": "A", "postcode": "1234AB", "plaatsnaam": "Plaatsnaam", "land": "NL"}}}'
)
TEXTS = ("", "{", '}]}, \\"', "[[{")
BATCH = 100
GOALS = {"peak_over_base_mb": 5.0, "longest_turn_ms": 10.0}


def batch(first: int) -> bytes:
    """A hundred items."""
    numbers = range(first, first + BATCH)
    items = [ITEM % (n, TEXTS[n % len(TEXTS)], n, n, n) for n in numbers]
    return ", ".join(items).encode()


async def serve(megabytes: float) -> None:
    """Answer on a free port, which is printed, until killed."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):  # who has seen enough hangs up
            await answer(reader, writer)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        if b"/oauth/" in head:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(TOKEN), TOKEN))
        else:
            writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + HEAD)
            sent, first = 0, 1
            while sent < megabytes * 1_000_000:
                piece = (b", " if first > 1 else b"") + batch(first)
                writer.write(piece)
                await writer.drain()
                sent, first = sent + len(piece), first + BATCH
            writer.write(b"]}}")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


async def longest_turn(found: list[float]) -> None:
    """Ask for a turn all the time and note the longest wait, in CPU seconds of this thread."""
    while True:
        before = time.thread_time()
        await asyncio.sleep(0)
        found[0] = max(found[0], time.thread_time() - before)


def peak() -> float:
    """Megabytes that the process has held at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


async def measure(megabytes: float) -> dict[str, float]:
    """Read the collection once."""
    async with (
        served(__file__, "--megabytes", str(megabytes)) as url,
        ElementsClient(
            url,
            credentials=("client", "secret"),
            organisation=1,
            scopes=["klantdossier.read"],
            rates=(Rate(100, 1),),
        ) as client,
    ):
        async for _ in client.klantdossiers.iterate():
            break  # everything is imported and compiled
        base, count, total = peak(), 0, 0
        held = [0.0]
        watch = asyncio.create_task(longest_turn(held))
        start = time.process_time()
        async for dossier in client.klantdossiers.iterate():
            count += 1
            total += dossier.id
            assert dossier.omschrijving is not None
        seconds = time.process_time() - start
        watch.cancel()
    assert total == count * (count + 1) // 2, "a dossier is missing, or there twice"
    return {
        "megabytes": megabytes,
        "dossiers": count,
        "peak_over_base_mb": round(peak() - base, 1),
        "longest_turn_ms": round(1000 * held[0], 1),
        "cpu_seconds": round(seconds, 2),
    }


def main() -> int:
    """Print one table; with ``--goals`` exit 1 where one is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--megabytes", type=float, default=100)
    parser.add_argument("--goals", action="store_true", help="exit 1 when a goal is missed")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        asyncio.run(serve(given.megabytes))
        return 0
    found = asyncio.run(measure(given.megabytes))
    if given.json:
        print(json.dumps(found))
    else:
        figures = [Figure(name, value, GOALS.get(name)) for name, value in found.items()]
        return show("a long collection, typed while it arrives", figures, goals=given.goals)
    return int(given.goals and any(found[name] > goal for name, goal in GOALS.items()))


if __name__ == "__main__":
    sys.exit(main())
