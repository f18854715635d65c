"""The collection that has no pages: typed while it arrives, in little memory, in short turns."""

import contextlib
import json
import os
import subprocess
import sys
from pathlib import Path

import stream

from tests.client_kit import Exchange, client_at, raw_server, uncovered


def test_a_long_collection_takes_little_memory_and_short_turns() -> None:
    """In a process of its own, whose peak is its own; texts hold unmatched braces."""
    command = [sys.executable, str(Path(stream.__file__)), "--megabytes", "15", "--json"]
    env = uncovered(os.environ)
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=True, timeout=120)
    found = json.loads(done.stdout)
    assert found["dossiers"] > 30_000
    assert found["peak_over_base_mb"] < 10
    assert found["longest_turn_ms"] < 10


async def test_e3_long_integers_in_texts_are_the_same_whole_and_row_by_row() -> None:
    numbers = [10**19, 12345678901234567890123, -(10**25), 10**400]
    rows = b",".join(
        b'{"id":%d,"omschrijving":%d}' % (n + 1, each) for n, each in enumerate(numbers)
    )
    head = b'{"_links":{"self":{"href":"/api/data/klantdossiers"}},"_embedded":{"klantdossiers":['

    async def handler(exchange: Exchange) -> None:
        exchange.answer(head + rows + b"]}}")

    async with raw_server(handler) as server, client_at(server.url) as client:
        whole = [each.omschrijving for each in await client.klantdossiers.search(achternaam="x")]
        by_row = [each.omschrijving async for each in client.klantdossiers.iterate()]
    assert whole == by_row == [str(each) for each in numbers]


async def test_the_rest_is_not_read_when_the_caller_has_seen_enough() -> None:
    sent = 0

    async def endless(exchange: Exchange) -> None:
        nonlocal sent
        exchange.send(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + stream.HEAD)
        exchange.send(stream.batch(1))
        with contextlib.suppress(ConnectionError):
            while True:
                exchange.send(b", " + stream.batch(1 + sent))
                await exchange.writer.drain()
                sent += stream.BATCH

    async with raw_server(endless) as server, client_at(server.url) as client:
        async with contextlib.aclosing(client.klantdossiers.iterate()) as dossiers:
            seen = [(await anext(dossiers)).id for _ in range(5)]
        assert seen == [1, 2, 3, 4, 5]
    # What the sockets' buffers take, and then the server notices.
    assert sent < 100_000
